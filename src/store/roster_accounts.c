#include "store/roster_accounts.h"

#include <string.h>

#include "base/step.h"
#include "base/timestamp.h"
#include "store/roster_priv.h"

#define COLUMNS "id, version, partner, name, notes, created_us"

static void free_domain(void *p)
{
    struct account_domain *d = p;

    g_free(d->name);
    g_free(d);
}

void roster_account_free(struct roster_account *a)
{
    if (a == NULL)
        return;
    g_free(a->partner);
    g_free(a->name);
    g_free(a->notes);
    g_ptr_array_unref(a->domains);
    g_free(a);
}

static void free_account(void *p)
{
    roster_account_free(p);
}

/* ---- reading ------------------------------------------------------------- */

static int read_account(struct sq_conn *c, struct sq_rows *rows, GPtrArray *to,
                        struct err *err)
{
    struct roster_account *a = g_new(struct roster_account, 1);

    (void)c;
    (void)err;
    *a = (struct roster_account){
        .id = sq_int64(rows, 0),
        .version = sq_int64(rows, 1),
        .partner = sq_column_dup(rows, 2),
        .name = sq_column_dup(rows, 3),
        .notes = sq_column_dup(rows, 4),
        .created_us = sq_int64(rows, 5),
        .domains = g_ptr_array_new_with_free_func(free_domain),
    };
    g_ptr_array_add(to, a);
    return 0;
}

static int read_domain(struct sq_conn *c, struct sq_rows *rows, GPtrArray *to,
                       struct err *err)
{
    struct account_domain *d = g_new(struct account_domain, 1);

    (void)c;
    (void)err;
    *d = (struct account_domain){ sq_column_dup(rows, 0), sq_int64(rows, 1) };
    g_ptr_array_add(to, d);
    return 0;
}

static int read_domains(struct sq_conn *c, int64_t account, GPtrArray *to,
                        struct err *err)
{
    return roster_read(c,
                       "SELECT name, verified_us FROM account_domains"
                       " WHERE account = ? ORDER BY name",
                       ARGS(INT(account)), read_domain, to, err);
}

const struct roster_order roster_account_orders[] = {
    { "partner", "lower(partner)", true },
    { "name", "lower(name)", true },
    { "created", "created_us", false },
    { NULL },
};

static int read_all(struct sq_conn *c, const struct account_filter *filter,
                    const struct roster_page *page, GPtrArray *to,
                    struct err *err)
{
    static const char sql[] =
        "SELECT " COLUMNS " FROM accounts WHERE {after}"
        " AND (?4 = 0 OR id = ?4)"
        " AND (?5 IS NULL OR lower(partner) = lower(?5))"
        " AND (?6 IS NULL OR EXISTS (SELECT 1 FROM account_domains"
        " WHERE account = id AND account_domains.name = lower(?6)))"
        " AND (lower(partner) LIKE ?7 ESCAPE '!'"
        "  OR lower(name) LIKE ?7 ESCAPE '!')"
        " ORDER BY {order} LIMIT ?3";
    g_autofree char *pattern = roster_pattern(filter->text);

    if (roster_read(c, roster_page_sql(page, "id", sql),
                    ARGS(ROSTER_PAGE_ARGS(page), INT(filter->id),
                         TEXT(filter->partner), TEXT(filter->domain),
                         TEXT(pattern)),
                    read_account, to, err) < 0 ||
        roster_page_key(c, page,
                        &(struct roster_page_end){ "accounts", "id", to },
                        err) < 0)
        return -1;
    for (guint i = 0; i < to->len; i++) {
        struct roster_account *a = to->pdata[i];

        if (read_domains(c, a->id, a->domains, err) < 0)
            return -1;
    }
    return 0;
}

int roster_accounts(struct roster *p, const struct account_filter *filter,
                    const struct roster_page *page, GPtrArray **ret,
                    struct err *err)
{
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(free_account);
    struct sq_conn *c = roster_begin(p, DB_READ, err);

