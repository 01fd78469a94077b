/* The conversation, and deaths in it: tests/desk/send.py. */
#include "desk/sender.h"

#include "base/check.h"
#include "base/timestamp.h"

#define MINUTE (60 * TIMESTAMP_SECOND)

static void test_delay(void)
{
    static const struct {
        int64_t tries, want_us;
    } rows[] = {
        { 0, MINUTE },        { 1, MINUTE },
        { 2, 2 * MINUTE },    { 3, 4 * MINUTE },
        { 8, 128 * MINUTE },  { 9, 240 * MINUTE },
        { 10, 240 * MINUTE }, { INT64_MAX, 240 * MINUTE },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        g_assert_cmpint(sender_delay_us(rows[i].tries), ==, rows[i].want_us);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sender/delay", test_delay);
    return g_test_run();
}
