/*
 * trees - the trees of a mailbox, as the ledger's paths tell them apart.
 *
 * A path of another tree than the main one begins with that tree's name:
 * "%archive/2017".  No folder's own name can begin so, since a "%" in a name
 * is written as %25.
 */
#ifndef ENGINE_TREES_H
#define ENGINE_TREES_H

#include <stdbool.h>

#include "endpoint/endpoint.h"

/* "%archive", "%recoverable", "%archive-recoverable"; NULL of the main one. */
const char *tree_prefix(enum endpoint_root root);
enum endpoint_root tree_of_path(const char *path);

/* What was deleted: the server's own retention is at work there. */
bool tree_is_recoverable(enum endpoint_root root);

/*
 * May a copy in one tree be moved into the other instead of being sent anew?
 * An archive is a mailbox of its own, whose items have other ways.
 */
bool tree_is_beside(enum endpoint_root a, enum endpoint_root b);

/* All folders of a tree: 1; 0: the mailbox has no such tree; -1. */
int tree_read(struct endpoint *ep, enum endpoint_root root,
              struct endpoint_tree *ret,
              struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
