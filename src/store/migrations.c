#include "store/migrations.h"

#include <string.h>

#include "base/step.h"
#include "base/timestamp.h"
#include "store/migrations_priv.h"
#include "store/owners_priv.h"

const char *const migration_side_names[MIGRATION_N_SIDES] = { "source",
                                                              "destination" };

struct migrations *migrations_new(struct database *d, struct jobs *j,
                                  const struct keyring *keys)
{
    struct migrations *p = g_new(struct migrations, 1);

    *p = (struct migrations){ sq_database_db(d), j, keys };
    return p;
}

void migrations_free(struct migrations *p)
{
    g_free(p);
}

void migration_free(struct migration *m)
{
    if (m == NULL)
        return;
    g_free(m->name);
    g_free(m->forecast.basis);
    g_free(m->host);
    g_free(m->options);
    g_free(m->hours);
    for (int i = 0; i < MIGRATION_N_SIDES; i++) {
        g_free(m->urls[i]);
        g_free(m->admins[i]);
        if (m->access[i] != NULL)
            g_ptr_array_unref(m->access[i]);
    }
    g_free(m);
}

char *migration_subject(int64_t id)
{
    return g_strdup_printf("migration %" G_GINT64_FORMAT, id);
}

char *migration_mailbox_subject(int64_t id)
{
    return g_strdup_printf("mailbox %" G_GINT64_FORMAT, id);
}

int migrations_must_have(struct sq_conn *c, int64_t id, struct err *err)
{
    int64_t one;
    int found =
        sq_number(c, "SELECT 1 FROM plans WHERE migration = ?" DB_FOR_UPDATE,
                  ARGS(INT(id)), &one, err);

    if (found == 0)
        return store_refuse_missing(err, "migration", id);
    return found < 0 ? -1 : 0;
}

/* ---- adding -------------------------------------------------------------- */

static int add_plan(struct sq_conn *c, const struct migration_wish *w,
                    int64_t id, struct err *err)
{
    return sq_run(
        c,
        "INSERT INTO plans (migration, name, host, source, destination,"
        " source_admin, destination_admin, options, created_us, version)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 1)",
        ARGS(INT(id), TEXT(w->name), TEXT(w->host),
             TEXT(w->sides[MIGRATION_SOURCE].url),
             TEXT(w->sides[MIGRATION_DESTINATION].url),
             TEXT(w->sides[MIGRATION_SOURCE].admin.user),
             TEXT(w->sides[MIGRATION_DESTINATION].admin.user), TEXT(w->options),
             INT(timestamp_now())),
        err);
}

/*
 * Numbers of leases begin with the time, so that they go on growing should the
 * id have been another mailbox's, which was removed.
 */
static int insert_mailbox(struct sq_conn *c, int64_t migration_id,
                          const struct migration_row *row, int64_t *ret_id,
                          struct err *err)
{
    bool waits = row->sides[MIGRATION_SOURCE].asks ||
                 row->sides[MIGRATION_DESTINATION].asks;

    if (sq_number(
            c,
            "INSERT INTO mailboxes (migration, line, source,"
            " destination, lease, state) VALUES (?, ?, ?, ?, ?, ?)"
            " RETURNING id",
            ARGS(INT(migration_id), INT(row->line),
                 TEXT(row->sides[MIGRATION_SOURCE].address),
                 TEXT(row->sides[MIGRATION_DESTINATION].address),
                 INT(timestamp_now() / TIMESTAMP_SECOND),
                 INT(waits ? MAILBOX_WAITING_FOR_CREDENTIALS : MAILBOX_NEW)),
            ret_id, err) < 0)
        return -1;
    return sq_run(c,
                  "INSERT INTO mailbox_plans (mailbox, flags, source_user,"
                  " destination_user) VALUES (?, ?, ?, ?)",
                  ARGS(INT(*ret_id), INT(row->flags),
                       TEXT(row->sides[MIGRATION_SOURCE].login.user),
                       TEXT(row->sides[MIGRATION_DESTINATION].login.user)),
                  err);
}

