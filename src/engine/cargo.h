/*
 * cargo - the items of one batch in a lane's hands, and what becomes of each.
 */
#ifndef ENGINE_CARGO_H
#define ENGINE_CARGO_H

#include "engine/copy_priv.h"
#include "engine/digest.h"

enum cargo_state {
    CARGO_CLAIMED,  /* nothing has happened; LISTED in the ledger */
    CARGO_READ,     /* its payload is here; LISTED in the ledger */
    CARGO_SETTLED,  /* an outcome is to be recorded */
    CARGO_RECORDED, /* and has been */
    CARGO_IN_DOUBT, /* INTENDED in the ledger, and stays so */
};

struct cargo {
    const struct store_item *item; /* borrowed from the claim */
    enum cargo_state state;
    enum payload_format format;
    char *why_format; /* why not FastTransfer; or NULL */
    bool fell_back;   /* FTS was of no use: it is to go the other way */
    struct blob *payload;
    struct portable *portable;
    char *change_key;  /* of the reading */
    char *subject;     /* drawn from the payload; or NULL */
    GPtrArray *people; /* whom it names, of struct fts_person *; or NULL */
    uint64_t bytes;    /* payload, decoded; estimated before it is read */
    uint8_t digest[DIGEST_PACKED];
    size_t digest_len; /* 0: none taken */

    /* of CARGO_SETTLED: */
    enum item_state to;
    char *destination_id;
    char *lost; /* what the destination did not keep; or NULL */
    int64_t not_before_us;
    bool count_try;
    struct err why; /* of ITEM_FAILED */
};
void cargo_release(struct cargo *c);

void cargo_copied(struct cargo *c, const char *destination_id);
void cargo_gone(struct cargo *c);
void cargo_failed(struct cargo *c, const struct err *why);
/* It is hidden, and there is no way for what is. */
void cargo_left_out(struct cargo *c);
/* To be tried again, not before then (wall clock; 0: at once). */
void cargo_again(struct cargo *c, int64_t not_before_us, bool count_try);
/* FTS will not do for this one: once more, the other way. */
void cargo_fall_back(struct cargo *c, const struct err *why);
/* The payload, once the item is over. */
void cargo_unload(struct cargo *c);

/*
 * Record those of the n that are settled.  describe: where to ask for the
 * subject of one that failed unread; or NULL.
 */
int cargo_record(struct copy *copy, struct folder *f, struct cargo *const *set,
                 size_t n, struct endpoint *describe,
                 struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * A person has to find it, be it failed or not kept whole: asks the source for
 * the item's subject, unless its payload has told.  ep NULL: not.
 */
void cargo_describe(struct endpoint *ep, const char *source_id, char **subject);
/* Stops the pass when more items have failed than it may. */
void cargo_check_failures(struct copy *copy);

#endif
