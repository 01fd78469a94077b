/*
 * fault - what goes wrong on demand.
 *
 * A rule is one line of text:
 *
 *     KIND[:KEY=VALUE[,KEY=VALUE...]]
 *
 *   when: op=UploadItems (only this operation), mailbox=a@b, match=TEXT (only
 *   items whose subject holds it), skip=N (let N pass first), every=N (then
 *   the N-th, 2N-th, ...; default 1), times=N (at most so often)
 *   how: ms=N, code=NAME or NUMBER, status=N, bare=1
 *
 * The table in fault.c lists the kinds.  A rule counts the events that its
 * conditions let through and fires by that count, so a test knows exactly
 * when.  Any thread.
 */
#ifndef LAB_FAULT_H
#define LAB_FAULT_H

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

#include "base/err.h"

enum fault_kind {
    FAULT_DROP_BEFORE,
    FAULT_DROP_AFTER,
    FAULT_CLOSE_KEPT,
    FAULT_BREAK,
    FAULT_HTTP,
    FAULT_BUSY,
    FAULT_BUSY_INSIDE,
    FAULT_SOAP,
    FAULT_INSIDE,
    FAULT_EMPTY,
    FAULT_SLOW,
    FAULT_LATE,
    FAULT_TWICE,
    FAULT_TRUNCATED_DATA,
    FAULT_DAMAGED_DATA,
    FAULT_EXPORT,
    FAULT_UPLOAD,
    FAULT_EXPIRE_SYNC,
    N_FAULT_KINDS,
};

/* The event that might be hit. */
struct fault_event {
    const char *operation;
    const char *mailbox; /* primary address; NULL: not known */
    const char *subject; /* of an item; NULL: none, or not an item's event */
};

/* How the fault that fired is to look. */
struct fault_hit {
    char code[64]; /* ResponseCode */
    unsigned int status;
    uint32_t ms;
    bool bare;
};

struct faults;
typedef struct faults faults;

struct faults *faults_new(void);
void faults_free(struct faults *f);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(faults, faults_free)

/* Add a rule; -1 says what is wrong with it. */
int faults_add(struct faults *f, const char *rule,
               struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Replace all by these lines (empty ones and those with # in front are
 * skipped): all or, when one is wrong, none.
 */
int faults_replace(struct faults *f, const char *rules,
                   struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* Whether a rule of that kind looks at subjects: finding one costs. */
bool faults_want_subject(struct faults *f, enum fault_kind kind);

/* True (and *ret) when the first rule that this event matches fires. */
bool faults_due(struct faults *f, enum fault_kind kind,
                const struct fault_event *event, struct fault_hit *ret);

/* "fault.late": for the counters. */
const char *fault_counter(enum fault_kind kind);

/* Every rule as it was given, then how often it was met and has fired. */
char *faults_text(struct faults *f);

/* The kinds with what they do, a line each: for --help. */
char *faults_help(void);

#endif
