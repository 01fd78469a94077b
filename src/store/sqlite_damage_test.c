/*
 * Files that are broken, and disks that are full: a clear refusal, and nothing
 * made worse.
 */
#include <glib/gstdio.h>

#include "base/check.h"
#include "store/sqlite_priv.h"
#include "store/store_dump.h"
#include "store/store_fill.h"
#include "store/store_tmp.h"

#define N_ITEMS 3000

/* A closed state file of about a megabyte. */
static struct store_tmp *filled(void)
{
    struct store_tmp *tmp = store_tmp_new();
    struct store *s = store_tmp_open(tmp, STORE_WRITE);
    struct store_fill f = store_fill_begin(s, "a@b");
    struct err err;

    for (uint64_t n = 0; n < N_ITEMS; n += 500) {
        g_autoptr(GPtrArray) items = NULL;

        CHECK_OK(store_fill_list(s, &f, n, 500, &err), &err);
        CHECK_OK(store_fill_intend(s, &f, 400, &items, &err), &err);
        CHECK_OK(store_fill_record(s, &f, items, &err), &err);
    }
    store_free(s);
    return tmp;
}

static GString *contents(const char *path)
{
    g_autofree char *bytes = NULL;
    gsize n;

    g_assert_true(g_file_get_contents(path, &bytes, &n, NULL));
    return g_string_new_len(bytes, (gssize)n);
}

static void damaged(const struct err *err, const char *path)
{
    g_assert_cmpstr(err->name, ==, "store-damaged");
    g_assert_cmpint(err->scope, ==, ERR_RUN);
    g_assert_nonnull(strstr(err->msg, path));
    g_assert_nonnull(err->remedy);
}

/* Reads all; 0, or -1 as the store says. */
static int read_all(struct store *s, struct err *err)
{
    struct store_item_query q = { .mailbox_id = 1, .max = 100000 };
    g_autoptr(GPtrArray) items = NULL;
    struct store_counts counts;

    if (store_counts(s, 1, &counts, err) < 0)
        return -1;
    return store_items(s, &q, &items, err);
}

static int open_and_read(const struct store_tmp *tmp, enum store_mode mode,
                         struct err *err)
{
    g_autoptr(store) s = NULL;

    if (store_open_sqlite(tmp->path, mode, &s, err) < 0)
        return -1;
    return read_all(s, err);
}

static void test_truncated(void)
{
    g_autoptr(store_tmp) tmp = filled();
    GString *whole = contents(tmp->path);
    const gsize sizes[] = { whole->len / 2, whole->len - 4096, 4096, 2000 };

    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
        enum store_mode modes[] = { STORE_READ, STORE_WRITE };

        for (size_t m = 0; m < 2; m++) {
            GString *after;
            struct err err;

            g_assert_true(g_file_set_contents(tmp->path, whole->str,
                                              (gssize)sizes[i], NULL));
            g_assert_cmpint(open_and_read(tmp, modes[m], &err), ==, -1);
            if (g_strcmp0(err.name, "store-foreign") != 0)
                damaged(&err, tmp->path);
            after = contents(tmp->path);
            g_assert_cmpuint(after->len, ==, sizes[i]);
            g_assert_true(memcmp(after->str, whole->str, sizes[i]) == 0);
            g_string_free(after, TRUE);
        }
    }
    g_string_free(whole, TRUE);
}

static void test_overwritten(void)
{
    g_autoptr(store_tmp) tmp = filled();
    GString *bytes = contents(tmp->path);
    GString *after;
    struct err err;

    /* The last third of the file is rows, and nothing else. */
    for (gsize i = bytes->len / 3 * 2; i < bytes->len; i++)
        bytes->str[i] = (char)(i * 31);
    g_assert_true(
        g_file_set_contents(tmp->path, bytes->str, (gssize)bytes->len, NULL));
    g_assert_cmpint(open_and_read(tmp, STORE_READ, &err), ==, -1);
    damaged(&err, tmp->path);
    g_assert_nonnull(strstr(err.msg, "(")); /* what a quick check found */
    g_assert_cmpint(open_and_read(tmp, STORE_WRITE, &err), ==, -1);
    damaged(&err, tmp->path);
    after = contents(tmp->path);
    g_assert_true(g_string_equal(after, bytes));
    g_string_free(after, TRUE);
    g_string_free(bytes, TRUE);
}

/* ---- a WAL of another file ------------------------------------------- */

