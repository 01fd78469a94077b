#include <string.h>

#include "lab/generate_calendar.h"
#include "lab/mapi_tags.h"

#define MINUTE RECUR_MINUTE_US
#define DAY    ((int64_t)RECUR_DAY * MINUTE)

/* Both hemispheres, with and without daylight time, at odd hours too. */
static const char *const zone_ids[] = {
    "W. Europe Standard Time",   "GMT Standard Time",
    "Eastern Standard Time",     "Pacific Standard Time",
    "Tokyo Standard Time",       "India Standard Time",
    "AUS Eastern Standard Time", "US Mountain Standard Time",
};

uint32_t lab_common_tag(struct lab_sketch *s, uint32_t id, uint16_t type)
{
    return mapi_named_id(s->item, PSETID_COMMON, id, type);
}

/* ---- when ------------------------------------------------------------ */

static void choose_times(struct lab_sketch *s, struct lab_slot *t, int64_t day)
{
    int64_t start = day * DAY;
    int64_t end;

    t->all_day = lab_random_chance(&s->random, 12);
    if (t->all_day) {
        end = start + DAY * (1 + lab_random_below(&s->random, 3));
    } else {
        start += (16 + lab_random_below(&s->random, 20)) * 30 * MINUTE;
        end = start + (1 + lab_random_below(&s->random, 6)) * 30 * MINUTE;
        /* a journey, or a fair */
        if (lab_random_chance(&s->random, 6))
            end += DAY * (1 + lab_random_below(&s->random, 4));
    }
    t->start_us = timezone_from_local(&t->zone, start);
    t->end_us = timezone_from_local(&t->zone, end);
}

void lab_slot_choose(struct lab_sketch *s, struct lab_slot *ret)
{
    uint32_t i = lab_random_below(&s->random, G_N_ELEMENTS(zone_ids));
    /* Some lie ahead of the day on which they were made. */
    int64_t day = s->at_us / DAY + lab_random_below(&s->random, 60);

    timezone_find(zone_ids[i], &ret->zone);
    choose_times(s, ret, day);
}

void lab_slot_clear(struct lab_slot *t)
{
    timezone_clear(&t->zone);
}

void lab_slot_set(struct lab_sketch *s, const struct lab_slot *t)
{
    calendar_set_span(s->item, s->props, t->start_us, t->end_us);
    calendar_set_bool(s->item, s->props, LID_ALL_DAY, t->all_day);
    calendar_set_zones(s->item, s->props, &t->zone, &t->zone);
}

void lab_part_reminder(struct lab_sketch *s, int64_t start_us)
{
    bool on = lab_random_chance(&s->random, 70);

    mapi_set_bool(s->item, s->props, lab_common_tag(s, 0x8503, PT_BOOLEAN), on);
    mapi_set_i32(s->item, s->props, lab_common_tag(s, 0x8501, PT_LONG), 15);
    if (!on)
        return;
    mapi_set_time(s->item, s->props, lab_common_tag(s, 0x8502, PT_SYSTIME),
                  start_us);
    mapi_set_time(s->item, s->props, lab_common_tag(s, 0x8560, PT_SYSTIME),
                  start_us - 15 * MINUTE);
}

/* ---- what ------------------------------------------------------------ */

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
             mapi_named_id(s->item, PSETID_MEETING, LID_GLOBAL_ID, PT_BINARY),
             id, sizeof(id));
    mapi_set(
        s->item, s->props,
        mapi_named_id(s->item, PSETID_MEETING, LID_CLEAN_GLOBAL_ID, PT_BINARY),
        id, sizeof(id));
}

void lab_part_meeting_state(struct lab_sketch *s, int32_t state,
                            int32_t response)
{
    calendar_set_i32(s->item, s->props, LID_STATE_FLAGS, state);
    calendar_set_i32(s->item, s->props, LID_RESPONSE_STATUS, response);
    calendar_set_bool(s->item, s->props, LID_INVITED, state != 0);
    calendar_set_i32(s->item, s->props, LID_SEQUENCE, 0);
}

/* Where people meet who are elsewhere. */
static void set_online(struct lab_sketch *s)
{
    g_autofree char *url =
        g_strdup_printf("https://meet.contoso.example/%08x",
                        lab_random_below(&s->random, 1u << 30));

    calendar_set_bool(s->item, s->props, LID_ONLINE, true);
    calendar_set_i32(s->item, s->props, LID_CONFERENCE_TYPE,
                     (int32_t)lab_random_below(&s->random, 3));
    calendar_set_text(s->item, s->props, LID_NET_SHOW_URL, url);
    mapi_set_text(s->item, s->props,
                  mapi_named_text(s->item, PS_PUBLIC_STRINGS,
                                  "OnlineMeetingExternalLink", PT_UNICODE),
                  url);
}

static void set_private(struct lab_sketch *s)
{
    mapi_set_i32(s->item, s->props, PR_SENSITIVITY, 2);
    mapi_set_bool(s->item, s->props, lab_common_tag(s, 0x8506, PT_BOOLEAN),
                  true);
}

