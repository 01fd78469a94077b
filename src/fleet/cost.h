/*
 * cost - what moving a mailbox costs in time between two hosts, learnt from
 * how those before it went.
 *
 *   a mailbox takes   level x crowd x (rest + copying) / (1 - throttled share)
 *   copying           seconds an item + seconds a megabyte
 *   rest              seconds a mailbox (requests whatever is in it: signing
 *                     in, folders, sweep) + the same two, for verifying
 *
 * The crowd is 1 where it is alone, and grows as more go beside it than there
 * is room for between the two.
 *
 * The three weights of each are fitted to ratios, so that a long stretch and a
 * short one count alike, and what is far off counts no more than what is just
 * unusual: one request that stalled does not double anything.  How mailboxes
 * differ from one another, and how far the level of them all is known, are
 * kept apart: over many mailboxes the first averages out, the second does not.
 *
 * Before there is anything to learn from, a prior stands in; the first
 * mailboxes weigh against it by how sure each of the two is.
 *
 * Pure; no clock.  One thread at a time.
 */
#ifndef FLEET_COST_H
#define FLEET_COST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

#include "store/paces.h"

/* Working seconds: without what throttling adds. */
struct cost_line {
    double fixed_s, item_s, mb_s; /* of 10^6 bytes */
};
/* What is thought of hosts of which nothing is known. */
struct cost_prior {
    struct cost_line copying, rest;
    double level_sd;   /* of the logarithm */
    const char *basis; /* in words, static; NULL: the default rates */
};
/*
 * From engine/expect.h's default rates: half-way between the slow and the fast
 * one as factors go, so wide that one mailbox in ten is slower than the slow.
 */
struct cost_prior cost_prior_default(void);

enum cost_basis {
    COST_BY_DEFAULT, /* nothing is known: the prior */
    COST_BY_HOSTS,   /* mailboxes that went between these hosts */
};

struct cost;
typedef struct cost cost;

struct cost *cost_new(void);
void cost_free(struct cost *c);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(cost, cost_free)

/*
 * In the order in which they were: the last count most.  What says nothing
 * (no time, a stretch without an item) is left out; of more than PACES_MAX the
 * oldest go.
 */
void cost_add(struct cost *c, const struct pace *pace);
size_t cost_n(const struct cost *c);

struct cost_fit {
    struct cost_line copying, rest; /* level included; of one all alone */
    double room;                    /* see cost_crowded(); 0: for any number */
    double mailbox_sd; /* log: how mailboxes differ from one another */
    double level_sd;   /* log: what is not known of them all together */
    /*
     * How likely it is that somebody makes a throttle tighter meanwhile, and
     * how many times as long all takes from then on, at most.
     */
    double tighter_p, tighter_most;
    double share[24]; /* throttled, of all time, by the hour UTC; < 1 */
    enum cost_basis basis;
    unsigned int mailboxes;  /* that it was learnt from */
    const char *prior_basis; /* of the prior */
};
/* prior: NULL: the default. */
void cost_learn(const struct cost *c, const struct cost_prior *prior,
                struct cost_fit *ret);

/*
 * A mailbox that has been measured itself, by how much it differs from the
 * others: *ret_log is added to the logarithm of what is left of it, *ret_sd
 * takes the place of mailbox_sd.  False: it is none of those.
 */
bool cost_of_mailbox(const struct cost *c, const struct cost_fit *fit,
                     int64_t mailbox, double *ret_log, double *ret_sd);

/* How many times as long each takes while there are n of them at once. */
double cost_crowded(const struct cost_fit *fit, size_t n);

/* Working seconds of a mailbox, alone, with that left to copy; the rest
 * included. */
double cost_work_s(const struct cost_fit *fit, uint64_t items, uint64_t bytes);

/* "12 mailboxes between these hosts", "no data yet: ...".  Caller frees. */
char *cost_basis_text(const struct cost_fit *fit) G_GNUC_MALLOC;

#endif
