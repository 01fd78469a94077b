/*
 * sql_priv - the store in a database, split by subject:
 *
 *   db.h                what a driver does; db_sqlite.c, db_postgres.c
 *   database.c          a database and the migrations in it
 *   sql_store.c         the table of operations
 *   sql_conn.c          transactions, leases, small questions
 *   sql_schema.c        the tables, and the steps that lead to them
 *   sql_words.c         text that many rows share
 *   sql_key.c           ids, stored short
 *   sql_mailboxes.c     the migration and the mailboxes
 *   sql_folders.c       folders and their tokens
 *   sql_list.c          listing items
 *   sql_items.c         intents and outcomes
 *   sql_query.c         what to do next, pages
 *   sql_counts.c        counts
 *   sql_verify.c        verdicts
 *   sql_dest.c          what a destination folder holds that is not ours
 *   sql_settings.c      what became of settings
 *   sql_passes.c        passes
 *   sql_samples.c       what went on when (samples.h)
 *   sql_jobs.c          jobs (jobs.h)
 *   sql_fault.c         whether the database can be written
 *   roster.c            operators
 *   roster_accounts.c   accounts and their domains
 *   roster_contacts.c   who speaks for them
 *   roster_links.c      links that work once
 *   outbox.c            mails that go out
 *   roster_text.c       what may stand in such texts
 *   roster_tokens.c     sessions and API tokens
 *   roster_audit.c      the trail
 *   requests.c          managed migration requests, and what happens to them
 *   requests_mails.c    what came in by mail about them
 *   requests_files.c    files and passwords, sealed
 *   requests_links.c    links to approve or to supply
 *
 * and of SQLite alone (sqlite_priv.h):
 *
 *   sqlite_open.c       opening the file
 *   sqlite_schema.c     bringing it up to date
 *   sqlite_lock.c       one writing process at a time
 *   sqlite_error.c      what SQLite's failures mean for a person
 */
#ifndef STORE_SQL_PRIV_H
#define STORE_SQL_PRIV_H

#include "store/db.h"
#include "store/ledger.h"
#include "store/store_priv.h"

/* ---- sql_store.c ------------------------------------------------------ */

struct sq_store {
    struct store base;
    struct db *db;
    bool owns_db;
    int64_t migration_id;
};

/* The store of one migration; it closes db with itself when it owns it. */
struct store *sq_store_new(struct db *db, bool owns_db, int64_t migration_id);

/* See database_jobs(). */
struct jobs *sq_jobs_new(struct db *db);

/* ---- database.c ------------------------------------------------------- */

struct database;
/* What lies under it; borrowed. */
struct db *sq_database_db(struct database *d);

/* ---- sql_conn.c ------------------------------------------------------- */

/* For drivers: what is in the base. */
void sq_conn_init(struct sq_conn *c, const struct db_ops *ops);
void sq_conn_release(struct sq_conn *c);

/* Begin a transaction of the store; NULL on failure. */
struct sq_conn *sq_begin_write(struct store *base, struct err *err);
struct sq_conn *sq_begin_read(struct store *base, struct err *err);
/* End it: see db_ops.end. */
static inline int sq_end(struct sq_conn *c, int result, struct err *err)
{
    return c->ops->end(c, result, err);
}

/*
 * sq_begin_write() and the check of the lease.  Nobody else can take the
 * mailbox, nor write to it, until the transaction is over.
 */
struct sq_conn *sq_begin_leased(struct store *base,
                                const struct store_lease *lease,
                                struct err *err);

/* What all mailboxes of the migration share stays as it is until the end. */
int sq_migration_lock(struct sq_conn *c,
                      struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* See db.h. */
static inline struct sq_rows *sq_query(struct sq_conn *c, const char *sql,
                                       const struct sq_arg *args,
                                       struct err *err)
{
    return c->ops->query(c, sql, args, err);
}
static inline int sq_step(struct sq_conn *c, struct sq_rows *rows,
                          struct err *err)
{
    return c->ops->step(rows, err);
}
static inline void sq_reset(struct sq_rows *rows)
{
    rows->ops->reset(rows);
}
static inline int64_t sq_changes(struct sq_conn *c)
{
    return c->ops->changes(c);
}
static inline int64_t sq_int64(struct sq_rows *rows, int column)
{
    return rows->ops->int64(rows, column);
}
static inline const void *sq_blob(struct sq_rows *rows, int column,
                                  size_t *ret_n)
{
    return rows->ops->blob(rows, column, ret_n);
}
static inline bool sq_is_null(struct sq_rows *rows, int column)
{
    return rows->ops->is_null(rows, column);
}
static inline int sq_damaged(struct sq_conn *c, const char *text,
                             struct err *err)
{
    return c->ops->damaged(c, text, err);
}
/* All rows are thrown away. */
int sq_run(struct sq_conn *c, const char *sql, const struct sq_arg *args,
           struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* The same, soon: see db_ops.later. */
int sq_run_later(struct sq_conn *c, const char *sql, const struct sq_arg *args,
                 struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* The first column of the first row: 1 found, 0 there is none, -1. */
int sq_number(struct sq_conn *c, const char *sql, const struct sq_arg *args,
              int64_t *ret, struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* The same for text; *ret owned by the caller. */
int sq_text(struct sq_conn *c, const char *sql, const struct sq_arg *args,
            char **ret, struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* A column's text, owned by the caller; NULL for NULL. */
char *sq_column_dup(struct sq_rows *st, int column);

/* A column's number, below n; anything else is damage. */
int sq_column_enum(struct sq_conn *c, struct sq_rows *st, int column,
                   unsigned int *ret, unsigned int n,
                   struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* The columns state, pending and tries, from the given one on. */
int sq_column_ledger(struct sq_conn *c, struct sq_rows *st, int column,
                     struct ledger_item *ret,
                     struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* ---- sql_schema.c ------------------------------------------------------ */

/* The steps, in order; each is a number of statements. */
size_t sq_schema_n_steps(void);
/* The text of step number (from 1 on) for SQLite. */
const char *sq_schema_step(size_t number);
/* The same for PostgreSQL; the caller frees. */
char *sq_schema_step_postgres(size_t number);

/* ---- sql_words.c -------------------------------------------------- */

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

/* ---- sql_key.c ---------------------------------------------------- */

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
int sq_key_column(struct sq_conn *c, struct sq_rows *st, int column, char **ret,
                  struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* ---- sql_items.c -------------------------------------------------- */

/* Why an item had failed: no longer so. */
int sq_reason_clear(struct sq_conn *c, int64_t item_id,
                    struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* ---- sql_dest.c --------------------------------------------------- */

/* The item that has it as its destination, or former one: 1; 0: none; -1. */
int sq_owner(struct sq_conn *c, int64_t mailbox_id, const struct sq_key *key,
             int64_t *ret, struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* ---- sql_folders.c ------------------------------------------------ */

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
