#include "lab/fts_edit.h"

#include <string.h>

#include "base/check.h"
#include "lab/fts_read.h"
#include "lab/mapi_tags.h"
#include "lab/specimen.h"

#define NOW INT64_C(1700000000000000)

/* Set up in place: an edit by the server of that seed. */
static struct lab_edit *edit_by(struct lab_edit *edit, struct lab_profile *p,
                                uint64_t seed)
{
    lab_profile_init(p, seed);
    *edit = (struct lab_edit){
        .profile = p,
        .mid = 0x123456 + seed,
        .change = 0x654321 + seed,
        .now_us = NOW + (int64_t)seed,
        .created_us = TIMESTAMP_NONE,
        .actor = "Administrator",
    };
    memset(edit->replica, (int)seed + 1, sizeof(edit->replica));
    return edit;
}

static GBytes *stream_of(const struct mapi_item *item, uint64_t seed)
{
    struct lab_profile p;

    lab_profile_init(&p, seed);
    return lab_fts_write(item, &p);
}

static GBytes *edited(GBytes *stream, uint64_t seed, struct mapi_item **ret)
{
    struct lab_profile p;
    struct lab_edit edit;
    struct err err;
    GBytes *out = NULL;
    gsize n;
    const uint8_t *data = g_bytes_get_data(stream, &n);

    CHECK_OK(lab_fts_edit(data, n, edit_by(&edit, &p, seed), &out, ret, &err),
             &err);
    return out;
}

static struct mapi_item *reread(GBytes *stream)
{
    struct mapi_item *item = NULL;
    struct err err;
    gsize n;
    const uint8_t *data = g_bytes_get_data(stream, &n);

    CHECK_OK(lab_fts_read(data, n, &item, &err), &err);
    return item;
}

/* ---- the content ------------------------------------------------------ */

/* Said here once more, apart from the editor: what may differ, and where. */
static bool may_differ(uint16_t id, char where)
{
    static const uint16_t message[] = {
        0x0E07, 0x0E08, 0x0E23, 0x0FF9, 0x0FFF, 0x3007, 0x3008,
        0x3013, 0x301C, 0x301D, 0x3FF8, 0x3FF9, 0x3FFA, 0x3FFB,
        0x65E0, 0x65E1, 0x65E2, 0x65E3, 0x674A,
    };
    static const uint16_t attachment[] = { 0x0E20, 0x0E21, 0x0FF7,
                                           0x0FF9, 0x3007, 0x3008 };
    const uint16_t *ids = where == 'm' ? message : attachment;
    size_t n = where == 'm' ? G_N_ELEMENTS(message) : G_N_ELEMENTS(attachment);

    for (size_t i = 0; where != 'r' && i < n; i++)
        if (ids[i] == id)
            return true;
    return false;
}

static void assert_same_value(const struct mapi_prop *a,
                              const struct mapi_prop *b)
{
    g_autofree char *x = mapi_dup_text(a), *y = mapi_dup_text(b);

    if (x != NULL) {
        g_assert_cmpstr(x, ==, y);
        return;
    }
    g_assert_cmphex(PROP_TYPE(a->tag), ==, PROP_TYPE(b->tag));
    g_assert_cmpuint(a->count, ==, b->count);
    g_assert_cmpuint(a->size, ==, b->size);
    g_assert_true(memcmp(a->data, b->data, a->size) == 0);
}

static const struct mapi_prop *same_in(const struct mapi_props *props,
                                       const struct mapi_prop *p)
{
    return p->name != NULL ? mapi_find_name(props, p->name)
                           : mapi_find(props, PROP_ID(p->tag));
}

static void assert_kept(const struct mapi_props *a, const struct mapi_props *b,
                        char where)
{
    for (size_t i = 0; i < a->n; i++) {
        const struct mapi_prop *p = same_in(b, &a->v[i]);

        g_assert_nonnull(p);
        if (a->v[i].name != NULL || !may_differ(PROP_ID(p->tag), where))
            assert_same_value(&a->v[i], p);
    }
    /* and nothing is new but what the list allows */
    for (size_t i = 0; i < b->n; i++)
        g_assert_true(same_in(a, &b->v[i]) != NULL ||
                      may_differ(PROP_ID(b->v[i].tag), where));
}

