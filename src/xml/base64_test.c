#include "xml/base64.h"

#include <string.h>

#include "base/check.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                               "abcdefghijklmnopqrstuvwxyz0123456789+/=";

/* Every byte value at every place of a stretch. */
#define STRETCH 200

static void test_span_stops_at_the_first_other_byte(void)
{
    for (int c = 0; c < 256; c++) {
        bool allowed = c != 0 && strchr(alphabet, c) != NULL;

        for (size_t at = 0; at < STRETCH; at++) {
            char bytes[STRETCH];

            memset(bytes, 'Q', sizeof(bytes));
            bytes[at] = (char)c;
            g_assert_cmpuint(base64_span(bytes, sizeof(bytes)), ==,
                             allowed ? sizeof(bytes) : at);
        }
    }
}

static void test_span_reads_no_further_than_told(void)
{
    for (size_t n = 0; n <= STRETCH; n++) {
        g_autofree char *bytes = g_malloc(n + 1);

        memset(bytes, 'Q', n);
        bytes[n] = '!';
        g_assert_cmpuint(base64_span(bytes, n), ==, n);
        g_assert_cmpuint(base64_span(bytes, n + 1), ==, n);
    }
}

static void test_blank(void)
{
    g_assert_cmpuint(blank_span(" \t\r\nx ", 6), ==, 4);
    g_assert_cmpuint(blank_span(" \t", 2), ==, 2);
    g_assert_cmpuint(blank_span("\v\f", 2), ==, 0);
    g_assert_cmpuint(blank_span("", 0), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/base64/span", test_span_stops_at_the_first_other_byte);
    g_test_add_func("/base64/bounds", test_span_reads_no_further_than_told);
    g_test_add_func("/base64/blank", test_blank);
    return g_test_run();
}
