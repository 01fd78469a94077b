#include "lab/field_calendar.h"

#include <string.h>

#include "lab/calendar_xml.h"
#include "lab/field_priv.h"
#include "lab/store_occurrence.h"
#include "lab/timezone_xml.h"

#define MINUTE RECUR_MINUTE_US
#define DAY    ((int64_t)RECUR_DAY * MINUTE)

/* ErrorCalendarDurationIsTooLong: "five years", docs of ResponseCode. */
#define DURATION_MAX     (5 * 366 * DAY)
#define REMINDER_DEFAULT 15

/* What was set, to be read together; the nodes are the request's. */
struct later {
    const xmlNode *start, *end, *all_day, *recurrence;
    const xmlNode *meeting_zone, *start_zone, *end_zone;
    const xmlNode *start_zone_id, *end_zone_id;
    bool once; /* DeleteItemField of the recurrence */
};

static const struct {
    const char *uri;
    size_t at;
} nodes[] = {
    { "calendar:Start", offsetof(struct later, start) },
    { "calendar:End", offsetof(struct later, end) },
    { "calendar:IsAllDayEvent", offsetof(struct later, all_day) },
    { "calendar:Recurrence", offsetof(struct later, recurrence) },
    { "calendar:MeetingTimeZone", offsetof(struct later, meeting_zone) },
    { "calendar:StartTimeZone", offsetof(struct later, start_zone) },
    { "calendar:EndTimeZone", offsetof(struct later, end_zone) },
    { "calendar:StartTimeZoneId", offsetof(struct later, start_zone_id) },
    { "calendar:EndTimeZoneId", offsetof(struct later, end_zone_id) },
};

static struct later *later_of(struct field_edit *e)
{
    if (e->scratch == NULL) {
        e->scratch = g_new0(struct later, 1);
        e->scratch_free = g_free;
    }
    return e->scratch;
}

static bool is_occurrence(const struct field_edit *e)
{
    return e->was != NULL && lab_id_is_occurrence(e->was->id);
}

int calendar_set_later(struct field_edit *e, const struct field *f,
                       const xmlNode *node, struct problem *p)
{
    void *later = later_of(e);

    if (strcmp(f->uri, "calendar:Recurrence") == 0 && is_occurrence(e))
        return field_refuse(p, "ErrorInvalidPropertySet", f);
    for (size_t i = 0; i < G_N_ELEMENTS(nodes); i++)
        if (strcmp(nodes[i].uri, f->uri) == 0)
            G_STRUCT_MEMBER(const xmlNode *, later, nodes[i].at) = node;
    return 0;
}

int calendar_clear_recurrence(struct field_edit *e, const struct field *f,
                              const struct field_path *path, struct problem *p)
{
    (void)path;
    if (is_occurrence(e))
        return field_refuse(p, "ErrorInvalidPropertyDelete", f);
    later_of(e)->once = true;
    return 0;
}

/* ---- time zones ------------------------------------------------------ */

int calendar_context(const struct op_call *call, struct timezone_info *ret,
                     struct problem *p)
{
    const xmlNode *root = xmlDocGetRootElement(call->request->doc);
    const xmlNode *header = soap_child(root, NS_ENVELOPE, "Header");
    const xmlNode *context = soap_child(header, NS_TYPES, "TimeZoneContext");

    /* Exchange2007_SP1 takes no notice: see "Time zones and EWS" */
    if (context == NULL || call->asked < EXCHANGE2010) {
        timezone_utc(ret);
        return 0;
    }
    return timezone_read_definition(
        soap_child(context, NS_TYPES, "TimeZoneDefinition"), ret, p);
}

/* The zones of an item while it is set. */
struct zones {
    struct timezone_info context;
    struct timezone_info start, end; /* as given; no rules: not given */
    struct timezone_info was;        /* before; no rules: none */
};

static void zones_clear(struct zones *z)
{
    timezone_clear(&z->context);
    timezone_clear(&z->start);
    timezone_clear(&z->end);
    timezone_clear(&z->was);
}

static bool given(const struct timezone_info *tz)
{
    return tz->n_rules > 0;
}

static int read_id(const xmlNode *node, struct timezone_info *ret,
                   struct problem *p)
{
    g_autofree char *id = soap_text_dup(node);

    if (id == NULL || !timezone_find(g_strstrip(id), ret))
        return problem_set(p, "ErrorTimeZone");
    return 0;
}

static int read_zone(const xmlNode *definition, const xmlNode *id,
                     struct timezone_info *ret, struct problem *p)
{
    if (definition != NULL)
        return timezone_read_definition(definition, ret, p);
    return id != NULL ? read_id(id, ret, p) : 0;
}

