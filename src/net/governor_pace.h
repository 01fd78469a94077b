/*
 * governor_pace - how much of a server's time a budget may take: the decision
 * alone, without clock or lock.
 *
 * A server that keeps an account of its time for each budget refuses what is
 * over it, and says for how long: until the account is even again.  So what was
 * spent from one such moment to the next is what it gives in that time: from
 * the second refusal on we keep such an account ourselves, a little below its
 * own, and are not refused any more.  The pace grows again by little, and by
 * more each time that is not refused, so that a policy that was relaxed is
 * found out.
 */
#ifndef NET_GOVERNOR_PACE_H
#define NET_GOVERNOR_PACE_H

#include <stdbool.h>
#include <stdint.h>

struct governor_pace {
    double rate;       /* server time a time; 0: none is known */
    double balance_us; /* as of at_us; ahead of what is in flight */
    double held_us;    /* set aside for that */
    int64_t at_us;
    double cost_us; /* of a request, moving average; 0: not known */
    /* between refusals */
    double spent_us; /* as of flown_us, by what was in flight meanwhile */
    int64_t flown_us;
    unsigned int in_flight;
    double entered_sum_us;    /* when they began, added up */
    int64_t refused_us;       /* the last one; 0: never */
    int64_t told_us;          /* to stay away for, by that one */
    unsigned int begun;       /* since, and not refused */
    unsigned int vain;        /* refusals after next to nothing, in a row */
    double sum_us, sum_in_us; /* what was given, in what time; fading */
    /* growth */
    double growth;
    double proven; /* the rate before the last step; 0: there was none */
    int64_t step_us, stepped_us;
    unsigned int answers; /* since the last step */
    bool bound;           /* somebody had to wait for it since, */
    bool was_bound;       /* or between the two steps before */
};

void governor_pace_init(struct governor_pace *p);

/* When the next request may begin; now_us or before: at once. */
int64_t governor_pace_opens_us(const struct governor_pace *p, int64_t now_us);

/* Is it what holds requests back, of late? */
bool governor_pace_binds(const struct governor_pace *p);

/* A request begins.  waited: it could not before, for the pace's sake. */
void governor_pace_enter(struct governor_pace *p, bool waited, int64_t now_us);

/* A request that began at entered_us has ended. */
struct governor_pace_end {
    int64_t entered_us;
    int64_t took_us; /* 0: nothing, it was refused or lost */
};
void governor_pace_leave(struct governor_pace *p,
                         const struct governor_pace_end *end, int64_t now_us);

/*
 * The budget is spent.  The server says to stay away for told_us; nothing will
 * be sent before until_us.
 */
void governor_pace_refused(struct governor_pace *p, int64_t told_us,
                           int64_t until_us, int64_t now_us);

#endif
