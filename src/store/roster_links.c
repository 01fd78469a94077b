#include "store/roster_links.h"

#include "base/step.h"
#include "store/roster_priv.h"

#define HASH(h) BLOB(h, TOKEN_HASH_BYTES)

static int put_links(struct sq_conn *c, const struct roster_actor *who,
                     const struct links_wish *w, struct err *err)
{
    g_autofree char *subject =
        g_strconcat("contact ", w->mail->recipient, NULL);

    for (size_t i = 0; i < w->n; i++)
        if (sq_run(c,
                   "INSERT INTO links (hash, contact, created_us, expires_us)"
                   " VALUES (?, ?, ?, ?)",
                   ARGS(HASH(w->links[i].hash), INT(w->links[i].contact_id),
                        INT(w->now_us), INT(w->expires_us)),
                   err) < 0)
            return -1;
    if (roster_outbox_put(c, w->mail, 0, w->now_us, err) < 0)
        return -1;
    return roster_audit_line(
        c, &(struct audit_line){ who, "link.send", subject, NULL }, err);
}

int roster_links_add(struct roster *p, const struct roster_actor *who,
                     const struct links_wish *wish, struct err *err)
{
    struct sq_conn *c = roster_begin(p, DB_WRITE, err);

    if (c == NULL || sq_end(c, put_links(c, who, wish, err), err) < 0)
        return -1;
    step("link");
    return 0;
}

static int read_link(struct sq_conn *c, const uint8_t *hash, int64_t now_us,
                     struct link_seen *ret, struct err *err)
{
    struct sq_rows *rows = sq_query(
        c,
        "SELECT k.id, k.account, l.expires_us, k.address, a.name FROM links l"
        " JOIN contacts k ON k.id = l.contact"
        " JOIN accounts a ON a.id = k.account"
        " WHERE l.hash = ? AND l.used_us = 0 AND l.expires_us > ?"
        " AND k.disabled_us = 0",
        ARGS(HASH(hash), INT(now_us)), err);
    g_autofree char *address = NULL, *account = NULL;
    int found = rows == NULL ? -1 : sq_step(c, rows, err);

    if (found <= 0)
        return found;
    address = sq_column_dup(rows, 3);
    account = sq_column_dup(rows, 4);
    ret->contact_id = sq_int64(rows, 0);
    ret->account_id = sq_int64(rows, 1);
    ret->expires_us = sq_int64(rows, 2);
    g_strlcpy(ret->address, address, sizeof(ret->address));
    g_strlcpy(ret->account, account, sizeof(ret->account));
    sq_reset(rows);
    return 1;
}

int roster_link_find(struct roster *p, const uint8_t hash[TOKEN_HASH_BYTES],
                     int64_t now_us, struct link_seen *ret, struct err *err)
{
    struct sq_conn *c = roster_begin(p, DB_READ, err);
    struct link_seen seen = { 0 };
    int found;

    if (c == NULL)
        return -1;
    found = sq_end(c, read_link(c, hash, now_us, &seen, err), err);
    if (found > 0)
        *ret = seen;
    return found;
}

static int use(struct sq_conn *c, const struct roster_actor *who,
               const uint8_t *hash, const struct session_wish *session,
               struct err *err)
{
    struct session_wish wish = *session;
    struct link_seen seen = { 0 };
    int found = read_link(c, hash, session->now_us, &seen, err);

    if (found <= 0)
        return found;
    /* two at once may both have read it: one of them changes the row */
    if (sq_run(c, "UPDATE links SET used_us = ? WHERE hash = ? AND used_us = 0",
               ARGS(INT(session->now_us), HASH(hash)), err) < 0)
        return -1;
    if (sq_changes(c) == 0)
        return 0;
    wish.operator_id = 0;
    wish.contact_id = seen.contact_id;
    return roster_session_write(c, who, &wish, err) < 0 ? -1 : 1;
}

int roster_link_use(struct roster *p, const struct roster_actor *who,
                    const uint8_t hash[TOKEN_HASH_BYTES],
                    const struct session_wish *session, struct err *err)
{
    struct sq_conn *c = roster_begin(p, DB_WRITE, err);
    int used;

    if (c == NULL)
        return -1;
    used = sq_end(c, use(c, who, hash, session, err), err);
    if (used > 0)
        step("link");
    return used;
}
