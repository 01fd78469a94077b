/*
 * clerk - goes on with requests by itself: checks what is complete and quotes
 * it, finds a day for what was approved, moves the mailboxes, keeps them up to
 * date, sweeps after cutover, verifies, and closes.
 *
 * It looks at each request again and again, and does by its state, its
 * migration and that one's jobs alone what comes next (desk.h, life.h), so what
 * dies between two steps is done by the next look.  Each step can be done twice
 * without harm: an event is of one version of the request, a migration is
 * added under a key of its own, a pass is not queued beside another of its
 * kind.  So as many clerks as there are processes of the service may look at a
 * time.
 *
 *   received, awaiting   the OWA address is tried as soon as it is known, and
 *                        the administrative credentials, once (sign_in.h):
 *                        LACKS where no Exchange answers, or refuses them; the
 *                        mail that gave them is answered then, once.  Nothing
 *                        missing: a migration is made and checked; then LACKS
 *                        with what was found, or COMPLETE with a quote.
 *                        Missing for too long: RUN_OUT
 *   quoted               checked again where something changed; RUN_OUT.
 *                        Other credentials are tried, here and in the next
 *                        two; wrong ones change nothing of these
 *   approved             SCHEDULE: the first day with room (slot.h)
 *   scheduled            START on that day; with credentials that are known
 *                        to be wrong STALL, once a day
 *   running              full passes; a mail a day; PRE_STAGED when all is done
 *   ready for cutover    a delta pass a day, until somebody says CUT_OVER
 *   cut over             delta passes at once and every so often; then a
 *                        verification of everything; SWEPT
 *   closed               owners whose rows ask for it are told; jobs are
 *                        cancelled, the migration's secrets go
 *
 * What fails for good waits for an operator, who retries it; the partner is
 * told once a day (STALL).  Of the destination, which is ours, the operator
 * alone hears before the quote.
 */
#ifndef DESK_CLERK_H
#define DESK_CLERK_H

#include "base/cancel.h"
#include "base/log.h"
#include "desk/desk.h"
#include "desk/reach.h"

/* All borrowed, and outlive it. */
struct clerk_config {
    struct desk *desk;            /* with all of its stores */
    const char *destination;      /* URL of our own Exchange */
    struct migration_login admin; /* there */
    struct reach reach;           /* for servers of others */
    int64_t sweep_us;             /* after cutover */
    int64_t every_us;             /* between two sweeps */
    struct log *log;              /* or NULL */
    struct cancel *stop;          /* or NULL */
};

struct clerk;
typedef struct clerk clerk;

struct clerk *clerk_new(const struct clerk_config *how);
void clerk_free(struct clerk *c);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(clerk, clerk_free)

/*
 * One look at every request that is not over, and, with closed, at those that
 * are.  What goes wrong with one is told in the log and does not keep the
 * others; -1: they could not be listed.
 */
int clerk_look(struct clerk *c, int64_t now_us, bool closed,
               struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* Until it is stopped.  One thread. */
void clerk_run(struct clerk *c);

#endif
