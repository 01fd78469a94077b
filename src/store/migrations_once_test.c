#include "store/migrations.h"

#include <pthread.h>

#include "base/check.h"
#include "base/timestamp.h"
#include "store/migrations_testing.h"

#define S TIMESTAMP_SECOND

static struct roster_once once_of(uint8_t key, uint8_t body)
{
    return (struct roster_once){ .key = { key },
                                 .body = { body },
                                 .now_us = 100 * S,
                                 .expires_us = 200 * S };
}

static void test_once(struct migrations_fixture *t, gconstpointer data)
{
    struct roster_once once = once_of(1, 1);
    const struct roster_actor who = { "alice", "8", &once };
    int64_t first = 0, id = 77;

    (void)data;
    CHECK_OK(migrations_fixture_add_as(t, &who, &first, &t->err), &t->err);
    g_assert_false(once.again);
    CHECK_OK(migrations_fixture_add_as(t, &who, &id, &t->err), &t->err);
    g_assert_true(once.again);
    g_assert_cmpint(id, ==, first);
    once = once_of(1, 2);
    g_assert_cmpint(migrations_fixture_add_as(t, &who, &id, &t->err), ==, -1);
    g_assert_cmpstr(t->err.name, ==, "key-reused");
    g_assert_cmpint(migrations_fixture_number(t, "SELECT count(*) FROM plans"),
                    ==, 1);
    g_assert_cmpint(migrations_fixture_number(t, "SELECT count(*) FROM audit"),
                    ==, 1);
    once = once_of(2, 1);
    CHECK_OK(migrations_fixture_add_as(t, &who, &id, &t->err), &t->err);
    g_assert_cmpint(id, !=, first);
    /* past its time it is as if it had never been, for any body */
    once = once_of(1, 2);
    once.now_us = 200 * S;
    once.expires_us = 300 * S;
    CHECK_OK(migrations_fixture_add_as(t, &who, &id, &t->err), &t->err);
    g_assert_false(once.again);
    g_assert_cmpint(migrations_fixture_number(t, "SELECT count(*) FROM plans"),
                    ==, 3);
}

static void test_once_jobs(struct migrations_fixture *t, gconstpointer data)
{
    struct roster_once once = once_of(1, 1);
    const struct roster_actor who = { "alice", "8", &once };
    int64_t id = migrations_fixture_add(t);
    const struct migration_start start = { .migration_id = id, .kind = "full" };
    const struct jobs_which which = { .migration_id = id };
    size_t n = 9;

    (void)data;
    for (int i = 0; i < 2; i++) {
        CHECK_OK(migrations_start(t->m, &who, &start, &n, &t->err), &t->err);
        g_assert_cmpuint(n, ==, 2);
        /* without the key the second would queue two more */
        CHECK_OK(migrations_do(t->m, &roster_alice, JOBS_CANCEL, &which, NULL,
                               &t->err),
                 &t->err);
    }
    g_assert_cmpint(migrations_fixture_number(t, "SELECT count(*) FROM jobs"),
                    ==, 2);
    once = once_of(2, 1);
    for (int i = 0; i < 2; i++) {
        CHECK_OK(migrations_do(t->m, &who, JOBS_AGAIN, &which, &n, &t->err),
                 &t->err);
        g_assert_cmpuint(n, ==, 2);
    }
}

/* What is refused, here for its name, leaves its key free. */
static void test_once_refused(struct migrations_fixture *t, gconstpointer data)
{
    struct roster_once once = once_of(1, 1);
    const struct roster_actor who = { "alice", "8", &once };
    const struct migration_start start = { .migration_id = 99, .kind = "full" };
    size_t n;
    int64_t id;

    (void)data;
    g_assert_cmpint(migrations_start(t->m, &who, &start, &n, &t->err), ==, -1);
    g_assert_cmpstr(t->err.name, ==, "not-found");
    once.body[0] = 2;
    CHECK_OK(migrations_fixture_add_as(t, &who, &id, &t->err), &t->err);
}

struct twin {
    struct migrations_fixture *t;
    int64_t id;
    bool again;
};

static void *add_twin(void *data)
{
    struct twin *twin = data;
    struct roster_once once = once_of(1, 1);
    const struct roster_actor who = { "alice", "8", &once };
    struct err err;

    CHECK_OK(migrations_fixture_add_as(twin->t, &who, &twin->id, &err), &err);
    twin->again = once.again;
    return NULL;
}

/* However they interleave there is one, and all hear of it. */
static void test_once_threads(struct migrations_fixture *t, gconstpointer data)
{
    struct twin twins[6] = { 0 };
    pthread_t threads[G_N_ELEMENTS(twins)];
    unsigned int n_first = 0;
    int64_t id;

    (void)data;
    for (size_t i = 0; i < G_N_ELEMENTS(twins); i++) {
        twins[i].t = t;
        g_assert_cmpint(pthread_create(&threads[i], NULL, add_twin, &twins[i]),
                        ==, 0);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(twins); i++)
        pthread_join(threads[i], NULL);
    g_assert_cmpint(migrations_fixture_number(t, "SELECT count(*) FROM plans"),
                    ==, 1);
    id = migrations_fixture_number(t, "SELECT migration FROM plans");
    for (size_t i = 0; i < G_N_ELEMENTS(twins); i++) {
        g_assert_cmpint(twins[i].id, ==, id);
        n_first += !twins[i].again;
    }
    g_assert_cmpuint(n_first, ==, 1);
}

int main(int argc, char **argv)
{
    static const struct migrations_test rows[] = {
        { "once", test_once },
        { "once-jobs", test_once_jobs },
        { "once-refused", test_once_refused },
        { "once-threads", test_once_threads },
    };

    return migrations_fixture_run(&argc, &argv, "migrations", rows,
                                  G_N_ELEMENTS(rows));
}
