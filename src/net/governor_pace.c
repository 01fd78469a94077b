#include "net/governor_pace.h"

#include <glib.h>

#include "base/timestamp.h"

/* So far below what the server gives, at first. */
#define BELOW 0.98
/* What may be saved up: what is not used in so long is lost. */
#define SAVED_US TIMESTAMP_SECOND
/* What was given in earlier times counts half each time. */
#define FADE 0.5
/* The first step up; each one after it is twice as large. */
#define GROWTH_FIRST 0.01
#define GROWTH_MOST  0.5
/* From step to step, at first and where the pace was right all along. */
#define STEP_US      (10 * TIMESTAMP_SECOND)
#define STEP_MOST_US (40 * TIMESTAMP_SECOND)
/* And so many answers to each of these: one in a hundred may be refused. */
#define STEP_ANSWERS 30
/* A pace that is confirmed within this was right. */
#define RIGHT 0.1
/* Requests between two refusals that make a measurement; and what is done
 * about those that make none, so often. */
#define WINDOW_LEAST 3
#define VAIN_MOST    2
#define VAIN_SHARE   0.9
/* Of the average of what a request costs. */
#define COST_WEIGHT 0.2

void governor_pace_init(struct governor_pace *p)
{
    *p = (struct governor_pace){ .growth = GROWTH_FIRST, .step_us = STEP_US };
}

static double balance(const struct governor_pace *p, int64_t now_us)
{
    double grown = (double)MAX(now_us - p->at_us, 0) * p->rate;

    return MIN(p->balance_us + grown, p->rate * (double)SAVED_US);
}

static void bring_up_to(struct governor_pace *p, int64_t now_us)
{
    p->balance_us = balance(p, now_us);
    p->at_us = MAX(p->at_us, now_us);
}

int64_t governor_pace_opens_us(const struct governor_pace *p, int64_t now_us)
{
    double missing_us;

    if (p->rate <= 0)
        return now_us;
    missing_us = -balance(p, now_us);
    if (missing_us <= 0)
        return now_us;
    return MAX(now_us, p->at_us) + (int64_t)(missing_us / p->rate) + 1;
}

/* As long as nobody is refused. */
static void grow(struct governor_pace *p, int64_t now_us)
{
    if (now_us - p->stepped_us < p->step_us ||
        p->answers * STEP_US < STEP_ANSWERS * p->step_us)
        return;
    if (p->bound) {
        p->rate *= 1 + p->growth;
        p->growth = MIN(p->growth * 2, GROWTH_MOST);
    }
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
    p->begun++;
    if (p->rate <= 0)
        return;
    p->bound = p->bound || waited;
    bring_up_to(p, now_us);
    grow(p, now_us);
    p->balance_us -= p->cost_us;
}

void governor_pace_leave(struct governor_pace *p, int64_t took_us,
                         int64_t now_us)
{
    double cost_us = p->cost_us;

    fly(p, now_us);
    p->in_flight--;
    p->begun -= took_us == 0 && p->begun > 0;
    p->answers += took_us > 0;
    if (took_us > 0)
        p->cost_us += p->cost_us > 0
                          ? ((double)took_us - p->cost_us) * COST_WEIGHT
                          : (double)took_us;
    if (p->rate <= 0)
        return;
    bring_up_to(p, now_us);
    p->balance_us += cost_us - (double)took_us;
}

/*
 * Refused again after next to nothing: what was in flight at the last refusal
 * has been charged meanwhile, so the two were not at the same depth.
 */
static bool is_vain(struct governor_pace *p)
{
    if (p->begun >= WINDOW_LEAST || ++p->vain > VAIN_MOST) {
        p->vain = 0;
        return false;
    }
    p->rate *= VAIN_SHARE;
    return true;
}

static void learn(struct governor_pace *p, int64_t now_us)
{
    double before = p->rate;

    p->sum_us = p->sum_us * FADE + p->spent_us;
    p->sum_in_us = p->sum_in_us * FADE + (double)(now_us - p->refused_us);
    p->rate = p->sum_us / p->sum_in_us * BELOW;
    if (before > 0 && p->rate > before * (1 - RIGHT) &&
        p->rate < before * (1 + RIGHT))
        p->step_us = MIN(p->step_us * 2, STEP_MOST_US);
    else
        p->step_us = STEP_US;
}

void governor_pace_refused(struct governor_pace *p, int64_t now_us,
                           int64_t until_us)
{
    fly(p, now_us);
    if (p->refused_us != 0 && p->spent_us > 0 && now_us > p->refused_us &&
        !is_vain(p))
        learn(p, now_us);
    p->refused_us = now_us;
    p->begun = 0;
    p->spent_us = 0;
    p->growth = GROWTH_FIRST;
    p->stepped_us = until_us;
    p->answers = 0;
    p->bound = false;
    p->balance_us = -p->cost_us * p->in_flight;
    p->at_us = until_us;
}
