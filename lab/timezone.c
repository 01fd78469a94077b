#include "lab/timezone.h"

#include <string.h>

#include "base/timestamp.h"
#include "lab/bytes.h"
#include "lab/recurrence.h"

/* Fixed by [MS-OXOCAL] 2.2.1.41 and 2.2.1.41.1. */
#define VERSION      0x0102
#define FLAG_GUID    0x0001
#define FLAG_KEYNAME 0x0002
#define RULE_SIZE    0x3E

/* No zone has changed its rules that often; Windows has some 60 at most. */
#define RULES_MAX 1024
/* The registry's keys are no longer than that. */
#define KEY_MAX 255

void timezone_clear(struct timezone_info *tz)
{
    g_clear_pointer(&tz->id, g_free);
    g_clear_pointer(&tz->rules, g_free);
    tz->n_rules = 0;
}

void timezone_copy(struct timezone_info *to, const struct timezone_info *from)
{
    *to = (struct timezone_info){
        .id = g_strdup(from->id),
        .rules = g_memdup2(from->rules, from->n_rules * sizeof(*from->rules)),
        .n_rules = from->n_rules,
    };
}

void timezone_utc(struct timezone_info *ret)
{
    *ret = (struct timezone_info){
        .id = g_strdup("UTC"),
        .rules = g_new0(struct tz_rule, 1),
        .n_rules = 1,
    };
    ret->rules[0].year = 1601;
}

/* ---- blobs ----------------------------------------------------------- */

static void read_date(struct bytes_in *in, struct tz_date *d)
{
    d->year = bytes_u16(in);
    d->month = bytes_u16(in);
    d->weekday = bytes_u16(in);
    d->nth = bytes_u16(in);
    d->hour = bytes_u16(in);
    d->minute = bytes_u16(in);
    d->second = bytes_u16(in);
    d->ms = bytes_u16(in);
    if (d->month > 12 || d->weekday > 6 || d->hour > 24 || d->minute > 59)
        in->bad = true;
    if (d->month != 0 && (d->nth == 0 || d->nth > (d->year != 0 ? 31 : 5)))
        in->bad = true;
}

/* A day and more of bias is no time zone. */
static void read_bias(struct bytes_in *in, int32_t *ret)
{
    *ret = (int32_t)bytes_u32(in);
    if (*ret > 24 * 60 || *ret < -24 * 60)
        in->bad = true;
}

static void read_biases(struct bytes_in *in, struct tz_rule *r)
{
    read_bias(in, &r->bias);
    read_bias(in, &r->standard_bias);
    read_bias(in, &r->daylight_bias);
}

static void read_rule(struct bytes_in *in, struct tz_rule *r)
{
    uint16_t size;
    struct bytes_in rule;
    const uint8_t *at;

    (void)bytes_u16(in);
    size = bytes_u16(in);
    at = bytes_take(in, size);
    if (at == NULL || size < RULE_SIZE) {
        in->bad = true;
        return;
    }
    rule = (struct bytes_in){ at, at + size, false };
    r->flags = bytes_u16(&rule);
    r->year = bytes_u16(&rule);
    (void)bytes_take(&rule, 14);
    read_biases(&rule, r);
    read_date(&rule, &r->standard);
    read_date(&rule, &r->daylight);
    in->bad = in->bad || rule.bad;
}

/* The header, up to the count of rules. */
static char *read_head(struct bytes_in *in)
{
    uint16_t size, flags, n = 0;
    struct bytes_in head;
    const uint8_t *at;
    char *id = NULL;

    /* the major version alone says whether it can be read */
    if ((bytes_u16(in) & 0xFF) != (VERSION & 0xFF))
        in->bad = true;
    size = bytes_u16(in);
    at = bytes_take(in, size);
    if (at == NULL)
        return NULL;
    head = (struct bytes_in){ at, at + size - MIN(size, 2), size < 2 };
    flags = bytes_u16(&head);
    if ((flags & FLAG_GUID) != 0)
        (void)bytes_take(&head, 16);
    if ((flags & FLAG_KEYNAME) != 0)
        n = bytes_u16(&head);
    at = bytes_take(&head, (size_t)n * 2);
    if (at != NULL && n <= KEY_MAX)
        id = bytes_utf16_to_utf8(at, (size_t)n * 2);
    if (head.bad)
        in->bad = true;
    else /* the count is the header's last word */
        in->at -= 2;
    return id;
}

