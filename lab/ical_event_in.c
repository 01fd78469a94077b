/*
 * What an event says beside when: words, texts, people.
 */
#include <string.h>

#include "lab/body.h"
#include "lab/ical_priv.h"
#include "lab/mime_address.h"

/* Attendees of one meeting; a hall of some thousand has been invited. */
enum { ATTENDEES_MAX = 5000, CATEGORIES_MAX = 50 };

/* ---- words ----------------------------------------------------------- */

static int32_t word_of(const struct ical_component *event, const char *name,
                       const char *const *words, int32_t fallback)
{
    const struct ical_prop *p = ical_find(event, name);

    for (int32_t i = 0; p != NULL && words[i] != NULL; i++)
        if (g_ascii_strcasecmp(words[i], p->value) == 0)
            return i;
    return fallback;
}

static int32_t number_of(const struct ical_component *event, const char *name,
                         int32_t fallback)
{
    const struct ical_prop *p = ical_find(event, name);
    gint64 n = fallback;

    if (p != NULL &&
        !g_ascii_string_to_signed(p->value, 10, 0, INT32_MAX, &n, NULL))
        n = fallback;
    return (int32_t)n;
}

static int32_t importance_of(const struct ical_component *event)
{
    int32_t priority = number_of(event, "PRIORITY", 5);

    return priority == 0 || priority == 5 ? 1 : priority < 5 ? 2 : 0;
}

void ical_words_in(const struct ical_reading *r,
                   const struct ical_component *event, struct mapi_props *props)
{
    static const char *const classes[] = { "PUBLIC", "PERSONAL", "PRIVATE",
                                           "CONFIDENTIAL", NULL };
    static const char *const busy[] = { "FREE", "TENTATIVE",        "BUSY",
                                        "OOF",  "WORKINGELSEWHERE", NULL };
    static const char *const transparency[] = { "TRANSPARENT", NULL };
    int32_t by_transparency =
        word_of(event, "TRANSP", transparency, 2) == 0 ? 0 : 2;

    mapi_set_i32(r->item, props, PR_SENSITIVITY,
                 word_of(event, "CLASS", classes, 0));
    mapi_set_i32(r->item, props, PR_IMPORTANCE, importance_of(event));
    calendar_set_i32(
        r->item, props, LID_BUSY_STATUS,
        word_of(event, "X-MICROSOFT-CDO-BUSYSTATUS", busy, by_transparency));
    calendar_set_i32(r->item, props, LID_SEQUENCE,
                     number_of(event, "SEQUENCE", 0));
}

void ical_texts_in(const struct ical_reading *r,
                   const struct ical_component *event, struct mapi_props *props)
{
    g_autofree char *subject = ical_text_of(ical_find(event, "SUMMARY"));
    g_autofree char *place = ical_text_of(ical_find(event, "LOCATION"));
    g_autofree char *text = ical_text_of(ical_find(event, "DESCRIPTION"));
    g_autofree char *html = ical_text_of(ical_find(event, "X-ALT-DESC"));

    if (subject != NULL) {
        mapi_set_text(r->item, props, PR_SUBJECT, subject);
        mapi_set_text(r->item, props, PR_NORMALIZED_SUBJECT, subject);
        mapi_set_text(r->item, props, PR_CONVERSATION_TOPIC, subject);
    }
    if (place != NULL)
        calendar_set_text(r->item, props, LID_LOCATION, place);
    if (html != NULL)
        body_set(r->item, props, true, html);
    else if (text != NULL)
        body_set(r->item, props, false, text);
}

void ical_categories_in(const struct ical_reading *r,
                        const struct ical_component *event,
                        struct mapi_props *props)
{
    const struct ical_prop *p = ical_find(event, "CATEGORIES");
    g_auto(GStrv) words = NULL;

    if (p == NULL || *p->value == '\0')
        return;
    words = g_strsplit(p->value, ",", CATEGORIES_MAX);
    for (size_t i = 0; words[i] != NULL; i++)
        g_strstrip(words[i]);
    mapi_set_texts(r->item, props,
                   mapi_named_text(r->item, PS_PUBLIC_STRINGS, "Keywords",
                                   MV_FLAG | PT_UNICODE),
                   (const char *const *)words);
}

void ical_reminder_in(const struct ical_reading *r,
                      const struct ical_component *event,
                      struct mapi_props *props)
{
    const struct ical_component *alarm = ical_child(event, "VALARM");
    const struct ical_prop *trigger =
        alarm != NULL ? ical_find(alarm, "TRIGGER") : NULL;
    int64_t before = trigger != NULL ? -ical_duration_us(trigger->value) : 0;
    int64_t start = calendar_start(props);

