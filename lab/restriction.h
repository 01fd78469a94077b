/*
 * restriction - conditions on items and folders: read from a request, and
 * asked of one.  What the paths in it mean is the caller's.
 */
#ifndef LAB_RESTRICTION_H
#define LAB_RESTRICTION_H

#include "lab/problem.h"
#include "lab/soap.h"
#include "lab/value.h"

/* ErrorRestrictionTooLong: "more than 255 nodes". */
#define RESTRICTION_NODES_MAX 255

enum restriction_op {
    RESTRICT_AND,
    RESTRICT_OR,
    RESTRICT_NOT,
    RESTRICT_EXISTS,
    RESTRICT_EQUAL,
    RESTRICT_NOT_EQUAL,
    RESTRICT_GREATER,
    RESTRICT_GREATER_EQUAL,
    RESTRICT_LESS,
    RESTRICT_LESS_EQUAL,
    RESTRICT_CONTAINS,
    RESTRICT_EXCLUDES,
};

/* What a path is to those who ask. */
struct restriction_path {
    enum value_kind kind;      /* of its values; constants must be of it */
    bool flag;                 /* part of another property: cannot "exist" */
    const char *const *values; /* texts of an enumeration's; NULL: none */
    void *data;                /* the caller's */
};

struct restriction_paths {
    /* Read a FieldURI, IndexedFieldURI or ExtendedFieldURI.  -1 and p. */
    int (*read)(void *context, const xmlNode *node,
                struct restriction_path *ret, struct problem *p);
    void (*release)(void *data);
    void *context;
};

struct restriction {
    enum restriction_op op;
    struct restriction **children; /* AND, OR: any number; NOT: one */
    size_t n_children;
    struct restriction_path path, other; /* other: on the right, if has_other */
    bool has_other;
    struct value constant;
    enum match_mode mode; /* CONTAINS */
    unsigned int ignore;
    int64_t mask; /* EXCLUDES */
    void (*release)(void *data);
};
void restriction_free(struct restriction *r);
typedef struct restriction restriction;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(restriction, restriction_free)

/*
 * Read a <m:Restriction> (or <t:Restriction>, <t:Condition>).  NULL and a
 * fault: ErrorRestrictionTooLong, ErrorInvalidExcludesRestriction,
 * ErrorInvalidValueForProperty, ErrorInvalidPropertyForExists,
 * ErrorSchemaValidation, or what paths->read says.
 */
struct restriction *restriction_read(const xmlNode *node,
                                     const struct restriction_paths *paths,
                                     struct problem *p);

/* Made in other ways; the path and the constant become its own. */
struct restriction *restriction_new(enum restriction_op op);
void restriction_add(struct restriction *r, struct restriction *child);

/* The value that an object has at a path, into an empty *ret. */
typedef void restriction_value_fn(void *object,
                                  const struct restriction_path *path,
                                  struct value *ret);
bool restriction_match(const struct restriction *r, void *object,
                       restriction_value_fn *value);

#endif
