#include "store/ledger.h"

#include "store/store_priv.h"

#define TO(s) (1u << ITEM_##s)

/*
 * What items_record() may do.  FAILED and GONE come back by a listing;
 * INTENDED is entered by items_intend() alone.
 */
/* clang-format off */
static const unsigned int may_become[ITEM_N_STATES] = {
    [ITEM_LISTED] = TO(LISTED) | TO(FAILED) | TO(GONE) | TO(FILTERED) |
                    TO(ALREADY_THERE),
    [ITEM_INTENDED] = TO(COPIED) | TO(LISTED) | TO(FAILED) | TO(GONE),
    [ITEM_FAILED] = TO(LISTED),
    [ITEM_FILTERED] = TO(LISTED),
    [ITEM_COPIED] = TO(CONFLICT),
    [ITEM_ALREADY_THERE] = TO(LISTED) | TO(COPIED),
};

static const unsigned int facts[ITEM_N_STATES] = {
    [ITEM_LISTED] = LEDGER_WAIT,
    [ITEM_INTENDED] = LEDGER_DIGEST | LEDGER_DEADLINE | LEDGER_MOVED,
    [ITEM_COPIED] = LEDGER_DIGEST | LEDGER_DESTINATION,
    [ITEM_FAILED] = LEDGER_REASON,
    [ITEM_ALREADY_THERE] = LEDGER_DIGEST | LEDGER_DESTINATION | LEDGER_REASON |
                           LEDGER_MOVED,
    [ITEM_CONFLICT] = LEDGER_DIGEST | LEDGER_DESTINATION | LEDGER_REASON,
};

/* At the destination, or perhaps: changes at the source are noted, not taken */
static const bool arrived[ITEM_N_STATES] = {
    [ITEM_INTENDED] = true,
    [ITEM_COPIED] = true,
    [ITEM_ALREADY_THERE] = true,
    [ITEM_CONFLICT] = true,
};
/* clang-format on */

/*
 * An edit that could not follow: the copy is there as it was.  What failed on
 * its way to the destination never has pending bits, see settle_pending().
 */
static bool has_copy(const struct ledger_item *item)
{
    return item->state == ITEM_FAILED && item->pending != 0;
}

static bool was_there(const struct ledger_item *item)
{
    return has_copy(item) && (item->pending & ITEM_PENDING_THERE) != 0;
}

unsigned int ledger_facts(const struct ledger_item *item)
{
    return facts[item->state] |
           (has_copy(item) ? LEDGER_DESTINATION | LEDGER_DIGEST : 0u) |
           (was_there(item) ? LEDGER_MOVED : 0u);
}

static void try_again(struct ledger_item *item)
{
    item->state = was_there(item)  ? ITEM_ALREADY_THERE
                  : has_copy(item) ? ITEM_COPIED
                                   : ITEM_LISTED;
    item->pending &= ~(unsigned int)ITEM_PENDING_THERE;
    item->tries = 0;
}

static enum item_state listed_state(const struct store_change *change)
{
    return change->filtered ? ITEM_FILTERED : ITEM_LISTED;
}

bool ledger_list_new(struct ledger_item *ret, const struct store_change *change)
{
    /*
     * A read flag of an item that was never listed proves that the item is
     * there, and the token moves past it: it must not be lost.
     */
    if (change->kind == STORE_DELETED)
        return false;
    *ret = (struct ledger_item){ .state = listed_state(change) };
    return true;
}

static void list_arrived(struct ledger_item *item,
                         const struct store_change *change, bool same_key,
                         bool same_read)
{
    if (change->kind == STORE_DELETED) {
        item->pending |= ITEM_PENDING_DELETE;
        return;
    }
    item->pending &= ~(unsigned int)ITEM_PENDING_DELETE;
    if (change->kind == STORE_READ_FLAG || !same_read)
        item->pending |= ITEM_PENDING_READ;
    if (change->kind != STORE_READ_FLAG && !same_key)
        item->pending |= ITEM_PENDING_EDIT;
}

static void list_again(struct ledger_item *item,
                       const struct store_change *change)
{
    if (item->state == ITEM_FAILED || item->state == ITEM_GONE)
        item->tries = 0;
    item->state = listed_state(change);
}

