#include "fleet/timeline.h"

#include <math.h>

#include "base/timestamp.h"

#define HOUR_US (3600 * TIMESTAMP_SECOND)
#define DAY_US  (24 * HOUR_US)

/* From its time up to the next one's; the last has no end. */
struct segment {
    double from_s, work_s; /* done by then, since the beginning */
    double rate;
};
struct timeline {
    GArray *segments; /* struct segment */
};

static int hour_of(int64_t at_us)
{
    int64_t hour = at_us / HOUR_US % 24;

    return (int)(hour < 0 ? hour + 24 : hour);
}

static double rate_at(int64_t at_us, const double *share,
                      const struct hours *quiet)
{
    if (quiet != NULL && hours_hold(quiet, at_us))
        return 0;
    return 1 - CLAMP(share[hour_of(at_us)], 0, 0.99);
}

/* The next full hour, or sooner where quiet hours begin or end. */
static int64_t next_change(int64_t at_us, const struct hours *quiet)
{
    int64_t next = at_us - at_us % HOUR_US + HOUR_US;

    return quiet != NULL ? MIN(next, hours_change(quiet, at_us)) : next;
}

static void add(GArray *to, double from_s, double rate)
{
    struct segment s = { .from_s = from_s, .rate = rate };

    if (to->len > 0) {
        const struct segment *last =
            &g_array_index(to, struct segment, to->len - 1);

        if (fabs(last->rate - rate) < 1e-9)
            return;
        s.work_s = last->work_s + last->rate * (from_s - last->from_s);
    }
    g_array_append_val(to, s);
}

/* What comes after the horizon: as it was within, on the average. */
static void add_last(GArray *to, double from_s)
{
    const struct segment *last =
        &g_array_index(to, struct segment, to->len - 1);
    double work_s = last->work_s + last->rate * (from_s - last->from_s);

    add(to, from_s, work_s > 0 ? work_s / from_s : 1);
}

struct timeline *timeline_new(int64_t begun_us, const double share[24],
                              const struct hours *quiet)
{
    struct timeline *t = g_new(struct timeline, 1);
    int64_t at = begun_us, end = begun_us + TIMELINE_DAYS * DAY_US;

    t->segments = g_array_new(FALSE, FALSE, sizeof(struct segment));
    for (; at < end; at = next_change(at, quiet))
        add(t->segments, (double)(at - begun_us) / (double)TIMESTAMP_SECOND,
            rate_at(at, share, quiet));
    if (t->segments->len > 1)
        add_last(t->segments, (double)(TIMELINE_DAYS * 86400));
    return t;
}

void timeline_free(struct timeline *t)
{
    if (t == NULL)
        return;
    g_array_unref(t->segments);
    g_free(t);
}

/* The last from lo on by whose time not all of that work is done. */
static const struct segment *find(const struct timeline *t, double work_s,
                                  size_t lo)
{
    size_t hi = t->segments->len;

    while (hi - lo > 1) {
        size_t mid = lo + (hi - lo) / 2;

        if (g_array_index(t->segments, struct segment, mid).work_s < work_s)
            lo = mid;
        else
            hi = mid;
    }
    return &g_array_index(t->segments, struct segment, lo);
}

static const struct segment *segment_at(const struct timeline *t, double at_s,
                                        size_t *at)
{
    const struct segment *all = (const struct segment *)t->segments->data;

    while (*at + 1 < t->segments->len && all[*at + 1].from_s <= at_s)
        ++*at;
    return &all[*at];
}

double timeline_work(const struct timeline *t, double at_s, size_t *at)
{
    const struct segment *s = segment_at(t, at_s, at);

    return s->work_s + s->rate * (at_s - s->from_s);
}

double timeline_end(const struct timeline *t, double from_s, double work_s,
                    size_t *at)
{
    double by = timeline_work(t, from_s, at) + work_s;
    const struct segment *s = find(t, by, *at);

    if (s->rate <= 0)
        return from_s; /* there was nothing to do */
    return s->from_s + (by - s->work_s) / s->rate;
}
