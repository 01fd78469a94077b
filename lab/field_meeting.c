#include "lab/field_calendar.h"

#include <string.h>

#include "lab/calendar_xml.h"
#include "lab/field_priv.h"
#include "lab/meeting.h"
#include "lab/recurrence_xml.h"

static const struct mapi_prop *meeting(struct field_view *v, uint32_t lid)
{
    return view_find_id(v, PSETID_MEETING, lid);
}

/* ---- of all meeting messages ----------------------------------------- */

static void write_associated(struct field_view *v, const struct field *f)
{
    const struct mapi_props *props = view_props(v);
    g_auto(lab_item) item = { 0 };

    (void)f;
    if (props != NULL &&
        meeting_find(v->call->lab->store, v->mailbox, props, &item))
        op_write_id(v->call, "t:AssociatedCalendarItemId", item.id,
                    item.change_key);
}

/* A delegate's copy is one that was received for somebody else. */
static void write_is_delegated(struct field_view *v, const struct field *f)
{
    g_autofree char *by = mapi_dup_text(view_find(v, PR_RECEIVED_BY_EMAIL));
    g_autofree char *represented =
        mapi_dup_text(view_find(v, PROP_TAG(0x0078, PT_UNICODE)));

    (void)f;
    xml_bool(v->x, "t:IsDelegated",
             by != NULL && represented != NULL &&
                 g_ascii_strcasecmp(by, represented) != 0);
}

/* What the calendar has is newer than what the message says. */
static void write_is_out_of_date(struct field_view *v, const struct field *f)
{
    const struct mapi_props *props = view_props(v);

    (void)f;
    xml_bool(v->x, "t:IsOutOfDate",
             props != NULL && meeting_is_out_of_date(v->call->lab->store,
                                                     v->mailbox, props));
}

static void write_response_type(struct field_view *v, const struct field *f)
{
    (void)f;
    xml_text(v->x, "t:ResponseType",
             calendar_responses[meeting_response_of(v->item->item_class)]);
}

/* ---- of requests ----------------------------------------------------- */

/* PidLidMeetingType, [MS-OXOCAL] 2.2.6.5. */
static const struct {
    int32_t value;
    const char *text;
} request_types[] = {
    { 0x00000001, "NewMeetingRequest" },   { 0x00010000, "FullUpdate" },
    { 0x00020000, "InformationalUpdate" }, { 0x00080000, "Outdated" },
    { 0x00100000, "PrincipalWantsCopy" },
};

static void write_request_type(struct field_view *v, const struct field *f)
{
    int32_t type = mapi_get_i32(meeting(v, LID_MEETING_TYPE), 1);
    const char *text = "None";

    (void)f;
    for (size_t i = 0; i < G_N_ELEMENTS(request_types); i++)
        if (request_types[i].value == type)
            text = request_types[i].text;
    xml_text(v->x, "t:MeetingRequestType", text);
}

/* ---- of responses and cancellations ---------------------------------- */

/* Cancellations propose nothing. */
static void write_proposed(struct field_view *v, const struct field *f)
{
    if (v->kind == KIND_RESPONSE &&
        mapi_get_bool(view_find_id(v, PSETID_APPOINTMENT, LID_COUNTER_PROPOSAL),
                      false))
        field_write_time(v, f);
}

/* ---- rows ------------------------------------------------------------ */

/* clang-format off */
#define APPT(lid, type) \
    .tag = PROP_TAG(0, type), .pset = PSETID_APPOINTMENT, .id = (lid)
#define MEETING(lid, type) \
    .tag = PROP_TAG(0, type), .pset = PSETID_MEETING, .id = (lid)

static const struct field meeting_rows[] = {
    { .uri = "meeting:AssociatedCalendarItemId", .base = IN_DEFAULT,
      .flags = FIELD_NOT_LISTED, .write = write_associated },
    { .uri = "meeting:IsDelegated", .base = IN_DEFAULT,
      .write = write_is_delegated },
    { .uri = "meeting:IsOutOfDate", .base = IN_DEFAULT,
      .flags = FIELD_NOT_LISTED, .write = write_is_out_of_date },
    { .uri = "meeting:HasBeenProcessed", .base = IN_DEFAULT,
      .tag = PR_PROCESSED, .write = field_write_bool },
    { .uri = "meeting:ResponseType", .base = IN_DEFAULT,
      .write = write_response_type },
    { .uri = "calendar:UID", .base = IN_ALL, .write = calendar_write_uid,
      MEETING(LID_GLOBAL_ID, PT_BINARY), .set = calendar_put_uid },
    { .uri = "calendar:RecurrenceId", .base = IN_ALL,
      APPT(LID_REPLACE_TIME, PT_SYSTIME), .write = field_write_time },
    { .uri = "calendar:DateTimeStamp", .base = IN_ALL,
      MEETING(LID_OWNER_CHANGE, PT_SYSTIME), .write = field_write_time,
      .set = field_set_time, .clear = field_clear },
};

static const struct field request_rows[] = {
    { .uri = "meetingRequest:MeetingRequestType", .base = IN_DEFAULT,
      MEETING(LID_MEETING_TYPE, PT_LONG), .write = write_request_type },
    { .uri = "meetingRequest:IntendedFreeBusyStatus", .base = IN_DEFAULT,
      APPT(LID_INTENDED_BUSY, PT_LONG), .values = calendar_busy, .fallback = 2,
      .write = field_write_enum, .set = field_set_enum, .clear = field_clear },
    { .uri = "meetingRequest:ChangeHighlights", .since = EXCHANGE2013 },
};

static const struct field response_rows[] = {
    { .uri = "calendar:Start", .base = IN_ALL, .since = EXCHANGE2013,
      APPT(LID_START, PT_SYSTIME), .write = calendar_write_start },
    { .uri = "calendar:End", .base = IN_ALL, .since = EXCHANGE2013,
      APPT(LID_END, PT_SYSTIME), .write = calendar_write_end },
    { .uri = "calendar:Location", .base = IN_ALL, .since = EXCHANGE2013,
      APPT(LID_LOCATION, PT_UNICODE), .write = field_write_text,
      .set = field_set_text, .clear = field_clear },
    { .uri = "calendar:Recurrence", .base = IN_ALL, .since = EXCHANGE2013,
      .flags = FIELD_NOT_LISTED, .write = calendar_write_recurrence },
    { .uri = "calendar:CalendarItemType", .base = IN_ALL,
      .since = EXCHANGE2013, .write = calendar_write_type },
    { .uri = "meeting:ProposedStart", .base = IN_ALL, .since = EXCHANGE2013,
      APPT(LID_PROPOSED_START, PT_SYSTIME), .write = write_proposed },
    { .uri = "meeting:ProposedEnd", .base = IN_ALL, .since = EXCHANGE2013,
      APPT(LID_PROPOSED_END, PT_SYSTIME), .write = write_proposed },
};
/* clang-format on */

const struct field_section field_section_meeting = {
    .kinds = KINDS_MEETING,
    .rows = meeting_rows,
    .n = G_N_ELEMENTS(meeting_rows),
};

const struct field_section field_section_request = {
    .kinds = KIND_REQUEST,
    .rows = request_rows,
    .n = G_N_ELEMENTS(request_rows),
};

const struct field_section field_section_response = {
    .kinds = KIND_RESPONSE | KIND_CANCELLATION,
    .rows = response_rows,
    .n = G_N_ELEMENTS(response_rows),
};
