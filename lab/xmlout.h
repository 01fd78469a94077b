/*
 * xmlout - write XML as Exchange writes it, into one growing buffer.
 *
 * Element names are ours, with their prefix ("t:FolderId"); text and
 * attribute values come from anywhere and are escaped.  Characters that XML
 * 1.0 cannot hold become '?', invalid UTF-8 likewise.
 */
#ifndef LAB_XMLOUT_H
#define LAB_XMLOUT_H

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

struct timezone_info;

struct xmlout {
    GString *text;
    bool spaced; /* "<a />" as Exchange 2007 closes; else "<a/>" */
    const struct timezone_info *zone; /* whose clock tells; NULL: UTC */
};

void xml_open(struct xmlout *x, const char *name);
void xml_close(struct xmlout *x, const char *name);
void xml_empty(struct xmlout *x, const char *name);

/* A start tag by parts: begin, any number of attr, then end or end_empty. */
void xml_begin(struct xmlout *x, const char *name);
void xml_attr(struct xmlout *x, const char *name, const char *value);
void xml_end(struct xmlout *x);
void xml_end_empty(struct xmlout *x);

/* As it stands: ours, and well formed. */
void xml_raw(struct xmlout *x, const char *markup);

/* Whole elements. */
void xml_text(struct xmlout *x, const char *name, const char *text);
void xml_bool(struct xmlout *x, const char *name, bool value);
void xml_uint(struct xmlout *x, const char *name, uint64_t value);
/*
 * xs:dateTime to the second, in UTC or with the offset of the zone; nothing
 * for TIMESTAMP_NONE.
 */
void xml_time(struct xmlout *x, const char *name, int64_t us);
void xml_base64(struct xmlout *x, const char *name, const void *data,
                size_t len);

/* Escaped text by itself. */
void xml_chars(struct xmlout *x, const char *text);
/* Base64 by itself, encoded in place: payloads are tens of megabytes. */
void xml_base64_chars(struct xmlout *x, const void *data, size_t len);

#endif
