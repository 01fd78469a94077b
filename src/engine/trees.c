#include "engine/trees.h"

#include <string.h>

static const char *const prefixes[ENDPOINT_N_ROOTS] = {
    [ENDPOINT_ROOT_ARCHIVE] = "%archive",
    [ENDPOINT_ROOT_RECOVERABLE] = "%recoverable",
    [ENDPOINT_ROOT_ARCHIVE_RECOVERABLE] = "%archive-recoverable",
};

const char *tree_prefix(enum endpoint_root root)
{
    return prefixes[root];
}

enum endpoint_root tree_of_path(const char *path)
{
    size_t n = strcspn(path, "/");

    for (enum endpoint_root r = ENDPOINT_ROOT_ARCHIVE; r < ENDPOINT_N_ROOTS;
         r++)
        if (strlen(prefixes[r]) == n && strncmp(path, prefixes[r], n) == 0)
            return r;
    return ENDPOINT_ROOT_MAIN;
}

bool tree_is_recoverable(enum endpoint_root root)
{
    return root == ENDPOINT_ROOT_RECOVERABLE ||
           root == ENDPOINT_ROOT_ARCHIVE_RECOVERABLE;
}

static bool is_of_archive(enum endpoint_root root)
{
    return root == ENDPOINT_ROOT_ARCHIVE ||
           root == ENDPOINT_ROOT_ARCHIVE_RECOVERABLE;
}

bool tree_is_beside(enum endpoint_root a, enum endpoint_root b)
{
    return is_of_archive(a) == is_of_archive(b);
}

int tree_read(struct endpoint *ep, enum endpoint_root root,
              struct endpoint_tree *ret, struct err *err)
{
    g_autofree char *root_id = NULL;

    if (root == ENDPOINT_ROOT_MAIN)
        return endpoint_folders(ep, ret, err) < 0 ? -1 : 1;
    return endpoint_get_tree(ep, root, &root_id, ret, err);
}
