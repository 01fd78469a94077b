/*
 * governor_pace - how much of a server's time a budget may take: the decision
 * alone, without clock or lock.
 *
 * A server that keeps an account of its time for each budget refuses what is
 * over it, and says for how long.  It does so each time at the same depth, so
 * what it gave between two refusals is what it gives: from the second one on
 * we keep such an account ourselves, a little below its own, and are not
 * refused any more.  The pace grows again by little, and by more each time that
 * is not refused, so that a policy that was relaxed is found out.
 */
#ifndef NET_GOVERNOR_PACE_H
#define NET_GOVERNOR_PACE_H

#include <stdbool.h>
#include <stdint.h>

struct governor_pace {
    double rate;       /* server time a time; 0: none is known */
    double balance_us; /* as of at_us; ahead of what is in flight */
    int64_t at_us;
    double cost_us; /* of a request, moving average; 0: not known */
    /* between refusals */
    double spent_us; /* as of flown_us, by what was in flight meanwhile */
    int64_t flown_us;
    unsigned int in_flight;
    int64_t refused_us;       /* the last one; 0: never */
    unsigned int begun;       /* since, and not refused */
    unsigned int vain;        /* refusals after next to nothing, in a row */
    double sum_us, sum_in_us; /* what was given, in what time; fading */
    /* growth */
    double growth;
    int64_t step_us, stepped_us;
    unsigned int answers; /* since the last step */
    bool bound;           /* somebody had to wait for it since */
};

void governor_pace_init(struct governor_pace *p);

/* When the next request may begin; now_us or before: at once. */
int64_t governor_pace_opens_us(const struct governor_pace *p, int64_t now_us);

/* A request begins.  waited: it could not before, for the pace's sake. */
void governor_pace_enter(struct governor_pace *p, bool waited, int64_t now_us);

/*
 * It has ended after taking took_us of the server's time; 0: it took none, for
 * it was refused or lost.
 */
void governor_pace_leave(struct governor_pace *p, int64_t took_us,
                         int64_t now_us);

/* The budget is spent, and nothing will be sent before until_us. */
void governor_pace_refused(struct governor_pace *p, int64_t now_us,
                           int64_t until_us);

#endif
