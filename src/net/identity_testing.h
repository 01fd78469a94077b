/*
 * identity_testing - whom a test's server is, over TLS: a key, and a
 * certificate that signs itself.
 */
#ifndef NET_IDENTITY_TESTING_H
#define NET_IDENTITY_TESTING_H

#include <stdbool.h>

#include <glib.h>
#include <openssl/ssl.h>

struct identity {
    EVP_PKEY *key;
    X509 *cert;
    char *dir, *path; /* of the certificate as a CA file */
};

/* alternative: "IP:127.0.0.1", "DNS:elsewhere.example".  Must succeed. */
void identity_make(struct identity *id, const char *alternative, bool expired);
/* A server's context that shows it; the caller frees. */
SSL_CTX *identity_context(const struct identity *id);
void identity_clear(struct identity *id);

#endif
