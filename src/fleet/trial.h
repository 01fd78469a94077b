/*
 * trial - what trials have found out between two servers, in words.
 */
#ifndef FLEET_TRIAL_H
#define FLEET_TRIAL_H

#include <jansson.h>

#include "store/store.h"

/* Texts are from servers, and one line each: no control characters. */

/* "mail (IPM.Note)"; the caller frees. */
char *fleet_trial_class(const struct store_trial *trial);
/* "comes back whole", "comes back altered: ..."; the caller frees. */
char *fleet_trial_outcome(const struct store_trial *trial);
/*
 * "in place", "by replacement, since ..."; edits: what is on record of the two
 * servers; or NULL.  The caller frees.
 */
char *fleet_trial_edits(const struct store_trial *of,
                        const struct store_edits *edits);
/* Of the two servers of a line; NULL when there is nothing. */
const struct store_edits *fleet_trial_find_edits(const GPtrArray *edits,
                                                 const struct store_trial *of);

/* All that a migration has on record. */
struct fleet_trials {
    GPtrArray *lines; /* of struct store_trial *, by servers and class */
    GPtrArray *edits; /* of struct store_edits * */
};
int fleet_trials_read(struct store *s, struct fleet_trials *ret,
                      struct err *err) G_GNUC_WARN_UNUSED_RESULT;
void fleet_trials_clear(struct fleet_trials *t);
typedef struct fleet_trials fleet_trials;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(fleet_trials, fleet_trials_clear)

/*
 * All of it for a terminal, a paragraph a pair of servers; "" when nothing has
 * been tried.  The caller frees.
 */
char *fleet_trials_text(const struct fleet_trials *t);

/* For programs: an array with an object for each line (trial_json.c). */
json_t *fleet_trials_json(const struct fleet_trials *t);
/* *ret is to be cleared also after -1: it is of another program. */
int fleet_trials_parse(const json_t *json, struct fleet_trials *ret,
                       struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
