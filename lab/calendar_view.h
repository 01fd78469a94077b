/*
 * calendar_view - what a calendar shows in a window of time: appointments,
 * occurrences and exceptions.
 */
#ifndef LAB_CALENDAR_VIEW_H
#define LAB_CALENDAR_VIEW_H

#include "lab/op.h"
#include "lab/store_calendar.h"

struct calendar_event {
    const struct lab_appointment *appointment;
    struct occurrence occurrence; /* of a series; index 0: none */
    int64_t start_us, end_us;
    int32_t busy;
};

struct calendar_events {
    GPtrArray *appointments; /* that the events point to */
    GArray *events;          /* of struct calendar_event, by start */
};
typedef struct calendar_events calendar_events;
void calendar_events_clear(struct calendar_events *e);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(calendar_events, calendar_events_clear)

/* All in [from, to) of the folder, or that reach into it. */
int calendar_events_read(struct lab_store *store, int64_t mailbox,
                         const char *folder_id, int64_t from_us, int64_t to_us,
                         struct calendar_events *ret,
                         struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* Its columns: those of its series, with its own id and subject. */
void calendar_event_item(const struct calendar_event *event,
                         struct lab_item *ret);
/* To be freed; NULL: none. */
char *calendar_event_location(const struct calendar_event *event);

#endif
