#include "net/governor_pace.h"

#include <glib.h>

#include "base/timestamp.h"

/* So far below what the server gives, at first. */
#define BELOW 0.98
/*
 * What may be saved up: what is not used in so long, or by so many requests, is
 * lost.  Requests that take longer than that differ in their length, and who
 * was short leaves to the next what it did not take.
 */
#define SAVED_US       TIMESTAMP_SECOND
#define SAVED_REQUESTS 2
/* What was given in earlier times counts half each time. */
#define FADE 0.5
/* The first step up; each one after it is twice as large. */
#define GROWTH_FIRST 0.01
#define GROWTH_MOST  0.5
/* So much more than the average is far. */
#define FAR 1.25
/* When a step would be as large as that, the pace is no longer right. */
#define GROWTH_ODD 0.04
/* From step to step, at first and where the pace was right all along. */
#define STEP_US      (10 * TIMESTAMP_SECOND)
#define STEP_MOST_US (40 * TIMESTAMP_SECOND)
/*
 * And so many answers to each of these: the third step or the fourth is
 * refused, and one answer in a hundred may be.
 */
#define STEP_ANSWERS 40
/*
 * What was learnt from refusals within so short a time may be a tenth too low
 * or too high: then half as many, since the time until it is right counts for
 * more.
 */
#define LITTLE_US      (20 * TIMESTAMP_SECOND)
#define LITTLE_ANSWERS 20
/* A pace that is confirmed within this was right. */
#define RIGHT 0.1
/*
 * Requests between two refusals that make a measurement; and what is done about
 * those that make none, so often.
 */
#define WINDOW_LEAST 3
#define VAIN_MOST    2
#define VAIN_SHARE   0.9
/* The server's word may make a time so much shorter or longer. */
#define BELIEVED 4
/* Of the average of what a request costs. */
#define COST_WEIGHT 0.2

void governor_pace_init(struct governor_pace *p)
{
    *p = (struct governor_pace){ .growth = GROWTH_FIRST, .step_us = STEP_US };
}

static double balance(const struct governor_pace *p, int64_t now_us)
{
    double grown = (double)MAX(now_us - p->at_us, 0) * p->rate;

    return MIN(p->balance_us + grown,
               MAX(p->rate * (double)SAVED_US, p->cost_us * SAVED_REQUESTS));
}

static void bring_up_to(struct governor_pace *p, int64_t now_us)
{
    p->balance_us = balance(p, now_us);
    p->at_us = MAX(p->at_us, now_us);
}

/* What is in flight has been charged so far. */
static double flown(const struct governor_pace *p, int64_t now_us)
{
    return (double)now_us * p->in_flight - p->entered_sum_us;
}

/* Who takes longer than was set aside for it is charged as it goes on. */
int64_t governor_pace_opens_us(const struct governor_pace *p, int64_t now_us)
{
    double over_us = MAX(flown(p, now_us) - p->held_us, 0);
    double missing_us = over_us - balance(p, now_us);

    if (p->rate <= 0 || missing_us <= 0)
        return now_us;
    return MAX(now_us, p->at_us) + (int64_t)(missing_us / p->rate) + 1;
}

bool governor_pace_binds(const struct governor_pace *p)
{
    return p->rate > 0 && (p->bound || p->was_bound);
}

static unsigned int step_answers(const struct governor_pace *p)
{
    return p->sum_in_us < (double)LITTLE_US ? LITTLE_ANSWERS : STEP_ANSWERS;
}

/* As long as nobody is refused. */
static void grow(struct governor_pace *p, int64_t now_us)
{
    if (now_us - p->stepped_us < p->step_us ||
        p->answers * STEP_US < step_answers(p) * p->step_us)
        return;
    if (p->bound) {
        p->proven = p->rate;
        p->rate *= 1 + p->growth;
        p->growth = MIN(p->growth * 2, GROWTH_MOST);
        if (p->growth >= GROWTH_ODD)
            p->step_us = STEP_US;
    }
    p->was_bound = p->bound;
    p->bound = false;
    p->answers = 0;
    p->stepped_us = now_us;
}

