/*
 * The rules of jobs.h, on memory and SQLite; and on PostgreSQL, run by
 * tests/lib/postgres.py.  The clock is the test's.
 */
#include "store/jobs.h"

#include <string.h>

#include "base/check.h"
#include "base/timestamp.h"
#include "store/store_tmp.h"

#define SECOND      TIMESTAMP_SECOND
#define N_MAILBOXES 4

enum kind { MEM, DATABASE };

/* Two migrations with four mailboxes each. */
struct desk {
    struct store_tmp *tmp;
    struct database *d;
    struct store *s[2];
    struct jobs *j;
    int64_t migration[2], mailbox[2][N_MAILBOXES];
    int64_t now_us;
    struct err err;
};

static void open_database(struct desk *t)
{
    t->tmp =
        store_tmp_server() != NULL ? store_tmp_new_postgres() : store_tmp_new();
    CHECK_OK(database_open(t->tmp->path, STORE_WRITE, &t->d, &t->err), &t->err);
    t->j = database_jobs(t->d);
    for (int m = 0; m < 2; m++) {
        CHECK_OK(database_migration_add(t->d, 0, &t->migration[m], &t->err),
                 &t->err);
        t->s[m] = database_store(t->d, t->migration[m]);
        for (int i = 0; i < N_MAILBOXES; i++) {
            g_autofree char *address = g_strdup_printf("%d@x", i);

            CHECK_OK(store_mailbox_add(t->s[m], address, "to@y", 1,
                                       &t->mailbox[m][i], &t->err),
                     &t->err);
        }
    }
}

static void begin(struct desk *t, enum kind kind)
{
    *t = (struct desk){ .now_us = 1000 * SECOND };
    if (kind == DATABASE) {
        open_database(t);
        return;
    }
    t->j = jobs_open_mem();
    for (int m = 0; m < 2; m++) {
        t->migration[m] = m + 1;
        for (int i = 0; i < N_MAILBOXES; i++)
            t->mailbox[m][i] = m * N_MAILBOXES + i + 1;
    }
}

static void end(struct desk *t)
{
    jobs_free(t->j);
    store_free(t->s[0]);
    store_free(t->s[1]);
    database_close(t->d);
    if (t->tmp != NULL)
        store_tmp_free(t->tmp);
}

static int64_t add(struct desk *t, int m, int i, const char *host, int priority)
{
    static char kind[] = "full";
    g_autofree char *own = g_strdup(host);
    const struct job job = { .migration_id = t->migration[m],
                             .mailbox_id = t->mailbox[m][i],
                             .host = own,
                             .kind = kind,
                             .priority = priority };
    int64_t id = 0;

    CHECK_OK(jobs_add(t->j, &job, &id, &t->err), &t->err);
    return id;
}

/* NULL: there is nothing. */
static struct job *claim(struct desk *t, const char *worker)
{
    struct job *job = NULL;
    int found = jobs_claim(t->j, worker, t->now_us, &job, &t->err);

    CHECK_OK(MIN(found, 0), &t->err);
    g_assert_true((found == 1) == (job != NULL));
    return job;
}

static int64_t claim_id(struct desk *t, const char *worker)
{
    struct job *job = claim(t, worker);
    int64_t id = job != NULL ? job->id : 0;

    job_free(job);
    return id;
}

static struct job *look(struct desk *t, int64_t id)
{
    const struct jobs_which which = { .job_id = id };
    g_autoptr(GPtrArray) found = NULL;

    CHECK_OK(jobs_list(t->j, &which, &found, &t->err), &t->err);
    g_assert_cmpuint(found->len, ==, 1);
    return g_ptr_array_steal_index(found, 0);
}

static void is(struct desk *t, int64_t id, enum job_state state)
{
    struct job *job = look(t, id);

    g_assert_cmpstr(job_state_name(job->state), ==, job_state_name(state));
    job_free(job);
}

static void give_back(struct desk *t, const struct job *job,
                      enum job_state state)
{
    const struct jobs_end e = { .state = state };

    CHECK_OK(jobs_end(t->j, job, &e, &t->err), &t->err);
}

static size_t verb(struct desk *t, enum jobs_verb v, struct jobs_which which)
{
    size_t n = 0;

    CHECK_OK(jobs_do(t->j, v, &which, &n, &t->err), &t->err);
    return n;
}

