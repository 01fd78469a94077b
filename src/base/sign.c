#include "base/sign.h"

#include <string.h>

#include <sodium.h>

#define WHAT "mailferry signing key 1"

G_STATIC_ASSERT(SIGN_KEY_BYTES == crypto_sign_PUBLICKEYBYTES);
G_STATIC_ASSERT(SIGN_BYTES == crypto_sign_BYTES);
G_STATIC_ASSERT(KEYRING_DERIVED_BYTES == crypto_sign_SEEDBYTES);

static void make_pair(const struct keyring *k, size_t i,
                      uint8_t public[SIGN_KEY_BYTES],
                      uint8_t private[crypto_sign_SECRETKEYBYTES])
{
    uint8_t seed[KEYRING_DERIVED_BYTES];

    keyring_derive(k, i, WHAT, seed);
    crypto_sign_seed_keypair(public, private, seed);
    secret_wipe(seed, sizeof(seed));
}

void sign_public(const struct keyring *k, size_t i, uint8_t ret[SIGN_KEY_BYTES])
{
    uint8_t private[crypto_sign_SECRETKEYBYTES];

    make_pair(k, i, ret, private);
    secret_wipe(private, sizeof(private));
}

char *sign_keys_text(const struct keyring *k)
{
    GString *lines = g_string_new(NULL);

    for (size_t i = 0; i < keyring_n(k); i++) {
        uint8_t public[SIGN_KEY_BYTES];
        char hex[SIGN_KEY_SIZE];

        sign_public(k, i, public);
        sign_hex(public, sizeof(public), hex);
        g_string_append_printf(lines, "%s %s\n", hex,
                               i == 0 ? "signs" : "signed before");
    }
    return g_string_free(lines, FALSE);
}

void sign_make(const struct keyring *k, const void *text, size_t n,
               uint8_t ret[SIGN_BYTES])
{
    uint8_t public[SIGN_KEY_BYTES], private[crypto_sign_SECRETKEYBYTES];

    make_pair(k, 0, public, private);
    crypto_sign_detached(ret, NULL, text, n, private);
    secret_wipe(private, sizeof(private));
}

bool sign_check(const uint8_t key[SIGN_KEY_BYTES], const void *text, size_t n,
                const uint8_t signature[SIGN_BYTES])
{
    if (sodium_init() < 0)
        g_error("libsodium cannot be initialised");
    return crypto_sign_verify_detached(signature, text, n, key) == 0;
}

void sign_hex(const uint8_t *bytes, size_t n, char *ret)
{
    sodium_bin2hex(ret, n * 2 + 1, bytes, n);
}

bool sign_parse(const char *hex, size_t n, uint8_t *ret)
{
    size_t len;

    if (strlen(hex) != n * 2 || strspn(hex, "0123456789abcdef") != n * 2)
        return false;
    return sodium_hex2bin(ret, n, hex, n * 2, NULL, &len, NULL) == 0 &&
           len == n;
}
