#include "lab/field_calendar.h"

#include "lab/calendar_xml.h"
#include "lab/field_priv.h"
#include "lab/timezone_xml.h"

const char *const calendar_responses[] = { "Unknown",   "Organizer",
                                           "Tentative", "Accept",
                                           "Decline",   "NoResponseReceived",
                                           NULL };
const char *const calendar_busy[] = { "Free", "Tentative",        "Busy",
                                      "OOF",  "WorkingElsewhere", NULL };

static const struct mapi_prop *appointment(struct field_view *v, uint32_t lid)
{
    return view_find_id(v, PSETID_APPOINTMENT, lid);
}

static const struct mapi_prop *meeting(struct field_view *v, uint32_t lid)
{
    return view_find_id(v, PSETID_MEETING, lid);
}

/* ---- ids ------------------------------------------------------------- */

void calendar_write_uid(struct field_view *v, const struct field *f)
{
    g_autofree char *uid = calendar_uid(meeting(v, LID_GLOBAL_ID));

    (void)f;
    if (uid != NULL)
        xml_text(v->x, "t:UID", uid);
}

int calendar_put_uid(struct field_edit *e, const struct field *f,
                     const xmlNode *node, struct problem *p)
{
    g_autofree char *uid = soap_text_dup(node);

    if (uid == NULL || *g_strstrip(uid) == '\0')
        return field_refuse(p, "ErrorInvalidPropertySet", f);
    calendar_set_uid(e->item, e->props, uid);
    return 0;
}

/* ---- times ----------------------------------------------------------- */

void calendar_write_start(struct field_view *v, const struct field *f)
{
    const struct mapi_props *props = view_props(v);

    (void)f;
    if (props != NULL)
        xml_time(v->x, "t:Start", calendar_start(props));
}

void calendar_write_end(struct field_view *v, const struct field *f)
{
    const struct mapi_props *props = view_props(v);

    (void)f;
    if (props != NULL)
        xml_time(v->x, "t:End", calendar_end(props));
}

static void write_duration(struct field_view *v, const struct field *f)
{
    const struct mapi_props *props = view_props(v);
    int64_t start, end;

    (void)f;
    if (props == NULL)
        return;
    start = calendar_start(props);
    end = calendar_end(props);
    if (start == TIMESTAMP_NONE || end == TIMESTAMP_NONE || end < start)
        return;
    calendar_write_minutes(
        v->x, "t:Duration",
        (int32_t)MIN((end - start) / RECUR_MINUTE_US, INT32_MAX));
}

/* In the zone that it was made in. */
static void write_wall(struct field_view *v, const char *element, uint32_t lid,
                       int64_t us)
{
    const struct mapi_props *props = view_props(v);
    g_auto(timezone_info) tz = { 0 };

    if (props == NULL || us == TIMESTAMP_NONE ||
        !calendar_zone_of(props, lid, &tz))
        return;
    timezone_write_time(v->x, element, &tz, us);
}

static void write_start_wall(struct field_view *v, const struct field *f)
{
    const struct mapi_props *props = view_props(v);

    (void)f;
    if (props != NULL)
        write_wall(v, "t:StartWallClock", LID_ZONE_START,
                   calendar_start(props));
}

static void write_end_wall(struct field_view *v, const struct field *f)
{
    const struct mapi_props *props = view_props(v);

    (void)f;
    if (props != NULL)
        write_wall(v, "t:EndWallClock", LID_ZONE_END, calendar_end(props));
}

/* "2014-07-02 08:30 - 10:00", in the zone of the appointment. */
static void write_when(struct field_view *v, const struct field *f)
{
    const struct mapi_props *props = view_props(v);
    g_autofree char *said = mapi_dup_text(
        props != NULL ? mapi_find_text(props, PS_PUBLIC_STRINGS, f->name)
                      : NULL);

    if (said != NULL)
        xml_text(v->x, "t:When", said);
}

/* ---- state ----------------------------------------------------------- */

static void write_state_bit(struct field_view *v, const struct field *f)
{
    int32_t state = mapi_get_i32(appointment(v, LID_STATE_FLAGS), 0);
    g_autofree char *name = field_element(f);

    xml_bool(v->x, name, (state & f->fallback) != 0);
}

