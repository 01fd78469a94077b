#include <errno.h>
#include <stdlib.h>

#include "lab/fault_priv.h"

void fault_rule_free(void *rule)
{
    struct fault_rule *r = rule;

    g_free(r->text);
    g_free(r->op);
    g_free(r->mailbox);
    g_free(r->match);
    g_free(r->item_class);
    if (r->rand != NULL)
        g_rand_free(r->rand);
    g_free(r);
}

enum key_type {
    KEY_TEXT,
    KEY_NUMBER,
    KEY_NUMBER32,
    KEY_TIME,
    KEY_CODE,
    KEY_TO,
    KEY_STATUS,
    KEY_BARE,
    KEY_RATE,
    KEY_SEED,
};

/* clang-format off */
#define R(field) offsetof(struct fault_rule, field)
static const struct {
    const char *name;
    enum key_type type;
    size_t offset;
} keys[] = {
    { "op", KEY_TEXT, R(op) },
    { "mailbox", KEY_TEXT, R(mailbox) },
    { "match", KEY_TEXT, R(match) },
    { "class", KEY_TEXT, R(item_class) },
    { "bytes", KEY_NUMBER, R(bytes) },
    { "skip", KEY_NUMBER, R(skip) },
    { "every", KEY_NUMBER, R(every) },
    { "times", KEY_NUMBER, R(times) },
    { "rate", KEY_RATE, 0 },
    { "seed", KEY_SEED, 0 },
    { "after", KEY_TIME, R(after_us) },
    { "until", KEY_TIME, R(until_us) },
    { "for", KEY_TIME, R(for_us) },
    { "period", KEY_TIME, R(period_us) },
    { "ms", KEY_NUMBER32, R(hit.ms) },
    { "n", KEY_NUMBER32, R(hit.n) },
    { "code", KEY_CODE, 0 },
    { "to", KEY_TO, 0 },
    { "status", KEY_STATUS, 0 },
    { "bare", KEY_BARE, 0 },
};
#undef R
/* clang-format on */

static int bad_value(struct err *err, const char *name, const char *value)
{
    return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                   "fault: \"%s\" is no value for %s", value, name);
}

int64_t fault_read_time(const char *text)
{
    static const struct {
        const char *unit;
        int64_t us;
    } units[] = {
        { "ms", 1000 },
        { "s", 1000000 },
        { "m", INT64_C(60000000) },
        { "h", INT64_C(3600000000) },
        { "", 1000000 },
    };
    char *end = NULL;
    double n;

    if (!g_ascii_isdigit(text[0]))
        return -1;
    n = g_ascii_strtod(text, &end);
    for (size_t i = 0; i < G_N_ELEMENTS(units); i++)
        if (strcmp(end, units[i].unit) == 0 && n <= UINT32_MAX)
            return (int64_t)(n * (double)units[i].us);
    return -1;
}

static int set_number(struct fault_rule *r, size_t key, const char *value,
                      struct err *err)
{
    char *field = (char *)r + keys[key].offset;
    guint64 n = 0;

    if (!g_ascii_string_to_unsigned(value, 10, 0, UINT32_MAX, &n, NULL))
        return bad_value(err, keys[key].name, value);
    if (keys[key].type == KEY_NUMBER)
        *(uint64_t *)(void *)field = n;
    else if (keys[key].type == KEY_NUMBER32)
        *(uint32_t *)(void *)field = (uint32_t)n;
    else if (keys[key].type == KEY_BARE)
        r->hit.bare = n != 0;
    else if (keys[key].type == KEY_SEED)
        g_rand_set_seed(r->rand, (guint32)n);
    else if (n >= 200 && n <= 599)
        r->hit.status = (unsigned int)n;
    else
        return bad_value(err, keys[key].name, value);
    return 0;
}

/* A share from 0 to 1. */
static int set_rate(struct fault_rule *r, size_t key, const char *value,
                    struct err *err)
{
    char *end = NULL;
    double rate = g_ascii_strtod(value, &end);

