/*
 * sign - signatures that anybody can check who has the public key: Ed25519
 * (libsodium), with a key made of the one that seals (base/seal.h).
 *
 * So there is no other file to keep, and a rotated key signs under a new public
 * key; what the old one signed is still checked with the old public key.
 */
#ifndef BASE_SIGN_H
#define BASE_SIGN_H

#include <stdbool.h>

#include "base/seal.h"

#define SIGN_KEY_BYTES 32
#define SIGN_BYTES     64
/* Both as hexadecimal digits in lower case, with NUL. */
#define SIGN_KEY_SIZE (SIGN_KEY_BYTES * 2 + 1)
#define SIGN_SIZE     (SIGN_BYTES * 2 + 1)

/* The public key that belongs to the i-th of the ring. */
void sign_public(const struct keyring *k, size_t i,
                 uint8_t ret[SIGN_KEY_BYTES]);
/*
 * All public keys, to be published: a line each, the one that signs now first.
 * The caller frees.
 */
char *sign_keys_text(const struct keyring *k) G_GNUC_MALLOC;
/* With the key that seals. */
void sign_make(const struct keyring *k, const void *text, size_t n,
               uint8_t ret[SIGN_BYTES]);
bool sign_check(const uint8_t key[SIGN_KEY_BYTES], const void *text, size_t n,
                const uint8_t signature[SIGN_BYTES]);

/* 2 * n digits and NUL. */
void sign_hex(const uint8_t *bytes, size_t n, char *ret);
/* n bytes of as many digits, in lower case; false: it is something else. */
bool sign_parse(const char *hex, size_t n, uint8_t *ret);

#endif
