#include "fleet/migration.h"

#include <glib/gstdio.h>
#include <string.h>

#include "base/check.h"

static const struct roster_actor nobody = { "test", NULL };

static void test_host(void)
{
    static const struct {
        const char *url, *host; /* NULL: refused */
    } rows[] = {
        { "https://Mail.Old.example/owa", "mail.old.example:443" },
        { "mail.old.example", "mail.old.example:443" },
        { "https://a.example:8443/EWS/Exchange.asmx", "a.example:8443" },
        { "autodiscover:Old.example", "autodiscover:old.example" },
        { "autodiscover:", NULL },
        { "http://a.example", NULL },
        { "https://u:secret@a.example", NULL },
        { "https://", NULL },
        { "", NULL },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *host = NULL;
        struct err err = { 0 };
        int result = fleet_host(rows[i].url, &host, &err);

        CHECK_ROW(rows[i].url, (result == 0) == (rows[i].host != NULL));
        CHECK_ROW(rows[i].url, g_strcmp0(host, rows[i].host) == 0);
        CHECK_ROW(rows[i].url, strstr(err.msg, "secret") == NULL);
    }
}

struct desk {
    char *path;
    struct database *d;
    struct jobs *j;
    struct keyring *keys;
    struct migrations *m;
    struct import *import;
    int64_t id;
    struct err err;
};

static void set_up(struct desk *t, gconstpointer data)
{
    g_autofree char *folder = g_dir_make_tmp("mf-XXXXXX", NULL);

    (void)data;
    t->path = g_build_filename(folder, "db", NULL);
    CHECK_OK(database_open(t->path, STORE_WRITE, &t->d, &t->err), &t->err);
    t->j = database_jobs(t->d);
    t->keys = keyring_new();
    t->m = migrations_new(t->d, t->j, t->keys);
}

static void tear_down(struct desk *t, gconstpointer data)
{
    g_autofree char *folder = g_path_get_dirname(t->path);
    g_autoptr(GDir) dir = NULL;
    const char *name;

    (void)data;
    if (t->import != NULL)
        import_free(t->import);
    migrations_free(t->m);
    keyring_free(t->keys);
    jobs_free(t->j);
    database_close(t->d);
    dir = g_dir_open(folder, 0, NULL);
    while ((name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *path = g_build_filename(folder, name, NULL);

        g_unlink(path);
    }
    g_rmdir(folder);
    g_free(t->path);
}

static int add(struct desk *t, const char *csv, bool skip, const char *options)
{
    const struct fleet_request request = {
        .name = "Spring",
        .csv = csv,
        .csv_bytes = strlen(csv),
        .skip_bad_rows = skip,
        .options = options,
        .sides = { { .url = "https://a.example/owa" }, { .url = "b.example" } },
    };

    return fleet_migration_add(t->m, &nobody, &request, &t->import, &t->id,
                               &t->err);
}

#define HEADER                                                                 \
    "Source Email,Source UserName,Source Password,Destination Email,"          \
    "Destination UserName,Destination Password,Flags\n"
#define GOOD HEADER "x@a.example,u,p1,x@b.example,v,p2,16\n"
#define HALF GOOD "y@a.example,,,y@b.example,v,p3,\n"

static void test_add(struct desk *t, gconstpointer data)
{
    migration *m = NULL;
    g_autofree char *user = NULL;
    g_autoptr(secret) password = NULL;

    (void)data;
    CHECK_OK(add(t, GOOD, false, "{ \"lanes\": 2 }"), &t->err);
    g_assert_cmpint(migrations_get(t->m, t->id, &m, &t->err), ==, 1);
    CHECK_OK(migrations_count(t->m, m, &t->err), &t->err);
    g_assert_cmpstr(m->host, ==, "a.example:443");
    g_assert_cmpstr(m->options, ==, "{\"lanes\":2}");
    g_assert_cmpuint(m->n_mailboxes, ==, 1);
    g_assert_cmpint(migrations_login(t->m, t->id, 1, MIGRATION_DESTINATION,
                                     &user, &password, &t->err),
                    ==, 1);
    g_assert_cmpstr(user, ==, "v");
    g_assert_cmpstr(secret_peek(password), ==, "p2");
    migration_free(m);
}

static void test_faults(struct desk *t, gconstpointer data)
{
    struct migration *m = NULL;

    (void)data;
    g_assert_cmpint(add(t, HALF, false, NULL), ==, -1);
    g_assert_cmpstr(t->err.name, ==, "import-faults");
    g_assert_cmpuint(t->import->n_errors, >, 0);
    g_assert_cmpint(migrations_get(t->m, 1, &m, &t->err), ==, 0);
    g_clear_pointer(&t->import, import_free);
    CHECK_OK(add(t, HALF, true, NULL), &t->err);
    g_clear_pointer(&t->import, import_free);
    g_assert_cmpint(add(t, GOOD, true, "{\"x\":1}"), ==, -1);
    g_assert_cmpstr(t->err.name, ==, "bad-option");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/migration/host", test_host);
    g_test_add("/migration/add", struct desk, NULL, set_up, test_add,
               tear_down);
    g_test_add("/migration/faults", struct desk, NULL, set_up, test_faults,
               tear_down);
    return g_test_run();
}
