#include "base/timestamp.h"
#include "store/sql_ops.h"

/* ---- a row as the ledger shows it -------------------------------------- */

#define ITEM_COLUMNS                                                           \
    "i.id, i.state, i.pending, i.tries, i.verify, i.class, i.pass, i.size,"    \
    " i.not_before, i.deadline, i.received, i.source, i.change_key,"           \
    " i.search_key, i.destination, i.digest,"                                  \
    " t.reason, t.remedy, t.error_name, t.subject, t.note,"                    \
    " i.is_read, i.format, i.moved_from, i.old_destination,"                   \
    " t.why_format, t.lost, t.there"
#define ITEM_TABLES "items i LEFT JOIN item_texts t ON t.id = i.id"

static int read_states(struct sq_conn *c, struct sq_rows *st,
                       struct store_item *item, struct err *err)
{
    struct ledger_item is;
    unsigned int verify = 0;

    if (sq_column_ledger(c, st, 1, &is, err) < 0 ||
        sq_column_enum(c, st, 4, &verify, VERIFY_N, err) < 0)
        return -1;
    item->state = is.state;
    item->pending = is.pending;
    item->tries = is.tries;
    item->verify = (enum verify_class)verify;
    return 0;
}

static void read_numbers(struct sq_rows *st, struct store_item *item)
{
    item->id = sq_int64(st, 0);
    item->folder_id = item_id_folder(item->id);
    item->pass_id = sq_int64(st, 6);
    item->size_bytes = (uint64_t)sq_int64(st, 7);
    item->not_before_us = sq_int64(st, 8);
    item->deadline_us = sq_int64(st, 9);
    item->received_us = sq_is_null(st, 10) ? TIMESTAMP_NONE : sq_int64(st, 10);
    item->read = sq_int64(st, 21) != 0;
    item->format = (unsigned int)sq_int64(st, 22);
    item->moved_from = sq_int64(st, 23);
}

static void read_texts(struct sq_rows *st, struct store_item *item)
{
    item->search_key = sq_column_dup(st, 13);
    item->reason = sq_column_dup(st, 16);
    item->remedy = sq_column_dup(st, 17);
    item->error_name = sq_column_dup(st, 18);
    item->subject = sq_column_dup(st, 19);
    item->verify_note = sq_column_dup(st, 20);
    item->why_format = sq_column_dup(st, 25);
    item->lost = sq_column_dup(st, 26);
    item->reason_there = sq_column_dup(st, 27);
}

static void read_digest(struct sq_rows *st, struct store_item *item)
{
    size_t n = 0;
    const void *digest = sq_blob(st, 15, &n);

    item->digest_len = MIN(n, sizeof(item->digest));
    if (digest != NULL)
        memcpy(item->digest, digest, item->digest_len);
}

static int read_keys(struct sq_conn *c, struct sq_rows *st,
                     struct store_item *item, struct err *err)
{
    int64_t class = sq_int64(st, 5);
    const char *name = NULL;

    if (class != 0 && sq_word_text(c, class, &name, err) < 0)
        return -1;
    item->item_class = g_strdup(name);
    if (sq_key_column(c, st, 11, &item->source_id, err) < 0 ||
        sq_key_column(c, st, 12, &item->change_key, err) < 0)
        return -1;
    if (sq_key_column(c, st, 14, &item->destination_id, err) < 0)
        return -1;
    return sq_key_column(c, st, 24, &item->old_destination_id, err);
}

static int add_item(struct sq_conn *c, struct sq_rows *st, GPtrArray *found,
                    struct err *err)
{
    struct store_item *item = g_new0(struct store_item, 1);

    g_ptr_array_add(found, item);
    read_numbers(st, item);
    read_texts(st, item);
    read_digest(st, item);
    if (read_states(c, st, item, err) < 0)
        return -1;
    return read_keys(c, st, item, err);
}

static GPtrArray *item_array(void)
{
    return g_ptr_array_new_with_free_func((GDestroyNotify)store_item_free);
}

