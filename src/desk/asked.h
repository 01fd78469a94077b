/*
 * asked - what a request says, found in what its sender wrote.
 *
 * Labelled lines in any order ("Partner ID: P-1001", a label above its value,
 * the rows of a table), and for the Partner ID, the domain and the OWA URL
 * also a sentence ("our Partner ID is P-1001").  What the support article asks
 * for is what is looked for.  A value that makes no sense is none; where two
 * differ the first stands and the field is among `unclear`: to be asked again.
 */
#ifndef DESK_ASKED_H
#define DESK_ASKED_H

#include <stdbool.h>

#include <glib.h>

#include "base/secret.h"
#include "desk/mail.h"

/* Longest of each, in bytes; a URL's: what Exchange and browsers take. */
#define ASKED_PARTNER_MAX 100
#define ASKED_URL_MAX     2000
#define ASKED_USER_MAX    254
#define ASKED_SECRET_MAX  256

enum asked_field {
    ASKED_PASSWORD,
    ASKED_CREDENTIALS, /* user and password on one line; no value of its own */
    ASKED_USER,        /* of the administrative account */
    ASKED_OWA_URL,
    ASKED_DOMAIN,
    ASKED_PARTNER,
    ASKED_CUTOVER,
    ASKED_START,
    ASKED_N_FIELDS
};
/* "password", "OWA URL", ...; static. */
const char *asked_field_name(enum asked_field field);

struct asked {
    char *partner;
    char *domain;          /* ASCII, lower case */
    char *owa_url;         /* as typed, with a scheme */
    char *start, *cutover; /* "2026-12-01" */
    char *user;
    struct secret *password;
    unsigned int unclear; /* 1 << enum asked_field, or'ed */
    /* Every password that stood there, of struct secret *: to be redacted. */
    GPtrArray *secrets;
};
void asked_clear(struct asked *a);
typedef struct asked asked;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(asked, asked_clear)

/* Of one text in UTF-8.  Fills *ret, which asked_clear() releases. */
void asked_of_text(const char *text, struct asked *ret);

/*
 * Of a mail: its new text; what is not in it from the HTML body, then from
 * what was sent on.
 */
void asked_of_mail(const struct mail *m, struct asked *ret);

/* Does the mail carry a password, in its text or in an import file? */
bool asked_has_secrets(const struct asked *a, const struct mail *m);

#endif
