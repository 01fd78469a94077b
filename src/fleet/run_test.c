#include "fleet/run.h"

#include <pthread.h>
#include <string.h>

#include "base/check.h"
#include "endpoint/fault.h"
#include "endpoint/mem.h"
#include "fts/fts_build.h"

enum { N_MAILBOXES = 5, N_ITEMS = 7 };

/* Mailboxes in memory on both sides, and what was heard of each. */
struct world {
    struct store *store;
    struct blob_pool *pool;
    struct cancel *cancel;
    struct mem *sources[N_MAILBOXES], *destinations[N_MAILBOXES];
    struct fleet_mailbox mailboxes[N_MAILBOXES];
    char addresses[N_MAILBOXES][2][32];
    size_t broken;    /* this one cannot be opened; N_MAILBOXES: none */
    size_t cancel_at; /* ask to stop when this one begins; likewise */
    /* Its account is refused on the way; others open it, so many; likewise. */
    size_t locked, n_others;
    struct faults *refusals; /* of that one's destination */
    char left_out[160];      /* what was told of the first one */
    unsigned int opened[N_MAILBOXES], notes;
    pthread_mutex_t lock;
    unsigned int begun[N_MAILBOXES], ended[N_MAILBOXES];
    unsigned int running, most_running;
    enum fleet_end ends[N_MAILBOXES];
};

static void fill(struct mem *m, unsigned int seed)
{
    mem_add_usual_folders(m, false);
    for (unsigned int i = 0; i < N_ITEMS; i++) {
        g_autofree char *subject = g_strdup_printf("mail %u of %u", i, seed);
        struct fts_message message = { .subject = subject, .body = subject };
        g_autofree char *payload = fts_build(&message);

        mem_add_item(m, mem_well_known(m, "inbox"), payload, strlen(payload),
                     NULL);
    }
}

static void set_up(struct world *w, gconstpointer data)
{
    struct err err;

    (void)data;
    w->store = store_open_mem();
    w->pool = blob_pool_new(1 << 20, NULL);
    w->cancel = cancel_new();
    w->broken = w->cancel_at = w->locked = N_MAILBOXES;
    w->refusals = faults_new();
    pthread_mutex_init(&w->lock, NULL);
    for (size_t i = 0; i < N_MAILBOXES; i++) {
        struct fleet_mailbox *m = &w->mailboxes[i];
        struct mem_options options = { 0 };

        g_snprintf(w->addresses[i][0], 32, "user%zu@old", i);
        g_snprintf(w->addresses[i][1], 32, "user%zu@new", i);
        m->source_address = options.address = w->addresses[i][0];
        w->sources[i] = mem_new(&options);
        m->destination_address = options.address = w->addresses[i][1];
        w->destinations[i] = mem_new(&options);
        fill(w->sources[i], (unsigned int)i);
        mem_add_usual_folders(w->destinations[i], true);
        CHECK_OK(store_mailbox_add(w->store, m->source_address,
                                   m->destination_address, (uint32_t)i + 2,
                                   &m->id, &err),
                 &err);
    }
}

static void tear_down(struct world *w, gconstpointer data)
{
    (void)data;
    faults_free(w->refusals);
    for (size_t i = 0; i < N_MAILBOXES; i++) {
        mem_free(w->sources[i]);
        mem_free(w->destinations[i]);
    }
    pthread_mutex_destroy(&w->lock);
    cancel_free(w->cancel);
    blob_pool_free(w->pool);
    store_free(w->store);
}

static int open_mailbox(void *data, size_t index, struct endpoint **ret_source,
                        struct endpoint **ret_destination, struct err *err)
{
    struct world *w = data;

    if (index == w->broken)
        return err_set(err, ERR_MAILBOX, ERR_RETRY_NEVER, 0, "no such mailbox");
    *ret_source = mem_endpoint(w->sources[index]);
    *ret_destination = mem_endpoint(w->destinations[index]);
    w->opened[index]++;
    if (index == w->locked)
        *ret_destination = fault_endpoint(*ret_destination, w->refusals);
    return 0;
}

