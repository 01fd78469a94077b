/* Which job is next, of those that there are: the rules of jobs.h. */
#include "store/jobs_testing.h"

#define SECOND TIMESTAMP_SECOND

static void test_order(struct jobs_scene *t)
{
    int64_t a = jobs_scene_add(t, 0, 0, "h", 0),
            b = jobs_scene_add(t, 0, 1, "h", 0),
            c = jobs_scene_add(t, 0, 2, "h", 5);
    struct jobs_renewed renewed;
    struct job *job = jobs_scene_claim(t, "w");

    g_assert_cmpint(job->id, ==, c);
    g_assert_cmpint(job->state, ==, JOB_RUNNING);
    g_assert_cmpstr(job->worker, ==, "w");
    g_assert_cmpstr(job->kind, ==, "full");
    g_assert_cmpint(job->expires_us, ==, t->now_us + JOBS_LEASE_US);
    g_assert_cmpint(jobs_scene_claim_id(t, "w"), ==, a);
    g_assert_cmpint(jobs_scene_claim_id(t, "w"), ==, b);
    g_assert_cmpint(jobs_scene_claim_id(t, "w"), ==, 0);
    jobs_scene_give_back(t, job, JOB_DONE);
    jobs_scene_lost(t, jobs_renew(t->j, job, t->now_us, &renewed, &t->err));
    g_assert_cmpint(jobs_scene_claim_id(t, "w"), ==, 0);
    jobs_scene_is(t, c, JOB_DONE);
    job_free(job);
}

/* A thousand of one customer do not keep the other waiting. */
static void test_fair(struct jobs_scene *t)
{
    int64_t a[3], b;

    for (int i = 0; i < 3; i++)
        a[i] = jobs_scene_add(t, 0, i, "h", 0);
    b = jobs_scene_add(t, 1, 0, "h", 0);
    g_assert_cmpint(jobs_scene_claim_id(t, "w"), ==, a[0]);
    g_assert_cmpint(jobs_scene_claim_id(t, "w"), ==, b);
    g_assert_cmpint(jobs_scene_claim_id(t, "w"), ==, a[1]);
}

/* Who has less under way comes first, though it had the last turn. */
static void test_fewest(struct jobs_scene *t)
{
    struct job *job[4];

    for (int i = 0; i < 3; i++) {
        jobs_scene_add(t, 0, i, "h", 0);
        jobs_scene_add(t, 1, i, "h", 0);
    }
    for (int i = 0; i < 4; i++)
        job[i] = jobs_scene_claim(t, "w");
    jobs_scene_give_back(t, job[1], JOB_DONE);
    jobs_scene_give_back(t, job[3], JOB_DONE);
    for (int i = 0; i < 4; i++) {
        g_assert_cmpint(job[i]->migration_id, ==, t->migration[i % 2]);
        job_free(job[i]);
    }
    job[0] = jobs_scene_claim(t, "w");
    g_assert_cmpint(job[0]->migration_id, ==, t->migration[1]);
    job_free(job[0]);
}

/* Also where only one runs at a time. */
static void test_turns(struct jobs_scene *t)
{
    for (int i = 0; i < 4; i++)
        jobs_scene_add(t, 0, i, "h", 0);
    for (int i = 0; i < 4; i++)
        jobs_scene_add(t, 1, i, "h", 0);
    for (int i = 0; i < 8; i++) {
        struct job *job = jobs_scene_claim(t, "w");

        g_assert_cmpint(job->migration_id, ==, t->migration[i % 2]);
        jobs_scene_give_back(t, job, JOB_DONE);
        job_free(job);
    }
}

static void test_one_of_a_mailbox(struct jobs_scene *t)
{
    int64_t first = jobs_scene_add(t, 0, 0, "h", 0),
            second = jobs_scene_add(t, 0, 0, "h", 0);
    struct job *job = jobs_scene_claim(t, "w");

    g_assert_cmpint(job->id, ==, first);
    g_assert_cmpint(jobs_scene_claim_id(t, "w"), ==, 0);
    jobs_scene_give_back(t, job, JOB_FAILED);
    g_assert_cmpint(jobs_scene_claim_id(t, "w"), ==, second);
    job_free(job);
}

