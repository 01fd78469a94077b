#include <string.h>

#include "lab/ical_priv.h"
#include "lab/occurrence.h"

/* ---- times ----------------------------------------------------------- */

struct when {
    int64_t us; /* UTC; TIMESTAMP_NONE: not said */
    bool date;  /* a day, not a time */
    struct timezone_info zone;
};

static void when_clear(struct when *w)
{
    timezone_clear(&w->zone);
}
typedef struct when when;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(when, when_clear)

static bool digits(const char *p, size_t n, unsigned int *ret)
{
    *ret = 0;
    for (size_t i = 0; i < n; i++) {
        if (!g_ascii_isdigit(p[i]))
            return false;
        *ret = *ret * 10 + (unsigned int)(p[i] - '0');
    }
    return true;
}

/* "20240229" or "20240229T110000": microseconds on that clock. */
static bool read_clock(const char *text, int64_t *ret_us, bool *ret_date)
{
    unsigned int year, month, day, time = 0;

    if (strlen(text) < 8 || !digits(text, 4, &year) ||
        !digits(text + 4, 2, &month) || !digits(text + 6, 2, &day))
        return false;
    *ret_date = text[8] != 'T';
    if (!*ret_date && (strlen(text) < 15 || !digits(text + 9, 6, &time)))
        return false;
    if (year < 1601 || year > 4500 || month < 1 || month > 12 || day < 1 ||
        day > recur_month_length(year, month) || time / 10000 > 23 ||
        time / 100 % 100 > 59 || time % 100 > 59)
        return false;
    *ret_us = recur_us(recur_date(year, month, day)) +
              (time / 10000 * 3600 + time / 100 % 100 * 60 + time % 100) *
                  TIMESTAMP_SECOND;
    return true;
}

static void read_when(const struct ical_reading *r, const struct ical_prop *p,
                      struct when *ret)
{
    g_autofree char *tzid = ical_param(p, "TZID");
    int64_t us = 0;

    *ret = (struct when){ .us = TIMESTAMP_NONE };
    ical_zone_read(r->calendar, tzid, &ret->zone);
    if (p == NULL || !read_clock(p->value, &us, &ret->date))
        return;
    if (!ret->date && g_str_has_suffix(p->value, "Z"))
        ret->us = us;
    else
        ret->us = timezone_from_local(&ret->zone, us);
}

/* "P1DT2H30M", with a sign. */
int64_t ical_duration_us(const char *text)
{
    int64_t total = 0, n = 0;
    bool negative = *text == '-', time = false;

    for (const char *p = text; *p != '\0'; p++) {
        if (g_ascii_isdigit(*p)) {
            n = MIN(n * 10 + (*p - '0'), 1000000);
            continue;
        }
        time |= *p == 'T';
        total += n * (*p == 'W'           ? 604800
                      : *p == 'D'         ? 86400
                      : *p == 'H'         ? 3600
                      : *p == 'M' && time ? 60
                      : *p == 'S'         ? 1
                                          : 0);
        n = 0;
    }
    return (negative ? -total : total) * TIMESTAMP_SECOND;
}

static bool says_all_day(const struct ical_component *event,
                         const struct when *start)
{
    const struct ical_prop *p = ical_find(event, "X-MICROSOFT-CDO-ALLDAYEVENT");

    return start->date ||
           (p != NULL && g_ascii_strcasecmp(p->value, "TRUE") == 0);
}

static int64_t end_of(const struct ical_reading *r,
                      const struct ical_component *event,
                      const struct when *start)
{
    const struct ical_prop *duration = ical_find(event, "DURATION");
    g_auto(when) end = { 0 };

    read_when(r, ical_find(event, "DTEND"), &end);
    if (end.us != TIMESTAMP_NONE && end.us >= start->us)
        return end.us;
    if (duration != NULL)
        return start->us + MAX(ical_duration_us(duration->value), 0);
    /* RFC 5545 3.6.1: a day lasts a day, a time no time */
    return start->us + (start->date ? 86400 * TIMESTAMP_SECOND : 0);
}

