/*
 * specimen - one item with every shape that a stream can have, for tests.
 */
#ifndef LAB_SPECIMEN_H
#define LAB_SPECIMEN_H

#include "lab/mapi.h"

/*
 * Strings of both Unicode forms and of eight bits, every fixed type, named
 * properties by number and by text, multi-valued ones, a large binary, three
 * recipients, an attachment by value, an OLE one and two messages within one
 * another.  The caller frees.
 */
struct mapi_item *specimen_new(void);

/*
 * A message of class, subject and body, received at a fixed time, and
 * nothing else.
 */
struct mapi_item *specimen_plain(const char *item_class, const char *subject,
                                 const char *body);

/* The innermost of the specimen's messages. */
struct mapi_message *specimen_inner(struct mapi_item *item);

#endif
