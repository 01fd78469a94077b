/*
 * people - whom the items of a pass name, so that each is put on record once.
 *
 * A mailbox's thousand mails name the same few hundred people: what this pass
 * has put on record already is not written again.  Any thread.
 */
#ifndef ENGINE_PEOPLE_H
#define ENGINE_PEOPLE_H

#include <pthread.h>

#include "store/store.h"

struct people {
    pthread_mutex_t people_lock; /* guards known */
    GHashTable *known; /* names in lower case; those with an address in keys
                          that begin with "@" too */
    bool bare;         /* some came without an address */
};

/* So many of the migration's are asked for in a pass: a request each. */
#define PEOPLE_BARE_MAX 50

void people_init(struct people *p);
void people_release(struct people *p);

/*
 * Those of an item (of struct fts_person *; NULL: nobody) that are not on
 * record yet, in ret, which has room for all; they borrow from the item.
 */
size_t people_new(struct people *p, const GPtrArray *of_item,
                  struct store_exchange_name *ret);
/* They are on record now. */
void people_recorded(struct people *p, const struct store_exchange_name *names,
                     size_t n);

#endif
