#include "ews/told.h"

#include <string.h>

struct told_conn {
    const struct told *told;
    void *conn; /* of the transport below */
    char *user; /* of its credential; NULL: none */
};

/* Names and addresses come from servers, and go to a terminal. */
static char *plain(const char *text)
{
    char *copy = g_utf8_make_valid(text, -1);

    for (char *p = copy; *p != '\0'; p++)
        if (g_ascii_iscntrl(*p))
            *p = '?';
    return copy;
}

void told_say(const struct told *t, const char *asked, const char *answered)
{
    g_autofree char *question = plain(asked);
    g_autofree char *answer = plain(answered);

    if (t->tell != NULL)
        t->tell(t->data, question, answer);
}

static void *told_connect(const struct ews_transport *t,
                          const struct net_auth *auth)
{
    struct told_conn *c = g_new0(struct told_conn, 1);

    c->told = t->data;
    c->conn = c->told->over.ops->connect(&c->told->over, auth);
    c->user = auth != NULL ? g_strdup(auth->user) : NULL;
    return c;
}

static void told_disconnect(void *conn)
{
    struct told_conn *c = conn;

    c->told->over.ops->disconnect(c->conn);
    g_free(c->user);
    g_free(c);
}

static void told_drop(void *conn)
{
    struct told_conn *c = conn;

    c->told->over.ops->drop(c->conn);
}

/* "401, signing in by NTLM, Basic", "302 to https://...", "200, OWA 14.3" */
static char *answer_text(const struct net_response *r)
{
    GString *s = g_string_new(NULL);

    g_string_append_printf(s, "HTTP status %ld", r->status);
    if (r->location != NULL && r->status >= 300 && r->status < 400)
        g_string_append_printf(s, " to %s", r->location);
    if (r->status == 401) {
        g_autofree char *schemes = ews_schemes_text(r->offered);

        g_string_append_printf(s, ", signing in by %s", schemes);
    }
    if (r->server_owa_version != NULL)
        g_string_append_printf(s, ", OWA %s", r->server_owa_version);
    return g_string_free(s, FALSE);
}

static int told_perform(void *conn, const struct net_request *request,
                        struct net_response *ret, struct err *err)
{
    struct told_conn *c = conn;
    int rc = c->told->over.ops->perform(c->conn, request, ret, err);
    g_autofree char *asked = g_strdup_printf(
        "%s %s%s%s", request->method, request->url,
        c->user != NULL ? " as " : "", c->user != NULL ? c->user : "");
    g_autofree char *answered = rc < 0 ? g_strdup(err->msg) : answer_text(ret);

    told_say(c->told, asked, answered);
    return rc;
}

struct ews_transport transport_told(struct told *t)
{
    static const struct ews_transport_ops ops = {
        .connect = told_connect,
        .disconnect = told_disconnect,
        .drop = told_drop,
        .perform = told_perform,
    };

    return (struct ews_transport){ .ops = &ops, .data = t };
}
