#include "lab/calendar.h"

#include <string.h>

#include "base/time_testing.h"

/* ---- ids of meetings ------------------------------------------------- */

static char *uid_of(const struct mapi_item *item)
{
    return calendar_uid(
        mapi_find_id(&item->message.props, PSETID_MEETING, LID_GLOBAL_ID));
}

/* The first is that of [MS-OXOCAL] 4.1.3, the second one of a CalDAV client. */
static void test_uids(void)
{
    static const char *const uids[] = {
        "040000008200E00074C5B7101A82E0080000000090B3EE3EB8DBC60100000000000000"
        "00"
        "10000000B2F4F8DA8E48DC4CB1D6B3B3F9C0B6F7",
        "f960ccdf-4384-4d4b-9b0a-6b6d7f4ad3c5@example.com",
        "040000008200E00074C5B7101A82E008", /* too short to be Outlook's */
        "Größe ☺",
    };

    for (size_t i = 0; i < G_N_ELEMENTS(uids); i++) {
        g_autoptr(mapi_item) item = mapi_item_new();
        g_autofree char *uid = NULL;

        calendar_set_uid(item, &item->message.props, uids[i]);
        uid = uid_of(item);
        g_assert_cmpstr(uid, ==, uids[i]);
    }
}

/* [MS-OXCICAL] 2.1.3.1.1.20.26: how another calendar's UID is kept. */
static void test_wrapped(void)
{
    g_autoptr(mapi_item) item = mapi_item_new();
    const struct mapi_prop *p;

    calendar_set_uid(item, &item->message.props, "abc");
    p = mapi_find_id(&item->message.props, PSETID_MEETING, LID_CLEAN_GLOBAL_ID);
    g_assert_cmpuint(p->size, ==, 40 + 12 + 3 + 1);
    g_assert_cmpuint(p->data[36], ==, 12 + 3 + 1);
    g_assert_true(memcmp(p->data + 40, "vCal-Uid\x01\0\0\0abc", 16) == 0);
}

static void test_dated(void)
{
    g_autoptr(mapi_item) item = mapi_item_new();
    struct mapi_props *props = &item->message.props;
    g_autofree char *before = NULL, *after = NULL;
    const struct mapi_prop *p;

    calendar_give_uid(item, props);
    before = uid_of(item);
    calendar_date_uid(item, props, recur_date(2024, 2, 29));
    p = mapi_find_id(props, PSETID_MEETING, LID_GLOBAL_ID);
    g_assert_cmpuint(p->data[16], ==, 2024 >> 8);
    g_assert_cmpuint(p->data[17], ==, 2024 & 0xFF);
    g_assert_cmpuint(p->data[18], ==, 2);
    g_assert_cmpuint(p->data[19], ==, 29);
    /* the UID is that of the series */
    after = uid_of(item);
    g_assert_cmpstr(before, ==, after);
    calendar_give_uid(item, props);
    g_assert_cmpuint(
        mapi_find_id(props, PSETID_MEETING, LID_GLOBAL_ID)->data[19], ==, 29);
}

static void test_no_uid(void)
{
    g_autoptr(mapi_item) item = mapi_item_new();

    g_assert_null(calendar_uid(NULL));
    mapi_set(item, &item->message.props,
             mapi_named_id(item, PSETID_MEETING, LID_GLOBAL_ID, PT_BINARY), "",
             0);
    g_assert_null(uid_of(item));
}

/* ---- spans and zones ------------------------------------------------- */

static void test_span(void)
{
    g_autoptr(mapi_item) item = mapi_item_new();
    struct mapi_props *props = &item->message.props;
    int64_t start = time_of("2024-07-01T09:00:00Z");

    g_assert_cmpint(calendar_start(props), ==, TIMESTAMP_NONE);
    mapi_set_time(item, props, PR_START_DATE, start);
    g_assert_cmpint(calendar_start(props), ==, start);
    calendar_set_span(item, props, start, start + 90 * RECUR_MINUTE_US);
    g_assert_cmpint(mapi_get_i32(calendar_find(props, LID_DURATION), 0), ==,
                    90);
    g_assert_cmpint(mapi_get_time(mapi_find(props, PROP_ID(PR_END_DATE))), ==,
                    calendar_end(props));
    g_assert_cmpint(
        mapi_get_time(mapi_find_id(props, PSETID_COMMON, LID_PANE_START)), ==,
        start);
}

