/*
 * owners - passwords that owners of mailboxes give themselves, by a link that
 * is mailed to them: one row for each side of a mailbox whose password is
 * asked for (struct migration_row.asks).
 *
 * A mailbox is "waiting for credentials" as long as one of its rows is open;
 * its jobs are paused, and go on with the last password that was missing.
 *
 * A link is known by its hash alone.  Each try is taken before it is made, so
 * that as many at a time as there are pages open are no more than are allowed.
 *
 * Errors as in store.h and seal.h.  Any thread.
 */
#ifndef STORE_OWNERS_H
#define STORE_OWNERS_H

#include "base/token.h"
#include "store/migrations.h"
#include "store/outbox.h"

/* Strings owned. */
struct owner {
    int64_t id, migration_id, mailbox_id;
    enum migration_side side;
    char *address;       /* of the mailbox at that side: who is asked */
    char *url;           /* of that side's server */
    int64_t account_id;  /* 0: nobody's */
    int64_t asked_us;    /* 0: not yet */
    int64_t reminded_us; /* 0: not yet */
    int64_t expires_us;
    unsigned int tries; /* that are left */
    int64_t given_us;   /* 0: not yet */
};
void owner_free(struct owner *o);
typedef struct owner owner;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(owner, owner_free)

/* Array of struct owner *, by id: those of a migration that are open. */
int owners_list(struct migrations *p, int64_t migration_id,
                const struct roster_page *page, GPtrArray **ret,
                struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* For the how-manieth time an owner is asked. */
enum owner_turn {
    OWNER_FIRST,
    OWNER_REMINDER, /* its link takes the place of the first one */
    OWNER_ANEW,     /* somebody wants it: time and tries begin again */
    OWNER_N_TURNS
};

/* All borrowed. */
struct owner_ask {
    int64_t id;
    int64_t request_id; /* that the mail is about */
    uint8_t hash[TOKEN_HASH_BYTES];
    enum owner_turn turn;
    int64_t seen_us; /* when they were asked before, as it was read */
    /* A reminder leaves them as they are. */
    int64_t expires_us;
    unsigned int tries;
    int64_t now_us;
    const struct outbox_mail *mail;
};
/* 1; 0: somebody else has asked meanwhile, or it was given; -1. */
int owners_ask(struct migrations *p, const struct roster_actor *who,
               const struct owner_ask *ask,
               struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* Why a link works, or does not. */
enum owner_fate {
    OWNER_GOOD,
    OWNER_GIVEN,
    OWNER_EXPIRED,
    OWNER_SPENT, /* all tries were refused */
    OWNER_NONE,  /* replaced by a reminder's, or never one */
    OWNER_N_FATES
};
/* *ret is filled where it is not NONE. */
int owners_find(struct migrations *p, const uint8_t hash[TOKEN_HASH_BYTES],
                int64_t now_us, struct owner **ret, enum owner_fate *ret_fate,
                struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* One try less: 1; 0: the link does not work (any more); -1. */
int owners_take_try(struct migrations *p, const uint8_t hash[TOKEN_HASH_BYTES],
                    int64_t now_us, struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/*
 * The try is over without a password that works.  counts: the server refused
 * it, which goes onto the trail; else nobody knows, and the try is given back.
 */
int owners_end_try(struct migrations *p, const struct roster_actor *who,
                   const struct owner *o, bool counts,
                   struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/*
 * It works, and is sealed as the mailbox's own.  1; 0: it was given meanwhile;
 * -1.
 */
int owners_give(struct migrations *p, const struct roster_actor *who,
                const struct owner *o, const struct migration_login *login,
                int64_t now_us, struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
