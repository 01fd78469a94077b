#include "fleet/cost_level.h"

#include <math.h>

/*
 * Rooms to choose from.  Before it shows, an end to the room is as likely as
 * none.
 */
static const double rooms[] = { 1, 1.5, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64 };
#define N_ROOMS   G_N_ELEMENTS(rooms)
#define NO_ROOM_P 0.5
/* More at once are taken for so many. */
#define BESIDE_MAX 64

/* A stretch of so many seconds tells half of what a long one does. */
#define SHORT_S 30.0
/*
 * Rows differ so, and all rows of one number at once from those of another:
 * they were of other hours, with other loads.
 */
#define ROW_SD    0.4
#define BESIDE_SD 0.15
/* No row is taken to be further off, as a logarithm. */
#define FAR 1.5

/* Rows of so many stand together: some hours of a migration. */
#define BLOCK 64
/* So many of them are as far as a forecast looks. */
#define AHEAD 3
/* How far hosts move that have not shown it; that weighs as so many blocks. */
#define DRIFT_SD    0.215
#define DRIFT_SD_OF 8.0
#define DRIFT_MIN   0.05

/* ---- how many there is room for ------------------------------------------ */

double cost_level_crowded(double room, double n)
{
    double full = room * room;

    return room > 0 && n > 1 ? sqrt((full + n * n) / (full + 1)) : 1;
}

/* All rows of as many at once. */
struct crowd {
    double weight, squares, log;
};

static double log_ratio(double got, double predicted)
{
    return CLAMP(log(got / predicted), -FAR, FAR);
}

static void gather(const struct cost_measured *m, double room,
                   struct crowd *crowds)
{
    for (size_t i = 0; i < m->n; i++) {
        unsigned int n = CLAMP(m->paces[i].beside, 1, BESIDE_MAX);
        double w = m->predicted_s[i] / (m->predicted_s[i] + SHORT_S);

        if (m->paces[i].rest || m->counted_s[i] <= 0)
            continue;
        crowds[n].weight += w;
        crowds[n].squares += w * w;
        crowds[n].log += w * (log_ratio(m->counted_s[i], m->predicted_s[i]) +
                              log(cost_level_crowded(room, n)));
    }
}

/* How well a room tells them, as the logarithm of a likelihood. */
static double likelihood(const struct crowd *crowds, double room)
{
    double n = 0, sum = 0, squares = 0;

    for (unsigned int i = 1; i <= BESIDE_MAX; i++) {
        const struct crowd *c = &crowds[i];
        double off, w;

        if (c->weight <= 0)
            continue;
        off = c->log / c->weight - log(cost_level_crowded(room, i));
        w = 1 / (BESIDE_SD * BESIDE_SD +
                 ROW_SD * ROW_SD * c->squares / (c->weight * c->weight));
        n += w;
        sum += w * off;
        squares += w * off * off;
    }
    return n > 0 ? -(squares - sum * sum / n) / 2 : 0;
}

/* The middle one: it is as likely to be less as to be more. */
double cost_level_room(const struct cost_measured *m, double room)
{
    struct crowd crowds[BESIDE_MAX + 1] = { 0 };
    double p[N_ROOMS] = { 0 }, none, all, below = 0;

    gather(m, room, crowds);
    /* no likelihood is above 1, and none falls below what a double holds */
    none = NO_ROOM_P * exp(MAX(likelihood(crowds, 0), -600));
    all = none;
    for (size_t i = 0; i < N_ROOMS; i++) {
        p[i] = (1 - NO_ROOM_P) / N_ROOMS *
               exp(MAX(likelihood(crowds, rooms[i]), -600));
        all += p[i];
    }
    for (size_t i = 0; i < N_ROOMS; i++) {
        below += p[i];
        if (below > all / 2)
            return rooms[i];
    }
    return 0;
}

/* ---- how far the level moves --------------------------------------------- */

struct block {
    double level;
    double variance; /* of it, by the mailboxes that are in it */
};

/* By mailbox, as these stand together: what is predicted, squared. */
static double squares_of(const struct cost_measured *m, size_t from, size_t to)
{
    int64_t ids[BLOCK];
    double s[BLOCK], sum = 0;
    size_t n = 0, k;

    for (size_t i = from; i < to; i++) {
        for (k = 0; k < n && ids[k] != m->paces[i].mailbox; k++)
            ;
        if (k == n) {
            ids[n] = m->paces[i].mailbox;
            s[n++] = 0;
        }
        s[k] += m->predicted_s[i];
    }
    for (k = 0; k < n; k++)
        sum += s[k] * s[k];
    return sum;
}

static struct block block_of(const struct cost_measured *m, size_t from,
                             double mailbox_sd)
{
    double got = 1e-9, predicted = 1e-9;

    for (size_t i = from; i < from + BLOCK; i++) {
        got += m->counted_s[i];
        predicted += m->predicted_s[i];
    }
    return (struct block){
        .level = log_ratio(got, predicted),
        .variance = mailbox_sd * mailbox_sd *
                    squares_of(m, from, from + BLOCK) / (predicted * predicted),
    };
}

/* Each block against those that came next: so far ahead a forecast goes. */
double cost_level_drift(const struct cost_measured *m, double mailbox_sd)
{
    double n = DRIFT_SD_OF, sum = n * DRIFT_SD * DRIFT_SD;
    struct block last[AHEAD] = { 0 };

    for (size_t i = 0; i < m->n / BLOCK; i++) {
        /* up to the last row: what is over is among the oldest */
        struct block b = block_of(m, m->n % BLOCK + i * BLOCK, mailbox_sd);

        for (size_t k = 1; k <= MIN(i, AHEAD); k++) {
            const struct block *before = &last[(i - k) % AHEAD];
            double by = b.level - before->level;

            sum += MAX(by * by - b.variance - before->variance, 0) / AHEAD;
            n += 1.0 / AHEAD;
        }
        last[i % AHEAD] = b;
    }
    return MAX(sum / n, DRIFT_MIN * DRIFT_MIN);
}
