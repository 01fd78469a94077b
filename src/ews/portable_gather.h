/*
 * portable_gather - read items whole, by GetItem and GetAttachment: what
 * portable_fetch.c gives out and portable_put.c looks at again.
 */
#ifndef EWS_PORTABLE_GATHER_H
#define EWS_PORTABLE_GATHER_H

#include <stdbool.h>
#include <stddef.h>

#include "ews/mailbox.h"
#include "ews/portable_item.h"

/* Items of one kind, in one request. */
struct gather {
    enum portable_kind kind;
    bool outline;
    const char *const *ids;
    size_t n;
    struct blob_pool *pool; /* NULL: of an outline */
};

/* One of them. */
struct gathered {
    int status; /* 0, or -1 and why */
    struct err why;
    enum portable_kind kind; /* what it is */
    bool other;              /* of another kind than asked: not read */
    struct item_reading item;
};
void gathered_clear(struct gathered *g, size_t n);

/* ret has room for n, all zero; cleared by the caller in every case. */
int gather_items(struct mailbox *mb, const struct gather *what,
                 struct gathered *ret, struct err *err);

/* The kinds of items whose class nobody told; status as in gather_items(). */
int gather_kinds(struct mailbox *mb, const char *const *ids, size_t n,
                 struct gathered *ret, struct err *err);

/*
 * Outlines of n attached items of one kind, by the attachments' ids, in one
 * request.  As gather_items().
 */
int gather_attached(struct mailbox *mb, enum portable_kind kind,
                    const char *const *ids, size_t n, struct gathered *ret,
                    struct err *err);

/*
 * What is attached to an item that travels as MIME is looked at so deep, and
 * so many of them at each place; the rest is left to the MIME.
 */
#define ATTACHED_DEPTH_MAX 3u
#define ATTACHED_MAX       50u

/*
 * Fetch what hangs on it by id (attachments, changed occurrences), hang it
 * in, and seal.  depth: in how many items it lies.  Of what travels as MIME
 * the attached items alone are fetched: one that cannot be read by itself is
 * there without an item.
 */
int gather_rest(struct mailbox *mb, struct item_reading *r, unsigned int depth,
                struct blob_pool *pool, struct err *err);

/*
 * Seal an outline: attachments and occurrences are there by name alone, and
 * the former not at all where MIME names them as it likes.
 */
void gather_outline(struct item_reading *r);

#endif
