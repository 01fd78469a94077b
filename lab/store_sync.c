#include "lab/store_priv.h"

#include <string.h>

/*
 * Where a reader is in a folder's log.
 *
 * A round begins at the log's end of that moment (high) and tells what has
 * happened since the last round's end (base); position is how far the round
 * has come.  While it runs:
 *
 *   created   created_seq in (position, high]
 *   updated   created_seq <= base, changed_seq in (position, high]
 *   read flag created_seq <= base, changed_seq <= base, read_seq likewise
 *   deleted   created_seq <= base, gone at seq in (position, high]
 *
 * So nothing is told twice in a round, an item that came and went is not told
 * at all, and what happens during a round waits for the next: its sequence
 * is above high, and by then its created_seq is at or below the base.
 * A round that is over has high 0 and position equal to base.
 */

#define PAGE_MAX 512 /* of SyncFolderItems: MaxChangesReturned */

static void change_free(gpointer p)
{
    struct lab_change *c = p;

    g_free(c->id);
    lab_item_free(c->item);
    lab_folder_free(c->folder);
    g_free(c);
}

void lab_sync_page_clear(struct lab_sync_page *page)
{
    g_clear_pointer(&page->changes, g_ptr_array_unref);
    g_clear_pointer(&page->state, g_free);
}

static int epoch_of(struct lab_store *store, int64_t mailbox, int64_t *ret,
                    struct err *err)
{
    return lab_number(store, err, ret,
                      "SELECT epoch FROM mailbox WHERE key = ?1", "i", mailbox);
}

/* The state that the caller hands in, or a first one. */
static int open_state(struct lab_store *store, int64_t mailbox,
                      const struct lab_sync *sync, int64_t folder,
                      struct lab_sync_state *ret, struct err *err)
{
    int64_t epoch = 0;

    if (epoch_of(store, mailbox, &epoch, err) < 0)
        return -1;
    if (sync->state == NULL || *sync->state == '\0') {
        *ret = (struct lab_sync_state){ .folder = folder,
                                        .epoch = epoch,
                                        .associated = sync->associated };
        return 0;
    }
    if (lab_sync_parse(store, sync->state, ret) < 0 || ret->folder != folder ||
        ret->epoch != epoch || ret->associated != sync->associated)
        return lab_refuse(err, "ErrorInvalidSyncStateData",
                          "sync state is none that this folder gave");
    return 0;
}

/* ---- items ----------------------------------------------------------- */

/* Kind and position of each; deleted ones have nulls for columns. */
#define CHANGES                                                                \
    "SELECT " LAB_ITEM_COLUMNS ", 0 AS kind, created_seq AS at"                \
    " FROM item WHERE folder = ?1 AND associated <= ?2"                        \
    "  AND created_seq > ?4 AND created_seq <= ?5 "                            \
    "UNION ALL SELECT " LAB_ITEM_COLUMNS ", 1, changed_seq"                    \
    " FROM item WHERE folder = ?1 AND associated <= ?2 AND created_seq <= ?3"  \
    "  AND changed_seq > created_seq"                                          \
    "  AND changed_seq > ?4 AND changed_seq <= ?5 "                            \
    "UNION ALL SELECT " LAB_ITEM_COLUMNS ", 3, read_seq"                       \
    " FROM item WHERE folder = ?1 AND associated <= ?2 AND created_seq <= ?3"  \
    "  AND changed_seq <= ?3 AND read_seq > 0"                                 \
    "  AND read_seq > ?4 AND read_seq <= ?5 "                                  \
    "UNION ALL SELECT item, folder, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0," \
    " 2, seq FROM gone WHERE folder = ?1 AND associated <= ?2"                 \
    "  AND created_seq <= ?3 AND seq > ?4 AND seq <= ?5 "                      \
    "ORDER BY at LIMIT ?6"

static char *gone_id(struct lab_store *store, const char *guid, sqlite3_stmt *q)
{
    struct lab_id id = { .item = true,
                         .key = sqlite3_column_int64(q, 0),
                         .folder = sqlite3_column_int64(q, 1) };

    g_strlcpy(id.mailbox, guid, sizeof(id.mailbox));
    memcpy(id.replica, store->replica, sizeof(id.replica));
    return lab_id_format(&id);
}

static struct lab_change *change_from_row(struct lab_store *store,
                                          const char *guid, sqlite3_stmt *q)
{
    struct lab_change *c = g_new0(struct lab_change, 1);

    c->kind = (enum lab_change_kind)sqlite3_column_int(q, 16);
    if (c->kind == LAB_DELETED) {
        c->id = gone_id(store, guid, q);
        return c;
    }
    c->item = lab_item_from_row(store, guid, q);
    c->id = g_strdup(c->item->id);
    return c;
}

