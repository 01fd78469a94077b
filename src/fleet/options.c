#include "fleet/options.h"

#include <string.h>

#include <jansson.h>

#include "base/quantity.h"
#include "base/timestamp.h"

enum type { FLAG, NUMBER, SECONDS, BYTES, WORD, WORDS, LIST, DATE };
static const char *const type_names[] = {
    [FLAG] = "true or false",
    [NUMBER] = "a number",
    [SECONDS] = "a duration",
    [BYTES] = "a size",
    [WORD] = "a word",
    [WORDS] = "an array of words",
    [LIST] = "an array of texts",
    [DATE] = "a date",
};

struct word {
    const char *word; /* NULL ends the table */
    unsigned int value;
};

struct member {
    const char *name;
    enum type type;
    size_t offset;
    uint64_t min, max; /* max 0: none */
    const struct word *words;
    uint64_t initial;
};

/* clang-format off */
static const struct word verify_words[] = {
    { "nothing", VERIFY_MODE_NOTHING }, { "new", FLEET_VERIFY_NEW },
    { "counts", VERIFY_MODE_COUNTS }, { "sample", VERIFY_MODE_SAMPLE },
    { "full", VERIFY_MODE_FULL }, { NULL, 0 },
};
static const struct word unlike_words[] = {
    { "leave", ENGINE_UNLIKE_LEAVE }, { "copy", ENGINE_UNLIKE_COPY },
    { NULL, 0 },
};
static const struct word part_words[] = {
    { "permissions", SETTINGS_PERMISSIONS }, { "delegates", SETTINGS_DELEGATES },
    { "rules", SETTINGS_RULES }, { "replies", SETTINGS_REPLIES },
    { "options", SETTINGS_OPTIONS }, { "categories", SETTINGS_CATEGORIES },
    { "photo", SETTINGS_PHOTO }, { "all", SETTINGS_ALL }, { "none", 0 },
    { NULL, 0 },
};
static const struct word kind_words[] = {
    { "mail", 1u << KIND_MAIL }, { "calendar", 1u << KIND_CALENDAR },
    { "contact", 1u << KIND_CONTACT }, { "task", 1u << KIND_TASK },
    { "note", 1u << KIND_NOTE }, { "journal", 1u << KIND_JOURNAL },
    { "other", 1u << KIND_OTHER }, { "all", ENGINE_KINDS_ALL },
    { NULL, 0 },
};

#define O(field) offsetof(struct fleet_options, field)
#define HUNDRED_YEARS (UINT64_C(100) * 365 * 86400)
static const struct member members[] = {
    { "verify", WORD, O(verify), .words = verify_words,
      .initial = FLEET_VERIFY_NEW },
    { "settings", WORDS, O(parts), .words = part_words },
    { "unlike", WORD, O(unlike), .words = unlike_words },
    { "enable-forwarding", FLAG, O(enable_forwarding) },
    { "replace-outlook-rules", FLAG, O(replace_outlook_rules) },
    { "replace-photo", FLAG, O(replace_photo) },
    { "dry-run", FLAG, O(dry_run) },
    { "propagate-deletes", FLAG, O(propagate_deletes) },
    { "no-digest", FLAG, O(no_digest) },
    { "adopt", FLAG, O(adopt) },
    { "no-archive", FLAG, O(no_archive) },
    { "recoverable-items", FLAG, O(recoverable_items) },
    { "trial", FLAG, O(trial) },
    { "by-item", FLAG, O(by_item) },
    { "doubt-wait", SECONDS, O(doubt_wait_us), .max = 86400,
      .initial = UINT64_C(120000000) },
    { "patience", SECONDS, O(patience_us), .max = UINT64_C(7) * 86400,
      .initial = UINT64_C(3600000000) },
    { "max-failures", NUMBER, O(max_failures), .min = 1 },
    { "pre-stage", SECONDS, O(pre_stage_us), .max = HUNDRED_YEARS },
    { "kinds", WORDS, O(kinds), .words = kind_words },
    { "since", DATE, O(since_us) },
    { "before", DATE, O(before_us) },
    { "max-item-size", BYTES, O(max_item_bytes), .min = 1 },
    { "request-limit", BYTES, O(request_max_bytes), .min = 1000000 },
    { "lanes", NUMBER, O(lanes), .min = 1, .max = 64, .initial = 8 },
    { "first-requests", NUMBER, O(first_requests), .min = 1, .max = 64,
      .initial = 4 },
    { "folder", LIST, O(folders) },
    { "not-folder", LIST, O(not_folders) },
    { "allow-host", LIST, O(allow_hosts) },
};
#undef O
/* clang-format on */