static uint64_t unattended(struct desk *t)
{
    uint64_t n = UINT64_MAX;

    CHECK_OK(jobs_unattended(t->j, t->now_us, &n, &t->err), &t->err);
    return n;
}

static void lost(struct desk *t, int result)
{
    g_assert_cmpint(result, ==, -1);
    g_assert_cmpstr(t->err.name, ==, "lease-lost");
    g_assert_cmpint(t->err.scope, ==, ERR_MAILBOX);
}

/* ---- claiming ------------------------------------------------------------ */

static void test_order(struct desk *t)
{
    int64_t a = add(t, 0, 0, "h", 0), b = add(t, 0, 1, "h", 0),
            c = add(t, 0, 2, "h", 5);
    struct jobs_renewed renewed;
    struct job *job = claim(t, "w");

    g_assert_cmpint(job->id, ==, c);
    g_assert_cmpint(job->state, ==, JOB_RUNNING);
    g_assert_cmpstr(job->worker, ==, "w");
    g_assert_cmpstr(job->kind, ==, "full");
    g_assert_cmpint(job->expires_us, ==, t->now_us + JOBS_LEASE_US);
    g_assert_cmpint(claim_id(t, "w"), ==, a);
    g_assert_cmpint(claim_id(t, "w"), ==, b);
    g_assert_cmpint(claim_id(t, "w"), ==, 0);
    give_back(t, job, JOB_DONE);
    lost(t, jobs_renew(t->j, job, t->now_us, &renewed, &t->err));
    g_assert_cmpint(claim_id(t, "w"), ==, 0);
    is(t, c, JOB_DONE);
    job_free(job);
}

/* A thousand of one customer do not keep the other waiting. */
static void test_fair(struct desk *t)
{
    int64_t a[3], b;

    for (int i = 0; i < 3; i++)
        a[i] = add(t, 0, i, "h", 0);
    b = add(t, 1, 0, "h", 0);
    g_assert_cmpint(claim_id(t, "w"), ==, a[0]);
    g_assert_cmpint(claim_id(t, "w"), ==, b);
    g_assert_cmpint(claim_id(t, "w"), ==, a[1]);
}

/* Who has less under way comes first, though it had the last turn. */
static void test_fewest(struct desk *t)
{
    struct job *job[4];

    for (int i = 0; i < 3; i++) {
        add(t, 0, i, "h", 0);
        add(t, 1, i, "h", 0);
    }
    for (int i = 0; i < 4; i++)
        job[i] = claim(t, "w");
    give_back(t, job[1], JOB_DONE);
    give_back(t, job[3], JOB_DONE);
    for (int i = 0; i < 4; i++) {
        g_assert_cmpint(job[i]->migration_id, ==, t->migration[i % 2]);
        job_free(job[i]);
    }
    job[0] = claim(t, "w");
    g_assert_cmpint(job[0]->migration_id, ==, t->migration[1]);
    job_free(job[0]);
}

/* Also where only one runs at a time. */
static void test_turns(struct desk *t)
{
    for (int i = 0; i < 4; i++)
        add(t, 0, i, "h", 0);
    for (int i = 0; i < 4; i++)
        add(t, 1, i, "h", 0);
    for (int i = 0; i < 8; i++) {
        struct job *job = claim(t, "w");

        g_assert_cmpint(job->migration_id, ==, t->migration[i % 2]);
        give_back(t, job, JOB_DONE);
        job_free(job);
    }
}

static void test_one_of_a_mailbox(struct desk *t)
{
    int64_t first = add(t, 0, 0, "h", 0), second = add(t, 0, 0, "h", 0);
    struct job *job = claim(t, "w");

    g_assert_cmpint(job->id, ==, first);
    g_assert_cmpint(claim_id(t, "w"), ==, 0);
    give_back(t, job, JOB_FAILED);
    g_assert_cmpint(claim_id(t, "w"), ==, second);
    job_free(job);
}

