#include "fts/fts.h"

#include <sys/resource.h>

#include "base/check.h"
#include "base/timestamp.h"
#include "fts/fts_build.h"
#include "fts/fts_collect.h"
#include "fts/fts_write.h"

#define ALL ((1u << FTS_N_PARTS) - 1)

static struct blob *blob_of(const char *text)
{
    return blob_from_bytes(text, strlen(text));
}

static struct fts_digest digest_of(const char *text)
{
    g_autoptr(blob) b = blob_of(text);
    struct fts_digest digest;
    struct err err;

    CHECK_OK(fts_digest_read(b, &digest, NULL, &err), &err);
    return digest;
}

static struct fts_digest digest_of_stream(const GByteArray *stream)
{
    g_autofree char *text = fts_build_wrap(stream, 0);

    return digest_of(text);
}

/* The parts that differ, as bits. */
static unsigned int compare(const struct fts_digest *a,
                            const struct fts_digest *b)
{
    unsigned int parts;

    (void)fts_digest_compare(a, b, &parts);
    return parts;
}

/* ---- items ----------------------------------------------------------------
 */

static const struct fts_build_recipient two_recipients[] = {
    { "Ann Öster", "ann@example.com", 1 },
    { "Bob", "bob@example.com", 2 },
};

static const struct fts_message inner = {
    .subject = "inner",
    .body = "inner body",
    .recipients = two_recipients,
    .n_recipients = 2,
};

static const struct fts_build_attachment two_attachments[] = {
    { .file_name = "a.bin", .data = "0123456789", .len = 10 },
    { .file_name = "inner.msg", .embedded = &inner },
};

static const struct fts_message full = {
    .subject = "Grüße",
    .body = "plain",
    .html = "<p>rich</p>",
    .sender_name = "Ann Öster",
    .sender_address = "ann@example.com",
    .search_key = "k1",
    .message_id = "<1@example.com>",
    .received_us = INT64_C(1700000000000000),
    .read = true,
    .category = "Rot",
    .task_status = 2,
    .recipients = two_recipients,
    .n_recipients = 2,
    .attachments = two_attachments,
    .n_attachments = 2,
};

/* ---- what must not matter -------------------------------------------- */

static void test_server_changes_nothing(void)
{
    struct fts_message plain = { .subject = "s", .body = "b" };
    const struct fts_message *const items[] = { &full, &plain, &inner };

    for (size_t i = 0; i < G_N_ELEMENTS(items); i++) {
        g_autofree char *before = fts_build(items[i]);
        struct fts_digest want = digest_of(before);

        g_assert_cmphex(want.available, ==, ALL);
        for (uint32_t seed = 0; seed < 60; seed++) {
            g_autofree char *after =
                fts_build_as_server(before, strlen(before), seed);
            struct fts_digest got = digest_of(after);

            g_assert_cmpstr(before, !=, after);
            g_assert_cmpint(fts_digest_compare(&want, &got, NULL), ==,
                            FTS_EQUAL);
        }
    }
}

static void test_server_upon_server(void)
{
    g_autofree char *text = fts_build(&full);
    struct fts_digest want = digest_of(text);

    for (uint32_t hop = 0; hop < 5; hop++) {
        char *next = fts_build_as_server(text, strlen(text), hop);
        struct fts_digest got;

        g_free(text);
        text = next;
        got = digest_of(text);
        g_assert_cmphex(compare(&want, &got), ==, 0);
    }
}

static void test_cut_of_the_buffers(void)
{
    g_autoptr(GByteArray) stream = fts_build_stream(&full);
    struct fts_digest want = digest_of_stream(stream);

    for (size_t buffer = 1; buffer < stream->len + 2; buffer += 13) {
        g_autofree char *text = fts_build_wrap(stream, buffer);
        struct fts_digest got = digest_of(text);

        g_assert_cmpint(fts_digest_compare(&want, &got, NULL), ==, FTS_EQUAL);
    }
}

static void test_order_of_recipients(void)
{
    struct fts_build_recipient swapped[] = { two_recipients[1],
                                             two_recipients[0] };
    struct fts_message other = full;
    g_autofree char *a = fts_build(&full), *b = NULL;
    struct fts_digest x, y;

    other.recipients = swapped;
    b = fts_build(&other);
    x = digest_of(a);
    y = digest_of(b);
    g_assert_cmphex(compare(&x, &y), ==, 0);
}

/* Names of headers are the same in any case; other names are not. */
static void test_header_names_have_no_case(void)
{
    static const struct {
        const char *name;
        uint8_t set;
        unsigned int want;
    } rows[] = {
        { "PS_INTERNET_HEADERS", 0x86, 0 },
        { "PS_PUBLIC_STRINGS", 0x29, 1u << FTS_NAMED },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        uint8_t set[16] = { rows[i].set, 3, 2, 0, 0, 0, 0, 0,
                            0xC0,        0, 0, 0, 0, 0, 0, 0x46 };
        struct fts_digest digests[2];

        for (int k = 0; k < 2; k++) {
            g_autoptr(GByteArray) stream = g_byte_array_new();

            fts_write_named_name(stream, 0x001F, set, k == 0 ? "X-Ab" : "x-aB");
            fts_write_value_string(stream, 0x001F, "Value", true);
            digests[k] = digest_of_stream(stream);
        }
        CHECK_ROW(rows[i].name,
                  compare(&digests[0], &digests[1]) == rows[i].want);
    }
}

