/*
 * cancel - one flag that everything which waits listens to.
 *
 * The first request asks the work to drain (lanes finish their batch, the
 * ledger is written), the second to stop at once, which is as safe as a
 * crash.  Never goes back.  All functions may be called from any thread;
 * cancel_request() also from a signal handler.
 */
#ifndef BASE_CANCEL_H
#define BASE_CANCEL_H

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

enum cancel_level {
    CANCEL_NONE,
    CANCEL_DRAIN, /* start nothing new */
    CANCEL_NOW,   /* abandon what is under way */
};

struct cancel;

/* Heap; aborts when no event descriptor can be had. */
struct cancel *cancel_new(void);
void cancel_free(struct cancel *c);
typedef struct cancel cancel;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(cancel, cancel_free)

/* One step up: NONE to DRAIN, DRAIN to NOW.  Async-signal-safe. */
void cancel_request(struct cancel *c);

/* A NULL c is one that is never requested. */
enum cancel_level cancel_level(const struct cancel *c);

/*
 * A descriptor that becomes readable when `level` (not NONE) is reached and
 * stays so: for those who wait in poll() for something else too.  Borrowed;
 * never read it.  -1, which poll() passes over, for a NULL c.
 */
int cancel_fd(const struct cancel *c, enum cancel_level level);

/*
 * Sleep for us microseconds or until the level reaches `until`.  Returns
 * true when woken (or already at that level), false when the time has passed.
 */
bool cancel_sleep(struct cancel *c, int64_t us, enum cancel_level until);

#endif
