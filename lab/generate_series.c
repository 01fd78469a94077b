#include <string.h>

#include "lab/generate_calendar.h"
#include "lab/mapi_tags.h"
#include "lab/occurrence.h"

#define MINUTE RECUR_MINUTE_US
#define HOUR   (60 * MINUTE)

/* Exceptions are among the first of a series. */
#define LOOKED_AT 14

/* ---- patterns -------------------------------------------------------- */

static void daily(struct lab_sketch *s, struct recurrence *r)
{
    r->frequency = RECUR_DAILY;
    r->type = RECUR_DAY_TYPE;
    r->period = (1 + lab_random_below(&s->random, 4)) * RECUR_DAY;
}

/* Outlook's "every weekday" is a weekly pattern under another name. */
static void weekdays(struct lab_sketch *s, struct recurrence *r)
{
    (void)s;
    r->frequency = RECUR_DAILY;
    r->type = RECUR_WEEK;
    r->period = 1;
    r->days = 0x3E;
}

static void weekly(struct lab_sketch *s, struct recurrence *r)
{
    r->frequency = RECUR_WEEKLY;
    r->type = RECUR_WEEK;
    r->period = 1 + lab_random_below(&s->random, 3);
    r->days = 1u << recur_weekday(r->start_date);
    if (lab_random_chance(&s->random, 40))
        r->days |= 1u << lab_random_below(&s->random, 7);
    r->first_dow = lab_random_below(&s->random, 2);
}

static unsigned int day_of(const struct recurrence *r)
{
    unsigned int year, month, day;

    recur_date_parts(r->start_date, &year, &month, &day);
    return day;
}

static void monthly(struct lab_sketch *s, struct recurrence *r)
{
    r->frequency = RECUR_MONTHLY;
    r->type = RECUR_MONTH;
    r->period = 1 + lab_random_below(&s->random, 3);
    r->day = day_of(r);
}

static void nth(struct recurrence *r)
{
    r->type = RECUR_MONTH_NTH;
    r->nth = (day_of(r) + 6) / 7;
    r->days = 1u << recur_weekday(r->start_date);
}

static void monthly_nth(struct lab_sketch *s, struct recurrence *r)
{
    r->frequency = RECUR_MONTHLY;
    r->period = 1 + lab_random_below(&s->random, 2);
    nth(r);
}

static void yearly(struct lab_sketch *s, struct recurrence *r)
{
    (void)s;
    r->frequency = RECUR_YEARLY;
    r->type = RECUR_MONTH;
    r->period = 12;
    r->day = day_of(r);
}

static void yearly_nth(struct lab_sketch *s, struct recurrence *r)
{
    (void)s;
    r->frequency = RECUR_YEARLY;
    r->period = 12;
    nth(r);
}

static const struct {
    uint32_t share; /* of a hundred */
    void (*choose)(struct lab_sketch *s, struct recurrence *r);
} shapes[] = {
    { 40, weekly },      { 15, daily }, { 10, weekdays },  { 15, monthly },
    { 10, monthly_nth }, { 5, yearly }, { 5, yearly_nth },
};

static void choose_end(struct lab_sketch *s, struct recurrence *r)
{
    uint32_t way = lab_random_below(&s->random, 10);
    uint32_t n = 10 + lab_random_below(&s->random, 30);

    if (way < 2)
        return;
    r->end_type = RECUR_BY_COUNT;
    r->count = n;
    recurrence_anchor(r);
    /* a date says the same as a count */
    if (way < 6)
        r->end_type = RECUR_BY_DATE;
}

void lab_series_choose(struct lab_sketch *s, uint32_t date,
                       struct recurrence *ret)
{
    uint32_t way = lab_random_below(&s->random, 100);
    size_t i = 0;

    recurrence_init(ret);
    ret->start_date = date - date % RECUR_DAY;
    while (i < G_N_ELEMENTS(shapes) - 1 && way >= shapes[i].share)
        way -= shapes[i++].share;
    shapes[i].choose(s, ret);
    recurrence_phase(ret);
    recurrence_anchor(ret);
    choose_end(s, ret);
    recurrence_anchor(ret);
}

/* ---- exceptions ------------------------------------------------------ */

enum difference { MOVED, RETITLED, ELSEWHERE, OTHER_STATUS, WITH_FILE };

static void add_file(struct lab_sketch *s, struct mapi_item *edited)
{
    struct mapi_attachment *a = mapi_add_attachment(edited, &edited->message);
    g_autofree char *text = lab_text_body(&s->random, 400);

    mapi_set_i32(edited, &a->props, PR_ATTACH_METHOD, ATTACH_BY_VALUE);
    mapi_set_text(edited, &a->props, PR_ATTACH_LONG_FILENAME, "agenda.txt");
    mapi_set_text(edited, &a->props, PR_ATTACH_FILENAME, "agenda.txt");
    mapi_set(edited, &a->props, PR_ATTACH_DATA_BIN, text, strlen(text));
}

static void differ(struct lab_sketch *s, struct mapi_item *edited,
                   enum difference how)
{
    struct mapi_props *props = &edited->message.props;
    g_autofree char *subject = NULL;

