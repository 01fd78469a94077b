/*
 * clerk_priv - what the files of clerk.h share:
 *
 *   clerk.c        the look at every request, and what its state asks for
 *   clerk_check.c  up to the quote: migration, check, what is missing
 *   clerk_move.c   from the start to the end: passes, and what is told
 */
#ifndef DESK_CLERK_PRIV_H
#define DESK_CLERK_PRIV_H

#include "desk/clerk.h"

struct clerk {
    struct clerk_config config;
    GHashTable *told; /* of int64_t id: char *, the last error of a request */
};

/* One request in the clerk's hands. */
struct errand {
    const struct clerk_config *c;
    const struct request *r;
    int64_t now_us;
};

extern const struct roster_actor clerk_actor;

/*
 * The event, of the request as the errand has it.  1: it happened; 0: somebody
 * was faster, and the next look sees what is so now; -1.
 */
int clerk_event(const struct errand *e, struct desk_wish *wish,
                struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* Jobs of its migration of one kind. */
struct clerk_jobs {
    size_t n, open, failed;
    char *reason, *remedy; /* of the first that failed; or NULL */
};
void clerk_jobs_clear(struct clerk_jobs *j);
typedef struct clerk_jobs clerk_jobs;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(clerk_jobs, clerk_jobs_clear)
int clerk_jobs_read(const struct errand *e, const char *kind,
                    struct clerk_jobs *ret,
                    struct err *err) G_GNUC_WARN_UNUSED_RESULT;
int clerk_start(const struct errand *e, const char *kind, const char *options,
                struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* Was something told less than a day ago? */
bool clerk_has_told(const struct errand *e);

/* Go on with a request of that state. */
int clerk_check(const struct errand *e, enum life_event when_good,
                struct err *err) G_GNUC_WARN_UNUSED_RESULT;
int clerk_run_passes(const struct errand *e,
                     struct err *err) G_GNUC_WARN_UNUSED_RESULT;
int clerk_keep_up(const struct errand *e,
                  struct err *err) G_GNUC_WARN_UNUSED_RESULT;
int clerk_sweep(const struct errand *e,
                struct err *err) G_GNUC_WARN_UNUSED_RESULT;
int clerk_close(const struct errand *e,
                struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
