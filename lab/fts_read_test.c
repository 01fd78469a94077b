#include "lab/fts_read.h"

#include <string.h>

#include "base/check.h"
#include "lab/fts_write.h"
#include "lab/mapi_tags.h"
#include "lab/specimen.h"

/* ---- streams by hand: not what our writer makes of them -------------- */

struct bytes {
    GByteArray *a;
};

static void u32(struct bytes *b, uint32_t v)
{
    uint8_t le[4] = { (uint8_t)v, (uint8_t)(v >> 8), (uint8_t)(v >> 16),
                      (uint8_t)(v >> 24) };

    g_byte_array_append(b->a, le, 4);
}

static void raw(struct bytes *b, const void *data, size_t n)
{
    g_byte_array_append(b->a, data, (guint)n);
}

static void envelope(struct bytes *b)
{
    static const uint8_t zero[24] = { 0 };

    b->a = g_byte_array_new();
    u32(b, LAB_FTS_CONFIGURE);
    u32(b, 8);
    raw(b, zero, 8);
    u32(b, LAB_FTS_INTERFACE);
    u32(b, 24);
    raw(b, zero, 24);
}

static void buffer(struct bytes *b, const void *data, size_t n)
{
    u32(b, LAB_FTS_BUFFER);
    u32(b, (uint32_t)n);
    raw(b, data, n);
}

/* ---- malformed ------------------------------------------------------- */

#define S(text) text, sizeof(text) - 1

/* clang-format off */
static const struct {
    const char *name;
    const char *stream;
    size_t n;
    const char *want; /* in the message; NULL: it is well formed */
} streams[] = {
    { "nothing", S(""), NULL },
    { "a number", S("\x03\0\x17\0\x01\0\0\0"), NULL },
    { "a boolean has two bytes", S("\x0B\0\x23\0\x01\0"), NULL },
    { "a tag cut", S("\x03\0\x17"), "ends in the middle" },
    { "a number cut", S("\x03\0\x17\0\x01\0\0"), "ends in the middle" },
    { "a string cut", S("\x1F\0\x37\0\x04\0\0\0a\0"), "4 bytes wanted" },
    { "a length of 4 GB", S("\x02\x01\x37\0\xFF\xFF\xFF\xFF"), "wanted" },
    { "no such type", S("\x01\0\x37\0"), "no such type" },
    { "type nought", S("\0\0\x37\0"), "no such type" },
    { "many numbers", S("\x03\x10\0\x68\x02\0\0\0\x01\0\0\0\x02\0\0\0"),
      NULL },
    { "too many numbers", S("\x03\x10\0\x68\x03\0\0\0\x01\0\0\0\x02\0\0\0"),
      "values" },
    { "many strings", S("\x1F\x10\0\x68\x01\0\0\0\x02\0\0\0\0\0"), NULL },
    { "many strings cut", S("\x1F\x10\0\x68\x02\0\0\0\x02\0\0\0\0\0"),
      "values" },
    { "a string of many cut", S("\x1F\x10\0\x68\x01\0\0\0\x04\0\0\0\0\0"),
      "4 bytes wanted" },
    { "a name by number",
      S("\x03\0\x00\x80" "0123456789abcdef" "\0\x01\0\0\0" "\x05\0\0\0"),
      NULL },
    { "a name by text",
      S("\x03\0\x00\x80" "0123456789abcdef" "\x01" "a\0\0\0" "\x05\0\0\0"),
      NULL },
    { "a name without end",
      S("\x03\0\x00\x80" "0123456789abcdef" "\x01" "a\0b\0"),
      "in the middle of a property's name" },
    { "a name of a third kind",
      S("\x03\0\x00\x80" "0123456789abcdef" "\x02" "a\0\0\0"),
      "name of kind 2" },
    { "a recipient",
      S("\x03\0\x03\x40" "\x03\0\0\x30\0\0\0\0" "\x03\0\x04\x40"), NULL },
    { "a recipient without end", S("\x03\0\x03\x40" "\x03\0\0\x30\0\0\0\0"),
      "a recipient's end" },
    { "an end alone", S("\x03\0\x04\x40"), "out of place" },
    { "an attachment in a recipient", S("\x03\0\x03\x40" "\x03\0\0\x40"),
      "a recipient's end" },
    { "an attachment", S("\x03\0\0\x40" "\x03\0\x0E\x40"), NULL },
    { "an embedded message",
      S("\x03\0\0\x40" "\x03\0\x01\x40" "\x03\0\x02\x40" "\x03\0\x0E\x40"),
      NULL },
    { "embedded in nothing", S("\x03\0\x01\x40" "\x03\0\x02\x40"),
      "out of place" },
    { "recipients behind attachments",
      S("\x03\0\0\x40" "\x03\0\x0E\x40" "\x03\0\x03\x40" "\x03\0\x04\x40"),
      "out of place" },
    { "a property behind a recipient",
      S("\x03\0\x03\x40" "\x03\0\x04\x40" "\x03\0\x17\0\x01\0\0\0"),
      "stands behind" },
    { "delete before the attachments",
      S("\x03\0\x16\x40" "\x0D\0\x13\x0E" "\x03\0\0\x40" "\x03\0\x0E\x40"),
      NULL },
    { "a folder's marker", S("\x03\0\x09\x40"), "no place in a message" },
    { "sender flags are no marker", S("\x03\0\x19\x40\0\0\0\0"), NULL },
};
/* clang-format on */

