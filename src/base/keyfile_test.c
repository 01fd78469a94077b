#include "base/keyfile.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.h"

#define KEY "gIGCg4SFhoeIiYqLjI2Oj5CRkpOUlZaXmJmam5ydnp8="

struct fixture {
    char *dir, *path;
};

static void set_up(struct fixture *f, gconstpointer data)
{
    (void)data;
    f->dir = g_dir_make_tmp("keyfile-XXXXXX", NULL);
    f->path = g_build_filename(f->dir, "sealing.key", NULL);
}

static void tear_down(struct fixture *f, gconstpointer data)
{
    (void)data;
    unlink(f->path);
    rmdir(f->dir);
    g_free(f->path);
    g_free(f->dir);
}

static void first_id(const struct keyring *k, char id[SEAL_ID_SIZE])
{
    keyring_id(k, 0, id);
}

static void test_made_once(struct fixture *f, gconstpointer data)
{
    g_autoptr(keyring) a = NULL, b = NULL, none = NULL;
    char first[SEAL_ID_SIZE], second[SEAL_ID_SIZE];
    bool made = false, again = false;
    struct stat st;
    struct err err;

    (void)data;
    g_assert_cmpint(keyfile_load(f->path, false, &none, NULL, &err), ==, -1);
    g_assert_cmpint(err.code, ==, ENOENT);
    CHECK_OK(keyfile_load(f->path, true, &a, &made, &err), &err);
    CHECK_OK(keyfile_load(f->path, true, &b, &again, &err), &err);
    g_assert_true(made);
    g_assert_false(again);
    first_id(a, first);
    first_id(b, second);
    g_assert_cmpstr(first, ==, second);
    g_assert_cmpint(stat(f->path, &st), ==, 0);
    g_assert_cmpuint(st.st_mode & 07777, ==, 0600);
    g_assert_cmpint(keyfile_make(f->path, a, &err), ==, -1);
    g_assert_cmpint(err.code, ==, EEXIST);
}

static void test_readable_by_others(struct fixture *f, gconstpointer data)
{
    static const mode_t modes[] = { 0640, 0604, 0620, 0601 };
    g_autoptr(keyring) k = NULL;
    struct err err;

    (void)data;
    CHECK_OK(keyfile_load(f->path, true, &k, NULL, &err), &err);
    for (size_t i = 0; i < G_N_ELEMENTS(modes); i++) {
        struct keyring *none = NULL;

        g_assert_cmpint(chmod(f->path, modes[i]), ==, 0);
        g_assert_cmpint(keyfile_load(f->path, true, &none, NULL, &err), ==, -1);
        g_assert_nonnull(strstr(err.msg, "can be read by other users"));
        g_assert_nonnull(err.remedy);
        g_assert_null(none);
    }
}

/* A file that is there is never made anew, whatever it holds. */
static void test_damaged(struct fixture *f, gconstpointer data)
{
    g_autofree char *text = NULL;
    struct keyring *none = NULL;
    struct err err;

    (void)data;
    g_assert_true(g_file_set_contents_full(
        f->path, "nonsense " KEY, -1, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
    g_assert_cmpint(keyfile_load(f->path, true, &none, NULL, &err), ==, -1);
    g_assert_nonnull(strstr(err.msg, "line 1"));
    g_assert_null(strstr(err.msg, "gIGC"));
    g_assert_true(g_file_get_contents(f->path, &text, NULL, NULL));
    g_assert_cmpstr(text, ==, "nonsense " KEY);
}

static void test_replaced(struct fixture *f, gconstpointer data)
{
    g_autoptr(keyring) k = NULL, both = NULL, again = NULL;
    g_autofree char *beside = g_strconcat(f->path, ".new", NULL);
    char want[SEAL_ID_SIZE], got[SEAL_ID_SIZE];
    struct stat st;
    struct err err;

    (void)data;
    CHECK_OK(keyfile_load(f->path, true, &k, NULL, &err), &err);
    both = keyring_rotated(k);
    /* what a crash between two steps has left is in nobody's way */
    g_assert_true(g_file_set_contents(beside, "half", -1, NULL));
    CHECK_OK(keyfile_replace(f->path, both, &err), &err);
    CHECK_OK(keyfile_load(f->path, false, &again, NULL, &err), &err);
    g_assert_cmpuint(keyring_n(again), ==, 2);
    first_id(both, want);
    first_id(again, got);
    g_assert_cmpstr(got, ==, want);
    g_assert_cmpint(access(beside, F_OK), ==, -1);
    g_assert_cmpint(stat(f->path, &st), ==, 0);
    g_assert_cmpuint(st.st_mode & 07777, ==, 0600);
}

static void test_environment(struct fixture *f, gconstpointer data)
{
    static const char *const texts[] = { KEY, "mailferry-key-1 " KEY "\n" };

    (void)data;
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(keyring) k = NULL;
        char id[SEAL_ID_SIZE];
        struct err err;

        g_setenv("MAILFERRY_SEALING_KEY", texts[i], TRUE);
        CHECK_OK(keyfile_load(f->path, true, &k, NULL, &err), &err);
        first_id(k, id);
        g_assert_cmpstr(id, ==, "736b5bb6dc81ef71");
        /* it is not for those whom we start */
        g_assert_null(g_getenv("MAILFERRY_SEALING_KEY"));
        g_assert_cmpint(access(f->path, F_OK), ==, -1);
    }
}

static void test_credential(struct fixture *f, gconstpointer data)
{
    g_autofree char *credential = g_build_filename(f->dir, "sealing-key", NULL);
    g_autoptr(keyring) k = NULL;
    char id[SEAL_ID_SIZE];
    struct err err;

    (void)data;
    g_assert_true(g_file_set_contents(credential, KEY "\n", -1, NULL));
    g_setenv("CREDENTIALS_DIRECTORY", f->dir, TRUE);
    CHECK_OK(keyfile_load(f->path, true, &k, NULL, &err), &err);
    g_unsetenv("CREDENTIALS_DIRECTORY");
    unlink(credential);
    first_id(k, id);
    g_assert_cmpstr(id, ==, "736b5bb6dc81ef71");
    g_assert_cmpint(access(f->path, F_OK), ==, -1);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name, test)                                                        \
    g_test_add("/keyfile/" name, struct fixture, NULL, set_up, test, tear_down)
    ADD("made-once", test_made_once);
    ADD("readable-by-others", test_readable_by_others);
    ADD("damaged", test_damaged);
    ADD("replaced", test_replaced);
    ADD("environment", test_environment);
    ADD("credential", test_credential);
#undef ADD
    return g_test_run();
}