void lab_part_appointment(struct lab_sketch *s, const char *item_class,
                          const struct lab_person *from)
{
    g_autofree char *subject = lab_text_subject(&s->random);
    g_autofree char *text = lab_text_body(&s->random, 200);

    lab_part_head(s, item_class, subject);
    lab_part_sender(s, from);
    lab_part_body_rtf(s, text);
    calendar_set_text(s->item, s->props, LID_LOCATION,
                      lab_text_place(&s->random));
    calendar_set_i32(s->item, s->props, LID_BUSY_STATUS,
                     (int32_t)lab_random_below(&s->random, 4));
    set_object_id(s);
    if (lab_random_chance(&s->random, 10))
        set_online(s);
    if (lab_random_chance(&s->random, 5))
        set_private(s);
}

void lab_kind_appointment(struct lab_sketch *s)
{
    struct lab_slot t;

    lab_slot_choose(s, &t);
    lab_part_appointment(s, "IPM.Appointment", &s->scene->owner);
    lab_slot_set(s, &t);
    lab_part_reminder(s, t.start_us);
    lab_part_meeting_state(s, 0, 0);
    calendar_set_bool(s->item, s->props, LID_RECURRING, false);
    if (lab_random_chance(&s->random, 10))
        lab_part_file(s, 3000);
    lab_slot_clear(&t);
}

/* ---- who ------------------------------------------------------------- */

/* Some have answered, and some have not. */
static void set_answer(struct lab_sketch *s, struct mapi_props *r)
{
    static const int32_t answers[] = { RESPONSE_NONE, RESPONSE_TENTATIVE,
                                       RESPONSE_ACCEPTED, RESPONSE_ACCEPTED,
                                       RESPONSE_DECLINED };
    int32_t answer =
        answers[lab_random_below(&s->random, G_N_ELEMENTS(answers))];

    mapi_set_i32(s->item, r, PR_RECIPIENT_TRACKSTATUS, answer);
    if (answer != RESPONSE_NONE)
        mapi_set_time(s->item, r, PROP_TAG(0x5FFB, PT_SYSTIME),
                      s->at_us + lab_random_below(&s->random, 4000) * MINUTE);
}

void lab_part_attendees(struct lab_sketch *s, bool answers)
{
    uint32_t n = 2 + lab_random_below(&s->random, 6);
    GString *names = g_string_new(NULL);

    for (uint32_t i = 0; i < n; i++) {
        const struct lab_person *p = lab_someone(s);

        lab_part_recipient(s, &s->item->message, p, i < n - 1 ? 1 : 2);
        if (answers)
            set_answer(s, &s->item->message.recipients[i]);
        g_string_append_printf(names, "%s%s", i > 0 ? "; " : "", p->name);
    }
    calendar_set_text(s->item, s->props, LID_ALL_ATTENDEES, names->str);
    g_string_free(names, TRUE);
}

void lab_kind_meeting(struct lab_sketch *s)
{
    bool mine = lab_random_chance(&s->random, 50);
    struct lab_slot t;

    lab_slot_choose(s, &t);
    s->outgoing = mine;
    lab_part_appointment(s, "IPM.Appointment",
                         mine ? &s->scene->owner : lab_someone(s));
    lab_slot_set(s, &t);
    lab_part_reminder(s, t.start_us);
    /* asfMeeting; asfReceived where another organised it */
    lab_part_meeting_state(
        s, mine ? STATE_MEETING : STATE_MEETING | STATE_RECEIVED,
        mine ? RESPONSE_ORGANIZED : RESPONSE_ACCEPTED);
    mapi_set_i32(s->item, s->props, PR_OWNER_APPT_ID,
                 (int32_t)lab_random_below(&s->random, 1u << 30));
    lab_part_attendees(s, mine);
    lab_slot_clear(&t);
}

void lab_kind_request(struct lab_sketch *s)
{
    struct lab_slot t;

    lab_slot_choose(s, &t);
    lab_part_appointment(s, "IPM.Schedule.Meeting.Request", lab_someone(s));
    lab_slot_set(s, &t);
    lab_part_reminder(s, t.start_us);
    lab_part_meeting_state(s, STATE_MEETING | STATE_RECEIVED,
                           RESPONSE_NOT_RESPONDED);
    mapi_set_bool(s->item, s->props, PR_RESPONSE_REQUESTED, true);
    mapi_set_i32(
        s->item, s->props,
        mapi_named_id(s->item, PSETID_MEETING, LID_MEETING_TYPE, PT_LONG), 1);
    lab_part_recipient(s, &s->item->message, &s->scene->owner, 1);
    lab_slot_clear(&t);
}

void lab_kind_response(struct lab_sketch *s)
{
    static const char *const classes[] = {
        "IPM.Schedule.Meeting.Resp.Pos",
        "IPM.Schedule.Meeting.Resp.Neg",
        "IPM.Schedule.Meeting.Resp.Tent",
        "IPM.Schedule.Meeting.Canceled",
    };
    struct lab_slot t;

    lab_slot_choose(s, &t);
    lab_part_appointment(
        s, classes[lab_random_below(&s->random, G_N_ELEMENTS(classes))],
        lab_someone(s));
    lab_slot_set(s, &t);
    lab_part_recipient(s, &s->item->message, &s->scene->owner, 1);
    lab_slot_clear(&t);
}
