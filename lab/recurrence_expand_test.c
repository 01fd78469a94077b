#include "lab/recurrence.h"

#include <string.h>

#include "base/check.h"

/*
 * Most rows are the examples of RFC 5545, 3.8.5.3, with the dates that it
 * gives for them; the others can be checked with a calendar.
 */
/* clang-format off */
static const struct row {
    const char *name;
    const char *start;
    uint16_t frequency, type;
    uint32_t period, days, day, nth, first_dow;
    uint32_t count;     /* 0: see until */
    const char *until;  /* NULL: never */
    const char *dates;  /* the first ones; "..." when more follow */
} rows[] = {
    { "daily, ten times", "1997-09-02", RECUR_DAILY, 0, 1440, 0, 0, 0, 0, 10,
      NULL, "09-02 09-03 09-04 09-05 09-06 09-07 09-08 09-09 09-10 09-11" },
    { "every other day", "1997-09-29", RECUR_DAILY, 0, 2880, 0, 0, 0, 0, 0,
      NULL, "09-29 10-01 10-03 10-05 ..." },
    { "every ten days, five times", "1997-09-02", RECUR_DAILY, 0, 14400, 0, 0,
      0, 0, 5, NULL, "09-02 09-12 09-22 10-02 10-12" },
    { "every weekday", "1997-09-05", RECUR_DAILY, 1, 1, 0x3E, 0, 0, 0, 0,
      "1997-09-12", "09-05 09-08 09-09 09-10 09-11 09-12" },
    { "weekly until Christmas", "1997-12-02", RECUR_WEEKLY, 1, 1, 0x04, 0, 0,
      0, 0, "1997-12-24", "12-02 12-09 12-16 12-23" },
    { "every other week on Monday, Wednesday and Friday", "1997-09-01",
      RECUR_WEEKLY, 1, 2, 0x2A, 0, 0, 0, 0, NULL,
      "09-01 09-03 09-05 09-15 09-17 09-19 09-29 10-01 10-03 10-13 ..." },
    { "every other week on Tuesday and Thursday, 8 times", "1997-09-02",
      RECUR_WEEKLY, 1, 2, 0x14, 0, 0, 0, 8, NULL,
      "09-02 09-04 09-16 09-18 09-30 10-02 10-14 10-16" },
    { "weeks that begin on Monday", "1997-08-05", RECUR_WEEKLY, 1, 2, 0x05, 0,
      0, 1, 4, NULL, "08-05 08-10 08-19 08-24" },
    { "weeks that begin on Sunday", "1997-08-05", RECUR_WEEKLY, 1, 2, 0x05, 0,
      0, 0, 4, NULL, "08-05 08-17 08-19 08-31" },
    { "the first Friday, ten times", "1997-09-05", RECUR_MONTHLY, 3, 1, 0x20,
      0, 1, 0, 10, NULL,
      "09-05 10-03 11-07 12-05 01-02 02-06 03-06 04-03 05-01 06-05" },
    { "the last of Monday to Friday", "1997-09-30", RECUR_MONTHLY, 3, 1, 0x3E,
      0, 5, 0, 4, NULL, "09-30 10-31 11-28 12-31" },
    { "the third of Tuesday, Wednesday, Thursday", "1997-09-04", RECUR_MONTHLY,
      3, 1, 0x1C, 0, 3, 0, 3, NULL, "09-04 10-07 11-06" },
    { "the last Monday", "1997-09-29", RECUR_MONTHLY, 3, 1, 0x02, 0, 5, 0, 6,
      NULL, "09-29 10-27 11-24 12-29 01-26 02-23" },
    { "the fourth day of any", "1997-09-04", RECUR_MONTHLY, 3, 1, 0x7F, 0, 4,
      0, 2, NULL, "09-04 10-04" },
    { "the 15th of every third month", "1997-09-15", RECUR_MONTHLY, 2, 3, 0,
      15, 0, 0, 4, NULL, "09-15 12-15 03-15 06-15" },
    { "the 31st, or the last day", "1997-12-31", RECUR_MONTHLY, 2, 1, 0, 31, 0,
      0, 5, NULL, "12-31 01-31 02-28 03-31 04-30" },
    { "the last day", "2000-01-31", RECUR_MONTHLY, 4, 1, 0, 31, 0, 0, 3, NULL,
      "01-31 02-29 03-31" },
    { "a day that has passed in the first month", "1997-09-20", RECUR_MONTHLY,
      2, 2, 0, 15, 0, 0, 3, NULL, "11-15 01-15 03-15" },
    { "every year on a leap day", "2000-02-29", RECUR_YEARLY, 2, 12, 0, 29, 0,
      0, 5, NULL, "02-29 02-28 02-28 02-28 02-29" },
    { "the last Sunday of March each year", "1997-03-30", RECUR_YEARLY, 3, 12,
      0x01, 0, 5, 0, 4, NULL, "03-30 03-29 03-28 03-26" },
    { "every other January", "1998-01-01", RECUR_YEARLY, 2, 24, 0, 1, 0, 0, 3,
      NULL, "01-01 01-01 01-01" },
};
/* clang-format on */

