/*
 * roster_testing - what tests of the roster share: one on SQLite in a new
 * folder, or on PostgreSQL, run by tests/lib/postgres.py.
 */
#ifndef STORE_ROSTER_TESTING_H
#define STORE_ROSTER_TESTING_H

#include "store/roster.h"
#include "store/store_tmp.h"

extern const struct roster_actor roster_alice;
extern const struct roster_page roster_all;

struct roster_fixture {
    struct store_tmp *tmp;
    struct database *database;
    struct roster *roster;
};

/* For g_test_add(). */
void roster_fixture_set_up(struct roster_fixture *f, gconstpointer data);
void roster_fixture_tear_down(struct roster_fixture *f, gconstpointer data);

/* Closed and opened again. */
void roster_fixture_open(struct roster_fixture *f);

/* The trail as "ACTION SUBJECT DETAIL", a line each.  The caller frees. */
char *roster_fixture_trail(struct roster_fixture *f);

#endif
