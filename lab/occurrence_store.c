#include "lab/occurrence_priv.h"

#include <string.h>

static const struct mapi_prop *same_in(const struct mapi_props *props,
                                       const struct mapi_prop *p)
{
    return p->name != NULL ? mapi_find_name(props, p->name)
                           : mapi_find(props, PROP_ID(p->tag));
}

static bool equal_props(const struct mapi_prop *a, const struct mapi_prop *b)
{
    g_autofree char *x = mapi_dup_text(a), *y = mapi_dup_text(b);

    if (a == NULL || b == NULL)
        return a == b;
    if (x != NULL && y != NULL)
        return strcmp(x, y) == 0;
    return PROP_TYPE(a->tag) == PROP_TYPE(b->tag) && a->size == b->size &&
           memcmp(a->data, b->data, a->size) == 0;
}

/* An override is kept while its value differs from the master's. */
static bool overrides(struct recur_exception *e, uint16_t flag,
                      const struct mapi_prop *master,
                      const struct mapi_prop *edited)
{
    if (edited == NULL || equal_props(master, edited)) {
        e->overrides &= (uint16_t)~flag;
        return false;
    }
    e->overrides |= flag;
    return true;
}

static void override_text(struct recur_exception *e, uint16_t flag,
                          const struct mapi_prop *master,
                          const struct mapi_prop *edited, char **text)
{
    g_clear_pointer(text, g_free);
    if (overrides(e, flag, master, edited))
        *text = mapi_dup_text(edited);
}

static void override_number(struct recur_exception *e, uint16_t flag,
                            const struct mapi_prop *master,
                            const struct mapi_prop *edited, uint32_t *number)
{
    bool truth;

    if (!overrides(e, flag, master, edited))
        return;
    truth = mapi_get_bool(edited, false);
    *number = (uint32_t)mapi_get_i32(edited, truth ? 1 : 0);
}

static bool differs(const struct mapi_props *a, const struct mapi_props *b,
                    uint32_t tag)
{
    const struct mapi_prop *edited = mapi_find(b, PROP_ID(tag));

    return edited != NULL && !equal_props(mapi_find(a, PROP_ID(tag)), edited);
}

static size_t next_visible(const struct mapi_message *m, size_t i)
{
    while (i < m->n_attachments && occurrence_is_exception(&m->attachments[i]))
        i++;
    return i;
}

/* By what they are called and what is in them. */
static bool same_attachment(const struct mapi_attachment *a,
                            const struct mapi_attachment *b)
{
    static const uint32_t tags[] = { PR_ATTACH_DATA_BIN,
                                     PR_ATTACH_LONG_FILENAME,
                                     PR_ATTACH_FILENAME, PR_ATTACH_CONTENT_ID };

    for (size_t i = 0; i < G_N_ELEMENTS(tags); i++)
        if (!equal_props(mapi_find(&a->props, PROP_ID(tags[i])),
                         mapi_find(&b->props, PROP_ID(tags[i]))))
            return false;
    return (a->embedded != NULL) == (b->embedded != NULL);
}

static bool same_attachments(const struct mapi_message *master,
                             const struct mapi_message *edited)
{
    size_t i = next_visible(master, 0), j = next_visible(edited, 0);

    while (i < master->n_attachments && j < edited->n_attachments) {
        if (!same_attachment(&master->attachments[i], &edited->attachments[j]))
            return false;
        i = next_visible(master, i + 1);
        j = next_visible(edited, j + 1);
    }
    return i >= master->n_attachments && j >= edited->n_attachments;
}

