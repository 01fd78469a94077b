/*
 * field_calendar - what the files of calendar fields share.
 */
#ifndef LAB_FIELD_CALENDAR_H
#define LAB_FIELD_CALENDAR_H

#include "lab/calendar.h"
#include "lab/field.h"

extern const struct field_section field_section_calendar_head;
extern const struct field_section field_section_meeting;
extern const struct field_section field_section_request;
extern const struct field_section field_section_calendar;
extern const struct field_section field_section_calendar_tail;
extern const struct field_section field_section_response;

/* ResponseTypeType by PidLidResponseStatus, NULL at the end. */
extern const char *const calendar_responses[];
/* LegacyFreeBusyType by PidLidBusyStatus, NULL at the end. */
extern const char *const calendar_busy[];

/* TimeZoneContext of the request's header; UTC when there is none. */
int calendar_context(const struct op_call *call, struct timezone_info *ret,
                     struct problem *p);

/* ---- what appointments and meeting messages share (field_calendar.c) - */

void calendar_write_uid(struct field_view *v, const struct field *f);
int calendar_put_uid(struct field_edit *e, const struct field *f,
                     const xmlNode *node, struct problem *p);
void calendar_write_start(struct field_view *v, const struct field *f);
void calendar_write_end(struct field_view *v, const struct field *f);
void calendar_write_type(struct field_view *v, const struct field *f);

/* ---- attendees (field_attendee.c) ------------------------------------ */

void calendar_write_attendees(struct field_view *v, const struct field *f);
int calendar_set_attendees(struct field_edit *e, const struct field *f,
                           const xmlNode *node, struct problem *p);
int calendar_clear_attendees(struct field_edit *e, const struct field *f,
                             const struct field_path *path, struct problem *p);
void calendar_write_organizer(struct field_view *v, const struct field *f);
/* Whether anybody but the organizer is invited. */
bool calendar_has_attendees(const struct mapi_message *m);
/* The strings that Outlook shows, and of a new one its organizer. */
int calendar_settle_attendees(struct field_edit *e, struct problem *p);

/* ---- setting (field_calendar_edit.c) --------------------------------- */

/* Nodes that have meaning only together; read in calendar_finish(). */
int calendar_set_later(struct field_edit *e, const struct field *f,
                       const xmlNode *node, struct problem *p);
int calendar_clear_recurrence(struct field_edit *e, const struct field *f,
                              const struct field_path *path, struct problem *p);
int calendar_finish(struct field_edit *e, struct problem *p);

/* ---- a series while it is set (field_recurrence.c) ------------------- */

struct calendar_span {
    int64_t start, end;
    bool all_day;
};

/* From a <t:Recurrence>; the span becomes that of the first occurrence. */
int calendar_new_series(struct field_edit *e, const xmlNode *node,
                        const struct timezone_info *zone,
                        struct calendar_span *span, struct problem *p);
/*
 * Of a master whose span or zone changes: the pattern stays and what was
 * changed or deleted goes.  Nothing for what is no master.
 */
int calendar_move_series(struct field_edit *e, const struct timezone_info *zone,
                         bool rezoned, struct calendar_span *span,
                         struct problem *p);
void calendar_end_series(struct field_edit *e);

/* ---- neighbours (field_conflict.c): fallback 0 conflicting, 1 adjacent - */

void calendar_write_count(struct field_view *v, const struct field *f);
void calendar_write_meetings(struct field_view *v, const struct field *f);

/* ---- series (field_series.c) ----------------------------------------- */

void calendar_write_recurrence(struct field_view *v, const struct field *f);
void calendar_write_first(struct field_view *v, const struct field *f);
void calendar_write_last(struct field_view *v, const struct field *f);
void calendar_write_modified(struct field_view *v, const struct field *f);
void calendar_write_deleted(struct field_view *v, const struct field *f);
/* "Single", "Occurrence", "Exception", "RecurringMaster" */
const char *calendar_item_type(struct field_view *v);

#endif