/* Others' meetings have been received; what is one's own has not. */
static void write_is_organizer(struct field_view *v, const struct field *f)
{
    int32_t state = mapi_get_i32(appointment(v, LID_STATE_FLAGS), 0);

    (void)f;
    xml_bool(v->x, "t:IsOrganizer", (state & STATE_RECEIVED) == 0);
}

/*
 * Of an organizer's own master Exchange says false, against its own
 * documentation (docs of IsRecurring); of the rest of a series true.
 */
static void write_is_recurring(struct field_view *v, const struct field *f)
{
    int32_t state = mapi_get_i32(appointment(v, LID_STATE_FLAGS), 0);
    bool master = appointment(v, LID_RECUR) != NULL;
    bool recurring = mapi_get_bool(meeting(v, LID_IS_RECURRING), false) ||
                     mapi_get_bool(appointment(v, LID_RECURRING), false);

    (void)f;
    if (v->kind == KIND_CALENDAR && master && (state & STATE_RECEIVED) == 0)
        recurring = false;
    xml_bool(v->x, "t:IsRecurring", recurring);
}

/* Of what nobody else has called: who made it organizes it. */
static void write_response(struct field_view *v, const struct field *f)
{
    int32_t response = mapi_get_i32(appointment(v, LID_RESPONSE_STATUS), 0);
    int32_t state = mapi_get_i32(appointment(v, LID_STATE_FLAGS), 0);

    (void)f;
    if (response == RESPONSE_NONE && (state & STATE_RECEIVED) == 0)
        response = RESPONSE_ORGANIZED;
    xml_text(v->x, "t:MyResponseType",
             calendar_responses[CLAMP(response, 0, RESPONSE_NOT_RESPONDED)]);
}

void calendar_write_type(struct field_view *v, const struct field *f)
{
    (void)f;
    xml_text(v->x, "t:CalendarItemType", calendar_item_type(v));
}

static void write_response_requested(struct field_view *v,
                                     const struct field *f)
{
    (void)f;
    /* a meeting request has no such element */
    if (v->kind == KIND_CALENDAR)
        xml_bool(v->x, "t:IsResponseRequested",
                 mapi_get_bool(view_find(v, PR_RESPONSE_REQUESTED), true));
}

static void write_proposals(struct field_view *v, const struct field *f)
{
    (void)f;
    xml_bool(v->x, "t:AllowNewTimeProposal",
             !mapi_get_bool(appointment(v, LID_NO_PROPOSALS), false));
}

static int set_proposals(struct field_edit *e, const struct field *f,
                         const xmlNode *node, struct problem *p)
{
    bool allowed = true;

    (void)f;
    if (field_parse_bool(node, &allowed, p) < 0)
        return -1;
    calendar_set_bool(e->item, e->props, LID_NO_PROPOSALS, !allowed);
    return 0;
}

/* ---- places ---------------------------------------------------------- */

static void write_enhanced(struct field_view *v, const struct field *f)
{
    g_autofree char *text = mapi_dup_text(appointment(v, LID_LOCATION));

    (void)f;
    if (text == NULL)
        return;
    xml_open(v->x, "t:EnhancedLocation");
    xml_text(v->x, "t:DisplayName", text);
    xml_close(v->x, "t:EnhancedLocation");
}

static int set_enhanced(struct field_edit *e, const struct field *f,
                        const xmlNode *node, struct problem *p)
{
    g_autofree char *text = calendar_child_text(node, "DisplayName");

    (void)f;
    (void)p;
    calendar_set_text(e->item, e->props, LID_LOCATION, text);
    return 0;
}

/* ---- time zones ------------------------------------------------------ */

static void write_zone_text(struct field_view *v, const struct field *f)
{
    g_autofree char *text = mapi_dup_text(appointment(v, LID_ZONE_DESCRIPTION));

    (void)f;
    if (text != NULL && text[0] != '\0')
        xml_text(v->x, "t:TimeZone", text);
}

