#include "lab/alternate.h"

#include "base/check.h"

/* Entry ids as [MS-OXCDATA] 2.2.4 lays them out, of one byte each. */
static void fill_entry(struct alternate *id, size_t len, uint8_t byte)
{
    *id = (struct alternate){ .entry_len = len };
    memset(id->entry + 4, byte, len - 4);
}

static void test_names(void)
{
    enum alternate_format format = ALTERNATE_EWS;

    for (int i = 0; i < N_ALTERNATE; i++) {
        const char *name = alternate_format_name((enum alternate_format)i);

        g_assert_cmpint(alternate_format_find(name, &format), ==, 0);
        g_assert_cmpint(format, ==, i);
    }
    g_assert_cmpint(alternate_format_find("ewsid", &format), ==, -1);
    g_assert_cmpint(alternate_format_find("", &format), ==, -1);
}

/* Every form, of folder and item, and back. */
static void test_there_and_back(void)
{
    static const size_t lengths[] = { 46, 70 };

    for (size_t i = 0; i < G_N_ELEMENTS(lengths); i++)
        for (int f = 0; f < N_ALTERNATE; f++) {
            const char *owner = f == ALTERNATE_EWS ? "6c9e2ea8" : "a@b.example";
            struct alternate id, back = { 0 };
            g_autofree char *text = NULL;

            fill_entry(&id, lengths[i], 0xA5);
            text = alternate_format((enum alternate_format)f, &id, owner);
            CHECK_ROW(text, alternate_parse((enum alternate_format)f, text,
                                            &back) == 0);
            g_assert_cmpuint(back.entry_len, ==, id.entry_len);
            g_assert_true(memcmp(id.entry, back.entry, id.entry_len) == 0);
            g_assert_false(back.public_folder);
            g_assert_cmpstr(back.mailbox, ==, f <= ALTERNATE_EWS ? owner : "");
        }
}

static void test_public_folders(void)
{
    static const struct {
        size_t len;
        uint8_t kind;
    } rows[] = { { 46, 1 }, { 70, 2 } };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct alternate id, back;
        g_autofree char *text = NULL;
        g_autofree uint8_t *raw = NULL;
        gsize n = 0;

        fill_entry(&id, rows[i].len, 7);
        id.public_folder = true;
        text = alternate_format(ALTERNATE_EWS, &id, "");
        raw = g_base64_decode(text, &n);
        g_assert_cmpint(raw[1], ==, rows[i].kind);
        g_assert_cmpint(alternate_parse(ALTERNATE_EWS, text, &back), ==, 0);
        g_assert_true(back.public_folder);
    }
}

/* As others write them: known bytes, known text. */
static void test_written(void)
{
    struct alternate id;
    g_autofree char *hex = NULL, *owa = NULL, *plain = NULL;

    fill_entry(&id, 46, 0xFB);
    hex = alternate_format(ALTERNATE_HEX_ENTRY, &id, "");
    g_assert_true(g_str_has_prefix(hex, "00000000FBFB"));
    g_assert_cmpuint(strlen(hex), ==, 92);
    /* 0x2E is the length of a folder's entry id: "LgAAAA" on real servers */
    owa = alternate_format(ALTERNATE_OWA, &id, "");
    g_assert_true(g_str_has_prefix(owa, "LgAAAA"));
    g_assert_null(strpbrk(owa, "+/="));
    plain = alternate_format(ALTERNATE_ENTRY, &id, "");
    g_assert_true(g_str_has_prefix(plain, "AAAAAP"));
}

static void test_no_ids(void)
{
    g_autofree char *endless = g_strnfill(5000, 'A');
    struct {
        const char *name;
        enum alternate_format format;
        const char *text;
    } rows[] = {
        { "empty", ALTERNATE_EWS, "" },
        { "empty hex", ALTERNATE_HEX_ENTRY, "" },
        { "odd hex", ALTERNATE_HEX_ENTRY, "000" },
        { "no hex", ALTERNATE_HEX_ENTRY, "zz" },
        { "short", ALTERNATE_ENTRY, "AAAA" },
        { "not base64", ALTERNATE_ENTRY, "DUMMY" },
        { "half an id", ALTERNATE_EWS, "AAMkAA==" },
        { "compressed", ALTERNATE_EWS, "AQMkAA==" },
        { "unknown kind", ALTERNATE_EWS, "AAkkAA==" },
        { "owa", ALTERNATE_OWA, "LgAAAA%3D%3D" },
        { "bad escape", ALTERNATE_OWA, "%zz" },
        { "endless", ALTERNATE_EWS, endless },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct alternate id;

        CHECK_ROW(rows[i].name,
                  alternate_parse(rows[i].format, rows[i].text, &id) < 0);
    }
}

/* Cut or longer anywhere: nothing is read beyond, and nothing is taken. */
static void test_cut_anywhere(void)
{
    struct alternate id, back;
    g_autofree char *text = NULL;
    g_autofree uint8_t *raw = NULL;
    gsize n = 0;

    fill_entry(&id, 70, 3);
    text = alternate_format(ALTERNATE_EWS, &id, "moniker");
    raw = g_base64_decode(text, &n);
    for (gsize i = 0; i < n; i++) {
        g_autofree char *cut = g_base64_encode(raw, i);

        g_assert_cmpint(alternate_parse(ALTERNATE_EWS, cut, &back), ==, -1);
    }
}

/* Flags that say "for this session only" are not what a store keeps. */
static void test_short_term(void)
{
    struct alternate id, back;
    g_autofree char *text = NULL;

    fill_entry(&id, 46, 1);
    id.entry[0] = 1;
    text = alternate_format(ALTERNATE_ENTRY, &id, "");
    g_assert_cmpint(alternate_parse(ALTERNATE_ENTRY, text, &back), ==, -1);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/alternate/names", test_names);
    g_test_add_func("/alternate/there-and-back", test_there_and_back);
    g_test_add_func("/alternate/public-folders", test_public_folders);
    g_test_add_func("/alternate/written", test_written);
    g_test_add_func("/alternate/no-ids", test_no_ids);
    g_test_add_func("/alternate/cut-anywhere", test_cut_anywhere);
    g_test_add_func("/alternate/short-term", test_short_term);
    return g_test_run();
}
