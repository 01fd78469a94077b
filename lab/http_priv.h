/*
 * http_priv - what the two halves of the HTTP server share.
 */
#ifndef LAB_HTTP_PRIV_H
#define LAB_HTTP_PRIV_H

#include <microhttpd.h>

#include "lab/http.h"

/* Read buffer of a connection: uploads arrive in pieces of about its half. */
#define CONNECTION_BYTES (256 * 1024)

/* An answer as libmicrohttpd sends it; takes over the bodies. */
struct MHD_Response *http_response_new(struct http_answer *a);

#endif