/* 2007's own; later releases take it and do not show it. */
static void write_meeting_zone(struct field_view *v, const struct field *f)
{
    const struct mapi_props *props = view_props(v);
    g_auto(timezone_info) tz = { 0 };
    unsigned int year, month, day;

    (void)f;
    if (props == NULL || v->call->asked >= EXCHANGE2010 ||
        calendar_find(props, LID_ZONE_STRUCT) == NULL)
        return;
    calendar_zone(props, &tz);
    recur_date_parts(recur_minutes(calendar_start(props)), &year, &month, &day);
    timezone_write_meeting(v->x, "t:MeetingTimeZone", &tz, year);
}

/* A zone that every client has by its name is not told in full. */
static void write_zone(struct field_view *v, const char *element, uint32_t lid)
{
    const struct mapi_props *props = view_props(v);
    g_auto(timezone_info) tz = { 0 };

    if (props != NULL && calendar_zone_of(props, lid, &tz))
        timezone_write_definition(v->x, element, &tz,
                                  timezone_display(tz.id) == NULL);
}

static void write_start_zone(struct field_view *v, const struct field *f)
{
    (void)f;
    write_zone(v, "t:StartTimeZone", LID_ZONE_START);
}

static void write_end_zone(struct field_view *v, const struct field *f)
{
    (void)f;
    write_zone(v, "t:EndTimeZone", LID_ZONE_END);
}

static void write_zone_id(struct field_view *v, const struct field *f)
{
    const struct mapi_props *props = view_props(v);
    g_auto(timezone_info) tz = { 0 };
    g_autofree char *name = field_element(f);

    if (props != NULL && calendar_zone_of(props, f->id, &tz))
        xml_text(v->x, name, tz.id);
}

/* ---- rows ------------------------------------------------------------ */

/* clang-format off */
#define APPT(lid, type) \
    .tag = PROP_TAG(0, type), .pset = PSETID_APPOINTMENT, .id = (lid)
#define MEETING(lid, type) \
    .tag = PROP_TAG(0, type), .pset = PSETID_MEETING, .id = (lid)
#define TEXT field_write_text, .set = field_set_text, .clear = field_clear

static const struct field head_rows[] = {
    { .uri = "calendar:UID", .base = IN_ALL, .write = calendar_write_uid,
      MEETING(LID_GLOBAL_ID, PT_BINARY), .set = calendar_put_uid },
    { .uri = "calendar:RecurrenceId", .base = IN_ALL,
      APPT(LID_REPLACE_TIME, PT_SYSTIME), .write = field_write_time },
    { .uri = "calendar:DateTimeStamp", .base = IN_ALL,
      MEETING(LID_OWNER_CHANGE, PT_SYSTIME), .write = field_write_time,
      .set = field_set_time, .clear = field_clear },
};