/* More is a mistake, or meant to do harm. */
#define LIST_MAX 1000

const char *fleet_options_name(size_t i, const char **ret_type)
{
    if (i >= G_N_ELEMENTS(members))
        return NULL;
    if (ret_type != NULL)
        *ret_type = type_names[members[i].type];
    return members[i].name;
}

bool fleet_options_has(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(members); i++)
        if (strcmp(members[i].name, name) == 0)
            return true;
    return false;
}

void fleet_options_clear(struct fleet_options *o)
{
    g_clear_pointer(&o->folders, g_strfreev);
    g_clear_pointer(&o->not_folders, g_strfreev);
    g_clear_pointer(&o->allow_hosts, g_strfreev);
}

static void *field(struct fleet_options *o, const struct member *m)
{
    return (char *)o + m->offset;
}

static void set_initial(struct fleet_options *o)
{
    *o = (struct fleet_options){ 0 };
    for (size_t i = 0; i < G_N_ELEMENTS(members); i++) {
        const struct member *m = &members[i];

        if (m->initial == 0)
            continue;
        if (m->type == WORD)
            *(unsigned int *)field(o, m) = (unsigned int)m->initial;
        else
            *(uint64_t *)field(o, m) = m->initial;
    }
}

/* ---- values ----------------------------------------------------------- */

static int odd(const struct member *m, struct err *err)
{
    return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0, "not %s",
                   type_names[m->type]);
}

static int word_of(const struct member *m, const json_t *v, unsigned int *ret,
                   struct err *err)
{
    const char *text = json_string_value(v);

    if (text == NULL)
        return odd(m, err);
    for (const struct word *w = m->words; w->word != NULL; w++) {
        if (strcmp(w->word, text) != 0)
            continue;
        *ret = w->value;
        return 0;
    }
    return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                   "\"%.40s\" is none of its words", text);
}

static int read_word(const struct member *m, const json_t *v, void *to,
                     struct err *err)
{
    return word_of(m, v, to, err);
}

static int read_words(const struct member *m, const json_t *v, void *to,
                      struct err *err)
{
    unsigned int all = 0, one = 0;

    if (!json_is_array(v))
        return odd(m, err);
    for (size_t i = 0; i < json_array_size(v); i++) {
        if (word_of(m, json_array_get(v, i), &one, err) < 0)
            return -1;
        all |= one;
    }
    *(unsigned int *)to = all;
    return 0;
}

static int read_flag(const struct member *m, const json_t *v, void *to,
                     struct err *err)
{
    if (!json_is_boolean(v))
        return odd(m, err);
    *(bool *)to = json_is_true(v);
    return 0;
}

/* A number of JSON is one as a person would write it. */
static int read_quantity(const struct member *m, const json_t *v, void *to,
                         struct err *err)
{
    static const enum quantity_kind kinds[] = {
        [NUMBER] = QUANTITY_NUMBER,
        [SECONDS] = QUANTITY_SECONDS,
        [BYTES] = QUANTITY_BYTES,
    };
    const struct quantity_range range = { m->min, m->max };
    g_autofree char *number =
        json_is_integer(v)
            ? g_strdup_printf("%" JSON_INTEGER_FORMAT, json_integer_value(v))
            : NULL;
    const char *text = number != NULL ? number : json_string_value(v);

