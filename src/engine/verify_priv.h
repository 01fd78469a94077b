/*
 * verify_priv - what the parts of the verifying pass share.
 *
 *   verify.c          the pass from beginning to end
 *   verify_folder.c   both sides listed and joined over the ledger
 *   verify_content.c  items read and compared
 *   verify_fresh.c    a destination folder listed anew
 *
 * The first part gives every item its class but those whose content is to be
 * read: these stay VERIFY_NONE, which is how the second part finds them.
 */
#ifndef ENGINE_VERIFY_PRIV_H
#define ENGINE_VERIFY_PRIV_H

#include "engine/crew.h"
#include "engine/pass.h"

struct verify {
    struct pass pass;
    enum verify_mode mode;
    int64_t only_pass_id; /* 0: everything */
    GPtrArray *rows;      /* of struct store_folder * */
    GHashTable *names;    /* filter_names() of them */
    bool *touched;        /* one a row: to be looked at */
    /* How the pass that this one is about has ended; NULL: about all. */
    struct store_mailbox *before;

    /* guarded by the pass's lock: */
    guint next_row;     /* of the listing */
    uint64_t n_to_read; /* items left for the second part */
    uint64_t n_extra;
    uint64_t n_marks;   /* items that are read at one side only */
    GHashTable *joined; /* ids of folders whose items have their class */
    int64_t after_id;   /* of the reading: how far it has come */
    GQueue unread;      /* of struct store_item *, owned: before after_id */
    bool exhausted;     /* there is nothing after after_id */
    bool claiming;      /* somebody is moving after_id */
    uint64_t read_items, read_bytes;

    pthread_mutex_t fresh_lock; /* guards fresh, and is held while listing */
    GHashTable *fresh; /* of struct fresh *, by id of the folder's row */
};

/* A worker's thread: list and join, folder after folder. */
void *verify_folders_main(void *worker);
/* A worker's thread: read and compare, batch after batch. */
void *verify_content_main(void *worker);

/* The lists are read when they are asked for first. */
void verify_fresh_init(struct verify *v);
void verify_fresh_release(struct verify *v);
/*
 * Does the destination folder of that row list the item still?  Asks the
 * server.  1; 0: not; -1: it cannot be listed.
 */
int verify_is_listed(struct verify *v, struct endpoint *ep, int64_t folder_id,
                     const char *id, struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* Verdicts into the store, and told. */
int verify_record(struct verify *v, const struct store_verdict *verdicts,
                  size_t n, struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* Is the item's content to be considered for reading at all? */
bool verify_is_new(const struct verify *v, const struct store_item *row);

#endif
