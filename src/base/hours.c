#include "base/hours.h"

#include <string.h>

#include "base/timestamp.h"

#define DAYS        7
#define DAY_SECONDS 86400
/* Far more than anybody writes by hand. */
#define RANGES_MAX 64
#define TEXT_MAX   512
/*
 * A range that is to come begins within so many days: a week, the one that a
 * range of yesterday may still fill, and one for the zone.
 */
#define LOOK_DAYS 9

/* 1970-01-01 was a Thursday; Monday is 0. */
#define EPOCH_WEEKDAY 3

struct range {
    unsigned int days; /* bits, 1 << 0 is Monday */
    int from, to;      /* seconds of the day; to may be less */
};

struct hours {
    char *text;
    GTimeZone *zone;
    struct range ranges[RANGES_MAX];
    size_t n;
};

/* ---- reading --------------------------------------------------------- */

static int refuse(const char *text, const char *why, struct err *err)
{
    return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                   "\"%s\" is not times of the week: %s; write them as "
                   "\"08:00-18:00\" or \"Mon-Fri 22:00-06:00, Sat,Sun "
                   "00:00-24:00 Europe/Berlin\"",
                   text, why);
}

static int day_of(const char *word, size_t len)
{
    static const char *const names[DAYS] = { "mon", "tue", "wed", "thu",
                                             "fri", "sat", "sun" };

    for (int i = 0; i < DAYS; i++)
        if (len == 3 && g_ascii_strncasecmp(word, names[i], 3) == 0)
            return i;
    return -1;
}

/* "Mon", "Mon-Fri", "Sat-Mon" */
static bool take_days(const char *word, unsigned int *ret)
{
    const char *dash = strchr(word, '-');
    size_t len = dash != NULL ? (size_t)(dash - word) : strlen(word);
    int first = day_of(word, len), last = first;

    if (dash != NULL)
        last = day_of(dash + 1, strlen(dash + 1));
    if (first < 0 || last < 0)
        return false;
    for (int day = first;; day = (day + 1) % DAYS) {
        *ret |= 1u << day;
        if (day == last)
            return true;
    }
}

static bool take_two(const char **p, int most, int *ret)
{
    const char *s = *p;

    if (!g_ascii_isdigit(s[0]) || !g_ascii_isdigit(s[1]))
        return false;
    *ret = (s[0] - '0') * 10 + (s[1] - '0');
    *p = s + 2;
    return *ret <= most;
}

/* "08:00", "08:00:30", "24:00" */
static bool take_time(const char **p, int *ret)
{
    int h, m, s = 0;

    if (!take_two(p, 24, &h) || *(*p)++ != ':' || !take_two(p, 59, &m))
        return false;
    if (**p == ':') {
        ++*p;
        if (!take_two(p, 59, &s))
            return false;
    }
    *ret = (h * 60 + m) * 60 + s;
    return *ret <= DAY_SECONDS;
}

static bool take_range(const char *word, struct range *ret)
{
    const char *p = word;

    return take_time(&p, &ret->from) && *p++ == '-' &&
           take_time(&p, &ret->to) && *p == '\0' && ret->from < DAY_SECONDS;
}

/* Of the system's database: never a path out of it. */
static GTimeZone *zone_of(const char *word)
{
    if (!g_ascii_isalpha(*word) || strstr(word, "..") != NULL)
        return NULL;
    return g_time_zone_new_identifier(word);
}

static int add_range(struct hours *h, const char *word, unsigned int days,
                     struct err *err)
{
    struct range r = { .days = days };

    if (!take_range(word, &r))
        return refuse(h->text, "a range is two times of a day", err);
    if (r.from == r.to)
        return refuse(h->text,
                      "a range ends when it begins (all day is "
                      "00:00-24:00)",
                      err);
    if (h->n == RANGES_MAX)
        return refuse(h->text, "there are too many of them", err);
    h->ranges[h->n++] = r;
    return 0;
}

/* Whatever is neither days nor a range is the zone, and the last word. */
static int take_words(struct hours *h, char **words, struct err *err)
{
    unsigned int days = 0;
    bool fresh = true; /* days are being named */

    for (char **w = words; *w != NULL; w++) {
        unsigned int more = 0;

        if (**w == '\0')
            continue;
        if (h->zone != NULL)
            return refuse(h->text, "something follows the time zone", err);
        if (take_days(*w, &more)) {
            days = fresh ? days | more : more;
            fresh = true;
        } else if (g_ascii_isdigit(**w)) {
            if (add_range(h, *w, days != 0 ? days : (1u << DAYS) - 1, err) < 0)
                return -1;
            fresh = false;
        } else {
            h->zone = zone_of(*w);
            if (h->zone == NULL)
                return refuse(h->text, "there is no such day or time zone",
                              err);
        }
    }
    if (h->n == 0 || fresh)
        return refuse(h->text, "a range is missing", err);
    return 0;
}

/* Second by second, as the clock on the wall goes in an ordinary week. */
static bool fills_the_week(const struct hours *h)
{
    g_autofree bool *held = g_new0(bool, DAYS *DAY_SECONDS);

    for (size_t i = 0; i < h->n; i++) {
        const struct range *r = &h->ranges[i];
        int last = r->to > r->from ? r->to : r->to + DAY_SECONDS;

        for (int day = 0; day < DAYS; day++)
            for (int s = r->from; (r->days >> day & 1) != 0 && s < last; s++)
                held[(day * DAY_SECONDS + s) % (DAYS * DAY_SECONDS)] = true;
    }
    for (int s = 0; s < DAYS * DAY_SECONDS; s++)
        if (!held[s])
            return false;
    return true;
}

