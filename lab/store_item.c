#include "lab/store_priv.h"

#include <string.h>

#include "lab/fts_edit.h"
#include "lab/fts_read.h"
#include "lab/mapi_tags.h"
#include "lab/store_occurrence.h"

/* ---- reading --------------------------------------------------------- */

int lab_item_key(struct lab_store *store, int64_t mailbox, const char *id,
                 int64_t *ret_key, struct err *err)
{
    struct lab_id parsed;
    char guid[37];
    int64_t key = 0;

    if (lab_id_parse(id, &parsed) < 0)
        return lab_refuse(err, "ErrorInvalidIdMalformed",
                          "item id \"%s\" is malformed", id);
    if (!parsed.item)
        return lab_refuse(err, "ErrorCannotUseFolderIdForItemId",
                          "a folder's id stands for an item's");
    if (parsed.occurrence != 0)
        return lab_refuse(err, "ErrorCalendarCannotMoveOrCopyOccurrence",
                          "an occurrence is part of its series");
    if (lab_mailbox_guid(store, mailbox, guid, err) < 0)
        return -1;
    if (strcmp(guid, parsed.mailbox) == 0 &&
        memcmp(parsed.replica, store->replica, sizeof(parsed.replica)) == 0 &&
        lab_number(store, err, &key,
                   "SELECT key FROM item"
                   " WHERE key = ?1 AND folder = ?2 AND mailbox = ?3",
                   "iii", parsed.key, parsed.folder, mailbox) < 0)
        return -1;
    if (key == 0)
        return lab_refuse(err, "ErrorItemNotFound",
                          "no such item in the mailbox");
    *ret_key = key;
    return 0;
}

int lab_item_read(struct lab_store *store, int64_t key, struct lab_item *ret,
                  struct err *err)
{
    sqlite3_stmt *q =
        lab_query(store, err,
                  "SELECT " LAB_ITEM_COLUMNS ", guid FROM item JOIN mailbox"
                  " ON mailbox.key = item.mailbox WHERE item.key = ?1",
                  "i", key);
    int rc;

    if (q == NULL)
        return -1;
    rc = lab_step(store, q, err);
    if (rc > 0) {
        struct lab_item *item = lab_item_from_row(
            store, (const char *)sqlite3_column_text(q, 16), q);

        *ret = *item;
        g_free(item);
    }
    lab_done(q);
    if (rc == 0)
        return lab_refuse(err, "ErrorItemNotFound", "no such item");
    return rc < 0 ? -1 : 0;
}

int lab_store_item(struct lab_store *store, int64_t mailbox, const char *id,
                   struct lab_item *ret, struct err *err)
{
    int64_t key = 0;
    int status;

    if (lab_id_is_occurrence(id))
        return lab_occurrence_item(store, mailbox, id, ret, err);
    lab_lock(store);
    status = lab_item_key(store, mailbox, id, &key, err);
    if (status == 0)
        status = lab_item_read(store, key, ret, err);
    lab_unlock(store);
    return status;
}

/* The bytes as they are exported: shorter where a fault damaged them. */
int lab_payload_read(struct lab_store *store, int64_t key, GBytes **ret,
                     struct err *err)
{
    sqlite3_stmt *q = lab_query(
        store, err, "SELECT data, cut FROM payload WHERE item = ?1", "i", key);
    int rc;

    if (q == NULL)
        return -1;
    rc = lab_step(store, q, err);
    if (rc > 0) {
        const void *data = sqlite3_column_blob(q, 0);
        int n = sqlite3_column_bytes(q, 0);

        n -= MIN(n, sqlite3_column_int(q, 1));
        *ret = g_bytes_new(data, (gsize)n);
    }
    lab_done(q);
    if (rc == 0)
        return lab_refuse(err, "ErrorItemCorrupt", "the item has no payload");
    return rc < 0 ? -1 : 0;
}

static int export_item(struct lab_store *store, int64_t key, GBytes **ret,
                       struct lab_item *ret_item, struct err *err)
{
    g_autoptr(GBytes) payload = NULL;

    if (lab_payload_read(store, key, &payload, err) < 0)
        return -1;
    if (ret_item != NULL && lab_item_read(store, key, ret_item, err) < 0)
        return -1;
    *ret = g_steal_pointer(&payload);
    return 0;
}

int lab_store_export(struct lab_store *store, int64_t mailbox, const char *id,
                     GBytes **ret, struct lab_item *ret_item, struct err *err)
{
    int64_t key = 0;
    int status;

    if (lab_id_is_occurrence(id))
        return lab_occurrence_export(store, mailbox, id, ret, ret_item, err);
    lab_lock(store);
    status = lab_item_key(store, mailbox, id, &key, err);
    if (status == 0)
        status = export_item(store, key, ret, ret_item, err);
    lab_unlock(store);
    return status;
}