int timezone_by_year(const void *a, const void *b)
{
    const struct tz_rule *x = a, *y = b;

    return (x->year > y->year) - (x->year < y->year);
}

int timezone_read(const void *data, size_t size, struct timezone_info *ret)
{
    struct bytes_in in = { data, (const uint8_t *)data + size, false };
    g_autofree char *id = read_head(&in);
    g_autofree struct tz_rule *rules = NULL;
    uint16_t n;

    if (id == NULL)
        return -1;
    n = bytes_u16(&in);
    if (n == 0 || n > RULES_MAX)
        return -1;
    rules = g_new0(struct tz_rule, n);
    for (uint16_t i = 0; i < n; i++)
        read_rule(&in, &rules[i]);
    if (in.bad)
        return -1;
    qsort(rules, n, sizeof(*rules), timezone_by_year);
    *ret = (struct timezone_info){ .id = g_steal_pointer(&id),
                                   .rules = g_steal_pointer(&rules),
                                   .n_rules = n };
    return 0;
}

static void put_date(GByteArray *b, const struct tz_date *d)
{
    const uint16_t words[] = { d->year, d->month,  d->weekday, d->nth,
                               d->hour, d->minute, d->second,  d->ms };

    for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
        bytes_put16(b, words[i]);
}

static void put_biases(GByteArray *b, const struct tz_rule *r)
{
    bytes_put32(b, (uint32_t)r->bias);
    bytes_put32(b, (uint32_t)r->standard_bias);
    bytes_put32(b, (uint32_t)r->daylight_bias);
}

static void put_rule(GByteArray *b, const struct tz_rule *r, uint16_t flags)
{
    static const uint8_t unused[14] = { 0 };

    bytes_put16(b, VERSION);
    bytes_put16(b, RULE_SIZE);
    bytes_put16(b, flags);
    bytes_put16(b, r->year);
    g_byte_array_append(b, unused, sizeof(unused));
    put_biases(b, r);
    put_date(b, &r->standard);
    put_date(b, &r->daylight);
}

GByteArray *timezone_write(const struct timezone_info *tz, uint16_t year,
                           uint16_t flags)
{
    const struct tz_rule *effective = timezone_rule(tz, year);
    GByteArray *id = bytes_utf8_to_utf16(tz->id);
    GByteArray *b = g_byte_array_new();
    guint n = MIN(id->len / 2, KEY_MAX);

    bytes_put16(b, VERSION);
    bytes_put16(b, 2 + 2 + 2 * n + 2);
    bytes_put16(b, FLAG_KEYNAME);
    bytes_put16(b, n);
    g_byte_array_append(b, id->data, 2 * n);
    bytes_put16(b, (uint32_t)tz->n_rules);
    for (size_t i = 0; i < tz->n_rules; i++) {
        const struct tz_rule *r = &tz->rules[i];
        uint16_t mark = r == effective ? flags : 0;

        put_rule(b, r, flags != 0 ? mark : r->flags);
    }
    g_byte_array_unref(id);
    return b;
}

int timezone_struct_read(const void *data, size_t size, struct tz_rule *ret)
{
    struct bytes_in in = { data, (const uint8_t *)data + size, false };
    struct tz_rule r = { .flags = TZ_EFFECTIVE, .year = 1601 };

    read_biases(&in, &r);
    (void)bytes_u16(&in);
    read_date(&in, &r.standard);
    (void)bytes_u16(&in);
    read_date(&in, &r.daylight);
    if (in.bad)
        return -1;
    *ret = r;
    return 0;
}

