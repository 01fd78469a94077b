/*
 * check - documents out of texts.  For tests only.
 */
#ifndef XML_CHECK_H
#define XML_CHECK_H

#include <string.h>

#include "base/check.h"
#include "xml/reader.h"

/* What is not well-formed ends the test. */
static inline struct xml_doc *xml_check_read(const char *text)
{
    const struct xml_reader_config config = { 0 };
    g_autoptr(xml_reader) r = xml_reader_new(&config);
    struct xml_doc *doc = NULL;
    struct err err;

    CHECK_OK(xml_reader_feed(r, text, strlen(text), &err), &err);
    CHECK_OK(xml_reader_finish(r, &doc, &err), &err);
    return doc;
}

#endif
