#include "fleet/cost.h"

#include <math.h>

#include "base/timestamp.h"
#include "engine/expect.h"
#include "fleet/cost_level.h"
#include "fleet/cost_line.h"

#define HOURS 24
#define MB    1e6

/*
 * So many rows back a row counts half: for the weights, which hardly change,
 * and for the level, which does when somebody tightens a throttle.
 */
#define WEIGHTS_HALF_LIFE 512.0
#define LEVEL_HALF_LIFE   96.0

/* A stretch of so many seconds counts half of a long one. */
#define SHORT_S 30.0
/* The same of a mailbox, for the level and for how mailboxes differ. */
#define BRIEF_S 60.0

/* How mailboxes differ, before any have shown it; that weighs as so many. */
#define MAILBOX_SD    0.35
#define MAILBOX_SD_OF 4.0
/* Of one mailbox: from one minute to another, and from begin to end. */
#define MINUTE_SD 0.3
#define SELF_SD   0.12
/* No mailbox is taken to be further from the others, as a logarithm. */
#define FAR 1.5

/*
 * Throttles are made tighter when servers turn out to be loaded: of so many
 * migrations one, by up to so much.
 */
#define TIGHTER_P    0.2
#define TIGHTER_MOST 2.0

/* A share of an hour of the day is its own after so much time in it. */
#define HOUR_S    7200.0
#define SHARE_MAX 0.95

struct cost {
    GArray *rows; /* struct pace */
};

/* One mailbox of the rows: as it was, and as it was to be. */
struct mailbox {
    double got_s, predicted_s;
    double recent_got_s, recent_predicted_s;
};

/* On the way from rows to a fit. */
struct learning {
    const struct pace *paces;
    size_t n;
    struct cost_prior prior;
    double room;                     /* as in the fit */
    double *predicted_s, *counted_s; /* of each row */
    GHashTable *mailboxes;           /* int64_t, struct mailbox */
};

struct cost_prior cost_prior_default(void)
{
    double items =
        sqrt((double)EXPECT_SLOW_ITEMS_HOUR * (double)EXPECT_FAST_ITEMS_HOUR);
    double bytes =
        sqrt((double)EXPECT_SLOW_BYTES_HOUR * (double)EXPECT_FAST_BYTES_HOUR);

    /*
     * Each is the rate of mailboxes that have items and bytes: half of the
     * time is put down to either.  1.2816: nine in ten of a normal
     * distribution lie below so many deviations.
     */
    return (struct cost_prior){
        .copying = { 0, 3600 / items / 2, 3600 / (bytes / MB) / 2 },
        .rest = { 20, 0.005, 0.2 },
        .level_sd = log((double)EXPECT_FAST_ITEMS_HOUR /
                        (double)EXPECT_SLOW_ITEMS_HOUR) /
                    2 / 1.2816,
    };
}

struct cost *cost_new(void)
{
    struct cost *c = g_new(struct cost, 1);

    c->rows = g_array_new(FALSE, FALSE, sizeof(struct pace));
    return c;
}

void cost_free(struct cost *c)
{
    if (c == NULL)
        return;
    g_array_unref(c->rows);
    g_free(c);
}

void cost_add(struct cost *c, const struct pace *pace)
{
    if (pace->took_us <= 0 || (!pace->rest && pace->items == 0))
        return;
    g_array_append_val(c->rows, *pace);
    /* by the thousand, for all the others are moved */
    if (c->rows->len >= 2 * PACES_MAX)
        g_array_remove_range(c->rows, 0, c->rows->len - PACES_MAX);
}

size_t cost_n(const struct cost *c)
{
    return MIN(c->rows->len, PACES_MAX);
}

static const struct pace *rows_of(const struct cost *c)
{
    return (const struct pace *)c->rows->data + (c->rows->len - cost_n(c));
}

static double seconds(int64_t us)
{
    return (double)us / (double)TIMESTAMP_SECOND;
}

static double working_s(const struct pace *p)
{
    double took = seconds(p->took_us), throttled = seconds(p->throttled_us);

    return took - CLAMP(throttled, 0, took * SHARE_MAX);
}

double cost_crowded(const struct cost_fit *fit, size_t n)
{
    return cost_level_crowded(fit->room, (double)n);
}

static double predict(const struct cost_line *l, uint64_t items, uint64_t bytes)
{
    return l->fixed_s + l->item_s * (double)items +
           l->mb_s * (double)bytes / MB;
}

/* ---- weights ------------------------------------------------------------- */

static struct cost_row row_of(const struct learning *l, size_t i)
{
    const struct pace *p = &l->paces[i];
    double took = working_s(p);

    return (struct cost_row){
        .x = { p->rest ? 1 : 0, (double)p->items, (double)p->bytes / MB },
        .y_s = took / cost_level_crowded(l->room, p->beside),
        .weight = exp2((double)i / WEIGHTS_HALF_LIFE -
                       (double)l->n / WEIGHTS_HALF_LIFE) *
                  took / (took + SHORT_S),
    };
}

