#include "engine/copy_priv.h"
#include "engine/filter.h"
#include "engine/gone.h"
#include "engine/hidden.h"
#include "engine/names.h"
#include "engine/scratch.h"
#include "engine/survey.h"
#include "engine/trees.h"

#include <string.h>

#include "base/timestamp.h"
#include "store/paces.h"

/* The plan being carried out. */
struct mapper {
    struct copy *copy;
    const struct survey *survey;
    const struct plan *plan; /* the survey's */
    char **ids;              /* of each step's destination folder; NULL: none */
    bool *is_new;            /* of each step: that folder was made just now */
    bool *is_tried;          /* of each step: together with its siblings */
    GHashTable *claimed;     /* destination ids */
    GHashTable *names;       /* filter_names() of the rows, in the end */
    /* Why folders of a tree, some or all of them, have no destination. */
    struct err why[ENDPOINT_N_ROOTS];
    bool is_refused[ENDPOINT_N_ROOTS];
};

/* One folder's, which has its own. */
static void note(struct copy *c, const char *about,
                 const struct plan_step *step, const char *text)
{
    pass_note(&c->pass, &(struct pass_note){ .about = about,
                                             .place = step->path,
                                             .text = text });
}

/* Where the step's folder belongs at the destination; NULL: nowhere yet. */
static const char *parent_of(const struct mapper *m,
                             const struct plan_step *step)
{
    if (step->parent != PLAN_ROOT)
        return m->ids[step->parent];
    return m->survey->trees[step->root][DESTINATION].root_id;
}

/* ---- folders that are missing ------------------------------------ */

static int make_named(struct mapper *m, const struct plan_step *step,
                      const char *name, char **ret_id, struct err *err)
{
    struct pass *p = &m->copy->pass;
    struct hands h = pass_own_hands(p);
    unsigned int failures = 0;
    struct err why;

    while (endpoint_make_folder(h.at[DESTINATION], parent_of(m, step), name,
                                step->source->folder_class, ret_id, &why) < 0) {
        if (pass_endure(p, DESTINATION, &failures, &why))
            continue;
        *err = why;
        return err_in(err, "destination");
    }
    return 0;
}

/* 1: made; 0: that name will not do; -1.  *ret_why: of 0 and -1. */
static int try_name(struct mapper *m, const struct plan_step *step,
                    const char *name, char **ret_id, struct err *ret_why)
{
    g_autofree char *id = NULL;

    if (make_named(m, step, name, &id, ret_why) < 0)
        return policy_of(ret_why) == POLICY_FOLDER ? 0 : -1;
    /* One of that name was there after all, and is another's. */
    if (!g_hash_table_add(m->claimed, g_strdup(id))) {
        err_set(ret_why, ERR_FOLDER, ERR_RETRY_NEVER, 0,
                "folder \"%.200s\" at the destination is another's", name);
        return 0;
    }
    *ret_id = g_steal_pointer(&id);
    return 1;
}

static void note_renamed(struct mapper *m, const struct plan_step *step,
                         const char *name)
{
    g_autofree char *text =
        g_strdup_printf("folder \"%s\" is called \"%s\" at the destination, "
                        "which refuses its own name",
                        step->path, name);

    note(m->copy, finding_heading(FINDING_RENAMED), step, text);
}

static int make_folder(struct mapper *m, const struct plan_step *step,
                       char **ret_id, struct err *err)
{
    g_autofree char *tried = g_strdup(step->name);
    struct err why;
    int made = try_name(m, step, tried, ret_id, &why);

    for (unsigned int attempt = 1; made == 0; attempt++) {
        char *name = name_candidate(step->source->name, attempt);

        if (name == NULL) {
            /* Not about the name, then: the mailbox takes no folders. */
            why.scope = ERR_MAILBOX;
            break;
        }
        if (strcmp(name, tried) != 0) {
            made = try_name(m, step, name, ret_id, &why);
            if (made > 0)
                note_renamed(m, step, name);
        }
        g_free(tried);
        tried = name;
    }
    if (made > 0)
        return 0;
    *err = why;
    return -1;
}

/*
 * What lies beside the mailbox may take items and no folders: those that are
 * missing stay so, and what is in them is on record as failed.
 */
