#include <string.h>

#include "lab/generate_priv.h"
#include "lab/mapi_tags.h"

#define MINUTE (INT64_C(60) * TIMESTAMP_SECOND)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)

/* Minutes from 1601, as [MS-OXOCAL] counts in recurrences, to 1970. */
#define MINUTES_1970 INT64_C(194074560)

/* ---- time zones ------------------------------------------------------ */

struct rule {
    uint16_t month, week, hour; /* week 5: the last; always a Sunday */
};

static const struct zone {
    const char *key, *display;
    int32_t bias;                   /* minutes to add to local time for UTC */
    struct rule standard, daylight; /* month 0: no daylight time */
} zones[] = {
    { "W. Europe Standard Time",
      "(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna",
      -60,
      { 10, 5, 3 },
      { 3, 5, 2 } },
    { "Pacific Standard Time",
      "(UTC-08:00) Pacific Time (US & Canada)",
      480,
      { 11, 1, 2 },
      { 3, 2, 2 } },
    { "Tokyo Standard Time",
      "(UTC+09:00) Osaka, Sapporo, Tokyo",
      -540,
      { 0, 0, 0 },
      { 0, 0, 0 } },
    { "India Standard Time",
      "(UTC+05:30) Chennai, Kolkata, Mumbai, New Delhi",
      -330,
      { 0, 0, 0 },
      { 0, 0, 0 } },
};

static void put16(GByteArray *to, uint32_t v)
{
    const uint8_t le[2] = { (uint8_t)v, (uint8_t)(v >> 8) };

    g_byte_array_append(to, le, sizeof(le));
}

static void put32(GByteArray *to, uint32_t v)
{
    put16(to, v & 0xFFFF);
    put16(to, v >> 16);
}

/* SYSTEMTIME: year, month, day of week, which one, hour, minute, ... */
static void put_rule(GByteArray *to, const struct rule *r)
{
    const uint16_t words[8] = { 0, r->month, 0, r->week, r->hour, 0, 0, 0 };

    for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
        put16(to, words[i]);
}

static void put_biases(GByteArray *to, const struct zone *z)
{
    put32(to, (uint32_t)z->bias);
    put32(to, 0);
    put32(to, z->daylight.month != 0 ? (uint32_t)-60 : 0);
}

/* PidLidTimeZoneStruct, [MS-OXOCAL] 2.2.1.39. */
static GByteArray *zone_struct(const struct zone *z)
{
    GByteArray *b = g_byte_array_new();

    put_biases(b, z);
    put16(b, 0);
    put_rule(b, &z->standard);
    put16(b, 0);
    put_rule(b, &z->daylight);
    return b;
}

/* PidLidAppointmentTimeZoneDefinition..., [MS-OXOCAL] 2.2.1.41. */
static GByteArray *zone_definition(const struct zone *z, uint32_t flags)
{
    static const uint8_t unused[14] = { 0 };
    GByteArray *b = g_byte_array_new();
    size_t n = strlen(z->key);

    g_byte_array_append(b, (const guint8 *)"\x02\x01", 2);
    put16(b, (uint32_t)(2 + 2 + 2 * n + 2));
    put16(b, 2);
    put16(b, (uint32_t)n);
    for (size_t i = 0; i < n; i++)
        put16(b, (uint8_t)z->key[i]);
    put16(b, 1);
    g_byte_array_append(b, (const guint8 *)"\x02\x01", 2);
    put16(b, 0x3E);
    put16(b, flags);
    put16(b, 1601);
    g_byte_array_append(b, unused, sizeof(unused));
    put_biases(b, z);
    put_rule(b, &z->standard);
    put_rule(b, &z->daylight);
    return b;
}

/* ---- properties ------------------------------------------------------ */

static uint32_t appointment(struct lab_sketch *s, uint32_t id, uint16_t type)
{
    return mapi_named_id(s->item, PSETID_APPOINTMENT, id, type);
}

static uint32_t common(struct lab_sketch *s, uint32_t id, uint16_t type)
{
    return mapi_named_id(s->item, PSETID_COMMON, id, type);
}

static void set_blob(struct lab_sketch *s, uint32_t tag, GByteArray *blob)
{
    mapi_set(s->item, s->props, tag, blob->data, blob->len);
    g_byte_array_unref(blob);
}

struct slot {
    const struct zone *zone;
    int64_t start_us, end_us;
    bool all_day;
};

