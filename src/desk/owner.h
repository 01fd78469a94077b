/*
 * owner - a mailbox's owner gives its password on the page behind a link: it
 * is tried at once at the server concerned, and sealed when it works.
 */
#ifndef DESK_OWNER_H
#define DESK_OWNER_H

#include "desk/desk.h"
#include "desk/reach.h"
#include "store/owners.h"

/* Of one link, which its reminder takes over. */
#define OWNER_TRIES 3u

/* ---- who is asked (owner_ask.c) ------------------------------------------ */

/* How an owner who has not given it stands. */
enum owner_standing {
    OWNER_NOT_ASKED, /* they are once the migration is approved */
    OWNER_WAITED_FOR,
    OWNER_TOO_OLD, /* nobody has used the link in its time */
    OWNER_USED_UP, /* the server has refused each try */
    OWNER_N_STANDINGS
};
enum owner_standing owner_standing(const struct owner *o, int64_t now_us);
/* "not asked", "waiting", "expired", "refused"; static. */
const char *owner_standing_name(enum owner_standing standing);

/* What an owner knows the account as, which may be NULL; borrowed from it. */
const char *owner_organisation(const struct roster_account *account);
/*
 * "the server where it is now (mail.old.example)", ..., as far as it is known:
 * who is asked for a password sees for where.  Free it.
 */
char *owner_server(const struct owner *o) G_GNUC_MALLOC;

/* All of a request's migration that are open: array of struct owner *. */
int owner_list(struct desk *d, const struct request *r, GPtrArray **ret,
               struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* A letter with a link that takes the place of any before.  All borrowed. */
struct owner_letter {
    const struct request *request;
    const struct owner *owner;
    enum owner_turn turn;
    const char *account; /* its name, as they know it */
    int64_t now_us;
};
/* As owners_ask(). */
int owner_send(struct desk *d, const struct roster_actor *who,
               const struct owner_letter *l,
               struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Those whose link opens nothing any more get a new one; of one mailbox
 * (mailbox_id not 0) also who has one that works, which then ends.  *ret_n: how
 * many letters, 0 where it was done before by that who->once.  -1, beside
 * others: "wrong-state" (its owners are not asked yet, or not any more; nobody
 * needs a link).
 */
int owner_ask_anew(struct desk *d, const struct roster_actor *who,
                   const struct request *r, int64_t mailbox_id, size_t *ret_n,
                   struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* ---- what they give (owner.c) -------------------------------------------- */

enum owner_outcome {
    OWNER_TAKEN,
    OWNER_REFUSED,   /* by the server: *ret_left tries are left */
    OWNER_NOT_TRIED, /* the server could not be asked: see err; no try less */
    OWNER_TOO_LATE,  /* the link does not work any more */
};

/* All borrowed. */
struct owner_attempt {
    const struct roster_actor *who;
    const uint8_t *hash; /* of the link */
    const char *user;    /* NULL, empty or it: the mailbox's address */
    struct secret *password;
    int64_t now_us;
};

/*
 * Takes as long as the server does (reach.h).  -1: the store failed; err also
 * says why with NOT_TRIED.
 */
int owner_try(struct desk *d, const struct reach *reach,
              const struct owner_attempt *a, enum owner_outcome *ret,
              unsigned int *ret_left,
              struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
