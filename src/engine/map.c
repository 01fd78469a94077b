#include "engine/hidden.h"
#include "engine/map_priv.h"
#include "engine/scratch.h"
#include "engine/trees.h"
#include "store/paces.h"

void map_note(struct copy *c, const char *about, const struct plan_step *step,
              const char *text)
{
    pass_note(&c->pass, &(struct pass_note){ .about = about,
                                             .place = step->path,
                                             .text = text });
}

const char *map_parent_of(const struct mapper *m, const struct plan_step *step)
{
    if (step->parent != PLAN_ROOT)
        return m->ids[step->parent];
    return m->survey->trees[step->root][DESTINATION].root_id;
}

/* ---- on record --------------------------------------------------- */

static int read_rows(struct copy *c, struct err *err)
{
    const struct engine_job *job = c->pass.job;

    g_clear_pointer(&c->rows, g_ptr_array_unref);
    return store_folders(job->store, job->lease.mailbox_id, &c->rows, err);
}

/*
 * A tree that was not looked at, or that the source suddenly does not have, is
 * no tree whose folders were deleted.
 */
static bool is_kept(const struct mapper *m, const struct store_folder *row)
{
    enum endpoint_root root = tree_of_path(row->path);

    return !row->gone && m->survey->trees[root][SOURCE].root_id == NULL;
}

static size_t add_kept(const struct mapper *m, struct store_folder *rows)
{
    const GPtrArray *known = m->copy->rows;
    size_t n = 0;

    for (guint i = 0; i < known->len; i++) {
        const struct store_folder *row = known->pdata[i];

        if (is_kept(m, row))
            rows[n++] = *row;
    }
    return n;
}

/* ---- hidden items: a folder of their own beside each that has some ------- */

static bool has_hidden(const struct mapper *m, const struct plan_step *step)
{
    if (step->action != PLAN_MAP && step->action != PLAN_CREATE)
        return false;
    return m->copy->format == PAYLOAD_FTS && step->source->n_hidden > 0 &&
           !tree_is_recoverable(step->root);
}

/* Source ids of folders that are in the ledger; borrowed. */
static GHashTable *known_ids(const struct mapper *m)
{
    GHashTable *ids = g_hash_table_new(g_str_hash, g_str_equal);

    for (guint i = 0; i < m->copy->rows->len; i++) {
        struct store_folder *row = m->copy->rows->pdata[i];

        g_hash_table_add(ids, row->source_id);
    }
    return ids;
}

/* owned: the strings that they are made of. */
static size_t add_hidden(const struct mapper *m, struct store_folder *rows,
                         GPtrArray *owned)
{
    g_autoptr(GHashTable) known = known_ids(m);
    size_t n = 0;

    for (size_t i = 0; i < m->plan->n; i++) {
        const struct plan_step *step = &m->plan->steps[i];
        char *id = hidden_id(step->source->id);

        g_ptr_array_add(owned, id);
        if (step->action == PLAN_SKIP ||
            (!has_hidden(m, step) && !g_hash_table_contains(known, id)))
            continue;
        rows[n++] = (struct store_folder){
            .source_id = id,
            .source_parent_id = step->source->id,
            .path = hidden_path(step->path),
        };
        g_ptr_array_add(owned, rows[n - 1].path);
    }
    return n;
}

static int record_tree(struct mapper *m, struct err *err)
{
    const struct engine_job *job = m->copy->pass.job;
    g_autofree struct store_folder *rows =
        g_new0(struct store_folder, 2 * m->plan->n + m->copy->rows->len + 1);
    g_autoptr(GPtrArray) owned = g_ptr_array_new_with_free_func(g_free);
    size_t n = 0;

    for (size_t i = 0; i < m->plan->n; i++) {
        const struct plan_step *step = &m->plan->steps[i];

        if (step->action == PLAN_SKIP)
            continue;
        rows[n++] = (struct store_folder){
            .source_id = step->source->id,
            .source_parent_id = step->source->parent_id,
            .path = step->path,
            .well_known = step->source->well_known,
            .folder_class = step->source->folder_class,
        };
    }
    m->copy->n_source_folders = n;
    n += add_hidden(m, rows + n, owned);
    n += add_kept(m, rows + n);
    return store_folders_set(job->store, &job->lease, rows, n, err);
}

