/*
 * ical - appointments and meeting messages as iCalendar, and back
 * ([MS-OXCICAL], RFC 5545).
 */
#ifndef LAB_ICAL_H
#define LAB_ICAL_H

#include <stddef.h>

#include <glib.h>

#include "lab/mapi.h"

enum ical_method {
    ICAL_PUBLISH, /* an appointment by itself */
    ICAL_REQUEST,
    ICAL_REPLY,
    ICAL_CANCEL,
    ICAL_COUNTER,
};
const char *ical_method_name(enum ical_method method);
/* What a class says: "IPM.Schedule.Meeting.Request" is a request. */
enum ical_method ical_method_of(const char *item_class);

/* A whole VCALENDAR with its zone, the master and its exceptions. */
char *ical_render(const struct mapi_message *m);

/* Occurrences that may differ from their series in one calendar. */
#define ICAL_EXCEPTIONS_MAX 1000u

/*
 * Read the first series or event into the message of a new item, with the
 * class that the method says.  -1 with *ret untouched when there is no event
 * with a start in it.
 */
int ical_parse(const char *text, size_t len, struct mapi_item **ret,
               enum ical_method *ret_method) G_GNUC_WARN_UNUSED_RESULT;

#endif
