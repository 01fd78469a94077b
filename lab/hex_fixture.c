#include "lab/hex_fixture.h"

#include <stdint.h>
#include <string.h>

GByteArray *hex_bytes(const char *hex)
{
    GByteArray *b = g_byte_array_new();

    for (; hex[0] != '\0'; hex += 2) {
        uint8_t byte = (uint8_t)(g_ascii_xdigit_value(hex[0]) * 16 +
                                 g_ascii_xdigit_value(hex[1]));

        g_byte_array_append(b, &byte, 1);
    }
    return b;
}

bool same_bytes(const GByteArray *a, const GByteArray *b)
{
    return a->len == b->len && memcmp(a->data, b->data, a->len) == 0;
}