/* One page into `changes`; moves state->position.  Returns 1 if more. */
static int read_page(struct lab_store *store, const char *guid,
                     const struct lab_sync *sync, struct lab_sync_state *state,
                     GPtrArray *changes, struct err *err)
{
    uint32_t max = CLAMP(sync->max, 1, PAGE_MAX);
    sqlite3_stmt *q = lab_query(store, err, CHANGES, "iiiiii", state->folder,
                                (int64_t)state->associated, state->base,
                                state->position, state->high, (int64_t)max + 1);
    int rc;

    if (q == NULL)
        return -1;
    while ((rc = lab_step(store, q, err)) > 0 && changes->len < max) {
        g_ptr_array_add(changes, change_from_row(store, guid, q));
        state->position = sqlite3_column_int64(q, 17);
    }
    lab_done(q);
    return rc;
}

static int sync_items(struct lab_store *store, int64_t mailbox,
                      const struct lab_sync *sync, GPtrArray *changes,
                      struct lab_sync_state *state, struct err *err)
{
    int64_t folder = 0;
    char guid[37];
    int more;

    if (lab_folder_key(store, mailbox, sync->folder_id, &folder, err) < 0 ||
        lab_mailbox_guid(store, mailbox, guid, err) < 0 ||
        open_state(store, mailbox, sync, folder, state, err) < 0)
        return -1;
    if (state->high == 0 && state->base != state->position)
        return lab_refuse(err, "ErrorInvalidSyncStateData",
                          "sync state is one of folders");
    if (state->high == 0)
        state->high = store->counter;
    more = read_page(store, guid, sync, state, changes, err);
    if (more == 0) {
        state->base = state->position = state->high;
        state->high = 0;
    }
    return more;
}

static void fill_page(struct lab_store *store,
                      const struct lab_sync_state *state, GPtrArray *changes,
                      bool last, struct lab_sync_page *ret)
{
    *ret = (struct lab_sync_page){
        .changes = changes,
        .state = lab_sync_format(store, state),
        .last = last,
    };
}

int lab_store_sync_items(struct lab_store *store, int64_t mailbox,
                         const struct lab_sync *sync, struct lab_sync_page *ret,
                         struct err *err)
{
    g_autoptr(GPtrArray) changes = g_ptr_array_new_with_free_func(change_free);
    struct lab_sync_state state;
    int more;

    lab_lock(store);
    more = sync_items(store, mailbox, sync, changes, &state, err);
    lab_unlock(store);
    if (more < 0)
        return -1;
    fill_page(store, &state, g_steal_pointer(&changes), more == 0, ret);
    return 0;
}

/* ---- hierarchy ------------------------------------------------------- */

static int changed_folders(struct lab_store *store, int64_t mailbox,
                           const struct lab_sync_state *state, GArray *ret_keys,
                           struct err *err)
{
    sqlite3_stmt *q = lab_query(
        store, err,
        "WITH RECURSIVE below(key, depth) AS (SELECT key, 1 FROM folder"
        " WHERE parent = ?1 UNION ALL SELECT folder.key, depth + 1"
        " FROM below JOIN folder ON folder.parent = below.key)"
        " SELECT folder.key, created_seq FROM below"
        " JOIN folder ON folder.key = below.key"
        " WHERE changed_seq > ?2 AND mailbox = ?3 ORDER BY depth, folder.key",
        "iii", state->folder, state->base, mailbox);
    int rc;

    if (q == NULL)
        return -1;
    while ((rc = lab_step(store, q, err)) > 0) {
        int64_t pair[2] = { sqlite3_column_int64(q, 0),
                            sqlite3_column_int64(q, 1) };

        g_array_append_vals(ret_keys, pair, 2);
    }
    lab_done(q);
    return rc;
}

static int add_folders(struct lab_store *store,
                       const struct lab_sync_state *state, GArray *pairs,
                       GPtrArray *changes, struct err *err)
{
    for (guint i = 0; i < pairs->len; i += 2) {
        struct lab_change *c = g_new0(struct lab_change, 1);

        g_ptr_array_add(changes, c);
        c->folder = g_new0(struct lab_folder, 1);
        c->kind = g_array_index(pairs, int64_t, i + 1) > state->base
                      ? LAB_CREATED
                      : LAB_UPDATED;
        if (lab_folder_read(store, g_array_index(pairs, int64_t, i), c->folder,
                            err) < 0)
            return -1;
        c->id = g_strdup(c->folder->id);
    }
    return 0;
}

static int add_gone_folders(struct lab_store *store, int64_t mailbox,
                            const struct lab_sync_state *state,
                            GPtrArray *changes, struct err *err)
{
    struct lab_id id = { 0 };
    sqlite3_stmt *q;
    int rc;

    if (lab_mailbox_guid(store, mailbox, id.mailbox, err) < 0)
        return -1;
    memcpy(id.replica, store->replica, sizeof(id.replica));
    q = lab_query(store, err,
                  "SELECT key FROM gone_folder WHERE mailbox = ?1"
                  " AND seq > ?2 AND created_seq <= ?2 ORDER BY seq",
                  "ii", mailbox, state->base);
    if (q == NULL)
        return -1;
    while ((rc = lab_step(store, q, err)) > 0) {
        struct lab_change *c = g_new0(struct lab_change, 1);

        id.folder = sqlite3_column_int64(q, 0);
        c->kind = LAB_DELETED;
        c->id = lab_id_format(&id);
        g_ptr_array_add(changes, c);
    }
    lab_done(q);
    return rc;
}

