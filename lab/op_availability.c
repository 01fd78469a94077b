#include "lab/op_calendar.h"

#include <string.h>

#include "lab/calendar_view.h"
#include "lab/calendar_xml.h"
#include "lab/field_calendar.h"
#include "lab/timezone_xml.h"

/* Docs of GetUserAvailability: identities in one request, days in a window. */
#define MAILBOXES_MAX 100
#define WINDOW_MAX    (INT64_C(62) * 86400 * TIMESTAMP_SECOND)
/* Of one stream of merged free/busy: a window in steps of five minutes. */
#define MERGED_MAX 20000

enum detail { DETAIL_MERGED = 1, DETAIL_EVENTS = 2, DETAIL_ALL = 4 };

/* FreeBusyViewType, with what each shows. */
static const struct {
    const char *name;
    unsigned int shows;
} views[] = {
    { "None", 0 },
    { "MergedOnly", DETAIL_MERGED },
    { "FreeBusy", DETAIL_EVENTS },
    { "FreeBusyMerged", DETAIL_MERGED | DETAIL_EVENTS },
    { "Detailed", DETAIL_EVENTS | DETAIL_ALL },
    { "DetailedMerged", DETAIL_MERGED | DETAIL_EVENTS | DETAIL_ALL },
};

struct asked {
    struct timezone_info zone;
    int64_t from_us, to_us;
    int32_t step; /* MergedFreeBusyIntervalInMinutes */
    size_t view;  /* row of views */
};

/* ---- the request ----------------------------------------------------- */

/* In the request's own time zone, which it must tell. */
static int read_time(const xmlNode *node, const char *name,
                     const struct timezone_info *zone, int64_t *ret,
                     struct problem *p)
{
    g_autofree char *text = calendar_child_text(node, name);
    const char *time = strchr(text, 'T');

    if (!timestamp_parse(text, ret))
        return soap_violation(p, node, "The '%s' element is invalid.", name);
    if (time != NULL && strpbrk(time, "Zz+-") == NULL)
        *ret = timezone_from_local(zone, *ret);
    return 0;
}

static size_t read_view(const xmlNode *options)
{
    g_autofree char *name = calendar_child_text(options, "RequestedView");

    for (size_t i = 0; i < G_N_ELEMENTS(views); i++)
        if (strcmp(views[i].name, name) == 0)
            return i;
    return 1;
}

static int read_window(const xmlNode *options, struct asked *a,
                       struct problem *p)
{
    const xmlNode *window = soap_child(options, NS_TYPES, "TimeWindow");

    if (read_time(window, "StartTime", &a->zone, &a->from_us, p) < 0 ||
        read_time(window, "EndTime", &a->zone, &a->to_us, p) < 0)
        return -1;
    if (a->to_us <= a->from_us)
        return problem_fault(p, "ErrorInvalidTimeInterval");
    if (a->to_us - a->from_us > WINDOW_MAX)
        return problem_fault(p, "ErrorTimeIntervalTooBig");
    return 0;
}

static int read_options(const struct op_call *call, struct asked *a,
                        struct problem *p)
{
    const xmlNode *operation = call->request->operation;
    const xmlNode *zone = soap_child(operation, NS_TYPES, "TimeZone");
    const xmlNode *options =
        soap_child(operation, NS_TYPES, "FreeBusyViewOptions");

    if (zone != NULL ? timezone_read_availability(zone, &a->zone, p) < 0
                     : calendar_context(call, &a->zone, p) < 0) {
        p->fault = true;
        return -1;
    }
    if (options == NULL &&
        soap_child(operation, NS_TYPES, "SuggestionsViewOptions") == NULL)
        return problem_fault(p, "ErrorInvalidFreeBusyViewType");
    a->step = 30;
    a->view = read_view(options);
    if (options == NULL)
        return 0;
    if (soap_child(options, NS_TYPES, "MergedFreeBusyIntervalInMinutes") !=
            NULL &&
        !calendar_child_number(options, "MergedFreeBusyIntervalInMinutes", 5,
                               1440, &a->step))
        return problem_fault(p, "ErrorInvalidMergedFreeBusyInterval");
    return read_window(options, a, p);
}

/* ---- one mailbox ----------------------------------------------------- */

