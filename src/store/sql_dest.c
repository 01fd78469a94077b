#include "store/sql_ops.h"

/* Ids stand alone: one that two mailboxes use may be either's. */
int sq_owner(struct sq_conn *c, int64_t mailbox_id, const struct sq_key *key,
             int64_t *ret, struct err *err)
{
    return sq_number(c,
                     "SELECT id FROM items WHERE"
                     " (destination = ?1 OR old_destination = ?1) AND"
                     " (SELECT mailbox FROM folders WHERE folders.id ="
                     " items.id >> 24) = ?2",
                     ARGS(BLOB(key->bytes, key->n), INT(mailbox_id)), ret, err);
}

static int is_owned(struct sq_conn *c, int64_t mailbox_id,
                    const struct sq_key *key, struct err *err)
{
    int64_t owner;

    return sq_owner(c, mailbox_id, key, &owner, err);
}

static int record(struct sq_conn *c, int64_t mailbox_id, int64_t folder_id,
                  enum dest_kind kind, const char *id, struct err *err)
{
    struct sq_key key;
    int owned;

    if (sq_key_make(c, mailbox_id, id, &key, err) < 0)
        return -1;
    owned = is_owned(c, mailbox_id, &key, err);
    if (owned != 0)
        return owned < 0 ? -1 : 0;
    return sq_run(c,
                  "INSERT INTO dest VALUES (?, ?, ?) ON CONFLICT (folder, key)"
                  " DO UPDATE SET kind = excluded.kind WHERE dest.kind <> ?",
                  ARGS(INT(folder_id), BLOB(key.bytes, key.n), INT(kind),
                       INT(DEST_BASELINE)),
                  err);
}

static int record_hint(struct sq_conn *c, int64_t mailbox_id, int64_t folder_id,
                       const struct store_dest_hint *h, struct err *err)
{
    struct sq_key key;

    if (sq_key_make(c, mailbox_id, h->id, &key, err) < 0)
        return -1;
    return sq_run(c,
                  "INSERT INTO dest_hints VALUES (?, ?, ?)"
                  " ON CONFLICT DO NOTHING",
                  ARGS(INT(folder_id), TEXT(h->hint), BLOB(key.bytes, key.n)),
                  err);
}

static int record_all(struct sq_conn *c, int64_t mailbox_id, int64_t folder_id,
                      const struct store_dest_seen *seen, struct err *err)
{
    if (sq_folder_check(c, mailbox_id, folder_id, err) < 0)
        return -1;
    for (size_t i = 0; i < seen->n; i++)
        if (record(c, mailbox_id, folder_id, seen->kind, seen->ids[i], err) < 0)
            return -1;
    for (size_t i = 0; i < seen->n_hints; i++)
        if (record_hint(c, mailbox_id, folder_id, &seen->hints[i], err) < 0)
            return -1;
    if (seen->baseline_done &&
        sq_run(c, "UPDATE folders SET baseline_done = 1 WHERE id = ?",
               ARGS(INT(folder_id)), err) < 0)
        return -1;
    return sq_token_set(c, folder_id, SQ_DESTINATION, seen->token, err);
}

int sq_dest_record(struct store *base, const struct store_lease *lease,
                   int64_t folder_id, const struct store_dest_seen *seen,
                   struct err *err)
{
    struct sq_conn *c = sq_begin_leased(base, lease, err);

    if (c == NULL)
        return -1;
    return sq_end(c, record_all(c, lease->mailbox_id, folder_id, seen, err),
                  err);
}

static int look_up(struct sq_conn *c, int64_t mailbox_id, int64_t folder_id,
                   const char *id, enum dest_kind *ret, struct err *err)
{
    struct sq_key key;
    int64_t kind = DEST_UNKNOWN;
    int owned;

    if (sq_key_find(c, mailbox_id, id, &key, err) < 0)
        return -1;
    owned = is_owned(c, mailbox_id, &key, err);
    if (owned < 0)
        return -1;
    if (owned == 0 &&
        sq_number(c, "SELECT kind FROM dest WHERE folder = ? AND key = ?",
                  ARGS(INT(folder_id), BLOB(key.bytes, key.n)), &kind, err) < 0)
        return -1;
    *ret = owned > 0 ? DEST_OURS : (enum dest_kind)kind;
    return 0;
}

static int look_up_all(struct sq_conn *c, int64_t folder_id,
                       const char *const *ids, GArray *kinds, struct err *err)
{
    int64_t mailbox_id = 0;

    if (sq_folder_mailbox(c, folder_id, &mailbox_id, err) < 0)
        return -1;
    for (guint i = 0; i < kinds->len; i++)
        if (look_up(c, mailbox_id, folder_id, ids[i],
                    &g_array_index(kinds, enum dest_kind, i), err) < 0)
            return -1;
    return 0;
}

int sq_dest_lookup(struct store *base, int64_t folder_id,
                   const char *const *ids, size_t n, enum dest_kind *ret_kinds,
                   struct err *err)
{
    struct sq_conn *c = sq_begin_read(base, err);
    g_autoptr(GArray) kinds = g_array_new(FALSE, TRUE, sizeof(enum dest_kind));

