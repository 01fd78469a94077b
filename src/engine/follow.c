/*
 * What was copied and has changed at the source since: edits, read marks and
 * deletions are carried over.
 *
 *   edited     content as recorded (assistants touch items all the time):
 *              the change key is recorded, nothing is sent.  Else what is at
 *              the destination decides: as we wrote it, it is updated in
 *              place; as the source is now, that was done before; anything
 *              else was edited there too and is a conflict: reported, kept.
 *              Where FastTransfer alone refuses it, it goes as MIME.
 *   read       the mark is set, alone.
 *   deleted    only when asked for, only what we copied, only softly, only
 *              when it is gone at the source for certain and nobody has
 *              edited the copy.
 *
 * What cannot follow (it cannot be read, or the destination refuses it) is a
 * failure of its item, and the copy stays.
 *
 * What was at the destination before us and is not ours (ALREADY_THERE) stays
 * as it is, whatever happens at the source: an edit is a conflict, or has
 * failed where it cannot be read.
 *
 * All of it can be repeated: whatever dies, the pending bits say what is left
 * to do, and what was done is recognised by its content.
 */
#include "base/step.h"
#include "engine/chase.h"
#include "engine/copy_priv.h"
#include "engine/crew.h"
#include "engine/rows.h"
#include "engine/trees.h"

#define FOLLOWERS_MAX 4

/* ---- the pending rows, batch by batch ------------------------------------ */

struct follow {
    struct copy *copy;
    bool replace;
    unsigned int pending; /* bits that are dealt with */

    pthread_mutex_t lock; /* guards after_id */
    int64_t after_id;
};

/* 1: a batch; 0: there is none left; -1. */
static int claim(struct follow *f, GPtrArray **ret, struct err *err)
{
    const struct engine_job *job = f->copy->pass.job;
    struct store_item_query q = {
        .mailbox_id = job->lease.mailbox_id,
        .states = 1u << ITEM_COPIED | 1u << ITEM_ALREADY_THERE,
        .pending = f->pending,
        .max = READER_ITEMS,
    };
    int r;

    pthread_mutex_lock(&f->lock);
    q.after_id = f->after_id;
    r = store_items(job->store, &q, ret, err);
    if (r == 0 && (*ret)->len > 0) {
        const struct store_item *last = (*ret)->pdata[(*ret)->len - 1];

        f->after_id = last->id;
        r = 1;
    }
    pthread_mutex_unlock(&f->lock);
    return r;
}

static void *follow_main(void *data)
{
    struct worker *w = data;
    struct follow *f = w->owner;
    struct chase chase = {
        .copy = f->copy,
        .at = { w->hands.at[SOURCE], w->hands.at[DESTINATION] },
        .replace = f->replace,
        .deletes = (f->pending & ITEM_PENDING_DELETE) != 0,
    };
    struct err err;
    int r = 0;

    while (!pass_is_over(&f->copy->pass)) {
        g_autoptr(GPtrArray) batch = NULL;

        r = claim(f, &batch, &err);
        if (r <= 0)
            break;
        r = chase_items(&chase, batch, &err);
        if (r < 0)
            break;
    }
    if (r < 0)
        pass_failed(&f->copy->pass, &err);
    return NULL;
}

/* How many threads the rows are worth: there may be none at all. */
static int count_followers(struct follow *f, unsigned int *ret, struct err *err)
{
    const struct engine_job *job = f->copy->pass.job;
    const struct store_item_query q = {
        .mailbox_id = job->lease.mailbox_id,
        .states = 1u << ITEM_COPIED | 1u << ITEM_ALREADY_THERE,
        .pending = f->pending,
        .max = READER_ITEMS * FOLLOWERS_MAX,
    };
    g_autoptr(GPtrArray) some = NULL;
    unsigned int n;

    if (store_items(job->store, &q, &some, err) < 0)
        return -1;
    n = (some->len + READER_ITEMS - 1) / READER_ITEMS;
    *ret = MIN(n, f->copy->pass.options.lanes);
    return 0;
}

static int follow_pending(struct copy *c, bool replace, struct err *err)
{
    struct follow f = {
        .copy = c,
        .replace = replace,
        .pending = ITEM_PENDING_EDIT | ITEM_PENDING_READ,
    };
    unsigned int n;

    if (c->pass.options.propagate_deletes)
        f.pending |= ITEM_PENDING_DELETE;
    if (count_followers(&f, &n, err) < 0)
        return -1;
    if (n == 0)
        return 0;
    pthread_mutex_init(&f.lock, NULL);
    crew_run(&c->pass, &f, n, follow_main);
    pthread_mutex_destroy(&f.lock);
    return pass_is_over(&c->pass) ? pass_interrupted(&c->pass, err) : 0;
}

/* ---- what was replaced --------------------------------------------------- */

static int replaced_page(void *data, GPtrArray *page, struct err *err)
{
    struct copy *c = data;
    struct hands h = pass_own_hands(&c->pass);
    struct chase chase = {
        .copy = c,
        .at = { h.at[SOURCE], h.at[DESTINATION] },
    };

    return chase_old(&chase, page, err);
}

