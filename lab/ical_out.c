#include <string.h>

#include "lab/body.h"
#include "lab/ical_priv.h"
#include "lab/mime_address.h"
#include "lab/occurrence.h"

/* ---- what it is ------------------------------------------------------ */

static const struct {
    const char *prefix, *name;
    enum ical_method method;
} methods[] = {
    { "IPM.Schedule.Meeting.Request", "REQUEST", ICAL_REQUEST },
    { "IPM.Schedule.Meeting.Resp", "REPLY", ICAL_REPLY },
    { "IPM.Schedule.Meeting.Canceled", "CANCEL", ICAL_CANCEL },
};

const char *ical_method_name(enum ical_method method)
{
    static const char *const names[] = { "PUBLISH", "REQUEST", "REPLY",
                                         "CANCEL", "COUNTER" };

    return names[method];
}

enum ical_method ical_method_of(const char *item_class)
{
    for (size_t i = 0; item_class != NULL && i < G_N_ELEMENTS(methods); i++)
        if (g_ascii_strncasecmp(item_class, methods[i].prefix,
                                strlen(methods[i].prefix)) == 0)
            return methods[i].method;
    return ICAL_PUBLISH;
}

/* An event in the making: the item, or an exception inside of it. */
struct event {
    GString *to;
    const struct mapi_props *props;  /* of the event */
    const struct mapi_props *master; /* what it has not of its own */
    struct timezone_info *zone;
};

static const struct mapi_prop *find(const struct event *e, uint32_t lid)
{
    const struct mapi_prop *p = calendar_find(e->props, lid);

    return p != NULL ? p : calendar_find(e->master, lid);
}

static const struct mapi_prop *find_tag(const struct event *e, uint32_t tag)
{
    const struct mapi_prop *p = mapi_find(e->props, PROP_ID(tag));

    return p != NULL ? p : mapi_find(e->master, PROP_ID(tag));
}

static char *text_of(const struct mapi_prop *p)
{
    char *text = mapi_dup_text(p);

    if (text != NULL && *text == '\0')
        g_clear_pointer(&text, g_free);
    return text;
}

/* ---- times ----------------------------------------------------------- */

static char *format_time(int64_t us, const char *format)
{
    GDateTime *d = g_date_time_new_from_unix_utc(us / TIMESTAMP_SECOND);
    char *text = d != NULL ? g_date_time_format(d, format) : NULL;

    g_clear_pointer(&d, g_date_time_unref);
    return text != NULL ? text : g_strdup("16010101T000000");
}

static void write_utc(GString *to, const char *name, int64_t us)
{
    g_autofree char *text = format_time(us, "%Y%m%dT%H%M%SZ");

    ical_linef(to, "%s:%s", name, text);
}

/* In the event's own zone, as Exchange writes it. */
static void write_time(const struct event *e, const char *name, int64_t us)
{
    g_autofree char *text = NULL;

    if (ical_zone_is_utc(e->zone)) {
        write_utc(e->to, name, us);
        return;
    }
    text = format_time(timezone_to_local(e->zone, us), "%Y%m%dT%H%M%S");
    ical_linef(e->to, "%s;TZID=%s:%s", name, ical_zone_id(e->zone), text);
}

/* ---- people ---------------------------------------------------------- */

/* A name as a parameter: no quote may stand in one. */
static char *quoted_name(const char *name)
{
    g_autofree char *clean = g_strdup(name);

    g_strdelimit(clean, "\"\r\n", '\'');
    return strpbrk(clean, ":;,") != NULL ? g_strdup_printf("\"%s\"", clean)
                                         : g_steal_pointer(&clean);
}

static void write_person(GString *to, const char *what,
                         const struct mime_address *a)
{
    g_autofree char *name = quoted_name(*a->name != '\0' ? a->name : a->smtp);

    ical_linef(to, "%s;CN=%s:MAILTO:%s", what, name, a->smtp);
}

