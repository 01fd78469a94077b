/*
 * fts_build - whole items as payloads.  For tests only.
 *
 * What a test of the engine needs: items that differ where they are told to,
 * and what a server does to an item that it takes.
 */
#ifndef FTS_FTS_BUILD_H
#define FTS_FTS_BUILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

#include "base/blob.h"

struct fts_build_recipient {
    const char *name, *address;
    unsigned int type; /* 1 to, 2 cc, 3 bcc; 0 stands for 1 */
};

struct fts_message;

struct fts_build_attachment {
    const char *file_name;
    const void *data; /* or an embedded message: */
    size_t len;
    const struct fts_message *embedded;
};

/* What is NULL or 0 takes a default or is not there.  All borrowed. */
struct fts_message {
    const char *item_class; /* "IPM.Note" */
    const char *subject;
    const char *body; /* plain text */
    const char *html; /* beside it; not derived from it */
    const char *sender_name, *sender_address;
    const char *search_key; /* any text; 16 bytes of its hash are the key */
    const char *message_id;
    int64_t received_us;
    bool read;
    uint32_t importance;
    const char *category; /* a named property, multi-valued */
    uint32_t task_status; /* a named property by number */
    const struct fts_build_recipient *recipients;
    size_t n_recipients;
    const struct fts_build_attachment *attachments;
    size_t n_attachments;
};

/*
 * An item with everything that a struct fts_message can say: two bodies, two
 * recipients, a file ("a.bin", 10 bytes) and an embedded message.
 */
extern const struct fts_message fts_build_specimen;

/* The base64 text; the caller frees. */
char *fts_build(const struct fts_message *m);
/* The property stream alone, for tests that spoil it. */
GByteArray *fts_build_stream(const struct fts_message *m);
/* Records around a stream, as base64; buffer_bytes as fts_write has it. */
char *fts_build_wrap(const GByteArray *stream, size_t buffer_bytes);

/*
 * What a server gives back for the item: its own keys and stamps, properties
 * it computes, everything in another order, strings in other encodings,
 * buffers cut elsewhere.  The content is the same.  Another seed, another
 * way.  payload must be one that fts_build() or this made.
 */
char *fts_build_as_server(const char *payload, size_t len, uint32_t seed);

/* What a server draws out of an item; strings owned. */
struct fts_build_columns {
    char *item_class, *subject, *sender; /* each or NULL */
    char *search_key;                    /* base64, or NULL */
    int64_t received_us;                 /* 0: none */
    bool read;
};
void fts_build_columns(const char *payload, size_t len,
                       struct fts_build_columns *ret);
void fts_build_columns_clear(struct fts_build_columns *c);

#endif
