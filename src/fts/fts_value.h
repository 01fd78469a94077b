/*
 * fts_value - a property's value in the one form that is compared.
 *
 * Two servers write one value in different ways: a string as PtypString, or
 * in a code page, with or without its NUL; a Boolean with a stray byte.  The
 * canonical form is the same for all of them: strings are UTF-16LE without
 * the terminator, Booleans one byte, message flags without the bits that a
 * server computes; everything else is what the stream has.  In a
 * multi-valued property each value is followed by its length (u64), and the
 * last by their number.
 */
#ifndef FTS_FTS_VALUE_H
#define FTS_FTS_VALUE_H

#include <openssl/evp.h>

#include "fts/fts_priv.h"

/*
 * Longest canonical form that is kept as it is; of a longer one only the
 * SHA-256 is.  Most properties are below: hashing each alone would cost more
 * than reading it.
 */
#define FTS_INLINE_MAX 256

/* What is kept of a value's beginning, for the summary's text. */
#define FTS_HEAD_MAX 1024

struct fts_value {
    EVP_MD *sha256;
    EVP_MD_CTX *hash;
    uint8_t head[FTS_HEAD_MAX];
    uint64_t len; /* of the canonical form */
    bool hashing; /* it has outgrown head */
    bool unknown; /* a string in a code page that we do not know */
    GIConv iconv; /* the last converter used, and its name */
    const char *encoding;
    uint8_t digest[EVP_MAX_MD_SIZE];
};

void fts_value_init(struct fts_value *v);
void fts_value_release(struct fts_value *v);

/* Read the present property's values from r. */
int fts_value_read(struct fts_value *v, struct fts_reader *r,
                   struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/*
 * What is compared: the form itself or, when it is longer than
 * FTS_INLINE_MAX, its hash (32 bytes; true).  Good until the next read.
 */
bool fts_value_get(struct fts_value *v, const uint8_t **ret, size_t *ret_n);
/* SHA-256 of n bytes. */
void fts_hash(struct fts_value *v, const void *data, size_t n,
              uint8_t ret[EVP_MAX_MD_SIZE]);

#endif
