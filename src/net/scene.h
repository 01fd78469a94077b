/*
 * scene - what the tests of net_perform() share: a scripted server, a
 * connection to it, and an exchange with all that it left behind.
 *
 * For test programs only.
 */
#ifndef NET_SCENE_H
#define NET_SCENE_H

#include "net/net.h"
#include "net/script_server.h"

#define OK_ANSWER(body, len)                                                   \
    "HTTP/1.1 200 OK\r\nContent-Type: text/xml; charset=utf-8\r\n"             \
    "Content-Length: " len "\r\n\r\n" body
#define YES OK_ANSWER("yes", "3")

struct outcome {
    int rc;
    struct err err;
    struct net_response response;
    GString *body;
};
void outcome_clear(struct outcome *o);
typedef struct outcome outcome;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(outcome, outcome_clear)

/* The answer's body is collected unless the request brings a sink. */
void perform(struct net_conn *conn, struct net_request request,
             struct outcome *o);
void post(struct net_conn *conn, const char *url, const char *text,
          bool repeatable, struct outcome *o);
void get(struct net_conn *conn, const char *url, struct outcome *o);

/* A server, and a connection to it with a credential of that scheme. */
struct scene {
    struct script_server *server;
    struct net *net;
    struct secret *password;
    struct net_conn *conn;
    const char *url;
};
/* trace: or NULL. */
void scene_open(struct scene *s, const struct script_line *const *scripts,
                size_t n, enum net_scheme scheme, struct net_trace *trace);
void scene_close(struct scene *s);

#define SCENE(s, scheme, ...)                                                  \
    const struct script_line *const scripts[] = { __VA_ARGS__ };               \
    scene_open(s, scripts, G_N_ELEMENTS(scripts), scheme, NULL)

/* How often a request with that body was read whole: its effects. */
unsigned int scene_effects(struct scene *s, const char *body);

/* "yes" to four requests. */
extern const struct script_line scene_answers[];

#endif
