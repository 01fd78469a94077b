#include "fleet/track.h"

#include <math.h>

/* What became of one. */
struct outcome {
    unsigned int tenth;
    bool held;
    double error;
};
struct track {
    GArray *outcomes;
};

struct track *track_new(void)
{
    struct track *t = g_new(struct track, 1);

    t->outcomes = g_array_new(FALSE, FALSE, sizeof(struct outcome));
    return t;
}

void track_free(struct track *t)
{
    if (t == NULL)
        return;
    g_array_unref(t->outcomes);
    g_free(t);
}

void track_add(struct track *t, const GPtrArray *forecasts)
{
    for (guint i = 0; i < forecasts->len; i++) {
        const struct store_forecast *f = forecasts->pdata[i];
        double took = (double)f->ended_us - (double)f->at_us;
        struct outcome o = { f->tenth, f->ended_us <= f->p90_us, 0 };

        if (f->ended_us == 0 || f->mailbox_id != 0 ||
            f->tenth >= FORECAST_TENTHS || took <= 0)
            continue;
        o.error = fabs((double)f->p50_us - (double)f->ended_us) / took;
        g_array_append_val(t->outcomes, o);
    }
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

struct track_line track_line(const struct track *t, unsigned int tenth)
{
    g_autofree double *errors = g_new(double, t->outcomes->len + 1);
    struct track_line line = { 0 };

    for (guint i = 0; i < t->outcomes->len; i++) {
        const struct outcome *o =
            &g_array_index(t->outcomes, struct outcome, i);

        if (tenth != FORECAST_TENTHS && o->tenth != tenth)
            continue;
        line.held += o->held;
        errors[line.n++] = o->error;
    }
    if (line.n == 0)
        return line;
    qsort(errors, line.n, sizeof(errors[0]), by_value);
    line.error = (errors[(line.n - 1) / 2] + errors[line.n / 2]) / 2;
    return line;
}