static uint32_t date_from(const char *text)
{
    unsigned int year = (unsigned int)g_ascii_strtoull(text, NULL, 10);
    unsigned int month = (unsigned int)g_ascii_strtoull(text + 5, NULL, 10);
    unsigned int day = (unsigned int)g_ascii_strtoull(text + 8, NULL, 10);

    return recur_date(year, month, day);
}

static void make(const struct row *row, struct recurrence *r)
{
    recurrence_init(r);
    r->frequency = row->frequency;
    r->type = row->type;
    r->period = row->period;
    r->days = row->days;
    r->day = row->day;
    r->nth = row->nth;
    r->first_dow = row->first_dow;
    r->start_date = date_from(row->start);
    if (row->count > 0) {
        r->end_type = RECUR_BY_COUNT;
        r->count = row->count;
    } else if (row->until != NULL) {
        r->end_type = RECUR_BY_DATE;
        r->end_date = date_from(row->until);
    }
    r->appointment = true;
    r->start_offset = 540;
    r->end_offset = 600;
}

/* FirstDateTime by the letter of [MS-OXOCAL] 2.2.1.44.1, for months. */
static void set_month_phase(struct recurrence *r)
{
    unsigned int year, month, day, n;

    if (r->type < RECUR_MONTH)
        return;
    recur_date_parts(r->start_date, &year, &month, &day);
    n = ((year - 1601) * 12 + month - 1) % r->period;
    r->first = recur_date(1601 + n / 12, n % 12 + 1, 1);
}

static char *dates_of(const struct recurrence *r, size_t max)
{
    GString *text = g_string_new(NULL);
    struct recur_walk w;
    uint32_t date = 0;
    bool more = true;

    recur_walk_init(&w, r);
    for (size_t i = 0; i < max && more; i++) {
        unsigned int year, month, day;

        more = recur_walk_next(&w, &date);
        if (!more)
            break;
        g_assert_cmpuint(w.index, ==, i + 1);
        recur_date_parts(date, &year, &month, &day);
        g_string_append_printf(text, "%s%02u-%02u", i > 0 ? " " : "", month,
                               day);
    }
    if (more && recur_walk_next(&w, &date))
        g_string_append(text, " ...");
    return g_string_free(text, FALSE);
}

static size_t n_dates(const char *dates)
{
    g_auto(GStrv) parts = g_strsplit(dates, " ", -1);
    guint n = g_strv_length(parts);

    return strcmp(parts[n - 1], "...") == 0 ? n - 1 : n;
}

static void test_patterns(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_auto(recurrence) r;
        g_autofree char *dates = NULL;

        make(&rows[i], &r);
        set_month_phase(&r);
        dates = dates_of(&r, n_dates(rows[i].dates));
        if (strcmp(dates, rows[i].dates) != 0)
            g_error("row \"%s\": %s", rows[i].name, dates);
    }
}

/* ---- what follows from a pattern ------------------------------------- */

static void test_anchor(void)
{
    g_auto(recurrence) r;
    g_auto(recurrence) yearly;
    g_auto(recurrence) endless;

    /* "the first Friday" begun on a Tuesday: FirstDateTime of 1-month period */
    make(&rows[9], &r);
    r.start_date = date_from("1997-09-02");
    recurrence_anchor(&r);
    g_assert_cmpuint(r.start_date, ==, date_from("1997-09-05"));
    g_assert_cmpuint(r.first, ==, 0);
    g_assert_cmpuint(r.end_date, ==, date_from("1998-06-05"));
    /* March each year, asked for in 1996's April: the phase chooses March */
    make(&rows[19], &yearly);
    yearly.start_date = date_from("1996-04-10");
    yearly.first = recur_date(1601, 3, 1);
    recurrence_anchor(&yearly);
    g_assert_cmpuint(yearly.start_date, ==, date_from("1997-03-30"));
    g_assert_cmpuint(yearly.first, ==, recur_date(1601, 3, 1));
    make(&rows[5], &endless);
    recurrence_anchor(&endless);
    g_assert_cmphex(endless.end_date, ==, RECUR_END_NEVER);
}

/* [MS-OXOCAL] 4.1.1.1: the end date of the weekly example. */
static void test_published_anchor(void)
{
    static const struct row weekly = {
        .start = "2007-03-26",
        .frequency = RECUR_WEEKLY,
        .type = RECUR_WEEK,
        .period = 1,
        .days = 0x32,
        .count = 12,
    };
    g_auto(recurrence) r;

    make(&weekly, &r);
    recurrence_anchor(&r);
    g_assert_cmphex(r.end_date, ==, 0x0CBCAD20);
    g_assert_cmphex(r.first, ==, 0x21C0);
}

/* ---- occurrences ----------------------------------------------------- */

static const struct occurrence *at(const GArray *found, guint i)
{
    return &g_array_index(found, struct occurrence, i);
}

