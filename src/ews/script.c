#include "ews/script.h"

#include <pthread.h>
#include <string.h>

#include "base/check.h"
#include "ews/schema.h"

struct script {
    script_hook *hook;
    void *hook_data;

    pthread_mutex_t lock; /* guards what follows */
    GArray *lines;        /* of struct script_line */
    guint next;
    GPtrArray *requests; /* of struct script_request * */
    unsigned int conns, drops;
};

struct script_conn {
    struct script *script;
    unsigned int number;
    enum net_scheme scheme;
    char *user, *secret;
};

static void free_request(void *data)
{
    struct script_request *r = data;

    g_free(r->method);
    g_free(r->url);
    g_free(r->headers);
    g_free(r->body);
    g_free(r->user);
    g_free(r->secret);
    g_free(r);
}

struct script *script_new(void)
{
    struct script *s = g_new0(struct script, 1);

    pthread_mutex_init(&s->lock, NULL);
    s->lines = g_array_new(FALSE, FALSE, sizeof(struct script_line));
    s->requests = g_ptr_array_new_with_free_func(free_request);
    return s;
}

void script_free(struct script *s)
{
    g_array_unref(s->lines);
    g_ptr_array_unref(s->requests);
    pthread_mutex_destroy(&s->lock);
    g_free(s);
}

/*
 * One for the whole program, from its first use on: it takes longer to read
 * than most tests to run.  NULL where there is none.
 */
static const struct schema *the_schema(void)
{
    static gsize once;
    static struct schema *schema;

    if (g_once_init_enter(&once)) {
        schema = schema_new();
        g_once_init_leave(&once, 1);
    }
    return schema;
}

static void check_schema(const char *what, const char *xml)
{
    g_autofree char *problem = NULL;

    /* The schema is that of EWS: Autodiscover's SOAP has one of its own. */
    if (strstr(xml, "Envelope") == NULL ||
        strstr(xml, "exchange/2010/Autodiscover") != NULL ||
        the_schema() == NULL)
        return;
    problem = schema_check(the_schema(), xml, strlen(xml));
    if (problem != NULL)
        g_error("%s does not fit the schema: %s\n%s", what, problem, xml);
}

void script_add(struct script *s, const struct script_line *line)
{
    if (line->body != NULL && !line->lies)
        check_schema("an answer of the script", line->body);
    pthread_mutex_lock(&s->lock);
    g_array_append_val(s->lines, *line);
    pthread_mutex_unlock(&s->lock);
}

void script_say(struct script *s, const char *body)
{
    const struct script_line line = { .status = 200, .body = body };

    script_add(s, &line);
}

void script_lie(struct script *s, const char *body)
{
    const struct script_line line = { .status = 200,
                                      .body = body,
                                      .lies = true };

    script_add(s, &line);
}

void script_set_hook(struct script *s, script_hook *hook, void *data)
{
    s->hook = hook;
    s->hook_data = data;
}

size_t script_n(struct script *s)
{
    size_t n;

    pthread_mutex_lock(&s->lock);
    n = s->requests->len;
    pthread_mutex_unlock(&s->lock);
    return n;
}

const struct script_request *script_request(struct script *s, size_t i)
{
    const struct script_request *r;

    pthread_mutex_lock(&s->lock);
    g_assert_cmpuint(i, <, s->requests->len);
    r = g_ptr_array_index(s->requests, i);
    pthread_mutex_unlock(&s->lock);
    return r;
}

unsigned int script_drops(struct script *s)
{
    unsigned int n;

    pthread_mutex_lock(&s->lock);
    n = s->drops;
    pthread_mutex_unlock(&s->lock);
    return n;
}

bool script_is_over(struct script *s)
{
    bool over;

    pthread_mutex_lock(&s->lock);
    over = s->next == s->lines->len;
    pthread_mutex_unlock(&s->lock);
    return over;
}

/* ---- the transport ------------------------------------------------------ */

static void *script_connect(const struct ews_transport *t,
                            const struct net_auth *auth)
{
    struct script_conn *c = g_new0(struct script_conn, 1);

    c->script = t->data;
    if (auth != NULL) {
        c->scheme = auth->scheme;
        c->user = g_strdup(auth->user);
        c->secret = g_strdup(secret_peek(auth->password));
    }
    pthread_mutex_lock(&c->script->lock);
    c->number = ++c->script->conns;
    pthread_mutex_unlock(&c->script->lock);
    return c;
}

static void script_disconnect(void *conn)
{
    struct script_conn *c = conn;

    g_free(c->user);
    g_free(c->secret);
    g_free(c);
}

static void script_sign_in(void *conn, const struct net_auth *auth)
{
    struct script_conn *c = conn;

    g_assert_cmpint(c->scheme, ==, NET_AUTH_BEARER);
    g_free(c->secret);
    c->secret = g_strdup(secret_peek(auth->password));
}

static void script_drop(void *conn)
{
    struct script_conn *c = conn;

    pthread_mutex_lock(&c->script->lock);
    c->script->drops++;
    pthread_mutex_unlock(&c->script->lock);
}

static void script_forget(void *conn)
{
    (void)conn; /* it has no cookies */
}

static void append_part(GString *to, const struct net_part *part)
{
    struct err err;

    if (part->blob == NULL) {
        g_string_append_len(to, part->text, (gssize)part->len);
        return;
    }
    for (uint64_t at = 0; at < blob_size(part->blob);) {
        char buf[4096];
        ssize_t n = blob_read_at(part->blob, at, buf, sizeof(buf), &err);

        g_assert_cmpint(n, >, 0);
        g_string_append_len(to, buf, n);
        at += (uint64_t)n;
    }
}

