/*
 * base64 - how far a stretch of bytes is base64 text.
 */
#ifndef XML_BASE64_H
#define XML_BASE64_H

#include <stddef.h>

/*
 * The number of leading bytes that are of base64's alphabet ("=" included).
 * Gigabytes pass through here: it looks at 16 bytes a step.
 */
size_t base64_span(const char *bytes, size_t n);

/* The number of leading bytes that are XML white space. */
size_t blank_span(const char *bytes, size_t n);

#endif