/* Each row of the table, in each place: it matters, or it does not. */
static void write_in_place(GByteArray *stream, enum fts_place place,
                           uint16_t id, uint32_t value)
{
    if (place == FTS_IN_RECIPIENT)
        fts_write_tag(stream, FTS_START_RECIP);
    if (place == FTS_IN_ATTACHMENT)
        fts_write_tag(stream, FTS_NEW_ATTACH);
    fts_write_i4(stream, id, value);
    if (place == FTS_IN_RECIPIENT)
        fts_write_tag(stream, FTS_END_TO_RECIP);
    if (place == FTS_IN_ATTACHMENT)
        fts_write_tag(stream, FTS_END_ATTACH);
}

static unsigned int effect_of(enum fts_place place, uint16_t id)
{
    struct fts_digest digests[2];

    for (uint32_t i = 0; i < 2; i++) {
        g_autoptr(GByteArray) stream = g_byte_array_new();

        fts_write_string(stream, 0x0037, 0x001F, "s", true);
        write_in_place(stream, place, id, i);
        digests[i] = digest_of_stream(stream);
    }
    return compare(&digests[0], &digests[1]);
}

static void test_each_rule(void)
{
    static const enum fts_place places[] = { FTS_IN_MESSAGE, FTS_IN_RECIPIENT,
                                             FTS_IN_ATTACHMENT };
    static const enum fts_part of_place[] = { FTS_OTHER, FTS_RECIPIENTS,
                                              FTS_ATTACHMENTS };
    size_t n;
    const struct fts_rule *rules = fts_rule_table(&n);

    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < G_N_ELEMENTS(places); k++) {
            bool valid = (rules[i].places & places[k]) != 0;
            unsigned int want = 1u << of_place[k];

            if (valid && rules[i].out != NULL)
                want = 0;
            else if (valid && places[k] == FTS_IN_MESSAGE)
                want = 1u << rules[i].part;
            CHECK_ROW(rules[i].name, effect_of(places[k], rules[i].id) == want);
        }
}

/* ---- what must matter ------------------------------------------------ */

static void edit_subject(struct fts_message *m)
{
    m->subject = "Grüsse";
}

static void edit_class(struct fts_message *m)
{
    m->item_class = "IPM.Note.SMIME";
}

static void edit_read(struct fts_message *m)
{
    m->read = false;
}

static void edit_received(struct fts_message *m)
{
    m->received_us += 1;
}

static void edit_body(struct fts_message *m)
{
    m->html = "<p>richer</p>";
}

/* The HTML is the original: the plain text is made of it. */
static void edit_derived_body(struct fts_message *m)
{
    m->body = "another";
}

static void edit_category(struct fts_message *m)
{
    m->category = "Blau";
}

static void edit_task(struct fts_message *m)
{
    m->task_status = 3;
}

static void drop_recipient(struct fts_message *m)
{
    m->n_recipients = 1;
}

static void edit_recipient(struct fts_message *m)
{
    static const struct fts_build_recipient changed[] = {
        { "Ann Öster", "ann@example.com", 1 },
        { "Bob", "bob@example.com", 3 },
    };

    m->recipients = changed;
}

static void double_recipient(struct fts_message *m)
{
    static const struct fts_build_recipient doubled[] = {
        { "Ann Öster", "ann@example.com", 1 },
        { "Bob", "bob@example.com", 2 },
        { "Bob", "bob@example.com", 2 },
    };

    m->recipients = doubled;
    m->n_recipients = 3;
}

static void drop_attachment(struct fts_message *m)
{
    m->n_attachments = 1;
}

static void edit_attachment(struct fts_message *m)
{
    static const struct fts_build_attachment changed[] = {
        { .file_name = "a.bin", .data = "012345678X", .len = 10 },
        { .file_name = "inner.msg", .embedded = &inner },
    };

    m->attachments = changed;
}

static void edit_embedded(struct fts_message *m)
{
    static const struct fts_message changed = {
        .subject = "inner",
        .body = "inner Body",
        .recipients = two_recipients,
        .n_recipients = 2,
    };
    static const struct fts_build_attachment attachments[] = {
        { .file_name = "a.bin", .data = "0123456789", .len = 10 },
        { .file_name = "inner.msg", .embedded = &changed },
    };

    m->attachments = attachments;
}

static void edit_sender(struct fts_message *m)
{
    m->sender_address = "ann@example.org";
}

static void edit_keys(struct fts_message *m)
{
    m->search_key = "k2";
}

