#include "lab/field_calendar.h"

#include <string.h>

#include "lab/calendar_xml.h"
#include "lab/field_priv.h"
#include "lab/person.h"

/* PidTagRecipientFlags: recipOrganizer, [MS-OXOCAL] 2.2.4.10.1. */
#define RECIPIENT_ORGANIZER 2

/* Attendees of one meeting; Exchange's own limit is 5,000 recipients. */
#define ATTENDEES_MAX 10000u

#define PR_RECIPIENT_TRACKSTATUS_TIME PROP_TAG(0x5FFB, PT_SYSTIME)

/* MAPI_TO of one who organises; recipient types of the others follow. */
#define TYPE_MASK 0x0F

static int32_t number(const struct mapi_props *r, uint32_t tag)
{
    return mapi_get_i32(mapi_find(r, PROP_ID(tag)), 0);
}

static bool is_organizer(const struct mapi_props *r)
{
    return (number(r, PR_RECIPIENT_FLAGS) & RECIPIENT_ORGANIZER) != 0;
}

static bool is_attendee(const struct mapi_props *r, int32_t type)
{
    return (number(r, PR_RECIPIENT_TYPE) & TYPE_MASK) == type &&
           !is_organizer(r);
}

bool calendar_has_attendees(const struct mapi_message *m)
{
    for (size_t i = 0; i < m->n_recipients; i++)
        if (!is_organizer(&m->recipients[i]))
            return true;
    return false;
}

/* ---- writing --------------------------------------------------------- */

static void write_attendee(struct field_view *v, const struct mapi_props *r,
                           const struct person *who)
{
    int32_t status = number(r, PR_RECIPIENT_TRACKSTATUS);

    xml_open(v->x, "t:Attendee");
    person_write(v->call, v->x, who, false);
    xml_text(v->x, "t:ResponseType",
             calendar_responses[CLAMP(status, 0, RESPONSE_NOT_RESPONDED)]);
    xml_time(
        v->x, "t:LastResponseTime",
        mapi_get_time(mapi_find(r, PROP_ID(PR_RECIPIENT_TRACKSTATUS_TIME))));
    xml_close(v->x, "t:Attendee");
}

void calendar_write_attendees(struct field_view *v, const struct field *f)
{
    const struct mapi_message *m = view_message(v);
    g_autofree char *name = field_element(f);
    bool any = false;

    for (size_t i = 0; m != NULL && i < m->n_recipients; i++) {
        g_auto(person) who = { 0 };

        if (!is_attendee(&m->recipients[i], f->fallback) ||
            !person_get(&m->recipients[i], &person_recipient, &who))
            continue;
        if (!any)
            xml_open(v->x, name);
        any = true;
        write_attendee(v, &m->recipients[i], &who);
    }
    if (any)
        xml_close(v->x, name);
}

void calendar_write_organizer(struct field_view *v, const struct field *f)
{
    const struct mapi_props *props = view_props(v);
    g_auto(person) who = { 0 };

    (void)f;
    if (props == NULL || !person_get(props, &person_from, &who))
        return;
    xml_open(v->x, "t:Organizer");
    person_write(v->call, v->x, &who, false);
    xml_close(v->x, "t:Organizer");
}

/* ---- setting --------------------------------------------------------- */

static void remove_type(struct mapi_message *m, int32_t type)
{
    size_t kept = 0;

    for (size_t i = 0; i < m->n_recipients; i++)
        if (!is_attendee(&m->recipients[i], type))
            m->recipients[kept++] = m->recipients[i];
    m->n_recipients = kept;
}

int calendar_clear_attendees(struct field_edit *e, const struct field *f,
                             const struct field_path *path, struct problem *p)
{
    (void)path;
    (void)p;
    remove_type(e->message, f->fallback);
    return 0;
}

/* Responses are kept: a migration writes them as they were. */
static int add_attendee(struct field_edit *e, const xmlNode *node, int32_t type,
                        struct problem *p)
{
    g_autofree char *response = calendar_child_text(node, "ResponseType");
    const xmlNode *when = soap_child(node, NS_TYPES, "LastResponseTime");
    int status = calendar_index_of(response, calendar_responses);
    g_auto(person) who = { 0 };
    struct mapi_props *r;
    int64_t us = 0;

