/*
 * http - the lab's HTTP server: requests in whole, answers in whole.
 *
 * libmicrohttpd with a thread for each connection, so that a handler may
 * sleep (latency, throttling) without holding up its neighbours.  The handler
 * is called on that thread; requests of one connection never overlap.
 */
#ifndef LAB_HTTP_H
#define LAB_HTTP_H

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

#include "base/err.h"

struct http_server;
typedef struct http_server http_server;

struct http_request {
    const char *method;
    const char *path;
    GString *body;   /* empty when too_large */
    uint64_t length; /* of the body as announced or read */
    bool too_large;  /* over body_bytes_max; was not read */
    bool loopback;   /* from this machine */
    bool kept;       /* not the first on its connection */
    bool over_tls;
    void *conn;         /* what conn_new() made */
    const char *client; /* "127.0.0.1" */
    struct MHD_Connection *mhd;
};

/* NULL when there is none.  Name in any case. */
const char *http_header(const struct http_request *r, const char *name);
const char *http_query(const struct http_request *r, const char *name);
const char *http_cookie(const struct http_request *r, const char *name);

/* The body is the caller's from now on; an empty one stays behind. */
GString *http_take_body(const struct http_request *r);

enum http_ending {
    HTTP_SEND,    /* as it is */
    HTTP_DROP,    /* close the connection without a byte */
    HTTP_BREAK,   /* close it after half of the body */
    HTTP_CHUNKED, /* in chunks, without a Content-Length */
};

struct http_answer {
    unsigned int status;
    const char *content_type; /* static; NULL: none */
    GString *body;            /* owned; the handler fills it */
    GPtrArray *headers;       /* of "Name: value", owned */
    enum http_ending ending;
    bool close; /* the connection, after the answer */
    /* The body in pieces of so many bytes, with a pause between; 0: at once */
    uint32_t piece_bytes, piece_ms;
    /* Sent as a second answer (200) behind this one; owned; NULL: none */
    GString *behind;
};

/* Add a header; printf for its value. */
void http_answer_header(struct http_answer *a, const char *name,
                        const char *fmt, ...) PRINTF(3, 4);

struct http_handler {
    void (*handle)(void *data, const struct http_request *request,
                   struct http_answer *answer);
    void *(*conn_new)(void *data); /* state of one connection */
    void (*conn_free)(void *state);
    void *data; /* borrowed, for all of them */
};

struct http_options {
    const char *listen; /* "127.0.0.1:8443", "[::1]:0"; port 0: any */
    const char *certificate_pem, *key_pem; /* texts; both NULL: no TLS */
    uint64_t body_bytes_max;
};

/*
 * Listen and serve until http_server_free().  -1 when the address cannot be
 * had or the certificate is none.
 */
int http_server_new(const struct http_options *options,
                    const struct http_handler *handler,
                    struct http_server **ret,
                    struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* Waits for the handlers that are running. */
void http_server_free(struct http_server *server);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(http_server, http_server_free)

/* "https://127.0.0.1:8443", as it is now; lives as long as the server. */
const char *http_server_url(const struct http_server *server);
uint16_t http_server_port(const struct http_server *server);

#endif
