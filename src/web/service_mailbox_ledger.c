/*
 * What a mailbox's ledger has, piece by piece: its folders with their counts,
 * and the items that failed.
 */
#include <string.h>

#include "base/timestamp.h"
#include "fleet/member.h"
#include "web/service_migrations.h"

/* ---- folders ------------------------------------------------------------- */

static json_t *folder_json(const struct store_folder *f,
                           const struct store_folder_counts *counts)
{
    static const struct store_folder_counts none = { 0 };
    const struct store_folder_counts *n = counts != NULL ? counts : &none;
    json_t *states = json_object();
    uint64_t items = 0;

    for (int i = 0; i < ITEM_N_STATES; i++) {
        if (n->items[i] > 0)
            json_object_set_new(states, item_state_name((enum item_state)i),
                                json_integer((json_int_t)n->items[i]));
        /* what is gone was there once, and is no part of the work */
        items += i != ITEM_GONE ? n->items[i] : 0;
    }
    return json_pack("{s:I, s:s, s:s?, s:b, s:b, s:I, s:I, s:o}", "id",
                     (json_int_t)f->id, "path", f->path, "wellKnown",
                     f->well_known, "gone", f->gone, "mapped",
                     f->destination_id != NULL, "items", (json_int_t)items,
                     "bytes", (json_int_t)n->bytes_copied, "states", states);
}

/* The counts' folder ids, to where they are; borrows them. */
static GHashTable *counts_by_folder(const GArray *counts)
{
    GHashTable *by_id = g_hash_table_new(g_int64_hash, g_int64_equal);

    for (guint i = 0; i < counts->len; i++) {
        struct store_folder_counts *n =
            &g_array_index(counts, struct store_folder_counts, i);

        g_hash_table_insert(by_id, &n->folder_id, n);
    }
    return by_id;
}

static int read_folders(const struct service *s,
                        const struct migration_mailbox *m, json_t *to,
                        struct err *err)
{
    g_autoptr(store) ledger = database_store(s->database, m->migration_id);
    g_autoptr(GPtrArray) folders = NULL;
    g_autoptr(GArray) counts = NULL;
    g_autoptr(GHashTable) by_id = NULL;

    if (store_folders(ledger, m->id, &folders, err) < 0 ||
        store_folder_counts(ledger, m->id, &counts, err) < 0)
        return -1;
    by_id = counts_by_folder(counts);
    for (guint i = 0; i < folders->len; i++) {
        const struct store_folder *f = folders->pdata[i];

        json_array_append_new(
            to, folder_json(f, g_hash_table_lookup(by_id, &f->id)));
    }
    return 0;
}

void service_mailbox_folders(void *service, const struct web_request *r,
                             struct web_reply *reply)
{
    const struct service *s = service;
    g_autoptr(migration_mailbox) m = service_mailbox_get(s, r, reply);
    json_t *items;
    struct err err;

    if (m == NULL)
        return;
    items = json_array();
    if (read_folders(s, m, items, &err) < 0) {
        json_decref(items);
        service_fail(s, r, reply, &err);
        return;
    }
    service_reply_items(reply, items);
}

/* ---- items that failed --------------------------------------------------- */

/* Of so many looked at a page is made at least, whatever the cause. */
#define LOOKED_AT 2000

static json_t *item_json(const struct web_request *r, const void *p)
{
    const struct store_item *item = p;

    (void)r;
    return json_pack(
        "{s:I, s:I, s:s, s:s?, s:o, s:I, s:s?, s:s?, s:s?, s:i}", "id",
        (json_int_t)item->id, "folder", (json_int_t)item->folder_id, "kind",
        item_kind_name(item_kind_of_class(item->item_class)), "subject",
        item->subject, "received",
        item->received_us != TIMESTAMP_NONE ? member_time(item->received_us)
                                            : json_null(),
        "bytes", (json_int_t)item->size_bytes, "reason", item->reason, "remedy",
        item->remedy, "name", item->error_name, "tries", (int)item->tries);
}

static void free_item(void *p)
{
    store_item_free(p);
}

/* Those of a cause move from one array to the other, up to limit. */
static void take(GPtrArray *from, const char *reason, unsigned int limit,
                 GPtrArray *to)
{
    for (guint i = 0; i < from->len && to->len < limit; i++) {
        const struct store_item *item = from->pdata[i];

        if (reason == NULL || g_strcmp0(reason, item->reason) == 0)
            g_ptr_array_add(to, g_steal_pointer(&from->pdata[i]));
    }
}

