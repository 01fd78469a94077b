#include "lab/store_event.h"

#include <string.h>

#include "lab/store_priv.h"

#define NOW "CAST((julianday('now') - 2440587.5) * 86400000000 AS INT)"

/*
 * Kinds are numbers of enum lab_event_kind.  Temporary tables and triggers:
 * they are rolled back with what they watch, and go with the connection.
 * What is hidden is nobody's news.
 */
/* clang-format off */
static const char watching[] =
    "CREATE TEMP TABLE event("
    " seq INTEGER PRIMARY KEY AUTOINCREMENT, kind INT, at INT, mailbox INT,"
    " is_folder INT, self INT, parent INT, old_self INT, old_parent INT,"
    " class TEXT);"
    "CREATE INDEX temp.event_self ON event(self);"
    "CREATE TEMP TRIGGER event_item_in AFTER INSERT ON main.item"
    " WHEN NOT NEW.associated BEGIN"
    " INSERT INTO event(kind, at, mailbox, is_folder, self, parent, class)"
    "  VALUES(1, " NOW ", NEW.mailbox, 0, NEW.key, NEW.folder, NEW.class);"
    " END;"
    "CREATE TEMP TRIGGER event_item_out AFTER DELETE ON main.item"
    " WHEN NOT OLD.associated BEGIN"
    " INSERT INTO event(kind, at, mailbox, is_folder, self, parent, class)"
    "  VALUES(2, " NOW ", OLD.mailbox, 0, OLD.key, OLD.folder, OLD.class);"
    " END;"
    "CREATE TEMP TRIGGER event_item_new"
    " AFTER UPDATE OF change, read ON main.item"
    " WHEN NOT NEW.associated AND"
    "  (NEW.change <> OLD.change OR NEW.read <> OLD.read) BEGIN"
    " INSERT INTO event(kind, at, mailbox, is_folder, self, parent, class)"
    "  VALUES(3, " NOW ", NEW.mailbox, 0, NEW.key, NEW.folder, NEW.class);"
    " END;"
    "CREATE TEMP TRIGGER event_folder_in AFTER INSERT ON main.folder BEGIN"
    " INSERT INTO event(kind, at, mailbox, is_folder, self, parent)"
    "  VALUES(1, " NOW ", NEW.mailbox, 1, NEW.key, NEW.parent); END;"
    "CREATE TEMP TRIGGER event_folder_out AFTER DELETE ON main.folder BEGIN"
    " INSERT INTO event(kind, at, mailbox, is_folder, self, parent)"
    "  VALUES(2, " NOW ", OLD.mailbox, 1, OLD.key, OLD.parent); END;"
    "CREATE TEMP TRIGGER event_folder_new"
    " AFTER UPDATE OF change, n_items, n_unread ON main.folder"
    " WHEN NEW.parent = OLD.parent AND (NEW.change <> OLD.change"
    "  OR NEW.n_items <> OLD.n_items OR NEW.n_unread <> OLD.n_unread) BEGIN"
    " INSERT INTO event(kind, at, mailbox, is_folder, self, parent)"
    "  VALUES(3, " NOW ", NEW.mailbox, 1, NEW.key, NEW.parent); END;"
    "CREATE TEMP TRIGGER event_folder_moved AFTER UPDATE OF parent"
    " ON main.folder WHEN NEW.parent <> OLD.parent BEGIN"
    " INSERT INTO event(kind, at, mailbox, is_folder, self, parent, old_self,"
    "  old_parent) VALUES(4, " NOW ", NEW.mailbox, 1, NEW.key, NEW.parent,"
    "  NEW.key, OLD.parent); END;";
/* clang-format on */

void lab_event_free(struct lab_event *e)
{
    g_free(e->id);
    g_free(e->change_key);
    g_free(e->parent_id);
    g_free(e->old_id);
    g_free(e->old_parent_id);
    g_free(e);
}

static void free_event(gpointer e)
{
    lab_event_free(e);
}

static int is_watching(struct lab_store *store, struct err *err)
{
    int64_t n = 0;

    if (lab_number(store, err, &n,
                   "SELECT count(*) FROM sqlite_temp_master"
                   " WHERE name = 'event'",
                   "") < 0)
        return -1;
    return n > 0;
}

