/*
 * Keys of requests.  A row says: this was done, and made that.  Whoever does it
 * begins with the row, in the same transaction: the same request at the same
 * moment waits at the index for the end of this one, and then finds it done, or
 * does it.
 */
#include <string.h>

#include "store/roster_priv.h"

#define HASH(h) BLOB(h, ROSTER_ONCE_BYTES)

static int refuse(struct err *err, const char *name, const char *text)
{
    err_set(err, ERR_MAILBOX, ERR_RETRY_NEVER, 0, "%s", text);
    err->name = name;
    return -1;
}

static int compare(struct sq_conn *c, struct sq_rows *rows,
                   const struct roster_once *once, struct err *err)
{
    size_t n;
    const void *body = sq_blob(rows, 0, &n);

    if (n != ROSTER_ONCE_BYTES)
        return sq_damaged(c, "a request's key stands for nothing", err);
    if (memcmp(body, once->body, n) != 0)
        return refuse(err, "key-reused",
                      "this key was used for another request");
    return 1;
}

/* 1: the key is this transaction's; 0: another's has it, and is over; -1. */
static int take_key(struct sq_conn *c, const struct roster_once *once,
                    struct err *err)
{
    if (sq_run(c, "DELETE FROM request_keys WHERE hash = ? AND expires_us <= ?",
               ARGS(HASH(once->key), INT(once->now_us)), err) < 0 ||
        sq_run(c,
               "INSERT INTO request_keys (hash, body, made, expires_us)"
               " VALUES (?, ?, 0, ?) ON CONFLICT (hash) DO NOTHING",
               ARGS(HASH(once->key), HASH(once->body), INT(once->expires_us)),
               err) < 0)
        return -1;
    return sq_changes(c) > 0;
}

/* 1, 0, -1: what stands for the key. */
static int look(struct sq_conn *c, struct roster_once *once, int64_t *ret_made,
                struct err *err)
{
    struct sq_rows *rows =
        sq_query(c,
                 "SELECT body, made FROM request_keys WHERE hash = ?"
                 " AND expires_us > ?",
                 ARGS(HASH(once->key), INT(once->now_us)), err);
    int found = rows == NULL ? -1 : sq_step(c, rows, err);

    if (found <= 0)
        return found;
    found = compare(c, rows, once, err);
    if (found > 0) {
        *ret_made = sq_int64(rows, 1);
        once->again = true;
    }
    sq_reset(rows);
    return found;
}

int roster_once_done(struct sq_conn *c, struct roster_once *once,
                     int64_t *ret_made, struct err *err)
{
    int found = once == NULL ? 1 : take_key(c, once, err);

    if (found != 0)
        return MIN(found, 0);
    found = look(c, once, ret_made, err);
    /* swept between the two */
    return found != 0 ? found
                      : refuse(err, "key-in-use", "this key has just expired");
}

int roster_once_look(struct roster *p, struct roster_once *once,
                     int64_t *ret_made, struct err *err)
{
    struct sq_conn *c = roster_begin(p, DB_READ, err);

    return c == NULL ? -1 : sq_end(c, look(c, once, ret_made, err), err);
}

int roster_once_write(struct sq_conn *c, const struct roster_once *once,
                      int64_t made, struct err *err)
{
    return once == NULL
               ? 0
               : sq_run(c, "UPDATE request_keys SET made = ? WHERE hash = ?",
                        ARGS(INT(made), HASH(once->key)), err);
}

int roster_once_sweep(struct sq_conn *c, int64_t now_us, struct err *err)
{
    return sq_run(c, "DELETE FROM request_keys WHERE expires_us <= ?",
                  ARGS(INT(now_us)), err);
}
