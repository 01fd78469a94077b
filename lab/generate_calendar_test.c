#include <string.h>

#include "base/check.h"
#include "lab/calendar.h"
#include "lab/fts_read.h"
#include "lab/fts_write.h"
#include "lab/mapi_tags.h"
#include "lab/occurrence.h"
#include "lab/sketch_fixture.h"

#define MINUTE RECUR_MINUTE_US

static const struct mapi_prop *named(const struct mapi_item *item, uint32_t id)
{
    return mapi_find_id(&item->message.props, PSETID_APPOINTMENT, id);
}

/* ---- time zones ------------------------------------------------------ */

/* One of each hemisphere, and without daylight time, among a few dozen. */
static void test_zones(void)
{
    struct lab_scene scene;
    unsigned int northern = 0, southern = 0, neither = 0;

    scene_init(&scene, 1);
    for (uint64_t seed = 0; seed < 60; seed++) {
        g_autoptr(mapi_item) item = sketched(&scene, lab_kind_series, seed);
        const struct mapi_prop *p = named(item, LID_ZONE_STRUCT);
        struct tz_rule rule;

        g_assert_cmpuint(p->size, ==, 48);
        g_assert_cmpint(timezone_struct_read(p->data, p->size, &rule), ==, 0);
        northern += rule.daylight.month != 0 &&
                    rule.daylight.month < rule.standard.month;
        southern += rule.daylight.month > rule.standard.month;
        neither += rule.daylight.month == 0;
    }
    g_assert_cmpuint(northern, >, 10);
    g_assert_cmpuint(southern, >, 2);
    g_assert_cmpuint(neither, >, 5);
    scene_clear(&scene);
}

/* [MS-OXOCAL] 2.2.1.41: sizes in it must agree with what is there. */
static void test_zone_definition(void)
{
    struct lab_scene scene;

    scene_init(&scene, 1);
    for (uint64_t seed = 0; seed < 40; seed++) {
        g_autoptr(mapi_item) item =
            sketched(&scene, lab_kind_appointment, seed);
        struct cursor c = cursor_of(named(item, 0x825E));
        uint32_t header, key, rules;

        g_assert_cmphex(take(&c, 2), ==, 0x0102);
        header = take(&c, 2);
        g_assert_cmphex(take(&c, 2), ==, 2);
        key = take(&c, 2);
        g_assert_cmpuint(header, ==, 2 + 2 + 2 * key + 2);
        skip(&c, 2 * (size_t)key);
        rules = take(&c, 2);
        g_assert_cmpuint(rules, >=, 1);
        for (uint32_t i = 0; i < rules; i++) {
            g_assert_cmphex(take(&c, 2), ==, 0x0102);
            g_assert_cmphex(take(&c, 2), ==, 0x3E);
            skip(&c, 0x3E);
        }
        g_assert_true(c.at == c.end);
    }
    scene_clear(&scene);
}

/* ---- slots ----------------------------------------------------------- */

static bool at_midnight(const struct timezone_info *tz, int64_t us)
{
    return recur_minutes(timezone_to_local(tz, us)) % RECUR_DAY == 0;
}

static void test_slots(void)
{
    struct lab_scene scene;
    unsigned int all_day = 0, days = 0, online = 0, private = 0;

    scene_init(&scene, 1);
    for (uint64_t seed = 0; seed < 200; seed++) {
        g_autoptr(mapi_item) item =
            sketched(&scene, lab_kind_appointment, seed);
        const struct mapi_props *props = &item->message.props;
        int64_t start = calendar_start(props), end = calendar_end(props);
        int32_t minutes = mapi_get_i32(named(item, 0x8213), -1);
        g_auto(timezone_info) tz = { 0 };

        calendar_zone(props, &tz);
        g_assert_cmpstr(tz.id, !=, "");
        g_assert_cmpint(start, <, end);
        g_assert_cmpint(minutes, ==, (end - start) / MINUTE);
        g_assert_cmpint(mapi_get_time(mapi_find(props, 0x0060)), ==, start);
        g_assert_cmpint(mapi_get_time(mapi_find(props, 0x0061)), ==, end);
        if (mapi_get_bool(named(item, 0x8215), false)) {
            all_day++;
            g_assert_true(at_midnight(&tz, start) && at_midnight(&tz, end));
        } else {
            days += minutes > 1440;
        }
        online += mapi_get_bool(named(item, LID_ONLINE), false);
        private += mapi_get_i32(mapi_find(props, 0x0036), 0) == 2;
    }
    g_assert_cmpuint(all_day, >, 5);
    g_assert_cmpuint(all_day, <, 60);
    g_assert_cmpuint(days, >, 3);
    g_assert_cmpuint(online, >, 5);
    g_assert_cmpuint(private, >, 2);
    scene_clear(&scene);
}

