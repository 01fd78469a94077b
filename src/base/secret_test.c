#include "base/secret.h"

#include <errno.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "base/check.h"

/* An unnamed directory's file with that content; the caller removes both. */
struct file {
    char *dir, *path;
};

static struct file make_file(const void *bytes, gsize len, mode_t mode)
{
    struct file f = { .dir = g_dir_make_tmp("secret-test-XXXXXX", NULL) };

    g_assert_nonnull(f.dir);
    f.path = g_build_filename(f.dir, "password", NULL);
    g_assert_true(g_file_set_contents(f.path, bytes, (gssize)len, NULL));
    g_assert_cmpint(chmod(f.path, mode), ==, 0);
    return f;
}

static void remove_file(struct file *f)
{
    g_assert_cmpint(g_unlink(f->path), ==, 0);
    g_assert_cmpint(g_rmdir(f->dir), ==, 0);
    g_free(f->path);
    g_free(f->dir);
}

static void test_copy_and_owners(void)
{
    char text[] = "pa\xc3\xa4ss word";
    struct secret *s = secret_new(text, sizeof(text) - 1);
    struct secret *second = secret_ref(s);

    secret_wipe(text, sizeof(text));
    secret_free(s);
    g_assert_cmpstr(secret_peek(second), ==, "pa\xc3\xa4ss word");
    secret_free(second);
    g_assert_null(secret_ref(NULL));
    secret_free(NULL);
}

static void test_wipe(void)
{
    unsigned char buf[64];

    memset(buf, 'x', sizeof(buf));
    secret_wipe(buf + 1, sizeof(buf) - 2);
    g_assert_cmpint(buf[0], ==, 'x');
    g_assert_cmpint(buf[63], ==, 'x');
    for (size_t i = 1; i < 63; i++)
        g_assert_cmpint(buf[i], ==, 0);
}

