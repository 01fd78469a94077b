/*
 * engine - move one mailbox, with proof.
 *
 * The engine knows two endpoints, a store and nothing of how either works.
 * One struct engine_job describes the mailbox; each pass is one call that
 * blocks until the pass is over.  A pass may be killed at any instruction;
 * calling it again carries on.
 */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

#include "base/blob.h"
#include "base/cancel.h"
#include "base/err.h"
#include "endpoint/endpoint.h"
#include "engine/expect.h"
#include "engine/finding.h"
#include "store/store.h"

enum verify_mode {
    VERIFY_MODE_NOTHING,
    VERIFY_MODE_COUNTS, /* every id is there; no content is read */
    VERIFY_MODE_SAMPLE, /* and the content of n items a folder */
    VERIFY_MODE_FULL,   /* and the content of every item */
};

/* Which items; zero: all.  See filter.h.  Borrowed. */
struct engine_filter {
    unsigned int skip_kinds;     /* bits 1 << enum item_kind */
    unsigned int skip_trees;     /* bits 1 << enum endpoint_root */
    int64_t since_us, before_us; /* received from, and before; 0: any time */
    uint64_t max_item_bytes;     /* as listed; 0: any size */
    const char *const *folders;  /* patterns, NULL-terminated; NULL: all */
    const char *const *not_folders;
};
/* Every kind that a person may choose by; hidden items go with their folder. */
#define ENGINE_KINDS_ALL ((1u << KIND_HIDDEN) - 1)

/* What a copying pass is for. */
enum engine_pass {
    ENGINE_PASS_FULL,     /* everything; a delta where that has been done */
    ENGINE_PASS_TRIAL,    /* a few items of each folder */
    ENGINE_PASS_PRESTAGE, /* what before_us says, ahead of the rest */
};
/* The most that a trial copies. */
#define ENGINE_TRIAL_ITEMS 10u      /* a folder */
#define ENGINE_TRIAL_BYTES 5000000u /* a mailbox */

/* What was at the destination before us, and is not equal to our item. */
enum engine_unlike {
    ENGINE_UNLIKE_LEAVE, /* is taken for the item, and told */
    ENGINE_UNLIKE_COPY,  /* gets the source's item beside it, and is told */
};

struct engine_options {
    enum engine_pass pass;
    struct engine_filter filter;
    unsigned int lanes;   /* 0: 8 */
    size_t batch_items;   /* at first; 0: 10 */
    uint64_t batch_bytes; /* at first; 0: 8 MB */
    /*
     * How long a server may go on working at a request that is over for us.
     * Items in doubt are looked for that long after their request's end:
     * when put() returned or, of a writer that died, its deadline.
     * 0: 2 min.
     */
    int64_t doubt_wait_us;
    /*
     * Whoever wrote this mailbox's ledger before is dead (we hold the state
     * file's lock), so its requests ended at the latest when this pass began:
     * no need to wait for their deadline.
     */
    bool alone;
    unsigned int item_tries; /* passing failures an item; 0: 5 */
    int64_t retry_wait_us;   /* first back-off, at most; 0: 1 s */
    int64_t patience_us;     /* without progress, then it fails; 0: 1 h */
    uint64_t max_failures;   /* items; 0: no limit */
    bool no_digest;          /* do not read payloads in passing */
    /* Of the destination, as its administrator set it; 0: its version's. */
    uint64_t request_max_bytes;
    bool propagate_deletes; /* what is deleted at the source goes, softly */
    bool dry_run; /* list and plan; write nothing to the destination */
    /*
     * What was at the destination before us and equals the source's item is
     * not copied.  adopt: it counts as ours, so that changes follow.
     */
    bool adopt;
    bool no_search; /* do not look for such items: everything is copied */
    enum engine_unlike unlike;
};

/* Somebody who has another address at the destination.  Borrowed. */
struct engine_person {
    const char *source, *destination;
};

/* What happens, as it happens.  Called from the engine's threads, briefly. */
enum engine_event_kind {
    ENGINE_STATE,    /* the mailbox's state changed */
    ENGINE_FOLDERS,  /* n folders are to be copied */
    ENGINE_LISTED,   /* n items more are known, bytes as listed */
    ENGINE_COPIED,   /* n items, bytes decoded */
    ENGINE_ADOPTED,  /* n items that were at the destination before us */
    ENGINE_FAILED,   /* n items for good; text: the first one's reason */
    ENGINE_DOUBT,    /* n items more in doubt; n 0: settled, text says how */
    ENGINE_DOUBLE,   /* n doubles removed */
    ENGINE_FOLLOWED, /* n copied items have followed their change */
    ENGINE_CONFLICT, /* n items were edited on both sides; text: the first */
    ENGINE_PARKED,   /* a back-off began; text names the side */
    ENGINE_VERIFIED, /* n items more have their verdict */
    ENGINE_SETTING,  /* n settings more were looked at; text: their part */
    ENGINE_NOTE,     /* text: what else a person should know; n: of how many */
    ENGINE_TRIAL,    /* trial, or edits: what a trial has found out */
    ENGINE_N_EVENTS
};
struct engine_event {
    enum engine_event_kind kind;
    enum mailbox_state state; /* of ENGINE_STATE */
    uint64_t n, bytes;
    const char *text;                /* or NULL; borrowed */
    const struct store_trial *trial; /* of ENGINE_TRIAL: one of the two */
    const struct store_edits *edits;
    /*
     * Of ENGINE_NOTE: what such notes have in common, so that they can be
     * told together; it is on record then.  NULL: it is news.
     */
    const char *about;
};
typedef void engine_listener(void *data, const struct engine_event *event);

