/*
 * complete - what a request still lacks, by name: asked for in one mail that
 * lists exactly that.  A pure function of what is known.
 *
 * The support article's list: Partner ID, the customer's domain, the OWA URL,
 * the import file, and administrative credentials if the file lacks the
 * mailboxes' own passwords.  Credentials are asked for by a link only.
 */
#ifndef DESK_COMPLETE_H
#define DESK_COMPLETE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

#include "fleet/import.h"

enum complete_piece {
    COMPLETE_PARTNER,
    COMPLETE_DOMAIN,
    COMPLETE_OWA_URL,
    COMPLETE_OWA_UNREACHABLE, /* it was tried, and no Exchange answered */
    COMPLETE_FILE,
    COMPLETE_FILE_SORT,   /* an archive, a workbook, winmail.dat */
    COMPLETE_FILE_FAULTS, /* rows, or all of it, cannot be used */
    COMPLETE_CREDENTIALS,
    COMPLETE_CREDENTIALS_REFUSED, /* they were tried */
    COMPLETE_DATE,                /* one has two meanings, or two differ */
    COMPLETE_N_PIECES
};

struct complete_rule {
    const char *word; /* "owa-url": stored, told to programs */
    const char *text; /* what is asked for, a sentence for the mail */
};
/* Static. */
const struct complete_rule *complete_rule(enum complete_piece piece);

enum complete_check { COMPLETE_UNTRIED, COMPLETE_GOOD, COMPLETE_BAD };

/* All borrowed. */
struct complete_known {
    const char *partner, *domain, *owa_url; /* NULL: not said */
    enum complete_check owa_check, credentials_check;
    bool has_credentials;      /* user and password of the source */
    unsigned int unclear;      /* 1 << enum asked_field: two values differ */
    unsigned int wrong_files;  /* 1 << enum mail_file_kind: of another sort */
    const struct import *file; /* NULL: there is none yet */
};

struct complete_list {
    unsigned int missing; /* 1 << enum complete_piece, or'ed; 0: all there */
};

struct complete_list complete(const struct complete_known *known);

/*
 * The first mailbox of the source that an administrative account has to open;
 * NULL: there is none.  Borrowed.
 */
const char *complete_for_admin(const struct import *file);

/* Words, a line each, for struct request.missing; "": nothing.  Free it. */
char *complete_words(const struct complete_list *list) G_GNUC_MALLOC;
/* The other way; words that are not known are passed over. */
struct complete_list complete_parse(const char *words);

#endif
