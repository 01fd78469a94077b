/*
 * pass - what every pass over a mailbox has: its job, a way to stop, waiting
 * that can be interrupted, patience with servers, and a voice.
 *
 * Embedded as the first member of struct copy and struct verify.  Any thread
 * may call what is below unless it says otherwise; `lock` guards the fields
 * named so and whatever the embedding struct puts under it.
 */
#ifndef ENGINE_PASS_H
#define ENGINE_PASS_H

#include <pthread.h>

#include "engine/engine.h"
#include "engine/policy.h"

enum side { SOURCE, DESTINATION, N_SIDES };
/* "source", "destination" */
const char *side_name(enum side side);
/* err_at() of that side. */
int side_err(enum side side, struct err *err);

/* One thread's own handles. */
struct hands {
    struct endpoint *at[N_SIDES];
};

struct pass {
    const struct engine_job *job;
    struct engine_options options; /* defaults filled in */
    /* State while it makes progress; MAILBOX_N_STATES: it is left alone. */
    enum mailbox_state working;
    struct store_pass record; /* id: 0 until pass_begin() */
    struct endpoint_stats before[N_SIDES];
    int64_t begun_us; /* wall clock */
    int64_t began_us; /* the same moment, monotonic */

    pthread_mutex_t lock;
    pthread_cond_t changed; /* monotonic clock */
    /* guarded by lock: */
    bool stopped;
    struct err cause;
    bool unlisted; /* a folder could not be listed, or swept */
    struct err unlisted_why;
    int64_t parked_until_us; /* monotonic */
    unsigned int parks;      /* one after the other, without progress */
    int64_t progress_us;     /* monotonic: of the last one */
    int64_t quiet_us;        /* of quiet hours, up to then */
    bool throttled;          /* the state on record */
    int64_t waiting_us;      /* monotonic: of the first park of these; 0 */
    int64_t told_us;         /* monotonic: people were told; 0: not yet */
    bool told;               /* of this wait */
    GRand *dice;

    pthread_mutex_t listener_lock; /* one event at a time */
};

void pass_init(struct pass *p, const struct engine_job *job,
               enum mailbox_state working);
void pass_release(struct pass *p);

/*
 * Open both endpoints, patiently.  Refuses (ERR_MAILBOX) when both are one
 * mailbox.  ret has room for N_SIDES; a limit that the options name stands in
 * place of the destination's own.
 */
int pass_open(struct pass *p, struct endpoint_facts *ret,
              struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* On record from here on, with the counters of the endpoints. */
int pass_begin(struct pass *p, const char *kind,
               struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* why: NULL when it did not fail. */
int pass_end(struct pass *p, bool interrupted, const struct err *why,
             struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* The same where something went wrong already, which is what counts. */
void pass_end_badly(struct pass *p, bool interrupted, const struct err *why);

/*
 * The wall clock as it stood when the pass began, and has gone on since: what
 * waits by it is not touched when somebody sets the clock.
 */
int64_t pass_now(const struct pass *p);

/* ---- the end, sought or not -------------------------------------- */

/* The mailbox cannot go on; the first cause counts.  Wakes everybody. */
void pass_stop(struct pass *p, const struct err *why);
/* Stopped, or asked to drain: start nothing new. */
bool pass_is_over(struct pass *p);
bool pass_is_cancelled(const struct pass *p);
/* Stopped, or asked to abandon what is under way as well. */
bool pass_is_halted(struct pass *p);
/*
 * For what was not done because the pass is over: -1 with what stopped it, of
 * a mailbox's scope at least, or with "interrupted" where somebody cancelled.
 */
int pass_interrupted(struct pass *p, struct err *err);
/* Nobody could look at a folder: the pass is not whole.  The first counts. */
void pass_unlisted(struct pass *p, const struct err *why);
/* What a failed helper leaves behind: the cause, unless it was cancelled. */
void pass_failed(struct pass *p, const struct err *why);

/* ---- waiting ----------------------------------------------------- */

/*
 * With the lock held: wait for `changed`, for until_us (monotonic, INT64_MAX:
 * without end) at the longest.  May wake for nothing.  pass_watch() wakes
 * often enough to see a cancel, which makes no noise; at least the thread
 * that runs the pass uses it, and tells the others.
 */
void pass_wait(struct pass *p, int64_t until_us);
void pass_watch(struct pass *p, int64_t until_us);
/* Sleep; false when the pass was over before the time. */
bool pass_sleep(struct pass *p, int64_t us);

/* ---- patience ---------------------------------------------------- */

/*
 * A call to that side failed.  Wait as long as is right (*failures, 0 before
 * the first, is counted up) and return true: call again.  False: it is of no
 * use, or patience is at its end, or the pass is over; *why says it.
 */
bool pass_endure(struct pass *p, enum side side, unsigned int *failures,
                 const struct err *why);
/*
 * The same for who does not wait here: nobody claims anything before the
 * weather is better.  Returns how long that is thought to be; stops the pass
 * when patience is at its end.
 */
int64_t pass_park(struct pass *p, enum side side, const struct err *why);
/* How long an item, or a call, is to wait after so many failures. */
int64_t pass_backoff(struct pass *p, unsigned int failures,
                     const struct err *why);
/* Something went well: patience begins anew. */
void pass_progress(struct pass *p);
/* Nothing has, for as long as we are patient. */
bool pass_has_lost_patience(struct pass *p);

/* What a request to that side took in this pass, on the average; 0: none. */
int64_t pass_round_trip_us(const struct pass *p, enum side side);

/* ---- voice ------------------------------------------------------- */

void pass_event(struct pass *p, const struct engine_event *event);
/*
 * A note to be told and, as a line of the part STORE_NOTES, on record: it
 * takes the place of what was said about the same before.  place: a folder's
 * path, or NULL; n: how many items it is about, or 0.
 */
struct pass_note {
    const char *about, *place, *text;
    uint64_t n;
};
void pass_note(struct pass *p, const struct pass_note *note);
/*
 * What was said about the same is so no more: that takes its place, silently.
 */
int pass_note_replace(struct pass *p, const struct pass_note *note,
                      struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* On record and told.  reason, remedy: or NULL. */
int pass_set_state(struct pass *p, enum mailbox_state state, const char *reason,
                   const char *remedy,
                   struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* The same where something went wrong already, which is what counts. */
void pass_show_state(struct pass *p, enum mailbox_state state,
                     const char *reason, const char *remedy);

/* ---- hands ------------------------------------------------------- */

/* The job's own handles, for the thread that runs the pass. */
struct hands pass_own_hands(const struct pass *p);
/* Clones, for another thread; called by the thread that runs the pass. */
void hands_clone(const struct pass *p, struct hands *ret);
void hands_free(struct hands *h);

#endif
