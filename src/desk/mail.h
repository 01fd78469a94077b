/*
 * mail - what a mail that came in says, as far as a program can tell.
 *
 * Reading never fails: whatever bytes come in, there is a struct mail, and
 * what could not be read of it is among its faults.  Every size has a limit;
 * all texts are UTF-8 without control characters (a body's lines apart).
 *
 * Nothing that a mail says about itself proves anything.  What our own border
 * found out about where it comes from is in `proof`.
 */
#ifndef DESK_MAIL_H
#define DESK_MAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

/* An import file of 10 MB in base64, and as much again of pictures. */
#define MAIL_BYTES_MAX ((size_t)32 * 1024 * 1024)
/* The most of a body that is read; nobody types so much. */
#define MAIL_TEXT_MAX ((size_t)256 * 1024)
/* A subject, a name: RFC 5322, 2.1.1, for a line. */
#define MAIL_LINE_MAX ((size_t)998)
/* The last so many of References. */
#define MAIL_REFERENCES_MAX 50u
#define MAIL_FILES_MAX      20u

enum mail_fault {
    MAIL_TOO_LARGE = 1 << 0,      /* only its header was read */
    MAIL_TOO_MANY_PARTS = 1 << 1, /* the first ones were read */
    MAIL_TOO_DEEP = 1 << 2,       /* parts inside parts were passed over */
    MAIL_NO_SENDER = 1 << 3, /* no From, several, or one that is no address */
    MAIL_TEXT_CUT = 1 << 4,  /* the body goes on */
    MAIL_NO_TEXT = 1 << 5,   /* neither plain text nor HTML */
    MAIL_ENCRYPTED = 1 << 6, /* S/MIME or PGP: it cannot be read */
};

/* What made it.  Only what a person wrote is ever answered. */
enum mail_nature {
    MAIL_PERSONAL,
    MAIL_BOUNCE,    /* told that a mail did not arrive */
    MAIL_AUTOMATIC, /* out of office, a receipt, an answer to an invitation */
    MAIL_LIST,      /* a list, a newsletter */
    MAIL_LOOP,      /* our own, or round for the fiftieth time */
    MAIL_N_NATURES
};
/* "personal", "bounce", ...; static. */
const char *mail_nature_name(enum mail_nature nature);

/* What our border says: did the domain of From send it? (RFC 8601) */
enum mail_proof {
    MAIL_UNPROVEN, /* nobody says so */
    MAIL_PROVEN,
    MAIL_FORGED, /* its domain says that it did not */
    MAIL_N_PROOFS
};
/* "unproven", ...; static. */
const char *mail_proof_name(enum mail_proof proof);

enum mail_file_kind {
    MAIL_FILE_OTHER,
    MAIL_FILE_IMPORT,   /* has an import file's header, or is called CSV */
    MAIL_FILE_ARCHIVE,  /* zip and the like: to be sent unpacked */
    MAIL_FILE_WORKBOOK, /* Excel: to be saved as CSV */
    MAIL_FILE_TNEF,     /* winmail.dat: what is in it did not arrive */
    MAIL_FILE_N_KINDS
};
/* "import file", ...; static. */
const char *mail_file_kind_name(enum mail_file_kind kind);

struct mail_file {
    enum mail_file_kind kind;
    char *name;    /* as it says; "" without one */
    uint64_t size; /* in bytes */
    char sha256[65];
    /*
     * Of an import file alone; NULL: over IMPORT_MAX_BYTES.  Wiped at the end.
     */
    char *bytes;
};

struct mail {
    unsigned int faults; /* enum mail_fault, or'ed */
    char sha256[65];     /* of the bytes that came in */

    char *message_id;      /* without its brackets; NULL: none */
    GPtrArray *references; /* of char *: In-Reply-To first, the nearest next */
    char *from;            /* address in its one form; NULL: MAIL_NO_SENDER */
    char *from_name;       /* or NULL */
    char *reply_to;        /* or NULL */
    char *return_path;     /* "": the null path; NULL: it does not say */
    char *subject;         /* "" without one */
    int64_t request;       /* number in the subject, see tag.h; 0: none */

    enum mail_nature nature;
    const char *nature_why; /* the header that told; static; NULL: personal */
    enum mail_proof proof;

    /* The new text, without what was quoted; "" without one. */
    char *text;
    char *html_text;  /* the same of the HTML body; NULL: none */
    char *forwarded;  /* of a mail that was sent on: what it says; or NULL */
    GPtrArray *files; /* of struct mail_file * */
};
void mail_free(struct mail *m);
typedef struct mail mail_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(mail_t, mail_free)

/* What is known before.  Borrowed. */
struct mail_context {
    /*
     * Of our border, which takes it out of what comes in (RFC 8601, 5); NULL:
     * nobody's findings are believed.
     */
    const char *authserv_id;
    const char *own_address; /* a mail from it is our own; or NULL */
};

/* bytes stay the caller's.  Any thread. */
struct mail *mail_read(const void *bytes, size_t n,
                       const struct mail_context *context);

/*
 * The mail as it is kept when it carried passwords: its header, its new text
 * with each of the secrets taken out, and which files it had.  None of its
 * bodies or files.  secrets: array of struct secret *.
 */
GBytes *mail_redacted(const void *bytes, size_t n, const struct mail *m,
                      const GPtrArray *secrets);

#endif
