/*
 * recurrence_xml - a series as EWS writes it: RecurrenceType and, with what
 * regenerates, TaskRecurrenceType.
 */
#ifndef LAB_RECURRENCE_XML_H
#define LAB_RECURRENCE_XML_H

#include "lab/recurrence.h"
#include "lab/soap.h"
#include "lab/timezone.h"
#include "lab/version.h"
#include "lab/xmlout.h"

/*
 * A whole <t:Recurrence>; dates carry the offset of the series' time zone
 * ("2014-07-02-07:00"), without one that of UTC.
 */
void recurrence_write_xml_in(struct xmlout *x, const struct recurrence *r,
                             enum release asked,
                             const struct timezone_info *zone);
void recurrence_write_xml(struct xmlout *x, const struct recurrence *r,
                          enum release asked);

/*
 * Pattern and range, without exceptions; the times of day are the caller's to
 * set before it calls recurrence_anchor().  -1 and p: what the schema would
 * refuse, ErrorCalendarInvalidRecurrence, and for a range that ends before it
 * begins ErrorCalendarEndDateIsEarlierThanStartDate.
 */
int recurrence_read_xml(const xmlNode *node, struct recurrence *ret,
                        struct problem *p);

/* DayOfWeekType where one name stands for several days. */
#define RECUR_DAY_GROUPS 3
extern const struct recur_day_group {
    const char *name;
    uint32_t days; /* bit 0: Sunday */
} recur_day_groups[RECUR_DAY_GROUPS];

/* "every 2 weeks on Monday": PidLidRecurrencePattern; to be freed. */
char *recurrence_describe(const struct recurrence *r);

/* "2014-07-02", with whatever zone behind it; false when it is no date. */
bool recur_date_parse(const char *text, uint32_t *ret_date);

#endif
