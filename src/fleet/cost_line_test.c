#include "fleet/cost_line.h"

#include <math.h>
#include <stdlib.h>

#include "base/check.h"

/*
 * Worlds of rows whose weights are known, in which one row after the other is
 * made wild: it took a thousandth of its time, or ten thousand times as long.
 * What that moves is held against the fit of the same rows as they were, and
 * where it ends against an estimate that no single row can move and that shares
 * nothing with the fit: the middle of what all pairs of rows say.
 */
#define ITEM_S 0.02
#define MB_S   0.5
/* Megabytes an item, of what is foreseen: as the rows have it in the mean. */
#define MB 0.11
/* As far from the pairs' as two good estimates may be from one another. */
#define FROM_PAIRS 0.1

enum { ROWS_MAX = 60, WORLDS = 12 };

static const double wild[] = { 1e-3, 0.05, 0.3, 2, 3, 10, 100, 1e4 };

struct world {
    const char *name;
    guint rows;
    double sd; /* of the logarithm of what each row takes */
    double moved;
};
static const struct world worlds[] = {
    { "eight exact rows", 8, 0, 0.06 },
    { "eight steady rows", 8, 0.05, 0.06 },
    { "twenty steady rows", 20, 0.05, 0.02 },
    { "twenty rows of all sorts", 20, 0.2, 0.045 },
    { "sixty rows of all sorts", 60, 0.2, 0.015 },
};

static double normal(GRand *dice)
{
    double u = 1 - g_rand_double(dice), v = g_rand_double(dice);

    return sqrt(-2 * log(u)) * cos(2 * G_PI * v);
}

static GArray *draw(const struct world *w, guint32 seed)
{
    GArray *rows = g_array_new(FALSE, FALSE, sizeof(struct cost_row));
    GRand *dice = g_rand_new_with_seed(seed);

    for (guint i = 0; i < w->rows; i++) {
        double items = g_rand_int_range(dice, 100, 2000);
        double mb = items * g_rand_double_range(dice, 0.02, 0.2);
        struct cost_row row = { .x = { 0, items, mb }, .weight = 1 };

        row.y_s = (ITEM_S * items + MB_S * mb) * exp(w->sd * normal(dice));
        g_array_append_val(rows, row);
    }
    g_rand_free(dice);
    return rows;
}

/* Seconds an item; the proportions that it begins with are not the world's. */
static double fitted(GArray *rows)
{
    double beta[COST_WEIGHTS] = { 0, 1, 10 };

    cost_line_fit(rows, beta);
    return beta[1] + MB * beta[2];
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Each pair of rows as if there were no others; of that the middle. */
static double of_pairs(const GArray *rows)
{
    double said[ROWS_MAX * ROWS_MAX];
    size_t n = 0;

    for (guint i = 0; i < rows->len; i++)
        for (guint k = 0; k < i; k++) {
            const struct cost_row *a = &g_array_index(rows, struct cost_row, i);
            const struct cost_row *b = &g_array_index(rows, struct cost_row, k);
            double d = a->x[1] * b->x[2] - b->x[1] * a->x[2];

            said[n++] = ((a->y_s * b->x[2] - b->y_s * a->x[2]) +
                         MB * (b->y_s * a->x[1] - a->y_s * b->x[1])) /
                        d;
        }
    qsort(said, n, sizeof(said[0]), by_value);
    return said[n / 2];
}

struct off {
    double moved, from_pairs;
};

static void one_wild_row(GArray *rows, guint i, double times, struct off *most)
{
    struct cost_row *row = &g_array_index(rows, struct cost_row, i);
    double y_s = row->y_s, before = fitted(rows), after;

    row->y_s = y_s * times;
    after = fitted(rows);
    most->moved = MAX(most->moved, fabs(after / before - 1));
    most->from_pairs = MAX(most->from_pairs, fabs(after / of_pairs(rows) - 1));
    row->y_s = y_s;
}

static void test_one_wild_row(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(worlds); i++) {
        struct off most = { 0, 0 };

        for (guint32 seed = 1; seed <= WORLDS; seed++) {
            g_autoptr(GArray) rows = draw(&worlds[i], seed);
            guint at = seed % worlds[i].rows;

            for (size_t k = 0; k < G_N_ELEMENTS(wild); k++)
                one_wild_row(rows, at, wild[k], &most);
        }
        g_test_message("%s: moved by %.1f %%, %.1f %% from the pairs'",
                       worlds[i].name, 100 * most.moved, 100 * most.from_pairs);
        CHECK_ROW(worlds[i].name, most.moved <= worlds[i].moved);
        CHECK_ROW(worlds[i].name, most.from_pairs <= FROM_PAIRS);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cost-line/one-wild-row", test_one_wild_row);
    return g_test_run();
}