struct engine_job {
    /*
     * Borrowed.  engine_check() and engine_copy() open them, so each needs a
     * pair that nobody has opened; engine_verify() takes either.
     */
    struct endpoint *source, *destination;
    struct store *store;
    struct blob_pool *pool;
    struct store_lease lease;
    struct cancel *cancel;
    struct engine_options options;
    engine_listener *listener; /* or NULL */
    void *listener_data;
};

/* What a pass did. */
struct engine_result {
    struct store_pass pass; /* the numbers on record; strings not set */
    uint64_t hidden_copied; /* not among pass.items_copied */
    bool interrupted;       /* ended early by cancel; run again to go on */
    bool no_room;           /* items failed for want of it on our own disk */
    struct err no_room_why; /* how one of them did */
};

/* A folder, as the check pass saw it. */
struct engine_check_folder {
    char *path, *well_known, *folder_class;
    uint32_t n_items;
    uint64_t size_bytes;
    enum item_kind kind;     /* what its class says that it holds */
    bool skipped;            /* search folder, outbox: not copied */
    enum endpoint_root root; /* whose tree it is in */
    bool left_out; /* that tree is not asked for, or has no counterpart */
};

/* An item that fits into no request, for a person to find it. */
struct engine_check_item {
    char *path;                 /* of its folder */
    char *item_class, *subject; /* each or NULL */
    int64_t received_us;        /* TIMESTAMP_NONE when not told */
    uint64_t size_bytes;
};

/* A tree of one side. */
struct engine_check_root {
    bool there;
    uint64_t items, bytes;
};

struct engine_amount {
    uint64_t items, bytes;
};

struct engine_check {
    struct endpoint_facts source, destination;
    GPtrArray *folders; /* of struct engine_check_folder *, owned */
    /* What is to be copied, left-out kinds too. */
    struct engine_amount by_kind[KIND_N];
    bool by_item; /* counted item by item; else by the folders' classes */
    unsigned int skip_kinds; /* bits 1 << enum item_kind: left out */
    unsigned int skip_trees; /* the same of enum endpoint_root */

    uint64_t item_max_bytes; /* that the destination takes; 0: not known */
    GPtrArray *large;        /* of struct engine_check_item *, largest first */
    uint64_t n_large;        /* more than those where there are too many */

    bool quota_known;       /* of the destination: */
    uint64_t quota_bytes;   /* how large it may grow */
    uint64_t used_bytes;    /* how large its folders are now */
    uint64_t to_come_bytes; /* into those, not copied yet */

    struct engine_check_root source_roots[ENDPOINT_N_ROOTS];
    struct engine_check_root destination_roots[ENDPOINT_N_ROOTS];

    bool rules_known; /* the source shows the rules of its inbox: */
    uint64_t n_rules;

    struct expectation expected; /* time that copying the rest takes */
    GPtrArray *findings;         /* of struct finding *, owned */
    int64_t pass_id;             /* on record */
};
/* Nothing found yet. */
void engine_check_init(struct engine_check *check);
void engine_check_clear(struct engine_check *check);

/* Of all kinds that are not left out. */
struct engine_amount engine_check_total(const struct engine_check *check);

/*
 * check: reach both sides, find out whose rights work, look at the folders.
 * Writes nothing to either server; records the facts.  -1 with the cause
 * when the mailbox cannot be migrated as things stand.
 *
 * by_item: count each item by its own class, which takes a listing of every
 * folder (a request for 512 items).  measured: of earlier passes between the
 * two servers.
 */
struct engine_check_options {
    bool by_item;
    const struct engine_person *people; /* of the import file */
    size_t n_people;
    struct expect_measured measured;
};
int engine_check(const struct engine_job *job,
                 const struct engine_check_options *options,
                 struct engine_check *ret,
                 struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * full; on a mailbox that has been copied, a delta.  0 when the pass reached
 * its end, also when items failed: they are on record.  -1 when the mailbox
 * had to stop; what was done is on record all the same.
 */
int engine_copy(const struct engine_job *job, struct engine_result *ret,
                struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * verify: compare the destination with the ledger, and the source with it.
 * only_pass_id: 0 for everything, else only the items that this pass
 * copied have their content read (others are "present").  The verdicts are
 * in the store.
 */
struct engine_verify_report {
    enum verify_mode mode;
    uint64_t by_class[VERIFY_N];
    uint64_t read_items, read_bytes;
};
int engine_verify(const struct engine_job *job, enum verify_mode mode,
                  int64_t only_pass_id, struct engine_verify_report *ret,
                  struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
