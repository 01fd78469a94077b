#include "cmd/opt_priv.h"

#include <string.h>

#include "base/hours.h"
#include "base/nearest.h"
#include "base/quantity.h"
#include "base/timestamp.h"
#include "cmd/cmd.h"

static int refuse(struct err *err, const char *text, const char *wanted)
{
    return err_set(err, ERR_RUN, ERR_RETRY_NEVER, CMD_USAGE, "\"%s\" is not %s",
                   text, wanted);
}

/* A value of base/quantity, whose message is fit for a command line. */
static int set_quantity(enum quantity_kind kind, const struct opt_domain *d,
                        const char *text, uint64_t *ret, struct err *err)
{
    const struct quantity_range range = { d->min, d->max };

    if (quantity_parse(kind, &range, text, ret, err) < 0) {
        err->code = CMD_USAGE;
        return -1;
    }
    return 0;
}

static int set_flag(const struct opt_domain *d, const char *text, void *field,
                    struct err *err)
{
    (void)d;
    if (quantity_flag(text, field, err) < 0) {
        err->code = CMD_USAGE;
        return -1;
    }
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
    uint64_t n;

    if (set_quantity(QUANTITY_NUMBER, d, text, &n, err) < 0)
        return -1;
    *to = (unsigned int)n;
    return 0;
}

static int set_size(const struct opt_domain *d, const char *text, void *field,
                    struct err *err)
{
    return set_quantity(QUANTITY_BYTES, d, text, field, err);
}

static int set_seconds(const struct opt_domain *d, const char *text,
                       void *field, struct err *err)
{
    int64_t *to = field;
    uint64_t us;

    if (set_quantity(QUANTITY_SECONDS, d, text, &us, err) < 0)
        return -1;
    *to = (int64_t)us;
    return 0;
}

static int set_word(const struct opt_domain *d, const char *text, void *field,
                    struct err *err)
{
    g_autoptr(GPtrArray) words = g_ptr_array_new();

    for (const struct opt_word *w = d->words; w->word != NULL; w++) {
        if (strcmp(w->word, text) == 0) {
            memcpy(field, &w->value, sizeof(w->value));
            return 0;
        }
        g_ptr_array_add(words, (gpointer)(intptr_t)w->word);
    }
    g_ptr_array_add(words, NULL);
    nearest_refuse(err, text, (const char *const *)words->pdata);
    err->code = CMD_USAGE;
    return -1;
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

static int set_hours(const struct opt_domain *d, const char *text, void *field,
                     struct err *err)
{
    g_autoptr(hours) h = NULL;
    const char **to = field;

    (void)d;
    if (hours_parse(text, &h, err) < 0) {
        err->code = CMD_USAGE;
        return -1;
    }
    *to = text;
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
        [OPT_WORDS] = set_words,     [OPT_HOURS] = set_hours,
    };

    return setters[domain->type](domain, text, field, err);
}
