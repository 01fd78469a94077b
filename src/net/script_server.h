/*
 * script_server - an HTTP server for tests that does exactly what it is told,
 * the worst included, and remembers what it was asked.
 *
 * On 127.0.0.1, a port of its own choice, a thread for each connection.  Each
 * connection follows its own script: it reads one request whole for each line
 * of it and does what the line says.  At the script's end it closes.
 */
#ifndef NET_SCRIPT_SERVER_H
#define NET_SCRIPT_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

enum script_act {
    SCRIPT_END,     /* close the connection (what a script ends with) */
    SCRIPT_ANSWER,  /* send text */
    SCRIPT_VANISH,  /* read the request, then reset without a word */
    SCRIPT_CLOSE,   /* read the request, then close without a word */
    SCRIPT_STALL,   /* read the request, then say nothing for ever */
    SCRIPT_EARLY,   /* send text after the headers, unread body or not; close */
    SCRIPT_FLOOD,   /* send text, then bytes without end */
    SCRIPT_HEADERS, /* send header lines without end */
};

struct script_line {
    enum script_act act;
    const char *text;
};

/* One request as it was read. */
struct script_request {
    unsigned int connection; /* from 0, in the order of accepting */
    char *head;              /* request line and headers, with their ends */
    GString *body;
};

struct script_server;
typedef struct script_server script_server;

/* scripts: one for each connection in turn; n of them, the last repeats. */
struct script_server *
script_server_new(const struct script_line *const *scripts, size_t n);
void script_server_free(struct script_server *s);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(script_server, script_server_free)

/* "http://127.0.0.1:port" and path; valid as long as s. */
const char *script_server_url(const struct script_server *s);

/* Stop listening, so that nobody is there; connections stay. */
void script_server_stop_listening(struct script_server *s);

unsigned int script_server_connections(struct script_server *s);
unsigned int script_server_requests(struct script_server *s);
/* Wait until n requests have been read whole. */
void script_server_wait(struct script_server *s, unsigned int n);
/* The i-th of them; it must be there.  Valid as long as s. */
const struct script_request *script_server_request(struct script_server *s,
                                                   unsigned int i);

#endif
