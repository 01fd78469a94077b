#include "ews/sync_gate.h"

#include <pthread.h>
#include <stdatomic.h>

#include "base/check.h"

struct crowd {
    struct sync_gate *gate;
    atomic_int inside, most;
};

static void *visitor(void *data)
{
    struct crowd *c = data;
    int64_t waited = 0;
    struct err err;
    int now;

    CHECK_OK(sync_gate_enter(c->gate, "b", NULL, &waited, &err), &err);
    now = atomic_fetch_add(&c->inside, 1) + 1;
    if (now > atomic_load(&c->most))
        atomic_store(&c->most, now);
    g_usleep(3000);
    atomic_fetch_sub(&c->inside, 1);
    sync_gate_leave(c->gate, "b");
    return NULL;
}

static void test_never_more_than(void)
{
    g_autoptr(sync_gate) gate = sync_gate_new(2);
    struct crowd c = { .gate = gate };
    pthread_t threads[9];

    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        g_assert_cmpint(pthread_create(&threads[i], NULL, visitor, &c), ==, 0);
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        pthread_join(threads[i], NULL);
    g_assert_cmpint(atomic_load(&c.most), <=, 2);
    g_assert_cmpint(atomic_load(&c.inside), ==, 0);
}

/* Another budget does not wait; the same one does, until it is cancelled. */
static void test_budgets_are_apart(void)
{
    g_autoptr(sync_gate) gate = sync_gate_new(1);
    g_autoptr(cancel) stop = cancel_new();
    int64_t waited = 0;
    struct err err = { 0 };

    CHECK_OK(sync_gate_enter(gate, "one", stop, &waited, &err), &err);
    CHECK_OK(sync_gate_enter(gate, "two", stop, &waited, &err), &err);
    cancel_request(stop);
    g_assert_cmpint(sync_gate_enter(gate, "one", stop, &waited, &err), ==, -1);
    g_assert_cmpstr(err.name, ==, "cancelled");
    sync_gate_leave(gate, "one");
    sync_gate_leave(gate, "two");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sync_gate/never-more", test_never_more_than);
    g_test_add_func("/sync_gate/budgets", test_budgets_are_apart);
    return g_test_run();
}
