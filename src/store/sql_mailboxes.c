#include "store/sql_ops.h"

/* ---- the migration ------------------------------------------------- */

static int read_migration(struct sq_conn *c, struct store_migration *ret,
                          struct err *err)
{
    struct sq_rows *st =
        sq_query(c,
                 "SELECT source_url, destination_url, created_us"
                 " FROM migration WHERE id = ? AND source_url IS NOT NULL",
                 ARGS(INT(c->migration_id)), err);
    int found = st == NULL ? -1 : sq_step(c, st, err);

    if (found <= 0)
        return found;
    *ret = (struct store_migration){
        .source_url = sq_column_dup(st, 0),
        .destination_url = sq_column_dup(st, 1),
        .created_us = sq_int64(st, 2),
    };
    sq_reset(st);
    return 1;
}

int sq_migration_get(struct store *base, struct store_migration *ret,
                     struct err *err)
{
    struct sq_conn *c = sq_begin_read(base, err);

    return c == NULL ? -1 : sq_end(c, read_migration(c, ret, err), err);
}

static int set_migration(struct sq_conn *c, const struct store_migration *m,
                         struct err *err)
{
    struct store_migration is = { 0 };
    int found, result = 0;

    if (sq_migration_lock(c, err) < 0)
        return -1;
    found = read_migration(c, &is, err);
    if (found < 0)
        return -1;
    if (found == 0)
        return sq_run(c,
                      "UPDATE migration SET source_url = ?,"
                      " destination_url = ?, created_us = ? WHERE id = ?",
                      ARGS(TEXT(m->source_url), TEXT(m->destination_url),
                           INT(m->created_us), INT(c->migration_id)),
                      err);
    if (strcmp(is.source_url, m->source_url) != 0 ||
        strcmp(is.destination_url, m->destination_url) != 0)
        result = store_refuse_migration(err, &is, m);
    store_migration_clear(&is);
    return result;
}

int sq_migration_set(struct store *base, const struct store_migration *m,
                     struct err *err)
{
    struct sq_conn *c = sq_begin_write(base, err);

    return c == NULL ? -1 : sq_end(c, set_migration(c, m, err), err);
}

int sq_migration_set_quiet(struct store *base, const char *quiet,
                           struct err *err)
{
    struct sq_conn *c = sq_begin_write(base, err);

    return c == NULL
               ? -1
               : sq_end(c,
                        sq_run(c, "UPDATE migration SET quiet = ? WHERE id = ?",
                               ARGS(TEXT(quiet), INT(c->migration_id)), err),
                        err);
}

static int read_quiet(struct sq_conn *c, char **ret, struct err *err)
{
    struct sq_rows *st = sq_query(c, "SELECT quiet FROM migration WHERE id = ?",
                                  ARGS(INT(c->migration_id)), err);
    int found = st == NULL ? -1 : sq_step(c, st, err);

    if (found < 0)
        return -1;
    *ret = found > 0 ? sq_column_dup(st, 0) : NULL;
    if (found > 0)
        sq_reset(st);
    return 0;
}

int sq_migration_quiet(struct store *base, char **ret, struct err *err)
{
    struct sq_conn *c = sq_begin_read(base, err);

    return c == NULL ? -1 : sq_end(c, read_quiet(c, ret, err), err);
}

/* ---- mailboxes ------------------------------------------------------ */

static int find_mailbox(struct sq_conn *c, const char *source,
                        const char *destination, int64_t *ret_id,
                        struct err *err)
{
    return sq_number(
        c,
        "SELECT id FROM mailboxes WHERE migration = ?"
        " AND lower(source) = lower(?) AND lower(destination) = lower(?)",
        ARGS(INT(c->migration_id), TEXT(source), TEXT(destination)), ret_id,
        err);
}

static int add_mailbox(struct sq_conn *c, const char *source,
                       const char *destination, uint32_t line, int64_t *ret_id,
                       struct err *err)
{
    int found;

    if (sq_migration_lock(c, err) < 0)
        return -1;
    found = find_mailbox(c, source, destination, ret_id, err);
    if (found < 0)
        return -1;
    if (found > 0 && line == 0)
        return 0;
    if (found > 0)
        return sq_run(c, "UPDATE mailboxes SET line = ? WHERE id = ?",
                      ARGS(INT(line), INT(*ret_id)), err);
    found = sq_number(
        c,
        "INSERT INTO mailboxes (migration, source, destination,"
        " line) VALUES (?, ?, ?, ?) RETURNING id",
        ARGS(INT(c->migration_id), TEXT(source), TEXT(destination), INT(line)),
        ret_id, err);
    return found < 0 ? -1 : 0;
}

int sq_mailbox_add(struct store *base, const char *source_address,
                   const char *destination_address, uint32_t line,
                   int64_t *ret_id, struct err *err)
{
    struct sq_conn *c = sq_begin_write(base, err);
    int64_t id = 0;

    if (c == NULL || sq_end(c,
                            add_mailbox(c, source_address, destination_address,
                                        line, &id, err),
                            err) < 0)
        return -1;
    *ret_id = id;
    return 0;
}

#define MAILBOX_COLUMNS                                                        \
    "id, line, source, destination, state, lease, reason, remedy,"             \
    " source_rights, source_version, destination_rights, destination_version," \
    " legacy_dn"

static struct store_mailbox *mailbox_of(struct sq_conn *c, struct sq_rows *st,
                                        struct err *err)
{
    unsigned int state = 0;
    struct store_mailbox *m;