/* ---- meetings -------------------------------------------------------- */

static const struct mapi_prop *meeting(const struct mapi_item *item,
                                       uint32_t id)
{
    return mapi_find_id(&item->message.props, PSETID_MEETING, id);
}

static void test_global_ids(void)
{
    static const uint8_t head[16] = { 0x04, 0,    0,    0,    0x82, 0,
                                      0xE0, 0,    0x74, 0xC5, 0xB7, 0x10,
                                      0x1A, 0x82, 0xE0, 0x08 };
    static const lab_kind_fn kinds[] = { lab_kind_appointment, lab_kind_series,
                                         lab_kind_meeting, lab_kind_request,
                                         lab_kind_response };
    struct lab_scene scene;

    scene_init(&scene, 1);
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        g_autoptr(mapi_item) item = sketched(&scene, kinds[i], 7);
        g_autoptr(mapi_item) other = sketched(&scene, kinds[i], 8);
        const struct mapi_prop *id = meeting(item, 0x0003);
        const struct mapi_prop *clean = meeting(item, 0x0023);

        g_assert_cmpuint(id->size, ==, 56);
        g_assert_true(memcmp(id->data, head, sizeof(head)) == 0);
        g_assert_cmpint(id->data[36], ==, 16);
        g_assert_true(memcmp(id->data, clean->data, 56) == 0);
        g_assert_true(memcmp(id->data, meeting(other, 0x0003)->data, 56) != 0);
    }
    scene_clear(&scene);
}

static void test_who_organises(void)
{
    struct lab_scene scene;
    unsigned int mine = 0, theirs = 0;

    scene_init(&scene, 1);
    for (uint64_t seed = 0; seed < 60; seed++) {
        g_autoptr(mapi_item) item = sketched(&scene, lab_kind_meeting, seed);
        int32_t state = mapi_get_i32(named(item, 0x8217), -1);
        int32_t response = mapi_get_i32(named(item, 0x8218), -1);
        g_autofree char *organiser =
            mapi_dup_text(mapi_find(&item->message.props, 0x5D02));
        bool own = strcmp(organiser, "ann@corp.example") == 0;

        g_assert_true(state == 1 || state == 3);
        /* asfReceived is for what another organises */
        g_assert_true(own == (state == 1));
        g_assert_cmpint(response, ==, state);
        g_assert_cmpuint(item->message.n_recipients, >=, 2);
        mine += own;
        theirs += !own;
    }
    g_assert_cmpuint(mine, >, 10);
    g_assert_cmpuint(theirs, >, 10);
    scene_clear(&scene);
}

static void test_classes(void)
{
    /* clang-format off */
    static const struct {
        const char *name;
        lab_kind_fn make;
        const char *prefix;
    } rows[] = {
        { "appointment", lab_kind_appointment, "IPM.Appointment" },
        { "series", lab_kind_series, "IPM.Appointment" },
        { "meeting", lab_kind_meeting, "IPM.Appointment" },
        { "request", lab_kind_request, "IPM.Schedule.Meeting.Request" },
        { "response", lab_kind_response, "IPM.Schedule.Meeting." },
    };
    /* clang-format on */
    struct lab_scene scene;

    scene_init(&scene, 1);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(mapi_item) item = sketched(&scene, rows[i].make, 3);
        g_autofree char *item_class =
            mapi_dup_text(mapi_find(&item->message.props, 0x001A));

        CHECK_ROW(rows[i].name, g_str_has_prefix(item_class, rows[i].prefix));
        CHECK_ROW(rows[i].name,
                  mapi_find(&item->message.props, 0x1009) != NULL);
    }
    scene_clear(&scene);
}

