#include <string.h>

#include "base/step.h"
#include "base/timestamp.h"
#include "store/roster_priv.h"

#define HASH(h) BLOB(h, TOKEN_HASH_BYTES)

int roster_end_all(struct sq_conn *c, int64_t operator_id, struct err *err)
{
    if (sq_run(c, "DELETE FROM sessions WHERE operator = ?",
               ARGS(INT(operator_id)), err) < 0)
        return -1;
    return sq_run(c,
                  "UPDATE api_tokens SET revoked_us = ? WHERE operator = ?"
                  " AND revoked_us = 0",
                  ARGS(INT(timestamp_now()), INT(operator_id)), err);
}

/* Columns: operator, role, scopes, name, contact, account, its roles. */
static int read_holder(struct sq_conn *c, const char *sql,
                       const struct sq_arg *args, struct holder *ret,
                       struct err *err)
{
    struct sq_rows *rows = sq_query(c, sql, args, err);
    int found = rows == NULL ? -1 : sq_step(c, rows, err);
    g_autofree char *name = NULL;
    unsigned int role;

    if (found <= 0)
        return found;
    if (sq_column_enum(c, rows, 1, &role, ROSTER_ROLE_N, err) < 0) {
        sq_reset(rows);
        return -1;
    }
    name = sq_column_dup(rows, 3);
    ret->operator_id = sq_int64(rows, 0);
    ret->contact_id = sq_int64(rows, 4);
    ret->account_id = sq_int64(rows, 5);
    ret->contact_roles = (unsigned)sq_int64(rows, 6);
    ret->role = (enum roster_role)role;
    ret->scopes = (uint32_t)sq_int64(rows, 2);
    g_strlcpy(ret->name, name, sizeof(ret->name));
    sq_reset(rows);
    return 1;
}

static int find(struct roster *p, const char *sql, const struct sq_arg *args,
                struct holder *ret, struct err *err)
{
    struct sq_conn *c = roster_begin(p, DB_READ, err);
    struct holder holder = { 0 };
    int found;

    if (c == NULL)
        return -1;
    found = sq_end(c, read_holder(c, sql, args, &holder, err), err);
    if (found > 0)
        *ret = holder;
    return found;
}

/* ---- sessions ------------------------------------------------------------ */

static int contact_subject(struct sq_conn *c, int64_t contact_id, char **ret,
                           struct err *err)
{
    g_autofree char *name = NULL;
    int found = sq_text(c, "SELECT address FROM contacts WHERE id = ?",
                        ARGS(INT(contact_id)), &name, err);

    if (found == 0)
        return store_refuse_missing(err, "contact", contact_id);
    if (found < 0)
        return -1;
    *ret = g_strconcat("contact ", name, NULL);
    return 0;
}

static int subject_of(struct sq_conn *c, int64_t operator_id, char **ret,
                      struct err *err)
{
    g_autofree char *name = NULL;
    int found = sq_text(c, "SELECT name FROM operators WHERE id = ?",
                        ARGS(INT(operator_id)), &name, err);

    if (found == 0)
        return store_refuse_missing(err, "operator", operator_id);
    if (found < 0)
        return -1;
    *ret = g_strconcat("operator ", name, NULL);
    return 0;
}

int roster_session_write(struct sq_conn *c, const struct roster_actor *who,
                         const struct session_wish *w, struct err *err)
{
    bool contact = w->operator_id == 0;
    g_autofree char *subject = NULL;

    if ((contact ? contact_subject(c, w->contact_id, &subject, err)
                 : subject_of(c, w->operator_id, &subject, err)) < 0)
        return -1;
    if (sq_run(c,
               "INSERT INTO sessions (hash, operator, contact, created_us,"
               " expires_us) VALUES (?, ?, ?, ?, ?)",
               ARGS(HASH(w->hash), OPT_INT(!contact, w->operator_id),
                    OPT_INT(contact, w->contact_id), INT(w->now_us),
                    INT(w->expires_us)),
               err) < 0)
        return -1;
    return roster_audit_line(
        c, &(struct audit_line){ who, "session.begin", subject, NULL }, err);
}