    if (person_read(e->call, soap_child(node, NS_TYPES, "Mailbox"), &who, p) <
            0 ||
        (when != NULL && field_parse_time(when, &us, p) < 0))
        return -1;
    if (e->message->n_recipients >= ATTENDEES_MAX)
        return problem_set(p, "ErrorInvalidRecipients");
    r = person_add_recipient(e->item, e->message, &who, (enum person_role)type);
    mapi_set_i32(e->item, r, PR_RECIPIENT_TRACKSTATUS, MAX(status, 0));
    if (when != NULL)
        mapi_set_time(e->item, r, PR_RECIPIENT_TRACKSTATUS_TIME, us);
    return 0;
}

int calendar_set_attendees(struct field_edit *e, const struct field *f,
                           const xmlNode *node, struct problem *p)
{
    if (!e->appending)
        remove_type(e->message, f->fallback);
    for (const xmlNode *n = soap_first(node); n != NULL; n = soap_next(n))
        if (add_attendee(e, n, f->fallback, p) < 0)
            return -1;
    return 0;
}

/* ---- what follows from them ------------------------------------------ */

static char *names_of(const struct mapi_message *m, int32_t type)
{
    GString *names = g_string_new(NULL);

    for (size_t i = 0; i < m->n_recipients; i++) {
        const struct mapi_props *r = &m->recipients[i];
        g_autofree char *name =
            mapi_dup_text(mapi_find(r, PROP_ID(PR_DISPLAY_NAME)));

        if (name == NULL || is_organizer(r) ||
            (type != 0 && !is_attendee(r, type)))
            continue;
        g_string_append_printf(names, "%s%s", names->len > 0 ? "; " : "", name);
    }
    return g_string_free(names, FALSE);
}

static void set_names(struct field_edit *e)
{
    g_autofree char *all = names_of(e->message, 0);
    g_autofree char *to = names_of(e->message, 1);
    g_autofree char *cc = names_of(e->message, 2);

    calendar_set_text(e->item, e->props, LID_ALL_ATTENDEES, all);
    calendar_set_text(e->item, e->props, LID_TO_ATTENDEES, to);
    calendar_set_text(e->item, e->props, LID_CC_ATTENDEES, cc);
    mapi_set_text(e->item, e->props, PR_DISPLAY_TO, to);
    mapi_set_text(e->item, e->props, PR_DISPLAY_CC, cc);
}

/* An organizer is who the mailbox belongs to. */
static int give_organizer(struct field_edit *e, struct problem *p)
{
    g_auto(person) owner = { 0 };

    if (mapi_find(e->props, PROP_ID(PR_SENT_REPRESENTING_NAME)) != NULL)
        return 0;
    if (person_owner(e->call, e->mailbox, &owner, p) < 0)
        return -1;
    person_set(e->item, e->props, &person_from, &owner);
    person_set(e->item, e->props, &person_sender, &owner);
    return 0;
}

/* A meeting is what somebody was invited to. */
static void set_state(struct field_edit *e)
{
    int32_t state = mapi_get_i32(calendar_find(e->props, LID_STATE_FLAGS), 0);
    int32_t said =
        mapi_get_i32(calendar_find(e->props, LID_RESPONSE_STATUS), 0);

    if (calendar_has_attendees(e->message))
        state |= STATE_MEETING;
    else if ((state & STATE_RECEIVED) == 0)
        state &= ~STATE_MEETING;
    calendar_set_i32(e->item, e->props, LID_STATE_FLAGS, state);
    /* what a client wrote itself is left: it may move an answered meeting */
    if ((state & STATE_RECEIVED) == 0 && said <= RESPONSE_ORGANIZED)
        calendar_set_i32(e->item, e->props, LID_RESPONSE_STATUS,
                         (state & STATE_MEETING) != 0 ? RESPONSE_ORGANIZED
                                                      : RESPONSE_NONE);
}

int calendar_settle_attendees(struct field_edit *e, struct problem *p)
{
    if (e->kind != KIND_CALENDAR)
        return 0;
    set_names(e);
    set_state(e);
    return give_organizer(e, p);
}
