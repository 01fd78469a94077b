#include <string.h>

#include "base/check.h"
#include "lab/mapi_tags.h"
#include "lab/sketch_fixture.h"

#define MINUTE (INT64_C(60) * TIMESTAMP_SECOND)
/* Minutes from 1601 to 1970: 369 years, 89 of them leap years. */
#define MINUTES_1970 ((INT64_C(369) * 365 + 89) * 1440)

static const struct mapi_prop *named(const struct mapi_item *item, uint32_t id)
{
    return mapi_find_id(&item->message.props, PSETID_APPOINTMENT, id);
}

/* ---- time zones ------------------------------------------------------ */

static void test_zone_struct(void)
{
    struct lab_scene scene;

    scene_init(&scene, 1);
    for (uint64_t seed = 0; seed < 40; seed++) {
        g_autoptr(mapi_item) item = sketched(&scene, lab_kind_series, seed);
        struct cursor c = cursor_of(named(item, 0x8233));
        int32_t bias = (int32_t)take(&c, 4);
        int32_t summer;
        uint32_t month;

        g_assert_true(bias == -60 || bias == 480 || bias == -540 ||
                      bias == -330);
        g_assert_cmpint((int32_t)take(&c, 4), ==, 0);
        summer = (int32_t)take(&c, 4);
        skip(&c, 2 + 2);
        month = take(&c, 2);
        g_assert_true((month != 0) == (summer == -60));
        skip(&c, 12 + 2 + 16);
        g_assert_true(c.at == c.end);
    }
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
        uint32_t header, key;

        g_assert_cmphex(take(&c, 2), ==, 0x0102);
        header = take(&c, 2);
        g_assert_cmphex(take(&c, 2), ==, 2);
        key = take(&c, 2);
        g_assert_cmpuint(header, ==, 2 + 2 + 2 * key + 2);
        skip(&c, 2 * (size_t)key);
        g_assert_cmpuint(take(&c, 2), ==, 1);
        g_assert_cmphex(take(&c, 2), ==, 0x0102);
        g_assert_cmphex(take(&c, 2), ==, 0x3E);
        skip(&c, 0x3E);
        g_assert_true(c.at == c.end);
    }
    scene_clear(&scene);
}

/* ---- slots ----------------------------------------------------------- */

