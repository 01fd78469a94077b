/*
 * fts_write - write a FastTransfer stream, byte by byte.  For tests only.
 *
 * Nothing here knows what a good stream is: tests also need bad ones.  The
 * product never writes a stream; and this shares nothing with what reads.
 */
#ifndef FTS_FTS_WRITE_H
#define FTS_FTS_WRITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

/* Numbers, little-endian. */
void fts_write_u16(GByteArray *to, unsigned int n);
void fts_write_u32(GByteArray *to, uint32_t n);
void fts_write_bytes(GByteArray *to, const void *data, size_t len);

/* A marker; also the tag of a property whose value is written apart. */
#define fts_write_tag fts_write_u32

/* Whole properties: (id, type) and a value. */
void fts_write_i4(GByteArray *to, uint16_t id, uint32_t value);
void fts_write_boolean(GByteArray *to, uint16_t id, bool value);
void fts_write_time(GByteArray *to, uint16_t id, int64_t us);
void fts_write_binary(GByteArray *to, uint16_t id, const void *data,
                      size_t len);
/*
 * type: 0x001F, 0x001E, 0x84B0 (UTF-16) or 0x84E4 (Windows-1252).  nul: with
 * the terminator that a reader must cope without.
 */
void fts_write_string(GByteArray *to, uint16_t id, uint16_t type,
                      const char *utf8, bool nul);

/* The head of a named property; then its value by fts_write_value_*(). */
void fts_write_named_id(GByteArray *to, uint16_t type, const uint8_t set[16],
                        uint32_t lid);
void fts_write_named_name(GByteArray *to, uint16_t type, const uint8_t set[16],
                          const char *name);
void fts_write_value_string(GByteArray *to, uint16_t type, const char *utf8,
                            bool nul);

/*
 * The payload: records around the stream, cut into transfer buffers of
 * buffer_bytes (0: Exchange's usual 31 KiB).  Not base64 yet.
 */
GByteArray *fts_write_payload(const void *stream, size_t len,
                              size_t buffer_bytes);

#endif
