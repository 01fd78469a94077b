/*
 * Checking, backing up, and moving a state file to PostgreSQL (run by
 * tests/lib/postgres.py).
 */
#include "store/upkeep.h"

#include <glib/gstdio.h>
#include <sqlite3.h>

#include "base/check.h"
#include "store/jobs.h"
#include "store/store_dump.h"
#include "store/store_fill.h"
#include "store/store_tmp.h"

static const struct dump_scope scope = { 0 };

/* Some of everything, with text that is not UTF-8. */
static void fill(struct store *s)
{
    static char a[] = "https://a", b[] = "https://b";
    const struct store_migration m = { a, b, 7 };
    struct store_fill f = store_fill_begin(s, "a@b");
    g_autoptr(GPtrArray) items = NULL;
    int64_t pass = 0;
    struct store_outcome o = { .state = ITEM_FAILED,
                               .reason = "odd \xff byte \xf4\x8f\xba\x80",
                               .subject = "a 'quoted' ? one" };
    struct store_item_query q = { .mailbox_id = f.lease.mailbox_id,
                                  .states = 1 << ITEM_LISTED,
                                  .max = 1 };
    g_autoptr(GPtrArray) listed = NULL;
    struct err err;

    CHECK_OK(store_migration_set(s, &m, &err), &err);
    CHECK_OK(store_pass_begin(s, &f.lease, "full", &pass, &err), &err);
    CHECK_OK(store_fill_list(s, &f, 0, 200, &err), &err);
    CHECK_OK(store_fill_intend(s, &f, 50, &items, &err), &err);
    CHECK_OK(store_fill_record(s, &f, items, &err), &err);
    CHECK_OK(store_items(s, &q, &listed, &err), &err);
    o.item_id = ((const struct store_item *)listed->pdata[0])->id;
    CHECK_OK(store_items_record(s, &f.lease, &o, 1, &err), &err);
}

static struct store_tmp *filled(char **ret_dump)
{
    struct store_tmp *tmp = store_tmp_new();
    struct store *s = store_tmp_open(tmp, STORE_WRITE);

    fill(s);
    *ret_dump = store_dump(s, &scope);
    store_free(s);
    return tmp;
}

/* ---- checking ------------------------------------------------------------ */