    if (c == NULL || sq_end(c, read_all(c, filter, page, all, err), err) < 0)
        return -1;
    *ret = g_steal_pointer(&all);
    return 0;
}

int roster_account_get(struct roster *p, int64_t id,
                       struct roster_account **ret, struct err *err)
{
    const struct account_filter filter = { .id = id };
    g_autoptr(GPtrArray) found = NULL;

    if (id <= 0)
        return 0;
    if (roster_accounts(p, &filter, &(struct roster_page){ 0, 1 }, &found,
                        err) < 0)
        return -1;
    if (found->len == 0)
        return 0;
    *ret = g_ptr_array_steal_index(found, 0);
    return 1;
}

/* ---- writing ------------------------------------------------------------- */

static int check_change(const struct account_change *change, struct err *err)
{
    if (change->partner != NULL &&
        roster_check_text("Partner ID", change->partner, ROSTER_PARTNER_MAX,
                          err) < 0)
        return -1;
    if (change->name != NULL &&
        roster_check_text("name", change->name, ROSTER_TITLE_MAX, err) < 0)
        return -1;
    if (change->notes != NULL && change->notes[0] != '\0' &&
        roster_check_text("notes", change->notes, ROSTER_NOTES_MAX, err) < 0)
        return -1;
    if (change->n_domains > ROSTER_DOMAINS_MAX)
        return err_set(err, ERR_MAILBOX, ERR_RETRY_NEVER, 0,
                       "more than %d domains", ROSTER_DOMAINS_MAX);
    for (size_t i = 0; i < change->n_domains; i++)
        if (roster_check_domain(change->domains[i].name, err) < 0)
            return -1;
    return 0;
}

static int taken(struct err *err, const char *fmt, ...) PRINTF(2, 3);
static int taken(struct err *err, const char *fmt, ...)
{
    g_autofree char *text = NULL;
    va_list ap;

    va_start(ap, fmt);
    text = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    err_set(err, ERR_MAILBOX, ERR_RETRY_NEVER, 0, "%s", text);
    err->name = "taken";
    return -1;
}

static int partner_taken(const char *partner, struct err *err)
{
    return taken(err, "there is an account of Partner ID \"%s\" already",
                 partner);
}

/* 0: somebody else's Partner ID is that. */
static int partner_is_free(struct sq_conn *c, int64_t id, const char *partner,
                           struct err *err)
{
    int64_t other;
    int found = sq_number(c,
                          "SELECT id FROM accounts"
                          " WHERE lower(partner) = lower(?) AND id <> ?",
                          ARGS(TEXT(partner), INT(id)), &other, err);

    return found < 0 ? -1 : found == 0;
}

/* A domain that was verified already stays so since then. */
static int put_domain(struct sq_conn *c, int64_t id,
                      const struct domain_wish *d, struct err *err)
{
    int64_t other, now_us = timestamp_now();
    int found = !d->verified
                    ? 0
                    : sq_number(c,
                                "SELECT account FROM account_domains"
                                " WHERE name = lower(?) AND account <> ?"
                                " AND verified_us > 0",
                                ARGS(TEXT(d->name), INT(id)), &other, err);

    if (found > 0)
        return taken(err, "domain \"%s\" is verified for another account",
                     d->name);
    if (found < 0)
        return -1;
    /* named twice: verified if it is so once */
    return sq_run(c,
                  "INSERT INTO account_domains (account, name, verified_us)"
                  " VALUES (?1, lower(?2), ?3)"
                  " ON CONFLICT (account, name) DO UPDATE SET verified_us ="
                  " CASE WHEN ?3 = 0 THEN 0"
                  " WHEN account_domains.verified_us > 0"
                  " THEN account_domains.verified_us ELSE ?3 END",
                  ARGS(INT(id), TEXT(d->name), INT(d->verified ? now_us : 0)),
                  err);
}

static bool has_domain(const struct account_change *change, const char *name)
{
    for (size_t i = 0; i < change->n_domains; i++)
        if (g_ascii_strcasecmp(change->domains[i].name, name) == 0)
            return true;
    return false;
}

