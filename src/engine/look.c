#include "engine/look.h"

#include "engine/drain.h"
#include "engine/reader.h"

struct looker {
    struct copy *copy;
    struct folder *folder;
    GPtrArray *found;  /* of struct candidate *, owned */
    GHashTable *by_id; /* the same, by id */
    char *token;
};

const struct candidate *look_at(const struct look *l, size_t i)
{
    return l->found->pdata[i];
}

static void candidate_free(void *p)
{
    struct candidate *c = p;

    g_free(c->id);
    g_free(c->search_key);
    g_free(c->item_class);
    g_free(c->stamp);
    g_free(c);
}

void look_clear(struct look *l)
{
    g_clear_pointer(&l->found, g_ptr_array_unref);
    g_free(l->items);
    g_free(l->token);
    *l = (struct look){ 0 };
}

static void forget(struct looker *l, const char *id)
{
    struct candidate *c = g_hash_table_lookup(l->by_id, id);

    if (c == NULL)
        return;
    g_hash_table_remove(l->by_id, id);
    g_ptr_array_remove(l->found, c);
}

static void remember(struct looker *l, const struct endpoint_change *change)
{
    struct candidate *c;

    if (g_hash_table_contains(l->by_id, change->id))
        return;
    c = g_new0(struct candidate, 1);
    c->id = g_strdup(change->id);
    c->search_key = g_strdup(change->search_key);
    c->item_class = g_strdup(change->item_class);
    c->stamp = g_strdup(change->stamp);
    c->unfinished = change->unfinished;
    c->received_us = change->received_us;
    g_ptr_array_add(l->found, c);
    g_hash_table_insert(l->by_id, c->id, c);
}

static int look_page(void *data, const struct endpoint_page *page,
                     const char *token, bool last, struct err *err)
{
    struct looker *l = data;
    g_autofree const char **ids = g_new0(const char *, page->n + 1);
    g_autofree enum dest_kind *kinds = g_new0(enum dest_kind, page->n + 1);

    (void)last;
    for (size_t i = 0; i < page->n; i++)
        ids[i] = page->changes[i].id;
    if (store_dest_lookup(l->copy->pass.job->store, l->folder->row->id, ids,
                          page->n, kinds, err) < 0)
        return -1;
    for (size_t i = 0; i < page->n; i++) {
        if (kinds[i] != DEST_UNKNOWN)
            continue;
        if (page->changes[i].kind == ENDPOINT_DELETED)
            forget(l, ids[i]);
        else
            remember(l, &page->changes[i]);
    }
    g_free(l->token);
    l->token = g_strdup(token);
    return 0;
}

static void look_again(void *data)
{
    struct looker *l = data;

    g_hash_table_remove_all(l->by_id);
    g_ptr_array_set_size(l->found, 0);
}

/* ---- reading ----------------------------------------------------- */

int look_read(struct copy *c, const struct look_ids *what,
              struct match_item *items, struct err *err)
{
    struct hands h = pass_own_hands(&c->pass);
    const struct reader r = { .ep = h.at[what->side],
                              .side = what->side,
                              .formats = what->formats,
                              .listed = what->side == DESTINATION };
    g_autofree struct reading *got = g_new0(struct reading, what->n + 1);
    int result = reader_read(&c->pass, &r, what->ids, what->n, got, err);

    for (size_t i = 0; i < what->n; i++) {
        items[i].readable = got[i].end == READING_DONE;
        items[i].digest = got[i].digest;
        reading_clear(&got[i]);
    }
    return result;
}

static bool reads_fts(const struct copy *c)
{
    return (pass_own_hands(&c->pass).at[DESTINATION]->caps &
            ENDPOINT_CAP_EXPORT) != 0;
}

/* Looked at before: a digest taken once is good for the pass. */
static int read_new(struct copy *c, struct folder *f, struct look *l,
                    struct err *err)
{
    guint n = l->found->len, k = 0;
    g_autofree const char **ids = g_new0(const char *, n + 1);
    g_autofree struct match_item *items = g_new0(struct match_item, n + 1);
    struct look_ids what = { .side = DESTINATION, .ids = ids };

    /* What is not stamped came as FastTransfer, if it is one of ours. */
    for (guint i = 0; i < n; i++)
        if (look_at(l, i)->stamp == NULL &&
            !g_hash_table_contains(f->digests, look_at(l, i)->id))
            ids[k++] = look_at(l, i)->id;
    if (!reads_fts(c))
        k = 0;
    what.n = k;
    if (look_read(c, &what, items, err) < 0)
        return -1;
    for (guint i = 0; i < k; i++)
        if (items[i].readable)
            g_hash_table_insert(f->digests, g_strdup(ids[i]),
                                g_memdup2(&items[i], sizeof(items[i])));
    return 0;
}

static void fill_items(const struct folder *f, struct look *l)
{
    l->items = g_new0(struct match_item, l->found->len + 1);
    for (guint i = 0; i < l->found->len; i++) {
        const struct match_item *known =
            g_hash_table_lookup(f->digests, look_at(l, i)->id);

        if (known != NULL)
            l->items[i] = *known;
        /* The stamp says exactly what a search key only hints at. */
        l->items[i].search_key =
            look_at(l, i)->stamp == NULL ? look_at(l, i)->search_key : NULL;
    }
}

static int drain_into(struct looker *l, const char *token, struct err *err)
{
    struct hands h = pass_own_hands(&l->copy->pass);
    const struct drain d = {
        .ep = h.at[DESTINATION],
        .side = DESTINATION,
        .folder_id = l->folder->row->destination_id,
        .page = look_page,
        .again = look_again,
        .data = l,
    };

    return drain_run(&l->copy->pass, &d, token, err);
}

int look_take(struct copy *c, struct folder *f, const char *token,
              struct look *ret, struct err *err)
{
    struct looker l = { .copy = c, .folder = f };
    g_auto(look) made = { 0 };
    int r;

    l.found = made.found = g_ptr_array_new_with_free_func(candidate_free);
    l.by_id = g_hash_table_new(g_str_hash, g_str_equal);
    r = drain_into(&l, token, err);
    made.token = l.token;
    g_hash_table_unref(l.by_id);
    if (r < 0 || read_new(c, f, &made, err) < 0)
        return err_in(err, "destination folder \"%.200s\"", f->row->path);
    fill_items(f, &made);
    *ret = made;
    made = (struct look){ 0 };
    return 0;
}

/* ---- is it there at all? ----------------------------------------- */

static int listed_page(void *data, const struct endpoint_page *page,
                       const char *token, bool last, struct err *err)
{
    (void)token; /* nobody goes on from here */
    (void)last;
    (void)err; /* nothing to fail here */
    for (size_t i = 0; i < page->n; i++) {
        if (page->changes[i].kind == ENDPOINT_DELETED)
            g_hash_table_remove(data, page->changes[i].id);
        else
            g_hash_table_add(data, g_strdup(page->changes[i].id));
    }
    return 0;
}

static void listed_again(void *data)
{
    g_hash_table_remove_all(data);
}

int look_listed(struct copy *c, const struct folder *f, GHashTable **ret,
                struct err *err)
{
    struct hands h = pass_own_hands(&c->pass);
    g_autoptr(GHashTable) ids =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    const struct drain d = {
        .ep = h.at[DESTINATION],
        .side = DESTINATION,
        .folder_id = f->row->destination_id,
        .page = listed_page,
        .again = listed_again,
        .data = ids,
    };

    if (drain_run(&c->pass, &d, "", err) < 0)
        return err_in(err, "destination folder \"%.200s\"", f->row->path);
    *ret = g_steal_pointer(&ids);
    return 0;
}
