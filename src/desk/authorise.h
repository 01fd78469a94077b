/*
 * authorise - who may do what about a managed migration.
 *
 * The rules of the support article, in one pure function: only the Primary or
 * the Primary Billing Contact on file may ask, because it costs money; a
 * Technical Contact is refused with that reason; who is not on file is told to
 * ask the billing team, and nothing about any account; a Partner ID and a
 * domain that do not belong together are asked for again.
 *
 * What is allowed here never costs anything: a quote is approved by a link
 * that goes to the address on file (store/requests.h).
 */
#ifndef DESK_AUTHORISE_H
#define DESK_AUTHORISE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "desk/mail.h"

enum authorise_verdict {
    AUTHORISE_MAY,           /* Primary or Primary Billing of that account */
    AUTHORISE_NOT_ANSWERED,  /* no person wrote it */
    AUTHORISE_NO_SENDER,     /* it does not say who */
    AUTHORISE_FORGED,        /* not from where it says */
    AUTHORISE_UNKNOWN,       /* nobody on file */
    AUTHORISE_TECHNICAL,     /* on file, and may only look */
    AUTHORISE_WRONG_PAIR,    /* Partner ID and domain do not belong together */
    AUTHORISE_WHICH_ACCOUNT, /* speaks for several, and does not say which */
    AUTHORISE_NOT_THEIRS,    /* about a request of somebody else's account */
    AUTHORISE_N_VERDICTS
};

/* To whom the answer goes. */
enum authorise_to {
    AUTHORISE_TO_NOBODY,
    AUTHORISE_TO_SENDER,
    AUTHORISE_TO_CONTACT, /* the address on file: who did not write it */
};

/* What each verdict means. */
struct authorise_rule {
    const char *word; /* "may", "technical", ...: for the trail and tests */
    enum authorise_to to;
    const char *mail;   /* template that goes out; NULL: none */
    bool tray;          /* an operator looks at it */
    const char *reason; /* in plain words, for trail and operator */
    const char *remedy; /* what to do instead; NULL: nothing */
};
/* Static. */
const struct authorise_rule *authorise_rule(enum authorise_verdict verdict);

/* An account for which the sender's address is on file. */
struct authorise_place {
    int64_t account_id, contact_id;
    const char *partner; /* the account's Partner ID */
    unsigned int roles;  /* 1 << enum contact_role, or'ed */
    bool disabled;
    bool has_domain; /* the domain that was said is one of the account's */
};

/* All borrowed. */
struct authorise_facts {
    enum mail_nature nature;
    enum mail_proof proof;
    bool has_sender;
    const char *partner; /* as said, or NULL */
    const char *domain;  /* likewise */
    /* Of the request that the mail answers to; 0: none, a new one. */
    int64_t request_account_id;
    const struct authorise_place *places;
    size_t n_places;
};

struct authorise_result {
    enum authorise_verdict verdict;
    /* Of MAY, TECHNICAL, FORGED where one is meant; NULL: none.  Borrowed. */
    const struct authorise_place *place;
};

struct authorise_result authorise(const struct authorise_facts *facts);

#endif
