/*
 * portable_zone - time zones, between EWS, MAPI and struct portable.
 *
 * A zone has a name ("W. Europe Standard Time") where somebody told one, and a
 * rule (what the clock does over the year) where somebody told that.  Up to
 * 2007 EWS knows only rules; later it takes either.
 */
#ifndef EWS_PORTABLE_ZONE_H
#define EWS_PORTABLE_ZONE_H

#include <stdbool.h>

#include <glib.h>

#include "portable/portable.h"
#include "xml/node.h"
#include "xml/writer.h"

/* Ids are at most this long; Windows' own are below 40. */
#define ZONE_ID_MAX 128u

/* A zone with room for its name. */
struct zone {
    struct portable_zone z; /* z.id is id, or NULL */
    char id[ZONE_ID_MAX + 1];
};

/* StartTimeZone or EndTimeZone.  False: it says nothing. */
bool zone_read_element(const struct xml_node *node, struct zone *ret);
/* [MS-OXOCAL] 2.2.1.41: PidLidAppointmentTimeZoneDefinition... */
bool zone_read_definition(GBytes *bytes, struct zone *ret);
/* [MS-OXOCAL] 2.2.1.39: PidLidTimeZoneStruct: a rule without a name. */
bool zone_read_struct(GBytes *bytes, struct zone *ret);

/* <t:MeetingTimeZone>, by rule; nothing where there is none. */
void zone_write_old(struct xml_writer *w, const struct portable_zone *z);
/* <element Id="..."/>; by_rule: with its definition, where there is a rule. */
void zone_write(struct xml_writer *w, const char *element,
                const struct portable_zone *z, bool by_rule);

#endif