/* line: in: the prior's.  Returns whether there was anything to learn from. */
static bool learn_line(struct learning *l, bool rest, struct cost_line *line)
{
    g_autoptr(GArray) rows = g_array_new(FALSE, FALSE, sizeof(struct cost_row));
    double beta[COST_WEIGHTS] = { line->fixed_s, line->item_s, line->mb_s };
    guint k = 0;

    for (size_t i = 0; i < l->n; i++)
        if (l->paces[i].rest == rest) {
            const struct cost_row row = row_of(l, i);

            g_array_append_val(rows, row);
        }
    if (rows->len == 0)
        return false;
    cost_line_fit(rows, beta);
    for (size_t i = 0; i < l->n; i++)
        if (l->paces[i].rest == rest) {
            const struct cost_row *row =
                &g_array_index(rows, struct cost_row, k++);

            l->predicted_s[i] = row->predicted_s;
            l->counted_s[i] = row->counted_s;
        }
    *line = (struct cost_line){ beta[0], beta[1], beta[2] };
    return true;
}

static struct cost_measured measured(const struct learning *l)
{
    return (struct cost_measured){ l->paces, l->n, l->counted_s,
                                   l->predicted_s };
}

/*
 * The room is known by rows that are known by the room: what the first fit
 * makes of it is a little less than it is, the second is near enough.
 */
static bool learn_copying(struct learning *l, struct cost_line *line)
{
    *line = l->prior.copying;
    if (!learn_line(l, false, line))
        return false;
    for (int round = 0; round < 2; round++) {
        const struct cost_measured all = measured(l);
        double room = cost_level_room(&all, l->room);

        if (room == l->room)
            break;
        l->room = room;
        *line = l->prior.copying;
        (void)learn_line(l, false, line);
    }
    return true;
}

static void scale(struct cost_line *l, double by)
{
    l->fixed_s *= by;
    l->item_s *= by;
    l->mb_s *= by;
}

/* ---- the level, and how mailboxes differ -------------------------------- */

static void sum_up(struct learning *l)
{
    for (size_t i = 0; i < l->n; i++) {
        double recent = exp2(-(double)(l->n - i) / LEVEL_HALF_LIFE);
        int64_t id = l->paces[i].mailbox;
        struct mailbox *m = g_hash_table_lookup(l->mailboxes, &id);

        if (m == NULL) {
            m = g_new0(struct mailbox, 1);
            g_hash_table_insert(l->mailboxes, g_memdup2(&id, sizeof(id)), m);
        }
        m->got_s += l->counted_s[i];
        m->predicted_s += l->predicted_s[i];
        m->recent_got_s += recent * l->counted_s[i];
        m->recent_predicted_s += recent * l->predicted_s[i];
    }
}

static double log_ratio(double got, double predicted)
{
    return CLAMP(log(got / predicted), -FAR, FAR);
}

static double mailbox_sd(const struct learning *l)
{
    double n = 0, sum = 0, squares = 0, variance = 0;
    GHashTableIter iter;
    gpointer value;

    g_hash_table_iter_init(&iter, l->mailboxes);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        const struct mailbox *m = value;
        double w = m->predicted_s / (m->predicted_s + BRIEF_S);
        double r = log_ratio(m->got_s, m->predicted_s);

        n += w;
        sum += w * r;
        squares += w * r * r;
    }
    if (n > 0)
        variance = MAX(squares - sum * sum / n, 0);
    /* one degree of freedom goes into the mean */
    return sqrt((MAILBOX_SD_OF * MAILBOX_SD * MAILBOX_SD + variance) /
                (MAILBOX_SD_OF + MAX(n - 1, 0)));
}

/* Of the mailboxes of late, as a logarithm; *ret_n: as if so many told it. */
static double recent_level(const struct learning *l, double *ret_n)
{
    double sum = 0, squares = 0, level = 0;
    GHashTableIter iter;
    gpointer value;

    g_hash_table_iter_init(&iter, l->mailboxes);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        const struct mailbox *m = value;
        double w = m->recent_predicted_s / (m->recent_predicted_s + BRIEF_S);

        sum += w;
        squares += w * w;
        level += w * log_ratio(m->recent_got_s, m->recent_predicted_s);
    }
    *ret_n = squares > 0 ? sum * sum / squares * MIN(sum, 1) : 0;
    return sum > 0 ? level / sum : 0;
}

/* What the prior makes of the same rows, against the fit; as a logarithm. */
static double prior_level(const struct learning *l)
{
    double prior = 0, fitted = 0;

    for (size_t i = 0; i < l->n; i++) {
        const struct pace *p = &l->paces[i];

        prior += predict(p->rest ? &l->prior.rest : &l->prior.copying, p->items,
                         p->bytes) /
                 cost_level_crowded(l->room, p->beside);
        fitted += l->predicted_s[i];
    }
    return log((prior + 1e-9) / (fitted + 1e-9));
}

/*
 * Both by how sure they are.  A prior that is contradicted is not half of the
 * truth but about other hosts: the further off, the less it weighs.
 */
