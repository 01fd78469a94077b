#include "lab/store_priv.h"

#include <string.h>

#include "lab/fts_edit.h"
#include "lab/fts_read.h"
#include "lab/mapi_tags.h"
#include "lab/store_occurrence.h"

/* Items leave their place, are marked, touched and damaged. */

/* ---- deleting and moving --------------------------------------------- */

static int leave_folder(struct lab_store *store, int64_t key, struct err *err)
{
    return lab_exec(store, err,
                    "INSERT INTO gone SELECT folder, ?1, key, created_seq,"
                    " associated FROM item WHERE key = ?2",
                    "ii", lab_next(store), key);
}

int lab_item_remove(struct lab_store *store, int64_t key, struct err *err)
{
    if (leave_folder(store, key, err) < 0)
        return -1;
    return lab_exec(store, err, "DELETE FROM item WHERE key = ?1", "i", key);
}

/* The stored stream, changed by `mutate` and written anew. */
typedef void (*mutate_fn)(struct lab_store *store, struct mapi_item *tree,
                          const void *with);

static int rewrite(struct lab_store *store, int64_t key, mutate_fn mutate,
                   const void *with, struct err *err)
{
    g_autoptr(GBytes) old = NULL, new = NULL;
    g_autoptr(mapi_item) tree = NULL;
    gsize n;
    const void *data;
    struct err unread;

    if (lab_payload_read(store, key, &old, err) < 0)
        return -1;
    data = g_bytes_get_data(old, &n);
    /* A damaged one is moved and marked all the same, and stays damaged. */
    if (lab_fts_read(data, n, &tree, &unread) < 0)
        return 0;
    mutate(store, tree, with);
    new = lab_fts_write(tree, &store->profile);
    return lab_payload_put(store, key, new, err);
}

static void renumber(struct lab_store *store, struct mapi_item *tree,
                     const void *with)
{
    const int64_t *key = with;
    struct lab_edit edit = {
        .profile = &store->profile,
        .mid = (uint64_t)*key,
        .change = (uint64_t)store->counter,
        .created_us = lab_stamp(store, tree, PR_CREATION_TIME),
        .now_us = lab_stamp(store, tree, PR_LAST_MODIFICATION_TIME),
        .stored = true,
    };
    int32_t flags = mapi_get_i32(
        mapi_find(&tree->message.props, PROP_ID(PR_MESSAGE_FLAGS)), 0);

    edit.associated = (flags & MSGFLAG_ASSOCIATED) != 0;
    memcpy(edit.replica, store->replica, sizeof(edit.replica));
    lab_fts_edit_tree(tree, &edit);
}

int lab_item_move(struct lab_store *store, int64_t key, int64_t to_folder,
                  int64_t *ret, struct err *err)
{
    int64_t moved;

    if (lab_folder_takes_items(store, to_folder, err) < 0 ||
        leave_folder(store, key, err) < 0)
        return -1;
    /* The counter also gives the change and the place in the new log. */
    moved = lab_next(store);
    if (lab_exec(store, err,
                 "INSERT INTO item SELECT ?1, mailbox, ?2, ?1, ?1, ?1, 0,"
                 " class, subject, sender, message_id, search_key, received,"
                 " sent, created, modified, size, read, associated,"
                 " attachments FROM item WHERE key = ?3",
                 "iii", moved, to_folder, key) < 0 ||
        lab_exec(store, err, "UPDATE payload SET item = ?1 WHERE item = ?2",
                 "ii", moved, key) < 0 ||
        lab_exec(store, err, "DELETE FROM item WHERE key = ?1", "i", key) < 0 ||
        rewrite(store, moved, renumber, &moved, err) < 0 ||
        lab_event_was(store, moved, key, true, err) < 0)
        return -1;
    if (ret != NULL)
        *ret = moved;
    return 0;
}

