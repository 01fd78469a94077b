#include "xml/base64.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* gcc and clang both turn this into what the machine has (SSE2, NEON). */
typedef uint8_t lanes __attribute__((vector_size(16)));

/* Per lane 0xFF where lo <= c <= hi. */
static inline lanes between(lanes c, uint8_t lo, uint8_t hi)
{
    return (lanes)((lanes)(c - lo) <= (uint8_t)(hi - lo));
}

static bool all_base64(const char *bytes)
{
    lanes c, ok;
    uint64_t half[2];

    memcpy(&c, bytes, sizeof(c));
    ok = between(c, 'A', 'Z') | between(c, 'a', 'z') | between(c, '/', '9') |
         (lanes)(c == (uint8_t)'+') | (lanes)(c == (uint8_t)'=');
    memcpy(half, &ok, sizeof(half));
    return (half[0] & half[1]) == UINT64_MAX;
}

static bool is_base64(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           (c >= '/' && c <= '9') || c == '+' || c == '=';
}

size_t base64_span(const char *bytes, size_t n)
{
    size_t i = 0;

    while (n - i >= sizeof(lanes) && all_base64(bytes + i))
        i += sizeof(lanes);
    while (i < n && is_base64(bytes[i]))
        i++;
    return i;
}

size_t blank_span(const char *bytes, size_t n)
{
    size_t i = 0;

    while (i < n && (bytes[i] == ' ' || bytes[i] == '\t' || bytes[i] == '\r' ||
                     bytes[i] == '\n'))
        i++;
    return i;
}