static void test_limits(struct desk *t)
{
    struct job *job;

    for (int i = 0; i < 3; i++)
        add(t, 0, i, "h", 0);
    add(t, 1, 0, "h", 0);
    CHECK_OK(jobs_limit_migration(t->j, t->migration[0], 1, NULL, &t->err),
             &t->err);
    job = claim(t, "w");
    g_assert_cmpint(job->migration_id, ==, t->migration[0]);
    CHECK_OK(jobs_limit_host(t->j, "h", 1, NULL, &t->err), &t->err);
    g_assert_cmpint(claim_id(t, "w"), ==, 0);
    CHECK_OK(jobs_limit_host(t->j, "h", 2, NULL, &t->err), &t->err);
    g_assert_cmpint(claim_id(t, "w"), ==, 4);
    g_assert_cmpint(claim_id(t, "w"), ==, 0);
    /* As soon as one is through, and as soon as more are allowed. */
    give_back(t, job, JOB_DONE);
    g_assert_cmpint(claim_id(t, "w"), ==, 2);
    CHECK_OK(jobs_limit_host(t->j, "h", 0, NULL, &t->err), &t->err);
    CHECK_OK(jobs_limit_migration(t->j, t->migration[0], 0, NULL, &t->err),
             &t->err);
    g_assert_cmpint(claim_id(t, "w"), ==, 3);
    job_free(job);
}

static void test_hours(struct desk *t)
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

    add(t, 0, 0, "quiet", 0);
    add(t, 1, 0, "quiet", 0);
    CHECK_OK(jobs_limit_migration(t->j, t->migration[0], 0, weekend, &t->err),
             &t->err);
    CHECK_OK(jobs_limit_host(t->j, "quiet", 0, morning, &t->err), &t->err);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct job *got[3] = { NULL };
        int n = 0;

        t->now_us = monday + rows[i].minute * 60 * SECOND;
        while ((got[n] = claim(t, "w")) != NULL)
            n++;
        CHECK_ROW(rows[i].name, n == rows[i].own + rows[i].host);
        for (int k = 0; k < n; k++) {
            give_back(t, got[k], JOB_QUEUED);
            job_free(got[k]);
        }
        CHECK_ROW(rows[i].name, unattended(t) == (uint64_t)n);
    }
}