static int make_beside(struct mapper *m, const struct plan_step *step,
                       char **ret_id, struct err *err)
{
    struct err why;

    if (parent_of(m, step) == NULL)
        return 0; /* nor was its parent made */
    if (make_folder(m, step, ret_id, &why) == 0)
        return 0;
    if (why.retry != ERR_RETRY_NEVER || pass_is_over(&m->copy->pass)) {
        *err = why;
        return -1;
    }
    if (why.remedy == NULL)
        err_remedy(&why, "make the folder at the destination by hand and run "
                         "it again");
    m->why[step->root] = why;
    m->is_refused[step->root] = true;
    note(m->copy, "a folder cannot be made at the destination", step, why.msg);
    return 0;
}

static int make_missing(struct mapper *m, size_t i, struct err *err)
{
    const struct plan_step *step = &m->plan->steps[i];

    if (step->root != ENDPOINT_ROOT_MAIN)
        return make_beside(m, step, &m->ids[i], err);
    return make_folder(m, step, &m->ids[i], err);
}

/* Some that are missing below one folder. */
struct siblings {
    struct endpoint_new_folder folders[ENDPOINT_NEW_FOLDERS_MAX];
    size_t at[ENDPOINT_NEW_FOLDERS_MAX]; /* their steps */
    size_t n;
};

static void gather_siblings(struct mapper *m, size_t first,
                            struct siblings *ret)
{
    const struct plan_step *one = &m->plan->steps[first];

    ret->n = 0;
    for (size_t i = first; i < m->plan->n && ret->n < G_N_ELEMENTS(ret->at);
         i++) {
        const struct plan_step *step = &m->plan->steps[i];

        if (step->action != PLAN_CREATE || m->is_tried[i] ||
            step->parent != one->parent || step->root != one->root)
            continue;
        m->is_tried[i] = true;
        ret->folders[ret->n] =
            (struct endpoint_new_folder){ step->name,
                                          step->source->folder_class };
        ret->at[ret->n++] = i;
    }
}

/*
 * In one request.  What has no id then is made for itself, and that says why
 * it cannot be.  -1: nothing can be made at all.
 */
static int make_siblings(struct mapper *m, size_t first, struct err *err)
{
    const struct plan_step *one = &m->plan->steps[first];
    struct endpoint *ep = pass_own_hands(&m->copy->pass).at[DESTINATION];
    char *ids[ENDPOINT_NEW_FOLDERS_MAX] = { NULL };
    struct siblings s;
    struct err why;

    if (m->is_tried[first] || parent_of(m, one) == NULL)
        return 0;
    gather_siblings(m, first, &s);
    if (endpoint_make_folders(ep, parent_of(m, one), s.folders, s.n, ids,
                              &why) < 0) {
        if (policy_of(&why) != POLICY_STOP || one->root != ENDPOINT_ROOT_MAIN)
            return 0;
        *err = why;
        return err_in(err, "destination");
    }
    for (size_t i = 0; i < s.n; i++) {
        if (ids[i] == NULL)
            continue;
        if (!g_hash_table_add(m->claimed, g_strdup(ids[i]))) {
            g_free(ids[i]); /* another's: nothing that came into being */
            continue;
        }
        m->ids[s.at[i]] = ids[i];
        m->is_new[s.at[i]] = true;
    }
    return 0;
}

