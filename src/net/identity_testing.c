#include "net/identity_testing.h"

#include <stdio.h>

#include <openssl/pem.h>
#include <openssl/x509v3.h>

static void set_times(X509 *cert, bool expired)
{
    const long day = 24 * 60 * 60;

    X509_gmtime_adj(X509_getm_notBefore(cert), -2 * day);
    X509_gmtime_adj(X509_getm_notAfter(cert), expired ? -day : day);
}

static void set_names(X509 *cert, const char *alternative)
{
    X509_NAME *name = X509_get_subject_name(cert);
    X509_EXTENSION *e =
        X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, alternative);

    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                               (const unsigned char *)"mailferry test", -1, -1,
                               0);
    X509_set_issuer_name(cert, name);
    g_assert_nonnull(e);
    X509_add_ext(cert, e, -1);
    X509_EXTENSION_free(e);
}

void identity_make(struct identity *id, const char *alternative, bool expired)
{
    FILE *f;

    id->key = EVP_EC_gen("P-256");
    id->cert = X509_new();
    g_assert_true(id->key != NULL && id->cert != NULL);
    X509_set_version(id->cert, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(id->cert), 1);
    set_times(id->cert, expired);
    set_names(id->cert, alternative);
    X509_set_pubkey(id->cert, id->key);
    g_assert_cmpint(X509_sign(id->cert, id->key, EVP_sha256()), >, 0);

    id->dir = g_dir_make_tmp("identity-XXXXXX", NULL);
    id->path = g_build_filename(id->dir, "ca.pem", NULL);
    f = fopen(id->path, "we");
    g_assert_nonnull(f);
    g_assert_cmpint(PEM_write_X509(f, id->cert), ==, 1);
    fclose(f);
}

SSL_CTX *identity_context(const struct identity *id)
{
    SSL_CTX *tls = SSL_CTX_new(TLS_server_method());

    g_assert_cmpint(SSL_CTX_use_certificate(tls, id->cert), ==, 1);
    g_assert_cmpint(SSL_CTX_use_PrivateKey(tls, id->key), ==, 1);
    return tls;
}

void identity_clear(struct identity *id)
{
    EVP_PKEY_free(id->key);
    X509_free(id->cert);
    g_assert_cmpint(remove(id->path), ==, 0);
    g_assert_cmpint(remove(id->dir), ==, 0);
    g_free(id->path);
    g_free(id->dir);
}
