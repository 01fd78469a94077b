#include "store/stalls.h"

#include "base/check.h"
#include "base/spool.h"
#include "store/migrations_priv.h"
#include "store/migrations_testing.h"

/* Has a worker all that stands still? */
static bool still_held(struct migrations_fixture *t, int64_t now_us,
                       int64_t before_us)
{
    g_autoptr(GPtrArray) all = NULL;
    bool held = true;

    CHECK_OK(stalls_still(t->m, now_us, before_us, &all, &t->err), &t->err);
    g_assert_cmpuint(all->len, >, 0);
    for (guint i = 0; i < all->len; i++)
        held &= ((const struct stall_seen *)all->pdata[i])->held;
    return held;
}

static guint still_since(struct migrations_fixture *t, int64_t now_us,
                         int64_t before_us)
{
    g_autoptr(GPtrArray) all = NULL;

    CHECK_OK(stalls_still(t->m, now_us, before_us, &all, &t->err), &t->err);
    return all->len;
}

static void be_quiet(struct migrations_fixture *t, int64_t until_us)
{
    char host[] = "x:443";
    struct migration_load load = { .host = host, .quiet_until_us = until_us };
    g_autoptr(GPtrArray) loads = g_ptr_array_new();

    g_ptr_array_add(loads, &load);
    CHECK_OK(migrations_set_loads(t->m, "w", loads, &t->err), &t->err);
}

static const struct db_ops *real_ops;
static guint writes;

static struct sq_conn *begin_counted(struct db *db, enum db_use use,
                                     struct err *err)
{
    writes += use == DB_WRITE;
    return real_ops->begin(db, use, err);
}

/* How many times such a look waits for its turn to write. */
static guint writes_of_still(struct migrations_fixture *t, int64_t now_us,
                             int64_t before_us)
{
    struct db *db = sq_database_db(t->d);
    struct db_ops counting = *db->ops;

    real_ops = db->ops;
    counting.begin = begin_counted;
    writes = 0;
    db->ops = &counting;
    (void)still_since(t, now_us, before_us);
    db->ops = real_ops;
    return writes;
}

/* A pass gets on by what its worker says as it renews, and by that alone. */
static void test_still(struct migrations_fixture *t, gconstpointer data)
{
    const struct migration_start full = { migrations_fixture_add_asking(t),
                                          .kind = "full" };
    struct jobs_renewed renewed;
    struct job *job = NULL;
    size_t n;

    (void)data;
    CHECK_OK(migrations_start(t->m, &roster_alice, &full, &n, &t->err),
             &t->err);
    g_assert_cmpint(jobs_claim(t->j, "w", 1000, &job, &t->err), ==, 1);
    g_assert_cmpuint(still_since(t, 2000, 999), ==, 0);
    g_assert_cmpuint(still_since(t, 2000, 1000), ==, 1);
    job->moved_us = 1500;
    CHECK_OK(jobs_renew(t->j, job, 2000, &renewed, &t->err), &t->err);
    g_assert_cmpuint(still_since(t, 2000, 1499), ==, 0);
    g_assert_cmpuint(still_since(t, 2000, 1500), ==, 1);
    g_assert_true(still_held(t, 2000 + JOBS_LEASE_US - 1, 1500));
    g_assert_false(still_held(t, 2000 + JOBS_LEASE_US, 1500));
    g_assert_cmpuint(writes_of_still(t, 2000, 1500), ==, 0);
    /* quiet hours do not count, not even once they are over */
    be_quiet(t, 4000);
    g_assert_cmpuint(writes_of_still(t, 3000, 2000), ==, 1);
    g_assert_cmpuint(still_since(t, 3000, 2000), ==, 0);
    g_assert_cmpuint(writes_of_still(t, 3000, 2000), ==, 0);
    be_quiet(t, 0);
    CHECK_OK(jobs_renew(t->j, job, 3100, &renewed, &t->err), &t->err);
    g_assert_cmpuint(still_since(t, 3200, 2999), ==, 0);
    g_assert_cmpuint(still_since(t, 4100, 3000), ==, 1);
    job_free(job);
}

/* Told once until it is over, and then anew. */
static void test_stalls(struct migrations_fixture *t, gconstpointer data)
{
    static const int done[] = { 1, 0 };
    char reason[] = "nothing since noon", remedy[] = "see";
    const int64_t id = migrations_fixture_add_asking(t);
    const struct stall s = { .migration_id = id,
                             .since_us = 5,
                             .told_us = 10,
                             .mailboxes = 2,
                             .reason = reason,
                             .remedy = remedy };
    g_autoptr(GBytes) body = g_bytes_new_static("sealed", 6);
    const struct roster_page page = { .limit = 10 };
    g_autoptr(roster) r = roster_new(t->d);
    g_autoptr(GPtrArray) mails = NULL, open = NULL;
    char to[] = "ops@x", subject[] = "stalled";

    (void)data;
    for (int i = 0; i < 2; i++) {
        g_autofree char *ref = g_uuid_string_random();
        struct outbox_mail mail = {
            .ref = ref, .recipient = to, .subject = subject, .body = body
        };
        const struct stall_mails all = { .operators = &mail };

        g_assert_cmpint(stalls_open(t->m, &roster_alice, &s, &all, &t->err), ==,
                        done[i]);
    }
    CHECK_OK(roster_outbox(r, &page, &mails, &t->err), &t->err);
    g_assert_cmpuint(mails->len, ==, 1);
    CHECK_OK(stalls_list(t->m, &open, &t->err), &t->err);
    g_assert_cmpuint(open->len, ==, 1);
    g_assert_cmpstr(((struct stall *)open->pdata[0])->name, ==, "Spring");
    for (int i = 0; i < 2; i++)
        g_assert_cmpint(stalls_close(t->m, &roster_alice, id, &t->err), ==,
                        done[i]);
    g_assert_cmpint(stalls_open(t->m, &roster_alice, &s,
                                &(struct stall_mails){ 0 }, &t->err),
                    ==, 1);
    CHECK_OK(migrations_remove(t->m, &roster_alice, id, 0, &t->err), &t->err);
}

