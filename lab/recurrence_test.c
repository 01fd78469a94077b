#include "lab/recurrence.h"

#include <string.h>

#include "base/check.h"
#include "lab/hex_fixture.h"

/* ---- published blobs ------------------------------------------------- */

/*
 * The examples of [MS-OXOCAL] 4.1.1.1 to 4.1.1.3 and 4.1.1.6, byte for byte.
 * (4.1.1.2 counts one unit of the wide subject as 0x21 of 33 letters.)
 */
/* clang-format off */
static const struct {
    const char *name, *hex;
} published[] = {
    { "weekly",
      "043004300B2001000000C0210000010000000000000032000000222000000C0000000000"
      "000000000000000000008020BC0C20ADBC0C063000000930000058020000760200000000"
      "0000000000000000" },
    { "weekly with an exception",
      "043004300B2001000000C0210000010000000000000032000000222000000C0000000000"
      "000001000000A096BC0C01000000A096BC0C8020BC0C20ADBC0C06300000093000005802"
      "00007602000001003499BC0C5299BC0CF898BC0C11002200210053696D706C6520526563"
      "757272656E6365207769746820657863657074696F6E730800070033342F343134310000"
      "000004000000000000000000000034"
      "99BC0C5299BC0CF898BC0C2100530069006D0070006C0065002000520065006300750072"
      "00720065006E006300650020007700690074006800200065007800630065007000740069"
      "006F006E0073000700330034002F0034003100340031000000000000000000" },
    { "daily with deletions",
      "043004300A2000000000A0050000E010000000000000212000000A0000000000000002000"
      "000A0C1DC0C80D2DC0C00000000207EDC0C0016DD0C0630000009300000E0010000FE0100"
      "0000000000000000000000" },
    { "yearly, Hebrew",
      "043004300D200200080080750A000C0000000000000003000000232000000A0000000000"
      "000001000000207EDC0C01000000207EDC0C6074C40CDF80E95A0630000009300000E001"
      "0000FE01000001000080DC0C1E80DC0C0080DC0C24023C00000001000000000000000400"
      "0000000000000000000000000000" },
};
/* clang-format on */

static void test_published(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(published); i++) {
        GByteArray *blob = hex_bytes(published[i].hex);
        g_auto(recurrence) r = { 0 };
        GByteArray *again;

        CHECK_ROW(published[i].name,
                  recurrence_read(blob->data, blob->len, &r) == 0);
        again = recurrence_write(&r);
        CHECK_ROW(published[i].name, same_bytes(blob, again));
        g_byte_array_unref(again);
        g_byte_array_unref(blob);
    }
}

static void read_published(size_t i, struct recurrence *ret)
{
    GByteArray *blob = hex_bytes(published[i].hex);

    g_assert_cmpint(recurrence_read(blob->data, blob->len, ret), ==, 0);
    g_byte_array_unref(blob);
}

/* What the specification's text says of its examples. */
static void test_published_meaning(void)
{
    g_auto(recurrence) weekly = { 0 };
    g_auto(recurrence) daily = { 0 };
    const struct recur_exception *e;

    read_published(1, &weekly);
    g_assert_cmphex(weekly.frequency, ==, RECUR_WEEKLY);
    g_assert_cmphex(weekly.days, ==, 0x32);
    g_assert_cmpuint(weekly.count, ==, 12);
    g_assert_cmpuint(weekly.start_date, ==, recur_date(2007, 3, 26));
    g_assert_cmpuint(weekly.start_offset, ==, 600);
    e = recurrence_exception(&weekly, recur_date(2007, 4, 16));
    g_assert_nonnull(e);
    g_assert_cmpuint(e->start, ==, recur_date(2007, 4, 16) + 11 * 60);
    g_assert_cmpuint(e->end, ==, recur_date(2007, 4, 16) + 11 * 60 + 30);
    g_assert_cmpstr(e->subject, ==, "Simple Recurrence with exceptions");
    g_assert_cmpstr(e->location, ==, "34/4141");
    read_published(2, &daily);
    g_assert_cmpuint(daily.period, ==, 3 * RECUR_DAY);
    g_assert_cmpuint(daily.deleted->len, ==, 2);
    g_assert_true(recurrence_is_deleted(&daily, recur_date(2011, 4, 19)));
    g_assert_true(recurrence_is_deleted(&daily, recur_date(2011, 4, 22)));
    g_assert_false(recurrence_is_deleted(&daily, recur_date(2011, 4, 25)));
    g_assert_cmpuint(daily.end_date, ==, recur_date(2011, 5, 4));
}

/* ---- reading what is broken ------------------------------------------ */

