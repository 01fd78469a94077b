#include "xml/reader.h"

#include <string.h>

#include "base/check.h"
#include "base/spool.h"
#include "xml/reader_oracle.h"

static const char *const payload_names[] = { "Data", "MimeContent", NULL };

struct fixture {
    struct blob_pool *pool;
    struct xml_reader_config config;
};

static struct fixture *fixture_new(void)
{
    struct fixture *f = g_new0(struct fixture, 1);

    f->pool = blob_pool_new(1 << 20, NULL);
    f->config = (struct xml_reader_config){ .payloads = payload_names,
                                            .pool = f->pool };
    return f;
}

static void fixture_free(struct fixture *f)
{
    blob_pool_free(f->pool);
    g_free(f);
}
typedef struct fixture fixture;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(fixture, fixture_free)

/*
 * Read a document in pieces whose sizes come from next(); NULL with *err when
 * it is refused.
 */
typedef size_t next_size(GRand *rand);

static struct xml_doc *read_cut(const struct xml_reader_config *config,
                                const char *text, size_t n, next_size *next,
                                GRand *rand, struct err *err)
{
    g_autoptr(xml_reader) r = xml_reader_new(config);
    struct xml_doc *doc = NULL;

    while (n > 0) {
        size_t piece = next(rand);

        piece = MIN(n, piece);
        if (xml_reader_feed(r, text, piece, err) < 0)
            return NULL;
        text += piece;
        n -= piece;
    }
    return xml_reader_finish(r, &doc, err) == 0 ? doc : NULL;
}

static size_t whole(GRand *rand)
{
    (void)rand;
    return SIZE_MAX;
}

static size_t one(GRand *rand)
{
    (void)rand;
    return 1;
}

static size_t any(GRand *rand)
{
    return (size_t)g_rand_int_range(rand, 1, 40);
}

static struct xml_doc *read_text(const struct fixture *f, const char *text,
                                 struct err *err)
{
    return read_cut(&f->config, text, strlen(text), whole, NULL, err);
}

/* Every way of cutting gives what libxml2 makes of the whole. */
static void check_like_oracle(const struct fixture *f, const char *name,
                              const char *text, size_t n)
{
    static next_size *const ways[] = { whole, one, any, any, any };
    g_autofree char *want = oracle_dump_text(text, n, payload_names);
    g_autoptr(GRand) rand = g_rand_new_with_seed(7);

    CHECK_ROW(name, want != NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(ways); i++) {
        struct err err = { 0 };
        g_autoptr(xml_doc) doc =
            read_cut(&f->config, text, n, ways[i], rand, &err);
        g_autofree char *got = NULL;

        if (doc == NULL)
            g_error("row \"%s\": %s", name, err.msg);
        got = oracle_dump_doc(doc);
        g_assert_cmpstr(got, ==, want);
    }
}

static void test_reads_what_libxml2_reads(void)
{
    static const struct {
        const char *name, *text;
    } rows[] = {
        { "smallest", "<a/>" },
        { "declaration", "<?xml version=\"1.0\" encoding=\"utf-8\"?><a>x</a>" },
        { "byte order mark", "\xef\xbb\xbf<a>x</a>" },
        { "white space around", "<a/>\r\n  " },
        { "payload", "<e><Data>QUJD</Data></e>" },
        { "payload with prefix", "<e xmlns:m='u'><m:Data>QUJD</m:Data></e>" },
        { "payload broken into lines",
          "<e><Data>\r\nQUJD\r\n REVG\n</Data></e>" },
        { "payload with attributes",
          "<e><MimeContent CharacterSet=\"UTF-8\">QQ==</MimeContent></e>" },
        { "empty payload", "<e><Data></Data></e>" },
        { "payload element without an end tag", "<e><Data/><Data />x</e>" },
        { "end tag with space", "<e><Data>QUJD</Data\n></e>" },
        { "two payloads and text between",
          "<e>1<Data>QQ==</Data>2<Data>Qg==</Data>3</e>" },
        { "payload name as text, attribute, comment",
          "<e a='&lt;Data>'>&lt;Data><!-- <Data>?</Data> -->"
          "<![CDATA[<Data>!</Data>]]></e>" },
        { "a longer name is no payload", "<e><DataX>&amp;</DataX></e>" },
        { "a shorter name is no payload", "<e><Dat>?</Dat></e>" },
        { "greater-than in an attribute", "<e a='1>2' b=\"'>\">x</e>" },
        { "entities", "<e a='&lt;&#65;&quot;'>&amp;&#x42;&gt;&apos;</e>" },
        { "comment of dashes", "<e><!-- - - > -->x</e>" },
        { "section of brackets", "<e><![CDATA[]]]]><![CDATA[>]]></e>" },
        { "section of markup and line ends",
          "<e>a<![CDATA[<b>&amp;\r\n\r]x]]>b<![CDATA[]]></e>" },
        { "instruction", "<e><?a b>c?>x</e>" },
        { "not ASCII", "<e a='\xc3\xa4'>\xe2\x82\xac\xf0\x9f\x98\x80</e>" },
        { "declared as something else",
          "<?xml version='1.0' encoding='iso-8859-1'?><e>\xc3\xa4</e>" },
    };
    g_autoptr(fixture) f = fixture_new();

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        check_like_oracle(f, rows[i].name, rows[i].text, strlen(rows[i].text));
}