    g_array_set_size(kinds, (guint)n);
    if (c == NULL ||
        sq_end(c, look_up_all(c, folder_id, ids, kinds, err), err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++)
        ret_kinds[i] = g_array_index(kinds, enum dest_kind, i);
    return 0;
}

static void found_free(void *p)
{
    struct store_dest_found *f = p;

    g_free(f->id);
    g_free(f);
}

static int add_found(struct sq_conn *c, struct sq_rows *st, int64_t mailbox_id,
                     size_t hint, GPtrArray *found, struct err *err)
{
    struct store_dest_found *f = g_new0(struct store_dest_found, 1);
    struct sq_key key;

    g_ptr_array_add(found, f);
    f->hint = hint;
    if (sq_key_column(c, st, 0, &f->id, err) < 0)
        return -1;
    if (f->id == NULL || sq_key_find(c, mailbox_id, f->id, &key, err) < 0)
        return -1;
    return sq_owner(c, mailbox_id, &key, &f->owner, err);
}

static int find_hint(struct sq_conn *c, int64_t mailbox_id, int64_t folder_id,
                     const char *const *hint, size_t at, GPtrArray *found,
                     struct err *err)
{
    struct sq_rows *st = sq_query(c,
                                  "SELECT key FROM dest_hints WHERE folder = ?"
                                  " AND hint = ? ORDER BY key",
                                  ARGS(INT(folder_id), TEXT(hint[at])), err);
    int more;

    if (st == NULL)
        return -1;
    while ((more = sq_step(c, st, err)) > 0) {
        if (add_found(c, st, mailbox_id, at, found, err) < 0) {
            sq_reset(st);
            return -1;
        }
    }
    return more;
}

static int find_all(struct sq_conn *c, int64_t folder_id,
                    const char *const *hints, size_t n, GPtrArray *found,
                    struct err *err)
{
    int64_t mailbox_id = 0;

    if (sq_folder_mailbox(c, folder_id, &mailbox_id, err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++)
        if (find_hint(c, mailbox_id, folder_id, hints, i, found, err) < 0)
            return -1;
    return 0;
}

int sq_dest_find(struct store *base, int64_t folder_id,
                 const char *const *hints, size_t n, GPtrArray **ret,
                 struct err *err)
{
    struct sq_conn *c = sq_begin_read(base, err);
    g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(found_free);

    if (c == NULL ||
        sq_end(c, find_all(c, folder_id, hints, n, found, err), err) < 0)
        return -1;
    *ret = g_steal_pointer(&found);
    return 0;
}

/* What was there before us may have become ours: it counts once. */
static int count_expected(struct sq_conn *c, int64_t folder_id, int64_t *ret,
                          struct err *err)
{
    return sq_number(
        c,
        "SELECT count(*) FROM"
        " (SELECT key FROM dest WHERE folder = ? AND kind IN (?, ?)"
        " UNION SELECT destination FROM items"
        " WHERE id > ? AND id < ? AND destination IS NOT NULL) AS known",
        ARGS(INT(folder_id), INT(DEST_BASELINE), INT(DEST_FOREIGN),
             INT(folder_id << 24), INT((folder_id + 1) << 24)),
        ret, err);
}

static int count_unsure(struct sq_conn *c, int64_t folder_id, int64_t *ret,
                        struct err *err)
{
    return sq_number(
        c,
        "SELECT count(*) FROM items WHERE id > ? AND id < ?"
        " AND (tries > 0 OR state = ? OR old_destination IS NOT NULL"
        " OR (destination IS NOT NULL AND state NOT IN (?, ?)))",
        ARGS(INT(folder_id << 24), INT((folder_id + 1) << 24),
             INT(ITEM_INTENDED), INT(ITEM_COPIED), INT(ITEM_ALREADY_THERE)),
        ret, err);
}

static int expected(struct sq_conn *c, int64_t folder_id,
                    struct store_expected *ret, struct err *err)
{
    int64_t mailbox_id, n = 0, unsure = 0;

    if (sq_folder_mailbox(c, folder_id, &mailbox_id, err) < 0 ||
        count_expected(c, folder_id, &n, err) < 0 ||
        count_unsure(c, folder_id, &unsure, err) < 0)
        return -1;
    *ret = (struct store_expected){ .n = (uint64_t)n, .sure = unsure == 0 };
    return 0;
}

int sq_dest_expected(struct store *base, int64_t folder_id,
                     struct store_expected *ret, struct err *err)
{
    struct sq_conn *c = sq_begin_read(base, err);
    struct store_expected e = { 0 };

    if (c == NULL || sq_end(c, expected(c, folder_id, &e, err), err) < 0)
        return -1;
    *ret = e;
    return 0;
}

static int swept(struct sq_conn *c, int64_t mailbox_id, int64_t folder_id,
                 const char *token, struct err *err)
{
    if (sq_folder_check(c, mailbox_id, folder_id, err) < 0 ||
        sq_run(c, "UPDATE folders SET dirty = 0 WHERE id = ?",
               ARGS(INT(folder_id)), err) < 0)
        return -1;
    return sq_token_set(c, folder_id, SQ_DESTINATION, token, err);
}

int sq_dest_swept(struct store *base, const struct store_lease *lease,
                  int64_t folder_id, const char *token, struct err *err)
{
    struct sq_conn *c = sq_begin_leased(base, lease, err);

    if (c == NULL)
        return -1;
    return sq_end(c, swept(c, lease->mailbox_id, folder_id, token, err), err);
}
