#include "lab/occurrence_priv.h"

/* ---- the attachments of exceptions ----------------------------------- */

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

struct mapi_attachment *occurrence_attachment(const struct mapi_message *m,
                                              const struct series *s,
                                              uint32_t date)
{
    for (size_t i = 0; i < m->n_attachments; i++) {
        struct mapi_attachment *a = &m->attachments[i];

        if (occurrence_is_exception(a) && replaced(a) != TIMESTAMP_NONE &&
            occurrence_date(series_local(s, replaced(a))) == date)
            return a;
    }
    return NULL;
}

void occurrence_drop_attachment(struct mapi_message *m, size_t at)
{
    m->n_attachments--;
    memmove(&m->attachments[at], &m->attachments[at + 1],
            (m->n_attachments - at) * sizeof(*m->attachments));
}

static void drop_exceptions(struct mapi_message *m)
{
    for (size_t i = m->n_attachments; i > 0; i--)
        if (occurrence_is_exception(&m->attachments[i - 1]))
            occurrence_drop_attachment(m, i - 1);
}

/* ---- an occurrence out of its master --------------------------------- */

/* What says that an item is a master. */
static const uint32_t of_series[] = {
    LID_RECUR,    LID_RECURRENCE_TYPE, LID_RECURRENCE_PATTERN, LID_CLIP_START,
    LID_CLIP_END, LID_ZONE_RECUR,      LID_ZONE_STRUCT,
};

/* What stands in the message inside but is not the occurrence's. */
bool occurrence_of_embedding(const struct mapi_prop *p)
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
        if (!occurrence_of_embedding(&own.props.v[i]))
            occurrence_copy_prop(item, &m->props, &own.props.v[i]);
    if (own.n_recipients > 0) {
        m->n_recipients = 0;
        occurrence_copy_recipients(item, m, &own);
    }
    drop_exceptions(m);
    if (own.n_attachments > 0) {
        m->n_attachments = 0;
        for (size_t i = 0; i < own.n_attachments; i++)
            occurrence_copy_attachment(item, m, &own.attachments[i]);
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
    uint32_t date = occurrence_date(o->original);
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