static struct slot choose_slot(struct lab_sketch *s)
{
    struct slot t = {
        .zone = &zones[lab_random_below(&s->random, G_N_ELEMENTS(zones))]
    };
    /* Some lie ahead of the day on which they were made. */
    int64_t day = s->at_us / DAY + lab_random_below(&s->random, 60);

    t.all_day = lab_random_chance(&s->random, 12);
    if (t.all_day) {
        t.start_us = day * DAY + t.zone->bias * MINUTE;
        t.end_us = t.start_us + DAY * (1 + lab_random_below(&s->random, 3));
        return t;
    }
    t.start_us = day * DAY + t.zone->bias * MINUTE +
                 (16 + lab_random_below(&s->random, 20)) * 30 * MINUTE;
    t.end_us = t.start_us + (1 + lab_random_below(&s->random, 6)) * 30 * MINUTE;
    return t;
}

static void set_slot(struct lab_sketch *s, const struct slot *t)
{
    struct mapi_item *item = s->item;

    mapi_set_time(item, s->props, PR_START_DATE, t->start_us);
    mapi_set_time(item, s->props, PR_END_DATE, t->end_us);
    mapi_set_time(item, s->props, appointment(s, 0x820D, PT_SYSTIME),
                  t->start_us);
    mapi_set_time(item, s->props, appointment(s, 0x820E, PT_SYSTIME),
                  t->end_us);
    mapi_set_time(item, s->props, common(s, 0x8516, PT_SYSTIME), t->start_us);
    mapi_set_time(item, s->props, common(s, 0x8517, PT_SYSTIME), t->end_us);
    mapi_set_i32(item, s->props, appointment(s, 0x8213, PT_LONG),
                 (int32_t)((t->end_us - t->start_us) / MINUTE));
    mapi_set_bool(item, s->props, appointment(s, 0x8215, PT_BOOLEAN),
                  t->all_day);
    set_blob(s, appointment(s, 0x825E, PT_BINARY), zone_definition(t->zone, 2));
    set_blob(s, appointment(s, 0x825F, PT_BINARY), zone_definition(t->zone, 2));
    mapi_set_text(item, s->props, appointment(s, 0x8234, PT_UNICODE),
                  t->zone->display);
}

static void set_reminder(struct lab_sketch *s, const struct slot *t)
{
    bool on = lab_random_chance(&s->random, 70);

    mapi_set_bool(s->item, s->props, common(s, 0x8503, PT_BOOLEAN), on);
    mapi_set_i32(s->item, s->props, common(s, 0x8501, PT_LONG), 15);
    if (!on)
        return;
    mapi_set_time(s->item, s->props, common(s, 0x8502, PT_SYSTIME),
                  t->start_us);
    mapi_set_time(s->item, s->props, common(s, 0x8560, PT_SYSTIME),
                  t->start_us - 15 * MINUTE);
}

/* PidLidGlobalObjectId and the clean one, [MS-OXOCAL] 2.2.1.27. */
static void set_object_id(struct lab_sketch *s)
{
    static const uint8_t head[16] = { 0x04, 0,    0,    0,    0x82, 0,
                                      0xE0, 0,    0x74, 0xC5, 0xB7, 0x10,
                                      0x1A, 0x82, 0xE0, 0x08 };
    uint8_t id[56] = { 0 };
    int64_t made = GINT64_TO_LE(mapi_filetime(s->at_us));

    memcpy(id, head, sizeof(head));
    memcpy(id + 20, &made, sizeof(made));
    id[36] = 16;
    lab_hash_fill(lab_random_next(&s->random), id + 40, 16);
    mapi_set(s->item, s->props,
             mapi_named_id(s->item, PSETID_MEETING, 0x0003, PT_BINARY), id,
             sizeof(id));
    mapi_set(s->item, s->props,
             mapi_named_id(s->item, PSETID_MEETING, 0x0023, PT_BINARY), id,
             sizeof(id));
}

static void set_meeting_state(struct lab_sketch *s, int32_t state,
                              int32_t response)
{
    mapi_set_i32(s->item, s->props, appointment(s, 0x8217, PT_LONG), state);
    mapi_set_i32(s->item, s->props, appointment(s, 0x8218, PT_LONG), response);
    mapi_set_bool(s->item, s->props, appointment(s, 0x8229, PT_BOOLEAN),
                  state != 0);
    mapi_set_i32(s->item, s->props, appointment(s, 0x8201, PT_LONG), 0);
}