static void test_streams(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(streams); i++) {
        struct mapi_item *item = NULL;
        struct err err = { 0 };
        struct bytes b;
        int status;

        envelope(&b);
        buffer(&b, streams[i].stream, streams[i].n);
        status = lab_fts_read(b.a->data, b.a->len, &item, &err);
        CHECK_ROW(streams[i].name,
                  status == (streams[i].want == NULL ? 0 : -1));
        CHECK_ROW(streams[i].name, (item != NULL) == (status == 0));
        if (streams[i].want != NULL) {
            CHECK_ROW(streams[i].name,
                      strstr(err.msg, streams[i].want) != NULL);
            g_assert_cmpstr(err.name, ==, "ErrorCorruptData");
            g_assert_cmpint(err.scope, ==, ERR_ITEM);
        }
        mapi_item_free(item);
        g_byte_array_unref(b.a);
    }
}

static void test_envelopes(void)
{
    /* clang-format off */
    static const struct {
        const char *name;
        const char *payload;
        size_t n;
        const char *want;
    } rows[] = {
        { "nothing", S(""), "no transfer buffer" },
        { "no buffer", S("\x04\0\0\0\x06\0\0\0\x01\x0E\0\0\0\0"),
          "no transfer buffer" },
        { "half a head", S("\x02\0\0\0\0\0"), "record's head" },
        { "unknown record", S("\x05\0\0\0\0\0\0\0"), "record of kind 5" },
        { "record nought", S("\0\0\0\0\0\0\0\0"), "record of kind 0" },
        { "version of five bytes", S("\x04\0\0\0\x05\0\0\0\x01\x0E\0\0\0"),
          "has 5 bytes, not 6" },
        { "buffer past the end", S("\x02\0\0\0\x05\0\0\0\x01"), "5 bytes" },
        { "the text", S("=== Truncated Data ==="), "record of kind" },
    };
    /* clang-format on */

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct mapi_item *item = NULL;
        struct err err = { 0 };

        CHECK_ROW(rows[i].name, lab_fts_read((const uint8_t *)rows[i].payload,
                                             rows[i].n, &item, &err) == -1);
        CHECK_ROW(rows[i].name, strstr(err.msg, rows[i].want) != NULL);
        CHECK_ROW(rows[i].name, item == NULL);
    }
}

/* A payload that ends anywhere is refused, wherever that is. */
static void test_every_prefix_is_refused(void)
{
    g_autoptr(mapi_item) item =
        specimen_plain("IPM.Note", "subject", "some text");
    struct lab_profile p;
    g_autoptr(GBytes) stream = NULL;
    gsize n;
    const uint8_t *data;

    mapi_add_attachment(item, &item->message);
    mapi_add_recipient(item, &item->message);
    lab_profile_init(&p, 1);
    p.buffer_bytes = 4096; /* one buffer, so each cut is within it */
    stream = lab_fts_write(item, &p);
    data = g_bytes_get_data(stream, &n);
    for (gsize cut = 0; cut < n; cut++) {
        struct mapi_item *none = NULL;
        struct err err;

        g_assert_cmpint(lab_fts_read(data, cut, &none, &err), ==, -1);
        g_assert_null(none);
    }
}