static void test_truncated(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(published); i++) {
        GByteArray *blob = hex_bytes(published[i].hex);

        for (guint n = 0; n < blob->len; n++) {
            struct recurrence r;
            int status = recurrence_read(blob->data, n, &r);

            /* at one place alone a task's pattern would end */
            if (status == 0) {
                g_assert_false(r.appointment);
                recurrence_clear(&r);
            }
        }
        g_byte_array_unref(blob);
    }
}

static void test_refused(void)
{
    /* clang-format off */
    static const struct {
        const char *name;
        size_t at;
        uint8_t byte;
    } rows[] = {
        { "another reader's version", 0, 5 },
        { "no such type", 6, 9 },
        { "a period of nothing", 14, 0 },
        { "a week without days", 22, 0 },
        { "a week that begins on no day", 34, 7 },
        { "more deletions than bytes", 41, 0xFF },
        { "more exceptions than bytes", 71, 0xFF },
    };
    /* clang-format on */
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        GByteArray *blob = hex_bytes(published[0].hex);
        struct recurrence r;

        blob->data[rows[i].at] = rows[i].byte;
        CHECK_ROW(rows[i].name, recurrence_read(blob->data, blob->len, &r) < 0);
        g_byte_array_unref(blob);
    }
}

/* ---- any struct comes back ------------------------------------------- */

static char *random_text(GRand *rand)
{
    static const char *const texts[] = { "", "plain", "Größe",
                                         "\xE4\xBC\x9A\xE8\xAD\xB0",
                                         "\xF0\x9F\x98\x80 smile" };

    return g_strdup(texts[g_rand_int_range(rand, 0, (int)G_N_ELEMENTS(texts))]);
}

static GByteArray *random_block(GRand *rand)
{
    GByteArray *b;

    if (g_rand_boolean(rand))
        return NULL;
    b = g_byte_array_new();
    g_byte_array_append(b, (const guint8 *)"reserved", 8);
    return b;
}

static void random_pattern(GRand *rand, struct recurrence *r)
{
    static const uint16_t types[] = { 0, 1, 2, 3, 4, 10, 11, 12 };

    r->frequency = (uint16_t)g_rand_int_range(rand, 0x200A, 0x200E);
    r->type = types[g_rand_int_range(rand, 0, (int)G_N_ELEMENTS(types))];
    r->period = (uint32_t)g_rand_int_range(rand, 1, 100000);
    r->sliding = (uint32_t)g_rand_int_range(rand, 0, 2);
    if (r->type == 1 || r->type == 3 || r->type == 11)
        r->days = (uint32_t)g_rand_int_range(rand, 1, 128);
    if (r->type == 3 || r->type == 11)
        r->nth = (uint32_t)g_rand_int_range(rand, 1, 6);
    if (r->type == 2 || r->type == 4 || r->type == 10 || r->type == 12)
        r->day = (uint32_t)g_rand_int_range(rand, 1, 32);
    r->end_type = (uint32_t)g_rand_int_range(rand, 0x2021, 0x2024);
    r->count = g_rand_int(rand);
    r->first_dow = (uint32_t)g_rand_int_range(rand, 0, 7);
    r->start_date = (uint32_t)g_rand_int_range(rand, 1, 200000) * RECUR_DAY;
    r->end_date = g_rand_int(rand);
    r->appointment = g_rand_boolean(rand);
    if (!r->appointment)
        return;
    r->writer = g_rand_boolean(rand) ? 0x3008 : 0x3009;
    r->start_offset = (uint32_t)g_rand_int_range(rand, 0, 1440);
    r->end_offset = r->start_offset + 30;
    r->reserved1 = random_block(rand);
    r->reserved2 = random_block(rand);
}

static void random_exception(GRand *rand, struct recurrence *r, uint32_t date)
{
    struct recur_exception *e = recurrence_change(r, date);

    e->start += (uint32_t)g_rand_int_range(rand, 0, 3000);
    e->end = e->start + 30;
    e->overrides = (uint16_t)g_rand_int_range(rand, 0, 0x400);
    if ((e->overrides & RECUR_SUBJECT) != 0)
        e->subject = random_text(rand);
    if ((e->overrides & RECUR_LOCATION) != 0)
        e->location = random_text(rand);
    if ((e->overrides & RECUR_BUSY) != 0)
        e->busy = (uint32_t)g_rand_int_range(rand, 0, 5);
    if ((e->overrides & RECUR_REMINDER_DELTA) != 0)
        e->reminder_delta = g_rand_int(rand);
    if (r->writer == 0x3009) {
        e->change_highlight = g_rand_int(rand);
        e->highlight_more = random_block(rand);
    }
    e->reserved1 = random_block(rand);
    if ((e->overrides & (RECUR_SUBJECT | RECUR_LOCATION)) != 0)
        e->reserved2 = random_block(rand);
}

