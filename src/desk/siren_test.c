/* The mail itself: tests/desk/room.py. */
#include "desk/siren.h"

#include "base/check.h"
#include "base/timestamp.h"

#define MINUTE (60 * TIMESTAMP_SECOND)
#define NOBODY (-1)

/* What comes one after the other, of one process. */
static void test_due(void)
{
    static const struct {
        const char *name;
        int64_t since_us, at_us;
        bool due;
        int result; /* enum smtp_result of what is due */
    } rows[] = {
        /* clang-format off */
        { "nobody is there",            10, 100 * MINUTE, true,  SMTP_LATER },
        { "a moment later",             10, 100 * MINUTE + 1, false, NOBODY },
        { "a minute later",             10, 101 * MINUTE, true,  SMTP_LATER },
        { "less than twice as long",    10, 103 * MINUTE - 1, false, NOBODY },
        { "twice as long",              10, 103 * MINUTE, true,  SMTP_SENT },
        { "the same fault",             10, 104 * MINUTE, false, NOBODY },
        { "the same, however long",     10, 999 * MINUTE, false, NOBODY },
        { "another one",                20, 999 * MINUTE, true,  SMTP_UNSURE },
        { "perhaps they know",          20, 1999 * MINUTE, false, NOBODY },
        { "a third one",                30, 1999 * MINUTE, true, SMTP_REFUSED },
        { "is not asked for again",     30, 2999 * MINUTE, false, NOBODY },
        { "a fourth one",               40, 2999 * MINUTE, true, SMTP_SENT },
        { "the next one too soon",      50, 3058 * MINUTE, false, NOBODY },
        { "and an hour later",          50, 3059 * MINUTE, true, SMTP_LATER },
        { "tries begin anew",           50, 3060 * MINUTE, true, SMTP_SENT },
        /* clang-format on */
    };
    struct siren_past p = { 0 };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        CHECK_ROW(rows[i].name, siren_is_due(&p, rows[i].since_us,
                                             rows[i].at_us) == rows[i].due);
        if (rows[i].due)
            siren_note(&p, rows[i].since_us, (enum smtp_result)rows[i].result,
                       rows[i].at_us);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/siren/due", test_due);
    return g_test_run();
}
