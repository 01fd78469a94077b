#include "store/migrations.h"

#include "base/check.h"
#include "store/migrations_testing.h"

static struct migration_load *load(const char *host, uint64_t requests)
{
    struct migration_load *l = g_new0(struct migration_load, 1);

    l->host = g_strdup(host);
    l->requests = requests;
    return l;
}

/* "x:443 2 - 1/w:5 " */
static void are_hosts(struct migrations_fixture *t, const char *name,
                      const char *want)
{
    g_autoptr(GPtrArray) all = NULL;
    g_autoptr(GString) text = g_string_new(NULL);

    CHECK_OK(migrations_hosts(t->m, name, &all, &t->err), &t->err);
    for (guint i = 0; i < all->len; i++) {
        const struct migration_host *h = all->pdata[i];

        g_string_append_printf(text, "%s %u %s %d", h->name, h->most,
                               h->quiet != NULL ? h->quiet : "-",
                               (int)h->migrations);
        for (guint k = 0; k < h->loads->len; k++) {
            const struct migration_load *l = h->loads->pdata[k];

            g_string_append_printf(text, "/%s:%d", l->worker, (int)l->requests);
        }
        g_string_append(text, "; ");
    }
    g_assert_cmpstr(text->str, ==, want);
}

static void limit(struct migrations_fixture *t, const char *host,
                  const unsigned int *most, const char *quiet)
{
    const struct migration_host_change ch = { .most = most, .quiet = quiet };

    CHECK_OK(migrations_limit_host(t->m, &roster_alice, host, &ch, &t->err),
             &t->err);
}

static int64_t version_of(struct migrations_fixture *t, const char *host)
{
    g_autoptr(GPtrArray) all = NULL;

    CHECK_OK(migrations_hosts(t->m, host, &all, &t->err), &t->err);
    g_assert_cmpuint(all->len, ==, 1);
    return ((const struct migration_host *)all->pdata[0])->version;
}

/* Who has seen other limits than there are changes none. */
static void test_host_version(struct migrations_fixture *t, gconstpointer data)
{
    const unsigned int four = 4, five = 5;
    struct migration_host_change ch = { .most = &five };
    int64_t first;

    (void)data;
    migrations_fixture_add(t);
    first = version_of(t, "x:443");
    g_assert_cmpint(first, !=, 0);
    limit(t, "x:443", &four, NULL);
    g_assert_cmpint(version_of(t, "x:443"), !=, first);
    ch.version = first;
    g_assert_cmpint(
        migrations_limit_host(t->m, &roster_alice, "x:443", &ch, &t->err), ==,
        -1);
    g_assert_cmpstr(t->err.name, ==, "changed");
    are_hosts(t, "x:443", "x:443 4 - 1; ");
    ch.version = version_of(t, "x:443");
    CHECK_OK(migrations_limit_host(t->m, &roster_alice, "x:443", &ch, &t->err),
             &t->err);
    are_hosts(t, "x:443", "x:443 5 - 1; ");
}

static void test_hosts(struct migrations_fixture *t, gconstpointer data)
{
    const struct jobs_tally tally = { 0 };
    g_autoptr(GPtrArray) loads =
        g_ptr_array_new_with_free_func((GDestroyNotify)migration_load_free);
    const unsigned int four = 4, none = 0;
    bool draining;

    (void)data;
    migrations_fixture_add(t);
    limit(t, "z:443", &four, NULL);
    limit(t, "z:443", NULL, "22:00-06:00");
    are_hosts(t, NULL, "x:443 0 - 1; z:443 4 22:00-06:00 0; ");
    limit(t, "z:443", &none, NULL);
    limit(t, "z:443", NULL, "");
    are_hosts(t, "z:443", "z:443 0 - 0; ");
    for (char w[] = "v"; *w <= 'w'; ++*w)
        CHECK_OK(jobs_beat(t->j, w, 5, &tally, &draining, &t->err), &t->err);
    g_ptr_array_add(loads, load("x:443", 5));
    g_ptr_array_add(loads, load("y:443", 6));
    CHECK_OK(migrations_set_loads(t->m, "w", loads, &t->err), &t->err);
    CHECK_OK(migrations_set_loads(t->m, "v", loads, &t->err), &t->err);
    g_ptr_array_remove_index(loads, 1);
    CHECK_OK(migrations_set_loads(t->m, "v", loads, &t->err), &t->err);
    are_hosts(t, NULL, "x:443 0 - 1/v:5/w:5; y:443 0 - 0/w:6; z:443 0 - 0; ");
    /* what a worker found is not known without it */
    CHECK_OK(jobs_leave(t->j, "w", 0, &t->err), &t->err);
    are_hosts(t, NULL, "x:443 0 - 1/v:5; z:443 0 - 0; ");
    are_hosts(t, "q", "");
    CHECK_OK(migrations_set_loads(t->m, "v", loads, &t->err), &t->err);
    g_assert_cmpint(
        migrations_fixture_number(t, "SELECT count(*) FROM worker_hosts"), ==,
        1);
}

int main(int argc, char **argv)
{
    static const struct migrations_test rows[] = {
        { "hosts", test_hosts },
        { "host-version", test_host_version },
    };

    return migrations_fixture_run(&argc, &argv, "migrations", rows,
                                  G_N_ELEMENTS(rows));
}
