#include "store/sql_ops.h"

static int keep_note(struct sq_conn *c, int64_t item_id, const char *text,
                     struct err *err)
{
    g_autofree char *note = store_text_dup(text);

    if (note == NULL)
        return sq_run(c, "UPDATE item_texts SET note = NULL WHERE id = ?",
                      ARGS(INT(item_id)), err);
    return sq_run(c,
                  "INSERT INTO item_texts (id, note) VALUES (?, ?)"
                  " ON CONFLICT (id) DO UPDATE SET note = excluded.note",
                  ARGS(INT(item_id), TEXT(note)), err);
}

static int verify(struct sq_conn *c, int64_t mailbox_id,
                  const struct store_verdict *v, struct err *err)
{
    if (sq_run(c,
               "UPDATE items SET verify = ? WHERE id = ? AND"
               " (SELECT mailbox FROM folders WHERE folders.id ="
               " items.id >> 24) = ?",
               ARGS(INT(v->verify), INT(v->item_id), INT(mailbox_id)), err) < 0)
        return -1;
    if (sq_changes(c) == 0)
        return store_refuse_missing(err, "item", v->item_id);
    return keep_note(c, v->item_id, v->note, err);
}

static int verify_all(struct sq_conn *c, int64_t mailbox_id,
                      const struct store_verdict *verdicts, size_t n,
                      struct err *err)
{
    for (size_t i = 0; i < n; i++)
        if (verify(c, mailbox_id, &verdicts[i], err) < 0)
            return -1;
    return 0;
}

int sq_items_verify(struct store *base, const struct store_lease *lease,
                    const struct store_verdict *verdicts, size_t n,
                    struct err *err)
{
    struct sq_conn *c = sq_begin_leased(base, lease, err);

    if (c == NULL)
        return -1;
    return sq_end(c, verify_all(c, lease->mailbox_id, verdicts, n, err), err);
}

static int reset_folder(struct sq_conn *c, int64_t folder_id, struct err *err)
{
    int64_t first = item_id_make(folder_id, 0);
    int64_t last = item_id_make(folder_id, ITEM_NUMBER_MAX);

    if (sq_run(c,
               "UPDATE items SET verify = 0"
               " WHERE id BETWEEN ? AND ? AND verify <> 0",
               ARGS(INT(first), INT(last)), err) < 0)
        return -1;
    return sq_run(c,
                  "UPDATE item_texts SET note = NULL WHERE id BETWEEN ? AND ?",
                  ARGS(INT(first), INT(last)), err);
}

static int reset_mailbox(struct sq_conn *c, int64_t mailbox_id, struct err *err)
{
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(int64_t));

    if (sq_folder_ids(c, mailbox_id, 0, ids, err) < 0)
        return -1;
    for (guint i = 0; i < ids->len; i++)
        if (reset_folder(c, g_array_index(ids, int64_t, i), err) < 0)
            return -1;
    return 0;
}

int sq_items_verify_reset(struct store *base, const struct store_lease *lease,
                          struct err *err)
{
    struct sq_conn *c = sq_begin_leased(base, lease, err);

    if (c == NULL)
        return -1;
    return sq_end(c, reset_mailbox(c, lease->mailbox_id, err), err);
}
