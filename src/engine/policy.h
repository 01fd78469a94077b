/*
 * policy - what the engine does about a failure, by its scope and its retry
 * and nothing else.
 */
#ifndef ENGINE_POLICY_H
#define ENGINE_POLICY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

enum policy {
    POLICY_STOP,   /* no retry helps: the mailbox's pass ends */
    POLICY_PAUSE,  /* the server is busy or away: everything waits, goes on */
    POLICY_FOLDER, /* this folder is out of reach for good */
    POLICY_LATER,  /* this item (or folder) may go well another time */
    POLICY_FAIL,   /* this item never will */
};
enum policy policy_of(const struct err *err);

/*
 * The names that have a meaning of their own: a token that has to be dropped,
 * and an item or a folder that is not there any more.
 */
bool policy_is_stale_token(const struct err *err);
bool policy_is_gone(const struct err *err);
/* The account may not do that there; by another operation it may. */
bool policy_is_denied(const struct err *err);

/*
 * A request refused for its size: about that request alone, it says nothing of
 * what the server offers.
 */
bool policy_is_too_large(const struct err *err);

/*
 * What one of n items was refused while most of them went well: however wide
 * its code's meaning is, it is about that item.  Unless there is no room left,
 * which the next item finds as well.
 */
void policy_narrow(struct err *err, size_t n_well, size_t n);

/* The row's state changed under us: store.h, "-1 when in another state". */
bool policy_is_wrong_state(const struct err *err);
/* The ledger: the destination id has its row already. */
bool policy_is_taken(const struct err *err);

#endif