static int carry_out(struct mapper *m, struct err *err)
{
    for (size_t i = 0; i < m->plan->n; i++) {
        const struct plan_step *step = &m->plan->steps[i];

        m->ids[i] = g_strdup(step->destination_id);
        if (m->ids[i] != NULL)
            g_hash_table_add(m->claimed, g_strdup(m->ids[i]));
        if (step->note != NULL)
            note(m->copy, finding_heading(FINDING_RENAMED), step, step->note);
    }
    if (m->copy->pass.options.dry_run)
        return 0;
    for (size_t i = 0; i < m->plan->n; i++) {
        if (m->plan->steps[i].action != PLAN_CREATE || m->ids[i] != NULL)
            continue;
        if (make_siblings(m, i, err) < 0 ||
            (m->ids[i] == NULL && make_missing(m, i, err) < 0))
            return -1;
    }
    return 0;
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

/* ---- folders that moved at the source ----------------------------- */

static void note_stays(struct mapper *m, const struct plan_step *step,
                       const struct err *why)
{
    g_autofree char *text = g_strdup_printf(
        "folder \"%s\" was renamed or moved at the source; at the destination "
        "it stays as it is: %s",
        step->path, why->msg);

    note(m->copy, "a folder stays where it is at the destination", step, text);
}

/* 0: it has followed, or will not; -1: the mailbox cannot go on. */
static int place(struct mapper *m, const struct store_folder *row,
                 const struct plan_step *step, struct err *err)
{
    struct pass *p = &m->copy->pass;
    struct endpoint *ep = pass_own_hands(p).at[DESTINATION];
    unsigned int failures = 0;
    struct err why;

    while (endpoint_change_folder(ep, row->destination_id, parent_of(m, step),
                                  step->source->name, &why) < 0) {
        if (policy_of(&why) == POLICY_FOLDER ||
            policy_of(&why) == POLICY_FAIL) {
            note_stays(m, step, &why);
            break;
        }
        if (pass_endure(p, DESTINATION, &failures, &why))
            continue;
        *err = why;
        return err_in(err, "destination");
    }
    return store_folder_placed(p->job->store, &p->job->lease, row->id, err);
}

/* Parents first, so that each finds its own where it belongs. */
static int place_moved(struct mapper *m, GHashTable *rows, struct err *err)
{
    for (size_t i = 0; i < m->plan->n; i++) {
        const struct plan_step *step = &m->plan->steps[i];
        const struct store_folder *row =
            g_hash_table_lookup(rows, step->source->id);

        if (row == NULL || !row->moved || row->destination_id == NULL ||
            step->action != PLAN_MAP || step->source->well_known != NULL)
            continue;
        if (place(m, row, step, err) < 0)
            return -1;
    }
    return 0;
}

static int follow_folders(struct mapper *m, struct err *err)
{
    g_autoptr(GHashTable) rows = g_hash_table_new(g_str_hash, g_str_equal);

    for (guint i = 0; i < m->copy->rows->len; i++) {
        struct store_folder *row = m->copy->rows->pdata[i];

        g_hash_table_insert(rows, row->source_id, row);
    }
    return place_moved(m, rows, err);
}

/* ---- the folders of the pass ------------------------------------- */

static void refuse_vanished(enum endpoint_root root, struct err *ret_why)
{
    err_set(ret_why, ERR_FOLDER, ERR_RETRY_NEVER, 0,
            "the source does not say any more that it has the %s of which this "
            "was copied",
            endpoint_root_name(root));
    ret_why->name = "no-such-tree";
    err_remedy(ret_why, "see whether it can be opened at the source, and run "
                        "it again");
}

static enum gate gate_of(const struct mapper *m, const struct store_folder *row,
                         const struct plan_step *step, struct err *ret_why)
{
    enum endpoint_root root = tree_of_path(row->path);

    if (!row->gone && step == NULL) {
        refuse_vanished(root, ret_why);
        return GATE_CLOSED;
    }
    if (step != NULL &&
        (step->action == PLAN_ABSENT ||
         (row->destination_id == NULL && m->is_refused[root]))) {
        *ret_why = m->why[root];
        return GATE_CLOSED;
    }
    if (row->destination_id == NULL)
        return GATE_NOWHERE;
    return row->baseline_done ? GATE_OPEN : GATE_SHUT;
}

/*
 * They are listed once, and again when anything in the folder has changed:
 * there is no token, and a whole list of each folder in each pass is more than
 * the rest of a pass that finds nothing new.  Where the server does not say
 * when that was, their list alone tells of an edit.
 */
static bool is_due(const struct folder *f, const struct endpoint_folder *source)
{
    g_autofree char *token = hidden_token(source->n_hidden, source->changed_us);

    if (f->row->source_token[0] == '\0')
        return true;
    if (source->n_hidden == ENDPOINT_HIDDEN_UNKNOWN)
        return false;
    return source->changed_us == TIMESTAMP_NONE ||
           strcmp(f->row->source_token, token) != 0;
}

static void hidden_init(const struct mapper *m, struct folder *f,
                        const struct plan_step *step)
{
    f->turn.rank = MAX(f->turn.rank, ORDER_OTHER);
    if (step == NULL)
        return;
    f->n_items = step->source->n_hidden;
    f->changed_us = step->source->changed_us;
    f->told_us =
        hidden_told_us(f->row->source_token, f->n_items, f->changed_us);
    if (f->told_us == TIMESTAMP_NONE)
        f->told_us = timestamp_now();
    f->wanted = is_due(f, step->source);
    f->skipped = filter_skips_folder(&m->copy->pass.options.filter, step->path,
                                     m->names);
}

static void folder_init(const struct mapper *m, struct folder *f,
                        const struct store_folder *row,
                        const struct plan_step *step)
{
    const struct engine_options *o = &m->copy->pass.options;

    *f = (struct folder){
        .row = row,
        .wanted = step != NULL,
        .skipped = filter_skips_folder(&o->filter, row->path, m->names),
        .quota = o->pass == ENGINE_PASS_TRIAL ? ENGINE_TRIAL_ITEMS : UINT_MAX,
        .n_items = step != NULL ? step->source->n_items : 0,
        .hidden = hidden_is(row->source_id),
        .turn = { .rank = step != NULL ? step->rank : ORDER_LAST },
        .root = tree_of_path(row->path),
        .wake_us = TIMESTAMP_NONE,
        .busy = g_array_new(FALSE, FALSE, sizeof(int64_t)),
        .doubts = g_array_new(FALSE, FALSE, sizeof(struct doubt)),
        .digests =
            g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free),
        .there = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free),
    };
    if (f->hidden)
        hidden_init(m, f, step);
    f->gate = gate_of(m, row, step, &f->why);
    f->barred = f->gate == GATE_CLOSED;
    g_queue_init(&f->ready);
}

