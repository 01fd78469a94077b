#include "store/roster.h"

#include "base/step.h"
#include "base/timestamp.h"
#include "store/roster_priv.h"

#define COLUMNS                                                                \
    "id, name, role, password, totp, totp_step, created_us, disabled_us,"      \
    " version"

struct roster *roster_new(struct database *d)
{
    struct roster *p = g_new(struct roster, 1);

    p->db = sq_database_db(d);
    return p;
}

void roster_free(struct roster *p)
{
    g_free(p);
}

struct sq_conn *roster_begin(struct roster *p, enum db_use use, struct err *err)
{
    return p->db->ops->begin(p->db, use, err);
}

int roster_ping(struct roster *p, struct err *err)
{
    struct sq_conn *c = roster_begin(p, DB_READ, err);
    int64_t last;

    if (c == NULL)
        return -1;
    return sq_end(c,
                  sq_number(c, "SELECT last_id FROM audit_head WHERE one = 1",
                            NO_ARGS, &last, err),
                  err) < 0
               ? -1
               : 0;
}

int roster_read(struct sq_conn *c, const char *sql, const struct sq_arg *args,
                roster_reader *reader, GPtrArray *to, struct err *err)
{
    struct sq_rows *rows = sq_query(c, sql, args, err);
    int more;

    if (rows == NULL)
        return -1;
    while ((more = sq_step(c, rows, err)) > 0) {
        if (reader(c, rows, to, err) == 0)
            continue;
        sq_reset(rows);
        return -1;
    }
    return more;
}

GBytes *roster_bytes(struct sq_rows *rows, int column)
{
    size_t n;
    const void *bytes = sq_blob(rows, column, &n);

    return sq_is_null(rows, column) ? NULL : g_bytes_new(bytes, n);
}

int roster_read_bytes(struct sq_conn *c, struct sq_rows *rows, GPtrArray *to,
                      struct err *err)
{
    (void)c;
    (void)err;
    g_ptr_array_add(to, roster_bytes(rows, 0));
    return 0;
}

void roster_free_bytes(void *p)
{
    g_bytes_unref(p);
}

/* ---- operators ----------------------------------------------------------- */

void roster_operator_free(struct roster_operator *o)
{
    if (o == NULL)
        return;
    g_free(o->name);
    g_free(o->password);
    g_bytes_unref(o->totp);
    g_free(o);
}

static void free_operator(void *p)
{
    roster_operator_free(p);
}

static int read_operator(struct sq_conn *c, struct sq_rows *rows, GPtrArray *to,
                         struct err *err)
{
    struct roster_operator *o;
    unsigned int role;

    if (sq_column_enum(c, rows, 2, &role, ROSTER_ROLE_N, err) < 0)
        return -1;
    o = g_new(struct roster_operator, 1);
    *o = (struct roster_operator){
        .id = sq_int64(rows, 0),
        .name = sq_column_dup(rows, 1),
        .role = (enum roster_role)role,
        .password = sq_column_dup(rows, 3),
        .totp = roster_bytes(rows, 4),
        .totp_step = sq_int64(rows, 5),
        .created_us = sq_int64(rows, 6),
        .disabled_us = sq_int64(rows, 7),
        .version = sq_int64(rows, 8),
    };
    g_ptr_array_add(to, o);
    return 0;
}

static int find(struct roster *p, const char *sql, const struct sq_arg *args,
                struct roster_operator **ret, struct err *err)
{
    g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(free_operator);
    struct sq_conn *c = roster_begin(p, DB_READ, err);

    if (c == NULL ||
        sq_end(c, roster_read(c, sql, args, read_operator, found, err), err) <
            0)
        return -1;
    if (found->len == 0)
        return 0;
    *ret = g_ptr_array_steal_index(found, 0);
    return 1;
}

int roster_operator_by_name(struct roster *p, const char *name,
                            struct roster_operator **ret, struct err *err)
{
    return find(p,
                "SELECT " COLUMNS " FROM operators"
                " WHERE lower(name) = lower(?)",
                ARGS(TEXT(name)), ret, err);
}

int roster_operator_by_id(struct roster *p, int64_t id,
                          struct roster_operator **ret, struct err *err)
{
    return find(p, "SELECT " COLUMNS " FROM operators WHERE id = ?",
                ARGS(INT(id)), ret, err);
}

