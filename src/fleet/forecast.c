#include "fleet/forecast.h"

#include <math.h>

#include "base/timestamp.h"
#include "fleet/schedule.h"

/* Enough for a P90; more where it costs nothing. */
#define DRAWS_MIN 64u
#define DRAWS_MAX 400u
#define DRAWS_OF  200000u /* mailboxes played, about */

/* Of a pass that runs, what of its rest is still to come: sweep and verify. */
#define REST_AHEAD 0.5
/*
 * Comparing everything reads one side alone: of what copying it takes.  1,500
 * items between labs 40 ms away: 0.40 and 0.45.
 */
#define VERIFY_SHARE 0.5
/* One pass in so many begins again: a worker, a server or the line was away. */
#define AGAIN 50
/* What that costs: its rest once more, and the wait before. */
#define AGAIN_S 30.0

/* Steps of a normal distribution, each as likely as the other. */
#define STEPS 1024
/* Mailboxes whose ends stand beside each other: a line of cache. */
#define BLOCK 16

/* From some moment on all takes longer: in the order of the queue. */
struct tighter {
    double after; /* seconds of work, without luck */
    double by;
};

struct draw {
    double *factors; /* of each pair: STEPS of a mailbox's luck */
    double *levels;  /* of each pair: one a draw, shuffled */
    double *plain_s; /* of each mailbox: work, without luck */
    double *all_s;   /* of each pair: the sum of these */
    double *work_s;
    struct tighter *tighter; /* of each pair; in the draw at hand */
    float *ends_s;           /* of each draw: one a mailbox */
    GRand *dice;
    unsigned int n;
};

/*
 * The standard normal below which a share p lies, by rational functions:
 * P. J. Acklam, "An algorithm for computing the inverse normal cumulative
 * distribution function"; off by 1.2e-9 at most.
 */
static double normal_below(double p)
{
    static const double a[] = { -3.969683028665376e+01, 2.209460984245205e+02,
                                -2.759285104469687e+02, 1.383577518672690e+02,
                                -3.066479806614716e+01, 2.506628277459239e+00 };
    static const double b[] = { -5.447609879822406e+01, 1.615858368580409e+02,
                                -1.556989798598866e+02, 6.680131188771972e+01,
                                -1.328068155288572e+01, 1 };
    static const double c[] = { -7.784894002430293e-03, -3.223964580411365e-01,
                                -2.400758277161838e+00, -2.549732539343734e+00,
                                4.374664141464968e+00,  2.938163982698783e+00 };
    static const double d[] = { 7.784695709041462e-03, 3.224671290700398e-01,
                                2.445134137142996e+00, 3.754408661907416e+00,
                                1 };
    double tail = p < 0.5 ? p : 1 - p, top = 0, bottom = 0, x;

    if (tail < 0.02425) {
        x = sqrt(-2 * log(tail));
        for (size_t i = 0; i < G_N_ELEMENTS(c); i++)
            top = top * x + c[i];
        for (size_t i = 0; i < G_N_ELEMENTS(d); i++)
            bottom = bottom * x + d[i];
        return p < 0.5 ? top / bottom : -top / bottom;
    }
    x = (p - 0.5) * (p - 0.5);
    for (size_t i = 0; i < G_N_ELEMENTS(a); i++)
        top = top * x + a[i];
    for (size_t i = 0; i < G_N_ELEMENTS(b); i++)
        bottom = bottom * x + b[i];
    return top * (p - 0.5) / bottom;
}

/* ---- draws -------------------------------------------------------------- */

static void shuffle(double *values, unsigned int n, GRand *dice)
{
    for (unsigned int i = n; i > 1; i--) {
        unsigned int k = (unsigned int)g_rand_int_range(dice, 0, (gint32)i);
        double other = values[k];

        values[k] = values[i - 1];
        values[i - 1] = other;
    }
}

static unsigned int n_draws(const struct forecast_input *in)
{
    if (in->draws > 0)
        return in->draws;
    return CLAMP((unsigned int)(DRAWS_OF / MAX(in->n_mailboxes, 1)), DRAWS_MIN,
                 DRAWS_MAX);
}