static void add_items(struct store *s, const struct store_fill *f,
                      uint64_t first, size_t n)
{
    g_autoptr(GPtrArray) items = NULL;
    struct err err;

    CHECK_OK(store_fill_list(s, f, first, n, &err), &err);
    CHECK_OK(store_fill_intend(s, f, n, &items, &err), &err);
    CHECK_OK(store_fill_record(s, f, items, &err), &err);
}

static void put_pair(const struct store_tmp *tmp, const GString *file,
                     const GString *wal)
{
    g_autofree char *wal_path = g_strconcat(tmp->path, "-wal", NULL);
    g_autofree char *shm_path = g_strconcat(tmp->path, "-shm", NULL);

    (void)g_unlink(shm_path);
    g_assert_true(
        g_file_set_contents(tmp->path, file->str, (gssize)file->len, NULL));
    g_assert_true(
        g_file_set_contents(wal_path, wal->str, (gssize)wal->len, NULL));
}

static void check_pair(const struct store_tmp *tmp, const GString *file,
                       const GString *wal)
{
    g_autofree char *wal_path = g_strconcat(tmp->path, "-wal", NULL);
    GString *is = contents(tmp->path), *wal_is = contents(wal_path);

    g_assert_true(g_string_equal(is, file));
    g_assert_true(g_string_equal(wal_is, wal));
    g_string_free(is, TRUE);
    g_string_free(wal_is, TRUE);
}

/*
 * A backup put in place without taking the WAL away, or another file's WAL:
 * refused, and both left as they are.  Its own is taken, as after any death.
 */
static void test_foreign_wal(void)
{
    g_autoptr(store_tmp) tmp = store_tmp_new();
    g_autoptr(store_tmp) copy = store_tmp_new();
    g_autoptr(store_tmp) other = filled();
    g_autofree char *wal_path = g_strconcat(tmp->path, "-wal", NULL);
    struct store *s = store_tmp_open(tmp, STORE_WRITE);
    struct store_fill f = store_fill_begin(s, "a@b");
    GString *files[3], *wal;
    struct err err;

    add_items(s, &f, 0, 300);
    store_free(s);
    files[0] = contents(tmp->path);
    s = store_tmp_open(tmp, STORE_WRITE);
    add_items(s, &f, 300, 300);
    store_free(s);
    files[1] = contents(other->path);
    files[2] = contents(tmp->path);
    s = store_tmp_open(tmp, STORE_WRITE);
    add_items(s, &f, 600, 20);
    wal = contents(wal_path);
    store_free(s);

    for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
        put_pair(copy, files[i], wal);
        (void)open_and_read(copy, STORE_READ, &err);
        check_pair(copy, files[i], wal);
        if (i == 2)
            break;
        g_assert_cmpint(open_and_read(copy, STORE_WRITE, &err), ==, -1);
        damaged(&err, copy->path);
        g_assert_nonnull(strstr(err.remedy, "-wal"));
        check_pair(copy, files[i], wal);
    }
    CHECK_OK(open_and_read(copy, STORE_WRITE, &err), &err);
    for (size_t i = 0; i < G_N_ELEMENTS(files); i++)
        g_string_free(files[i], TRUE);
    g_string_free(wal, TRUE);
}

static void sql_and(const char *path, const char *text, bool fold_in)
{
    sqlite3 *db;

    g_assert_cmpint(sqlite3_open(path, &db), ==, SQLITE_OK);
    sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, !fold_in, NULL);
    if (sqlite3_exec(db, text, NULL, NULL, NULL) != SQLITE_OK)
        g_error("%s: %s", text, sqlite3_errmsg(db));
    sqlite3_close(db);
}

static void sql(const char *path, const char *text)
{
    sql_and(path, text, true);
}

/*
 * The backup lacks a row's change, which the WAL has in a page of the index
 * alone, beside another row's.  No page by itself is wrong.
 */
static void test_foreign_wal_of_a_few_rows(void)
{
    g_autoptr(store_tmp) tmp = filled();
    g_autofree char *wal_path = g_strconcat(tmp->path, "-wal", NULL);
    g_autoptr(store) s = NULL;
    GString *backup, *wal;
    struct err err;

    backup = contents(tmp->path);
    sql(tmp->path, "UPDATE items SET pending = 1"
                   " WHERE id = (SELECT min(id) FROM items)");
    sql_and(tmp->path,
            "UPDATE items SET pending = 1"
            " WHERE id = (SELECT max(id) FROM items)",
            false);
    wal = contents(wal_path);
    put_pair(tmp, backup, wal);
    g_assert_cmpint(store_open_sqlite(tmp->path, STORE_WRITE, &s, &err), ==,
                    -1);
    damaged(&err, tmp->path);
    check_pair(tmp, backup, wal);
    g_string_free(backup, TRUE);
    g_string_free(wal, TRUE);
}

