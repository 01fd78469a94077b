#include "lab/calendar_view.h"

#include "lab/store_occurrence.h"

/* What one series may have in a view of two years: more than one a day. */
#define OCCURRENCES_MAX 10000u

void calendar_events_clear(struct calendar_events *e)
{
    g_clear_pointer(&e->events, g_array_unref);
    g_clear_pointer(&e->appointments, g_ptr_array_unref);
}

static void add_single(const struct lab_appointment *a, int64_t from_us,
                       int64_t to_us, GArray *events)
{
    const struct calendar_event event = {
        .appointment = a,
        .start_us = a->start_us,
        .end_us = a->end_us,
        .busy = a->busy,
    };

    /* what takes no time lies where it starts */
    if (a->start_us < to_us &&
        (a->end_us > from_us ||
         (a->end_us <= a->start_us && a->start_us >= from_us)))
        g_array_append_val(events, event);
}

static int32_t busy_of(const struct lab_appointment *a,
                       const struct occurrence *o)
{
    if (o->exception != NULL && (o->exception->overrides & RECUR_BUSY) != 0)
        return (int32_t)o->exception->busy;
    return a->busy;
}

static void add_series(const struct lab_appointment *a, int64_t from_us,
                       int64_t to_us, GArray *events)
{
    GArray *found = series_expand(&a->series, from_us, to_us, OCCURRENCES_MAX);

    for (guint i = 0; i < found->len; i++) {
        const struct occurrence *o =
            &g_array_index(found, struct occurrence, i);
        const struct calendar_event event = {
            .appointment = a,
            .occurrence = *o,
            .start_us = series_utc(&a->series, o->start),
            .end_us = series_utc(&a->series, o->end),
            .busy = busy_of(a, o),
        };

        g_array_append_val(events, event);
    }
    g_array_unref(found);
}

static int by_start(const void *a, const void *b)
{
    const struct calendar_event *x = a, *y = b;

    if (x->start_us != y->start_us)
        return (x->start_us > y->start_us) - (x->start_us < y->start_us);
    return (x->appointment->item.key > y->appointment->item.key) -
           (x->appointment->item.key < y->appointment->item.key);
}

int calendar_events_read(struct lab_store *store, int64_t mailbox,
                         const char *folder_id, int64_t from_us, int64_t to_us,
                         struct calendar_events *ret, struct err *err)
{
    struct calendar_events e = { 0 };

    if (lab_calendar_list(store, mailbox, folder_id, &e.appointments, err) < 0)
        return -1;
    e.events = g_array_new(FALSE, FALSE, sizeof(struct calendar_event));
    for (guint i = 0; i < e.appointments->len; i++) {
        const struct lab_appointment *a = e.appointments->pdata[i];

        if (a->has_series)
            add_series(a, from_us, to_us, e.events);
        else
            add_single(a, from_us, to_us, e.events);
    }
    g_array_sort(e.events, by_start);
    *ret = e;
    return 0;
}

void calendar_event_item(const struct calendar_event *event,
                         struct lab_item *ret)
{
    const struct lab_appointment *a = event->appointment;
    const struct recur_exception *e = event->occurrence.exception;

    lab_item_copy_columns(ret, &a->item);
    if (event->occurrence.index == 0)
        return;
    g_free(ret->id);
    ret->id = lab_occurrence_id(a->item.id, event->occurrence.original);
    if (e == NULL)
        return;
    if ((e->overrides & RECUR_SUBJECT) != 0 && e->subject != NULL) {
        g_free(ret->subject);
        ret->subject = g_strdup(e->subject);
    }
    if ((e->overrides & RECUR_ATTACHMENT) != 0)
        ret->has_attachments = e->attachment != 0;
}

char *calendar_event_location(const struct calendar_event *event)
{
    const struct recur_exception *e = event->occurrence.exception;

    if (e != NULL && (e->overrides & RECUR_LOCATION) != 0)
        return g_strdup(e->location);
    return g_strdup(event->appointment->location);
}
