/*
 * What the SQLite store does beyond store.h: the file, its lock, its readers.
 */
#include <errno.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib/gstdio.h>
#include <sqlite3.h>

#include "base/check.h"
#include "store/store_dump.h"
#include "store/store_fill.h"
#include "store/store_tmp.h"

static const struct dump_scope scope = { 0 };

static char *dump(struct store *s)
{
    return store_dump(s, &scope);
}

/* Some of everything that survives. */
static void fill(struct store *s)
{
    struct store_fill f = store_fill_begin(s, "a@b");
    g_autoptr(GPtrArray) items = NULL, doubt = NULL;
    struct err err;

    CHECK_OK(store_fill_list(s, &f, 0, 20, &err), &err);
    CHECK_OK(store_fill_intend(s, &f, 5, &items, &err), &err);
    CHECK_OK(store_fill_record(s, &f, items, &err), &err);
    CHECK_OK(store_fill_intend(s, &f, 2, &doubt, &err), &err);
    CHECK_OK(
        store_mailbox_set_state(s, &f.lease, MAILBOX_COPYING, "r", NULL, &err),
        &err);
}

static char *contents(const char *path, gsize *n)
{
    char *bytes = NULL;
    GError *error = NULL;

    g_file_get_contents(path, &bytes, n, &error);
    g_assert_no_error(error);
    return bytes;
}

static void write_file(const char *path, const char *bytes, gssize n)
{
    GError *error = NULL;

    g_file_set_contents(path, bytes, n, &error);
    g_assert_no_error(error);
}

static bool exists(const struct store_tmp *tmp, const char *suffix)
{
    g_autofree char *name = g_strconcat(tmp->path, suffix, NULL);

    return g_file_test(name, G_FILE_TEST_EXISTS);
}

/* ---- what is written stays ---------------------------------------------- */

static void test_reopen(void)
{
    g_autoptr(store_tmp) tmp = store_tmp_new();
    g_autofree char *before = NULL, *reader = NULL, *writer = NULL;
    struct store *s = store_tmp_open(tmp, STORE_WRITE);

    fill(s);
    before = dump(s);
    store_free(s);
    g_assert_nonnull(strstr(before, "copied"));

    s = store_tmp_open(tmp, STORE_READ);
    reader = dump(s);
    store_free(s);
    g_assert_cmpstr(reader, ==, before);
    s = store_tmp_open(tmp, STORE_WRITE);
    writer = dump(s);
    store_free(s);
    g_assert_cmpstr(writer, ==, before);
}

static void test_files(void)
{
    static const char *const suffixes[] = { "", "-wal", "-shm", "-lock" };
    g_autoptr(store_tmp) tmp = store_tmp_new();
    mode_t old = umask(0);
    struct store *s = store_tmp_open(tmp, STORE_WRITE);

    umask(old);
    fill(s);
    for (size_t i = 0; i < G_N_ELEMENTS(suffixes); i++) {
        g_autofree char *name = g_strconcat(tmp->path, suffixes[i], NULL);
        struct stat st;

        CHECK_ROW(suffixes[i], stat(name, &st) == 0);
        CHECK_ROW(suffixes[i], (st.st_mode & 0777) == 0600);
    }
    store_free(s);

    /* Closed, it is one file again, also after readers. */
    g_assert_false(exists(tmp, "-wal") || exists(tmp, "-shm"));
    store_free(store_tmp_open(tmp, STORE_READ));
    g_assert_false(exists(tmp, "-wal") || exists(tmp, "-shm"));
}

/* ---- one writer ---------------------------------------------------------- */

static void refused(const char *path, enum store_mode mode, const char *name,
                    const char *says)
{
    struct store *s = NULL;
    struct err err;

    g_assert_cmpint(store_open_sqlite(path, mode, &s, &err), ==, -1);
    g_assert_null(s);
    if (strstr(err.msg, says) == NULL)
        g_error("\"%s\" does not say \"%s\"", err.msg, says);
    g_assert_cmpstr(err.name, ==, name);
    g_assert_cmpint(err.scope, ==, ERR_RUN);
    g_assert_nonnull(err.remedy);
}