static void nest(struct mapi_item *item, struct mapi_message *m, unsigned int n)
{
    if (n > 0)
        nest(item, mapi_embed(item, mapi_add_attachment(item, m)), n - 1);
}

static void test_depth(void)
{
    for (unsigned int depth = LAB_FTS_DEPTH_MAX; depth < LAB_FTS_DEPTH_MAX + 2;
         depth++) {
        g_autoptr(mapi_item) item = mapi_item_new(), back = NULL;
        struct lab_profile p;
        g_autoptr(GBytes) stream = NULL;
        struct err err;
        gsize n;
        const uint8_t *data;
        int want = depth <= LAB_FTS_DEPTH_MAX ? 0 : -1;

        nest(item, &item->message, depth);
        lab_profile_init(&p, 1);
        stream = lab_fts_write(item, &p);
        data = g_bytes_get_data(stream, &n);
        g_assert_cmpint(lab_fts_read(data, n, &back, &err), ==, want);
    }
}

/* ---- limits ----------------------------------------------------------- */

static int read_stream(GByteArray *stream, struct err *err)
{
    g_autoptr(mapi_item) item = NULL;
    struct bytes b;
    int status;

    envelope(&b);
    buffer(&b, stream->data, stream->len);
    status = lab_fts_read(b.a->data, b.a->len, &item, err);
    g_byte_array_unref(b.a);
    return status;
}

static void test_too_many_objects(void)
{
    static const uint8_t recipient[8] = "\x03\0\x03\x40\x03\0\x04\x40";

    for (uint32_t n = LAB_FTS_OBJECTS_MAX; n <= LAB_FTS_OBJECTS_MAX + 1; n++) {
        g_autoptr(GByteArray) stream = g_byte_array_new();
        struct err err = { 0 };

        for (uint32_t i = 0; i < n; i++)
            g_byte_array_append(stream, recipient, sizeof(recipient));
        g_assert_cmpint(read_stream(stream, &err), ==,
                        n <= LAB_FTS_OBJECTS_MAX ? 0 : -1);
        if (n > LAB_FTS_OBJECTS_MAX)
            g_assert_nonnull(strstr(err.msg, "more than 1000000"));
    }
}

static void test_too_many_names(void)
{
    for (uint32_t n = MAPI_NAMES_MAX; n <= MAPI_NAMES_MAX + 1; n++) {
        g_autoptr(GByteArray) stream = g_byte_array_new();
        struct err err = { 0 };

        for (uint32_t i = 0; i < n; i++) {
            uint8_t prop[29] = { 0x0B, 0, 0, 0x80 };

            prop[21] = (uint8_t)i;
            prop[22] = (uint8_t)(i >> 8);
            g_byte_array_append(stream, prop, 27);
        }
        g_assert_cmpint(read_stream(stream, &err), ==,
                        n <= MAPI_NAMES_MAX ? 0 : -1);
    }
}

static void test_a_long_name(void)
{
    for (size_t units = 2048; units <= 2049; units++) {
        g_autoptr(GByteArray) stream = g_byte_array_new();
        uint8_t head[21] = { 0x0B, 0, 0, 0x80 };
        struct err err = { 0 };

        head[20] = 1;
        g_byte_array_append(stream, head, sizeof(head));
        for (size_t i = 0; i < units; i++)
            g_byte_array_append(stream, (const guint8 *)"a", 2);
        g_byte_array_append(stream, (const guint8 *)"\0\0\1", 4);
        g_assert_cmpint(read_stream(stream, &err), ==, units == 2048 ? 0 : -1);
    }
}

