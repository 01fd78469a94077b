/*
 * postgres_priv - what the PostgreSQL driver's files share:
 *
 *   db_postgres.c       statements, transactions
 *   postgres_pool.c     connections, as many as threads need at once
 *   postgres_url.c      what the URL says, and what we add to it
 *   postgres_schema.c   the tables
 *   postgres_listen.c   wake-ups from other machines
 *   postgres_text.c     text that is not UTF-8
 *   postgres_error.c    what PostgreSQL's failures mean for a person
 */
#ifndef STORE_POSTGRES_PRIV_H
#define STORE_POSTGRES_PRIV_H

#include <pthread.h>

#include <libpq-fe.h>

#include "store/sql_priv.h"

/* Each is a process over there; more threads than that wait their turn. */
#define PG_CONNECTIONS_MAX 16

struct pg_url {
    char *name; /* for messages: host, port and database; no secret */
    GPtrArray *keywords, *values; /* for PQconnectdbParams(): end with NULL */
};

/* -1: it cannot be understood; what is wrong is told without quoting it. */
int pg_url_parse(const char *text, struct pg_url *ret,
                 struct err *err) G_GNUC_WARN_UNUSED_RESULT;
void pg_url_release(struct pg_url *url);

struct pg_db {
    struct db base;
    struct pg_url url;
    pthread_mutex_t lock; /* over the two below */
    pthread_cond_t given_back;
    GPtrArray *idle; /* struct pg_conn *, owned */
    unsigned int n_open;
};

/* A connection; of one thread while it is not idle. */
struct pg_conn {
    struct sq_conn base;
    struct pg_db *db; /* borrowed */
    PGconn *pg;
    bool lost;
    unsigned int n_later;   /* statements sent, of which nothing was heard */
    GHashTable *statements; /* text (by address), to struct pg_rows * */
    unsigned int n_prepared;
    int64_t n_changed;
};

extern const struct db_ops postgres_db_ops;
void pg_rows_free(void *rows);

/* ---- postgres_pool.c --------------------------------------------------- */

/* An idle connection, or a new one; waits while all are in use. */
struct pg_conn *pg_take(struct pg_db *d, struct err *err);
/* Closed when it is of no use any more. */
void pg_give_back(struct pg_conn *c);
void pg_conn_close(struct pg_conn *c);
bool pg_is_lost(const struct pg_conn *c);

int pg_db_open(const char *url, enum store_mode mode, struct db **ret,
               struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* For db_ops. */
void pg_db_close(struct db *db);

/* ---- postgres_error.c -------------------------------------------------- */

/* What went wrong with a result (NULL: with the connection).  Returns -1. */
int pg_fail(struct pg_conn *c, const PGresult *result, struct err *err);
/* The same of an SQLSTATE. */
int pg_fail_state(const struct pg_db *d, const char *state, const char *text,
                  struct err *err);
/* The connection ended.  The call did nothing. */
int pg_fail_lost(const struct pg_db *d, const char *text, struct err *err);
/* The connection ended while it committed. */
int pg_fail_unknown(const struct pg_db *d, struct err *err);

/* ---- postgres_listen.c ------------------------------------------------- */

/* See db_ops. */
struct db_listener *pg_listen(struct db *db, const struct db_hearing *hearing);
void pg_unlisten(struct db_listener *l);

/* ---- postgres_text.c --------------------------------------------------- */

/* As it is stored, and back; NULL: no different.  The caller frees. */
char *pg_text_escape(const char *text);
char *pg_text_unescape(const char *text);

/* ---- postgres_schema.c ------------------------------------------------- */

/* Bring it up to date (STORE_WRITE), or see that it is. */
int pg_schema(struct pg_db *d, enum store_mode mode,
              struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