/* A number of rows, as the LIMIT of a statement. */
static int64_t rows(size_t n)
{
    return n < INT32_MAX ? (int64_t)n : INT32_MAX;
}

/* ---- what to do next -------------------------------------------------- */

static GHashTable *set_of(const int64_t *ids, size_t n)
{
    GHashTable *set = g_hash_table_new(g_int64_hash, g_int64_equal);

    for (size_t i = 0; i < n; i++)
        g_hash_table_add(set, (void *)(uintptr_t)&ids[i]);
    return set;
}

/* Rows past the busy ones, until max are found. */
static int read_next(struct sq_conn *c, struct sq_rows *st, GHashTable *busy,
                     size_t max, GPtrArray *found, struct err *err)
{
    int more = 1;

    while (found->len < max && (more = sq_step(c, st, err)) > 0) {
        int64_t id = sq_int64(st, 0);

        if (g_hash_table_contains(busy, &id))
            continue;
        if (add_item(c, st, found, err) < 0) {
            more = -1;
            break;
        }
    }
    sq_reset(st);
    return more < 0 ? -1 : 0;
}

static int next_items(struct sq_conn *c, int64_t folder_id, int64_t now_us,
                      GHashTable *busy, size_t max, GPtrArray *found,
                      struct err *err)
{
    int64_t mailbox_id;
    struct sq_rows *st;

    if (sq_folder_mailbox(c, folder_id, &mailbox_id, err) < 0)
        return -1;
    st = sq_query(c,
                  "SELECT " ITEM_COLUMNS " FROM " ITEM_TABLES
                  " WHERE i.id >> 24 = ? AND i.state = 0 AND i.not_before <= ?"
                  " ORDER BY i.received DESC NULLS LAST, i.id LIMIT ?",
                  ARGS(INT(folder_id), INT(now_us),
                       INT(rows(max + g_hash_table_size(busy)))),
                  err);
    return st == NULL ? -1 : read_next(c, st, busy, max, found, err);
}

int sq_items_next(struct store *base, int64_t folder_id, int64_t now_us,
                  const int64_t *busy, size_t n_busy, size_t max,
                  GPtrArray **ret, struct err *err)
{
    struct sq_conn *c = sq_begin_read(base, err);
    g_autoptr(GHashTable) leave_out = set_of(busy, n_busy);
    g_autoptr(GPtrArray) found = item_array();

    if (c == NULL ||
        sq_end(c, next_items(c, folder_id, now_us, leave_out, max, found, err),
               err) < 0)
        return -1;
    *ret = g_steal_pointer(&found);
    return 0;
}

/* How many of a folder's w->n_ready must wait longer, and until when. */
static int read_later(struct sq_conn *c, int64_t now_us,
                      struct store_waiting *w, struct err *err)
{
    struct sq_rows *st =
        sq_query(c,
                 "SELECT count(*), min(not_before) FROM items"
                 " WHERE id >> 24 = ? AND state = 0 AND not_before > 0"
                 " AND not_before > ?",
                 ARGS(INT(w->folder_id), INT(now_us)), err);

    if (st == NULL || sq_step(c, st, err) < 0)
        return -1;
    w->n_later = (uint64_t)sq_int64(st, 0);
    w->n_ready -= w->n_later;
    if (w->n_later > 0)
        w->earliest_us = sq_int64(st, 1);
    sq_reset(st);
    return 0;
}

static int read_waiting(struct sq_conn *c, int64_t mailbox_id, int64_t now_us,
                        GArray *found, struct err *err)
{
    struct sq_rows *st = sq_query(c,
                                  "SELECT id, n_listed FROM folders"
                                  " WHERE mailbox = ? AND n_listed > 0"
                                  " ORDER BY id",
                                  ARGS(INT(mailbox_id)), err);
    int more;

    if (st == NULL)
        return -1;
    while ((more = sq_step(c, st, err)) > 0) {
        struct store_waiting w = {
            .folder_id = sq_int64(st, 0),
            .n_ready = (uint64_t)sq_int64(st, 1),
            .earliest_us = TIMESTAMP_NONE,
        };

        if (read_later(c, now_us, &w, err) < 0) {
            sq_reset(st);
            return -1;
        }
        g_array_append_val(found, w);
    }
    return more;
}

