#include "engine/change.h"
#include "engine/copy_priv.h"
#include "engine/drain.h"
#include "engine/gone.h"
#include "engine/hidden.h"
#include "engine/idset.h"
#include "engine/rows.h"

#include "base/timestamp.h"

/* One folder's listing. */
struct listing {
    struct copy *copy;
    struct folder *folder;
    /*
     * Where a token was to be continued: the ids that came.  If the server
     * began anew, what did not come is not there any more.
     */
    struct idset *seen;
    bool anew;
    bool admitted;    /* it said so */
    int64_t begun_us; /* wall clock */
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

static size_t count_created(const struct endpoint_page *page)
{
    size_t n = 0;

    for (size_t i = 0; i < page->n; i++)
        n += page->changes[i].kind == ENDPOINT_CREATED;
    return n;
}

static void keep_seen(struct listing *l, const struct endpoint_page *page)
{
    for (size_t i = 0; l->seen != NULL && i < page->n; i++)
        if (page->changes[i].kind != ENDPOINT_DELETED)
            idset_add(l->seen, page->changes[i].id, 0);
}

/* What is not to be copied at all is told class by class. */
static void count_left_behind(struct copy *c,
                              const struct store_change *changes, size_t n)
{
    pthread_mutex_lock(&c->pass.lock);
    for (size_t i = 0; i < n; i++) {
        const char *class = changes[i].item_class;
        char *key = g_strdup(class != NULL ? class : "no class");
        size_t so_far =
            GPOINTER_TO_SIZE(g_hash_table_lookup(c->left_behind, key));

        if (changes[i].filtered)
            g_hash_table_insert(c->left_behind, key,
                                GSIZE_TO_POINTER(so_far + 1));
        else
            g_free(key);
    }
    pthread_mutex_unlock(&c->pass.lock);
}

static int list_page(void *data, const struct endpoint_page *page,
                     const char *token, bool last, struct err *err)
{
    struct listing *l = data;
    struct copy *c = l->copy;
    const struct engine_job *job = c->pass.job;
    g_autofree struct store_change *changes =
        g_new0(struct store_change, page->n + 1);
    g_autofree char *own = NULL;
    size_t n_listed;

    (void)last; /* the token knows */
    if (l->folder->hidden) {
        own = hidden_list_token(page->n, l->folder->changed_us,
                                l->folder->told_us, l->begun_us);
        token = own;
    }
    /* Nothing new and the very same token: nothing to keep. */
    if (page->n == 0 && g_strcmp0(token, l->folder->row->source_token) == 0)
        return 0;
    for (size_t i = 0; i < page->n; i++)
        change_for_ledger(&page->changes[i], &c->pass.options.filter,
                          l->folder->skipped, l->folder->hidden, &changes[i]);
    if (store_items_list(job->store, &job->lease, l->folder->row->id, changes,
                         page->n, token, &n_listed, err) < 0)
        return -1;
    /* Told as new what was told before: it has silently begun anew. */
    if (l->seen != NULL && n_listed < count_created(page))
        l->anew = true;
    keep_seen(l, page);
    if (!l->folder->hidden)
        tell_listed(c, changes, page->n, n_listed);
    else if (!l->folder->skipped)
        count_left_behind(c, changes, page->n);
    if (page->n > 0)
        feed_wake(c, l->folder);
    return 0;
}

static void list_again(void *data)
{
    struct listing *l = data;

    l->anew = l->admitted = true;
    idset_free(l->seen);
    l->seen = idset_new();
}

/* ---- what an anew list did not name -------------------------------------- */

static int drop_unseen(void *data, GPtrArray *page, struct err *err)
{
    struct listing *l = data;
    const struct engine_job *job = l->copy->pass.job;
    g_autofree struct store_change *changes =
        g_new0(struct store_change, page->len + 1);
    size_t n = 0;

    for (guint i = 0; i < page->len; i++) {
        const struct store_item *item = page->pdata[i];

        if (item->state != ITEM_GONE && !idset_has(l->seen, item->source_id))
            changes[n++] = (struct store_change){
                .kind = STORE_DELETED,
                .source_id = item->source_id,
            };
    }
    if (n == 0)
        return 0;
    return store_items_list(job->store, &job->lease, l->folder->row->id,
                            changes, n, NULL, NULL, err);
}

/*
 * An error must never look like a deletion.  A list that names less than half
 * of what the folder is said to hold proves nothing; one that the server did
 * not admit to have begun anew must name all of it.
 */
static bool is_believable(const struct listing *l)
{
    size_t said = l->folder->n_items;

    return idset_size(l->seen) >= (l->admitted ? said / 2 : said);
}

static void note_short(const struct listing *l)
{
    g_autofree char *text = g_strdup_printf(
        "folder \"%s\": the server listed %zu of %u items after it had lost "
        "track; what it did not list is not taken for deleted",
        l->folder->row->path, idset_size(l->seen), l->folder->n_items);

    pass_note(&l->copy->pass,
              &(struct pass_note){ .about = "a folder was not listed whole",
                                   .place = l->folder->row->path,
                                   .text = text });
}

static int settle_anew(struct listing *l, struct err *err)
{
    const struct engine_job *job = l->copy->pass.job;
    const struct store_item_query q = {
        .mailbox_id = job->lease.mailbox_id,
        .folder_id = l->folder->row->id,
    };

    idset_seal(l->seen);
    if (!is_believable(l)) {
        if (l->admitted)
            note_short(l);
        return 0;
    }
    return rows_each(job->store, &q, drop_unseen, l, err);
}

/* ---- a folder ------------------------------------------------------------ */

/* One that cannot be listed is on record; the others are copied. */
static void list_failed(struct copy *c, struct endpoint *source,
                        const struct folder *f, struct err *why)
{
    err_in(why, "source folder \"%.200s\"", f->row->path);
    if (pass_is_over(&c->pass))
        return;
    /* Deleted since its tree was read: what it held is nobody's loss. */
    if (policy_is_gone(why) && gone_folder(source, f))
        return;
    if (why->scope >= ERR_MAILBOX) {
        pass_stop(&c->pass, why);
        return;
    }
    pass_unlisted(&c->pass, why);
}

static void list_folder(struct copy *c, struct endpoint *source,
                        struct folder *f)
{
    bool goes_on = f->row->source_token[0] != '\0';
    struct listing l = {
        .copy = c,
        .folder = f,
        .seen = goes_on ? idset_new() : NULL,
        .begun_us = timestamp_now(),
    };
    const struct drain d = {
        .ep = source,
        .side = SOURCE,
        .folder_id = f->row->source_id,
        .page = list_page,
        .again = list_again,
        .data = &l,
    };
    struct err why;

    if (drain_run(&c->pass, &d, f->row->source_token, &why) < 0 ||
        (l.anew && settle_anew(&l, &why) < 0))
        list_failed(c, source, f, &why);
    idset_free(l.seen);
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
