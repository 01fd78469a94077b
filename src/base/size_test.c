#include "base/check.h"
#include "base/size.h"

static void test_units(void)
{
    static const struct {
        uint64_t bytes;
        const char *text;
    } rows[] = {
        { 0, "0 bytes" },
        { 1, "1 byte" },
        { 999, "999 bytes" },
        { 1000, "1 KB" },
        { 50331648, "50.3 MB" },
        { 999499, "999 KB" },
        { 999500, "1.0 MB" },
        { 999949999, "999.9 MB" },
        { 999999999, "1.0 GB" },
        { UINT64_C(1234567890123), "1.2 TB" },
        { UINT64_MAX, "18446744.1 TB" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *text = size_text(rows[i].bytes);

        CHECK_ROW(rows[i].text, g_strcmp0(text, rows[i].text) == 0);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/size/units", test_units);
    return g_test_run();
}
