#include "base/blob.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>

#include <glib/gstdio.h>

#include "base/check.h"
#include "base/spool.h"

/* A byte that tells its offset apart from its neighbours'. */
static char byte_at(uint64_t offset)
{
    return (char)((offset * 2654435761u) >> 13);
}

static char *pattern(size_t len)
{
    char *bytes = g_malloc(len + 1);

    for (size_t i = 0; i < len; i++)
        bytes[i] = byte_at(i);
    return bytes;
}

static void fill(struct blob *b, const char *bytes, size_t len, size_t piece)
{
    struct err err;

    for (size_t at = 0; at < len; at += piece)
        CHECK_OK(blob_append(b, bytes + at, MIN(piece, len - at), &err), &err);
}

static void check_read(const char *row, const struct blob *b, size_t len,
                       size_t piece)
{
    g_autofree char *buf = g_malloc(piece);
    uint64_t at = 0;
    struct err err;
    ssize_t n;

    while ((n = blob_read_at(b, at, buf, piece, &err)) > 0) {
        CHECK_ROW(row, (size_t)n == MIN(piece, len - at));
        for (ssize_t i = 0; i < n; i++)
            CHECK_ROW(row, buf[i] == byte_at(at + (uint64_t)i));
        at += (uint64_t)n;
    }
    CHECK_ROW(row, n == 0);
    CHECK_ROW(row, at == len);
}

/* By peek where it works, by read where it does not. */
static void check_peek(const char *row, const struct blob *b, size_t len)
{
    uint64_t at = 0;
    struct err err;

    while (at < len) {
        size_t n;
        const char *p = blob_peek(b, at, &n);
        char c;

        if (p == NULL) {
            CHECK_ROW(row, n == 0);
            CHECK_ROW(row, blob_read_at(b, at, &c, 1, &err) == 1);
            CHECK_ROW(row, c == byte_at(at));
            at++;
            continue;
        }
        CHECK_ROW(row, n > 0 && n <= len - at);
        CHECK_ROW(row, p[0] == byte_at(at) && p[n - 1] == byte_at(at + n - 1));
        at += n;
    }
}

