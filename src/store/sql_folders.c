#include "store/sql_ops.h"

int sq_folder_mailbox(struct sq_conn *c, int64_t folder_id, int64_t *ret,
                      struct err *err)
{
    int found = sq_number(c, "SELECT mailbox FROM folders WHERE id = ?",
                          ARGS(INT(folder_id)), ret, err);

    if (found == 0)
        return store_refuse_missing(err, "folder", folder_id);
    return found < 0 ? -1 : 0;
}

int sq_folder_check(struct sq_conn *c, int64_t mailbox_id, int64_t folder_id,
                    struct err *err)
{
    int64_t is = 0;

    if (sq_folder_mailbox(c, folder_id, &is, err) < 0)
        return -1;
    if (is != mailbox_id)
        return store_refuse_missing(err, "folder", folder_id);
    return 0;
}

int sq_folder_ids(struct sq_conn *c, int64_t mailbox_id, int64_t first_id,
                  GArray *ret, struct err *err)
{
    struct sq_rows *st = sq_query(
        c, "SELECT id FROM folders WHERE mailbox = ? AND id >= ? ORDER BY id",
        ARGS(INT(mailbox_id), INT(first_id)), err);
    int more;

    if (st == NULL)
        return -1;
    while ((more = sq_step(c, st, err)) > 0) {
        int64_t id = sq_int64(st, 0);

        g_array_append_val(ret, id);
    }
    return more;
}

int sq_token_set(struct sq_conn *c, int64_t folder_id, enum sq_side side,
                 const char *token, struct err *err)
{
    if (token == NULL)
        return 0;
    return sq_run(
        c,
        "INSERT INTO tokens VALUES (?, ?, ?)"
        " ON CONFLICT (folder, side) DO UPDATE SET token = excluded.token",
        ARGS(INT(folder_id), INT(side), TEXT(token)), err);
}

/* ---- the tree ------------------------------------------------------- */

