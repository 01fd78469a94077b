/*
 * store_occurrence - occurrences of series as items of the store: their ids
 * (the master's with a date), and what the store does with one.
 *
 * lab_store_item(), lab_store_export(), lab_store_upload() (LAB_UPDATE) and
 * lab_store_delete_item() take such an id as they take any other and come
 * here; all others refuse it (ErrorCalendarCannotMoveOrCopyOccurrence).
 * Nothing is stored for an occurrence but in its master, whose change key is
 * the occurrence's.
 */
#ifndef LAB_STORE_OCCURRENCE_H
#define LAB_STORE_OCCURRENCE_H

#include "lab/store_priv.h"

/* Whether that is the id of an occurrence. */
bool lab_id_is_occurrence(const char *id);
/*
 * Of the occurrence on that date (minutes since 1601 in the series' zone);
 * NULL when master_id is no item's.  To be freed.
 */
char *lab_occurrence_id(const char *master_id, uint32_t date);
/* The id of its master; NULL when it is no occurrence's.  To be freed. */
char *lab_occurrence_master(const char *id);

/* An item's tree, the caller's, and its columns (may be NULL). */
int lab_occurrence_tree(struct lab_store *store, int64_t mailbox,
                        const char *id, struct mapi_item **ret,
                        struct lab_item *ret_item, struct err *err);

/*
 * The n-th of a series, from 1, deleted ones counted.
 * "ErrorCalendarCannotUseIdForRecurringMasterId" for what is no series,
 * "ErrorCalendarOccurrenceIndexIsOutOfRecurrenceRange",
 * "ErrorCalendarOccurrenceIsDeletedFromRecurrence".
 */
int lab_occurrence_by_index(struct lab_store *store, int64_t mailbox,
                            const char *master_id, uint32_t index, char **ret,
                            struct err *err);

/* ---- called by store_item.c ------------------------------------------ */

int lab_occurrence_item(struct lab_store *store, int64_t mailbox,
                        const char *id, struct lab_item *ret, struct err *err);
int lab_occurrence_export(struct lab_store *store, int64_t mailbox,
                          const char *id, GBytes **ret,
                          struct lab_item *ret_item, struct err *err);
int lab_occurrence_upload(struct lab_store *store, int64_t mailbox,
                          const struct lab_upload *upload, struct lab_item *ret,
                          struct err *err);
int lab_occurrence_delete(struct lab_store *store, int64_t mailbox,
                          const char *id, struct err *err);

#endif
