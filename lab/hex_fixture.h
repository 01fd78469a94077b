/*
 * hex_fixture - blobs as documents print them: for test programs only.
 */
#ifndef LAB_HEX_FIXTURE_H
#define LAB_HEX_FIXTURE_H

#include <stdbool.h>

#include <glib.h>

/* Pairs of digits, nothing between them; the caller's. */
GByteArray *hex_bytes(const char *hex);
bool same_bytes(const GByteArray *a, const GByteArray *b);

#endif
