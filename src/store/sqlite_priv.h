/*
 * sqlite_priv - the store in a SQLite file, split by subject:
 *
 *   sqlite_open.c       opening, the lock, the table of operations
 *   sqlite_lock.c       one writing process at a time
 *   sqlite_schema.c     the tables, and the steps that lead to them
 *   sqlite_conn.c       connections, statements, transactions
 *   sqlite_error.c      what SQLite's failures mean for a person
 *   sqlite_words.c      text that many rows share
 *   sqlite_key.c        ids, stored short
 *   sqlite_mailboxes.c  the migration and the mailboxes
 *   sqlite_folders.c    folders and their tokens
 *   sqlite_list.c       listing items
 *   sqlite_items.c      intents and outcomes
 *   sqlite_query.c      what to do next, pages
 *   sqlite_counts.c     counts
 *   sqlite_verify.c     verdicts
 *   sqlite_dest.c       what a destination folder holds that is not ours
 *   sqlite_settings.c   what became of settings
 *   sqlite_passes.c     passes
 */
#ifndef STORE_SQLITE_PRIV_H
#define STORE_SQLITE_PRIV_H

#include <pthread.h>
#include <stdatomic.h>

#include <sqlite3.h>

#include "store/ledger.h"
#include "store/store_priv.h"

/* "mFer": says in the header of a file whose it is. */
#define SQ_APPLICATION_ID 0x6d466572

/* ---- sqlite_conn.c --------------------------------------------------- */

/* What both connections of an open state file share. */
struct sq_file {
    char *path;
    /* Set by the first sign of damage: nothing is written after that. */
    atomic_bool damaged;
};

enum sq_use {
    SQ_WRITE,
    SQ_READ, /* no statement writes; the last to close folds the WAL in */
    SQ_LOOK, /* changes nothing, whatever the file is */
};

/* One connection; its lock is held from sq_begin_*() to sq_end(). */
struct sq_conn {
    sqlite3 *db;
    struct sq_file *file; /* borrowed */
    pthread_mutex_t lock;
    enum sq_use use;
    GHashTable *statements; /* text (by address), to sqlite3_stmt * */
    struct sq_words *words; /* owned */
};

struct sq_store {
    struct store base;
    struct sq_file file;
    int lock_fd;           /* -1: not ours */
    struct sq_conn *write; /* NULL: opened for reading */
    struct sq_conn *read;  /* beside the writer, so that neither waits */
};

/* -1: cannot be opened, or is no database. */
int sq_conn_open(struct sq_file *file, enum sq_use use, struct sq_conn **ret,
                 struct err *err) G_GNUC_WARN_UNUSED_RESULT;
void sq_conn_close(struct sq_conn *c);
typedef struct sq_conn sq_conn;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(sq_conn, sq_conn_close)

