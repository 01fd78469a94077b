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

#include <stdint.h>

#include <glib.h>

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

/*
 * The payload that the text of a Data element stands for, decoded: 1 and
 * where it lies, as long as b.  It is decoded in its place, the first time.
 * 0 when the text is no token of ours, and so the payload itself.  -1 and its
 * text when that is no base64, or has white space in it.
 */
int soap_bulk_find(struct soap_bulk *b, const char *text,
                   const uint8_t **ret_data, size_t *ret_len);

#endif
