#include "store/requests_priv.h"

#define HASH(h) BLOB(h, TOKEN_HASH_BYTES)

/* The roles are those of now: who lost them meanwhile opens nothing. */
static enum request_link_fate fate_of(struct sq_rows *rows, int64_t now_us)
{
    if (sq_int64(rows, 5) != 0)
        return REQUEST_LINK_USED;
    if (sq_int64(rows, 3) <= now_us)
        return REQUEST_LINK_EXPIRED;
    if (sq_is_null(rows, 4) || (sq_int64(rows, 4) & CONTACT_MAY_ASK) == 0)
        return REQUEST_LINK_FORMER;
    return REQUEST_LINK_GOOD;
}

static int read_fate(struct sq_conn *c, const uint8_t *hash, int64_t now_us,
                     struct request_link *ret, enum request_link_fate *ret_fate,
                     struct err *err)
{
    struct sq_rows *rows =
        sq_query(c,
                 "SELECT l.purpose, l.request, l.contact, l.expires_us,"
                 " (SELECT k.roles FROM contacts k JOIN requests r"
                 "  ON r.id = l.request AND r.account = k.account"
                 "  WHERE k.id = l.contact AND k.disabled_us = 0), l.used_us"
                 " FROM request_links l WHERE l.hash = ?",
                 ARGS(HASH(hash)), err);
    int found = rows == NULL ? -1 : sq_step(c, rows, err);
    unsigned int purpose;

    *ret_fate = REQUEST_LINK_NONE;
    if (found <= 0)
        return found;
    found = sq_column_enum(c, rows, 0, &purpose, REQUEST_N_PURPOSES, err);
    if (found == 0) {
        *ret_fate = fate_of(rows, now_us);
        *ret = (struct request_link){ (enum request_purpose)purpose,
                                      sq_int64(rows, 1), sq_int64(rows, 2),
                                      sq_int64(rows, 3) };
    }
    sq_reset(rows);
    return found;
}

static int find(struct sq_conn *c, const uint8_t *hash, int64_t now_us,
                struct request_link *ret, struct err *err)
{
    enum request_link_fate fate;

    if (read_fate(c, hash, now_us, ret, &fate, err) < 0)
        return -1;
    return fate == REQUEST_LINK_GOOD;
}

int requests_link_fate(struct requests *p, const uint8_t hash[TOKEN_HASH_BYTES],
                       int64_t now_us, struct request_link *ret,
                       enum request_link_fate *ret_fate, struct err *err)
{
    struct sq_conn *c = requests_begin(p, DB_READ, err);
    struct request_link link = { 0 };
    enum request_link_fate fate;

    if (c == NULL ||
        sq_end(c, read_fate(c, hash, now_us, &link, &fate, err), err) < 0)
        return -1;
    *ret = link;
    *ret_fate = fate;
    return 0;
}

int requests_use_link(struct sq_conn *c, const struct request_step *step,
                      struct err *err)
{
    struct request_link link = { 0 };
    int found = find(c, step->used_link, step->now_us, &link, err);

    if (found <= 0)
        return found;
    if (link.request_id != step->request_id)
        return 0;
    /* two at once may both have read it: one of them changes the row */
    if (sq_run(c,
               "UPDATE request_links SET used_us = ? WHERE hash = ?"
               " AND used_us = 0",
               ARGS(INT(step->now_us), HASH(step->used_link)), err) < 0)
        return -1;
    return sq_changes(c) > 0;
}

int requests_put_links(struct sq_conn *c, const struct request_step *step,
                       struct err *err)
{
    for (size_t i = 0; i < step->n_links; i++) {
        const struct request_new_link *l = &step->links[i];

        if (sq_run(c,
                   "INSERT INTO request_links (hash, request, contact, purpose,"
                   " created_us, expires_us) VALUES (?, ?, ?, ?, ?, ?)",
                   ARGS(HASH(l->hash), INT(step->request_id),
                        INT(l->contact_id), INT(l->purpose), INT(step->now_us),
                        INT(l->expires_us)),
                   err) < 0)
            return -1;
    }
    return 0;
}