/* Lock the connection and begin a transaction; sq_end() does both back. */
int sq_begin(struct sq_conn *c, struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* The same on the store's writing or reading connection; NULL on failure. */
struct sq_conn *sq_begin_write(struct store *base, struct err *err);
struct sq_conn *sq_begin_read(struct store *base, struct err *err);
/*
 * Commit when result is 0 or more, else roll back; unlock.  Returns result, or
 * -1 when the commit failed: then nothing has happened.
 */
int sq_end(struct sq_conn *c, int result,
           struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* sq_begin_write() and the check of the lease. */
struct sq_conn *sq_begin_leased(struct store *base,
                                const struct store_lease *lease,
                                struct err *err);

/* An argument of a statement; what it points to must outlive the call. */
struct sq_arg {
    enum { SQ_LAST, SQ_INT, SQ_TEXT, SQ_BLOB } type;
    int64_t number;
    const void *bytes; /* NULL binds NULL */
    size_t n;
};
/* clang-format off */
#define INT(x)     { .type = SQ_INT, .number = (x) }
#define TEXT(s)    { .type = SQ_TEXT, .bytes = (s) }
#define BLOB(p, l) { .type = SQ_BLOB, .bytes = (p), .n = (l) }
/* NULL unless known */
#define OPT_INT(known, x) \
    { .type = (known) ? SQ_INT : SQ_TEXT, .number = (x) }
#define ARGS(...)  (const struct sq_arg[]){ __VA_ARGS__, { .type = SQ_LAST } }
#define NO_ARGS    (const struct sq_arg[]){ { .type = SQ_LAST } }
/* clang-format on */

/*
 * A statement ready to be stepped, from the cache (sql is static text).  It is
 * the same object each time: step it to its end or reset it before the same
 * text is asked for again.  NULL on failure.
 */
sqlite3_stmt *sq_query(struct sq_conn *c, const char *sql,
                       const struct sq_arg *args, struct err *err);
/* 1: a row; 0: the end, and reset; -1: failed, and reset. */
int sq_step(struct sq_conn *c, sqlite3_stmt *st,
            struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* All rows are thrown away. */
int sq_run(struct sq_conn *c, const char *sql, const struct sq_arg *args,
           struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* The first column of the first row: 1 found, 0 there is none, -1. */
int sq_number(struct sq_conn *c, const char *sql, const struct sq_arg *args,
              int64_t *ret, struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* The same for text; *ret owned by the caller. */
int sq_text(struct sq_conn *c, const char *sql, const struct sq_arg *args,
            char **ret, struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* A column's text, owned by the caller; NULL for NULL. */
char *sq_column_dup(sqlite3_stmt *st, int column);

/* A column's number, below n; anything else is damage. */
int sq_column_enum(struct sq_conn *c, sqlite3_stmt *st, int column,
                   unsigned int *ret, unsigned int n,
                   struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* The columns state, pending and tries, from the given one on. */
int sq_column_ledger(struct sq_conn *c, sqlite3_stmt *st, int column,
                     struct ledger_item *ret,
                     struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* ---- sqlite_error.c -------------------------------------------------- */

/* What went wrong with the connection's last call.  Returns -1. */
int sq_fail(struct sq_conn *c, struct err *err);
/* The same from a bare code: a connection that did not open. */
int sq_fail_code(struct sq_file *file, int code, int system_errno,
                 const char *text, struct err *err);
/* The refusal of a file on which damage has been seen. */
int sq_refuse_damaged(struct sq_file *file, struct err *err);
/* Append to a "store-damaged" what a quick check finds first. */
void sq_explain_damage(struct sq_conn *c, struct err *err);

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
int sq_schema_check(struct sq_conn *c, bool *ret_empty,
                    struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* Apply the steps that the file lacks. */
int sq_schema_upgrade(struct sq_conn *c,
                      struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* -1: the file needs steps that a reader must not take. */
int sq_schema_current(struct sq_conn *c,
                      struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* ---- sqlite_words.c -------------------------------------------------- */

struct sq_words *sq_words_new(void);
void sq_words_free(struct sq_words *words);
/* What was learnt in a transaction that was rolled back is not so. */
void sq_words_forget(struct sq_words *words);

/* 1 and its number; 0: it is not there; -1. */
int sq_word_find(struct sq_conn *c, int64_t scope, const char *text,
                 int64_t *ret, struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* The same, added where missing; 0: the scope has no room for another. */
int sq_word_make(struct sq_conn *c, int64_t scope, const char *text,
                 int64_t *ret, struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* *ret is borrowed, until the next call about words. */
int sq_word_text(struct sq_conn *c, int64_t id, const char **ret,
                 struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* ---- sqlite_key.c ---------------------------------------------------- */

/*
 * An id as it is stored: the number of its head (0: none, the id stands whole)
 * and the rest.  Equal ids of a mailbox have equal keys, different ids
 * different ones.
 */
struct sq_key {
    uint8_t bytes[10 + STORE_ID_MAX];
    size_t n;
};

/* The key of an id, its head added where missing. */
int sq_key_make(struct sq_conn *c, int64_t mailbox_id, const char *text,
                struct sq_key *ret, struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* The same, adding nothing: for looking up. */
int sq_key_find(struct sq_conn *c, int64_t mailbox_id, const char *text,
                struct sq_key *ret, struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* The id behind a key column; NULL column: *ret NULL. */
int sq_key_column(struct sq_conn *c, sqlite3_stmt *st, int column, char **ret,
                  struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* ---- sqlite_items.c -------------------------------------------------- */

/* Why an item had failed: no longer so. */
int sq_reason_clear(struct sq_conn *c, int64_t item_id,
                    struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* ---- sqlite_dest.c --------------------------------------------------- */

/* The item that has it as its destination, or former one: 1; 0: none; -1. */
int sq_owner(struct sq_conn *c, int64_t mailbox_id, const struct sq_key *key,
             int64_t *ret, struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* ---- sqlite_folders.c ------------------------------------------------ */

enum sq_side { SQ_SOURCE, SQ_DESTINATION };

/* -1: there is no such folder, or (mailbox_id not 0) not in that mailbox. */
int sq_folder_check(struct sq_conn *c, int64_t mailbox_id, int64_t folder_id,
                    struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* Whose it is; -1: there is no such folder. */
int sq_folder_mailbox(struct sq_conn *c, int64_t folder_id, int64_t *ret,
                      struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* The ids of a mailbox's folders from first_id, in order; GArray of int64_t */
int sq_folder_ids(struct sq_conn *c, int64_t mailbox_id, int64_t first_id,
                  GArray *ret, struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* NULL: stays. */
int sq_token_set(struct sq_conn *c, int64_t folder_id, enum sq_side side,
                 const char *token, struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