GByteArray *timezone_struct_write(const struct tz_rule *rule)
{
    GByteArray *b = g_byte_array_new();

    put_biases(b, rule);
    bytes_put16(b, rule->standard.year);
    put_date(b, &rule->standard);
    bytes_put16(b, rule->daylight.year);
    put_date(b, &rule->daylight);
    return b;
}

/* ---- reckoning ------------------------------------------------------- */

const struct tz_rule *timezone_rule(const struct timezone_info *tz,
                                    unsigned int year)
{
    const struct tz_rule *r = &tz->rules[0];

    for (size_t i = 1; i < tz->n_rules && tz->rules[i].year <= year; i++)
        r = &tz->rules[i];
    return r;
}

/* The instant in that year, on the clock that the date is told by. */
static int64_t date_us(const struct tz_date *d, unsigned int year)
{
    unsigned int length = recur_month_length(year, d->month);
    uint32_t first = recur_date(year, d->month, 1);
    unsigned int day = (d->weekday + 7 - recur_weekday(first)) % 7 + 1;

    if (d->year != 0)
        day = MIN(d->nth, length);
    else
        day += 7 * (MIN(d->nth, 5u) - 1);
    while (day > length)
        day -= 7;
    return recur_us(first + (day - 1) * RECUR_DAY) +
           (d->hour * INT64_C(3600) + d->minute * INT64_C(60) + d->second) *
               TIMESTAMP_SECOND +
           d->ms * INT64_C(1000);
}

static bool once_elsewhere(const struct tz_date *d, unsigned int year)
{
    return d->year != 0 && d->year != year;
}

/* Years that recur_date() knows. */
static unsigned int year_of(int64_t local_us)
{
    unsigned int year, month, day;

    recur_date_parts(recur_minutes(local_us), &year, &month, &day);
    return year;
}

/* Whether daylight time is in force, by the rule of the standard year. */
static bool daylight_at(const struct tz_rule *r, unsigned int year,
                        int64_t utc_us)
{
    int64_t begin, end;

    if (r->standard.month == 0 || r->daylight.month == 0 ||
        once_elsewhere(&r->standard, year) ||
        once_elsewhere(&r->daylight, year))
        return false;
    begin = date_us(&r->daylight, year) +
            (r->bias + r->standard_bias) * RECUR_MINUTE_US;
    end = date_us(&r->standard, year) +
          (r->bias + r->daylight_bias) * RECUR_MINUTE_US;
    if (begin < end)
        return utc_us >= begin && utc_us < end;
    return utc_us >= begin || utc_us < end;
}

int32_t timezone_bias(const struct timezone_info *tz, int64_t utc_us)
{
    const struct tz_rule *r = timezone_rule(tz, year_of(utc_us));
    /* the year's turn is that of standard time */
    unsigned int year =
        year_of(utc_us - (r->bias + r->standard_bias) * RECUR_MINUTE_US);

    r = timezone_rule(tz, year);
    return r->bias +
           (daylight_at(r, year, utc_us) ? r->daylight_bias : r->standard_bias);
}

int64_t timezone_to_local(const struct timezone_info *tz, int64_t utc_us)
{
    return utc_us - timezone_bias(tz, utc_us) * RECUR_MINUTE_US;
}

int64_t timezone_from_local(const struct timezone_info *tz, int64_t local_us)
{
    const struct tz_rule *r = timezone_rule(tz, year_of(local_us));
    int64_t standard =
        local_us + (r->bias + r->standard_bias) * RECUR_MINUTE_US;
    int64_t summer = local_us + (r->bias + r->daylight_bias) * RECUR_MINUTE_US;

    if (timezone_to_local(tz, standard) == local_us)
        return standard;
    if (timezone_to_local(tz, summer) == local_us)
        return summer;
    /*
     * Told by neither: in the gap when clocks go forward, or where one
     * year's rule meets another's: by what was in force before.
     */
    return local_us + timezone_bias(tz, standard - 180 * RECUR_MINUTE_US) *
                          RECUR_MINUTE_US;
}
