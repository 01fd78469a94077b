/*
 * certificate - what the verification of a migration has found, signed.
 *
 *     {
 *       "certificate": { ... },
 *       "signature": { "algorithm": "Ed25519", "key": "HEX", "value": "HEX" }
 *     }
 *
 * What it says is what the ledger holds, failures with their reasons included:
 * for each mailbox the counts, the verdicts of the last verification, every
 * item that is missing or different, its passes with their times, and a digest
 * over the content digests of all items that were found equal.  It certifies
 * neither more nor less, and whether everything is there is for its reader.
 *
 * Signed is the member "certificate" as canonical JSON (UTF-8, members sorted
 * by their names' bytes, no white space, whole numbers only) behind the line
 * CERTIFICATE_LINE, so that no signature over anything else can stand for it.
 * The file itself has one form, too: whoever changes a byte of it, be it white
 * space, has made something else of it.
 *
 * The key in the file only says which one it is.  Whom it belongs to nobody
 * learns from the file: whoever checks brings the key, from where it was
 * published ("mailferry key show").
 */
#ifndef DESK_CERTIFICATE_H
#define DESK_CERTIFICATE_H

#include "base/sign.h"
#include "store/store.h"

#define CERTIFICATE_LINE "mailferry-certificate-1\n"
/* A migration of 50,000 mailboxes, each with some differences. */
#define CERTIFICATE_MAX ((size_t)512 * 1024 * 1024)

/* What the ledger does not know.  All borrowed, each or NULL. */
struct certificate_about {
    int64_t migration_id;
    int64_t request_id; /* 0: of none */
    const char *partner, *account, *domain;
};

/*
 * The text of the file, as the store has it now; the caller frees.  -1:
 * "not-verified" when a mailbox has never been verified.
 */
int certificate_make(struct store *s, const struct certificate_about *about,
                     const struct keyring *keys, char **ret,
                     struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* What one says in a line; texts owned. */
struct certificate_seen {
    char *domain, *made; /* domain: or NULL */
    uint64_t mailboxes, verified, present, missing, different, failed;
    char key[SIGN_KEY_SIZE]; /* as it says itself */
};
void certificate_seen_clear(struct certificate_seen *c);
typedef struct certificate_seen certificate_seen;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(certificate_seen, certificate_seen_clear)

/*
 * Is it as it was signed, with that key?  -1: "certificate-form" (no
 * certificate, or altered so that it is none any more), "certificate-key"
 * (signed with another key), "certificate-signature" (altered).
 */
int certificate_verify(const char *text, size_t n,
                       const uint8_t key[SIGN_KEY_BYTES],
                       struct certificate_seen *ret,
                       struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Has it the form of one?  -1: "certificate-form".  Who signed it is not asked.
 */
int certificate_check_form(const char *text, size_t n,
                           struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* To be read and printed, of a text of that form; free it. */
char *certificate_html(const char *text) G_GNUC_MALLOC;

#endif