static void test_zones(void)
{
    g_autoptr(mapi_item) item = mapi_item_new();
    struct mapi_props *props = &item->message.props;
    g_auto(timezone_info) berlin = { 0 };
    g_auto(timezone_info) tokyo = { 0 };
    g_auto(timezone_info) found = { 0 };
    g_auto(timezone_info) end = { 0 };
    g_autofree char *text = NULL;

    calendar_zone(props, &found);
    g_assert_cmpstr(found.id, ==, "UTC");
    timezone_clear(&found);
    g_assert_true(timezone_find("W. Europe Standard Time", &berlin));
    g_assert_true(timezone_find("Tokyo Standard Time", &tokyo));
    calendar_set_span(item, props, time_of("2024-07-01T09:00:00Z"),
                      time_of("2024-07-01T10:00:00Z"));
    calendar_set_zones(item, props, &berlin, &tokyo);
    calendar_zone(props, &found);
    g_assert_cmpstr(found.id, ==, "W. Europe Standard Time");
    g_assert_true(calendar_zone_of(props, LID_ZONE_END, &end));
    g_assert_cmpstr(end.id, ==, "Tokyo Standard Time");
    text = mapi_dup_text(calendar_find(props, LID_ZONE_DESCRIPTION));
    g_assert_nonnull(strstr(text, "Berlin"));
}

/* A series of an old client has PidLidTimeZoneStruct alone. */
static void test_old_zone(void)
{
    g_autoptr(mapi_item) item = mapi_item_new();
    struct mapi_props *props = &item->message.props;
    g_auto(timezone_info) sydney = { 0 };
    g_auto(timezone_info) found = { 0 };

    g_assert_true(timezone_find("AUS Eastern Standard Time", &sydney));
    calendar_set_span(item, props, time_of("2024-07-01T09:00:00Z"),
                      time_of("2024-07-01T10:00:00Z"));
    calendar_set_blob(item, props, LID_ZONE_STRUCT,
                      timezone_struct_write(timezone_rule(&sydney, 2024)));
    calendar_zone(props, &found);
    g_assert_cmpstr(found.id, ==, "AUS Eastern Standard Time");
    g_assert_cmpint(timezone_bias(&found, time_of("2024-01-01T00:00:00Z")), ==,
                    -660);
}

/* ---- series ---------------------------------------------------------- */

static void make_series(struct series *s)
{
    g_assert_true(timezone_find("W. Europe Standard Time", &s->zone));
    recurrence_init(&s->recur);
    s->recur.frequency = RECUR_WEEKLY;
    s->recur.type = RECUR_WEEK;
    s->recur.period = 1;
    s->recur.days = 1 << 2;
    s->recur.start_date = recur_date(2024, 3, 19);
    s->recur.end_type = RECUR_BY_COUNT;
    s->recur.count = 4;
    s->recur.appointment = true;
    s->recur.start_offset = 9 * 60;
    s->recur.end_offset = 10 * 60;
    recurrence_anchor(&s->recur);
}

/* Nine o'clock in Berlin, before and after the clocks go forward. */
static void test_series(void)
{
    static const char *const starts[] = {
        "2024-03-19T08:00:00Z",
        "2024-03-26T08:00:00Z",
        "2024-04-02T07:00:00Z",
        "2024-04-09T07:00:00Z",
    };
    g_autoptr(mapi_item) item = mapi_item_new();
    struct mapi_props *props = &item->message.props;
    g_auto(series) s = { 0 };
    g_auto(series) again = { 0 };
    GArray *found;

    g_assert_false(series_read(props, &again));
    make_series(&s);
    series_write(item, props, &s);
    g_assert_true(series_read(props, &again));
    g_assert_cmpstr(again.zone.id, ==, "W. Europe Standard Time");
    found = series_expand(&again, time_of("2024-01-01T00:00:00Z"),
                          time_of("2025-01-01T00:00:00Z"), 100);
    g_assert_cmpuint(found->len, ==, 4);
    for (guint i = 0; i < found->len; i++)
        g_assert_cmpint(
            series_utc(&again,
                       g_array_index(found, struct occurrence, i).start),
            ==, time_of(starts[i]));
    g_array_unref(found);
    g_assert_cmpint(mapi_get_i32(calendar_find(props, LID_RECURRENCE_TYPE), 0),
                    ==, 2);
    g_assert_cmpint(mapi_get_time(calendar_find(props, LID_CLIP_START)), ==,
                    time_of("2024-03-18T23:00:00Z"));
    g_assert_cmpint(mapi_get_time(calendar_find(props, LID_CLIP_END)), ==,
                    time_of("2024-04-08T22:00:00Z"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/calendar/uids", test_uids);
    g_test_add_func("/calendar/wrapped", test_wrapped);
    g_test_add_func("/calendar/dated", test_dated);
    g_test_add_func("/calendar/no-uid", test_no_uid);
    g_test_add_func("/calendar/span", test_span);
    g_test_add_func("/calendar/zones", test_zones);
    g_test_add_func("/calendar/old-zone", test_old_zone);
    g_test_add_func("/calendar/series", test_series);
    return g_test_run();
}