/* The n-th item to be stored finds the account locked. */
static void refuse_at(struct world *w, unsigned int n)
{
    struct fault refusal = { .op = FAULT_PUT,
                             .when = FAULT_BEFORE,
                             .first = n };

    err_set(&refusal.err, ERR_MAILBOX, ERR_RETRY_REAUTH, 401, "locked");
    faults_add(w->refusals, &refusal);
}

static bool has_another(void *data, size_t index)
{
    struct world *w = data;

    g_assert_cmpuint(index, ==, w->locked);
    if (w->n_others == 0)
        return false;
    w->n_others--;
    return true;
}

static void on_event(void *data, size_t index, const struct engine_event *event)
{
    struct world *w = data;

    if (event->kind != ENGINE_NOTE)
        return;
    if (strcmp(w->left_out, "") == 0 && event->about != NULL) {
        g_assert_cmpuint(index, ==, 0);
        g_strlcpy(w->left_out, event->text, sizeof(w->left_out));
        return;
    }
    g_assert_cmpuint(index, ==, w->locked);
    g_assert_nonnull(strstr(event->text, "locked"));
    w->notes++;
}

static void on_begun(void *data, size_t index)
{
    struct world *w = data;

    pthread_mutex_lock(&w->lock);
    w->begun[index]++;
    w->running++;
    w->most_running = MAX(w->most_running, w->running);
    pthread_mutex_unlock(&w->lock);
    if (index == w->cancel_at)
        cancel_request(w->cancel);
}

static void on_ended(void *data, size_t index, enum fleet_end end,
                     struct engine_check *check, const struct err *why)
{
    struct world *w = data;

    (void)check;
    pthread_mutex_lock(&w->lock);
    w->ended[index]++;
    w->running--;
    w->ends[index] = end;
    g_assert_true((why != NULL) == (end == FLEET_FAILED));
    pthread_mutex_unlock(&w->lock);
}

static struct fleet_summary migrate(struct world *w, unsigned int at_once)
{
    struct fleet_listener listener = {
        .data = w,
        .begun = on_begun,
        .event = on_event,
        .ended = on_ended,
    };
    struct fleet_run run = {
        .store = w->store,
        .pool = w->pool,
        .cancel = w->cancel,
        .mailboxes = w->mailboxes,
        .n = N_MAILBOXES,
        .at_once = at_once,
        .task = FLEET_MIGRATE,
        .verify = VERIFY_MODE_SAMPLE,
        .options = { .lanes = 2, .alone = true, .doubt_wait_us = 1 },
        .opener = open_mailbox,
        .another = has_another,
        .opener_data = w,
        .listener = &listener,
    };
    struct fleet_summary sum;
    struct err err;

    CHECK_OK(fleet_run(&run, &sum, &err), &err);
    return sum;
}

static enum mailbox_state state_of(struct world *w, size_t index)
{
    struct store_mailbox *m = NULL;
    enum mailbox_state state;
    struct err err;

    CHECK_OK(store_mailbox_get(w->store, w->mailboxes[index].id, &m, &err),
             &err);
    state = m->state;
    store_mailbox_free(m);
    return state;
}

static guint items_at(struct mem *m)
{
    g_autoptr(GPtrArray) items = mem_items(m, NULL);

    return items->len;
}

static void test_all(struct world *w, gconstpointer data)
{
    struct fleet_summary sum = migrate(w, 2);

    (void)data;
    g_assert_cmpuint(sum.ends[FLEET_DONE], ==, N_MAILBOXES);
    g_assert_cmpuint(sum.items_copied, ==, N_MAILBOXES * N_ITEMS);
    g_assert_cmpint(fleet_exit_status(&sum), ==, 0);
    g_assert_cmpuint(w->most_running, <=, 2);
    for (size_t i = 0; i < N_MAILBOXES; i++) {
        g_assert_cmpuint(w->begun[i], ==, 1);
        g_assert_cmpuint(w->ended[i], ==, 1);
        g_assert_cmpuint(items_at(w->destinations[i]), ==, N_ITEMS);
        g_assert_cmpint(state_of(w, i), ==, MAILBOX_VERIFIED);
    }
    /* Again: nothing to do, and still verified. */
    sum = migrate(w, 3);
    g_assert_cmpuint(sum.items_copied, ==, 0);
    g_assert_cmpint(fleet_exit_status(&sum), ==, 0);
    for (size_t i = 0; i < N_MAILBOXES; i++)
        g_assert_cmpint(state_of(w, i), ==, MAILBOX_VERIFIED);
}

