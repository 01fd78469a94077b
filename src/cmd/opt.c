#include "cmd/opt.h"

#include <string.h>

#include "base/nearest.h"
#include "cmd/cmd.h"
#include "cmd/opt_priv.h"

/* One command line being read. */
struct reading {
    const struct opt_spec *spec;
    const char *const *argv;
    int argc, at;
    char *into;
    GHashTable *given; /* rows that the command line named */
    size_t n_args;
    bool only_args; /* after "--" */
};

/* A row and where its group lies in the command's struct. */
struct place {
    const struct opt *row;
    size_t base;
};

typedef bool row_test(const struct opt *row, const void *key);

/* The first row that passes, or NULL. */
static struct place find(const struct opt_spec *spec, row_test *test,
                         const void *key)
{
    for (const struct opt_group *g = spec->groups;
         g != NULL && g->title != NULL; g++) {
        for (const struct opt *row = g->rows; row->long_name != NULL; row++) {
            if (test(row, key))
                return (struct place){ row, g->base };
        }
    }
    return (struct place){ NULL, 0 };
}

struct name {
    const char *text;
    size_t len;
};

static bool has_long_name(const struct opt *row, const void *key)
{
    const struct name *name = key;

    return strlen(row->long_name) == name->len &&
           memcmp(row->long_name, name->text, name->len) == 0;
}

static bool has_short_name(const struct opt *row, const void *key)
{
    return row->short_name == *(const char *)key;
}

const struct opt *opt_find(const struct opt_spec *spec, const char *name)
{
    struct name key = { name, strlen(name) };

    return find(spec, has_long_name, &key).row;
}

static int usage(struct err *err, const char *fmt, const char *what)
{
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    return err_set(err, ERR_RUN, ERR_RETRY_NEVER, CMD_USAGE, fmt, what);
#pragma GCC diagnostic pop
}

static int unknown_option(const struct reading *r, const struct name *name,
                          struct err *err)
{
    g_autoptr(GPtrArray) known = g_ptr_array_new();
    g_autofree char *typed = g_strndup(name->text, name->len);
    const char *near;

    for (const struct opt_group *g = r->spec->groups;
         g != NULL && g->title != NULL; g++)
        for (const struct opt *row = g->rows; row->long_name != NULL; row++)
            g_ptr_array_add(known, (gpointer)(intptr_t)row->long_name);
    g_ptr_array_add(known, NULL);
    near = nearest_word(typed, (const char *const *)known->pdata);
    return err_set(err, ERR_RUN, ERR_RETRY_NEVER, CMD_USAGE,
                   near != NULL ? "unknown option \"--%s\"; did you mean "
                                  "\"--%s\"?"
                                : "unknown option \"--%s\"",
                   typed, near);
}

static int set_row(struct reading *r, const struct place *place,
                   const char *value, struct err *err)
{
    const struct opt *row = place->row;
    struct opt_domain domain = { row->type, row->min, row->max, row->words };
    bool yes = true;

    if (opt_value_set(&domain, value, r->into + place->base + row->offset,
                      err) < 0)
        return -1;
    if (row->given != 0)
        memcpy(r->into + place->base + row->given, &yes, sizeof(yes));
    return 0;
}

/* From the command line, which outranks what else could set the row. */
static int set_typed(struct reading *r, const struct place *place,
                     const char *value, struct err *err)
{
    g_hash_table_add(r->given, (gpointer)(intptr_t)place->row);
    if (set_row(r, place, value, err) < 0)
        return err_in(err, "option \"--%s\"", place->row->long_name);
    return 0;
}

/* The word after the current one, as the value of an option. */
static int next_word(struct reading *r, const struct opt *row, const char **ret,
                     struct err *err)
{
    if (r->at + 1 >= r->argc)
        return err_set(err, ERR_RUN, ERR_RETRY_NEVER, CMD_USAGE,
                       "option \"--%s\" needs a value: --%s %s", row->long_name,
                       row->long_name, row->arg);
    *ret = r->argv[++r->at];
    return 0;
}

/* "--name", "--name=value", "--name value" */
static int read_long(struct reading *r, const char *word, struct err *err)
{
    const char *equals = strchr(word, '=');
    struct name name = { word, equals != NULL ? (size_t)(equals - word)
                                              : strlen(word) };
    const char *value = equals != NULL ? equals + 1 : NULL;
    struct place place = find(r->spec, has_long_name, &name);
    const struct opt *row = place.row;

    if (row == NULL)
        return unknown_option(r, &name, err);
    if (row->type == OPT_FLAG && value != NULL)
        return usage(err, "option \"--%s\" takes no value", row->long_name);
    if (row->type == OPT_FLAG)
        value = "yes";
    else if (value == NULL && next_word(r, row, &value, err) < 0)
        return -1;
    return set_typed(r, &place, value, err);
}

/* "-n", "-nvalue", "-n value", flags in one word: "-ab" */
static int read_short(struct reading *r, const char *word, struct err *err)
{
    for (; *word != '\0'; word++) {
        struct place place = find(r->spec, has_short_name, word);
        const struct opt *row = place.row;
        const char *value = word + 1;

        if (row == NULL) {
            char letter[] = { *word, '\0' };

            return usage(err, "unknown option \"-%s\"", letter);
        }
        if (row->type == OPT_FLAG) {
            if (set_typed(r, &place, "yes", err) < 0)
                return -1;
            continue;
        }
        if (*value == '\0' && next_word(r, row, &value, err) < 0)
            return -1;
        return set_typed(r, &place, value, err);
    }
    return 0;
}

