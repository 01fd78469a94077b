/*
 * oauth_answer - what a token endpoint says (RFC 6749 5), which may be
 * anything.
 */
#ifndef EWS_OAUTH_ANSWER_H
#define EWS_OAUTH_ANSWER_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/secret.h"

/* Tokens of Microsoft's have 1 to 3 KiB; a header line takes no more. */
#define OAUTH_TOKEN_MAX  ((size_t)16 << 10)
#define OAUTH_ANSWER_MAX ((size_t)64 << 10)

struct oauth_question {
    long status;
    uint32_t retry_after_ms;
    const char *body;
    size_t len;
    const struct secret *secret; /* never to be repeated in an error */
};

struct oauth_answer {
    struct secret *token; /* owned */
    uint32_t seconds;     /* how long it will be good for */
};

/*
 * 0 and a token; or -1: "TokenRefused" (ERR_RETRY_REAUTH) when the endpoint
 * says no in its own words, "OddToken" when it is no answer of a token
 * endpoint, "HttpStatus" (ERR_RETRY_WAIT) when it is busy or broken.
 */
int oauth_answer_read(const struct oauth_question *q, struct oauth_answer *ret,
                      struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
