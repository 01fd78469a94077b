#include "lab/fts_write.h"

#include <string.h>

#include "base/check.h"
#include "lab/bytes.h"
#include "lab/fts_read.h"
#include "lab/mapi_tags.h"
#include "lab/specimen.h"

static const struct lab_profile *profile(struct lab_profile *p, uint64_t seed)
{
    lab_profile_init(p, seed);
    return p;
}

static void assert_same_props(const struct mapi_props *a,
                              const struct mapi_props *b)
{
    g_assert_cmpuint(a->n, ==, b->n);
    for (size_t i = 0; i < a->n; i++) {
        const struct mapi_prop *x = &a->v[i];
        const struct mapi_prop *y = x->name != NULL
                                        ? mapi_find_name(b, x->name)
                                        : mapi_find(b, PROP_ID(x->tag));

        g_assert_nonnull(y);
        g_assert_cmpuint(PROP_TYPE(x->tag), ==, PROP_TYPE(y->tag));
        g_assert_cmpuint(x->count, ==, y->count);
        g_assert_cmpuint(x->size, ==, y->size);
        g_assert_true(memcmp(x->data, y->data, x->size) == 0);
    }
}

static void assert_same(const struct mapi_message *a,
                        const struct mapi_message *b)
{
    assert_same_props(&a->props, &b->props);
    g_assert_cmpuint(a->n_recipients, ==, b->n_recipients);
    for (size_t i = 0; i < a->n_recipients; i++)
        assert_same_props(&a->recipients[i], &b->recipients[i]);
    g_assert_cmpuint(a->n_attachments, ==, b->n_attachments);
    for (size_t i = 0; i < a->n_attachments; i++) {
        const struct mapi_message *x = a->attachments[i].embedded;
        const struct mapi_message *y = b->attachments[i].embedded;

        assert_same_props(&a->attachments[i].props, &b->attachments[i].props);
        g_assert_true((x == NULL) == (y == NULL));
        if (x != NULL)
            assert_same(x, y);
    }
}

static struct mapi_item *read_back(GBytes *stream)
{
    struct mapi_item *item = NULL;
    struct err err;
    gsize n;
    const uint8_t *data = g_bytes_get_data(stream, &n);

    CHECK_OK(lab_fts_read(data, n, &item, &err), &err);
    return item;
}

static void test_round_trip(void)
{
    g_autoptr(mapi_item) item = specimen_new();

    for (uint64_t seed = 0; seed < 20; seed++) {
        struct lab_profile p;
        g_autoptr(GBytes) stream = lab_fts_write(item, profile(&p, seed));
        g_autoptr(mapi_item) back = read_back(stream);

        assert_same(&item->message, &back->message);
        g_assert_cmpstr(back->dn_prefix, ==, p.dn_prefix);
        g_assert_true(memcmp(back->version, p.version, 6) == 0);
        g_assert_false(back->partial);
    }
}

/* Small buffers force a cut at every place that there is. */
static void test_every_cut(void)
{
    g_autoptr(mapi_item) item = specimen_new();
    struct lab_profile p;

    profile(&p, 5);
    for (p.buffer_bytes = 64; p.buffer_bytes < 400; p.buffer_bytes += 7) {
        g_autoptr(GBytes) stream = lab_fts_write(item, &p);
        g_autoptr(mapi_item) back = read_back(stream);

        assert_same(&item->message, &back->message);
    }
}

/* The first bytes of what Exchange exports, up to the version's value. */
static const char real_head[] =
    "\x01\0\0\0\x08\0\0\0\0\0\0\0\x01\0\0\0"
    "\x03\0\0\0\x18\0\0\0\x01\0\0\0\x07\x03\x02\0\0\0\0\0\xC0\0\0\0\0\0\0\x46"
    "\0\x24\0\x80\x04\0\0\0\x06\0\0\0";

static void test_envelope_is_exchanges(void)
{
    g_autoptr(mapi_item) item = specimen_new();
    struct lab_profile p;
    g_autoptr(GBytes) stream = lab_fts_write(item, profile(&p, 0));
    gsize n, at = sizeof(real_head) - 1 + 6;
    const uint8_t *data = g_bytes_get_data(stream, &n);
    unsigned int buffers = 0;

    g_assert_true(memcmp(data, real_head, sizeof(real_head) - 1) == 0);
    /* DN prefix: the first thing in the first buffer */
    g_assert_cmphex(bytes_u32_at(data + at + 8), ==, 0x400884E4);
    while (at < n) {
        g_assert_cmpuint(bytes_u32_at(data + at), ==, LAB_FTS_BUFFER);
        g_assert_cmpuint(bytes_u32_at(data + at + 4), <=, p.buffer_bytes);
        g_assert_cmpuint(bytes_u32_at(data + at + 4), <=, 31 * 1024);
        at += 8 + bytes_u32_at(data + at + 4);
        buffers++;
    }
    g_assert_cmpuint(at, ==, n);
    g_assert_cmpuint(buffers, >, 6);
}

