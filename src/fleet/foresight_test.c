/* What a service says of its queue, over a database. */
#include "fleet/foresight.h"

#include "base/check.h"
#include "base/timestamp.h"
#include "fleet/outlook.h"
#include "store/store_tmp.h"

#define NOW_US (INT64_C(1767596400) * TIMESTAMP_SECOND)
#define N      3

static const struct roster_actor alice = { "operator alice@example.com", "7" };

struct house {
    struct store_tmp *tmp;
    struct database *d;
    struct jobs *j;
    struct keyring *keys;
    struct migrations *m;
    struct store *s;
    int64_t migration;
    struct err err;
};

static void add_migration(struct house *h)
{
    struct migration_row rows[N];
    const char *const addresses[N] = { "a@x", "b@x", "c@x" };
    struct migration_wish wish = { .name = "Spring",
                                   .host = "x:443",
                                   .options = "{}",
                                   .sides = { { "https://x", { 0 } },
                                              { "https://y", { 0 } } },
                                   .rows = rows,
                                   .n_rows = N };

    for (uint32_t i = 0; i < N; i++)
        rows[i] =
            (struct migration_row){ .line = i + 2,
                                    .sides = { { addresses[i], { 0 } },
                                               { addresses[i], { 0 } } } };
    CHECK_OK(migrations_add(h->m, &alice, &wish, &h->migration, &h->err),
             &h->err);
}

static void start(struct house *h, const char *kind)
{
    const struct migration_start start = { .migration_id = h->migration,
                                           .kind = kind };

    CHECK_OK(migrations_start(h->m, &alice, &start, NULL, &h->err), &h->err);
}

static struct migration_mailbox *mailbox_at(struct house *h, int line)
{
    const struct migration_filter filter = { .migration_id = h->migration };
    const struct roster_page page = { 0, N };
    g_autoptr(GPtrArray) all = NULL;

    CHECK_OK(migrations_mailboxes(h->m, &filter, &page, &all, &h->err),
             &h->err);
    return g_ptr_array_steal_index(all, (guint)line);
}

/* Of one mailbox alone. */
static void start_one(struct house *h, int line,
                      const struct migration_start *how)
{
    g_autoptr(migration_mailbox) m = mailbox_at(h, line);
    struct migration_start start = *how;

    start.migration_id = h->migration;
    start.mailbox_id = m->id;
    CHECK_OK(migrations_start(h->m, &alice, &start, NULL, &h->err), &h->err);
}

/* Its P50 lies between the two. */
static void assert_said(struct house *h, int line, int64_t after_us,
                        int64_t before_us)
{
    g_autoptr(migration_mailbox) m = mailbox_at(h, line);

    g_assert_cmpint(m->forecast.p50_us, >, after_us);
    g_assert_cmpint(m->forecast.p50_us, <, before_us);
}

static void look_at_all(struct house *h)
{
    g_autoptr(GPtrArray) all = NULL;

    CHECK_OK(store_mailboxes(h->s, &all, &h->err), &h->err);
    for (guint i = 0; i < all->len; i++) {
        const struct store_mailbox *m = all->pdata[i];
        struct store_lease lease;

        CHECK_OK(store_mailbox_lease(h->s, m->id, &lease, &h->err), &h->err);
        CHECK_OK(store_amount_set(h->s, &lease, 1000, 100000000, &h->err),
                 &h->err);
    }
}

static void set_up(struct house *h, gconstpointer data)
{
    (void)data;
    h->tmp = store_tmp_new();
    CHECK_OK(database_open(h->tmp->path, STORE_WRITE, &h->d, &h->err), &h->err);
    h->j = database_jobs(h->d);
    h->keys = keyring_new();
    h->m = migrations_new(h->d, h->j, h->keys);
    add_migration(h);
    h->s = database_store(h->d, h->migration);
    look_at_all(h);
}

static void tear_down(struct house *h, gconstpointer data)
{
    (void)data;
    store_free(h->s);
    migrations_free(h->m);
    keyring_free(h->keys);
    jobs_free(h->j);
    database_close(h->d);
    store_tmp_free(h->tmp);
}

static void add_worker(struct house *h)
{
    const struct jobs_tally tally = { .at_once = 2 };
    bool draining;

    CHECK_OK(jobs_beat(h->j, "w", NOW_US, &tally, &draining, &h->err), &h->err);
}

static void look(struct house *h, int64_t at_us)
{
    const struct foresight f = { h->d, h->j, h->m };

    CHECK_OK(foresight_look(&f, at_us, &h->err), &h->err);
}

