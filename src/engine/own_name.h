/*
 * own_name - what the source's directory calls the mailbox itself, for the map
 * of the old organisation's names.
 *
 * Items name most people, but not who has had no mail yet, and a person's
 * present name only by chance.
 */
#ifndef ENGINE_OWN_NAME_H
#define ENGINE_OWN_NAME_H

#include "engine/pass.h"

/*
 * Asked of the source until it is on record, once a pass.  1: it is, or there
 * are no such names; 0: it could not be had, and why; -1: the store.
 */
int own_name_learn(struct pass *p, struct err *ret_why,
                   struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* The same, with a note where no item has told one of its names either. */
int own_name_or_note(struct pass *p, struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