static void assert_content(const struct mapi_message *a,
                           const struct mapi_message *b)
{
    assert_kept(&a->props, &b->props, 'm');
    g_assert_cmpuint(a->n_recipients, ==, b->n_recipients);
    for (size_t i = 0; i < a->n_recipients; i++)
        assert_kept(&a->recipients[i], &b->recipients[i], 'r');
    g_assert_cmpuint(a->n_attachments, ==, b->n_attachments);
    for (size_t i = 0; i < a->n_attachments; i++) {
        const struct mapi_message *x = a->attachments[i].embedded;
        const struct mapi_message *y = b->attachments[i].embedded;

        assert_kept(&a->attachments[i].props, &b->attachments[i].props, 'a');
        g_assert_true((x == NULL) == (y == NULL));
        if (x != NULL)
            assert_content(x, y);
    }
}

static void test_content_is_kept(void)
{
    g_autoptr(mapi_item) item = specimen_new();

    for (uint64_t seed = 0; seed < 16; seed++) {
        g_autoptr(GBytes) sent = stream_of(item, seed * 3);
        g_autoptr(mapi_item) tree = NULL;
        g_autoptr(GBytes) stored = edited(sent, seed, &tree);
        g_autoptr(mapi_item) again = reread(stored);

        assert_content(&item->message, &again->message);
        assert_content(&item->message, &tree->message);
    }
}

/* ---- what is new ------------------------------------------------------ */

static size_t same_bytes(GBytes *a, GBytes *b)
{
    gsize n, m, same = 0;
    const uint8_t *x = g_bytes_get_data(a, &n), *y = g_bytes_get_data(b, &m);

    for (gsize i = 0; i < MIN(n, m); i++)
        same += x[i] == y[i];
    return same;
}

static void test_bytes_differ_a_lot(void)
{
    g_autoptr(mapi_item) item = specimen_new();

    for (uint64_t seed = 0; seed < 16; seed++) {
        g_autoptr(GBytes) sent = stream_of(item, seed + 100);
        g_autoptr(GBytes) stored = edited(sent, seed, NULL);

        g_assert_cmpuint(same_bytes(sent, stored), <,
                         g_bytes_get_size(sent) / 10);
    }
}

static void assert_prop_new(const struct mapi_props *a,
                            const struct mapi_props *b, uint32_t tag)
{
    const struct mapi_prop *x = mapi_find(a, PROP_ID(tag));
    const struct mapi_prop *y = mapi_find(b, PROP_ID(tag));

    if (y == NULL)
        g_error("0x%08X is missing", tag);
    if (x != NULL && x->size == y->size &&
        memcmp(x->data, y->data, x->size) == 0)
        g_error("0x%08X is the same on both servers", tag);
}

static void test_two_servers_differ(void)
{
    static const uint32_t own[] = {
        PR_ENTRYID,
        PR_RECORD_KEY,
        PR_SOURCE_KEY,
        PR_PARENT_SOURCE_KEY,
        PR_CHANGE_KEY,
        PR_PREDECESSOR_CHANGE_LIST,
        PR_MID,
        PR_CONVERSATION_ID,
        PR_INTERNET_ARTICLE_NUMBER,
        PR_CREATION_TIME,
        PR_LAST_MODIFICATION_TIME,
        PR_CREATOR_ENTRYID,
        PR_LAST_MODIFIER_ENTRYID,
    };
    g_autoptr(mapi_item) item = specimen_new(), a = NULL, b = NULL;
    g_autoptr(GBytes) sent = stream_of(item, 9);
    g_autoptr(GBytes) x = edited(sent, 1, &a);

    g_bytes_unref(edited(x, 2, &b));

    for (size_t i = 0; i < G_N_ELEMENTS(own); i++)
        assert_prop_new(&a->message.props, &b->message.props, own[i]);
    assert_prop_new(&a->message.attachments[0].props,
                    &b->message.attachments[0].props, PR_ATTACH_NUM);
    assert_prop_new(&specimen_inner(a)->props, &specimen_inner(b)->props,
                    PR_MID);
    /* neighbours differ in the form of strings, and in their policy */
    g_assert_cmphex(mapi_find(&a->message.props, 0x0037)->tag, ==, 0x003784B0);
    g_assert_cmphex(mapi_find(&b->message.props, 0x0037)->tag, ==, 0x0037001F);
    g_assert_null(mapi_find(&a->message.props, 0x301C));
    g_assert_nonnull(mapi_find(&b->message.props, 0x301C));
}

