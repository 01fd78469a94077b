/*
 * alarm - operators hear of a migration that does not get on, once, until it
 * moves again; the partner, too, where they can do something about it.
 *
 * A migration stands still when a pass of it has done nothing for stall_us, and
 * is late when it is under way long after the moment by which it was to be done
 * in nine of ten cases.  Where no worker lives that takes what is queued, and
 * that for stall_us, operators hear of that alone, once for the whole service:
 * of a migration that no worker has any more nothing else is told.
 *
 * What is told and what is over each look says by the database alone, so as
 * many may look as there are processes.
 */
#ifndef DESK_ALARM_H
#define DESK_ALARM_H

#include "desk/desk.h"
#include "store/database.h"
#include "store/stalls.h"

/* All borrowed. */
struct alarm {
    struct database *database;
    struct jobs *jobs;
    struct migrations *migrations;
    struct desk *desk; /* NULL: nobody is written to */
    int64_t stall_us;
    /* What was told, for who watches: "stall", "stall-over", of a migration or
     * the service (0); or NULL. */
    void (*told)(void *data, int64_t migration_id, const char *action);
    void *data;
    /* The alarm's own: since when its looks have found that nobody works. */
    int64_t nobody_since_us;
};

/* One look.  now_us: of database_clock(), as all times of passes are. */
int alarm_look(struct alarm *a, int64_t now_us,
               struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Is what was to be done by p90_us, as was said at said_us, late by much: by
 * half of the time that was given, and stall_us at least?
 */
bool alarm_is_late(int64_t said_us, int64_t p90_us, int64_t now_us,
                   int64_t stall_us);

#endif
