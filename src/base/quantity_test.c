#include "base/quantity.h"

#include <string.h>

#include "base/check.h"

static void test_quantity(void)
{
    static const struct {
        const char *text;
        enum quantity_kind kind;
        uint64_t min, max, want;
        const char *fault; /* NULL: none */
    } rows[] = {
        /* clang-format off */
        { "0", QUANTITY_NUMBER, 0, 0, 0, NULL },
        { "4294967295", QUANTITY_NUMBER, 0, 0, 4294967295, NULL },
        { "4294967296", QUANTITY_NUMBER, 0, 0, 0, "\"4294967296\" is not a whole number of at least 0" },
        { "18446744073709551616", QUANTITY_NUMBER, 1, 9, 0, "\"18446744073709551616\" is not a whole number from 1 to 9" },
        { "-1", QUANTITY_NUMBER, 1, 9, 0, "\"-1\" is not a whole number from 1 to 9" },
        { "5 ", QUANTITY_NUMBER, 1, 9, 0, "\"5 \" is not a whole number from 1 to 9" },
        { "", QUANTITY_NUMBER, 1, 9, 0, "\"\" is not a whole number from 1 to 9" },
        { "8M", QUANTITY_BYTES, 0, 0, 8000000, NULL },
        { "8MiB", QUANTITY_BYTES, 0, 0, 8 << 20, NULL },
        { "8m", QUANTITY_BYTES, 0, 0, 0, "\"8m\" is not a size such as 500k, 8M or 2Gi" },
        { "1.5", QUANTITY_BYTES, 0, 0, 0, "\"1.5\" is not a size such as 500k, 8M or 2Gi" },
        { "99999999999G", QUANTITY_BYTES, 0, 0, 0, "\"99999999999G\" is not a number of bytes of at least 0" },
        { "90", QUANTITY_SECONDS, 0, 0, 90000000, NULL },
        { "0.5", QUANTITY_SECONDS, 0, 0, 500000, NULL },
        { "2m", QUANTITY_SECONDS, 0, 0, 120000000, NULL },
        { "3d", QUANTITY_SECONDS, 0, 0, INT64_C(259200000000), NULL },
        { "0.5", QUANTITY_SECONDS, 1, 600, 0, "\"0.5\" is not a number of seconds from 1 to 600" },
        { "600.000001", QUANTITY_SECONDS, 1, 600, 0, "\"600.000001\" is not a number of seconds from 1 to 600" },
        { "0.1234567", QUANTITY_SECONDS, 0, 0, 0, "\"0.1234567\" is not a duration such as 90, 0.5, 2m or 1h" },
        /* clang-format on */
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        const struct quantity_range range = { rows[i].min, rows[i].max };
        uint64_t got = 77;
        struct err err = { .msg = "" };
        int failed =
            quantity_parse(rows[i].kind, &range, rows[i].text, &got, &err);

        if (rows[i].fault == NULL) {
            CHECK_ROW(rows[i].text, failed == 0 && got == rows[i].want);
            continue;
        }
        CHECK_ROW(rows[i].text, failed == -1 && got == 77);
        g_assert_cmpstr(err.msg, ==, rows[i].fault);
    }
}

static void test_flag(void)
{
    struct err err;
    bool flag = false;

    CHECK_OK(quantity_flag("yes", &flag, &err), &err);
    g_assert_true(flag);
    CHECK_OK(quantity_flag("0", &flag, &err), &err);
    g_assert_false(flag);
    g_assert_cmpint(quantity_flag("maybe", &flag, &err), ==, -1);
    g_assert_cmpstr(err.msg, ==, "\"maybe\" is not \"yes\" or \"no\"");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/quantity/parse", test_quantity);
    g_test_add_func("/quantity/flag", test_flag);
    return g_test_run();
}