static void test_eight_bit_strings(void)
{
    /* clang-format off */
    static const struct {
        const char *name;
        uint64_t seed;
        uint32_t headers, old;
    } rows[] = {
        { "kept", 4, 0x007D84E4, 0x6810001E },
        { "made unicode", 2, 0x007D001F, 0x6810001F },
        { "made code page unicode", 3, 0x007D84B0, 0x681084B0 },
    };
    /* clang-format on */
    g_autoptr(mapi_item) item = specimen_new();
    g_autoptr(GBytes) sent = stream_of(item, 9);

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(mapi_item) tree = NULL;
        const struct mapi_props *props;
        g_autofree char *text = NULL;

        g_bytes_unref(edited(sent, rows[i].seed, &tree));
        props = &tree->message.props;
        text = mapi_dup_text(mapi_find(props, 0x007D));
        CHECK_ROW(rows[i].name,
                  mapi_find(props, 0x007D)->tag == rows[i].headers);
        CHECK_ROW(rows[i].name, mapi_find(props, 0x6810)->tag == rows[i].old);
        CHECK_ROW(rows[i].name, strcmp(text, "X-Note: café €\r\n") == 0);
    }
}

static void test_flags(void)
{
    /* clang-format off */
    static const struct {
        const char *name;
        int32_t before;
        bool attachment, associated;
        int32_t after;
    } rows[] = {
        { "unread", 0, false, false, 0 },
        { "unmodified goes", 0x2, false, false, 0 },
        { "read was read once", 0x1, false, false, 0x401 },
        { "ever read alone goes", 0x400, false, false, 0 },
        { "attachment", 0, true, false, 0x10 },
        { "attachment gone", 0x10, false, false, 0 },
        { "associated", 0, false, true, 0x40 },
        { "no more associated", 0x41, false, false, 0x401 },
        { "the sender's stay", 0x2128, false, false, 0x2128 },
    };
    /* clang-format on */

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(mapi_item) item = specimen_plain("IPM.Note", "s", "b");
        struct lab_profile p;
        struct lab_edit edit;

        mapi_set_i32(item, &item->message.props, PR_MESSAGE_FLAGS,
                     rows[i].before);
        if (rows[i].attachment)
            mapi_add_attachment(item, &item->message);
        edit_by(&edit, &p, 1)->associated = rows[i].associated;
        lab_fts_edit_tree(item, &edit);
        CHECK_ROW(rows[i].name,
                  mapi_get_i32(mapi_find(&item->message.props, 0x0E07), -1) ==
                      rows[i].after);
    }
}

static void test_stamps(void)
{
    g_autoptr(mapi_item) item = specimen_plain("IPM.Note", "s", "b");
    const struct mapi_props *props = &item->message.props;
    struct lab_profile p;
    struct lab_edit edit;

    edit_by(&edit, &p, 2);
    lab_fts_edit_tree(item, &edit);
    g_assert_cmpint(mapi_get_time(mapi_find(props, 0x3007)), ==, edit.now_us);
    g_assert_cmpint(mapi_get_time(mapi_find(props, 0x3008)), ==, edit.now_us);
    g_assert_nonnull(mapi_find(props, 0x301C));
    /* an update keeps the creation */
    edit.created_us = NOW - 5;
    edit.now_us = NOW + 99;
    lab_fts_edit_tree(item, &edit);
    g_assert_cmpint(mapi_get_time(mapi_find(props, 0x3007)), ==, NOW - 5);
    g_assert_cmpint(mapi_get_time(mapi_find(props, 0x3008)), ==, NOW + 99);
}

