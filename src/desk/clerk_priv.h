/*
 * clerk_priv - what the files of clerk.h share:
 *
 *   clerk.c        the look at every request, and what its state asks for
 *   clerk_probe.c  the OWA address, as soon as it is known
 *   clerk_sign_in.c  and administrative credentials, once; others, given
 *                  beside a quote
 *   clerk_ask.c    what is missing is asked for
 *   clerk_owners.c owners are asked for their passwords
 *   clerk_check.c  up to the quote: migration, check, what is missing
 *   clerk_move.c   from the start to the end: passes, and what is told
 *   clerk_notices.c owners who want to hear of their mailbox
 *   clerk_foresee.c how long it takes, for the quote and the letters
 */
#ifndef DESK_CLERK_PRIV_H
#define DESK_CLERK_PRIV_H

#include "desk/clerk.h"
#include "desk/prober.h"
#include "desk/sign_in.h"
#include "fleet/outlook.h"

struct clerk {
    struct clerk_config config;
    struct prober *prober;
    struct sign_ins *sign_ins;
    GHashTable *told; /* of int64_t id: char *, the last error of a request */
    /* of int64_t id: int64_t pieces_us, whose wrong credentials nobody needs */
    GHashTable *spared;
};

/* One request in the clerk's hands. */
struct errand {
    const struct clerk_config *c;
    struct prober *prober;
    struct sign_ins *sign_ins;
    GHashTable *spared;
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
    /* Of the first that failed; or NULL. */
    char *reason, *remedy, *cause;
    enum err_scope scope;
    enum err_side side;
};
void clerk_jobs_clear(struct clerk_jobs *j);
typedef struct clerk_jobs clerk_jobs;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(clerk_jobs, clerk_jobs_clear)
int clerk_jobs_read(const struct errand *e, const char *kind,
                    struct clerk_jobs *ret,
                    struct err *err) G_GNUC_WARN_UNUSED_RESULT;
int clerk_start(const struct errand *e, const char *kind, const char *options,
                struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Each mailbox of its migration, until one returns other than 0, which is then
 * the result; -1: they could not be listed.
 */
typedef int clerk_visit(void *data, const struct migration_mailbox *m,
                        struct err *err);
int clerk_each_mailbox(const struct errand *e, clerk_visit *visit, void *data,
                       struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* That is missing, beside what is already; why: of the letter, or NULL. */
struct clerk_lack {
    enum complete_piece piece;
    const GPtrArray *faults; /* of char *, or NULL */
    const char *reason, *remedy;
};
int clerk_lacks(const struct errand *e, const struct clerk_lack *lack,
                struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* An operator is told, and with some events the partner: at most once a day. */
int clerk_tell_trouble(const struct errand *e, const struct clerk_jobs *found,
                       struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Is there an Exchange behind the address of the request, and does it know its
 * administrative account?  1: yes, or nobody can tell yet; 0: not known yet, or
 * it was told what is wrong; -1.
 */
int clerk_probe(const struct errand *e,
                struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* The second half of it. */
int clerk_sign_in(const struct errand *e,
                  struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/*
 * Of a request whose day has come: 1 where it may begin, and its migration has
 * the credentials that were given since it was made; 0: they are being tried,
 * or are wrong, which an operator and the partner hear once a day; -1.
 */
int clerk_may_begin(const struct errand *e,
                    struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* 1: the partner was told of those who do not answer; 0; -1. */
int clerk_owners(const struct errand *e,
                 struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Owners hear of their mailboxes where their rows ask for it: that cutover is
 * near, or, of a request that is over, how it went.  1: not all of them yet; 0;
 * -1.
 */
int clerk_notices(const struct errand *e,
                  struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * How long its migration takes.  1 and *ret, to be cleared; 0: there is nothing
 * to say; -1.
 */
int clerk_foresee(const struct errand *e, struct outlook *ret,
                  struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/*
 * The same in words for a letter, from now on until it is ready for cutover: as
 * the service said last while it runs, else as of what would be begun now.
 * NULL: there is nothing to say.
 */
int clerk_forecast(const struct errand *e, char **ret,
                   struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * The same of the whole, were users to move now: until the sweeps are over and
 * all is verified.
 */
int clerk_forecast_whole(const struct errand *e, char **ret,
                         struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * What was not asked for at once, since the address was to be tried first, or
 * since somebody fills it in: once it was (probed), or they have stopped.  1:
 * it is asked for now; 0; -1.
 */
int clerk_ask(const struct errand *e, bool probed,
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
