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
    const char *user;    /* NULL or empty: the mailbox's address */
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