int migrations_add_mailbox(const struct migrations *p, struct sq_conn *c,
                           int64_t migration_id,
                           const struct migration_row *row, struct err *err)
{
    struct secret_owner owner = { migration_id, 0 };

    if (insert_mailbox(c, migration_id, row, &owner.mailbox_id, err) < 0)
        return -1;
    for (int i = 0; i < MIGRATION_N_SIDES; i++) {
        if (row->sides[i].login.password != NULL &&
            migrations_seal(p, c, &owner, migration_side_names[i],
                            row->sides[i].login.password, err) < 0)
            return -1;
        if (row->sides[i].asks &&
            owners_expect(c, owner.mailbox_id, (enum migration_side)i, err) < 0)
            return -1;
    }
    return 0;
}

static int audit_added(struct sq_conn *c, const struct roster_actor *who,
                       const struct migration_wish *w, int64_t id,
                       struct err *err)
{
    g_autofree char *subject = migration_subject(id);
    g_autofree char *detail = g_strdup_printf(
        "\"%s\": %zu mailboxes from %s to %s", w->name, w->n_rows,
        w->sides[MIGRATION_SOURCE].url, w->sides[MIGRATION_DESTINATION].url);

    return roster_audit_line(
        c, &(struct audit_line){ who, "migration.add", subject, detail, id },
        err);
}

static int add_secrets(const struct migrations *p, struct sq_conn *c,
                       const struct migration_wish *w,
                       const struct secret_owner *owner, struct err *err)
{
    for (int i = 0; i < MIGRATION_N_SIDES; i++)
        if ((w->sides[i].admin.password != NULL &&
             migrations_seal(p, c, owner, migration_side_names[i],
                             w->sides[i].admin.password, err) < 0) ||
            migrations_put_access(p, c, owner->migration_id,
                                  (enum migration_side)i, 0, w->sides[i].access,
                                  err) < 0)
            return -1;
    return migrations_judge_access(c, owner->migration_id, err);
}

/*
 * A state file's one migration has a row from the beginning (sql_schema.c),
 * which nothing of a service's says anything of: the first one takes it.  What
 * was a migration has been created at some time, also after its removal.
 */
static int take_number(struct sq_conn *c, int64_t account_id, int64_t *ret_id,
                       struct err *err)
{
    const int64_t now_us = timestamp_now();
    int found = sq_number(
        c,
        "UPDATE migration SET account = ?, created_us = ?"
        " WHERE id = 1 AND created_us = 0 AND source_url IS NULL"
        " AND (SELECT max(id) FROM migration) = 1"
        " AND NOT EXISTS (SELECT 1 FROM plans)"
        " AND NOT EXISTS (SELECT 1 FROM mailboxes) RETURNING id",
        ARGS(OPT_INT(account_id != 0, account_id), INT(now_us)), ret_id, err);

    if (found != 0)
        return MIN(found, 0);
    found = sq_number(c,
                      "INSERT INTO migration (account, created_us)"
                      " VALUES (?, ?) RETURNING id",
                      ARGS(OPT_INT(account_id != 0, account_id), INT(now_us)),
                      ret_id, err);
    return MIN(found, 0);
}

static int add(const struct migrations *p, struct sq_conn *c,
               const struct roster_actor *who, const struct migration_wish *w,
               int64_t *ret_id, struct err *err)
{
    struct secret_owner owner = { 0 };
    int done = roster_once_done(c, who->once, ret_id, err);

    if (done != 0)
        return MIN(done, 0);
    if (take_number(c, w->account_id, &owner.migration_id, err) < 0 ||
        add_plan(c, w, owner.migration_id, err) < 0)
        return -1;
    if (add_secrets(p, c, w, &owner, err) < 0)
        return -1;
    for (size_t i = 0; i < w->n_rows; i++)
        if (migrations_add_mailbox(p, c, owner.migration_id, &w->rows[i], err) <
            0)
            return err_in(err, "line %u", w->rows[i].line);
    *ret_id = owner.migration_id;
    return audit_added(c, who, w, owner.migration_id, err);
}

