/*
 * Passwords at rest: sealed for the table, whose they are and of which side,
 * so that a row moved to another place opens nothing.
 */
#include <string.h>

#include "base/step.h"
#include "store/migrations_priv.h"

char *migrations_owner_text(const struct secret_owner *owner)
{
    return owner->mailbox_id != 0 ? migration_mailbox_subject(owner->mailbox_id)
                                  : migration_subject(owner->migration_id);
}

static struct seal_place place_of(const char *owner, const char *name)
{
    return (struct seal_place){ "secrets", name, owner };
}

int migrations_seal(const struct migrations *p, struct sq_conn *c,
                    const struct secret_owner *owner, const char *name,
                    const struct secret *password, struct err *err)
{
    g_autofree char *text = migrations_owner_text(owner);
    const struct seal_place place = place_of(text, name);
    g_autoptr(GBytes) sealed = NULL;

    if (password == NULL)
        return sq_run(c,
                      "DELETE FROM secrets WHERE migration = ? AND owner = ?"
                      " AND name = ?",
                      ARGS(INT(owner->migration_id), TEXT(text), TEXT(name)),
                      err);
    if (seal_close(p->keys, &place, secret_peek(password),
                   strlen(secret_peek(password)), &sealed, err) < 0)
        return -1;
    return sq_run(
        c,
        "INSERT INTO secrets (migration, owner, name, value)"
        " VALUES (?, ?, ?, ?)"
        " ON CONFLICT (migration, owner, name)"
        " DO UPDATE SET value = excluded.value",
        ARGS(INT(owner->migration_id), TEXT(text), TEXT(name),
             BLOB(g_bytes_get_data(sealed, NULL), g_bytes_get_size(sealed))),
        err);
}

/* ---- opening ------------------------------------------------------------- */

struct found_login {
    char *user;
    GBytes *sealed; /* NULL: there is none */
};

static int find(struct sq_conn *c, const char *sql, const struct sq_arg *args,
                struct found_login *ret, struct err *err)
{
    struct sq_rows *rows = sq_query(c, sql, args, err);
    int found = rows == NULL ? -1 : sq_step(c, rows, err);

    if (found <= 0)
        return found;
    ret->user = sq_column_dup(rows, 0);
    ret->sealed = roster_bytes(rows, 1);
    sq_reset(rows);
    return 1;
}

#define SECRET_OF(table, row)                                                  \
    " FROM " table " LEFT JOIN secrets s ON s.migration = ?1"                  \
    " AND s.owner = ?2 AND s.name = ?3 WHERE " row

static const char *const of_mailbox[MIGRATION_N_SIDES] = {
    "SELECT source_user, s.value" SECRET_OF("mailbox_plans", "mailbox = ?4"),
    "SELECT destination_user, s.value" SECRET_OF("mailbox_plans",
                                                 "mailbox = ?4"),
};
static const char *const of_migration[MIGRATION_N_SIDES] = {
    "SELECT source_admin, s.value" SECRET_OF("plans", "plans.migration = ?4"),
    "SELECT destination_admin, s.value" SECRET_OF("plans",
                                                  "plans.migration = ?4"),
};

int migrations_login(struct migrations *p, int64_t migration_id,
                     int64_t mailbox_id, enum migration_side side,
                     char **ret_user, struct secret **ret_password,
                     struct err *err)
{
    g_autofree char *owner = migrations_owner_text(
        &(struct secret_owner){ migration_id, mailbox_id });
    const char *name = migration_side_names[side];
    const struct seal_place place = place_of(owner, name);
    struct found_login found = { 0 };
    struct sq_conn *c = p->db->ops->begin(p->db, DB_READ, err);
    int result;