int roster_session_add(struct roster *p, const struct roster_actor *who,
                       const struct session_wish *wish, struct err *err)
{
    struct sq_conn *c = roster_begin(p, DB_WRITE, err);

    if (c == NULL ||
        sq_end(c, roster_session_write(c, who, wish, err), err) < 0)
        return -1;
    step("session");
    return 0;
}

int roster_session_find(struct roster *p, const uint8_t hash[TOKEN_HASH_BYTES],
                        int64_t now_us, struct holder *ret, struct err *err)
{
    return find(p,
                "SELECT coalesce(o.id, 0), coalesce(o.role, 0), 0,"
                " coalesce(o.name, k.address), coalesce(k.id, 0),"
                " coalesce(k.account, 0), coalesce(k.roles, 0)"
                " FROM sessions s"
                " LEFT JOIN operators o ON o.id = s.operator"
                " LEFT JOIN contacts k ON k.id = s.contact"
                " WHERE s.hash = ? AND s.expires_us > ?"
                " AND coalesce(o.disabled_us, k.disabled_us) = 0",
                ARGS(HASH(hash), INT(now_us)), ret, err);
}

static int end_session(struct sq_conn *c, const struct roster_actor *who,
                       const uint8_t *hash, struct err *err)
{
    if (sq_run(c, "DELETE FROM sessions WHERE hash = ?", ARGS(HASH(hash)),
               err) < 0)
        return -1;
    if (sq_changes(c) == 0)
        return 0;
    return roster_audit_line(
        c, &(struct audit_line){ who, "session.end", who->name, NULL }, err);
}

int roster_session_end(struct roster *p, const struct roster_actor *who,
                       const uint8_t hash[TOKEN_HASH_BYTES], struct err *err)
{
    struct sq_conn *c = roster_begin(p, DB_WRITE, err);

    if (c == NULL || sq_end(c, end_session(c, who, hash, err), err) < 0)
        return -1;
    step("session");
    return 0;
}

static int sweep(struct sq_conn *c, int64_t now_us, struct err *err)
{
    if (sq_run(c, "DELETE FROM sessions WHERE expires_us <= ?",
               ARGS(INT(now_us)), err) < 0)
        return -1;
    if (sq_run(c, "DELETE FROM links WHERE expires_us <= ?", ARGS(INT(now_us)),
               err) < 0)
        return -1;
    return roster_once_sweep(c, now_us, err);
}

int roster_sessions_sweep(struct roster *p, int64_t now_us, struct err *err)
{
    struct sq_conn *c = roster_begin(p, DB_WRITE, err);

    return c == NULL ? -1 : sq_end(c, sweep(c, now_us, err), err);
}

/* ---- API tokens ---------------------------------------------------------- */

void api_token_free(struct api_token *t)
{
    if (t == NULL)
        return;
    g_free(t->label);
    g_free(t);
}

static void free_token(void *p)
{
    api_token_free(p);
}

static int add_token(struct sq_conn *c, const struct roster_actor *who,
                     const struct api_token *t, const uint8_t *hash,
                     int64_t *ret_id, struct err *err)
{
    g_autofree char *subject = NULL;

    if (subject_of(c, t->operator_id, &subject, err) < 0)
        return -1;
    if (sq_number(c,
                  "INSERT INTO api_tokens (hash, operator, label, scopes,"
                  " created_us, expires_us) VALUES (?, ?, ?, ?, ?, ?)"
                  " RETURNING id",
                  ARGS(HASH(hash), INT(t->operator_id), TEXT(t->label),
                       INT(t->scopes), INT(t->created_us), INT(t->expires_us)),
                  ret_id, err) < 0)
        return -1;
    return roster_audit_line(
        c, &(struct audit_line){ who, "token.add", subject, t->label }, err);
}