static void test_edits_show_in_their_part(void)
{
    static const struct {
        const char *name;
        void (*edit)(struct fts_message *m);
        unsigned int want;
    } rows[] = {
        { "subject", edit_subject, 1u << FTS_ENVELOPE },
        { "class", edit_class, 1u << FTS_ENVELOPE },
        { "read mark", edit_read, 1u << FTS_ENVELOPE },
        { "received", edit_received, 1u << FTS_ENVELOPE },
        { "sender", edit_sender, 1u << FTS_ENVELOPE },
        { "body", edit_body, 1u << FTS_BODY },
        { "derived body", edit_derived_body, 0 },
        { "category", edit_category, 1u << FTS_NAMED },
        { "task status", edit_task, 1u << FTS_NAMED },
        { "a recipient less", drop_recipient, 1u << FTS_RECIPIENTS },
        { "a recipient's type", edit_recipient, 1u << FTS_RECIPIENTS },
        { "a recipient twice", double_recipient, 1u << FTS_RECIPIENTS },
        { "an attachment less", drop_attachment, 1u << FTS_ATTACHMENTS },
        { "an attachment's content", edit_attachment, 1u << FTS_ATTACHMENTS },
        { "an embedded body", edit_embedded, 1u << FTS_ATTACHMENTS },
        { "search key", edit_keys, 0 },
    };
    g_autofree char *before = fts_build(&full);
    struct fts_digest x = digest_of(before);

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct fts_message m = full;
        g_autofree char *after = NULL, *stored = NULL;
        struct fts_digest y;

        rows[i].edit(&m);
        after = fts_build(&m);
        stored = fts_build_as_server(after, strlen(after), (uint32_t)i);
        y = digest_of(stored);
        CHECK_ROW(rows[i].name, compare(&x, &y) == rows[i].want);
        CHECK_ROW(rows[i].name,
                  fts_digest_compare(&x, &y, NULL) ==
                      (rows[i].want == 0 ? FTS_EQUAL : FTS_DIFFERENT));
    }
}

/* ---- which body is the original -------------------------------------- */

static void test_bodies(void)
{
    enum { TEXT = 1, RTF = 2, HTML = 4 };
    static const struct {
        const char *name;
        unsigned int there;
        uint32_t native; /* 0: not told */
        bool in_sync;
        unsigned int matters;
    } rows[] = {
        { "text alone", TEXT, 0, false, TEXT },
        { "RTF alone", RTF, 0, false, RTF },
        { "HTML alone", HTML, 0, false, HTML },
        { "text and HTML", TEXT | HTML, 0, false, HTML },
        { "text and RTF in sync", TEXT | RTF, 0, true, RTF },
        { "text and RTF out of sync", TEXT | RTF, 0, false, TEXT },
        { "HTML and RTF in sync", HTML | RTF, 0, true, RTF },
        { "HTML and RTF out of sync", HTML | RTF, 0, false, HTML },
        { "all, told text", TEXT | RTF | HTML, 1, true, TEXT },
        { "all, told RTF", TEXT | RTF | HTML, 2, false, RTF },
        { "all, told HTML", TEXT | RTF | HTML, 3, true, HTML },
        { "told one that is not there", TEXT | HTML, 2, false, HTML },
        { "told nonsense", TEXT | HTML, 99, false, HTML },
    };
    static const uint16_t ids[] = { 0x1000, 0x1009, 0x1013 };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct fts_digest first = { 0 };

        /* Which of the bodies shows when it alone is another one? */
        for (unsigned int changed = 0; changed < 4; changed++) {
            g_autoptr(GByteArray) stream = g_byte_array_new();
            struct fts_digest got;
            bool shows;

            if (changed > 0 && (rows[i].there & 1u << (changed - 1)) == 0)
                continue;
            for (unsigned int k = 0; k < 3; k++)
                if ((rows[i].there & 1u << k) != 0)
                    fts_write_binary(stream, ids[k],
                                     k + 1 == changed ? "new" : "old", 3);
            if (rows[i].native != 0)
                fts_write_i4(stream, 0x1016, rows[i].native);
            fts_write_boolean(stream, 0x0E1F, rows[i].in_sync);
            got = digest_of_stream(stream);
            if (changed == 0) {
                first = got;
                continue;
            }
            shows = compare(&first, &got) != 0;
            CHECK_ROW(rows[i].name,
                      shows == (rows[i].matters == 1u << (changed - 1)));
        }
    }
}

/* ---- streams that are not as they should be -------------------------- */

/* Records before the first transfer buffer, as fts_write_payload() has them. */
#define ENVELOPE_BYTES (8 + 8 + 8 + 24 + 8 + 6)

static void test_every_cut_is_seen(void)
{
    g_autoptr(GByteArray) stream = fts_build_stream(&full);
    g_autoptr(GByteArray) payload =
        fts_write_payload(stream->data, stream->len, 100);

    for (guint n = 0; n < payload->len; n++) {
        g_autofree char *text = g_base64_encode(payload->data, n);
        g_autoptr(blob) b = blob_of(text);
        struct fts_digest digest = { .available = 0xEE };
        struct fts_summary summary = { .bytes = 7 };
        struct err err = { .code = 99 };
        int r = fts_digest_read(b, &digest, &summary, &err);

        /* At the end of a buffer nothing shows, if nothing is open either. */
        if (r == 0) {
            g_assert_cmpuint((n - ENVELOPE_BYTES) % (8 + 100), ==, 0);
            fts_summary_clear(&summary);
            continue;
        }
        g_assert_cmpstr(err.name, ==, "payload-broken");
        g_assert_cmpint(err.scope, ==, ERR_ITEM);
        g_assert_cmphex(digest.available, ==, 0xEE);
        g_assert_cmpuint(summary.bytes, ==, 7);
    }
}

