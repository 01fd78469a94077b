#include "desk/tag.h"

#include "base/check.h"

static void test_find(void)
{
    static const struct {
        const char *subject;
        int64_t want;
    } rows[] = {
        { "", 0 },
        { "Managed Migration Request", 0 },
        { "[MF-7] Managed Migration Request", 7 },
        { "AW: [list] [mf-1042] x", 1042 },
        { "[MF-1] [MF-2]", 1 },
        { "[MF-] [MF-x] [MF-3", 0 },
        { "[MF-0]", 0 },
        { "[MF--3]", 0 },
        { "[MF- 3]", 0 },
        { "[MF-99999999999999999999]", 0 },
        { "[[MF-5]]", 5 },
        { "[MF-5 ]", 0 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        CHECK_ROW(rows[i].subject, tag_find(rows[i].subject) == rows[i].want);
}

static void test_put(void)
{
    static const struct {
        int64_t request;
        const char *subject, *want;
    } rows[] = {
        { 7, "What is missing", "[MF-7] What is missing" },
        { 7, "Re: [MF-7] What is missing", "Re: [MF-7] What is missing" },
        { 7, "[MF-8] x", "[MF-7] [MF-8] x" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *got = tag_put(rows[i].request, rows[i].subject);

        g_assert_cmpstr(got, ==, rows[i].want);
        CHECK_ROW(rows[i].want, tag_find(got) == rows[i].request);
    }
}

static void test_strip(void)
{
    static const struct {
        const char *subject, *want;
    } rows[] = {
        { "Managed Migration Request ", "Managed Migration Request" },
        { "RE: Fwd: [MF-7] AW: Managed", "Managed" },
        { "Request", "Request" },
        { "Re:", "" },
        { "[other] x", "[other] x" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *got = tag_strip(rows[i].subject);

        g_assert_cmpstr(got, ==, rows[i].want);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/tag/find", test_find);
    g_test_add_func("/tag/put", test_put);
    g_test_add_func("/tag/strip", test_strip);
    return g_test_run();
}
