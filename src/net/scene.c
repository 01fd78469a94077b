#include "net/scene.h"

#include "base/check.h"

static int collect(void *data, const char *bytes, size_t n, struct err *err)
{
    (void)err;
    g_string_append_len(data, bytes, (gssize)n);
    return 0;
}

void outcome_clear(struct outcome *o)
{
    net_response_clear(&o->response);
    if (o->body != NULL)
        g_string_free(o->body, TRUE);
    *o = (struct outcome){ 0 };
}

void perform(struct net_conn *conn, struct net_request request,
             struct outcome *o)
{
    outcome_clear(o);
    o->body = g_string_new(NULL);
    if (request.sink == NULL) {
        request.sink = collect;
        request.sink_data = o->body;
    }
    o->rc = net_perform(conn, &request, &o->response, &o->err);
}

void post(struct net_conn *conn, const char *url, const char *text,
          bool repeatable, struct outcome *o)
{
    const struct net_part part = { .text = text, .len = strlen(text) };

    perform(conn,
            (struct net_request){ .method = "POST",
                                  .url = url,
                                  .parts = &part,
                                  .n_parts = 1,
                                  .repeatable = repeatable },
            o);
}

void get(struct net_conn *conn, const char *url, struct outcome *o)
{
    perform(conn, (struct net_request){ .method = "GET", .url = url }, o);
}

void scene_open(struct scene *s, const struct script_line *const *scripts,
                size_t n, enum net_scheme scheme, struct net_trace *trace)
{
    const struct net_config config = { .trace = trace };
    struct net_auth auth = { .scheme = scheme, .user = "EXAMPLE\\admin" };
    struct err err;

    *s = (struct scene){ .password = secret_new("hunter2", 7) };
    auth.password = s->password;
    CHECK_OK(net_new(&config, &s->net, &err), &err);
    s->server = script_server_new(scripts, n);
    s->url = script_server_url(s->server);
    s->conn = net_conn_new(s->net, &auth);
}

void scene_close(struct scene *s)
{
    net_conn_free(s->conn);
    script_server_free(s->server);
    net_free(s->net);
    secret_free(s->password);
}

unsigned int scene_effects(struct scene *s, const char *body)
{
    unsigned int n = 0;

    for (unsigned int i = 0; i < script_server_requests(s->server); i++) {
        const struct script_request *r = script_server_request(s->server, i);

        n += strcmp(r->body->str, body) == 0;
    }
    return n;
}

const struct script_line scene_answers[] = {
    { SCRIPT_ANSWER, YES }, { SCRIPT_ANSWER, YES }, { SCRIPT_ANSWER, YES },
    { SCRIPT_ANSWER, YES }, { SCRIPT_END },
};