int hours_parse(const char *text, struct hours **ret, struct err *err)
{
    g_autoptr(hours) h = g_new0(struct hours, 1);
    g_auto(GStrv) words = NULL;

    if (strlen(text) > TEXT_MAX)
        return refuse("...", "it is too long", err);
    h->text = g_strdup(text);
    words = g_strsplit_set(text, " \t,", -1);
    if (take_words(h, words, err) < 0)
        return -1;
    if (fills_the_week(h))
        return refuse(text, "they leave no time of the week", err);
    if (h->zone == NULL)
        h->zone = g_time_zone_new_local();
    *ret = g_steal_pointer(&h);
    return 0;
}

void hours_free(struct hours *h)
{
    if (h == NULL)
        return;
    g_clear_pointer(&h->zone, g_time_zone_unref);
    g_free(h->text);
    g_free(h);
}

const char *hours_text(const struct hours *h)
{
    return h->text;
}

/* ---- the clock on the wall ------------------------------------------- */

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

static int64_t offset_at(const struct hours *h, int64_t at_s)
{
    gint i = g_time_zone_find_interval(h->zone, G_TIME_TYPE_UNIVERSAL, at_s);

    return i < 0 ? 0 : g_time_zone_get_offset(h->zone, i);
}

static bool is_on(const struct range *r, int64_t day)
{
    int64_t weekday = ((day + EPOCH_WEEKDAY) % DAYS + DAYS) % DAYS;

    return (r->days >> weekday & 1) != 0;
}

static bool hold_at(const struct hours *h, int64_t at_s)
{
    int64_t shown = at_s + offset_at(h, at_s);
    int64_t day = floor_div(shown, DAY_SECONDS);
    int64_t second = shown - day * DAY_SECONDS;

    for (size_t i = 0; i < h->n; i++) {
        const struct range *r = &h->ranges[i];
        bool past = r->to < r->from;

        if (is_on(r, day) && second >= r->from && (past || second < r->to))
            return true;
        if (past && is_on(r, day - 1) && second < r->to)
            return true;
    }
    return false;
}

bool hours_hold(const struct hours *h, int64_t at_us)
{
    return hold_at(h, floor_div(at_us, TIMESTAMP_SECOND));
}

/* The first second after from_s at which the offset is another. */
static int64_t turn_of_clocks(const struct hours *h, int64_t from_s,
                              int64_t to_s)
{
    int64_t before = offset_at(h, from_s);

    while (to_s - from_s > 1) {
        int64_t middle = from_s + (to_s - from_s) / 2;

        if (offset_at(h, middle) == before)
            from_s = middle;
        else
            to_s = middle;
    }
    return to_s;
}

static void consider(const struct hours *h, int64_t s, int64_t after_s,
                     int64_t *best)
{
    if (s > after_s && s < *best && hold_at(h, s) != hold_at(h, after_s))
        *best = s;
}

/*
 * What is held can only change where a range begins or ends, by the offset
 * before or after the clocks are turned that day, and where they are.
 */
static void consider_day(const struct hours *h, int64_t some_s, int64_t after_s,
                         int64_t *best)
{
    int64_t before_s = some_s - DAY_SECONDS, next_s = some_s + DAY_SECONDS;
    int64_t offsets[] = { offset_at(h, before_s), offset_at(h, next_s) };
    int64_t midnight =
        floor_div(some_s + offset_at(h, some_s), DAY_SECONDS) * DAY_SECONDS;

    if (offsets[0] != offsets[1])
        consider(h, turn_of_clocks(h, before_s, next_s), after_s, best);
    for (size_t i = 0; i < h->n; i++)
        for (size_t k = 0; k < G_N_ELEMENTS(offsets); k++) {
            consider(h, midnight + h->ranges[i].from - offsets[k], after_s,
                     best);
            consider(h, midnight + h->ranges[i].to - offsets[k], after_s, best);
        }
}

int64_t hours_change(const struct hours *h, int64_t at_us)
{
    int64_t at_s = floor_div(at_us, TIMESTAMP_SECOND), best = INT64_MAX;

    for (int day = -1; day <= LOOK_DAYS; day++)
        consider_day(h, at_s + (int64_t)day * DAY_SECONDS, at_s, &best);
    g_assert(best != INT64_MAX); /* hours_parse(): not all of the week */
    return best * TIMESTAMP_SECOND;
}

int64_t hours_between(const struct hours *h, int64_t from_us, int64_t to_us)
{
    int64_t sum = 0;

    while (from_us < to_us) {
        int64_t end_us = MIN(hours_change(h, from_us), to_us);

        if (hours_hold(h, from_us))
            sum += end_us - from_us;
        from_us = end_us;
    }
    return sum;
}

char *hours_clock(const struct hours *h, int64_t at_us)
{
    g_autoptr(GDateTime) utc =
        g_date_time_new_from_unix_utc(floor_div(at_us, TIMESTAMP_SECOND));
    g_autoptr(GDateTime) shown =
        utc != NULL ? g_date_time_to_timezone(utc, h->zone) : NULL;
    static const char *const days[DAYS] = { "Mon", "Tue", "Wed", "Thu",
                                            "Fri", "Sat", "Sun" };

    if (shown == NULL)
        return timestamp_format(at_us);
    return g_strdup_printf(
        "%s %02d:%02d:%02d %s", days[g_date_time_get_day_of_week(shown) - 1],
        g_date_time_get_hour(shown), g_date_time_get_minute(shown),
        g_date_time_get_second(shown),
        g_date_time_get_timezone_abbreviation(shown));
}