    mapi_set_bool(r->item, props,
                  mapi_named_id(r->item, PSETID_COMMON, 0x8503, PT_BOOLEAN),
                  trigger != NULL);
    if (trigger == NULL)
        return;
    before = MAX(before, 0);
    mapi_set_i32(r->item, props,
                 mapi_named_id(r->item, PSETID_COMMON, 0x8501, PT_LONG),
                 (int32_t)(before / RECUR_MINUTE_US));
    mapi_set_time(r->item, props,
                  mapi_named_id(r->item, PSETID_COMMON, 0x8502, PT_SYSTIME),
                  start);
    mapi_set_time(r->item, props,
                  mapi_named_id(r->item, PSETID_COMMON, 0x8560, PT_SYSTIME),
                  start - before);
}

/* ---- people ---------------------------------------------------------- */

/* "MAILTO:a@b" of a line, with its name. */
static struct mime_address *person_of(const struct ical_prop *p)
{
    struct mime_address *a = g_new(struct mime_address, 1);
    bool mail = g_ascii_strncasecmp(p->value, "mailto:", 7) == 0;

    a->name = ical_param(p, "CN");
    if (a->name == NULL)
        a->name = g_strdup("");
    a->smtp = g_strdup(p->value + (mail ? 7 : 0));
    return a;
}

int32_t ical_track_of(const struct ical_prop *p)
{
    g_autofree char *status = ical_param(p, "PARTSTAT");

    if (g_strcmp0(status, "ACCEPTED") == 0)
        return RESPONSE_ACCEPTED;
    if (g_strcmp0(status, "DECLINED") == 0)
        return RESPONSE_DECLINED;
    if (g_strcmp0(status, "TENTATIVE") == 0)
        return RESPONSE_TENTATIVE;
    return RESPONSE_NONE;
}

static int32_t type_of(const struct ical_prop *p)
{
    g_autofree char *role = ical_param(p, "ROLE");
    g_autofree char *kind = ical_param(p, "CUTYPE");

    if (g_strcmp0(kind, "RESOURCE") == 0 || g_strcmp0(kind, "ROOM") == 0)
        return 3;
    return g_strcmp0(role, "OPT-PARTICIPANT") == 0 ? 2 : 1;
}

static void set_attendees(const struct ical_reading *r,
                          const struct ical_component *event)
{
    struct mapi_message *m = &r->item->message;

    for (guint i = 0; i < event->props->len; i++) {
        const struct ical_prop *p = event->props->pdata[i];
        struct mime_address *a;
        struct mapi_props *row;

        if (strcmp(p->name, "ATTENDEE") != 0 ||
            m->n_recipients >= ATTENDEES_MAX)
            continue;
        a = person_of(p);
        row = mime_recipient_add(r->item, m, a, type_of(p));
        mapi_set_i32(r->item, row, PR_RECIPIENT_TRACKSTATUS, ical_track_of(p));
        mime_address_free(a);
    }
}

void ical_people_in(const struct ical_reading *r,
                    const struct ical_component *event)
{
    struct mapi_message *m = &r->item->message;
    const struct ical_prop *organizer = ical_find(event, "ORGANIZER");
    struct mime_address *a = organizer != NULL ? person_of(organizer) : NULL;
    bool meeting;

    /* a reply's people are those of the mail that carries it */
    if (r->method != ICAL_REPLY)
        set_attendees(r, event);
    meeting = m->n_recipients > 0;
    if (a != NULL && r->method == ICAL_PUBLISH) {
        mime_address_set(r->item, &m->props, &mime_tags_representing, a);
        mime_address_set(r->item, &m->props, &mime_tags_sender, a);
    }
    mime_address_free(a);
    calendar_set_i32(r->item, &m->props, LID_STATE_FLAGS,
                     (meeting ? STATE_MEETING : 0) |
                         (r->method == ICAL_PUBLISH ? 0 : STATE_RECEIVED) |
                         (r->method == ICAL_CANCEL ? STATE_CANCELLED : 0));
    calendar_set_i32(r->item, &m->props, LID_RESPONSE_STATUS,
                     r->method == ICAL_REQUEST ? RESPONSE_NOT_RESPONDED
                     : meeting                 ? RESPONSE_ORGANIZED
                                               : RESPONSE_NONE);
}