static int watch(struct lab_store *store, struct err *err)
{
    int there = is_watching(store, err);

    if (there != 0)
        return MIN(there, 0);
    if (sqlite3_exec(store->db, watching, NULL, NULL, NULL) != SQLITE_OK) {
        err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0, "lab store: %s",
                sqlite3_errmsg(store->db));
        err->name = "ErrorInternalServerError";
        return -1;
    }
    return 0;
}

int lab_store_watch(struct lab_store *store, struct err *err)
{
    if (lab_enter(store, err) < 0)
        return -1;
    return lab_leave(store, watch(store, err), err);
}

int lab_store_last_event(struct lab_store *store, int64_t *ret, struct err *err)
{
    int64_t last = 0;
    int rc;

    lab_lock(store);
    rc = is_watching(store, err);
    if (rc > 0)
        rc = lab_number(store, err, &last,
                        "SELECT seq FROM temp.sqlite_sequence"
                        " WHERE name = 'event'",
                        "");
    lab_unlock(store);
    if (rc < 0)
        return -1;
    *ret = last;
    return 0;
}

/*
 * The two lines that a move has left, of a new item and of one that is gone,
 * become one; a copy's becomes another kind.
 */
int lab_event_was(struct lab_store *store, int64_t key, int64_t old_key,
                  bool moved, struct err *err)
{
    int there = is_watching(store, err);

    if (there <= 0)
        return there;
    if (lab_exec(store, err,
                 "UPDATE event SET kind = ?3, old_self = ?2, old_parent ="
                 " (SELECT ifnull((SELECT folder FROM item WHERE key = ?2),"
                 "  (SELECT parent FROM event WHERE self = ?2 AND kind = 2"
                 "    AND NOT is_folder ORDER BY seq DESC LIMIT 1)))"
                 " WHERE self = ?1 AND kind = 1 AND NOT is_folder",
                 "iii", key, old_key,
                 (int64_t)(moved ? LAB_EVENT_MOVED : LAB_EVENT_COPIED)) < 0)
        return -1;
    if (!moved)
        return 0;
    return lab_exec(store, err,
                    "DELETE FROM event WHERE self = ?1 AND kind = 2"
                    " AND NOT is_folder",
                    "i", old_key);
}

/* ---- reading ------------------------------------------------------- */

#define EVENT_COLUMNS                                                          \
    "seq, event.kind, at, is_folder, self, event.parent, old_self,"            \
    " old_parent, event.class, folder.distinguished, item.change,"             \
    " f.change, f.n_unread, folder.dumpster "

static char *folder_id(struct lab_store *store, const char *guid, int64_t key)
{
    struct lab_id id = { .folder = key };

    if (key == 0)
        return NULL;
    g_strlcpy(id.mailbox, guid, sizeof(id.mailbox));
    memcpy(id.replica, store->replica, sizeof(id.replica));
    return lab_id_format(&id);
}

static char *item_id(struct lab_store *store, const char *guid, int64_t folder,
                     int64_t key)
{
    struct lab_id id = { .item = true, .folder = folder, .key = key };

    g_strlcpy(id.mailbox, guid, sizeof(id.mailbox));
    memcpy(id.replica, store->replica, sizeof(id.replica));
    return lab_id_format(&id);
}

static void name_folder(struct lab_store *store, const char *guid,
                        sqlite3_stmt *q, struct lab_event *e)
{
    e->id = folder_id(store, guid, e->self_key);
    if (sqlite3_column_type(q, 11) != SQLITE_NULL) {
        e->change_key = lab_change_key(store, 1, sqlite3_column_int64(q, 11));
        e->unread = sqlite3_column_int64(q, 12);
    }
    if (e->old_parent_key != 0)
        e->old_id = g_strdup(e->id);
}

static void name_item(struct lab_store *store, const char *guid,
                      sqlite3_stmt *q, struct lab_event *e)
{
    const char *item_class = (const char *)sqlite3_column_text(q, 8);
    const char *where = (const char *)sqlite3_column_text(q, 9);

    e->id = item_id(store, guid, e->parent_key, e->self_key);
    if (sqlite3_column_type(q, 10) != SQLITE_NULL)
        e->change_key = lab_change_key(store, lab_object_type(item_class),
                                       sqlite3_column_int64(q, 10));
    if (e->old_parent_key != 0)
        e->old_id =
            item_id(store, guid, e->old_parent_key, sqlite3_column_int64(q, 6));
    e->calendar = g_strcmp0(where, "calendar") == 0;
    e->new_mail = e->kind == LAB_EVENT_CREATED &&
                  g_strcmp0(where, "inbox") == 0 && item_class != NULL &&
                  (g_str_has_prefix(item_class, "IPM.Note") ||
                   g_str_has_prefix(item_class, "IPM.Schedule"));
}