/* One value in several buffers, cut at each of its bytes. */
static void test_cut_values(void)
{
    static const char stream[] =
        "\x1F\0\x37\0\x0A\0\0\0a\0b\0c\0d\0\0\0\x0B\0\x23\0\x01\0";
    const size_t n = sizeof(stream) - 1;

    for (size_t cut = 0; cut <= n; cut++) {
        g_autoptr(mapi_item) item = NULL;
        g_autofree char *subject = NULL;
        struct err err;
        struct bytes b;

        envelope(&b);
        buffer(&b, stream, cut);
        buffer(&b, "", 0);
        buffer(&b, stream + cut, n - cut);
        CHECK_OK(lab_fts_read(b.a->data, b.a->len, &item, &err), &err);
        subject = mapi_dup_text(mapi_find(&item->message.props, 0x0037));
        g_assert_cmpstr(subject, ==, "abcd");
        g_assert_true(
            mapi_get_bool(mapi_find(&item->message.props, 0x0023), false));
        g_byte_array_unref(b.a);
    }
}

static void test_partial(void)
{
    static const char *const warnings[] = {
        "\x03\0\x0F\x40\x01\0\0\0",         /* EcWarning */
        "\x03\0\x18\x40\x03\0\x17\0\0\0\0", /* FXErrorInfo, a property */
    };
    static const size_t sizes[] = { 8, 12 };

    for (size_t i = 0; i < 2; i++) {
        g_autoptr(mapi_item) item = NULL;
        struct err err;
        struct bytes b;

        envelope(&b);
        buffer(&b, warnings[i], sizes[i]);
        CHECK_OK(lab_fts_read(b.a->data, b.a->len, &item, &err), &err);
        g_assert_true(item->partial);
        g_byte_array_unref(b.a);
    }
}

/* ---- what real servers exported -------------------------------------- */

static uint8_t *sample(const char *name, gsize *ret_n)
{
    const char *dir = g_getenv("FTS_SAMPLES_DIR");
    g_autofree char *path =
        dir != NULL ? g_build_filename(dir, name, NULL)
                    : g_test_build_filename(G_TEST_DIST, "..", "shared",
                                            "fts-samples", name, NULL);
    char *text;

    if (!g_file_get_contents(path, &text, NULL, NULL)) {
        g_test_skip("no FastTransfer samples: set FTS_SAMPLES_DIR");
        return NULL;
    }
    return g_base64_decode_inplace(g_strstrip(text), ret_n);
}

static void assert_text(const struct mapi_props *props, uint16_t id,
                        const char *want)
{
    g_autofree char *text = mapi_dup_text(mapi_find(props, id));

    g_assert_cmpstr(text, ==, want);
}

static void test_sample_2010(void)
{
    g_autoptr(mapi_item) item = NULL;
    struct err why = { 0 };
    gsize n, at;
    g_autofree uint8_t *data = sample("exchange-2010-fragment-2.b64", &n);
    const struct mapi_props *props;

    if (data == NULL)
        return;
    item = lab_fts_read_fragment(data, n, &at, &why);
    props = &item->message.props;
    g_assert_cmphex(item->version[0], ==, 0x0E01);
    g_assert_cmphex(item->version[1], ==, 0x808B);
    g_assert_true(g_str_has_prefix(item->dn_prefix, "/O=FIRST ORGANIZATION/"));
    assert_text(props, 0x001A, "IPM.Note");
    assert_text(props, 0x0037, "Interesting - from EWSMA");
    assert_text(props, 0x003D, "");
    g_assert_cmpuint(mapi_find(props, 0x003B)->size, ==, 0x65);
    g_assert_cmpint(mapi_get_i32(mapi_find(props, 0x0017), -1), ==, 1);
    g_assert_false(mapi_get_bool(mapi_find(props, 0x0029), true));
    /* 2010-03-31, when that mail was sent */
    g_assert_cmpint(mapi_get_time(mapi_find(props, 0x0039)) /
                        (INT64_C(86400) * TIMESTAMP_SECOND),
                    ==, 14699);
    /* it ends in the middle of 0x003F, received by */
    g_assert_null(mapi_find(props, 0x003F));
    g_assert_cmpuint(at, <, n);
    g_assert_true(memcmp(data + at, "\x02\x01\x3F\0", 4) == 0);
    g_assert_cmpuint(strlen(why.msg), >, 0);
}

