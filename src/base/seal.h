/*
 * seal - secrets at rest, readable only with the operator's key and only in
 * their place.
 *
 * XChaCha20-Poly1305 (libsodium) with a random nonce.  What is sealed carries
 * the id of its key, and is bound to its table, row and column: moved to
 * another place it does not open.  The form is
 *
 *     version 1 | key id 8 | nonce 24 | ciphertext | tag 16     (bytes)
 *
 * A keyring holds one key that seals and, while values are sealed anew, the
 * one before it, which still opens.  Its text is a line a key, the sealing one
 * first: "mailferry-key-1 BASE64"; lines that begin with # are comments.
 */
#ifndef BASE_SEAL_H
#define BASE_SEAL_H

#include <stddef.h>
#include <stdint.h>

#include <glib.h>

#include "base/err.h"
#include "base/secret.h"

/* Longest secret that is sealed: a mail with a link in it (desk/letter.h). */
#define SEAL_PLAIN_MAX ((size_t)4 * 1024 * 1024)
/* At the beginning of what is sealed: the version and the key's id. */
#define SEAL_HEAD ((size_t)1 + 8)
/* What sealing adds to its length. */
#define SEAL_EXTRA ((size_t)1 + 8 + 24 + 16)
/* A key's id as 16 digits and NUL: it tells keys apart and nothing of them. */
#define SEAL_ID_SIZE 17
/* Keys of a ring. */
#define SEAL_KEYS_MAX 2

struct keyring;
typedef struct keyring keyring;

/* Where a value lies. */
struct seal_place {
    const char *table, *column;
    const char *row; /* its key, as text */
};

/* One new key.  Aborts when the system has no random numbers. */
struct keyring *keyring_new(void);

/*
 * Read its text.  -1: not one to two keys, or not such lines; the text of the
 * error holds nothing of them.
 */
int keyring_read(const char *text, size_t n, struct keyring **ret,
                 struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* A new key that seals, the ring's sealing one behind it; older ones go. */
struct keyring *keyring_rotated(const struct keyring *k);

/* The sealing key alone. */
struct keyring *keyring_retired(const struct keyring *k);

/* Wipes the keys. */
void keyring_free(struct keyring *k);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(keyring, keyring_free)

size_t keyring_n(const struct keyring *k);
/* Of the i-th key; 0 is the one that seals. */
void keyring_id(const struct keyring *k, size_t i, char id[SEAL_ID_SIZE]);

/*
 * Another key made of the i-th, for the purpose that what names: the same each
 * time, and nothing of the one follows from the other.  The caller wipes it.
 */
#define KEYRING_DERIVED_BYTES 32
void keyring_derive(const struct keyring *k, size_t i, const char *what,
                    uint8_t ret[KEYRING_DERIVED_BYTES]);

/*
 * A digest of texts under such a key: whoever has it can tell that they are the
 * same again, and nobody else can try what they might be.  Ends with NULL.
 */
#define KEYRING_DIGEST_BYTES 32
void keyring_digest(const struct keyring *k, size_t i, const char *what,
                    const char *const *texts,
                    uint8_t ret[KEYRING_DIGEST_BYTES]);

/* Its text, to be written where only its owner reads it. */
struct secret *keyring_text(const struct keyring *k);

/* Seal n bytes (up to SEAL_PLAIN_MAX); *ret is the caller's. */
int seal_close(const struct keyring *k, const struct seal_place *place,
               const void *plain, size_t n, GBytes **ret,
               struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * -1, name "seal-key" when no key of the ring sealed it, "seal-broken" when
 * it was altered, cut or lies in another place.
 */
int seal_open(const struct keyring *k, const struct seal_place *place,
              const void *sealed, size_t n, struct secret **ret,
              struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Which key sealed it, by the first SEAL_HEAD bytes: -1, name "seal-key", when
 * it is none of the ring; k may be NULL for no ring at all.
 */
int seal_has_key(const struct keyring *k, const void *sealed, size_t n,
                 struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* Whether the ring's sealing key sealed it; false for what is no seal. */
bool seal_is_current(const struct keyring *k, const void *sealed, size_t n);

#endif
