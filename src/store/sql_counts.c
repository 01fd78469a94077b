#include "store/sql_ops.h"

/* Counts over a mailbox's rows; one pass over the front of each row. */
struct counting {
    struct sq_conn *c;
    int64_t class; /* the last one seen, and its kind */
    enum item_kind kind;
};

static int kind_of(struct counting *k, int64_t class, enum item_kind *ret,
                   struct err *err)
{
    const char *name = NULL;

    if (class != k->class) {
        if (class != 0 && sq_word_text(k->c, class, &name, err) < 0)
            return -1;
        k->class = class;
        k->kind = item_kind_of_class(name);
    }
    *ret = k->kind;
    return 0;
}

static int count_row(struct counting *k, struct sq_rows *st,
                     struct store_counts *ret, struct err *err)
{
    unsigned int pending = (unsigned int)sq_int64(st, 3);
    uint64_t n = (uint64_t)sq_int64(st, 5);
    unsigned int state = 0, verify = 0;
    enum item_kind kind;

    if (kind_of(k, sq_int64(st, 0), &kind, err) < 0 ||
        sq_column_enum(k->c, st, 1, &state, ITEM_N_STATES, err) < 0 ||
        sq_column_enum(k->c, st, 2, &verify, VERIFY_N, err) < 0)
        return -1;
    ret->by[kind][state].items += n;
    ret->by[kind][state].bytes += (uint64_t)sq_int64(st, 4);
    ret->verify[verify] += n;
    ret->verify_hidden[verify] += kind == KIND_HIDDEN ? n : 0;
    ret->pending_edit += (pending & ITEM_PENDING_EDIT) != 0 ? n : 0;
    ret->pending_read += (pending & ITEM_PENDING_READ) != 0 ? n : 0;
    ret->pending_delete += (pending & ITEM_PENDING_DELETE) != 0 ? n : 0;
    return 0;
}

#define ITEMS_OF_MAILBOX                                                       \
    " FROM folders f JOIN items i"                                             \
    " ON i.id > f.id << 24 AND i.id < (f.id + 1) << 24 WHERE f.mailbox = ?"

static const char rows[] = "SELECT i.class, i.state, i.verify, i.pending,"
                           " i.size, 1" ITEMS_OF_MAILBOX;
static const char sums[] =
    "SELECT i.class, i.state, i.verify, i.pending,"
    " CAST(sum(i.size) AS BIGINT), count(*)" ITEMS_OF_MAILBOX
    " GROUP BY i.class, i.state, i.verify, i.pending";

static int count_items(struct counting *k, int64_t mailbox_id,
                       struct store_counts *ret, struct err *err)
{
    struct sq_rows *st = sq_query(k->c, k->c->ops->dear_rows ? sums : rows,
                                  ARGS(INT(mailbox_id)), err);
    int more;

    if (st == NULL)
        return -1;
    while ((more = sq_step(k->c, st, err)) > 0)
        if (count_row(k, st, ret, err) < 0) {
            sq_reset(st);
            return -1;
        }
    return more;
}

static int count_all(struct sq_conn *c, int64_t mailbox_id,
                     struct store_counts *ret, struct err *err)
{
    struct counting k = { .c = c, .class = -1 };
    struct sq_rows *st;
    int more;

    if (count_items(&k, mailbox_id, ret, err) < 0)
        return -1;
    st = sq_query(c,
                  "SELECT d.kind, count(*) FROM folders f"
                  " JOIN dest d ON d.folder = f.id"
                  " WHERE f.mailbox = ? GROUP BY d.kind",
                  ARGS(INT(mailbox_id)), err);
    if (st == NULL)
        return -1;
    while ((more = sq_step(c, st, err)) > 0) {
        uint64_t n = (uint64_t)sq_int64(st, 1);
        int64_t kind = sq_int64(st, 0);

        ret->baseline += kind == DEST_BASELINE ? n : 0;
        ret->foreign += kind == DEST_FOREIGN ? n : 0;
        ret->doubles += kind == DEST_DOUBLE ? n : 0;
    }
    return more;
}

int sq_counts(struct store *base, int64_t mailbox_id, struct store_counts *ret,
              struct err *err)
{
    struct sq_conn *c = sq_begin_read(base, err);
    struct store_counts counts = { 0 };

    if (c == NULL || sq_end(c, count_all(c, mailbox_id, &counts, err), err) < 0)
        return -1;
    *ret = counts;
    return 0;
}

/* ---- by folder -------------------------------------------------------- */

static const char folder_rows[] =
    "SELECT state, size, 1 FROM items WHERE id > ? AND id <= ?";
static const char folder_sums[] =
    "SELECT state, CAST(sum(size) AS BIGINT), count(*) FROM items"
    " WHERE id > ? AND id <= ? GROUP BY state";

static int count_folder(struct sq_conn *c, struct store_folder_counts *ret,
                        struct err *err)
{
    struct sq_rows *st =
        sq_query(c, c->ops->dear_rows ? folder_sums : folder_rows,
                 ARGS(INT(item_id_make(ret->folder_id, 0)),
                      INT(item_id_make(ret->folder_id, ITEM_NUMBER_MAX))),
                 err);
    int more;

    if (st == NULL)
        return -1;
    while ((more = sq_step(c, st, err)) > 0) {
        unsigned int state = 0;

        if (sq_column_enum(c, st, 0, &state, ITEM_N_STATES, err) < 0) {
            sq_reset(st);
            return -1;
        }
        ret->items[state] += (uint64_t)sq_int64(st, 2);
        if (state == ITEM_COPIED)
            ret->bytes_copied += (uint64_t)sq_int64(st, 1);
    }
    return more;
}

static int count_dest(struct sq_conn *c, struct store_folder_counts *ret,
                      struct err *err)
{
    struct sq_rows *st = sq_query(
        c, "SELECT kind, count(*) FROM dest WHERE folder = ? GROUP BY kind",
        ARGS(INT(ret->folder_id)), err);
    int more;

    if (st == NULL)
        return -1;
    while ((more = sq_step(c, st, err)) > 0) {
        uint64_t n = (uint64_t)sq_int64(st, 1);
        int64_t kind = sq_int64(st, 0);

        ret->baseline += kind == DEST_BASELINE ? n : 0;
        ret->foreign += kind == DEST_FOREIGN ? n : 0;
    }
    return more;
}

static int count_folders(struct sq_conn *c, int64_t mailbox_id, GArray *found,
                         struct err *err)
{
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(int64_t));

    if (sq_folder_ids(c, mailbox_id, 0, ids, err) < 0)
        return -1;
    for (guint i = 0; i < ids->len; i++) {
        struct store_folder_counts counts = {
            .folder_id = g_array_index(ids, int64_t, i),
        };

        if (count_folder(c, &counts, err) < 0 ||
            count_dest(c, &counts, err) < 0)
            return -1;
        g_array_append_val(found, counts);
    }
    return 0;
}

int sq_folder_counts(struct store *base, int64_t mailbox_id, GArray **ret,
                     struct err *err)
{
    struct sq_conn *c = sq_begin_read(base, err);
    g_autoptr(GArray) found =
        g_array_new(FALSE, FALSE, sizeof(struct store_folder_counts));

    if (c == NULL ||
        sq_end(c, count_folders(c, mailbox_id, found, err), err) < 0)
        return -1;
    *ret = g_steal_pointer(&found);
    return 0;
}