static bool read_failed(const struct service *s, const struct web_request *r,
                        const struct roster_page *page, GPtrArray **ret,
                        struct web_reply *reply, struct err *err)
{
    const char *reason = web_query(r, "reason");
    g_autoptr(migration_mailbox) m = service_mailbox_get(s, r, reply);
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(free_item);
    g_autoptr(store) ledger = NULL;
    struct store_item_query query = { .states = 1u << ITEM_FAILED,
                                      .after_id = page->after,
                                      .max = LOOKED_AT };
    guint found = LOOKED_AT;

    if (m == NULL)
        return false;
    query.mailbox_id = m->id;
    ledger = database_store(s->database, m->migration_id);
    while (found == LOOKED_AT && all->len < page->limit) {
        g_autoptr(GPtrArray) some = NULL;

        if (store_items(ledger, &query, &some, err) < 0)
            return false;
        found = some->len;
        if (found > 0)
            query.after_id =
                ((const struct store_item *)some->pdata[found - 1])->id;
        take(some, reason, page->limit, all);
    }
    *ret = g_steal_pointer(&all);
    return true;
}

void service_mailbox_failed(void *service, const struct web_request *r,
                            struct web_reply *reply)
{
    static const struct service_list list = { read_failed, item_json, NULL };

    service_list(service, r, &list, reply);
}

/* ---- of a whole migration ------------------------------------------------ */

/* An item, and where it is. */
struct found {
    int64_t id; /* first: see struct service_list */
    struct store_item *item;
    int64_t mailbox_id;
    char *source, *path;
};

static void free_found(void *p)
{
    struct found *f = p;

    store_item_free(f->item);
    g_free(f->source);
    g_free(f->path);
    g_free(f);
}

static json_t *found_json(const struct web_request *r, const void *p)
{
    const struct found *f = p;
    json_t *json = item_json(r, f->item);

    json_object_set_new(json, "mailbox",
                        json_integer((json_int_t)f->mailbox_id));
    json_object_set_new(json, "source", json_string(f->source));
    json_object_set_new(json, "path", json_string(f->path));
    return json;
}

/* Nothing where it is no failure any more. */
static int look_up(struct store *ledger, struct migration_failed *at,
                   GPtrArray *to, struct err *err)
{
    g_autoptr(store_item) item = NULL;
    int is = store_item_find(ledger, at->mailbox_id, at->item_id, &item, err);
    struct found *f;

    if (is <= 0 || item->state != ITEM_FAILED)
        return is < 0 ? -1 : 0;
    f = g_new(struct found, 1);
    *f = (struct found){ at->item_id, g_steal_pointer(&item), at->mailbox_id,
                         g_steal_pointer(&at->source),
                         g_steal_pointer(&at->path) };
    g_ptr_array_add(to, f);
    return 0;
}

/* What succeeds meanwhile leaves no gap: a short page would be the last. */
static int fill_page(const struct service *s,
                     const struct failed_filter *filter,
                     const struct roster_page *page, GPtrArray *to,
                     struct err *err)
{
    g_autoptr(store) ledger = database_store(s->database, filter->migration_id);
    struct roster_page rest = *page;
    guint found;

    do {
        g_autoptr(GPtrArray) where = NULL;

        rest.limit = page->limit - to->len;
        if (migrations_failed(s->migrations, filter, &rest, &where, err) < 0)
            return -1;
        for (found = 0; found < where->len; found++) {
            struct migration_failed *at = where->pdata[found];

            rest.after = at->item_id;
            if (look_up(ledger, at, to, err) < 0)
                return -1;
        }
    } while (found == rest.limit && to->len < page->limit);
    return 0;
}

static bool read_all_failed(const struct service *s,
                            const struct web_request *r,
                            const struct roster_page *page, GPtrArray **ret,
                            struct web_reply *reply, struct err *err)
{
    g_autoptr(migration) m = service_migration_get(s, r, reply);
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(free_found);
    struct failed_filter filter = { .reason = web_query(r, "reason") };

    if (m == NULL || !service_query_id(r, "mailbox", &filter.mailbox_id, reply))
        return false;
    filter.migration_id = m->id;
    if (fill_page(s, &filter, page, all, err) < 0)
        return false;
    *ret = g_steal_pointer(&all);
    return true;
}

void service_migration_failed(void *service, const struct web_request *r,
                              struct web_reply *reply)
{
    static const struct service_list list = { read_all_failed, found_json,
                                              NULL };

    service_list(service, r, &list, reply);
}
