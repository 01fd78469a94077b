#include "base/timestamp.h"
#include "store/sql_ops.h"

static int begin_pass(struct sq_conn *c, int64_t mailbox_id, const char *kind,
                      int64_t *ret_id, struct err *err)
{
    return sq_number(
        c,
        "INSERT INTO passes (mailbox, kind, begun_us) VALUES (?, ?, ?)"
        " RETURNING id",
        ARGS(INT(mailbox_id), TEXT(kind), INT(timestamp_now())), ret_id, err);
}

int sq_pass_begin(struct store *base, const struct store_lease *lease,
                  const char *kind, int64_t *ret_id, struct err *err)
{
    struct sq_conn *c = sq_begin_leased(base, lease, err);
    int64_t id = 0;

    if (c == NULL ||
        sq_end(c, begin_pass(c, lease->mailbox_id, kind, &id, err), err) < 0)
        return -1;
    *ret_id = id;
    return 0;
}

/* The numbers of a pass, in the order of the columns below. */
/* clang-format off */
#define PASS_NUMBERS(X)                                                 \
    X(ended_us) X(items_copied) X(bytes_copied) X(items_failed)         \
    X(updated) X(marked) X(moved) X(removed) X(conflicts)               \
    X(adopted) X(already_there) X(unlike) X(doubles) X(settled)                                               \
    X(source_requests) X(destination_requests)                          \
    X(source_busy) X(destination_busy)                                  \
    X(source_working_us) X(source_throttled_us) X(source_waiting_us)    \
    X(destination_working_us) X(destination_throttled_us)               \
    X(destination_waiting_us)
/* clang-format on */

static int end_pass(struct sq_conn *c, int64_t mailbox_id, int64_t pass_id,
                    const struct store_pass *p, struct err *err)
{
#define SET(field)    #field " = ?, "
#define NUMBER(field) INT((int64_t)p->field),
    static const char sql[] = "UPDATE passes SET " PASS_NUMBERS(
        SET) "outcome = ? WHERE id = ? AND mailbox = ?";
    g_autofree char *outcome = store_text_dup(p->outcome);

    if (sq_run(c, sql,
               ARGS(PASS_NUMBERS(NUMBER) TEXT(outcome), INT(pass_id),
                    INT(mailbox_id)),
               err) < 0)
        return -1;
#undef NUMBER
#undef SET
    if (sq_changes(c) == 0)
        return store_refuse_missing(err, "pass", pass_id);
    return 0;
}

int sq_pass_end(struct store *base, const struct store_lease *lease,
                int64_t pass_id, const struct store_pass *p, struct err *err)
{
    struct sq_conn *c = sq_begin_leased(base, lease, err);

    if (c == NULL)
        return -1;
    return sq_end(c, end_pass(c, lease->mailbox_id, pass_id, p, err), err);
}

static struct store_pass *pass_of(struct sq_rows *st)
{
    struct store_pass *p = g_new0(struct store_pass, 1);
    int column = 5;

    p->id = sq_int64(st, 0);
    p->mailbox_id = sq_int64(st, 1);
    p->kind = sq_column_dup(st, 2);
    p->outcome = sq_column_dup(st, 3);
    p->begun_us = sq_int64(st, 4);
#define GET(field) p->field = (__typeof__(p->field))sq_int64(st, column++);
    PASS_NUMBERS(GET)
#undef GET
    return p;
}

static int read_passes(struct sq_conn *c, int64_t mailbox_id, GPtrArray *found,
                       struct err *err)
{
#define COLUMN(field) ", " #field
    struct sq_rows *st =
        sq_query(c,
                 "SELECT id, mailbox, kind, outcome, begun_us" PASS_NUMBERS(
                     COLUMN) " FROM passes WHERE mailbox = ? ORDER BY id",
                 ARGS(INT(mailbox_id)), err);
#undef COLUMN
    int more;

    if (st == NULL)
        return -1;
    while ((more = sq_step(c, st, err)) > 0)
        g_ptr_array_add(found, pass_of(st));
    return more;
}

int sq_passes(struct store *base, int64_t mailbox_id, GPtrArray **ret,
              struct err *err)
{
    struct sq_conn *c = sq_begin_read(base, err);
    g_autoptr(GPtrArray) found =
        g_ptr_array_new_with_free_func((GDestroyNotify)store_pass_free);

    if (c == NULL || sq_end(c, read_passes(c, mailbox_id, found, err), err) < 0)
        return -1;
    *ret = g_steal_pointer(&found);
    return 0;
}
