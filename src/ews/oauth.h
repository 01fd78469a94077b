/*
 * oauth - an application's token: asked for by its client credentials
 * (RFC 6749 4.4), kept in memory, renewed before it ends.
 *
 * One thread asks while the others wait.  A token that the server took once
 * and then refuses is renewed once; one that it never took is not: whoever
 * refuses a fresh token will refuse the next.  What the token endpoint itself
 * refuses (a wrong secret) is never asked for again.
 *
 * The client's secret goes to the host of the token URL, over https, and
 * nowhere else; the token only to where the caller sends it.  Any thread.
 */
#ifndef EWS_OAUTH_H
#define EWS_OAUTH_H

#include <stdbool.h>

#include "base/cancel.h"
#include "base/err.h"
#include "base/secret.h"
#include "ews/ews.h"
#include "ews/governed.h"

struct oauth;
typedef struct oauth oauth;

/*
 * how: whose parts are copied or borrowed as in ews.h; over: the transport to
 * the token endpoint, copied.  -1 (ERR_RUN) when the token URL is not https.
 */
int oauth_new(const struct governed *over, const struct ews_oauth *how,
              struct oauth **ret, struct err *err) G_GNUC_WARN_UNUSED_RESULT;
void oauth_free(struct oauth *o);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(oauth, oauth_free)

const char *oauth_client(const struct oauth *o);

/*
 * A token that will last for a while; the caller owns a reference.  -1: the
 * endpoint refuses ("TokenRefused", ERR_RETRY_REAUTH), answers with something
 * else ("OddToken"), is busy, or could not be reached, as net/ says.
 */
int oauth_token(struct oauth *o, struct secret **ret,
                struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* The server took that token. */
void oauth_accepted(struct oauth *o, const struct secret *token);

/*
 * The server refused that token.  True: oauth_token() will give another one,
 * with which it is worth trying once more.
 */
bool oauth_refused(struct oauth *o, const struct secret *token);

/* The token endpoint refuses the application, and is not asked again. */
bool oauth_is_dead(struct oauth *o);

#endif