/* A copy keeps its stamps, and is as new to the folder as any other item. */
int lab_item_copy(struct lab_store *store, int64_t key, int64_t to_folder,
                  int64_t *ret, struct err *err)
{
    int64_t copy;

    if (lab_folder_takes_items(store, to_folder, err) < 0)
        return -1;
    copy = lab_next(store);
    if (lab_exec(store, err,
                 "INSERT INTO item SELECT ?1, mailbox, ?2, ?1, ?1, ?1, 0,"
                 " class, subject, sender, message_id, search_key, received,"
                 " sent, created, modified, size, read, associated,"
                 " attachments FROM item WHERE key = ?3",
                 "iii", copy, to_folder, key) < 0 ||
        lab_exec(store, err,
                 "INSERT INTO payload SELECT ?1, cut, data FROM payload"
                 " WHERE item = ?2",
                 "ii", copy, key) < 0 ||
        rewrite(store, copy, renumber, &copy, err) < 0 ||
        lab_event_was(store, copy, key, false, err) < 0)
        return -1;
    if (ret != NULL)
        *ret = copy;
    return 0;
}

/* 1 when the item lies in the dumpster. */
static int in_dumpster(struct lab_store *store, int64_t key, struct err *err)
{
    int64_t dumpster = 0;

    if (lab_number(store, err, &dumpster,
                   "SELECT dumpster FROM item JOIN folder"
                   " ON folder.key = item.folder WHERE item.key = ?1",
                   "i", key) < 0)
        return -1;
    return dumpster != 0;
}

/* To the dumpster, which remembers where it was. */
static int soft_delete(struct lab_store *store, int64_t mailbox, int64_t key,
                       struct err *err)
{
    int64_t to = 0, from = 0, bytes = 0, moved = 0;

    if (lab_distinguished_key(store, mailbox, "recoverableitemsdeletions", &to,
                              err) < 0 ||
        lab_number(store, err, &from, "SELECT folder FROM item WHERE key = ?1",
                   "i", key) < 0 ||
        lab_number(store, err, &bytes, "SELECT size FROM item WHERE key = ?1",
                   "i", key) < 0 ||
        lab_check_quota(store, to, (uint64_t)bytes, err) < 0 ||
        lab_item_move(store, key, to, &moved, err) < 0)
        return -1;
    return lab_exec(store, err, "INSERT INTO lost VALUES(?1, ?2)", "ii", moved,
                    from);
}

static int delete_item(struct lab_store *store, int64_t mailbox, const char *id,
                       enum lab_delete how, struct err *err)
{
    int64_t key = 0, to = 0;
    int lost;

    if (lab_item_key(store, mailbox, id, &key, err) < 0)
        return -1;
    lost = in_dumpster(store, key, err);
    if (lost < 0)
        return -1;
    if (how == LAB_DELETE_HARD || lost > 0)
        return lab_item_remove(store, key, err);
    if (how == LAB_DELETE_SOFT)
        return soft_delete(store, mailbox, key, err);
    if (lab_distinguished_key(store, mailbox, "deleteditems", &to, err) < 0)
        return -1;
    return lab_item_move(store, key, to, NULL, err);
}

int lab_store_delete_item(struct lab_store *store, int64_t mailbox,
                          const char *id, enum lab_delete how, struct err *err)
{
    if (lab_id_is_occurrence(id))
        return lab_occurrence_delete(store, mailbox, id, err);
    if (lab_enter(store, err) < 0)
        return -1;
    return lab_leave(store, delete_item(store, mailbox, id, how, err), err);
}

int lab_store_move_item(struct lab_store *store, int64_t mailbox,
                        const char *id, const char *to_folder_id,
                        struct lab_item *ret, struct err *err)
{
    int64_t key = 0, to = 0;
    int status;

    if (lab_enter(store, err) < 0)
        return -1;
    status = lab_item_key(store, mailbox, id, &key, err);
    if (status == 0)
        status = lab_folder_key(store, mailbox, to_folder_id, &to, err);
    if (status == 0)
        status = lab_item_move(store, key, to, &key, err);
    if (status == 0)
        status = lab_item_read(store, key, ret, err);
    return lab_leave(store, status, err);
}

