/*
 * signon - what the command line says about who may come in: OAuth clients,
 * rights of single accounts, channel binding.
 */
#ifndef LAB_SIGNON_H
#define LAB_SIGNON_H

#include "lab/lab.h"

struct signon_options {
    char **clients;              /* "ID:SECRET" */
    char **impersonate;          /* "ACCOUNT=MAILBOX" or "ACCOUNT=*" */
    char **full_access;          /* the same */
    char **redirect_address;     /* "ADDRESS=ADDRESS": Autodiscover's */
    char **redirect_url;         /* "ADDRESS=URL" */
    int token_lifetime;          /* seconds */
    const char *protection;      /* --extended-protection */
    const char *certificate_pem; /* the server's; NULL without TLS */
};

/*
 * Give lab the redirects, make lab->tokens with its clients (each an account of
 * the store that may impersonate everybody) and change the rights of accounts.
 * An account that is named at all has no others of that kind.
 */
int signon_prepare(struct lab *lab, const struct signon_options *options,
                   struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* "off", "allow" or "require"; -1 and *err for anything else. */
int signon_protection(const char *text, enum auth_protection *ret,
                      struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * The hash that a client binds its answer to this certificate with (RFC 5929
 * tls-server-end-point, [MS-NLMP] MsvAvChannelBindings).  -1 when the text
 * holds no certificate.
 */
int signon_channel_hash(const char *certificate_pem,
                        uint8_t ret[AUTH_CHANNEL_HASH_SIZE]);

/* The account's address behind a client's tokens; to be freed. */
char *signon_client_login(const char *client);

void signon_options_clear(struct signon_options *options);

#define SIGNON_FIELD(base, field)                                              \
    ((base) + offsetof(struct signon_options, field))
#define SIGNON_OPTIONS(base)                                                   \
    { "oauth-client", G_OPTION_ARG_STRING_ARRAY, SIGNON_FIELD(base, clients),  \
      "ID:SECRET",                                                             \
      "an application that gets tokens at /oauth2/token; may be given often; " \
      "offers Bearer" },                                                       \
        { "token-lifetime", G_OPTION_ARG_INT,                                  \
          SIGNON_FIELD(base, token_lifetime), "SECONDS",                       \
          "of a token (3600)" },                                               \
        { "impersonate", G_OPTION_ARG_STRING_ARRAY,                            \
          SIGNON_FIELD(base, impersonate), "ACCOUNT=MAILBOX",                  \
          "whom that account may impersonate, and nobody else; * is "          \
          "everybody; may be given often" },                                   \
        { "full-access", G_OPTION_ARG_STRING_ARRAY,                            \
          SIGNON_FIELD(base, full_access), "ACCOUNT=MAILBOX",                  \
          "the same for full access" },                                        \
        { "redirect-address", G_OPTION_ARG_STRING_ARRAY,                       \
          SIGNON_FIELD(base, redirect_address), "ADDRESS=OTHER",               \
          "Autodiscover sends who asks for ADDRESS (or @DOMAIN) to another" }, \
        { "redirect-url", G_OPTION_ARG_STRING_ARRAY,                           \
          SIGNON_FIELD(base, redirect_url), "ADDRESS=URL",                     \
          "and to another server" },                                           \
    {                                                                          \
        "extended-protection", G_OPTION_ARG_STRING,                            \
            SIGNON_FIELD(base, protection), "HOW",                             \
            "channel binding in NTLM: off, allow or require (off)"             \
    }

#endif
