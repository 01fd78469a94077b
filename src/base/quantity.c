#include "base/quantity.h"

#include <string.h>

#include <glib.h>

#include "base/timestamp.h"

/* Decimal places of a duration: the clock's. */
#define PLACES 6

struct suffix {
    const char *text;
    uint64_t factor;
};

/* clang-format off */
static const struct suffix none[] = { { "", 1 }, { NULL, 0 } };
static const struct suffix sizes[] = {
    { "", 1 }, { "B", 1 },
    { "k", 1000 }, { "kB", 1000 }, { "Ki", 1u << 10 }, { "KiB", 1u << 10 },
    { "M", 1000000 }, { "MB", 1000000 }, { "Mi", 1u << 20 }, { "MiB", 1u << 20 },
    { "G", 1000000000 }, { "GB", 1000000000 }, { "Gi", 1u << 30 }, { "GiB", 1u << 30 },
    { NULL, 0 },
};
static const struct suffix times[] = {
    { "", 1 }, { "s", 1 }, { "m", 60 }, { "h", 3600 }, { "d", 86400 },
    { NULL, 0 },
};

static const struct kind {
    const struct suffix *suffixes;
    uint64_t unit; /* what is kept for one of it */
    uint64_t most;
    const char *shape, *name; /* in messages; shape NULL: the range says it */
} kinds[] = {
    [QUANTITY_NUMBER] = { none, 1, UINT32_MAX, NULL, "a whole number" },
    [QUANTITY_BYTES] = { sizes, 1, INT64_MAX,
                         "a size such as 500k, 8M or 2Gi",
                         "a number of bytes" },
    [QUANTITY_SECONDS] = { times, TIMESTAMP_SECOND, INT64_MAX,
                           "a duration such as 90, 0.5, 2m or 1h",
                           "a number of seconds" },
};
/* clang-format on */

static int refuse(struct err *err, const char *text, const char *wanted)
{
    return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0, "\"%s\" is not %s", text,
                   wanted);
}

static int refuse_range(const struct quantity_range *range, const char *text,
                        const char *kind, struct err *err)
{
    g_autofree char *wanted =
        range->max == 0 ? g_strdup_printf("%s of at least %" G_GUINT64_FORMAT,
                                          kind, range->min)
                        : g_strdup_printf("%s from %" G_GUINT64_FORMAT
                                          " to %" G_GUINT64_FORMAT,
                                          kind, range->min, range->max);

    return refuse(err, text, wanted);
}

static bool suffix_factor(const struct suffix *table, const char *text,
                          uint64_t *ret)
{
    for (; table->text != NULL; table++) {
        if (strcmp(table->text, text) == 0) {
            *ret = table->factor;
            return true;
        }
    }
    return false;
}

/* Leading digits; false when there are none or the number does not fit. */
static bool digits(const char **at, uint64_t *ret)
{
    const char *p = *at;
    uint64_t n = 0;

    for (; g_ascii_isdigit(*p); p++) {
        if (!g_uint64_checked_mul(&n, n, 10) ||
            !g_uint64_checked_add(&n, n, (uint64_t)(*p - '0')))
            return false;
    }
    if (p == *at)
        return false;
    *at = p;
    *ret = n;
    return true;
}

/* ".5" at *at, in microseconds; 0 where there is none. */
static bool fraction(const char **at, uint64_t *ret)
{
    uint64_t n = 0, weight = TIMESTAMP_SECOND;
    const char *p = *at;

    *ret = 0;
    if (*p != '.')
        return true;
    for (p++; g_ascii_isdigit(*p); p++) {
        weight /= 10;
        n += (uint64_t)(*p - '0') * weight;
    }
    if (p - *at < 2 || p - *at > PLACES + 1)
        return false;
    *at = p;
    *ret = n;
    return true;
}

int quantity_parse(enum quantity_kind kind, const struct quantity_range *range,
                   const char *text, uint64_t *ret, struct err *err)
{
    const struct kind *k = &kinds[kind];
    const char *at = text;
    uint64_t n, part = 0, factor;

    if (!digits(&at, &n) ||
        (kind == QUANTITY_SECONDS && !fraction(&at, &part)) ||
        !suffix_factor(k->suffixes, at, &factor)) {
        if (k->shape != NULL)
            return refuse(err, text, k->shape);
        return refuse_range(range, text, k->name, err);
    }
    if (!g_uint64_checked_mul(&n, n, k->unit) ||
        !g_uint64_checked_add(&n, n, part) ||
        !g_uint64_checked_mul(&n, n, factor) || n < range->min * k->unit ||
        n > (range->max != 0 ? range->max * k->unit : k->most))
        return refuse_range(range, text, k->name, err);
    *ret = n;
    return 0;
}

int quantity_flag(const char *text, bool *ret, struct err *err)
{
    static const char *const yes[] = { "1", "true", "yes", "on", NULL };
    static const char *const no[] = { "0", "false", "no", "off", NULL };

    if (!g_strv_contains(yes, text) && !g_strv_contains(no, text))
        return refuse(err, text, "\"yes\" or \"no\"");
    *ret = g_strv_contains(yes, text);
    return 0;
}
