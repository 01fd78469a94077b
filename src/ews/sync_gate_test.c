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
    struct sync_visit v = { .budget = "b", .mailbox = "x" };
    struct crowd *c = data;
    int64_t waited = 0;
    struct err err;
    int now;

    CHECK_OK(sync_gate_enter(c->gate, &v, NULL, &waited, &err), &err);
    now = atomic_fetch_add(&c->inside, 1) + 1;
    if (now > atomic_load(&c->most))
        atomic_store(&c->most, now);
    g_usleep(3000);
    atomic_fetch_sub(&c->inside, 1);
    sync_gate_leave(c->gate, &v);
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
    struct sync_visit one = { .budget = "one", .mailbox = "x" };
    struct sync_visit two = { .budget = "two", .mailbox = "x" };
    struct sync_visit again = { .budget = "one", .mailbox = "x" };
    g_autoptr(sync_gate) gate = sync_gate_new(1);
    g_autoptr(cancel) stop = cancel_new();
    int64_t waited = 0;
    struct err err = { 0 };

    CHECK_OK(sync_gate_enter(gate, &one, stop, &waited, &err), &err);
    CHECK_OK(sync_gate_enter(gate, &two, stop, &waited, &err), &err);
    cancel_request(stop);
    g_assert_cmpint(sync_gate_enter(gate, &again, stop, &waited, &err), ==, -1);
    g_assert_cmpstr(err.name, ==, "cancelled");
    sync_gate_leave(gate, &one);
    sync_gate_leave(gate, &two);
}

/* Who waits before a gate that somebody is in, and comes in their turn. */
struct line {
    struct sync_gate *gate;
    pthread_mutex_t lock;
    char order[8];
    size_t n;
};

struct person {
    struct line *line;
    const char *mailbox;
};

static void *stand_in_line(void *data)
{
    const struct person *p = data;
    struct sync_visit v = { .budget = "b", .mailbox = p->mailbox };
    struct line *line = p->line;
    int64_t waited = 0;
    struct err err;

    CHECK_OK(sync_gate_enter(line->gate, &v, NULL, &waited, &err), &err);
    pthread_mutex_lock(&line->lock);
    line->order[line->n++] = p->mailbox[0];
    pthread_mutex_unlock(&line->lock);
    sync_gate_leave(line->gate, &v);
    return NULL;
}

static void test_mailboxes_take_turns(void)
{
    struct sync_visit first = { .budget = "b", .mailbox = "w" };
    static const char *const mailboxes[] = { "x", "x", "x", "y" };
    g_autoptr(sync_gate) gate = sync_gate_new(1);
    struct line line = { .gate = gate };
    struct person people[G_N_ELEMENTS(mailboxes)];
    pthread_t threads[G_N_ELEMENTS(mailboxes)];
    int64_t waited = 0;
    struct err err;

    pthread_mutex_init(&line.lock, NULL);
    CHECK_OK(sync_gate_enter(gate, &first, NULL, &waited, &err), &err);
    for (unsigned int i = 0; i < G_N_ELEMENTS(people); i++) {
        people[i] = (struct person){ .line = &line, .mailbox = mailboxes[i] };
        g_assert_cmpint(
            pthread_create(&threads[i], NULL, stand_in_line, &people[i]), ==,
            0);
        while (sync_gate_waiting(gate) != i + 1)
            g_thread_yield();
    }
    sync_gate_leave(gate, &first);
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        pthread_join(threads[i], NULL);
    g_assert_cmpstr(line.order, ==, "xyxx");
    pthread_mutex_destroy(&line.lock);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sync_gate/never-more", test_never_more_than);
    g_test_add_func("/sync_gate/budgets", test_budgets_are_apart);
    g_test_add_func("/sync_gate/turns", test_mailboxes_take_turns);
    return g_test_run();
}