static void set_overrides(struct recur_exception *e,
                          const struct mapi_message *master,
                          const struct mapi_message *edited)
{
    const struct mapi_props *a = &master->props, *b = &edited->props;

    override_text(e, RECUR_SUBJECT, mapi_find(a, PROP_ID(PR_SUBJECT)),
                  mapi_find(b, PROP_ID(PR_SUBJECT)), &e->subject);
    override_text(e, RECUR_LOCATION, calendar_find(a, LID_LOCATION),
                  calendar_find(b, LID_LOCATION), &e->location);
    override_number(e, RECUR_BUSY, calendar_find(a, LID_BUSY_STATUS),
                    calendar_find(b, LID_BUSY_STATUS), &e->busy);
    override_number(e, RECUR_ALL_DAY, calendar_find(a, LID_ALL_DAY),
                    calendar_find(b, LID_ALL_DAY), &e->all_day);
    override_number(e, RECUR_MEETING_TYPE, calendar_find(a, LID_STATE_FLAGS),
                    calendar_find(b, LID_STATE_FLAGS), &e->meeting_type);
    override_number(e, RECUR_REMINDER, mapi_find_id(a, PSETID_COMMON, 0x8503),
                    mapi_find_id(b, PSETID_COMMON, 0x8503), &e->reminder);
    override_number(e, RECUR_REMINDER_DELTA,
                    mapi_find_id(a, PSETID_COMMON, 0x8501),
                    mapi_find_id(b, PSETID_COMMON, 0x8501), &e->reminder_delta);
    e->overrides &= (uint16_t) ~(RECUR_BODY | RECUR_ATTACHMENT);
    if (differs(a, b, PR_BODY) || differs(a, b, PR_HTML) ||
        differs(a, b, PR_RTF_COMPRESSED))
        e->overrides |= RECUR_BODY;
    if (!same_attachments(master, edited)) {
        e->overrides |= RECUR_ATTACHMENT;
        e->attachment = edited->n_attachments > 0;
    }
}

static bool same_recipients(const struct mapi_message *a,
                            const struct mapi_message *b)
{
    static const uint32_t tags[] = { PR_EMAIL_ADDRESS, PR_RECIPIENT_TYPE,
                                     PR_RECIPIENT_TRACKSTATUS };

    if (a->n_recipients != b->n_recipients)
        return false;
    for (size_t i = 0; i < a->n_recipients; i++)
        for (size_t j = 0; j < G_N_ELEMENTS(tags); j++)
            if (!equal_props(mapi_find(&a->recipients[i], PROP_ID(tags[j])),
                             mapi_find(&b->recipients[i], PROP_ID(tags[j]))))
                return false;
    return true;
}

/* [MS-OXOCAL] 2.2.10.1.1 and 2.2.10.1.3; their times are local. */
static void set_attachment(struct mapi_item *item, struct mapi_attachment *a,
                           const struct series *s,
                           const struct recur_exception *e)
{
    struct mapi_props *props = &a->props;

    mapi_set_i32(item, props, PR_ATTACH_METHOD, ATTACH_EMBEDDED_MSG);
    mapi_set_i32(item, props, PR_RENDERING_POSITION, -1);
    mapi_set_i32(item, props, PR_ATTACH_FLAGS, 0);
    mapi_set_i32(item, props, PR_ATTACHMENT_LINKID, 0);
    mapi_set_i32(item, props, PR_ATTACHMENT_FLAGS, ATTACHMENT_EXCEPTION);
    mapi_set_bool(item, props, PR_ATTACHMENT_HIDDEN, true);
    mapi_set_text(item, props, PR_DISPLAY_NAME, "Untitled");
    mapi_set_time(item, props, PR_EXCEPTION_STARTTIME, recur_us(e->start));
    mapi_set_time(item, props, PR_EXCEPTION_ENDTIME, recur_us(e->end));
    mapi_set_time(item, props, PR_EXCEPTION_REPLACETIME,
                  series_utc(s, e->original));
}

static bool of_pattern(const struct mapi_prop *p)
{
    static const uint32_t lids[] = { LID_START, LID_END, LID_REPLACE_TIME,
                                     LID_RECURRING, LID_DURATION };
    struct mapi_name name = { 0 };

    memcpy(name.set, PSETID_APPOINTMENT, sizeof(name.set));
    for (size_t i = 0; p->name != NULL && i < G_N_ELEMENTS(lids); i++) {
        name.id = lids[i];
        if (mapi_name_compare(&name, p->name) == 0)
            return true;
    }
    return false;
}

