#include "engine/expect.h"

#include <glib.h>

#include "base/timestamp.h"

#define MINUTE_US (60 * TIMESTAMP_SECOND)
#define HOUR_US   (60 * MINUTE_US)
#define DAY_US    (24 * HOUR_US)

void expect_add(struct expect_measured *to, const struct store_pass *pass)
{
    /* What was already there took no time, and one that died took none known */
    if (pass->items_copied == 0 || pass->ended_us <= pass->begun_us)
        return;
    to->passes++;
    to->items += pass->items_copied;
    to->bytes += pass->bytes_copied;
    to->took_us += pass->ended_us - pass->begun_us;
}

/* n at a rate of `of` in so many microseconds. */
static int64_t at_rate(uint64_t n, uint64_t of, int64_t us)
{
    double took = of > 0 ? (double)n / (double)of * (double)us : 0;

    return took < (double)INT64_MAX / 2 ? (int64_t)took : INT64_MAX / 2;
}

static struct expectation by_default(const struct expect_work *w)
{
    uint64_t items = w->items, bytes = w->bytes;

    return (struct expectation){
        .by = EXPECT_BY_DEFAULT,
        .least_us = MAX(at_rate(items, EXPECT_FAST_ITEMS_HOUR, HOUR_US),
                        at_rate(bytes, EXPECT_FAST_BYTES_HOUR, HOUR_US)),
        .most_us = MAX(at_rate(items, EXPECT_SLOW_ITEMS_HOUR, HOUR_US),
                       at_rate(bytes, EXPECT_SLOW_BYTES_HOUR, HOUR_US)),
    };
}

static struct expectation by_copying(const struct expect_measured *measured,
                                     const struct expect_work *w)
{
    int64_t by_items = at_rate(w->items, measured->items, measured->took_us);
    int64_t by_bytes = at_rate(w->bytes, measured->bytes, measured->took_us);

    return (struct expectation){
        .by = EXPECT_BY_COPYING,
        .least_us = MIN(by_items, by_bytes),
        .most_us = MAX(by_items, by_bytes),
    };
}

/* Round trips of a lane, which are one to each side, beside the bytes. */
static int64_t at_best(int64_t trip_us, const struct expect_work *w)
{
    return MAX(at_rate(w->folders * EXPECT_FOLDER_REQUESTS_MIN +
                           w->items / EXPECT_BATCH_MAX,
                       EXPECT_LANES_MAX, trip_us),
               at_rate(w->bytes, EXPECT_FAST_LINE, TIMESTAMP_SECOND));
}

/*
 * One after the other: folders, items, bytes.  In double: neither the sum nor
 * what it is compared with may run over.
 */
static double unthrottled_us(int64_t trip_us, const struct expect_work *w)
{
    double trip = (double)trip_us;

    return (double)w->folders * EXPECT_FOLDER_REQUESTS_MAX * trip +
           (double)w->items * trip / EXPECT_LANES_MIN +
           (double)w->bytes / EXPECT_SLOW_LINE * TIMESTAMP_SECOND;
}

/* What no burst pays for goes on at the slow rate, or slower by itself. */
static int64_t at_worst(int64_t trip_us, const struct expect_work *w)
{
    double whole = unthrottled_us(trip_us, w);
    double slow = MAX(whole, (double)by_default(w).most_us);
    double paid = whole > EXPECT_BURST_US ? EXPECT_BURST_US / whole : 1;
    double us = paid * whole + (1 - paid) * slow;

    return us < (double)INT64_MAX / 2 ? (int64_t)us : INT64_MAX / 2;
}

struct expectation expect(const struct expect_measured *measured,
                          const struct expect_round_trip *round_trip,
                          const struct expect_work *work)
{
    int64_t trip_us = round_trip->source_us + round_trip->destination_us;
    struct expectation e = { .by = EXPECT_BY_ROUND_TRIPS };

    if (measured->items >= EXPECT_ITEMS_MIN && measured->bytes > 0)
        return by_copying(measured, work);
    if (round_trip->source_us <= 0 || round_trip->destination_us <= 0)
        return by_default(work);
    if (work->items == 0)
        return e;
    e.least_us = at_best(trip_us, work);
    e.most_us = MAX(at_worst(trip_us, work), e.least_us);
    return e;
}

const char *expect_by_name(enum expect_by by)
{
    static const char *const names[] = {
        [EXPECT_BY_DEFAULT] = "default",
        [EXPECT_BY_ROUND_TRIPS] = "round trips",
        [EXPECT_BY_COPYING] = "measured",
    };

    return names[by];
}

struct expectation expect_all(const struct expectation *each, size_t n,
                              unsigned int at_once)
{
    struct expectation all = { .by = n > 0 ? EXPECT_BY_COPYING
                                           : EXPECT_BY_DEFAULT };
    int64_t least = 0, most = 0;

    for (size_t i = 0; i < n; i++) {
        all.by = MIN(all.by, each[i].by);
        all.least_us += each[i].least_us / MAX(at_once, 1);
        all.most_us += each[i].most_us / MAX(at_once, 1);
        least = MAX(least, each[i].least_us);
        most = MAX(most, each[i].most_us);
    }
    all.least_us = MAX(all.least_us, least);
    all.most_us = MAX(all.most_us, most);
    return all;
}

/* The coarsest unit that still has two of it. */
static int64_t unit_of(int64_t us, const char **ret_name)
{
    if (us < 90 * MINUTE_US) {
        *ret_name = "minute";
        return MINUTE_US;
    }
    if (us < 2 * DAY_US) {
        *ret_name = "hour";
        return HOUR_US;
    }
    *ret_name = "day";
    return DAY_US;
}

char *expect_text(const struct expectation *e)
{
    const char *name, *least_name;
    int64_t unit = unit_of(e->most_us, &name), least_unit;
    int64_t most = (e->most_us + unit - 1) / unit;
    int64_t least;

    if (e->most_us < MINUTE_US)
        return g_strdup("under a minute");
    if (e->least_us < MINUTE_US)
        return g_strdup_printf("up to %" G_GINT64_FORMAT " %s%s", most, name,
                               most == 1 ? "" : "s");
    least_unit = unit_of(e->least_us, &least_name);
    least = MAX(e->least_us / least_unit, 1);
    if (least_unit != unit)
        return g_strdup_printf("%" G_GINT64_FORMAT " %s%s to %" G_GINT64_FORMAT
                               " %s%s",
                               least, least_name, least == 1 ? "" : "s", most,
                               name, most == 1 ? "" : "s");
    if (most - least <= 1)
        return g_strdup_printf("about %" G_GINT64_FORMAT " %s%s", most, name,
                               most == 1 ? "" : "s");
    return g_strdup_printf("%" G_GINT64_FORMAT " to %" G_GINT64_FORMAT " %ss",
                           least, most, name);
}
