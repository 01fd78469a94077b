/*
 * item_fixture - requests about items, and what became of them: for test
 * programs only.
 */
#ifndef LAB_ITEM_FIXTURE_H
#define LAB_ITEM_FIXTURE_H

#include "lab/fixture.h"
#include "lab/mapi.h"
#include "lab/mapi_tags.h"

/*
 * The answer to an operation (markup, or a printf format for it) by the owner
 * of user1, in the server's own version; to be freed.  A fault gives "fault
 * CODE".
 */
char *item_run(struct fixture *f, const char *operation);
char *item_runf(struct fixture *f, const char *format, ...) PRINTF(2, 3);

/* "NoError ErrorX": the ResponseCodes in an answer, or "fault CODE". */
char *item_codes(const char *answer);

/* The n-th Id of a <t:ItemId> in it, unescaped; NULL when there is none. */
char *item_id(const char *answer, unsigned int n);
char *item_change_key(const char *answer, unsigned int n);

/* The tree of user1's item. */
struct mapi_item *item_tree(struct fixture *f, const char *id);

/* Of a top-level property: texts are "" when it is absent. */
char *item_text(const struct mapi_item *item, uint32_t tag);
int32_t item_int(const struct mapi_item *item, uint32_t tag);

/* The n-th element of that name with its content, or NULL. */
char *item_element(const char *answer, const char *name, unsigned int n);

/* Create one item from its element, save it; returns its id. */
char *item_create(struct fixture *f, const char *element);
/* All of an item as GetItem shows it, with AdditionalProperties more. */
char *item_get(struct fixture *f, const char *id, const char *more);

#endif
