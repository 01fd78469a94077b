#include "fleet/cost_line.h"

#include <math.h>
#include <string.h>

/* A row further off than so many of the usual deviations counts as that. */
#define HUBER         3.0
#define DEVIATION_MIN 0.1
/* What the proportions that came in weigh: less than one row. */
#define TIE 0.25
/* Rounds of the fit, and of its solver; both have settled long before. */
#define ROUNDS 20
#define SWEEPS 40

struct equations {
    double a[COST_WEIGHTS][COST_WEIGHTS], b[COST_WEIGHTS];
};

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median(double *values, size_t n)
{
    qsort(values, n, sizeof(values[0]), by_value);
    return n % 2 == 1 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

static struct cost_row *at(const GArray *rows, guint i)
{
    return &g_array_index(rows, struct cost_row, i);
}

static void predict(const GArray *rows, const double *beta)
{
    for (guint i = 0; i < rows->len; i++) {
        struct cost_row *r = at(rows, i);

        r->predicted_s = 1e-9; /* never nothing: it is divided by */
        for (int k = 0; k < COST_WEIGHTS; k++)
            r->predicted_s += beta[k] * r->x[k];
    }
}

/* The proportions that came in, at the rows' own level. */
static void scale(const GArray *rows, double *room, double *beta)
{
    double by;

    predict(rows, beta);
    for (guint i = 0; i < rows->len; i++)
        room[i] = at(rows, i)->y_s / at(rows, i)->predicted_s;
    by = median(room, rows->len);
    for (int k = 0; k < COST_WEIGHTS; k++)
        beta[k] *= by;
}

/* Up to which ratio a row counts in full. */
static double bound_of(const GArray *rows, double *room)
{
    for (guint i = 0; i < rows->len; i++)
        room[i] = fabs(at(rows, i)->y_s / at(rows, i)->predicted_s - 1);
    /* 1.4826: from the median deviation to a normal distribution's */
    return HUBER * MAX(1.4826 * median(room, rows->len), DEVIATION_MIN);
}

/* Least squares of the ratios; beta0's part is a row for each weight. */
static void gather(const GArray *rows, double bound, const double *beta0,
                   struct equations *ret)
{
    memset(ret, 0, sizeof(*ret));
    for (guint i = 0; i < rows->len; i++) {
        struct cost_row *r = at(rows, i);
        double w = r->weight / (r->predicted_s * r->predicted_s);

        r->counted_s = CLAMP(r->y_s, r->predicted_s * (1 - bound),
                             r->predicted_s * (1 + bound));
        for (int k = 0; k < COST_WEIGHTS; k++) {
            ret->b[k] += w * r->x[k] * r->counted_s;
            for (int l = 0; l < COST_WEIGHTS; l++)
                ret->a[k][l] += w * r->x[k] * r->x[l];
        }
    }
    for (int k = 0; k < COST_WEIGHTS; k++)
        if (beta0[k] > 0) {
            ret->a[k][k] += TIE / (beta0[k] * beta0[k]);
            ret->b[k] += TIE / beta0[k];
        }
}

/* One weight after the other, which keeps each from falling below nothing. */
static void solve(const struct equations *e, const double *beta0, double *beta)
{
    for (int sweep = 0; sweep < SWEEPS; sweep++)
        for (int k = 0; k < COST_WEIGHTS; k++) {
            double left = e->b[k];

            if (beta0[k] <= 0)
                continue;
            for (int l = 0; l < COST_WEIGHTS; l++)
                left -= l == k ? 0 : e->a[k][l] * beta[l];
            beta[k] = MAX(left / e->a[k][k], 0);
        }
}

void cost_line_fit(GArray *rows, double beta[COST_WEIGHTS])
{
    g_autofree double *room = g_new(double, rows->len);
    double beta0[COST_WEIGHTS];
    struct equations e;

    scale(rows, room, beta);
    memcpy(beta0, beta, sizeof(beta0));
    for (int round = 0; round < ROUNDS; round++) {
        predict(rows, beta);
        gather(rows, bound_of(rows, room), beta0, &e);
        solve(&e, beta0, beta);
    }
    predict(rows, beta);
    gather(rows, bound_of(rows, room), beta0, &e);
}
