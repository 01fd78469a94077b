#include "lab/calendar.h"

#include <string.h>

/* ---- properties ------------------------------------------------------ */

const struct mapi_prop *calendar_find(const struct mapi_props *props,
                                      uint32_t lid)
{
    return mapi_find_id(props, PSETID_APPOINTMENT, lid);
}

void calendar_remove(struct mapi_props *props, const uint8_t set[16],
                     uint32_t lid)
{
    const struct mapi_prop *p = mapi_find_id(props, set, lid);

    if (p != NULL)
        mapi_remove(props, PROP_ID(p->tag));
}

static uint32_t tag_of(struct mapi_item *item, uint32_t lid, uint16_t type)
{
    return mapi_named_id(item, PSETID_APPOINTMENT, lid, type);
}

void calendar_set_i32(struct mapi_item *item, struct mapi_props *props,
                      uint32_t lid, int32_t v)
{
    mapi_set_i32(item, props, tag_of(item, lid, PT_LONG), v);
}

void calendar_set_bool(struct mapi_item *item, struct mapi_props *props,
                       uint32_t lid, bool v)
{
    mapi_set_bool(item, props, tag_of(item, lid, PT_BOOLEAN), v);
}

void calendar_set_time(struct mapi_item *item, struct mapi_props *props,
                       uint32_t lid, int64_t us)
{
    mapi_set_time(item, props, tag_of(item, lid, PT_SYSTIME), us);
}

void calendar_set_text(struct mapi_item *item, struct mapi_props *props,
                       uint32_t lid, const char *utf8)
{
    mapi_set_text(item, props, tag_of(item, lid, PT_UNICODE), utf8);
}

void calendar_set_blob(struct mapi_item *item, struct mapi_props *props,
                       uint32_t lid, GByteArray *blob)
{
    mapi_set(item, props, tag_of(item, lid, PT_BINARY), blob->data, blob->len);
    g_byte_array_unref(blob);
}

static int64_t time_of(const struct mapi_props *props, uint32_t lid,
                       uint32_t tag)
{
    int64_t us = mapi_get_time(calendar_find(props, lid));

    if (us == TIMESTAMP_NONE)
        us = mapi_get_time(mapi_find(props, PROP_ID(tag)));
    return us;
}

int64_t calendar_start(const struct mapi_props *props)
{
    return time_of(props, LID_START, PR_START_DATE);
}

int64_t calendar_end(const struct mapi_props *props)
{
    return time_of(props, LID_END, PR_END_DATE);
}

void calendar_set_span(struct mapi_item *item, struct mapi_props *props,
                       int64_t start_us, int64_t end_us)
{
    int64_t minutes = (end_us - start_us) / RECUR_MINUTE_US;

    calendar_set_time(item, props, LID_START, start_us);
    calendar_set_time(item, props, LID_END, end_us);
    mapi_set_time(item, props, PR_START_DATE, start_us);
    mapi_set_time(item, props, PR_END_DATE, end_us);
    mapi_set_time(
        item, props,
        mapi_named_id(item, PSETID_COMMON, LID_PANE_START, PT_SYSTIME),
        start_us);
    mapi_set_time(item, props,
                  mapi_named_id(item, PSETID_COMMON, LID_PANE_END, PT_SYSTIME),
                  end_us);
    calendar_set_i32(item, props, LID_DURATION,
                     (int32_t)CLAMP(minutes, 0, INT32_MAX));
}

/* ---- time zones ------------------------------------------------------ */

bool calendar_zone_of(const struct mapi_props *props, uint32_t lid,
                      struct timezone_info *ret)
{
    const struct mapi_prop *p = calendar_find(props, lid);

    return p != NULL && PROP_TYPE(p->tag) == PT_BINARY &&
           timezone_read(p->data, p->size, ret) == 0;
}

static unsigned int year_of(int64_t us)
{
    unsigned int year, month, day;

    if (us == TIMESTAMP_NONE)
        return 2000;
    recur_date_parts(recur_minutes(us), &year, &month, &day);
    return year;
}

static bool zone_of_struct(const struct mapi_props *props,
                           struct timezone_info *ret)
{
    const struct mapi_prop *p = calendar_find(props, LID_ZONE_STRUCT);
    struct tz_rule rule;
    const char *id;