/* After the first sign of damage nothing is written any more. */
static void test_no_write_after_damage(void)
{
    g_autoptr(store_tmp) tmp = filled();
    GString *bytes = contents(tmp->path), *after;
    g_autoptr(store) s = NULL;
    struct store_lease lease = { 1, 1 };
    struct err err;

    for (gsize i = bytes->len / 3 * 2; i < bytes->len; i++)
        bytes->str[i] = (char)(i * 31);
    g_assert_true(
        g_file_set_contents(tmp->path, bytes->str, (gssize)bytes->len, NULL));
    s = store_tmp_open(tmp, STORE_WRITE);
    g_assert_cmpint(read_all(s, &err), ==, -1);
    damaged(&err, tmp->path);
    /* The mailbox's row is whole, and yet: */
    g_assert_cmpint(
        store_mailbox_set_state(s, &lease, MAILBOX_FAILED, NULL, NULL, &err),
        ==, -1);
    damaged(&err, tmp->path);
    store_free(g_steal_pointer(&s));
    after = contents(tmp->path);
    g_assert_true(g_string_equal(after, bytes));
    g_string_free(after, TRUE);
    g_string_free(bytes, TRUE);
}

/* ---- rows that mean nothing ---------------------------------------------- */

static void test_senseless_rows(void)
{
    static const struct {
        const char *name, *sql;
    } rows[] = {
        { "state", "UPDATE items SET state = 77" },
        { "negative state", "UPDATE items SET state = -1" },
        { "verify class", "UPDATE items SET verify = 9" },
        { "head that is not there", "UPDATE items SET source = x'ff7f'" },
        { "number without an end", "UPDATE items SET source = x'ffff'" },
        { "number too long",
          "UPDATE items SET source = x'ffffffffffffffffffff01'" },
        { "empty key", "UPDATE items SET source = x''" },
        { "destination", "UPDATE items SET destination = x'ff'" },
        { "class that is not there", "UPDATE items SET class = 99999" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(store_tmp) tmp = store_tmp_new();
        struct store *s = store_tmp_open(tmp, STORE_WRITE);
        struct store_fill f = store_fill_begin(s, "a@b");
        struct err err;

        CHECK_OK(store_fill_list(s, &f, 0, 1, &err), &err);
        store_free(s);
        sql(tmp->path, rows[i].sql);
        CHECK_ROW(rows[i].name, open_and_read(tmp, STORE_READ, &err) == -1);
        damaged(&err, tmp->path);
    }
}

static void test_senseless_mailbox(void)
{
    g_autoptr(store_tmp) tmp = filled();
    g_autoptr(store) s = NULL;
    g_autoptr(GPtrArray) all = NULL;
    struct store_mailbox *m = NULL;
    struct err err;

    sql(tmp->path, "UPDATE mailboxes SET state = 4000");
    s = store_tmp_open(tmp, STORE_READ);
    g_assert_cmpint(store_mailboxes(s, &all, &err), ==, -1);
    damaged(&err, tmp->path);
    g_assert_cmpint(store_mailbox_get(s, 1, &m, &err), ==, -1);
    damaged(&err, tmp->path);
    g_assert_null(m);
}

/* ---- settings that only a power cut would show --------------------------- */

static int64_t pragma(struct sq_conn *c, const char *text)
{
    int64_t value = -1;
    struct err err;

    CHECK_OK(sq_number(c, text, NO_ARGS, &value, &err), &err);
    return value;
}

static void test_settings(void)
{
    g_autoptr(store_tmp) tmp = store_tmp_new();
    g_autoptr(store) s = store_tmp_open(tmp, STORE_WRITE);
    struct sqlite_db *sq = (struct sqlite_db *)((struct sq_store *)s)->db;
    g_autofree char *mode = NULL;
    struct err err;

    g_assert_cmpint(pragma(&sq->write->base, "PRAGMA synchronous"), ==,
                    2); /* FULL */
    g_assert_cmpint(pragma(&sq->write->base, "PRAGMA foreign_keys"), ==, 1);
    g_assert_cmpint(pragma(&sq->read->base, "PRAGMA query_only"), ==, 1);
    CHECK_OK(
        sq_text(&sq->write->base, "PRAGMA journal_mode", NO_ARGS, &mode, &err),
        &err);
    g_assert_cmpstr(mode, ==, "wal");
}

/* ---- a full disk --------------------------------------------------------- */

/* SQLite's own limit gives the same error as a disk without room. */
static void limit_pages(struct store *s, int more)
{
    struct sqlite_db *sq = (struct sqlite_db *)((struct sq_store *)s)->db;
    char text[64];
    int64_t pages = 1 << 20;
    sqlite3_stmt *st;

    if (more >= 0) {
        g_assert_cmpint(sqlite3_prepare_v2(sq->write->db, "PRAGMA page_count",
                                           -1, &st, NULL),
                        ==, SQLITE_OK);
        g_assert_cmpint(sqlite3_step(st), ==, SQLITE_ROW);
        pages = sqlite3_column_int64(st, 0) + more;
        sqlite3_finalize(st);
    }
    g_snprintf(text, sizeof(text), "PRAGMA max_page_count = %" G_GINT64_FORMAT,
               pages);
    g_assert_cmpint(sqlite3_exec(sq->write->db, text, NULL, NULL, NULL), ==,
                    SQLITE_OK);
}

static void test_disk_full(void)
{
    const struct dump_scope scope = { 0 };
    g_autoptr(store_tmp) tmp = store_tmp_new();
    struct store *s = store_tmp_open(tmp, STORE_WRITE);
    struct store_fill f = store_fill_begin(s, "a@b");
    g_autofree char *before = NULL, *after = NULL;
    struct err err;

    CHECK_OK(store_fill_list(s, &f, 0, 100, &err), &err);
    before = store_dump(s, &scope);
    limit_pages(s, 3);
    g_assert_cmpint(store_fill_list(s, &f, 100, 900, &err), ==, -1);
    g_assert_cmpstr(err.name, ==, "disk-full");
    g_assert_cmpint(err.scope, ==, ERR_RUN);
    g_assert_nonnull(strstr(err.msg, "no space"));
    g_assert_nonnull(err.remedy);
    after = store_dump(s, &scope);
    g_assert_cmpstr(after, ==, before);

    /* With room again, the same call succeeds, also with new id heads. */
    limit_pages(s, -1);
    CHECK_OK(store_fill_list(s, &f, 100, 900, &err), &err);
    store_free(s);
    CHECK_OK(open_and_read(tmp, STORE_READ, &err), &err);
}

/* What each code of SQLite says to a person. */
static void test_causes(void)
{
    static const struct {
        const char *name;
        int code, system_errno;
        const char *want, *says;
    } rows[] = {
        { "full", SQLITE_FULL, 0, "disk-full", "no space is left" },
        { "full, seen late", SQLITE_IOERR_WRITE, 28, "disk-full",
          "no space is left" },
        { "write error", SQLITE_IOERR_WRITE, 5, "store-io",
          "Input/output error" },
        { "read-only", SQLITE_READONLY, 0, "store-io", "cannot be written" },
        { "busy", SQLITE_BUSY, 0, "store-busy", "another process" },
        { "damage", SQLITE_CORRUPT_VTAB, 0, "store-damaged", "is damaged" },
        { "a bug of ours", SQLITE_MISUSE, 0, "store-internal", "text" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        static char path[] = "/x/state";
        struct sq_file file = { .path = path };
        struct err err = { 0 };

        CHECK_ROW(rows[i].name,
                  sq_fail_code(&file, rows[i].code, rows[i].system_errno,
                               "text", &err) == -1);
        CHECK_ROW(rows[i].name, g_str_equal(err.name, rows[i].want));
        CHECK_ROW(rows[i].name, strstr(err.msg, rows[i].says) != NULL);
        CHECK_ROW(rows[i].name, strstr(err.msg, "/x/state") != NULL);
        CHECK_ROW(rows[i].name, err.scope == ERR_RUN);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sqlite/damage/truncated", test_truncated);
    g_test_add_func("/sqlite/damage/overwritten", test_overwritten);
    g_test_add_func("/sqlite/damage/foreign-wal", test_foreign_wal);
    g_test_add_func("/sqlite/damage/foreign-wal-of-a-few-rows",
                    test_foreign_wal_of_a_few_rows);
    g_test_add_func("/sqlite/damage/no-write-after",
                    test_no_write_after_damage);
    g_test_add_func("/sqlite/damage/senseless-rows", test_senseless_rows);
    g_test_add_func("/sqlite/damage/senseless-mailbox", test_senseless_mailbox);
    g_test_add_func("/sqlite/damage/settings", test_settings);
    g_test_add_func("/sqlite/damage/disk-full", test_disk_full);
    g_test_add_func("/sqlite/damage/causes", test_causes);
    return g_test_run();
}