static int by_rank(const void *a, const void *b)
{
    const struct folder *x = a, *y = b;

    if (x->turn.rank != y->turn.rank)
        return x->turn.rank < y->turn.rank ? -1 : 1;
    return strcmp(x->row->path, y->row->path);
}

static void make_folders(struct mapper *m, GHashTable *steps)
{
    struct copy *c = m->copy;

    m->names = filter_names(c->rows);
    c->folders = g_new0(struct folder, c->rows->len + 1);
    for (guint i = 0; i < c->rows->len; i++) {
        const struct store_folder *row = c->rows->pdata[i];

        folder_init(m, &c->folders[c->n_folders++], row,
                    g_hash_table_lookup(steps, hidden_base(row->source_id)));
    }
    qsort(c->folders, c->n_folders, sizeof(*c->folders), by_rank);
}

static void folder_release(struct folder *f)
{
    g_queue_clear_full(&f->ready, (GDestroyNotify)store_item_free);
    g_array_unref(f->busy);
    g_array_unref(f->doubts);
    g_hash_table_unref(f->digests);
    g_hash_table_unref(f->there);
    gone_free(f->gone);
}

struct folder *copy_folder(const struct copy *c, int64_t row_id)
{
    for (size_t i = 0; i < c->n_folders; i++)
        if (c->folders[i].row->id == row_id)
            return &c->folders[i];
    return NULL;
}

void copy_folders_free(struct copy *c)
{
    for (size_t i = 0; i < c->n_folders; i++)
        folder_release(&c->folders[i]);
    g_clear_pointer(&c->folders, g_free);
    c->n_folders = 0;
    g_clear_pointer(&c->rows, g_ptr_array_unref);
}

static int map_survey(struct mapper *m, struct err *err)
{
    g_autoptr(GHashTable) steps = steps_by_id(m->plan);

    if (carry_out(m, err) < 0 || record_tree(m, err) < 0 ||
        read_rows(m->copy, err) < 0)
        return -1;
    if (!m->copy->pass.options.dry_run &&
        (record_mapping(m, steps, err) < 0 || follow_folders(m, err) < 0))
        return -1;
    make_folders(m, steps);
    return 0;
}

/* Trees that the destination has to be given first. */
static void note_absent(struct mapper *m)
{
    for (enum endpoint_root r = ENDPOINT_ROOT_ARCHIVE; r < ENDPOINT_N_ROOTS;
         r++) {
        g_autofree char *text = NULL;
        uint64_t n;

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