static GHashTable *steps_by_id(const struct plan *p)
{
    GHashTable *t = g_hash_table_new(g_str_hash, g_str_equal);

    for (size_t i = 0; i < p->n; i++)
        if (p->steps[i].action != PLAN_SKIP)
            g_hash_table_insert(t, p->steps[i].source->id, &p->steps[i]);
    return t;
}

/* NULL: it has none.  The caller frees. */
static char *destination_of(const struct mapper *m,
                            const struct store_folder *row,
                            const struct plan_step *step)
{
    const char *id = step == NULL ? NULL : m->ids[step - m->plan->steps];

    if (id == NULL || !hidden_is(row->source_id))
        return g_strdup(id);
    return hidden_id(id);
}

static int record_mapping(struct mapper *m, GHashTable *steps, struct err *err)
{
    const struct engine_job *job = m->copy->pass.job;
    g_autofree struct store_mapping *maps =
        g_new0(struct store_mapping, m->copy->rows->len + 1);
    g_autoptr(GPtrArray) owned = g_ptr_array_new_with_free_func(g_free);
    size_t n = 0;

    for (guint i = 0; i < m->copy->rows->len; i++) {
        const struct store_folder *row = m->copy->rows->pdata[i];
        const struct plan_step *step =
            g_hash_table_lookup(steps, hidden_base(row->source_id));
        bool hidden = hidden_is(row->source_id);
        char *id = destination_of(m, row, step);

        g_ptr_array_add(owned, id);
        if (id == NULL || g_strcmp0(id, row->destination_id) == 0)
            continue;
        maps[n++] = (struct store_mapping){
            .folder_id = row->id,
            .destination_id = id,
            .made = step->action == PLAN_CREATE && !hidden,
            .is_new = m->is_new[step - m->plan->steps] && !hidden,
        };
    }
    if (n == 0)
        return 0;
    if (store_folders_map(job->store, &job->lease, maps, n, err) < 0)
        return -1;
    return read_rows(m->copy, err);
}

static int map_survey(struct mapper *m, struct err *err)
{
    g_autoptr(GHashTable) steps = steps_by_id(m->plan);

    if (map_carry_out(m, err) < 0 || record_tree(m, err) < 0 ||
        read_rows(m->copy, err) < 0)
        return -1;
    if (!m->copy->pass.options.dry_run &&
        (record_mapping(m, steps, err) < 0 || map_follow(m, err) < 0))
        return -1;
    map_open_folders(m, steps);
    return 0;
}

/* Nobody knows what is in it, so that the copy is not whole. */
static void note_refused(struct mapper *m, enum endpoint_root root)
{
    g_autofree char *text = NULL;
    struct err why;

    if (!survey_refused(m->survey, root, &why))
        return;
    text = g_strdup_printf("%s: %s", why.msg, why.remedy);
    pass_unlisted(&m->copy->pass, &why);
    pass_note(&m->copy->pass,
              &(struct pass_note){ .about = why.msg, .text = text });
}

/* Trees that the destination has to be given first, or the source to open. */
static void note_absent(struct mapper *m)
{
    for (enum endpoint_root r = ENDPOINT_ROOT_ARCHIVE; r < ENDPOINT_N_ROOTS;
         r++) {
        g_autofree char *text = NULL;
        uint64_t n;

        note_refused(m, r);
        if (!survey_lacks(m->survey, r, &m->why[r]))
            continue;
        n = survey_sum(m->survey, r).items;
        text = g_strdup_printf("%s, for %" G_GUINT64_FORMAT " items: %s",
                               m->why[r].msg, n, m->why[r].remedy);
        pass_note(&m->copy->pass, &(struct pass_note){ .about = m->why[r].msg,
                                                       .text = text,
                                                       .n = n });
    }
}

