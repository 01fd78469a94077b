#include "fts/fts_build.h"

#include "base/check.h"

static const struct fts_message item = {
    .item_class = "IPM.Task",
    .subject = "Größe",
    .body = "b",
    .html = "<p>h</p>",
    .sender_name = "A",
    .sender_address = "a@example.com",
    .search_key = "k",
    .received_us = INT64_C(1700000000123456),
    .read = true,
};

/* What a server draws out is there after whatever it did to the item. */
static void test_columns_survive_servers(void)
{
    g_autofree char *text = fts_build(&item), *key = NULL;

    for (uint32_t seed = 0; seed < 20; seed++) {
        struct fts_build_columns c;
        char *next;

        fts_build_columns(text, strlen(text), &c);
        g_assert_cmpstr(c.item_class, ==, "IPM.Task");
        g_assert_cmpstr(c.subject, ==, "Größe");
        g_assert_cmpstr(c.sender, ==, "a@example.com");
        g_assert_cmpint(c.received_us, ==, INT64_C(1700000000123456));
        g_assert_true(c.read);
        if (key == NULL)
            key = g_strdup(c.search_key);
        g_assert_cmpstr(c.search_key, ==, key);
        fts_build_columns_clear(&c);
        next = fts_build_as_server(text, strlen(text), seed);
        g_free(text);
        text = next;
    }
}

static void test_columns_of_nothing(void)
{
    struct fts_message empty = { 0 };
    g_autofree char *text = fts_build(&empty);
    struct fts_build_columns c;

    fts_build_columns(text, strlen(text), &c);
    g_assert_cmpstr(c.item_class, ==, "IPM.Note");
    g_assert_null(c.subject);
    g_assert_null(c.search_key);
    g_assert_cmpint(c.received_us, ==, 0);
    g_assert_false(c.read);
    fts_build_columns_clear(&c);
}

/* Another search key is another key; the same text the same, 16 bytes. */
static void test_search_keys(void)
{
    static const struct {
        const char *a, *b;
        bool same;
    } rows[] = { { "k", "k", true }, { "k", "l", false } };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct fts_message m = { .search_key = rows[i].a };
        g_autofree char *x = fts_build(&m), *y = NULL;
        struct fts_build_columns a, b;
        gsize n;

        m.search_key = rows[i].b;
        m.subject = "not of the key";
        y = fts_build(&m);
        fts_build_columns(x, strlen(x), &a);
        fts_build_columns(y, strlen(y), &b);
        CHECK_ROW(rows[i].b,
                  (strcmp(a.search_key, b.search_key) == 0) == rows[i].same);
        g_free(g_base64_decode(a.search_key, &n));
        CHECK_ROW(rows[i].b, n == 16);
        fts_build_columns_clear(&a);
        fts_build_columns_clear(&b);
    }
}

static void test_a_seed_is_a_way(void)
{
    g_autofree char *text = fts_build(&item);
    g_autofree char *a = fts_build_as_server(text, strlen(text), 1);
    g_autofree char *again = fts_build_as_server(text, strlen(text), 1);
    g_autofree char *b = fts_build_as_server(text, strlen(text), 2);

    g_assert_cmpstr(a, ==, again);
    g_assert_cmpstr(a, !=, b);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/fts/build/columns-survive", test_columns_survive_servers);
    g_test_add_func("/fts/build/columns-of-nothing", test_columns_of_nothing);
    g_test_add_func("/fts/build/search-keys", test_search_keys);
    g_test_add_func("/fts/build/seed", test_a_seed_is_a_way);
    return g_test_run();
}
