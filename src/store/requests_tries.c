/*
 * Credentials that were tried: each set has one row, known by a digest of it,
 * whatever became of the row's request in between.
 */
#include "base/step.h"
#include "base/timestamp.h"
#include "store/requests_priv.h"

/* What the key is derived for. */
#define WHAT "credentials that were tried"

#define HOUR_US (3600 * TIMESTAMP_SECOND)

#define TOO_OFTEN                                                              \
    "they were not tried yet: enough others were within an hour; an hour "     \
    "later they are, by themselves"

static const char *const names[REQUEST_TRY_N_OUTCOMES] = {
    [REQUEST_TRY_NONE] = "not tried",    [REQUEST_TRY_BEGUN] = "under way",
    [REQUEST_TRY_ACCEPTED] = "accepted", [REQUEST_TRY_REFUSED] = "refused",
    [REQUEST_TRY_UNKNOWN] = "unknown",
};

const char *request_try_name(enum request_try_outcome outcome)
{
    return names[outcome];
}

/* Literals below. */
G_STATIC_ASSERT(REQUEST_TRY_BEGUN == 1);
G_STATIC_ASSERT(REQUEST_TRY_REFUSED == 3);
G_STATIC_ASSERT(REQUEST_TRY_UNKNOWN == 4);

static void digest(const struct requests *p,
                   const struct request_credentials *c, size_t key,
                   uint8_t ret[KEYRING_DIGEST_BYTES])
{
    const char *const texts[] = { c->url, c->user, secret_peek(c->password),
                                  NULL };

    keyring_digest(p->keys, key, WHAT, texts, ret);
}

/* ---- before -------------------------------------------------------------- */

/*
 * By each key of the ring.  When the key has changed since, nothing may have
 * been given since.  1 and *ret_id, 0, -1.
 */
static int find(const struct requests *p, struct sq_conn *conn,
                const struct request_credentials *c, int64_t *ret_id,
                struct err *err)
{
    uint8_t sum[KEYRING_DIGEST_BYTES];
    int found = 0;

    for (size_t i = 0; found == 0 && i < keyring_n(p->keys); i++) {
        digest(p, c, i, sum);
        found = sq_number(conn,
                          "SELECT id FROM request_tries WHERE request = ?"
                          " AND digest = ?",
                          ARGS(INT(c->request_id), BLOB(sum, sizeof(sum))),
                          ret_id, err);
    }
    if (found != 0 || c->pieces_us == 0)
        return found;
    return sq_number(conn,
                     "SELECT max(id) FROM request_tries WHERE request = ?"
                     " AND pieces_us = ? HAVING count(*) > 0",
                     ARGS(INT(c->request_id), INT(c->pieces_us)), ret_id, err);
}

/* Those that were right lock nobody out. */
static int is_too_often(struct sq_conn *conn, int64_t request_id,
                        int64_t now_us, struct err *err)
{
    int64_t n = 0;

    if (sq_number(conn,
                  "SELECT count(*) FROM request_tries WHERE request = ?"
                  " AND outcome IN (1, 3) AND at_us > ?",
                  ARGS(INT(request_id), INT(now_us - HOUR_US)), &n, err) < 0)
        return -1;
    return n >= REQUESTS_TRIES_MAX;
}

static int insert(const struct requests *p, struct sq_conn *conn,
                  const struct request_credentials *c, bool too_often,
                  int64_t now_us, int64_t *ret_id, struct err *err)
{
    uint8_t sum[KEYRING_DIGEST_BYTES];

    digest(p, c, 0, sum);
    return sq_number(
        conn,
        "INSERT INTO request_tries (request, digest, pieces_us, outcome,"
        " at_us, cause, why) VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id",
        ARGS(INT(c->request_id), BLOB(sum, sizeof(sum)), INT(c->pieces_us),
             INT(too_often ? REQUEST_TRY_UNKNOWN : REQUEST_TRY_BEGUN),
             INT(now_us), TEXT(too_often ? REQUESTS_TOO_OFTEN : NULL),
             TEXT(too_often ? TOO_OFTEN : NULL)),
        ret_id, err);
}

/* Its row is the request's from now on, where the request has the set. */
static int adopt(struct sq_conn *conn, const struct request_credentials *c,
                 int64_t id, struct err *err)
{
    if (c->pieces_us == 0)
        return 0;
    return sq_run(conn, "UPDATE request_tries SET pieces_us = ? WHERE id = ?",
                  ARGS(INT(c->pieces_us), INT(id)), err);
}

