/*
 * bytes - little-endian numbers and text in and out of streams, messages and
 * the blobs that items carry as property values.
 */
#ifndef LAB_BYTES_H
#define LAB_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

/* At p, where the caller knows that there are as many. */
static inline uint16_t bytes_u16_at(const uint8_t *p)
{
    return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint32_t bytes_u32_at(const uint8_t *p)
{
    return bytes_u16_at(p) | (uint32_t)bytes_u16_at(p + 2) << 16;
}

/* Reading; what asks for more than there is sets `bad` and gets zeros. */
struct bytes_in {
    const uint8_t *at, *end;
    bool bad;
};

/* n bytes, borrowed; NULL when there are fewer. */
const uint8_t *bytes_take(struct bytes_in *in, size_t n);
uint16_t bytes_u16(struct bytes_in *in);
uint32_t bytes_u32(struct bytes_in *in);
size_t bytes_left(const struct bytes_in *in);

void bytes_put16(GByteArray *to, uint32_t v);
void bytes_put32(GByteArray *to, uint32_t v);

/* UTF-16LE without terminator to UTF-8 and back; the caller frees. */
char *bytes_utf16_to_utf8(const uint8_t *units, size_t size);
GByteArray *bytes_utf8_to_utf16(const char *utf8);
/* Windows-1252, likewise; what it cannot hold becomes '?'. */
char *bytes_1252_to_utf8(const uint8_t *text, size_t size);
GByteArray *bytes_utf8_to_1252(const char *utf8);

#endif
