/*
 * supply - what a contact supplies on the page behind a link or signed in, or
 * an operator for them, in place of a mail.
 *
 * What is wrong with a piece is told, piece by piece, and all others are taken
 * over; so is a file with faulty rows, whose good ones are kept.  The link is
 * used up with the last piece that was missing.
 */
#ifndef DESK_SUPPLY_H
#define DESK_SUPPLY_H

#include "desk/desk.h"

enum supply_field {
    SUPPLY_PARTNER,
    SUPPLY_DOMAIN,
    SUPPLY_OWA_URL,
    SUPPLY_FILE,
    SUPPLY_ADMIN,
    SUPPLY_PASSWORD,
    SUPPLY_START,
    SUPPLY_CUTOVER,
    SUPPLY_N_FIELDS
};
/* "partner", ...: of forms; static. */
const char *supply_field_name(enum supply_field field);

/* The fields by which what is missing can be supplied: 1 << each, or'ed. */
unsigned int supply_fields(const struct complete_list *missing);

/* An OWA URL as it is kept, with a scheme; NULL: it is none.  Free it. */
char *supply_url(const char *text);

/* All borrowed. */
struct supply {
    /* NULL or empty: not given; of FILE its name, of PASSWORD nothing */
    const char *texts[SUPPLY_N_FIELDS];
    const struct secret *password; /* NULL: not given */
    const char *bytes;             /* of the file; NULL: none */
    size_t n;
};

/* What came of it. */
struct supplied {
    struct complete_list missing;       /* now */
    const char *wrong[SUPPLY_N_FIELDS]; /* static; NULL: nothing is */
    struct import *import; /* of the file that counts; owned; NULL: none */
};
void supplied_clear(struct supplied *s);
typedef struct supplied supplied;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(supplied, supplied_clear)

/* Who supplies; all borrowed. */
struct supply_from {
    const struct roster_actor *who;
    const struct roster_account *account; /* the request's */
    const uint8_t *link; /* its hash; NULL: they are signed in */
    bool at_work;        /* as in struct desk_wish */
    const char *writer;  /* as in struct desk_wish */
    int64_t request_id;
    int64_t version; /* as it was seen, else "changed"; 0: whichever it is */
};

/* As it is, before anything is supplied: -1 where it cannot be read. */
int supply_look(struct desk *d, const struct request *r, struct supplied *ret,
                struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * The fields that may be supplied now (1 << each, or'ed).  Where a price was
 * said credentials may be others, and leave it as it is; what it rests on is
 * changed there by who is signed in, until it is approved.
 */
unsigned int supply_open_fields(const struct supply_from *from,
                                const struct request *r);

/*
 * -1: "wrong-state" (there are no such fields) or "changed", as supply_take()
 * would refuse it.
 */
int supply_may(const struct supply_from *from, const struct request *r,
               struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * 1 and *ret; 0: the link is used up; -1, "wrong-state": that is not to be
 * supplied now.  Who is signed in may still change what was quoted; then it is
 * quoted anew.
 */
int supply_take(struct desk *d, const struct supply_from *from,
                const struct supply *s, struct supplied *ret,
                struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Open a request for from->account, which is not asked for its Partner ID.
 * opened_by: the address of a contact of it, who may ask.  1 and *ret_id; 0:
 * nothing was opened, since something is wrong: *ret says what; -1, "taken":
 * the account has one for that domain.  from->request_id and version: 0.
 */
int supply_open(struct desk *d, const struct supply_from *from,
                const char *opened_by, const struct supply *s,
                struct supplied *ret, int64_t *ret_id,
                struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * A file alone, held to the domain and the OWA URL where these are given:
 * ret->import, or what is wrong with it all.  Nothing is kept.
 */
void supply_check_file(const struct supply *s, struct supplied *ret);

#endif
