/*
 * fts_rule - the one table of what the digest does with which property.
 */
#ifndef FTS_FTS_RULE_H
#define FTS_FTS_RULE_H

#include "fts/fts_priv.h"

/* What an object in the stream is; bits, for the table. */
enum fts_place {
    FTS_IN_MESSAGE = 1 << 0, /* embedded ones too */
    FTS_IN_RECIPIENT = 1 << 1,
    FTS_IN_ATTACHMENT = 1 << 2,
};

struct fts_rule {
    uint16_t id;
    uint8_t places;   /* where the row is valid */
    uint8_t part;     /* of a message's property: enum fts_part */
    const char *out;  /* why it is left out; NULL: it is not */
    const char *name; /* for people */
};

/* The row of a tagged property in that place; NULL when there is none. */
const struct fts_rule *fts_rule_find(uint16_t id, enum fts_place place);

/* The part of the digest that a property of the top message is in. */
enum fts_part fts_rule_part(const struct fts_key *key, enum fts_place place);
/* True: it says nothing about the item. */
bool fts_rule_out(const struct fts_key *key, enum fts_place place);

/*
 * "0x0037001F subject", or "{set} 0x8502", "{set} \"name\"" of a named one.
 * The caller frees.
 */
char *fts_rule_describe(const struct fts_key *key, enum fts_place place);

/*
 * What [MS-OXPROPS] calls a property that has no row above, in words; NULL
 * when nobody knows.
 */
const char *fts_name_find(uint16_t id);

/* For the test that it is in order. */
const struct fts_rule *fts_rule_table(size_t *ret_n);

#endif
