#include "cmd/opt_priv.h"

#include <string.h>

#include "base/nearest.h"
#include "base/timestamp.h"
#include "cmd/cmd.h"

/* Decimal places of a duration: the clock's. */
#define PLACES 6

struct suffix {
    const char *text;
    uint64_t factor;
};

/* clang-format off */
static const struct suffix size_suffixes[] = {
    { "", 1 }, { "B", 1 },
    { "k", 1000 }, { "kB", 1000 }, { "Ki", 1u << 10 }, { "KiB", 1u << 10 },
    { "M", 1000000 }, { "MB", 1000000 }, { "Mi", 1u << 20 }, { "MiB", 1u << 20 },
    { "G", 1000000000 }, { "GB", 1000000000 }, { "Gi", 1u << 30 }, { "GiB", 1u << 30 },
    { NULL, 0 },
};
static const struct suffix time_suffixes[] = {
    { "", 1 }, { "s", 1 }, { "m", 60 }, { "h", 3600 }, { "d", 86400 },
    { NULL, 0 },
};
/* clang-format on */

static int refuse(struct err *err, const char *text, const char *wanted)
{
    return err_set(err, ERR_RUN, ERR_RETRY_NEVER, CMD_USAGE, "\"%s\" is not %s",
                   text, wanted);
}

static int refuse_range(const struct opt_domain *d, const char *text,
                        const char *kind, struct err *err)
{
    g_autofree char *wanted =
        d->max == 0
            ? g_strdup_printf("%s of at least %" G_GUINT64_FORMAT, kind, d->min)
            : g_strdup_printf("%s from %" G_GUINT64_FORMAT
                              " to %" G_GUINT64_FORMAT,
                              kind, d->min, d->max);

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

static bool in_range(const struct opt_domain *d, uint64_t n, uint64_t most)
{
    return n >= d->min && n <= (d->max != 0 ? d->max : most);
}

static int set_flag(const struct opt_domain *d, const char *text, void *field,
                    struct err *err)
{
    static const char *const yes[] = { "1", "true", "yes", "on", NULL };
    static const char *const no[] = { "0", "false", "no", "off", NULL };
    bool *flag = field;

    (void)d;
    if (!g_strv_contains(yes, text) && !g_strv_contains(no, text))
        return refuse(err, text, "\"yes\" or \"no\"");
    *flag = g_strv_contains(yes, text);
    return 0;
}

static int set_text(const struct opt_domain *d, const char *text, void *field,
                    struct err *err)
{
    const char **to = field;

    (void)d;
    /* An empty value is a shell variable that was not set. */
    if (*text == '\0')
        return err_set(err, ERR_RUN, ERR_RETRY_NEVER, CMD_USAGE,
                       "the value is empty");
    *to = text;
    return 0;
}

static int set_uint(const struct opt_domain *d, const char *text, void *field,
                    struct err *err)
{
    unsigned int *to = field;
    const char *at = text;
    uint64_t n;

    if (!digits(&at, &n) || *at != '\0' || !in_range(d, n, UINT32_MAX))
        return refuse_range(d, text, "a whole number", err);
    *to = (unsigned int)n;
    return 0;
}

static int set_size(const struct opt_domain *d, const char *text, void *field,
                    struct err *err)
{
    uint64_t *to = field;
    const char *at = text;
    uint64_t n, factor;

    if (!digits(&at, &n) || !suffix_factor(size_suffixes, at, &factor))
        return refuse(err, text, "a size such as 500k, 8M or 2Gi");
    if (!g_uint64_checked_mul(&n, n, factor) || !in_range(d, n, INT64_MAX))
        return refuse_range(d, text, "a number of bytes", err);
    *to = n;
    return 0;
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

static int set_seconds(const struct opt_domain *d, const char *text,
                       void *field, struct err *err)
{
    int64_t *to = field;
    const char *at = text;
    uint64_t n, part, factor, us;

    if (!digits(&at, &n) || !fraction(&at, &part) ||
        !suffix_factor(time_suffixes, at, &factor))
        return refuse(err, text, "a duration such as 90, 0.5, 2m or 1h");
    if (!g_uint64_checked_mul(&us, n, TIMESTAMP_SECOND) ||
        !g_uint64_checked_add(&us, us, part) ||
        !g_uint64_checked_mul(&us, us, factor) ||
        us < d->min * TIMESTAMP_SECOND ||
        us > (d->max != 0 ? d->max * TIMESTAMP_SECOND : INT64_MAX))
        return refuse_range(d, text, "a number of seconds", err);
    *to = (int64_t)us;
    return 0;
}

static int set_word(const struct opt_domain *d, const char *text, void *field,
                    struct err *err)
{
    g_autoptr(GPtrArray) words = g_ptr_array_new();
    g_autofree char *list = NULL;
    const char *near;

    for (const struct opt_word *w = d->words; w->word != NULL; w++) {
        if (strcmp(w->word, text) == 0) {
            memcpy(field, &w->value, sizeof(w->value));
            return 0;
        }
        g_ptr_array_add(words, (gpointer)(intptr_t)w->word);
    }
    g_ptr_array_add(words, NULL);
    list = g_strjoinv(", ", (char **)words->pdata);
    near = nearest_word(text, (const char *const *)words->pdata);
    return err_set(err, ERR_RUN, ERR_RETRY_NEVER, CMD_USAGE,
                   near != NULL ? "\"%s\" is none of %s; did you mean \"%s\"?"
                                : "\"%s\" is none of %s",
                   text, list, near);
}

/* Each is one word; "" between two commas is none. */
static int set_words(const struct opt_domain *d, const char *text, void *field,
                     struct err *err)
{
    g_auto(GStrv) words = g_strsplit(text, ",", -1);
    unsigned int *to = field, all = 0;

    for (char **word = words; *word != NULL; word++) {
        int value = 0;

        if (set_word(d, *word, &value, err) < 0)
            return -1;
        all |= (unsigned int)value;
    }
    *to = all;
    return 0;
}

static int set_date(const struct opt_domain *d, const char *text, void *field,
                    struct err *err)
{
    g_autofree char *midnight = g_strconcat(text, "T00:00:00Z", NULL);
    int64_t *to = field;

    (void)d;
    if (!timestamp_parse(strchr(text, 'T') != NULL ? text : midnight, to))
        return refuse(err, text,
                      "a date such as 2026-01-31 or 2026-01-31T12:00:00Z");
    return 0;
}

static int add_text(const struct opt_domain *d, const char *text, void *field,
                    struct err *err)
{
    struct opt_list *to = field;

    if (to->n == OPT_LIST_MAX)
        return err_set(err, ERR_RUN, ERR_RETRY_NEVER, CMD_USAGE,
                       "it is given more than %d times", OPT_LIST_MAX);
    if (set_text(d, text, &to->v[to->n], err) < 0)
        return -1;
    to->n++;
    return 0;
}

int opt_value_set(const struct opt_domain *domain, const char *text,
                  void *field, struct err *err)
{
    static int (*const setters[])(const struct opt_domain *d, const char *text,
                                  void *field, struct err *err) = {
        [OPT_FLAG] = set_flag,       [OPT_STR] = set_text,
        [OPT_FILE] = set_text,       [OPT_DIRECTORY] = set_text,
        [OPT_UINT] = set_uint,       [OPT_SIZE] = set_size,
        [OPT_SECONDS] = set_seconds, [OPT_WORD] = set_word,
        [OPT_DATE] = set_date,       [OPT_LIST] = add_text,
        [OPT_WORDS] = set_words,
    };

    return setters[domain->type](domain, text, field, err);
}