static int check_wish(const struct migration_wish *w, struct err *err)
{
    if (store_check(err, "name of the migration", w->name, MIGRATION_NAME_MAX) <
            0 ||
        store_check(err, "options", w->options, MIGRATION_OPTIONS_MAX) < 0 ||
        store_check(err, "host", w->host, STORE_EXCHANGE_NAME_MAX) < 0)
        return -1;
    for (int i = 0; i < MIGRATION_N_SIDES; i++)
        if (store_check(err, "URL", w->sides[i].url, STORE_EXCHANGE_NAME_MAX) <
                0 ||
            store_check_opt(err, "user name", w->sides[i].admin.user,
                            STORE_EXCHANGE_NAME_MAX) < 0 ||
            migrations_check_access(w->sides[i].access, err) < 0)
            return err_in(err, "%s", migration_side_names[i]);
    return 0;
}

int migrations_add(struct migrations *p, const struct roster_actor *who,
                   const struct migration_wish *wish, int64_t *ret_id,
                   struct err *err)
{
    struct sq_conn *c;
    int64_t id = 0;

    if (check_wish(wish, err) < 0)
        return -1;
    c = p->db->ops->begin(p->db, DB_WRITE, err);
    if (c == NULL || sq_end(c, add(p, c, who, wish, &id, err), err) < 0)
        return -1;
    step("migration");
    *ret_id = id;
    return 0;
}

/* ---- looking ------------------------------------------------------------- */

static void free_migration(void *p)
{
    migration_free(p);
}

#define PLAN_TABLES                                                            \
    "plans p JOIN migration m ON m.id = p.migration"                           \
    " LEFT JOIN job_limits l ON l.migration = p.migration"
#define PLAN_COLUMNS                                                           \
    "p.migration, m.account, p.name, p.host, p.options, p.source,"             \
    " p.destination, p.source_admin, p.destination_admin, p.created_us,"       \
    " coalesce(l.most, 0), l.hours, p.version"                                 \
    " FROM " PLAN_TABLES

static int read_plan(struct sq_conn *c, struct sq_rows *rows, GPtrArray *to,
                     struct err *err)
{
    struct migration *m = g_new(struct migration, 1);

    (void)c;
    (void)err;
    *m = (struct migration){
        .id = sq_int64(rows, 0),
        .account_id = sq_int64(rows, 1),
        .name = sq_column_dup(rows, 2),
        .host = sq_column_dup(rows, 3),
        .options = sq_column_dup(rows, 4),
        .urls = { sq_column_dup(rows, 5), sq_column_dup(rows, 6) },
        .admins = { sq_column_dup(rows, 7), sq_column_dup(rows, 8) },
        .created_us = sq_int64(rows, 9),
        .most = (unsigned int)sq_int64(rows, 10),
        .hours = sq_column_dup(rows, 11),
        .version = sq_int64(rows, 12),
    };
    g_ptr_array_add(to, m);
    return 0;
}

/* Numbers by a state, below n. */
static int read_states(struct sq_conn *c, const char *sql, int64_t id,
                       uint64_t *ret, unsigned int n, struct err *err)
{
    struct sq_rows *rows = sq_query(c, sql, ARGS(INT(id)), err);
    unsigned int state = 0;
    int more;

    if (rows == NULL)
        return -1;
    while ((more = sq_step(c, rows, err)) > 0) {
        if (sq_column_enum(c, rows, 0, &state, n, err) < 0) {
            sq_reset(rows);
            return -1;
        }
        ret[state] = (uint64_t)sq_int64(rows, 1);
    }
    return more;
}

G_STATIC_ASSERT(FORECAST_LATEST == 10);

static int read_forecast(struct sq_conn *c, struct migration *m,
                         struct err *err)
{
    struct sq_rows *rows =
        sq_query(c,
                 "SELECT at_us, p50_us, p90_us, basis FROM forecasts"
                 " WHERE migration = ? AND mailbox = 0 AND tenth = 10"
                 " AND ended_us = 0",
                 ARGS(INT(m->id)), err);
    int found = rows == NULL ? -1 : sq_step(c, rows, err);