static void test_hosts(struct desk *t)
{
    g_autoptr(GPtrArray) found = NULL;
    const struct jobs_host *h;

    add(t, 0, 0, "none", 0);
    claim_id(t, "w");
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

static void test_later(struct desk *t)
{
    int64_t id = add(t, 0, 0, "h", 0);
    struct job *job = claim(t, "w");
    const struct jobs_end e = { .state = JOB_QUEUED,
                                .not_before_us = t->now_us + 5 };

    CHECK_OK(jobs_end(t->j, job, &e, &t->err), &t->err);
    g_assert_cmpint(claim_id(t, "w"), ==, 0);
    t->now_us += 5;
    g_assert_cmpint(claim_id(t, "w"), ==, id);
    job_free(job);
}

/* ---- leases -------------------------------------------------------------- */

static void test_renew(struct desk *t)
{
    int64_t id = add(t, 0, 0, "h", 0);
    struct job *job = claim(t, "w");
    struct jobs_renewed renewed;

    for (int i = 0; i < 9; i++) {
        t->now_us += JOBS_LEASE_US / 3;
        g_assert_cmpint(claim_id(t, "x"), ==, 0);
        CHECK_OK(jobs_renew(t->j, job, t->now_us, &renewed, &t->err), &t->err);
        g_assert_cmpint(renewed.halt, ==, JOB_HALT_NONE);
    }
    is(t, id, JOB_RUNNING);
    job_free(job);
}

/* Frozen past its lease, and woken when another has gone on. */
static void test_expired(struct desk *t)
{
    int64_t id = add(t, 0, 0, "h", 0);
    struct job *frozen = claim(t, "frozen"), *other;
    const struct jobs_end done = { .state = JOB_DONE };
    struct jobs_renewed renewed;

    t->now_us += JOBS_LEASE_US - 1;
    g_assert_cmpint(claim_id(t, "w"), ==, 0);
    t->now_us += 1;
    other = claim(t, "w");
    g_assert_cmpint(other->id, ==, id);
    g_assert_cmpint(other->lease, >, frozen->lease);
    g_assert_cmpuint(other->claims, ==, 2);
    lost(t, jobs_renew(t->j, frozen, t->now_us, &renewed, &t->err));
    lost(t, jobs_end(t->j, frozen, &done, &t->err));
    is(t, id, JOB_RUNNING);
    if (t->s[0] != NULL) {
        const struct store_lease late = { t->mailbox[0][0], frozen->lease };
        const struct store_lease now = { t->mailbox[0][0], other->lease };

        lost(t, store_mailbox_set_state(t->s[0], &late, MAILBOX_FAILED, NULL,
                                        NULL, &t->err));
        CHECK_OK(store_mailbox_set_state(t->s[0], &now, MAILBOX_COPYING, NULL,
                                         NULL, &t->err),
                 &t->err);
    }
    CHECK_OK(jobs_end(t->j, other, &done, &t->err), &t->err);
    is(t, id, JOB_DONE);
    job_free(frozen);
    job_free(other);
}

/* What the last job of a kind found, and nothing of an earlier one. */
static void test_result(struct desk *t)
{
    int64_t id = add(t, 0, 0, "h", 0);
    struct job *job = claim(t, "w"), *found = NULL;
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
    id = add(t, 0, 0, "h", 0);
    g_assert_cmpint(
        jobs_last(t->j, job->mailbox_id, job->kind, &found, &t->err), ==, 1);
    g_assert_cmpint(found->id, ==, id);
    g_assert_null(found->result);
    job_free(found);
    job_free(job);
}

/* A worker with that name dies with what it has. */
static void die(struct desk *t)
{
    t->now_us += JOBS_LEASE_US;
}

/* It has killed three: from then on nobody has it beside another. */
static void test_poison(struct desk *t)
{
    int64_t poison = add(t, 0, 0, "h", 1), other, more;
    struct job *job;

    for (unsigned int i = 0; i < JOBS_LOSSES_ALONE; i++) {
        job = claim(t, "w");
        g_assert_cmpuint(job->losses, ==, i);
        job_free(job);
        die(t);
    }
    other = add(t, 0, 1, "h", 2);
    more = add(t, 0, 2, "h", 0);
    g_assert_cmpint(claim_id(t, "busy"), ==, other);
    g_assert_cmpint(claim_id(t, "busy"), ==, more);
    job = claim(t, "idle");
    g_assert_cmpint(job->id, ==, poison);
    g_assert_cmpuint(job->losses, ==, JOBS_LOSSES_ALONE);
    job_free(job);
    add(t, 1, 0, "h", 0);
    g_assert_cmpint(claim_id(t, "idle"), ==, 0);
    g_assert_cmpint(claim_id(t, "busy"), >, 0);
}

/* Whom it killed does not matter to who parks it, and to a second try. */
static void test_parked(struct desk *t)
{
    const struct jobs_which all = { 0 };
    int64_t poison = add(t, 0, 0, "h", 1), other = add(t, 0, 1, "h", 2);
    struct job *job;

    for (unsigned int i = 0; i < JOBS_LOSSES_MAX; i++) {
        struct job *beside = claim(t, "elsewhere");

        g_assert_cmpint(beside->id, ==, other);
        g_assert_cmpint(claim_id(t, "w"), ==, poison);
        give_back(t, beside, JOB_QUEUED);
        job_free(beside);
        die(t);
    }
    g_assert_cmpint(claim_id(t, "busy"), ==, other);
    job = claim(t, "busy");
    g_assert_cmpint(job->id, ==, poison);
    g_assert_cmpuint(job->losses, ==, JOBS_LOSSES_MAX);
    give_back(t, job, JOB_FAILED);
    job_free(job);
    g_assert_cmpuint(verb(t, JOBS_RETRY, all), ==, 1);
    job = claim(t, "busy");
    g_assert_cmpint(job->id, ==, poison);
    g_assert_cmpuint(job->losses, ==, 0);
    job_free(job);
}

/* An orderly end says that it is none. */
static void test_no_poison(struct desk *t)
{
    int64_t id = add(t, 0, 0, "h", 0);
    struct job *job;

    for (unsigned int i = 0; i < 2 * JOBS_LOSSES_MAX; i++) {
        g_assert_cmpint(claim_id(t, "w"), ==, id);
        die(t);
        job = claim(t, "w");
        g_assert_cmpuint(job->losses, ==, 1);
        give_back(t, job, JOB_QUEUED);
        job_free(job);
    }
}

/* Late, but nobody came: the work goes on. */
static void test_late(struct desk *t)
{
    struct jobs_renewed renewed;
    struct job *job;

    add(t, 0, 0, "h", 0);
    job = claim(t, "w");
    t->now_us += 3 * JOBS_LEASE_US;
    CHECK_OK(jobs_renew(t->j, job, t->now_us, &renewed, &t->err), &t->err);
    g_assert_cmpint(claim_id(t, "x"), ==, 0);
    job_free(job);
}

/* ---- an operator --------------------------------------------------------- */

static void test_pause(struct desk *t)
{
    int64_t a = add(t, 0, 0, "h", 0), b = add(t, 0, 1, "h", 0),
            c = add(t, 1, 0, "h", 0);
    const struct jobs_which own = { .migration_id = t->migration[0] };
    struct jobs_renewed renewed;
    struct job *job = claim(t, "w");

    g_assert_cmpint(job->id, ==, a);
    g_assert_cmpuint(verb(t, JOBS_PAUSE, own), ==, 2);
    g_assert_cmpuint(verb(t, JOBS_PAUSE, own), ==, 0);
    is(t, a, JOB_RUNNING);
    is(t, b, JOB_PAUSED);
    is(t, c, JOB_QUEUED);
    CHECK_OK(jobs_renew(t->j, job, t->now_us, &renewed, &t->err), &t->err);
    g_assert_cmpint(renewed.halt, ==, JOB_HALT_PAUSE);
    give_back(t, job, JOB_QUEUED);
    is(t, a, JOB_PAUSED);
    g_assert_cmpint(claim_id(t, "w"), ==, c);
    g_assert_cmpint(claim_id(t, "w"), ==, 0);
    g_assert_cmpuint(
        verb(t, JOBS_RESUME,
             (struct jobs_which){ .mailbox_id = t->mailbox[0][1] }),
        ==, 1);
    g_assert_cmpint(claim_id(t, "w"), ==, b);
    g_assert_cmpuint(verb(t, JOBS_RESUME, own), ==, 1);
    g_assert_cmpint(claim_id(t, "w"), ==, a);
    job_free(job);
}

static void test_pause_taken_back(struct desk *t)
{
    int64_t id = add(t, 0, 0, "h", 0);
    const struct jobs_which all = { 0 };
    struct jobs_renewed renewed;
    struct job *job = claim(t, "w");

    verb(t, JOBS_PAUSE, all);
    verb(t, JOBS_RESUME, all);
    CHECK_OK(jobs_renew(t->j, job, t->now_us, &renewed, &t->err), &t->err);
    g_assert_cmpint(renewed.halt, ==, JOB_HALT_NONE);
    /* One whose worker died while it was to be paused is paused. */
    verb(t, JOBS_PAUSE, all);
    t->now_us += 2 * JOBS_LEASE_US;
    g_assert_cmpint(claim_id(t, "x"), ==, 0);
    is(t, id, JOB_PAUSED);
    job_free(job);
}

static void test_again(struct desk *t)
{
    int64_t a = add(t, 0, 0, "h", 0), b = add(t, 0, 1, "h", 0);
    const struct jobs_end failed = { .state = JOB_FAILED,
                                     .reason = "no rights",
                                     .remedy = "grant them",
                                     .cause = "ErrorAccessDenied",
                                     .scope = ERR_MAILBOX,
                                     .side = ERR_DESTINATION };
    const struct jobs_which all = { 0 };
    struct job *one = claim(t, "w"), *other = claim(t, "w"), *now;

    CHECK_OK(jobs_end(t->j, one, &failed, &t->err), &t->err);
    give_back(t, other, JOB_DONE);
    now = look(t, a);
    g_assert_cmpstr(now->reason, ==, "no rights");
    g_assert_cmpstr(now->remedy, ==, "grant them");
    g_assert_cmpstr(now->cause, ==, "ErrorAccessDenied");
    g_assert_cmpint(now->scope, ==, ERR_MAILBOX);
    g_assert_cmpint(now->side, ==, ERR_DESTINATION);
    job_free(now);
    g_assert_cmpuint(verb(t, JOBS_RETRY, all), ==, 1);
    is(t, b, JOB_DONE);
    now = claim(t, "w");
    g_assert_cmpint(now->id, ==, a);
    g_assert_null(now->reason);
    g_assert_null(now->cause);
    g_assert_cmpint(now->side, ==, ERR_NO_SIDE);
    g_assert_cmpuint(now->claims, ==, 1);
    give_back(t, now, JOB_FAILED);
    g_assert_cmpuint(verb(t, JOBS_AGAIN, all), ==, 2);
    is(t, a, JOB_QUEUED);
    is(t, b, JOB_QUEUED);
    job_free(one);
    job_free(other);
    job_free(now);
}

static void test_workers(struct desk *t)
{
    g_autoptr(GPtrArray) all = NULL;
    const struct jobs_tally none = { 0 }, some = { 4, 3, 2, 1, 5, 100, 20000 };
    const struct jobs_worker *w;
    bool draining = true;

    add(t, 0, 0, "h", 0);
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
    g_assert_cmpint(claim_id(t, "b"), ==, 0);
    g_assert_cmpint(claim_id(t, "a"), ==, 1);
}

static void beat(struct desk *t, const char *worker, uint64_t at_once)
{
    const struct jobs_tally tally = { .at_once = at_once };
    bool draining;

    CHECK_OK(jobs_beat(t->j, worker, t->now_us, &tally, &draining, &t->err),
             &t->err);
}

/* Somebody works who lives, is not drained, and takes any at all. */
static void test_unattended(struct desk *t)
{
    const struct jobs_which one = { .job_id = add(t, 0, 0, "h", 1) },
                            all = { 0 };
    const struct jobs_end later = { .state = JOB_QUEUED,
                                    .not_before_us =
                                        t->now_us + 1000 * SECOND };
    struct job *job;

    add(t, 1, 1, "h", 0);
    add(t, 1, 1, "h", 0);
    g_assert_cmpuint(unattended(t), ==, 2);
    beat(t, "looks", 0);
    g_assert_cmpuint(unattended(t), ==, 2);
    beat(t, "w", 1);
    g_assert_cmpuint(unattended(t), ==, 0);
    CHECK_OK(jobs_drain(t->j, "w", true, &t->err), &t->err);
    g_assert_cmpuint(unattended(t), ==, 2);
    CHECK_OK(jobs_drain(t->j, "w", false, &t->err), &t->err);
    job = claim(t, "w");
    t->now_us += JOBS_GONE_US - 1;
    g_assert_cmpuint(unattended(t), ==, 0);
    /* it is gone, and what it had is anybody's */
    t->now_us++;
    g_assert_cmpuint(unattended(t), ==, 2);
    job_free(job);
    job = claim(t, "another");
    g_assert_cmpuint(unattended(t), ==, 1);
    give_back(t, job, JOB_QUEUED);
    g_assert_cmpuint(unattended(t), ==, 2);
    job_free(job);
    job = claim(t, "another");
    CHECK_OK(jobs_end(t->j, job, &later, &t->err), &t->err);
    g_assert_cmpuint(unattended(t), ==, 1);
    t->now_us = later.not_before_us;
    g_assert_cmpuint(unattended(t), ==, 2);
    job_free(job);
    job = claim(t, "another");
    t->now_us = job->expires_us;
    verb(t, JOBS_PAUSE, one);
    g_assert_cmpuint(unattended(t), ==, 1);
    verb(t, JOBS_PAUSE, all);
    g_assert_cmpuint(unattended(t), ==, 0);
    job_free(job);
}

/* Who ends says so; who died is forgotten in time. */
static void test_leave(struct desk *t)
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

/* What waits ends at once; what runs when its worker hears of it. */
static void test_cancel(struct desk *t)
{
    const struct jobs_which all = { 0 };
    struct jobs_numbers n;
    struct jobs_renewed renewed;
    int64_t running = add(t, 0, 0, "h", 1), queued = add(t, 0, 1, "h", 0),
            paused = add(t, 0, 2, "h", 0);
    struct job *job = claim(t, "w");

    verb(t, JOBS_PAUSE, (struct jobs_which){ .job_id = paused });
    verb(t, JOBS_PAUSE, (struct jobs_which){ .job_id = running });
    g_assert_cmpuint(verb(t, JOBS_CANCEL, all), ==, 3);
    is(t, queued, JOB_CANCELLED);
    is(t, paused, JOB_CANCELLED);
    CHECK_OK(jobs_renew(t->j, job, t->now_us, &renewed, &t->err), &t->err);
    g_assert_cmpint(renewed.halt, ==, JOB_HALT_CANCEL);
    verb(t, JOBS_PAUSE, all); /* does not make less of it */
    give_back(t, job, JOB_QUEUED);
    is(t, running, JOB_CANCELLED);
    CHECK_OK(jobs_count(t->j, &all, &n, &t->err), &t->err);
    g_assert_cmpuint(n.by_state[JOB_CANCELLED], ==, 3);
    g_assert_cmpuint(n.by_state[JOB_QUEUED], ==, 0);
    g_assert_cmpint(claim_id(t, "w"), ==, 0);
    g_assert_cmpuint(verb(t, JOBS_AGAIN, all), ==, 3);
    g_assert_cmpint(claim_id(t, "w"), ==, running);
    job_free(job);
}

/* A lease as long as was asked for. */
static void test_lease(struct desk *t)
{
    int64_t id = add(t, 0, 0, "h", 0);

    jobs_set_lease(t->j, 3 * SECOND);
    g_assert_cmpint(claim_id(t, "w"), ==, id);
    t->now_us += 3 * SECOND - 1;
    g_assert_cmpint(claim_id(t, "w"), ==, 0);
    t->now_us++;
    g_assert_cmpint(claim_id(t, "w"), ==, id);
}

static void test_news(struct desk *t)
{
    uint64_t seen = jobs_news(t->j);

    add(t, 0, 0, "h", 0);
    g_assert_true(jobs_wait(t->j, seen, 60 * SECOND));
}

/* ---- several at once ----------------------------------------------------- */

#define THREADS 4

struct claimer {
    struct desk *t;
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
static void test_at_once(struct desk *t)
{
    struct claimer c[THREADS];
    int n = 0;

    for (int m = 0; m < 2; m++)
        for (int i = 0; i < N_MAILBOXES; i++)
            add(t, m, i, "h", 0);
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
static void test_heard(struct desk *t)
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
    add(t, 0, 0, "h", 0);
    g_assert_true(jobs_wait(there, seen, 60 * SECOND));
    g_clear_pointer(&there, jobs_free);
    database_close(elsewhere);
}

/* ---- running ------------------------------------------------------------- */

struct row {
    const char *name;
    void (*fn)(struct desk *t);
};

static const struct row tests[] = {
    { "order", test_order },
    { "fair", test_fair },
    { "fewest", test_fewest },
    { "turns", test_turns },
    { "one-of-a-mailbox", test_one_of_a_mailbox },
    { "limits", test_limits },
    { "hours", test_hours },
    { "hosts", test_hosts },
    { "later", test_later },
    { "renew", test_renew },
    { "expired", test_expired },
    { "result", test_result },
    { "poison", test_poison },
    { "parked", test_parked },
    { "no-poison", test_no_poison },
    { "late", test_late },
    { "pause", test_pause },
    { "pause-taken-back", test_pause_taken_back },
    { "again", test_again },
    { "workers", test_workers },
    { "leave", test_leave },
    { "unattended", test_unattended },
    { "cancel", test_cancel },
    { "lease", test_lease },
    { "news", test_news },
    { "at-once", test_at_once },
};
static const struct row heard = { "heard", test_heard };

static void run_mem(const void *data)
{
    struct desk t;

    begin(&t, MEM);
    ((const struct row *)data)->fn(&t);
    end(&t);
}

static void run_database(const void *data)
{
    struct desk t;

    begin(&t, DATABASE);
    ((const struct row *)data)->fn(&t);
    end(&t);
}

static void add_all(const char *name, void (*run)(const void *data))
{
    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++) {
        g_autofree char *path =
            g_strdup_printf("/jobs/%s/%s", name, tests[i].name);

        g_test_add_data_func(path, &tests[i], run);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    if (store_tmp_server() != NULL) {
        add_all("postgres", run_database);
        g_test_add_data_func("/jobs/postgres/heard", &heard, run_database);
        return g_test_run();
    }
    add_all("mem", run_mem);
    add_all("sqlite", run_database);
    return g_test_run();
}