static char *join_headers(const char *const *headers)
{
    GString *all = g_string_new(NULL);

    for (; headers != NULL && *headers != NULL; headers++)
        g_string_append_printf(all, "%s\n", *headers);
    return g_string_free(all, FALSE);
}

static struct script_request *keep_request(const struct script_conn *c,
                                           const struct net_request *request)
{
    struct script_request *r = g_new0(struct script_request, 1);
    GString *body = g_string_new(NULL);

    for (size_t i = 0; i < request->n_parts; i++)
        append_part(body, &request->parts[i]);
    r->method = g_strdup(request->method);
    r->url = g_strdup(request->url);
    r->headers = join_headers(request->headers);
    r->body = g_string_free(body, FALSE);
    r->repeatable = request->repeatable;
    r->deadline_ms = request->deadline_ms;
    r->scheme = c->scheme;
    r->user = g_strdup(c->user);
    r->secret = g_strdup(c->secret);
    r->conn = c->number;
    return r;
}

/* The next line; the request is on record before anything is answered. */
static struct script_line next_line(struct script_conn *c,
                                    const struct net_request *request)
{
    struct script *s = c->script;
    struct script_request *r = keep_request(c, request);
    struct script_line line;

    check_schema("a request", r->body);
    pthread_mutex_lock(&s->lock);
    g_ptr_array_add(s->requests, r);
    if (s->next == s->lines->len)
        g_error("nobody expected this request: %s %s\n%s", r->method, r->url,
                r->body);
    line = g_array_index(s->lines, struct script_line, s->next++);
    pthread_mutex_unlock(&s->lock);
    return line;
}

/* In pieces of a few bytes, as a bad network would. */
static int deliver(const struct net_request *request, const char *body,
                   struct err *err)
{
    size_t n = strlen(body);

    for (size_t at = 0, piece; at < n && request->sink != NULL; at += piece) {
        piece = MIN(n - at, 7);
        if (request->sink(request->sink_data, body + at, piece, err) < 0)
            return -1;
    }
    return 0;
}

static int lose(const struct script_line *line, struct net_response *ret,
                struct err *err)
{
    ret->body_sent = line->body_sent;
    err_set(err, line->lost_scope, line->lost_retry, 0, "lost on purpose");
    err->name = line->lost;
    return -1;
}

static int script_perform(void *conn, const struct net_request *request,
                          struct net_response *ret, struct err *err)
{
    struct script_conn *c = conn;
    struct script_line line = next_line(c, request);
    const char *type = line.content_type;

    if (c->script->hook != NULL)
        c->script->hook(c->script->hook_data);
    *ret = (struct net_response){
        .bytes_up = 10, .bytes_down = 20, .total_us = 1000, .latency_us = 500
    };
    if (line.lost != NULL)
        return lose(&line, ret, err);
    ret->status = line.status;
    ret->content_type =
        g_strdup(type != NULL ? type : "text/xml; charset=utf-8");
    ret->location = g_strdup(line.location);
    ret->server_owa_version = g_strdup(line.owa_version);
    ret->offered = line.offered;
    ret->retry_after_ms = line.retry_after_ms;
    ret->body_sent = true;
    return line.body != NULL ? deliver(request, line.body, err) : 0;
}

struct ews_transport script_transport(struct script *s)
{
    static const struct ews_transport_ops ops = {
        .connect = script_connect,
        .disconnect = script_disconnect,
        .sign_in = script_sign_in,
        .drop = script_drop,
        .forget = script_forget,
        .perform = script_perform,
    };

    return (struct ews_transport){ .ops = &ops, .data = s };
}

/* ---- the stage ----------------------------------------------------------- */

void stage_init(struct stage *st)
{
    /* So short that no test waits for it. */
    const struct governor_config patience = { .backoff_floor_ms = 1,
                                              .backoff_max_ms = 1 };
    g_autoptr(secret) password = secret_new("secret", strlen("secret"));
    const struct ews_login admin = { .user = "EXCH\\admin",
                                     .password = password };
    struct ews_site_config config = {
        .ews_url = "https://mail.old.example/EWS/Exchange.asmx",
        .schemes = NET_AUTH_NTLM | NET_AUTH_BASIC,
        .admin = &admin,
    };
    struct ews_transport transport;
    struct err err;

    *st = (struct stage){ .script = script_new(),
                          .governor = governor_new(&patience),
                          .cancel = cancel_new(),
                          .pool = blob_pool_new(1 << 20, NULL) };
    transport = script_transport(st->script);
    config.governor = st->governor;
    config.cancel = st->cancel;
    CHECK_OK(site_new_over(&transport, &config, &st->site, &err), &err);
    st->site->read_pause_ms = 0;
}

void stage_release(struct stage *st)
{
    g_assert_true(script_is_over(st->script));
    if (st->ep != NULL)
        endpoint_free(st->ep);
    ews_site_free(st->site);
    governor_free(st->governor);
    cancel_free(st->cancel);
    blob_pool_free(st->pool);
    script_free(st->script);
}

void stage_mailbox(struct stage *st)
{
    const struct ews_mailbox_config config = { .address = "ann@old.example" };
    struct err err;

    CHECK_OK(ews_mailbox_new(st->site, &config, &st->ep, &err), &err);
}

void stage_open(struct stage *st, const char *root_answer)
{
    g_auto(endpoint_facts) facts = { 0 };
    struct err err;

    stage_mailbox(st);
    script_say(st->script, root_answer);
    CHECK_OK(endpoint_open(st->ep, &facts, &err), &err);
    g_assert_cmpint(facts.rights, ==, ENDPOINT_RIGHTS_IMPERSONATION);
}

void stage_open_2016(struct stage *st)
{
    stage_open(st, ANSWER(RESPONSE("GetFolder", GOT_FOLDER("ROOT"))));
}