    if (c == NULL)
        return -1;
    result = sq_end(c,
                    find(c, (mailbox_id != 0 ? of_mailbox : of_migration)[side],
                         ARGS(INT(migration_id), TEXT(owner), TEXT(name),
                              INT(mailbox_id != 0 ? mailbox_id : migration_id)),
                         &found, err),
                    err);
    if (result > 0 && found.sealed == NULL)
        result = 0;
    if (result > 0 &&
        seal_open(p->keys, &place, g_bytes_get_data(found.sealed, NULL),
                  g_bytes_get_size(found.sealed), ret_password, err) < 0)
        result = err_in(err, "%s: password of the %s", owner, name);
    if (result > 0)
        *ret_user = g_steal_pointer(&found.user);
    g_free(found.user);
    g_bytes_unref(found.sealed);
    return result;
}

int migrations_purge(struct migrations *p, const struct roster_actor *who,
                     int64_t id, struct err *err)
{
    g_autofree char *subject = migration_subject(id);
    struct sq_conn *c = p->db->ops->begin(p->db, DB_WRITE, err);
    int result;

    if (c == NULL)
        return -1;
    result = migrations_must_have(c, id, err);
    if (result == 0)
        result = sq_run(c, "DELETE FROM secrets WHERE migration = ?",
                        ARGS(INT(id)), err);
    if (result == 0)
        result = roster_audit_line(
            c, &(struct audit_line){ who, "migration.purge", subject, NULL },
            err);
    if (sq_end(c, result, err) < 0)
        return -1;
    step("secret");
    return 0;
}

/* ---- another key --------------------------------------------------------- */

struct sealed {
    int64_t id; /* of the migration, the operator, the mail */
    char *owner, *name;
    GBytes *value;
};

static void sealed_free(void *p)
{
    struct sealed *s = p;

    g_free(s->owner);
    g_free(s->name);
    g_bytes_unref(s->value);
    g_free(s);
}

static int read_sealed(struct sq_conn *c, struct sq_rows *rows, GPtrArray *to,
                       struct err *err)
{
    struct sealed *s = g_new(struct sealed, 1);

    (void)c;
    (void)err;
    *s = (struct sealed){ sq_int64(rows, 0), sq_column_dup(rows, 1),
                          sq_column_dup(rows, 2), roster_bytes(rows, 3) };
    g_ptr_array_add(to, s);
    return 0;
}

/* NULL and 0: the sealing key has sealed it already. */
static int seal_anew(const struct migrations *p, const struct sealed *s,
                     const struct seal_place *place, GBytes **ret,
                     struct err *err)
{
    const void *bytes = g_bytes_get_data(s->value, NULL);
    size_t n = g_bytes_get_size(s->value);
    g_autoptr(secret) plain = NULL;

    if (seal_is_current(p->keys, bytes, n))
        return 0;
    if (seal_open(p->keys, place, bytes, n, &plain, err) < 0 ||
        seal_close(p->keys, place, secret_peek(plain),
                   strlen(secret_peek(plain)), ret, err) < 0)
        return err_in(err, "%s of %s", s->name, s->owner);
    return 0;
}

/* A table of sealed values, and how one is written back. */
struct sealed_table {
    const char *table, *read, *write; /* of write: value, id, owner, name */
    const char *heads;                /* which keys have sealed them */
};

G_STATIC_ASSERT(SEAL_HEAD == 9);
#define HEADS(table, column)                                                   \
    "SELECT DISTINCT substr(" column ", 1, 9) FROM " table " WHERE " column    \
    " IS NOT NULL"