/*
 * On the request's clock.  The documentation shows an offset (Exchange 2007);
 * later ones tell none, and Microsoft's own library reads it so
 * ("UnbiasedDateTimeScopedToServiceTimeZone").
 */
static void write_time(struct op_call *call, const char *name,
                       const struct timezone_info *zone, int64_t us)
{
    g_autofree char *local = NULL;

    if (call->asked < EXCHANGE2010) {
        timezone_write_time(&call->reply.x, name, zone, us);
        return;
    }
    local = timestamp_format(timezone_to_local(zone, us));
    local[strlen(local) - 1] = '\0';
    xml_text(&call->reply.x, name, local);
}

static void write_details(struct xmlout *x, const struct calendar_event *e)
{
    const struct lab_appointment *a = e->appointment;
    g_autofree char *location = calendar_event_location(e);
    g_auto(lab_item) item = { 0 };

    calendar_event_item(e, &item);
    xml_open(x, "t:CalendarEventDetails");
    xml_text(x, "t:ID", item.id);
    if (!a->private && item.subject != NULL)
        xml_text(x, "t:Subject", item.subject);
    if (!a->private && location != NULL)
        xml_text(x, "t:Location", location);
    xml_bool(x, "t:IsMeeting", (a->state & STATE_MEETING) != 0);
    xml_bool(x, "t:IsRecurring", e->occurrence.index != 0);
    xml_bool(x, "t:IsException", e->occurrence.exception != NULL);
    xml_bool(x, "t:IsReminderSet", a->reminder);
    xml_bool(x, "t:IsPrivate", a->private);
    xml_close(x, "t:CalendarEventDetails");
}

static void write_events(struct op_call *call, const struct asked *a,
                         const GArray *events)
{
    struct xmlout *x = &call->reply.x;

    xml_open(x, "t:CalendarEventArray");
    for (guint i = 0; i < events->len; i++) {
        const struct calendar_event *e =
            &g_array_index(events, struct calendar_event, i);

        xml_open(x, "t:CalendarEvent");
        write_time(call, "t:StartTime", &a->zone, e->start_us);
        write_time(call, "t:EndTime", &a->zone, e->end_us);
        /* WorkingElsewhere came with 2013, and not to free/busy */
        xml_text(x, "t:BusyType", calendar_busy[CLAMP(e->busy, 0, 3)]);
        if ((views[a->view].shows & DETAIL_ALL) != 0)
            write_details(x, e);
        xml_close(x, "t:CalendarEvent");
    }
    xml_close(x, "t:CalendarEventArray");
}

/* A digit for each interval: the busiest that lies in it. */
static void write_merged(struct xmlout *x, const struct asked *a,
                         const GArray *events)
{
    int64_t step = a->step * RECUR_MINUTE_US;
    int64_t n = MIN((a->to_us - a->from_us + step - 1) / step, MERGED_MAX);
    GString *text = g_string_sized_new((gsize)n);

    for (int64_t i = 0; i < n; i++)
        g_string_append_c(text, '0');
    for (guint i = 0; i < events->len; i++) {
        const struct calendar_event *e =
            &g_array_index(events, struct calendar_event, i);
        int64_t from = MAX(e->start_us - a->from_us, 0) / step;
        int64_t to = (e->end_us - a->from_us + step - 1) / step;
        char digit = (char)('0' + CLAMP(e->busy, 0, 3));

        for (int64_t k = from; k < MIN(to, n); k++)
            text->str[k] = MAX(text->str[k], digit);
    }
    xml_text(x, "t:MergedFreeBusy", text->str);
    g_string_free(text, TRUE);
}

/* Those of a new mailbox: Monday to Friday, eight to five. */
static void write_hours(struct xmlout *x, const struct asked *a)
{
    unsigned int year, month, day;

    recur_date_parts(recur_minutes(a->from_us), &year, &month, &day);
    xml_open(x, "t:WorkingHours");
    timezone_write_availability(x, "t:TimeZone", &a->zone, year);
    xml_open(x, "t:WorkingPeriodArray");
    xml_open(x, "t:WorkingPeriod");
    xml_text(x, "t:DayOfWeek", "Monday Tuesday Wednesday Thursday Friday");
    calendar_write_int(x, "t:StartTimeInMinutes", 8 * 60);
    calendar_write_int(x, "t:EndTimeInMinutes", 17 * 60);
    xml_close(x, "t:WorkingPeriod");
    xml_close(x, "t:WorkingPeriodArray");
    xml_close(x, "t:WorkingHours");
}

