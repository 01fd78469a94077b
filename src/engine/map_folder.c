#include "engine/map_priv.h"

#include <string.h>

#include "base/timestamp.h"
#include "engine/filter.h"
#include "engine/gone.h"
#include "engine/hidden.h"
#include "engine/trees.h"

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

void map_open_folders(struct mapper *m, GHashTable *steps)
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