int sq_items_waiting(struct store *base, int64_t mailbox_id, int64_t now_us,
                     GArray **ret, struct err *err)
{
    struct sq_conn *c = sq_begin_read(base, err);
    g_autoptr(GArray) found =
        g_array_new(FALSE, FALSE, sizeof(struct store_waiting));

    if (c == NULL ||
        sq_end(c, read_waiting(c, mailbox_id, now_us, found, err), err) < 0)
        return -1;
    *ret = g_steal_pointer(&found);
    return 0;
}

/* ---- pages ------------------------------------------------------------- */

#define PAGE_OF(more)                                                          \
    "SELECT " ITEM_COLUMNS " FROM " ITEM_TABLES                                \
    " WHERE i.id > ? AND i.id <= ?"                                            \
    " AND ((1 << CAST(i.state AS INTEGER)) & ?) <> 0" more                     \
    " ORDER BY i.id LIMIT ?"

static struct sq_rows *query_folder(struct sq_conn *c,
                                    const struct store_item_query *q,
                                    int64_t folder_id, size_t max,
                                    struct err *err)
{
    unsigned int states = q->states != 0 ? q->states : ~0u;
    int64_t first = MAX(item_id_make(folder_id, 0), q->after_id);
    int64_t last = item_id_make(folder_id, ITEM_NUMBER_MAX);

    /* The conditions of the two partial indexes, word for word. */
    if (q->pending != 0)
        return sq_query(c,
                        PAGE_OF(" AND i.pending <> 0 AND (i.pending & ?) <> 0"),
                        ARGS(INT(first), INT(last), INT(states),
                             INT(q->pending), INT(rows(max))),
                        err);
    if (q->replaced)
        return sq_query(
            c, PAGE_OF(" AND i.old_destination IS NOT NULL"),
            ARGS(INT(first), INT(last), INT(states), INT(rows(max))), err);
    return sq_query(c, PAGE_OF(" AND ? IN (0, i.pass)"),
                    ARGS(INT(first), INT(last), INT(states), INT(q->pass_id),
                         INT(rows(max))),
                    err);
}

/* The next rows of one folder, until the page is full. */
static int read_folder(struct sq_conn *c, const struct store_item_query *q,
                       int64_t folder_id, GPtrArray *found, struct err *err)
{
    struct sq_rows *st =
        query_folder(c, q, folder_id, q->max - found->len, err);
    int more = 1;

    if (st == NULL)
        return -1;
    while (found->len < q->max && (more = sq_step(c, st, err)) > 0)
        if (add_item(c, st, found, err) < 0) {
            more = -1;
            break;
        }
    sq_reset(st);
    return more < 0 ? -1 : 0;
}

static int read_page(struct sq_conn *c, const struct store_item_query *q,
                     GPtrArray *found, struct err *err)
{
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(int64_t));

    if (sq_folder_ids(c, q->mailbox_id, item_id_folder(q->after_id), ids, err) <
        0)
        return -1;
    for (guint i = 0; i < ids->len && found->len < q->max; i++) {
        int64_t id = g_array_index(ids, int64_t, i);

        if (q->folder_id != 0 && q->folder_id != id)
            continue;
        if (read_folder(c, q, id, found, err) < 0)
            return -1;
    }
    return 0;
}

int sq_items(struct store *base, const struct store_item_query *query,
             GPtrArray **ret, struct err *err)
{
    struct sq_conn *c = sq_begin_read(base, err);
    g_autoptr(GPtrArray) found = item_array();

    if (c == NULL || sq_end(c, read_page(c, query, found, err), err) < 0)
        return -1;
    *ret = g_steal_pointer(&found);
    return 0;
}
