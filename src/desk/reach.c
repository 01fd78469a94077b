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
    bool refusal;
} rows[] = {
    { "cannot-resolve", "check how the address is spelt", false },
    { "cannot-connect", UP, false },
    { "timeout", UP, false },
    { "connection-lost", UP, false },
    { "EwsAway", UP, false },
    { "tls", CERTIFICATE, false },
    { "tls-untrusted", CERTIFICATE, false },
    { "address-refused",
      "give the address by which the server is reached from the Internet",
      false },
    { "NoEws", OTHER, false },
    { "NoAutodiscover", OTHER, false },
    { "HttpStatus", OTHER, false },
    { "OddAnswer", OTHER, false },
    { "GatewayPage", OTHER, false },
    { "FormsLogin",
      "ask the provider for EWS with Windows (NTLM) or Basic authentication, "
      "without a web form in front",
      false },
    { "NoScheme",
      "ask the provider to switch on Windows (NTLM) or Basic authentication "
      "for EWS",
      false },
    { "Unauthorized", "check the user name and the password", true },
    { "TokenRefused", "check the user name and the password", true },
    { "ErrorAccessDenied", RIGHTS, true },
    { "ErrorImpersonateUserDenied", RIGHTS, true },
    { "ErrorImpersonationDenied", RIGHTS, true },
    { "ErrorNonExistentMailbox", "check how the mail address is spelt", false },
};

const char *reach_remedy(const struct err *err)
{
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        if (g_strcmp0(err->name, rows[i].name) == 0)
            return rows[i].remedy;
    return NULL;
}

bool reach_is_refusal(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        if (g_strcmp0(name, rows[i].name) == 0)
            return rows[i].refusal;
    return false;
}

void reach_found_clear(struct reach_found *f)
{
    g_free(f->host);
    g_free(f->version);
    g_free(f->schemes);
    *f = (struct reach_found){ 0 };
}