static void test_sample_online(void)
{
    g_autoptr(mapi_item) item = NULL;
    struct err why = { 0 };
    gsize n, at;
    g_autofree uint8_t *data = sample("exchange-online-fragment.b64", &n);

    if (data == NULL)
        return;
    item = lab_fts_read_fragment(data, n, &at, &why);
    g_assert_cmphex(item->version[0], ==, 0x0F14);
    g_assert_cmpint(mapi_get_i32(mapi_find(&item->message.props, 0x0017), -1),
                    ==, 1);
    g_assert_null(mapi_find(&item->message.props, 0x001A));
    g_assert_true(memcmp(data + at, "\xB0\x84\x1A\0", 4) == 0);
}

/*
 * Its first 48 bytes are the head; then a gap, then the end of a recipient,
 * an attachment and the message in it.
 */
static void test_sample_embedded(void)
{
    g_autoptr(mapi_item) item = NULL;
    struct err why = { 0 };
    gsize n, at;
    g_autofree uint8_t *data = sample("exchange-2010-fragment-1.b64", &n);
    const struct mapi_attachment *a;
    struct bytes b = { 0 };

    if (data == NULL)
        return;
    mapi_item_free(lab_fts_read_fragment(data, n, &at, &why));
    g_assert_cmpuint(at, ==, 48);

    b.a = g_byte_array_new();
    raw(&b, data, 48);
    u32(&b, LAB_FTS_BUFFER);
    u32(&b, (uint32_t)(n - 48 + 4));
    u32(&b, 0x40030003); /* StartRecip, lost in the gap */
    raw(&b, data + 48, n - 48);
    item = lab_fts_read_fragment(b.a->data, b.a->len, &at, &why);
    g_byte_array_unref(b.a);
    g_assert_cmpuint(item->message.n_recipients, ==, 1);
    g_assert_cmpuint(item->message.n_attachments, ==, 1);
    a = &item->message.attachments[0];
    g_assert_cmphex(a->props.v[0].tag, ==, PR_ATTACH_NUM);
    g_assert_cmpint(mapi_get_i32(mapi_find(&a->props, 0x3705), 0), ==,
                    ATTACH_EMBEDDED_MSG);
    assert_text(&a->props, 0x370E, "message/rfc822");
    assert_text(&a->props, 0x3001, "Most fascinating");
    g_assert_nonnull(a->embedded);
    g_assert_cmphex(a->embedded->props.v[0].tag, ==, PR_MID);
    assert_text(&a->embedded->props, 0x001A, "IPM.Note");
    assert_text(&a->embedded->props, 0x0037, "Most fascinating");
}

/* A fragment of every length gives something, and the same each time. */
static void test_fragments(void)
{
    g_autoptr(mapi_item) item = specimen_new();
    struct lab_profile p;
    g_autoptr(GBytes) stream = NULL;
    gsize n, before = 0;
    const uint8_t *data;

    lab_profile_init(&p, 9);
    stream = lab_fts_write(item, &p);
    data = g_bytes_get_data(stream, &n);
    for (gsize cut = 0; cut <= n; cut += 1 + cut / 50) {
        struct err why;
        gsize at = 0;

        mapi_item_free(lab_fts_read_fragment(data, cut, &at, &why));
        g_assert_cmpuint(at, <=, cut);
        g_assert_cmpuint(at, >=, before);
        before = at;
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/fts-read/streams", test_streams);
    g_test_add_func("/fts-read/envelopes", test_envelopes);
    g_test_add_func("/fts-read/every-prefix", test_every_prefix_is_refused);
    g_test_add_func("/fts-read/depth", test_depth);
    g_test_add_func("/fts-read/too-many-objects", test_too_many_objects);
    g_test_add_func("/fts-read/too-many-names", test_too_many_names);
    g_test_add_func("/fts-read/long-name", test_a_long_name);
    g_test_add_func("/fts-read/cut-values", test_cut_values);
    g_test_add_func("/fts-read/partial", test_partial);
    g_test_add_func("/fts-read/sample/2010", test_sample_2010);
    g_test_add_func("/fts-read/sample/online", test_sample_online);
    g_test_add_func("/fts-read/sample/embedded", test_sample_embedded);
    g_test_add_func("/fts-read/fragments", test_fragments);
    return g_test_run();
}
