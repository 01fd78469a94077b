#include "fleet/flags.h"

#include <string.h>

#include "base/check.h"

/* The documented numbers, typed anew. */
static const struct {
    uint32_t bit;
    const char *name;
} documented[] = {
    { 1, "DoNotMigrateMail" },
    { 2, "DoNotMigrateCalendar" },
    { 4, "DoNotMigrateContact" },
    { 8, "DoNotMigrateTask" },
    { 16, "DoNotMigrateNote" },
    { 32, "DoNotMigrateJournal" },
    { 64, "DoNotMigrateRule" },
    { 256, "NotifySourceComplete" },
    { 512, "NotifySourceFailed" },
    { 1024, "NotifyDestinationComplete" },
    { 2048, "NotifyDestinationFailed" },
    { 4096, "AskSourceOwner" },
    { 8192, "AskDestinationOwner" },
    { 16384, "DoNotSearchDestinationForDuplicates" },
    { 32768, "DoNotRetryErrors" },
};

static void test_documented(void)
{
    g_autoptr(GString) names = g_string_new(NULL);
    uint32_t all = 0;

    for (size_t i = 0; i < G_N_ELEMENTS(documented); i++) {
        g_autofree char *number = g_strdup_printf("%u", documented[i].bit);
        struct flags_result by_name = flags_parse(documented[i].name);
        struct flags_result by_number = flags_parse(number);

        CHECK_ROW(documented[i].name, by_name.fault == FLAGS_OK);
        CHECK_ROW(documented[i].name, by_name.bits == documented[i].bit);
        CHECK_ROW(documented[i].name, by_number.fault == FLAGS_OK);
        CHECK_ROW(documented[i].name, by_number.bits == documented[i].bit);
        g_assert_cmpstr(flags_name((enum flags)documented[i].bit), ==,
                        documented[i].name);
        all |= documented[i].bit;
        g_string_append_printf(names, "%s%s", i > 0 ? "|" : "",
                               documented[i].name);
    }
    g_assert_cmpuint(flags_parse(names->str).bits, ==, all);
    g_assert_cmpuint(flags_known(), ==, all);
    g_assert_cmpstr(flag_table[G_N_ELEMENTS(documented)].name, ==, NULL);
}

static void test_parse(void)
{
    static const struct {
        const char *name, *text;
        enum flags_fault fault;
        uint32_t bits;
        uint64_t unknown;
    } rows[] = {
        { "nothing", "", FLAGS_OK, 0, 0 },
        { "blanks", " \t", FLAGS_OK, 0, 0 },
        { "none", "0", FLAGS_OK, 0, 0 },
        { "sum", "3", FLAGS_OK, 3, 0 },
        { "every one", "65407", FLAGS_OK, 65407, 0 },
        { "leading zeros", "0003", FLAGS_OK, 3, 0 },
        { "names", "DoNotMigrateMail|DoNotMigrateTask", FLAGS_OK, 9, 0 },
        { "any case, blanks", " donotmigratemail | DONOTMIGRATETASK ", FLAGS_OK,
          9, 0 },
        { "a name twice", "AskSourceOwner|AskSourceOwner", FLAGS_OK, 4096, 0 },
        { "name and number", "DoNotMigrateMail|8", FLAGS_OK, 9, 0 },
        { "the free bit", "128", FLAGS_UNKNOWN_BITS, 0, 128 },
        { "known and unknown", "129", FLAGS_UNKNOWN_BITS, 0, 128 },
        { "beyond the last", "65536", FLAGS_UNKNOWN_BITS, 0, 65536 },
        { "beyond 32 bits", "4294967297", FLAGS_UNKNOWN_BITS, 0,
          G_GUINT64_CONSTANT(4294967296) },
        { "too big", "99999999999999999999", FLAGS_UNKNOWN_BITS, 0,
          UINT64_MAX },
        { "negative", "-1", FLAGS_UNKNOWN_NAME, 0, 0 },
        { "hexadecimal", "0x10", FLAGS_UNKNOWN_NAME, 0, 0 },
        { "comma", "1,2", FLAGS_UNKNOWN_NAME, 0, 0 },
        { "no such name", "DoNotMigrateEverything", FLAGS_UNKNOWN_NAME, 0, 0 },
        { "nothing after the bar", "1|", FLAGS_UNKNOWN_NAME, 0, 0 },
        { "nothing before the bar", "|1", FLAGS_UNKNOWN_NAME, 0, 0 },
        { "nothing between bars", "1||2", FLAGS_UNKNOWN_NAME, 0, 0 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct flags_result r = flags_parse(rows[i].text);

        CHECK_ROW(rows[i].name, r.fault == rows[i].fault);
        if (r.fault == FLAGS_OK)
            CHECK_ROW(rows[i].name, r.bits == rows[i].bits);
        if (r.fault == FLAGS_UNKNOWN_BITS)
            CHECK_ROW(rows[i].name, r.unknown == rows[i].unknown);
    }
}

static void test_unknown_name(void)
{
    struct flags_result r = flags_parse("1| DoNotMigrateMial |2");

    g_assert_cmpint(r.fault, ==, FLAGS_UNKNOWN_NAME);
    g_assert_cmpuint(r.name_len, ==, strlen("DoNotMigrateMial"));
    g_assert_true(memcmp(r.name, "DoNotMigrateMial", r.name_len) == 0);
    g_assert_cmpstr(r.nearest, ==, "DoNotMigrateMail");
    g_assert_null(flags_parse("xyzzy").nearest);
}

static void test_skip_kinds(void)
{
    g_assert_cmpuint(flags_skip_kinds(0), ==, 0);
    g_assert_cmpuint(flags_skip_kinds(2 | 32), ==,
                     1u << KIND_CALENDAR | 1u << KIND_JOURNAL);
    /* Rules are no items; the service's flags leave nothing out. */
    g_assert_cmpuint(flags_skip_kinds(64 | 0xff00), ==, 0);
    g_assert_cmpuint(flags_skip_kinds(63), ==,
                     1u << KIND_MAIL | 1u << KIND_CALENDAR |
                         1u << KIND_CONTACT | 1u << KIND_TASK |
                         1u << KIND_NOTE | 1u << KIND_JOURNAL);
    g_assert_cmpstr(flags_name(flags_of_kind(KIND_TASK)), ==,
                    "DoNotMigrateTask");
    g_assert_cmpuint(flags_of_kind(KIND_OTHER), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/flags/documented", test_documented);
    g_test_add_func("/flags/parse", test_parse);
    g_test_add_func("/flags/unknown-name", test_unknown_name);
    g_test_add_func("/flags/skip-kinds", test_skip_kinds);
    return g_test_run();
}
