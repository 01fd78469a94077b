#include "desk/checklist.h"

#include <string.h>

#include "base/check.h"
#include "desk/complete.h"

#define LIT(text) ((char *)(uintptr_t)(text))

/* One letter a piece: there, missing, faulty, not needed. */
static void check_states(const struct request *r, const char *want)
{
    static const char letters[] = "tmfn";
    struct checklist_row rows[CHECKLIST_N];
    char got[CHECKLIST_N + 1] = "";

    checklist_of(r, rows);
    for (size_t i = 0; i < CHECKLIST_N; i++) {
        got[i] = letters[rows[i].state];
        g_assert_cmpint(rows[i].ask != NULL, ==, strchr("mf", got[i]) != NULL);
    }
    g_assert_cmpstr(got, ==, want);
}

static void test_states(void)
{
    struct request r = { 0 };

    r.missing = LIT("partner-id\ndomain\nowa-url\nimport-file\ncredentials");
    check_states(&r, "mmmmmn");
    r = (struct request){ .partner = LIT("P-1"),
                          .domain = LIT("a.example"),
                          .owa_url = LIT("https://a.example/owa"),
                          .file_id = 1,
                          .missing = LIT("owa-url-unreachable\n"
                                         "import-file-faults\n"
                                         "credentials-refused\ndate"),
                          .admin = LIT("admin") };
    check_states(&r, "ttffff");
    r.missing = NULL;
    check_states(&r, "tttttn");
    r.admin = NULL; /* the file has the mailboxes' own */
    r.start = LIT("2027-01-15");
    check_states(&r, "ttttnt");
}

/* Whatever can be missing is a piece of the list, and one alone. */
static void test_every_piece(void)
{
    for (int i = 0; i < COMPLETE_N_PIECES; i++) {
        const struct complete_rule *rule =
            complete_rule((enum complete_piece)i);
        const struct request r = { .missing = LIT(rule->word) };
        struct checklist_row rows[CHECKLIST_N];
        size_t n = 0;

        checklist_of(&r, rows);
        for (size_t k = 0; k < CHECKLIST_N; k++)
            n += g_strcmp0(rows[k].ask, rule->text) == 0;
        CHECK_ROW(rule->word, n == 1);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/desk/checklist/states", test_states);
    g_test_add_func("/desk/checklist/every_piece", test_every_piece);
    return g_test_run();
}
