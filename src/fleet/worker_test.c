/*
 * What of a worker no scenario can show: what happens while the database takes
 * its time.  The pass is a door that opens when it is told to stop.
 */
#include "fleet/worker.h"

#include <pthread.h>

#include "base/check.h"
#include "base/timestamp.h"
#include "store/jobs_priv.h"
#include "store/store_tmp.h"

static const struct roster_actor alice = { "operator alice@example.com", "7" };

/*
 * Jobs whose renewals take as long as the test wants; one can be claimed, and
 * so no claim finds it expired meanwhile.
 */
struct slow {
    struct jobs base;
    struct jobs *real;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool claimed, renewing, go;
};

static int slow_claim(struct jobs *j, const char *name, int64_t now_us,
                      struct job **ret, struct err *err)
{
    struct slow *s = (struct slow *)j;

    if (s->claimed)
        return 0;
    s->claimed = true;
    return jobs_claim(s->real, name, now_us, ret, err);
}

static int slow_renew(struct jobs *j, const struct job *job, int64_t now_us,
                      struct jobs_renewed *ret, struct err *err)
{
    struct slow *s = (struct slow *)j;

    pthread_mutex_lock(&s->lock);
    s->renewing = true;
    pthread_cond_broadcast(&s->changed);
    while (!s->go)
        pthread_cond_wait(&s->changed, &s->lock);
    pthread_mutex_unlock(&s->lock);
    return jobs_renew(s->real, job, now_us, ret, err);
}

static int slow_end(struct jobs *j, const struct job *job,
                    const struct jobs_end *end, struct err *err)
{
    return jobs_end(((struct slow *)j)->real, job, end, err);
}

static int slow_beat(struct jobs *j, const char *name, int64_t now_us,
                     const struct jobs_tally *tally, bool *ret_draining,
                     struct err *err)
{
    return jobs_beat(((struct slow *)j)->real, name, now_us, tally,
                     ret_draining, err);
}

static int slow_leave(struct jobs *j, const char *name, int64_t seen_before_us,
                      struct err *err)
{
    return jobs_leave(((struct slow *)j)->real, name, seen_before_us, err);
}

static const struct jobs_ops slow_ops = {
    .claim = slow_claim,
    .renew = slow_renew,
    .end = slow_end,
    .beat = slow_beat,
    .leave = slow_leave,
};

static void slow_wait_renewing(struct slow *s)
{
    pthread_mutex_lock(&s->lock);
    while (!s->renewing)
        pthread_cond_wait(&s->changed, &s->lock);
    pthread_mutex_unlock(&s->lock);
}

static void slow_go(struct slow *s)
{
    pthread_mutex_lock(&s->lock);
    s->go = true;
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
}

struct house {
    struct store_tmp *tmp;
    struct database *d;
    struct jobs *j;
    struct keyring *keys;
    struct migrations *m;
    struct cancel *cancel;
    struct slow slow;
    int64_t migration;
    struct err err;
};

static void add_migration(struct house *h)
{
    const struct migration_row row = {
        .line = 2, .sides = { { "a@x", { 0 } }, { "a@y", { 0 } } }
    };
    const struct migration_wish wish = { .name = "Spring",
                                         .host = "x:443",
                                         .options = "{}",
                                         .sides = { { "https://x", { 0 } },
                                                    { "https://y", { 0 } } },
                                         .rows = &row,
                                         .n_rows = 1 };
    struct migration_start start = { .kind = "full" };

    CHECK_OK(migrations_add(h->m, &alice, &wish, &h->migration, &h->err),
             &h->err);
    start.migration_id = h->migration;
    CHECK_OK(migrations_start(h->m, &alice, &start, NULL, &h->err), &h->err);
}

static void set_up(struct house *h, gconstpointer data)
{
    (void)data;
    h->tmp = store_tmp_new();
    CHECK_OK(database_open(h->tmp->path, STORE_WRITE, &h->d, &h->err), &h->err);
    h->j = database_jobs(h->d);
    h->keys = keyring_new();
    h->m = migrations_new(h->d, h->j, h->keys);
    h->cancel = cancel_new();
    jobs_init(&h->slow.base, &slow_ops);
    h->slow.real = h->j;
    pthread_mutex_init(&h->slow.lock, NULL);
    pthread_cond_init(&h->slow.changed, NULL);
    add_migration(h);
}

static void tear_down(struct house *h, gconstpointer data)
{
    (void)data;
    jobs_release(&h->slow.base);
    pthread_mutex_destroy(&h->slow.lock);
    pthread_cond_destroy(&h->slow.changed);
    cancel_free(h->cancel);
    migrations_free(h->m);
    keyring_free(h->keys);
    jobs_free(h->j);
    database_close(h->d);
    store_tmp_free(h->tmp);
}

static int open_door(void *data, const struct worker_task *task, void **ret,
                     struct err *err)
{
    (void)data;
    (void)ret;
    while (!cancel_sleep(task->cancel, TIMESTAMP_SECOND, CANCEL_DRAIN))
        ;
    return err_set(err, ERR_MAILBOX, ERR_RETRY_NOW, 0, "told to stop");
}

static void *run(void *data)
{
    struct err err;

    CHECK_OK(worker_run(data, &err), &err);
    return NULL;
}

/* Else nobody could be told to stop while a database does not answer. */
static void test_nobody_waits_for_a_renewal(struct house *h, gconstpointer data)
{
    const struct worker_doors doors = { .open = open_door };
    const struct worker_config config = { .name = "w",
                                          .at_once = 2,
                                          .lease_us = TIMESTAMP_SECOND / 10,
                                          .embedded = true,
                                          .database = h->d,
                                          .jobs = &h->slow.base,
                                          .migrations = h->m,
                                          .cancel = h->cancel,
                                          .doors = &doors };
    g_autoptr(worker) w = worker_new(&config);
    const struct jobs_which all = { 0 };
    g_autoptr(GPtrArray) left = NULL;
    struct jobs_tally tally;
    pthread_t thread;

    (void)data;
    g_assert_cmpint(pthread_create(&thread, NULL, run, w), ==, 0);
    slow_wait_renewing(&h->slow);
    worker_tally(w, &tally);
    g_assert_cmpuint(tally.running, ==, 1);
    cancel_request(h->cancel);
    slow_go(&h->slow);
    pthread_join(thread, NULL);
    CHECK_OK(jobs_list(h->j, &all, &left, &h->err), &h->err);
    g_assert_cmpuint(left->len, ==, 1);
    g_assert_cmpint(((const struct job *)left->pdata[0])->state, ==,
                    JOB_QUEUED);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add("/worker/renewal", struct house, NULL, set_up,
               test_nobody_waits_for_a_renewal, tear_down);
    return g_test_run();
}
