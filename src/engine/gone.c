#include "engine/gone.h"

#include <string.h>

#include "engine/drain.h"
#include "engine/hidden.h"
#include "engine/rows.h"
#include "engine/trees.h"

struct gone {
    GHashTable *deleted; /* ids that the list says are */
    GHashTable *named;   /* and those that it says are there */
    char *token;
    bool whole; /* from the start: what it does not name is not there */
};

static struct gone *gone_new(const char *token, bool whole)
{
    struct gone *g = g_new0(struct gone, 1);

    g->deleted = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g->named = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g->token = g_strdup(token);
    g->whole = whole;
    return g;
}

void gone_free(struct gone *g)
{
    if (g == NULL)
        return;
    g_hash_table_unref(g->deleted);
    g_hash_table_unref(g->named);
    g_free(g->token);
    g_free(g);
}

bool gone_can_tell(struct copy *c)
{
    bool can;

    pthread_mutex_lock(&c->pass.lock);
    can = c->n_listing == 0;
    pthread_mutex_unlock(&c->pass.lock);
    return can;
}

/* ---- the list ------------------------------------------------------------ */

static int take_page(void *data, const struct endpoint_page *page,
                     const char *token, bool last, struct err *err)
{
    struct gone *g = data;

    (void)last; /* the token knows */
    (void)err;  /* nothing to fail here */
    for (size_t i = 0; i < page->n; i++) {
        const char *id = page->changes[i].id;
        bool deleted = page->changes[i].kind == ENDPOINT_DELETED;

        g_hash_table_remove(deleted ? g->named : g->deleted, id);
        g_hash_table_add(deleted ? g->deleted : g->named, g_strdup(id));
    }
    g_free(g->token);
    g->token = g_strdup(token);
    return 0;
}

static void begin_anew(void *data)
{
    struct gone *g = data;

    g_hash_table_remove_all(g->deleted);
    g_hash_table_remove_all(g->named);
    g->whole = true;
}

/* Where the lister left it; what is hidden has no token but a whole list. */
static int begin(struct copy *c, struct folder *f, struct err *err)
{
    const struct engine_job *job = c->pass.job;
    g_autoptr(GPtrArray) rows = NULL;
    const struct store_folder *row = NULL;

    if (rows_folder(job->store, job->lease.mailbox_id, f->row->id, &rows, &row,
                    err) < 0)
        return -1;
    f->gone = gone_new(f->hidden ? "" : row->source_token, f->hidden);
    return 0;
}

static int read_on(struct copy *c, struct endpoint *source, struct folder *f,
                   struct err *err)
{
    const struct drain d = {
        .ep = source,
        .side = SOURCE,
        .folder_id = f->row->source_id,
        .page = take_page,
        .again = begin_anew,
        .data = f->gone,
    };
    g_autofree char *token = g_strdup(f->gone->token);

    if (f->hidden)
        begin_anew(f->gone);
    return drain_run(&c->pass, &d, token, err);
}

static bool is_gone(const struct gone *g, const char *id)
{
    return g->whole ? !g_hash_table_contains(g->named, id)
                    : g_hash_table_contains(g->deleted, id);
}

/* With the lock held.  What was told once is not asked for again. */
static int ask(struct copy *c, struct endpoint *source, struct folder *f,
               const char *id, struct err *err)
{
    if (f->gone == NULL && begin(c, f, err) < 0)
        return -1;
    if (!f->gone->whole && is_gone(f->gone, id))
        return 1;
    if (read_on(c, source, f, err) < 0)
        return -1;
    return is_gone(f->gone, id);
}

int gone_item(struct copy *c, struct endpoint *source, struct folder *f,
              const char *source_id, struct err *err)
{
    int r;

    pthread_mutex_lock(&c->gone_lock);
    r = ask(c, source, f, source_id, err);
    pthread_mutex_unlock(&c->gone_lock);
    return r;
}

void gone_denied(struct err *why)
{
    err_in(why, "the source lists the item and does not find it");
    err_remedy(why, "open the item in Outlook; repair, export or delete it "
                    "there, and run it again");
}

/* ---- a folder ------------------------------------------------------------ */

bool gone_folder(struct endpoint *source, const struct folder *f)
{
    const char *id = hidden_base(f->row->source_id);
    g_auto(endpoint_tree) tree = { 0 };
    struct err ignored;

    if (tree_read(source, f->root, &tree, &ignored) <= 0)
        return false;
    for (guint i = 0; i < tree.folders->len; i++) {
        const struct endpoint_folder *there = tree.folders->pdata[i];

        if (strcmp(there->id, id) == 0)
            return false;
    }
    /* A mailbox without any folder is a list that lies. */
    return tree.folders->len > 0;
}
