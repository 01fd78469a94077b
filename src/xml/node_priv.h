/* node_priv - what reader and node share: libxml2's tree is ours. */
#ifndef XML_NODE_PRIV_H
#define XML_NODE_PRIV_H

#include <stdbool.h>

#include <glib.h>
#include <libxml/tree.h>

#include "xml/node.h"

struct xml_doc {
    xmlDoc *doc;
    GPtrArray *payloads; /* of struct blob *; NULL once taken */
};

/*
 * The next element in document order below top: into node's children if
 * `down`, else past them.  NULL at the end.
 */
xmlNode *node_after(xmlNode *node, const xmlNode *top, bool down);

#endif
