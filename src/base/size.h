/*
 * size - how many bytes, for people.
 */
#ifndef BASE_SIZE_H
#define BASE_SIZE_H

#include <stdint.h>

/* "12 bytes", "340 KB", "1.2 GB" (of 10^9 bytes).  The caller frees. */
char *size_text(uint64_t bytes);

#endif
