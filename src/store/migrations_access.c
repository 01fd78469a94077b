/*
 * How a side is reached beside its administrative account: more accounts, an
 * application, a proxy.  A row's name is also that of its secret:
 * "source-account-03", "source-oauth", "destination-proxy".
 */
#include <string.h>

#include "store/migrations_priv.h"

static const char *const way_names[MIGRATION_N_WAYS] = {
    [MIGRATION_ACCOUNT] = "account",
    [MIGRATION_OAUTH] = "oauth",
    [MIGRATION_PROXY] = "proxy",
};

static const struct {
    bool user, url, secret; /* it cannot do without */
} needs[MIGRATION_N_WAYS] = {
    [MIGRATION_ACCOUNT] = { true, false, true },
    [MIGRATION_OAUTH] = { true, true, true },
    [MIGRATION_PROXY] = { false, true, false },
};

void migration_access_free(struct migration_access *a)
{
    if (a == NULL)
        return;
    g_free(a->user);
    g_free(a->url);
    g_free(a->scope);
    secret_free(a->secret);
    g_free(a);
}

static GPtrArray *access_array(void)
{
    return g_ptr_array_new_with_free_func(
        (GDestroyNotify)migration_access_free);
}

/* "source-oauth", "source-account-03"; the caller frees. */
static char *name_of(enum migration_side side, enum migration_way way,
                     unsigned int number)
{
    const char *s = migration_side_names[side], *w = way_names[way];

    return way == MIGRATION_ACCOUNT
               ? g_strdup_printf("%s-%s-%02u", s, w, number)
               : g_strdup_printf("%s-%s", s, w);
}

/* What follows the side's name and the hyphen. */
static enum migration_way way_of(const char *rest)
{
    for (int i = 0; i < MIGRATION_N_WAYS; i++)
        if (g_str_has_prefix(rest, way_names[i]))
            return (enum migration_way)i;
    return MIGRATION_N_WAYS;
}

/* ---- checking ------------------------------------------------------------ */

static int refuse(struct err *err, const char *why, const char *remedy)
{
    err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0, "%s", why);
    err->name = "bad-access";
    return err_remedy(err, remedy);
}

static int check_one(const struct migration_access *a, struct err *err)
{
    const size_t most = STORE_EXCHANGE_NAME_MAX;

    if ((needs[a->way].user && a->user == NULL) ||
        (needs[a->way].url && a->url == NULL) ||
        (needs[a->way].secret && a->secret == NULL))
        return refuse(err, "a part of the access is missing",
                      "give its user or client, its address and its secret");
    if (store_check_opt(err, "user", a->user, most) < 0 ||
        store_check_opt(err, "address", a->url, most) < 0 ||
        store_check_opt(err, "scope", a->scope, most) < 0)
        return err_in(err, "%s", way_names[a->way]);
    return 0;
}

/* In an earlier place of the list. */
static bool is_there(const GPtrArray *all, guint n)
{
    const struct migration_access *a = all->pdata[n];

    for (guint i = 0; i < n; i++) {
        const struct migration_access *b = all->pdata[i];

        if (b->way == a->way && (a->way != MIGRATION_ACCOUNT ||
                                 g_ascii_strcasecmp(b->user, a->user) == 0))
            return true;
    }
    return false;
}

int migrations_check_access(const GPtrArray *access, struct err *err)
{
    unsigned int accounts = 0;

    for (guint i = 0; access != NULL && i < access->len; i++) {
        const struct migration_access *a = access->pdata[i];

        if (check_one(a, err) < 0)
            return -1;
        if (is_there(access, i))
            return refuse(err,
                          "the same account, or a second application or "
                          "proxy, is there twice",
                          "give each account once, and one of the others");
        accounts += a->way == MIGRATION_ACCOUNT;
    }
    return accounts <= MIGRATION_ACCOUNTS_MAX
               ? 0
               : refuse(err, "more accounts than can be used (64)",
                        "leave some out");
}
G_STATIC_ASSERT(MIGRATION_ACCOUNTS_MAX == 64);

