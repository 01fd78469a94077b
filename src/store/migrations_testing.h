/*
 * migrations_testing - what tests of migrations share: on SQLite in a new
 * folder, or on PostgreSQL, run by tests/lib/postgres.py.  What lies in the
 * database is read by SQL of the tests' own.  What fails ends the test.
 */
#ifndef STORE_MIGRATIONS_TESTING_H
#define STORE_MIGRATIONS_TESTING_H

#include "store/migrations.h"
#include "store/roster_testing.h"

/* In each password: it is to be found nowhere. */
#define MIGRATIONS_PLANTED "pl4nted"

struct migrations_fixture {
    struct store_tmp *tmp;
    struct database *d;
    struct jobs *j;
    struct keyring *keys;
    struct migrations *m;
    struct err err;
};

struct migrations_test {
    const char *name;
    void (*fn)(struct migrations_fixture *t, gconstpointer data);
};
/* For main(): "/GROUP/sqlite/NAME" or "/GROUP/postgres/NAME". */
int migrations_fixture_run(int *argc, char ***argv, const char *group,
                           const struct migrations_test *tests, size_t n);

/* Two mailboxes; the second row has credentials of its own at the source. */
int migrations_fixture_add_as(struct migrations_fixture *t,
                              const struct roster_actor *who, int64_t *ret_id,
                              struct err *err);
/* The same by the operator; its id. */
int64_t migrations_fixture_add(struct migrations_fixture *t);
/* One whose owners are asked on both sides, one that has all it needs. */
int64_t migrations_fixture_add_asking(struct migrations_fixture *t);

/* Counted; the caller frees. */
struct migration *migrations_fixture_look(struct migrations_fixture *t,
                                          int64_t id);
GPtrArray *migrations_fixture_mailboxes(struct migrations_fixture *t,
                                        const struct migration_filter *f);
/* What that query finds. */
int64_t migrations_fixture_number(struct migrations_fixture *t,
                                  const char *sql);
/* "USER:PASSWORD", "-" for no user; NULL: there is none. */
void migrations_fixture_has_password(struct migrations_fixture *t, int64_t id,
                                     int64_t mailbox_id,
                                     enum migration_side side,
                                     const char *want);

#endif
