#include "store/store_tmp.h"

#include <glib/gstdio.h>

#include <libpq-fe.h>
#include <sqlite3.h>
#include <unistd.h>

#include "base/check.h"
#include "store/database.h"
#include "store/postgres_priv.h"

struct store_tmp *store_tmp_new(void)
{
    struct store_tmp *tmp = g_new0(struct store_tmp, 1);
    GError *error = NULL;

    tmp->folder = g_dir_make_tmp("mailferry-store-XXXXXX", &error);
    g_assert_no_error(error);
    tmp->path = g_build_filename(tmp->folder, "state.mailferry", NULL);
    return tmp;
}

/* ---- in PostgreSQL ------------------------------------------------------ */

const char *store_tmp_server(void)
{
    return g_getenv("MAILFERRY_TEST_POSTGRES");
}

static void server_sql(const char *url, const char *text)
{
    PGconn *pg = PQconnectdb(url);
    PGresult *result = PQexec(pg, text);
    ExecStatusType status = PQresultStatus(result);

    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
        g_error("%s: %s", text, PQerrorMessage(pg));
    PQclear(result);
    PQfinish(pg);
}

static void file_sql(const char *path, const char *text)
{
    sqlite3 *db;

    g_assert_cmpint(sqlite3_open(path, &db), ==, SQLITE_OK);
    if (sqlite3_exec(db, text, NULL, NULL, NULL) != SQLITE_OK)
        g_error("%s: %s", text, sqlite3_errmsg(db));
    sqlite3_close(db);
}

void store_tmp_sql(const struct store_tmp *tmp, const char *text)
{
    (tmp->folder == NULL ? server_sql : file_sql)(tmp->path, text);
}

struct store_tmp *store_tmp_new_postgres(void)
{
    static int n;
    struct store_tmp *tmp = g_new0(struct store_tmp, 1);
    g_autofree char *text = NULL;

    tmp->schema = g_strdup_printf("t%d_%d", (int)getpid(), ++n);
    tmp->path = g_strdup_printf("%s?options=-csearch_path%%3D%s",
                                store_tmp_server(), tmp->schema);
    text = g_strdup_printf("CREATE SCHEMA %s", tmp->schema);
    server_sql(store_tmp_server(), text);
    return tmp;
}

static void free_postgres(struct store_tmp *tmp)
{
    g_autofree char *text = g_strdup_printf("SET client_min_messages = error;"
                                            "DROP SCHEMA %s CASCADE",
                                            tmp->schema);

    server_sql(store_tmp_server(), text);
    g_free(tmp->schema);
    g_free(tmp->path);
    g_free(tmp);
}

/* The first to open it makes migration 1. */
static struct store *open_postgres(const struct store_tmp *tmp,
                                   enum store_mode mode)
{
    g_autoptr(database) d = NULL;
    g_autoptr(GPtrArray) all = NULL;
    struct db *db = NULL;
    int64_t id = 1;
    struct err err;

    CHECK_OK(database_open(tmp->path, mode, &d, &err), &err);
    CHECK_OK(database_migrations(d, &all, &err), &err);
    if (all->len == 0)
        CHECK_OK(database_migration_add(d, 0, &id, &err), &err);
    g_assert_cmpint(id, ==, 1);
    CHECK_OK(pg_db_open(tmp->path, mode, &db, &err), &err);
    return sq_store_new(db, true, 1);
}

/* ---- either -------------------------------------------------------------- */

static void free_folder(struct store_tmp *tmp)
{
    GDir *dir = g_dir_open(tmp->folder, 0, NULL);
    const char *name;

    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *path = g_build_filename(tmp->folder, name, NULL);

        g_assert_cmpint(g_remove(path), ==, 0);
    }
    if (dir != NULL)
        g_dir_close(dir);
    g_assert_cmpint(g_rmdir(tmp->folder), ==, 0);
    g_free(tmp->folder);
    g_free(tmp->path);
    g_free(tmp);
}

void store_tmp_free(struct store_tmp *tmp)
{
    (tmp->folder == NULL ? free_postgres : free_folder)(tmp);
}

struct store *store_tmp_open(const struct store_tmp *tmp, enum store_mode mode)
{
    struct store *s = NULL;
    struct err err;

    if (tmp->folder == NULL)
        return open_postgres(tmp, mode);
    CHECK_OK(store_open_sqlite(tmp->path, mode, &s, &err), &err);
    return s;
}
