/*
 * jobs_testing - two migrations of four mailboxes each, and the jobs over
 * them: for the tests of jobs.h.
 *
 * They run on memory and SQLite; and on PostgreSQL, run by
 * tests/lib/postgres.py.  The clock is the test's.
 */
#ifndef STORE_JOBS_TESTING_H
#define STORE_JOBS_TESTING_H

#include "base/check.h"
#include "base/timestamp.h"
#include "store/jobs.h"
#include "store/store_tmp.h"

#define JOBS_SCENE_MAILBOXES 4

struct jobs_scene {
    struct store_tmp *tmp; /* and those of a database; else NULL */
    struct database *d;
    struct store *s[2];
    struct jobs *j;
    int64_t migration[2], mailbox[2][JOBS_SCENE_MAILBOXES];
    int64_t now_us;
    struct err err;
};

struct jobs_test {
    const char *name;
    void (*fn)(struct jobs_scene *t);
};
/* g_test_init(), and "/GROUP/mem/NAME", "/GROUP/sqlite/NAME" or postgres. */
void jobs_scene_init(int *argc, char ***argv, const char *group,
                     const struct jobs_test *tests, size_t n);
/* A test more, on a database alone. */
void jobs_scene_add_test(const char *path, const struct jobs_test *test);

/* What is called here must succeed, or the test fails. */

/* A job of the i-th mailbox of the m-th migration; its id. */
int64_t jobs_scene_add(struct jobs_scene *t, int m, int i, const char *host,
                       int priority);
/* NULL: there is nothing.  The caller frees. */
struct job *jobs_scene_claim(struct jobs_scene *t, const char *worker);
/* 0: there is nothing. */
int64_t jobs_scene_claim_id(struct jobs_scene *t, const char *worker);
/* As it is now; the caller frees. */
struct job *jobs_scene_look(struct jobs_scene *t, int64_t id);
void jobs_scene_is(struct jobs_scene *t, int64_t id, enum job_state state);
void jobs_scene_give_back(struct jobs_scene *t, const struct job *job,
                          enum job_state state);
/* How many it applied to. */
size_t jobs_scene_do(struct jobs_scene *t, enum jobs_verb v,
                     struct jobs_which which);
/* jobs_unattended(), now. */
uint64_t jobs_scene_unattended(struct jobs_scene *t);
/* A call that failed for want of the lease. */
void jobs_scene_lost(struct jobs_scene *t, int result);

#endif