/* The one of the service goes with no migration, and is known by no name. */
static void test_of_the_service(struct migrations_fixture *t,
                                gconstpointer data)
{
    char reason[] = "nobody works";
    const struct stall s = { .kind = STALL_NOBODY,
                             .since_us = 5,
                             .told_us = 10,
                             .mailboxes = 3,
                             .reason = reason };
    const struct stall_mails none = { 0 };
    const int64_t id = migrations_fixture_add_asking(t);
    g_autoptr(GPtrArray) open = NULL;
    const struct stall *is;

    (void)data;
    g_assert_cmpint(stalls_open(t->m, &roster_alice, &s, &none, &t->err), ==,
                    1);
    g_assert_cmpint(stalls_open(t->m, &roster_alice, &s, &none, &t->err), ==,
                    0);
    CHECK_OK(migrations_remove(t->m, &roster_alice, id, 0, &t->err), &t->err);
    CHECK_OK(stalls_list(t->m, &open, &t->err), &t->err);
    g_assert_cmpuint(open->len, ==, 1);
    is = open->pdata[0];
    g_assert_cmpint(is->migration_id, ==, 0);
    g_assert_null(is->name);
    g_assert_cmpstr(stall_kind_name(is->kind), ==, "nobody");
    g_assert_cmpint(stalls_close(t->m, &roster_alice, 0, &t->err), ==, 1);
    g_assert_cmpint(stalls_close(t->m, &roster_alice, 0, &t->err), ==, 0);
}

/* How many mailboxes wait for a disk, and the reason of one. */
static uint64_t waiting_for_disk(struct migrations_fixture *t, char **reason)
{
    g_autoptr(GPtrArray) all = NULL;
    struct stall_waiting *w;

    CHECK_OK(stalls_disk(t->m, &all, &t->err), &t->err);
    if (all->len == 0)
        return 0;
    g_assert_cmpuint(all->len, ==, 1);
    w = all->pdata[0];
    g_free(*reason);
    *reason = g_steal_pointer(&w->reason);
    return w->mailboxes;
}

static void end_with(struct migrations_fixture *t, struct job **job,
                     const struct jobs_end *end)
{
    CHECK_OK(jobs_end(t->j, *job, end, &t->err), &t->err);
    g_clear_pointer(job, job_free);
}

/* From the end that found no room until an end that says something else. */
static void test_disk(struct migrations_fixture *t, gconstpointer data)
{
    const struct migration_start full = { migrations_fixture_add_asking(t),
                                          .kind = "full" };
    const struct jobs_end waits = { .state = JOB_QUEUED,
                                    .reason = "\"/var/tmp\" is full",
                                    .cause = SPOOL_FAULT,
                                    .not_before_us = 2000 };
    const struct jobs_end others[] = {
        { .state = JOB_DONE },
        { .state = JOB_QUEUED, .cause = "timeout" },
        { .state = JOB_FAILED, .cause = STORE_DISK_FULL },
    };
    g_autofree char *reason = NULL;
    struct job *job = NULL;

    (void)data;
    CHECK_OK(migrations_start(t->m, &roster_alice, &full, NULL, &t->err),
             &t->err);
    for (size_t i = 0; i < G_N_ELEMENTS(others); i++) {
        g_assert_cmpint(jobs_claim(t->j, "w", 1000, &job, &t->err), ==, 1);
        g_assert_cmpuint(waiting_for_disk(t, &reason), ==, 0);
        end_with(t, &job, &waits);
        g_assert_cmpuint(waiting_for_disk(t, &reason), ==, 1);
        g_assert_cmpstr(reason, ==, "\"/var/tmp\" is full");
        /* tried again, it still waits for all that anybody knows */
        g_assert_cmpint(jobs_claim(t->j, "w", 3000, &job, &t->err), ==, 1);
        g_assert_cmpuint(waiting_for_disk(t, &reason), ==, 1);
        end_with(t, &job, &others[i]);
        g_assert_cmpuint(waiting_for_disk(t, &reason), ==, 0);
        CHECK_OK(
            jobs_do(t->j, JOBS_AGAIN, &(struct jobs_which){ 0 }, NULL, &t->err),
            &t->err);
    }
}

int main(int argc, char **argv)
{
    static const struct migrations_test rows[] = {
        { "still", test_still },
        { "stalls", test_stalls },
        { "of-the-service", test_of_the_service },
        { "disk", test_disk },
    };

    return migrations_fixture_run(&argc, &argv, "stalls", rows,
                                  G_N_ELEMENTS(rows));
}