/* What a forecast of the next ones is made of. */
static void test_measured(struct world *w, gconstpointer data)
{
    static const struct pace_hosts between = { "old.example:443",
                                               "new.example:443" };
    char source[] = "https://old.example/owa",
         destination[] = "https://new.example/owa";
    const struct store_migration m = { source, destination, 1 };
    uint64_t items = 0, of_rests = 0, rests = 0;
    g_autoptr(GArray) paces = NULL, amounts = NULL;
    struct err err;

    (void)data;
    CHECK_OK(store_migration_set(w->store, &m, &err), &err);
    (void)migrate(w, 2);
    CHECK_OK(store_paces(w->store, &between, &paces, &err), &err);
    for (guint i = 0; i < paces->len; i++) {
        const struct pace *p = &g_array_index(paces, struct pace, i);

        g_assert_cmpint(p->took_us, >, 0);
        g_assert_cmpint(p->throttled_us, >=, 0);
        g_assert_cmpuint(p->beside, >=, 1);
        g_assert_cmpuint(p->beside, <=, 2);
        g_assert_cmpint(p->mailbox, >, 0);
        rests += p->rest;
        *(p->rest ? &of_rests : &items) += p->items;
    }
    g_assert_cmpuint(rests, ==, N_MAILBOXES);
    g_assert_cmpuint(items, ==, N_MAILBOXES * N_ITEMS);
    g_assert_cmpuint(of_rests, ==, N_MAILBOXES * N_ITEMS);
    CHECK_OK(store_amounts(w->store, &amounts, &err), &err);
    g_assert_cmpuint(amounts->len, ==, N_MAILBOXES);
    for (guint i = 0; i < amounts->len; i++)
        g_assert_cmpuint(g_array_index(amounts, struct store_amount, i).items,
                         ==, N_ITEMS);
}

static void test_one_failure_stops_no_other(struct world *w, gconstpointer data)
{
    struct fleet_summary sum;

    (void)data;
    w->broken = 1;
    sum = migrate(w, 2);
    g_assert_cmpuint(sum.ends[FLEET_DONE], ==, N_MAILBOXES - 1);
    g_assert_cmpuint(sum.ends[FLEET_FAILED], ==, 1);
    g_assert_cmpint(w->ends[1], ==, FLEET_FAILED);
    g_assert_cmpint(state_of(w, 1), ==, MAILBOX_FAILED);
    g_assert_cmpint(fleet_exit_status(&sum), ==, 2);
    /* Mended, it comes along the next time. */
    w->broken = N_MAILBOXES;
    sum = migrate(w, 2);
    g_assert_cmpuint(sum.items_copied, ==, N_ITEMS);
    g_assert_cmpint(state_of(w, 1), ==, MAILBOX_VERIFIED);
}

/* Twice in one run, and in the third opening it comes to its end. */
static void test_another_account(struct world *w, gconstpointer data)
{
    struct fleet_summary sum;

    (void)data;
    w->locked = 3;
    w->n_others = 5;
    refuse_at(w, 1);
    refuse_at(w, 2);
    sum = migrate(w, 2);
    g_assert_cmpuint(faults_fired(w->refusals), ==, 2);
    g_assert_cmpuint(w->opened[3], ==, 3);
    g_assert_cmpuint(w->opened[2], ==, 1);
    g_assert_cmpuint(w->notes, ==, 2);
    g_assert_cmpuint(w->begun[3], ==, 1);
    g_assert_cmpuint(w->ended[3], ==, 1);
    g_assert_cmpuint(sum.ends[FLEET_DONE], ==, N_MAILBOXES);
    g_assert_cmpuint(sum.items_copied, ==, N_MAILBOXES * N_ITEMS);
    g_assert_cmpuint(items_at(w->destinations[3]), ==, N_ITEMS);
    g_assert_cmpint(state_of(w, 3), ==, MAILBOX_VERIFIED);
}