static void write_view(struct op_call *call, const struct asked *a,
                       const GArray *events)
{
    struct xmlout *x = &call->reply.x;
    unsigned int shows = views[a->view].shows;

    xml_open(x, "m:FreeBusyView");
    xml_text(x, "t:FreeBusyViewType", views[a->view].name);
    if ((shows & DETAIL_MERGED) != 0)
        write_merged(x, a, events);
    if ((shows & DETAIL_EVENTS) != 0)
        write_events(call, a, events);
    write_hours(x, a);
    xml_close(x, "m:FreeBusyView");
}

static int read_events(struct op_call *call, const xmlNode *node,
                       const struct asked *a, struct calendar_events *ret,
                       struct problem *p)
{
    g_autofree char *address =
        calendar_child_text(soap_child(node, NS_TYPES, "Email"), "Address");
    g_auto(lab_folder) folder = { 0 };
    g_auto(lab_mailbox) m = { 0 };
    struct err err;
    int found = lab_store_find_mailbox(call->lab->store, address, &m, &err);

    if (found == 0)
        return problem_set(p, "ErrorMailRecipientNotFound");
    if (found < 0 ||
        lab_store_distinguished(call->lab->store, m.key, "calendar", &folder,
                                &err) < 0 ||
        calendar_events_read(call->lab->store, m.key, folder.id, a->from_us,
                             a->to_us, ret, &err) < 0)
        return problem_from_err(p, &err);
    return 0;
}

static void write_response(struct op_call *call, const xmlNode *node,
                           const struct asked *a)
{
    struct xmlout *x = &call->reply.x;
    g_auto(calendar_events) found = { 0 };
    struct problem p;
    int status = read_events(call, node, a, &found, &p);

    xml_open(x, "m:FreeBusyResponse");
    reply_named_begin(&call->reply, "m:ResponseMessage",
                      status < 0 ? &p : NULL);
    xml_close(x, "m:ResponseMessage");
    if (status == 0 && found.events != NULL)
        write_view(call, a, found.events);
    xml_close(x, "m:FreeBusyResponse");
}

/* ---- suggestions ----------------------------------------------------- */

/* The lab suggests nothing: the days are there, and have no times. */
static void write_suggestions(struct op_call *call)
{
    struct xmlout *x = &call->reply.x;

    xml_open(x, "m:SuggestionsResponse");
    reply_named_begin(&call->reply, "m:ResponseMessage", NULL);
    xml_close(x, "m:ResponseMessage");
    xml_empty(x, "m:SuggestionDayResultArray");
    xml_close(x, "m:SuggestionsResponse");
}

/* ---- all together ---------------------------------------------------- */

static int answer(struct op_call *call, const struct asked *a,
                  struct problem *p)
{
    const xmlNode *operation = call->request->operation;
    const xmlNode *list = op_child(call, "MailboxDataArray");
    struct xmlout *x = &call->reply.x;

    if (soap_count(list) > MAILBOXES_MAX)
        return problem_fault(p, "ErrorIdentityArrayTooBig");
    if (soap_count(list) == 0)
        return problem_fault(p, "ErrorIdentityArrayEmpty");
    if (soap_child(operation, NS_TYPES, "FreeBusyViewOptions") != NULL) {
        xml_open(x, "m:FreeBusyResponseArray");
        for (const xmlNode *node = soap_first(list); node != NULL;
             node = soap_next(node))
            write_response(call, node, a);
        xml_close(x, "m:FreeBusyResponseArray");
    }
    if (soap_child(operation, NS_TYPES, "SuggestionsViewOptions") != NULL)
        write_suggestions(call);
    return 0;
}

static int get_once(struct op_call *call, struct problem *p)
{
    struct asked a = { 0 };
    int status = read_options(call, &a, p);

    if (status == 0)
        status = answer(call, &a, p);
    timezone_clear(&a.zone);
    return status;
}

int op_get_user_availability(struct op_call *call, struct problem *p)
{
    return op_one(call, get_once, p);
}