const struct roster_order roster_operator_orders[] = {
    { "name", "lower(name)", true },
    { "role", "role", false },
    { "created", "created_us", false },
    { NULL },
};

static int read_all(struct sq_conn *c, const struct roster_page *page,
                    GPtrArray *to, struct err *err)
{
    const char *sql =
        roster_page_sql(page, "id",
                        "SELECT " COLUMNS " FROM operators WHERE {after}"
                        " ORDER BY {order} LIMIT ?3");

    if (roster_read(c, sql, ARGS(ROSTER_PAGE_ARGS(page)), read_operator, to,
                    err) < 0)
        return -1;
    return roster_page_key(
        c, page, &(struct roster_page_end){ "operators", "id", to }, err);
}

int roster_operators(struct roster *p, const struct roster_page *page,
                     GPtrArray **ret, struct err *err)
{
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(free_operator);
    struct sq_conn *c = roster_begin(p, DB_READ, err);

    if (c == NULL || sq_end(c, read_all(c, page, all, err), err) < 0)
        return -1;
    *ret = g_steal_pointer(&all);
    return 0;
}

static const char *const role_names[ROSTER_ROLE_N] = {
    [ROSTER_ADMIN] = "admin",
    [ROSTER_OPERATOR] = "operator",
};

static int taken(const char *name, struct err *err)
{
    err_set(err, ERR_MAILBOX, ERR_RETRY_NEVER, 0,
            "there is an operator \"%s\" already", name);
    err->name = "taken";
    return -1;
}

static struct sq_arg bytes_arg(GBytes *b)
{
    struct sq_arg arg = BLOB(NULL, 0);

    if (b != NULL)
        arg.bytes = g_bytes_get_data(b, &arg.n);
    return arg;
}

static int add(struct sq_conn *c, const struct roster_actor *who,
               const struct roster_operator *o, int64_t *ret_id,
               struct err *err)
{
    g_autofree char *subject = g_strconcat("operator ", o->name, NULL);
    g_autofree char *detail = g_strdup_printf("role %s", role_names[o->role]);
    const struct sq_arg args[] = {
        TEXT(o->name),      INT(o->role),         TEXT(o->password),
        bytes_arg(o->totp), INT(timestamp_now()), { .type = SQ_LAST },
    };
    int made = roster_once_done(c, who->once, ret_id, err);

    if (made != 0)
        return MIN(made, 0);
    /* two at once may both find nothing: the index decides */
    made = sq_number(c,
                     "INSERT INTO operators (name, role, password, totp,"
                     " created_us) VALUES (?, ?, ?, ?, ?)"
                     " ON CONFLICT (lower(name)) DO NOTHING"
                     " RETURNING id",
                     args, ret_id, err);
    if (made == 0)
        return taken(o->name, err);
    if (made < 0)
        return -1;
    return roster_audit_line(
        c,
        &(struct audit_line){ who, "operator.add", subject, detail, *ret_id },
        err);
}

int roster_operator_add(struct roster *p, const struct roster_actor *who,
                        const struct roster_operator *o, int64_t *ret_id,
                        struct err *err)
{
    struct sq_conn *c;
    int64_t id = 0;

    if (store_check(err, "name", o->name, ROSTER_NAME_MAX) < 0)
        return -1;
    c = roster_begin(p, DB_WRITE, err);
    if (c == NULL || sq_end(c, add(c, who, o, &id, err), err) < 0)
        return -1;
    step("operator");
    *ret_id = id;
    return 0;
}