    if (end == value || *end != '\0' || !(rate >= 0 && rate <= 1))
        return bad_value(err, keys[key].name, value);
    r->rate = rate;
    return 0;
}

static int set_time(struct fault_rule *r, size_t key, const char *value,
                    struct err *err)
{
    int64_t us = fault_read_time(value);

    if (us < 0)
        return bad_value(err, keys[key].name, value);
    *(int64_t *)(void *)((char *)r + keys[key].offset) = us;
    return 0;
}

/* Into a field of that size. */
static int set_fixed(char *field, size_t size, size_t key, const char *value,
                     struct err *err)
{
    if (value[0] == '\0' || strlen(value) >= size)
        return bad_value(err, keys[key].name, value);
    g_strlcpy(field, value, size);
    return 0;
}

static int set_key(struct fault_rule *r, size_t key, const char *value,
                   struct err *err)
{
    char **text = (char **)(void *)((char *)r + keys[key].offset);

    switch (keys[key].type) {
    case KEY_TEXT:
        g_free(*text);
        *text = g_strdup(value);
        return 0;
    case KEY_TIME:
        return set_time(r, key, value, err);
    case KEY_RATE:
        return set_rate(r, key, value, err);
    case KEY_CODE:
        return set_fixed(r->hit.code, sizeof(r->hit.code), key, value, err);
    case KEY_TO:
        return set_fixed(r->hit.to, sizeof(r->hit.to), key, value, err);
    case KEY_NUMBER:
    case KEY_NUMBER32:
    case KEY_STATUS:
    case KEY_BARE:
    case KEY_SEED:
    default:
        return set_number(r, key, value, err);
    }
}

static int read_key(struct fault_rule *r, const char *text, struct err *err)
{
    const char *equals = strchr(text, '=');
    size_t n = equals != NULL ? (size_t)(equals - text) : 0;

    for (size_t i = 0; n > 0 && i < G_N_ELEMENTS(keys); i++)
        if (strlen(keys[i].name) == n && strncmp(keys[i].name, text, n) == 0)
            return set_key(r, i, equals + 1, err);
    return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                   "fault: \"%s\" is no condition", text);
}

static int find_kind(const char *name, enum fault_kind *ret, struct err *err)
{
    for (int i = 0; i < N_FAULT_KINDS; i++)
        if (strcmp(fault_rows[i].name, name) == 0) {
            *ret = (enum fault_kind)i;
            return 0;
        }
    return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                   "fault: there is no kind \"%s\"", name);
}

static struct fault_rule *defaults_of(enum fault_kind kind)
{
    struct fault_rule *r = g_new0(struct fault_rule, 1);
    const struct fault_row *row = &fault_rows[kind];

    r->kind = kind;
    r->every = 1;
    r->times = UINT64_MAX;
    r->rate = 1;
    r->rand = g_rand_new_with_seed(1);
    r->last_period = -1;
    r->until_us = INT64_MAX;
    r->hit.status = row->status;
    r->hit.ms = row->ms;
    r->hit.n = row->n;
    g_strlcpy(r->hit.code, row->code, sizeof(r->hit.code));
    return r;
}

struct fault_rule *fault_rule_new(const char *text, struct err *err)
{
    g_auto(GStrv) halves = g_strsplit(text, ":", 2);
    g_auto(GStrv) parts = NULL;
    enum fault_kind kind = 0;
    struct fault_rule *r;

    if (find_kind(halves[0] != NULL ? halves[0] : "", &kind, err) < 0)
        return NULL;
    r = defaults_of(kind);
    r->text = g_strdup(text);
    parts = g_strsplit(halves[1] != NULL ? halves[1] : "", ",", -1);
    for (size_t i = 0; parts[i] != NULL; i++)
        if (read_key(r, parts[i], err) < 0) {
            fault_rule_free(r);
            return NULL;
        }
    r->every = MAX(r->every, 1);
    if (r->for_us > 0 && r->period_us == 0)
        r->until_us = r->after_us + r->for_us;
    return r;
}