/* In one buffer each cut is one, but for none at all. */
static void test_every_cut_of_one_buffer_is_seen(void)
{
    g_autoptr(GByteArray) stream = fts_build_stream(&full);
    g_autoptr(GByteArray) payload =
        fts_write_payload(stream->data, stream->len, stream->len);

    for (guint n = 0; n < payload->len; n++) {
        g_autofree char *text = g_base64_encode(payload->data, n);
        g_autoptr(blob) b = blob_of(text);
        struct fts_digest digest;
        struct err err;

        g_assert_cmpint(fts_digest_read(b, &digest, NULL, &err), ==, -1);
    }
}

static void test_open_objects_are_broken(void)
{
    static const struct {
        const char *name, *says;
        uint32_t markers[4];
    } rows[] = {
        { "recipient", "a recipient", { FTS_START_RECIP } },
        { "attachment", "an attachment", { FTS_NEW_ATTACH } },
        { "embedded",
          "an embedded message",
          { FTS_NEW_ATTACH, FTS_START_EMBED } },
        { "after embedded",
          "an attachment",
          { FTS_NEW_ATTACH, FTS_START_EMBED, FTS_END_EMBED } },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GByteArray) stream = g_byte_array_new();
        g_autofree char *text = NULL;
        g_autoptr(blob) b = NULL;
        struct fts_digest digest;
        struct err err;

        fts_write_i4(stream, 0x0017, 1);
        for (int k = 0; k < 4 && rows[i].markers[k] != 0; k++)
            fts_write_tag(stream, rows[i].markers[k]);
        text = fts_build_wrap(stream, 0);
        b = blob_of(text);
        CHECK_ROW(rows[i].name, fts_digest_read(b, &digest, NULL, &err) == -1);
        CHECK_ROW(rows[i].name, strstr(err.msg, rows[i].says) != NULL);
    }
}

static void test_nothing_in_it(void)
{
    static const struct {
        const char *name, *text;
    } rows[] = {
        { "empty", "" },
        { "only a configuration", "AQAAAAgAAAAAAAAAAQAAAA==" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(blob) b = blob_of(rows[i].text);
        struct fts_digest digest;
        struct err err;

        CHECK_ROW(rows[i].name, fts_digest_read(b, &digest, NULL, &err) == -1);
        CHECK_ROW(rows[i].name, strstr(err.msg, "no transfer buffer") != NULL);
    }
}

#define LATE (1u << FTS_RECIPIENTS | 1u << FTS_ATTACHMENTS)

static void test_unknown_shapes_lose_parts(void)
{
    static const struct {
        const char *name;
        uint32_t tags[4]; /* after the message's own properties */
        unsigned int want;
    } rows[] = {
        { "no shape at all", { 0x12340DAD }, 0 },
        { "a folder's marker", { 0x40090003 }, 0 },
        { "end of nothing", { FTS_END_EMBED }, 0 },
        { "embedded in the message", { FTS_START_EMBED }, 0 },
        { "in a recipient", { FTS_START_RECIP, 0x12340DAD }, ALL & ~LATE },
        { "attachment in a recipient",
          { FTS_START_RECIP, FTS_NEW_ATTACH },
          ALL & ~LATE },
        { "in an attachment",
          { FTS_NEW_ATTACH, 0x12340DAD },
          ALL & ~(1u << FTS_ATTACHMENTS) },
        { "in an embedded message",
          { FTS_NEW_ATTACH, FTS_START_EMBED, 0x12340DAD },
          ALL & ~(1u << FTS_ATTACHMENTS) },
        { "two embedded messages",
          { FTS_NEW_ATTACH, FTS_START_EMBED, FTS_END_EMBED, FTS_START_EMBED },
          ALL & ~(1u << FTS_ATTACHMENTS) },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GByteArray) stream = g_byte_array_new();
        struct fts_digest got;

        fts_write_string(stream, 0x0037, 0x001F, "s", true);
        for (int k = 0; k < 4 && rows[i].tags[k] != 0; k++)
            fts_write_tag(stream, rows[i].tags[k]);
        got = digest_of_stream(stream);
        CHECK_ROW(rows[i].name, got.available == rows[i].want);
        CHECK_ROW(rows[i].name,
                  fts_digest_compare(&got, &got, NULL) == FTS_UNKNOWN);
    }
}