bool ledger_list(struct ledger_item *item, const struct store_change *change,
                 bool same_key, bool same_read)
{
    if (has_copy(item))
        try_again(item);
    if (arrived[item->state]) {
        list_arrived(item, change, same_key, same_read);
        return false;
    }
    if (change->kind == STORE_DELETED) {
        item->state = ITEM_GONE;
        return false;
    }
    /* Being read is no edit; but what is read is not gone. */
    if (change->kind != STORE_READ_FLAG || item->state == ITEM_GONE)
        list_again(item, change);
    return true;
}

int ledger_intend(struct ledger_item *item, int64_t item_id, struct err *err)
{
    if (item->state != ITEM_LISTED)
        return store_refuse_state(err, item_id, item->state, ITEM_INTENDED);
    item->state = ITEM_INTENDED;
    return 0;
}

/* What was noted while the item was in doubt acts on the row that is left. */
static void settle_pending(struct ledger_item *item)
{
    unsigned int pending = item->pending;

    if (arrived[item->state])
        return;
    item->pending = 0;
    if (item->state != ITEM_LISTED && item->state != ITEM_FAILED)
        return;
    if ((pending & ITEM_PENDING_DELETE) != 0) {
        item->state = ITEM_GONE;
    } else if ((pending & ITEM_PENDING_EDIT) != 0 &&
               item->state == ITEM_FAILED) {
        item->state = ITEM_LISTED;
        item->tries = 0;
    }
}

int ledger_record(struct ledger_item *item, const struct store_outcome *outcome,
                  struct err *err)
{
    if ((may_become[item->state] & (1u << outcome->state)) == 0 ||
        has_copy(item))
        return store_refuse_state(err, outcome->item_id, item->state,
                                  outcome->state);
    if (item->state == ITEM_FAILED)
        item->tries = 0;
    if (outcome->state == ITEM_LISTED && outcome->count_try)
        item->tries++;
    item->state = outcome->state;
    settle_pending(item);
    return 0;
}

int ledger_adopt(struct ledger_item *item, int64_t item_id, enum item_state to,
                 struct err *err)
{
    if (item->state != ITEM_LISTED)
        return store_refuse_state(err, item_id, item->state, to);
    item->state = to;
    return 0;
}

/* clang-format off */
static const unsigned int may_follow[ITEM_N_STATES] = {
    [ITEM_COPIED] = TO(COPIED) | TO(FAILED) | TO(CONFLICT) | TO(GONE) |
                    TO(LISTED),
    [ITEM_CONFLICT] = TO(CONFLICT) | TO(GONE),
    [ITEM_ALREADY_THERE] = TO(ALREADY_THERE) | TO(CONFLICT) | TO(FAILED),
    [ITEM_GONE] = TO(GONE),
};
/* clang-format on */

int ledger_follow(struct ledger_item *item, const struct store_follow *follow,
                  bool has_old, struct err *err)
{
    bool replaced = follow->state == ITEM_LISTED;
    unsigned int left = item->pending & ~follow->done;

    if ((may_follow[item->state] & (1u << follow->state)) == 0 ||
        (replaced && has_old && !follow->old_gone) ||
        (follow->state == ITEM_FAILED && left == 0))
        return store_refuse_state(err, follow->item_id, item->state,
                                  follow->state);
    if (follow->state == ITEM_FAILED && item->state == ITEM_ALREADY_THERE)
        left |= ITEM_PENDING_THERE;
    item->state = follow->state;
    item->pending = left;
    if (replaced)
        item->tries = 0;
    if (!has_copy(item))
        settle_pending(item);
    return 0;
}

bool ledger_moved_away(struct ledger_item *item)
{
    if (item->state != ITEM_COPIED)
        return false;
    item->state = ITEM_GONE;
    item->pending = 0;
    return true;
}

int ledger_give_up(struct ledger_item *item, int64_t item_id, struct err *err)
{
    if (item->state != ITEM_ALREADY_THERE)
        return store_refuse_state(err, item_id, item->state, ITEM_GONE);
    item->state = ITEM_GONE;
    item->pending = 0;
    return 0;
}

void ledger_retry(struct ledger_item *item)
{
    try_again(item);
}