    if (p == NULL || PROP_TYPE(p->tag) != PT_BINARY ||
        timezone_struct_read(p->data, p->size, &rule) < 0)
        return false;
    id = timezone_id_of_rule(&rule, (uint16_t)year_of(calendar_start(props)));
    ret->id = g_strdup(id != NULL ? id : "");
    ret->rules = g_memdup2(&rule, sizeof(rule));
    ret->n_rules = 1;
    return true;
}

void calendar_zone(const struct mapi_props *props, struct timezone_info *ret)
{
    if (!calendar_zone_of(props, LID_ZONE_RECUR, ret) &&
        !zone_of_struct(props, ret) &&
        !calendar_zone_of(props, LID_ZONE_START, ret))
        timezone_utc(ret);
}

void calendar_set_zones(struct mapi_item *item, struct mapi_props *props,
                        const struct timezone_info *start,
                        const struct timezone_info *end)
{
    const char *display = timezone_display(start->id);
    uint16_t from = (uint16_t)year_of(calendar_start(props));
    uint16_t to = (uint16_t)year_of(calendar_end(props));

    /* the R flag is for PidLidAppointmentTimeZoneDefinitionRecur alone */
    calendar_set_blob(item, props, LID_ZONE_START,
                      timezone_write(start, from, TZ_EFFECTIVE));
    calendar_set_blob(item, props, LID_ZONE_END,
                      timezone_write(end, to, TZ_EFFECTIVE));
    calendar_set_text(item, props, LID_ZONE_DESCRIPTION,
                      display != NULL ? display : start->id);
}

/* ---- series ---------------------------------------------------------- */

void series_clear(struct series *s)
{
    recurrence_clear(&s->recur);
    timezone_clear(&s->zone);
}

bool series_read(const struct mapi_props *props, struct series *ret)
{
    const struct mapi_prop *p = calendar_find(props, LID_RECUR);

    if (p == NULL || PROP_TYPE(p->tag) != PT_BINARY ||
        recurrence_read(p->data, p->size, &ret->recur) < 0)
        return false;
    if (!ret->recur.appointment) {
        recurrence_clear(&ret->recur);
        return false;
    }
    calendar_zone(props, &ret->zone);
    return true;
}

int64_t series_utc(const struct series *s, uint32_t local)
{
    return timezone_from_local(&s->zone, recur_us(local));
}

uint32_t series_local(const struct series *s, int64_t utc_us)
{
    return recur_minutes(timezone_to_local(&s->zone, utc_us));
}

GArray *series_expand(const struct series *s, int64_t from_us, int64_t to_us,
                      size_t max)
{
    return recurrence_expand(&s->recur, series_local(s, from_us),
                             series_local(s, to_us), max);
}

/* PidLidRecurrenceType: 1 daily ... 4 yearly. */
static int32_t recurrence_type(const struct recurrence *r)
{
    return (int32_t)CLAMP(r->frequency, RECUR_DAILY, RECUR_YEARLY) -
           RECUR_DAILY + 1;
}

/* The days from the first to the last, in UTC, [MS-OXOCAL] 2.2.1.15. */
static void write_clip(struct mapi_item *item, struct mapi_props *props,
                       const struct series *s)
{
    const struct recurrence *r = &s->recur;
    int64_t from = series_utc(s, r->start_date);
    int64_t to = r->end_type == RECUR_NEVER ? recur_us(RECUR_END_NEVER)
                                            : series_utc(s, r->end_date);

    calendar_set_time(item, props, LID_CLIP_START, from);
    calendar_set_time(item, props, LID_CLIP_END, to);
}

void series_write(struct mapi_item *item, struct mapi_props *props,
                  const struct series *s)
{
    const struct recurrence *r = &s->recur;
    unsigned int year = year_of(recur_us(r->start_date));

    calendar_set_blob(item, props, LID_RECUR, recurrence_write(r));
    calendar_set_bool(item, props, LID_RECURRING, true);
    calendar_set_i32(item, props, LID_RECURRENCE_TYPE, recurrence_type(r));
    write_clip(item, props, s);
    calendar_set_blob(
        item, props, LID_ZONE_RECUR,
        timezone_write(&s->zone, (uint16_t)year, TZ_EFFECTIVE | TZ_RECURRING));
    calendar_set_blob(item, props, LID_ZONE_STRUCT,
                      timezone_struct_write(timezone_rule(&s->zone, year)));
    mapi_set_bool(
        item, props,
        mapi_named_id(item, PSETID_MEETING, LID_IS_RECURRING, PT_BOOLEAN),
        true);
}
