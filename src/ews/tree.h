/*
 * tree - put folders into the order that endpoint.h promises.  Pure.
 */
#ifndef EWS_TREE_H
#define EWS_TREE_H

#include <glib.h>

#include "endpoint/endpoint.h"

/*
 * Order folders (array of struct endpoint_folder *, owned, in the server's
 * order) so that parents come before children.  One whose parent is not
 * there hangs on the root from now on (EWS-QUIRKS 14), so that nothing is
 * lost, whatever the server sent: circles too.
 */
void tree_order(GPtrArray *folders, const char *root_id);

#endif
