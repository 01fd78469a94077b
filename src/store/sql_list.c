#include "base/timestamp.h"
#include "store/sql_ops.h"

/* One page of a folder's changes on its way into the ledger. */
struct listing {
    struct sq_conn *c;
    int64_t mailbox_id, folder_id;
    int64_t n_items, n_listed; /* of the folder, written at the end */
    size_t n_added;
};

/* A row that is known, as far as a change is judged by it. */
struct known {
    int64_t id;
    struct ledger_item item;
    bool same_key, same_read;
};

/* What a change tells of the item, as it is stored. */
struct told {
    int64_t class; /* 0: not told */
    struct sq_key change_key;
    bool has_key;
};

static int read_folder(struct listing *l, struct err *err)
{
    struct sq_rows *st =
        sq_query(l->c, "SELECT n_items, n_listed FROM folders WHERE id = ?",
                 ARGS(INT(l->folder_id)), err);

    if (st == NULL || sq_step(l->c, st, err) < 0)
        return -1;
    l->n_items = sq_int64(st, 0);
    l->n_listed = sq_int64(st, 1);
    sq_reset(st);
    return 0;
}

static int write_folder(struct listing *l, struct err *err)
{
    return sq_run(
        l->c, "UPDATE folders SET n_items = ?, n_listed = ? WHERE id = ?",
        ARGS(INT(l->n_items), INT(l->n_listed), INT(l->folder_id)), err);
}

static int tell(struct listing *l, const struct store_change *change,
                struct told *ret, struct err *err)
{
    ret->class = 0;
    ret->has_key = change->change_key != NULL;
    if (ret->has_key && sq_key_make(l->c, l->mailbox_id, change->change_key,
                                    &ret->change_key, err) < 0)
        return -1;
    if (change->item_class == NULL)
        return 0;
    /* A mailbox with thousands of classes: the rest are "not told". */
    return sq_word_make(l->c, -l->mailbox_id, change->item_class, &ret->class,
                        err) < 0
               ? -1
               : 0;
}

static int find(struct listing *l, const struct sq_key *source,
                const struct store_change *change, struct known *ret,
                struct err *err)
{
    struct sq_rows *st =
        sq_query(l->c,
                 "SELECT id, state, pending, tries, change_key, is_read"
                 " FROM items"
                 " WHERE source = ? AND id >> 24 = ?",
                 ARGS(BLOB(source->bytes, source->n), INT(l->folder_id)), err);
    int found = st == NULL ? -1 : sq_step(l->c, st, err);
    g_autofree char *key = NULL;

    if (found <= 0)
        return found;
    ret->id = sq_int64(st, 0);
    if (sq_column_ledger(l->c, st, 1, &ret->item, err) < 0 ||
        sq_key_column(l->c, st, 4, &key, err) < 0)
        found = -1;
    else
        ret->same_key = g_strcmp0(change->change_key, key) == 0;
    ret->same_read = (sq_int64(st, 5) != 0) == change->read;
    sq_reset(st);
    return found;
}

#define KEY(told)                                                              \
    BLOB((told).has_key ? (told).change_key.bytes : NULL, (told).change_key.n)
#define RECEIVED(change)                                                       \
    OPT_INT((change)->received_us != TIMESTAMP_NONE, (change)->received_us)

static int add(struct listing *l, const struct sq_key *source,
               const struct store_change *change, struct err *err)
{
    struct ledger_item item;
    struct told told;

    if (!ledger_list_new(&item, change))
        return 0;
    if (l->n_items >= ITEM_NUMBER_MAX)
        return store_refuse_full(err, l->folder_id);
    if (tell(l, change, &told, err) < 0)
        return -1;
    l->n_added++;
    l->n_listed += item.state == ITEM_LISTED;
    return sq_run(l->c,
                  "INSERT INTO items (id, state, class, size, received, source,"
                  " change_key, search_key, is_read)"
                  " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                  ARGS(INT(item_id_make(l->folder_id, ++l->n_items)),
                       INT(item.state), INT(told.class),
                       INT((int64_t)store_size(change->size_bytes)),
                       RECEIVED(change), BLOB(source->bytes, source->n),
                       KEY(told), TEXT(change->search_key), INT(change->read)),
                  err);
}