#define APART(side)                                                            \
    "SELECT 1 FROM plans p JOIN plan_access o ON o.migration = p.migration"    \
    " AND o.name = '" side "-oauth' WHERE p.migration = ?"                     \
    " AND (p." side "_admin IS NOT NULL OR EXISTS (SELECT 1"                   \
    "  FROM plan_access a WHERE a.migration = p.migration"                     \
    "  AND a.name LIKE '" side "-account-%'))"

int migrations_judge_access(struct sq_conn *c, int64_t id, struct err *err)
{
    static const char *const apart[MIGRATION_N_SIDES] = {
        APART("source"),
        APART("destination"),
    };

    for (int i = 0; i < MIGRATION_N_SIDES; i++) {
        int64_t one;
        int found = sq_number(c, apart[i], ARGS(INT(id)), &one, err);

        if (found < 0)
            return -1;
        if (found == 0)
            continue;
        refuse(err,
               "an administrative account and an application exclude each "
               "other",
               "give null for the one that is not meant");
        return err_in(err, "%s", migration_side_names[i]);
    }
    return 0;
}

/* ---- writing ------------------------------------------------------------- */

static int forget(struct sq_conn *c, int64_t id, enum migration_side side,
                  enum migration_way way, struct err *err)
{
    g_autofree char *like =
        g_strdup_printf("%s-%s%%", migration_side_names[side], way_names[way]);
    g_autofree char *owner =
        migrations_owner_text(&(struct secret_owner){ id, 0 });

    if (sq_run(c,
               "DELETE FROM secrets WHERE migration = ? AND owner = ?"
               " AND name LIKE ?",
               ARGS(INT(id), TEXT(owner), TEXT(like)), err) < 0)
        return -1;
    return sq_run(c,
                  "DELETE FROM plan_access WHERE migration = ? AND name LIKE ?",
                  ARGS(INT(id), TEXT(like)), err);
}

static int put(const struct migrations *p, struct sq_conn *c, int64_t id,
               const char *name, const struct migration_access *a,
               struct err *err)
{
    if (sq_run(c,
               "INSERT INTO plan_access (migration, name, user_name, url,"
               " scope) VALUES (?, ?, ?, ?, ?)",
               ARGS(INT(id), TEXT(name), TEXT(a->user), TEXT(a->url),
                    TEXT(a->scope)),
               err) < 0)
        return -1;
    return a->secret == NULL
               ? 0
               : migrations_seal(p, c, &(struct secret_owner){ id, 0 }, name,
                                 a->secret, err);
}

int migrations_put_access(const struct migrations *p, struct sq_conn *c,
                          int64_t id, enum migration_side side,
                          unsigned int ways, const GPtrArray *access,
                          struct err *err)
{
    for (int way = 0; way < MIGRATION_N_WAYS; way++)
        if ((ways & (1u << way)) != 0 &&
            forget(c, id, side, (enum migration_way)way, err) < 0)
            return -1;
    for (guint i = 0; access != NULL && i < access->len; i++) {
        const struct migration_access *a = access->pdata[i];
        g_autofree char *name = name_of(side, a->way, i);

        if (put(p, c, id, name, a, err) < 0)
            return -1;
    }
    return 0;
}

/* ---- reading ------------------------------------------------------------- */

/* A row with its secret as it lies there. */
struct sealed_access {
    enum migration_side side;
    char *name;
    GBytes *sealed; /* NULL: there is none */
    struct migration_access *access;
};

static void sealed_access_free(void *data)
{
    struct sealed_access *s = data;

    g_free(s->name);
    g_bytes_unref(s->sealed);
    migration_access_free(s->access);
    g_free(s);
}