/* Recoverable Items are out of sight: what goes there is deleted. */
static void move_to_dumpster(struct lab_event *e)
{
    e->kind = LAB_EVENT_DELETED;
    g_free(e->id);
    e->id = g_steal_pointer(&e->old_id);
    g_clear_pointer(&e->change_key, g_free);
    g_free(e->parent_id);
    e->parent_id = g_steal_pointer(&e->old_parent_id);
    e->parent_key = e->old_parent_key;
    e->old_parent_key = 0;
}

static struct lab_event *event_from_row(struct lab_store *store,
                                        const char *guid, sqlite3_stmt *q)
{
    struct lab_event *e = g_new(struct lab_event, 1);

    *e = (struct lab_event){
        .seq = sqlite3_column_int64(q, 0),
        .kind = (enum lab_event_kind)sqlite3_column_int(q, 1),
        .at_us = sqlite3_column_int64(q, 2),
        .folder = sqlite3_column_int(q, 3) != 0,
        .self_key = sqlite3_column_int64(q, 4),
        .parent_key = sqlite3_column_int64(q, 5),
        .old_parent_key = sqlite3_column_int64(q, 7),
        .unread = -1,
    };
    e->parent_id = folder_id(store, guid, e->parent_key);
    e->old_parent_id = folder_id(store, guid, e->old_parent_key);
    if (e->folder)
        name_folder(store, guid, q, e);
    else
        name_item(store, guid, q, e);
    if (e->kind == LAB_EVENT_MOVED && !e->folder &&
        sqlite3_column_int(q, 13) != 0)
        move_to_dumpster(e);
    return e;
}

static int forget(struct lab_store *store, int64_t after, struct err *err)
{
    int64_t first = 0;

    if (lab_exec(store, err,
                 "DELETE FROM event WHERE seq <="
                 " (SELECT max(seq) FROM event) - ?1",
                 "i", (int64_t)LAB_EVENTS_MAX) < 0 ||
        lab_number(store, err, &first,
                   "SELECT max(0, (SELECT seq FROM temp.sqlite_sequence"
                   " WHERE name = 'event') - ?1)",
                   "i", (int64_t)LAB_EVENTS_MAX) < 0)
        return -1;
    if (after < first)
        return lab_refuse(err, "ErrorEventNotFound",
                          "events after that have been forgotten");
    return 0;
}

static int read_events(struct lab_store *store, int64_t mailbox, int64_t after,
                       uint32_t max, GPtrArray *all, struct err *err)
{
    char guid[37];
    sqlite3_stmt *q;
    int rc;

    if (lab_mailbox_guid(store, mailbox, guid, err) < 0 ||
        forget(store, after, err) < 0)
        return -1;
    q = lab_query(store, err,
                  "SELECT " EVENT_COLUMNS "FROM event"
                  " LEFT JOIN folder ON folder.key = event.parent"
                  " LEFT JOIN item ON item.key = self AND NOT is_folder"
                  " LEFT JOIN folder AS f ON f.key = self AND is_folder"
                  " WHERE event.mailbox = ?1 AND seq > ?2"
                  " ORDER BY seq LIMIT ?3",
                  "iii", mailbox, after, (int64_t)max);
    if (q == NULL)
        return -1;
    while ((rc = lab_step(store, q, err)) > 0)
        g_ptr_array_add(all, event_from_row(store, guid, q));
    lab_done(q);
    return rc;
}

int lab_store_events(struct lab_store *store, int64_t mailbox, int64_t after,
                     uint32_t max, GPtrArray **ret, struct err *err)
{
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(free_event);
    int status;

    if (lab_enter(store, err) < 0)
        return -1;
    status = watch(store, err);
    if (status == 0)
        status = read_events(store, mailbox, after, max, all, err);
    if (lab_leave(store, status, err) < 0)
        return -1;
    *ret = g_steal_pointer(&all);
    return 0;
}
