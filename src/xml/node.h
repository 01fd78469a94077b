/*
 * node - a document that has been read, walked by plain local names.
 *
 * Namespaces are not looked at: servers and the boxes in front of them choose
 * prefixes and even URIs of their own (EWS-QUIRKS 1).  Everything returned is
 * borrowed from the document unless said otherwise.  A NULL node is walked to
 * NULL, so a path may be written without a test at each step.
 */
#ifndef XML_NODE_H
#define XML_NODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

#include "base/blob.h"

struct xml_doc;
struct xml_node; /* an element */
typedef struct xml_doc xml_doc;

void xml_doc_free(struct xml_doc *doc);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(xml_doc, xml_doc_free)

const struct xml_node *xml_root(const struct xml_doc *doc);

/* Local name. */
const char *xml_name(const struct xml_node *node);
bool xml_is(const struct xml_node *node, const char *name);

/* First child element, of any name; the next element after node. */
const struct xml_node *xml_first(const struct xml_node *node);
const struct xml_node *xml_next(const struct xml_node *node);

/* The same among elements of one name. */
const struct xml_node *xml_child(const struct xml_node *node, const char *name);
const struct xml_node *xml_next_named(const struct xml_node *node,
                                      const char *name);

/* Child of child ...: xml_find(envelope, "Header/ServerVersionInfo"). */
const struct xml_node *xml_find(const struct xml_node *node, const char *path);

/* First element of that name below node, in document order, at any depth. */
const struct xml_node *xml_below(const struct xml_node *node, const char *name);

/* How many child elements. */
size_t xml_count(const struct xml_node *node);

/* Value of an attribute; NULL when it has none. */
const char *xml_attr(const struct xml_node *node, const char *name);

/* Text of an element without child elements; "" for NULL or an empty one. */
const char *xml_text(const struct xml_node *node);
/* xml_text() of a child; NULL when there is no such child. */
const char *xml_child_text(const struct xml_node *node, const char *name);

/*
 * Values as XML Schema writes them, white space around allowed.  False, and
 * nothing touched, for NULL and for anything else.
 */
bool xml_parse_uint(const char *text, uint64_t max, uint64_t *ret);
bool xml_parse_bool(const char *text, bool *ret);
bool xml_parse_time(const char *text, int64_t *ret_us);

/*
 * Take the payload that was cut out of a payload element, sealed; the caller
 * frees it.  NULL when node is no payload element or it was taken before.
 */
struct blob *xml_take_payload(struct xml_doc *doc, const struct xml_node *node);

#endif