/* What is the occurrence's own, in a new message inside. */
static void fill(struct mapi_item *item, struct mapi_message *inner,
                 const struct series *s, const struct recur_exception *e,
                 const struct mapi_message *edited)
{
    const struct mapi_message *master = &item->message;

    for (size_t i = 0; i < edited->props.n; i++) {
        const struct mapi_prop *p = &edited->props.v[i];

        if (!occurrence_of_embedding(p) && !of_pattern(p) &&
            !equal_props(same_in(&master->props, p), p))
            occurrence_copy_prop(item, &inner->props, p);
    }
    mapi_set_text(item, &inner->props, PR_MESSAGE_CLASS, EXCEPTION_CLASS);
    mapi_set_i32(item, &inner->props, PR_MESSAGE_FLAGS, MSGFLAG_READ);
    calendar_set_span(item, &inner->props, series_utc(s, e->start),
                      series_utc(s, e->end));
    calendar_set_time(item, &inner->props, LID_REPLACE_TIME,
                      series_utc(s, e->original));
    if (!same_recipients(master, edited))
        occurrence_copy_recipients(item, inner, edited);
    if ((e->overrides & RECUR_ATTACHMENT) == 0)
        return;
    for (size_t i = next_visible(edited, 0); i < edited->n_attachments;
         i = next_visible(edited, i + 1))
        occurrence_copy_attachment(item, inner, &edited->attachments[i]);
}

static void remove_attachment(struct mapi_message *m, const struct series *s,
                              uint32_t date)
{
    struct mapi_attachment *a;

    while ((a = occurrence_attachment(m, s, date)) != NULL)
        occurrence_drop_attachment(m, (size_t)(a - m->attachments));
}

/* [MS-OXOCAL] 3.1.4.6: it stays between those before and after it. */
static bool crosses(const struct recurrence *r, uint32_t date, uint32_t start)
{
    uint32_t at = 0, before = 0, after = UINT32_MAX;
    struct recur_walk w;

    recur_walk_init(&w, r);
    while (after == UINT32_MAX && recur_walk_next(&w, &at)) {
        const struct recur_exception *e = recurrence_exception(r, at);

        if (e == NULL && recurrence_is_deleted(r, at))
            continue;
        if (at < date)
            before = e != NULL ? occurrence_date(e->start) : at;
        else if (at > date)
            after = e != NULL ? occurrence_date(e->start) : at;
    }
    return (before != 0 && occurrence_date(start) <= before) ||
           occurrence_date(start) >= after;
}

static const char *change(struct mapi_item *master, struct series *s,
                          uint32_t date, const struct mapi_item *edited)
{
    const struct mapi_message *m = &edited->message;
    uint32_t start = series_local(s, calendar_start(&m->props));
    uint32_t end = series_local(s, calendar_end(&m->props));
    struct recur_exception *e;
    struct mapi_attachment *a;

    if (crosses(&s->recur, date, start))
        return "ErrorOccurrenceCrossingBoundary";
    e = recurrence_change(&s->recur, date);
    e->start = start;
    e->end = end;
    set_overrides(e, &master->message, m);
    remove_attachment(&master->message, s, date);
    a = mapi_add_attachment(master, &master->message);
    set_attachment(master, a, s, e);
    fill(master, mapi_embed(master, a), s, e, m);
    recurrence_settle(&s->recur);
    calendar_set_blob(master, &master->message.props, LID_RECUR,
                      recurrence_write(&s->recur));
    return NULL;
}

static bool has_instance(const struct series *s, uint32_t date)
{
    struct occurrence o;
    bool deleted = false;

    return recurrence_by_date(&s->recur, date, &o, &deleted) && !deleted;
}

const char *occurrence_store(struct mapi_item *master, uint32_t date,
                             const struct mapi_item *edited)
{
    g_auto(series) s = { 0 };

    if (!series_read(&master->message.props, &s) || !has_instance(&s, date))
        return "ErrorItemNotFound";
    return change(master, &s, date, edited);
}

const char *occurrence_delete(struct mapi_item *master, uint32_t date)
{
    g_auto(series) s = { 0 };

    if (!series_read(&master->message.props, &s) || !has_instance(&s, date))
        return "ErrorItemNotFound";
    recurrence_delete(&s.recur, date);
    remove_attachment(&master->message, &s, date);
    calendar_set_blob(master, &master->message.props, LID_RECUR,
                      recurrence_write(&s.recur));
    return NULL;
}
