/*
 * sign_in - administrative credentials, tried at the source as soon as there
 * are some and an Exchange is known to be there.
 *
 * Each wrong try brings an account nearer to being locked.  So a set is tried
 * once: that it is tried is on record before the server is asked, and what came
 * of it afterwards (requests_take_try()).  Whoever dies in between has tried
 * it; nothing is known of it then, and the check of the mailboxes finds out.
 *
 * What was not tried, since others were too often, is an hour later, and
 * nothing is done with it before.  Where the server was away or busy it is
 * asked again after an hour, and then less and less often up to once a day.
 */
#ifndef DESK_SIGN_IN_H
#define DESK_SIGN_IN_H

#include "base/log.h"
#include "desk/reach.h"
#include "store/requests.h"

/* No try takes so long (reach.h): whoever began it has died. */
#define SIGN_IN_US (3 * 60 * INT64_C(1000000))

/* What came of it by now: BEGUN only while it may be under way. */
enum request_try_outcome sign_in_outcome(const struct request_try *t,
                                         int64_t now_us);
/* Why it is so, or what else was found; NULL: nothing is to be added. */
const char *sign_in_detail(const struct request_try *t, int64_t now_us);

/* Was it not tried, since others were too often? */
bool sign_in_is_held(const struct request_try *t);
/* When what is known as UNKNOWN is tried again; 0: not by itself. */
int64_t sign_in_again_us(const struct request *r);

/* Which try; all borrowed. */
struct sign_in {
    const struct roster_actor *who;
    int64_t try_id; /* as it was taken */
    struct reach_wish wish;
};
/*
 * Asks the server, as long as that takes, and records what came of it.  1: the
 * mailbox is open to them; 0: it is not, *why says why; -1: the store failed.
 */
int sign_in_try(struct requests *p, const struct reach *reach,
                const struct sign_in *what, struct err *why,
                struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* ---- beside whoever minds requests -------------------------------------- */

/* All borrowed, and outlive it; log: of what cannot be recorded, or NULL. */
struct sign_ins_config {
    struct requests *requests;
    struct reach reach;
    struct log *log;
};

/* Tries under way, each in a thread of its own. */
struct sign_ins;
typedef struct sign_ins sign_ins;

struct sign_ins *sign_ins_new(const struct sign_ins_config *how);
/* Waits for what is under way. */
void sign_ins_free(struct sign_ins *s);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(sign_ins, sign_ins_free)

/* Is there room for one more?  For the one thread that begins them. */
bool sign_ins_have_room(struct sign_ins *s);
/*
 * Where these were not tried yet, or are to be anew and their time has come
 * (above), they are now; there is room.  -1: the store
 * failed, and nobody was asked.
 */
int sign_ins_begin(struct sign_ins *s, const struct roster_actor *who,
                   const struct request_credentials *c, const char *address,
                   int64_t now_us, struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