    if (text == NULL || (m->type == NUMBER && number == NULL))
        return odd(m, err);
    return quantity_parse(kinds[m->type], &range, text, to, err);
}

static int read_date(const struct member *m, const json_t *v, void *to,
                     struct err *err)
{
    const char *text = json_string_value(v);
    g_autofree char *whole = NULL;

    if (text == NULL)
        return odd(m, err);
    whole = strlen(text) == strlen("2026-01-02")
                ? g_strconcat(text, "T00:00:00Z", NULL)
                : g_strdup(text);
    if (!timestamp_parse(whole, to))
        return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                       "\"%.40s\" is not a date: 2026-01-02", text);
    return 0;
}

static int read_list(const struct member *m, const json_t *v, void *to,
                     struct err *err)
{
    g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);

    if (!json_is_array(v) || json_array_size(v) > LIST_MAX)
        return odd(m, err);
    for (size_t i = 0; i < json_array_size(v); i++) {
        const char *text = json_string_value(json_array_get(v, i));

        if (text == NULL || *text == '\0')
            return odd(m, err);
        g_ptr_array_add(texts, g_strdup(text));
    }
    g_strfreev(*(GStrv *)to);
    *(GStrv *)to = NULL;
    if (texts->len == 0)
        return 0;
    g_ptr_array_add(texts, NULL);
    *(GStrv *)to = (GStrv)g_ptr_array_steal(texts, NULL);
    return 0;
}

static int read_member(const struct member *m, const json_t *v,
                       struct fleet_options *o, struct err *err)
{
    static int (*const readers[])(const struct member *m, const json_t *v,
                                  void *to, struct err *err) = {
        [FLAG] = read_flag,        [NUMBER] = read_quantity,
        [SECONDS] = read_quantity, [BYTES] = read_quantity,
        [WORD] = read_word,        [WORDS] = read_words,
        [LIST] = read_list,        [DATE] = read_date,
    };

    return readers[m->type](m, v, field(o, m), err);
}

static const struct member *find_member(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(members); i++)
        if (strcmp(members[i].name, name) == 0)
            return &members[i];
    return NULL;
}

/* ---- texts -------------------------------------------------------------- */

static int refuse(struct err *err)
{
    err->name = "bad-option";
    return err_remedy(err, "the options of a migration have the names and "
                           "values of those of \"mailferry migrate\"");
}

static int read_object(json_t *object, struct fleet_options *o, struct err *err)
{
    const char *name;
    json_t *v;

    json_object_foreach(object, name, v)
    {
        const struct member *m = find_member(name);

        if (m == NULL)
            return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                           "there is no option \"%.40s\"", name);
        if (read_member(m, v, o, err) < 0)
            return err_in(err, "option \"%s\"", name);
    }
    return 0;
}

static int load(const char *text, json_t **ret, struct err *err)
{
    json_error_t why;
    json_t *object = json_loads(text, JSON_REJECT_DUPLICATES, &why);

    if (object == NULL)
        return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                       "options are not JSON: %s", why.text);
    if (!json_is_object(object)) {
        json_decref(object);
        return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                       "options are not a JSON object");
    }
    *ret = object;
    return 0;
}

static int read_text(const char *text, struct fleet_options *o, struct err *err)
{
    json_t *object = NULL;
    int result = load(text, &object, err);

    if (result == 0)
        result = read_object(object, o, err);
    json_decref(object);
    return result;
}

static int check_together(const struct fleet_options *o, struct err *err)
{
    if (o->trial && o->pre_stage_us != 0)
        return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                       "\"trial\" and \"pre-stage\" are different passes");
    if (o->pre_stage_us != 0 && o->before_us != 0)
        return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                       "\"pre-stage\" says itself which items: leave out "
                       "\"before\"");
    return 0;
}

int fleet_options_read(const char *const *texts, size_t n,
                       struct fleet_options *ret, struct err *err)
{
    g_auto(fleet_options) o;

