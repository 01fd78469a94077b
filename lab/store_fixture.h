/*
 * store_fixture - a store with one mailbox, in memory or on disk, for the tests
 * of the store and of what fills and reads it.
 */
#ifndef LAB_STORE_FIXTURE_H
#define LAB_STORE_FIXTURE_H

#include "lab/store.h"

struct fix {
    struct lab_store *store;
    int64_t mailbox;
    struct lab_folder inbox;
    char *root; /* id of msgfolderroot */
};

/* Where a store is kept on disk, in a folder of its own. */
struct store_file {
    char *dir, *path;
};
void store_file_init(struct store_file *f);
/* With what SQLite left beside it. */
void store_file_remove(struct store_file *f);

/* Such a store, open, with the mailbox of one Ann Adams. */
struct kept {
    struct store_file file;
    struct lab_store *store;
    int64_t mailbox;
};
/* Its path comes into the options. */
void kept_open(struct kept *k, struct lab_store_options options);
void kept_shut(struct kept *k);
/* lab/digest.h; the caller frees. */
char *kept_digest(const struct kept *k, bool all);

/* NULL path: in memory.  Every call here must succeed, or the test fails. */
struct lab_store *open_store(const char *path, uint64_t seed);
int64_t add_mailbox(struct lab_store *store, const char *address,
                    uint64_t quota_bytes);

void set_up(struct fix *f);
void tear_down(struct fix *f);

/* Ids are the caller's. */
char *folder_id(struct fix *f, const char *distinguished);
char *make_folder(struct fix *f, const char *parent_id, const char *name);

/* A message as another server exports it. */
GBytes *payload_of(const char *subject);
/* Upload it; returns its id.  item_id NULL: a new one. */
char *upload(struct fix *f, const char *folder_id, const char *item_id,
             const char *subject);

/* Columns now.  *ret is cleared before it is filled. */
void get_item(struct fix *f, const char *id, struct lab_item *ret);
void get_folder(struct fix *f, const char *id, struct lab_folder *ret);

/* The export, read, and its digest. */
struct mapi_item *exported(struct fix *f, const char *id);
char *exported_digest(struct fix *f, const char *id);

#endif
