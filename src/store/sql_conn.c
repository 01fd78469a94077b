#include "store/sql_priv.h"

void sq_conn_init(struct sq_conn *c, const struct db_ops *ops)
{
    c->ops = ops;
    c->words = sq_words_new();
}

void sq_conn_release(struct sq_conn *c)
{
    sq_words_free(c->words);
}

/* ---- small questions ------------------------------------------------- */

int sq_run(struct sq_conn *c, const char *sql, const struct sq_arg *args,
           struct err *err)
{
    struct sq_rows *st = sq_query(c, sql, args, err);
    int more = st == NULL ? -1 : 1;

    while (more > 0)
        more = sq_step(c, st, err);
    return more;
}

int sq_run_later(struct sq_conn *c, const char *sql, const struct sq_arg *args,
                 struct err *err)
{
    return (c->ops->later != NULL ? c->ops->later : sq_run)(c, sql, args, err);
}

int sq_number(struct sq_conn *c, const char *sql, const struct sq_arg *args,
              int64_t *ret, struct err *err)
{
    struct sq_rows *st = sq_query(c, sql, args, err);
    int found = st == NULL ? -1 : sq_step(c, st, err);

    if (found > 0) {
        *ret = sq_int64(st, 0);
        sq_reset(st);
    }
    return found;
}

int sq_text(struct sq_conn *c, const char *sql, const struct sq_arg *args,
            char **ret, struct err *err)
{
    struct sq_rows *st = sq_query(c, sql, args, err);
    int found = st == NULL ? -1 : sq_step(c, st, err);

    if (found > 0) {
        *ret = sq_column_dup(st, 0);
        sq_reset(st);
    }
    return found;
}

char *sq_column_dup(struct sq_rows *st, int column)
{
    return g_strdup(st->ops->text(st, column));
}

int sq_column_enum(struct sq_conn *c, struct sq_rows *st, int column,
                   unsigned int *ret, unsigned int n, struct err *err)
{
    int64_t value = sq_int64(st, column);

    if (value < 0 || value >= (int64_t)n)
        return sq_damaged(c, "a row holds a number that means nothing", err);
    *ret = (unsigned int)value;
    return 0;
}

int sq_column_ledger(struct sq_conn *c, struct sq_rows *st, int column,
                     struct ledger_item *ret, struct err *err)
{
    unsigned int state = 0;

    if (sq_column_enum(c, st, column, &state, ITEM_N_STATES, err) < 0)
        return -1;
    ret->state = (enum item_state)state;
    ret->pending = (unsigned int)sq_int64(st, column + 1);
    ret->tries = (unsigned int)sq_int64(st, column + 2);
    return 0;
}

/* ---- transactions ---------------------------------------------------- */

static struct sq_conn *begin(struct store *base, enum db_use use,
                             struct err *err)
{
    struct sq_store *s = (struct sq_store *)base;
    struct sq_conn *c = s->db->ops->begin(s->db, use, err);

    if (c != NULL)
        c->migration_id = s->migration_id;
    return c;
}

struct sq_conn *sq_begin_write(struct store *base, struct err *err)
{
    return begin(base, DB_WRITE, err);
}

struct sq_conn *sq_begin_read(struct store *base, struct err *err)
{
    return begin(base, DB_READ, err);
}

int sq_migration_lock(struct sq_conn *c, struct err *err)
{
    int64_t id;
    int found =
        sq_number(c, "SELECT id FROM migration WHERE id = ?" DB_FOR_UPDATE,
                  ARGS(INT(c->migration_id)), &id, err);

    if (found == 0)
        return store_refuse_missing(err, "migration", c->migration_id);
    return found < 0 ? -1 : 0;
}

static int check_lease(struct sq_conn *c, const struct store_lease *lease,
                       struct err *err)
{
    int64_t current;
    int found = sq_number(c,
                          "SELECT lease FROM mailboxes"
                          " WHERE id = ? AND migration = ?" DB_FOR_UPDATE,
                          ARGS(INT(lease->mailbox_id), INT(c->migration_id)),
                          &current, err);

    if (found < 0)
        return -1;
    if (found == 0)
        return store_refuse_missing(err, "mailbox", lease->mailbox_id);
    if (current != lease->number)
        return store_refuse_lease(err, lease, current);
    return 0;
}

struct sq_conn *sq_begin_leased(struct store *base,
                                const struct store_lease *lease,
                                struct err *err)
{
    struct sq_conn *c = sq_begin_write(base, err);

    if (c == NULL || check_lease(c, lease, err) == 0)
        return c;
    if (g_strcmp0(err->name, "lease-lost") == 0)
        atomic_fetch_add(&((struct sq_store *)base)->db->late_writes, 1);
    return sq_end(c, -1, err) < 0 ? NULL : c; /* -1: as it was given */
}
