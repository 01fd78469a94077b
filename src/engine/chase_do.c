#include "engine/chase_priv.h"

/*
 * What the destination is asked to do to items: patiently, and so that the one
 * at fault is found and all others get through.
 */

static bool is_busy(const struct err *why)
{
    return policy_of(why) == POLICY_PAUSE && why->retry == ERR_RETRY_WAIT;
}

/* ---- one item's answer -------------------------------------------------- */

/* It was not refused for good: it is tried again, see chase_do(). */
static void refuse(struct quarry *q, const struct err *why)
{
    q->refused = true;
    q->why = *why;
}

void chase_refused(struct batch_of *b, struct quarry *q, const struct err *why,
                   refused_fn *for_good)
{
    struct pass *p = &b->chase->copy->pass;

    switch (policy_of(why)) {
    case POLICY_STOP:
        quarry_fail(q, why);
        pass_failed(p, why);
        break;
    case POLICY_PAUSE:
        (void)pass_park(p, DESTINATION, why);
        refuse(q, why);
        break;
    case POLICY_LATER:
        refuse(q, why);
        break;
    case POLICY_FOLDER:
    case POLICY_FAIL:
        for_good(b, q, why);
        break;
    }
}

void chase_fail_refused(struct batch_of *b, struct quarry *q,
                        const struct err *why)
{
    (void)b;
    quarry_fail(q, why);
}

void chase_narrow(struct endpoint_done *done, size_t n)
{
    size_t n_well = 0;

    for (size_t i = 0; i < n; i++)
        n_well += done[i].status == 0;
    for (size_t i = 0; i < n; i++)
        if (done[i].status != 0)
            policy_narrow(&done[i].why, n_well, n);
}

/* ---- a request ---------------------------------------------------------- */

static int ask(struct batch_of *b, const struct deed *deed, struct quarry **set,
               size_t n, struct err *ret_why)
{
    for (size_t i = 0; i < n; i++)
        set[i]->refused = false;
    return deed->ask(b, set, n, ret_why);
}

/* Is it the item or the line?  Something harmless tells. */
static bool is_well(const struct batch_of *b)
{
    g_auto(endpoint_tree) tree = { 0 };
    struct err ignored;

    return endpoint_folders(b->chase->at[DESTINATION], &tree, &ignored) == 0;
}

/* The server as a whole would not have it, whichever item is asked about. */
static bool is_of_server(const struct batch_of *b, const struct err *why)
{
    if (pass_is_over(&b->chase->copy->pass) || is_busy(why))
        return true;
    return policy_of(why) == POLICY_STOP ||
           (policy_of(why) == POLICY_PAUSE && !is_well(b));
}

/*
 * A request that fails whole is split down to the item at fault.  For a busy
 * server the pass has patience; a line that breaks at each try may break at
 * one of them.
 */
static int do_set(struct batch_of *b, const struct deed *deed,
                  struct quarry **set, size_t n, struct err *err)
{
    struct pass *p = &b->chase->copy->pass;
    unsigned int failures = 0;
    struct err why;

    while (ask(b, deed, set, n, &why) > 0) {
        bool of_items =
            policy_of(&why) == POLICY_LATER || policy_of(&why) == POLICY_FAIL;

        if (!(of_items && n > 1) &&
            pass_endure(p, DESTINATION, &failures, &why) &&
            (is_busy(&why) || failures < p->options.item_tries))
            continue;
        if (is_of_server(b, &why)) {
            *err = why;
            return -1;
        }
        if (n > 1)
            return do_set(b, deed, set, n / 2, err) < 0
                       ? -1
                       : do_set(b, deed, set + n / 2, n - n / 2, err);
        deed->give_up(b, set[0], &why);
        return 0;
    }
    return 0;
}

/* Alone: what was refused beside another may be refused for its sake. */
static int do_each(struct batch_of *b, const struct deed *deed,
                   struct quarry **set, size_t n, struct err *err)
{
    for (size_t i = 0; i < n; i++)
        if (do_set(b, deed, &set[i], 1, err) < 0)
            return -1;
    return 0;
}

int chase_do(struct batch_of *b, const struct deed *deed, struct quarry **set,
             size_t n, struct err *err)
{
    struct pass *p = &b->chase->copy->pass;
    unsigned int tries = 0;

    for (unsigned int rounds = 1; n > 0; rounds++) {
        bool busy = false;
        size_t k = 0;

        if ((rounds == 1 ? do_set : do_each)(b, deed, set, n, err) < 0)
            return -1;
        for (size_t i = 0; i < n; i++) {
            if (!set[i]->refused)
                continue;
            busy = busy || is_busy(&set[i]->why);
            set[k++] = set[i];
        }
        n = k;
        tries += !busy;
        if (n == 0 || tries >= p->options.item_tries)
            break;
        if (!pass_sleep(p, pass_backoff(p, rounds, &set[0]->why)))
            return pass_interrupted(p, err);
    }
    for (size_t i = 0; i < n; i++)
        quarry_fail(set[i], &set[i]->why);
    return 0;
}