/* The latest of the migration as its list has it; at_us 0: none. */
static int64_t said_at(struct house *h, int64_t *ret_p90)
{
    const struct migration_filter filter = { 0 };
    const struct roster_page page = { 0, 10 };
    g_autoptr(GPtrArray) all = NULL;
    const migration *m;

    CHECK_OK(migrations_list(h->m, &filter, &page, &all, &h->err), &h->err);
    m = all->pdata[0];
    *ret_p90 = m->forecast.p90_us;
    return m->forecast.at_us;
}

static guint n_kept(struct house *h)
{
    g_autoptr(GPtrArray) all = NULL;

    CHECK_OK(store_forecasts(h->s, false, &all, &h->err), &h->err);
    return all->len;
}

static void test_said(struct house *h, gconstpointer data)
{
    const struct migration_filter filter = { .migration_id = h->migration };
    const struct roster_page page = { 0, 10 };
    g_autoptr(GPtrArray) all = NULL;
    int64_t p90;

    (void)data;
    look(h, NOW_US);
    g_assert_cmpint(said_at(h, &p90), ==, 0);
    start(h, "full");
    look(h, NOW_US); /* nobody works */
    g_assert_cmpint(said_at(h, &p90), ==, 0);
    add_worker(h);
    look(h, NOW_US);
    g_assert_cmpint(said_at(h, &p90), ==, NOW_US);
    g_assert_cmpint(p90, >, NOW_US);
    look(h, NOW_US + 1);
    g_assert_cmpint(said_at(h, &p90), ==, NOW_US + 1);
    CHECK_OK(migrations_mailboxes(h->m, &filter, &page, &all, &h->err),
             &h->err);
    g_assert_cmpuint(all->len, ==, N);
    for (guint i = 0; i < all->len; i++) {
        const struct migration_mailbox *m = all->pdata[i];

        g_assert_cmpint(m->forecast.at_us, ==, NOW_US + 1);
        g_assert_cmpint(m->forecast.p50_us, <=, m->forecast.p90_us);
        g_assert_cmpstr(m->forecast.basis, ==, "no data yet: default rate");
    }
}

static unsigned int beside_of(struct house *h, const struct pace_hosts *between,
                              unsigned int own)
{
    const struct pace pace = { .mailbox = 1, .took_us = 1, .beside = own };
    g_autoptr(GArray) all = NULL;

    CHECK_OK(store_paces_add(h->s, between, &pace, 1, &h->err), &h->err);
    CHECK_OK(store_paces(h->s, between, &all, &h->err), &h->err);
    return g_array_index(all, struct pace, all->len - 1).beside;
}

/* A worker sees its own mailboxes, and the others take from the hosts too. */
static void test_beside(struct house *h, gconstpointer data)
{
    const struct pace_hosts ours = { "x:443", "y:443" };
    const struct pace_hosts others = { "other:443", "y:443" };
    struct job *job;

    (void)data;
    add_worker(h);
    start(h, "full");
    g_assert_cmpuint(beside_of(h, &ours, 1), ==, 1);
    for (int i = 0; i < 2; i++) {
        g_assert_cmpint(jobs_claim(h->j, "w", NOW_US + 5, &job, &h->err), ==,
                        1);
        job_free(job);
    }
    g_assert_cmpuint(beside_of(h, &ours, 1), ==, 2);
    g_assert_cmpuint(beside_of(h, &ours, 4), ==, 4);
    g_assert_cmpuint(beside_of(h, &others, 1), ==, 1);
}

/* A pass that copies nothing is none of it. */
static void test_other_passes(struct house *h, gconstpointer data)
{
    int64_t p90;

    (void)data;
    add_worker(h);
    start(h, "verify");
    look(h, NOW_US);
    g_assert_cmpint(said_at(h, &p90), ==, 0);
}

static void end_all(struct house *h)
{
    struct job *job;

    for (int i = 0; i < N; i++) {
        g_assert_cmpint(jobs_claim(h->j, "w", NOW_US + 5, &job, &h->err), ==,
                        1);
        CHECK_OK(jobs_end(h->j, job, &(struct jobs_end){ .state = JOB_DONE },
                          &h->err),
                 &h->err);
        job_free(job);
    }
}

