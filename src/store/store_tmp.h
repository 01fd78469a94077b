/*
 * store_tmp - a state file in a folder of its own: for tests.
 */
#ifndef STORE_STORE_TMP_H
#define STORE_STORE_TMP_H

#include "store/store.h"

struct store_tmp {
    char *folder;
    char *path; /* of a state file that is not there yet */
};

struct store_tmp *store_tmp_new(void);
/* Removes the folder and the files in it. */
void store_tmp_free(struct store_tmp *tmp);
typedef struct store_tmp store_tmp;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(store_tmp, store_tmp_free)

/* Must succeed. */
struct store *store_tmp_open(const struct store_tmp *tmp, enum store_mode mode);

#endif
