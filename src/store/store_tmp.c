#include "store/store_tmp.h"

#include <glib/gstdio.h>

#include "base/check.h"

struct store_tmp *store_tmp_new(void)
{
    struct store_tmp *tmp = g_new(struct store_tmp, 1);
    GError *error = NULL;

    tmp->folder = g_dir_make_tmp("mailferry-store-XXXXXX", &error);
    g_assert_no_error(error);
    tmp->path = g_build_filename(tmp->folder, "state.mailferry", NULL);
    return tmp;
}

void store_tmp_free(struct store_tmp *tmp)
{
    GDir *dir = g_dir_open(tmp->folder, 0, NULL);
    const char *name;

    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *path = g_build_filename(tmp->folder, name, NULL);

        g_assert_cmpint(g_remove(path), ==, 0);
    }
    if (dir != NULL)
        g_dir_close(dir);
    g_assert_cmpint(g_rmdir(tmp->folder), ==, 0);
    g_free(tmp->folder);
    g_free(tmp->path);
    g_free(tmp);
}

struct store *store_tmp_open(const struct store_tmp *tmp, enum store_mode mode)
{
    struct store *s = NULL;
    struct err err;

    CHECK_OK(store_open_sqlite(tmp->path, mode, &s, &err), &err);
    return s;
}