/* A server charges as it works, not when it has done. */
static void fly(struct governor_pace *p, int64_t now_us)
{
    p->spent_us += (double)(now_us - p->flown_us) * p->in_flight;
    p->flown_us = now_us;
}

void governor_pace_enter(struct governor_pace *p, bool waited, int64_t now_us)
{
    fly(p, now_us);
    p->in_flight++;
    p->entered_sum_us += (double)now_us;
    p->begun++;
    if (p->rate <= 0)
        return;
    p->bound = p->bound || waited;
    bring_up_to(p, now_us);
    grow(p, now_us);
    p->balance_us -= p->cost_us;
    p->held_us += p->cost_us;
}

void governor_pace_leave(struct governor_pace *p,
                         const struct governor_pace_end *end, int64_t now_us)
{
    int64_t took_us = end->took_us;
    double held_us = p->held_us / p->in_flight;

    fly(p, now_us);
    p->in_flight--;
    p->held_us -= held_us;
    p->entered_sum_us -= (double)end->entered_us;
    p->begun -= took_us == 0 && p->begun > 0;
    p->answers += took_us > 0;
    if (took_us > 0)
        p->cost_us += p->cost_us > 0
                          ? ((double)took_us - p->cost_us) * COST_WEIGHT
                          : (double)took_us;
    if (p->rate <= 0)
        return;
    bring_up_to(p, now_us);
    p->balance_us += held_us - (double)took_us;
}

/*
 * From when the account was even after the last refusal to when it will be
 * after this one.  A server whose word has another meaning is not believed too
 * much.
 */
static double given_in_us(const struct governor_pace *p, int64_t told_us,
                          int64_t now_us)
{
    double elapsed_us = (double)(now_us - p->refused_us);

    return CLAMP(elapsed_us + (double)(told_us - p->told_us),
                 elapsed_us / BELIEVED, elapsed_us * BELIEVED);
}

/*
 * Refused again after next to nothing: where the server's word does not tell
 * at what depth, what was in flight at the last refusal has been charged
 * meanwhile, so the two were not at the same.
 */
static bool is_vain(struct governor_pace *p, int64_t told_us)
{
    bool deeper = told_us != p->told_us && p->spent_us >= 2 * p->cost_us;

    if (deeper || p->begun >= WINDOW_LEAST || ++p->vain > VAIN_MOST) {
        p->vain = 0;
        return false;
    }
    p->rate *= VAIN_SHARE;
    return true;
}

/*
 * Whose pace has grown far has asked for less than it was given for most of the
 * time: the last step but one was taken.
 */
static double given_us(const struct governor_pace *p, double in_us)
{
    return p->rate * in_us > p->spent_us * FAR ? p->proven * in_us
                                               : p->spent_us;
}

static void learn(struct governor_pace *p, double given_in_us)
{
    double before = p->rate;

    p->sum_us = p->sum_us * FADE + MAX(given_us(p, given_in_us), p->spent_us);
    p->sum_in_us = p->sum_in_us * FADE + given_in_us;
    p->rate = p->sum_us / p->sum_in_us * BELOW;
    if (before > 0 && p->rate > before * (1 - RIGHT) &&
        p->rate < before * (1 + RIGHT))
        p->step_us = MIN(p->step_us * 2, STEP_MOST_US);
    else
        p->step_us = STEP_US;
}

void governor_pace_refused(struct governor_pace *p, int64_t told_us,
                           int64_t until_us, int64_t now_us)
{
    fly(p, now_us);
    if (p->refused_us != 0 && p->spent_us > 0 && now_us > p->refused_us &&
        !is_vain(p, told_us))
        learn(p, given_in_us(p, told_us, now_us));
    p->refused_us = now_us;
    p->told_us = told_us;
    p->begun = 0;
    p->spent_us = 0;
    p->growth = GROWTH_FIRST;
    p->proven = 0;
    p->stepped_us = until_us;
    p->answers = 0;
    p->was_bound = true;
    p->bound = false;
    /* What is in flight has still to be charged for the rest of its time. */
    p->held_us = p->cost_us * p->in_flight;
    p->balance_us = flown(p, now_us) - p->held_us;
    p->at_us = until_us;
}
