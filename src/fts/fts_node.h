/*
 * fts_node - a message, recipient or attachment while it is being read.
 *
 * A node collects what tells its properties apart, and its children's
 * digests; closing it makes them one digest, whatever order they came in.
 */
#ifndef FTS_FTS_NODE_H
#define FTS_FTS_NODE_H

#include "fts/fts_rule.h"
#include "fts/fts_value.h"

/* One property: its key, with the canonical type, and its canonical value. */
struct fts_entry {
    struct fts_key key; /* name owned */
    uint8_t part;       /* of the message that the node is, or is in */
    bool hashed;        /* the value is a SHA-256 of it */
    uint32_t at, len;   /* of the value in the node's bytes */
};

enum { FTS_CHILD_RECIPIENT, FTS_CHILD_ATTACHMENT, FTS_N_CHILDREN };

struct fts_node {
    enum fts_place place;
    unsigned int lost; /* bits of the parts that cannot be known */
    GArray *entries;   /* of struct fts_entry */
    GByteArray *bytes; /* the values */
    GByteArray *digests[FTS_N_CHILDREN]; /* FTS_PART_BYTES each */
    GPtrArray *kept[FTS_N_CHILDREN];     /* of struct fts_node *; or NULL */
    struct fts_node *embedded;           /* an attachment's, if kept */
    bool has_embedded;
    uint8_t embedded_digest[FTS_PART_BYTES];
    uint8_t digest[FTS_PART_BYTES]; /* of a closed one */
    uint32_t native_body;           /* PidTagNativeBody; 0: not told */
    bool rtf_in_sync;
};

/* keep: closed children stay as nodes, for a comparison. */
struct fts_node *fts_node_new(enum fts_place place, bool keep);
void fts_node_free(struct fts_node *node);

/* Takes key->name.  hashed and value as fts_value_get() gives them. */
void fts_node_add(struct fts_node *node, const struct fts_key *key, bool hashed,
                  const uint8_t *value, size_t len);

/* The end of a recipient or attachment: fills its digest. */
void fts_node_close(struct fts_node *node, struct fts_value *hasher);
/* The end of a message: its vector. */
void fts_node_close_message(struct fts_node *node, struct fts_value *hasher,
                            struct fts_digest *ret);

/* By key, then by value: the canonical order. */
int fts_key_compare(const struct fts_key *a, const struct fts_key *b);

#endif