/* Where the owner organises, some have answered. */
static void test_answers(void)
{
    struct lab_scene scene;
    unsigned int accepted = 0, declined = 0, silent = 0;

    scene_init(&scene, 1);
    for (uint64_t seed = 0; seed < 60; seed++) {
        g_autoptr(mapi_item) item = sketched(&scene, lab_kind_meeting, seed);

        for (size_t i = 0; i < item->message.n_recipients; i++) {
            const struct mapi_props *r = &item->message.recipients[i];
            int32_t status = mapi_get_i32(mapi_find(r, 0x5FFF), -1);
            int64_t when = mapi_get_time(mapi_find(r, 0x5FFB));

            g_assert_true((status == 0) == (when == TIMESTAMP_NONE));
            accepted += status == RESPONSE_ACCEPTED;
            declined += status == RESPONSE_DECLINED;
            silent += status == RESPONSE_NONE;
        }
    }
    g_assert_cmpuint(accepted, >, 10);
    g_assert_cmpuint(declined, >, 5);
    g_assert_cmpuint(silent, >, 10);
    scene_clear(&scene);
}

/* ---- series ---------------------------------------------------------- */

/* The master's own times are those of its first occurrence. */
static void check_master(const struct mapi_item *item, const struct series *s)
{
    const struct mapi_props *props = &item->message.props;
    const struct recurrence *r = &s->recur;
    struct recur_walk w;
    uint32_t date = 0;

    g_assert_true(mapi_get_bool(named(item, LID_RECURRING), false));
    g_assert_cmpint(calendar_start(props), ==,
                    series_utc(s, r->start_date + r->start_offset));
    g_assert_cmpint(calendar_end(props) - calendar_start(props), ==,
                    60 * MINUTE);
    g_assert_cmpint(mapi_get_time(named(item, LID_CLIP_START)), ==,
                    series_utc(s, r->start_date));
    recur_walk_init(&w, r);
    g_assert_true(recur_walk_next(&w, &date));
    g_assert_cmpuint(date, ==, r->start_date);
}

static bool has_date(const GArray *dates, uint32_t date)
{
    for (guint i = 0; i < dates->len; i++)
        if (g_array_index(dates, uint32_t, i) == date)
            return true;
    return false;
}

/* The blob, the attachments and what is seen say the same. */
static void check_exceptions(const struct mapi_item *item,
                             const struct series *s)
{
    const struct recurrence *r = &s->recur;
    size_t hidden = 0;

    g_assert_cmpuint(r->exceptions->len, >=, 1);
    g_assert_cmpuint(r->modified->len, ==, r->exceptions->len);
    for (guint i = 0; i < r->exceptions->len; i++) {
        const struct recur_exception *e =
            &g_array_index(r->exceptions, struct recur_exception, i);
        uint32_t date = e->original - e->original % RECUR_DAY;
        const struct mapi_attachment *a =
            occurrence_attachment(&item->message, s, date);

        g_assert_true(has_date(r->deleted, date));
        g_assert_nonnull(a);
        g_assert_cmpint(mapi_get_time(mapi_find(&a->props, 0x7FFB)), ==,
                        recur_us(e->start));
        g_assert_cmpint(calendar_start(&a->embedded->props), ==,
                        series_utc(s, e->start));
        g_assert_true(mapi_get_bool(mapi_find(&a->props, 0x7FFE), false));
    }
    for (size_t i = 0; i < item->message.n_attachments; i++)
        hidden += occurrence_is_exception(&item->message.attachments[i]);
    g_assert_cmpuint(hidden, ==, r->exceptions->len);
}

struct seen {
    unsigned int types[5], endless, deleted, retitled, files, meetings;
};

static void note(const struct mapi_item *item, const struct series *s,
                 struct seen *seen)
{
    const struct recurrence *r = &s->recur;

