/*
 * reader_oracle - what a document means, by libxml2's ordinary parser given
 * the whole of it at once.  For the reader's test and fuzz target only.
 */
#ifndef XML_READER_ORACLE_H
#define XML_READER_ORACLE_H

#include <stddef.h>

#include "xml/node.h"

/*
 * Names, attributes, texts and payloads (white space left out) of a document
 * in one line; NULL when the parser refuses it.  The caller frees.
 */
char *oracle_dump_text(const char *bytes, size_t n,
                       const char *const *payloads);

/* The same of what the reader gave. */
char *oracle_dump_doc(const struct xml_doc *doc);

#endif
