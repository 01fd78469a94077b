#include "engine/copy_priv.h"
#include "engine/drain.h"
#include "engine/hint.h"
#include "engine/keys.h"

struct baseline {
    struct copy *copy;
    struct folder *folder;
    struct endpoint *destination;
};

/* What a page says is there now, and by what it may be found again. */
struct present {
    GPtrArray *ids;   /* borrowed from the page */
    GPtrArray *names; /* of char *: hints, owned */
    GArray *hints;    /* of struct store_dest_hint */
};

static void present_init(struct present *p)
{
    p->ids = g_ptr_array_new();
    p->names = g_ptr_array_new_with_free_func(g_free);
    p->hints = g_array_new(FALSE, FALSE, sizeof(struct store_dest_hint));
}

static void present_release(struct present *p)
{
    g_ptr_array_unref(p->ids);
    g_ptr_array_unref(p->names);
    g_array_unref(p->hints);
}

static void add_hint(struct present *p, const char *id, enum hint_of of,
                     const char *text)
{
    char *name = g_malloc(HINT_LEN + 1);
    const struct store_dest_hint h = { id, name };

    hint_make(of, text, name);
    g_ptr_array_add(p->names, name);
    g_array_append_val(p->hints, h);
}

/* A stamp of ours, by a run whose state file is lost or another. */
static void add_present(struct present *p, const struct endpoint_change *c)
{
    g_ptr_array_add(p->ids, c->id);
    if (c->stamp != NULL)
        add_hint(p, c->id, c->unfinished ? HINT_OF_UNFINISHED : HINT_OF_STAMP,
                 c->stamp);
}

static int add_keys(const struct baseline *b, struct present *p,
                    struct err *err)
{
    const struct keys_asking what = {
        .ep = b->destination,
        .side = DESTINATION,
        .ids = (const char *const *)p->ids->pdata,
        .n = p->ids->len,
    };
    g_autofree struct endpoint_key *keys =
        g_new0(struct endpoint_key, what.n + 1);
    int r = keys_ask(&b->copy->pass, &what, keys, err);

    for (size_t i = 0; i < what.n; i++)
        if (keys[i].key != NULL)
            add_hint(p, what.ids[i], HINT_OF_KEY, keys[i].key);
    endpoint_keys_clear(keys, what.n);
    return r;
}

static int record(const struct baseline *b, const struct present *p,
                  const char *token, bool last, struct err *err)
{
    const struct engine_job *job = b->copy->pass.job;
    const struct store_dest_seen seen = {
        .kind = DEST_BASELINE,
        .ids = (const char *const *)p->ids->pdata,
        .n = p->ids->len,
        .token = token,
        .baseline_done = last,
        .hints = (const struct store_dest_hint *)(const void *)p->hints->data,
        .n_hints = p->hints->len,
    };

    return store_dest_record(job->store, &job->lease, b->folder->row->id, &seen,
                             err);
}

/* An empty folder costs its list and nothing else. */
static int baseline_page(void *data, const struct endpoint_page *page,
                         const char *token, bool last, struct err *err)
{
    const struct baseline *b = data;
    struct present p;
    int r = 0;

    present_init(&p);
    for (size_t i = 0; i < page->n; i++)
        if (page->changes[i].kind != ENDPOINT_DELETED)
            add_present(&p, &page->changes[i]);
    if (p.ids->len > 0 && !b->copy->pass.options.no_search) {
        b->folder->searched = true;
        r = add_keys(b, &p, err);
    }
    if (r == 0)
        r = record(b, &p, token, last, err);
    present_release(&p);
    return r;
}

int baseline_take(struct copy *c, struct endpoint *destination,
                  struct folder *f, struct err *err)
{
    struct baseline b = { c, f, destination };
    const struct drain d = {
        .ep = destination,
        .side = DESTINATION,
        .folder_id = f->row->destination_id,
        .page = baseline_page,
        .data = &b,
    };
    const char *token = f->row->destination_token;

    if (drain_run(&c->pass, &d, token != NULL ? token : "", err) < 0)
        return err_in(err, "destination folder \"%.200s\"", f->row->path);
    return 0;
}
