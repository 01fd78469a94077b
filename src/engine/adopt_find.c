#include "engine/adopt.h"

#include <string.h>

#include "engine/forsaken.h"
#include "engine/hint.h"
#include "engine/keys.h"
#include "engine/stamp.h"

/* ---- where to look ------------------------------------------------------- */

static int learn_keys(struct adopting *a, char (*hints)[HINT_LEN + 1],
                      struct err *err)
{
    g_autofree const char **ids = g_new0(const char *, a->n + 1);
    g_autofree struct endpoint_key *keys =
        g_new0(struct endpoint_key, a->n + 1);
    const struct keys_asking what = { a->lane->at[SOURCE], SOURCE, ids, a->n };
    int r;

    for (size_t i = 0; i < a->n; i++)
        ids[i] = a->all[i].cargo->item->source_id;
    r = keys_ask(&a->lane->copy->pass, &what, keys, err);
    for (size_t i = 0; i < a->n; i++) {
        const char *id = ids[i];
        char stamp[STAMP_LEN + 1];

        stamp_make(id, stamp);
        a->all[i].exact = keys[i].exact;
        hint_make(HINT_OF_STAMP, stamp, hints[i * HINT_N + HINT_OF_STAMP]);
        hint_make(HINT_OF_UNFINISHED, stamp,
                  hints[i * HINT_N + HINT_OF_UNFINISHED]);
        /* Known by nothing: a hint that nothing has. */
        hint_make(HINT_OF_KEY, keys[i].key != NULL ? keys[i].key : stamp,
                  hints[i * HINT_N + HINT_OF_KEY]);
    }
    endpoint_keys_clear(keys, a->n);
    return r;
}

static int find_hints(struct adopting *a, GPtrArray **ret, struct err *err)
{
    size_t n = a->n * HINT_N;
    g_autofree char(*hints)[HINT_LEN + 1] = g_malloc0_n(n + 1, sizeof(*hints));
    g_autofree const char **names = g_new0(const char *, n + 1);
    const struct lane *l = a->lane;

    if (learn_keys(a, hints, err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++)
        names[i] = hints[i];
    return store_dest_find(l->copy->pass.job->store, l->folder->row->id, names,
                           n, ret, err);
}

/* The row that has it: does it have it for want of anything better? */
static int is_held_loosely(struct adopting *a, int64_t owner, bool *ret,
                           struct err *err)
{
    const struct engine_job *job = a->lane->copy->pass.job;
    g_autoptr(store_item) row = NULL;
    int found =
        store_item_find(job->store, job->lease.mailbox_id, owner, &row, err);

    if (found < 0)
        return -1;
    *ret = found > 0 && row->folder_id == a->lane->folder->row->id &&
           row->state == ITEM_ALREADY_THERE && row->reason != NULL;
    return 0;
}

static struct there *there_of(struct adopting *a, const char *id, int64_t owner,
                              bool loosely)
{
    struct lane *l = a->lane;
    struct there *t;

    pthread_mutex_lock(&l->copy->pass.lock);
    t = g_hash_table_lookup(l->folder->there, id);
    if (t == NULL) {
        t = g_new0(struct there, 1);
        t->holder = owner;
        t->loosely = loosely;
        g_hash_table_insert(l->folder->there, g_strdup(id), t);
    }
    pthread_mutex_unlock(&l->copy->pass.lock);
    return t;
}

static bool find_lead(const struct search *s, const char *id, guint *ret)
{
    for (guint i = 0; i < s->leads->len; i++) {
        if (strcmp(g_array_index(s->leads, struct lead, i).id, id) != 0)
            continue;
        *ret = i;
        return true;
    }
    return false;
}

static int new_lead(struct adopting *a, const struct store_dest_found *f,
                    struct lead *ret, struct err *err)
{
    bool loosely = false;

    if (f->owner != 0 && is_held_loosely(a, f->owner, &loosely, err) < 0)
        return -1;
    *ret = (struct lead){
        .id = g_strdup(f->id),
        .there = there_of(a, f->id, f->owner, loosely),
    };
    return 0;
}

/* It may be found by its stamp and by its key. */
static int add_lead(struct adopting *a, const struct store_dest_found *f,
                    struct err *err)
{
    struct search *s = &a->all[f->hint / HINT_N];
    bool stamped = f->hint % HINT_N == HINT_OF_STAMP;
    struct lead lead;
    guint at;

    if (find_lead(s, f->id, &at)) {
        if (!stamped)
            return 0;
        lead = g_array_index(s->leads, struct lead, at);
        g_array_remove_index(s->leads, at);
    } else if (new_lead(a, f, &lead, err) < 0) {
        return -1;
    }
    lead.stamped = stamped;
    if (stamped)
        g_array_prepend_val(s->leads, lead);
    else
        g_array_append_val(s->leads, lead);
    return 0;
}

/* ---- what was left unfinished -------------------------------------------- */

int adopt_remove_ruins(struct adopting *a, const struct endpoint_ref *refs,
                       size_t n, struct err *err)
{
    if (forsaken_remove(&a->lane->copy->pass, a->lane->at[DESTINATION], refs, n,
                        err) == 0)
        return 0;
    return err_in(err, "unfinished item in destination folder \"%.200s\"",
                  a->lane->folder->row->path);
}

static int take_found(struct adopting *a, const GPtrArray *found,
                      struct err *err)
{
    g_autofree struct endpoint_ref *ruins =
        g_new0(struct endpoint_ref, found->len + 1);
    size_t n = 0;

    for (guint i = 0; i < found->len; i++) {
        const struct store_dest_found *f = found->pdata[i];

        if (f->hint % HINT_N != HINT_OF_UNFINISHED) {
            if (add_lead(a, f, err) < 0)
                return -1;
        } else if (f->owner == 0) {
            ruins[n++].id = f->id;
        }
    }
    return adopt_remove_ruins(a, ruins, n, err);
}

int adopt_find(struct adopting *a, struct err *err)
{
    g_autoptr(GPtrArray) found = NULL;

    if (find_hints(a, &found, err) < 0)
        return -1;
    return take_found(a, found, err);
}
