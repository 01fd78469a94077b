/*
 * db - a database of some make, as far as the domain's SQL needs to know.
 *
 * The SQL of sql_*.c is written once, in what SQLite and PostgreSQL both
 * understand; a driver (db_sqlite.c, db_postgres.c) carries it out.  Such SQL
 * has "?" or "?1" for its arguments, gives every ON CONFLICT its target, says
 * where NULLs stand in an order, compares without case by lower(), and may end
 * with DB_FOR_UPDATE.
 *
 * A connection is one thread's from begin() to end(), and so are its rows.
 */
#ifndef STORE_DB_H
#define STORE_DB_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * At the end of a SELECT: nobody else changes what it finds before this
 * transaction is over.  Where one connection writes at a time it is left out.
 */
#define DB_FOR_UPDATE " FOR NO KEY UPDATE"
/* The same; what somebody else holds is passed over. */
#define DB_SKIP_LOCKED " FOR NO KEY UPDATE SKIP LOCKED"

struct sq_words;

/* An argument of a statement; what it points to must outlive the call. */
struct sq_arg {
    enum { SQ_LAST, SQ_INT, SQ_TEXT, SQ_BLOB } type;
    bool null; /* of SQ_INT */
    int64_t number;
    const void *bytes; /* NULL: is NULL */
    size_t n;
};
/* clang-format off */
#define INT(x)     { .type = SQ_INT, .number = (x) }
#define TEXT(s)    { .type = SQ_TEXT, .bytes = (s) }
#define BLOB(p, l) { .type = SQ_BLOB, .bytes = (p), .n = (l) }
/* NULL unless known */
#define OPT_INT(known, x) { .type = SQ_INT, .null = !(known), .number = (x) }
#define ARGS(...)  (const struct sq_arg[]){ __VA_ARGS__, { .type = SQ_LAST } }
#define NO_ARGS    (const struct sq_arg[]){ { .type = SQ_LAST } }
/* clang-format on */

struct db;
struct db_listener;

/* Embedded as the first member of each driver's struct. */
struct sq_conn {
    const struct db_ops *ops;
    struct sq_words *words; /* owned */
    int64_t migration_id;   /* that the transaction is about */
};

/* A statement's rows; as sq_conn. */
struct sq_rows {
    const struct db_ops *ops;
};

enum db_use { DB_READ, DB_WRITE };

/* By a thread of the listener's own. */
struct db_hearing {
    const char *channel; /* static */
    /* What was told, or NULL: something may have been missed. */
    void (*heard)(void *data, const char *text);
    void *data;
};

struct db_ops {
    const char *name; /* "sqlite", "postgres" */
    /* A row costs more to fetch than to sum up over there. */
    bool dear_rows;

    /*
     * A connection with a transaction begun; NULL on failure.  A reading one
     * sees one state of everything, and must not write.
     */
    struct sq_conn *(*begin)(struct db *db, enum db_use use, struct err *err);
    /*
     * Commit when result is 0 or more, else roll back and forget the
     * connection's words; the connection is given back.  Returns result, or
     * -1 when the commit failed: then nothing has happened, unless the
     * error's name is "store-unknown": then it may have.
     */
    int (*end)(struct sq_conn *c, int result, struct err *err);

    /*
     * A statement ready to be stepped (sql is static text, kept prepared).  It
     * is the same object each time: step it to its end or reset it before the
     * same text is asked for again.  NULL on failure.
     */
    struct sq_rows *(*query)(struct sq_conn *c, const char *sql,
                             const struct sq_arg *args, struct err *err);
    /* 1: a row; 0: the end, and reset; -1: failed, and reset. */
    int (*step)(struct sq_rows *rows, struct err *err);
    void (*reset)(struct sq_rows *rows);
    /*
     * The same of a statement that writes, when nobody asks what it changed:
     * many of them are one trip to a server.  Why one failed may be told by a
     * later call, end() at the last.  NULL: query() does as well.
     */
    int (*later)(struct sq_conn *c, const char *sql, const struct sq_arg *args,
                 struct err *err);
    /* How many rows the last statement that writes has changed. */
    int64_t (*changes)(struct sq_conn *c);

    /* Columns of the row stepped to; NULL is 0, NULL and no bytes. */
    int64_t (*int64)(struct sq_rows *rows, int column);
    const char *(*text)(struct sq_rows *rows, int column);
    const void *(*blob)(struct sq_rows *rows, int column, size_t *ret_n);
    bool (*is_null)(struct sq_rows *rows, int column);

    /* Something in a row makes no sense: text says what.  Returns -1. */
    int (*damaged)(struct sq_conn *c, const char *text, struct err *err);

    /* What time it is over there, in us; NULL: the machine's own clock. */
    const char *clock_sql;

    /*
     * Statements that take room on the database's disk while they run, and
     * leave nothing; ends with NULL.  NULL: whatever is written takes some.
     */
    const char *const *room_sql;

    /*
     * Tells all listeners when the transaction commits: of jobs, and with its
     * argument of store/news.h.  NULL: there are none.
     */
    const char *notify_sql, *tell_sql;
    /* NULL with them. */
    struct db_listener *(*listen)(struct db *db,
                                  const struct db_hearing *hearing);
    void (*unlisten)(struct db_listener *l);

    void (*close)(struct db *db);
};

/* Why it cannot be written, as far as writes have found (sql_fault.c). */
struct db_fault {
    pthread_mutex_t lock; /* over the rest */
    bool found;
    bool lately; /* since the last small write that went well */
    int64_t since_us;
    struct err why;
};
void db_fault_init(struct db_fault *f);
void db_fault_release(struct db_fault *f);
/* For drivers: a write failed; nothing, unless it tells of the database. */
void db_fault_note(struct db_fault *f, const struct err *why);

/* As sq_conn; any thread may use it. */
struct db {
    const struct db_ops *ops;
    struct db_fault fault;
    atomic_uint_fast64_t late_writes; /* refused: the lease was lost */
};

#endif
