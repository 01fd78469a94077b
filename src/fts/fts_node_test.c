#include "fts/fts_node.h"

#include "base/check.h"

/* Each key is before the next, and equal to itself alone. */
static void test_keys_are_ordered(void)
{
    static char a[] = "A", b[] = "B";
    static const struct fts_key keys[] = {
        { .id = 0x0037, .type = 0x001F },
        { .id = 0x0037, .type = 0x0102 },
        { .id = 0x1000, .type = 0x0003 },
        { .named = true, .set = { 1 }, .lid = 5, .type = 3 },
        { .named = true, .set = { 1 }, .lid = 5, .type = 4 },
        { .named = true, .set = { 1 }, .lid = 6, .type = 3 },
        { .named = true, .set = { 1 }, .kind = FTS_KIND_NAME, .name = a },
        { .named = true, .set = { 1 }, .kind = FTS_KIND_NAME, .name = b },
        { .named = true, .set = { 1, 1 }, .lid = 5, .type = 3 },
        { .named = true, .set = { 2 }, .lid = 1, .type = 1 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++)
        for (size_t k = 0; k < G_N_ELEMENTS(keys); k++) {
            g_autofree char *name = g_strdup_printf("%zu and %zu", i, k);
            int c = fts_key_compare(&keys[i], &keys[k]);

            CHECK_ROW(name, (c < 0) == (i < k));
            CHECK_ROW(name, (c > 0) == (i > k));
        }
}

/* In any order of adding, also of equal keys: the same digest. */
static void test_order_of_adding(void)
{
    static const struct {
        struct fts_key key;
        const char *value;
    } entries[] = {
        { { .id = 0x3001, .type = 0x001F }, "name" },
        { { .id = 0x3001, .type = 0x001F }, "another name" },
        { { .id = 0x3003, .type = 0x001F }, "" },
        { { .named = true, .lid = 1 }, "x" },
    };
    struct fts_value hasher;
    uint8_t first[FTS_PART_BYTES];

    fts_value_init(&hasher);
    for (size_t start = 0; start < G_N_ELEMENTS(entries); start++) {
        struct fts_node *node = fts_node_new(FTS_IN_RECIPIENT, false);

        for (size_t i = 0; i < G_N_ELEMENTS(entries); i++) {
            size_t k = (start + i * 3) % G_N_ELEMENTS(entries);

            fts_node_add(node, &entries[k].key, false,
                         (const uint8_t *)entries[k].value,
                         strlen(entries[k].value));
        }
        fts_node_close(node, &hasher);
        if (start == 0)
            memcpy(first, node->digest, sizeof(first));
        g_assert_cmpint(memcmp(first, node->digest, sizeof(first)), ==, 0);
        fts_node_free(node);
    }
    fts_value_release(&hasher);
}

/* Between key and value, and between two values, nothing may run over. */
static void test_nothing_runs_over(void)
{
    static const struct {
        const char *name, *a[2], *b[2];
    } rows[] = {
        { "a byte moved", { "ab", "c" }, { "a", "bc" } },
        { "an empty one", { "ab", "" }, { "", "ab" } },
    };
    struct fts_value hasher;

    fts_value_init(&hasher);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        uint8_t digests[2][FTS_PART_BYTES];

        for (int side = 0; side < 2; side++) {
            struct fts_node *node = fts_node_new(FTS_IN_ATTACHMENT, false);

            for (uint16_t k = 0; k < 2; k++) {
                struct fts_key key = { .id = (uint16_t)(0x3700 + k) };
                const char *value = side == 0 ? rows[i].a[k] : rows[i].b[k];

                fts_node_add(node, &key, false, (const uint8_t *)value,
                             strlen(value));
            }
            fts_node_close(node, &hasher);
            memcpy(digests[side], node->digest, FTS_PART_BYTES);
            fts_node_free(node);
        }
        CHECK_ROW(rows[i].name,
                  memcmp(digests[0], digests[1], FTS_PART_BYTES) != 0);
    }
    fts_value_release(&hasher);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/fts/node/keys-are-ordered", test_keys_are_ordered);
    g_test_add_func("/fts/node/order-of-adding", test_order_of_adding);
    g_test_add_func("/fts/node/nothing-runs-over", test_nothing_runs_over);
    return g_test_run();
}
