#include "store/requests.h"

#include <string.h>

#include "base/check.h"
#include "store/migrations.h"
#include "store/requests_testing.h"

/* Larger than two pieces, and of all bytes. */
#define FILE_BYTES ((size_t)100001)

static char *file_bytes(void)
{
    char *bytes = g_malloc(FILE_BYTES);

    for (size_t i = 0; i < FILE_BYTES; i++)
        bytes[i] = (char)((i * 7 + i / 256) % 256);
    return bytes;
}

static int64_t add_file(struct requests_scene *s, int64_t id, const char *bytes,
                        size_t n)
{
    const struct request_file file = { .name = REQUESTS_LITERAL("users.csv"),
                                       .digest = REQUESTS_LITERAL("abcd"),
                                       .size = n };
    g_autoptr(secret) password = secret_new("s3cret", 6);
    const struct request_change change = { .state = -1,
                                           .password = password,
                                           .file = true };
    struct request_done done = { 0 };

    g_assert_cmpint(
        requests_scene_run(s,
                           &(struct request_step){ .now_us = REQUESTS_NOW,
                                                   .request_id = id,
                                                   .change = &change,
                                                   .file = &file,
                                                   .file_bytes = bytes,
                                                   .action = "request.file" },
                           &done),
        ==, 1);
    return done.file_id;
}

static void check_held(struct requests_scene *s, int64_t id, int64_t file_id,
                       const char *bytes)
{
    g_autoptr(secret) password = NULL;
    g_autofree char *got = NULL;
    size_t n = 0;
    struct err err;

    CHECK_OK(requests_file_read(s->requests, file_id, &got, &n, &err), &err);
    g_assert_cmpuint(n, ==, FILE_BYTES);
    g_assert_true(memcmp(got, bytes, n) == 0);
    g_assert_cmpint(requests_password(s->requests, id, &password, &err), ==, 1);
    g_assert_cmpstr(secret_peek(password), ==, "s3cret");
}

static void test_files(struct roster_fixture *f, gconstpointer data)
{
    struct requests_scene s = requests_scene_begin(f);
    int64_t id = requests_scene_open(&s);
    g_autofree char *bytes = file_bytes(), *got = NULL;
    const struct request_change destroy = { .state = -1, .destroy = true };
    int64_t first = add_file(&s, id, bytes, FILE_BYTES);
    int64_t second = add_file(&s, id, "", 0);
    g_autoptr(request) r = requests_scene_get(&s, id), then = NULL;
    g_autoptr(GPtrArray) files = NULL;
    g_autoptr(secret) none = NULL;
    size_t n = 77;
    struct err err;

    (void)data;
    check_held(&s, id, first, bytes);
    g_assert_cmpint(r->file_id, ==, second);
    g_assert_true(r->has_password);
    CHECK_OK(requests_files(s.requests, id, &roster_all, &files, &err), &err);
    g_assert_cmpuint(files->len, ==, 2);
    g_assert_cmpint(requests_file_read(s.requests, second, &got, &n, &err), ==,
                    1);
    g_assert_cmpuint(n, ==, 0);
    requests_scene_run(&s,
                       &(struct request_step){ .request_id = id,
                                               .change = &destroy,
                                               .action = "request.destroy" },
                       NULL);
    then = requests_scene_get(&s, id);
    g_assert_false(then->has_password);
    g_assert_cmpint(requests_password(s.requests, id, &none, &err), ==, 0);
    g_clear_pointer(&got, g_free);
    g_assert_cmpint(requests_file_read(s.requests, first, &got, &n, &err), ==,
                    0);
    requests_scene_end(&s);
}

/* A key that is changed takes what requests hold with it. */
static void test_reseal(struct roster_fixture *f, gconstpointer data)
{
    struct requests_scene s = requests_scene_begin(f);
    int64_t id = requests_scene_open(&s);
    g_autofree char *bytes = file_bytes();
    int64_t file = add_file(&s, id, bytes, FILE_BYTES);
    g_autoptr(keyring) both = keyring_rotated(s.keys);
    g_autoptr(keyring) fresh = keyring_retired(both);
    struct migrations *m = migrations_new(f->database, NULL, both);
    uint64_t n = 0;
    struct err err;

    (void)data;
    CHECK_OK(migrations_reseal(m, &roster_alice, &n, &err), &err);
    g_assert_cmpuint(n, ==, 4); /* three pieces and a password */
    migrations_free(m);
    requests_free(s.requests);
    s.requests = requests_new(f->database, fresh);
    check_held(&s, id, file, bytes);
    requests_scene_end(&s);
}

static int other_key(struct roster_fixture *f)
{
    g_autoptr(keyring) other = keyring_new();
    struct err err;

    return database_check_keys(f->database, other, &err);
}

/* Each sort by itself asks for the key that has sealed it. */
static void test_keys(struct roster_fixture *f, gconstpointer data)
{
    static const char *const rows[] = { "password", "file" };
    struct requests_scene s = requests_scene_begin(f);
    int64_t id = requests_scene_open(&s);

    (void)data;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(secret) password = secret_new("s3cret", 6);
        const struct request_change change = { .state = -1,
                                               .password = password },
                                    gone = { .state = -1, .destroy = true };
        const struct request_file file = { .name =
                                               REQUESTS_LITERAL("users.csv"),
                                           .digest = REQUESTS_LITERAL("abcd"),
                                           .size = 3 };
        struct request_step step = { .request_id = id,
                                     .action = "request.supply" };
        struct err err;

        CHECK_ROW(rows[i], other_key(f) == 0);
        step.change = i == 0 ? &change : NULL;
        step.file = i == 0 ? NULL : &file;
        step.file_bytes = "a,b";
        requests_scene_run(&s, &step, NULL);
        CHECK_ROW(rows[i], other_key(f) == -1);
        CHECK_ROW(rows[i], database_check_keys(f->database, s.keys, &err) == 0);
        requests_scene_run(
            &s,
            &(struct request_step){ .request_id = step.request_id,
                                    .change = &gone,
                                    .action = "request.destroy" },
            NULL);
    }
    requests_scene_end(&s);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *path;
        void (*test)(struct roster_fixture *f, gconstpointer data);
    } tests[] = {
        { "/requests/files", test_files },
        { "/requests/reseal", test_reseal },
        { "/requests/keys", test_keys },
    };

    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++)
        g_test_add(tests[i].path, struct roster_fixture, NULL,
                   roster_fixture_set_up, tests[i].test,
                   roster_fixture_tear_down);
    return g_test_run();
}
