/*
 * An item is claimed from the moment it is taken into a folder's `ready`
 * until its claim is released; `busy` names all such ids, so that the store,
 * asked for more, never gives one out twice.
 */
#include "engine/copy_priv.h"

#include "base/timestamp.h"

static bool may_claim(const struct folder *f)
{
    return (f->gate == GATE_SHUT || f->gate == GATE_OPEN) && !f->settling &&
           !f->filling;
}

static bool is_ready(const struct folder *f, int64_t now_us)
{
    if (!may_claim(f))
        return false;
    if (f->ready.length > 0)
        return true;
    return f->quota > 0 &&
           (f->more || (f->wake_us != TIMESTAMP_NONE && f->wake_us <= now_us));
}

bool feed_has_ready(struct copy *c)
{
    int64_t now = pass_now(&c->pass);

    for (size_t i = 0; i < c->n_folders; i++)
        if (is_ready(&c->folders[i], now))
            return true;
    return false;
}

/* When the next item becomes ready (monotonic); INT64_MAX: none waits. */
static int64_t next_us(const struct copy *c)
{
    int64_t next = INT64_MAX, now = pass_now(&c->pass);

    for (size_t i = 0; i < c->n_folders; i++) {
        const struct folder *f = &c->folders[i];

        if (may_claim(f) && f->quota > 0 && f->wake_us != TIMESTAMP_NONE)
            next = MIN(next, MAX(f->wake_us - now, 0));
    }
    return next == INT64_MAX ? next : timestamp_monotonic() + next;
}

bool feed_is_empty(const struct copy *c)
{
    for (size_t i = 0; i < c->n_folders; i++) {
        const struct folder *f = &c->folders[i];

        if (f->gate == GATE_CLOSED || f->gate == GATE_NOWHERE)
            continue;
        if (f->ready.length > 0 || f->filling ||
            (f->quota > 0 && (f->more || f->wake_us != TIMESTAMP_NONE)))
            return false;
    }
    return c->n_in_flight == 0;
}

static void wake_at(struct folder *f, int64_t at_us)
{
    if (f->wake_us == TIMESTAMP_NONE || at_us < f->wake_us)
        f->wake_us = at_us;
}

void feed_wake(struct copy *c, struct folder *f)
{
    pthread_mutex_lock(&c->pass.lock);
    f->more = true;
    c->news++;
    pthread_cond_broadcast(&c->pass.changed);
    pthread_mutex_unlock(&c->pass.lock);
}

void feed_later(struct copy *c, struct folder *f, int64_t at_us)
{
    pthread_mutex_lock(&c->pass.lock);
    wake_at(f, at_us);
    c->news++;
    pthread_cond_broadcast(&c->pass.changed);
    pthread_mutex_unlock(&c->pass.lock);
}

void feed_set_gate(struct copy *c, struct folder *f, enum gate gate)
{
    pthread_mutex_lock(&c->pass.lock);
    if (f->gate != GATE_CLOSED)
        f->gate = gate;
    pthread_cond_broadcast(&c->pass.changed);
    pthread_mutex_unlock(&c->pass.lock);
}

void feed_close(struct copy *c, struct folder *f, const struct err *why)
{
    pthread_mutex_lock(&c->pass.lock);
    if (f->gate != GATE_CLOSED)
        f->why = *why;
    f->gate = GATE_CLOSED;
    pthread_cond_broadcast(&c->pass.changed);
    pthread_mutex_unlock(&c->pass.lock);
}

/* ---- asking the store -------------------------------------------- */

int feed_ask(struct copy *c, struct err *err)
{
    const struct engine_job *job = c->pass.job;
    g_autoptr(GArray) waiting = NULL;
    bool any = false;
    uint64_t at;

    pthread_mutex_lock(&c->pass.lock);
    at = c->news;
    pthread_mutex_unlock(&c->pass.lock);

    if (store_items_waiting(job->store, job->lease.mailbox_id,
                            pass_now(&c->pass), &waiting, err) < 0)
        return -1;
    pthread_mutex_lock(&c->pass.lock);
    for (guint i = 0; i < waiting->len; i++) {
        const struct store_waiting *w =
            &g_array_index(waiting, struct store_waiting, i);
        struct folder *f = copy_folder(c, w->folder_id);

        if (f == NULL || f->gate == GATE_CLOSED || f->gate == GATE_NOWHERE ||
            f->quota == 0)
            continue;
        any = true;
        f->more = f->more || w->n_ready > 0;
        if (w->n_later > 0)
            wake_at(f, w->earliest_us);
    }
    if (!any)
        c->asked_at = at;
    pthread_cond_broadcast(&c->pass.changed);
    pthread_mutex_unlock(&c->pass.lock);
    return 0;
}

/* Within the quotas of a trial: false when the item is too much. */
static bool spend(struct copy *c, struct folder *f,
                  const struct store_item *item)
{
    if (f->quota == UINT_MAX)
        return true;
    if (f->quota == 0 || item->size_bytes > c->quota_bytes) {
        f->quota = 0; /* what is older is no better */
        return false;
    }
    f->quota--;
    c->quota_bytes -= item->size_bytes;
    return true;
}

