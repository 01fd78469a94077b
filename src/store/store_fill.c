#include "store/store_fill.h"

#include "base/check.h"
#include "base/timestamp.h"

/* The largest batch of the helpers below; the engine's are smaller. */
#define BATCH_MAX 1000

/* Six parts of 16 bytes and a flag byte, as the engine's digest. */
#define DIGEST_BYTES 97

struct store_fill store_fill_begin(struct store *s, const char *address)
{
    static char id[] = "src-inbox", path[] = "Inbox";
    const struct store_folder folder = { .source_id = id, .path = path };
    struct store_fill f;
    int64_t mailbox_id = 0;
    g_autoptr(GPtrArray) folders = NULL;
    struct err err;

    CHECK_OK(store_mailbox_add(s, address, address, 1, &mailbox_id, &err),
             &err);
    CHECK_OK(store_mailbox_lease(s, mailbox_id, &f.lease, &err), &err);
    CHECK_OK(store_folders_set(s, &f.lease, &folder, 1, &err), &err);
    CHECK_OK(store_folders(s, mailbox_id, &folders, &err), &err);
    f.folder_id = ((const struct store_folder *)folders->pdata[0])->id;
    return f;
}

/*
 * [flags, mailbox GUID as text, flags, entry id of 70 bytes]: 114 bytes, as in
 * ids that real servers gave out.
 */
char *store_fill_id(char kind, int64_t folder, uint64_t item)
{
    uint8_t raw[114];
    uint64_t big = GUINT64_TO_BE(item);

    memset(raw, kind, sizeof(raw));
    memcpy(raw + 40, &folder, sizeof(folder));
    memcpy(raw + sizeof(raw) - 10, &big, sizeof(big));
    return g_base64_encode(raw, sizeof(raw));
}

static char *change_key(uint64_t item)
{
    uint8_t raw[30] = { 9, 0, 0, 0, 0x16 };
    uint64_t big = GUINT64_TO_BE(item);

    memcpy(raw + sizeof(raw) - sizeof(big), &big, sizeof(big));
    return g_base64_encode(raw, sizeof(raw));
}

static char *search_key(uint64_t item)
{
    uint64_t raw[2] = { item * UINT64_C(0x9e3779b97f4a7c15), item };

    return g_base64_encode((const uint8_t *)raw, sizeof(raw));
}

int store_fill_list(struct store *s, const struct store_fill *f, uint64_t first,
                    size_t n, struct err *err)
{
    struct store_change changes[BATCH_MAX];
    g_autoptr(GPtrArray) owned = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *token = g_strdup_printf("%" G_GUINT64_FORMAT, first + n);

    g_assert(n <= BATCH_MAX);
    for (size_t i = 0; i < n; i++) {
        char *id = store_fill_id('s', f->folder_id, first + i);
        char *key = change_key(first + i), *search = search_key(first + i);

        g_ptr_array_add(owned, id);
        g_ptr_array_add(owned, key);
        g_ptr_array_add(owned, search);
        changes[i] = (struct store_change){
            .kind = STORE_CREATED,
            .source_id = id,
            .change_key = key,
            .item_class = "IPM.Note",
            .search_key = search,
            .received_us = INT64_C(1700000000) * TIMESTAMP_SECOND -
                           (int64_t)(first + i) * TIMESTAMP_SECOND,
            .size_bytes = 20000 + (first + i) % 50000,
        };
    }
    return store_items_list(s, &f->lease, f->folder_id, changes, n, token, NULL,
                            err);
}

int store_fill_intend_these(struct store *s, const struct store_fill *f,
                            const GPtrArray *items, struct err *err)
{
    struct store_intent intents[BATCH_MAX];
    uint8_t digest[DIGEST_BYTES];

    g_assert(items->len <= BATCH_MAX);
    memset(digest, 0xa5, sizeof(digest));
    for (guint i = 0; i < items->len; i++) {
        const struct store_item *item = items->pdata[i];

        intents[i] = (struct store_intent){
            .item_id = item->id,
            .change_key = item->change_key,
            .size_bytes = item->size_bytes,
            .digest = digest,
            .digest_len = sizeof(digest),
        };
    }
    return store_items_intend(s, &f->lease, 1, intents, items->len,
                              INT64_C(1700000000) * TIMESTAMP_SECOND, err);
}

int store_fill_intend(struct store *s, const struct store_fill *f, size_t n,
                      GPtrArray **ret_items, struct err *err)
{
    g_autoptr(GPtrArray) items = NULL;

    if (store_items_next(s, f->folder_id, INT64_MAX, NULL, 0, n, &items, err) <
            0 ||
        store_fill_intend_these(s, f, items, err) < 0)
        return -1;
    *ret_items = g_steal_pointer(&items);
    return 0;
}

int store_fill_record(struct store *s, const struct store_fill *f,
                      const GPtrArray *items, struct err *err)
{
    struct store_outcome outcomes[BATCH_MAX];
    g_autoptr(GPtrArray) owned = g_ptr_array_new_with_free_func(g_free);

    g_assert(items->len <= BATCH_MAX);
    for (guint i = 0; i < items->len; i++) {
        const struct store_item *item = items->pdata[i];
        char *id = store_fill_id('d', f->folder_id, (uint64_t)item->id);

        g_ptr_array_add(owned, id);
        outcomes[i] = (struct store_outcome){ .item_id = item->id,
                                              .state = ITEM_COPIED,
                                              .destination_id = id };
    }
    return store_items_record(s, &f->lease, outcomes, items->len, err);
}