    if (found <= 0)
        return found;
    g_free(m->forecast.basis);
    m->forecast = (struct store_forecast){
        .tenth = FORECAST_LATEST,
        .at_us = sq_int64(rows, 0),
        .p50_us = sq_int64(rows, 1),
        .p90_us = sq_int64(rows, 2),
        .basis = sq_column_dup(rows, 3),
    };
    sq_reset(rows);
    return 0;
}

static int count(struct sq_conn *c, struct migration *m, struct err *err)
{
    if (read_states(c,
                    "SELECT state, count(*) FROM mailboxes"
                    " WHERE migration = ? GROUP BY state",
                    m->id, m->by_state, MAILBOX_N_STATES, err) < 0 ||
        read_states(c,
                    "SELECT state, count(*) FROM jobs WHERE migration = ?"
                    " GROUP BY state",
                    m->id, m->jobs, JOB_N_STATES, err) < 0 ||
        migrations_read_access(c, m, err) < 0 || read_forecast(c, m, err) < 0)
        return -1;
    for (int i = 0; i < MAILBOX_N_STATES; i++)
        m->n_mailboxes += m->by_state[i];
    return 0;
}

static int read_all(struct sq_conn *c, const char *sql,
                    const struct sq_arg *args, GPtrArray *to, struct err *err)
{
    if (roster_read(c, sql, args, read_plan, to, err) < 0)
        return -1;
    for (guint i = 0; i < to->len; i++)
        if (count(c, to->pdata[i], err) < 0)
            return -1;
    return 0;
}

const struct roster_order migration_orders[] = {
    { "name", "lower(p.name)", true },
    { "account", "coalesce(m.account, 0)", false },
    { "created", "p.created_us", false },
    { "mailboxes",
      "(SELECT count(*) FROM mailboxes b WHERE b.migration = p.migration)",
      false },
    { NULL },
};

/* ?4 to ?7: struct migration_filter. */
static const char list_sql[] =
    "SELECT " PLAN_COLUMNS " WHERE {after} AND (?4 = 0 OR m.account = ?4)"
    " AND (?5 = 0 OR EXISTS (SELECT 1 FROM mailboxes b"
    "  WHERE b.migration = p.migration"
    "  AND ((?5 >> CAST(b.state AS INTEGER)) & 1) = 1))"
    " AND (?6 = 0 OR EXISTS (SELECT 1 FROM jobs j"
    "  WHERE j.migration = p.migration"
    "  AND ((?6 >> CAST(j.state AS INTEGER)) & 1) = 1))"
    " AND (lower(p.name) LIKE ?7 ESCAPE '!'"
    "  OR lower(p.source) LIKE ?7 ESCAPE '!'"
    "  OR lower(p.destination) LIKE ?7 ESCAPE '!')"
    " ORDER BY {order} LIMIT ?3";

static int read_list(struct sq_conn *c, const struct migration_filter *f,
                     const struct roster_page *page, GPtrArray *to,
                     struct err *err)
{
    const struct roster_page_end end = { PLAN_TABLES, "p.migration", to };
    g_autofree char *pattern = roster_pattern(f->text);

    if (read_all(c, roster_page_sql(page, "p.migration", list_sql),
                 ARGS(ROSTER_PAGE_ARGS(page), INT(f->account_id),
                      INT(f->states), INT(f->job_states), TEXT(pattern)),
                 to, err) < 0)
        return -1;
    return roster_page_key(c, page, &end, err);
}

int migrations_list(struct migrations *p, const struct migration_filter *filter,
                    const struct roster_page *page, GPtrArray **ret,
                    struct err *err)
{
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(free_migration);
    struct sq_conn *c = p->db->ops->begin(p->db, DB_READ, err);

    if (c == NULL || sq_end(c, read_list(c, filter, page, all, err), err) < 0)
        return -1;
    *ret = g_steal_pointer(&all);
    return 0;
}

