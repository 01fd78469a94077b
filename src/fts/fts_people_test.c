#include "fts/fts_people.h"

#include "base/check.h"
#include "fts/fts_build.h"
#include "fts/fts_write.h"

/* "dn=address " of each person that a stream names. */
static char *people_of(const GByteArray *stream)
{
    g_autofree char *text = fts_build_wrap(stream, 0);
    g_autoptr(blob) b = blob_from_bytes(text, strlen(text));
    g_auto(fts_summary) summary = { 0 };
    GString *out = g_string_new(NULL);
    struct fts_digest digest;
    struct err err;

    CHECK_OK(fts_digest_read(b, &digest, &summary, &err), &err);
    for (guint i = 0; summary.people != NULL && i < summary.people->len; i++) {
        const struct fts_person *p = summary.people->pdata[i];

        g_string_append_printf(out, "%s=%s ", p->dn,
                               p->address != NULL ? p->address : "?");
    }
    return g_string_free(out, FALSE);
}

struct text {
    uint16_t id;
    const char *text;
};

static void write_texts(GByteArray *stream, const struct text *texts)
{
    for (; texts->id != 0; texts++)
        fts_write_string(stream, texts->id, 0x001F, texts->text, true);
}

static void test_message(void)
{
    static const struct {
        const char *name;
        struct text in[6];
        const char *want;
    } rows[] = {
        { "sender",
          { { 0x0C1F, "/o=Old/cn=ann" }, { 0x5D01, "ann@old.example" } },
          "/o=Old/cn=ann=ann@old.example " },
        { "in any order",
          { { 0x5D01, "ann@old.example" }, { 0x0C1F, "/o=Old/cn=ann" } },
          "/o=Old/cn=ann=ann@old.example " },
        { "address not told",
          { { 0x0065, "/O=OLD/CN=ann" } },
          "/O=OLD/CN=ann=? " },
        { "each by its own",
          { { 0x0C1F, "/o=Old/cn=ann" },
            { 0x0065, "/o=Old/cn=bob" },
            { 0x5D02, "bob@old.example" } },
          "/o=Old/cn=ann=? /o=Old/cn=bob=bob@old.example " },
        { "once, whatever the case",
          { { 0x0C1F, "/o=Old/cn=ann" },
            { 0x0065, "/O=OLD/CN=ANN" },
            { 0x5D02, "ann@old.example" } },
          "/o=Old/cn=ann=ann@old.example " },
        { "receiver", { { 0x0076, "/o=Old/cn=me" } }, "/o=Old/cn=me=? " },
        { "umlaut and apostrophe",
          { { 0x0C1F, "/o=Größe/cn=O'Brien \"x\"" } },
          "/o=Größe/cn=O'Brien \"x\"=? " },
        { "a mail address is no name",
          { { 0x0C1F, "ann@old.example" }, { 0x5D01, "ann@old.example" } },
          "" },
        { "another path", { { 0x0C1F, "/usr/bin" } }, "" },
        { "no address",
          { { 0x0C1F, "/o=Old/cn=a" }, { 0x5D01, "ann" } },
          "/o=Old/cn=a=? " },
        { "in its mail form",
          { { 0x0C1F, "IMCEAEX-_o=Old_ou=A+20B_cn=a+2Eb@old.example" } },
          "/o=Old/ou=A B/cn=a.b=? " },
        { "its mail form is no address",
          { { 0x0C1F, "/o=Old/cn=ann" },
            { 0x5D01, "imceaex-_o=Old_cn=ann@old.example" } },
          "/o=Old/cn=ann=? " },
        { "a broken mail form",
          { { 0x0C1F, "IMCEAEX-_o=Old_cn=+00x@y" } },
          "" },
        { "another mail form", { { 0x0C1F, "IMCEAX400-_c=de@y" } }, "" },
        { "nobody", { { 0x0037, "/o=Old/cn=subject" } }, "" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GByteArray) stream = g_byte_array_new();
        g_autofree char *got = NULL;

        /* Where the organisation's names begin; whole names stand in it. */
        fts_write_string(stream, 0x4008, 0x84E4, "/O=OLD/OU=FIRST", true);
        write_texts(stream, rows[i].in);
        got = people_of(stream);
        CHECK_ROW(rows[i].name, strcmp(got, rows[i].want) == 0);
    }
}

static void write_named(GByteArray *stream, uint8_t set, uint32_t lid,
                        const char *text)
{
    const uint8_t guid[16] = { set,  0x20, 0x06, 0, 0, 0, 0, 0,
                               0xC0, 0,    0,    0, 0, 0, 0, 0x46 };

    fts_write_named_id(stream, 0x001F, guid, lid);
    fts_write_value_string(stream, 0x001F, text, true);
}

