#include "engine/filter.h"

#include <string.h>

#include "base/timestamp.h"
#include "engine/trees.h"

static bool has_any(const char *const *patterns)
{
    return patterns != NULL && patterns[0] != NULL;
}

bool filter_is_open(const struct engine_filter *f)
{
    return f->skip_kinds == 0 && f->since_us == 0 && f->before_us == 0 &&
           f->max_item_bytes == 0 && !has_any(f->folders) &&
           !has_any(f->not_folders);
}

/* ---- folders ------------------------------------------------------------- */

static bool fits(const char *pattern, const char *text)
{
    g_autofree char *small_pattern = g_utf8_casefold(pattern, -1);
    g_autofree char *small = g_utf8_casefold(text, -1);

    return g_pattern_match_simple(small_pattern, small);
}

/* The folder itself, or one above it. */
static bool fits_path(const char *pattern, const char *path, GHashTable *names)
{
    g_autofree char *part = g_strdup(path);
    const char *name;
    char *slash;

    for (;;) {
        name = g_hash_table_lookup(names, part);
        if (fits(pattern, part) || (name != NULL && fits(pattern, name)))
            return true;
        slash = strrchr(part, '/');
        if (slash == NULL)
            return false;
        *slash = '\0';
    }
}

static bool fits_any(const char *const *patterns, const char *path,
                     GHashTable *names)
{
    for (; patterns != NULL && *patterns != NULL; patterns++)
        if (fits_path(*patterns, path, names))
            return true;
    return false;
}

void filter_names_add(GHashTable *names, const char *path,
                      const char *well_known)
{
    if (well_known != NULL)
        g_hash_table_insert(names, (char *)(uintptr_t)path,
                            (char *)(uintptr_t)well_known);
}

GHashTable *filter_names(const GPtrArray *folders)
{
    GHashTable *names = g_hash_table_new(g_str_hash, g_str_equal);

    for (guint i = 0; i < folders->len; i++) {
        const struct store_folder *f = folders->pdata[i];

        if (!f->gone)
            filter_names_add(names, f->path, f->well_known);
    }
    return names;
}

bool filter_skips_folder(const struct engine_filter *f, const char *path,
                         GHashTable *names)
{
    if ((f->skip_trees & 1u << tree_of_path(path)) != 0)
        return true;
    if (has_any(f->folders) && !fits_any(f->folders, path, names))
        return true;
    return fits_any(f->not_folders, path, names);
}

/* ---- items --------------------------------------------------------------- */

static bool is_out_of_time(const struct engine_filter *f, int64_t received_us)
{
    if (received_us == TIMESTAMP_NONE)
        return false;
    return (f->since_us != 0 && received_us < f->since_us) ||
           (f->before_us != 0 && received_us >= f->before_us);
}

bool filter_skips_item(const struct engine_filter *f,
                       const struct filter_item *item)
{
    unsigned int kind = 1u << item_kind_of_class(item->item_class);

    return (f->skip_kinds & kind) != 0 ||
           is_out_of_time(f, item->received_us) ||
           (f->max_item_bytes != 0 && item->size_bytes > f->max_item_bytes);
}