static void draw_init(struct draw *d, const struct forecast_input *in)
{
    *d = (struct draw){ .n = n_draws(in) };
    d->dice = g_rand_new_with_seed(in->seed != 0 ? in->seed : 1);
    d->factors = g_new(double, in->n_pairs *STEPS + 1);
    d->levels = g_new(double, in->n_pairs * d->n + 1);
    d->plain_s = g_new(double, in->n_mailboxes + 1);
    d->all_s = g_new0(double, in->n_pairs + 1);
    d->work_s = g_new(double, in->n_mailboxes + 1);
    d->tighter = g_new0(struct tighter, in->n_pairs + 1);
    d->ends_s = g_new0(float, in->n_mailboxes * d->n + 1);
    for (size_t p = 0; p < in->n_pairs; p++) {
        const struct cost_fit *fit = in->pairs[p].fit;

        for (unsigned int i = 0; i < STEPS; i++)
            d->factors[p * STEPS + i] =
                exp(fit->mailbox_sd * normal_below((i + 0.5) / STEPS));
        /* Each step once, in an order of its own: fewer draws will do. */
        for (unsigned int i = 0; i < d->n; i++)
            d->levels[p * d->n + i] =
                exp(fit->level_sd * normal_below((i + 0.5) / d->n));
        shuffle(d->levels + p * d->n, d->n, d->dice);
    }
}

static void draw_clear(struct draw *d)
{
    g_rand_free(d->dice);
    g_free(d->factors);
    g_free(d->levels);
    g_free(d->plain_s);
    g_free(d->all_s);
    g_free(d->work_s);
    g_free(d->tighter);
    g_free(d->ends_s);
}

static double line_s(const struct cost_line *l, uint64_t items, uint64_t bytes)
{
    return l->fixed_s + l->item_s * (double)items +
           l->mb_s * (double)bytes / 1e6;
}

static double rest_s(const struct cost_fit *fit,
                     const struct forecast_mailbox *m)
{
    return line_s(&fit->rest, m->items + m->done_items,
                  m->bytes + m->done_bytes);
}

static double plain_s(const struct cost_fit *fit,
                      const struct forecast_mailbox *m)
{
    double copying = line_s(&fit->copying, m->items, m->bytes);

    if (m->verifies)
        return copying * VERIFY_SHARE + fit->rest.fixed_s;
    return copying + rest_s(fit, m) * (m->running ? REST_AHEAD : 1);
}

static void draw_plain(struct draw *d, const struct forecast_input *in)
{
    for (size_t i = 0; i < in->n_mailboxes; i++) {
        const struct forecast_mailbox *m = &in->mailboxes[i];

        d->plain_s[i] = plain_s(in->pairs[m->pair].fit, m);
        d->all_s[m->pair] += d->plain_s[i];
    }
}

static double luck(const struct draw *d, const struct forecast_mailbox *m,
                   guint32 bits)
{
    unsigned int step = bits % STEPS;

    if (m->own_sd <= 0)
        return d->factors[m->pair * STEPS + step];
    return exp(m->own_log + m->own_sd * normal_below((step + 0.5) / STEPS));
}

/* In so many draws as it is likely, after any share of the work. */
static void draw_tighter(struct draw *d, const struct forecast_input *in,
                         unsigned int n)
{
    for (size_t p = 0; p < in->n_pairs; p++) {
        const struct cost_fit *fit = in->pairs[p].fit;
        double times = (n + 1) * fit->tighter_p;

        d->tighter[p] = (struct tighter){ INFINITY, 1 };
        if (floor(times) > floor(times - fit->tighter_p)) {
            d->tighter[p].after = g_rand_double(d->dice) * d->all_s[p];
            d->tighter[p].by = pow(fit->tighter_most, g_rand_double(d->dice));
        }
    }
}

static void draw_work(struct draw *d, const struct forecast_input *in,
                      unsigned int n)
{
    draw_tighter(d, in, n);
    for (size_t i = 0; i < in->n_mailboxes; i++) {
        const struct forecast_mailbox *m = &in->mailboxes[i];
        struct tighter *tighter = &d->tighter[m->pair];
        guint32 bits = g_rand_int(d->dice);
        double s = d->plain_s[i];

        tighter->after -= s;
        if (bits / STEPS % AGAIN == 0)
            s += rest_s(in->pairs[m->pair].fit, m) + AGAIN_S;
        if (tighter->after < 0)
            s *= tighter->by;
        d->work_s[i] = s * luck(d, m, bits) * d->levels[m->pair * d->n + n];
    }
}

/* ---- from ends to P50 and P90 ------------------------------------------- */

/* The k-th smallest; leaves the smaller ones before it. */
static float nth(float *values, size_t n, size_t k)
{
    size_t lo = 0, hi = n - 1;

    g_assert(n > 0);
    while (lo < hi) {
        float pivot = values[(lo + hi) / 2];
        size_t i = lo, j = hi;

        for (;;) {
            while (values[i] < pivot)
                i++;
            while (values[j] > pivot)
                j--;
            if (i >= j)
                break;
            float other = values[i];

            values[i++] = values[j];
            values[j--] = other;
        }
        if (k <= j)
            hi = j;
        else
            lo = j + 1;
    }
    return values[k];
}

