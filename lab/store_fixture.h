/*
 * store_fixture - a store in memory with one mailbox, for the store's tests.
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
