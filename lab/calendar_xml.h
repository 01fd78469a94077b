/*
 * calendar_xml - values of elements that time zones and recurrences share.
 */
#ifndef LAB_CALENDAR_XML_H
#define LAB_CALENDAR_XML_H

#include "lab/soap.h"
#include "lab/xmlout.h"

/* As the schema has them, NULL at the end: "Sunday" ... "Saturday" */
extern const char *const calendar_weekday_names[8];
extern const char *const calendar_months[13];
/* "First" ... "Last" */
extern const char *const calendar_weeks[6];
/* Where text stands among names; -1. */
int calendar_index_of(const char *text, const char *const *names);

/* An xs:duration in minutes; false when it is none, or one of months. */
bool duration_parse(const char *text, int32_t *ret_minutes);
/* "PT1H30M", "-PT1H", "PT0S"; to be freed. */
char *duration_format(int32_t minutes);

/* A child's text, stripped, to be freed; "" when there is none. */
char *calendar_child_text(const xmlNode *node, const char *name);
/* False when there is no such child or its value is out of range. */
bool calendar_child_minutes(const xmlNode *node, const char *name,
                            int32_t *ret);
bool calendar_child_number(const xmlNode *node, const char *name, int32_t low,
                           int32_t high, int32_t *ret);
bool calendar_child_weekday(const xmlNode *node, const char *name,
                            uint16_t *ret);

void calendar_write_int(struct xmlout *x, const char *name, int32_t n);
void calendar_write_minutes(struct xmlout *x, const char *name,
                            int32_t minutes);

#endif