static void test_no_other_account(struct world *w, gconstpointer data)
{
    struct fleet_summary sum;

    (void)data;
    w->locked = 3;
    refuse_at(w, 1);
    sum = migrate(w, 2);
    g_assert_cmpuint(w->opened[3], ==, 1);
    g_assert_cmpuint(w->notes, ==, 0);
    g_assert_cmpint(w->ends[3], ==, FLEET_FAILED);
    g_assert_cmpuint(sum.ends[FLEET_DONE], ==, N_MAILBOXES - 1);
}

static void test_interrupted(struct world *w, gconstpointer data)
{
    struct fleet_summary sum;

    (void)data;
    w->cancel_at = 2;
    sum = migrate(w, 1);
    g_assert_cmpuint(sum.ends[FLEET_DONE], ==, 2);
    g_assert_cmpuint(sum.ends[FLEET_INTERRUPTED], ==, 1);
    g_assert_cmpuint(sum.ends[FLEET_NOT_STARTED], ==, N_MAILBOXES - 3);
    g_assert_cmpint(fleet_exit_status(&sum), ==, 130);
    g_assert_cmpuint(w->begun[3], ==, 0);
    cancel_free(w->cancel);
    w->cancel = cancel_new();
    w->cancel_at = N_MAILBOXES;
    sum = migrate(w, 1);
    g_assert_cmpuint(sum.ends[FLEET_DONE], ==, N_MAILBOXES);
    for (size_t i = 0; i < N_MAILBOXES; i++)
        g_assert_cmpuint(items_at(w->destinations[i]), ==, N_ITEMS);
}

static void test_kinds_left_out(struct world *w, gconstpointer data)
{
    struct fleet_summary sum;

    (void)data;
    w->mailboxes[0].skip_kinds = 1u << KIND_MAIL;
    sum = migrate(w, 2);
    g_assert_cmpuint(sum.items_copied, ==, (N_MAILBOXES - 1) * N_ITEMS);
    g_assert_cmpuint(items_at(w->destinations[0]), ==, 0);
    g_assert_cmpint(fleet_exit_status(&sum), ==, 0);
    g_assert_true(g_str_has_prefix(
        w->left_out, "flag DoNotMigrateMail leaves 7 mail items behind"));
}

static void test_exit_status(void)
{
    static const struct {
        const char *name;
        size_t ends[FLEET_N_ENDS]; /* not started, interrupted, done, ... */
        int want;
    } rows[] = {
        { "nothing to do", { 0, 0, 0, 0, 0 }, 0 },
        { "all done", { 0, 0, 3, 0, 0 }, 0 },
        { "some differ", { 0, 0, 2, 1, 0 }, 1 },
        { "some failed", { 0, 0, 2, 1, 1 }, 2 },
        { "all failed", { 0, 0, 0, 0, 2 }, 3 },
        { "failed and differ", { 0, 0, 0, 1, 1 }, 2 },
        { "interrupted", { 0, 1, 2, 0, 1 }, 130 },
        { "not all begun", { 1, 0, 2, 0, 0 }, 130 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct fleet_summary sum = { 0 };

        memcpy(sum.ends, rows[i].ends, sizeof(sum.ends));
        CHECK_ROW(rows[i].name, fleet_exit_status(&sum) == rows[i].want);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name, function)                                                    \
    g_test_add("/run/" name, struct world, NULL, set_up, function, tear_down)
    ADD("all", test_all);
    ADD("measured", test_measured);
    ADD("one-failure", test_one_failure_stops_no_other);
    ADD("another-account", test_another_account);
    ADD("no-other-account", test_no_other_account);
    ADD("interrupted", test_interrupted);
    ADD("kinds", test_kinds_left_out);
#undef ADD
    g_test_add_func("/run/exit-status", test_exit_status);
    return g_test_run();
}
