/*
 * err - why an operation failed, and what the caller may do about it.
 *
 * A failing function returns -1 (or NULL) and fills the caller's struct err;
 * a succeeding one never touches it.  The struct owns no memory, so it needs
 * no destructor and works when malloc does not.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

/* How much of the run the failure takes down with it. */
enum err_scope {
    ERR_ITEM,    /* this item; go on with the next one */
    ERR_FOLDER,  /* this folder; go on with the next one */
    ERR_MAILBOX, /* this mailbox; other mailboxes are unaffected */
    ERR_RUN,     /* the endpoint or the store itself; stop */
};

/* Whether, and when, the same call may succeed. */
enum err_retry {
    ERR_RETRY_NEVER,
    ERR_RETRY_NOW,    /* lost connection, stale sync state */
    ERR_RETRY_WAIT,   /* throttled: wait at least wait_ms */
    ERR_RETRY_REAUTH, /* the credential was refused, or its token expired */
};

/* At which end of a migration, where that is known. */
enum err_side {
    ERR_NO_SIDE,
    ERR_SOURCE,
    ERR_DESTINATION,
    ERR_N_SIDES,
};

struct err {
    enum err_scope scope;
    enum err_retry retry;
    enum err_side side;
    int code;           /* HTTP status, enum ews_code, errno: by domain */
    uint32_t wait_ms;   /* only for ERR_RETRY_WAIT */
    const char *name;   /* static: "ErrorServerBusy", "timeout"; or NULL */
    const char *remedy; /* static, from the table of causes; or NULL */
    char msg[480];      /* mailbox "a@b": folder "Inbox": ... */
};

#define PRINTF(f, a) __attribute__((format(printf, f, a)))

/*
 * Fill *err; name and remedy become NULL, wait_ms 0, and it is of no side.  The
 * text is cut at a UTF-8 boundary when it is too long, and control characters
 * that came in from outside become spaces.  Always returns -1, for "return
 * err_set(...)".
 */
int err_set(struct err *err, enum err_scope scope, enum err_retry retry,
            int code, const char *fmt, ...) PRINTF(5, 6);

/*
 * Prepend "<fmt>: " to the message: which object the caller was working on.
 * Done once per module boundary; never names a C function.  Returns -1.
 */
int err_in(struct err *err, const char *fmt, ...) PRINTF(2, 3);

/*
 * It is of that end: "source: " or "destination: " is prepended.  Returns -1.
 */
int err_at(struct err *err, enum err_side side);

/* Give *err a remedy (static storage).  Returns -1. */
int err_remedy(struct err *err, const char *remedy);

/* err_set() for a failed system call: ": <strerror(errnum)>" is added. */
int err_errno(struct err *err, enum err_scope scope, int errnum,
              const char *fmt, ...) PRINTF(4, 5);

/* "item", "folder", "mailbox", "run": for JSON and logs. */
const char *err_scope_name(enum err_scope scope);

#endif
