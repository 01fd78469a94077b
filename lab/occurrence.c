#include "lab/occurrence.h"

#include <string.h>

/* ---- copies ---------------------------------------------------------- */

void occurrence_copy_prop(struct mapi_item *to_item, struct mapi_props *to,
                          const struct mapi_prop *from)
{
    uint32_t tag = from->name != NULL
                       ? mapi_named(to_item, from->name, PROP_TYPE(from->tag))
                       : from->tag;
    struct mapi_prop *copy;

    if (tag == 0)
        return;
    mapi_set(to_item, to, tag, from->data, from->size);
    copy = mapi_find(to, PROP_ID(tag));
    copy->count = from->count;
}

static void copy_props(struct mapi_item *to_item, struct mapi_props *to,
                       const struct mapi_props *from)
{
    for (size_t i = 0; i < from->n; i++)
        occurrence_copy_prop(to_item, to, &from->v[i]);
}

static void copy_recipients(struct mapi_item *to_item, struct mapi_message *to,
                            const struct mapi_message *from)
{
    for (size_t i = 0; i < from->n_recipients; i++)
        copy_props(to_item, mapi_add_recipient(to_item, to),
                   &from->recipients[i]);
}

/* Depth is bounded by the reader of streams, which made the tree. */
static void copy_attachment(struct mapi_item *to_item, struct mapi_message *to,
                            const struct mapi_attachment *from)
{
    struct mapi_attachment *a = mapi_add_attachment(to_item, to);

    copy_props(to_item, &a->props, &from->props);
    if (from->embedded != NULL)
        occurrence_copy_message(to_item, mapi_embed(to_item, a),
                                from->embedded);
}

void occurrence_copy_message(struct mapi_item *to_item, struct mapi_message *to,
                             const struct mapi_message *from)
{
    copy_props(to_item, &to->props, &from->props);
    copy_recipients(to_item, to, from);
    for (size_t i = 0; i < from->n_attachments; i++)
        copy_attachment(to_item, to, &from->attachments[i]);
}

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

/* ---- the attachments of exceptions ----------------------------------- */

/* afException of PidTagAttachmentFlags, [MS-OXCMSG] 2.2.2.23 */
#define ATTACHMENT_EXCEPTION 2

bool occurrence_is_exception(const struct mapi_attachment *a)
{
    g_autofree char *item_class = NULL;

    if (a->embedded == NULL)
        return false;
    if ((mapi_get_i32(mapi_find(&a->props, PROP_ID(PR_ATTACHMENT_FLAGS)), 0) &
         ATTACHMENT_EXCEPTION) != 0)
        return true;
    item_class = mapi_dup_text(
        mapi_find(&a->embedded->props, PROP_ID(PR_MESSAGE_CLASS)));
    return item_class != NULL &&
           g_ascii_strcasecmp(item_class, EXCEPTION_CLASS) == 0;
}

static int64_t replaced(const struct mapi_attachment *a)
{
    int64_t us =
        mapi_get_time(calendar_find(&a->embedded->props, LID_REPLACE_TIME));

    if (us == TIMESTAMP_NONE)
        us = mapi_get_time(
            mapi_find(&a->props, PROP_ID(PR_EXCEPTION_REPLACETIME)));
    return us;
}

static uint32_t date_of(uint32_t minutes)
{
    return minutes - minutes % RECUR_DAY;
}

struct mapi_attachment *occurrence_attachment(const struct mapi_message *m,
                                              const struct series *s,
                                              uint32_t date)
{
    for (size_t i = 0; i < m->n_attachments; i++) {
        struct mapi_attachment *a = &m->attachments[i];

        if (occurrence_is_exception(a) && replaced(a) != TIMESTAMP_NONE &&
            date_of(series_local(s, replaced(a))) == date)
            return a;
    }
    return NULL;
}

static void drop_attachment(struct mapi_message *m, size_t at)
{
    m->n_attachments--;
    memmove(&m->attachments[at], &m->attachments[at + 1],
            (m->n_attachments - at) * sizeof(*m->attachments));
}

static void drop_exceptions(struct mapi_message *m)
{
    for (size_t i = m->n_attachments; i > 0; i--)
        if (occurrence_is_exception(&m->attachments[i - 1]))
            drop_attachment(m, i - 1);
}

/* ---- an occurrence out of its master --------------------------------- */

/* What says that an item is a master. */
static const uint32_t of_series[] = {
    LID_RECUR,    LID_RECURRENCE_TYPE, LID_RECURRENCE_PATTERN, LID_CLIP_START,
    LID_CLIP_END, LID_ZONE_RECUR,      LID_ZONE_STRUCT,
};

/* What stands in the message inside but is not the occurrence's. */
static bool of_embedding(const struct mapi_prop *p)
{
    static const uint32_t tags[] = {
        PR_MESSAGE_CLASS, PR_MESSAGE_FLAGS, PR_MESSAGE_SIZE,
        PR_SEARCH_KEY,    PR_CREATION_TIME, PR_LAST_MODIFICATION_TIME,
    };

    /* by id: strings come in types of their own out of a stream */
    for (size_t i = 0; i < G_N_ELEMENTS(tags); i++)
        if (p->name == NULL && PROP_ID(p->tag) == PROP_ID(tags[i]))
            return true;
    return false;
}

