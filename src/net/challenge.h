/*
 * challenge - why a server refuses a token, as it says itself: a challenge
 * after XOAUTH2 or OAUTHBEARER is JSON in base64 (RFC 7628 3.2.2; Microsoft's
 * and Google's XOAUTH2 do the same).
 */
#ifndef NET_CHALLENGE_H
#define NET_CHALLENGE_H

#include <glib.h>

#include "base/secret.h"

/* Of the challenge, in base64: no more is looked at. */
#define CHALLENGE_BYTES_MAX ((size_t)4096)

/*
 * "status 400, schemes Bearer, scope mail": those of them that it has, in
 * printable ASCII, each cut where it is long, and without one that repeats the
 * token.  NULL: it is none, or says nothing.  n bytes; white space around them
 * is passed over.
 */
char *challenge_text(const char *base64, size_t n,
                     const struct secret *token) G_GNUC_MALLOC;

#endif
