/*
 * fault - what goes wrong on demand.
 *
 * A rule is one line of text:
 *
 *     KIND[:KEY=VALUE[,KEY=VALUE...]]
 *
 *   what it can hit: op=UploadItems (or op=FindItem|GetItem), mailbox=a@b,
 *   match=TEXT (in an item's subject, or in the name of a new attachment, or of
 *   the folder that a whole request is about),
 *   class=IPM.Contact (an item's class or what it derives from), bytes=N
 *   (requests of at least so many)
 *   by count: skip=N (let N pass first), every=N (then the N-th, 2N-th, ...;
 *   default 1), times=N (at most so often)
 *   by chance: rate=0.05, seed=N (the same seed, the same choices)
 *   by time, since the rules were given: after=TIME, until=TIME, for=TIME
 *   (after + for = until), period=TIME (once in each, or with for= that long
 *   in each); TIME is 500ms, 10s, 5m, 1h
 *   how: ms=N, n=N, code=NAME, status=N, bare=1, to=TEXT
 *
 * The table in fault_kinds.c lists the kinds.  A rule counts the events that
 * its conditions let through and fires by that count, so a test knows exactly
 * when.  Any thread.
 */
#ifndef LAB_FAULT_H
#define LAB_FAULT_H

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

#include "base/err.h"

enum fault_kind {
    /* the connection */
    FAULT_DROP_BEFORE,
    FAULT_DROP_AFTER,
    FAULT_CLOSE_KEPT,
    FAULT_BREAK,
    FAULT_LATE,
    FAULT_TWICE,
    FAULT_SECOND_ANSWER,
    FAULT_POISONED,
    FAULT_CHUNKED,
    FAULT_TRICKLE,
    FAULT_SLOW,
    /* no SOAP at all */
    FAULT_HTTP,
    FAULT_HTML,
    FAULT_HTML_AFTER,
    FAULT_REDIRECT,
    FAULT_TOO_LARGE,
    FAULT_REFUSE_LOGIN,
    /* the request as a whole */
    FAULT_BUSY,
    FAULT_BUSY_INSIDE,
    FAULT_SOAP,
    FAULT_INSIDE,
    FAULT_BATCH,
    FAULT_EMPTY,
    FAULT_FEWER,
    FAULT_MORE,
    FAULT_SHUFFLED,
    FAULT_WRONG_OPERATION,
    /* single items */
    FAULT_ITEM,
    FAULT_SLOW_ITEM,
    FAULT_EXPORT,
    FAULT_TRUNCATED_DATA,
    FAULT_DAMAGED_DATA,
    FAULT_WARNED_DATA,
    FAULT_UPLOAD,
    FAULT_UPDATE_REFUSED,
    FAULT_UPDATE_MERGES,
    FAULT_PROPERTY_LOST,
    FAULT_UNKNOWN_TAG,
    /* listing */
    FAULT_EXPIRE_SYNC,
    FAULT_SYNC_RESTARTS,
    FAULT_STRAY_DELETES,
    FAULT_READ_AS_UPDATE,
    FAULT_EMPTY_LISTING,
    FAULT_HOLLOW_PAGE,
    FAULT_SHORT_PAGE,
    FAULT_TOUCH,
    /* what is read is not what was written */
    FAULT_SHORT_TAGS,
    FAULT_PROPERTIES_REVERSED,
    FAULT_RECEIVED_IS_CREATED,
    FAULT_FRACTIONS,
    FAULT_MIME_ANEW,
    FAULT_STALE_KEY_TAKEN,
    FAULT_UNREAD_LOST,
    FAULT_CONTACT_MIME_DROPPED,
    FAULT_APPOINTMENT_MIME_REFUSED,
    N_FAULT_KINDS,
};

/* The event that might be hit; NULL: not known, or there is none. */
struct fault_event {
    const char *operation;
    const char *mailbox;    /* primary address */
    const char *subject;    /* of an item */
    const char *item_class; /* of an item */
    uint64_t bytes;         /* of the request's body; 0: not told */
};

/* How the fault that fired is to look. */
struct fault_hit {
    char code[64]; /* ResponseCode */
    unsigned int status;
    uint32_t ms;
    bool bare;
    uint32_t n;
    char to[200];
};

struct faults;
typedef struct faults faults;

struct faults *faults_new(void);
void faults_free(struct faults *f);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(faults, faults_free)

/* Take the time from elsewhere: microseconds that only grow.  For tests. */
void faults_set_clock(struct faults *f, int64_t (*now)(void *data), void *data);

/* Add a rule, whose time begins now; -1 says what is wrong with it. */
int faults_add(struct faults *f, const char *rule,
               struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Replace all by these lines (empty ones and those with # in front are
 * skipped): all or, when one is wrong, none.
 */
int faults_replace(struct faults *f, const char *rules,
                   struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Whether a rule of that kind looks at subjects or classes: finding them
 * costs.
 */
bool faults_want_item(struct faults *f, enum fault_kind kind);

/* Whether there is any rule of that kind, due or not. */
bool faults_any(struct faults *f, enum fault_kind kind);

/* True (and *ret) when the first rule that this event matches fires. */
bool faults_due(struct faults *f, enum fault_kind kind,
                const struct fault_event *event, struct fault_hit *ret);

/* "fault.late": for the counters. */
const char *fault_counter(enum fault_kind kind);

/* Every rule as it was given, then how often it was met and has fired. */
char *faults_text(struct faults *f);

/* The kinds with what they do, a line each: for --help. */
char *faults_help(void);

/* docs/guide/lab-faults.md: every kind with an example. */
char *faults_markdown(void);

#endif