/* ---- writing --------------------------------------------------------- */

/* An item as it goes into the tables. */
struct row {
    int64_t mailbox, folder, key, change;
    bool associated;
    const struct lab_item *columns;
    GBytes *payload;
};

static void bind_time(sqlite3_stmt *q, int at, int64_t us)
{
    if (us == TIMESTAMP_NONE)
        sqlite3_bind_null(q, at);
    else
        sqlite3_bind_int64(q, at, us);
}

static void bind_columns(sqlite3_stmt *q, const struct lab_item *c)
{
    gsize n = 0;
    const void *key =
        c->search_key != NULL ? g_bytes_get_data(c->search_key, &n) : NULL;

    sqlite3_bind_text(q, 6, c->item_class, -1, SQLITE_STATIC);
    sqlite3_bind_text(q, 7, c->subject, -1, SQLITE_STATIC);
    sqlite3_bind_text(q, 8, c->sender, -1, SQLITE_STATIC);
    sqlite3_bind_text(q, 9, c->message_id, -1, SQLITE_STATIC);
    sqlite3_bind_blob64(q, 10, key, n, SQLITE_STATIC);
    bind_time(q, 11, c->received_us);
    bind_time(q, 12, c->sent_us);
    bind_time(q, 13, c->created_us);
    bind_time(q, 14, c->modified_us);
    sqlite3_bind_int64(q, 15, (int64_t)c->size_bytes);
    sqlite3_bind_int(q, 16, c->read);
    sqlite3_bind_int(q, 17, c->has_attachments);
}

static int finish(struct lab_store *store, sqlite3_stmt *q, struct err *err)
{
    int rc = lab_step(store, q, err);

    lab_done(q);
    return rc < 0 ? -1 : 0;
}

int lab_payload_put(struct lab_store *store, int64_t key, GBytes *payload,
                    struct err *err)
{
    gsize n;
    const void *data = g_bytes_get_data(payload, &n);

    return lab_exec(store, err,
                    "INSERT OR REPLACE INTO payload(item, data) VALUES(?1, ?2)",
                    "ib", key, data, n);
}

static int insert_row(struct lab_store *store, const struct row *row,
                      struct err *err)
{
    sqlite3_stmt *q = lab_query(
        store, err,
        "INSERT INTO item(key, mailbox, folder, change, created_seq,"
        " changed_seq, associated, class, subject, sender, message_id,"
        " search_key, received, sent, created, modified, size, read,"
        " attachments) VALUES(?1, ?2, ?3, ?4, ?4, ?4, ?5, ?6, ?7, ?8, ?9, ?10,"
        " ?11, ?12, ?13, ?14, ?15, ?16, ?17)",
        "iiiii", row->key, row->mailbox, row->folder, row->change,
        (int64_t)row->associated);

    if (q == NULL)
        return -1;
    bind_columns(q, row->columns);
    if (finish(store, q, err) < 0)
        return -1;
    return lab_payload_put(store, row->key, row->payload, err);
}

static int update_row(struct lab_store *store, const struct row *row,
                      struct err *err)
{
    sqlite3_stmt *q = lab_query(
        store, err,
        "UPDATE item SET change = ?4, changed_seq = ?4, class = ?6,"
        " subject = ?7, sender = ?8, message_id = ?9, search_key = ?10,"
        " received = ?11, sent = ?12, created = ?13, modified = ?14,"
        " size = ?15, read = ?16, attachments = ?17 WHERE key = ?1",
        "iiii", row->key, row->mailbox, row->folder, row->change);

    if (q == NULL)
        return -1;
    bind_columns(q, row->columns);
    if (finish(store, q, err) < 0)
        return -1;
    return lab_payload_put(store, row->key, row->payload, err);
}

static int check_room(const struct lab_mailbox *m, uint64_t used,
                      uint64_t more_bytes, uint64_t quota, struct err *err)
{
    if (quota != 0 && used + more_bytes > quota)
        return lab_refuse(err, "ErrorQuotaExceeded",
                          "mailbox \"%s\" is full: %" G_GUINT64_FORMAT
                          " bytes used, %" G_GUINT64_FORMAT
                          " more wanted, %" G_GUINT64_FORMAT " allowed",
                          m->address, used, more_bytes, quota);
    return 0;
}