static int put_domains(struct sq_conn *c, int64_t id,
                       const struct account_change *change, struct err *err)
{
    g_autoptr(GPtrArray) old = g_ptr_array_new_with_free_func(free_domain);

    /* two at once would both find a domain free, and one break the index */
    if (roster_audit_hold(c, err) < 0 || read_domains(c, id, old, err) < 0)
        return -1;
    for (guint i = 0; i < old->len; i++) {
        const struct account_domain *d = old->pdata[i];

        if (!has_domain(change, d->name) &&
            sq_run(c,
                   "DELETE FROM account_domains WHERE account = ?"
                   " AND name = ?",
                   ARGS(INT(id), TEXT(d->name)), err) < 0)
            return -1;
    }
    for (size_t i = 0; i < change->n_domains; i++)
        if (put_domain(c, id, &change->domains[i], err) < 0)
            return -1;
    return 0;
}

static int put_texts(struct sq_conn *c, int64_t id,
                     const struct account_change *change, struct err *err)
{
    int found = change->partner == NULL
                    ? 1
                    : partner_is_free(c, id, change->partner, err);

    if (found == 0)
        return partner_taken(change->partner, err);
    if (found < 0)
        return -1;
    return sq_run(c,
                  "UPDATE accounts SET version = version + 1,"
                  " partner = coalesce(?1, partner), name = coalesce(?2, name),"
                  " notes = CASE WHEN ?3 IS NULL THEN notes WHEN ?3 = ''"
                  " THEN NULL ELSE ?3 END WHERE id = ?4",
                  ARGS(TEXT(change->partner), TEXT(change->name),
                       TEXT(change->notes), INT(id)),
                  err);
}

/* What changes, for the trail; notes are named, not quoted. */
static char *describe(const struct account_change *change)
{
    GString *text = g_string_new(NULL);

    if (change->partner != NULL)
        g_string_append_printf(text, ", Partner ID %s", change->partner);
    if (change->name != NULL)
        g_string_append_printf(text, ", name %s", change->name);
    if (change->notes != NULL)
        g_string_append(text, ", notes");
    if (change->domains != NULL)
        g_string_append(text,
                        change->n_domains > 0 ? ", domains" : ", no domains");
    for (size_t i = 0; change->domains != NULL && i < change->n_domains; i++)
        g_string_append_printf(text, " %s%s", change->domains[i].name,
                               change->domains[i].verified ? " (verified)"
                                                           : "");
    g_string_erase(text, 0, text->len > 0 ? 2 : 0);
    return g_string_free(text, FALSE);
}

static int write_line(struct sq_conn *c, const struct roster_actor *who,
                      const char *action, int64_t id, const char *detail,
                      struct err *err)
{
    g_autofree char *subject = g_strdup_printf("account %" G_GINT64_FORMAT, id);

    return roster_audit_line(
        c, &(struct audit_line){ who, action, subject, detail, id }, err);
}

static int add(struct sq_conn *c, const struct roster_actor *who,
               const struct account_change *wish, int64_t *ret_id,
               struct err *err)
{
    g_autofree char *detail = describe(wish);
    int made = roster_once_done(c, who->once, ret_id, err);

    if (made != 0)
        return MIN(made, 0);
    /* two at once may both find nothing: the index decides */
    made = sq_number(c,
                     "INSERT INTO accounts (partner, name, notes,"
                     " created_us) VALUES (?1, ?2, CASE WHEN ?3 = ''"
                     " THEN NULL ELSE ?3 END, ?4)"
                     " ON CONFLICT (lower(partner)) DO NOTHING"
                     " RETURNING id",
                     ARGS(TEXT(wish->partner), TEXT(wish->name),
                          TEXT(wish->notes), INT(timestamp_now())),
                     ret_id, err);
    if (made == 0)
        return partner_taken(wish->partner, err);
    if (made < 0 || put_domains(c, *ret_id, wish, err) < 0)
        return -1;
    return write_line(c, who, "account.add", *ret_id, detail, err);
}