static const struct sealed_table sealed_tables[] = {
    { "secrets",
      "SELECT migration, owner, name, value FROM secrets"
      " ORDER BY migration, owner, name",
      "UPDATE secrets SET value = ?1"
      " WHERE migration = ?2 AND owner = ?3 AND name = ?4",
      HEADS("secrets", "value") },
    { "operators",
      "SELECT id, name, 'totp', totp FROM operators WHERE totp IS NOT NULL"
      " ORDER BY id",
      "UPDATE operators SET totp = ?1"
      " WHERE id = ?2 AND name = ?3 AND ?4 = 'totp'",
      HEADS("operators", "totp") },
    { "outbox", "SELECT id, ref, 'body', body FROM outbox ORDER BY id",
      "UPDATE outbox SET body = ?1"
      " WHERE id = ?2 AND ref = ?3 AND ?4 = 'body'",
      HEADS("outbox", "body") },
    { "request_secrets",
      "SELECT request, owner, name, value FROM request_secrets"
      " ORDER BY request, name",
      "UPDATE request_secrets SET value = ?1"
      " WHERE request = ?2 AND owner = ?3 AND name = ?4",
      HEADS("request_secrets", "value") },
    { "file_pieces",
      "SELECT p.file, f.ref || '/' || p.n, 'value', p.value"
      " FROM file_pieces p JOIN request_files f ON f.id = p.file"
      " ORDER BY p.file, p.n",
      "UPDATE file_pieces SET value = ?1 WHERE file = ?2 AND"
      " (SELECT ref FROM request_files WHERE id = ?2) || '/' || n = ?3"
      " AND ?4 = 'value'",
      HEADS("file_pieces", "value") },
};

static int reseal_table(const struct migrations *p, struct sq_conn *c,
                        const struct sealed_table *t, uint64_t *n,
                        struct err *err)
{
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(sealed_free);

    if (roster_read(c, t->read, NO_ARGS, read_sealed, all, err) < 0)
        return -1;
    for (guint i = 0; i < all->len; i++) {
        const struct sealed *s = all->pdata[i];
        const struct seal_place place = { t->table, s->name, s->owner };
        g_autoptr(GBytes) sealed = NULL;

        if (seal_anew(p, s, &place, &sealed, err) < 0)
            return -1;
        if (sealed == NULL)
            continue;
        if (sq_run(c, t->write,
                   ARGS(BLOB(g_bytes_get_data(sealed, NULL),
                             g_bytes_get_size(sealed)),
                        INT(s->id), TEXT(s->owner), TEXT(s->name)),
                   err) < 0)
            return -1;
        ++*n;
    }
    return 0;
}

int database_check_keys(struct database *d, const struct keyring *keys,
                        struct err *err)
{
    g_autoptr(GPtrArray) heads =
        g_ptr_array_new_with_free_func(roster_free_bytes);
    struct db *db = sq_database_db(d);
    struct sq_conn *c = db->ops->begin(db, DB_READ, err);
    int result = 0;

    if (c == NULL)
        return -1;
    for (size_t i = 0; i < G_N_ELEMENTS(sealed_tables) && result == 0; i++)
        result = roster_read(c, sealed_tables[i].heads, NO_ARGS,
                             roster_read_bytes, heads, err);
    if (sq_end(c, result, err) < 0)
        return -1;
    for (guint i = 0; i < heads->len; i++) {
        gsize n;
        const void *head = g_bytes_get_data(heads->pdata[i], &n);

        if (seal_has_key(keys, head, n, err) < 0)
            return err_in(err, "a secret of the database");
    }
    return 0;
}

int migrations_reseal(struct migrations *p, const struct roster_actor *who,
                      uint64_t *ret_n, struct err *err)
{
    struct sq_conn *c = p->db->ops->begin(p->db, DB_WRITE, err);
    g_autofree char *detail = NULL;
    uint64_t n = 0;
    int result = 0;

    if (c == NULL)
        return -1;
    for (size_t i = 0; i < G_N_ELEMENTS(sealed_tables) && result == 0; i++)
        result = reseal_table(p, c, &sealed_tables[i], &n, err);
    if (result == 0) {
        detail = g_strdup_printf("%" G_GUINT64_FORMAT " secrets", n);
        result = roster_audit_line(
            c, &(struct audit_line){ who, "key.reseal", "database", detail },
            err);
    }
    if (sq_end(c, result, err) < 0)
        return -1;
    step("secret");
    *ret_n = n;
    return 0;
}