/* PidLidEmail1EmailAddress and its brothers, and what was shown of each. */
static void test_contact(void)
{
    enum { ADDRESS = 0x04, COMMON = 0x08 };
    static const struct {
        const char *name;
        struct {
            uint8_t set;
            uint32_t lid;
            const char *text;
        } in[4];
        const char *want;
    } rows[] = {
        { "from the directory",
          { { ADDRESS, 0x8082, "EX" },
            { ADDRESS, 0x8083, "/o=Old/cn=ann" },
            { ADDRESS, 0x8084, "ann@old.example" } },
          "/o=Old/cn=ann=ann@old.example " },
        { "each with its own",
          { { ADDRESS, 0x8084, "ann@old.example" },
            { ADDRESS, 0x8093, "/o=Old/cn=bob" },
            { ADDRESS, 0x80A3, "/o=Old/cn=carl" },
            { ADDRESS, 0x80A4, "carl@old.example" } },
          "/o=Old/cn=bob=? /o=Old/cn=carl=carl@old.example " },
        { "shown by a name",
          { { ADDRESS, 0x8083, "/o=Old/cn=ann" },
            { ADDRESS, 0x8084, "Ann (Sales)" } },
          "/o=Old/cn=ann=? " },
        { "by mail",
          { { ADDRESS, 0x8083, "ann@old.example" },
            { ADDRESS, 0x8084, "ann@old.example" } },
          "" },
        { "another set", { { COMMON, 0x8083, "/o=Old/cn=ann" } }, "" },
        { "another property", { { ADDRESS, 0x8085, "/o=Old/cn=ann" } }, "" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GByteArray) stream = g_byte_array_new();
        g_autofree char *got = NULL;

        for (size_t k = 0; k < 4 && rows[i].in[k].text != NULL; k++)
            write_named(stream, rows[i].in[k].set, rows[i].in[k].lid,
                        rows[i].in[k].text);
        got = people_of(stream);
        CHECK_ROW(rows[i].name, strcmp(got, rows[i].want) == 0);
    }
}

static void write_recipient(GByteArray *stream, const char *dn,
                            const char *address)
{
    fts_write_tag(stream, FTS_START_RECIP);
    fts_write_string(stream, 0x3003, 0x84E4, dn, true);
    if (address != NULL)
        fts_write_string(stream, 0x39FE, 0x001F, address, true);
    fts_write_tag(stream, FTS_END_TO_RECIP);
}

/* Each recipient's address is its own; those of an attached mail's are not. */
static void test_recipients(void)
{
    g_autoptr(GByteArray) stream = g_byte_array_new();
    g_autofree char *got = NULL;

    write_recipient(stream, "/o=Old/cn=ann", "ann@old.example");
    write_recipient(stream, "/o=Old/cn=bob", NULL);
    write_recipient(stream, "carl@other.example", "carl@other.example");
    fts_write_tag(stream, FTS_NEW_ATTACH);
    fts_write_string(stream, 0x3003, 0x001F, "/o=Old/cn=file", true);
    fts_write_tag(stream, FTS_START_EMBED);
    fts_write_string(stream, 0x0C1F, 0x001F, "/o=Old/cn=inner", true);
    write_recipient(stream, "/o=Old/cn=inner2", NULL);
    fts_write_tag(stream, FTS_END_EMBED);
    fts_write_tag(stream, FTS_END_ATTACH);
    got = people_of(stream);
    g_assert_cmpstr(got, ==, "/o=Old/cn=ann=ann@old.example /o=Old/cn=bob=? ");
}

static void test_limit(void)
{
    g_autoptr(GByteArray) stream = g_byte_array_new();
    g_autofree char *got = NULL;
    g_auto(GStrv) each = NULL;

    for (int i = 0; i < FTS_PEOPLE_MAX + 10; i++) {
        g_autofree char *dn = g_strdup_printf("/o=Old/cn=%d", i);

        write_recipient(stream, dn, NULL);
    }
    got = people_of(stream);
    each = g_strsplit(got, " ", -1);
    g_assert_cmpuint(g_strv_length(each), ==, FTS_PEOPLE_MAX + 1);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/fts/people/message", test_message);
    g_test_add_func("/fts/people/contact", test_contact);
    g_test_add_func("/fts/people/recipients", test_recipients);
    g_test_add_func("/fts/people/limit", test_limit);
    return g_test_run();
}
