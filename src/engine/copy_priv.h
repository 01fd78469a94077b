/*
 * copy_priv - what the parts of the copying pass share.
 *
 *   copy.c     the pass from beginning to end; the thread that runs it
 *   copy_end.c what it leaves behind: states, counts, notes
 *   map*.c     the plan carried out: folders made, mapping on record
 *   list.c     the listers: source changes into the ledger
 *   gone.c     whether what is not found is gone
 *   move.c     items and folders that were moved at the source
 *   follow.c   edits, read marks and deletions of what was copied
 *   feed.c     which batch is next, and what is in whose hands
 *   lane.c     a lane: claim, read, send
 *   cargo.c    a batch in a lane's hands, and its outcomes
 *   baseline.c what was at the destination before us
 *   adopt*.c   items that are among it, and which of it each of them is
 *   adopt_again.c  those of earlier passes
 *   look.c     what has turned up at the destination since
 *   doubt.c    items in doubt; doubt_settle.c finds out
 *   sweep.c    doubles and foreigners
 *   edits.c    how edits follow between these two servers
 *   trial*.c   an item of each class there and back
 */
#ifndef ENGINE_COPY_PRIV_H
#define ENGINE_COPY_PRIV_H

#include "engine/batch.h"
#include "engine/crew.h"
#include "engine/order.h"
#include "engine/pass.h"
#include "engine/people.h"
#include "fts/fts.h"

/* May items be sent to the folder's destination? */
enum gate {
    GATE_SHUT,    /* its baseline has not been taken */
    GATE_OPENING, /* a lane is taking it */
    GATE_OPEN,
    GATE_CLOSED,  /* given up; see why */
    GATE_NOWHERE, /* it has no destination */
};

/* An item whose request ended without an answer that counts. */
struct doubt {
    int64_t item_id;
    struct err why;
};

/* One source folder and all that concerns it. */
struct folder {
    const struct store_folder *row; /* as of the beginning of the pass */
    bool wanted;                    /* to be listed: it is at the source */
    uint32_t n_items;               /* as the source's tree counts them */
    bool skipped;                   /* the filter leaves it out */
    enum endpoint_root root;        /* whose tree it is in */
    bool hidden;                    /* of its hidden items: see hidden.h */
    int64_t changed_us;             /* the same: as the source's tree told */
    int64_t told_us;                /* the same: since when that is known */
    bool barred; /* its gate was closed before anything began */

    /* guarded by the pass's lock: */
    struct order_turn turn;
    enum gate gate;
    struct err why;     /* of GATE_CLOSED */
    bool no_way;        /* hidden, and nothing carries what is */
    bool settling;      /* its doubts are: nothing of it may be claimed */
    bool filling;       /* a lane asks the store for more of it */
    bool more;          /* the store may have items that are ready */
    unsigned int quota; /* how many may still be claimed; of a trial */
    int64_t wake_us; /* wall clock: when the next one is; or TIMESTAMP_NONE */
    GQueue ready;    /* of struct store_item *, owned */
    GArray *busy;    /* int64_t ids: in ready, or in a lane's hands */
    unsigned int in_flight; /* claims */
    GArray *doubts;         /* of struct doubt */
    int64_t doubt_due_us;   /* monotonic */
    /*
     * Something was in its destination before us: what is to be sent there is
     * looked for first.  there: what has been read of it, by id.
     */
    bool searched;
    GHashTable *there; /* of struct there */

    struct gone *gone; /* gone.h; guarded by gone_lock */

    /* of the thread that runs the pass: */
    GHashTable *digests; /* destination id to struct match_item */
};

struct copy {
    struct pass pass;
    GPtrArray *rows;        /* of struct store_folder * */
    struct folder *folders; /* in order of processing */
    size_t n_folders;
    int64_t last_done_pass; /* the last one that ended with a sweep; or 0 */
    size_t n_source_folders;

    /* guarded by the pass's lock: */
    struct batch batch;
    uint64_t schedule;      /* clock of order_next() */
    size_t next_to_list;    /* index into folders */
    unsigned int n_listing; /* listers at work */
    unsigned int n_lanes, n_idle, n_in_flight;
    uint64_t quota_bytes; /* the same for all folders together */
    uint64_t news;        /* counts what may have given the store more to do */
    uint64_t asked_at;    /* news when it last said that nothing waits */
    bool drained;         /* nothing is left to do: lanes go home */