static int read_row(struct sq_conn *c, struct sq_rows *rows, GPtrArray *to,
                    struct err *err)
{
    g_autofree char *name = sq_column_dup(rows, 0);
    enum migration_side side =
        g_str_has_prefix(name, migration_side_names[MIGRATION_SOURCE])
            ? MIGRATION_SOURCE
            : MIGRATION_DESTINATION;
    enum migration_way way =
        way_of(name + strlen(migration_side_names[side]) + 1);
    struct sealed_access *s;

    if (way == MIGRATION_N_WAYS)
        return c->ops->damaged(c, "a way of access that is not known", err);
    s = g_new(struct sealed_access, 1);
    *s = (struct sealed_access){ side, g_steal_pointer(&name),
                                 roster_bytes(rows, 4),
                                 g_new(struct migration_access, 1) };
    *s->access = (struct migration_access){
        .way = way,
        .user = sq_column_dup(rows, 1),
        .url = sq_column_dup(rows, 2),
        .scope = sq_column_dup(rows, 3),
    };
    g_ptr_array_add(to, s);
    return 0;
}

/* Array of struct sealed_access *, by name. */
static int read_all(struct sq_conn *c, int64_t id, GPtrArray *to,
                    struct err *err)
{
    g_autofree char *owner =
        migrations_owner_text(&(struct secret_owner){ id, 0 });

    return roster_read(c,
                       "SELECT a.name, a.user_name, a.url, a.scope, s.value"
                       " FROM plan_access a LEFT JOIN secrets s"
                       " ON s.migration = a.migration AND s.owner = ?2"
                       " AND s.name = a.name WHERE a.migration = ?1"
                       " ORDER BY a.name",
                       ARGS(INT(id), TEXT(owner)), read_row, to, err);
}

int migrations_read_access(struct sq_conn *c, struct migration *m,
                           struct err *err)
{
    g_autoptr(GPtrArray) all =
        g_ptr_array_new_with_free_func(sealed_access_free);

    for (int i = 0; i < MIGRATION_N_SIDES; i++)
        m->access[i] = access_array();
    if (read_all(c, m->id, all, err) < 0)
        return -1;
    for (guint i = 0; i < all->len; i++) {
        struct sealed_access *s = all->pdata[i];

        g_ptr_array_add(m->access[s->side], g_steal_pointer(&s->access));
    }
    return 0;
}

static int open_secret(const struct migrations *p, const char *owner,
                       struct sealed_access *s, struct err *err)
{
    const struct seal_place place = { "secrets", s->name, owner };

    if (s->sealed == NULL ||
        seal_open(p->keys, &place, g_bytes_get_data(s->sealed, NULL),
                  g_bytes_get_size(s->sealed), &s->access->secret, err) == 0)
        return 0;
    return err_in(err, "%s: secret of %s", owner, s->name);
}

/* A proxy's user without a password is not worth a try either. */
static bool is_whole(const struct migration_access *a)
{
    return a->secret != NULL || (!needs[a->way].secret && a->user == NULL);
}

int migrations_access(struct migrations *p, int64_t id,
                      enum migration_side side, GPtrArray **ret,
                      struct err *err)
{
    g_autofree char *owner =
        migrations_owner_text(&(struct secret_owner){ id, 0 });
    g_autoptr(GPtrArray) all =
        g_ptr_array_new_with_free_func(sealed_access_free);
    g_autoptr(GPtrArray) found = access_array();
    struct sq_conn *c = p->db->ops->begin(p->db, DB_READ, err);

    if (c == NULL || sq_end(c, read_all(c, id, all, err), err) < 0)
        return -1;
    for (guint i = 0; i < all->len; i++) {
        struct sealed_access *s = all->pdata[i];

        if (s->side != side)
            continue;
        if (open_secret(p, owner, s, err) < 0)
            return -1;
        if (is_whole(s->access))
            g_ptr_array_add(found, g_steal_pointer(&s->access));
    }
    *ret = g_steal_pointer(&found);
    return 0;
}
