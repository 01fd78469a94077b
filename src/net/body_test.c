#include "net/body.h"

#include "base/check.h"

/* Everything that is left, by reads of that size. */
static GString *drain(struct body *b, size_t piece)
{
    g_autofree char *buf = g_malloc(piece);
    GString *all = g_string_new(NULL);
    struct err err;
    ssize_t n;

    while ((n = body_read(b, buf, piece, &err)) > 0)
        g_string_append_len(all, buf, n);
    g_assert_cmpint(n, ==, 0);
    return all;
}

static void test_parts_in_order(void)
{
    g_autoptr(blob_pool) pool = blob_pool_new(4096, NULL);
    g_autoptr(blob) large = blob_new(pool);
    g_autoptr(blob) small = blob_from_bytes("payload", 7);
    g_autoptr(blob) empty = blob_from_bytes("", 0);
    g_autofree char *xs = g_strnfill(50000, 'x');
    g_autofree char *want = g_strconcat("<a>payload</a><b>", xs, "</b>", NULL);
    const struct net_part parts[] = {
        { .text = "<a>", .len = 3 },
        { .blob = small },
        { .text = "</a>", .len = 4 },
        { .blob = empty },
        { .text = "", .len = 0 },
        { .text = "<b>", .len = 3 },
        { .blob = large },
        { .text = "</b>", .len = 4 },
    };
    static const size_t pieces[] = { 1, 3, 1000, 16384, 1000000 };
    struct err err;

    /* Half of it lies in the spool file. */
    CHECK_OK(blob_append(large, xs, 50000, &err), &err);
    for (size_t i = 0; i < G_N_ELEMENTS(pieces); i++) {
        struct body b;
        GString *got;

        body_init(&b, parts, G_N_ELEMENTS(parts));
        g_assert_cmpuint(b.size, ==, strlen(want));
        got = drain(&b, pieces[i]);
        g_assert_cmpuint(got->len, ==, strlen(want));
        g_assert_true(memcmp(got->str, want, got->len) == 0);
        g_assert_cmpuint(b.handed, ==, b.size);
        g_string_free(got, TRUE);
    }
}

static void test_no_parts(void)
{
    struct body b;
    GString *got;

    body_init(&b, NULL, 0);
    g_assert_cmpuint(b.size, ==, 0);
    got = drain(&b, 100);
    g_assert_cmpuint(got->len, ==, 0);
    g_assert_false(body_is_out(&b));
    g_string_free(got, TRUE);
}

/* r: four bytes are read; 4: a 401 comes; w: it is rewound. */
static void test_when_it_may_go_again(void)
{
    static const struct {
        const char *name, *events;
        bool out, again;
    } rows[] = {
        { "nothing sent", "", false, true },
        { "some of it sent", "r", true, false },
        { "all of it sent", "rr", true, false },
        { "refused in the handshake, nothing sent", "4", false, true },
        { "sent, refused", "r4", false, true },
        { "refused, then sent", "4r", true, false },
        { "sent, refused, rewound, sent", "r4wr", true, false },
        { "sent, refused, rewound, refused, sent", "r4w4rr", true, false },
    };
    const struct net_part part = { .text = "12345678", .len = 8 };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct body b;
        struct err err;
        char buf[4];

        body_init(&b, &part, 1);
        for (const char *e = rows[i].events; *e != '\0'; e++) {
            if (*e == 'r')
                CHECK_ROW(rows[i].name, body_read(&b, buf, 4, &err) == 4);
            else if (*e == '4')
                body_was_refused(&b);
            else
                CHECK_ROW(rows[i].name, body_rewind(&b));
        }
        CHECK_ROW(rows[i].name, body_is_out(&b) == rows[i].out);
        CHECK_ROW(rows[i].name, body_rewind(&b) == rows[i].again);
        if (!rows[i].again)
            continue;
        CHECK_ROW(rows[i].name, body_read(&b, buf, 4, &err) == 4);
        CHECK_ROW(rows[i].name, memcmp(buf, "1234", 4) == 0);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/body/parts", test_parts_in_order);
    g_test_add_func("/body/no-parts", test_no_parts);
    g_test_add_func("/body/again", test_when_it_may_go_again);
    return g_test_run();
}
