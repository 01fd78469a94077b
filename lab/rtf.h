/*
 * rtf - a body that is kept as compressed RTF, made readable.
 *
 * Outlook keeps bodies in this form, HTML too: inside of RTF, to be taken out
 * again ([MS-OXRTFCP], [MS-OXRTFEX]).  Anything may stand in such a property;
 * nothing in it makes these functions fail, they then give less text.
 */
#ifndef LAB_RTF_H
#define LAB_RTF_H

#include <stddef.h>
#include <stdint.h>

#include <glib.h>

/* What a body may decompress to: as much as an item may be in all. */
#define RTF_BYTES_MAX (64u * 1024 * 1024)

/*
 * PR_RTF_COMPRESSED's value to RTF.  NULL when it has not the form of one;
 * what is cut short gives what is there.
 */
GByteArray *rtf_decompress(const uint8_t *data, size_t len);

enum rtf_origin {
    RTF_IS_RTF,    /* written as such */
    RTF_FROM_TEXT, /* \fromtext */
    RTF_FROM_HTML, /* \fromhtml: HTML is inside */
};
enum rtf_origin rtf_origin(const char *rtf, size_t len);

/*
 * UTF-8, the caller's; lines end in CR LF.  As HTML it is a whole document:
 * the one that was put into the RTF, else paragraphs without their looks.
 */
char *rtf_to_text(const char *rtf, size_t len);
char *rtf_to_html(const char *rtf, size_t len);

#endif