static void test_check(void)
{
    static const struct {
        const char *name, *sql, *says;
    } rows[] = {
        { "no id at the destination",
          "UPDATE items SET destination = NULL WHERE id ="
          " (SELECT min(id) FROM items WHERE state = 2)",
          "1 copied items" },
        { "a number that is not so", "UPDATE folders SET n_listed = 3",
          "1 folders whose number" },
        { "items of no folder",
          "INSERT INTO items (id, state, source) VALUES (9 << 40, 5, x'01')",
          "1 items of a folder" },
        { "a reference to nothing",
          "INSERT INTO passes (mailbox, kind, begun_us) VALUES (99, 'x', 0)",
          "a row refers to" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *dump = NULL;
        g_autoptr(store_tmp) tmp = filled(&dump);
        g_autoptr(GPtrArray) before = NULL, after = NULL;
        struct err err;

        CHECK_OK(upkeep_check(tmp->path, &before, &err), &err);
        CHECK_ROW(rows[i].name, before->len == 0);
        store_tmp_sql(tmp, rows[i].sql);
        CHECK_OK(upkeep_check(tmp->path, &after, &err), &err);
        CHECK_ROW(rows[i].name, after->len == 1);
        CHECK_ROW(rows[i].name,
                  g_str_has_prefix(after->pdata[0], rows[i].says));
    }
}

/* ---- backups ------------------------------------------------------------- */

static void test_backup(void)
{
    g_autofree char *dump = NULL, *again = NULL;
    g_autoptr(store_tmp) tmp = filled(&dump), other = store_tmp_new();
    struct store *s = store_tmp_open(tmp, STORE_WRITE);
    GStatBuf st;
    struct err err;

    /* Beside a writer, and with its mode. */
    CHECK_OK(upkeep_backup(tmp->path, other->path, &err), &err);
    store_free(s);
    g_assert_cmpint(g_stat(other->path, &st), ==, 0);
    g_assert_cmpint(st.st_mode & 0777, ==, 0600);
    s = store_tmp_open(other, STORE_WRITE);
    again = store_dump(s, &scope);
    store_free(s);
    g_assert_cmpstr(again, ==, dump);

    g_assert_cmpint(upkeep_backup(tmp->path, other->path, &err), ==, -1);
    g_assert_nonnull(strstr(err.msg, "File exists"));
    g_assert_cmpint(upkeep_backup("postgresql:///x", "/x", &err), ==, -1);
    g_assert_nonnull(strstr(err.remedy, "pg_dump"));
}

static void test_backup_of_nothing(void)
{
    g_autoptr(store_tmp) tmp = store_tmp_new(), other = store_tmp_new();
    struct err err;

    g_assert_cmpint(upkeep_backup(tmp->path, other->path, &err), ==, -1);
    g_assert_cmpstr(err.name, ==, "store-missing");
    g_assert_false(g_file_test(other->path, G_FILE_TEST_EXISTS));
}

/* ---- moving -------------------------------------------------------------- */

static void test_move_refused(void)
{
    GArray *found = NULL;
    struct err err;

    g_assert_cmpint(upkeep_move("a", "b", &found, &err), ==, -1);
    g_assert_cmpint(
        upkeep_move("postgresql:///a", "postgresql:///b", &found, &err), ==,
        -1);
    g_assert_null(found);
}

static uint64_t rows_of(const GArray *tables, const char *name)
{
    for (guint i = 0; i < tables->len; i++) {
        const struct upkeep_table *t =
            &g_array_index(tables, struct upkeep_table, i);

        if (g_str_equal(t->name, name))
            return t->rows;
    }
    g_error("no table %s", name);
}

static void test_move(void)
{
    g_autofree char *dump = NULL, *there = NULL;
    g_autoptr(store_tmp) tmp = filled(&dump), to = store_tmp_new_postgres();
    g_autoptr(GArray) tables = NULL;
    g_autoptr(GPtrArray) findings = NULL;
    struct store_fill f;
    GArray *again = NULL;
    struct store *s;
    struct err err;

    CHECK_OK(upkeep_move(tmp->path, to->path, &tables, &err), &err);
    g_assert_cmpuint(rows_of(tables, "items"), ==, 200);
    s = store_tmp_open(to, STORE_WRITE);
    there = store_dump(s, &scope);
    g_assert_cmpstr(there, ==, dump);
    CHECK_OK(upkeep_check(to->path, &findings, &err), &err);
    g_assert_cmpuint(findings->len, ==, 0);
    /* It goes on there: new rows have numbers of their own. */
    f = store_fill_begin(s, "new@b");
    CHECK_OK(store_fill_list(s, &f, 0, 20, &err), &err);
    store_free(s);

    g_assert_cmpint(upkeep_move(tmp->path, to->path, &again, &err), ==, -1);
    g_assert_cmpstr(err.name, ==, "store-not-empty");
}

/* What is different there undoes all of it. */
static void test_move_all_or_nothing(void)
{
    g_autofree char *dump = NULL;
    g_autoptr(store_tmp) tmp = filled(&dump), to = store_tmp_new_postgres();
    g_autoptr(database) d = NULL;
    g_autoptr(GPtrArray) all = NULL;
    GArray *tables = NULL;
    struct err err;

    CHECK_OK(database_open(to->path, STORE_WRITE, &d, &err), &err);
    store_tmp_sql(to, "CREATE FUNCTION other() RETURNS trigger LANGUAGE plpgsql"
                      " AS 'BEGIN NEW.source_version := NEW.id; RETURN NEW;"
                      " END'");
    store_tmp_sql(to, "CREATE TRIGGER other BEFORE INSERT ON mailboxes"
                      " FOR EACH ROW EXECUTE FUNCTION other()");
    g_assert_cmpint(upkeep_move(tmp->path, to->path, &tables, &err), ==, -1);
    g_assert_cmpstr(err.name, ==, "store-different");
    CHECK_OK(database_migrations(d, &all, &err), &err);
    g_assert_cmpuint(all->len, ==, 0);
    store_tmp_sql(to, "DROP TRIGGER other ON mailboxes");
    CHECK_OK(upkeep_move(tmp->path, to->path, &tables, &err), &err);
    g_array_unref(tables);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    if (store_tmp_server() != NULL) {
        g_test_add_func("/store/upkeep/move", test_move);
        g_test_add_func("/store/upkeep/all-or-nothing",
                        test_move_all_or_nothing);
        return g_test_run();
    }
    g_test_add_func("/store/upkeep/check", test_check);
    g_test_add_func("/store/upkeep/backup", test_backup);
    g_test_add_func("/store/upkeep/backup-of-nothing", test_backup_of_nothing);
    g_test_add_func("/store/upkeep/move-refused", test_move_refused);
    return g_test_run();
}