static const char *status_of(int32_t track)
{
    switch (track) {
    case RESPONSE_TENTATIVE:
        return "TENTATIVE";
    case RESPONSE_ACCEPTED:
        return "ACCEPTED";
    case RESPONSE_DECLINED:
        return "DECLINED";
    default:
        return "NEEDS-ACTION";
    }
}

/* [MS-OXCICAL] 2.1.3.1.1.20.2: by the type of the recipient. */
static void write_attendee(GString *to, const struct mapi_props *r)
{
    static const char *const roles[4] = { "REQ-PARTICIPANT", "REQ-PARTICIPANT",
                                          "OPT-PARTICIPANT",
                                          "NON-PARTICIPANT;CUTYPE=RESOURCE" };
    struct mime_address *a = mime_address_get(r, &mime_tags_recipient);
    int32_t type = mapi_get_i32(mapi_find(r, PROP_ID(PR_RECIPIENT_TYPE)), 1);
    int32_t flags = mapi_get_i32(mapi_find(r, PROP_ID(PR_RECIPIENT_FLAGS)), 0);
    int32_t track =
        mapi_get_i32(mapi_find(r, PROP_ID(PR_RECIPIENT_TRACKSTATUS)), 0);
    g_autofree char *what = g_strdup_printf("ATTENDEE;ROLE=%s;PARTSTAT=%s;"
                                            "RSVP=TRUE",
                                            roles[type & 3], status_of(track));

    /* bit 2: the organiser, who stands in a line of its own */
    if (a != NULL && (flags & 2) == 0)
        write_person(to, what, a);
    mime_address_free(a);
}

/* A reply comes from the one who replies, and says nothing of others. */
static void write_reply(const struct event *e, const struct mapi_message *m,
                        const char *item_class)
{
    struct mime_address *a =
        mime_address_get(e->props, &mime_tags_representing);
    const char *status = g_str_has_suffix(item_class, ".Pos")   ? "ACCEPTED"
                         : g_str_has_suffix(item_class, ".Neg") ? "DECLINED"
                                                                : "TENTATIVE";
    g_autofree char *what = g_strconcat("ATTENDEE;PARTSTAT=", status, NULL);

    if (a != NULL)
        write_person(e->to, what, a);
    mime_address_free(a);
    a = m->n_recipients > 0
            ? mime_address_get(&m->recipients[0], &mime_tags_recipient)
            : NULL;
    if (a != NULL)
        write_person(e->to, "ORGANIZER", a);
    mime_address_free(a);
}

static void write_people(const struct event *e, const struct mapi_message *m)
{
    g_autofree char *item_class =
        text_of(mapi_find(e->props, PROP_ID(PR_MESSAGE_CLASS)));
    struct mime_address *a;

    if (ical_method_of(item_class) == ICAL_REPLY) {
        write_reply(e, m, item_class);
        return;
    }
    if (m->n_recipients == 0)
        return;
    a = mime_address_get(e->props, &mime_tags_representing);
    if (a != NULL)
        write_person(e->to, "ORGANIZER", a);
    mime_address_free(a);
    for (size_t i = 0; i < m->n_recipients; i++)
        write_attendee(e->to, &m->recipients[i]);
}

/* ---- an event's own lines -------------------------------------------- */

static void write_texts(const struct event *e)
{
    g_autofree char *subject = text_of(find_tag(e, PR_SUBJECT));
    g_autofree char *place = text_of(find(e, LID_LOCATION));
    struct body body = { 0 };

    body_read(e->props, BODY_TEXT, &body);
    if (body.text == NULL && e->props != e->master)
        body_read(e->master, BODY_TEXT, &body);
    if (body.text != NULL && *body.text != '\0')
        ical_text(e->to, "DESCRIPTION", body.text);
    g_free(body.text);
    ical_text(e->to, "SUMMARY", subject != NULL ? subject : "");
    if (place != NULL)
        ical_text(e->to, "LOCATION", place);
}

