#include "store/jobs_testing.h"

enum kind { MEM, DATABASE };

static void open_database(struct jobs_scene *t)
{
    t->tmp =
        store_tmp_server() != NULL ? store_tmp_new_postgres() : store_tmp_new();
    CHECK_OK(database_open(t->tmp->path, STORE_WRITE, &t->d, &t->err), &t->err);
    t->j = database_jobs(t->d);
    for (int m = 0; m < 2; m++) {
        CHECK_OK(database_migration_add(t->d, 0, &t->migration[m], &t->err),
                 &t->err);
        t->s[m] = database_store(t->d, t->migration[m]);
        for (int i = 0; i < JOBS_SCENE_MAILBOXES; i++) {
            g_autofree char *address = g_strdup_printf("%d@x", i);

            CHECK_OK(store_mailbox_add(t->s[m], address, "to@y", 1,
                                       &t->mailbox[m][i], &t->err),
                     &t->err);
        }
    }
}

static void begin(struct jobs_scene *t, enum kind kind)
{
    *t = (struct jobs_scene){ .now_us = 1000 * TIMESTAMP_SECOND };
    if (kind == DATABASE) {
        open_database(t);
        return;
    }
    t->j = jobs_open_mem();
    for (int m = 0; m < 2; m++) {
        t->migration[m] = m + 1;
        for (int i = 0; i < JOBS_SCENE_MAILBOXES; i++)
            t->mailbox[m][i] = m * JOBS_SCENE_MAILBOXES + i + 1;
    }
}

static void end(struct jobs_scene *t)
{
    jobs_free(t->j);
    store_free(t->s[0]);
    store_free(t->s[1]);
    database_close(t->d);
    if (t->tmp != NULL)
        store_tmp_free(t->tmp);
}

int64_t jobs_scene_add(struct jobs_scene *t, int m, int i, const char *host,
                       int priority)
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

struct job *jobs_scene_claim(struct jobs_scene *t, const char *worker)
{
    struct job *job = NULL;
    int found = jobs_claim(t->j, worker, t->now_us, &job, &t->err);

    CHECK_OK(MIN(found, 0), &t->err);
    g_assert_true((found == 1) == (job != NULL));
    return job;
}

int64_t jobs_scene_claim_id(struct jobs_scene *t, const char *worker)
{
    struct job *job = jobs_scene_claim(t, worker);
    int64_t id = job != NULL ? job->id : 0;

    job_free(job);
    return id;
}

struct job *jobs_scene_look(struct jobs_scene *t, int64_t id)
{
    const struct jobs_which which = { .job_id = id };
    g_autoptr(GPtrArray) found = NULL;

    CHECK_OK(jobs_list(t->j, &which, &found, &t->err), &t->err);
    g_assert_cmpuint(found->len, ==, 1);
    return g_ptr_array_steal_index(found, 0);
}

void jobs_scene_is(struct jobs_scene *t, int64_t id, enum job_state state)
{
    struct job *job = jobs_scene_look(t, id);

    g_assert_cmpstr(job_state_name(job->state), ==, job_state_name(state));
    job_free(job);
}

void jobs_scene_give_back(struct jobs_scene *t, const struct job *job,
                          enum job_state state)
{
    const struct jobs_end e = { .state = state };

    CHECK_OK(jobs_end(t->j, job, &e, &t->err), &t->err);
}

size_t jobs_scene_do(struct jobs_scene *t, enum jobs_verb v,
                     struct jobs_which which)
{
    size_t n = 0;

    CHECK_OK(jobs_do(t->j, v, &which, &n, &t->err), &t->err);
    return n;
}

uint64_t jobs_scene_unattended(struct jobs_scene *t)
{
    uint64_t n = UINT64_MAX;

    CHECK_OK(jobs_unattended(t->j, t->now_us, &n, &t->err), &t->err);
    return n;
}

void jobs_scene_lost(struct jobs_scene *t, int result)
{
    g_assert_cmpint(result, ==, -1);
    g_assert_cmpstr(t->err.name, ==, "lease-lost");
    g_assert_cmpint(t->err.scope, ==, ERR_MAILBOX);
}

/* ---- running ------------------------------------------------------------- */

static void run(const void *data, enum kind kind)
{
    struct jobs_scene t;

    begin(&t, kind);
    ((const struct jobs_test *)data)->fn(&t);
    end(&t);
}

static void run_mem(const void *data)
{
    run(data, MEM);
}

static void run_database(const void *data)
{
    run(data, DATABASE);
}

static void add_all(const char *path, const struct jobs_test *tests, size_t n,
                    void (*runner)(const void *data))
{
    for (size_t i = 0; i < n; i++) {
        g_autofree char *whole = g_strdup_printf("%s/%s", path, tests[i].name);

        g_test_add_data_func(whole, &tests[i], runner);
    }
}

void jobs_scene_init(int *argc, char ***argv, const char *group,
                     const struct jobs_test *tests, size_t n)
{
    g_autofree char *mem = g_strdup_printf("/%s/mem", group);
    g_autofree char *sqlite = g_strdup_printf("/%s/sqlite", group);
    g_autofree char *postgres = g_strdup_printf("/%s/postgres", group);

    g_test_init(argc, argv, NULL);
    if (store_tmp_server() != NULL) {
        add_all(postgres, tests, n, run_database);
        return;
    }
    add_all(mem, tests, n, run_mem);
    add_all(sqlite, tests, n, run_database);
}

void jobs_scene_add_test(const char *path, const struct jobs_test *test)
{
    g_test_add_data_func(path, test, run_database);
}
