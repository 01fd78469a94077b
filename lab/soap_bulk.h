/*
 * soap_bulk - the payloads of a request, kept out of its tree.
 *
 * An UploadItems is tens of megabytes of base64 with a few elements between.
 * libxml2 would copy that text three times; so it is given the request with
 * a short token in the place of each long <Data>, and the text itself is
 * read where it came in.
 */
#ifndef LAB_SOAP_BULK_H
#define LAB_SOAP_BULK_H

#include <stdbool.h>

#include <glib.h>
#include <libxml/tree.h>

struct soap_bulk;
typedef struct soap_bulk soap_bulk;

/*
 * Takes the body over and looks for payloads in it.  NULL (and the body is
 * left to the caller) when there are none.
 */
struct soap_bulk *soap_bulk_new(GString *body);
void soap_bulk_free(struct soap_bulk *b);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(soap_bulk, soap_bulk_free)

/* The request with its tokens; belongs to b. */
const GString *soap_bulk_slim(const struct soap_bulk *b);

/* The whole body, as it came; NULL once it is forgotten. */
const GString *soap_bulk_body(const struct soap_bulk *b);

/*
 * The payload that the text of a Data element stands for; NULL when it is no
 * token of ours: then the text is the payload.  Good until it is forgotten.
 */
const char *soap_bulk_find(const struct soap_bulk *b, const char *text,
                           size_t *ret_len);

/* Give the body's memory back: what was needed of it has been decoded. */
void soap_bulk_forget(struct soap_bulk *b);

#endif
