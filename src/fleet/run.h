/*
 * run - many mailboxes, each by its own thread, at most so many at once.
 *
 * One mailbox's failure never stops another; what happened to each is in the
 * store and in the summary.
 */
#ifndef FLEET_RUN_H
#define FLEET_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/blob.h"
#include "base/cancel.h"
#include "base/err.h"
#include "endpoint/endpoint.h"
#include "engine/engine.h"
#include "engine/settings.h"
#include "fleet/meter.h"
#include "store/store.h"

/* Most mailboxes at once that a person may ask for. */
#define FLEET_AT_ONCE_MAX 256

/* What to do with each mailbox. */
enum fleet_task {
    FLEET_CHECK,
    FLEET_MIGRATE, /* copy, verify as fleet_run.verify says, then settings */
    FLEET_VERIFY,
    FLEET_SETTINGS,
};

/* One mailbox to work on.  Strings borrowed. */
struct fleet_mailbox {
    int64_t id; /* in the store */
    int64_t
        lease; /* number of one that the caller has; 0: a new one is taken */
    const char *source_address, *destination_address;
    unsigned int skip_kinds;    /* see struct engine_filter */
    bool keep_failed;           /* do not try failed items again */
    unsigned int skip_settings; /* enum engine_settings_part */
    bool no_search;             /* do not look for items at the destination */
};

/*
 * Make the two endpoints of mailboxes[index]; no traffic yet.  Called from
 * the worker's thread.
 */
typedef int fleet_opener(void *data, size_t index, struct endpoint **ret_source,
                         struct endpoint **ret_destination, struct err *err);

/*
 * The account that opened mailboxes[index] was refused (ERR_RETRY_REAUTH):
 * would the opener now take another?  Called when all its lanes have ended;
 * then the mailbox begins again, as in a run of its own, and settles what is in
 * doubt.
 */
typedef bool fleet_another(void *data, size_t index);

/* How one mailbox ended. */
enum fleet_end {
    FLEET_NOT_STARTED, /* the run was interrupted before its turn */
    FLEET_INTERRUPTED, /* run again to go on */
    FLEET_DONE,
    FLEET_DIFFERENCES, /* items or settings failed, or verify found some */
    FLEET_FAILED,      /* the mailbox had to stop */
    FLEET_N_ENDS
};
const char *fleet_end_name(enum fleet_end end);

/*
 * Called from the workers' threads; index is that of the mailbox.  Each or
 * NULL.
 */
struct fleet_listener {
    void *data;
    void (*begun)(void *data, size_t index);
    /*
     * Both ends are there, without a request yet; borrowed until closing, which
     * comes after the last of them.  More than once where it begins again.
     */
    void (*opened)(void *data, size_t index, struct endpoint *source,
                   struct endpoint *destination);
    void (*closing)(void *data, size_t index);
    void (*event)(void *data, size_t index, const struct engine_event *event);
    /*
     * check is NULL but for FLEET_CHECK, and may be taken: leave it zero;
     * why is NULL unless FLEET_FAILED.
     */
    void (*ended)(void *data, size_t index, enum fleet_end end,
                  struct engine_check *check, const struct err *why);
};

struct fleet_run {
    struct store *store; /* all borrowed */
    struct blob_pool *pool;
    struct cancel *cancel;
    const struct fleet_mailbox *mailboxes;
    size_t n;
    unsigned int at_once; /* 0: 4 */
    enum fleet_task task;
    enum verify_mode verify;
    /*
     * Verify everything, as a person asked; else only what this run copied,
     * and nothing where it copied nothing.
     */
    bool verify_all;
    bool check_by_item; /* see struct engine_check_options */
    struct engine_options options;
    /* Of FLEET_SETTINGS, and at the end of FLEET_MIGRATE; no parts: none. */
    struct engine_settings_options settings;
    /*
     * A mailbox whose items have failed for want of room on our own disk, once
     * the rest of it is done, fails for that (fleet_is_our_disk()) and is
     * QUEUED: of a caller that takes it up again.  Else that is what its items
     * say, and it ends as others do.  With keep_failed there is no other try.
     */
    bool wait_for_room;
    fleet_opener *opener;
    fleet_another *another; /* with opener_data; NULL: never */
    void *opener_data;
    const struct fleet_listener *listener; /* or NULL */
    /*
     * Of who runs several of these at once: how fast mailboxes go is on record
     * with how many were beside them.  NULL: one of its own.
     */
    struct meter *meter;
};

struct fleet_summary {
    size_t ends[FLEET_N_ENDS];
    uint64_t items_copied, bytes_copied, items_failed, doubles, settled;
    uint64_t hidden_copied; /* not among items_copied */
    uint64_t updated, marked, moved, removed, conflicts;
    uint64_t settings[SETTING_N];            /* lines, by their outcome */
    uint64_t adopted, already_there, unlike; /* see struct store_pass */
    uint64_t extra; /* seen by FLEET_VERIFY at the destination, not of ours */
};

/*
 * Work through all mailboxes; returns when the last one has ended.  -1 only
 * when nothing could be started.
 */
int fleet_run(const struct fleet_run *run, struct fleet_summary *ret,
              struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * A disk of ours was full, or the database could not be written: it is nobody
 * else's fault, and over when somebody has mended that.
 */
bool fleet_is_our_disk(const struct err *why);

/*
 * The documented exit status: 0 all done, 1 items failed or differ, 2 some
 * mailboxes failed, 3 all of them failed, 130 interrupted.
 */
int fleet_exit_status(const struct fleet_summary *summary);

#endif
