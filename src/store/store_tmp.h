/*
 * store_tmp - a state file in a folder of its own, or a schema of its own in
 * PostgreSQL: for tests.
 */
#ifndef STORE_STORE_TMP_H
#define STORE_STORE_TMP_H

#include "store/store.h"

struct store_tmp {
    char *folder; /* NULL: in PostgreSQL */
    char *path;   /* of a state file that is not there yet; or a URL */
    char *schema;
};

/* The server that tests/lib/postgres.py started; NULL: none. */
const char *store_tmp_server(void);

struct store_tmp *store_tmp_new(void);
/* On store_tmp_server(). */
struct store_tmp *store_tmp_new_postgres(void);
/* SQL apart from any store; must succeed. */
void store_tmp_sql(const struct store_tmp *tmp, const char *text);
/* Removes the folder and the files in it. */
void store_tmp_free(struct store_tmp *tmp);
typedef struct store_tmp store_tmp;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(store_tmp, store_tmp_free)

/* Migration 1; must succeed. */
struct store *store_tmp_open(const struct store_tmp *tmp, enum store_mode mode);

#endif
