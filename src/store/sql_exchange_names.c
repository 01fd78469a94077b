/* Whom items name by the old organisation's own names. */
#include "store/sql_ops.h"

/*
 * None is ever deleted, so the largest number is how many there are.  The
 * address of a known one is filled in once.
 */
static int add(struct sq_conn *c, const struct store_exchange_name *name,
               struct err *err)
{
    if (!store_exchange_name_fits(name))
        return 0;
    return sq_run(c,
                  "INSERT INTO exchange_names (migration, number, dn, address)"
                  " SELECT ?1, coalesce(max(number), 0) + 1, ?2, ?3"
                  " FROM exchange_names WHERE migration = ?1"
                  " HAVING coalesce(max(number), 0) < ?4"
                  " ON CONFLICT (migration, lower(dn))"
                  " DO UPDATE SET address = excluded.address"
                  " WHERE exchange_names.address IS NULL"
                  " AND excluded.address IS NOT NULL",
                  ARGS(INT(c->migration_id), TEXT(name->dn),
                       TEXT(name->address), INT(STORE_EXCHANGE_NAMES_MAX)),
                  err);
}

int sq_names_add(struct sq_conn *c, const struct store_exchange_name *names,
                 size_t n, struct err *err)
{
    if (n > 0 && sq_migration_lock(c, err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++)
        if (add(c, &names[i], err) < 0)
            return -1;
    return 0;
}

int sq_exchange_names_add(struct store *base, const struct store_lease *lease,
                          const struct store_exchange_name *names, size_t n,
                          struct err *err)
{
    struct sq_conn *c = sq_begin_leased(base, lease, err);

    if (c == NULL)
        return -1;
    return sq_end(c, sq_names_add(c, names, n, err), err);
}

static int read_all(struct sq_conn *c, GPtrArray *to, struct err *err)
{
    struct sq_rows *st = sq_query(
        c,
        "SELECT dn, address, asked_us FROM exchange_names WHERE migration = ?"
        " ORDER BY number",
        ARGS(INT(c->migration_id)), err);
    int more;

    if (st == NULL)
        return -1;
    while ((more = sq_step(c, st, err)) > 0) {
        struct store_exchange_name *name =
            g_new0(struct store_exchange_name, 1);

        name->dn = sq_column_dup(st, 0);
        name->address = sq_column_dup(st, 1);
        name->asked_us = sq_int64(st, 2);
        g_ptr_array_add(to, name);
    }
    return more;
}

int sq_exchange_names(struct store *base, GPtrArray **ret, struct err *err)
{
    struct sq_conn *c = sq_begin_read(base, err);
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(
        (GDestroyNotify)store_exchange_name_free);

    if (c == NULL || sq_end(c, read_all(c, all, err), err) < 0)
        return -1;
    *ret = g_steal_pointer(&all);
    return 0;
}

int sq_exchange_name_asked(struct store *base, const struct store_lease *lease,
                           const char *dn, int64_t at_us, struct err *err)
{
    struct sq_conn *c = sq_begin_leased(base, lease, err);

    if (c == NULL)
        return -1;
    return sq_end(c,
                  sq_run(c,
                         "UPDATE exchange_names SET asked_us = ?"
                         " WHERE migration = ? AND lower(dn) = lower(?)",
                         ARGS(INT(at_us), INT(c->migration_id), TEXT(dn)), err),
                  err);
}

/* *ret: what the import file calls the mailbox; the caller frees. */
static int source_of(struct sq_conn *c, int64_t mailbox_id, char **ret,
                     struct err *err)
{
    struct sq_rows *st =
        sq_query(c, "SELECT source FROM mailboxes WHERE id = ?",
                 ARGS(INT(mailbox_id)), err);
    int found = st == NULL ? -1 : sq_step(c, st, err);

    if (found <= 0)
        return found;
    *ret = sq_column_dup(st, 0);
    sq_reset(st);
    return 1;
}

static int set_dn(struct sq_conn *c, int64_t mailbox_id, const char *dn,
                  struct err *err)
{
    g_autofree char *own = g_strdup(dn);
    g_autofree char *source = NULL;
    struct store_exchange_name name = { .dn = own };

    if (source_of(c, mailbox_id, &source, err) < 0)
        return -1;
    name.address = source;
    if (!store_exchange_name_fits(&name))
        return 0;
    if (sq_run(c, "UPDATE mailboxes SET legacy_dn = ? WHERE id = ?",
               ARGS(TEXT(dn), INT(mailbox_id)), err) < 0)
        return -1;
    return sq_names_add(c, &name, 1, err);
}

int sq_mailbox_set_dn(struct store *base, const struct store_lease *lease,
                      const char *dn, struct err *err)
{
    struct sq_conn *c = sq_begin_leased(base, lease, err);

    if (c == NULL)
        return -1;
    return sq_end(c, set_dn(c, lease->mailbox_id, dn, err), err);
}
