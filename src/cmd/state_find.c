#include "cmd/state_find.h"

#include <glib.h>

static int search(GPtrArray *found, struct err *err)
{
    g_autoptr(GError) why = NULL;
    g_autoptr(GDir) dir = g_dir_open(".", 0, &why);
    const char *name;

    if (dir == NULL)
        return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                       "current folder cannot be read: %s", why->message);
    while ((name = g_dir_read_name(dir)) != NULL)
        if (g_str_has_suffix(name, ".mailferry"))
            g_ptr_array_add(found, g_strdup(name));
    return 0;
}

int state_find(const struct opt_state *state, const char *import_file,
               char **ret, struct err *err)
{
    g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(g_free);

    if (state->file != NULL || import_file != NULL) {
        *ret = opt_state_path(state, import_file);
        return 0;
    }
    if (search(found, err) < 0)
        return -1;
    if (found->len == 1) {
        *ret = g_ptr_array_steal_index(found, 0);
        return 0;
    }
    if (found->len == 0)
        err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                "there is no state file (*.mailferry) in this folder");
    else
        err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                "there are several state files in this folder: \"%s\", \"%s\""
                "%s",
                (char *)g_ptr_array_index(found, 0),
                (char *)g_ptr_array_index(found, 1),
                found->len > 2 ? ", ..." : "");
    return err_remedy(err, "name the import file, or the state by --state");
}
