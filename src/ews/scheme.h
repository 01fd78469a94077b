/*
 * scheme - ask a server, without a credential, how it wants us to sign in.
 */
#ifndef EWS_SCHEME_H
#define EWS_SCHEME_H

#include "base/cancel.h"
#include "base/err.h"
#include "ews/transport.h"

/*
 * POST nothing to url, without a credential: whatever it answers.  As
 * net_perform(); *ret must be cleared.
 */
int scheme_probe(const struct ews_transport *t, const char *url,
                 struct cancel *stop, struct net_response *ret,
                 struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* Why an answer other than 401 is not EWS's: "FormsLogin" or "NoEws"; -1. */
int scheme_not_ews(const struct net_response *r, const char *url,
                   struct err *err);

/*
 * POST nothing to url.  0 and what its 401 offers (enum net_scheme bits);
 * -1 with "FormsLogin", "NoEws", or what net/ says.
 */
int scheme_ask(const struct ews_transport *t, const char *url,
               struct cancel *stop, unsigned int *ret_offered,
               struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * The one to use of those offered: NTLM, which is what Exchange's EWS offers
 * as installed, before Basic.  -1 ("NoScheme") when neither is there.
 */
int scheme_choose(unsigned int offered, enum net_scheme *ret,
                  struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* "NTLM", "Basic", ...; "none" */
const char *scheme_name(enum net_scheme scheme);

#endif
