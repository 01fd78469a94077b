#include "lab/op_calendar.h"

#include "lab/calendar_view.h"
#include "lab/field_calendar.h"
#include "lab/shape.h"

/* "more than two years": ErrorCalendarViewRangeTooBig */
#define RANGE_MAX (INT64_C(2) * 366 * 86400 * TIMESTAMP_SECOND)

struct view {
    struct shape shape;
    int64_t from_us, to_us;
    uint32_t max;
};

/* xs:dateTime of an attribute; without an offset in the request's zone. */
static int read_date(const struct op_call *call, const xmlNode *node,
                     const char *name, int64_t *ret, struct problem *p)
{
    g_autofree char *text = soap_attr_dup(node, name);
    g_auto(timezone_info) zone = { 0 };
    const char *time;

    if (text == NULL || !timestamp_parse(text, ret))
        return soap_violation(p, node, "The '%s' attribute is invalid.", name);
    time = strchr(text, 'T');
    if (time != NULL && strpbrk(time, "Zz+-") != NULL)
        return 0;
    if (calendar_context(call, &zone, p) < 0)
        return -1;
    *ret = timezone_from_local(&zone, *ret);
    return 0;
}

static int read_max(const struct op_call *call, const xmlNode *node,
                    uint32_t *ret, struct problem *p)
{
    g_autofree char *text = soap_attr_dup(node, "MaxEntriesReturned");
    gint64 n = 0;

    *ret = op_find_limit(call);
    if (text == NULL)
        return 0;
    if (!g_ascii_string_to_signed(text, 10, INT32_MIN, INT32_MAX, &n, NULL))
        return soap_violation(p, node,
                              "The 'MaxEntriesReturned' attribute is invalid.");
    if (n <= 0)
        return problem_fault(p, "ErrorInvalidPagingMaxRows");
    *ret = (uint32_t)MIN(n, (gint64)*ret);
    return 0;
}

static int read_view(const struct op_call *call, struct view *v,
                     struct problem *p)
{
    const xmlNode *node = op_child(call, "CalendarView");

    if (read_date(call, node, "StartDate", &v->from_us, p) < 0 ||
        read_date(call, node, "EndDate", &v->to_us, p) < 0 ||
        read_max(call, node, &v->max, p) < 0)
        return -1;
    if (op_child(call, "Restriction") != NULL)
        return problem_fault(p, "ErrorRestrictionNotSupported");
    if (op_child(call, "SortOrder") != NULL)
        return problem_fault(p, "ErrorSortByPropertyNotSupported");
    return 0;
}

/* What one folder's message says, not the whole request's. */
static int check_range(const struct view *v, const struct place *folder,
                       struct problem *p)
{
    if (v->to_us < v->from_us)
        return problem_set(p, "ErrorCalendarEndDateIsEarlierThanStartDate");
    if (v->to_us - v->from_us > RANGE_MAX)
        return problem_set(p, "ErrorCalendarViewRangeTooBig");
    if (g_strcmp0(folder->folder.folder_class, "IPF.Appointment") != 0)
        return problem_set(p, "ErrorCalendarFolderIsInvalidForCalendarView");
    return 0;
}

static int write_events(struct op_call *call, const struct view *v,
                        int64_t mailbox, const GArray *events,
                        struct problem *p)
{
    struct xmlout *x = &call->reply.x;
    guint n = MIN(events->len, v->max);

    reply_message_begin(&call->reply, NULL);
    g_string_append_printf(x->text, "<m:RootFolder TotalItemsInView=\"%u\"", n);
    xml_attr(x, "IncludesLastItemInRange", n == events->len ? "true" : "false");
    xml_end(x);
    xml_open(x, "t:Items");
    for (guint i = 0; i < n; i++) {
        g_auto(lab_item) item = { 0 };

        calendar_event_item(&g_array_index(events, struct calendar_event, i),
                            &item);
        if (shape_write_item(call, &v->shape, mailbox, &item, p) < 0)
            return -1;
    }
    xml_close(x, "t:Items");
    xml_close(x, "m:RootFolder");
    reply_message_end(&call->reply);
    return 0;
}

static int view_one(struct op_call *call, const xmlNode *node, void *data,
                    struct problem *p)
{
    const struct view *v = data;
    g_auto(calendar_events) found = { 0 };
    g_auto(place) folder = { 0 };
    struct err err;

    if (access_folder(call->lab, call->caller, node, "ErrorItemNotFound",
                      &folder, p) < 0 ||
        check_range(v, &folder, p) < 0)
        return -1;
    /* what ends as the view begins is in it: EWS-QUIRKS 47 */
    if (calendar_events_read(call->lab->store, folder.mailbox, folder.folder.id,
                             v->from_us - 1, v->to_us, &found, &err) < 0)
        return problem_from_err(p, &err);
    return write_events(call, v, folder.mailbox, found.events, p);
}

int op_calendar_view(struct op_call *call, struct problem *p)
{
    struct view v = { 0 };
    g_auto(shape) s = { 0 };

    if (read_view(call, &v, p) < 0 ||
        shape_read_item(call, op_child(call, "ItemShape"), &s, p) < 0)
        return -1;
    s.listing = true;
    v.shape = s;
    return op_each(call, op_child(call, "ParentFolderIds"), view_one, &v, p);
}