int migrations_get(struct migrations *p, int64_t id, struct migration **ret,
                   struct err *err)
{
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(free_migration);
    struct sq_conn *c = p->db->ops->begin(p->db, DB_READ, err);

    if (c == NULL ||
        sq_end(c,
               roster_read(c, "SELECT " PLAN_COLUMNS " WHERE p.migration = ?",
                           ARGS(INT(id)), read_plan, all, err),
               err) < 0)
        return -1;
    if (all->len == 0)
        return 0;
    *ret = g_ptr_array_steal_index(all, 0);
    return 1;
}

int migrations_count(struct migrations *p, struct migration *m, struct err *err)
{
    struct sq_conn *c = p->db->ops->begin(p->db, DB_READ, err);

    return c == NULL ? -1 : sq_end(c, count(c, m, err), err);
}

/* ---- changing ------------------------------------------------------------ */

static int change_admin(const struct migrations *p, struct sq_conn *c,
                        int64_t id, enum migration_side side,
                        const struct migration_login *login, struct err *err)
{
    static const char *const sql[MIGRATION_N_SIDES] = {
        "UPDATE plans SET source_admin = ? WHERE migration = ?",
        "UPDATE plans SET destination_admin = ? WHERE migration = ?",
    };
    const struct secret_owner owner = { id, 0 };

    if (login == NULL)
        return 0;
    if (store_check_opt(err, "user name", login->user,
                        STORE_EXCHANGE_NAME_MAX) < 0 ||
        sq_run(c, sql[side], ARGS(TEXT(login->user), INT(id)), err) < 0)
        return -1;
    return migrations_seal(p, c, &owner, migration_side_names[side],
                           login->password, err);
}

/* The next version; -1 "changed" when it is not that one (0: any). */
static int take_version(struct sq_conn *c, int64_t id, int64_t version,
                        struct err *err)
{
    if (roster_take_version(
            c, "SELECT version FROM plans WHERE migration = ?" DB_FOR_UPDATE,
            "migration", &(struct roster_version){ id, version }, err) < 0)
        return -1;
    return sq_run(c,
                  "UPDATE plans SET version = version + 1 WHERE migration = ?",
                  ARGS(INT(id)), err);
}

static int change_texts(struct sq_conn *c, int64_t id,
                        const struct migration_change *ch, struct err *err)
{
    return sq_run(c,
                  "UPDATE plans SET name = coalesce(?, name),"
                  " options = coalesce(?, options) WHERE migration = ?",
                  ARGS(TEXT(ch->name), TEXT(ch->options), INT(id)), err);
}

static bool changes_access(const struct migration_change *ch,
                           enum migration_side side)
{
    return ch->admins[side] != NULL || ch->sides[side].ways != 0;
}

/* What was changed, and never to what where that is a secret. */
static int audit_changed(struct sq_conn *c, const struct roster_actor *who,
                         int64_t id, const struct migration_change *ch,
                         struct err *err)
{
    g_autofree char *subject = migration_subject(id);
    g_autofree char *detail = g_strdup_printf(
        "%s%s%s%s%s%s%s%s", ch->name != NULL ? "name " : "",
        ch->name != NULL ? ch->name : "",
        ch->options != NULL ? " options " : "",
        ch->options != NULL ? ch->options : "",
        ch->admins[MIGRATION_SOURCE] != NULL ? " source-admin" : "",
        ch->admins[MIGRATION_DESTINATION] != NULL ? " destination-admin" : "",
        ch->sides[MIGRATION_SOURCE].ways != 0 ? " source-access" : "",
        ch->sides[MIGRATION_DESTINATION].ways != 0 ? " destination-access"
                                                   : "");

    return roster_audit_line(c,
                             &(struct audit_line){ who, "migration.change",
                                                   subject,
                                                   g_strstrip(detail) },
                             err);
}

