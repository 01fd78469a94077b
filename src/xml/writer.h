/*
 * writer - write XML as a list of parts: text, and blobs where they lie.
 *
 * A payload of any size is put between the tags by reference; nothing of it
 * is copied.  Names are static strings of our own; only values come from
 * outside and are escaped.  Characters that XML 1.0 forbids, and bytes that
 * are not UTF-8, become U+FFFD.
 */
#ifndef XML_WRITER_H
#define XML_WRITER_H

#include <stddef.h>
#include <stdint.h>

#include <glib.h>

#include "base/blob.h"

struct xml_writer;
typedef struct xml_writer xml_writer;

/* A stretch of the document: text when blob is NULL. */
struct xml_part {
    const char *text;
    size_t len;
    const struct blob *blob;
};

/* Begins with the XML declaration. */
struct xml_writer *xml_writer_new(void);
void xml_writer_free(struct xml_writer *w);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(xml_writer, xml_writer_free)

/* Elements close in the order that XML wants: the innermost first. */
void xml_open(struct xml_writer *w, const char *name);
void xml_close(struct xml_writer *w);

/* Right after xml_open().  A NULL value leaves the attribute out. */
void xml_attribute(struct xml_writer *w, const char *name, const char *value);

void xml_chars(struct xml_writer *w, const char *text);

/* The bytes of b, which must be base64 text and outlive the writer. */
void xml_blob(struct xml_writer *w, const struct blob *b);

/* <name>text</name>; NULL text: <name/>. */
void xml_element(struct xml_writer *w, const char *name, const char *text);

/*
 * The whole document, once every element is closed.  Owned by w and valid
 * until it is freed; nothing may be written after this.
 */
const struct xml_part *xml_writer_parts(struct xml_writer *w, size_t *ret_n);

#endif
