/*
 * import - read the import file: which mailboxes, with whose credentials.
 *
 * Forgiving to read, strict about meaning.  Encoding, delimiter, line ends,
 * quoting, dialect and order of the columns are found out; every fault is
 * reported at once with line, column, what was found and what to do; good
 * rows are kept while bad ones wait for a corrected file.
 *
 * No password is ever part of a fault's text.  The file's text is wiped
 * before import_read() returns; passwords live on in struct secret only.
 */
#ifndef FLEET_IMPORT_H
#define FLEET_IMPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

#include "base/err.h"
#include "base/secret.h"

/* More is no list of mailboxes of one migration; split it. */
#define IMPORT_MAX_ROWS  50000
#define IMPORT_MAX_BYTES (10 * 1024 * 1024)

enum import_side { IMPORT_SOURCE, IMPORT_DESTINATION, IMPORT_N_SIDES };
/* "source", "destination"; static. */
const char *import_side_name(enum import_side side);

/* Whether a side has an administrative account for rows without their own. */
enum import_admin {
    IMPORT_ADMIN_UNKNOWN, /* not said yet: the check is left out */
    IMPORT_ADMIN_NONE,
    IMPORT_ADMIN_GIVEN,
};

/* What a check needs beside the file.  All borrowed; zero: nothing known. */
struct import_context {
    const char *domain; /* both addresses must be in it; NULL: not known */
    /* Owners can be asked: the flag that says so stands for a password. */
    bool ask_owners;
    struct {
        const char *host; /* of the side's URL; NULL: not known */
        enum import_admin admin;
    } sides[IMPORT_N_SIDES];
};

/* Bits of import.left_out: checks that lacked their input and were needed. */
enum import_check {
    IMPORT_CHECK_DOMAIN = 1 << 0,            /* no domain */
    IMPORT_CHECK_SAME_MAILBOX = 1 << 1,      /* a host not known */
    IMPORT_CHECK_SOURCE_ADMIN = 1 << 2,      /* rows without credentials, */
    IMPORT_CHECK_DESTINATION_ADMIN = 1 << 3, /* and admin not known */
};

/* One end of a row. */
struct import_mailbox {
    char *address; /* local part as typed, domain in lower-case ASCII */
    /*
     * The row's own credentials, which win over the side's administrative
     * account; both NULL where the row has none.
     */
    char *user;
    struct secret *password;
};

struct import_row {
    uint32_t line; /* of the file, from 1 */
    struct import_mailbox sides[IMPORT_N_SIDES];
    uint32_t flags; /* enum flags; never an unknown bit */
};
/* Is the owner at that side to give the password, which the row has not? */
bool import_asks_owner(const struct import_row *row, enum import_side side);

/* What is wrong: the word is stable, for --json and for tests. */
/* clang-format off */
#define IMPORT_FAULTS(X)                                                      \
    /* about the whole file: nothing can be kept */                           \
    X(FILE_TOO_BIG,         "file-too-big")                                   \
    X(EMPTY_FILE,           "empty-file")                                     \
    X(NO_HEADER,            "no-header")                                      \
    X(MISSING_COLUMN,       "missing-column")                                 \
    X(REPEATED_COLUMN,      "repeated-column")                                \
    X(BAD_HEADER,           "bad-header")                                     \
    X(NO_ROWS,              "no-rows")                                        \
    /* about its end: what came before stands */                              \
    X(TOO_MANY_ROWS,        "too-many-rows")                                  \
    X(TOO_MANY_QUOTES,      "too-many-broken-quotes")                         \
    /* about a row */                                                         \
    X(BROKEN_QUOTE,         "broken-quote")                                   \
    X(TOO_FEW_FIELDS,       "too-few-fields")                                 \
    X(TOO_MANY_FIELDS,      "too-many-fields")                                \
    X(FIELD_TOO_LONG,       "field-too-long")                                 \
    X(NUL_BYTE,             "nul-byte")                                       \
    X(BAD_CHARACTER,        "bad-character")                                  \
    X(MISSING_ADDRESS,      "missing-address")                                \
    X(BAD_ADDRESS,          "bad-address")                                    \
    X(OTHER_DOMAIN,         "other-domain")                                   \
    X(DUPLICATE,            "duplicate")                                      \
    X(SAME_MAILBOX,         "same-mailbox")                                   \
    X(PLACEHOLDER,          "placeholder")                                    \
    X(USER_WITHOUT_PASSWORD, "user-without-password")                         \
    X(PASSWORD_WITHOUT_USER, "password-without-user")                         \
    X(PADDED_PASSWORD,      "padded-password")                                \
    X(NO_CREDENTIALS,       "no-credentials")                                 \
    X(UNKNOWN_FLAG,         "unknown-flag")                                   \
    /* warnings: the row is kept */                                           \
    X(UNKNOWN_COLUMN,       "unknown-column")                                 \
    X(FLAG_WITHOUT_EFFECT,  "flag-without-effect")
/* clang-format on */

enum import_fault_kind {
#define X(name, word) IMPORT_##name,
    IMPORT_FAULTS(X)
#undef X
};
/* "bad-address", ...; static. */
const char *import_fault_word(enum import_fault_kind kind);

struct import_fault {
    enum import_fault_kind kind;
    bool warning;       /* the row is kept all the same */
    uint32_t line;      /* from 1; 0: the file as a whole */
    uint32_t column;    /* the field's number, from 1; 0: the row as a whole */
    char *name;         /* of the column, as in the header; NULL without one */
    char *text;         /* what was found: lower case, no full stop */
    const char *remedy; /* what to do; static */
};

struct import {
    GPtrArray *rows;   /* of struct import_row *: the good ones, by line */
    GPtrArray *faults; /* of struct import_fault *, by line and column */
    size_t n_rows;     /* seen, blank lines apart: kept + faulty */
    size_t n_errors, n_warnings;
    unsigned int left_out; /* enum import_check */
    const char *encoding;  /* "UTF-8", "UTF-16LE", ...; static */
    char delimiter;        /* ',' ';' '\t'; 0 when no header was found */
};

/* Wipes the passwords that nobody else holds. */
void import_free(struct import *import);
typedef struct import import_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(import_t, import_free)

/*
 * Read n bytes.  Never fails: whatever comes in, every row is either in rows
 * or has at least one error in faults.  bytes stay the caller's, to be wiped.
 */
struct import *import_read(const char *bytes, size_t n,
                           const struct import_context *context);

/*
 * The same for a file; "-" is standard input.  -1 only when it cannot be
 * opened or read: then there is no line to name.
 */
int import_read_file(const char *path, const struct import_context *context,
                     struct import **ret,
                     struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * The template: header and two rows, as in the support article; with
 * passwords, placeholders in angle brackets that import_read() refuses until
 * they are filled in.  Static.
 */
const char *import_template(bool passwords);

/*
 * Write kept rows as an import file (UTF-8, commas, every password in it):
 * for tests and for handing on what was accepted.  secret_wipe() and free it.
 */
char *import_write(const struct import *import);
/*
 * The same without any password, for who looks at it in a spreadsheet: what
 * would be taken for a formula there is none.
 */
char *import_write_bare(const struct import *import);

#endif