    g_assert_cmpuint(r->type, <, G_N_ELEMENTS(seen->types));
    seen->types[r->type]++;
    seen->endless += r->end_type == RECUR_NEVER;
    seen->deleted += r->deleted->len > r->exceptions->len;
    seen->meetings += item->message.n_recipients > 0;
    for (guint i = 0; i < r->exceptions->len; i++) {
        uint16_t flags =
            g_array_index(r->exceptions, struct recur_exception, i).overrides;

        seen->retitled += (flags & RECUR_SUBJECT) != 0;
        seen->files += (flags & RECUR_ATTACHMENT) != 0;
    }
}

static void test_series(void)
{
    struct lab_scene scene;
    struct seen seen = { 0 };

    scene_init(&scene, 1);
    for (uint64_t seed = 0; seed < 200; seed++) {
        g_autoptr(mapi_item) item = sketched(&scene, lab_kind_series, seed);
        g_auto(series) s = { 0 };

        g_assert_true(series_read(&item->message.props, &s));
        check_master(item, &s);
        check_exceptions(item, &s);
        note(item, &s, &seen);
    }
    g_assert_cmpuint(seen.types[RECUR_DAY_TYPE], >, 10);
    g_assert_cmpuint(seen.types[RECUR_WEEK], >, 60);
    g_assert_cmpuint(seen.types[RECUR_MONTH], >, 15);
    g_assert_cmpuint(seen.types[RECUR_MONTH_NTH], >, 10);
    g_assert_cmpuint(seen.endless, >, 20);
    g_assert_cmpuint(seen.deleted, >, 40);
    g_assert_cmpuint(seen.retitled, >, 20);
    g_assert_cmpuint(seen.files, >, 20);
    g_assert_cmpuint(seen.meetings, >, 30);
    scene_clear(&scene);
}

/* A stream of it reads to the same series: nothing depends on the tree. */
static void test_series_as_stream(void)
{
    struct lab_scene scene;
    struct lab_profile profile = { .version = { 0x0F01, 1, 1 },
                                   .buffer_bytes = 31000,
                                   .codepage_text = true };

    scene_init(&scene, 1);
    for (uint64_t seed = 0; seed < 20; seed++) {
        g_autoptr(mapi_item) item = sketched(&scene, lab_kind_series, seed);
        g_autoptr(GBytes) stream = lab_fts_write(item, &profile);
        g_autoptr(mapi_item) again = NULL;
        g_auto(series) s = { 0 };
        struct err err;
        gsize n = 0;
        const void *data = g_bytes_get_data(stream, &n);

        CHECK_OK(lab_fts_read(data, n, &again, &err), &err);
        g_assert_true(series_read(&again->message.props, &s));
        check_exceptions(again, &s);
    }
    scene_clear(&scene);
}

static void test_tasks(void)
{
    struct lab_scene scene;
    unsigned int recurring = 0, again = 0;

    scene_init(&scene, 1);
    for (uint64_t seed = 0; seed < 200; seed++) {
        g_autoptr(mapi_item) item = sketched(&scene, lab_kind_task, seed);
        const struct mapi_props *props = &item->message.props;
        const struct mapi_prop *p = mapi_find_id(props, PSETID_TASK, 0x8116);
        g_auto(recurrence) r = { 0 };

        g_assert_true(mapi_get_bool(mapi_find_id(props, PSETID_TASK, 0x8126),
                                    false) == (p != NULL));
        if (p == NULL)
            continue;
        g_assert_cmpint(recurrence_read(p->data, p->size, &r), ==, 0);
        g_assert_false(r.appointment);
        recurring++;
        again += r.sliding != 0;
    }
    g_assert_cmpuint(recurring, >, 25);
    g_assert_cmpuint(again, >, 0);
    scene_clear(&scene);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/generate-calendar/zones", test_zones);
    g_test_add_func("/generate-calendar/zone-definition", test_zone_definition);
    g_test_add_func("/generate-calendar/slots", test_slots);
    g_test_add_func("/generate-calendar/global-ids", test_global_ids);
    g_test_add_func("/generate-calendar/organiser", test_who_organises);
    g_test_add_func("/generate-calendar/classes", test_classes);
    g_test_add_func("/generate-calendar/answers", test_answers);
    g_test_add_func("/generate-calendar/series", test_series);
    g_test_add_func("/generate-calendar/stream", test_series_as_stream);
    g_test_add_func("/generate-calendar/tasks", test_tasks);
    return g_test_run();
}
