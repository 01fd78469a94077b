/*
 * The store in memory: how fast mailboxes went, how large they are, and what
 * was forecast.
 */
#include "store/mem_priv.h"
#include "store/paces.h"

/* Of a pair of hosts. */
struct pair {
    char *source, *destination;
    GArray *paces;
};

static void pair_free(void *p)
{
    struct pair *pair = p;

    g_free(pair->source);
    g_free(pair->destination);
    g_array_unref(pair->paces);
    g_free(pair);
}

void mstore_paces_init(struct mstore *s)
{
    s->paces = g_ptr_array_new_with_free_func(pair_free);
    s->amounts = g_array_new(FALSE, FALSE, sizeof(struct store_amount));
    s->forecasts =
        g_ptr_array_new_with_free_func((GDestroyNotify)store_forecast_free);
}

void mstore_paces_release(struct mstore *s)
{
    g_ptr_array_unref(s->paces);
    g_array_unref(s->amounts);
    g_ptr_array_unref(s->forecasts);
}

static struct pair *pair_of(struct mstore *s, const struct pace_hosts *between)
{
    struct pair *new;

    for (guint i = 0; i < s->paces->len; i++) {
        struct pair *is = s->paces->pdata[i];

        if (strcmp(is->source, between->source) == 0 &&
            strcmp(is->destination, between->destination) == 0)
            return is;
    }
    new = g_new(struct pair, 1);
    *new = (struct pair){ g_strdup(between->source),
                          g_strdup(between->destination),
                          g_array_new(FALSE, FALSE, sizeof(struct pace)) };
    g_ptr_array_add(s->paces, new);
    return new;
}

int mstore_paces_add(struct store *base, const struct pace_hosts *between,
                     const struct pace *paces, size_t n, struct err *err)
{
    struct mstore *s = mstore_lock(base);
    GArray *of = pair_of(s, between)->paces;

    (void)err;
    for (size_t i = 0; i < n; i++) {
        struct pace p = paces[i];

        p.items = store_size(p.items);
        p.bytes = store_size(p.bytes);
        p.requests = store_size(p.requests);
        g_array_append_val(of, p);
    }
    if (of->len > PACES_MAX)
        g_array_remove_range(of, 0, of->len - PACES_MAX);
    return mstore_unlock(s, 0);
}

int mstore_paces(struct store *base, const struct pace_hosts *between,
                 GArray **ret, struct err *err)
{
    struct mstore *s = mstore_lock(base);

    (void)err;
    *ret = g_array_copy(pair_of(s, between)->paces);
    return mstore_unlock(s, 0);
}

int mstore_amount_set(struct store *base, const struct store_lease *lease,
                      uint64_t items, uint64_t bytes, struct err *err)
{
    struct mstore *s = mstore_lock(base);
    const struct store_amount new = { lease->mailbox_id, store_size(items),
                                      store_size(bytes) };
    guint i = 0;

    if (mstore_leased(s, lease, err) == NULL)
        return mstore_unlock(s, -1);
    while (i < s->amounts->len &&
           g_array_index(s->amounts, struct store_amount, i).mailbox_id <
               new.mailbox_id)
        i++;
    if (i < s->amounts->len &&
        g_array_index(s->amounts, struct store_amount, i).mailbox_id ==
            new.mailbox_id)
        g_array_remove_index(s->amounts, i);
    g_array_insert_val(s->amounts, i, new);
    return mstore_unlock(s, 0);
}

int mstore_amounts(struct store *base, GArray **ret, struct err *err)
{
    struct mstore *s = mstore_lock(base);

    (void)err;
    *ret = g_array_copy(s->amounts);
    return mstore_unlock(s, 0);
}

static struct store_forecast *forecast_dup(const struct store_forecast *f)
{
    struct store_forecast *copy = g_memdup2(f, sizeof(*f));

    copy->basis = store_text_dup(f->basis);
    return copy;
}

static void give(struct mstore *s, const struct store_forecast *f)
{
    struct store_forecast *new;

    for (guint i = 0; i < s->forecasts->len; i++) {
        const struct store_forecast *is = s->forecasts->pdata[i];

        if (is->mailbox_id != f->mailbox_id || is->tenth != f->tenth ||
            is->ended_us != 0)
            continue;
        if (f->tenth != FORECAST_LATEST)
            return;
        g_ptr_array_remove_index(s->forecasts, i);
        break;
    }
    new = forecast_dup(f);
    new->ended_us = 0;
    g_ptr_array_add(s->forecasts, new);
}

int mstore_forecasts_give(struct store *base,
                          const struct store_forecast *given, size_t n,
                          struct err *err)
{
    struct mstore *s = mstore_lock(base);

    (void)err;
    for (size_t i = 0; i < n; i++)
        give(s, &given[i]);
    return mstore_unlock(s, 0);
}

int mstore_forecasts_end(struct store *base, int64_t mailbox_id,
                         int64_t ended_us, struct err *err)
{
    struct mstore *s = mstore_lock(base);

    (void)err;
    for (guint i = s->forecasts->len; i > 0; i--) {
        struct store_forecast *f = s->forecasts->pdata[i - 1];

        if (f->ended_us != 0 ||
            (mailbox_id != 0 && f->mailbox_id != mailbox_id))
            continue;
        f->ended_us = ended_us;
        if (f->tenth == FORECAST_LATEST || f->mailbox_id != mailbox_id ||
            ended_us == 0)
            g_ptr_array_remove_index(s->forecasts, i - 1);
    }
    return mstore_unlock(s, 0);
}

/* Of equals the one that was given first. */
static int by_place(const void *a, const void *b)
{
    const struct store_forecast *x = *(const struct store_forecast *const *)a;
    const struct store_forecast *y = *(const struct store_forecast *const *)b;

    if (x->mailbox_id != y->mailbox_id)
        return x->mailbox_id < y->mailbox_id ? -1 : 1;
    if (x->tenth != y->tenth)
        return x->tenth < y->tenth ? -1 : 1;
    return (x->at_us > y->at_us) - (x->at_us < y->at_us);
}

int mstore_forecasts(struct store *base, bool open, GPtrArray **ret,
                     struct err *err)
{
    struct mstore *s = mstore_lock(base);
    GPtrArray *all =
        g_ptr_array_new_with_free_func((GDestroyNotify)store_forecast_free);

    (void)err;
    for (guint i = 0; i < s->forecasts->len; i++) {
        const struct store_forecast *f = s->forecasts->pdata[i];

        if (!open || f->ended_us == 0)
            g_ptr_array_add(all, forecast_dup(f));
    }
    g_ptr_array_sort(all, by_place);
    *ret = all;
    return mstore_unlock(s, 0);
}
