/* What a worker has claimed, and how it loses it: the rules of jobs.h. */
#include "store/jobs_testing.h"

#define SECOND TIMESTAMP_SECOND

static void test_renew(struct jobs_scene *t)
{
    int64_t id = jobs_scene_add(t, 0, 0, "h", 0);
    struct job *job = jobs_scene_claim(t, "w");
    struct jobs_renewed renewed;

    for (int i = 0; i < 9; i++) {
        t->now_us += JOBS_LEASE_US / 3;
        g_assert_cmpint(jobs_scene_claim_id(t, "x"), ==, 0);
        CHECK_OK(jobs_renew(t->j, job, t->now_us, &renewed, &t->err), &t->err);
        g_assert_cmpint(renewed.halt, ==, JOB_HALT_NONE);
    }
    jobs_scene_is(t, id, JOB_RUNNING);
    job_free(job);
}

/* Frozen past its lease, and woken when another has gone on. */
static void test_expired(struct jobs_scene *t)
{
    int64_t id = jobs_scene_add(t, 0, 0, "h", 0);
    struct job *frozen = jobs_scene_claim(t, "frozen"), *other;
    const struct jobs_end done = { .state = JOB_DONE };
    struct jobs_renewed renewed;

    t->now_us += JOBS_LEASE_US - 1;
    g_assert_cmpint(jobs_scene_claim_id(t, "w"), ==, 0);
    t->now_us += 1;
    other = jobs_scene_claim(t, "w");
    g_assert_cmpint(other->id, ==, id);
    g_assert_cmpint(other->lease, >, frozen->lease);
    g_assert_cmpuint(other->claims, ==, 2);
    jobs_scene_lost(t, jobs_renew(t->j, frozen, t->now_us, &renewed, &t->err));
    jobs_scene_lost(t, jobs_end(t->j, frozen, &done, &t->err));
    jobs_scene_is(t, id, JOB_RUNNING);
    if (t->s[0] != NULL) {
        const struct store_lease late = { t->mailbox[0][0], frozen->lease };
        const struct store_lease now = { t->mailbox[0][0], other->lease };

        jobs_scene_lost(t,
                        store_mailbox_set_state(t->s[0], &late, MAILBOX_FAILED,
                                                NULL, NULL, &t->err));
        CHECK_OK(store_mailbox_set_state(t->s[0], &now, MAILBOX_COPYING, NULL,
                                         NULL, &t->err),
                 &t->err);
    }
    CHECK_OK(jobs_end(t->j, other, &done, &t->err), &t->err);
    jobs_scene_is(t, id, JOB_DONE);
    job_free(frozen);
    job_free(other);
}

/* A lease as long as was asked for. */
static void test_lease(struct jobs_scene *t)
{
    int64_t id = jobs_scene_add(t, 0, 0, "h", 0);

    jobs_set_lease(t->j, 3 * SECOND);
    g_assert_cmpint(jobs_scene_claim_id(t, "w"), ==, id);
    t->now_us += 3 * SECOND - 1;
    g_assert_cmpint(jobs_scene_claim_id(t, "w"), ==, 0);
    t->now_us++;
    g_assert_cmpint(jobs_scene_claim_id(t, "w"), ==, id);
}

/* What the last job of a kind found, and nothing of an earlier one. */
static void test_result(struct jobs_scene *t)
{
    int64_t id = jobs_scene_add(t, 0, 0, "h", 0);
    struct job *job = jobs_scene_claim(t, "w"), *found = NULL;
    const struct jobs_end end = { .state = JOB_DONE,
                                  .result = "{\"a\":\"\u00e9\"}" };

    g_assert_cmpint(jobs_last(t->j, job->mailbox_id, "none", &found, &t->err),
                    ==, 0);
    CHECK_OK(jobs_end(t->j, job, &end, &t->err), &t->err);
    g_assert_cmpint(
        jobs_last(t->j, job->mailbox_id, job->kind, &found, &t->err), ==, 1);
    g_assert_cmpint(found->id, ==, id);
    g_assert_cmpint(found->state, ==, JOB_DONE);
    g_assert_cmpstr(found->result, ==, end.result);
    job_free(found);
    id = jobs_scene_add(t, 0, 0, "h", 0);
    g_assert_cmpint(
        jobs_last(t->j, job->mailbox_id, job->kind, &found, &t->err), ==, 1);
    g_assert_cmpint(found->id, ==, id);
    g_assert_null(found->result);
    job_free(found);
    job_free(job);
}

