/* What an operator may do with jobs at any time: the rules of jobs.h. */
#include "store/jobs_testing.h"

static void test_pause(struct jobs_scene *t)
{
    int64_t a = jobs_scene_add(t, 0, 0, "h", 0),
            b = jobs_scene_add(t, 0, 1, "h", 0),
            c = jobs_scene_add(t, 1, 0, "h", 0);
    const struct jobs_which own = { .migration_id = t->migration[0] };
    struct jobs_renewed renewed;
    struct job *job = jobs_scene_claim(t, "w");

    g_assert_cmpint(job->id, ==, a);
    g_assert_cmpuint(jobs_scene_do(t, JOBS_PAUSE, own), ==, 2);
    g_assert_cmpuint(jobs_scene_do(t, JOBS_PAUSE, own), ==, 0);
    jobs_scene_is(t, a, JOB_RUNNING);
    jobs_scene_is(t, b, JOB_PAUSED);
    jobs_scene_is(t, c, JOB_QUEUED);
    CHECK_OK(jobs_renew(t->j, job, t->now_us, &renewed, &t->err), &t->err);
    g_assert_cmpint(renewed.halt, ==, JOB_HALT_PAUSE);
    jobs_scene_give_back(t, job, JOB_QUEUED);
    jobs_scene_is(t, a, JOB_PAUSED);
    g_assert_cmpint(jobs_scene_claim_id(t, "w"), ==, c);
    g_assert_cmpint(jobs_scene_claim_id(t, "w"), ==, 0);
    g_assert_cmpuint(
        jobs_scene_do(t, JOBS_RESUME,
                      (struct jobs_which){ .mailbox_id = t->mailbox[0][1] }),
        ==, 1);
    g_assert_cmpint(jobs_scene_claim_id(t, "w"), ==, b);
    g_assert_cmpuint(jobs_scene_do(t, JOBS_RESUME, own), ==, 1);
    g_assert_cmpint(jobs_scene_claim_id(t, "w"), ==, a);
    job_free(job);
}

static void test_pause_taken_back(struct jobs_scene *t)
{
    int64_t id = jobs_scene_add(t, 0, 0, "h", 0);
    const struct jobs_which all = { 0 };
    struct jobs_renewed renewed;
    struct job *job = jobs_scene_claim(t, "w");

    jobs_scene_do(t, JOBS_PAUSE, all);
    jobs_scene_do(t, JOBS_RESUME, all);
    CHECK_OK(jobs_renew(t->j, job, t->now_us, &renewed, &t->err), &t->err);
    g_assert_cmpint(renewed.halt, ==, JOB_HALT_NONE);
    /* One whose worker died while it was to be paused is paused. */
    jobs_scene_do(t, JOBS_PAUSE, all);
    t->now_us += 2 * JOBS_LEASE_US;
    g_assert_cmpint(jobs_scene_claim_id(t, "x"), ==, 0);
    jobs_scene_is(t, id, JOB_PAUSED);
    job_free(job);
}

static void test_again(struct jobs_scene *t)
{
    int64_t a = jobs_scene_add(t, 0, 0, "h", 0),
            b = jobs_scene_add(t, 0, 1, "h", 0);
    const struct jobs_end failed = { .state = JOB_FAILED,
                                     .reason = "no rights",
                                     .remedy = "grant them",
                                     .cause = "ErrorAccessDenied",
                                     .scope = ERR_MAILBOX,
                                     .side = ERR_DESTINATION };
    const struct jobs_which all = { 0 };
    struct job *one = jobs_scene_claim(t, "w"),
               *other = jobs_scene_claim(t, "w"), *now;

    CHECK_OK(jobs_end(t->j, one, &failed, &t->err), &t->err);
    jobs_scene_give_back(t, other, JOB_DONE);
    now = jobs_scene_look(t, a);
    g_assert_cmpstr(now->reason, ==, "no rights");
    g_assert_cmpstr(now->remedy, ==, "grant them");
    g_assert_cmpstr(now->cause, ==, "ErrorAccessDenied");
    g_assert_cmpint(now->scope, ==, ERR_MAILBOX);
    g_assert_cmpint(now->side, ==, ERR_DESTINATION);
    job_free(now);
    g_assert_cmpuint(jobs_scene_do(t, JOBS_RETRY, all), ==, 1);
    jobs_scene_is(t, b, JOB_DONE);
    now = jobs_scene_claim(t, "w");
    g_assert_cmpint(now->id, ==, a);
    g_assert_null(now->reason);
    g_assert_null(now->cause);
    g_assert_cmpint(now->side, ==, ERR_NO_SIDE);
    g_assert_cmpuint(now->claims, ==, 1);
    jobs_scene_give_back(t, now, JOB_FAILED);
    g_assert_cmpuint(jobs_scene_do(t, JOBS_AGAIN, all), ==, 2);
    jobs_scene_is(t, a, JOB_QUEUED);
    jobs_scene_is(t, b, JOB_QUEUED);
    job_free(one);
    job_free(other);
    job_free(now);
}

/* What waits ends at once; what runs when its worker hears of it. */
static void test_cancel(struct jobs_scene *t)
{
    const struct jobs_which all = { 0 };
    struct jobs_numbers n;
    struct jobs_renewed renewed;
    int64_t running = jobs_scene_add(t, 0, 0, "h", 1),
            queued = jobs_scene_add(t, 0, 1, "h", 0),
            paused = jobs_scene_add(t, 0, 2, "h", 0);
    struct job *job = jobs_scene_claim(t, "w");

    jobs_scene_do(t, JOBS_PAUSE, (struct jobs_which){ .job_id = paused });
    jobs_scene_do(t, JOBS_PAUSE, (struct jobs_which){ .job_id = running });
    g_assert_cmpuint(jobs_scene_do(t, JOBS_CANCEL, all), ==, 3);
    jobs_scene_is(t, queued, JOB_CANCELLED);
    jobs_scene_is(t, paused, JOB_CANCELLED);
    CHECK_OK(jobs_renew(t->j, job, t->now_us, &renewed, &t->err), &t->err);
    g_assert_cmpint(renewed.halt, ==, JOB_HALT_CANCEL);
    jobs_scene_do(t, JOBS_PAUSE, all); /* does not make less of it */
    jobs_scene_give_back(t, job, JOB_QUEUED);
    jobs_scene_is(t, running, JOB_CANCELLED);
    CHECK_OK(jobs_count(t->j, &all, &n, &t->err), &t->err);
    g_assert_cmpuint(n.by_state[JOB_CANCELLED], ==, 3);
    g_assert_cmpuint(n.by_state[JOB_QUEUED], ==, 0);
    g_assert_cmpint(jobs_scene_claim_id(t, "w"), ==, 0);
    g_assert_cmpuint(jobs_scene_do(t, JOBS_AGAIN, all), ==, 3);
    g_assert_cmpint(jobs_scene_claim_id(t, "w"), ==, running);
    job_free(job);
}

int main(int argc, char **argv)
{
    static const struct jobs_test tests[] = {
        { "pause", test_pause },
        { "pause-taken-back", test_pause_taken_back },
        { "again", test_again },
        { "cancel", test_cancel },
    };

    jobs_scene_init(&argc, &argv, "jobs-operator", tests, G_N_ELEMENTS(tests));
    return g_test_run();
}