static void start(struct lab_sketch *s, const char *item_class,
                  const struct lab_person *from)
{
    g_autofree char *subject = lab_text_subject(&s->random);
    g_autofree char *text = lab_text_body(&s->random, 200);

    lab_part_head(s, item_class, subject);
    lab_part_sender(s, from);
    lab_part_body_rtf(s, text);
    mapi_set_text(s->item, s->props, appointment(s, 0x8208, PT_UNICODE),
                  lab_text_place(&s->random));
    mapi_set_i32(s->item, s->props, appointment(s, 0x8205, PT_LONG),
                 (int32_t)lab_random_below(&s->random, 4));
    set_object_id(s);
}

void lab_kind_appointment(struct lab_sketch *s)
{
    struct slot t = choose_slot(s);

    start(s, "IPM.Appointment", &s->scene->owner);
    set_slot(s, &t);
    set_reminder(s, &t);
    set_meeting_state(s, 0, 0);
    mapi_set_bool(s->item, s->props, appointment(s, 0x8223, PT_BOOLEAN), false);
    if (lab_random_chance(&s->random, 10))
        lab_part_file(s, 3000);
}

static void invite(struct lab_sketch *s)
{
    uint32_t n = 2 + lab_random_below(&s->random, 6);
    GString *names = g_string_new(NULL);

    for (uint32_t i = 0; i < n; i++) {
        const struct lab_person *p = lab_someone(s);

        lab_part_recipient(s, &s->item->message, p, i < n - 1 ? 1 : 2);
        g_string_append_printf(names, "%s%s", i > 0 ? "; " : "", p->name);
    }
    mapi_set_text(s->item, s->props, appointment(s, 0x8238, PT_UNICODE),
                  names->str);
    g_string_free(names, TRUE);
}

void lab_kind_meeting(struct lab_sketch *s)
{
    struct slot t = choose_slot(s);
    bool mine = lab_random_chance(&s->random, 50);

    s->outgoing = mine;
    start(s, "IPM.Appointment", mine ? &s->scene->owner : lab_someone(s));
    set_slot(s, &t);
    set_reminder(s, &t);
    /* asfMeeting; asfReceived where another organised it */
    set_meeting_state(s, mine ? 1 : 3, mine ? 1 : 3);
    mapi_set_i32(s->item, s->props, PR_OWNER_APPT_ID,
                 (int32_t)lab_random_below(&s->random, 1u << 30));
    invite(s);
}

void lab_kind_request(struct lab_sketch *s)
{
    struct slot t = choose_slot(s);

    start(s, "IPM.Schedule.Meeting.Request", lab_someone(s));
    set_slot(s, &t);
    set_reminder(s, &t);
    set_meeting_state(s, 3, 5);
    mapi_set_bool(s->item, s->props, PR_RESPONSE_REQUESTED, true);
    mapi_set_i32(s->item, s->props,
                 mapi_named_id(s->item, PSETID_MEETING, 0x0026, PT_LONG), 1);
    lab_part_recipient(s, &s->item->message, &s->scene->owner, 1);
}

void lab_kind_response(struct lab_sketch *s)
{
    static const char *const classes[] = {
        "IPM.Schedule.Meeting.Resp.Pos",
        "IPM.Schedule.Meeting.Resp.Neg",
        "IPM.Schedule.Meeting.Resp.Tent",
        "IPM.Schedule.Meeting.Canceled",
    };
    struct slot t = choose_slot(s);

    start(s, classes[lab_random_below(&s->random, G_N_ELEMENTS(classes))],
          lab_someone(s));
    set_slot(s, &t);
    lab_part_recipient(s, &s->item->message, &s->scene->owner, 1);
}

/* ---- series ---------------------------------------------------------- */

enum { N_EXCEPTIONS_MAX = 4 };

struct series {
    struct slot first;
    bool weekly;
    uint32_t every; /* weeks or days */
    uint32_t count; /* occurrences; 0: without end */
    uint32_t deleted, changed;
    uint32_t index[N_EXCEPTIONS_MAX]; /* of the exceptions, ascending */
    bool retitled;                    /* the changed ones have a subject */
    char *subject;
};

/* Local time in minutes from 1601. */
static uint32_t local_minutes(const struct series *d, int64_t us)
{
    return (uint32_t)(us / MINUTE - d->first.zone->bias + MINUTES_1970);
}