static void check_same(const struct recurrence *a, const struct recurrence *b)
{
    GByteArray *x = recurrence_write(a), *y = recurrence_write(b);

    g_assert_true(same_bytes(x, y));
    g_assert_cmpuint(a->days, ==, b->days);
    g_assert_cmpuint(a->nth, ==, b->nth);
    g_assert_cmpuint(a->day, ==, b->day);
    g_assert_cmpuint(a->exceptions->len, ==, b->exceptions->len);
    for (guint i = 0; i < a->exceptions->len; i++) {
        const struct recur_exception *e =
            &g_array_index(a->exceptions, struct recur_exception, i);
        const struct recur_exception *f =
            &g_array_index(b->exceptions, struct recur_exception, i);

        g_assert_cmpstr(e->subject, ==, f->subject);
        g_assert_cmpstr(e->location, ==, f->location);
        g_assert_cmpuint(e->busy, ==, f->busy);
        g_assert_cmpuint(e->start, ==, f->start);
        g_assert_cmpuint(e->change_highlight, ==, f->change_highlight);
    }
    g_byte_array_unref(x);
    g_byte_array_unref(y);
}

static void test_round_trip(void)
{
    for (guint32 seed = 0; seed < 2000; seed++) {
        GRand *rand = g_rand_new_with_seed(seed);
        g_auto(recurrence) r;
        g_auto(recurrence) again = { 0 };
        GByteArray *blob;

        recurrence_init(&r);
        random_pattern(rand, &r);
        for (uint32_t i = 1; r.appointment && i <= seed % 6; i++)
            random_exception(
                rand, &r,
                (i * 200 - (uint32_t)g_rand_int_range(rand, 0, 200)) *
                    RECUR_DAY);
        recurrence_settle(&r);
        blob = recurrence_write(&r);
        g_assert_cmpint(recurrence_read(blob->data, blob->len, &again), ==, 0);
        check_same(&r, &again);
        g_byte_array_unref(blob);
        g_rand_free(rand);
    }
}

/* ---- changing -------------------------------------------------------- */

static void test_delete_and_change(void)
{
    g_auto(recurrence) r = { 0 };
    uint32_t date = recur_date(2007, 3, 29), other = recur_date(2007, 4, 2);
    struct recur_exception *e;

    read_published(0, &r);
    e = recurrence_change(&r, date);
    g_assert_cmpuint(e->original, ==, date + 600);
    e->start = date + RECUR_DAY + 60;
    recurrence_settle(&r);
    recurrence_delete(&r, other);
    g_assert_cmpuint(r.deleted->len, ==, 2);
    g_assert_cmpuint(r.modified->len, ==, 1);
    g_assert_cmpuint(g_array_index(r.modified, uint32_t, 0), ==,
                     date + RECUR_DAY);
    recurrence_delete(&r, date);
    g_assert_cmpuint(r.deleted->len, ==, 2);
    g_assert_cmpuint(r.exceptions->len, ==, 0);
    g_assert_cmpuint(r.modified->len, ==, 0);
    g_assert_true(recurrence_is_deleted(&r, date));
}

/* ---- dates ----------------------------------------------------------- */

static void test_dates(void)
{
    /* against GLib's calendar, day by day */
    GDate *day = g_date_new_dmy(1, G_DATE_JANUARY, 1601);
    uint32_t first = g_date_get_julian(day);

    for (uint32_t i = 0; i < 365 * 900; i += 1 + i % 3) {
        unsigned int year, month, mday;

        g_date_set_julian(day, first + i);
        recur_date_parts(i * RECUR_DAY + 77, &year, &month, &mday);
        g_assert_cmpuint(year, ==, g_date_get_year(day));
        g_assert_cmpuint(month, ==, (unsigned int)g_date_get_month(day));
        g_assert_cmpuint(mday, ==, g_date_get_day(day));
        g_assert_cmpuint(recur_date(year, month, mday), ==, i * RECUR_DAY);
        g_assert_cmpuint(recur_weekday(i * RECUR_DAY) % 7, ==,
                         (unsigned int)g_date_get_weekday(day) % 7);
    }
    g_date_free(day);
    g_assert_cmpuint(recur_minutes(0), ==, recur_date(1970, 1, 1));
    g_assert_cmpint(recur_us(recur_date(1970, 1, 2)), ==, INT64_C(86400000000));
    g_assert_cmpuint(recur_minutes(INT64_MIN), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/recurrence/published", test_published);
    g_test_add_func("/recurrence/published-meaning", test_published_meaning);
    g_test_add_func("/recurrence/truncated", test_truncated);
    g_test_add_func("/recurrence/refused", test_refused);
    g_test_add_func("/recurrence/round-trip", test_round_trip);
    g_test_add_func("/recurrence/delete-and-change", test_delete_and_change);
    g_test_add_func("/recurrence/dates", test_dates);
    return g_test_run();
}