static int read_zones(struct field_edit *e, const struct later *l,
                      struct zones *z, struct problem *p)
{
    if (calendar_context(e->call, &z->context, p) < 0 ||
        read_zone(l->start_zone, l->start_zone_id, &z->start, p) < 0 ||
        read_zone(l->end_zone, l->end_zone_id, &z->end, p) < 0)
        return -1;
    if (!given(&z->start) && l->meeting_zone != NULL &&
        timezone_read_meeting(l->meeting_zone, &z->start, p) < 0)
        return -1;
    /* MeetingTimeZone is for both */
    if (l->meeting_zone != NULL && !given(&z->end))
        timezone_copy(&z->end, &z->start);
    if (calendar_start(e->props) != TIMESTAMP_NONE)
        calendar_zone(e->props, &z->was);
    return 0;
}

/* The zone that an appointment is made in. */
static const struct timezone_info *own_zone(const struct zones *z)
{
    if (given(&z->start))
        return &z->start;
    return given(&z->was) ? &z->was : &z->context;
}

/* ---- start and end --------------------------------------------------- */

static bool has_offset(const char *text)
{
    const char *time = strchr(text, 'T');

    return time != NULL && strpbrk(time, "Zz+-") != NULL;
}

static int read_time(const xmlNode *node, const struct timezone_info *zone,
                     int64_t *ret_us, struct problem *p)
{
    g_autofree char *text = soap_text_dup(node);

    if (field_parse_time(node, ret_us, p) < 0)
        return -1;
    if (!has_offset(text))
        *ret_us = timezone_from_local(zone, *ret_us);
    return 0;
}

/* A changed zone keeps what the clock on the wall shows. */
static int64_t rezoned(const struct zones *z, int64_t us)
{
    if (us == TIMESTAMP_NONE || !given(&z->start) || !given(&z->was))
        return us;
    return timezone_from_local(&z->start, timezone_to_local(&z->was, us));
}

/* The next full half hour: what Exchange makes of an item without a start. */
static int64_t default_start(void)
{
    int64_t now = timestamp_now();

    return (now / (30 * MINUTE) + 1) * 30 * MINUTE;
}

static void snap(struct calendar_span *s, const struct timezone_info *zone)
{
    int64_t start = timezone_to_local(zone, s->start);
    int64_t end = timezone_to_local(zone, s->end);

    start -= ((start % DAY) + DAY) % DAY;
    if (end % DAY != 0)
        end += DAY - ((end % DAY) + DAY) % DAY;
    if (end <= start)
        end = start + DAY;
    s->start = timezone_from_local(zone, start);
    s->end = timezone_from_local(zone, end);
}

static int check_span(const struct calendar_span *s, struct problem *p)
{
    if (s->end < s->start)
        return problem_set(p, "ErrorCalendarEndDateIsEarlierThanStartDate");
    if (s->end - s->start > DURATION_MAX)
        return problem_set(p, "ErrorCalendarDurationIsTooLong");
    return 0;
}

static int read_span(struct field_edit *e, const struct later *l,
                     const struct zones *z, struct calendar_span *s,
                     struct problem *p)
{
    int64_t before = calendar_start(e->props);
    int64_t length = calendar_end(e->props) - before;

    s->start = rezoned(z, before);
    s->end = rezoned(z, calendar_end(e->props));
    s->all_day = mapi_get_bool(calendar_find(e->props, LID_ALL_DAY), false);
    if ((l->start != NULL &&
         read_time(l->start, given(&z->start) ? &z->start : &z->context,
                   &s->start, p) < 0) ||
        (l->end != NULL &&
         read_time(l->end, given(&z->end) ? &z->end : &z->context, &s->end, p) <
             0) ||
        (l->all_day != NULL &&
         field_parse_bool(l->all_day, &s->all_day, p) < 0))
        return -1;
    if (s->start == TIMESTAMP_NONE)
        s->start =
            s->end != TIMESTAMP_NONE ? s->end - 30 * MINUTE : default_start();
    if (s->end == TIMESTAMP_NONE)
        s->end = s->start + 30 * MINUTE;
    /* a start that is moved past the end takes it along */
    if (l->end == NULL && before != TIMESTAMP_NONE && s->end < s->start)
        s->end = s->start + length;
    if (check_span(s, p) < 0)
        return -1;
    if (s->all_day)
        snap(s, own_zone(z));
    return 0;
}

static int set_series(struct field_edit *e, const struct later *l,
                      const struct zones *z, struct calendar_span *span,
                      struct problem *p)
{
    if (l->recurrence != NULL)
        return calendar_new_series(e, l->recurrence, own_zone(z), span, p);
    if (l->once)
        calendar_end_series(e);
    return calendar_move_series(e, own_zone(z), given(&z->start), span, p);
}