static void blend(const struct learning *l, struct cost_fit *fit)
{
    const struct cost_measured all = measured(l);
    double n, level = recent_level(l, &n), prior = prior_level(l);
    double sd = l->prior.level_sd, off = (prior - level) / sd;
    double told = n / (fit->mailbox_sd * fit->mailbox_sd);
    double thought = 1 / (sd * sd) / (1 + off * off);

    level = (level * told + prior * thought) / (told + thought);
    scale(&fit->copying, exp(level));
    scale(&fit->rest, exp(level));
    fit->level_sd =
        sqrt(1 / (told + thought) + cost_level_drift(&all, fit->mailbox_sd));
}

/* ---- throttled time ----------------------------------------------------- */

static int hour_of(int64_t at_us)
{
    int64_t hour = at_us / (3600 * TIMESTAMP_SECOND) % HOURS;

    return (int)(hour < 0 ? hour + HOURS : hour);
}

static void learn_shares(const struct learning *l, double *share)
{
    double took[HOURS] = { 0 }, throttled[HOURS] = { 0 }, all = 0, of_all = 0;

    for (size_t i = 0; i < l->n; i++) {
        const struct pace *p = &l->paces[i];
        int hour = hour_of(p->begun_us + p->took_us / 2);
        double s = seconds(p->took_us);

        took[hour] += s;
        throttled[hour] += s - working_s(p);
        all += s;
        of_all += s - working_s(p);
    }
    for (int h = 0; h < HOURS; h++) {
        double usual = all > 0 ? of_all / all : 0;

        share[h] = (throttled[h] + HOUR_S * usual) / (took[h] + HOUR_S);
    }
}

/* ---- together ----------------------------------------------------------- */

static void learn_from(struct learning *l, struct cost_fit *fit)
{
    bool copying = learn_copying(l, &fit->copying);
    bool rest = learn_line(l, true, &fit->rest);

    /* what has not been seen yet is as much slower as the other is */
    sum_up(l);
    fit->room = l->room;
    fit->mailbox_sd = mailbox_sd(l);
    fit->mailboxes = g_hash_table_size(l->mailboxes);
    fit->basis = COST_BY_HOSTS;
    blend(l, fit);
    if (!copying)
        scale(&fit->copying, exp(-prior_level(l)));
    if (!rest)
        scale(&fit->rest, exp(-prior_level(l)));
}

void cost_learn(const struct cost *c, const struct cost_prior *prior,
                struct cost_fit *ret)
{
    struct learning l = { .paces = rows_of(c), .n = cost_n(c) };
    struct cost_fit fit = { .mailbox_sd = MAILBOX_SD,
                            .tighter_p = TIGHTER_P,
                            .tighter_most = TIGHTER_MOST };

    l.prior = prior != NULL ? *prior : cost_prior_default();
    fit.copying = l.prior.copying;
    fit.rest = l.prior.rest;
    fit.level_sd = l.prior.level_sd;
    fit.prior_basis = l.prior.basis;
    if (l.n > 0) {
        l.predicted_s = g_new0(double, l.n);
        l.counted_s = g_new0(double, l.n);
        l.mailboxes =
            g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
        learn_from(&l, &fit);
        learn_shares(&l, fit.share);
        g_hash_table_unref(l.mailboxes);
        g_free(l.predicted_s);
        g_free(l.counted_s);
    }
    *ret = fit;
}

bool cost_of_mailbox(const struct cost *c, const struct cost_fit *fit,
                     int64_t mailbox, double *ret_log, double *ret_sd)
{
    const struct pace *rows = rows_of(c);
    double got = 0, predicted = 0, others, own;

    for (size_t i = 0; i < cost_n(c); i++) {
        double one;

        if (rows[i].mailbox != mailbox || rows[i].rest)
            continue;
        one = predict(&fit->copying, rows[i].items, rows[i].bytes);
        predicted += one;
        got += CLAMP(working_s(&rows[i]) / cost_crowded(fit, rows[i].beside),
                     one / exp(FAR), one * exp(FAR));
    }
    if (predicted <= 0)
        return false;
    own = SELF_SD * SELF_SD + MINUTE_SD * MINUTE_SD * BRIEF_S / predicted;
    others = fit->mailbox_sd * fit->mailbox_sd;
    *ret_log = log_ratio(got, predicted) * others / (others + own);
    *ret_sd = sqrt(others * own / (others + own));
    return true;
}

double cost_work_s(const struct cost_fit *fit, uint64_t items, uint64_t bytes)
{
    return predict(&fit->copying, items, bytes) +
           predict(&fit->rest, items, bytes);
}

char *cost_basis_text(const struct cost_fit *fit)
{
    if (fit->basis == COST_BY_DEFAULT)
        return g_strdup(fit->prior_basis != NULL ? fit->prior_basis
                                                 : "no data yet: default rate");
    return g_strdup_printf("%u mailbox%s of this provider", fit->mailboxes,
                           fit->mailboxes == 1 ? "" : "es");
}
