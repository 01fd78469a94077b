#include "ews/tree.h"

#include <string.h>

#include "base/check.h"

static void free_folder(void *f)
{
    endpoint_folder_free(f);
}

/* "id<parent" for each folder. */
static GPtrArray *folders_of(const char *const *specs)
{
    GPtrArray *all = g_ptr_array_new_with_free_func(free_folder);

    for (; *specs != NULL; specs++) {
        struct endpoint_folder *f = g_new0(struct endpoint_folder, 1);
        g_auto(GStrv) parts = g_strsplit(*specs, "<", 2);

        f->id = g_strdup(parts[0]);
        f->parent_id = g_strdup(parts[1]);
        g_ptr_array_add(all, f);
    }
    return all;
}

static char *text_of(const GPtrArray *folders)
{
    GString *s = g_string_new(NULL);

    for (guint i = 0; i < folders->len; i++) {
        const struct endpoint_folder *f = g_ptr_array_index(folders, i);

        g_string_append_printf(s, "%s%s<%s", i > 0 ? " " : "", f->id,
                               f->parent_id);
    }
    return g_string_free(s, FALSE);
}

static void test_order(void)
{
    static const struct {
        const char *name;
        const char *folders[8];
        const char *want;
    } rows[] = {
        { "none", { NULL }, "" },
        { "in order", { "a<R", "b<R", "c<a" }, "a<R b<R c<a" },
        { "children first", { "c<b", "b<a", "a<R" }, "a<R b<a c<b" },
        { "siblings keep their order", { "z<R", "y<R", "x<R" }, "z<R y<R x<R" },
        { "without a parent", { "a<gone", "b<a", "c<R" }, "c<R a<R b<a" },
        { "a circle", { "a<b", "b<a", "c<R" }, "c<R b<R a<b" },
        { "its own parent", { "a<a" }, "a<R" },
        { "a circle with a tail",
          { "t<c", "a<c", "b<a", "c<b" },
          "c<R t<c a<c b<a" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GPtrArray) folders = folders_of(rows[i].folders);
        g_autofree char *got = NULL;

        tree_order(folders, "R");
        got = text_of(folders);
        if (strcmp(got, rows[i].want) != 0)
            g_error("row \"%s\": %s", rows[i].name, got);
    }
}

/* Any parents whatever: nothing lost, and parents before children. */
static void test_any_tree(void)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(3);

    for (int round = 0; round < 300; round++) {
        g_autoptr(GPtrArray) folders =
            g_ptr_array_new_with_free_func(free_folder);
        g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
        int n = g_rand_int_range(rand, 1, 30);

        for (int i = 0; i < n; i++) {
            struct endpoint_folder *f = g_new0(struct endpoint_folder, 1);

            f->id = g_strdup_printf("%d", i);
            f->parent_id =
                g_strdup_printf("%d", g_rand_int_range(rand, -2, n + 2));
            g_ptr_array_add(folders, f);
        }
        tree_order(folders, "-1");
        for (guint i = 0; i < folders->len; i++) {
            const struct endpoint_folder *f = g_ptr_array_index(folders, i);

            g_assert_true(strcmp(f->parent_id, "-1") == 0 ||
                          g_hash_table_contains(seen, f->parent_id));
            g_assert_true(g_hash_table_add(seen, f->id));
        }
        g_assert_cmpuint(g_hash_table_size(seen), ==, (guint)n);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/tree/order", test_order);
    g_test_add_func("/tree/any", test_any_tree);
    return g_test_run();
}