/* Daily 9 to 10: the second deleted, the fourth moved before the first. */
static void make_daily(struct recurrence *r)
{
    make(&rows[0], r);
    recurrence_anchor(r);
    recurrence_delete(r, date_from("1997-09-03"));
    recurrence_change(r, date_from("1997-09-05"))->start =
        date_from("1997-09-01") + 60;
    recurrence_change(r, date_from("1997-09-05"))->end =
        date_from("1997-09-01") + 120;
    recurrence_settle(r);
}

static void test_expand(void)
{
    g_auto(recurrence) r;
    GArray *found;

    make_daily(&r);
    found = recurrence_expand(&r, 0, RECUR_END_NEVER, 100);
    g_assert_cmpuint(found->len, ==, 9);
    g_assert_cmpuint(at(found, 0)->index, ==, 4);
    g_assert_nonnull(at(found, 0)->exception);
    g_assert_cmpuint(at(found, 0)->original, ==, date_from("1997-09-05") + 540);
    g_assert_cmpuint(at(found, 1)->index, ==, 1);
    g_assert_cmpuint(at(found, 2)->index, ==, 3);
    g_assert_cmpuint(at(found, 2)->start, ==, date_from("1997-09-04") + 540);
    g_assert_cmpuint(at(found, 2)->end, ==, date_from("1997-09-04") + 600);
    g_array_unref(found);
}

static guint n_between(const struct recurrence *r, uint32_t from, uint32_t to)
{
    GArray *found = recurrence_expand(r, from, to, 100);
    guint n = found->len;

    g_array_unref(found);
    return n;
}

static void test_window(void)
{
    uint32_t day = date_from("1997-09-04");
    g_auto(recurrence) r;

    make_daily(&r);
    g_assert_cmpuint(n_between(&r, day, day + RECUR_DAY), ==, 1);
    g_assert_cmpuint(n_between(&r, day + 599, day + 700), ==, 1);
    g_assert_cmpuint(n_between(&r, day + 600, day + 700), ==, 0);
    g_assert_cmpuint(n_between(&r, day + 300, day + 540), ==, 0);
    g_assert_cmpuint(n_between(&r, day + 300, day + 541), ==, 1);
    /* what was moved out is found where it is, not where it was */
    g_assert_cmpuint(
        n_between(&r, date_from("1997-09-05"), date_from("1997-09-06")), ==, 0);
    g_assert_cmpuint(
        n_between(&r, date_from("1997-09-01"), date_from("1997-09-02")), ==, 1);
}

static void test_lookup(void)
{
    struct occurrence o = { 0 };
    bool deleted = false;
    g_auto(recurrence) r;

    make_daily(&r);
    g_assert_true(recurrence_by_index(&r, 2, &o, &deleted));
    g_assert_true(deleted);
    g_assert_true(recurrence_by_index(&r, 4, &o, &deleted));
    g_assert_false(deleted);
    g_assert_cmpuint(o.start, ==, date_from("1997-09-01") + 60);
    g_assert_false(recurrence_by_index(&r, 11, &o, &deleted));
    g_assert_false(recurrence_by_index(&r, 0, &o, &deleted));
    g_assert_true(
        recurrence_by_date(&r, date_from("1997-09-06"), &o, &deleted));
    g_assert_cmpuint(o.index, ==, 5);
    g_assert_false(
        recurrence_by_date(&r, date_from("1997-10-06"), &o, &deleted));
    recurrence_delete(&r, date_from("1997-09-02"));
    g_assert_true(recurrence_first(&r, &o));
    g_assert_cmpuint(o.index, ==, 3);
    g_assert_true(recurrence_last(&r, &o));
    g_assert_cmpuint(o.index, ==, 10);
}

/* Patterns that never fall, periods past all dates: they end. */
static void test_nothing(void)
{
    struct row row = rows[0];
    struct occurrence o;
    g_auto(recurrence) r;
    g_auto(recurrence) huge;
    g_auto(recurrence) lunar;

    make(&rows[9], &r);
    r.nth = 4;
    r.days = 0;
    r.count = UINT32_MAX;
    g_assert_false(recurrence_first(&r, &o));
    row.period = UINT32_MAX;
    make(&row, &huge);
    g_assert_true(recurrence_last(&huge, &o));
    g_assert_cmpuint(o.index, ==, 1);
    make(&rows[14], &lunar);
    lunar.calendar = 8;
    g_assert_false(recurrence_first(&lunar, &o));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/recurrence-expand/patterns", test_patterns);
    g_test_add_func("/recurrence-expand/anchor", test_anchor);
    g_test_add_func("/recurrence-expand/published", test_published_anchor);
    g_test_add_func("/recurrence-expand/expand", test_expand);
    g_test_add_func("/recurrence-expand/window", test_window);
    g_test_add_func("/recurrence-expand/lookup", test_lookup);
    g_test_add_func("/recurrence-expand/nothing", test_nothing);
    return g_test_run();
}
