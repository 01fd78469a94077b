/*
 * roster_priv - what the files of the roster share: see sql_priv.h.
 */
#ifndef STORE_ROSTER_PRIV_H
#define STORE_ROSTER_PRIV_H

#include "store/roster.h"
#include "store/sql_priv.h"

struct roster {
    struct db *db;
};

/* A transaction; NULL on failure.  Ended by sq_end(). */
struct sq_conn *roster_begin(struct roster *p, enum db_use use,
                             struct err *err);

/* A line of the trail, in the transaction of what it tells. */
struct audit_line {
    const struct roster_actor *who;
    const char *action, *subject, *detail; /* detail NULL: none */
    int64_t made; /* what roster_once_done() tells the next time */
};
int roster_audit_line(struct sq_conn *c, const struct audit_line *line,
                      struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Was it done before?  1 and *ret_made; 0: no, or there is no key; -1.  The
 * first call of a transaction.  While another one does the same it waits.  The
 * line of the trail writes what is made now.
 */
int roster_once_done(struct sq_conn *c, struct roster_once *once,
                     int64_t *ret_made,
                     struct err *err) G_GNUC_WARN_UNUSED_RESULT;
int roster_once_write(struct sq_conn *c, const struct roster_once *once,
                      int64_t made, struct err *err) G_GNUC_WARN_UNUSED_RESULT;
int roster_once_sweep(struct sq_conn *c, int64_t now_us,
                      struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* Until the transaction ends no other one writes a line: they come in turn. */
int roster_audit_hold(struct sq_conn *c,
                      struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* Adds to `to` what it makes of the row stepped to. */
typedef int roster_reader(struct sq_conn *c, struct sq_rows *rows,
                          GPtrArray *to, struct err *err);
/* All rows of a statement, each through the reader. */
int roster_read(struct sq_conn *c, const char *sql, const struct sq_arg *args,
                roster_reader *reader, GPtrArray *to,
                struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * A statement for that piece, static: of "{after}" and "{order}" in sql are
 * made the condition and the columns.  Its first arguments are
 * ROSTER_PAGE_ARGS().
 */
const char *roster_page_sql(const struct roster_page *page, const char *id,
                            const char *sql);
#define ROSTER_PAGE_ARGS(page)                                                 \
    INT((page)->after), TEXT((page)->after_key), INT((page)->limit)
/* Where the page ends, for *ret_key. */
struct roster_page_end {
    const char *from, *id;
    const GPtrArray *all; /* of structs that begin with their int64_t id */
};
int roster_page_key(struct sq_conn *c, const struct roster_page *page,
                    const struct roster_page_end *end,
                    struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* "%text%" for LIKE ... ESCAPE '!', in lower case; the caller frees. */
char *roster_pattern(const char *text);

/*
 * ",2,3,", of which "states LIKE '%,' || state || ',%'" asks for one; 0: NULL,
 * any.  The caller frees.
 */
char *roster_states_text(unsigned int states);

/* See roster_session_add(). */
int roster_session_write(struct sq_conn *c, const struct roster_actor *who,
                         const struct session_wish *w,
                         struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* Sessions end, tokens are revoked: of that operator. */
int roster_end_all(struct sq_conn *c, int64_t operator_id,
                   struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* A mail waits in the outbox; request_id 0: it is about none. */
struct outbox_mail;
int roster_outbox_put(struct sq_conn *c, const struct outbox_mail *m,
                      int64_t request_id, int64_t now_us,
                      struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* A text: there, no longer than that, UTF-8, no control characters. */
int roster_check_text(const char *what, const char *text, size_t most,
                      struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* What somebody wants to change, as they have seen it. */
struct roster_version {
    int64_t id, version; /* version 0: whichever it is */
};
/* Returns -1. */
int roster_refuse_changed(struct err *err, const char *what, int64_t id);
/* sql: the version of an id; -1: there is none, or another. */
int roster_take_version(struct sq_conn *c, const char *sql, const char *what,
                        const struct roster_version *v,
                        struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* An account's contacts go, with all they hold. */
int roster_contacts_forget(struct sq_conn *c, int64_t account_id,
                           struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* A column's bytes; NULL for NULL. */
GBytes *roster_bytes(struct sq_rows *rows, int column);
/* A roster_reader of the first column, and what frees the array's elements. */
int roster_read_bytes(struct sq_conn *c, struct sq_rows *rows, GPtrArray *to,
                      struct err *err);
void roster_free_bytes(void *p);

#endif
