/*
 * imap - one folder of a mailbox on an IMAP server, with libcurl: what lies
 * there, each mail's bytes, and moving it away.
 *
 * A mail is known by its UID, which holds as long as the folder's UIDVALIDITY
 * does (RFC 3501 2.3.1.1): what imap_list() found is asked for under that one
 * alone, and refused once the folder is another.
 *
 * A user signs in by a password, or by a token that an application got for
 * the mailbox (OAUTHBEARER, RFC 7628, or XOAUTH2, what was before it); with a
 * token no other way is tried.
 *
 * TLS is always required and verified (imaps:// or STARTTLS).  Redirects,
 * proxies and .netrc play no part: the server is the operator's.
 */
#ifndef NET_IMAP_H
#define NET_IMAP_H

#include <stdint.h>

#include <glib.h>

#include "base/cancel.h"
#include "base/err.h"
#include "base/secret.h"

/* All borrowed. */
struct imap_server {
    const char *url;    /* "imaps://host[:port]", "imap://..." */
    const char *folder; /* "INBOX" */
    const char *user;
    const struct secret *password;
    const struct secret *token; /* in place of the password; or NULL */
    const char *ca_file;        /* PEM, instead of the system's; or NULL */
    uint32_t deadline_ms;       /* of each command */
    struct cancel *cancel;      /* DRAIN ends it; or NULL */
};

/* -1 (ERR_RUN, never) names what is wrong with its URL. */
int imap_check(const char *url, struct err *err) G_GNUC_WARN_UNUSED_RESULT;

struct imap;
typedef struct imap imap;

/* Borrows the server and what it points to.  No traffic yet.  One thread. */
struct imap *imap_new(const struct imap_server *server);
void imap_free(struct imap *m);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(imap, imap_free)

/*
 * The UIDs (uint32_t) of all mails that are not marked as deleted, the oldest
 * first, at most max; the caller unrefs.
 */
int imap_list(struct imap *m, size_t max, GArray **ret,
              struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/*
 * Appends the mail's bytes to `to`, but not more than max: what is past that
 * is read and dropped.  -1: ERR_ITEM, when the server does not give it.
 */
int imap_fetch(struct imap *m, uint32_t uid, size_t max, GByteArray *to,
               struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/*
 * Away into the folder of that name, which is made where it is not there, by
 * MOVE (RFC 6851).  -1: ERR_ITEM, when the server refuses; it may have had an
 * effect when the connection was lost.
 */
int imap_move(struct imap *m, uint32_t uid, const char *folder,
              struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
