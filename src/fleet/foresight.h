/*
 * foresight - the forecasts of all that a service has queued: one look at the
 * database, and what is said is on record there (fleet/outlook.h).
 *
 * What has ended since is compared with what was said; what somebody paused or
 * cancelled is forgotten.  Where no worker lives nothing is said anew.
 */
#ifndef FLEET_FORESIGHT_H
#define FLEET_FORESIGHT_H

#include "fleet/outlook.h"
#include "store/migrations.h"

/* All borrowed. */
struct foresight {
    struct database *database;
    struct jobs *jobs;
    struct migrations *migrations;
};
/* now_us: of database_clock().  From one thread. */
int foresight_look(const struct foresight *f, int64_t now_us,
                   struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Of one migration, as of what would be begun now: its mailboxes that have no
 * copying pass yet are taken to begin with one, and nothing else is queued.
 * Nothing goes on record.  Where no worker lives, as by one mailbox at a time.
 * 1 and *ret, which outlook_clear() frees; 0: there is no such migration, or
 * nothing is known or to come of it; -1.  Any thread.
 */
int foresight_of(const struct foresight *f, int64_t migration_id,
                 int64_t now_us, struct outlook *ret,
                 struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* Passes that are not queued yet; one of each mailbox. */
struct foresight_round {
    bool verifies;    /* compares everything; else copies what is new */
    int64_t due_us;   /* not before; 0: whenever */
    int64_t delay_us; /* since the passes before were over */
};
#define FORESIGHT_ROUNDS_MAX 3
struct foresight_plan {
    int64_t migration_id;
    struct foresight_round rounds[FORESIGHT_ROUNDS_MAX]; /* in their order */
    size_t n;
};
/*
 * When the whole is done: what is queued now and then those rounds, of which
 * the last one is to verify; who is verified already, or was left out, is not
 * of them.  Nothing else is queued, and nothing goes on record.
 * 1, 0, -1 as foresight_of(); 0 also where a pass is paused or has failed:
 * nobody knows when somebody goes on with it.
 */
int foresight_whole(const struct foresight *f,
                    const struct foresight_plan *plan, int64_t now_us,
                    struct outlook *ret,
                    struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
