#include "lab/field_calendar.h"
#include "lab/recurrence_xml.h"

/* An occurrence must be over before the next one begins. */
static int check_pattern(const struct recurrence *r, struct problem *p)
{
    struct recur_walk w;
    uint32_t first = 0, second = 0;

    recur_walk_init(&w, r);
    /* what is not reckoned here (lunar calendars) is not judged here */
    if (!recur_walk_next(&w, &first))
        return problem_set(p, "ErrorRecurrenceHasNoOccurrence");
    if (recur_walk_next(&w, &second) &&
        r->end_offset - r->start_offset > second - first)
        return problem_set(p, "ErrorOccurrenceTimeSpanTooBig");
    return 0;
}

static void drop_exceptions(struct field_edit *e, struct recurrence *r)
{
    struct mapi_message *m = e->message;
    size_t kept = 0;

    g_array_set_size(r->deleted, 0);
    g_array_set_size(r->exceptions, 0);
    recurrence_settle(r);
    for (size_t i = 0; i < m->n_attachments; i++)
        if (!mapi_get_bool(mapi_find(&m->attachments[i].props,
                                     PROP_ID(PR_ATTACHMENT_HIDDEN)),
                           false))
            m->attachments[kept++] = m->attachments[i];
    m->n_attachments = kept;
}

/* Times of day, phase and end; the master is its first occurrence. */
static int put_series(struct field_edit *e, struct series *s,
                      struct calendar_span *span, struct problem *p)
{
    struct recurrence *r = &s->recur;
    g_autofree char *text = recurrence_describe(r);
    uint32_t start = series_local(s, span->start);
    uint32_t end = series_local(s, span->end);

    r->appointment = true;
    r->start_offset = start % RECUR_DAY;
    r->end_offset = r->start_offset + (end > start ? end - start : 0);
    if (check_pattern(r, p) < 0)
        return -1;
    recurrence_anchor(r);
    span->start = series_utc(s, r->start_date + r->start_offset);
    span->end = series_utc(s, r->start_date + r->end_offset);
    series_write(e->item, e->props, s);
    calendar_set_text(e->item, e->props, LID_RECURRENCE_PATTERN, text);
    return 0;
}

int calendar_new_series(struct field_edit *e, const xmlNode *node,
                        const struct timezone_info *zone,
                        struct calendar_span *span, struct problem *p)
{
    g_auto(series) s = { 0 };

    if (recurrence_read_xml(node, &s.recur, p) < 0)
        return -1;
    timezone_copy(&s.zone, zone);
    drop_exceptions(e, &s.recur);
    return put_series(e, &s, span, p);
}

int calendar_move_series(struct field_edit *e, const struct timezone_info *zone,
                         bool rezoned, struct calendar_span *span,
                         struct problem *p)
{
    g_auto(series) s = { 0 };
    uint32_t date;

    if (!series_read(e->props, &s) ||
        (span->start == calendar_start(e->props) &&
         span->end == calendar_end(e->props) && !rezoned))
        return 0;
    timezone_clear(&s.zone);
    timezone_copy(&s.zone, zone);
    date = series_local(&s, span->start);
    s.recur.start_date = date - date % RECUR_DAY;
    drop_exceptions(e, &s.recur);
    return put_series(e, &s, span, p);
}

void calendar_end_series(struct field_edit *e)
{
    static const uint32_t lids[] = {
        LID_RECUR,       LID_RECURRENCE_TYPE, LID_RECURRENCE_PATTERN,
        LID_CLIP_START,  LID_CLIP_END,        LID_ZONE_RECUR,
        LID_ZONE_STRUCT,
    };
    struct recurrence none;

    for (size_t i = 0; i < G_N_ELEMENTS(lids); i++)
        calendar_remove(e->props, PSETID_APPOINTMENT, lids[i]);
    calendar_set_bool(e->item, e->props, LID_RECURRING, false);
    calendar_remove(e->props, PSETID_MEETING, LID_IS_RECURRING);
    recurrence_init(&none);
    drop_exceptions(e, &none);
    recurrence_clear(&none);
}
