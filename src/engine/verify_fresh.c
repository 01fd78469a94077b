#include "engine/drain.h"
#include "engine/hidden.h"
#include "engine/verify_priv.h"

/*
 * What a destination folder holds by now, as its list says: "not found" in
 * answer to a question about an item proves nothing (EWS-QUIRKS 94).
 */
struct fresh {
    GHashTable *named; /* ids, owned */
    char *token;
    bool whole; /* it has been read to its end */
};

static void fresh_free(void *p)
{
    struct fresh *f = p;

    g_hash_table_unref(f->named);
    g_free(f->token);
    g_free(f);
}

void verify_fresh_init(struct verify *v)
{
    pthread_mutex_init(&v->fresh_lock, NULL);
    v->fresh =
        g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, fresh_free);
}

void verify_fresh_release(struct verify *v)
{
    g_hash_table_unref(v->fresh);
    pthread_mutex_destroy(&v->fresh_lock);
}

static int take_page(void *data, const struct endpoint_page *page,
                     const char *token, bool last, struct err *err)
{
    struct fresh *f = data;

    (void)last; /* the token knows */
    (void)err;  /* nothing to fail here */
    for (size_t i = 0; i < page->n; i++) {
        const struct endpoint_change *c = &page->changes[i];

        if (c->kind == ENDPOINT_DELETED)
            g_hash_table_remove(f->named, c->id);
        else
            g_hash_table_add(f->named, g_strdup(c->id));
    }
    g_free(f->token);
    f->token = g_strdup(token);
    return 0;
}

static void begin_anew(void *data)
{
    struct fresh *f = data;

    g_hash_table_remove_all(f->named);
    f->whole = false;
}

/* With the lock held. */
static struct fresh *fresh_of(struct verify *v, int64_t folder_id)
{
    struct fresh *f = g_hash_table_lookup(v->fresh, &folder_id);

    if (f != NULL)
        return f;
    f = g_new0(struct fresh, 1);
    f->named = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    f->token = g_strdup("");
    g_hash_table_insert(v->fresh, g_memdup2(&folder_id, sizeof(folder_id)), f);
    return f;
}

/* Onwards from where it was read last.  With the lock held. */
static int read_on(struct verify *v, struct endpoint *ep,
                   const struct store_folder *folder, struct fresh *f,
                   struct err *err)
{
    const struct drain d = {
        .ep = ep,
        .side = DESTINATION,
        .folder_id = folder->destination_id,
        .page = take_page,
        .again = begin_anew,
        .data = f,
    };
    g_autofree char *token = g_strdup(f->token);

    if (hidden_is(folder->destination_id))
        begin_anew(f); /* each of its lists is a whole one */
    if (drain_run(&v->pass, &d, token, err) < 0) {
        if (!policy_is_gone(err))
            return err_in(err, "destination folder \"%.200s\"", folder->path);
        begin_anew(f); /* a folder that is gone holds nothing */
    }
    f->whole = true;
    return 0;
}

static const struct store_folder *folder_of(const struct verify *v, int64_t id)
{
    for (guint i = 0; i < v->rows->len; i++)
        if (((struct store_folder *)v->rows->pdata[i])->id == id)
            return v->rows->pdata[i];
    return NULL;
}

int verify_is_listed(struct verify *v, struct endpoint *ep, int64_t folder_id,
                     const char *id, struct err *err)
{
    const struct store_folder *folder = folder_of(v, folder_id);
    struct fresh *f;
    int r = 0;

    if (folder == NULL || folder->destination_id == NULL)
        return 0;
    pthread_mutex_lock(&v->fresh_lock);
    f = fresh_of(v, folder->id);
    /* What has left the folder does not come back by that id. */
    if (!f->whole || g_hash_table_contains(f->named, id))
        r = read_on(v, ep, folder, f, err);
    if (r == 0)
        r = g_hash_table_contains(f->named, id);
    pthread_mutex_unlock(&v->fresh_lock);
    return r;
}
