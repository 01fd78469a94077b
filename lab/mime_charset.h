/*
 * mime_charset - texts of a mail, whatever they say of their character set.
 */
#ifndef LAB_MIME_CHARSET_H
#define LAB_MIME_CHARSET_H

#include <stddef.h>
#include <stdint.h>

#include <glib.h>

#define CPID_UTF8  65001
#define CPID_1252  1252
#define CPID_ASCII 20127

/* The name of a code page in MIME; NULL when it has none here. */
const char *mime_charset_name(int32_t cpid);
/* The code page of a character set; 0 when it is unknown. */
int32_t mime_charset_cpid(const char *name);

/*
 * Bytes that claim to be of a character set (NULL: none given) as valid
 * UTF-8, and in *ret_cpid the code page that they turned out to be of: the
 * claim when it holds, else UTF-8, else Windows-1252.  NUL ends no text: it
 * becomes U+FFFD.
 */
char *mime_charset_decode(const uint8_t *data, size_t n, const char *claim,
                          int32_t *ret_cpid);

/*
 * UTF-8 in a code page; NULL when that cannot hold it or is not known.
 * *ret_n: bytes.
 */
char *mime_charset_encode(const char *utf8, int32_t cpid, size_t *ret_n);

#endif