/* The former copies of items whose present ones have arrived. */
static int remove_replaced(struct copy *c, struct err *err)
{
    const struct engine_job *job = c->pass.job;
    struct store_item_query q = {
        .mailbox_id = job->lease.mailbox_id,
        .states = 1u << ITEM_COPIED,
        .replaced = true,
    };

    if (c->pass.options.propagate_deletes)
        q.states |= 1u << ITEM_GONE;
    return rows_each(job->store, &q, replaced_page, c, err);
}

/* ---- folders that are gone ----------------------------------------------- */

struct gone_folder {
    struct copy *copy;
    const struct store_folder *row;
};

static int gone_page(void *data, GPtrArray *page, struct err *err)
{
    const struct gone_folder *g = data;
    const struct engine_job *job = g->copy->pass.job;
    g_autofree struct store_change *changes =
        g_new0(struct store_change, page->len + 1);

    for (guint i = 0; i < page->len; i++)
        changes[i] = (struct store_change){
            .kind = STORE_DELETED,
            .source_id = ((struct store_item *)page->pdata[i])->source_id,
        };
    return store_items_list(job->store, &job->lease, g->row->id, changes,
                            page->len, NULL, NULL, err);
}

/*
 * Of a folder that was deleted as a whole no item's deletion is listed.  The
 * items are asked for one by one all the same before any copy goes.
 */
static int mark_gone(struct copy *c, struct err *err)
{
    const struct engine_job *job = c->pass.job;

    for (size_t i = 0; i < c->n_folders; i++) {
        struct gone_folder g = { c, c->folders[i].row };
        const struct store_item_query q = {
            .mailbox_id = job->lease.mailbox_id,
            .folder_id = g.row->id,
            .states = 1u << ITEM_COPIED,
        };

        if (g.row->gone && !tree_is_recoverable(c->folders[i].root) &&
            rows_each(job->store, &q, gone_page, &g, err) < 0)
            return -1;
    }
    return 0;
}

static const struct endpoint_folder *
empty_folder(const struct endpoint_tree *tree, const char *id)
{
    const struct endpoint_folder *found = NULL;

    for (guint i = 0; i < tree->folders->len; i++) {
        const struct endpoint_folder *f = g_ptr_array_index(tree->folders, i);

        if (strcmp(f->parent_id, id) == 0)
            return NULL;
        if (strcmp(f->id, id) == 0)
            found = f;
    }
    return found != NULL && found->n_items == 0 && found->well_known == NULL
               ? found
               : NULL;
}

static bool is_gone(const struct folder *f)
{
    return f->row->gone && f->row->made && f->row->destination_id != NULL;
}

/* 1: removed, so that its parent may be empty now. */
static int remove_gone(struct copy *c, enum endpoint_root root, struct err *err)
{
    struct endpoint *ep = pass_own_hands(&c->pass).at[DESTINATION];
    g_auto(endpoint_tree) tree = { 0 };
    int removed = 0;
    int there = tree_read(ep, root, &tree, err);

    if (there <= 0)
        return there;
    for (size_t i = 0; i < c->n_folders; i++) {
        const struct store_folder *row = c->folders[i].row;
        struct err why;

        if (!is_gone(&c->folders[i]) || c->folders[i].root != root ||
            empty_folder(&tree, row->destination_id) == NULL)
            continue;
        if (endpoint_remove_folder(ep, row->destination_id, &why) == 0)
            removed = 1;
        step("remove-folder");
    }
    return removed;
}

static bool has_gone_folders(const struct copy *c, enum endpoint_root root)
{
    for (size_t i = 0; i < c->n_folders; i++)
        if (is_gone(&c->folders[i]) && c->folders[i].root == root)
            return true;
    return false;
}

/*
 * Folders that were made for folders which are no more, once nothing is left
 * in them.  Deepest first, by as many rounds as they are deep.
 */
static int remove_gone_folders(struct copy *c, enum endpoint_root root,
                               struct err *err)
{
    struct err why;
    int removed = has_gone_folders(c, root);

    while (removed > 0 && !pass_is_over(&c->pass))
        removed = remove_gone(c, root, &why);
    if (removed < 0 && policy_of(&why) == POLICY_STOP) {
        *err = why;
        return -1;
    }
    return 0; /* else another pass will */
}

static int remove_all_gone(struct copy *c, struct err *err)
{
    for (enum endpoint_root r = 0; r < ENDPOINT_N_ROOTS; r++)
        if (!tree_is_recoverable(r) && remove_gone_folders(c, r, err) < 0)
            return -1;
    return 0;
}

int follow_all(struct copy *c, bool replace, struct err *err)
{
    bool deletes = c->pass.options.propagate_deletes;

    if ((deletes && mark_gone(c, err) < 0) ||
        follow_pending(c, replace, err) < 0)
        return -1;
    if (replace)
        return 0; /* what replaces has not arrived yet */
    if (remove_replaced(c, err) < 0)
        return -1;
    return deletes ? remove_all_gone(c, err) : 0;
}