static int set_folder(struct sq_conn *c, int64_t mailbox_id,
                      const struct store_folder *f, struct err *err)
{
    const struct sq_arg *args =
        ARGS(INT(mailbox_id), TEXT(f->source_id), TEXT(f->source_parent_id),
             TEXT(f->path), TEXT(f->well_known), TEXT(f->folder_class));

    if (sq_run(c,
               "UPDATE folders SET parent = ?3, path = ?4, well_known = ?5,"
               " class = ?6, gone = 0 WHERE mailbox = ?1 AND source = ?2",
               args, err) < 0)
        return -1;
    if (sq_changes(c) > 0)
        return 0;
    return sq_run(c,
                  "INSERT INTO folders"
                  " (mailbox, source, parent, path, well_known, class)"
                  " VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                  args, err);
}

/*
 * A mapped folder that has another place or name than before.  Its path alone
 * does not tell: it changes with every folder above.
 */
static int mark_moved(struct sq_conn *c, int64_t mailbox_id,
                      const struct store_folder *f, struct err *err)
{
    g_autofree char *tail = g_strconcat("/", store_path_name(f->path), NULL);

    return sq_run(c,
                  "UPDATE folders SET moved = 1 WHERE mailbox = ?"
                  " AND source = ? AND destination IS NOT NULL AND"
                  " (parent IS DISTINCT FROM ? OR substr('/' || path,"
                  " length(path) + 2 - length(?)) <> ?)",
                  ARGS(INT(mailbox_id), TEXT(f->source_id),
                       TEXT(f->source_parent_id), TEXT(tail), TEXT(tail)),
                  err);
}

static int set_folders(struct sq_conn *c, int64_t mailbox_id,
                       const struct store_folder *folders, size_t n,
                       struct err *err)
{
    if (sq_run(c, "UPDATE folders SET gone = 1 WHERE mailbox = ?",
               ARGS(INT(mailbox_id)), err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++)
        if (mark_moved(c, mailbox_id, &folders[i], err) < 0 ||
            set_folder(c, mailbox_id, &folders[i], err) < 0)
            return -1;
    return 0;
}

int sq_folders_set(struct store *base, const struct store_lease *lease,
                   const struct store_folder *folders, size_t n,
                   struct err *err)
{
    struct sq_conn *c = sq_begin_leased(base, lease, err);

    if (c == NULL)
        return -1;
    return sq_end(c, set_folders(c, lease->mailbox_id, folders, n, err), err);
}

static struct store_folder *folder_of(struct sq_rows *st)
{
    struct store_folder *f = g_new(struct store_folder, 1);

    *f = (struct store_folder){
        .id = sq_int64(st, 0),
        .source_id = sq_column_dup(st, 1),
        .source_parent_id = sq_column_dup(st, 2),
        .path = sq_column_dup(st, 3),
        .well_known = sq_column_dup(st, 4),
        .folder_class = sq_column_dup(st, 5),
        .destination_id = sq_column_dup(st, 6),
        .source_token = sq_column_dup(st, 7),
        .destination_token = sq_column_dup(st, 8),
        .baseline_done = sq_int64(st, 9) != 0,
        .dirty = sq_int64(st, 10) != 0,
        .gone = sq_int64(st, 11) != 0,
        .made = sq_int64(st, 12) != 0,
        .moved = sq_int64(st, 13) != 0,
    };
    return f;
}

static int read_folders(struct sq_conn *c, int64_t mailbox_id, GPtrArray *found,
                        struct err *err)
{
    struct sq_rows *st = sq_query(
        c,
        "SELECT f.id, f.source, f.parent, f.path, f.well_known, f.class,"
        " f.destination, coalesce(s.token, ''), d.token, f.baseline_done,"
        " f.dirty, f.gone, f.made, f.moved FROM folders f"
        " LEFT JOIN tokens s ON s.folder = f.id AND s.side = 0"
        " LEFT JOIN tokens d ON d.folder = f.id AND d.side = 1"
        " WHERE f.mailbox = ? ORDER BY f.path, f.id",
        ARGS(INT(mailbox_id)), err);
    int more;

    if (st == NULL)
        return -1;
    while ((more = sq_step(c, st, err)) > 0)
        g_ptr_array_add(found, folder_of(st));
    return more;
}

G_STATIC_ASSERT(SQ_SOURCE == 0 && SQ_DESTINATION == 1);

int sq_folders(struct store *base, int64_t mailbox_id, GPtrArray **ret,
               struct err *err)
{
    struct sq_conn *c = sq_begin_read(base, err);
    g_autoptr(GPtrArray) found =
        g_ptr_array_new_with_free_func((GDestroyNotify)store_folder_free);

    if (c == NULL ||
        sq_end(c, read_folders(c, mailbox_id, found, err), err) < 0)
        return -1;
    *ret = g_steal_pointer(&found);
    return 0;
}

/* ---- the mapping ---------------------------------------------------- */

/* The token and the baseline were another folder's. */
static int drop_baseline(struct sq_conn *c, int64_t folder_id, struct err *err)
{
    if (sq_run(c, "DELETE FROM tokens WHERE folder = ? AND side = ?",
               ARGS(INT(folder_id), INT(SQ_DESTINATION)), err) < 0)
        return -1;
    if (sq_run(c, "DELETE FROM dest_hints WHERE folder = ?",
               ARGS(INT(folder_id)), err) < 0)
        return -1;
    return sq_run(c, "UPDATE folders SET baseline_done = 0 WHERE id = ?",
                  ARGS(INT(folder_id)), err);
}

static int map_folder(struct sq_conn *c, int64_t mailbox_id,
                      const struct store_mapping *map, struct err *err)
{
    g_autofree char *is = NULL;

    if (sq_folder_check(c, mailbox_id, map->folder_id, err) < 0 ||
        sq_text(c, "SELECT destination FROM folders WHERE id = ?",
                ARGS(INT(map->folder_id)), &is, err) < 0)
        return -1;
    if (is != NULL && strcmp(is, map->destination_id) != 0 &&
        drop_baseline(c, map->folder_id, err) < 0)
        return -1;
    return sq_run(c,
                  "UPDATE folders SET destination = ?, made = ?, moved = 0,"
                  " baseline_done = CASE WHEN ? = 1 THEN 1 ELSE baseline_done"
                  " END WHERE id = ?",
                  ARGS(TEXT(map->destination_id), INT(map->made),
                       INT(map->is_new), INT(map->folder_id)),
                  err);
}

static int map_folders(struct sq_conn *c, int64_t mailbox_id,
                       const struct store_mapping *maps, size_t n,
                       struct err *err)
{
    for (size_t i = 0; i < n; i++)
        if (map_folder(c, mailbox_id, &maps[i], err) < 0)
            return -1;
    return 0;
}

static int place_folder(struct sq_conn *c, int64_t mailbox_id,
                        int64_t folder_id, struct err *err)
{
    if (sq_folder_check(c, mailbox_id, folder_id, err) < 0)
        return -1;
    return sq_run(c, "UPDATE folders SET moved = 0 WHERE id = ?",
                  ARGS(INT(folder_id)), err);
}

int sq_folders_map(struct store *base, const struct store_lease *lease,
                   const struct store_mapping *maps, size_t n, struct err *err)
{
    struct sq_conn *c = sq_begin_leased(base, lease, err);

    if (c == NULL)
        return -1;
    return sq_end(c, map_folders(c, lease->mailbox_id, maps, n, err), err);
}

int sq_folder_placed(struct store *base, const struct store_lease *lease,
                     int64_t folder_id, struct err *err)
{
    struct sq_conn *c = sq_begin_leased(base, lease, err);

    if (c == NULL)
        return -1;
    return sq_end(c, place_folder(c, lease->mailbox_id, folder_id, err), err);
}
