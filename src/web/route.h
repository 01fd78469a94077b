/*
 * route - one table of what can be asked for.
 *
 * A template is "/api/v1/operators/{id}": a part in braces takes any one
 * part of a path.  docs/openapi.yaml is held to the table by a test.
 */
#ifndef WEB_ROUTE_H
#define WEB_ROUTE_H

#include <stddef.h>

#include "web/access.h"

enum web_method { WEB_GET, WEB_POST, WEB_PATCH, WEB_DELETE, WEB_METHOD_N };

struct web_request;
struct web_reply;
/* service: what web_server_new() was given.  Any thread, many at a time. */
typedef void web_handler(void *service, const struct web_request *r,
                         struct web_reply *reply);

enum web_route_flag {
    WEB_SLOW = 1,   /* takes long: not on a thread that serves connections */
    WEB_LOCAL = 2,  /* anybody on this machine may */
    WEB_STREAM = 4, /* the answer is the stream of events */
    WEB_TEXT = 8,   /* the body is not JSON */
    WEB_VERSIONED = 16, /* heeds If-Match: struct web_request.version */
    WEB_FORM = 32,      /* the body is a page's form: struct web_request.form */
    WEB_PAGE = 64,      /* for people: what goes wrong is told by a page, too */
};

/* All static. */
struct web_route {
    enum web_method method; /* HEAD is answered as GET without a body */
    const char *path;       /* NULL ends a table */
    unsigned roles;         /* WEB_MAY()s or'ed, or WEB_ANYONE */
    enum web_scope scope;   /* that a token needs */
    unsigned flags;         /* enum web_route_flag */
    web_handler *handle;
    const char *name;    /* operationId, label of metrics */
    const char *summary; /* lower case, no full stop */
    const char *query;   /* names that it takes, by spaces; NULL: any */
};

#define WEB_PARAMS_MAX 4

/* Parts of a path that stood for braces; not NUL-terminated. */
struct web_params {
    struct {
        const char *text;
        size_t len;
    } v[WEB_PARAMS_MAX];
    size_t n;
};

/* WEB_METHOD_N when there is none; HEAD is WEB_GET. */
enum web_method web_method_parse(const char *name);
const char *web_method_name(enum web_method method);

/*
 * The route, or NULL; then *ret_allowed has the methods (1 << enum web_method,
 * or'ed) that the path does know.
 */
const struct web_route *web_route_find(const struct web_route *table,
                                       enum web_method method, const char *path,
                                       struct web_params *ret_params,
                                       unsigned *ret_allowed);

#endif