static void write_words(const struct event *e)
{
    static const char *const classes[4] = { "PUBLIC", "PERSONAL", "PRIVATE",
                                            "CONFIDENTIAL" };
    static const char *const busy[5] = { "FREE", "TENTATIVE", "BUSY", "OOF",
                                         "WORKINGELSEWHERE" };
    static const int priorities[4] = { 9, 5, 1, 5 };
    int32_t sensitivity = mapi_get_i32(find_tag(e, PR_SENSITIVITY), 0);
    int32_t importance = mapi_get_i32(find_tag(e, PR_IMPORTANCE), 1);
    int32_t status = CLAMP(mapi_get_i32(find(e, LID_BUSY_STATUS), 2), 0, 4);
    int32_t sequence = mapi_get_i32(find(e, LID_SEQUENCE), 0);
    int32_t state = mapi_get_i32(find(e, LID_STATE_FLAGS), 0);
    bool all_day = mapi_get_bool(find(e, LID_ALL_DAY), false);

    ical_linef(e->to, "CLASS:%s", classes[sensitivity & 3]);
    ical_linef(e->to, "PRIORITY:%d", priorities[importance & 3]);
    ical_linef(e->to, "TRANSP:%s", status == 0 ? "TRANSPARENT" : "OPAQUE");
    ical_linef(e->to, "STATUS:%s",
               (state & STATE_CANCELLED) != 0 ? "CANCELLED"
               : status == 1                  ? "TENTATIVE"
                                              : "CONFIRMED");
    ical_linef(e->to, "SEQUENCE:%d", sequence);
    ical_linef(e->to, "X-MICROSOFT-CDO-APPT-SEQUENCE:%d", sequence);
    ical_linef(e->to, "X-MICROSOFT-CDO-BUSYSTATUS:%s", busy[status]);
    ical_linef(e->to, "X-MICROSOFT-CDO-ALLDAYEVENT:%s",
               all_day ? "TRUE" : "FALSE");
    ical_linef(e->to, "X-MICROSOFT-CDO-IMPORTANCE:%d", importance & 3);
}

static void write_categories(const struct event *e)
{
    const struct mapi_prop *p =
        mapi_find_text(e->master, PS_PUBLIC_STRINGS, "Keywords");
    g_autoptr(GString) s = g_string_new("CATEGORIES:");
    gsize empty = s->len;

    for (uint32_t i = 0; p != NULL && i < p->count; i++) {
        g_autofree char *word = mapi_dup_text_at(p, i);

        if (word == NULL)
            continue;
        g_string_append(s, s->len > empty ? "," : "");
        for (const char *c = word; *c != '\0'; c++)
            g_string_append_printf(
                s, strchr("\\;,", *c) != NULL ? "\\%c" : "%c", *c);
    }
    if (s->len > empty)
        ical_line(e->to, s->str);
}

static void write_alarm(const struct event *e)
{
    const struct mapi_prop *set = mapi_find_id(e->props, PSETID_COMMON, 0x8503);
    int32_t minutes =
        mapi_get_i32(mapi_find_id(e->props, PSETID_COMMON, 0x8501), 15);

    if (!mapi_get_bool(set, false))
        return;
    ical_line(e->to, "BEGIN:VALARM");
    ical_line(e->to, "ACTION:DISPLAY");
    ical_line(e->to, "DESCRIPTION:REMINDER");
    ical_linef(e->to, "TRIGGER;RELATED=START:-PT%dM", MAX(minutes, 0));
    ical_line(e->to, "END:VALARM");
}

static void write_id(const struct event *e)
{
    g_autofree char *uid = calendar_uid(
        mapi_find_id(e->master, PSETID_MEETING, LID_CLEAN_GLOBAL_ID));
    int64_t stamp =
        mapi_get_time(mapi_find(e->master, PROP_ID(PR_LAST_MODIFICATION_TIME)));

    if (uid == NULL)
        uid = calendar_uid(
            mapi_find_id(e->master, PSETID_MEETING, LID_GLOBAL_ID));
    if (uid != NULL)
        ical_linef(e->to, "UID:%s", uid);
    write_utc(e->to, "DTSTAMP", stamp != TIMESTAMP_NONE ? stamp : 0);
}