    if (sq_column_enum(c, st, 4, &state, MAILBOX_N_STATES, err) < 0)
        return NULL;
    m = g_new(struct store_mailbox, 1);
    *m = (struct store_mailbox){
        .id = sq_int64(st, 0),
        .line = (uint32_t)sq_int64(st, 1),
        .source_address = sq_column_dup(st, 2),
        .destination_address = sq_column_dup(st, 3),
        .state = (enum mailbox_state)state,
        .lease = sq_int64(st, 5),
        .reason = sq_column_dup(st, 6),
        .remedy = sq_column_dup(st, 7),
        .source_rights = sq_column_dup(st, 8),
        .source_version = sq_column_dup(st, 9),
        .destination_rights = sq_column_dup(st, 10),
        .destination_version = sq_column_dup(st, 11),
        .legacy_dn = sq_column_dup(st, 12),
    };
    return m;
}

static int read_mailboxes(struct sq_conn *c, GPtrArray *found, struct err *err)
{
    struct sq_rows *st = sq_query(c,
                                  "SELECT " MAILBOX_COLUMNS " FROM mailboxes"
                                  " WHERE migration = ? ORDER BY id",
                                  ARGS(INT(c->migration_id)), err);
    int more;

    if (st == NULL)
        return -1;
    while ((more = sq_step(c, st, err)) > 0) {
        struct store_mailbox *m = mailbox_of(c, st, err);

        if (m == NULL) {
            sq_reset(st);
            return -1;
        }
        g_ptr_array_add(found, m);
    }
    return more;
}

int sq_mailboxes(struct store *base, GPtrArray **ret, struct err *err)
{
    struct sq_conn *c = sq_begin_read(base, err);
    g_autoptr(GPtrArray) found =
        g_ptr_array_new_with_free_func((GDestroyNotify)store_mailbox_free);

    if (c == NULL || sq_end(c, read_mailboxes(c, found, err), err) < 0)
        return -1;
    *ret = g_steal_pointer(&found);
    return 0;
}

static int read_mailbox(struct sq_conn *c, int64_t id,
                        struct store_mailbox **ret, struct err *err)
{
    struct sq_rows *st = sq_query(c,
                                  "SELECT " MAILBOX_COLUMNS " FROM mailboxes"
                                  " WHERE id = ? AND migration = ?",
                                  ARGS(INT(id), INT(c->migration_id)), err);
    int found = st == NULL ? -1 : sq_step(c, st, err);
    struct store_mailbox *m;

    if (found < 0)
        return -1;
    if (found == 0)
        return store_refuse_missing(err, "mailbox", id);
    m = mailbox_of(c, st, err);
    sq_reset(st);
    if (m == NULL)
        return -1;
    *ret = m;
    return 0;
}

int sq_mailbox_get(struct store *base, int64_t id, struct store_mailbox **ret,
                   struct err *err)
{
    struct sq_conn *c = sq_begin_read(base, err);

    return c == NULL ? -1 : sq_end(c, read_mailbox(c, id, ret, err), err);
}

static int take_lease(struct sq_conn *c, int64_t mailbox_id, int64_t *ret,
                      struct err *err)
{
    int found =
        sq_number(c,
                  "UPDATE mailboxes SET lease = lease + 1"
                  " WHERE id = ? AND migration = ? RETURNING lease",
                  ARGS(INT(mailbox_id), INT(c->migration_id)), ret, err);

    if (found == 0)
        return store_refuse_missing(err, "mailbox", mailbox_id);
    return found < 0 ? -1 : 0;
}

int sq_mailbox_lease(struct store *base, int64_t mailbox_id,
                     struct store_lease *ret, struct err *err)
{
    struct sq_conn *c = sq_begin_write(base, err);
    int64_t number = 0;

    if (c == NULL ||
        sq_end(c, take_lease(c, mailbox_id, &number, err), err) < 0)
        return -1;
    *ret = (struct store_lease){ mailbox_id, number };
    return 0;
}

int sq_mailbox_set_state(struct store *base, const struct store_lease *lease,
                         enum mailbox_state state, const char *reason,
                         const char *remedy, struct err *err)
{
    struct sq_conn *c = sq_begin_leased(base, lease, err);
    g_autofree char *why = store_text_dup(reason);
    g_autofree char *what = store_text_dup(remedy);

    if (c == NULL)
        return -1;
    return sq_end(
        c,
        sq_run(c,
               "UPDATE mailboxes SET state = ?, reason = ?,"
               " remedy = ? WHERE id = ?",
               ARGS(INT(state), TEXT(why), TEXT(what), INT(lease->mailbox_id)),
               err),
        err);
}

int sq_mailbox_set_facts(struct store *base, const struct store_lease *lease,
                         const char *source_rights, const char *source_version,
                         const char *destination_rights,
                         const char *destination_version, struct err *err)
{
    struct sq_conn *c = sq_begin_leased(base, lease, err);
    g_autofree char *rights_a = store_text_dup(source_rights);
    g_autofree char *version_a = store_text_dup(source_version);
    g_autofree char *rights_b = store_text_dup(destination_rights);
    g_autofree char *version_b = store_text_dup(destination_version);

    if (c == NULL)
        return -1;
    return sq_end(
        c,
        sq_run(c,
               "UPDATE mailboxes SET"
               " source_rights = coalesce(?, source_rights),"
               " source_version = coalesce(?, source_version),"
               " destination_rights = coalesce(?, destination_rights),"
               " destination_version = coalesce(?, destination_version)"
               " WHERE id = ?",
               ARGS(TEXT(rights_a), TEXT(version_a), TEXT(rights_b),
                    TEXT(version_b), INT(lease->mailbox_id)),
               err),
        err);
}
