#include "store/sqlite_ops.h"

/*
 * A walk over the items of one call.  They come folder by folder, mostly, so
 * a folder is checked on entering it and its numbers are written on leaving.
 */
struct walk {
    struct sq_conn *c;
    int64_t mailbox_id;
    int64_t folder_id; /* 0: not in one yet */
    int64_t n_listed;  /* by how much it has changed */
    bool dirty;
};

static int leave_folder(struct walk *w, struct err *err)
{
    if (w->folder_id == 0 || (w->n_listed == 0 && !w->dirty))
        return 0;
    return sq_run(w->c,
                  "UPDATE folders SET n_listed = n_listed + ?,"
                  " dirty = dirty | ? WHERE id = ?",
                  ARGS(INT(w->n_listed), INT(w->dirty), INT(w->folder_id)),
                  err);
}

static int enter_folder(struct walk *w, int64_t item_id, struct err *err)
{
    int64_t folder_id = item_id_folder(item_id), mailbox_id = 0;
    int found;

    if (folder_id == w->folder_id)
        return 0;
    if (leave_folder(w, err) < 0)
        return -1;
    found = sq_number(w->c, "SELECT mailbox FROM folders WHERE id = ?",
                      ARGS(INT(folder_id)), &mailbox_id, err);
    if (found < 0)
        return -1;
    if (found == 0 || mailbox_id != w->mailbox_id)
        return store_refuse_missing(err, "item", item_id);
    w->folder_id = folder_id;
    w->n_listed = 0;
    w->dirty = false;
    return 0;
}

static int read_item(struct walk *w, int64_t item_id, struct ledger_item *ret,
                     struct err *err)
{
    sqlite3_stmt *st;
    int found;

    if (enter_folder(w, item_id, err) < 0)
        return -1;
    st = sq_query(w->c, "SELECT state, pending, tries FROM items WHERE id = ?",
                  ARGS(INT(item_id)), err);
    found = st == NULL ? -1 : sq_step(w->c, st, err);
    if (found < 0)
        return -1;
    if (found == 0)
        return store_refuse_missing(err, "item", item_id);
    found = sq_column_ledger(w->c, st, 0, ret, err);
    sqlite3_reset(st);
    return found;
}

/* ---- a row's state ---------------------------------------------------- */

int sq_reason_clear(struct sq_conn *c, int64_t item_id, struct err *err)
{
    return sq_run(c,
                  "UPDATE item_texts SET reason = NULL, remedy = NULL,"
                  " error_name = NULL, subject = NULL WHERE id = ?",
                  ARGS(INT(item_id)), err);
}

/* What an outcome tells beyond the state that the row enters. */
struct told {
    int64_t not_before_us;
    const struct sq_key *destination; /* NULL: what is there stays */
};

static int become(struct sq_conn *c, int64_t item_id,
                  const struct ledger_item *next, const struct told *told,
                  struct err *err)
{
    unsigned int facts = ledger_facts(next->state);
    const struct sq_key *to = told->destination;

    return sq_run(
        c,
        "UPDATE items SET state = ?, pending = ?, tries = ?,"
        " not_before = ?, destination = coalesce(?, destination),"
        " deadline = iif(?, deadline, 0),"
        " digest = iif(?, digest, NULL) WHERE id = ?",
        ARGS(INT(next->state), INT(next->pending), INT(next->tries),
             INT(told->not_before_us),
             BLOB(to != NULL ? to->bytes : NULL, to != NULL ? to->n : 0),
             INT(facts & LEDGER_DEADLINE), INT(facts & LEDGER_DIGEST),
             INT(item_id)),
        err);
}

/* ---- intents ---------------------------------------------------------- */

/* Of one call. */
struct intending {
    int64_t pass_id, deadline_us;
};

static int intend(struct walk *w, const struct intending *call,
                  const struct store_intent *intent, struct err *err)
{
    struct ledger_item item;
    struct sq_key key;
    const uint8_t *digest = intent->digest_len > 0 ? intent->digest : NULL;
    bool has_key = intent->change_key != NULL;

    if (read_item(w, intent->item_id, &item, err) < 0 ||
        ledger_intend(&item, intent->item_id, err) < 0)
        return -1;
    if (has_key &&
        sq_key_make(w->c, w->mailbox_id, intent->change_key, &key, err) < 0)
        return -1;
    w->n_listed--;
    w->dirty = true;
    return sq_run(
        w->c,
        "UPDATE items SET state = ?, pass = ?, deadline = ?, size = ?,"
        " not_before = 0, change_key = coalesce(?, change_key), digest = ?"
        " WHERE id = ?",
        ARGS(INT(item.state), INT(call->pass_id), INT(call->deadline_us),
             INT((int64_t)store_size(intent->size_bytes)),
             BLOB(has_key ? key.bytes : NULL, key.n),
             BLOB(digest, intent->digest_len), INT(intent->item_id)),
        err);
}

static int intend_all(struct walk *w, const struct intending *call,
                      const struct store_intent *intents, size_t n,
                      struct err *err)
{
    for (size_t i = 0; i < n; i++)
        if (intend(w, call, &intents[i], err) < 0)
            return -1;
    return leave_folder(w, err);
}

