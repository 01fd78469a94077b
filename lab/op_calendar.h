/*
 * op_calendar - operations that look at calendars: FindItem with a
 * CalendarView, GetUserAvailability, GetServerTimeZones.
 */
#ifndef LAB_OP_CALENDAR_H
#define LAB_OP_CALENDAR_H

#include "lab/op.h"

/* A FindItem that has a CalendarView: the whole of it. */
int op_calendar_view(struct op_call *call, struct problem *p);

/* op_availability.c */
int op_get_user_availability(struct op_call *call, struct problem *p);
/* op_timezone.c */
int op_get_server_time_zones(struct op_call *call, struct problem *p);

#endif