static int copy_item(struct lab_store *store, int64_t mailbox, const char *id,
                     const char *to_folder_id, struct lab_item *ret,
                     struct err *err)
{
    g_auto(lab_item) item = { 0 };
    int64_t key = 0, to = 0;

    if (lab_item_key(store, mailbox, id, &key, err) < 0 ||
        lab_folder_key(store, mailbox, to_folder_id, &to, err) < 0 ||
        lab_item_read(store, key, &item, err) < 0 ||
        lab_check_quota(store, to, item.size_bytes, err) < 0 ||
        lab_item_copy(store, key, to, &key, err) < 0)
        return -1;
    return lab_item_read(store, key, ret, err);
}

int lab_store_copy_item(struct lab_store *store, int64_t mailbox,
                        const char *id, const char *to_folder_id,
                        struct lab_item *ret, struct err *err)
{
    if (lab_enter(store, err) < 0)
        return -1;
    return lab_leave(
        store, copy_item(store, mailbox, id, to_folder_id, ret, err), err);
}

/* ---- marks ----------------------------------------------------------- */

static void mark(struct lab_store *store, struct mapi_item *tree,
                 const void *with)
{
    const bool *read = with;
    struct mapi_props *props = &tree->message.props;
    int32_t flags =
        mapi_get_i32(mapi_find(props, PROP_ID(PR_MESSAGE_FLAGS)), 0);

    (void)store;
    flags =
        *read ? flags | MSGFLAG_READ | MSGFLAG_EVERREAD : flags & ~MSGFLAG_READ;
    mapi_set_i32(tree, props, PR_MESSAGE_FLAGS, flags);
}

static int set_read(struct lab_store *store, int64_t mailbox, const char *id,
                    bool read, struct err *err)
{
    int64_t key = 0, now = 0;

    if (lab_item_key(store, mailbox, id, &key, err) < 0 ||
        lab_number(store, err, &now, "SELECT read FROM item WHERE key = ?1",
                   "i", key) < 0)
        return -1;
    if (now == read)
        return 0;
    if (lab_exec(store, err,
                 "UPDATE item SET read = ?1, read_seq = ?2 WHERE key = ?3",
                 "iii", (int64_t)read, lab_next(store), key) < 0)
        return -1;
    return rewrite(store, key, mark, &read, err);
}

int lab_store_set_read(struct lab_store *store, int64_t mailbox, const char *id,
                       bool read, struct err *err)
{
    if (lab_enter(store, err) < 0)
        return -1;
    return lab_leave(store, set_read(store, mailbox, id, read, err), err);
}

static void restamp(struct lab_store *store, struct mapi_item *tree,
                    const void *with)
{
    const int64_t *now = with;

    (void)store;
    mapi_set_time(tree, &tree->message.props, PR_LAST_MODIFICATION_TIME, *now);
}

static int touch(struct lab_store *store, int64_t mailbox, const char *id,
                 struct err *err)
{
    int64_t key = 0, now = lab_now(store);

    if (lab_item_key(store, mailbox, id, &key, err) < 0)
        return -1;
    if (lab_exec(store, err,
                 "UPDATE item SET change = ?1, changed_seq = ?1, modified = ?2"
                 " WHERE key = ?3",
                 "iii", lab_next(store), now, key) < 0)
        return -1;
    return rewrite(store, key, restamp, &now, err);
}

int lab_store_touch(struct lab_store *store, int64_t mailbox, const char *id,
                    struct err *err)
{
    if (lab_enter(store, err) < 0)
        return -1;
    return lab_leave(store, touch(store, mailbox, id, err), err);
}

int lab_store_damage(struct lab_store *store, int64_t mailbox, const char *id,
                     size_t cut_bytes, struct err *err)
{
    int64_t key = 0;
    int status;

    if (lab_enter(store, err) < 0)
        return -1;
    status = lab_item_key(store, mailbox, id, &key, err);
    if (status == 0)
        status =
            lab_exec(store, err, "UPDATE payload SET cut = ?1 WHERE item = ?2",
                     "ii", (int64_t)cut_bytes, key);
    return lab_leave(store, status, err);
}
