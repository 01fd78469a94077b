/*
 * occurrence - one instance of a series as an item of its own: made out of
 * its master's tree, and put back into it when it was changed.
 *
 * What differs from the pattern lies in the master: in its blob, and as a
 * hidden attachment with a message inside ([MS-OXOCAL] 2.2.10).
 */
#ifndef LAB_OCCURRENCE_H
#define LAB_OCCURRENCE_H

#include "lab/calendar.h"

/* The attachment that holds the exception for a date; NULL. */
struct mapi_attachment *occurrence_attachment(const struct mapi_message *m,
                                              const struct series *s,
                                              uint32_t date);
/* Whether an attachment is an exception's, and none that a user sees. */
bool occurrence_is_exception(const struct mapi_attachment *a);

/* Turn a master's tree into that of one of its occurrences, in place. */
void occurrence_compose(struct mapi_item *item, const struct series *s,
                        const struct occurrence *o);

/*
 * Make the occurrence of that date what `edited` is.  Returns a ResponseCode
 * when it cannot be (ErrorOccurrenceCrossingBoundary: it would pass its
 * neighbour; ErrorItemNotFound: the series has none on that date), else NULL.
 */
const char *occurrence_store(struct mapi_item *master, uint32_t date,
                             const struct mapi_item *edited);

/* Take it out.  NULL, or a ResponseCode as above. */
const char *occurrence_delete(struct mapi_item *master, uint32_t date);

/* ---- copies between trees -------------------------------------------- */

void occurrence_copy_prop(struct mapi_item *to_item, struct mapi_props *to,
                          const struct mapi_prop *from);
/* Properties, recipients and attachments, added to what is there. */
void occurrence_copy_message(struct mapi_item *to_item, struct mapi_message *to,
                             const struct mapi_message *from);

#endif
