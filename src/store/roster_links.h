/*
 * roster_links - how contacts get in: links that work once, and the mail that
 * takes them there.
 *
 * A link is stored hashed (base/token.h).  Its mail waits in the outbox in the
 * same transaction: neither is there without the other.
 */
#ifndef STORE_ROSTER_LINKS_H
#define STORE_ROSTER_LINKS_H

#include "store/outbox.h"
#include "store/roster_accounts.h"

/* ---- links ------------------------------------------------------------- */

/* All borrowed. */
struct links_wish {
    const struct roster_link {
        int64_t contact_id;
        uint8_t hash[TOKEN_HASH_BYTES];
    } * links;
    size_t n;
    int64_t now_us, expires_us;
    const struct outbox_mail *mail; /* ref, recipient, subject, body */
};
int roster_links_add(struct roster *p, const struct roster_actor *who,
                     const struct links_wish *wish,
                     struct err *err) G_GNUC_WARN_UNUSED_RESULT;

struct link_seen {
    int64_t contact_id, account_id, expires_us;
    char address[ROSTER_NAME_MAX + 1], account[ROSTER_TITLE_MAX + 1];
};
/* 1 and *ret: it would open something at that time; 0; -1. */
int roster_link_find(struct roster *p, const uint8_t hash[TOKEN_HASH_BYTES],
                     int64_t now_us, struct link_seen *ret,
                     struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/*
 * Use it up for a session (whose hash and times are read).  1; 0: it is none,
 * was used, perhaps at this very moment by somebody else, or is too old; -1.
 */
int roster_link_use(struct roster *p, const struct roster_actor *who,
                    const uint8_t hash[TOKEN_HASH_BYTES],
                    const struct session_wish *session,
                    struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