static void test_unknown_code_page_loses_its_part(void)
{
    static const struct {
        const char *name;
        uint32_t open, close;
        uint16_t id;
        unsigned int lost;
    } rows[] = {
        { "subject", 0, 0, 0x0037, 1u << FTS_ENVELOPE },
        { "nobody knows", 0, 0, 0x6123, 1u << FTS_OTHER },
        { "of a recipient", FTS_START_RECIP, FTS_END_TO_RECIP, 0x3001,
          1u << FTS_RECIPIENTS },
        { "of an attachment", FTS_NEW_ATTACH, FTS_END_ATTACH, 0x3707,
          1u << FTS_ATTACHMENTS },
        { "left out", 0, 0, 0x3FF8, 0 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GByteArray) stream = g_byte_array_new();
        struct fts_digest got;

        if (rows[i].open != 0)
            fts_write_tag(stream, rows[i].open);
        fts_write_u16(stream, 0x8001);
        fts_write_u16(stream, rows[i].id);
        fts_write_u32(stream, 3);
        fts_write_bytes(stream, "abc", 3);
        if (rows[i].close != 0)
            fts_write_tag(stream, rows[i].close);
        got = digest_of_stream(stream);
        CHECK_ROW(rows[i].name, got.available == (ALL & ~rows[i].lost));
    }
}

static void test_unknown_code_page_deep_inside(void)
{
    g_autoptr(GByteArray) stream = g_byte_array_new();
    struct fts_digest got;

    fts_write_tag(stream, FTS_NEW_ATTACH);
    fts_write_tag(stream, FTS_START_EMBED);
    fts_write_tag(stream, 0x00378001);
    fts_write_u32(stream, 1);
    fts_write_bytes(stream, "a", 1);
    fts_write_tag(stream, FTS_END_EMBED);
    fts_write_tag(stream, FTS_END_ATTACH);
    got = digest_of_stream(stream);
    g_assert_cmphex(got.available, ==, ALL & ~(1u << FTS_ATTACHMENTS));
}

static void test_unknown_record_loses_all(void)
{
    g_autoptr(GByteArray) stream = fts_build_stream(&full);
    g_autoptr(GByteArray) payload =
        fts_write_payload(stream->data, stream->len, 0);
    g_autofree char *text = NULL;
    struct fts_digest got;

    fts_write_u32(payload, 5);
    fts_write_u32(payload, 4);
    fts_write_u32(payload, 0);
    text = g_base64_encode(payload->data, payload->len);
    got = digest_of(text);
    g_assert_cmphex(got.available, ==, 0);
}

/* ---- limits
 * ---------------------------------------------------------------------------
 */

static struct fts_digest nested(unsigned int depth, uint32_t innermost)
{
    g_autoptr(GByteArray) stream = g_byte_array_new();

    fts_write_string(stream, 0x0037, 0x001F, "outer", true);
    for (unsigned int i = 0; i < depth; i++) {
        fts_write_tag(stream, FTS_NEW_ATTACH);
        fts_write_tag(stream, FTS_START_EMBED);
    }
    fts_write_i4(stream, 0x0017, innermost);
    for (unsigned int i = 0; i < depth; i++) {
        fts_write_tag(stream, FTS_END_EMBED);
        fts_write_tag(stream, FTS_END_ATTACH);
    }
    return digest_of_stream(stream);
}

static void test_depth(void)
{
    struct fts_digest a = nested(FTS_DEPTH_MAX, 1);
    struct fts_digest b = nested(FTS_DEPTH_MAX, 2);
    struct fts_digest deeper = nested(FTS_DEPTH_MAX + 1, 1);
    struct fts_digest abyss = nested(100000, 1);

    g_assert_cmphex(a.available, ==, ALL);
    g_assert_cmphex(compare(&a, &b), ==, 1u << FTS_ATTACHMENTS);
    g_assert_cmphex(deeper.available, ==, ALL & ~(1u << FTS_ATTACHMENTS));
    g_assert_cmphex(abyss.available, ==, ALL & ~(1u << FTS_ATTACHMENTS));
}

static void test_too_many_properties(void)
{
    g_autoptr(GByteArray) stream = g_byte_array_new();
    struct fts_digest got;

    for (uint32_t i = 0; i < FTS_ENTRIES_MAX; i++)
        fts_write_i4(stream, (uint16_t)(0x6100 + i % 256), i);
    got = digest_of_stream(stream);
    g_assert_cmphex(got.available, ==, ALL);
    fts_write_i4(stream, 0x6100, 0);
    got = digest_of_stream(stream);
    g_assert_cmphex(got.available, ==, 0);
}

/* The limit is on what is open: a long list of recipients is no such thing. */
static void test_many_small_objects(void)
{
    g_autoptr(GByteArray) stream = g_byte_array_new();
    struct fts_digest got;

    for (uint32_t i = 0; i < 2 * FTS_ENTRIES_MAX / 10; i++) {
        fts_write_tag(stream, FTS_START_RECIP);
        for (uint32_t k = 0; k < 10; k++)
            fts_write_i4(stream, (uint16_t)(0x6100 + k), i);
        fts_write_tag(stream, FTS_END_TO_RECIP);
    }
    got = digest_of_stream(stream);
    g_assert_cmphex(got.available, ==, ALL);
}

static void test_too_many_recipients(void)
{
    g_autoptr(GByteArray) stream = g_byte_array_new();
    struct fts_digest got;

    for (uint32_t i = 0; i < FTS_OBJECTS_MAX; i++) {
        fts_write_tag(stream, FTS_START_RECIP);
        fts_write_tag(stream, FTS_END_TO_RECIP);
    }
    got = digest_of_stream(stream);
    g_assert_cmphex(got.available, ==, ALL);
    fts_write_tag(stream, FTS_START_RECIP);
    fts_write_tag(stream, FTS_END_TO_RECIP);
    got = digest_of_stream(stream);
    g_assert_cmphex(got.available, ==, 0);
}