static int64_t at_s(int64_t now_us, float s)
{
    double us = (double)s * (double)TIMESTAMP_SECOND;

    return now_us + (us < 1e17 ? (int64_t)us : (int64_t)1e17);
}

/* Orders the ends. */
static struct forecast_span span_of(float *ends_s, unsigned int n,
                                    int64_t now_us)
{
    size_t p90 = (size_t)ceil(0.9 * n) - 1;
    struct forecast_span span;

    span.p90_us = at_s(now_us, nth(ends_s, n, p90));
    span.p50_us = at_s(now_us, nth(ends_s, p90 + 1, n / 2));
    return span;
}

/* of, raised: one a draw. */
static void raise_to(float *raised, const float *of, unsigned int n)
{
    for (unsigned int i = 0; i < n; i++)
        raised[i] = MAX(raised[i], of[i]);
}

/*
 * From one draw after the other to one mailbox after the other, several at a
 * time: neighbours share lines of the processor's cache.
 */
static size_t turn_round(const struct draw *d, size_t n_mailboxes, size_t first,
                         float *ret)
{
    size_t n = MIN(BLOCK, n_mailboxes - first);

    for (unsigned int k = 0; k < d->n; k++)
        for (size_t i = 0; i < n; i++)
            ret[i * d->n + k] = d->ends_s[k * n_mailboxes + first + i];
    return n;
}

static void sum_up(const struct forecast_input *in, const struct draw *d,
                   struct forecast *ret)
{
    g_autofree float *all = g_new0(float, d->n);
    g_autofree float *each = g_new0(float, in->n_migrations * d->n + 1);
    g_autofree float *block = g_new(float, (size_t)BLOCK * d->n);
    size_t n;

    for (size_t at = 0; at < in->n_mailboxes; at += n) {
        n = turn_round(d, in->n_mailboxes, at, block);
        for (size_t i = 0; i < n; i++) {
            float *ends = block + i * d->n;

            raise_to(each + in->mailboxes[at + i].migration * d->n, ends, d->n);
            ret->mailboxes[at + i] = span_of(ends, d->n, in->now_us);
        }
    }
    for (size_t i = 0; i < in->n_migrations; i++) {
        raise_to(all, each + i * d->n, d->n);
        ret->migrations[i] = span_of(each + i * d->n, d->n, in->now_us);
    }
    ret->all = span_of(all, d->n, in->now_us);
}

void forecast_make(const struct forecast_input *in, struct forecast *ret)
{
    g_autoptr(schedule) s = schedule_new(in);
    struct draw d;

    ret->migrations = g_new0(struct forecast_span, in->n_migrations + 1);
    ret->mailboxes = g_new0(struct forecast_span, in->n_mailboxes + 1);
    draw_init(&d, in);
    draw_plain(&d, in);
    for (unsigned int i = 0; i < d.n; i++) {
        draw_work(&d, in, i);
        schedule_play(s, d.work_s, d.ends_s + i * in->n_mailboxes);
    }
    sum_up(in, &d, ret);
    draw_clear(&d);
}

void forecast_clear(struct forecast *f)
{
    g_free(f->migrations);
    g_free(f->mailboxes);
    *f = (struct forecast){ 0 };
}

/* ---- for people --------------------------------------------------------- */

/* No finer than it is known. */
static char *length_text(int64_t us)
{
    static const struct {
        int64_t below_s, step_s;
    } steps[] = { { 90, 10 },
                  { 90 * 60, 60 },
                  { 12 * 3600, 600 },
                  { INT64_MAX / TIMESTAMP_SECOND, 3600 } };
    int64_t s = MAX(us, 0) / TIMESTAMP_SECOND;
    size_t i = 0;

    while (i + 1 < G_N_ELEMENTS(steps) && s >= steps[i].below_s)
        i++;
    s = MAX((s + steps[i].step_s / 2) / steps[i].step_s, 1) * steps[i].step_s;
    return timestamp_duration(s * TIMESTAMP_SECOND);
}

char *forecast_text(const struct forecast_span *span, int64_t now_us)
{
    g_autofree char *p50 = length_text(span->p50_us - now_us);
    g_autofree char *p90 = length_text(span->p90_us - now_us);

    if (span->p90_us <= now_us)
        return g_strdup("nothing is left to be done");
    return g_strdup_printf("about %s; within %s nine times in ten", p50, p90);
}