static void test_ended(struct house *h, gconstpointer data)
{
    g_autoptr(GPtrArray) all = NULL;
    const struct store_forecast *f;
    int64_t p90;

    (void)data;
    add_worker(h);
    start(h, "full");
    look(h, NOW_US);
    end_all(h);
    look(h, NOW_US + 100);
    g_assert_cmpint(said_at(h, &p90), ==, 0);
    CHECK_OK(store_forecasts(h->s, false, &all, &h->err), &h->err);
    g_assert_cmpuint(all->len, ==, 1);
    f = all->pdata[0];
    g_assert_cmpuint(f->tenth, ==, 0);
    g_assert_cmpint(f->at_us, ==, NOW_US);
    g_assert_cmpint(f->ended_us, ==, NOW_US + 100);
    look(h, NOW_US + 200);
    g_assert_cmpuint(n_kept(h), ==, 1);
}

/* Whoever stops it makes no liar of us. */
static void test_stopped(struct house *h, gconstpointer data)
{
    const struct jobs_which which = { .migration_id = h->migration };

    (void)data;
    add_worker(h);
    start(h, "full");
    look(h, NOW_US);
    CHECK_OK(jobs_do(h->j, JOBS_PAUSE, &which, NULL, &h->err), &h->err);
    look(h, NOW_US + 100);
    g_assert_cmpuint(n_kept(h), ==, 0);
}

/* Who may not begin before a day is not done before it. */
static void test_not_before(struct house *h, gconstpointer data)
{
    const int64_t day_us = INT64_C(86400) * TIMESTAMP_SECOND;
    const struct foresight f = { h->d, h->j, h->m };
    struct migration_start later = { .kind = "full",
                                     .not_before_us = NOW_US + day_us };
    g_auto(outlook) o = { 0 };
    int64_t p90;

    (void)data;
    add_worker(h);
    start_one(h, 0, &later);
    later.not_before_us = 0;
    start_one(h, 1, &later);
    look(h, NOW_US);
    g_assert_cmpint(said_at(h, &p90), ==, NOW_US);
    g_assert_cmpint(p90, >, NOW_US + day_us);
    assert_said(h, 0, NOW_US + day_us, INT64_MAX);
    assert_said(h, 1, NOW_US, NOW_US + day_us);
    g_assert_cmpint(foresight_of(&f, h->migration, NOW_US, &o, &h->err), ==, 1);
    g_assert_cmpint(o.span.p50_us, >, NOW_US + day_us);
    /* the day has come */
    look(h, NOW_US + day_us);
    assert_said(h, 0, NOW_US + day_us, NOW_US + 2 * day_us);
}

/* ---- of one ------------------------------------------------------------- */

static int of_it(struct house *h, struct outlook *ret)
{
    const struct foresight f = { h->d, h->j, h->m };

    return foresight_of(&f, h->migration, NOW_US, ret, &h->err);
}

/* Before it has begun: of a check alone, and without a worker. */
static void test_to_come(struct house *h, gconstpointer data)
{
    const struct foresight f = { h->d, h->j, h->m };
    g_auto(outlook) by_one = { 0 }, by_two = { 0 }, none = { 0 };

    (void)data;
    start(h, "check");
    g_assert_cmpint(of_it(h, &by_one), ==, 1);
    g_assert_cmpstr(by_one.basis, ==, "no data yet: default rate");
    g_assert_cmpint(by_one.span.p50_us, >, NOW_US);
    g_assert_cmpint(by_one.span.p90_us, >, by_one.span.p50_us);
    /* two at a time are sooner than one after the other */
    add_worker(h);
    g_assert_cmpint(of_it(h, &by_two), ==, 1);
    g_assert_cmpint(by_two.span.p50_us, <, by_one.span.p50_us);
    g_assert_cmpuint(n_kept(h), ==, 0);
    g_assert_cmpint(foresight_of(&f, h->migration + 1, NOW_US, &none, &h->err),
                    ==, 0);
}

/* What was copied, or was left out, is not to come. */
static void test_nothing_to_come(struct house *h, gconstpointer data)
{
    g_auto(outlook) o = { 0 };

    (void)data;
    add_worker(h);
    start(h, "full");
    end_all(h);
    g_assert_cmpint(of_it(h, &o), ==, 0);
}

/* ---- the whole ---------------------------------------------------------- */

/* Sweeps until so long from now, and then everything is verified. */
static int whole_of(struct house *h, int64_t at_us, struct outlook *ret)
{
    const struct foresight f = { h->d, h->j, h->m };
    const struct foresight_plan plan = {
        .migration_id = h->migration,
        .rounds = { { .due_us = at_us }, { .verifies = true } },
        .n = 2,
    };

    outlook_clear(ret);
    return foresight_whole(&f, &plan, NOW_US, ret, &h->err);
}