/* With the lock held, which is given up meanwhile. */
static int fill(struct copy *c, struct folder *f, struct err *err)
{
    int64_t now = pass_now(&c->pass);
    g_autoptr(GArray) busy = g_array_copy(f->busy);
    g_autoptr(GPtrArray) items = NULL;
    size_t max = c->batch.items; /* more would only lie in memory */
    int r;

    f->filling = true;
    f->more = false;
    if (f->wake_us != TIMESTAMP_NONE && f->wake_us <= now)
        f->wake_us = TIMESTAMP_NONE;
    pthread_mutex_unlock(&c->pass.lock);
    r = store_items_next(c->pass.job->store, f->row->id, now,
                         (const int64_t *)(const void *)busy->data, busy->len,
                         max, &items, err);
    pthread_mutex_lock(&c->pass.lock);
    f->filling = false;
    pthread_cond_broadcast(&c->pass.changed);
    if (r < 0)
        return -1;
    f->more = f->more || items->len == max;
    while (items->len > 0) {
        struct store_item *item = g_ptr_array_steal_index(items, 0);

        if (!spend(c, f, item)) {
            store_item_free(item);
            continue;
        }
        g_array_append_val(f->busy, item->id);
        g_queue_push_tail(&f->ready, item);
    }
    return 0;
}

/* ---- claims ------------------------------------------------------ */

static size_t batch_size(const struct copy *c, struct folder *f)
{
    struct batch_item next[BATCH_ITEMS_MAX];
    size_t n = 0;

    for (GList *l = f->ready.head; l != NULL && n < G_N_ELEMENTS(next);
         l = l->next) {
        const struct store_item *item = l->data;

        next[n++] = (struct batch_item){ item->size_bytes, item->tries };
    }
    return batch_take(&c->batch, next, n);
}

static void take(struct copy *c, struct folder *f, struct claim *ret)
{
    *ret = (struct claim){
        .folder = f,
        .items =
            g_ptr_array_new_with_free_func((GDestroyNotify)store_item_free),
        .open_first = f->gate == GATE_SHUT,
    };
    for (size_t n = batch_size(c, f); n > 0; n--)
        g_ptr_array_add(ret->items, g_queue_pop_head(&f->ready));
    if (ret->open_first)
        f->gate = GATE_OPENING;
    f->in_flight++;
    c->n_in_flight++;
}

static struct folder *next_folder(struct copy *c)
{
    g_autofree struct order_turn **turns =
        g_new(struct order_turn *, c->n_folders + 1);
    g_autofree bool *ready = g_new(bool, c->n_folders + 1);
    int64_t now = pass_now(&c->pass);
    size_t i;

    for (i = 0; i < c->n_folders; i++) {
        turns[i] = &c->folders[i].turn;
        ready[i] = is_ready(&c->folders[i], now);
    }
    i = order_next(turns, ready, c->n_folders, &c->schedule);
    return i < c->n_folders ? &c->folders[i] : NULL; /* or ORDER_NOBODY */
}

/* With the lock held.  1: claimed; 0: look again; -1. */
static int try_claim(struct copy *c, struct claim *ret, struct err *err)
{
    int64_t now = timestamp_monotonic();
    struct folder *f = NULL;

    if (c->pass.parked_until_us <= now)
        f = next_folder(c);
    if (f == NULL) {
        c->n_idle++;
        pass_wait(&c->pass, c->pass.parked_until_us > now
                                ? c->pass.parked_until_us
                                : next_us(c));
        c->n_idle--;
        return 0;
    }
    if (f->ready.length == 0 && fill(c, f, err) < 0)
        return -1;
    /* While we asked the store, others may have been here. */
    if (f->ready.length == 0 || !may_claim(f))
        return 0;
    take(c, f, ret);
    return 1;
}

int feed_claim(struct copy *c, struct claim *ret, struct err *err)
{
    int r = 0;

    pthread_mutex_lock(&c->pass.lock);
    while (r == 0 && !c->drained && !c->pass.stopped &&
           !pass_is_cancelled(&c->pass))
        r = try_claim(c, ret, err);
    pthread_mutex_unlock(&c->pass.lock);
    return r;
}

static void not_busy(struct folder *f, int64_t id)
{
    for (guint i = 0; i < f->busy->len; i++) {
        if (g_array_index(f->busy, int64_t, i) == id) {
            g_array_remove_index_fast(f->busy, i);
            return;
        }
    }
}

void feed_release(struct copy *c, struct claim *claim, unsigned int left)
{
    struct folder *f = claim->folder;

    pthread_mutex_lock(&c->pass.lock);
    for (guint i = 0; i < claim->items->len; i++) {
        const struct store_item *item = g_ptr_array_index(claim->items, i);

        not_busy(f, item->id);
    }
    f->more = f->more || left > 0;
    c->news += left > 0 ? 1 : 0;
    if (f->quota != UINT_MAX)
        f->quota += left;
    f->in_flight--;
    c->n_in_flight--;
    pthread_cond_broadcast(&c->pass.changed);
    pthread_mutex_unlock(&c->pass.lock);
    g_clear_pointer(&claim->items, g_ptr_array_unref);
}
