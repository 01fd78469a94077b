/*
 * fts_priv - the layers below the digest, each pulling from the one above:
 *
 *   fts_b64       base64 text of a blob        -> bytes
 *   fts_envelope  records in those bytes       -> the property stream
 *   fts_reader    markers and properties in it -> tokens and runs of values
 *
 * None holds more than one chunk, whatever the sizes in the stream.  All
 * return 1 for something, 0 for the end, -1 and why.
 */
#ifndef FTS_FTS_PRIV_H
#define FTS_FTS_PRIV_H

#include "fts/fts.h"

/* ---- base64 text to bytes -------------------------------------------- */

/* How much text is decoded at a time: it and its bytes stay in the cache. */
#define FTS_TEXT_MAX  ((size_t)64 << 10)
#define FTS_BYTES_MAX (FTS_TEXT_MAX / 4 * 3)
/* The same for text with white space, which is looked at by character. */
#define FTS_LOOKED_AT_MAX ((size_t)4 << 10)

struct fts_b64 {
    const struct blob *blob;
    uint64_t text_at;  /* offset of the next character to be read */
    uint64_t bytes_at; /* decoded bytes before out[0] */
    uint8_t *out;
    size_t at, have; /* out[at..have) waits to be taken */
    char *raw;       /* text that does not lie in memory; NULL so far */
    char quads[FTS_LOOKED_AT_MAX + 4]; /* text without its white space */
    size_t n_quads;    /* characters left over in it: less than 4 */
    unsigned int pads; /* "=" seen in the last four characters */
    bool ended;        /* padded: nothing but white space may follow */
};

void fts_b64_init(struct fts_b64 *s, const struct blob *base64);
void fts_b64_release(struct fts_b64 *s);
/* When at == have: decode more.  0 at the end of the text. */
int fts_b64_fill(struct fts_b64 *s, struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Decode n characters or fewer from the front, all of them digits, for as long
 * as they come in whole blocks; out has room for n / 4 * 3 bytes.  Returns how
 * many, a multiple of 4: what is left the ordinary way takes.
 */
size_t fts_b64_fast(const char *text, size_t n, uint8_t *out);

/* ---- records --------------------------------------------------------- */

struct fts_envelope {
    struct fts_b64 b64;
    uint32_t left;      /* bytes left of the present transfer buffer */
    bool buffers;       /* there has been one */
    bool strange;       /* a record of a kind that we do not know */
    uint8_t version[6]; /* of the partner (record 4): zero when not told */
};

void fts_envelope_init(struct fts_envelope *e, const struct blob *base64);
void fts_envelope_release(struct fts_envelope *e);
/* Bytes of the payload taken so far. */
uint64_t fts_envelope_at(const struct fts_envelope *e);
/*
 * The next bytes of the property stream that lie together, at most max (not
 * 0); they are good until the next call.  0 at the end of the payload: with
 * bytes left of the present buffer, it breaks off here.
 */
int fts_envelope_run(struct fts_envelope *e, size_t max, const uint8_t **ret,
                     size_t *ret_n, struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* "breaks off", at this place. */
int fts_broken(const struct fts_envelope *e, const char *where,
               struct err *err);

/* ---- types ----------------------------------------------------------- */

#define FTS_TYPE_I4      0x0003
#define FTS_TYPE_BOOLEAN 0x000B
#define FTS_TYPE_STRING8 0x001E
#define FTS_TYPE_STRING  0x001F
#define FTS_TYPE_TIME    0x0040
#define FTS_TYPE_BINARY  0x0102
#define FTS_TYPE_MULTI   0x1000

struct fts_type {
    bool multi;
    uint32_t size;        /* of a value; 0: they say */
    const char *encoding; /* iconv's name; NULL: it is no string */
    uint16_t canonical;   /* strings: FTS_TYPE_STRING, with FTS_TYPE_MULTI */
};
/* False when nobody can say how long such a value is. */
bool fts_type_find(uint16_t type, struct fts_type *ret);
/* Of a string in a code page that we have no table for. */
#define FTS_ENCODING_UNKNOWN ""
#define FTS_ENCODING_UTF16   "UTF-16LE"

/* ---- markers and properties ------------------------------------------ */

/* [MS-OXCFXICS] 2.2.4.1.4: markers are whole tags, and have no value. */
enum fts_marker {
    FTS_NEW_ATTACH = 0x40000003,
    FTS_START_EMBED = 0x40010003,
    FTS_END_EMBED = 0x40020003,
    FTS_START_RECIP = 0x40030003,
    FTS_END_TO_RECIP = 0x40040003,
    FTS_END_ATTACH = 0x400E0003,
    FTS_FX_ERROR_INFO = 0x40180003,
};
/* 2.2.4.1.5: meta-properties look like properties, value and all. */
#define FTS_META_DN_PREFIX   0x4008
#define FTS_META_EC_WARNING  0x400F
#define FTS_META_FX_DEL_PROP 0x4016

/* Longest name of a property that is read; Exchange allows 254 characters. */
#define FTS_NAME_MAX 512

enum fts_kind { FTS_KIND_ID = 0, FTS_KIND_NAME = 1 };

/* What tells one property from another. */
struct fts_key {
    uint16_t id;   /* of a named property: 0; the number is the server's own */
    uint16_t type; /* as it stands in the stream */
    bool named;
    uint8_t kind; /* enum fts_kind */
    uint8_t set[16];
    uint32_t lid;
    char *name; /* UTF-8; of FTS_KIND_NAME */
};

enum fts_token_kind {
    FTS_MARKER,
    FTS_PROPERTY,
    FTS_STRANGE, /* a type whose length we cannot know: no token follows */
};

struct fts_token {
    enum fts_token_kind kind;
    uint32_t tag; /* as it stands in the stream */
    struct fts_key key;
    struct fts_type type; /* of a property's value */
};

struct fts_reader {
    struct fts_envelope envelope;
    struct fts_token token;
    bool strange; /* FTS_STRANGE has been told: only the end is left */
    char name[FTS_NAME_MAX * 2]; /* of the present property, UTF-8 */
    uint32_t values_left;        /* of the present property, after this value */
    uint32_t value_size;         /* of each; 0: they say */
    uint32_t value_left;         /* bytes left of the present value */
};

void fts_reader_init(struct fts_reader *r, const struct blob *base64);
void fts_reader_release(struct fts_reader *r);

/*
 * The next marker or property; what was not read of the last one's values is
 * skipped.  *ret is good until the next call.  0: the stream is whole and at
 * its end.
 */
int fts_reader_next(struct fts_reader *r, const struct fts_token **ret,
                    struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* The next value of the property: one, or each of a multi-valued one. */
int fts_reader_value(struct fts_reader *r, uint32_t *ret_len,
                     struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* A piece of the present value, at most max bytes. */
int fts_reader_run(struct fts_reader *r, size_t max, const uint8_t **ret,
                   size_t *ret_n, struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* Exactly n bytes of the present value, which must have them left. */
int fts_reader_exact(struct fts_reader *r, void *buf, uint32_t n,
                     struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