static void test_limits(struct jobs_scene *t)
{
    struct job *job;

    for (int i = 0; i < 3; i++)
        jobs_scene_add(t, 0, i, "h", 0);
    jobs_scene_add(t, 1, 0, "h", 0);
    CHECK_OK(jobs_limit_migration(t->j, t->migration[0], 1, NULL, &t->err),
             &t->err);
    job = jobs_scene_claim(t, "w");
    g_assert_cmpint(job->migration_id, ==, t->migration[0]);
    CHECK_OK(jobs_limit_host(t->j, "h", 1, NULL, &t->err), &t->err);
    g_assert_cmpint(jobs_scene_claim_id(t, "w"), ==, 0);
    CHECK_OK(jobs_limit_host(t->j, "h", 2, NULL, &t->err), &t->err);
    g_assert_cmpint(jobs_scene_claim_id(t, "w"), ==, 4);
    g_assert_cmpint(jobs_scene_claim_id(t, "w"), ==, 0);
    /* As soon as one is through, and as soon as more are allowed. */
    jobs_scene_give_back(t, job, JOB_DONE);
    g_assert_cmpint(jobs_scene_claim_id(t, "w"), ==, 2);
    CHECK_OK(jobs_limit_host(t->j, "h", 0, NULL, &t->err), &t->err);
    CHECK_OK(jobs_limit_migration(t->j, t->migration[0], 0, NULL, &t->err),
             &t->err);
    g_assert_cmpint(jobs_scene_claim_id(t, "w"), ==, 3);
    job_free(job);
}

static void test_hours(struct jobs_scene *t)
{
    static const char weekend[] =
        "Fri 22:00-24:00, Sat-Sun 00:00-24:00, Mon 00:00-06:00 UTC";
    static const char morning[] = "08:00-10:00 UTC";
    const int64_t monday = INT64_C(1767571200) * SECOND; /* 2026-01-05 */
    static const struct {
        const char *name;
        unsigned int minute;
        bool own, host; /* may a job of the one, of the other? */
    } rows[] = {
        /* clang-format off */
        { "Monday 05:59", 5 * 60 + 59,             true,  true },
        { "Monday 06:00", 6 * 60,                  false, true },
        { "Monday 08:00", 8 * 60,                  false, false },
        { "Monday 10:00", 10 * 60,                 false, true },
        { "Friday 21:59", 4 * 1440 + 21 * 60 + 59, false, true },
        { "Friday 22:00", 4 * 1440 + 22 * 60,      true,  true },
        { "Sunday 23:59", 7 * 1440 - 1,            true,  true },
        /* clang-format on */
    };

    jobs_scene_add(t, 0, 0, "quiet", 0);
    jobs_scene_add(t, 1, 0, "quiet", 0);
    CHECK_OK(jobs_limit_migration(t->j, t->migration[0], 0, weekend, &t->err),
             &t->err);
    CHECK_OK(jobs_limit_host(t->j, "quiet", 0, morning, &t->err), &t->err);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct job *got[3] = { NULL };
        int n = 0;

        t->now_us = monday + rows[i].minute * 60 * SECOND;
        while ((got[n] = jobs_scene_claim(t, "w")) != NULL)
            n++;
        CHECK_ROW(rows[i].name, n == rows[i].own + rows[i].host);
        for (int k = 0; k < n; k++) {
            jobs_scene_give_back(t, got[k], JOB_QUEUED);
            job_free(got[k]);
        }
        CHECK_ROW(rows[i].name, jobs_scene_unattended(t) == (uint64_t)n);
    }
}

static void test_hosts(struct jobs_scene *t)
{
    g_autoptr(GPtrArray) found = NULL;
    const struct jobs_host *h;

    jobs_scene_add(t, 0, 0, "none", 0);
    jobs_scene_claim_id(t, "w");
    CHECK_OK(jobs_limit_host(t->j, "b", 2, NULL, &t->err), &t->err);
    CHECK_OK(jobs_limit_host(t->j, "a", 0, "22:00-06:00 UTC", &t->err),
             &t->err);
    g_assert_cmpint(jobs_limit_host(t->j, "a", 0, "at night", &t->err), ==, -1);
    g_assert_cmpstr(t->err.name, ==, "bad-hours");
    CHECK_OK(jobs_hosts(t->j, &found, &t->err), &t->err);
    g_assert_cmpuint(found->len, ==, 2);
    h = found->pdata[0];
    g_assert_cmpstr(h->name, ==, "a");
    g_assert_cmpstr(h->quiet, ==, "22:00-06:00 UTC");
    h = found->pdata[1];
    g_assert_cmpuint(h->most, ==, 2);
    g_assert_null(h->quiet);
}