/* A worker with that name dies with what it has. */
static void die(struct jobs_scene *t)
{
    t->now_us += JOBS_LEASE_US;
}

/* It has killed three: from then on nobody has it beside another. */
static void test_poison(struct jobs_scene *t)
{
    int64_t poison = jobs_scene_add(t, 0, 0, "h", 1), other, more;
    struct job *job;

    for (unsigned int i = 0; i < JOBS_LOSSES_ALONE; i++) {
        job = jobs_scene_claim(t, "w");
        g_assert_cmpuint(job->losses, ==, i);
        job_free(job);
        die(t);
    }
    other = jobs_scene_add(t, 0, 1, "h", 2);
    more = jobs_scene_add(t, 0, 2, "h", 0);
    g_assert_cmpint(jobs_scene_claim_id(t, "busy"), ==, other);
    g_assert_cmpint(jobs_scene_claim_id(t, "busy"), ==, more);
    job = jobs_scene_claim(t, "idle");
    g_assert_cmpint(job->id, ==, poison);
    g_assert_cmpuint(job->losses, ==, JOBS_LOSSES_ALONE);
    job_free(job);
    jobs_scene_add(t, 1, 0, "h", 0);
    g_assert_cmpint(jobs_scene_claim_id(t, "idle"), ==, 0);
    g_assert_cmpint(jobs_scene_claim_id(t, "busy"), >, 0);
}

/* Whom it killed does not matter to who parks it, and to a second try. */
static void test_parked(struct jobs_scene *t)
{
    const struct jobs_which all = { 0 };
    int64_t poison = jobs_scene_add(t, 0, 0, "h", 1),
            other = jobs_scene_add(t, 0, 1, "h", 2);
    struct job *job;

    for (unsigned int i = 0; i < JOBS_LOSSES_MAX; i++) {
        struct job *beside = jobs_scene_claim(t, "elsewhere");

        g_assert_cmpint(beside->id, ==, other);
        g_assert_cmpint(jobs_scene_claim_id(t, "w"), ==, poison);
        jobs_scene_give_back(t, beside, JOB_QUEUED);
        job_free(beside);
        die(t);
    }
    g_assert_cmpint(jobs_scene_claim_id(t, "busy"), ==, other);
    job = jobs_scene_claim(t, "busy");
    g_assert_cmpint(job->id, ==, poison);
    g_assert_cmpuint(job->losses, ==, JOBS_LOSSES_MAX);
    jobs_scene_give_back(t, job, JOB_FAILED);
    job_free(job);
    g_assert_cmpuint(jobs_scene_do(t, JOBS_RETRY, all), ==, 1);
    job = jobs_scene_claim(t, "busy");
    g_assert_cmpint(job->id, ==, poison);
    g_assert_cmpuint(job->losses, ==, 0);
    job_free(job);
}

/* An orderly end says that it is none. */
static void test_no_poison(struct jobs_scene *t)
{
    int64_t id = jobs_scene_add(t, 0, 0, "h", 0);
    struct job *job;

    for (unsigned int i = 0; i < 2 * JOBS_LOSSES_MAX; i++) {
        g_assert_cmpint(jobs_scene_claim_id(t, "w"), ==, id);
        die(t);
        job = jobs_scene_claim(t, "w");
        g_assert_cmpuint(job->losses, ==, 1);
        jobs_scene_give_back(t, job, JOB_QUEUED);
        job_free(job);
    }
}

/* Late, but nobody came: the work goes on. */
static void test_late(struct jobs_scene *t)
{
    struct jobs_renewed renewed;
    struct job *job;

    jobs_scene_add(t, 0, 0, "h", 0);
    job = jobs_scene_claim(t, "w");
    t->now_us += 3 * JOBS_LEASE_US;
    CHECK_OK(jobs_renew(t->j, job, t->now_us, &renewed, &t->err), &t->err);
    g_assert_cmpint(jobs_scene_claim_id(t, "x"), ==, 0);
    job_free(job);
}

int main(int argc, char **argv)
{
    static const struct jobs_test tests[] = {
        { "renew", test_renew },         { "expired", test_expired },
        { "lease", test_lease },         { "result", test_result },
        { "poison", test_poison },       { "parked", test_parked },
        { "no-poison", test_no_poison }, { "late", test_late },
    };

    jobs_scene_init(&argc, &argv, "jobs-lease", tests, G_N_ELEMENTS(tests));
    return g_test_run();
}
