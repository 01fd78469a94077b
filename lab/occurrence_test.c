#include "lab/occurrence.h"

#include <string.h>

#include "base/check.h"

/* Mondays at nine in New York from 2024-10-21, six times; DST ends 11-03. */
static struct mapi_item *make_master(void)
{
    struct mapi_item *item = mapi_item_new();
    struct mapi_props *props = &item->message.props;
    g_auto(series) s = { 0 };
    struct mapi_attachment *a;

    g_assert_true(timezone_find("Eastern Standard Time", &s.zone));
    recurrence_init(&s.recur);
    s.recur.frequency = RECUR_WEEKLY;
    s.recur.type = RECUR_WEEK;
    s.recur.period = 1;
    s.recur.days = 1 << 1;
    s.recur.start_date = recur_date(2024, 10, 21);
    s.recur.end_type = RECUR_BY_COUNT;
    s.recur.count = 6;
    s.recur.appointment = true;
    s.recur.start_offset = 9 * 60;
    s.recur.end_offset = 10 * 60;
    recurrence_anchor(&s.recur);
    mapi_set_text(item, props, PR_MESSAGE_CLASS, "IPM.Appointment");
    mapi_set_text(item, props, PR_SUBJECT, "weekly");
    mapi_set_text(item, props, PR_BODY, "agenda");
    calendar_set_text(item, props, LID_LOCATION, "room 1");
    calendar_set_i32(item, props, LID_BUSY_STATUS, 2);
    calendar_set_span(item, props,
                      series_utc(&s, recur_date(2024, 10, 21) + 540),
                      series_utc(&s, recur_date(2024, 10, 21) + 600));
    calendar_set_zones(item, props, &s.zone, &s.zone);
    calendar_give_uid(item, props);
    series_write(item, props, &s);
    a = mapi_add_attachment(item, &item->message);
    mapi_set_text(item, &a->props, PR_ATTACH_LONG_FILENAME, "plan.txt");
    mapi_set(item, &a->props, PR_ATTACH_DATA_BIN, "plan", 4);
    return item;
}

static struct mapi_item *copied(const struct mapi_item *item)
{
    struct mapi_item *copy = mapi_item_new();

    occurrence_copy_message(copy, &copy->message, &item->message);
    return copy;
}

/* One occurrence as it is seen; NULL: there is none on that date. */
static struct mapi_item *composed(const struct mapi_item *master, uint32_t date)
{
    struct mapi_item *item = copied(master);
    g_auto(series) s = { 0 };
    struct occurrence o;
    bool deleted = false;

    g_assert_true(series_read(&item->message.props, &s));
    if (!recurrence_by_date(&s.recur, date, &o, &deleted) || deleted) {
        mapi_item_free(item);
        return NULL;
    }
    occurrence_compose(item, &s, &o);
    return item;
}

static char *subject_of(const struct mapi_item *item)
{
    return mapi_dup_text(mapi_find(&item->message.props, PROP_ID(PR_SUBJECT)));
}

static char *when(const struct mapi_item *item)
{
    return timestamp_format(calendar_start(&item->message.props));
}

static void test_compose(void)
{
    g_autoptr(mapi_item) master = make_master();
    g_autoptr(mapi_item) before = composed(master, recur_date(2024, 10, 28));
    g_autoptr(mapi_item) after = composed(master, recur_date(2024, 11, 4));
    g_autofree char *summer = when(before), *winter = when(after);
    g_autofree char *subject = subject_of(after);

    g_assert_cmpstr(summer, ==, "2024-10-28T13:00:00Z");
    g_assert_cmpstr(winter, ==, "2024-11-04T14:00:00Z");
    g_assert_cmpstr(subject, ==, "weekly");
    g_assert_null(calendar_find(&after->message.props, LID_RECUR));
    g_assert_cmpuint(after->message.n_attachments, ==, 1);
    g_assert_true(mapi_get_bool(
        mapi_find_id(&after->message.props, PSETID_MEETING, LID_IS_RECURRING),
        false));
    g_assert_false(mapi_get_bool(
        mapi_find_id(&after->message.props, PSETID_MEETING, LID_IS_EXCEPTION),
        true));
    g_assert_null(composed(master, recur_date(2024, 10, 29)));
}