static int set_times(const struct ical_reading *r,
                     const struct ical_component *event,
                     struct mapi_props *props, struct when *ret_start)
{
    g_auto(when) start = { 0 };

    read_when(r, ical_find(event, "DTSTART"), &start);
    if (start.us == TIMESTAMP_NONE)
        return -1;
    calendar_set_span(r->item, props, start.us, end_of(r, event, &start));
    calendar_set_bool(r->item, props, LID_ALL_DAY, says_all_day(event, &start));
    if (ret_start != NULL) {
        calendar_set_zones(r->item, props, &start.zone, &start.zone);
        *ret_start = start;
        start = (struct when){ 0 };
    }
    return 0;
}

/* ---- series ---------------------------------------------------------- */

static uint32_t local_date(const struct series *s, int64_t us)
{
    return series_local(s, us) / RECUR_DAY * RECUR_DAY;
}

/* EXDATE may list several, and stand several times. */
static void delete_dates(const struct ical_reading *r,
                         const struct ical_component *event, struct series *s)
{
    for (guint i = 0; i < event->props->len; i++) {
        const struct ical_prop *p = event->props->pdata[i];
        g_auto(GStrv) dates = NULL;

        if (strcmp(p->name, "EXDATE") != 0)
            continue;
        dates = g_strsplit(p->value, ",", (gint)ICAL_EXCEPTIONS_MAX);
        for (size_t k = 0; dates[k] != NULL; k++) {
            struct ical_prop one = *p;
            g_auto(when) at = { 0 };

            one.value = dates[k];
            read_when(r, &one, &at);
            if (at.us != TIMESTAMP_NONE &&
                s->recur.deleted->len < ICAL_EXCEPTIONS_MAX)
                recurrence_delete(&s->recur, local_date(s, at.us));
        }
    }
}

static void set_series(const struct ical_reading *r,
                       const struct ical_component *event,
                       const struct when *start)
{
    const struct ical_prop *rule = ical_find(event, "RRULE");
    struct mapi_props *props = &r->item->message.props;
    g_auto(series) s = { 0 };
    uint32_t from, to;

    if (rule == NULL)
        return;
    recurrence_init(&s.recur);
    timezone_copy(&s.zone, &start->zone);
    from = series_local(&s, start->us);
    to = series_local(&s, calendar_end(props));
    s.recur.appointment = true;
    s.recur.start_date = from / RECUR_DAY * RECUR_DAY;
    s.recur.start_offset = from % RECUR_DAY;
    s.recur.end_offset = s.recur.start_offset + (to - from);
    /* what Exchange has no pattern for stays the one event that it is */
    if (ical_rule_read(rule->value, &s.zone, &s.recur) < 0)
        return;
    delete_dates(r, event, &s);
    /* the master is its first occurrence, even if the event was none */
    calendar_set_span(r->item, props,
                      series_utc(&s, s.recur.start_date + s.recur.start_offset),
                      series_utc(&s, s.recur.start_date + s.recur.end_offset));
    series_write(r->item, props, &s);
}

/* An occurrence that differs: composed, changed, and put back. */
static void set_exception(const struct ical_reading *r,
                          const struct ical_component *event)
{
    g_autoptr(mapi_item) one = mapi_item_new();
    struct ical_reading inner = *r;
    struct occurrence o;
    g_auto(series) s = { 0 };
    g_auto(when) at = { 0 };
    bool deleted = false;
    uint32_t date;

    read_when(r, ical_find(event, "RECURRENCE-ID"), &at);
    if (at.us == TIMESTAMP_NONE || !series_read(&r->item->message.props, &s))
        return;
    date = local_date(&s, at.us);
    if (!recurrence_by_date(&s.recur, date, &o, &deleted) || deleted)
        return;
    occurrence_copy_message(one, &one->message, &r->item->message);
    occurrence_compose(one, &s, &o);
    inner.item = one;
    if (set_times(&inner, event, &one->message.props, NULL) < 0)
        return;
    ical_texts_in(&inner, event, &one->message.props);
    /* one that would cross its neighbour stays as the pattern has it */
    (void)occurrence_store(r->item, date, one);
}