static int read_arg(struct reading *r, const char *word, struct err *err)
{
    const struct opt_arg *arg = r->spec->args;
    struct opt_domain domain = { 0 };

    for (size_t i = 0; arg != NULL && arg->name != NULL && i < r->n_args; i++)
        arg++;
    if (arg == NULL || arg->name == NULL)
        return usage(err, "unexpected argument \"%s\"", word);
    r->n_args++;
    domain.type = arg->type;
    domain.words = arg->words;
    if (opt_value_set(&domain, word, r->into + arg->offset, err) < 0)
        return err_in(err, "argument %s", arg->name);
    return 0;
}

static int read_word(struct reading *r, struct err *err)
{
    const char *word = r->argv[r->at];

    if (r->only_args || word[0] != '-' || word[1] == '\0')
        return read_arg(r, word, err);
    if (strcmp(word, "--") == 0) {
        r->only_args = true;
        return 0;
    }
    if (word[1] == '-')
        return read_long(r, word + 2, err);
    return read_short(r, word + 1, err);
}

/* A row that the command line left alone: the environment, the default. */
static int read_default(struct reading *r, const struct place *place,
                        struct err *err)
{
    const struct opt *row = place->row;
    struct opt_domain domain = { row->type, row->min, row->max, row->words };
    const char *value = row->env != NULL ? g_getenv(row->env) : NULL;

    if (value != NULL && *value != '\0') {
        if (set_row(r, place, value, err) < 0)
            return err_in(err, "environment variable %s", row->env);
        return 0;
    }
    if (row->initial == NULL)
        return 0;
    return opt_value_set(&domain, row->initial,
                         r->into + place->base + row->offset, err);
}

static int read_defaults(struct reading *r, struct err *err)
{
    for (const struct opt_group *g = r->spec->groups;
         g != NULL && g->title != NULL; g++) {
        for (const struct opt *row = g->rows; row->long_name != NULL; row++) {
            struct place place = { row, g->base };

            if (!g_hash_table_contains(r->given, row) &&
                read_default(r, &place, err) < 0)
                return -1;
        }
    }
    return 0;
}

/* ---- what goes with which action ----------------------------------------- */

static const struct opt_arg *action_of(const struct opt_spec *spec)
{
    const struct opt_arg *arg = spec->args;

    while (arg != NULL && arg->name != NULL && arg->words == NULL)
        arg++;
    return arg != NULL && arg->name != NULL ? arg : NULL;
}

char *opt_with(const struct opt_spec *spec, unsigned int with)
{
    const struct opt_arg *arg = action_of(spec);
    GString *s;

    if (with == 0 || arg == NULL)
        return NULL;
    s = g_string_new(NULL);
    for (const struct opt_word *w = arg->words; w->word != NULL; w++)
        if ((with & 1u << w->value) != 0)
            g_string_append_printf(s, "%s%s", s->len > 0 ? ", " : "", w->word);
    return g_string_free(s, FALSE);
}

static int want_action(const struct reading *r, const struct opt *row,
                       unsigned int with, struct err *err)
{
    const struct opt_arg *arg = action_of(r->spec);
    g_autofree char *words = opt_with(r->spec, with);
    const struct opt_word *w;
    int value;

    if (words == NULL || !g_hash_table_contains(r->given, row))
        return 0;
    memcpy(&value, r->into + arg->offset, sizeof(value));
    if ((with & 1u << value) != 0)
        return 0;
    for (w = arg->words; w->word != NULL && w->value != value; w++)
        ;
    return err_set(err, ERR_RUN, ERR_RETRY_NEVER, CMD_USAGE,
                   "option \"--%s\" does not go with \"%s\", but with: %s",
                   row->long_name, w->word, words);
}

static int want_actions(const struct reading *r, struct err *err)
{
    for (const struct opt_group *g = r->spec->groups;
         g != NULL && g->title != NULL; g++)
        for (const struct opt *row = g->rows; row->long_name != NULL; row++)
            if (want_action(r, row, row->with != 0 ? row->with : g->with, err) <
                0)
                return -1;
    return 0;
}

/* ---- all of it ----------------------------------------------------------- */

static int want_args(const struct reading *r, struct err *err)
{
    const struct opt_arg *arg = r->spec->args;

    for (size_t i = 0; arg != NULL && arg->name != NULL; i++, arg++)
        if (i >= r->n_args && arg->required)
            return usage(err, "argument %s is missing", arg->name);
    return 0;
}

int opt_parse(const struct opt_spec *spec, int argc, const char *const *argv,
              void *into, struct err *err)
{
    g_autoptr(GHashTable) given = g_hash_table_new(NULL, NULL);
    struct reading r = {
        .spec = spec,
        .argv = argv,
        .argc = argc,
        .into = into,
        .given = given,
    };

    for (r.at = 1; r.at < argc; r.at++)
        if (read_word(&r, err) < 0)
            return -1;
    if (want_args(&r, err) < 0 || want_actions(&r, err) < 0)
        return -1;
    return read_defaults(&r, err);
}
