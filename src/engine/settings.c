#include "engine/settings_priv.h"

#include <string.h>

struct settings_part {
    const char *name; /* as reports have it */
    enum engine_settings_part bit;
    int (*run)(struct settings *s, struct err *err);
};

static const struct settings_part parts[] = {
    /* Delegates' levels are permissions: those first, delegates add to them. */
    { "permissions", SETTINGS_PERMISSIONS, settings_permissions },
    { "delegates", SETTINGS_DELEGATES, settings_delegates },
    { "rules", SETTINGS_RULES, settings_rules },
    { "replies", SETTINGS_REPLIES, settings_replies },
    { "options", SETTINGS_OPTIONS, settings_options },
    { "categories", SETTINGS_CATEGORIES, settings_categories },
    { "photo", SETTINGS_PHOTO, settings_photo },
    { .name = NULL },
};

/* ---- lines --------------------------------------------------------- */

static int record(struct settings *s, struct store_setting *lines, size_t n,
                  struct err *err)
{
    const struct engine_job *job = s->pass.job;

    for (size_t i = 0; i < n; i++)
        lines[i].part = (char *)(uintptr_t)s->part;
    return store_settings_record(job->store, &job->lease, s->pass.record.id,
                                 lines, n, err);
}

int settings_intend(struct settings *s, struct store_setting *lines, size_t n,
                    struct err *err)
{
    for (size_t i = 0; i < n; i++) {
        lines[i].outcome = SETTING_FAILED;
        lines[i].cause =
            (char *)(uintptr_t) "the run ended before the server had answered";
        lines[i].remedy = (char *)(uintptr_t) "run the settings again";
    }
    return n == 0 ? 0 : record(s, lines, n, err);
}

int settings_keep(struct settings *s, const struct store_setting *before,
                  struct err *err)
{
    struct store_setting line;

    if (before == NULL || before->memo == NULL)
        return 0;
    line = *before;
    return record(s, &line, 1, err);
}

int settings_lines(struct settings *s, struct store_setting *lines, size_t n,
                   struct err *err)
{
    if (n == 0)
        return 0;
    if (record(s, lines, n, err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++)
        s->report.by_outcome[lines[i].outcome]++;
    pass_progress(&s->pass);
    pass_event(&s->pass, &(struct engine_event){
                             .kind = ENGINE_SETTING, .n = n, .text = s->part });
    return 0;
}

int settings_line(struct settings *s, struct store_setting line,
                  struct err *err)
{
    return settings_lines(s, &line, 1, err);
}

int settings_line_failed(struct settings *s, struct store_setting line,
                         const struct err *why, struct err *err)
{
    line.outcome =
        endpoint_is_not_offered(why) ? SETTING_SKIPPED : SETTING_FAILED;
    line.cause = (char *)(uintptr_t)why->msg;
    line.remedy = (char *)(uintptr_t)why->remedy;
    return settings_line(s, line, err);
}

const struct store_setting *settings_before(const struct settings *s,
                                            const char *key)
{
    for (guint i = 0; i < s->before->len; i++) {
        const struct store_setting *line = s->before->pdata[i];

        if (strcmp(line->part, s->part) == 0 && strcmp(line->key, key) == 0)
            return line;
    }
    return NULL;
}

/* ---- failures ------------------------------------------------------ */

bool settings_endure(struct settings *s, enum side side, unsigned int *failures,
                     const struct err *why)
{
    return pass_endure(&s->pass, side, failures, why);
}

bool settings_is_local(struct settings *s, const struct err *why)
{
    if (pass_is_over(&s->pass))
        return false;
    return why->scope <= ERR_FOLDER && why->retry != ERR_RETRY_REAUTH;
}

/* ---- people -------------------------------------------------------- */

static void person_free(void *p)
{
    struct endpoint_person *person = p;

    if (person == NULL) /* nobody was found */
        return;
    endpoint_person_clear(person);
    g_free(person);
}

/* Addresses are told apart without case. */
static char *folded(const char *address)
{
    return g_ascii_strdown(address, -1);
}

static void know_people(struct settings *s)
{
    const struct engine_settings_options *o = s->options;

    s->people = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (size_t i = 0; i < o->n_people; i++)
        g_hash_table_insert(s->people, folded(o->people[i].source),
                            (void *)(uintptr_t)&o->people[i]);
    s->found =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, person_free);
}

/*
 * The directory's word; where it has none, whoever wrote the import file knows
 * better: addresses can be hidden from it.
 */
static int look_up(struct settings *s, const char *address, bool trusted,
                   struct endpoint_person *ret, struct err *err)
{
    unsigned int failures = 0;
    struct err why;
    int found;

    while ((found = endpoint_resolve(s->pass.job->destination, address, ret,
                                     &why)) < 0) {
        if (settings_endure(s, DESTINATION, &failures, &why))
            continue;
        if (settings_is_local(s, &why) &&
            (trusted || endpoint_is_not_offered(&why)))
            break;
        *err = why;
        return -1;
    }
    if (found > 0)
        return 1;
    if (!trusted)
        return 0;
    *ret = (struct endpoint_person){ .address = g_strdup(address) };
    return 1;
}