/* Retitled, moved, with another place and body. */
static void change(struct mapi_item *edited)
{
    struct mapi_props *props = &edited->message.props;

    mapi_set_text(edited, props, PR_SUBJECT, "special ☺");
    mapi_set_text(edited, props, PR_BODY, "other agenda");
    calendar_set_text(edited, props, LID_LOCATION, "room 2");
    calendar_set_span(edited, props,
                      calendar_start(props) + 60 * RECUR_MINUTE_US,
                      calendar_end(props) + 120 * RECUR_MINUTE_US);
}

static void check_changed(const struct mapi_item *master, uint32_t date)
{
    g_autoptr(mapi_item) seen = composed(master, date);
    g_autofree char *subject = subject_of(seen), *start = when(seen);
    g_autofree char *body =
        mapi_dup_text(mapi_find(&seen->message.props, PROP_ID(PR_BODY)));
    g_autofree char *place =
        mapi_dup_text(calendar_find(&seen->message.props, LID_LOCATION));
    g_autofree char *item_class = mapi_dup_text(
        mapi_find(&seen->message.props, PROP_ID(PR_MESSAGE_CLASS)));

    g_assert_cmpstr(subject, ==, "special ☺");
    g_assert_cmpstr(start, ==, "2024-11-04T15:00:00Z");
    g_assert_cmpstr(body, ==, "other agenda");
    g_assert_cmpstr(place, ==, "room 2");
    g_assert_cmpstr(item_class, ==, "IPM.Appointment");
    g_assert_true(mapi_get_bool(
        mapi_find_id(&seen->message.props, PSETID_MEETING, LID_IS_EXCEPTION),
        false));
    /* what it has not changed is its series' */
    g_assert_cmpuint(seen->message.n_attachments, ==, 1);
    g_assert_cmpint(
        mapi_get_i32(calendar_find(&seen->message.props, LID_BUSY_STATUS), 0),
        ==, 2);
}

static void test_change(void)
{
    g_autoptr(mapi_item) master = make_master();
    uint32_t date = recur_date(2024, 11, 4);
    g_autoptr(mapi_item) edited = composed(master, date);
    const struct mapi_attachment *a;
    g_auto(series) s = { 0 };
    const struct recur_exception *e;

    change(edited);
    g_assert_null(occurrence_store(master, date, edited));
    check_changed(master, date);
    g_assert_true(series_read(&master->message.props, &s));
    e = recurrence_exception(&s.recur, date);
    g_assert_cmphex(e->overrides, ==,
                    RECUR_SUBJECT | RECUR_LOCATION | RECUR_BODY);
    /* [MS-OXOCAL] 2.2.10.1: hidden, marked, in local time, and in UTC */
    a = occurrence_attachment(&master->message, &s, date);
    g_assert_true(mapi_get_bool(
        mapi_find(&a->props, PROP_ID(PR_ATTACHMENT_HIDDEN)), false));
    g_assert_cmpint(
        mapi_get_time(mapi_find(&a->props, PROP_ID(PR_EXCEPTION_STARTTIME))),
        ==, recur_us(date + 600));
    g_assert_cmpint(
        mapi_get_time(mapi_find(&a->props, PROP_ID(PR_EXCEPTION_REPLACETIME))),
        ==, series_utc(&s, date + 540));
    g_assert_cmpuint(master->message.n_attachments, ==, 2);
}

/* Changed again, it is still one exception; changed back, none is left. */
static void test_change_again(void)
{
    g_autoptr(mapi_item) master = make_master();
    uint32_t date = recur_date(2024, 11, 4);
    g_autoptr(mapi_item) first = composed(master, date);
    g_autoptr(mapi_item) second = NULL, seen = NULL;
    g_autofree char *subject = NULL;
    g_auto(series) s = { 0 };

    change(first);
    g_assert_null(occurrence_store(master, date, first));
    second = composed(master, date);
    mapi_set_text(second, &second->message.props, PR_SUBJECT, "weekly");
    g_assert_null(occurrence_store(master, date, second));
    g_assert_cmpuint(master->message.n_attachments, ==, 2);
    g_assert_true(series_read(&master->message.props, &s));
    g_assert_cmpuint(s.recur.exceptions->len, ==, 1);
    g_assert_cmphex(recurrence_exception(&s.recur, date)->overrides, ==,
                    RECUR_LOCATION | RECUR_BODY);
    seen = composed(master, date);
    subject = subject_of(seen);
    g_assert_cmpstr(subject, ==, "weekly");
}