static int renew(struct sq_conn *conn, int64_t id, int64_t now_us,
                 struct err *err)
{
    return sq_run(conn,
                  "UPDATE request_tries SET outcome = 1, at_us = ?,"
                  " cause = NULL, why = NULL WHERE id = ?",
                  ARGS(INT(now_us), INT(id)), err);
}

static int put_off(struct sq_conn *conn, int64_t id, int64_t now_us,
                   struct err *err)
{
    return sq_run(
        conn,
        "UPDATE request_tries SET at_us = ?, cause = ?, why = ? WHERE id = ?",
        ARGS(INT(now_us), TEXT(REQUESTS_TOO_OFTEN), TEXT(TOO_OFTEN), INT(id)),
        err);
}

/* 1: it had no answer, and may be tried once more; 0; -1. */
static int take_anew(struct sq_conn *conn, const struct request_credentials *c,
                     int64_t id, int64_t now_us, struct err *err)
{
    int64_t outcome = 0;
    int too_often;

    if (sq_number(conn, "SELECT outcome FROM request_tries WHERE id = ?",
                  ARGS(INT(id)), &outcome, err) < 0)
        return -1;
    if (outcome != REQUEST_TRY_UNKNOWN)
        return 0;
    too_often = is_too_often(conn, c->request_id, now_us, err);
    if (too_often != 0)
        return too_often < 0 ? -1 : put_off(conn, id, now_us, err);
    return renew(conn, id, now_us, err) < 0 ? -1 : 1;
}

static int take(const struct requests *p, struct sq_conn *conn,
                const struct request_credentials *c, bool again, int64_t now_us,
                int64_t *ret_id, struct err *err)
{
    int64_t version;
    int too_often, found;

    /* Who comes second waits here, and finds the first one's row. */
    found = sq_number(conn,
                      "SELECT version FROM requests WHERE id = ?" DB_FOR_UPDATE,
                      ARGS(INT(c->request_id)), &version, err);
    if (found <= 0)
        return found;
    found = find(p, conn, c, ret_id, err);
    if (found > 0) {
        if (adopt(conn, c, *ret_id, err) < 0 ||
            (again && renew(conn, *ret_id, now_us, err) < 0))
            return -1;
        return again     ? 1
               : c->anew ? take_anew(conn, c, *ret_id, now_us, err)
                         : 0;
    }
    too_often = found < 0 ? -1 : is_too_often(conn, c->request_id, now_us, err);
    if (too_often < 0 ||
        insert(p, conn, c, too_often > 0 && !again, now_us, ret_id, err) < 0)
        return -1;
    return too_often > 0 && !again ? 0 : 1;
}

int requests_take_try(struct requests *p, const struct request_credentials *c,
                      bool again, int64_t now_us, int64_t *ret_id,
                      struct err *err)
{
    struct sq_conn *conn = requests_begin(p, DB_WRITE, err);
    int64_t id = 0;
    int taken;

    if (conn == NULL)
        return -1;
    taken = sq_end(conn, take(p, conn, c, again, now_us, &id, err), err);
    if (taken <= 0)
        return taken;
    step("try");
    *ret_id = id;
    return 1;
}

/* ---- after --------------------------------------------------------------- */

static int write_line(struct sq_conn *conn, const struct roster_actor *who,
                      int64_t request_id, const struct request_try *t,
                      struct err *err)
{
    g_autofree char *subject = request_subject(request_id);
    g_autofree char *detail = g_strconcat(
        names[t->outcome], t->why != NULL ? ": " : "", t->why, NULL);

    return roster_audit_line(
        conn, &(struct audit_line){ who, "request.sign-in", subject, detail },
        err);
}

static int end(struct sq_conn *conn, const struct roster_actor *who,
               const struct request_try *t, struct err *err)
{
    int64_t request_id;
    int found = sq_number(
        conn,
        "UPDATE request_tries SET outcome = ?, cause = ?,"
        " why = ? WHERE id = ? AND outcome = 1"
        " RETURNING request",
        ARGS(INT(t->outcome), TEXT(t->cause), TEXT(t->why), INT(t->id)),
        &request_id, err);

    return found <= 0 ? found : write_line(conn, who, request_id, t, err);
}

int requests_end_try(struct requests *p, const struct roster_actor *who,
                     const struct request_try *t, struct err *err)
{
    /* what they may ask for twice is what follows */
    const struct roster_actor actor = { who->name, who->request, NULL };
    struct sq_conn *conn = requests_begin(p, DB_WRITE, err);

    if (conn == NULL || sq_end(conn, end(conn, &actor, t, err), err) < 0)
        return -1;
    step("tried");
    return 0;
}
