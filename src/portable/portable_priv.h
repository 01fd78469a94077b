/*
 * portable_priv - the item as its own files see it.
 */
#ifndef PORTABLE_PORTABLE_PRIV_H
#define PORTABLE_PORTABLE_PRIV_H

#include <stdatomic.h>

#include "portable/portable.h"

struct property {
    struct portable_label label; /* key owned */
    struct portable_value value; /* owned */
};

/* Whether the item is sealed or not; NULL: it has none of that key. */
struct property *property_find(const struct portable *p, const char *key);
/* Two struct property, for sorting and searching. */
int property_by_key(const void *a, const void *b);

struct exception {
    int64_t original_us;
    struct portable *item;
};

struct portable {
    atomic_uint refs;
    bool sealed, draft;
    enum portable_kind kind;
    char *item_class;
    GArray *properties; /* of struct property; sorted by key once sealed */
    struct blob *mime;
    char *body;
    bool body_html;
    GArray *people;      /* of struct portable_person, strings owned */
    GArray *attachments; /* of struct portable_attachment, all owned */
    bool recurs;
    struct portable_recurrence recurrence;
    bool has_zone[2];
    struct portable_zone zone[2]; /* start, end; id owned */
    GArray *exceptions;           /* of struct exception */
    GArray *deletions;            /* of int64_t */
};

#endif
