#include "base/check.h"
#include "engine/reason.h"

static void test_says_more(void)
{
    static const struct {
        const char *reason;
        bool want;
    } rows[] = {
        /* clang-format off */
        { NULL, false },
        { "1 item failed", false },
        { "12 items failed", false },
        { "2 missing, 1 different", false },
        { "2 missing; destination folder \"Inbox\": it cannot be listed", true },
        { "source folder \"Inbox\": access is denied, 2 missing", true },
        { "3 items are at the destination already, in another shape or folder", true },
        { "items failed", true },
        { "2", true },
        { "2 missing files, 1 different", true },
        { "", false },
        /* clang-format on */
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        CHECK_ROW(rows[i].reason != NULL ? rows[i].reason : "none",
                  reason_says_more(rows[i].reason) == rows[i].want);
}

static void test_numbers(void)
{
    for (uint64_t n = 0; n < 3; n++) {
        g_autofree char *failed = reason_failed(n);
        g_autofree char *unlike = reason_unlike(n);

        g_assert_true(reason_is_number(failed));
        g_assert_true(reason_is_number(unlike));
        /* the one stands beside the mailbox; the other has a remedy */
        g_assert_false(reason_says_more(failed));
        g_assert_true(reason_says_more(unlike));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/reason/says-more", test_says_more);
    g_test_add_func("/reason/numbers", test_numbers);
    return g_test_run();
}