static void test_servers_differ(void)
{
    g_autoptr(mapi_item) item = specimen_new();
    struct lab_profile p, q;
    g_autoptr(GBytes) a = lab_fts_write(item, profile(&p, 1));
    g_autoptr(GBytes) again = lab_fts_write(item, &p);
    g_autoptr(GBytes) b = lab_fts_write(item, profile(&q, 2));

    g_assert_true(g_bytes_equal(a, again));
    g_assert_false(g_bytes_equal(a, b));
    g_assert_true(p.codepage_text != q.codepage_text);
    g_assert_true(p.keep_8bit != q.keep_8bit);
    g_assert_cmpstr(p.dn_prefix, !=, q.dn_prefix);
}

/* Where each property's tag stands: first of its object or not. */
static void test_order_rules(void)
{
    g_autoptr(mapi_item) item = specimen_new();

    for (uint64_t seed = 0; seed < 10; seed++) {
        struct lab_profile p;
        g_autoptr(GBytes) stream = lab_fts_write(item, profile(&p, seed));
        g_autoptr(mapi_item) back = read_back(stream);

        for (size_t i = 0; i < back->message.n_recipients; i++)
            g_assert_cmphex(back->message.recipients[i].v[0].tag, ==, PR_ROWID);
        for (size_t i = 0; i < back->message.n_attachments; i++)
            g_assert_cmphex(back->message.attachments[i].props.v[0].tag, ==,
                            PR_ATTACH_NUM);
    }
}

/* The id of a name is the mailbox's: one for a name, whatever the item. */
static uint32_t wire_id(GBytes *stream, const uint8_t set[16])
{
    gsize n;
    const uint8_t *data = g_bytes_get_data(stream, &n);
    const uint8_t *at = memmem(data, n, set, 16);

    g_assert_nonnull(at);
    return bytes_u32_at(at - 4) >> 16;
}

static void test_ids_of_names(void)
{
    g_autoptr(mapi_item) item = specimen_new(), other = mapi_item_new();
    struct lab_profile p, q;
    g_autoptr(GBytes) a = lab_fts_write(item, profile(&p, 3));
    g_autoptr(GBytes) b = NULL, c = NULL;

    mapi_set_i32(other, &other->message.props,
                 mapi_named_id(other, PSETID_COMMON, 0x8501, PT_LONG), 1);
    b = lab_fts_write(other, &p);
    c = lab_fts_write(other, profile(&q, 4));
    g_assert_cmphex(wire_id(b, PSETID_COMMON), >=, 0x8000);
    g_assert_cmphex(wire_id(a, PSETID_COMMON), ==, wire_id(b, PSETID_COMMON));
    g_assert_cmphex(wire_id(b, PSETID_COMMON), !=, wire_id(c, PSETID_COMMON));
}

/* The ids that a stream gives to names of one set, each once. */
static unsigned int count_ids(GBytes *stream, const uint8_t set[16])
{
    gsize n;
    const uint8_t *data = g_bytes_get_data(stream, &n);
    const uint8_t *end = data + n, *at = data;
    g_autoptr(GHashTable) ids = g_hash_table_new(NULL, NULL);

    while ((at = memmem(at, (gsize)(end - at), set, 16)) != NULL) {
        g_hash_table_add(ids, GUINT_TO_POINTER(bytes_u32_at(at - 4) >> 16));
        at += 16;
    }
    return g_hash_table_size(ids);
}

/* So many names that some fall together: still one id each. */
static void test_many_names(void)
{
    g_autoptr(mapi_item) item = mapi_item_new();
    struct lab_profile p;
    g_autoptr(GBytes) stream = NULL;
    g_autoptr(mapi_item) back = NULL;

    for (uint32_t i = 0; i < 2000; i++)
        mapi_set_i32(item, &item->message.props,
                     mapi_named_id(item, PSETID_COMMON, i, PT_LONG),
                     (int32_t)i);
    profile(&p, 6);
    /* no tag and name torn apart: they are looked for side by side */
    p.buffer_bytes = 1u << 20;
    stream = lab_fts_write(item, &p);
    back = read_back(stream);
    g_assert_cmpuint(back->names->len, ==, 2000);
    g_assert_cmpuint(count_ids(stream, PSETID_COMMON), ==, 2000);
    assert_same(&item->message, &back->message);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/fts-write/round-trip", test_round_trip);
    g_test_add_func("/fts-write/every-cut", test_every_cut);
    g_test_add_func("/fts-write/envelope", test_envelope_is_exchanges);
    g_test_add_func("/fts-write/servers-differ", test_servers_differ);
    g_test_add_func("/fts-write/order", test_order_rules);
    g_test_add_func("/fts-write/ids-of-names", test_ids_of_names);
    g_test_add_func("/fts-write/many-names", test_many_names);
    return g_test_run();
}
