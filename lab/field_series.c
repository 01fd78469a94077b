#include "lab/field_calendar.h"
#include "lab/occurrence.h"
#include "lab/recurrence_xml.h"
#include "lab/store_occurrence.h"

const char *calendar_item_type(struct field_view *v)
{
    if (lab_id_is_occurrence(v->item->id))
        return mapi_get_bool(view_find_id(v, PSETID_MEETING, LID_IS_EXCEPTION),
                             false)
                   ? "Exception"
                   : "Occurrence";
    return view_find_id(v, PSETID_APPOINTMENT, LID_RECUR) != NULL
               ? "RecurringMaster"
               : "Single";
}

static bool read_series(struct field_view *v, struct series *ret)
{
    const struct mapi_props *props = view_props(v);

    return props != NULL && series_read(props, ret);
}

void calendar_write_recurrence(struct field_view *v, const struct field *f)
{
    g_auto(series) s = { 0 };

    (void)f;
    if (read_series(v, &s))
        recurrence_write_xml_in(v->x, &s.recur, v->call->asked, &s.zone);
}

/* OccurrenceInfoType, under the name given. */
static void write_occurrence(struct field_view *v, const char *element,
                             const struct series *s, const struct occurrence *o)
{
    g_autofree char *id = NULL;

    if (v->item->id != NULL)
        id = lab_occurrence_id(v->item->id, o->original);
    /* one inside an attachment has no id, and its occurrences have none */
    if (id == NULL)
        return;
    xml_open(v->x, element);
    op_write_id(v->call, "t:ItemId", id, v->item->change_key);
    xml_time(v->x, "t:Start", series_utc(s, o->start));
    xml_time(v->x, "t:End", series_utc(s, o->end));
    xml_time(v->x, "t:OriginalStart", series_utc(s, o->original));
    xml_close(v->x, element);
}

void calendar_write_first(struct field_view *v, const struct field *f)
{
    g_auto(series) s = { 0 };
    struct occurrence o;

    (void)f;
    if (read_series(v, &s) && recurrence_first(&s.recur, &o))
        write_occurrence(v, "t:FirstOccurrence", &s, &o);
}

void calendar_write_last(struct field_view *v, const struct field *f)
{
    g_auto(series) s = { 0 };
    struct occurrence o;

    (void)f;
    if (read_series(v, &s) && recurrence_last(&s.recur, &o))
        write_occurrence(v, "t:LastOccurrence", &s, &o);
}

void calendar_write_modified(struct field_view *v, const struct field *f)
{
    g_auto(series) s = { 0 };

    (void)f;
    if (!read_series(v, &s) || s.recur.exceptions->len == 0 ||
        v->item->id == NULL)
        return;
    xml_open(v->x, "t:ModifiedOccurrences");
    for (guint i = 0; i < s.recur.exceptions->len; i++) {
        const struct recur_exception *e =
            &g_array_index(s.recur.exceptions, struct recur_exception, i);
        const struct occurrence o = { .original = e->original,
                                      .start = e->start,
                                      .end = e->end,
                                      .exception = e };

        write_occurrence(v, "t:Occurrence", &s, &o);
    }
    xml_close(v->x, "t:ModifiedOccurrences");
}

/* Dates that are deleted and not merely changed. */
static GArray *deleted_dates(const struct recurrence *r)
{
    GArray *dates = g_array_new(FALSE, FALSE, sizeof(uint32_t));

    for (guint i = 0; i < r->deleted->len; i++) {
        uint32_t date = g_array_index(r->deleted, uint32_t, i);

        if (recurrence_exception(r, date) == NULL)
            g_array_append_val(dates, date);
    }
    return dates;
}

void calendar_write_deleted(struct field_view *v, const struct field *f)
{
    g_auto(series) s = { 0 };
    g_autoptr(GArray) dates = NULL;

    (void)f;
    if (!read_series(v, &s))
        return;
    dates = deleted_dates(&s.recur);
    if (dates->len == 0)
        return;
    xml_open(v->x, "t:DeletedOccurrences");
    for (guint i = 0; i < dates->len; i++) {
        uint32_t date = g_array_index(dates, uint32_t, i);

        xml_open(v->x, "t:DeletedOccurrence");
        xml_time(v->x, "t:Start", series_utc(&s, date + s.recur.start_offset));
        xml_close(v->x, "t:DeletedOccurrence");
    }
    xml_close(v->x, "t:DeletedOccurrences");
}
