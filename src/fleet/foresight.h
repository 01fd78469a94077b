/*
 * foresight - the forecasts of all that a service has queued: one look at the
 * database, and what is said is on record there (fleet/outlook.h).
 *
 * What has ended since is compared with what was said; what somebody paused or
 * cancelled is forgotten.  Where no worker lives nothing is said anew.
 */
#ifndef FLEET_FORESIGHT_H
#define FLEET_FORESIGHT_H

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

#endif