/* ---- all together ---------------------------------------------------- */

static bool absent(const struct field_edit *e, const uint8_t set[16],
                   uint32_t lid)
{
    return mapi_find_id(e->props, set, lid) == NULL;
}

/* [MS-OXORMDR]: due at the start, shown so many minutes before. */
static void set_reminder(struct field_edit *e, int64_t start_us, bool moved)
{
    struct mapi_item *item = e->item;
    int64_t due =
        mapi_get_time(mapi_find_id(e->props, PSETID_COMMON, LID_REMINDER_TIME));
    int32_t delta;

    if (absent(e, PSETID_COMMON, LID_REMINDER_SET))
        mapi_set_bool(
            item, e->props,
            mapi_named_id(item, PSETID_COMMON, LID_REMINDER_SET, PT_BOOLEAN),
            true);
    if (absent(e, PSETID_COMMON, LID_REMINDER_DELTA))
        mapi_set_i32(
            item, e->props,
            mapi_named_id(item, PSETID_COMMON, LID_REMINDER_DELTA, PT_LONG),
            REMINDER_DEFAULT);
    delta = mapi_get_i32(
        mapi_find_id(e->props, PSETID_COMMON, LID_REMINDER_DELTA), 0);
    /* of a series it may have gone on to a later occurrence */
    if (moved || due == TIMESTAMP_NONE)
        due = start_us;
    mapi_set_time(
        item, e->props,
        mapi_named_id(item, PSETID_COMMON, LID_REMINDER_TIME, PT_SYSTIME), due);
    mapi_set_time(
        item, e->props,
        mapi_named_id(item, PSETID_COMMON, LID_REMINDER_SIGNAL, PT_SYSTIME),
        due - delta * MINUTE);
}

/* What every appointment has, [MS-OXOCAL] 3.1.4.1. */
static void set_defaults(struct field_edit *e)
{
    bool recurring = !absent(e, PSETID_APPOINTMENT, LID_RECUR);
    bool meeting = calendar_has_attendees(e->message);

    if (absent(e, PSETID_APPOINTMENT, LID_BUSY_STATUS))
        calendar_set_i32(e->item, e->props, LID_BUSY_STATUS, 2);
    if (absent(e, PSETID_APPOINTMENT, LID_SEQUENCE))
        calendar_set_i32(e->item, e->props, LID_SEQUENCE, 0);
    if (absent(e, PSETID_APPOINTMENT, LID_INVITED))
        calendar_set_bool(e->item, e->props, LID_INVITED, false);
    if (absent(e, PSETID_APPOINTMENT, LID_RECURRING))
        calendar_set_bool(e->item, e->props, LID_RECURRING, recurring);
    if (absent(e, PSETID_MEETING, LID_OWNER_CHANGE))
        mapi_set_time(e->item, e->props,
                      mapi_named_id(e->item, PSETID_MEETING, LID_OWNER_CHANGE,
                                    PT_SYSTIME),
                      timestamp_now());
    /* 0x400 an appointment, + 1 recurring, + 2 a meeting, 2.2.1.49 */
    mapi_set_i32(e->item, e->props, PR_ICON_INDEX,
                 0x400 + (recurring ? 1 : 0) + (meeting ? 2 : 0));
    calendar_give_uid(e->item, e->props);
}

static int apply(struct field_edit *e, const struct later *l, struct zones *z,
                 struct problem *p)
{
    int64_t before = calendar_start(e->props);
    struct calendar_span span;
    bool zones_said;

    if (read_zones(e, l, z, p) < 0 || read_span(e, l, z, &span, p) < 0 ||
        set_series(e, l, z, &span, p) < 0)
        return -1;
    zones_said = given(&z->start) || given(&z->end);
    calendar_set_span(e->item, e->props, span.start, span.end);
    calendar_set_bool(e->item, e->props, LID_ALL_DAY, span.all_day);
    if (zones_said || absent(e, PSETID_APPOINTMENT, LID_ZONE_START))
        calendar_set_zones(e->item, e->props, own_zone(z),
                           given(&z->end) ? &z->end : own_zone(z));
    set_reminder(e, span.start, span.start != before);
    return 0;
}

int calendar_finish(struct field_edit *e, struct problem *p)
{
    static const struct later nothing = { 0 };
    const struct later *l = e->scratch != NULL ? e->scratch : &nothing;
    struct zones z = { 0 };
    int status = apply(e, l, &z, p);

    zones_clear(&z);
    if (status < 0)
        return -1;
    if (e->kind == KIND_CALENDAR)
        set_defaults(e);
    return calendar_settle_attendees(e, p);
}