static void set_exceptions(const struct ical_reading *r)
{
    unsigned int n = 0;

    for (guint i = 0; i < r->calendar->children->len; i++) {
        const struct ical_component *c = r->calendar->children->pdata[i];

        if (strcmp(c->name, "VEVENT") == 0 &&
            ical_find(c, "RECURRENCE-ID") != NULL && n++ < ICAL_EXCEPTIONS_MAX)
            set_exception(r, c);
    }
}

/* ---- all ------------------------------------------------------------- */

static enum ical_method method_in(const struct ical_component *calendar)
{
    const struct ical_prop *p = ical_find(calendar, "METHOD");

    for (int i = ICAL_PUBLISH; p != NULL && i <= ICAL_COUNTER; i++)
        if (g_ascii_strcasecmp(p->value,
                               ical_method_name((enum ical_method)i)) == 0)
            return (enum ical_method)i;
    return ICAL_PUBLISH;
}

/* The master goes before its exceptions, wherever it stands. */
static const struct ical_component *main_event(const struct ical_component *c)
{
    const struct ical_component *first = NULL;

    for (guint i = 0; i < c->children->len; i++) {
        const struct ical_component *event = c->children->pdata[i];

        if (strcmp(event->name, "VEVENT") != 0)
            continue;
        if (ical_find(event, "RECURRENCE-ID") == NULL)
            return event;
        if (first == NULL)
            first = event;
    }
    return first;
}

static const char *class_of(const struct ical_reading *r,
                            const struct ical_component *event)
{
    static const char *const replies[] = {
        [RESPONSE_ACCEPTED] = "IPM.Schedule.Meeting.Resp.Pos",
        [RESPONSE_DECLINED] = "IPM.Schedule.Meeting.Resp.Neg",
        [RESPONSE_TENTATIVE] = "IPM.Schedule.Meeting.Resp.Tent",
        [RESPONSE_NONE] = "IPM.Schedule.Meeting.Resp.Tent",
    };
    const struct ical_prop *attendee = ical_find(event, "ATTENDEE");

    switch (r->method) {
    case ICAL_REQUEST:
        return "IPM.Schedule.Meeting.Request";
    case ICAL_CANCEL:
        return "IPM.Schedule.Meeting.Canceled";
    case ICAL_REPLY:
        return replies[attendee != NULL ? ical_track_of(attendee)
                                        : RESPONSE_NONE];
    case ICAL_COUNTER:
        return "IPM.Schedule.Meeting.Resp.Tent";
    case ICAL_PUBLISH:
        break;
    }
    return "IPM.Appointment";
}

static int read_event(struct ical_reading *r)
{
    const struct ical_component *event = main_event(r->calendar);
    struct mapi_props *props = &r->item->message.props;
    const struct ical_prop *uid;
    g_auto(when) start = { 0 };

    if (event == NULL || set_times(r, event, props, &start) < 0)
        return -1;
    uid = ical_find(event, "UID");
    mapi_set_text(r->item, props, PR_MESSAGE_CLASS, class_of(r, event));
    ical_texts_in(r, event, props);
    ical_words_in(r, event, props);
    ical_categories_in(r, event, props);
    ical_reminder_in(r, event, props);
    ical_people_in(r, event);
    if (uid != NULL && *uid->value != '\0')
        calendar_set_uid(r->item, props, uid->value);
    else
        calendar_give_uid(r->item, props);
    set_series(r, event, &start);
    set_exceptions(r);
    return 0;
}

int ical_parse(const char *text, size_t len, struct mapi_item **ret,
               enum ical_method *ret_method)
{
    g_autoptr(ical_component) calendar = ical_read(text, len);
    g_autoptr(mapi_item) item = mapi_item_new();
    struct ical_reading r = { .calendar = calendar, .item = item };

    if (calendar == NULL)
        return -1;
    r.method = method_in(calendar);
    if (read_event(&r) < 0)
        return -1;
    *ret = g_steal_pointer(&item);
    *ret_method = r.method;
    return 0;
}
