/*
 * check - digests of payloads and of streams.  For tests only.
 */
#ifndef FTS_CHECK_H
#define FTS_CHECK_H

#include <string.h>

#include "base/check.h"
#include "fts/fts.h"
#include "fts/fts_build.h"

#define ALL ((1u << FTS_N_PARTS) - 1)

static inline struct blob *blob_of(const char *text)
{
    return blob_from_bytes(text, strlen(text));
}

/* Of a payload's base64 text; one that cannot be read ends the test. */
static inline struct fts_digest digest_of(const char *text)
{
    g_autoptr(blob) b = blob_of(text);
    struct fts_digest digest;
    struct err err;

    CHECK_OK(fts_digest_read(b, &digest, NULL, &err), &err);
    return digest;
}

static inline struct fts_digest digest_of_stream(const GByteArray *stream)
{
    g_autofree char *text = fts_build_wrap(stream, 0);

    return digest_of(text);
}

/* The parts that differ, as bits. */
static inline unsigned int compare(const struct fts_digest *a,
                                   const struct fts_digest *b)
{
    unsigned int parts;

    (void)fts_digest_compare(a, b, &parts);
    return parts;
}

#endif