/* A process that has done its part and waits to be killed, or left alone. */
struct other {
    pid_t pid;
    int hold; /* it ends when this end is closed: also when we abort */
};

typedef void child_fn(const struct store_tmp *tmp);

static struct other begin_other(const struct store_tmp *tmp, child_fn *fn)
{
    struct other other;
    int ready[2], hold[2];
    char c = 'r';

    g_assert_true(pipe(ready) == 0 && pipe(hold) == 0);
    other.pid = fork();
    g_assert_cmpint(other.pid, >=, 0);
    if (other.pid == 0) {
        close(hold[1]);
        fn(tmp);
        _exit(write(ready[1], &c, 1) == 1 ? (int)read(hold[0], &c, 1) : 1);
    }
    close(ready[1]);
    close(hold[0]);
    other.hold = hold[1];
    g_assert_cmpint(read(ready[0], &c, 1), ==, 1);
    close(ready[0]);
    return other;
}

static void kill_other(const struct other *other)
{
    int status;

    g_assert_cmpint(kill(other->pid, SIGKILL), ==, 0);
    g_assert_cmpint(waitpid(other->pid, &status, 0), ==, other->pid);
    g_assert_true(WIFSIGNALED(status));
    close(other->hold);
}

static void open_and_fill(const struct store_tmp *tmp)
{
    fill(store_tmp_open(tmp, STORE_WRITE));
}

static void test_second_writer(void)
{
    g_autoptr(store_tmp) tmp = store_tmp_new();
    struct other other = begin_other(tmp, open_and_fill);
    g_autofree char *pid = g_strdup_printf("process %d", (int)other.pid);
    g_autofree char *link = g_build_filename(tmp->folder, "link", NULL);

    g_assert_cmpint(symlink(tmp->path, link), ==, 0);
    refused(tmp->path, STORE_WRITE, "store-locked", pid);
    refused(link, STORE_WRITE, "store-locked", pid); /* by whatever name */
    kill_other(&other);
    store_free(store_tmp_open(tmp, STORE_WRITE)); /* the lock died with it */
}

static void test_second_writer_in_this_process(void)
{
    g_autoptr(store_tmp) tmp = store_tmp_new();
    g_autofree char *pid = g_strdup_printf("process %d", (int)getpid());
    struct store *s = store_tmp_open(tmp, STORE_WRITE);
    g_autofree char *before = NULL, *after = NULL;

    fill(s);
    before = dump(s);
    refused(tmp->path, STORE_WRITE, "store-locked", pid);
    after = dump(s);
    g_assert_cmpstr(after, ==, before);
    store_free(s);
    s = store_tmp_open(tmp, STORE_WRITE);
    store_free(s);
}

static void test_lock_file_with_nonsense(void)
{
    g_autoptr(store_tmp) tmp = store_tmp_new();
    struct store *s = store_tmp_open(tmp, STORE_WRITE);
    g_autofree char *name = g_strconcat(tmp->path, "-lock", NULL);
    FILE *f = fopen(name, "w");

    g_assert_nonnull(f);
    fputs("-1; rm -rf /\x1b[31m\nmore\n", f);
    fclose(f);
    refused(tmp->path, STORE_WRITE, "store-locked", "by another process");
    store_free(s);
}

/* ---- readers ------------------------------------------------------------- */

static void test_reader_beside_writer(void)
{
    g_autoptr(store_tmp) tmp = store_tmp_new();
    struct store *w = store_tmp_open(tmp, STORE_WRITE), *r, *r2;
    g_autofree char *written = NULL, *seen = NULL, *seen_too = NULL;
    struct store_lease lease = { 1, 1 };
    struct err err;

    fill(w);
    r = store_tmp_open(tmp, STORE_READ);
    r2 = store_tmp_open(tmp, STORE_READ);
    CHECK_OK(
        store_mailbox_set_state(w, &lease, MAILBOX_SYNCED, NULL, NULL, &err),
        &err);
    written = dump(w);
    seen = dump(r);
    seen_too = dump(r2);
    g_assert_cmpstr(seen, ==, written);
    g_assert_cmpstr(seen_too, ==, written);
    store_free(r);
    CHECK_OK(
        store_mailbox_set_state(w, &lease, MAILBOX_VERIFIED, NULL, NULL, &err),
        &err);
    store_free(r2);
    store_free(w);
}