/* Larger than the piece that the parser is given at a time. */
static void test_large(void)
{
    g_autoptr(fixture) f = fixture_new();
    g_autoptr(GString) s = g_string_new("<e>");

    for (int i = 0; i < 3000; i++)
        g_string_append_printf(s,
                               "<t:i n='%d \xc3\xa4'>\xe2\x82\xac %d &amp;"
                               "<Data>QUJD%04d</Data></t:i>",
                               i, i, i);
    g_string_append(s, "</e>");
    g_string_replace(s, "<e>", "<e xmlns:t='u'>", 1);
    f->config.payloads_max = 3000;
    check_like_oracle(f, "3000 elements", s->str, s->len);
}

/* One element of a random document, to that depth. */
static void add_random(GString *s, GRand *rand, int depth)
{
    static const char *const bits[] = {
        "text ",
        "&amp;",
        "&#65;",
        "\xc3\xa4",
        "<!-- <Data> -->",
        "<e a='1>2'/>",
        "<![CDATA[<x>&]]>",
        "<Data>QUJD\r\n</Data>",
        "<m:Data>QQ==</m:Data>",
        "<?p i?>",
        "<Data/>",
        "\n\t",
        "\xe2\x82\xac\xf0\x9f\x98\x80",
    };
    int n = g_rand_int_range(rand, 0, 8);

    for (int i = 0; i < n; i++) {
        if (depth > 0 && g_rand_int_range(rand, 0, 3) == 0) {
            g_string_append(s, "<t:n q=\"'&lt;\">");
            add_random(s, rand, depth - 1);
            g_string_append(s, "</t:n >");
        } else {
            g_string_append(
                s, bits[g_rand_int_range(rand, 0, G_N_ELEMENTS(bits))]);
        }
    }
}

/* Any document, cut anywhere, is what libxml2 makes of the whole of it. */
static void test_any_document(void)
{
    g_autoptr(fixture) f = fixture_new();
    g_autoptr(GRand) rand = g_rand_new_with_seed(11);

    for (int i = 0; i < 400; i++) {
        g_autoptr(GString) s = g_string_new("<r xmlns:t='t' xmlns:m='m'>");
        g_autofree char *name = g_strdup_printf("document %d", i);

        add_random(s, rand, 5);
        g_string_append(s, "</r>");
        check_like_oracle(f, name, s->str, s->len);
    }
}

static void test_payload_reaches_the_blob(void)
{
    g_autoptr(fixture) f = fixture_new();
    const size_t size = 3 << 20;
    g_autofree char *mega = g_strnfill(size, 'A');
    g_autofree char *text = g_strdup_printf("<e><Data>%s</Data></e>", mega);
    g_autofree char *back = g_malloc(size);
    struct err err = { 0 };
    g_autoptr(xml_doc) doc = read_text(f, text, &err);
    g_autoptr(blob) payload = NULL;

    g_assert_nonnull(doc);
    payload = xml_take_payload(doc, xml_find(xml_root(doc), "Data"));
    g_assert_nonnull(payload);
    g_assert_cmpuint(blob_size(payload), ==, size);
    g_assert_cmpint(blob_read_at(payload, 0, back, size, &err), ==,
                    (ssize_t)size);
    g_assert_true(memcmp(back, mega, size) == 0);

    /* It is taken once; an element that is no payload has none. */
    g_assert_null(xml_take_payload(doc, xml_find(xml_root(doc), "Data")));
    g_assert_null(xml_take_payload(doc, xml_root(doc)));
}