static void test_size_counts_the_content(void)
{
    g_autoptr(mapi_item) small = specimen_plain("IPM.Note", "s", "b");
    g_autoptr(mapi_item) large = specimen_new();
    struct lab_profile p;
    struct lab_edit edit;

    lab_fts_edit_tree(small, edit_by(&edit, &p, 1));
    lab_fts_edit_tree(large, &edit);
    g_assert_cmpint(mapi_get_i32(mapi_find(&small->message.props, 0x0E08), 0),
                    <, 4000);
    /* a body and an attachment of 100,000 bytes each */
    g_assert_cmpint(mapi_get_i32(mapi_find(&large->message.props, 0x0E08), 0),
                    >, 200000);
    g_assert_cmpint(
        mapi_get_i32(mapi_find(&large->message.attachments[0].props, 0x0E20),
                     0),
        >, 100000);
}

static void test_same_edit_same_bytes(void)
{
    g_autoptr(mapi_item) item = specimen_new();
    g_autoptr(GBytes) sent = stream_of(item, 3);
    g_autoptr(GBytes) a = edited(sent, 1, NULL), b = edited(sent, 1, NULL);

    g_assert_true(g_bytes_equal(a, b));
}

static void test_refused(void)
{
    /* clang-format off */
    static const struct {
        const char *name, *data;
        size_t n;
        const char *want;
    } rows[] = {
        { "not a stream", "=== Truncated Data ===", 22, "record of kind" },
        { "nothing", "", 0, "no transfer buffer" },
        { "partial export", "\x02\0\0\0\x08\0\0\0\x03\0\x0F\x40\0\0\0\0", 16,
          "partial export" },
    };
    /* clang-format on */

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct lab_profile p;
        struct lab_edit edit;
        struct err err = { 0 };
        GBytes *out = NULL;

        CHECK_ROW(rows[i].name,
                  lab_fts_edit((const uint8_t *)rows[i].data, rows[i].n,
                               edit_by(&edit, &p, 1), &out, NULL, &err) == -1);
        CHECK_ROW(rows[i].name, out == NULL);
        CHECK_ROW(rows[i].name, strstr(err.msg, rows[i].want) != NULL);
        g_assert_cmpstr(err.name, ==, "ErrorCorruptData");
    }
}

static int32_t number_at(const struct mapi_item *item, size_t i)
{
    return mapi_get_i32(
        mapi_find(&item->message.attachments[i].props, PROP_ID(PR_ATTACH_NUM)),
        -1);
}

/* A client takes the first of three out and adds one: the others stay. */
static void test_numbers_are_kept(void)
{
    g_autoptr(mapi_item) item = mapi_item_new();
    struct mapi_message *m = &item->message;
    struct lab_profile p;
    struct lab_edit edit;
    int32_t second, third;

    for (int i = 0; i < 3; i++)
        mapi_add_attachment(item, m);
    lab_fts_edit_tree(item, edit_by(&edit, &p, 1));
    second = number_at(item, 1);
    third = number_at(item, 2);
    memmove(m->attachments, m->attachments + 1, 2 * sizeof(m->attachments[0]));
    m->n_attachments = 2;
    mapi_add_attachment(item, m);
    edit.keep_attachments = true;
    lab_fts_edit_tree(item, &edit);
    g_assert_cmpint(number_at(item, 0), ==, second);
    g_assert_cmpint(number_at(item, 1), ==, third);
    g_assert_cmpint(number_at(item, 2), ==, third + 1);
    /* an upload brings all of them anew */
    edit.keep_attachments = false;
    lab_fts_edit_tree(item, &edit);
    g_assert_cmpint(number_at(item, 0), ==, second - 1);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/fts-edit/content-is-kept", test_content_is_kept);
    g_test_add_func("/fts-edit/bytes-differ", test_bytes_differ_a_lot);
    g_test_add_func("/fts-edit/two-servers", test_two_servers_differ);
    g_test_add_func("/fts-edit/eight-bit-strings", test_eight_bit_strings);
    g_test_add_func("/fts-edit/flags", test_flags);
    g_test_add_func("/fts-edit/stamps", test_stamps);
    g_test_add_func("/fts-edit/size", test_size_counts_the_content);
    g_test_add_func("/fts-edit/deterministic", test_same_edit_same_bytes);
    g_test_add_func("/fts-edit/refused", test_refused);
    g_test_add_func("/fts-edit/numbers-are-kept", test_numbers_are_kept);
    return g_test_run();
}