static void test_reader_after_a_dead_writer(void)
{
    g_autoptr(store_tmp) tmp = store_tmp_new();
    struct other other = begin_other(tmp, open_and_fill);
    struct store *r, *mem = store_open_mem();
    g_autofree char *want = NULL, *alive = NULL, *dead = NULL;

    fill(mem);
    want = dump(mem);
    store_free(mem);
    r = store_tmp_open(tmp, STORE_READ);
    alive = dump(r);
    store_free(r);
    g_assert_cmpstr(alive, ==, want);
    kill_other(&other);
    g_assert_true(exists(tmp, "-wal")); /* it is all in there */
    r = store_tmp_open(tmp, STORE_READ);
    dead = dump(r);
    store_free(r);
    g_assert_cmpstr(dead, ==, want);
}

static void test_reader_does_not_write(void)
{
    g_autoptr(store_tmp) tmp = store_tmp_new();
    struct store *s = store_tmp_open(tmp, STORE_WRITE);
    struct store_lease lease;
    struct err err;

    fill(s);
    store_free(s);
    s = store_tmp_open(tmp, STORE_READ);
    g_assert_cmpint(store_mailbox_lease(s, 1, &lease, &err), ==, -1);
    g_assert_cmpstr(err.name, ==, "store-read-only");
    store_free(s);
}

/* ---- files that are not ours --------------------------------------------- */

/* Refused, and left as it was. */
static void refused_untouched(const struct store_tmp *tmp, enum store_mode mode,
                              const char *name, const char *says)
{
    gsize n_before, n_after;
    g_autofree char *before = contents(tmp->path, &n_before), *after = NULL;

    refused(tmp->path, mode, name, says);
    after = contents(tmp->path, &n_after);
    g_assert_cmpuint(n_after, ==, n_before);
    g_assert_true(memcmp(before, after, n_before) == 0);
}

static void test_not_a_database(void)
{
    static const char csv[] = "Source Email,Destination Email\na@b,c@d\n";
    static const char zeros[8192];
    g_autoptr(store_tmp) tmp = store_tmp_new();

    write_file(tmp->path, csv, -1);
    refused_untouched(tmp, STORE_WRITE, "store-foreign", "not a state file");
    refused_untouched(tmp, STORE_READ, "store-foreign", tmp->path);
    write_file(tmp->path, zeros, sizeof(zeros));
    refused_untouched(tmp, STORE_WRITE, "store-foreign", "not a state file");
    refused_untouched(tmp, STORE_READ, "store-foreign", "not a state file");
}

static void test_another_programs_database(void)
{
    g_autoptr(store_tmp) tmp = store_tmp_new();

    store_tmp_sql(tmp, "CREATE TABLE moz_places (id INTEGER);"
                       "INSERT INTO moz_places VALUES (1)");
    refused_untouched(tmp, STORE_WRITE, "store-foreign", "another program");
    refused_untouched(tmp, STORE_READ, "store-foreign", "another program");
    /* Its own version number is none of ours. */
    store_tmp_sql(tmp, "PRAGMA application_id = 7; PRAGMA user_version = 99");
    refused_untouched(tmp, STORE_WRITE, "store-foreign", "another program");
}

static void fill_foreign(const struct store_tmp *tmp)
{
    sqlite3 *db;

    g_assert_cmpint(sqlite3_open(tmp->path, &db), ==, SQLITE_OK);
    g_assert_cmpint(sqlite3_exec(db,
                                 "PRAGMA journal_mode = WAL;"
                                 "CREATE TABLE t (x);"
                                 "INSERT INTO t VALUES (1)",
                                 NULL, NULL, NULL),
                    ==, SQLITE_OK);
}