int settings_map(struct settings *s, const char *source_address,
                 const struct endpoint_person **ret, struct err *err)
{
    g_autofree char *key = folded(source_address);
    const struct engine_person *pair = g_hash_table_lookup(s->people, key);
    const char *address = pair != NULL ? pair->destination : source_address;
    struct endpoint_person *person;
    int found;

    if (!g_hash_table_lookup_extended(s->found, key, NULL, (void **)&person)) {
        g_auto(endpoint_person) who = { 0 };

        found = look_up(s, address, pair != NULL, &who, err);
        if (found < 0)
            return -1;
        person = found > 0 ? g_new(struct endpoint_person, 1) : NULL;
        if (person != NULL)
            *person = endpoint_person_dup(&who);
        g_hash_table_insert(s->found, g_steal_pointer(&key), person);
    }
    if (person == NULL)
        return 0;
    *ret = person;
    return 1;
}

const struct store_folder *settings_folder(const struct settings *s,
                                           const char *source_id)
{
    for (guint i = 0; i < s->folders->len; i++) {
        const struct store_folder *f = s->folders->pdata[i];

        if (strcmp(f->source_id, source_id) == 0)
            return f;
    }
    return NULL;
}

/* ---- the pass ------------------------------------------------------ */

/* A part that could not go on: a line of its own says why. */
static int part_failed(struct settings *s, const struct err *why,
                       struct err *err)
{
    struct store_setting line = { .key = (char *)(uintptr_t) "*" };

    return settings_line_failed(s, line, why, err);
}

static int run_part(struct settings *s, const struct settings_part *part,
                    struct err *err)
{
    const struct engine_job *job = s->pass.job;
    struct err why;

    s->part = part->name;
    if (part->run(s, &why) == 0)
        return store_settings_done(job->store, &job->lease, s->pass.record.id,
                                   part->name, err);
    if (pass_is_over(&s->pass) || why.scope == ERR_RUN) {
        *err = why;
        return -1;
    }
    return part_failed(s, &why, err);
}

static int run_parts(struct settings *s, struct err *err)
{
    for (const struct settings_part *part = parts; part->name != NULL; part++) {
        if ((s->options->parts & (unsigned int)part->bit) == 0)
            continue;
        if (pass_is_over(&s->pass))
            return pass_interrupted(&s->pass, err);
        if (run_part(s, part, err) < 0)
            return -1;
    }
    return 0;
}

static int open_sides(struct settings *s, struct err *err)
{
    struct endpoint_facts facts[N_SIDES] = { 0 };

    /* The pass before this one may have opened them. */
    if (s->pass.job->source->caps != 0)
        return 0;
    if (pass_open(&s->pass, facts, err) < 0)
        return -1;
    endpoint_facts_clear(&facts[SOURCE]);
    endpoint_facts_clear(&facts[DESTINATION]);
    return 0;
}

static int run(struct settings *s, struct err *err)
{
    const struct engine_job *job = s->pass.job;
    int64_t mailbox_id = job->lease.mailbox_id;

    if (pass_begin(&s->pass, "settings", err) < 0 || open_sides(s, err) < 0 ||
        store_settings(job->store, mailbox_id, &s->before, err) < 0 ||
        store_folders(job->store, mailbox_id, &s->folders, err) < 0)
        return -1;
    know_people(s);
    return run_parts(s, err);
}

static int end(struct settings *s, int r, struct engine_settings_report *ret,
               struct err *err)
{
    if (r < 0 && pass_is_cancelled(&s->pass)) {
        s->report.interrupted = true;
        r = pass_end(&s->pass, true, NULL, err);
    } else if (r < 0) {
        pass_end_badly(&s->pass, false, err);
    } else {
        r = pass_end(&s->pass, false, NULL, err);
    }
    if (r == 0)
        *ret = s->report;
    return r;
}

int engine_settings(const struct engine_job *job,
                    const struct engine_settings_options *options,
                    struct engine_settings_report *ret, struct err *err)
{
    struct settings s = { .options = options };
    struct store_mailbox *before = NULL;
    int r;

    if (store_mailbox_get(job->store, job->lease.mailbox_id, &before, err) < 0)
        return -1;
    s.mailbox = before;
    pass_init(&s.pass, job, MAILBOX_N_STATES);
    /* For who looks on; in the store it stays as it is. */
    pass_event(&s.pass, &(struct engine_event){ .kind = ENGINE_STATE,
                                                .state = before->state });
    r = end(&s, run(&s, err), ret, err);
    g_clear_pointer(&s.before, g_ptr_array_unref);
    g_clear_pointer(&s.folders, g_ptr_array_unref);
    g_clear_pointer(&s.people, g_hash_table_unref);
    g_clear_pointer(&s.found, g_hash_table_unref);
    pass_release(&s.pass);
    store_mailbox_free(before);
    return r;
}

bool engine_settings_wanting(const struct engine_settings_report *report)
{
    return report->by_outcome[SETTING_UNMAPPED] +
               report->by_outcome[SETTING_FAILED] >
           0;
}
