/*
 * The store in memory: what goes over all items of a mailbox.
 */
#include "store/ledger.h"
#include "store/mem_priv.h"

typedef void item_fn(struct store_item *item, void *data);

static void each_item(struct mstore *s, int64_t mailbox_id, item_fn *fn,
                      void *data)
{
    for (guint i = 0; i < s->folders->len; i++) {
        const struct mstore_folder *f = s->folders->pdata[i];

        if (f->mailbox_id != mailbox_id)
            continue;
        for (guint j = 0; j < f->items->len; j++)
            fn(f->items->pdata[j], data);
    }
}

/* ---- changes -------------------------------------------------------- */

static void retry(struct store_item *item, void *data)
{
    struct ledger_item next = { ITEM_FAILED, item->pending, item->tries };
    size_t *n = data;

    if (item->state != ITEM_FAILED)
        return;
    ledger_retry(&next);
    mstore_become(item, &next);
    ++*n;
}

static void wake(struct store_item *item, void *data)
{
    (void)data;
    item->not_before_us = 0;
}

int mstore_items_wake(struct store *base, const struct store_lease *lease,
                      struct err *err)
{
    struct mstore *s = mstore_lock(base);

    if (mstore_leased(s, lease, err) == NULL)
        return mstore_unlock(s, -1);
    each_item(s, lease->mailbox_id, wake, NULL);
    return mstore_unlock(s, 0);
}

int mstore_items_retry_failed(struct store *base,
                              const struct store_lease *lease, size_t *ret_n,
                              struct err *err)
{
    struct mstore *s = mstore_lock(base);
    size_t n = 0;

    if (mstore_leased(s, lease, err) == NULL)
        return mstore_unlock(s, -1);
    each_item(s, lease->mailbox_id, retry, &n);
    *ret_n = n;
    return mstore_unlock(s, 0);
}

int mstore_items_verify(struct store *base, const struct store_lease *lease,
                        const struct store_verdict *verdicts, size_t n,
                        struct err *err)
{
    struct mstore *s = mstore_lock(base);
    g_autoptr(GPtrArray) items = g_ptr_array_new();

    if (mstore_leased(s, lease, err) == NULL)
        return mstore_unlock(s, -1);
    for (size_t i = 0; i < n; i++) {
        struct store_item *item =
            mstore_item(s, lease->mailbox_id, verdicts[i].item_id, err);

        if (item == NULL)
            return mstore_unlock(s, -1);
        g_ptr_array_add(items, item);
    }
    for (guint i = 0; i < items->len; i++) {
        struct store_item *item = items->pdata[i];

        item->verify = verdicts[i].verify;
        g_free(item->verify_note);
        item->verify_note = store_text_dup(verdicts[i].note);
    }
    return mstore_unlock(s, 0);
}

static void unverify(struct store_item *item, void *data)
{
    (void)data;
    item->verify = VERIFY_NONE;
    mstore_set(&item->verify_note, NULL);
}

int mstore_items_verify_reset(struct store *base,
                              const struct store_lease *lease, struct err *err)
{
    struct mstore *s = mstore_lock(base);

    if (mstore_leased(s, lease, err) == NULL)
        return mstore_unlock(s, -1);
    each_item(s, lease->mailbox_id, unverify, NULL);
    return mstore_unlock(s, 0);
}

/* ---- pages ---------------------------------------------------------- */

struct page {
    const struct store_item_query *query;
    GPtrArray *found;
};

static void add_to_page(struct store_item *item, void *data)
{
    struct page *page = data;
    const struct store_item_query *q = page->query;

    if (page->found->len < q->max && item->id > q->after_id &&
        (q->folder_id == 0 || q->folder_id == item->folder_id) &&
        (q->states == 0 || (q->states & (1u << item->state)) != 0) &&
        (q->pass_id == 0 || q->pass_id == item->pass_id) &&
        (q->pending == 0 || (q->pending & item->pending) != 0) &&
        (!q->replaced || item->old_destination_id != NULL))
        g_ptr_array_add(page->found, mstore_item_dup(item));
}

int mstore_items(struct store *base, const struct store_item_query *query,
                 GPtrArray **ret, struct err *err)
{
    struct mstore *s = mstore_lock(base);
    struct page page = { query, mstore_item_array() };

    (void)err; /* memory always answers */
    /* Folders in order of id, items in order of number: in order of id. */
    each_item(s, query->mailbox_id, add_to_page, &page);
    *ret = page.found;
    return mstore_unlock(s, 0);
}

/* ---- counts --------------------------------------------------------- */

static void count_item(struct store_item *item, void *data)
{
    struct store_counts *c = data;
    enum item_kind kind = item_kind_of_class(item->item_class);

    c->by[kind][item->state].items++;
    c->by[kind][item->state].bytes += item->size_bytes;
    c->verify[item->verify]++;
    c->verify_hidden[item->verify] += kind == KIND_HIDDEN;
    c->pending_edit += (item->pending & ITEM_PENDING_EDIT) != 0;
    c->pending_read += (item->pending & ITEM_PENDING_READ) != 0;
    c->pending_delete += (item->pending & ITEM_PENDING_DELETE) != 0;
}

static uint64_t count_dest(const struct mstore_folder *f, enum dest_kind kind)
{
    GHashTableIter iter;
    void *is;
    uint64_t n = 0;

    g_hash_table_iter_init(&iter, f->dest);
    while (g_hash_table_iter_next(&iter, NULL, &is))
        n += GPOINTER_TO_INT(is) == (int)kind;
    return n;
}

int mstore_counts(struct store *base, int64_t mailbox_id,
                  struct store_counts *ret, struct err *err)
{
    struct mstore *s = mstore_lock(base);

    (void)err;
    *ret = (struct store_counts){ 0 };
    each_item(s, mailbox_id, count_item, ret);
    for (guint i = 0; i < s->folders->len; i++) {
        const struct mstore_folder *f = s->folders->pdata[i];

        if (f->mailbox_id != mailbox_id)
            continue;
        ret->baseline += count_dest(f, DEST_BASELINE);
        ret->foreign += count_dest(f, DEST_FOREIGN);
        ret->doubles += count_dest(f, DEST_DOUBLE);
    }
    return mstore_unlock(s, 0);
}

static struct store_folder_counts count_folder(const struct mstore_folder *f)
{
    struct store_folder_counts c = { .folder_id = f->f->id };

    for (guint i = 0; i < f->items->len; i++) {
        const struct store_item *item = f->items->pdata[i];

        c.items[item->state]++;
        if (item->state == ITEM_COPIED)
            c.bytes_copied += item->size_bytes;
    }
    c.baseline = count_dest(f, DEST_BASELINE);
    c.foreign = count_dest(f, DEST_FOREIGN);
    return c;
}

int mstore_folder_counts(struct store *base, int64_t mailbox_id, GArray **ret,
                         struct err *err)
{
    struct mstore *s = mstore_lock(base);
    GArray *found =
        g_array_new(FALSE, FALSE, sizeof(struct store_folder_counts));

    (void)err;
    for (guint i = 0; i < s->folders->len; i++) {
        const struct mstore_folder *f = s->folders->pdata[i];
        struct store_folder_counts c;

        if (f->mailbox_id != mailbox_id)
            continue;
        c = count_folder(f);
        g_array_append_val(found, c);
    }
    *ret = found;
    return mstore_unlock(s, 0);
}