int roster_account_add(struct roster *p, const struct roster_actor *who,
                       const struct account_change *wish, int64_t *ret_id,
                       struct err *err)
{
    struct sq_conn *c;
    int64_t id = 0;

    if (store_check(err, "Partner ID", wish->partner, ROSTER_PARTNER_MAX) < 0 ||
        store_check(err, "name", wish->name, ROSTER_TITLE_MAX) < 0 ||
        check_change(wish, err) < 0)
        return -1;
    c = roster_begin(p, DB_WRITE, err);
    if (c == NULL || sq_end(c, add(c, who, wish, &id, err), err) < 0)
        return -1;
    step("account");
    *ret_id = id;
    return 0;
}

int roster_take_version(struct sq_conn *c, const char *sql, const char *what,
                        const struct roster_version *v, struct err *err)
{
    int64_t is;
    int found = sq_number(c, sql, ARGS(INT(v->id)), &is, err);

    if (found == 0)
        return store_refuse_missing(err, what, v->id);
    if (found < 0)
        return -1;
    return v->version != 0 && v->version != is
               ? roster_refuse_changed(err, what, v->id)
               : 0;
}

#define TAKE "SELECT version FROM accounts WHERE id = ?" DB_FOR_UPDATE

static int change_one(struct sq_conn *c, const struct roster_actor *who,
                      const struct roster_version *v,
                      const struct account_change *change, struct err *err)
{
    g_autofree char *detail = describe(change);

    if (roster_take_version(c, TAKE, "account", v, err) < 0 ||
        put_texts(c, v->id, change, err) < 0 ||
        (change->domains != NULL && put_domains(c, v->id, change, err) < 0))
        return -1;
    return write_line(c, who, "account.change", v->id, detail, err);
}

int roster_account_change(struct roster *p, const struct roster_actor *who,
                          int64_t id, int64_t version,
                          const struct account_change *change, struct err *err)
{
    const struct roster_version v = { id, version };
    struct sq_conn *c;

    if (check_change(change, err) < 0)
        return -1;
    c = roster_begin(p, DB_WRITE, err);
    if (c == NULL || sq_end(c, change_one(c, who, &v, change, err), err) < 0)
        return -1;
    step("account");
    return 0;
}

static int refuse_used(struct sq_conn *c, int64_t id, struct err *err)
{
    int64_t n = 0, requests = 0;

    if (sq_number(c, "SELECT count(*) FROM migration WHERE account = ?",
                  ARGS(INT(id)), &n, err) < 0 ||
        sq_number(c, "SELECT count(*) FROM requests WHERE account = ?",
                  ARGS(INT(id)), &requests, err) < 0)
        return -1;
    if (n == 0 && requests == 0)
        return 0;
    err_set(err, ERR_MAILBOX, ERR_RETRY_NEVER, 0,
            "account %" G_GINT64_FORMAT " has %" G_GINT64_FORMAT " %s", id,
            n > 0 ? n : requests, n > 0 ? "migrations" : "requests");
    err->name = "in-use";
    return err_remedy(err, "disable its contacts instead");
}

static int remove_one(struct sq_conn *c, const struct roster_actor *who,
                      const struct roster_version *v, struct err *err)
{
    if (roster_take_version(c, TAKE, "account", v, err) < 0 ||
        refuse_used(c, v->id, err) < 0 ||
        roster_contacts_forget(c, v->id, err) < 0 ||
        sq_run(c, "DELETE FROM account_domains WHERE account = ?",
               ARGS(INT(v->id)), err) < 0 ||
        sq_run(c, "DELETE FROM accounts WHERE id = ?", ARGS(INT(v->id)), err) <
            0)
        return -1;
    return write_line(c, who, "account.remove", v->id, NULL, err);
}

int roster_account_remove(struct roster *p, const struct roster_actor *who,
                          int64_t id, int64_t version, struct err *err)
{
    const struct roster_version v = { id, version };
    struct sq_conn *c = roster_begin(p, DB_WRITE, err);

    if (c == NULL || sq_end(c, remove_one(c, who, &v, err), err) < 0)
        return -1;
    step("account");
    return 0;
}