static void end_next(struct house *h, enum job_state how)
{
    struct job *job;

    g_assert_cmpint(jobs_claim(h->j, "w", NOW_US + 5, &job, &h->err), ==, 1);
    CHECK_OK(jobs_end(h->j, job, &(struct jobs_end){ .state = how }, &h->err),
             &h->err);
    job_free(job);
}

static void test_whole(struct house *h, gconstpointer data)
{
    const int64_t day_us = NOW_US + TIMESTAMP_DAY;
    g_auto(outlook) queue = { 0 }, copying = { 0 }, copied = { 0 };
    g_auto(outlook) verifying = { 0 };

    (void)data;
    add_worker(h);
    start(h, "full");
    /* it is due before copying is over, and waits for that */
    g_assert_cmpint(of_it(h, &queue), ==, 1);
    g_assert_cmpint(whole_of(h, NOW_US + 1, &copying), ==, 1);
    g_assert_cmpint(copying.span.p50_us, >, queue.span.p50_us);
    end_all(h);
    g_assert_cmpint(of_it(h, &queue), ==, 0);
    g_assert_cmpint(whole_of(h, day_us, &copied), ==, 1);
    g_assert_cmpint(copied.span.p50_us, >, day_us);
    g_assert_cmpint(copied.span.p90_us, <, day_us + TIMESTAMP_DAY);
    g_assert_cmpuint(n_kept(h), ==, 0);
    /* what somebody had verified before that spares nothing */
    start(h, "verify");
    end_next(h, JOB_DONE);
    g_assert_cmpint(whole_of(h, day_us, &verifying), ==, 1);
    g_assert_cmpint(verifying.span.p50_us, ==, copied.span.p50_us);
}

/* The last round alone: each that is verified is one less to wait for. */
static void test_whole_verified(struct house *h, gconstpointer data)
{
    const struct foresight f = { h->d, h->j, h->m };
    const struct foresight_plan plan = {
        .migration_id = h->migration,
        .rounds = { { .verifies = true, .due_us = NOW_US } },
        .n = 1,
    };
    int64_t before_us = INT64_MAX;

    (void)data;
    add_worker(h);
    start(h, "full");
    end_all(h);
    start(h, "verify");
    for (int i = 0; i < N; i += 2) {
        g_auto(outlook) o = { 0 };

        g_assert_cmpint(foresight_whole(&f, &plan, NOW_US, &o, &h->err), ==, 1);
        g_assert_cmpint(o.span.p50_us, >, NOW_US);
        g_assert_cmpint(o.span.p50_us, <, before_us);
        before_us = o.span.p50_us;
        end_next(h, JOB_DONE);
        if (i + 1 < N)
            end_next(h, JOB_DONE);
    }
    {
        g_auto(outlook) none = { 0 };

        g_assert_cmpint(foresight_whole(&f, &plan, NOW_US, &none, &h->err), ==,
                        0);
    }
}

/* Nobody knows when an operator has it tried again. */
static void test_whole_held(struct house *h, gconstpointer data)
{
    const struct jobs_which which = { .migration_id = h->migration };
    g_auto(outlook) o = { 0 };

    (void)data;
    add_worker(h);
    g_assert_cmpint(whole_of(h, NOW_US, &o), ==, 0);
    start(h, "full");
    g_assert_cmpint(whole_of(h, NOW_US, &o), ==, 1);
    CHECK_OK(jobs_do(h->j, JOBS_PAUSE, &which, NULL, &h->err), &h->err);
    g_assert_cmpint(whole_of(h, NOW_US, &o), ==, 0);
    CHECK_OK(jobs_do(h->j, JOBS_RESUME, &which, NULL, &h->err), &h->err);
    g_assert_cmpint(whole_of(h, NOW_US, &o), ==, 1);
    end_next(h, JOB_FAILED);
    g_assert_cmpint(whole_of(h, NOW_US, &o), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name, function)                                                    \
    g_test_add("/foresight/" name, struct house, NULL, set_up, function,       \
               tear_down)
    ADD("said", test_said);
    ADD("beside", test_beside);
    ADD("other-passes", test_other_passes);
    ADD("ended", test_ended);
    ADD("stopped", test_stopped);
    ADD("not-before", test_not_before);
    ADD("to-come", test_to_come);
    ADD("nothing-to-come", test_nothing_to_come);
    ADD("whole", test_whole);
    ADD("whole-verified", test_whole_verified);
    ADD("whole-held", test_whole_held);
    return g_test_run();
}
