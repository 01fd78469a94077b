/*
 * sqlite_priv - what the SQLite driver's files share: see sql_priv.h.
 */
#ifndef STORE_SQLITE_PRIV_H
#define STORE_SQLITE_PRIV_H

#include <pthread.h>
#include <stdatomic.h>

#include <sqlite3.h>

#include "store/sql_priv.h"

/* "mFer": says in the header of a file whose it is. */
#define SQ_APPLICATION_ID 0x6d466572

/* ---- db_sqlite.c ----------------------------------------------------- */

/* What both connections of an open state file share. */
struct sq_file {
    char *path;
    struct db_fault *fault; /* borrowed; or NULL */
    /* Set by the first sign of damage: nothing is written after that. */
    atomic_bool damaged;
};

enum sqlite_use {
    SQLITE_USE_WRITE,
    SQLITE_USE_READ, /* no statement writes; the last to close folds the WAL */
    SQLITE_USE_LOOK, /* changes nothing, whatever the file is */
};

/* One connection; its lock is held from begin to end. */
struct sqlite_conn {
    struct sq_conn base;
    sqlite3 *db;
    struct sq_file *file; /* borrowed */
    pthread_mutex_t lock;
    enum sqlite_use use;
    GHashTable *statements; /* text (by address), to struct sqlite_rows * */
};

struct sqlite_db {
    struct db base;
    struct sq_file file;
    int lock_fd;               /* -1: not ours */
    struct sqlite_conn *write; /* NULL: opened for reading */
    struct sqlite_conn *read;  /* beside the writer, so that neither waits */
};

/* -1: cannot be opened, or is no database. */
int sqlite_conn_open(struct sq_file *file, enum sqlite_use use,
                     struct sqlite_conn **ret,
                     struct err *err) G_GNUC_WARN_UNUSED_RESULT;
void sqlite_conn_close(struct sqlite_conn *c);
typedef struct sqlite_conn sqlite_conn;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(sqlite_conn, sqlite_conn_close)

/* Lock the connection and begin a transaction; sq_end() does both back. */
int sqlite_begin(struct sqlite_conn *c,
                 struct err *err) G_GNUC_WARN_UNUSED_RESULT;

extern const struct db_ops sqlite_db_ops;

/* ---- sqlite_open.c --------------------------------------------------- */

/* See store_open_sqlite(). */
int sqlite_db_open(const char *path, enum store_mode mode, struct db **ret,
                   struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* For db_ops. */
void sqlite_db_close(struct db *db);

/* ---- sqlite_error.c -------------------------------------------------- */

/* What went wrong with the connection's last call.  Returns -1. */
int sq_fail(struct sqlite_conn *c, struct err *err);
/* The same from a bare code: a connection that did not open. */
int sq_fail_code(struct sq_file *file, int code, int system_errno,
                 const char *text, struct err *err);
/* The refusal of a file on which damage has been seen. */
int sq_refuse_damaged(struct sq_file *file, struct err *err);
/*
 * What a check finds first, of the indices too or in a fraction of the time;
 * NULL: nothing.  The caller frees.
 */
char *sq_integrity(struct sqlite_conn *c, bool whole);
/* Append to a "store-damaged" what a quick check finds first. */
void sq_explain_damage(struct sqlite_conn *c, struct err *err);

/* ---- sqlite_lock.c --------------------------------------------------- */

/* -1: another process writes (its id is named), or no lock can be had. */
int sq_lock(const char *path, int *ret_fd,
            struct err *err) G_GNUC_WARN_UNUSED_RESULT;
void sq_unlock(int fd);

/* ---- sqlite_schema.c ------------------------------------------------- */

/*
 * Whose file is it, and of what version?  *ret_empty: it holds nothing yet.
 * -1: another program's, or of a newer version than this program.
 */
int sqlite_schema_check(struct sqlite_conn *c, bool *ret_empty,
                        struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* Apply the steps that the file lacks. */
int sqlite_schema_upgrade(struct sqlite_conn *c,
                          struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* -1: the file needs steps that a reader must not take. */
int sqlite_schema_current(struct sqlite_conn *c,
                          struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