/* ---- series ---------------------------------------------------------- */

static void write_deleted(const struct event *e, const struct series *s)
{
    for (guint i = 0; i < s->recur.deleted->len; i++) {
        uint32_t date = g_array_index(s->recur.deleted, uint32_t, i);

        if (recurrence_exception(&s->recur, date) == NULL)
            write_time(e, "EXDATE",
                       series_utc(s, date + s->recur.start_offset));
    }
}

static void write_exception(const struct event *master,
                            const struct mapi_message *m,
                            const struct series *s,
                            const struct recur_exception *x)
{
    const struct mapi_attachment *a =
        occurrence_attachment(m, s, x->original / RECUR_DAY * RECUR_DAY);
    const struct mapi_props *own =
        a != NULL && a->embedded != NULL ? &a->embedded->props : master->master;
    struct event e = { .to = master->to,
                       .props = own,
                       .master = master->master,
                       .zone = master->zone };

    ical_line(e.to, "BEGIN:VEVENT");
    write_time(&e, "RECURRENCE-ID", series_utc(s, x->original));
    write_time(&e, "DTSTART", series_utc(s, x->start));
    write_time(&e, "DTEND", series_utc(s, x->end));
    write_texts(&e);
    write_id(&e);
    write_words(&e);
    ical_line(e.to, "END:VEVENT");
}

static void write_master(const struct event *e, const struct mapi_message *m,
                         const struct series *s)
{
    int64_t start = calendar_start(e->props), end = calendar_end(e->props);

    ical_line(e->to, "BEGIN:VEVENT");
    write_people(e, m);
    if (s != NULL) {
        g_autofree char *rule = ical_rule_write(s);

        ical_linef(e->to, "RRULE:%s", rule);
        write_deleted(e, s);
    }
    if (start != TIMESTAMP_NONE)
        write_time(e, "DTSTART", start);
    if (end != TIMESTAMP_NONE)
        write_time(e, "DTEND", end);
    write_texts(e);
    write_id(e);
    write_words(e);
    write_categories(e);
    ical_linef(e->to, "X-MICROSOFT-CDO-INSTTYPE:%d", s != NULL ? 1 : 0);
    write_alarm(e);
    ical_line(e->to, "END:VEVENT");
}

/* ---- all ------------------------------------------------------------- */

static unsigned int year_of(int64_t us)
{
    unsigned int year, month, day;

    recur_date_parts(recur_minutes(us != TIMESTAMP_NONE ? us : 0), &year,
                     &month, &day);
    return year;
}

char *ical_render(const struct mapi_message *m)
{
    g_autofree char *item_class =
        text_of(mapi_find(&m->props, PROP_ID(PR_MESSAGE_CLASS)));
    g_auto(timezone_info) zone = { 0 };
    g_auto(series) s = { 0 };
    bool repeats = series_read(&m->props, &s);
    struct event e = { .to = g_string_new(NULL),
                       .props = &m->props,
                       .master = &m->props };

    calendar_zone(&m->props, &zone);
    e.zone = repeats ? &s.zone : &zone;
    ical_line(e.to, "BEGIN:VCALENDAR");
    ical_linef(e.to, "METHOD:%s", ical_method_name(ical_method_of(item_class)));
    ical_line(e.to, "PRODID:Microsoft Exchange Server 2010");
    ical_line(e.to, "VERSION:2.0");
    /* UTC's too: clients take their zone from here */
    ical_zone_write(e.to, e.zone, year_of(calendar_start(&m->props)));
    write_master(&e, m, repeats ? &s : NULL);
    for (guint i = 0; repeats && i < s.recur.exceptions->len; i++)
        write_exception(
            &e, m, &s,
            &g_array_index(s.recur.exceptions, struct recur_exception, i));
    ical_line(e.to, "END:VCALENDAR");
    return g_string_free(e.to, FALSE);
}