static int sync_folders(struct lab_store *store, int64_t mailbox,
                        const struct lab_sync *sync, GPtrArray *changes,
                        struct lab_sync_state *state, struct err *err)
{
    g_autoptr(GArray) pairs = g_array_new(FALSE, FALSE, sizeof(int64_t));
    int64_t folder = 0;

    if (lab_folder_key(store, mailbox, sync->folder_id, &folder, err) < 0 ||
        open_state(store, mailbox, sync, folder, state, err) < 0)
        return -1;
    /* An items' state of the same folder has its position in use. */
    if (state->high != 0 || state->position != 0)
        return lab_refuse(err, "ErrorInvalidSyncStateData",
                          "sync state is one of items");
    if (changed_folders(store, mailbox, state, pairs, err) < 0 ||
        add_folders(store, state, pairs, changes, err) < 0 ||
        add_gone_folders(store, mailbox, state, changes, err) < 0)
        return -1;
    state->base = store->counter;
    return 0;
}

int lab_store_sync_folders(struct lab_store *store, int64_t mailbox,
                           const struct lab_sync *sync,
                           struct lab_sync_page *ret, struct err *err)
{
    g_autoptr(GPtrArray) changes = g_ptr_array_new_with_free_func(change_free);
    struct lab_sync_state state;
    int status;

    lab_lock(store);
    status = sync_folders(store, mailbox, sync, changes, &state, err);
    lab_unlock(store);
    if (status < 0)
        return -1;
    fill_page(store, &state, g_steal_pointer(&changes), true, ret);
    return 0;
}

int lab_store_expire_sync(struct lab_store *store, int64_t mailbox,
                          struct err *err)
{
    int status;

    if (lab_enter(store, err) < 0)
        return -1;
    status = lab_exec(store, err,
                      "UPDATE mailbox SET epoch = epoch + 1 WHERE key = ?1",
                      "i", mailbox);
    return lab_leave(store, status, err);
}

/* ---- listing --------------------------------------------------------- */

static void item_free(gpointer p)
{
    lab_item_free(p);
}

static int read_list(struct lab_store *store, const char *guid,
                     const struct lab_list *list, int64_t folder,
                     GPtrArray *items, struct err *err)
{
    /* Two statements, so that each walks the index instead of sorting. */
    static const char newest[] =
        "SELECT " LAB_ITEM_COLUMNS "FROM item"
        " WHERE folder = ?1 AND associated = ?2"
        " ORDER BY ifnull(received, created) DESC, key DESC"
        " LIMIT ?3 OFFSET ?4";
    static const char oldest[] =
        "SELECT " LAB_ITEM_COLUMNS "FROM item"
        " WHERE folder = ?1 AND associated = ?2"
        " ORDER BY ifnull(received, created), key LIMIT ?3 OFFSET ?4";
    sqlite3_stmt *q =
        lab_query(store, err, list->oldest_first ? oldest : newest, "iiii",
                  folder, (int64_t)list->associated, (int64_t)list->max,
                  (int64_t)MIN(list->offset, (uint64_t)G_MAXINT64));
    int rc;

    if (q == NULL)
        return -1;
    while ((rc = lab_step(store, q, err)) > 0)
        g_ptr_array_add(items, lab_item_from_row(store, guid, q));
    lab_done(q);
    return rc;
}

static int list_items(struct lab_store *store, int64_t mailbox,
                      const struct lab_list *list, GPtrArray *items,
                      int64_t *ret_total, struct err *err)
{
    int64_t folder = 0;
    char guid[37];

    if (lab_folder_key(store, mailbox, list->folder_id, &folder, err) < 0 ||
        lab_mailbox_guid(store, mailbox, guid, err) < 0 ||
        lab_number(store, err, ret_total,
                   "SELECT iif(?2, n_hidden, n_items) FROM folder"
                   " WHERE key = ?1",
                   "ii", folder, (int64_t)list->associated) < 0)
        return -1;
    return read_list(store, guid, list, folder, items, err);
}

int lab_store_list(struct lab_store *store, int64_t mailbox,
                   const struct lab_list *list, GPtrArray **ret,
                   uint64_t *ret_total, struct err *err)
{
    g_autoptr(GPtrArray) items = g_ptr_array_new_with_free_func(item_free);
    int64_t total = 0;
    int status;

    lab_lock(store);
    status = list_items(store, mailbox, list, items, &total, err);
    lab_unlock(store);
    if (status < 0)
        return -1;
    *ret = g_steal_pointer(&items);
    *ret_total = (uint64_t)total;
    return 0;
}
