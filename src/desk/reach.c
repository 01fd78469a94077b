#include "desk/reach.h"

#include <glib.h>

#define UP "see that the server is up and can be reached from the Internet"
#define CERTIFICATE                                                            \
    "have its provider give it a certificate that the public trusts, with "    \
    "the "                                                                     \
    "whole chain; or use the name that stands in the certificate"
#define OTHER                                                                  \
    "give the address at which users open Outlook on the web; should EWS be "  \
    "at another host, give that one"
#define RIGHTS                                                                 \
    "give the account the right to impersonate, or full access to the "        \
    "mailboxes"

static const struct {
    const char *name, *remedy;
    enum reach_about about;
    bool passes; /* it may be otherwise in an hour */
} rows[] = {
    { "cannot-resolve", "check how the address is spelt", REACH_SERVER },
    { "cannot-connect", UP, REACH_SERVER, true },
    { "timeout", UP, REACH_SERVER, true },
    { "connection-lost", UP, REACH_SERVER, true },
    { "EwsAway", UP, REACH_SERVER, true },
    { "tls", CERTIFICATE, REACH_SERVER },
    { "tls-untrusted", CERTIFICATE, REACH_SERVER },
    { "address-refused",
      "give the address by which the server is reached from the Internet",
      REACH_SERVER },
    { "ErrorServerBusy", NULL, REACH_SERVER, true },
    { "ErrorMailboxStoreUnavailable", NULL, REACH_SERVER, true },
    { "ErrorInternalServerTransientError", NULL, REACH_SERVER, true },
    { "NoEws", OTHER, REACH_SERVER },
    { "NoAutodiscover", OTHER, REACH_SERVER },
    { "HttpStatus", OTHER, REACH_SERVER, true },
    { "OddAnswer", OTHER, REACH_SERVER },
    { "GatewayPage", OTHER, REACH_SERVER },
    { "FormsLogin",
      "ask the provider for EWS with Windows (NTLM) or Basic authentication, "
      "without a web form in front",
      REACH_SERVER },
    { "NoScheme",
      "ask the provider to switch on Windows (NTLM) or Basic authentication "
      "for EWS",
      REACH_SERVER },
    { "Unauthorized", "check the user name and the password", REACH_PASSWORD },
    { "TokenRefused", "check the user name and the password", REACH_PASSWORD },
    { "ErrorAccessDenied", RIGHTS, REACH_RIGHTS },
    { "ErrorImpersonateUserDenied", RIGHTS, REACH_RIGHTS },
    { "ErrorImpersonationDenied", RIGHTS, REACH_RIGHTS },
    { "ErrorNonExistentMailbox", "check how the mail address is spelt",
      REACH_MAILBOX },
};

const char *reach_remedy(const struct err *err)
{
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        if (g_strcmp0(err->name, rows[i].name) == 0)
            return rows[i].remedy;
    return NULL;
}

enum reach_about reach_about(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        if (g_strcmp0(name, rows[i].name) == 0)
            return rows[i].about;
    return REACH_SERVER;
}

bool reach_may_pass(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        if (g_strcmp0(name, rows[i].name) == 0)
            return rows[i].passes;
    return false;
}

bool reach_is_refusal(const char *name)
{
    enum reach_about about = reach_about(name);

    return about == REACH_PASSWORD || about == REACH_RIGHTS;
}

void reach_found_clear(struct reach_found *f)
{
    g_free(f->host);
    g_free(f->version);
    g_free(f->schemes);
    *f = (struct reach_found){ 0 };
}