static void apply_overrides(struct mapi_item *item,
                            const struct recur_exception *e)
{
    struct mapi_props *props = &item->message.props;

    if ((e->overrides & RECUR_SUBJECT) != 0 && e->subject != NULL) {
        mapi_set_text(item, props, PR_SUBJECT, e->subject);
        mapi_set_text(item, props, PR_NORMALIZED_SUBJECT, e->subject);
    }
    if ((e->overrides & RECUR_LOCATION) != 0 && e->location != NULL)
        calendar_set_text(item, props, LID_LOCATION, e->location);
    if ((e->overrides & RECUR_BUSY) != 0)
        calendar_set_i32(item, props, LID_BUSY_STATUS, (int32_t)e->busy);
    if ((e->overrides & RECUR_MEETING_TYPE) != 0)
        calendar_set_i32(item, props, LID_STATE_FLAGS,
                         (int32_t)e->meeting_type);
    if ((e->overrides & RECUR_ALL_DAY) != 0)
        calendar_set_bool(item, props, LID_ALL_DAY, e->all_day != 0);
    if ((e->overrides & RECUR_COLOR) != 0)
        calendar_set_i32(item, props, LID_COLOR, (int32_t)e->color);
    if ((e->overrides & RECUR_REMINDER) != 0)
        mapi_set_bool(item, props,
                      mapi_named_id(item, PSETID_COMMON, 0x8503, PT_BOOLEAN),
                      e->reminder != 0);
    if ((e->overrides & RECUR_REMINDER_DELTA) != 0)
        mapi_set_i32(item, props,
                     mapi_named_id(item, PSETID_COMMON, 0x8501, PT_LONG),
                     (int32_t)e->reminder_delta);
}

/* What the message inside has goes before what the master says. */
static void overlay(struct mapi_item *item, const struct mapi_message *inner)
{
    struct mapi_message *m = &item->message;
    struct mapi_message own = *inner;

    for (size_t i = 0; i < own.props.n; i++)
        if (!of_embedding(&own.props.v[i]))
            occurrence_copy_prop(item, &m->props, &own.props.v[i]);
    if (own.n_recipients > 0) {
        m->n_recipients = 0;
        copy_recipients(item, m, &own);
    }
    drop_exceptions(m);
    if (own.n_attachments > 0) {
        m->n_attachments = 0;
        for (size_t i = 0; i < own.n_attachments; i++)
            copy_attachment(item, m, &own.attachments[i]);
    }
}

/* The reminder is so long before this one as before the first. */
static void shift_reminder(struct mapi_item *item, int64_t start_us)
{
    struct mapi_props *props = &item->message.props;
    const struct mapi_prop *delta = mapi_find_id(props, PSETID_COMMON, 0x8501);

    if (!mapi_get_bool(mapi_find_id(props, PSETID_COMMON, 0x8503), false))
        return;
    mapi_set_time(item, props,
                  mapi_named_id(item, PSETID_COMMON, 0x8502, PT_SYSTIME),
                  start_us);
    mapi_set_time(item, props,
                  mapi_named_id(item, PSETID_COMMON, 0x8560, PT_SYSTIME),
                  start_us - mapi_get_i32(delta, 0) * RECUR_MINUTE_US);
}

void occurrence_compose(struct mapi_item *item, const struct series *s,
                        const struct occurrence *o)
{
    struct mapi_message *m = &item->message;
    uint32_t date = date_of(o->original);
    const struct mapi_attachment *a = occurrence_attachment(m, s, date);
    const struct mapi_message *inner = a != NULL ? a->embedded : NULL;

    for (size_t i = 0; i < G_N_ELEMENTS(of_series); i++)
        calendar_remove(&m->props, PSETID_APPOINTMENT, of_series[i]);
    calendar_set_bool(item, &m->props, LID_RECURRING, false);
    if (o->exception != NULL)
        apply_overrides(item, o->exception);
    if (o->exception != NULL && inner != NULL)
        overlay(item, inner);
    drop_exceptions(m);
    calendar_set_span(item, &m->props, series_utc(s, o->start),
                      series_utc(s, o->end));
    shift_reminder(item, series_utc(s, o->start));
    calendar_set_time(item, &m->props, LID_REPLACE_TIME,
                      series_utc(s, o->original));
    mapi_set_bool(
        item, &m->props,
        mapi_named_id(item, PSETID_MEETING, LID_IS_RECURRING, PT_BOOLEAN),
        true);
    mapi_set_bool(
        item, &m->props,
        mapi_named_id(item, PSETID_MEETING, LID_IS_EXCEPTION, PT_BOOLEAN),
        o->exception != NULL);
    calendar_date_uid(item, &m->props, date);
}

/* ---- and back -------------------------------------------------------- */

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

        if (!of_embedding(p) && !of_pattern(p) &&
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
        copy_recipients(item, inner, edited);
    if ((e->overrides & RECUR_ATTACHMENT) == 0)
        return;
    for (size_t i = next_visible(edited, 0); i < edited->n_attachments;
         i = next_visible(edited, i + 1))
        copy_attachment(item, inner, &edited->attachments[i]);
}

static void remove_attachment(struct mapi_message *m, const struct series *s,
                              uint32_t date)
{
    struct mapi_attachment *a;

    while ((a = occurrence_attachment(m, s, date)) != NULL)
        drop_attachment(m, (size_t)(a - m->attachments));
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
            before = e != NULL ? date_of(e->start) : at;
        else if (at > date)
            after = e != NULL ? date_of(e->start) : at;
    }
    return (before != 0 && date_of(start) <= before) || date_of(start) >= after;
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
