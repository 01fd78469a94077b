#include "base/spool.h"
#include "base/timestamp.h"
#include "engine/lane_priv.h"

static int64_t again_at(struct lane *l, unsigned int failures,
                        const struct err *why)
{
    return pass_now(&l->copy->pass) +
           pass_backoff(&l->copy->pass, failures, why);
}

/*
 * One that is on its way to the destination goes back first: the ledger knows
 * no way from there to being left out.
 */
static void leave_behind(struct lane *l, enum side side, struct cargo *c)
{
    pthread_mutex_lock(&l->copy->pass.lock);
    l->folder->no_way = true;
    pthread_mutex_unlock(&l->copy->pass.lock);
    if (side == SOURCE)
        cargo_left_out(c);
    else
        cargo_again(c, 0, false);
}

/*
 * What is hidden goes as FastTransfer or not at all.  A server that has never
 * answered such a request may lack it, which is no failure of the item.
 */
static void fall_back(struct lane *l, enum side side, struct cargo *c,
                      const struct err *why)
{
    if (!l->folder->hidden) {
        route_keep_off(l->copy, c->item->id, why->msg);
        cargo_fall_back(c, why);
    } else if (route_works(l->copy, side)) {
        cargo_failed(c, why);
    } else {
        leave_behind(l, side, c);
    }
}

/* Whether the other way may be open where this one is closed to us. */
static bool is_denied_so(const struct lane *l, const struct cargo *c,
                         const struct err *why)
{
    return c->format == PAYLOAD_FTS && l->copy->may_fall_back &&
           policy_is_denied(why);
}

/*
 * Not as FastTransfer, perhaps the other way; else it has failed.  Our own disk
 * is as full that way as this.
 */
static void fail(struct lane *l, enum side side, struct cargo *c,
                 const struct err *why)
{
    if (c->format == PAYLOAD_FTS && l->copy->may_fall_back &&
        why->scope == ERR_ITEM && !spool_is_at_fault(why))
        fall_back(l, side, c, why);
    else
        cargo_failed(c, why);
}

/* It may go well another time, a limited number of times. */
static void passing(struct lane *l, enum side side, struct cargo *c,
                    const struct err *why)
{
    unsigned int tries = c->item->tries + 1;

    if (tries >= l->copy->pass.options.item_tries)
        fail(l, side, c, why);
    else
        cargo_again(c, again_at(l, tries, why), true);
}

void lane_trouble(struct lane *l, enum side side, struct cargo *c,
                  const struct err *why)
{
    struct pass *p = &l->copy->pass;

    switch (policy_of(why)) {
    case POLICY_STOP:
        if (c->format == PAYLOAD_FTS &&
            route_switch(l->copy, l->at[side], side, why)) {
            fall_back(l, side, c, why);
            break;
        }
        pass_failed(p, why);
        cargo_again(c, 0, false);
        break;
    case POLICY_PAUSE:
        cargo_again(c, pass_now(p) + pass_park(p, side, why), false);
        break;
    case POLICY_FOLDER:
        if (is_denied_so(l, c, why)) {
            fall_back(l, side, c, why);
            break;
        }
        feed_close(l->copy, l->folder, why);
        cargo_again(c, 0, false);
        break;
    case POLICY_LATER:
        passing(l, side, c, why);
        break;
    case POLICY_FAIL:
        fail(l, side, c, why);
        break;
    }
}

bool lane_turn(struct lane *l, enum side side, struct cargo *const *set,
               size_t n, const struct err *why)
{
    if (is_denied_so(l, set[0], why))
        route_refused(l->copy, l->at[side], side, why);
    else if (set[0]->format != PAYLOAD_FTS || policy_of(why) != POLICY_STOP ||
             !route_switch(l->copy, l->at[side], side, why))
        return false;
    for (size_t i = 0; i < n; i++)
        fall_back(l, side, set[i], why);
    return true;
}

/*
 * A request was lost.  Ask that side for something harmless until it answers:
 * if it does, the fault may lie in what was asked for.  False: the pass is
 * over, or the server does not come back.
 */
static bool is_well(struct lane *l, enum side side, const struct err *why)
{
    struct pass *p = &l->copy->pass;
    struct err now = *why;

    while (pass_endure(p, side, &l->failures, &now)) {
        g_auto(endpoint_tree) tree = { 0 };

        if (endpoint_folders(l->at[side], &tree, &now) == 0)
            return true;
    }
    if (!pass_is_over(p))
        pass_failed(p, &now);
    return false;
}

bool lane_weather(struct lane *l, enum side side, const struct err *why)
{
    struct pass *p = &l->copy->pass;

    if (policy_of(why) == POLICY_STOP) {
        pass_failed(p, why);
        return false;
    }
    if (why->retry == ERR_RETRY_NOW)
        return is_well(l, side, why);
    (void)pass_park(p, side, why); /* the next claim waits */
    return false;
}

void lane_suspect(struct lane *l, enum side side, struct cargo *const *set,
                  size_t n, const struct err *why)
{
    for (size_t i = 0; i < n; i++) {
        if (n == 1)
            passing(l, side, set[i], why);
        else
            cargo_again(set[i], again_at(l, set[i]->item->tries + 1, why),
                        true);
    }
}