/* A value as long as the payload, which lies in a file, costs no memory. */
static void append_base64(struct blob *b, const void *bytes, size_t n)
{
    g_autofree char *text = g_base64_encode(bytes, n);
    struct err err;

    CHECK_OK(blob_append(b, text, strlen(text), &err), &err);
}

#define PIECE  ((size_t)3 << 20)
#define PIECES 16

static struct blob *long_attachment(struct blob_pool *pool)
{
    g_autofree uint8_t *zeros = g_malloc0(PIECE);
    g_autoptr(GByteArray) head = g_byte_array_new();
    g_autoptr(GByteArray) tail = g_byte_array_new();
    struct blob *b = blob_new(pool);
    uint32_t len = (uint32_t)(1 + PIECES * PIECE);

    fts_write_u32(head, 2);
    fts_write_u32(head, 12 + len + 4);
    fts_write_tag(head, FTS_NEW_ATTACH);
    fts_write_tag(head, 0x37010102);
    fts_write_u32(head, len);
    fts_write_bytes(head, zeros, 1); /* 21 bytes: no padding after them */
    append_base64(b, head->data, head->len);
    for (int i = 0; i < PIECES; i++)
        append_base64(b, zeros, PIECE);
    fts_write_tag(tail, FTS_END_ATTACH);
    append_base64(b, tail->data, tail->len);
    blob_seal(b);
    return b;
}

static void test_memory_is_bounded(void)
{
    g_autoptr(blob_pool) pool = blob_pool_new(0, NULL);
    g_autoptr(blob) b = long_attachment(pool);
    struct fts_digest digest;
    struct rusage before, after;
    struct err err;

    getrusage(RUSAGE_SELF, &before);
    CHECK_OK(fts_digest_read(b, &digest, NULL, &err), &err);
    getrusage(RUSAGE_SELF, &after);
    g_assert_cmphex(digest.available, ==, ALL);
    g_assert_cmpint(after.ru_maxrss - before.ru_maxrss, <, 8 << 10);
}

/* ---- the summary ----------------------------------------------------- */

static struct fts_summary summary_of(const GByteArray *stream)
{
    g_autofree char *text = fts_build_wrap(stream, 0);
    g_autoptr(blob) b = blob_of(text);
    struct fts_digest digest;
    struct fts_summary summary;
    struct err err;

    CHECK_OK(fts_digest_read(b, &digest, &summary, &err), &err);
    return summary;
}

static void test_summary(void)
{
    g_autoptr(GByteArray) stream = fts_build_stream(&full);
    g_autoptr(GByteArray) payload =
        fts_write_payload(stream->data, stream->len, 0);
    g_auto(fts_summary) got = summary_of(stream);

    g_assert_cmpstr(got.item_class, ==, "IPM.Note");
    g_assert_cmpstr(got.subject, ==, "Grüße");
    g_assert_cmpstr(got.sender, ==, "ann@example.com");
    g_assert_cmpint(got.received_us, ==, INT64_C(1700000000000000));
    g_assert_cmpuint(got.bytes, ==, payload->len);
    g_assert_false(got.partial);
}

static void test_summary_of_nothing(void)
{
    g_autoptr(GByteArray) stream = g_byte_array_new();
    g_auto(fts_summary) got = { 0 };

    fts_write_string(stream, 0x0037, 0x001F, "", true);
    got = summary_of(stream);
    g_assert_null(got.item_class);
    g_assert_null(got.subject);
    g_assert_null(got.sender);
    g_assert_true(got.received_us == TIMESTAMP_NONE);
}

/* What belongs to an embedded message is not the item's. */
static void test_summary_is_of_the_top(void)
{
    g_autoptr(GByteArray) stream = g_byte_array_new();
    g_auto(fts_summary) got = { 0 };

    fts_write_string(stream, 0x001A, 0x84E4, "IPM.Post", true);
    fts_write_tag(stream, FTS_NEW_ATTACH);
    fts_write_tag(stream, FTS_START_EMBED);
    fts_write_string(stream, 0x001A, 0x001F, "IPM.Note", true);
    fts_write_string(stream, 0x0037, 0x001F, "inner", true);
    fts_write_tag(stream, FTS_END_EMBED);
    fts_write_tag(stream, FTS_END_ATTACH);
    got = summary_of(stream);
    g_assert_cmpstr(got.item_class, ==, "IPM.Post");
    g_assert_null(got.subject);
}