/* EWS-QUIRKS 2: what a strict parser refuses becomes U+FFFD. */
static void test_forbidden_references(void)
{
    static const struct {
        const char *name, *text, *want;
    } rows[] = {
        { "hexadecimal", "<e>a&#x1F;b</e>",
          "a\xef\xbf\xbd"
          "b" },
        { "decimal", "<e>a&#3;b</e>",
          "a\xef\xbf\xbd"
          "b" },
        { "half of a pair", "<e>&#xD83D;</e>", "\xef\xbf\xbd" },
        { "past the last", "<e>&#x110000;</e>", "\xef\xbf\xbd" },
        { "allowed ones stay", "<e>&#x9;&#65;&#x1F600;</e>",
          "\tA\xf0\x9f\x98\x80" },
    };
    g_autoptr(fixture) f = fixture_new();

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct err err = { 0 };
        g_autoptr(xml_doc) doc = read_text(f, rows[i].text, &err);
        g_autoptr(xml_doc) cut = read_cut(
            &f->config, rows[i].text, strlen(rows[i].text), one, NULL, &err);

        CHECK_ROW(rows[i].name, doc != NULL && cut != NULL);
        g_assert_cmpstr(xml_text(xml_root(doc)), ==, rows[i].want);
        g_assert_cmpstr(xml_text(xml_root(cut)), ==, rows[i].want);
    }
}

static void test_forbidden_reference_in_attribute(void)
{
    g_autoptr(fixture) f = fixture_new();
    struct err err = { 0 };
    g_autoptr(xml_doc) doc = read_text(f, "<e a='x&#2;y'/>", &err);

    g_assert_nonnull(doc);
    g_assert_cmpstr(xml_attr(xml_root(doc), "a"), ==,
                    "x\xef\xbf\xbd"
                    "y");
}

static void test_refused(void)
{
    static const struct {
        const char *name, *text, *want; /* part of the message */
    } rows[] = {
        { "nothing", "", "is empty" },
        { "blank", "  ", "not well-formed" },
        { "text", "Service Unavailable", "not well-formed" },
        { "document type", "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>",
          "document type" },
        { "lower-case document type", "<!doctype html><html/>",
          "document type" },
        { "unknown entity", "<a>&nbsp;</a>", "nbsp" },
        { "breaks off in an element", "<a><b>", "breaks off" },
        { "breaks off in a tag", "<a><b", "breaks off" },
        { "breaks off in a payload", "<a><Data>QUJ", "breaks off" },
        { "breaks off in a reference", "<a>&am", "breaks off" },
        { "end tags crossed", "<a><b></a></b>", "not well-formed" },
        { "prefix that stands for nothing", "<a><m:b/></a>", "prefix m" },
        { "second root", "<a/><b/>", "not well-formed" },
        { "element in a payload", "<a><Data>QQ<b/></Data></a>",
          "markup stands inside" },
        { "section in a payload", "<a><Data><![CDATA[QQ==]]></Data></a>",
          "markup stands inside" },
        { "payload closed by another", "<a><Data>QQ==</a></Data>",
          "markup stands inside" },
        { "payload closed by a longer name", "<a><Data>QQ==</DataX></a>",
          "markup stands inside" },
        { "reference in a payload", "<a><Data>QQ&#61;=</Data></a>",
          "0x26 that is not base64" },
        { "minus in a payload", "<a><Data>QUJDQUJDQUJDQUJDQUJD-A</Data></a>",
          "0x2d that is not base64" },
        { "high byte in a payload", "<a><Data>QUJD\xc3\xa4</Data></a>",
          "0xc3 that is not base64" },
        { "bad UTF-8", "<a>\xff\xfe</a>", "not well-formed" },
        { "bad UTF-8 in a section", "<a><![CDATA[\xc1\x8f]]></a>",
          "not well-formed" },
        { "Latin-1", "<a>caf\xe9</a>", "not well-formed" },
        { "half a byte order mark", "\xef\xbb<a/>", "byte order mark" },
    };
    g_autoptr(fixture) f = fixture_new();

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct err err = { 0 };
        g_autoptr(xml_doc) doc = read_text(f, rows[i].text, &err);

        CHECK_ROW(rows[i].name, doc == NULL);
        if (strstr(err.msg, rows[i].want) == NULL)
            g_error("row \"%s\": %s", rows[i].name, err.msg);
    }
}