/* [MS-OXWSCDATA] ErrorMessageSizeExceeded: over the server's limit. */
static int check_size(const struct lab_store *store, uint64_t bytes,
                      struct err *err)
{
    if (store->item_bytes_max == 0 || bytes <= store->item_bytes_max)
        return 0;
    return lab_refuse(err, "ErrorMessageSizeExceeded",
                      "an item of %" G_GUINT64_FORMAT " bytes, more than "
                      "%" G_GUINT64_FORMAT,
                      bytes, store->item_bytes_max);
}

/*
 * Recoverable Items have a quota of their own, and do not count in the other.
 */
int lab_check_quota(struct lab_store *store, int64_t folder,
                    uint64_t more_bytes, struct err *err)
{
    g_auto(lab_mailbox) m = { 0 };
    int64_t mailbox = 0, dumpster = 0;

    if (lab_number(store, err, &mailbox,
                   "SELECT mailbox FROM folder WHERE key = ?1", "i",
                   folder) < 0 ||
        lab_number(store, err, &dumpster,
                   "SELECT dumpster FROM folder WHERE key = ?1", "i",
                   folder) < 0 ||
        lab_store_get_mailbox(store, mailbox, &m, err) < 0)
        return -1;
    if (dumpster != 0)
        return check_room(&m, m.dumpster_used_bytes, more_bytes,
                          m.dumpster_quota_bytes, err);
    return check_room(&m, m.used_bytes, more_bytes, m.quota_bytes, err);
}

/* ---- upload ---------------------------------------------------------- */

/* Where an upload goes. */
struct target {
    int64_t folder;
    int64_t existing; /* key of the item to update; 0: a new one */
    int64_t created_us;
    uint64_t old_bytes;
};

static int find_existing(struct lab_store *store, int64_t mailbox,
                         const struct lab_upload *upload, struct target *t,
                         struct err *err)
{
    g_auto(lab_item) item = { 0 };
    struct err why;

    if (upload->action == LAB_CREATE_NEW)
        return 0;
    if (upload->item_id == NULL)
        return upload->action == LAB_UPDATE
                   ? lab_refuse(err, "ErrorInvalidIdEmpty",
                                "an update names no item")
                   : 0;
    if (lab_item_key(store, mailbox, upload->item_id, &t->existing, &why) < 0 ||
        lab_item_read(store, t->existing, &item, &why) < 0) {
        if (upload->action == LAB_UPDATE_OR_CREATE && why.scope == ERR_ITEM)
            return 0;
        *err = why;
        return -1;
    }
    t->created_us = item.created_us;
    t->old_bytes = item.size_bytes;
    return 0;
}

static int find_target(struct lab_store *store, int64_t mailbox,
                       const struct lab_upload *upload, struct target *ret,
                       struct err *err)
{
    *ret = (struct target){ .created_us = TIMESTAMP_NONE };
    if (lab_folder_key(store, mailbox, upload->folder_id, &ret->folder, err) <
            0 ||
        lab_folder_takes_items(store, ret->folder, err) < 0)
        return -1;
    return find_existing(store, mailbox, upload, ret, err);
}

struct edited {
    struct lab_edit edit;
    struct lab_item columns;
    GBytes *payload;
};

static void edited_clear(struct edited *e)
{
    lab_item_clear(&e->columns);
    g_clear_pointer(&e->payload, g_bytes_unref);
}

static void edit_init(struct lab_store *store, struct edited *e)
{
    e->edit.profile = &store->profile;
    e->edit.mid = (uint64_t)lab_next(store);
    e->edit.change = (uint64_t)lab_next(store);
    memcpy(e->edit.replica, store->replica, sizeof(e->edit.replica));
}

/* Before the transaction and outside the lock: this is where the work is. */
static int prepare(struct lab_store *store, int64_t mailbox,
                   const struct lab_upload *upload, struct edited *e,
                   struct err *err)
{
    g_autoptr(mapi_item) tree = NULL;
    struct target t;
    int status;

    lab_lock(store);
    status = find_target(store, mailbox, upload, &t, err);
    edit_init(store, e);
    lab_unlock(store);
    if (status < 0)
        return -1;
    e->edit.now_us = lab_now(store);
    e->edit.created_us = t.created_us;
    e->edit.actor = upload->actor;
    e->edit.associated = upload->associated;
    if (t.existing != 0)
        e->edit.mid = (uint64_t)t.existing;
    if (upload->tree != NULL) {
        e->edit.keep_attachments = t.existing != 0;
        e->edit.stored = t.existing != 0;
        lab_fts_edit_tree(upload->tree, &e->edit);
        e->payload = lab_fts_write(upload->tree, &store->profile);
        lab_columns_draw(upload->tree, &e->columns);
        return 0;
    }
    if (lab_fts_edit(upload->data, upload->len, &e->edit, &e->payload, &tree,
                     err) < 0)
        return -1;
    lab_columns_draw(tree, &e->columns);
    return 0;
}

