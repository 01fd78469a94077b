#include "lab/field_calendar.h"

#include "lab/calendar_view.h"
#include "lab/calendar_xml.h"
#include "lab/store_occurrence.h"

enum relation { CONFLICTING, ADJACENT };

/* What is free, and what the item itself is, is in nobody's way. */
static bool is_other(const struct calendar_event *e, const char *own)
{
    g_autofree char *master = lab_occurrence_master(own);

    return e->busy != 0 && g_strcmp0(e->appointment->item.id, own) != 0 &&
           g_strcmp0(e->appointment->item.id, master) != 0;
}

static bool relates(const struct calendar_event *e, enum relation relation,
                    int64_t start_us, int64_t end_us)
{
    if (relation == ADJACENT)
        return e->end_us == start_us || e->start_us == end_us;
    return e->start_us < end_us && e->end_us > start_us;
}

/* The events that stand so to the item; an array of struct calendar_event. */
static GArray *find(struct field_view *v, enum relation relation,
                    struct calendar_events *all)
{
    GArray *found = g_array_new(FALSE, FALSE, sizeof(struct calendar_event));
    const struct mapi_props *props = view_props(v);
    int64_t start, end;
    struct err err;

    if (props == NULL || v->item->folder_id == NULL)
        return found;
    start = calendar_start(props);
    end = calendar_end(props);
    /* a minute on both sides: what touches is in the window too */
    if (start == TIMESTAMP_NONE ||
        calendar_events_read(v->call->lab->store, v->mailbox,
                             v->item->folder_id, start - RECUR_MINUTE_US,
                             end + RECUR_MINUTE_US, all, &err) < 0)
        return found;
    for (guint i = 0; i < all->events->len; i++) {
        struct calendar_event *e =
            &g_array_index(all->events, struct calendar_event, i);

        if (is_other(e, v->item->id) && relates(e, relation, start, end))
            g_array_append_vals(found, e, 1);
    }
    return found;
}

void calendar_write_count(struct field_view *v, const struct field *f)
{
    g_auto(calendar_events) all = { 0 };
    g_autoptr(GArray) found = find(v, (enum relation)f->fallback, &all);
    g_autofree char *name = field_element(f);

    xml_uint(v->x, name, found->len);
}

static void write_meeting(struct field_view *v, const struct calendar_event *e)
{
    g_autofree char *location = calendar_event_location(e);
    g_auto(lab_item) item = { 0 };

    calendar_event_item(e, &item);
    xml_open(v->x, "t:CalendarItem");
    op_write_id(v->call, "t:ItemId", item.id, item.change_key);
    if (item.subject != NULL)
        xml_text(v->x, "t:Subject", item.subject);
    xml_time(v->x, "t:Start", e->start_us);
    xml_time(v->x, "t:End", e->end_us);
    xml_text(v->x, "t:LegacyFreeBusyStatus",
             calendar_busy[CLAMP(e->busy, 0, 3)]);
    if (location != NULL)
        xml_text(v->x, "t:Location", location);
    xml_close(v->x, "t:CalendarItem");
}

void calendar_write_meetings(struct field_view *v, const struct field *f)
{
    g_auto(calendar_events) all = { 0 };
    g_autoptr(GArray) found = find(v, (enum relation)f->fallback, &all);
    g_autofree char *name = field_element(f);

    if (found->len == 0)
        return;
    xml_open(v->x, name);
    for (guint i = 0; i < found->len; i++)
        write_meeting(v, &g_array_index(found, struct calendar_event, i));
    xml_close(v->x, name);
}