static void test_slots(void)
{
    struct lab_scene scene;
    unsigned int all_day = 0;

    scene_init(&scene, 1);
    for (uint64_t seed = 0; seed < 200; seed++) {
        g_autoptr(mapi_item) item =
            sketched(&scene, lab_kind_appointment, seed);
        int64_t start = mapi_get_time(named(item, 0x820D));
        int64_t end = mapi_get_time(named(item, 0x820E));
        int32_t minutes = mapi_get_i32(named(item, 0x8213), -1);
        const struct mapi_prop *zone = named(item, 0x825E);

        g_assert_nonnull(zone);
        g_assert_cmpint(start, <, end);
        g_assert_cmpint(minutes, ==, (end - start) / MINUTE);
        g_assert_cmpint(mapi_get_time(mapi_find(&item->message.props, 0x0060)),
                        ==, start);
        g_assert_cmpint(mapi_get_time(mapi_find(&item->message.props, 0x0061)),
                        ==, end);
        if (mapi_get_bool(named(item, 0x8215), false)) {
            all_day++;
            g_assert_cmpint(minutes % 1440, ==, 0);
        }
    }
    g_assert_cmpuint(all_day, >, 5);
    g_assert_cmpuint(all_day, <, 60);
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

/* ---- series ---------------------------------------------------------- */

struct pattern {
    uint32_t frequency, type, first, period, days, end_type, count;
    uint32_t deleted[8], n_deleted, modified[8], n_modified;
    uint32_t start, end, from, to;
};

static void read_dates(struct cursor *c, uint32_t *dates, uint32_t *ret_n)
{
    *ret_n = take(c, 4);
    g_assert_cmpuint(*ret_n, <=, 8);
    for (uint32_t i = 0; i < *ret_n; i++) {
        dates[i] = take(c, 4);
        g_assert_cmpuint(dates[i] % 1440, ==, 0);
        g_assert_true(i == 0 || dates[i] > dates[i - 1]);
    }
}

/* By the letter of [MS-OXOCAL] 2.2.1.44.1. */
static void read_pattern(struct cursor *c, struct pattern *p)
{
    g_assert_cmphex(take(c, 4), ==, 0x30043004);
    p->frequency = take(c, 2);
    p->type = take(c, 2);
    g_assert_cmpuint(take(c, 2), ==, 0);
    p->first = take(c, 4);
    p->period = take(c, 4);
    g_assert_cmpuint(take(c, 4), ==, 0);
    if (p->type == 1)
        p->days = take(c, 4);
    p->end_type = take(c, 4);
    p->count = take(c, 4);
    g_assert_cmpuint(take(c, 4), ==, 0);
    read_dates(c, p->deleted, &p->n_deleted);
    read_dates(c, p->modified, &p->n_modified);
    p->start = take(c, 4);
    p->end = take(c, 4);
    g_assert_cmphex(take(c, 4), ==, 0x3006);
    g_assert_cmphex(take(c, 4), ==, 0x3009);
    p->from = take(c, 4);
    p->to = take(c, 4);
}

/* Does an instance lie on that day, by the rule alone? */
static bool in_pattern(const struct pattern *p, uint32_t day)
{
    uint32_t step = p->type == 1 ? p->period * 10080 : p->period;

    return day >= p->start && day <= p->end && (day - p->start) % step == 0;
}

static void check_pattern(const struct pattern *p, const struct mapi_item *item)
{
    uint32_t bias_shifted =
        (uint32_t)(mapi_get_time(named(item, 0x820D)) / MINUTE + MINUTES_1970);
    struct cursor zone = cursor_of(named(item, 0x8233));
    uint32_t local = bias_shifted - take(&zone, 4);

    g_assert_cmpuint(p->start, ==, local / 1440 * 1440);
    g_assert_cmpuint(p->from, ==, local % 1440);
    g_assert_cmpuint(p->to - p->from, ==, 60);
    if (p->type == 1) {
        g_assert_cmphex(p->frequency, ==, 0x200B);
        /* 1601-01-01 was a Monday, bit 1 */
        g_assert_cmphex(p->days, ==, 1u << (p->start / 1440 + 1) % 7);
        g_assert_cmpuint(p->first, <, p->period * 10080);
    } else {
        g_assert_cmphex(p->frequency, ==, 0x200A);
        g_assert_cmpuint(p->period % 1440, ==, 0);
        g_assert_cmpuint(p->first, ==, p->start % p->period);
    }
    if (p->end_type == 0x2023)
        g_assert_cmphex(p->end, ==, 0x5AE980DF);
    else
        g_assert_cmphex(p->end_type, ==, 0x2022);
}

static void check_instances(const struct pattern *p)
{
    g_assert_cmpuint(p->n_modified, >=, 1);
    g_assert_cmpuint(p->n_modified, <=, p->n_deleted);
    for (uint32_t i = 0; i < p->n_deleted; i++)
        g_assert_true(in_pattern(p, p->deleted[i]));
    /* what is changed is one of what is taken out */
    for (uint32_t i = 0; i < p->n_modified; i++) {
        bool found = false;

        for (uint32_t j = 0; j < p->n_deleted; j++)
            found = found || p->deleted[j] == p->modified[i];
        g_assert_true(found);
    }
}

/* The exceptions inside say the same as the blob. */
static void check_exceptions(struct cursor *c, const struct pattern *p,
                             const struct mapi_item *item)
{
    struct cursor zone = cursor_of(named(item, 0x8233));
    uint32_t bias = take(&zone, 4);

    g_assert_cmpuint(take(c, 2), ==, p->n_modified);
    g_assert_cmpuint(item->message.n_attachments, ==, p->n_modified);
    for (uint32_t i = 0; i < p->n_modified; i++) {
        const struct mapi_attachment *a = &item->message.attachments[i];
        uint32_t start = take(c, 4), end = take(c, 4), original = take(c, 4);
        int64_t inside = mapi_get_time(mapi_find(&a->props, 0x7FFB));
        const struct mapi_prop *replaces =
            mapi_find_id(&a->embedded->props, PSETID_APPOINTMENT, 0x8228);

        g_assert_cmpuint(start, ==,
                         (uint32_t)(inside / MINUTE + MINUTES_1970) - bias);
        g_assert_cmpuint(end - start, ==, p->to - p->from);
        g_assert_cmpuint(original, ==, p->modified[i] + p->from);
        g_assert_cmpuint(
            original, ==,
            (uint32_t)(mapi_get_time(replaces) / MINUTE + MINUTES_1970) - bias);
        g_assert_true(mapi_get_bool(mapi_find(&a->props, 0x7FFE), false));
        if (take(c, 2) != 0) {
            skip(c, 2);
            skip(c, take(c, 2));
        }
    }
}

static void test_series(void)
{
    struct lab_scene scene;
    unsigned int weekly = 0, daily = 0, endless = 0;

    scene_init(&scene, 1);
    for (uint64_t seed = 0; seed < 120; seed++) {
        g_autoptr(mapi_item) item = sketched(&scene, lab_kind_series, seed);
        struct cursor c = cursor_of(named(item, 0x8216));
        struct pattern p = { 0 };

        read_pattern(&c, &p);
        check_pattern(&p, item);
        check_instances(&p);
        check_exceptions(&c, &p, item);
        g_assert_true(mapi_get_bool(named(item, 0x8223), false));
        weekly += p.type == 1;
        daily += p.type == 0;
        endless += p.end_type == 0x2023;
    }
    g_assert_cmpuint(weekly, >, 50);
    g_assert_cmpuint(daily, >, 15);
    g_assert_cmpuint(endless, >, 8);
    scene_clear(&scene);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/generate-calendar/zone-struct", test_zone_struct);
    g_test_add_func("/generate-calendar/zone-definition", test_zone_definition);
    g_test_add_func("/generate-calendar/slots", test_slots);
    g_test_add_func("/generate-calendar/global-ids", test_global_ids);
    g_test_add_func("/generate-calendar/organiser", test_who_organises);
    g_test_add_func("/generate-calendar/classes", test_classes);
    g_test_add_func("/generate-calendar/series", test_series);
    return g_test_run();
}
