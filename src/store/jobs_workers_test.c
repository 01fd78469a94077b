/* Who is at work, and what nobody is there for: the rules of jobs.h. */
#include <string.h>

#include "store/jobs_testing.h"

#define SECOND TIMESTAMP_SECOND

static void test_workers(struct jobs_scene *t)
{
    g_autoptr(GPtrArray) all = NULL;
    const struct jobs_tally none = { 0 }, some = { 4, 3, 2, 1, 5, 100, 20000 };
    const struct jobs_worker *w;
    bool draining = true;

    jobs_scene_add(t, 0, 0, "h", 0);
    g_assert_cmpint(jobs_drain(t->j, "b", true, &t->err), ==, -1);
    g_assert_cmpstr(t->err.name, ==, "not-found");
    CHECK_OK(jobs_beat(t->j, "b", 5, &none, &draining, &t->err), &t->err);
    g_assert_false(draining);
    CHECK_OK(jobs_beat(t->j, "a", 6, &none, &draining, &t->err), &t->err);
    CHECK_OK(jobs_drain(t->j, "b", true, &t->err), &t->err);
    CHECK_OK(jobs_beat(t->j, "b", 9, &some, &draining, &t->err), &t->err);
    g_assert_true(draining);
    CHECK_OK(jobs_workers(t->j, &all, &t->err), &t->err);
    g_assert_cmpuint(all->len, ==, 2);
    w = all->pdata[1];
    g_assert_cmpstr(w->name, ==, "b");
    g_assert_cmpint(w->begun_us, ==, 5);
    g_assert_cmpint(w->seen_us, ==, 9);
    g_assert_true(w->draining);
    g_assert_cmpint(memcmp(&w->tally, &some, sizeof(some)), ==, 0);
    g_assert_cmpint(jobs_scene_claim_id(t, "b"), ==, 0);
    g_assert_cmpint(jobs_scene_claim_id(t, "a"), ==, 1);
}

/* Who ends says so; who died is forgotten in time. */
static void test_leave(struct jobs_scene *t)
{
    const struct jobs_tally none = { 0 };
    g_autoptr(GPtrArray) all = NULL;
    bool draining;

    CHECK_OK(jobs_beat(t->j, "old", 5, &none, &draining, &t->err), &t->err);
    CHECK_OK(jobs_beat(t->j, "ends", 50, &none, &draining, &t->err), &t->err);
    CHECK_OK(jobs_beat(t->j, "stays", 50, &none, &draining, &t->err), &t->err);
    CHECK_OK(jobs_leave(t->j, "ends", 50, &t->err), &t->err);
    CHECK_OK(jobs_workers(t->j, &all, &t->err), &t->err);
    g_assert_cmpuint(all->len, ==, 1);
    g_assert_cmpstr(((struct jobs_worker *)all->pdata[0])->name, ==, "stays");
}

static void beat(struct jobs_scene *t, const char *worker, uint64_t at_once)
{
    const struct jobs_tally tally = { .at_once = at_once };
    bool draining;

    CHECK_OK(jobs_beat(t->j, worker, t->now_us, &tally, &draining, &t->err),
             &t->err);
}

/* Somebody works who lives, is not drained, and takes any at all. */
static void test_unattended(struct jobs_scene *t)
{
    const struct jobs_which one = { .job_id = jobs_scene_add(t, 0, 0, "h", 1) },
                            all = { 0 };
    const struct jobs_end later = { .state = JOB_QUEUED,
                                    .not_before_us =
                                        t->now_us + 1000 * SECOND };
    struct job *job;

    jobs_scene_add(t, 1, 1, "h", 0);
    jobs_scene_add(t, 1, 1, "h", 0);
    g_assert_cmpuint(jobs_scene_unattended(t), ==, 2);
    beat(t, "looks", 0);
    g_assert_cmpuint(jobs_scene_unattended(t), ==, 2);
    beat(t, "w", 1);
    g_assert_cmpuint(jobs_scene_unattended(t), ==, 0);
    CHECK_OK(jobs_drain(t->j, "w", true, &t->err), &t->err);
    g_assert_cmpuint(jobs_scene_unattended(t), ==, 2);
    CHECK_OK(jobs_drain(t->j, "w", false, &t->err), &t->err);
    job = jobs_scene_claim(t, "w");
    t->now_us += JOBS_GONE_US - 1;
    g_assert_cmpuint(jobs_scene_unattended(t), ==, 0);
    /* it is gone, and what it had is anybody's */
    t->now_us++;
    g_assert_cmpuint(jobs_scene_unattended(t), ==, 2);
    job_free(job);
    job = jobs_scene_claim(t, "another");
    g_assert_cmpuint(jobs_scene_unattended(t), ==, 1);
    jobs_scene_give_back(t, job, JOB_QUEUED);
    g_assert_cmpuint(jobs_scene_unattended(t), ==, 2);
    job_free(job);
    job = jobs_scene_claim(t, "another");
    CHECK_OK(jobs_end(t->j, job, &later, &t->err), &t->err);
    g_assert_cmpuint(jobs_scene_unattended(t), ==, 1);
    t->now_us = later.not_before_us;
    g_assert_cmpuint(jobs_scene_unattended(t), ==, 2);
    job_free(job);
    job = jobs_scene_claim(t, "another");
    t->now_us = job->expires_us;
    jobs_scene_do(t, JOBS_PAUSE, one);
    g_assert_cmpuint(jobs_scene_unattended(t), ==, 1);
    jobs_scene_do(t, JOBS_PAUSE, all);
    g_assert_cmpuint(jobs_scene_unattended(t), ==, 0);
    job_free(job);
}

int main(int argc, char **argv)
{
    static const struct jobs_test tests[] = {
        { "workers", test_workers },
        { "leave", test_leave },
        { "unattended", test_unattended },
    };

    jobs_scene_init(&argc, &argv, "jobs-workers", tests, G_N_ELEMENTS(tests));
    return g_test_run();
}