static void test_attachments_and_people(void)
{
    g_autoptr(mapi_item) master = make_master();
    uint32_t date = recur_date(2024, 11, 11);
    g_autoptr(mapi_item) edited = composed(master, date);
    g_autoptr(mapi_item) seen = NULL, other = NULL;
    struct mapi_attachment *a = mapi_add_attachment(edited, &edited->message);
    struct mapi_props *r = mapi_add_recipient(edited, &edited->message);

    mapi_set_text(edited, &a->props, PR_ATTACH_LONG_FILENAME, "more.txt");
    mapi_set(edited, &a->props, PR_ATTACH_DATA_BIN, "more", 4);
    mapi_set_text(edited, r, PR_EMAIL_ADDRESS, "ann@corp.example");
    g_assert_null(occurrence_store(master, date, edited));
    seen = composed(master, date);
    other = composed(master, recur_date(2024, 11, 18));
    g_assert_cmpuint(seen->message.n_attachments, ==, 2);
    g_assert_cmpuint(seen->message.n_recipients, ==, 1);
    g_assert_cmpuint(other->message.n_attachments, ==, 1);
    g_assert_cmpuint(other->message.n_recipients, ==, 0);
}

static void test_delete(void)
{
    g_autoptr(mapi_item) master = make_master();
    uint32_t date = recur_date(2024, 11, 4);
    g_autoptr(mapi_item) edited = composed(master, date);

    change(edited);
    g_assert_null(occurrence_store(master, date, edited));
    g_assert_null(occurrence_delete(master, date));
    g_assert_null(composed(master, date));
    g_assert_cmpuint(master->message.n_attachments, ==, 1);
    g_assert_cmpstr(occurrence_delete(master, date), ==, "ErrorItemNotFound");
    g_assert_cmpstr(occurrence_store(master, date, edited), ==,
                    "ErrorItemNotFound");
}

/* [MS-OXOCAL] 3.1.4.6: not past, nor onto the day of, its neighbours. */
static void test_boundaries(void)
{
    /* clang-format off */
    static const struct {
        const char *name;
        int days;
        const char *code;
    } rows[] = {
        { "six days later", 6, NULL },
        { "onto the next", 7, "ErrorOccurrenceCrossingBoundary" },
        { "past the next", 8, "ErrorOccurrenceCrossingBoundary" },
        { "six days before", -6, NULL },
        { "onto the one before", -7, "ErrorOccurrenceCrossingBoundary" },
    };
    /* clang-format on */
    uint32_t date = recur_date(2024, 11, 11);

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(mapi_item) master = make_master();
        g_autoptr(mapi_item) edited = composed(master, date);
        struct mapi_props *props = &edited->message.props;
        int64_t shift = rows[i].days * (int64_t)RECUR_DAY * RECUR_MINUTE_US;

        calendar_set_span(edited, props, calendar_start(props) + shift,
                          calendar_end(props) + shift);
        CHECK_ROW(rows[i].name,
                  g_strcmp0(occurrence_store(master, date, edited),
                            rows[i].code) == 0);
    }
}

/* A deleted neighbour is none. */
static void test_boundary_of_deleted(void)
{
    g_autoptr(mapi_item) master = make_master();
    uint32_t date = recur_date(2024, 11, 11);
    g_autoptr(mapi_item) edited = composed(master, date);
    struct mapi_props *props = &edited->message.props;
    int64_t shift = 8 * (int64_t)RECUR_DAY * RECUR_MINUTE_US;

    g_assert_null(occurrence_delete(master, recur_date(2024, 11, 18)));
    calendar_set_span(edited, props, calendar_start(props) + shift,
                      calendar_end(props) + shift);
    g_assert_null(occurrence_store(master, date, edited));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/occurrence/compose", test_compose);
    g_test_add_func("/occurrence/change", test_change);
    g_test_add_func("/occurrence/change-again", test_change_again);
    g_test_add_func("/occurrence/attachments", test_attachments_and_people);
    g_test_add_func("/occurrence/delete", test_delete);
    g_test_add_func("/occurrence/boundaries", test_boundaries);
    g_test_add_func("/occurrence/boundary-of-deleted",
                    test_boundary_of_deleted);
    return g_test_run();
}