static int write_change(struct sq_conn *c, int64_t id,
                        const struct operator_change *change, struct err *err)
{
    int64_t now_us = timestamp_now();
    const struct sq_arg totp[] = { bytes_arg(change->totp),
                                   INT(id),
                                   { .type = SQ_LAST } };

    if (change->role >= 0 &&
        sq_run(c, "UPDATE operators SET role = ? WHERE id = ?",
               ARGS(INT(change->role), INT(id)), err) < 0)
        return -1;
    if (change->disabled >= 0 &&
        sq_run(c, "UPDATE operators SET disabled_us = ? WHERE id = ?",
               ARGS(INT(change->disabled > 0 ? now_us : 0), INT(id)), err) < 0)
        return -1;
    if (change->password != NULL &&
        sq_run(c, "UPDATE operators SET password = ? WHERE id = ?",
               ARGS(TEXT(change->password), INT(id)), err) < 0)
        return -1;
    if (change->totp != NULL &&
        sq_run(c, "UPDATE operators SET totp = ?, totp_step = 0 WHERE id = ?",
               totp, err) < 0)
        return -1;
    if (change->forget_totp &&
        sq_run(c,
               "UPDATE operators SET totp = NULL, totp_step = 0 WHERE id = ?",
               ARGS(INT(id)), err) < 0)
        return -1;
    if (sq_run(c, "UPDATE operators SET version = version + 1 WHERE id = ?",
               ARGS(INT(id)), err) < 0)
        return -1;
    return roster_end_all(c, id, err);
}

/* "role admin, disabled, password".  The caller frees. */
static char *describe(const struct operator_change *change)
{
    g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);

    if (change->role >= 0)
        g_ptr_array_add(words,
                        g_strconcat("role ", role_names[change->role], NULL));
    if (change->disabled >= 0)
        g_ptr_array_add(
            words, g_strdup(change->disabled > 0 ? "disabled" : "enabled"));
    if (change->password != NULL)
        g_ptr_array_add(words, g_strdup("password"));
    if (change->totp != NULL)
        g_ptr_array_add(words, g_strdup("authenticator"));
    if (change->forget_totp)
        g_ptr_array_add(words, g_strdup("authenticator removed"));
    g_ptr_array_add(words, NULL);
    return g_strjoinv(", ", (char **)words->pdata);
}

static int change_one(struct sq_conn *c, const struct roster_actor *who,
                      const struct roster_version *v,
                      const struct operator_change *change, struct err *err)
{
    g_autofree char *name = NULL, *subject = NULL, *detail = describe(change);

    if (roster_take_version(
            c, "SELECT version FROM operators WHERE id = ?" DB_FOR_UPDATE,
            "operator", v, err) < 0 ||
        sq_text(c, "SELECT name FROM operators WHERE id = ?", ARGS(INT(v->id)),
                &name, err) < 0 ||
        write_change(c, v->id, change, err) < 0)
        return -1;
    subject = g_strconcat("operator ", name, NULL);
    return roster_audit_line(
        c, &(struct audit_line){ who, "operator.change", subject, detail },
        err);
}

int roster_operator_change(struct roster *p, const struct roster_actor *who,
                           int64_t id, int64_t version,
                           const struct operator_change *change,
                           struct err *err)
{
    const struct roster_version v = { id, version };
    struct sq_conn *c = roster_begin(p, DB_WRITE, err);

    if (c == NULL || sq_end(c, change_one(c, who, &v, change, err), err) < 0)
        return -1;
    step("operator");
    return 0;
}

static int use_step(struct sq_conn *c, int64_t id, int64_t totp_step,
                    struct err *err)
{
    if (sq_run(c,
               "UPDATE operators SET totp_step = ?1 WHERE id = ?2"
               " AND totp_step < ?1",
               ARGS(INT(totp_step), INT(id)), err) < 0)
        return -1;
    return sq_changes(c) > 0;
}

int roster_totp_use(struct roster *p, int64_t operator_id, int64_t totp_step,
                    struct err *err)
{
    struct sq_conn *c = roster_begin(p, DB_WRITE, err);
    int used;

    if (c == NULL)
        return -1;
    used = sq_end(c, use_step(c, operator_id, totp_step, err), err);
    if (used > 0)
        step("totp");
    return used;
}

int roster_password_rehash(struct roster *p, int64_t operator_id,
                           const char *from, const char *to, struct err *err)
{
    struct sq_conn *c = roster_begin(p, DB_WRITE, err);

    if (c == NULL ||
        sq_end(c,
               sq_run(c,
                      "UPDATE operators SET password = ? WHERE id = ?"
                      " AND password = ?",
                      ARGS(TEXT(to), INT(operator_id), TEXT(from)), err),
               err) < 0)
        return -1;
    step("rehash");
    return 0;
}