static void test_summary_sender(void)
{
    static const struct {
        const char *name;
        struct {
            uint16_t id;
            const char *text;
        } in[4];
        const char *want;
    } rows[] = {
        { "the best is first",
          { { 0x5D01, "a@b" }, { 0x0C1A, "Name" } },
          "a@b" },
        { "the best is last",
          { { 0x0042, "For" }, { 0x0C1A, "Name" }, { 0x5D02, "f@b" } },
          "f@b" },
        { "a name is better than a DN",
          { { 0x0C1F, "/O=ORG/CN=X" }, { 0x0C1A, "Name" } },
          "Name" },
        { "empty is nothing", { { 0x5D01, "" }, { 0x0042, "For" } }, "For" },
        { "nobody", { { 0x0C1F, "/O=ORG/CN=X" } }, NULL },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GByteArray) stream = g_byte_array_new();
        g_auto(fts_summary) got = { 0 };

        for (int k = 0; k < 4 && rows[i].in[k].text != NULL; k++)
            fts_write_string(stream, rows[i].in[k].id, 0x001F,
                             rows[i].in[k].text, true);
        got = summary_of(stream);
        CHECK_ROW(rows[i].name, g_strcmp0(got.sender, rows[i].want) == 0);
    }
}

static void test_summary_texts(void)
{
    g_autofree char *much = g_strnfill(9000, 'x');
    g_autofree char *cut = g_strnfill(FTS_HEAD_MAX / 2, 'x');
    g_autofree char *pairs =
        g_strdup_printf("%s😀", cut + 1); /* cut in its middle */
    const struct {
        const char *name, *in, *want;
    } rows[] = {
        { "prefix length before it", "\001\005RE: Hello", "RE: Hello" },
        { "long: its beginning", much, cut },
        { "half a character", pairs, cut + 1 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GByteArray) stream = g_byte_array_new();
        g_auto(fts_summary) got = { 0 };

        fts_write_string(stream, 0x0037, 0x001F, rows[i].in, true);
        got = summary_of(stream);
        CHECK_ROW(rows[i].name, g_strcmp0(got.subject, rows[i].want) == 0);
    }
}

static void test_partial(void)
{
    g_autoptr(GByteArray) warned = fts_build_stream(&full);
    g_autoptr(GByteArray) failed = fts_build_stream(&full);
    g_auto(fts_summary) a = { 0 }, b = { 0 };

    fts_write_i4(warned, 0x400F, 0x80040107);
    a = summary_of(warned);
    g_assert_true(a.partial);
    fts_write_tag(failed, FTS_FX_ERROR_INFO);
    fts_write_i4(failed, 0x6123, 1);
    b = summary_of(failed);
    g_assert_true(b.partial);
    g_assert_cmpstr(b.subject, ==, "Grüße");
}

/* What it tells of the export is no property of the item. */
static void test_error_info_is_not_digested(void)
{
    g_autoptr(GByteArray) stream = g_byte_array_new();
    struct fts_digest before, after;

    fts_write_string(stream, 0x0037, 0x001F, "s", true);
    before = digest_of_stream(stream);
    fts_write_tag(stream, FTS_FX_ERROR_INFO);
    fts_write_string(stream, 0x6123, 0x001F, "why", true);
    after = digest_of_stream(stream);
    g_assert_cmphex(compare(&before, &after), ==, 0);
}

/* ---- the vector
 * -----------------------------------------------------------------------------
 */

static void test_compare(void)
{
    struct fts_digest a = { .available = ALL }, b = a;
    unsigned int parts = 77;

    g_assert_cmpint(fts_digest_compare(&a, &b, &parts), ==, FTS_EQUAL);
    g_assert_cmphex(parts, ==, 0);
    b.part[FTS_BODY][15] = 1;
    b.part[FTS_OTHER][0] = 1;
    g_assert_cmpint(fts_digest_compare(&a, &b, &parts), ==, FTS_DIFFERENT);
    g_assert_cmphex(parts, ==, 1u << FTS_BODY | 1u << FTS_OTHER);
    /* A part that one side does not have says nothing. */
    b.available &= (uint8_t) ~(1u << FTS_BODY);
    g_assert_cmpint(fts_digest_compare(&a, &b, &parts), ==, FTS_DIFFERENT);
    g_assert_cmphex(parts, ==, 1u << FTS_OTHER);
    b.available &= (uint8_t) ~(1u << FTS_OTHER);
    g_assert_cmpint(fts_digest_compare(&a, &b, &parts), ==, FTS_UNKNOWN);
    g_assert_cmphex(parts, ==, 0);
}

static void test_pack(void)
{
    g_autofree char *text = fts_build(&full);
    struct fts_digest digest = digest_of(text), back;
    uint8_t packed[FTS_DIGEST_PACKED + 1];

    fts_digest_pack(&digest, packed);
    g_assert_true(fts_digest_unpack(packed, FTS_DIGEST_PACKED, &back));
    g_assert_cmpint(fts_digest_compare(&digest, &back, NULL), ==, FTS_EQUAL);
    g_assert_cmphex(back.available, ==, ALL);
    g_assert_false(fts_digest_unpack(packed, FTS_DIGEST_PACKED - 1, &back));
    g_assert_false(fts_digest_unpack(packed, FTS_DIGEST_PACKED + 1, &back));
    g_assert_false(fts_digest_unpack(packed, 0, &back));
    packed[0] |= 0x40; /* of another version */
    g_assert_false(fts_digest_unpack(packed, FTS_DIGEST_PACKED, &back));
}

static void test_part_names(void)
{
    g_assert_cmpstr(fts_part_name(FTS_ENVELOPE), ==, "envelope");
    for (enum fts_part part = 0; part < FTS_N_PARTS; part++)
        g_assert_nonnull(fts_part_name(part));
}

