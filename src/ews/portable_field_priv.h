/*
 * Short words for the tables of portable_field.h: elements in portable_field.c,
 * MAPI properties in portable_mapi.c.
 */
#ifndef EWS_PORTABLE_FIELD_PRIV_H
#define EWS_PORTABLE_FIELD_PRIV_H

#include "ews/portable_field.h"

#define APPT  KIND(APPOINTMENT)
#define CONT  KIND(CONTACT)
#define LIST  KIND(LIST)
#define TASK  KIND(TASK)
#define NOTE  KIND(NOTE)
#define JRNL  KIND(JOURNAL)
#define MEET  KIND(MEETING)
#define REPT  KIND(REPORT)
#define PLAIN (KINDS_ALL & ~KINDS_MIME)

#define ENV PORTABLE_ENVELOPE
#define BOD PORTABLE_BODY
#define REC PORTABLE_RECIPIENTS
#define ATT PORTABLE_ATTACHMENTS
#define NAM PORTABLE_NAMED

#define OLD EWS_2007_SP1

/* Why something is carried and not compared. */
#define ZONED                                                                  \
    "servers up to 2007 know no names of time zones: start, end and "          \
    "recurrence are compared"
#define MEMBERS "the members are compared as people"
#define STATE   "follows from the meeting's state, which is compared"
#define STORED  "what is not delivered has the time of its storing"
#define OWNERS  "who sent it is compared; a server names its own owner here"

#endif