static void test_what_went_in_comes_out(void)
{
    static const struct {
        const char *name;
        size_t len, piece, memory_max;
    } rows[] = {
        { "empty", 0, 1, 1 << 20 },
        { "one byte", 1, 1, 1 << 20 },
        { "one byte, no memory", 1, 1, 0 },
        { "a whole first chunk", 4096, 4096, 1 << 20 },
        { "one byte more", 4097, 4096, 1 << 20 },
        { "by bytes", 20000, 1, 1 << 20 },
        { "many chunks in one append", 3000017, 3000017, 8 << 20 },
        { "many appends", 3000017, 16384, 8 << 20 },
        { "spilled in the middle of an append", 50000, 50000, 8192 },
        { "spilled between appends", 50000, 4096, 4096 },
        { "all spooled", 300000, 16384, 0 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(blob_pool) pool = blob_pool_new(rows[i].memory_max, NULL);
        g_autofree char *bytes = pattern(rows[i].len);
        g_autoptr(blob) b = blob_new(pool);

        fill(b, bytes, rows[i].len, rows[i].piece);
        CHECK_ROW(rows[i].name, blob_size(b) == rows[i].len);
        check_read(rows[i].name, b, rows[i].len, 1000);
        blob_seal(b);
        blob_seal(b);
        check_read(rows[i].name, b, rows[i].len, 7001);
        check_peek(rows[i].name, b, rows[i].len);
    }
}

static void test_bounds(void)
{
    g_autoptr(blob) b = blob_from_bytes("hello", 5);
    g_autoptr(blob) none = blob_from_bytes(NULL, 0);
    char buf[16];
    struct err err;
    size_t n = 7;

    g_assert_cmpint(blob_read_at(b, 3, buf, sizeof(buf), &err), ==, 2);
    g_assert_true(memcmp(buf, "lo", 2) == 0);
    g_assert_cmpint(blob_read_at(b, 5, buf, sizeof(buf), &err), ==, 0);
    g_assert_cmpint(blob_read_at(b, UINT64_MAX, buf, 1, &err), ==, 0);
    g_assert_null(blob_peek(b, 5, &n));
    g_assert_cmpuint(n, ==, 0);
    g_assert_null(blob_peek(b, UINT64_MAX, &n));
    g_assert_null(blob_peek(none, 0, &n));
    g_assert_cmpuint(blob_size(none), ==, 0);
}

static void test_the_budget_is_kept_and_given_back(void)
{
    const size_t max = 100000, len = 1000000;
    g_autoptr(blob_pool) pool = blob_pool_new(max, NULL);
    g_autofree char *bytes = pattern(len);
    struct blob *a = blob_new(pool), *b = blob_new(pool);

    fill(a, bytes, 5000, 5000);
    g_assert_cmpuint(blob_pool_memory(pool), >, 5000);
    blob_seal(a);
    g_assert_cmpuint(blob_pool_memory(pool), ==, 5000);

    for (size_t at = 0; at < len; at += 10000) {
        fill(b, bytes, 10000, 10000);
        g_assert_cmpuint(blob_pool_memory(pool), <=, max);
    }
    g_assert_cmpuint(blob_pool_spooled(pool), >=, len - max);
    blob_free(b);
    g_assert_cmpuint(blob_pool_spooled(pool), ==, 0);
    g_assert_cmpuint(blob_pool_memory(pool), ==, 5000);
    blob_free(a);
    g_assert_cmpuint(blob_pool_memory(pool), ==, 0);
}

static char *make_dir(void)
{
    struct err err;
    char *dir = g_dir_make_tmp("blob-test-XXXXXX", NULL);

    if (dir == NULL)
        CHECK_OK(err_errno(&err, ERR_RUN, errno, "temporary directory"), &err);
    return dir;
}

static void test_one_blob_leaves_room_for_others(void)
{
    g_autoptr(blob_pool) pool = blob_pool_new(4 * BLOB_MEMORY_MAX, NULL);
    g_autofree char *piece = g_strnfill(1 << 20, 'x');
    g_autoptr(blob) large = blob_new(pool);
    struct err err;

    for (size_t n = 0; n < 2 * BLOB_MEMORY_MAX; n += 1 << 20)
        CHECK_OK(blob_append(large, piece, 1 << 20, &err), &err);
    g_assert_cmpuint(blob_size(large), ==, 2 * BLOB_MEMORY_MAX);
    g_assert_cmpuint(blob_pool_memory(pool), <=, BLOB_MEMORY_MAX);
    g_assert_cmpuint(blob_pool_memory(pool) + blob_pool_spooled(pool), >=,
                     2 * BLOB_MEMORY_MAX);
}

static void test_spool_file_has_no_name(void)
{
    g_autofree char *dir = make_dir();
    g_autoptr(blob_pool) pool = blob_pool_new(0, dir);
    g_autoptr(blob) b = blob_new(pool);
    g_autoptr(GDir) d = NULL;

    fill(b, "mail", 4, 4);
    g_assert_cmpuint(blob_pool_spooled(pool), ==, 4);
    d = g_dir_open(dir, 0, NULL);
    g_assert_nonnull(d);
    g_assert_null(g_dir_read_name(d));
    g_assert_cmpint(g_rmdir(dir), ==, 0);
}

static void test_no_spool_directory(void)
{
    g_autoptr(blob_pool) pool = blob_pool_new(4096, "/nonexistent/spool");
    g_autoptr(blob) b = blob_new(pool);
    g_autofree char *bytes = pattern(5000);
    struct err err;

    g_assert_cmpint(blob_append(b, bytes, 5000, &err), ==, -1);
    g_assert_true(spool_is_at_fault(&err));
    g_assert_cmpint(err.scope, ==, ERR_ITEM);
    g_assert_cmpint(err.code, ==, ENOENT);
    g_assert_nonnull(strstr(err.msg, "\"/nonexistent/spool\""));
}

/* A limit on the size of files stands in for a full disk. */
static void test_full_disk(void)
{
    struct rlimit old, small;
    g_autoptr(blob_pool) pool = blob_pool_new(0, NULL);
    g_autoptr(blob) b = blob_new(pool);
    g_autofree char *bytes = pattern(10000);
    struct err err;
    int result;

    signal(SIGXFSZ, SIG_IGN);
    g_assert_cmpint(getrlimit(RLIMIT_FSIZE, &old), ==, 0);
    small = old;
    small.rlim_cur = 6000;
    g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &small), ==, 0);
    result = blob_append(b, bytes, 10000, &err);
    g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &old), ==, 0);

    g_assert_cmpint(result, ==, -1);
    g_assert_true(spool_is_at_fault(&err));
    g_assert_cmpint(err.code, ==, EFBIG);
    g_assert_nonnull(err.remedy);
    /* What is said to be there can be read. */
    check_read("after", b, (size_t)blob_size(b), 512);
}

struct shared {
    struct blob_pool *pool;
    const char *bytes;
    const struct blob *common;
};

static void *write_and_read(void *arg)
{
    const struct shared *s = arg;

    for (size_t i = 0; i < 20; i++) {
        g_autoptr(blob) b = blob_new(s->pool);

        fill(b, s->bytes, 60000 + i, 5000);
        blob_seal(b);
        check_read("own", b, 60000 + i, 9000);
        check_read("common", s->common, 200000, 30000);
        g_assert_cmpuint(blob_pool_memory(s->pool), <=, 150000);
    }
    return NULL;
}

static void test_threads_share_a_pool(void)
{
    g_autoptr(blob_pool) pool = blob_pool_new(150000, NULL);
    g_autofree char *bytes = pattern(200000);
    g_autoptr(blob) common = blob_new(pool);
    struct shared s = { pool, bytes, common };
    pthread_t threads[4];

    fill(common, bytes, 200000, 200000);
    blob_seal(common);
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        g_assert_cmpint(pthread_create(&threads[i], NULL, write_and_read, &s),
                        ==, 0);
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        pthread_join(threads[i], NULL);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/blob/in-and-out", test_what_went_in_comes_out);
    g_test_add_func("/blob/bounds", test_bounds);
    g_test_add_func("/blob/budget", test_the_budget_is_kept_and_given_back);
    g_test_add_func("/blob/room-for-others",
                    test_one_blob_leaves_room_for_others);
    g_test_add_func("/blob/spool-has-no-name", test_spool_file_has_no_name);
    g_test_add_func("/blob/no-spool-directory", test_no_spool_directory);
    g_test_add_func("/blob/full-disk", test_full_disk);
    g_test_add_func("/blob/threads", test_threads_share_a_pool);
    return g_test_run();
}