static void test_from_file(void)
{
    g_autofree char *longest = g_strnfill(SECRET_MAX, 'p');
    g_autofree char *too_long = g_strnfill(SECRET_MAX + 1, 'p');
    g_autofree char *long_line =
        g_strconcat("\xef\xbb\xbf", longest, "\r\n", too_long, NULL);
    const struct {
        const char *name, *content;
        const char *want;  /* or NULL: refused */
        const char *cause; /* then part of the message */
    } rows[] = {
        { "no line end", "secret", "secret", NULL },
        { "line end", "secret\n", "secret", NULL },
        { "Windows line end", "secret\r\n", "secret", NULL },
        { "only the first line", "one\ntwo\n", "one", NULL },
        { "spaces belong to it", " a b \n", " a b ", NULL },
        { "byte order mark", "\xef\xbb\xbfsecret\r\n", "secret", NULL },
        { "longest", longest, longest, NULL },
        { "longest, more behind", long_line, longest, NULL },
        { "too long", too_long, NULL, "longer than 4096 bytes" },
        { "empty", "", NULL, "is empty" },
        { "empty line", "\nsecret\n", NULL, "is empty" },
        { "only a mark", "\xef\xbb\xbf\r\n", NULL, "is empty" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct file f =
            make_file(rows[i].content, strlen(rows[i].content), 0600);
        struct secret *s = NULL;
        struct err err = { .msg = "" };
        int result = secret_from_file(f.path, &s, &err);

        if (rows[i].want != NULL) {
            CHECK_OK(result, &err);
            CHECK_ROW(rows[i].name, strcmp(secret_peek(s), rows[i].want) == 0);
        } else {
            CHECK_ROW(rows[i].name, result == -1 && s == NULL);
            CHECK_ROW(rows[i].name, strstr(err.msg, rows[i].cause) != NULL);
            CHECK_ROW(rows[i].name, strstr(err.msg, f.path) != NULL);
        }
        secret_free(s);
        remove_file(&f);
    }
}

static void test_from_file_refuses_nul(void)
{
    struct file f = make_file("se\0cret\n", 8, 0600);
    struct secret *s = NULL;
    struct err err;

    g_assert_cmpint(secret_from_file(f.path, &s, &err), ==, -1);
    g_assert_nonnull(strstr(err.msg, "NUL"));
    g_assert_null(s);
    remove_file(&f);
}

static void test_from_file_mode(void)
{
    static const struct {
        const char *name;
        mode_t mode;
        int want;
    } rows[] = {
        { "owner only", 0600, 0 },    { "owner reads", 0400, 0 },
        { "group reads", 0640, -1 },  { "all read", 0604, -1 },
        { "group writes", 0620, -1 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct file f = make_file("secret\n", 7, rows[i].mode);
        struct secret *s = NULL;
        struct err err = { .remedy = NULL };

        CHECK_ROW(rows[i].name,
                  secret_from_file(f.path, &s, &err) == rows[i].want);
        if (rows[i].want < 0)
            CHECK_ROW(rows[i].name, strstr(err.remedy, "chmod") != NULL);
        secret_free(s);
        remove_file(&f);
    }
}

static void test_from_what_is_no_file(void)
{
    struct err err;
    struct secret *s = NULL;

    g_assert_cmpint(secret_from_file("/nonexistent", &s, &err), ==, -1);
    g_assert_cmpint(err.code, ==, ENOENT);
    g_assert_cmpint(secret_from_file(g_get_tmp_dir(), &s, &err), ==, -1);
    g_assert_cmpint(err.code, ==, EISDIR);
    g_assert_null(s);
}

static void *feed(void *arg)
{
    const int *fd = arg;
    int unread = 3;

    g_assert_cmpint(write(fd[1], "sec", 3), ==, 3);
    while (unread > 0)
        g_assert_cmpint(ioctl(fd[0], FIONREAD, &unread), ==, 0);
    g_assert_cmpint(write(fd[1], "ret\n", 4), ==, 4);
    close(fd[1]);
    return NULL;
}

/* mailferry --source-password-file <(pass show exchange) */
static void test_from_pipe_in_pieces(void)
{
    g_autofree char *path = NULL;
    struct secret *s = NULL;
    pthread_t writer;
    struct err err;
    int fds[2];

    g_assert_cmpint(pipe(fds), ==, 0);
    path = g_strdup_printf("/dev/fd/%d", fds[0]);
    g_assert_cmpint(pthread_create(&writer, NULL, feed, fds), ==, 0);
    CHECK_OK(secret_from_file(path, &s, &err), &err);
    g_assert_cmpstr(secret_peek(s), ==, "secret");
    pthread_join(writer, NULL);
    close(fds[0]);
    secret_free(s);
}

static void test_from_env(void)
{
    struct secret *s = NULL;
    const char *bytes;
    struct err err;

    CHECK_OK(secret_from_env("MAILFERRY_TEST_PW", &s, &err), &err);
    g_assert_null(s);

    g_assert_true(g_setenv("MAILFERRY_TEST_PW", "secret", TRUE));
    bytes = getenv("MAILFERRY_TEST_PW");
    g_assert_nonnull(bytes);
    CHECK_OK(secret_from_env("MAILFERRY_TEST_PW", &s, &err), &err);
    g_assert_cmpstr(secret_peek(s), ==, "secret");
    g_assert_null(getenv("MAILFERRY_TEST_PW"));
    /* The C library keeps the memory: /proc/PID/environ would show it. */
    g_assert_true(memcmp(bytes, "\0\0\0\0\0\0", 6) == 0);
    secret_free(s);
}

static void test_from_env_refuses(void)
{
    g_autofree char *too_long = g_strnfill(SECRET_MAX + 1, 'p');
    struct secret *s = NULL;
    struct err err;

    g_assert_true(g_setenv("MAILFERRY_TEST_PW", "", TRUE));
    g_assert_cmpint(secret_from_env("MAILFERRY_TEST_PW", &s, &err), ==, -1);
    g_assert_cmpstr(err.msg, ==,
                    "environment variable MAILFERRY_TEST_PW is empty");
    g_assert_true(g_setenv("MAILFERRY_TEST_PW", too_long, TRUE));
    g_assert_cmpint(secret_from_env("MAILFERRY_TEST_PW", &s, &err), ==, -1);
    g_assert_null(strstr(err.msg, "ppp"));
    g_assert_null(getenv("MAILFERRY_TEST_PW"));
    g_assert_null(s);
}

static void *share(void *arg)
{
    for (int i = 0; i < 1000; i++) {
        struct secret *mine = secret_ref(arg);

        g_assert_cmpstr(secret_peek(mine), ==, "shared");
        secret_free(mine);
    }
    return NULL;
}

static void test_threads_share(void)
{
    struct secret *s = secret_new("shared", 6);
    pthread_t threads[4];

    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        g_assert_cmpint(pthread_create(&threads[i], NULL, share, s), ==, 0);
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        pthread_join(threads[i], NULL);
    g_assert_cmpstr(secret_peek(s), ==, "shared");
    secret_free(s);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/secret/owners", test_copy_and_owners);
    g_test_add_func("/secret/wipe", test_wipe);
    g_test_add_func("/secret/file", test_from_file);
    g_test_add_func("/secret/file-nul", test_from_file_refuses_nul);
    g_test_add_func("/secret/file-mode", test_from_file_mode);
    g_test_add_func("/secret/no-file", test_from_what_is_no_file);
    g_test_add_func("/secret/pipe", test_from_pipe_in_pieces);
    g_test_add_func("/secret/environment", test_from_env);
    g_test_add_func("/secret/environment-refuses", test_from_env_refuses);
    g_test_add_func("/secret/threads", test_threads_share);
    return g_test_run();
}