/*
 * Ledgers keep digests for months: a change of these values is a new version
 * of the packed form, not a mend.  Written out, so that no helper moves them.
 */
static void test_digest_stays_the_same(void)
{
    /* Computed by another program, from the words in fts_value.h. */
    static const char *const want[FTS_N_PARTS] = {
        "59cfc55058d50c86cdac3fa1b8e90b10", "df172fce93c3b39416bc4485eece24d8",
        "95f72b68155e039b20d9a90ff0fcbf08", "2a1474c2f65bfa76b8b8e8c5546d51ce",
        "2fb363b0ea716311012da73819ea55a0", "625121e5449daf0dd172ce7f568bfd91",
    };
    static const uint8_t set[16] = { 3, 32, 6, 0,   0, 0, 0, 0,
                                     0, 0,  0, 192, 0, 0, 0, 70 };
    g_autoptr(GByteArray) stream = g_byte_array_new();
    g_autofree char *longer = g_strnfill(500, 'l');
    struct fts_digest digest;

    fts_write_string(stream, 0x001A, 0x84E4, "IPM.Note", true);
    fts_write_string(stream, 0x0037, 0x001F, "é", true);
    fts_write_string(stream, 0x1000, 0x001F, longer, true);
    fts_write_boolean(stream, 0x0029, true);
    fts_write_i4(stream, 0x6123, 77);
    fts_write_named_id(stream, 0x0003, set, 0x8101);
    fts_write_u32(stream, 5);
    fts_write_named_name(stream, 0x101F, set, "Name");
    fts_write_u32(stream, 1);
    fts_write_value_string(stream, 0x101F, "v", false);
    fts_write_tag(stream, FTS_START_RECIP);
    fts_write_i4(stream, 0x0C15, 1);
    fts_write_tag(stream, FTS_END_TO_RECIP);
    fts_write_tag(stream, FTS_NEW_ATTACH);
    fts_write_binary(stream, 0x3701, "abc", 3);
    fts_write_tag(stream, FTS_START_EMBED);
    fts_write_tag(stream, FTS_END_EMBED);
    fts_write_tag(stream, FTS_END_ATTACH);
    digest = digest_of_stream(stream);
    for (unsigned int part = 0; part < FTS_N_PARTS; part++) {
        g_autoptr(GString) hex = g_string_new("");

        for (size_t i = 0; i < FTS_PART_BYTES; i++)
            g_string_append_printf(hex, "%02x", digest.part[part][i]);
        CHECK_ROW(hex->str, strcmp(hex->str, want[part]) == 0);
    }
}

int main(int argc, char **argv)
{
    static const struct {
        const char *path;
        void (*run)(void);
    } tests[] = {
        /* clang-format off */
        { "/fts/digest/server-changes-nothing", test_server_changes_nothing },
        { "/fts/digest/server-upon-server", test_server_upon_server },
        { "/fts/digest/cut-of-the-buffers", test_cut_of_the_buffers },
        { "/fts/digest/order-of-recipients", test_order_of_recipients },
        { "/fts/digest/each-rule", test_each_rule },
        { "/fts/digest/edits", test_edits_show_in_their_part },
        { "/fts/digest/bodies", test_bodies },
        { "/fts/digest/every-cut", test_every_cut_is_seen },
        { "/fts/digest/every-cut-of-one-buffer",
          test_every_cut_of_one_buffer_is_seen },
        { "/fts/digest/open-objects", test_open_objects_are_broken },
        { "/fts/digest/nothing-in-it", test_nothing_in_it },
        { "/fts/digest/unknown-shapes", test_unknown_shapes_lose_parts },
        { "/fts/digest/unknown-code-page",
          test_unknown_code_page_loses_its_part },
        { "/fts/digest/unknown-code-page-inside",
          test_unknown_code_page_deep_inside },
        { "/fts/digest/header-names", test_header_names_have_no_case },
        { "/fts/digest/unknown-record", test_unknown_record_loses_all },
        { "/fts/digest/depth", test_depth },
        { "/fts/digest/too-many-properties", test_too_many_properties },
        { "/fts/digest/many-small-objects", test_many_small_objects },
        { "/fts/digest/too-many-recipients", test_too_many_recipients },
        { "/fts/digest/memory-is-bounded", test_memory_is_bounded },
        { "/fts/digest/compare", test_compare },
        { "/fts/digest/pack", test_pack },
        { "/fts/digest/part-names", test_part_names },
        { "/fts/digest/stays-the-same", test_digest_stays_the_same },
        { "/fts/summary/full", test_summary },
        { "/fts/summary/nothing", test_summary_of_nothing },
        { "/fts/summary/top", test_summary_is_of_the_top },
        { "/fts/summary/sender", test_summary_sender },
        { "/fts/summary/texts", test_summary_texts },
        { "/fts/summary/partial", test_partial },
        { "/fts/summary/error-info", test_error_info_is_not_digested },
        /* clang-format on */
    };

    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++)
        g_test_add_func(tests[i].path, tests[i].run);
    return g_test_run();
}