    switch (how) {
    case MOVED:
        calendar_set_span(edited, props, calendar_start(props) + HOUR,
                          calendar_end(props) + HOUR);
        break;
    case RETITLED:
        subject = lab_text_subject(&s->random);
        mapi_set_text(edited, props, PR_SUBJECT, subject);
        break;
    case ELSEWHERE:
        calendar_set_text(edited, props, LID_LOCATION,
                          "elsewhere \xE2\x98\xBC");
        break;
    case OTHER_STATUS:
        calendar_set_i32(edited, props, LID_BUSY_STATUS, 3);
        break;
    case WITH_FILE:
    default:
        add_file(s, edited);
        break;
    }
}

static void change_one(struct lab_sketch *s, uint32_t date)
{
    g_autoptr(mapi_item) edited = mapi_item_new();
    g_auto(series) now = { 0 };
    struct occurrence o;
    bool deleted = false;

    if (!series_read(s->props, &now) ||
        !recurrence_by_date(&now.recur, date, &o, &deleted) || deleted)
        return;
    occurrence_copy_message(edited, &edited->message, &s->item->message);
    occurrence_compose(edited, &now, &o);
    differ(s, edited, MOVED);
    for (int i = 0; i < 2; i++)
        if (lab_random_chance(&s->random, 60))
            differ(s, edited, (enum difference)lab_random_below(&s->random, 5));
    /* past its neighbour it would not go: then it stays as it was */
    (void)occurrence_store(s->item, date, edited);
    s->props = &s->item->message.props;
}

/* Every series has one that is changed; most have some that are deleted. */
static void make_exceptions(struct lab_sketch *s, const struct recurrence *r)
{
    uint32_t date = 0, always = 1 + lab_random_below(&s->random, 3);
    struct recur_walk w;

    recur_walk_init(&w, r);
    for (uint32_t i = 0; i < LOOKED_AT && recur_walk_next(&w, &date); i++) {
        if (i == always || (i > 0 && lab_random_chance(&s->random, 8)))
            change_one(s, date);
        else if (i > 0 && lab_random_chance(&s->random, 12))
            (void)occurrence_delete(s->item, date);
    }
}

/* ---- a series -------------------------------------------------------- */

/* The first occurrence is the item's own time, and lasts an hour. */
static void make_series(struct lab_sketch *s, struct lab_slot *t,
                        struct series *ret)
{
    int64_t local = timezone_to_local(&t->zone, t->start_us);
    uint32_t start = recur_minutes(local);

    t->all_day = false;
    lab_series_choose(s, start, &ret->recur);
    timezone_copy(&ret->zone, &t->zone);
    ret->recur.appointment = true;
    ret->recur.start_offset = start % RECUR_DAY;
    ret->recur.end_offset = ret->recur.start_offset + 60;
    t->start_us =
        series_utc(ret, ret->recur.start_date + ret->recur.start_offset);
    t->end_us = series_utc(ret, ret->recur.start_date + ret->recur.end_offset);
}

static void set_series(struct lab_sketch *s, const struct series *in)
{
    static const char *const texts[] = { "every day", "every week",
                                         "every month", "every year" };

    series_write(s->item, s->props, in);
    calendar_set_text(
        s->item, s->props, LID_RECURRENCE_PATTERN,
        texts[CLAMP(in->recur.frequency, RECUR_DAILY, RECUR_YEARLY) -
              RECUR_DAILY]);
}

void lab_kind_series(struct lab_sketch *s)
{
    bool meeting = lab_random_chance(&s->random, 30);
    g_auto(series) in = { 0 };
    struct lab_slot t;

    lab_slot_choose(s, &t);
    make_series(s, &t, &in);
    lab_part_appointment(s, "IPM.Appointment", &s->scene->owner);
    lab_slot_set(s, &t);
    lab_part_reminder(s, t.start_us);
    lab_part_meeting_state(s, meeting ? STATE_MEETING : 0,
                           meeting ? RESPONSE_ORGANIZED : RESPONSE_NONE);
    if (meeting)
        lab_part_attendees(s, true);
    set_series(s, &in);
    make_exceptions(s, &in.recur);
    lab_slot_clear(&t);
}

/* ---- recurring tasks ------------------------------------------------- */

/* Every third comes again only when it was done, [MS-OXOTASK] 3.1.4.6.2. */
void lab_part_task_series(struct lab_sketch *s, int64_t day_us)
{
    uint32_t date = recur_minutes(day_us);
    g_auto(recurrence) r;
    GByteArray *blob;

    lab_series_choose(s, date, &r);
    if (r.type == RECUR_DAY_TYPE && lab_random_chance(&s->random, 33))
        r.sliding = 1;
    blob = recurrence_write(&r);
    mapi_set(s->item, s->props,
             mapi_named_id(s->item, PSETID_TASK, 0x8116, PT_BINARY), blob->data,
             blob->len);
    g_byte_array_unref(blob);
    mapi_set_bool(s->item, s->props,
                  mapi_named_id(s->item, PSETID_TASK, 0x8126, PT_BOOLEAN),
                  true);
    mapi_set_bool(s->item, s->props,
                  mapi_named_id(s->item, PSETID_TASK, 0x8109, PT_BOOLEAN),
                  false);
}