static uint32_t midnight(uint32_t minutes)
{
    return minutes / 1440 * 1440;
}

static uint32_t step_minutes(const struct series *d)
{
    return d->every * (d->weekly ? 7u : 1u) * 1440u;
}

static uint32_t occurrence(const struct series *d, uint32_t i)
{
    return local_minutes(d, d->first.start_us) + i * step_minutes(d);
}

/* 1601-01-01 was a Monday; Sunday is 0 here. */
static uint32_t day_of_week(uint32_t minutes)
{
    return (minutes / 1440 + 1) % 7;
}

static void put_pattern(GByteArray *b, const struct series *d)
{
    uint32_t start = local_minutes(d, d->first.start_us);
    uint32_t day = midnight(start);

    put16(b, 0x3004);
    put16(b, 0x3004);
    put16(b, d->weekly ? 0x200B : 0x200A);
    put16(b, d->weekly ? 1 : 0);
    put16(b, 0);
    if (d->weekly) {
        put32(b, (day - day_of_week(start) * 1440) % step_minutes(d));
        put32(b, d->every);
    } else {
        put32(b, day % step_minutes(d));
        put32(b, step_minutes(d));
    }
    put32(b, 0);
    if (d->weekly)
        put32(b, 1u << day_of_week(start));
    put32(b, d->count > 0 ? 0x2022 : 0x2023);
    put32(b, d->count > 0 ? d->count : 10);
    put32(b, 0);
}

static void put_instances(GByteArray *b, const struct series *d)
{
    uint32_t all = d->deleted + d->changed;
    uint32_t start = local_minutes(d, d->first.start_us);

    /* Every exception is deleted from the pattern; some come back changed. */
    put32(b, all);
    for (uint32_t i = 0; i < all; i++)
        put32(b, midnight(occurrence(d, d->index[i])));
    put32(b, d->changed);
    for (uint32_t i = d->deleted; i < all; i++)
        put32(b, midnight(occurrence(d, d->index[i])));
    put32(b, midnight(start));
    put32(b, d->count > 0 ? midnight(occurrence(d, d->count - 1)) : 0x5AE980DF);
}

static uint32_t minutes_long(const struct series *d)
{
    return (uint32_t)((d->first.end_us - d->first.start_us) / MINUTE);
}

static void put_exception(GByteArray *b, const struct series *d, uint32_t i)
{
    uint32_t original = occurrence(d, d->index[i]);
    /* ASCII, so that its length in eight bits is that in characters. */
    uint32_t n = (uint32_t)strlen(d->subject);

    put32(b, original + 60);
    put32(b, original + 60 + minutes_long(d));
    put32(b, original);
    put16(b, d->retitled ? 1 : 0); /* ARO_SUBJECT */
    if (!d->retitled)
        return;
    put16(b, n + 1);
    put16(b, n);
    g_byte_array_append(b, (const guint8 *)d->subject, n);
}

static void put_extended(GByteArray *b, const struct series *d, uint32_t i)
{
    uint32_t original = occurrence(d, d->index[i]);

    put32(b, 4);
    put32(b, 0);
    put32(b, 0);
    if (!d->retitled)
        return;
    put32(b, original + 60);
    put32(b, original + 60 + minutes_long(d));
    put32(b, original);
    put16(b, (uint32_t)strlen(d->subject));
    for (const char *p = d->subject; *p != '\0'; p++)
        put16(b, (uint8_t)*p);
    put32(b, 0);
}

/* PidLidAppointmentRecur, [MS-OXOCAL] 2.2.1.44. */
static GByteArray *recurrence(const struct series *d)
{
    GByteArray *b = g_byte_array_new();
    uint32_t start = local_minutes(d, d->first.start_us);
    uint32_t all = d->deleted + d->changed;

    put_pattern(b, d);
    put_instances(b, d);
    put32(b, 0x3006);
    put32(b, 0x3009);
    put32(b, start % 1440);
    put32(b, start % 1440 + minutes_long(d));
    put16(b, d->changed);
    for (uint32_t i = d->deleted; i < all; i++)
        put_exception(b, d, i);
    put32(b, 0);
    for (uint32_t i = d->deleted; i < all; i++)
        put_extended(b, d, i);
    put32(b, 0);
    return b;
}

