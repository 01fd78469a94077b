#include "engine/match.h"

#include <string.h>

#include "base/check.h"

#define ALL ((1u << FTS_N_PARTS) - 1)

/* Content c, of which only the parts in `available` can be compared. */
static struct match_item item(int c, unsigned int available, const char *key)
{
    struct match_item m = { .readable = true, .search_key = key };

    m.digest.fts.available = (uint8_t)available;
    for (int part = 0; part < FTS_N_PARTS; part++)
        if ((available & (1u << part)) != 0)
            memset(m.digest.fts.part[part], c, FTS_PART_BYTES);
    return m;
}

static struct match_item unreadable(const char *key)
{
    return (struct match_item){ .search_key = key };
}

#define NONE MATCH_NONE

static void test_rows(void)
{
    const struct {
        const char *name;
        size_t n_wanted, n_found;
        struct match_item wanted[4], found[4];
        size_t want[4];
    } rows[] = {
        /* clang-format off */
        { "nothing turned up", 1, 0, { item(1, ALL, NULL) }, { { 0 } }, { NONE } },
        { "nothing was sent", 0, 1, { { 0 } }, { item(1, ALL, NULL) }, { 0 } },
        { "the one", 1, 1, { item(1, ALL, NULL) }, { item(1, ALL, NULL) }, { 0 } },
        { "another's", 1, 1, { item(1, ALL, NULL) }, { item(2, ALL, NULL) }, { NONE } },
        { "key alone convinces nobody", 1, 1,
          { item(1, ALL, "k") }, { item(2, ALL, "k") }, { NONE } },
        { "crosswise", 2, 2, { item(1, ALL, NULL), item(2, ALL, NULL) },
          { item(2, ALL, NULL), item(1, ALL, NULL) }, { 1, 0 } },
        { "two equal, one arrived", 2, 1,
          { item(1, ALL, NULL), item(1, ALL, NULL) },
          { item(1, ALL, NULL) }, { 0, NONE } },
        { "two equal, both arrived", 2, 2,
          { item(1, ALL, NULL), item(1, ALL, NULL) },
          { item(1, ALL, NULL), item(1, ALL, NULL) }, { 0, 1 } },
        { "one sent, two turned up", 1, 2, { item(1, ALL, NULL) },
          { item(1, ALL, NULL), item(1, ALL, NULL) }, { 0 } },
        { "the key breaks the tie", 2, 2,
          { item(1, ALL, "a"), item(1, ALL, "b") },
          { item(1, ALL, "b"), item(1, ALL, "a") }, { 1, 0 } },
        { "certain before likely", 1, 2, { item(1, ALL, NULL) },
          { item(1, 1, NULL), item(1, ALL, NULL) }, { 1 } },
        { "likely by its envelope", 1, 1, { item(1, 1, NULL) },
          { item(1, 3, NULL) }, { 0 } },
        { "a body is not enough", 1, 1, { item(1, 2, NULL) },
          { item(1, 2, NULL) }, { NONE } },
        { "but with its key it is", 1, 1, { item(1, 2, "k") },
          { item(1, 2, "k") }, { 0 } },
        { "unreadable, by key", 1, 1, { item(1, ALL, "k") },
          { unreadable("k") }, { 0 } },
        { "unreadable, no key", 1, 1, { item(1, ALL, NULL) },
          { unreadable(NULL) }, { NONE } },
        { "unreadable at the source", 1, 2, { unreadable("k") },
          { item(2, ALL, "j"), item(1, ALL, "k") }, { 1 } },
        /* clang-format on */
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        size_t got[4] = { 9, 9, 9, 9 };

        match_multiset(&(struct match_set){ rows[i].wanted, rows[i].n_wanted },
                       &(struct match_set){ rows[i].found, rows[i].n_found },
                       got);
        for (size_t k = 0; k < rows[i].n_wanted; k++)
            CHECK_ROW(rows[i].name, got[k] == rows[i].want[k]);
    }
}

/*
 * Whatever turned up: nothing is given out twice, and each content is matched
 * as often as it is on both sides.
 */
static void test_multiset(void)
{
    g_autoptr(GRand) dice = g_rand_new_with_seed(1);

    for (int round = 0; round < 200; round++) {
        struct match_item wanted[20], found[20];
        size_t got[20], have[2][4] = { 0 }, matched[4] = { 0 };
        bool taken[20] = { 0 };

        for (int i = 0; i < 20; i++) {
            int w = g_rand_int_range(dice, 0, 4);
            int f = g_rand_int_range(dice, 0, 4);

            wanted[i] = item(w, ALL, NULL);
            found[i] = item(f, ALL, NULL);
            have[0][w]++;
            have[1][f]++;
        }
        match_multiset(&(struct match_set){ wanted, 20 },
                       &(struct match_set){ found, 20 }, got);
        for (int i = 0; i < 20; i++) {
            if (got[i] == NONE)
                continue;
            g_assert_false(taken[got[i]]);
            taken[got[i]] = true;
            g_assert_cmpint(wanted[i].digest.fts.part[0][0], ==,
                            found[got[i]].digest.fts.part[0][0]);
            matched[wanted[i].digest.fts.part[0][0]]++;
        }
        for (int c = 0; c < 4; c++)
            g_assert_cmpuint(matched[c], ==, MIN(have[0][c], have[1][c]));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/match/rows", test_rows);
    g_test_add_func("/match/multiset", test_multiset);
    return g_test_run();
}
