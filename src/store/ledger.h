/*
 * ledger - what becomes of an item's row, decided without a database.
 *
 * The state diagram stands in store.h.  Both implementations ask here, so
 * that they differ only in how a row is kept.
 */
#ifndef STORE_LEDGER_H
#define STORE_LEDGER_H

#include "store/store.h"

/* The part of a row that decisions are made from. */
struct ledger_item {
    enum item_state state;
    unsigned int pending; /* enum item_pending */
    unsigned int tries;
};

/* What a row in a state holds; anything else is cleared on entering it. */
enum ledger_fact {
    LEDGER_DESTINATION = 1 << 0, /* destination id */
    LEDGER_DIGEST = 1 << 1,
    LEDGER_DEADLINE = 1 << 2,
    LEDGER_WAIT = 1 << 3,   /* not before */
    LEDGER_REASON = 1 << 4, /* reason, remedy, error name, subject */
    LEDGER_MOVED = 1 << 5,  /* moved from */
};
unsigned int ledger_facts(const struct ledger_item *item);

/*
 * The row of an id that was not known: false when the change gives none (a
 * deletion of what was never seen).
 */
bool ledger_list_new(struct ledger_item *ret,
                     const struct store_change *change);

/*
 * Bring a known row up to date; same_key, same_read: the change's change key,
 * and its read mark, equal the recorded ones.  A mark may come by itself or
 * with an update (EWS-QUIRKS 87).  True when the row takes over what the change
 * tells of the item (key, class, size, ...); what the change does not tell,
 * stays.
 */
bool ledger_list(struct ledger_item *item, const struct store_change *change,
                 bool same_key, bool same_read);

/* LISTED to INTENDED.  -1: item_id is in another state. */
int ledger_intend(struct ledger_item *item, int64_t item_id,
                  struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Record an outcome.  What came from the source while the item was INTENDED
 * takes effect on leaving it.  -1: not a transition of the diagram.
 */
int ledger_record(struct ledger_item *item, const struct store_outcome *outcome,
                  struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* LISTED to ALREADY_THERE or COPIED.  -1: item_id is in another state. */
int ledger_adopt(struct ledger_item *item, int64_t item_id, enum item_state to,
                 struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * What follows the source.  has_old: the row has an old destination id, which
 * must be gone before another becomes one.  -1: not of the diagram.
 */
int ledger_follow(struct ledger_item *item, const struct store_follow *follow,
                  bool has_old, struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* Its item has been moved to another row's folder: true when it was there. */
bool ledger_moved_away(struct ledger_item *item);

/*
 * What was there before us, and found for it, is another row's from here on.
 * -1: item_id is in another state.
 */
int ledger_give_up(struct ledger_item *item, int64_t item_id,
                   struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * FAILED to LISTED, or to COPIED or ALREADY_THERE where there is a copy; for a
 * new run.
 */
void ledger_retry(struct ledger_item *item);

#endif
