/*
 * reader - read XML from outside as it arrives, payloads apart.
 *
 * Bytes are fed in pieces of any size; how they are cut makes no difference
 * to the result.  The content of payload elements ("Data", "MimeContent")
 * is base64 text of any length: it goes to a blob without ever passing an
 * XML parser.  Everything else becomes an ordinary tree (node.h), in which a
 * payload element is empty.
 *
 * What comes in is hostile: no document type, no entities but XML's own, no
 * network; depth, nodes and sizes are bounded.  Only UTF-8 is read, whatever
 * the declaration says.  A reference to a character that XML forbids becomes
 * U+FFFD (EWS-QUIRKS 2).
 */
#ifndef XML_READER_H
#define XML_READER_H

#include <stddef.h>
#include <stdint.h>

#include <glib.h>

#include "base/blob.h"
#include "base/err.h"
#include "xml/node.h"

/*
 * Limits used where the configuration says 0.  An answer's tree holds 512
 * changes or some thousand folders, about 1 KB and 20 nodes each; SOAP nests
 * less than 20 deep; a payload of the largest item that Exchange takes by
 * request (64 MiB) is far below the limit, which is there for the disk.
 */
#define XML_TEXT_MAX     ((size_t)32 << 20)
#define XML_NODES_MAX    ((size_t)500000)
#define XML_DEPTH_MAX    100u
#define XML_PAYLOADS_MAX ((size_t)1024)
#define XML_PAYLOAD_MAX  ((uint64_t)1 << 30)

struct xml_reader_config {
    const char *const *payloads; /* local names, NULL-terminated; or NULL */
    struct blob_pool *pool;      /* for them; not NULL when payloads is not */
    uint64_t payload_max_bytes;  /* of one */
    size_t payloads_max;         /* their number */
    size_t text_max_bytes;       /* all that is not payload */
    size_t nodes_max;            /* elements, attributes, other markup */
    unsigned int depth_max;
};

struct xml_reader;
typedef struct xml_reader xml_reader;

/* The names in config->payloads must outlive the reader. */
struct xml_reader *xml_reader_new(const struct xml_reader_config *config);
void xml_reader_free(struct xml_reader *r);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(xml_reader, xml_reader_free)

/*
 * Take the next bytes.  -1: not well-formed, over a limit, or the spool file
 * cannot be written (ERR_RUN); the reader is then good for nothing more.
 */
int xml_reader_feed(struct xml_reader *r, const char *bytes, size_t n,
                    struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* The end: give out the document, which the caller frees. */
int xml_reader_finish(struct xml_reader *r, struct xml_doc **ret,
                      struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
