#include "fleet/import.h"

#include <malloc.h>
#include <string.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "base/check.h"
#include "fleet/import_testing.h"

/* ---- what stays in memory ---------------------------------------------- */

/* The password, in a form that a search for it does not find. */
static const char hidden[] =
    "VW5taXN0YWthYmxlLUhvcnNlNy9vZi1hLWxlbmd0aC90aGF0LW5vLWFsbG9jYXRvci93cml0ZX"
    "MtaXRzLW93bi9wb2ludGVycy1vdmVyL3RoZS13aG9sZS1vZi1pdA==";

/* Where the heap begins. */
static const char *heap_start(void)
{
    g_autofree char *maps = NULL;
    char *line;

    g_assert_true(g_file_get_contents("/proc/self/maps", &maps, NULL, NULL));
    line = strstr(maps, "[heap]");
    g_assert_nonnull(line);
    while (line > maps && line[-1] != '\n')
        line--;
    return (const char *)(uintptr_t)g_ascii_strtoull(line, NULL, 16);
}

/*
 * How often the bytes stand in the heap, beside where they are given.  Takes
 * no memory itself: that could write over what it looks for.
 */
static size_t count_in_heap(const char *from, const char *what, size_t len)
{
    const char *end = sbrk(0), *at = from;
    size_t n = 0;

    while ((at = memmem(at, (size_t)(end - at), what, len)) != NULL)
        n += at++ != what;
    return n;
}

/* A row that is kept, one that is not, and one that is broken. */
static char *text_with(const char *password)
{
    GString *s = g_string_sized_new(4096); /* growing would leave copies */

    g_string_append(s, IMPORT_HEADER "a@x.y,u,");
    g_string_append(s, password);
    g_string_append(s, ",b@x.y,,,0\nc@x.y,,\"");
    g_string_append(s, password);
    g_string_append(s, "\",d@x.y,,,0\ne@x.y,u,");
    g_string_append(s, password);
    g_string_append(s, ",,f@x.y,,,0\ng@x.y,u,\"");
    g_string_append(s, password);
    g_string_append(s, ",h@x.y,,,0\n");
    return g_string_free(s, FALSE);
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define UNDER_SANITIZER true
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define UNDER_SANITIZER true
#endif
#endif
#ifndef UNDER_SANITIZER
#define UNDER_SANITIZER false
#endif

/* An allocator writes over the ends of what is freed: look at the middle. */
#define MIDDLE 40
#define PIECE  16

static void test_memory(void)
{
    gsize n;
    g_autofree guchar *password = g_base64_decode(hidden, &n);
    const char *piece = (const char *)password + MIDDLE;
    const char *heap;
    char *text, *written;
    import_t *m;

    /* A sanitizer has a heap of its own. */
    if (UNDER_SANITIZER) {
        g_test_skip("the heap is not searched under a sanitizer");
        return;
    }
    /* Meson has what is freed overwritten, which is our task here. */
    mallopt(M_PERTURB, 0);
    heap = heap_start();
    text = text_with((const char *)password);
    g_assert_cmpuint(count_in_heap(heap, piece, PIECE), ==, 4);
    m = import_testing_read(text, &import_testing_nothing);
    g_assert_cmpuint(m->rows->len, ==, 1);
    g_assert_cmpuint(count_in_heap(heap, piece, PIECE), ==, 4 + 1);
    written = import_write(m);
    g_assert_cmpuint(count_in_heap(heap, piece, PIECE), ==, 4 + 1 + 1);
    import_free(m);
    g_assert_cmpuint(count_in_heap(heap, piece, PIECE), ==, 4 + 1);
    secret_wipe(written, strlen(written));
    g_free(written);
    secret_wipe(text, strlen(text));
    g_free(text);
    g_assert_cmpuint(count_in_heap(heap, piece, PIECE), ==, 0);
}

/* ---- limits ------------------------------------------------------------ */

static import_t *read_many(size_t n, const char *format)
{
    GString *s = g_string_new(IMPORT_HEADER);
    import_t *m;

    for (size_t i = 0; i < n; i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        g_string_append_printf(s, format, i, i);
#pragma GCC diagnostic pop
    }
    m = import_read(s->str, s->len, &import_testing_nothing);
    g_string_free(s, TRUE);
    return m;
}

static void test_row_limit(void)
{
    static const char row[] = "a%zu@x.y,,,a%zu@x.y,,,0\n";
    g_autoptr(import_t) most = read_many(IMPORT_MAX_ROWS, row);
    g_autoptr(import_t) more = read_many(IMPORT_MAX_ROWS + 2, row);
    const struct import_fault *f;

    g_assert_cmpuint(most->rows->len, ==, IMPORT_MAX_ROWS);
    g_assert_cmpuint(most->faults->len, ==, 0);
    g_assert_cmpuint(more->rows->len, ==, IMPORT_MAX_ROWS);
    g_assert_cmpuint(more->faults->len, ==, 1);
    f = g_ptr_array_index(more->faults, 0);
    g_assert_cmpstr(import_fault_word(f->kind), ==, "too-many-rows");
    g_assert_cmpuint(f->line, ==, IMPORT_MAX_ROWS + 2);
}

static void test_size_limit(void)
{
    g_autofree char *filler = g_strnfill(IMPORT_MAX_BYTES, '\n');
    GString *s = g_string_new(IMPORT_HEADER "a@x.y,,,a@x.y,,,\n");
    import_t *m;

    g_string_append_len(s, filler, IMPORT_MAX_BYTES - (gssize)s->len);
    m = import_read(s->str, s->len, &import_testing_nothing);
    import_testing_shape("most", m, "kept 2");
    import_free(m);
    g_string_append_c(s, '\n');
    m = import_read(s->str, s->len, &import_testing_nothing);
    import_testing_shape("more", m, "0:0 file-too-big; kept");
    import_free(m);
    g_string_free(s, TRUE);
}

static void test_quote_limit(void)
{
    g_autoptr(import_t) m = read_many(200, "\"a%zu@x.y,,,a%zu@x.y,,,0\n");
    const struct import_fault *last =
        g_ptr_array_index(m->faults, m->faults->len - 1);

    g_assert_cmpuint(m->faults->len, ==, 101);
    g_assert_cmpstr(import_fault_word(last->kind), ==,
                    "too-many-broken-quotes");
    g_assert_cmpuint(last->line, ==, 102);
    g_assert_cmpuint(m->rows->len, ==, 0);
}

/* A file that is too big is refused without being taken into memory. */
static void test_big_file(void)
{
    g_autofree char *path = NULL;
    int fd = g_file_open_tmp("import-XXXXXX", &path, NULL);
    import_t *m = NULL;
    struct err err;

    g_assert_cmpint(ftruncate(fd, 1 << 30), ==, 0);
    CHECK_OK(import_read_file(path, &import_testing_nothing, &m, &err), &err);
    import_testing_shape("1 GiB", m, "0:0 file-too-big; kept");
    import_free(m);
    close(fd);
    g_unlink(path);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/import/memory", test_memory);
    g_test_add_func("/import/row-limit", test_row_limit);
    g_test_add_func("/import/size-limit", test_size_limit);
    g_test_add_func("/import/quote-limit", test_quote_limit);
    g_test_add_func("/import/big-file", test_big_file);
    return g_test_run();
}
