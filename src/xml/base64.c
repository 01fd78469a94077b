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

/* So many at a time: the answer is drawn together once for all of them. */
#define STRIDE (4 * sizeof(lanes))

/* Bit 0x20 is what tells a lower-case letter from a capital. */
static inline lanes base64_lanes(const char *bytes)
{
    lanes c;

    memcpy(&c, bytes, sizeof(c));
    return between(c | 0x20, 'a', 'z') | between(c, '/', '9') |
           (lanes)(c == (uint8_t)'+') | (lanes)(c == (uint8_t)'=');
}

static bool all_base64(const char *bytes)
{
    lanes ok = base64_lanes(bytes);
    uint64_t half[2];

    for (size_t i = sizeof(lanes); i < STRIDE; i += sizeof(lanes))
        ok &= base64_lanes(bytes + i);
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

    while (n - i >= STRIDE && all_base64(bytes + i))
        i += STRIDE;
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