    set_initial(&o);
    for (size_t i = 0; i < n; i++)
        if (texts[i] != NULL && read_text(texts[i], &o, err) < 0)
            return refuse(err);
    if (check_together(&o, err) < 0)
        return refuse(err);
    *ret = o;
    o.folders = o.not_folders = o.allow_hosts = NULL;
    return 0;
}

int fleet_options_check(const char *text, char **ret, struct err *err)
{
    g_auto(fleet_options) o = { 0 };
    json_t *object = NULL;
    char *plain;

    if (fleet_options_read(&text, 1, &o, err) < 0 ||
        load(text, &object, err) < 0)
        return -1;
    plain = json_dumps(object, JSON_COMPACT | JSON_SORT_KEYS);
    json_decref(object);
    if (ret != NULL)
        *ret = g_strdup(plain);
    free(plain);
    return 0;
}

static unsigned int skipped_trees(const struct fleet_options *o)
{
    const unsigned int archive =
        1u << ENDPOINT_ROOT_ARCHIVE | 1u << ENDPOINT_ROOT_ARCHIVE_RECOVERABLE;
    const unsigned int recoverable = 1u << ENDPOINT_ROOT_RECOVERABLE |
                                     1u << ENDPOINT_ROOT_ARCHIVE_RECOVERABLE;

    return (o->no_archive ? archive : 0) |
           (o->recoverable_items ? 0 : recoverable);
}

void fleet_options_set(const struct fleet_options *o, struct fleet_run *run)
{
    struct engine_options *e = &run->options;

    run->verify_all = o->verify != FLEET_VERIFY_NEW;
    run->verify =
        run->verify_all ? (enum verify_mode)o->verify : VERIFY_MODE_SAMPLE;
    run->settings.parts = o->parts;
    run->check_by_item = o->by_item;
    run->settings.enable_forwarding = o->enable_forwarding;
    run->settings.replace_outlook_rules = o->replace_outlook_rules;
    run->settings.replace_photo = o->replace_photo;
    e->filter = (struct engine_filter){
        .skip_kinds = o->kinds != 0 ? ENGINE_KINDS_ALL & ~o->kinds : 0,
        .skip_trees = skipped_trees(o),
        .since_us = o->since_us,
        .before_us = o->before_us,
        .max_item_bytes = o->max_item_bytes,
        .folders = (const char *const *)o->folders,
        .not_folders = (const char *const *)o->not_folders,
    };
    e->lanes = (unsigned int)o->lanes;
    e->request_max_bytes = o->request_max_bytes;
    e->doubt_wait_us = MAX(o->doubt_wait_us, 1);
    e->patience_us = MAX(o->patience_us, 1);
    e->max_failures = o->max_failures;
    e->no_digest = o->no_digest;
    e->propagate_deletes = o->propagate_deletes;
    e->dry_run = o->dry_run;
    e->adopt = o->adopt;
    e->unlike = (enum engine_unlike)o->unlike;
    e->pass = o->trial ? ENGINE_PASS_TRIAL : ENGINE_PASS_FULL;
    if (o->pre_stage_us != 0) {
        e->pass = ENGINE_PASS_PRESTAGE;
        e->filter.before_us = timestamp_now() - o->pre_stage_us;
    }
}

/* ---- passes ------------------------------------------------------------- */

const char fleet_pass_kinds[] = "full, delta, check, verify, settings";

int fleet_pass_kind(const char *kind, enum fleet_task *ret, struct err *err)
{
    static const struct {
        const char *kind;
        enum fleet_task task;
    } rows[] = {
        { "full", FLEET_MIGRATE },      { "delta", FLEET_MIGRATE },
        { "check", FLEET_CHECK },       { "verify", FLEET_VERIFY },
        { "settings", FLEET_SETTINGS },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        if (strcmp(rows[i].kind, kind) != 0)
            continue;
        *ret = rows[i].task;
        return 0;
    }
    err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0, "\"%.40s\" is no kind of pass",
            kind);
    err->name = "bad-pass";
    return err_remedy(err, "one of: full, delta, check, verify, settings");
}
