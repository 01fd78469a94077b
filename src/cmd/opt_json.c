#include "cmd/opt_json.h"

#include <string.h>

#include "base/timestamp.h"
#include "cmd/cmd.h"
#include "cmd/opt_priv.h"
#include "fleet/options.h"

static json_t *flag_json(const struct opt *row, const void *field)
{
    (void)row;
    return json_boolean(*(const bool *)field);
}

static json_t *text_json(const struct opt *row, const void *field)
{
    (void)row;
    return json_string(*(const char *const *)field);
}

static json_t *uint_json(const struct opt *row, const void *field)
{
    (void)row;
    return json_integer((json_int_t) * (const unsigned int *)field);
}

static json_t *size_json(const struct opt *row, const void *field)
{
    (void)row;
    return json_integer((json_int_t) * (const uint64_t *)field);
}

/* "0.5": as a person would write it. */
static json_t *seconds_json(const struct opt *row, const void *field)
{
    int64_t us = *(const int64_t *)field;
    char text[G_ASCII_DTOSTR_BUF_SIZE];

    (void)row;
    if (us % TIMESTAMP_SECOND == 0)
        return json_integer((json_int_t)(us / TIMESTAMP_SECOND));
    g_ascii_formatd(text, sizeof(text), "%.6f",
                    (double)us / (double)TIMESTAMP_SECOND);
    return json_string(text);
}

static json_t *word_json(const struct opt *row, const void *field)
{
    int value = *(const int *)field;

    for (const struct opt_word *w = row->words; w->word != NULL; w++)
        if (w->value == value)
            return json_string(w->word);
    return json_null();
}

json_t *opt_words_json(const struct opt_word *words, unsigned int all)
{
    json_t *list = json_array();

    for (const struct opt_word *w = words; w->word != NULL; w++) {
        unsigned int bits = (unsigned int)w->value;

        if (bits != 0 && (all & bits) == bits)
            json_array_append_new(list, json_string(w->word));
    }
    return list;
}

static json_t *words_json(const struct opt *row, const void *field)
{
    return opt_words_json(row->words, *(const unsigned int *)field);
}

static json_t *date_json(const struct opt *row, const void *field)
{
    g_autofree char *text = timestamp_format(*(const int64_t *)field);

    (void)row;
    return json_string(text);
}

static json_t *list_json(const struct opt *row, const void *field)
{
    const struct opt_list *all = field;
    json_t *list = json_array();

    (void)row;
    for (size_t i = 0; i < all->n; i++)
        json_array_append_new(list, json_string(all->v[i]));
    return list;
}

static const struct {
    size_t size; /* of the field */
    json_t *(*json)(const struct opt *row, const void *field);
} types[] = {
    [OPT_FLAG] = { sizeof(bool), flag_json },
    [OPT_STR] = { sizeof(char *), text_json },
    [OPT_FILE] = { sizeof(char *), text_json },
    [OPT_DIRECTORY] = { sizeof(char *), text_json },
    [OPT_UINT] = { sizeof(unsigned int), uint_json },
    [OPT_SIZE] = { sizeof(uint64_t), size_json },
    [OPT_SECONDS] = { sizeof(int64_t), seconds_json },
    [OPT_WORD] = { sizeof(int), word_json },
    [OPT_WORDS] = { sizeof(unsigned int), words_json },
    [OPT_DATE] = { sizeof(int64_t), date_json },
    [OPT_HOURS] = { sizeof(char *), text_json },
    [OPT_LIST] = { sizeof(struct opt_list), list_json },
};

static bool is_default(const struct opt *row, const void *field)
{
    const struct opt_domain domain = { row->type, row->min, row->max,
                                       row->words };
    union {
        struct opt_list list;
        int64_t number;
    } initial = { .list = { { NULL }, 0 } };
    struct err ignored;

    if (row->initial != NULL &&
        opt_value_set(&domain, row->initial, &initial, &ignored) < 0)
        return false;
    return memcmp(&initial, field, types[row->type].size) == 0;
}

static int put(const struct opt *row, const void *field,
               const char *const *ours, json_t *to, struct err *err)
{
    if (g_strv_contains(ours, row->long_name) || is_default(row, field))
        return 0;
    if (!fleet_options_has(row->long_name))
        return err_set(err, ERR_RUN, ERR_RETRY_NEVER, CMD_USAGE,
                       "option \"--%s\" does not go with --server: there it "
                       "is in the service's configuration, or not at all",
                       row->long_name);
    json_object_set_new(to, row->long_name, types[row->type].json(row, field));
    return 0;
}

int opt_json(const struct opt_spec *spec, const void *options,
             const char *const *ours, json_t **ret, struct err *err)
{
    json_t *all = json_object();

    for (const struct opt_group *g = spec->groups; g->title != NULL; g++)
        for (const struct opt *row = g->rows; row->long_name != NULL; row++)
            if (put(row, (const char *)options + g->base + row->offset, ours,
                    all, err) < 0) {
                json_decref(all);
                return -1;
            }
    *ret = all;
    return 0;
}
