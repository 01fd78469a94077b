/*
 * reach - servers of others, as the desk needs them: is there an Exchange, and
 * may somebody sign in there?  This room does not know how; who opens the desk
 * gives it these functions.
 *
 * Both may be asked by any thread, and end within about a minute, whatever the
 * server does: nothing is waited for, and nothing is tried twice.  Addresses in
 * private networks are refused as they are for migrations.
 *
 * Of their errors, name is that of ews/ or net/: "cannot-resolve", "NoEws",
 * "Unauthorized", ...; retry says whether the same may succeed later.
 */
#ifndef DESK_REACH_H
#define DESK_REACH_H

#include <glib.h>

#include "base/err.h"
#include "base/secret.h"

/* All borrowed. */
struct reach_wish {
    const char *url; /* OWA address, as somebody gave it */
    /* A mailbox there: to be opened, or to ask Autodiscover about. */
    const char *address;
    const char *user;        /* NULL: the address */
    struct secret *password; /* NULL: there is none; of find() alone */
};

/* What answers there; all owned. */
struct reach_found {
    char *host;    /* of EWS */
    char *version; /* of OWA, as it tells it; NULL: it does not */
    char *schemes; /* of signing in: "NTLM, Basic"; "none" */
};
void reach_found_clear(struct reach_found *f);
typedef struct reach_found reach_found;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(reach_found, reach_found_clear)

struct reach {
    /*
     * EWS behind the address?  The password goes to its Autodiscover alone,
     * where EWS is not at the usual place.  ret: or NULL.
     */
    int (*find)(void *data, const struct reach_wish *w, struct reach_found *ret,
                struct err *err);
    /* Does the user sign in, and is the mailbox open to them?  Asked once. */
    int (*sign_in)(void *data, const struct reach_wish *w, struct err *err);
    void *data;
};

/*
 * What whoever gave the address, user name or password can do about it: a
 * clause; static.  NULL: nothing that they could.
 */
const char *reach_remedy(const struct err *err);
/* What an answer to signing in is about, by the name of its error. */
enum reach_about {
    REACH_SERVER,   /* nothing is known of who signs in */
    REACH_PASSWORD, /* the user or the password is refused */
    REACH_RIGHTS,   /* they are right, and may not open the mailbox */
    REACH_MAILBOX,  /* they are right; there is no such mailbox */
};
enum reach_about reach_about(const char *name);
/* The server was away or busy: another time it may answer. */
bool reach_may_pass(const char *name);
/* The server works, and refuses the user or the password, or its rights. */
bool reach_is_refusal(const char *name);

#endif
