#include "fts/fts.h"

#include "fts/check.h"
#include "fts/fts_priv.h"
#include "fts/fts_rule.h"
#include "fts/fts_write.h"

/* ---- what must not matter -------------------------------------------- */

static void test_server_changes_nothing(void)
{
    struct fts_message plain = { .subject = "s", .body = "b" };
    const struct fts_message *const items[] = { &fts_build_specimen, &plain };

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
    g_autofree char *text = fts_build(&fts_build_specimen);
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
    g_autoptr(GByteArray) stream = fts_build_stream(&fts_build_specimen);
    struct fts_digest want = digest_of_stream(stream);

    for (size_t buffer = 1; buffer < stream->len + 2; buffer += 13) {
        g_autofree char *text = fts_build_wrap(stream, buffer);
        struct fts_digest got = digest_of(text);

        g_assert_cmpint(fts_digest_compare(&want, &got, NULL), ==, FTS_EQUAL);
    }
}

static void test_order_of_recipients(void)
{
    struct fts_build_recipient swapped[] = { fts_build_specimen.recipients[1],
                                             fts_build_specimen.recipients[0] };
    struct fts_message other = fts_build_specimen;
    g_autofree char *a = fts_build(&fts_build_specimen), *b = NULL;
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
        /* bit 3: of the flags one that is the item's own */
        write_in_place(stream, place, id, i << 3);
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

/* The specimen with everything that it points to, to be edited. */
struct copy {
    struct fts_message item, embedded;
    struct fts_build_recipient recipients[3];
    struct fts_build_attachment attachments[2];
};

static void copy_init(struct copy *c)
{
    const struct fts_message *from = &fts_build_specimen;

    g_assert_cmpuint(from->n_recipients, ==, 2);
    g_assert_cmpuint(from->n_attachments, ==, 2);
    *c = (struct copy){
        .item = *from,
        .embedded = *from->attachments[1].embedded,
        .recipients = { from->recipients[0], from->recipients[1] },
        .attachments = { from->attachments[0], from->attachments[1] },
    };
    c->attachments[1].embedded = &c->embedded;
    c->item.recipients = c->recipients;
    c->item.attachments = c->attachments;
}

static void edit_subject(struct copy *c)
{
    c->item.subject = "Grüsse";
}

static void edit_class(struct copy *c)
{
    c->item.item_class = "IPM.Note.SMIME";
}

static void edit_read(struct copy *c)
{
    c->item.read = false;
}

static void edit_received(struct copy *c)
{
    c->item.received_us += 1;
}

static void edit_body(struct copy *c)
{
    c->item.html = "<p>richer</p>";
}

/* The HTML is the original: the plain text is made of it. */
static void edit_derived_body(struct copy *c)
{
    c->item.body = "another";
}

static void edit_category(struct copy *c)
{
    c->item.category = "Blau";
}

static void edit_task(struct copy *c)
{
    c->item.task_status = 3;
}

static void drop_recipient(struct copy *c)
{
    c->item.n_recipients = 1;
}

static void edit_recipient(struct copy *c)
{
    c->recipients[1].type = 3;
}

static void double_recipient(struct copy *c)
{
    c->recipients[2] = c->recipients[1];
    c->item.n_recipients = 3;
}

static void drop_attachment(struct copy *c)
{
    c->item.n_attachments = 1;
}

static void edit_attachment(struct copy *c)
{
    c->attachments[0].data = "012345678X";
}

static void edit_embedded(struct copy *c)
{
    c->embedded.body = "inner Body";
}

static void edit_sender(struct copy *c)
{
    c->item.sender_address = "ann@example.org";
}

static void edit_keys(struct copy *c)
{
    c->item.search_key = "k2";
}

static void test_edits_show_in_their_part(void)
{
    static const struct {
        const char *name;
        void (*edit)(struct copy *c);
        unsigned int want;
    } rows[] = {
        { "subject", edit_subject, 1u << FTS_ENVELOPE },
        { "class", edit_class, 1u << FTS_ENVELOPE },
        { "read mark", edit_read, 0 }, /* a mark is no content */
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
    g_autofree char *before = fts_build(&fts_build_specimen);
    struct fts_digest x = digest_of(before);

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct copy c;
        g_autofree char *after = NULL, *stored = NULL;
        struct fts_digest y;

        copy_init(&c);
        rows[i].edit(&c);
        after = fts_build(&c.item);
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

/* ---- the vector ------------------------------------------------------ */

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
    g_autofree char *text = fts_build(&fts_build_specimen);
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
        { "/fts/digest/header-names", test_header_names_have_no_case },
        { "/fts/digest/compare", test_compare },
        { "/fts/digest/pack", test_pack },
        { "/fts/digest/part-names", test_part_names },
        { "/fts/digest/stays-the-same", test_digest_stays_the_same },
        /* clang-format on */
    };

    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++)
        g_test_add_func(tests[i].path, tests[i].run);
    return g_test_run();
}