/* The row takes over what the change tells; what it does not tell, stays. */
static int take(struct listing *l, int64_t item_id,
                const struct store_change *change, struct err *err)
{
    struct told told;
    int64_t size = (int64_t)store_size(change->size_bytes);

    if (tell(l, change, &told, err) < 0)
        return -1;
    return sq_run(l->c,
                  "UPDATE items SET class = coalesce(?, class),"
                  " size = coalesce(?, size), received = coalesce(?, received),"
                  " change_key = coalesce(?, change_key),"
                  " search_key = coalesce(?, search_key) WHERE id = ?",
                  ARGS(OPT_INT(told.class != 0, told.class),
                       OPT_INT(size != 0, size), RECEIVED(change), KEY(told),
                       TEXT(change->search_key), INT(item_id)),
                  err);
}

/*
 * A change never leads into or out of a state with a deadline, a digest or a
 * destination id: of what a state holds, only the wait and the reason can go.
 */
static int become(struct listing *l, int64_t item_id,
                  const struct ledger_item *is, const struct ledger_item *next,
                  struct err *err)
{
    bool waits = (ledger_facts(next) & LEDGER_WAIT) != 0;

    if (sq_run(l->c,
               "UPDATE items SET state = ?, pending = ?, tries = ?,"
               " not_before = CASE WHEN ? <> 0 THEN not_before ELSE 0"
               " END WHERE id = ?",
               ARGS(INT(next->state), INT(next->pending), INT(next->tries),
                    INT(waits), INT(item_id)),
               err) < 0)
        return -1;
    if (is->state != ITEM_FAILED || next->state == ITEM_FAILED)
        return 0;
    return sq_reason_clear(l->c, item_id, err);
}

static int update(struct listing *l, const struct known *known,
                  const struct store_change *change, struct err *err)
{
    struct ledger_item next = known->item;
    bool takes = ledger_list(&next, change, known->same_key, known->same_read);

    l->n_listed +=
        (next.state == ITEM_LISTED) - (known->item.state == ITEM_LISTED);
    if (takes && take(l, known->id, change, err) < 0)
        return -1;
    if (change->kind != STORE_DELETED &&
        sq_run(l->c, "UPDATE items SET is_read = ? WHERE id = ?",
               ARGS(INT(change->read), INT(known->id)), err) < 0)
        return -1;
    return become(l, known->id, &known->item, &next, err);
}

static int apply(struct listing *l, const struct store_change *change,
                 struct err *err)
{
    struct sq_key source;
    struct known known;
    int found;

    if (sq_key_make(l->c, l->mailbox_id, change->source_id, &source, err) < 0)
        return -1;
    found = find(l, &source, change, &known, err);
    if (found < 0)
        return -1;
    return found > 0 ? update(l, &known, change, err)
                     : add(l, &source, change, err);
}

static int list(struct listing *l, const struct store_change *changes, size_t n,
                const char *token, struct err *err)
{
    if (sq_folder_check(l->c, l->mailbox_id, l->folder_id, err) < 0 ||
        read_folder(l, err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++)
        if (apply(l, &changes[i], err) < 0)
            return -1;
    if (write_folder(l, err) < 0)
        return -1;
    return sq_token_set(l->c, l->folder_id, SQ_SOURCE, token, err);
}

int sq_items_list(struct store *base, const struct store_lease *lease,
                  int64_t folder_id, const struct store_change *changes,
                  size_t n, const char *token, size_t *ret_listed,
                  struct err *err)
{
    struct listing l = { .c = sq_begin_leased(base, lease, err),
                         .mailbox_id = lease->mailbox_id,
                         .folder_id = folder_id };

    if (l.c == NULL || sq_end(l.c, list(&l, changes, n, token, err), err) < 0)
        return -1;
    *ret_listed = l.n_added;
    return 0;
}
