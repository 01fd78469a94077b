#include "lab/match.h"

#include <string.h>

#include "base/check.h"

#define BOTH (MATCH_IGNORE_CASE | MATCH_IGNORE_MARKS)

static void test_texts(void)
{
    /* clang-format off */
    static const struct {
        const char *name, *text, *needle;
        enum match_mode mode;
        unsigned int ignore;
        bool want;
    } rows[] = {
        { "whole", "budget", "budget", MATCH_FULL, 0, true },
        { "not whole", "budget 1", "budget", MATCH_FULL, 0, false },
        { "case counts", "Budget", "budget", MATCH_FULL, 0, false },
        { "case ignored", "Budget", "bUDGET", MATCH_FULL, MATCH_IGNORE_CASE,
          true },
        { "case of others", "STRASSE", "straße", MATCH_FULL,
          MATCH_IGNORE_CASE, true },
        { "marks count", "café", "cafe", MATCH_FULL, MATCH_IGNORE_CASE,
          false },
        { "marks ignored", "café", "cafe", MATCH_FULL, MATCH_IGNORE_MARKS,
          true },
        { "two ways to write", "caf\xC3\xA9", "cafe\xCC\x81", MATCH_FULL, 0,
          true },
        { "beginning", "budget", "bud", MATCH_PREFIX, 0, true },
        { "no beginning", "a budget", "bud", MATCH_PREFIX, 0, false },
        { "inside", "the budget", "e bud", MATCH_SUBSTRING, 0, true },
        { "nothing", "", "", MATCH_SUBSTRING, 0, true },
        { "words begin", "annual budget report", "bud rep",
          MATCH_WORD_PREFIXES, BOTH, true },
        { "words in any order", "annual budget report", "rep ann",
          MATCH_WORD_PREFIXES, BOTH, true },
        { "not in the middle", "annual budget", "dget", MATCH_WORD_PREFIXES,
          BOTH, false },
        { "one word is missing", "annual budget", "bud xyz",
          MATCH_WORD_PREFIXES, BOTH, false },
        { "behind a sign", "(re:budget)", "budget", MATCH_WORD_PREFIXES,
          BOTH, true },
        { "phrase", "the annual budget.", "annual budget", MATCH_PHRASE,
          BOTH, true },
        { "no part of a word", "the annual budgets", "annual budget",
          MATCH_PHRASE, BOTH, false },
        { "the second time", "budgets budget", "budget", MATCH_PHRASE, BOTH,
          true },
        { "another order", "budget annual", "annual budget", MATCH_PHRASE,
          BOTH, false },
        { "other scripts", "会議 東京", "東京", MATCH_PHRASE, BOTH, true },
        { "ill-formed", "a\xFFz", "A\xFFZ", MATCH_FULL, MATCH_IGNORE_CASE,
          true },
    };
    /* clang-format on */

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        CHECK_ROW(rows[i].name,
                  match_text(rows[i].text, rows[i].needle, rows[i].mode,
                             rows[i].ignore) == rows[i].want);
}

static void test_order(void)
{
    static const char *const in_order[] = { "", "a", "B", "ba", "Z", "é" };

    for (size_t i = 0; i < G_N_ELEMENTS(in_order); i++)
        for (size_t k = 0; k < G_N_ELEMENTS(in_order); k++) {
            int c = match_order(in_order[i], in_order[k]);

            /* é is e and a mark to the order: behind "ba", before "Z" */
            if (i == 5 || k == 5)
                continue;
            CHECK_ROW(in_order[i], (c > 0) == (i > k) && (c < 0) == (i < k));
        }
    g_assert_cmpint(match_order("é", "f"), <, 0);
    g_assert_cmpint(match_order("é", "e"), >, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/match/texts", test_texts);
    g_test_add_func("/match/order", test_order);
    return g_test_run();
}