    char *servers[N_SIDES]; /* as they name their version */
    enum edits_way edits;   /* between them; guarded by the pass's lock */
    char *scratch_parent;   /* the destination folder where trials lie */

    bool no_threads; /* not even a first lane could be started */

    pthread_mutex_t gone_lock; /* held while a list is asked: gone.c */

    /* Which way items travel, and why not as FastTransfer; see route.c. */
    enum payload_format format;
    struct err why_format;
    GHashTable *mime_only; /* int64_t ids of items to why, of char * */
    bool may_fall_back;    /* the portable way is open too; does not change */
    struct {
        bool known;           /* FastTransfer has worked there */
        unsigned int refused; /* requests for one item, as a whole */
        bool deciding;        /* somebody is finding out whether it works */
    } fts[N_SIDES];

    GHashTable *left_behind; /* class of hidden items to their number */
    uint64_t n_hidden_copied;
    uint64_t n_hidden_left_out; /* there was no way for them */
    bool no_room;               /* our own disk failed items */
    struct err no_room_why;     /* of the first */
    struct people people;       /* whom items name; on record already */

    struct worker *lanes, *listers;
    unsigned int n_hands, n_listers; /* how many of them have hands */
};

/* ---- copy_end.c -------------------------------------------------- */

/* What is left to do once all is copied; and what stopped it, if anything. */
int copy_finish(struct copy *c, struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* Whatever happened, it is on record, and what the caller hears is why. */
int copy_end(struct copy *c, int r, bool *ret_interrupted, struct err *err);
/* What was hidden: how much was copied, and what is not for copying. */
void copy_tell_hidden(struct copy *c);

/* ---- map.c ------------------------------------------------------- */

/* Folder trees of both sides, planned, made, on record; fills c->folders. */
int map_folders(struct copy *c, const struct endpoint_facts *facts,
                struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* ---- map_folder.c ------------------------------------------------ */

/* By its row's id; NULL when the pass has no such folder. */
struct folder *copy_folder(const struct copy *c, int64_t row_id);
void copy_folders_free(struct copy *c);

/* ---- refilter.c -------------------------------------------------- */

/* Items that another filter left out, and those that this one does. */
int refilter(struct copy *c, struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* ---- list.c ------------------------------------------------------ */

/* A lister's thread: folder after folder, until all are listed. */
void *list_main(void *worker);

/* ---- move.c ------------------------------------------------------ */

/*
 * Items that left one folder and came into another at the source: moved at
 * the destination instead of being sent.  After all folders have been listed
 * and before anything is claimed.
 */
int move_all(struct copy *c, struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* ---- follow.c ---------------------------------------------------- */

/*
 * What was copied and has changed at the source since.  replace: an item that
 * cannot be updated in place may go back to LISTED.  Nobody else may be at
 * work.
 */
int follow_all(struct copy *c, bool replace,
               struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* ---- edits.c ----------------------------------------------------- */

/* What is known of the two servers. */
int edits_load(struct copy *c, const struct endpoint_facts *facts,
               struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* The same again, after a trial. */
int edits_refresh(struct copy *c, struct err *err) G_GNUC_WARN_UNUSED_RESULT;
enum edits_way edits_way(struct copy *c);
/* An update was seen to leave what is gone, or is refused: on record, told. */
int edits_replace(struct copy *c, const char *why,
                  struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* ---- people_ask.c ------------------------------------------------ */

/* Addresses of those whom items name by the old directory's name alone. */
int people_ask(struct copy *c, struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* ---- trial.c ----------------------------------------------------- */

/*
 * One item of each class to a scratch folder at the destination, read again
 * and compared; and what an update does there with what is gone.  The result
 * is in the store.
 */
int trial_round(struct copy *c, struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* ---- route.c ----------------------------------------------------- */

/*
 * Which way items travel between these two: FastTransfer where both sides
 * have it, else as MIME and properties.  -1 when neither will do.
 */
int route_choose(struct copy *c, struct err *err) G_GNUC_WARN_UNUSED_RESULT;
enum payload_format route_format(struct copy *c);
/*
 * The operation is refused, and the server is well otherwise: it lacks what
 * its version promises, or we lack the right.  True: from here on everything
 * goes the other way.
 */
bool route_switch(struct copy *c, struct endpoint *ep, enum side side,
                  const struct err *why);
/*
 * A FastTransfer request was answered; or one for a single item was refused as
 * a whole, which may be the item's fault.  Where that happens time and again
 * and never goes well, it is the operation's.
 */
void route_answered(struct copy *c, enum side side);
/* It has been answered. */
bool route_works(struct copy *c, enum side side);
void route_refused(struct copy *c, struct endpoint *ep, enum side side,
                   const struct err *why);
/*
 * FastTransfer is of no use for that item: whatever else becomes of it, it is
 * not tried that way again in this pass.
 */
void route_keep_off(struct copy *c, int64_t item_id, const char *why);
/* Why; NULL: it may be tried.  The caller frees. */
char *route_kept_off(struct copy *c, int64_t item_id);

/* ---- feed.c ------------------------------------------------------ */

struct claim {
    struct folder *folder;
    GPtrArray *items; /* of struct store_item *, owned */
    bool open_first;  /* the lane takes the folder's baseline */
};

/* The folder has items that are ready, as far as we know. */
void feed_wake(struct copy *c, struct folder *f);
/* One of its items is ready at that time (wall clock). */
void feed_later(struct copy *c, struct folder *f, int64_t at_us);
/* The next batch: 1; 0 when there is nothing more to do; -1. */
int feed_claim(struct copy *c, struct claim *ret,
               struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/*
 * The claim is settled, or given back; frees what it holds.  left: how many of
 * its items the store may list still.
 */
void feed_release(struct copy *c, struct claim *claim, unsigned int left);
void feed_set_gate(struct copy *c, struct folder *f, enum gate gate);
/* Nothing more is sent to the folder; why is kept. */
void feed_close(struct copy *c, struct folder *f, const struct err *why);

/* With the lock held: */
bool feed_has_ready(struct copy *c);
/* Nothing is ready, will be, or is in a lane's hands, as far as we know. */
bool feed_is_empty(const struct copy *c);
/* Ask the store what waits: the last word on whether anything does. */
int feed_ask(struct copy *c, struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* ---- lane.c ------------------------------------------------------ */

/* A lane's thread. */
void *lane_main(void *worker);

/* ---- baseline.c -------------------------------------------------- */

/*
 * Record what is in the folder's destination before the first item is sent
 * there.  Cut short, it goes on where it stopped.
 */
int baseline_take(struct copy *c, struct endpoint *destination,
                  struct folder *f, struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* ---- adopt_again.c ----------------------------------------------- */

/*
 * Which folders are searched; and what earlier passes found, where this one
 * is to treat it in another way.
 */
int adopt_again(struct copy *c, struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* ---- doubt.c ----------------------------------------------------- */

/* The request of these items ended just now, and nobody knows how. */
void doubt_add(struct copy *c, struct folder *f, const int64_t *item_ids,
               size_t n, const struct err *why);
/* What earlier passes left in doubt. */
int doubt_load(struct copy *c, struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* With the lock held: a folder whose doubts may be settled now, or NULL. */
struct folder *doubt_due(struct copy *c);
/* With the lock held: when the next are (monotonic); INT64_MAX: none. */
int64_t doubt_next_us(struct copy *c);

/* ---- doubt_settle.c ---------------------------------------------- */

/* Find out.  -1 with the cause; then they are in doubt still. */
int doubt_settle(struct copy *c, struct folder *f,
                 struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* ---- sweep.c ----------------------------------------------------- */

/* All folders to which something was sent since they were swept last. */
int sweep_all(struct copy *c, struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* ---- cargo.c: outcomes, also used by doubt.c and copy.c ---------- */

/*
 * Record outcomes of items of f, whatever else has become of some of them
 * meanwhile; counts, tells, and lets the feed know.  bytes: of each, decoded.
 */
int record_outcomes(struct copy *c, struct folder *f,
                    const struct store_outcome *outcomes, const uint64_t *bytes,
                    size_t n, struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