static void test_later(struct jobs_scene *t)
{
    int64_t id = jobs_scene_add(t, 0, 0, "h", 0);
    struct job *job = jobs_scene_claim(t, "w");
    const struct jobs_end e = { .state = JOB_QUEUED,
                                .not_before_us = t->now_us + 5 };

    CHECK_OK(jobs_end(t->j, job, &e, &t->err), &t->err);
    g_assert_cmpint(jobs_scene_claim_id(t, "w"), ==, 0);
    t->now_us += 5;
    g_assert_cmpint(jobs_scene_claim_id(t, "w"), ==, id);
    job_free(job);
}

static void test_news(struct jobs_scene *t)
{
    uint64_t seen = jobs_news(t->j);

    jobs_scene_add(t, 0, 0, "h", 0);
    g_assert_true(jobs_wait(t->j, seen, 60 * SECOND));
}

/* ---- several at once ----------------------------------------------------- */

#define THREADS 4

struct claimer {
    struct jobs_scene *t;
    pthread_t thread;
    int n;
};

static void *claim_all(void *data)
{
    struct claimer *c = data;
    struct job *job = NULL;
    struct err err;
    int found;

    while ((found = jobs_claim(c->t->j, "w", c->t->now_us, &job, &err)) > 0) {
        c->n++;
        job_free(job);
    }
    CHECK_OK(found, &err);
    return NULL;
}

/* However many ask at once, no job is given twice and no limit passed. */
static void test_at_once(struct jobs_scene *t)
{
    struct claimer c[THREADS];
    int n = 0;

    for (int m = 0; m < 2; m++)
        for (int i = 0; i < JOBS_SCENE_MAILBOXES; i++)
            jobs_scene_add(t, m, i, "h", 0);
    CHECK_OK(jobs_limit_host(t->j, "h", 5, NULL, &t->err), &t->err);
    for (int i = 0; i < THREADS; i++) {
        c[i] = (struct claimer){ .t = t };
        g_assert_cmpint(pthread_create(&c[i].thread, NULL, claim_all, &c[i]),
                        ==, 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(c[i].thread, NULL);
        n += c[i].n;
    }
    g_assert_cmpint(n, ==, 5);
}

/* ---- on PostgreSQL only -------------------------------------------------- */

/* Another machine's news wake this one. */
static void test_heard(struct jobs_scene *t)
{
    struct database *elsewhere = NULL;
    g_autoptr(jobs) there = NULL;
    uint64_t seen;

    CHECK_OK(database_open(t->tmp->path, STORE_WRITE, &elsewhere, &t->err),
             &t->err);
    there = database_jobs(elsewhere);
    /* It listens when it has been told to look for the first time. */
    while (jobs_news(there) < 2)
        g_usleep(1000);
    seen = jobs_news(there);
    jobs_scene_add(t, 0, 0, "h", 0);
    g_assert_true(jobs_wait(there, seen, 60 * SECOND));
    g_clear_pointer(&there, jobs_free);
    database_close(elsewhere);
}

int main(int argc, char **argv)
{
    static const struct jobs_test heard = { "heard", test_heard };
    static const struct jobs_test tests[] = {
        { "order", test_order },
        { "fair", test_fair },
        { "fewest", test_fewest },
        { "turns", test_turns },
        { "one-of-a-mailbox", test_one_of_a_mailbox },
        { "limits", test_limits },
        { "hours", test_hours },
        { "hosts", test_hosts },
        { "later", test_later },
        { "news", test_news },
        { "at-once", test_at_once },
    };

    jobs_scene_init(&argc, &argv, "jobs", tests, G_N_ELEMENTS(tests));
    if (store_tmp_server() != NULL)
        jobs_scene_add_test("/jobs/postgres/heard", &heard);
    return g_test_run();
}
