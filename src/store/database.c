#include "store/database.h"

#include "base/step.h"
#include "base/timestamp.h"
#include "store/jobs.h"
#include "store/postgres_priv.h"
#include "store/sqlite_priv.h"

struct database {
    struct db *db;
};

bool database_is_url(const char *where)
{
    return g_str_has_prefix(where, "postgresql://") ||
           g_str_has_prefix(where, "postgres://");
}

int database_open(const char *where, enum store_mode mode,
                  struct database **ret, struct err *err)
{
    struct db *db = NULL;

    if ((database_is_url(where) ? pg_db_open : sqlite_db_open)(where, mode, &db,
                                                               err) < 0)
        return -1;
    *ret = g_new(struct database, 1);
    (*ret)->db = db;
    return 0;
}

void database_close(struct database *d)
{
    if (d == NULL)
        return;
    d->db->ops->close(d->db);
    g_free(d);
}

struct db *sq_database_db(struct database *d)
{
    return d->db;
}

uint64_t database_late_writes(struct database *d)
{
    return atomic_load(&d->db->late_writes);
}

int database_clock(struct database *d, int64_t *ret_us, struct err *err)
{
    const char *sql = d->db->ops->clock_sql;
    struct sq_conn *c;
    int64_t now_us = 0;

    if (sql == NULL) {
        *ret_us = timestamp_now();
        return 0;
    }
    c = d->db->ops->begin(d->db, DB_READ, err);
    if (c == NULL ||
        sq_end(c, sq_number(c, sql, NO_ARGS, &now_us, err), err) < 0)
        return -1;
    *ret_us = now_us;
    return 0;
}

struct store *database_store(struct database *d, int64_t migration_id)
{
    return sq_store_new(d->db, false, migration_id);
}

struct jobs *database_jobs(struct database *d)
{
    return sq_jobs_new(d->db);
}

int database_migration_add(struct database *d, int64_t account_id,
                           int64_t *ret_id, struct err *err)
{
    struct sq_conn *c = d->db->ops->begin(d->db, DB_WRITE, err);
    int64_t id = 0;

    if (c == NULL ||
        sq_end(c,
               sq_number(c,
                         "INSERT INTO migration (account) VALUES (?)"
                         " RETURNING id",
                         ARGS(OPT_INT(account_id != 0, account_id)), &id, err),
               err) < 0)
        return -1;
    *ret_id = id;
    step("migration");
    return 0;
}

static void migration_free(void *p)
{
    struct database_migration *m = p;

    store_migration_clear(&m->about);
    g_free(m);
}

static int read_all(struct sq_conn *c, GPtrArray *to, struct err *err)
{
    struct sq_rows *st =
        sq_query(c,
                 "SELECT id, account, source_url, destination_url, created_us"
                 " FROM migration ORDER BY id",
                 NO_ARGS, err);
    int more;

    if (st == NULL)
        return -1;
    while ((more = sq_step(c, st, err)) > 0) {
        struct database_migration *m = g_new(struct database_migration, 1);

        *m = (struct database_migration){
            .id = sq_int64(st, 0),
            .account_id = sq_int64(st, 1),
            .about = { .source_url = sq_column_dup(st, 2),
                       .destination_url = sq_column_dup(st, 3),
                       .created_us = sq_int64(st, 4) },
        };
        g_ptr_array_add(to, m);
    }
    return more;
}

int database_migrations(struct database *d, GPtrArray **ret, struct err *err)
{
    struct sq_conn *c = d->db->ops->begin(d->db, DB_READ, err);
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(migration_free);

    if (c == NULL || sq_end(c, read_all(c, all, err), err) < 0)
        return -1;
    *ret = g_steal_pointer(&all);
    return 0;
}
