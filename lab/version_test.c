#include "lab/version.h"

#include "base/check.h"

static void test_find(void)
{
    static const struct {
        const char *name;
        enum release want;
    } rows[] = {
        { "Exchange2007_SP1", EXCHANGE2007_SP1 },
        { "2007_SP1", EXCHANGE2007_SP1 },
        { "2010_sp1", EXCHANGE2010_SP1 },
        { "2016", EXCHANGE2016 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        CHECK_ROW(rows[i].name,
                  version_find(rows[i].name) == version_of(rows[i].want));
    g_assert_null(version_find("2003"));
    g_assert_null(version_find(""));
    g_assert_null(version_find("Exchange"));
}

static void test_requested(void)
{
    static const struct {
        const char *name;
        enum release server;
        const char *asked;
        enum release want; /* N_RELEASES: refused */
    } rows[] = {
        { "no header", EXCHANGE2016, NULL, EXCHANGE2007_SP1 },
        { "first release", EXCHANGE2010, "Exchange2007", EXCHANGE2007_SP1 },
        { "its own", EXCHANGE2013, "Exchange2013", EXCHANGE2013 },
        { "an older one", EXCHANGE2016, "Exchange2010_SP1", EXCHANGE2010_SP1 },
        { "a newer one", EXCHANGE2010_SP1, "Exchange2010_SP2", N_RELEASES },
        { "2013 of 2007", EXCHANGE2007_SP1, "Exchange2013", N_RELEASES },
        { "2015 of 2013", EXCHANGE2013_SP1, "Exchange2015", N_RELEASES },
        { "2015 of 2016", EXCHANGE2016, "Exchange2015", EXCHANGE2016 },
        { "other case", EXCHANGE2016, "exchange2010", N_RELEASES },
        { "nonsense", EXCHANGE2016, "Exchange2099", N_RELEASES },
        { "empty", EXCHANGE2016, "", N_RELEASES },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        enum release got = N_RELEASES;
        bool ok =
            version_requested(version_of(rows[i].server), rows[i].asked, &got);

        CHECK_ROW(rows[i].name, ok == (rows[i].want != N_RELEASES));
        CHECK_ROW(rows[i].name, got == rows[i].want);
    }
}

static void test_order(void)
{
    /* clients decide by major and minor: they must never go back */
    for (int i = 1; i < N_RELEASES; i++) {
        const struct version *a = version_of((enum release)(i - 1));
        const struct version *b = version_of((enum release)i);

        g_assert_cmpint((int)b->release, ==, i);
        g_assert_cmpuint(a->major * 100 + a->minor, <=,
                         b->major * 100 + b->minor);
        g_assert_cmpuint(a->request_bytes_max, <=, b->request_bytes_max);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/version/find", test_find);
    g_test_add_func("/version/requested", test_requested);
    g_test_add_func("/version/order", test_order);
    return g_test_run();
}