/* An exception is a message inside, hidden, [MS-OXOCAL] 2.2.10. */
static void embed_exception(struct lab_sketch *s, const struct series *d,
                            uint32_t i)
{
    int64_t original =
        d->first.start_us + (int64_t)d->index[i] * step_minutes(d) * MINUTE;
    int64_t start_us = original + HOUR;
    int64_t end_us = start_us + (d->first.end_us - d->first.start_us);
    struct mapi_attachment *a =
        lab_part_attachment(s, &s->item->message, ATTACH_EMBEDDED_MSG);
    struct mapi_props *inner;

    mapi_set_i32(s->item, &a->props, PR_ATTACHMENT_FLAGS, 2);
    mapi_set_bool(s->item, &a->props, PR_ATTACHMENT_HIDDEN, true);
    mapi_set_time(s->item, &a->props, PR_EXCEPTION_STARTTIME, start_us);
    mapi_set_time(s->item, &a->props, PR_EXCEPTION_ENDTIME, end_us);
    mapi_set_text(s->item, &a->props, PR_DISPLAY_NAME, "Untitled");
    inner = &mapi_embed(s->item, a)->props;
    mapi_set_text(s->item, inner, PR_MESSAGE_CLASS,
                  "IPM.OLE.CLASS.{00061055-0000-0000-C000-000000000046}");
    if (d->retitled)
        mapi_set_text(s->item, inner, PR_SUBJECT, d->subject);
    mapi_set_time(s->item, inner, appointment(s, 0x820D, PT_SYSTIME), start_us);
    mapi_set_time(s->item, inner, appointment(s, 0x820E, PT_SYSTIME), end_us);
    mapi_set_time(s->item, inner, appointment(s, 0x8228, PT_SYSTIME), original);
    mapi_set_i32(s->item, inner, PR_MESSAGE_FLAGS, MSGFLAG_READ);
}

static void choose_series(struct lab_sketch *s, struct series *d)
{
    d->first = choose_slot(s);
    d->first.all_day = false;
    /* A meeting of days every day is none. */
    d->first.end_us = d->first.start_us + HOUR;
    d->weekly = lab_random_chance(&s->random, 70);
    d->every = 1 + lab_random_below(&s->random, 3);
    d->count = lab_random_chance(&s->random, 80)
                   ? 10 + lab_random_below(&s->random, 30)
                   : 0;
    d->deleted = lab_random_below(&s->random, 3);
    d->changed = 1 + lab_random_below(&s->random, 2);
    for (uint32_t i = 0; i < d->deleted + d->changed; i++)
        d->index[i] = 1 + 2 * i;
    d->retitled = lab_random_chance(&s->random, 60);
    d->subject = g_strdup_printf("moved %u", lab_random_below(&s->random, 100));
}

static void set_clip(struct lab_sketch *s, const struct series *d)
{
    int64_t span = (int64_t)(d->count > 0 ? d->count - 1 : 4000) *
                   step_minutes(d) * MINUTE;

    mapi_set_time(s->item, s->props, appointment(s, 0x8235, PT_SYSTIME),
                  d->first.start_us);
    mapi_set_time(s->item, s->props, appointment(s, 0x8236, PT_SYSTIME),
                  d->first.end_us + span);
}

void lab_kind_series(struct lab_sketch *s)
{
    struct series d = { 0 };

    choose_series(s, &d);
    start(s, "IPM.Appointment", &s->scene->owner);
    set_slot(s, &d.first);
    set_reminder(s, &d.first);
    set_meeting_state(s, 0, 0);
    set_clip(s, &d);
    mapi_set_bool(s->item, s->props, appointment(s, 0x8223, PT_BOOLEAN), true);
    mapi_set_i32(s->item, s->props, appointment(s, 0x8231, PT_LONG),
                 d.weekly ? 2 : 1);
    mapi_set_text(s->item, s->props, appointment(s, 0x8232, PT_UNICODE),
                  d.weekly ? "every week" : "every day");
    set_blob(s, appointment(s, 0x8216, PT_BINARY), recurrence(&d));
    set_blob(s, appointment(s, 0x8233, PT_BINARY), zone_struct(d.first.zone));
    set_blob(s, appointment(s, 0x8260, PT_BINARY),
             zone_definition(d.first.zone, 2));
    for (uint32_t i = d.deleted; i < d.deleted + d.changed; i++)
        embed_exception(s, &d, i);
    g_free(d.subject);
}