static int read_limits(struct sq_conn *c, int64_t id, unsigned int *most,
                       char **hours, struct err *err)
{
    struct sq_rows *rows =
        sq_query(c, "SELECT most, hours FROM job_limits WHERE migration = ?",
                 ARGS(INT(id)), err);
    int found = rows == NULL ? -1 : sq_step(c, rows, err);

    if (found <= 0)
        return found;
    *most = (unsigned int)sq_int64(rows, 0);
    *hours = sq_column_dup(rows, 1);
    sq_reset(rows);
    return 1;
}

static int change_limits(struct sq_conn *c, const struct roster_actor *who,
                         int64_t id, const struct migration_change *ch,
                         struct err *err)
{
    g_autofree char *subject = migration_subject(id), *hours = NULL,
                    *detail = NULL;
    unsigned int most = 0;

    if (ch->most == NULL && ch->hours == NULL)
        return 0;
    if (read_limits(c, id, &most, &hours, err) < 0)
        return -1;
    if (ch->most != NULL)
        most = *ch->most;
    if (ch->hours != NULL) {
        g_free(hours);
        hours = *ch->hours != '\0' ? g_strdup(ch->hours) : NULL;
    }
    detail = migration_limit_text(most, "only", hours);
    if (sq_jobs_limit_migration(c, id, most, hours, err) < 0)
        return -1;
    return roster_audit_line(
        c, &(struct audit_line){ who, "migration.limit", subject, detail },
        err);
}

static int change_access(const struct migrations *p, struct sq_conn *c,
                         int64_t id, const struct migration_change *ch,
                         struct err *err)
{
    for (int i = 0; i < MIGRATION_N_SIDES; i++) {
        enum migration_side side = (enum migration_side)i;

        if (change_admin(p, c, id, side, ch->admins[i], err) < 0 ||
            migrations_put_access(p, c, id, side, ch->sides[i].ways,
                                  ch->sides[i].access, err) < 0)
            return -1;
    }
    return migrations_judge_access(c, id, err);
}

static int change(const struct migrations *p, struct sq_conn *c,
                  const struct roster_actor *who, int64_t id,
                  const struct migration_change *ch, struct err *err)
{
    if (take_version(c, id, ch->version, err) < 0 ||
        change_limits(c, who, id, ch, err) < 0)
        return -1;
    /* what is under way need not begin again for its limits */
    if (ch->name == NULL && ch->options == NULL &&
        !changes_access(ch, MIGRATION_SOURCE) &&
        !changes_access(ch, MIGRATION_DESTINATION))
        return 0;
    if (change_texts(c, id, ch, err) < 0 ||
        change_access(p, c, id, ch, err) < 0)
        return -1;
    /* whoever is at work reads them again */
    if (sq_run(c, "UPDATE jobs SET version = version + 1 WHERE migration = ?",
               ARGS(INT(id)), err) < 0)
        return -1;
    return audit_changed(c, who, id, ch, err);
}

int migrations_change(struct migrations *p, const struct roster_actor *who,
                      int64_t id, const struct migration_change *ch,
                      struct err *err)
{
    struct sq_conn *c;
    int result;

    if (store_check_opt(err, "name of the migration", ch->name,
                        MIGRATION_NAME_MAX) < 0 ||
        store_check_opt(err, "options", ch->options, MIGRATION_OPTIONS_MAX) <
            0 ||
        (ch->hours != NULL && *ch->hours != '\0' &&
         jobs_check_hours(ch->hours, err) < 0))
        return -1;
    for (int i = 0; i < MIGRATION_N_SIDES; i++)
        if (migrations_check_access(ch->sides[i].access, err) < 0)
            return err_in(err, "%s", migration_side_names[i]);
    c = p->db->ops->begin(p->db, DB_WRITE, err);
    if (c == NULL)
        return -1;
    result = change(p, c, who, id, ch, err);
    if (result == 0)
        result = sq_jobs_tell(c, err);
    if (sq_end(c, result, err) < 0)
        return -1;
    step("migration");
    jobs_wake(p->jobs);
    return 0;
}

/* ---- removing ------------------------------------------------------------ */