int sq_items_intend(struct store *base, const struct store_lease *lease,
                    int64_t pass_id, const struct store_intent *intents,
                    size_t n, int64_t deadline_us, struct err *err)
{
    struct walk w = { .c = sq_begin_leased(base, lease, err),
                      .mailbox_id = lease->mailbox_id };
    struct intending call = { pass_id, deadline_us };

    if (w.c == NULL)
        return -1;
    return sq_end(w.c, intend_all(&w, &call, intents, n, err), err);
}

/* ---- outcomes --------------------------------------------------------- */

static int keep_reason(struct sq_conn *c, const struct store_outcome *o,
                       struct err *err)
{
    g_autofree char *reason = store_text_dup(o->reason);
    g_autofree char *remedy = store_text_dup(o->remedy);
    g_autofree char *name = store_text_dup(o->error_name);
    g_autofree char *subject = store_text_dup(o->subject);

    return sq_run(
        c,
        "INSERT INTO item_texts (id, reason, remedy, error_name, subject)"
        " VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
        " reason = excluded.reason, remedy = excluded.remedy,"
        " error_name = excluded.error_name, subject = excluded.subject",
        ARGS(INT(o->item_id), TEXT(reason), TEXT(remedy), TEXT(name),
             TEXT(subject)),
        err);
}

static int record_row(struct walk *w, const struct store_outcome *o,
                      const struct ledger_item *next, struct err *err)
{
    struct told told = { 0 };
    struct sq_key key;

    /* Overtaken by what came from the source, it tells nothing. */
    if (next->state == o->state && next->state == ITEM_LISTED)
        told.not_before_us = o->not_before_us;
    if (next->state == ITEM_COPIED || next->state == ITEM_ALREADY_THERE) {
        if (sq_key_make(w->c, w->mailbox_id, o->destination_id, &key, err) < 0)
            return -1;
        told.destination = &key;
    }
    return become(w->c, o->item_id, next, &told, err);
}

static int record(struct walk *w, const struct store_outcome *o,
                  struct err *err)
{
    struct ledger_item is = { 0 }, next;

    if (read_item(w, o->item_id, &is, err) < 0)
        return -1;
    next = is;
    if (ledger_record(&next, o, err) < 0 || record_row(w, o, &next, err) < 0)
        return -1;
    w->n_listed += (next.state == ITEM_LISTED) - (is.state == ITEM_LISTED);
    if (next.state == ITEM_FAILED)
        return keep_reason(w->c, o, err);
    return is.state == ITEM_FAILED ? sq_reason_clear(w->c, o->item_id, err) : 0;
}

static int record_all(struct walk *w, const struct store_outcome *outcomes,
                      size_t n, struct err *err)
{
    for (size_t i = 0; i < n; i++)
        if (record(w, &outcomes[i], err) < 0)
            return -1;
    return leave_folder(w, err);
}

int sq_items_record(struct store *base, const struct store_lease *lease,
                    const struct store_outcome *outcomes, size_t n,
                    struct err *err)
{
    struct walk w = { .c = sq_begin_leased(base, lease, err),
                      .mailbox_id = lease->mailbox_id };

    if (w.c == NULL)
        return -1;
    return sq_end(w.c, record_all(&w, outcomes, n, err), err);
}

/* ---- failed items again ----------------------------------------------- */

static int retry_folder(struct sq_conn *c, int64_t folder_id, size_t *n,
                        struct err *err)
{
    int64_t first = item_id_make(folder_id, 0);
    int64_t last = item_id_make(folder_id, ITEM_NUMBER_MAX);
    struct ledger_item item = { .state = ITEM_FAILED };
    int changed;

    ledger_retry(&item);
    if (sq_run(c,
               "UPDATE items SET state = ?, tries = ?"
               " WHERE id BETWEEN ? AND ? AND state = ?",
               ARGS(INT(item.state), INT(item.tries), INT(first), INT(last),
                    INT(ITEM_FAILED)),
               err) < 0)
        return -1;
    changed = sqlite3_changes(c->db);
    if (changed == 0)
        return 0;
    *n += (size_t)changed;
    if (sq_run(c,
               "UPDATE item_texts SET reason = NULL, remedy = NULL,"
               " error_name = NULL, subject = NULL WHERE id BETWEEN ? AND ?",
               ARGS(INT(first), INT(last)), err) < 0)
        return -1;
    return sq_run(c, "UPDATE folders SET n_listed = n_listed + ? WHERE id = ?",
                  ARGS(INT(changed), INT(folder_id)), err);
}

static int retry_mailbox(struct sq_conn *c, int64_t mailbox_id, size_t *n,
                         struct err *err)
{
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(int64_t));

    if (sq_folder_ids(c, mailbox_id, 0, ids, err) < 0)
        return -1;
    for (guint i = 0; i < ids->len; i++)
        if (retry_folder(c, g_array_index(ids, int64_t, i), n, err) < 0)
            return -1;
    return 0;
}

int sq_items_retry_failed(struct store *base, const struct store_lease *lease,
                          size_t *ret_n, struct err *err)
{
    struct sq_conn *c = sq_begin_leased(base, lease, err);
    size_t n = 0;

    if (c == NULL ||
        sq_end(c, retry_mailbox(c, lease->mailbox_id, &n, err), err) < 0)
        return -1;
    *ret_n = n;
    return 0;
}
