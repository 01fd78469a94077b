/*
 * store_calendar - the appointments of a folder, summed up: when they are,
 * which series they hold, which meeting they belong to.
 *
 * Kept in memory by item and change, so that a view of a calendar reads only
 * what has changed since the last one.
 */
#ifndef LAB_STORE_CALENDAR_H
#define LAB_STORE_CALENDAR_H

#include "lab/calendar.h"
#include "lab/store.h"

struct lab_appointment {
    struct lab_item item; /* its columns, as of that change */
    int64_t start_us, end_us;
    int32_t busy, state, sequence;
    bool all_day, private, reminder;
    char *location;  /* NULL: none */
    GBytes *uid;     /* PidLidCleanGlobalObjectId; NULL: none */
    bool has_series; /* ->series counts */
    struct series series;
};

/* References: acquire to keep one. */
void lab_appointment_release(struct lab_appointment *a);

/*
 * All that the folder holds, hidden items and those that are no appointments
 * left out; an array of struct lab_appointment *, shared: not to be changed.
 */
int lab_calendar_list(struct lab_store *store, int64_t mailbox,
                      const char *folder_id, GPtrArray **ret,
                      struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * The appointment of that meeting in the mailbox's calendar: its columns.
 * False when there is none; *ret_sequence may be NULL.
 */
bool lab_calendar_find(struct lab_store *store, int64_t mailbox,
                       const struct mapi_prop *uid, struct lab_item *ret,
                       int32_t *ret_sequence);

/* A copy of columns. */
void lab_item_copy_columns(struct lab_item *to, const struct lab_item *from);

struct lab_calendar;
void lab_calendar_free(struct lab_calendar *c);

#endif