/* What is hidden goes as FastTransfer or not at all. */
static void note_hidden(struct mapper *m)
{
    uint64_t n = 0;
    g_autofree char *text = NULL;

    for (size_t i = 0; i < m->plan->n; i++)
        if (m->plan->steps[i].source->n_hidden != ENDPOINT_HIDDEN_UNKNOWN)
            n += m->plan->steps[i].source->n_hidden;
    if (n == 0 || m->copy->format == PAYLOAD_FTS)
        return;
    text = g_strdup_printf("%" G_GUINT64_FORMAT " hidden items (views and the "
                           "like) are left behind: they do not travel as MIME "
                           "and properties",
                           n);
    pass_note(&m->copy->pass,
              &(struct pass_note){ .about = finding_heading(FINDING_HIDDEN),
                                   .text = text,
                                   .n = n });
}

/* And where a trial of this pass would lie. */
static int clean_scratch(struct copy *c, const struct survey *s,
                         struct err *err)
{
    const struct survey_tree *t = &s->trees[ENDPOINT_ROOT_MAIN][DESTINATION];

    c->scratch_parent = g_strdup(t->root_id);
    for (guint i = 0; i < t->tree.folders->len; i++) {
        const struct endpoint_folder *f = t->tree.folders->pdata[i];

        if (g_strcmp0(f->well_known, "deleteditems") == 0) {
            g_free(c->scratch_parent);
            c->scratch_parent = g_strdup(f->id);
        }
    }
    return scratch_clean(&c->pass, &t->tree, err);
}

/* What there is to copy in all, for forecasts; parts of it are no such thing.
 */
static int record_amount(struct copy *c, const struct plan *all,
                         struct err *err)
{
    const struct engine_job *job = c->pass.job;
    uint64_t items = 0, bytes = 0;

    if (c->pass.options.dry_run || c->pass.options.pass != ENGINE_PASS_FULL)
        return 0;
    for (size_t i = 0; i < all->n; i++) {
        const struct plan_step *step = &all->steps[i];

        if (step->action == PLAN_SKIP)
            continue;
        items += step->source->n_items;
        bytes += step->source->size_bytes;
    }
    return store_amount_set(job->store, &job->lease, items, bytes, err);
}

int map_folders(struct copy *c, const struct endpoint_facts *facts,
                struct err *err)
{
    g_auto(survey) s = { 0 };
    struct mapper m = { .copy = c, .survey = &s, .plan = &s.plan };
    int r;

    if (survey_take(&c->pass, facts, c->pass.options.filter.skip_trees, &s,
                    err) < 0 ||
        read_rows(c, err) < 0)
        return -1;
    if (!c->pass.options.dry_run && clean_scratch(c, &s, err) < 0)
        return -1;
    note_absent(&m);
    note_hidden(&m);
    m.ids = g_new0(char *, s.plan.n + 1);
    m.is_new = g_new0(bool, s.plan.n + 1);
    m.is_tried = g_new0(bool, s.plan.n + 1);
    m.claimed = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    r = map_survey(&m, err);
    for (size_t i = 0; i < s.plan.n; i++)
        g_free(m.ids[i]);
    g_free(m.ids);
    g_free(m.is_new);
    g_free(m.is_tried);
    g_hash_table_unref(m.claimed);
    g_clear_pointer(&m.names, g_hash_table_unref);
    if (r < 0)
        return -1;
    if (record_amount(c, &s.plan, err) < 0)
        return -1;
    pass_event(&c->pass, &(struct engine_event){ .kind = ENGINE_FOLDERS,
                                                 .n = c->n_source_folders });
    return 0;
}