/* Closing a connection that may write would fold that program's WAL in. */
static void test_another_programs_wal(void)
{
    g_autoptr(store_tmp) tmp = store_tmp_new();
    struct other other = begin_other(tmp, fill_foreign);

    kill_other(&other);
    g_assert_true(exists(tmp, "-wal"));
    refused_untouched(tmp, STORE_WRITE, "store-foreign", "another program");
    refused_untouched(tmp, STORE_READ, "store-foreign", "another program");
    g_assert_true(exists(tmp, "-wal"));
}

static void test_versions(void)
{
    g_autoptr(store_tmp) tmp = store_tmp_new();

    store_free(store_tmp_open(tmp, STORE_WRITE));
    store_tmp_sql(tmp, "PRAGMA user_version = 99");
    refused_untouched(tmp, STORE_WRITE, "store-newer", "version 99");
    refused_untouched(tmp, STORE_READ, "store-newer", "version 99");
    store_tmp_sql(tmp, "PRAGMA user_version = -1");
    refused_untouched(tmp, STORE_WRITE, "store-newer", "version -1");
    store_tmp_sql(tmp, "PRAGMA user_version = 0");
    refused_untouched(tmp, STORE_READ, "store-older", "older version 0");
}

static void test_nothing_there(void)
{
    g_autoptr(store_tmp) tmp = store_tmp_new();
    g_autofree char *nowhere =
        g_build_filename(tmp->folder, "no", "such", NULL);
    struct store *s = NULL;
    struct err err;

    refused(tmp->path, STORE_READ, "store-missing", "No such file");
    g_assert_false(exists(tmp, "") || exists(tmp, "-lock"));
    refused(tmp->folder, STORE_READ, "store-foreign", "is no file");
    g_assert_cmpint(store_open_sqlite(nowhere, STORE_WRITE, &s, &err), ==, -1);
    g_assert_nonnull(strstr(err.msg, "No such file"));

    /* An empty file is what a crash while creating leaves behind. */
    write_file(tmp->path, "", 0);
    refused_untouched(tmp, STORE_READ, "store-foreign", "not a state file");
    store_free(store_tmp_open(tmp, STORE_WRITE));
    store_free(store_tmp_open(tmp, STORE_READ));
}

static void test_folder_not_writable(void)
{
    g_autoptr(store_tmp) tmp = store_tmp_new();
    struct store *s = NULL;
    struct err err;

    if (geteuid() == 0) {
        g_test_skip("root may write everywhere");
        return;
    }
    store_free(store_tmp_open(tmp, STORE_WRITE));
    g_assert_cmpint(g_chmod(tmp->folder, 0500), ==, 0);
    g_assert_cmpint(store_open_sqlite(tmp->path, STORE_READ, &s, &err), ==, -1);
    g_assert_cmpstr(err.name, ==, "store-io");
    g_assert_nonnull(strstr(err.remedy, "folder writable"));
    g_assert_cmpint(g_chmod(tmp->folder, 0700), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sqlite/reopen", test_reopen);
    g_test_add_func("/sqlite/files", test_files);
    g_test_add_func("/sqlite/second-writer", test_second_writer);
    g_test_add_func("/sqlite/second-writer-here",
                    test_second_writer_in_this_process);
    g_test_add_func("/sqlite/lock-nonsense", test_lock_file_with_nonsense);
    g_test_add_func("/sqlite/reader/beside", test_reader_beside_writer);
    g_test_add_func("/sqlite/reader/dead-writer",
                    test_reader_after_a_dead_writer);
    g_test_add_func("/sqlite/reader/does-not-write",
                    test_reader_does_not_write);
    g_test_add_func("/sqlite/foreign/no-database", test_not_a_database);
    g_test_add_func("/sqlite/foreign/database", test_another_programs_database);
    g_test_add_func("/sqlite/foreign/wal", test_another_programs_wal);
    g_test_add_func("/sqlite/versions", test_versions);
    g_test_add_func("/sqlite/nothing-there", test_nothing_there);
    g_test_add_func("/sqlite/folder-not-writable", test_folder_not_writable);
    return g_test_run();
}