int roster_token_add(struct roster *p, const struct roster_actor *who,
                     const struct api_token *t,
                     const uint8_t hash[TOKEN_HASH_BYTES], int64_t *ret_id,
                     struct err *err)
{
    struct sq_conn *c;
    int64_t id = 0;

    if (store_check(err, "label", t->label, ROSTER_TEXT_MAX) < 0)
        return -1;
    c = roster_begin(p, DB_WRITE, err);
    if (c == NULL || sq_end(c, add_token(c, who, t, hash, &id, err), err) < 0)
        return -1;
    step("token");
    *ret_id = id;
    return 0;
}

int roster_token_find(struct roster *p, const uint8_t hash[TOKEN_HASH_BYTES],
                      int64_t now_us, struct holder *ret, struct err *err)
{
    return find(p,
                "SELECT o.id, o.role, t.scopes, o.name, 0, 0, 0"
                " FROM api_tokens t"
                " JOIN operators o ON o.id = t.operator"
                " WHERE t.hash = ?1 AND t.revoked_us = 0"
                " AND (t.expires_us = 0 OR t.expires_us > ?2)"
                " AND o.disabled_us = 0",
                ARGS(HASH(hash), INT(now_us)), ret, err);
}

static int read_token(struct sq_conn *c, struct sq_rows *rows, GPtrArray *to,
                      struct err *err)
{
    struct api_token *t = g_new(struct api_token, 1);

    (void)c;
    (void)err;
    *t = (struct api_token){
        .id = sq_int64(rows, 0),
        .operator_id = sq_int64(rows, 1),
        .label = sq_column_dup(rows, 2),
        .scopes = (uint32_t)sq_int64(rows, 3),
        .created_us = sq_int64(rows, 4),
        .expires_us = sq_int64(rows, 5),
        .revoked_us = sq_int64(rows, 6),
    };
    g_ptr_array_add(to, t);
    return 0;
}

int roster_tokens(struct roster *p, int64_t operator_id,
                  const struct roster_page *page, GPtrArray **ret,
                  struct err *err)
{
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(free_token);
    struct sq_conn *c = roster_begin(p, DB_READ, err);

    if (c == NULL ||
        sq_end(c,
               roster_read(
                   c,
                   "SELECT id, operator, label, scopes, created_us,"
                   " expires_us, revoked_us FROM api_tokens"
                   " WHERE operator = ? AND id > ?"
                   " ORDER BY id LIMIT ?",
                   ARGS(INT(operator_id), INT(page->after), INT(page->limit)),
                   read_token, all, err),
               err) < 0)
        return -1;
    *ret = g_steal_pointer(&all);
    return 0;
}

static int revoke_one(struct sq_conn *c, const struct roster_actor *who,
                      int64_t operator_id, int64_t id, struct err *err)
{
    g_autofree char *subject = g_strdup_printf("token %" G_GINT64_FORMAT, id);

    if (sq_run(c,
               "UPDATE api_tokens SET revoked_us = ? WHERE id = ?"
               " AND operator = ? AND revoked_us = 0",
               ARGS(INT(timestamp_now()), INT(id), INT(operator_id)), err) < 0)
        return -1;
    if (sq_changes(c) == 0)
        return store_refuse_missing(err, "token", id);
    return roster_audit_line(
        c, &(struct audit_line){ who, "token.revoke", subject, NULL }, err);
}

int roster_token_revoke(struct roster *p, const struct roster_actor *who,
                        int64_t operator_id, int64_t id, struct err *err)
{
    struct sq_conn *c = roster_begin(p, DB_WRITE, err);

    if (c == NULL ||
        sq_end(c, revoke_one(c, who, operator_id, id, err), err) < 0)
        return -1;
    step("token");
    return 0;
}