static const struct field rows[] = {
    { .uri = "calendar:Start", .base = IN_DEFAULT,
      APPT(LID_START, PT_SYSTIME), .write = calendar_write_start,
      .set = calendar_set_later },
    { .uri = "calendar:End", .base = IN_DEFAULT, APPT(LID_END, PT_SYSTIME),
      .write = calendar_write_end, .set = calendar_set_later },
    { .uri = "calendar:OriginalStart", .base = IN_ALL,
      APPT(LID_REPLACE_TIME, PT_SYSTIME), .write = field_write_time },
    { .uri = "calendar:IsAllDayEvent", .base = IN_ALL,
      APPT(LID_ALL_DAY, PT_BOOLEAN), .write = field_write_bool,
      .set = calendar_set_later },
    { .uri = "calendar:LegacyFreeBusyStatus", .base = IN_DEFAULT,
      APPT(LID_BUSY_STATUS, PT_LONG), .values = calendar_busy, .fallback = 2,
      .write = field_write_enum, .set = field_set_enum, .clear = field_clear },
    { .uri = "calendar:Location", .base = IN_DEFAULT,
      APPT(LID_LOCATION, PT_UNICODE), .write = TEXT },
    { .uri = "calendar:When", .base = IN_ALL, .tag = PROP_TAG(0, PT_UNICODE),
      .pset = PS_PUBLIC_STRINGS, .name = "When", .write = write_when,
      .set = field_set_text, .clear = field_clear },
    { .uri = "calendar:IsMeeting", .base = IN_ALL, .write = write_state_bit,
      APPT(LID_STATE_FLAGS, PT_LONG), .fallback = STATE_MEETING },
    { .uri = "calendar:IsCancelled", .base = IN_ALL, .write = write_state_bit,
      APPT(LID_STATE_FLAGS, PT_LONG), .fallback = STATE_CANCELLED },
    { .uri = "calendar:IsRecurring", .base = IN_ALL,
      .write = write_is_recurring, APPT(LID_RECURRING, PT_BOOLEAN) },
    { .uri = "calendar:MeetingRequestWasSent", .base = IN_ALL,
      APPT(LID_INVITED, PT_BOOLEAN), .write = field_write_bool },
    { .uri = "calendar:IsResponseRequested", .base = IN_ALL,
      .tag = PR_RESPONSE_REQUESTED, .write = write_response_requested,
      .set = field_set_bool, .clear = field_clear },
    { .uri = "calendar:CalendarItemType", .base = IN_DEFAULT,
      .write = calendar_write_type },
    { .uri = "calendar:MyResponseType", .base = IN_ALL,
      APPT(LID_RESPONSE_STATUS, PT_LONG), .values = calendar_responses,
      .write = write_response },
    { .uri = "calendar:Organizer", .base = IN_DEFAULT,
      .tag = PR_SENT_REPRESENTING_NAME, .write = calendar_write_organizer },
    { .uri = "calendar:RequiredAttendees", .base = IN_ALL, .fallback = 1,
      .flags = FIELD_APPENDS | FIELD_NOT_LISTED,
      .write = calendar_write_attendees, .set = calendar_set_attendees,
      .clear = calendar_clear_attendees },
    { .uri = "calendar:OptionalAttendees", .base = IN_ALL, .fallback = 2,
      .flags = FIELD_APPENDS | FIELD_NOT_LISTED,
      .write = calendar_write_attendees, .set = calendar_set_attendees,
      .clear = calendar_clear_attendees },
    { .uri = "calendar:Resources", .base = IN_ALL, .fallback = 3,
      .flags = FIELD_APPENDS | FIELD_NOT_LISTED,
      .write = calendar_write_attendees, .set = calendar_set_attendees,
      .clear = calendar_clear_attendees },
    { .uri = "calendar:InboxReminders", .since = EXCHANGE2013 },
    { .uri = "calendar:ConflictingMeetingCount", .base = IN_ALL,
      .flags = FIELD_NOT_LISTED, .write = calendar_write_count },
    { .uri = "calendar:AdjacentMeetingCount", .base = IN_ALL, .fallback = 1,
      .flags = FIELD_NOT_LISTED, .write = calendar_write_count },
    { .uri = "calendar:ConflictingMeetings", .base = IN_ALL,
      .flags = FIELD_NOT_LISTED, .write = calendar_write_meetings },
    { .uri = "calendar:AdjacentMeetings", .base = IN_ALL, .fallback = 1,
      .flags = FIELD_NOT_LISTED, .write = calendar_write_meetings },
    { .uri = "calendar:Duration", .base = IN_ALL,
      APPT(LID_DURATION, PT_LONG), .write = write_duration },
    { .uri = "calendar:TimeZone", .base = IN_ALL,
      APPT(LID_ZONE_DESCRIPTION, PT_UNICODE), .write = write_zone_text },
    { .uri = "calendar:AppointmentReplyTime", .base = IN_ALL,
      APPT(LID_REPLY_TIME, PT_SYSTIME), .write = field_write_time },
    { .uri = "calendar:AppointmentSequenceNumber", .base = IN_ALL,
      APPT(LID_SEQUENCE, PT_LONG), .write = field_write_int },
    { .uri = "calendar:AppointmentState", .base = IN_ALL,
      APPT(LID_STATE_FLAGS, PT_LONG), .write = field_write_int },
    { .uri = "calendar:Recurrence", .base = IN_ALL, .flags = FIELD_NOT_LISTED,
      APPT(LID_RECUR, PT_BINARY), .write = calendar_write_recurrence,
      .set = calendar_set_later, .clear = calendar_clear_recurrence },
    { .uri = "calendar:FirstOccurrence", .base = IN_ALL,
      .flags = FIELD_NOT_LISTED, .write = calendar_write_first },
    { .uri = "calendar:LastOccurrence", .base = IN_ALL,
      .flags = FIELD_NOT_LISTED, .write = calendar_write_last },
    { .uri = "calendar:ModifiedOccurrences", .base = IN_ALL,
      .flags = FIELD_NOT_LISTED, .write = calendar_write_modified },
    { .uri = "calendar:DeletedOccurrences", .base = IN_ALL,
      .flags = FIELD_NOT_LISTED, .write = calendar_write_deleted },
    { .uri = "calendar:MeetingTimeZone", .base = IN_ALL,
      .write = write_meeting_zone, .set = calendar_set_later },
    { .uri = "calendar:StartTimeZone", .base = IN_ALL, .since = EXCHANGE2010,
      APPT(LID_ZONE_START, PT_BINARY), .write = write_start_zone,
      .set = calendar_set_later },
    { .uri = "calendar:EndTimeZone", .base = IN_ALL, .since = EXCHANGE2010,
      APPT(LID_ZONE_END, PT_BINARY), .write = write_end_zone,
      .set = calendar_set_later },
    { .uri = "calendar:ConferenceType", .base = IN_ALL,
      APPT(LID_CONFERENCE_TYPE, PT_LONG), .write = field_write_int_if,
      .set = field_set_int, .clear = field_clear },
    { .uri = "calendar:AllowNewTimeProposal", .base = IN_ALL,
      APPT(LID_NO_PROPOSALS, PT_BOOLEAN), .write = write_proposals,
      .set = set_proposals, .clear = field_clear },
    { .uri = "calendar:IsOnlineMeeting", .base = IN_ALL,
      APPT(LID_ONLINE, PT_BOOLEAN), .write = field_write_bool_if,
      .set = field_set_bool, .clear = field_clear },
    { .uri = "calendar:MeetingWorkspaceUrl", .base = IN_ALL,
      APPT(LID_WORKSPACE_URL, PT_UNICODE), .write = TEXT },
    { .uri = "calendar:NetShowUrl", .base = IN_ALL,
      APPT(LID_NET_SHOW_URL, PT_UNICODE), .write = TEXT },
    { .uri = "calendar:EnhancedLocation", .base = IN_ALL,
      .since = EXCHANGE2016, APPT(LID_LOCATION, PT_UNICODE),
      .write = write_enhanced, .set = set_enhanced, .clear = field_clear },
    { .uri = "calendar:StartWallClock", .base = IN_ALL, .since = EXCHANGE2013,
      .write = write_start_wall },
    { .uri = "calendar:EndWallClock", .base = IN_ALL, .since = EXCHANGE2013,
      .write = write_end_wall },
    { .uri = "calendar:StartTimeZoneId", .base = IN_ALL,
      .since = EXCHANGE2013, APPT(LID_ZONE_START, PT_BINARY),
      .write = write_zone_id, .set = calendar_set_later },
    { .uri = "calendar:EndTimeZoneId", .base = IN_ALL, .since = EXCHANGE2013,
      APPT(LID_ZONE_END, PT_BINARY), .write = write_zone_id,
      .set = calendar_set_later },
};

static const struct field tail_rows[] = {
    /* of conferencing servers that the lab has not */
    { .uri = "calendar:JoinOnlineMeetingUrl", .since = EXCHANGE2013 },
    { .uri = "calendar:OnlineMeetingSettings", .since = EXCHANGE2013 },
    { .uri = "calendar:IsOrganizer", .base = IN_ALL, .since = EXCHANGE2013,
      .write = write_is_organizer },
    { .uri = "calendar:CalendarActivityData", .since = EXCHANGE2016 },
};
/* clang-format on */

const struct field_section field_section_calendar_head = {
    .kinds = KIND_CALENDAR,
    .rows = head_rows,
    .n = G_N_ELEMENTS(head_rows),
};

const struct field_section field_section_calendar = {
    .kinds = KIND_CALENDAR | KIND_REQUEST,
    .rows = rows,
    .n = G_N_ELEMENTS(rows),
    .finish = calendar_finish,
};

const struct field_section field_section_calendar_tail = {
    .kinds = KIND_CALENDAR,
    .rows = tail_rows,
    .n = G_N_ELEMENTS(tail_rows),
};
