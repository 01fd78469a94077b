#include "engine/change.h"
#include "engine/copy_priv.h"
#include "engine/drain.h"

/* One folder's listing. */
struct listing {
    struct copy *copy;
    struct folder *folder;
};

static void tell_listed(struct copy *c, const struct store_change *changes,
                        size_t n, size_t n_listed)
{
    uint64_t bytes = 0;

    for (size_t i = 0; i < n; i++)
        if (changes[i].kind == STORE_CREATED && !changes[i].filtered)
            bytes += changes[i].size_bytes;
    if (n_listed > 0)
        pass_event(&c->pass, &(struct engine_event){ .kind = ENGINE_LISTED,
                                                     .n = n_listed,
                                                     .bytes = bytes });
}

static int list_page(void *data, const struct endpoint_page *page,
                     const char *token, bool last, struct err *err)
{
    const struct listing *l = data;
    struct copy *c = l->copy;
    const struct engine_job *job = c->pass.job;
    g_autofree struct store_change *changes =
        g_new0(struct store_change, page->n + 1);
    size_t n_listed;

    (void)last; /* the token knows */
    /* Nothing new and the very same token: nothing to keep. */
    if (page->n == 0 && g_strcmp0(token, l->folder->row->source_token) == 0)
        return 0;
    for (size_t i = 0; i < page->n; i++)
        change_for_ledger(&page->changes[i], c->pass.options.skip_kinds,
                          &changes[i]);
    if (store_items_list(job->store, &job->lease, l->folder->row->id, changes,
                         page->n, token, &n_listed, err) < 0)
        return -1;
    tell_listed(c, changes, page->n, n_listed);
    if (page->n > 0)
        feed_wake(c, l->folder);
    return 0;
}

/* One that cannot be listed is on record; the others are copied. */
static void list_failed(struct copy *c, const struct folder *f, struct err *why)
{
    err_in(why, "source folder \"%.200s\"", f->row->path);
    /* Deleted since its tree was read: what it held is nobody's loss. */
    if (pass_is_over(&c->pass) || policy_is_gone(why))
        return;
    if (why->scope >= ERR_MAILBOX) {
        pass_stop(&c->pass, why);
        return;
    }
    pthread_mutex_lock(&c->pass.lock);
    if (!c->unlisted)
        c->unlisted_why = *why;
    c->unlisted = true;
    pthread_mutex_unlock(&c->pass.lock);
}

static void list_folder(struct copy *c, struct endpoint *source,
                        struct folder *f)
{
    struct listing l = { c, f };
    const struct drain d = {
        .ep = source,
        .side = SOURCE,
        .folder_id = f->row->source_id,
        .page = list_page,
        .data = &l,
    };
    struct err why;

    if (drain_run(&c->pass, &d, f->row->source_token, &why) < 0)
        list_failed(c, f, &why);
}

static struct folder *next_folder(struct copy *c)
{
    struct folder *f = NULL;

    pthread_mutex_lock(&c->pass.lock);
    while (f == NULL && c->next_to_list < c->n_folders) {
        f = &c->folders[c->next_to_list++];
        if (!f->wanted)
            f = NULL;
    }
    if (f == NULL)
        c->n_listing--;
    pthread_cond_broadcast(&c->pass.changed);
    pthread_mutex_unlock(&c->pass.lock);
    return f;
}

void *list_main(void *data)
{
    struct worker *w = data;
    struct copy *c = w->owner;
    struct folder *f;

    while ((f = next_folder(c)) != NULL)
        if (!pass_is_over(&c->pass))
            list_folder(c, w->hands.at[SOURCE], f);
    return NULL;
}