/* Whether another client was quicker. */
static int check_change_key(struct lab_store *store, const struct target *t,
                            const char *change_key, struct err *err)
{
    g_auto(lab_item) item = { 0 };

    if (t->existing == 0 || change_key == NULL)
        return 0;
    if (lab_item_read(store, t->existing, &item, err) < 0)
        return -1;
    if (g_strcmp0(item.change_key, change_key) == 0)
        return 0;
    return lab_refuse(err, "ErrorIrresolvableConflict",
                      "the item was changed by someone else");
}

static int store_edited(struct lab_store *store, int64_t mailbox,
                        const struct lab_upload *upload, const struct edited *e,
                        struct lab_item *ret, struct err *err)
{
    struct target t;
    struct row row = { .mailbox = mailbox,
                       .change = (int64_t)e->edit.change,
                       .associated = upload->associated,
                       .columns = &e->columns,
                       .payload = e->payload };
    uint64_t size = e->columns.size_bytes;
    int status;

    /* Looked up again: the item may have gone while it was edited. */
    if (find_target(store, mailbox, upload, &t, err) < 0 ||
        check_change_key(store, &t, upload->change_key, err) < 0)
        return -1;
    if (check_size(store, size, err) < 0)
        return -1;
    if (size > t.old_bytes &&
        lab_check_quota(store, t.folder, size - t.old_bytes, err) < 0)
        return -1;
    /* Numbered when it is stored: the log's order is the commits' order. */
    row.change = lab_next(store);
    row.folder = t.folder;
    row.key = t.existing != 0 ? t.existing : (int64_t)e->edit.mid;
    status = t.existing != 0 ? update_row(store, &row, err)
                             : insert_row(store, &row, err);
    if (status < 0)
        return -1;
    return lab_item_read(store, row.key, ret, err);
}

int lab_store_upload(struct lab_store *store, int64_t mailbox,
                     const struct lab_upload *upload, struct lab_item *ret,
                     struct err *err)
{
    struct edited e = { 0 };
    struct lab_item item = { 0 };
    int status;

    if (upload->action == LAB_UPDATE && lab_id_is_occurrence(upload->item_id))
        return lab_occurrence_upload(store, mailbox, upload, ret, err);
    status = prepare(store, mailbox, upload, &e, err);
    if (status == 0)
        status = lab_enter(store, err);
    if (status == 0) {
        status = store_edited(store, mailbox, upload, &e, &item, err);
        status = lab_leave(store, status, err);
    }
    edited_clear(&e);
    if (status < 0)
        lab_item_clear(&item);
    else
        *ret = item;
    return status;
}

/* ---- what the server makes itself ------------------------------------ */

int64_t lab_stamp(const struct lab_store *store, const struct mapi_item *item,
                  uint32_t tag)
{
    int64_t us = mapi_get_time(mapi_find(&item->message.props, PROP_ID(tag)));

    return us != TIMESTAMP_NONE ? us : lab_now(store);
}

static int put_item(struct lab_store *store, int64_t mailbox,
                    const char *folder_id, struct row *row,
                    struct mapi_item *item, struct err *err)
{
    struct edited e = { 0 };
    int status;

    if (lab_folder_key(store, mailbox, folder_id, &row->folder, err) < 0 ||
        lab_folder_takes_items(store, row->folder, err) < 0)
        return -1;
    edit_init(store, &e);
    e.edit.created_us = lab_stamp(store, item, PR_CREATION_TIME);
    e.edit.now_us = lab_stamp(store, item, PR_LAST_MODIFICATION_TIME);
    e.edit.associated = row->associated;
    lab_fts_edit_tree(item, &e.edit);
    e.payload = lab_fts_write(item, &store->profile);
    lab_columns_draw(item, &e.columns);
    row->mailbox = mailbox;
    row->key = (int64_t)e.edit.mid;
    row->change = (int64_t)e.edit.change;
    row->columns = &e.columns;
    row->payload = e.payload;
    status = insert_row(store, row, err);
    row->columns = NULL;
    row->payload = NULL;
    edited_clear(&e);
    return status;
}

int lab_store_put(struct lab_store *store, int64_t mailbox,
                  const char *folder_id, bool associated,
                  struct mapi_item *item, struct lab_item *ret, struct err *err)
{
    struct row row = { .associated = associated };
    int status;

    if (lab_enter(store, err) < 0)
        return -1;
    status = put_item(store, mailbox, folder_id, &row, item, err);
    if (status == 0 && ret != NULL)
        status = lab_item_read(store, row.key, ret, err);
    return lab_leave(store, status, err);
}
