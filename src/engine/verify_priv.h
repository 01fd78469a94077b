/*
 * verify_priv - what the parts of the verifying pass share.
 *
 *   verify.c          the pass from beginning to end
 *   verify_folder.c   both sides listed and joined over the ledger
 *   verify_content.c  items read, batch after batch
 *   verify_judge.c    what was read of an item, and its verdict
 *   verify_fresh.c    a destination folder listed anew
 *   verify_otherwise.c  what one side will not give whole
 *
 * The first part gives every item its class but those whose content is to be
 * read: these stay VERIFY_NONE, which is how the second part finds them.
 */
#ifndef ENGINE_VERIFY_PRIV_H
#define ENGINE_VERIFY_PRIV_H

#include "engine/crew.h"
#include "engine/pass.h"
#include "engine/reader.h"

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
    bool fts_known;           /* the destination has given an item whole */
    unsigned int fts_refused; /* items that one side has not */

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

/* One batch in a worker's hands. */
struct comparing {
    struct verify *v;
    struct hands *hands;
    GPtrArray *rows;              /* of struct store_item * */
    enum payload_format *formats; /* in which each is compared */
    struct reading *there;
    struct reading *here; /* only where the ledger has no such digest */
    GPtrArray *notes;     /* of char *, owned: what verdicts point to */
    GArray *verdicts;     /* of struct store_verdict */
};

/* The digest of what was copied is on record, in the format compared. */
bool verify_is_recorded(const struct comparing *c, guint i);
/* What has been read of that row of the batch: its verdict. */
int verify_judge(struct comparing *c, guint i,
                 struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * In which format an item is compared: its own, or PAYLOAD_PORTABLE where
 * nothing was to be had whole so far.
 */
enum payload_format verify_format(struct verify *v,
                                  const struct store_item *row);
/*
 * Of an item asked for whole: the server would not, and its properties may be
 * asked for instead.  Told once.
 */
bool verify_is_refused(struct verify *v, const struct store_item *row,
                       enum side side, const struct reading *reading);

/* Verdicts into the store, and told. */
int verify_record(struct verify *v, const struct store_verdict *verdicts,
                  size_t n, struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* Is the item's content to be considered for reading at all? */
bool verify_is_new(const struct verify *v, const struct store_item *row);

#endif