#define OF_MIGRATION " IN (SELECT id FROM mailboxes WHERE migration = ?1)"
#define ITEMS                                                                  \
    " IN (SELECT i.id FROM folders f JOIN items i"                             \
    "  ON i.id >= f.id * 16777216 AND i.id < (f.id + 1) * 16777216"            \
    "  WHERE f.mailbox" OF_MIGRATION ")"
#define FOLDERS " IN (SELECT id FROM folders WHERE mailbox" OF_MIGRATION ")"

/*
 * Each before what it refers to.  What a connection remembers of the table
 * words must stay true, and the migration's number is never another's: those
 * two keep their rows.
 */
static const char *const removals[] = {
    "DELETE FROM secrets WHERE migration = ?1",
    "DELETE FROM plan_access WHERE migration = ?1",
    "DELETE FROM jobs WHERE migration = ?1",
    "DELETE FROM job_limits WHERE migration = ?1",
    "DELETE FROM exchange_names WHERE migration = ?1",
    "DELETE FROM settings WHERE mailbox" OF_MIGRATION,
    "DELETE FROM passes WHERE mailbox" OF_MIGRATION,
    "DELETE FROM item_texts WHERE id" ITEMS,
    "DELETE FROM items WHERE id" ITEMS,
    "DELETE FROM dest_hints WHERE folder" FOLDERS,
    "DELETE FROM dest WHERE folder" FOLDERS,
    "DELETE FROM tokens WHERE folder" FOLDERS,
    "DELETE FROM folders WHERE mailbox" OF_MIGRATION,
    "DELETE FROM mailbox_plans WHERE mailbox" OF_MIGRATION,
    "DELETE FROM owners WHERE mailbox" OF_MIGRATION,
    "DELETE FROM notices WHERE mailbox" OF_MIGRATION,
    "DELETE FROM stalls WHERE migration = ?1",
    "DELETE FROM mailbox_amounts WHERE mailbox" OF_MIGRATION,
    /* those that came true, or did not, stay for the record */
    "DELETE FROM forecasts WHERE migration = ?1 AND ended_us = 0",
    "DELETE FROM samples WHERE migration = ?1",
    "DELETE FROM mailboxes WHERE migration = ?1",
    "DELETE FROM plans WHERE migration = ?1",
    "UPDATE migration SET account = NULL, source_url = NULL,"
    " destination_url = NULL,"
    " created_us = CASE WHEN created_us = 0 THEN 1 ELSE created_us END"
    " WHERE id = ?1",
};
G_STATIC_ASSERT(ITEM_NUMBER_BITS == 24); /* 16777216 */
G_STATIC_ASSERT(JOB_RUNNING == 1);

static int refuse_busy(int64_t id, struct err *err)
{
    err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
            "migration %" G_GINT64_FORMAT " is being worked on", id);
    err->name = "busy";
    return err_remedy(err, "cancel its jobs and wait until they have ended");
}

static int remove_all(struct sq_conn *c, const struct roster_actor *who,
                      int64_t id, int64_t version, struct err *err)
{
    g_autofree char *subject = migration_subject(id);
    int64_t running;

    if (take_version(c, id, version, err) < 0)
        return -1;
    if (sq_number(c,
                  "SELECT count(*) FROM jobs WHERE migration = ? AND state = 1",
                  ARGS(INT(id)), &running, err) < 0)
        return -1;
    if (running > 0)
        return refuse_busy(id, err);
    for (size_t i = 0; i < G_N_ELEMENTS(removals); i++)
        if (sq_run(c, removals[i], ARGS(INT(id)), err) < 0)
            return -1;
    return roster_audit_line(
        c, &(struct audit_line){ who, "migration.remove", subject, NULL }, err);
}

int migrations_remove(struct migrations *p, const struct roster_actor *who,
                      int64_t id, int64_t version, struct err *err)
{
    struct sq_conn *c = p->db->ops->begin(p->db, DB_WRITE, err);

    if (c == NULL || sq_end(c, remove_all(c, who, id, version, err), err) < 0)
        return -1;
    step("migration");
    return 0;
}