static void test_other_encodings_are_refused(void)
{
    static const struct {
        const char *name;
        const char bytes[28];
        size_t n;
    } rows[] = {
        { "UTF-16LE", "<\0a\0/\0>\0", 8 },
        { "UTF-16LE, marked", "\xff\xfe<\0a\0/\0>\0", 10 },
        { "UTF-16BE", "\0<\0a\0/\0>", 8 },
        { "UTF-32LE", "<\0\0\0a\0\0\0/\0\0", 11 },
        /* <?xml version="1.0"?><a/> */
        { "EBCDIC",
          "\x4c\x6f\xa7\x94\x93\x40\xa5\x85\x99\xa2\x89\x96\x95\x7e\x7f\xf1"
          "\x4b\xf0\x7f\x6f\x6e\x4c\x81\x61\x6e",
          25 },
    };
    g_autoptr(fixture) f = fixture_new();

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct err err = { 0 };
        g_autoptr(xml_doc) doc =
            read_cut(&f->config, rows[i].bytes, rows[i].n, whole, NULL, &err);

        CHECK_ROW(rows[i].name, doc == NULL);
    }
}

/* Each limit lets through what is on it and refuses one more. */
static void test_limits(void)
{
    static const struct {
        const char *name, *text;
        struct xml_reader_config fits, tight;
        const char *want;
    } rows[] = {
        { "depth",
          "<a><b><c/><c></c></b></a>",
          { .depth_max = 3 },
          { .depth_max = 2 },
          "2 deep" },
        /* a, its attribute, b, the end of b, the comment, the end of a */
        { "nodes",
          "<a x='1'><b></b><!----></a>",
          { .nodes_max = 6 },
          { .nodes_max = 5 },
          "5 nodes" },
        { "text",
          "<a>12345</a>",
          { .text_max_bytes = 12 },
          { .text_max_bytes = 11 },
          "larger than 11 bytes" },
        { "payload",
          "<a><Data>QUJD</Data></a>",
          { .payload_max_bytes = 4 },
          { .payload_max_bytes = 3 },
          "payload is larger than 3 bytes" },
        { "payloads",
          "<a><Data/><Data/></a>",
          { .payloads_max = 2 },
          { .payloads_max = 1 },
          "more than 1 payloads" },
    };
    g_autoptr(blob_pool) pool = blob_pool_new(1 << 20, NULL);

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct xml_reader_config fits = rows[i].fits, tight = rows[i].tight;
        struct err err = { 0 };
        g_autoptr(xml_doc) doc = NULL;

        fits.pool = tight.pool = pool;
        fits.payloads = tight.payloads = payload_names;
        doc = read_cut(&fits, rows[i].text, strlen(rows[i].text), whole, NULL,
                       &err);
        CHECK_ROW(rows[i].name, doc != NULL);
        CHECK_ROW(rows[i].name,
                  read_cut(&tight, rows[i].text, strlen(rows[i].text), whole,
                           NULL, &err) == NULL);
        CHECK_ROW(rows[i].name, strstr(err.msg, rows[i].want) != NULL);
    }
}

static void test_long_names(void)
{
    g_autoptr(fixture) f = fixture_new();
    g_autofree char *name = g_strnfill(201, 'n');
    g_autofree char *text = g_strdup_printf("<%s/>", name);
    struct err err = { 0 };

    g_assert_null(read_text(f, text, &err));
    g_assert_nonnull(strstr(err.msg, "name is too long"));
    g_assert_true(text[1] == 'n');
    text[1] = '<';
    {
        g_autoptr(xml_doc) doc = read_text(f, text + 1, &err);

        g_assert_nonnull(doc); /* one shorter is fine */
    }
}

/* A disk that is full is no fault of the document's. */
static void test_spool_failure_is_told(void)
{
    g_autoptr(blob_pool) pool = blob_pool_new(0, "/nonexistent/folder");
    struct xml_reader_config config = { .payloads = payload_names,
                                        .pool = pool };
    static const char text[] = "<a><Data>QUJD</Data></a>";
    struct err err = { 0 };

    g_assert_null(read_cut(&config, text, strlen(text), whole, NULL, &err));
    g_assert_true(spool_is_at_fault(&err));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/reader/like-libxml2", test_reads_what_libxml2_reads);
    g_test_add_func("/reader/large", test_large);
    g_test_add_func("/reader/any-document", test_any_document);
    g_test_add_func("/reader/payload", test_payload_reaches_the_blob);
    g_test_add_func("/reader/forbidden-references", test_forbidden_references);
    g_test_add_func("/reader/forbidden-reference-in-attribute",
                    test_forbidden_reference_in_attribute);
    g_test_add_func("/reader/refused", test_refused);
    g_test_add_func("/reader/other-encodings",
                    test_other_encodings_are_refused);
    g_test_add_func("/reader/limits", test_limits);
    g_test_add_func("/reader/long-names", test_long_names);
    g_test_add_func("/reader/spool-failure", test_spool_failure_is_told);
    return g_test_run();
}
