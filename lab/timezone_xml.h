/*
 * timezone_xml - time zones as EWS writes them: TimeZoneDefinitionType (2010
 * and later), TimeZoneType (MeetingTimeZone of 2007) and SerializableTimeZone
 * (of GetUserAvailability).
 */
#ifndef LAB_TIMEZONE_XML_H
#define LAB_TIMEZONE_XML_H

#include "lab/soap.h"
#include "lab/timezone.h"
#include "lab/xmlout.h"

/* xs:dateTime of an instant on that zone's clock, with its offset. */
void timezone_write_time(struct xmlout *x, const char *name,
                         const struct timezone_info *tz, int64_t us);

/* With periods and transitions when full, else id and name alone. */
void timezone_write_definition(struct xmlout *x, const char *element,
                               const struct timezone_info *tz, bool full);
/*
 * By its id when that is all it has.  -1 and ErrorTimeZone for an unknown id
 * or a definition that does not hold together.
 */
int timezone_read_definition(const xmlNode *node, struct timezone_info *ret,
                             struct problem *p);

void timezone_write_meeting(struct xmlout *x, const char *element,
                            const struct timezone_info *tz, unsigned int year);
int timezone_read_meeting(const xmlNode *node, struct timezone_info *ret,
                          struct problem *p);

void timezone_write_availability(struct xmlout *x, const char *element,
                                 const struct timezone_info *tz,
                                 unsigned int year);
int timezone_read_availability(const xmlNode *node, struct timezone_info *ret,
                               struct problem *p);

#endif
