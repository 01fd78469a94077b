#include "net/net.h"

#include <curl/curl.h>
#include <pthread.h>

#include "base/check.h"
#include "net/script_server.h"

#define OK_ANSWER(body, len)                                                   \
    "HTTP/1.1 200 OK\r\nContent-Type: text/xml; charset=utf-8\r\n"             \
    "Content-Length: " len "\r\n\r\n" body
#define YES OK_ANSWER("yes", "3")

/* A negotiable challenge: [MS-NLMP] 2.2.1.2, with the server's name as target
 * info. */
#define NTLM_CHALLENGE                                                         \
    "TlRMTVNTUAACAAAAAAAAADAAAAABgogAASNFZ4mrze8AAAAAAAAAABAAEAAwAAAA"         \
    "AQAIAEwAQQBCADEAAAAAAA=="
#define WANT_NTLM                                                              \
    "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Negotiate\r\n"             \
    "WWW-Authenticate: NTLM\r\nContent-Length: 4\r\n\r\nnope"
#define CHALLENGE                                                              \
    "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: NTLM " NTLM_CHALLENGE      \
    "\r\nContent-Length: 4\r\n\r\nnope"

/* One exchange and everything that it left behind. */
struct outcome {
    int rc;
    struct err err;
    struct net_response response;
    GString *body;
};

static int collect(void *data, const char *bytes, size_t n, struct err *err)
{
    (void)err;
    g_string_append_len(data, bytes, (gssize)n);
    return 0;
}

static void outcome_clear(struct outcome *o)
{
    net_response_clear(&o->response);
    if (o->body != NULL)
        g_string_free(o->body, TRUE);
    *o = (struct outcome){ 0 };
}
typedef struct outcome outcome;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(outcome, outcome_clear)

static void perform(struct net_conn *conn, struct net_request request,
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

static void post(struct net_conn *conn, const char *url, const char *text,
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

static void get(struct net_conn *conn, const char *url, struct outcome *o)
{
    perform(conn, (struct net_request){ .method = "GET", .url = url }, o);
}

/* A server, and a connection to it with a credential of that scheme. */
struct scene {
    struct script_server *server;
    struct net *net;
    struct secret *password;
    struct net_conn *conn;
    const char *url;
};

static void scene_open(struct scene *s,
                       const struct script_line *const *scripts, size_t n,
                       enum net_scheme scheme)
{
    const struct net_config config = { 0 };
    struct net_auth auth = { .scheme = scheme, .user = "EXAMPLE\\admin" };
    struct err err;

    *s = (struct scene){ .password = secret_new("hunter2", 7) };
    auth.password = s->password;
    CHECK_OK(net_new(&config, &s->net, &err), &err);
    s->server = script_server_new(scripts, n);
    s->url = script_server_url(s->server);
    s->conn = net_conn_new(s->net, &auth);
}

static void scene_close(struct scene *s)
{
    net_conn_free(s->conn);
    script_server_free(s->server);
    net_free(s->net);
    secret_free(s->password);
}

#define SCENE(s, scheme, ...)                                                  \
    const struct script_line *const scripts[] = { __VA_ARGS__ };               \
    scene_open(s, scripts, G_N_ELEMENTS(scripts), scheme)

/* How often a request with that body was read whole: its effects. */
static unsigned int effects(struct scene *s, const char *body)
{
    unsigned int n = 0;

    for (unsigned int i = 0; i < script_server_requests(s->server); i++) {
        const struct script_request *r = script_server_request(s->server, i);

        n += strcmp(r->body->str, body) == 0;
    }
    return n;
}

static const struct script_line answers[] = {
    { SCRIPT_ANSWER, YES }, { SCRIPT_ANSWER, YES }, { SCRIPT_ANSWER, YES },
    { SCRIPT_ANSWER, YES }, { SCRIPT_END },
};

/* ---- what goes over the wire ----------------------------------------- */

static void test_the_request_as_the_server_reads_it(void)
{
    g_autoptr(blob_pool) pool = blob_pool_new(4096, NULL);
    g_autoptr(blob) payload = blob_new(pool);
    g_autofree char *xs = g_strnfill(3000000, 'x');
    g_autofree char *want = g_strconcat("<a>", xs, "</a>", NULL);
    static const char *const headers[] = {
        "Content-Type: text/xml; charset=utf-8", "X-AnchorMailbox: a@b", NULL
    };
    const struct net_part parts[] = { { .text = "<a>", .len = 3 },
                                      { .blob = payload },
                                      { .text = "</a>", .len = 4 } };
    g_auto(outcome) o = { 0 };
    const struct script_request *r;
    struct scene s;
    struct err err;

    SCENE(&s, NET_AUTH_NONE, answers);
    CHECK_OK(blob_append(payload, xs, 3000000, &err), &err);
    blob_seal(payload);
    perform(s.conn,
            (struct net_request){ .method = "POST",
                                  .url = s.url,
                                  .headers = headers,
                                  .parts = parts,
                                  .n_parts = 3 },
            &o);
    CHECK_OK(o.rc, &o.err);
    r = script_server_request(s.server, 0);
    g_assert_true(
        g_str_has_prefix(r->head, "POST /EWS/Exchange.asmx HTTP/1.1\r\n"));
    g_assert_nonnull(strstr(r->head, "\r\nContent-Length: 3000007\r\n"));
    g_assert_nonnull(
        strstr(r->head, "\r\nContent-Type: text/xml; charset=utf-8\r\n"));
    g_assert_nonnull(strstr(r->head, "\r\nX-AnchorMailbox: a@b\r\n"));
    g_assert_nonnull(strstr(r->head, "\r\nUser-Agent: mailferry/"));
    g_assert_null(strcasestr(r->head, "\r\nExpect"));
    g_assert_null(strcasestr(r->head, "\r\nAccept-Encoding"));
    g_assert_null(strcasestr(r->head, "\r\nAuthorization"));
    g_assert_null(strcasestr(r->head, "\r\nTransfer-Encoding"));
    g_assert_cmpuint(r->body->len, ==, strlen(want));
    g_assert_true(memcmp(r->body->str, want, r->body->len) == 0);
    g_assert_cmpuint(o.response.bytes_up, ==, strlen(want));
    scene_close(&s);
}

static void test_the_answer_as_it_came(void)
{
    static const struct script_line script[] = {
        { SCRIPT_ANSWER, "HTTP/1.1 503 Busy\r\nContent-Type: text/plain\r\n"
                         "Retry-After: 3\r\nX-OWA-Version: 14.3.1.2\r\n"
                         "Transfer-Encoding: chunked\r\n\r\n"
                         "4\r\nbusy\r\n3\r\n so\r\n0\r\n\r\n" },
        { SCRIPT_END },
    };
    g_auto(outcome) o = { 0 };
    struct scene s;

    SCENE(&s, NET_AUTH_NONE, script);
    post(s.conn, s.url, "x", false, &o);
    CHECK_OK(o.rc, &o.err);
    g_assert_cmpint(o.response.status, ==, 503);
    g_assert_cmpstr(o.body->str, ==, "busy so");
    g_assert_cmpuint(o.response.bytes_down, ==, 7);
    g_assert_cmpstr(o.response.content_type, ==, "text/plain");
    g_assert_cmpstr(o.response.server_owa_version, ==, "14.3.1.2");
    g_assert_cmpuint(o.response.retry_after_ms, ==, 3000);
    g_assert_true(o.response.body_sent);
    g_assert_cmpint(o.response.latency_us, >=, 0);
    g_assert_cmpint(o.response.total_us, >=, o.response.latency_us);
    scene_close(&s);
}

static void test_one_connection_with_cookies(void)
{
    static const struct script_line first[] = {
        { SCRIPT_ANSWER, "HTTP/1.1 200 OK\r\nSet-Cookie: exchangecookie=abc; "
                         "path=/\r\nContent-Length: 0\r\n\r\n" },
        { SCRIPT_ANSWER, YES },
        { SCRIPT_ANSWER, YES },
        { SCRIPT_END },
    };
    g_auto(outcome) o = { 0 };
    struct scene s;
    struct net_conn *stranger;

    SCENE(&s, NET_AUTH_NONE, first, answers);
    get(s.conn, s.url, &o);
    CHECK_OK(o.rc, &o.err);
    g_assert_null(strstr(script_server_request(s.server, 0)->head, "Cookie"));
    get(s.conn, s.url, &o);
    CHECK_OK(o.rc, &o.err);
    g_assert_nonnull(strstr(script_server_request(s.server, 1)->head,
                            "\r\nCookie: exchangecookie=abc\r\n"));
    g_assert_cmpuint(script_server_connections(s.server), ==, 1);

    /* Dropped: another connection, the same cookies. */
    net_conn_drop(s.conn);
    net_conn_drop(s.conn);
    get(s.conn, s.url, &o);
    CHECK_OK(o.rc, &o.err);
    g_assert_cmpuint(script_server_request(s.server, 2)->connection, ==, 1);
    g_assert_nonnull(strstr(script_server_request(s.server, 2)->head,
                            "\r\nCookie: exchangecookie=abc\r\n"));

    /* Somebody else's: nothing of it. */
    stranger = net_conn_new(s.net, NULL);
    get(stranger, s.url, &o);
    CHECK_OK(o.rc, &o.err);
    g_assert_cmpuint(script_server_request(s.server, 3)->connection, ==, 2);
    g_assert_null(strstr(script_server_request(s.server, 3)->head, "Cookie"));
    net_conn_free(stranger);
    scene_close(&s);
}

static void test_redirects_are_reported(void)
{
    static const struct script_line script[] = {
        { SCRIPT_ANSWER, "HTTP/1.1 302 Found\r\nContent-Length: 0\r\n"
                         "Location: http://127.0.0.1:1/evil\r\n\r\n" },
        { SCRIPT_END },
    };
    g_auto(outcome) o = { 0 };
    struct scene s;

    SCENE(&s, NET_AUTH_NONE, script);
    get(s.conn, s.url, &o);
    CHECK_OK(o.rc, &o.err);
    g_assert_cmpint(o.response.status, ==, 302);
    g_assert_cmpstr(o.response.location, ==, "http://127.0.0.1:1/evil");
    g_assert_cmpuint(script_server_requests(s.server), ==, 1);
    scene_close(&s);
}

/* ---- nothing is sent twice ------------------------------------------- */

static const struct script_line acts_then_closes[] = { { SCRIPT_ANSWER, YES },
                                                       { SCRIPT_CLOSE },
                                                       { SCRIPT_END } };
static const struct script_line acts_then_resets[] = { { SCRIPT_ANSWER, YES },
                                                       { SCRIPT_VANISH },
                                                       { SCRIPT_END } };

/*
 * exchange.md, "Writing": the server takes a write on a kept connection, acts,
 * and closes without an answer.  libcurl would send it again by itself.
 */
static void check_written_once(const struct script_line *first)
{
    g_auto(outcome) o = { 0 };
    struct scene s;

    SCENE(&s, NET_AUTH_NONE, first, answers);
    post(s.conn, s.url, "<Hello/>", false, &o);
    CHECK_OK(o.rc, &o.err);
    post(s.conn, s.url, "<UploadItems/>", false, &o);
    g_assert_cmpint(o.rc, ==, -1);
    g_assert_cmpstr(o.err.name, ==, "connection-lost");
    g_assert_cmpint(o.err.retry, ==, ERR_RETRY_NOW);
    g_assert_true(o.response.body_sent);
    g_assert_cmpint(o.response.status, ==, 0);
    g_assert_cmpuint(effects(&s, "<UploadItems/>"), ==, 1);

    /* The connection recovers, and still nothing comes a second time. */
    post(s.conn, s.url, "<Next/>", false, &o);
    CHECK_OK(o.rc, &o.err);
    g_assert_cmpuint(effects(&s, "<UploadItems/>"), ==, 1);
    g_assert_cmpuint(script_server_requests(s.server), ==, 3);
    scene_close(&s);
}

static void test_a_write_is_not_repeated(void)
{
    check_written_once(acts_then_closes);
    check_written_once(acts_then_resets);
}

static void test_a_large_write_is_not_repeated(void)
{
    g_autofree char *large = g_strnfill(5000000, 'x');
    g_auto(outcome) o = { 0 };
    struct scene s;

    SCENE(&s, NET_AUTH_NONE, acts_then_closes, answers);
    post(s.conn, s.url, "<Hello/>", false, &o);
    CHECK_OK(o.rc, &o.err);
    post(s.conn, s.url, large, false, &o);
    g_assert_cmpint(o.rc, ==, -1);
    g_assert_true(o.response.body_sent);
    g_assert_cmpuint(effects(&s, large), ==, 1);
    scene_close(&s);
}

/* A write without a body has nothing that could refuse to be rewound. */
static void test_a_write_without_body_is_not_repeated(void)
{
    g_auto(outcome) o = { 0 };
    struct scene s;
    static const struct script_line closes[] = { { SCRIPT_CLOSE },
                                                 { SCRIPT_END } };

    SCENE(&s, NET_AUTH_NONE, acts_then_closes, closes, answers);
    post(s.conn, s.url, "<Hello/>", false, &o);
    CHECK_OK(o.rc, &o.err);
    post(s.conn, s.url, "", false, &o);
    g_assert_cmpint(o.rc, ==, -1);
    g_assert_cmpstr(o.err.name, ==, "connection-lost");
    g_assert_false(o.response.body_sent);
    g_assert_cmpuint(effects(&s, ""), ==, 1);
    scene_close(&s);
}

static void test_what_is_repeatable_is_repeated(void)
{
    g_auto(outcome) o = { 0 };
    struct scene s;

    SCENE(&s, NET_AUTH_NONE, acts_then_closes, answers);
    post(s.conn, s.url, "<Hello/>", true, &o);
    CHECK_OK(o.rc, &o.err);
    post(s.conn, s.url, "<GetItem/>", true, &o);
    CHECK_OK(o.rc, &o.err);
    g_assert_cmpstr(o.body->str, ==, "yes");
    g_assert_cmpuint(effects(&s, "<GetItem/>"), ==, 2);
    scene_close(&s);
}

static void test_but_only_once(void)
{
    static const struct script_line closes[] = { { SCRIPT_CLOSE },
                                                 { SCRIPT_END } };
    g_auto(outcome) o = { 0 };
    struct scene s;

    SCENE(&s, NET_AUTH_NONE, closes);
    post(s.conn, s.url, "<GetItem/>", true, &o);
    g_assert_cmpint(o.rc, ==, -1);
    g_assert_cmpstr(o.err.name, ==, "connection-lost");
    g_assert_cmpuint(effects(&s, "<GetItem/>"), ==, 2);
    scene_close(&s);
}

/* The sink has had the beginning: a second answer would follow upon it. */
static void test_half_an_answer_is_not_repeated(void)
{
    static const struct script_line script[] = {
        { SCRIPT_EARLY, OK_ANSWER("half", "100") }, { SCRIPT_END }
    };
    g_auto(outcome) o = { 0 };
    struct scene s;

    SCENE(&s, NET_AUTH_NONE, script, answers);
    post(s.conn, s.url, "<GetItem/>", true, &o);
    g_assert_cmpint(o.rc, ==, -1);
    g_assert_cmpstr(o.err.name, ==, "connection-lost");
    g_assert_cmpstr(o.body->str, ==, "half");
    g_assert_cmpint(o.response.status, ==, 200);
    g_assert_cmpuint(script_server_requests(s.server), ==, 1);
    scene_close(&s);
}

/* The server had closed before: the write has not begun, so it may go. */
static void test_a_connection_closed_while_idle(void)
{
    static const struct script_line one[] = { { SCRIPT_ANSWER, YES },
                                              { SCRIPT_END } };
    g_auto(outcome) o = { 0 };
    struct scene s;

    SCENE(&s, NET_AUTH_NONE, one);
    for (unsigned int i = 0; i < 5; i++) {
        post(s.conn, s.url, "<UploadItems/>", false, &o);
        /* Or the race was lost, which is no reason to send it twice. */
        if (o.rc < 0)
            g_assert_cmpstr(o.err.name, ==, "connection-lost");
        g_assert_cmpuint(effects(&s, "<UploadItems/>"), <=, i + 1);
    }
    scene_close(&s);
}

/* ---- signing in ------------------------------------------------------ */

static const struct script_line ntlm_twice[] = {
    { SCRIPT_ANSWER, CHALLENGE },
    { SCRIPT_ANSWER, YES },
    { SCRIPT_ANSWER, YES },
    { SCRIPT_END },
};

static bool signs_in(const struct script_request *r)
{
    return strstr(r->head, "\r\nAuthorization: NTLM TlRMTVNTUA") != NULL;
}

static void test_ntlm(void)
{
    g_auto(outcome) o = { 0 };
    const struct script_request *r;
    struct scene s;

    SCENE(&s, NET_AUTH_NTLM, ntlm_twice);
    post(s.conn, s.url, "<UploadItems/>", false, &o);
    CHECK_OK(o.rc, &o.err);
    g_assert_cmpstr(o.body->str, ==, "yes");
    /* The first message carries no body, the second all of it. */
    r = script_server_request(s.server, 0);
    g_assert_true(signs_in(r));
    g_assert_nonnull(strstr(r->head, "\r\nContent-Length: 0\r\n"));
    g_assert_true(signs_in(script_server_request(s.server, 1)));
    g_assert_cmpuint(effects(&s, "<UploadItems/>"), ==, 1);

    /* From then on the connection is signed in. */
    post(s.conn, s.url, "<Second/>", false, &o);
    CHECK_OK(o.rc, &o.err);
    g_assert_false(signs_in(script_server_request(s.server, 2)));
    g_assert_cmpuint(effects(&s, "<Second/>"), ==, 1);
    g_assert_cmpuint(script_server_requests(s.server), ==, 3);
    g_assert_cmpuint(script_server_connections(s.server), ==, 1);
    scene_close(&s);
}

static void test_ntlm_refused(void)
{
    static const struct script_line script[] = { { SCRIPT_ANSWER, CHALLENGE },
                                                 { SCRIPT_ANSWER, WANT_NTLM },
                                                 { SCRIPT_END } };
    g_auto(outcome) o = { 0 };
    struct scene s;

    SCENE(&s, NET_AUTH_NTLM, script);
    post(s.conn, s.url, "<UploadItems/>", false, &o);
    CHECK_OK(o.rc, &o.err);
    g_assert_cmpint(o.response.status, ==, 401);
    g_assert_cmpuint(o.response.offered, ==,
                     NET_AUTH_NTLM | NET_AUTH_NEGOTIATE);
    /* It had left, but a 401 says that nothing was done with it. */
    g_assert_false(o.response.body_sent);
    g_assert_cmpstr(o.body->str, ==, "nope");
    g_assert_cmpuint(script_server_requests(s.server), ==, 2);
    scene_close(&s);
}

/* A kept connection that forgot us says 401 to a body: it may go again. */
static void test_ntlm_forgotten(void)
{
    static const struct script_line script[] = {
        { SCRIPT_ANSWER, CHALLENGE }, { SCRIPT_ANSWER, YES },
        { SCRIPT_ANSWER, WANT_NTLM }, { SCRIPT_ANSWER, CHALLENGE },
        { SCRIPT_ANSWER, YES },       { SCRIPT_END },
    };
    g_auto(outcome) o = { 0 };
    struct scene s;

    SCENE(&s, NET_AUTH_NTLM, script, ntlm_twice);
    post(s.conn, s.url, "<Hello/>", false, &o);
    CHECK_OK(o.rc, &o.err);
    post(s.conn, s.url, "<UploadItems/>", false, &o);
    CHECK_OK(o.rc, &o.err);
    g_assert_cmpint(o.response.status, ==, 200);
    g_assert_true(o.response.body_sent);
    g_assert_cmpstr(o.body->str, ==, "yes");
    /* Read twice, but the first time it was answered with 401. */
    g_assert_cmpuint(effects(&s, "<UploadItems/>"), ==, 2);
    scene_close(&s);
}

/* The same, and the connection dies when the body has gone again. */
static void test_ntlm_forgotten_then_lost(void)
{
    static const struct script_line script[] = {
        { SCRIPT_ANSWER, CHALLENGE },
        { SCRIPT_ANSWER, YES },
        { SCRIPT_ANSWER, WANT_NTLM },
        { SCRIPT_ANSWER, CHALLENGE },
        { SCRIPT_CLOSE },
        { SCRIPT_END },
    };
    g_auto(outcome) o = { 0 };
    struct scene s;

    SCENE(&s, NET_AUTH_NTLM, script, ntlm_twice);
    post(s.conn, s.url, "<Hello/>", false, &o);
    CHECK_OK(o.rc, &o.err);
    post(s.conn, s.url, "<UploadItems/>", false, &o);
    g_assert_cmpint(o.rc, ==, -1);
    g_assert_cmpstr(o.err.name, ==, "connection-lost");
    g_assert_true(o.response.body_sent);
    g_assert_cmpint(o.response.status, ==, 0);
    g_assert_cmpuint(effects(&s, "<UploadItems/>"), ==, 2);
    scene_close(&s);
}

static void test_ntlm_write_is_not_repeated(void)
{
    static const struct script_line script[] = { { SCRIPT_ANSWER, CHALLENGE },
                                                 { SCRIPT_ANSWER, YES },
                                                 { SCRIPT_CLOSE },
                                                 { SCRIPT_END } };
    g_auto(outcome) o = { 0 };
    struct scene s;

    SCENE(&s, NET_AUTH_NTLM, script, ntlm_twice);
    post(s.conn, s.url, "<Hello/>", false, &o);
    CHECK_OK(o.rc, &o.err);
    post(s.conn, s.url, "<UploadItems/>", false, &o);
    g_assert_cmpint(o.rc, ==, -1);
    g_assert_cmpstr(o.err.name, ==, "connection-lost");
    g_assert_true(o.response.body_sent);
    g_assert_cmpuint(effects(&s, "<UploadItems/>"), ==, 1);
    /* And the next one signs in anew. */
    post(s.conn, s.url, "<Next/>", false, &o);
    CHECK_OK(o.rc, &o.err);
    g_assert_cmpuint(effects(&s, "<Next/>"), ==, 1);
    scene_close(&s);
}

/* Lost within the handshake: nothing of the body had left. */
static void test_ntlm_lost_before_the_body(void)
{
    static const struct script_line script[] = { { SCRIPT_CLOSE },
                                                 { SCRIPT_END } };
    g_auto(outcome) o = { 0 };
    struct scene s;

    SCENE(&s, NET_AUTH_NTLM, script);
    post(s.conn, s.url, "<UploadItems/>", false, &o);
    g_assert_cmpint(o.rc, ==, -1);
    g_assert_cmpstr(o.err.name, ==, "connection-lost");
    g_assert_false(o.response.body_sent);
    g_assert_cmpuint(o.response.bytes_up, ==, 0);
    scene_close(&s);
}

static void test_offers_without_a_credential(void)
{
    static const struct script_line script[] = { { SCRIPT_ANSWER, WANT_NTLM },
                                                 { SCRIPT_END } };
    g_auto(outcome) o = { 0 };
    struct scene s;

    SCENE(&s, NET_AUTH_NONE, script);
    post(s.conn, s.url, "", true, &o);
    CHECK_OK(o.rc, &o.err);
    g_assert_cmpint(o.response.status, ==, 401);
    g_assert_cmpuint(o.response.offered, ==,
                     NET_AUTH_NTLM | NET_AUTH_NEGOTIATE);
    g_assert_null(
        strstr(script_server_request(s.server, 0)->head, "Authorization"));
    scene_close(&s);
}

static void test_passwords_stay_off_plain_http(gconstpointer data)
{
    g_auto(outcome) o = { 0 };
    struct scene s;

    SCENE(&s, (enum net_scheme)GPOINTER_TO_INT(data), answers);
    post(s.conn, s.url, "x", false, &o);
    g_assert_cmpint(o.rc, ==, -1);
    g_assert_cmpstr(o.err.name, ==, "other");
    g_assert_cmpint(o.err.scope, ==, ERR_RUN);
    g_assert_cmpint(o.err.retry, ==, ERR_RETRY_NEVER);
    g_assert_cmpuint(script_server_connections(s.server), ==, 0);
    scene_close(&s);
}

/* ---- what can go wrong ----------------------------------------------- */

static void test_nobody_there(void)
{
    g_auto(outcome) o = { 0 };
    struct scene s;

    SCENE(&s, NET_AUTH_NONE, answers);
    script_server_stop_listening(s.server);
    post(s.conn, s.url, "x", true, &o);
    g_assert_cmpint(o.rc, ==, -1);
    g_assert_cmpstr(o.err.name, ==, "cannot-connect");
    g_assert_cmpint(o.err.code, ==, CURLE_COULDNT_CONNECT);
    g_assert_cmpint(o.err.retry, ==, ERR_RETRY_WAIT);
    g_assert_nonnull(strstr(o.err.msg, "server \"127.0.0.1:"));
    g_assert_nonnull(o.err.remedy);
    g_assert_false(o.response.body_sent);
    scene_close(&s);
}

/* A label of 64 letters is refused before anybody is asked about it. */
static void test_no_such_name(void)
{
    g_autofree char *label = g_strnfill(64, 'a');
    g_autofree char *url = g_strdup_printf("http://%s.example/", label);
    g_auto(outcome) o = { 0 };
    struct scene s;

    SCENE(&s, NET_AUTH_NONE, answers);
    post(s.conn, url, "x", true, &o);
    g_assert_cmpint(o.rc, ==, -1);
    g_assert_cmpstr(o.err.name, ==, "cannot-resolve");
    scene_close(&s);
}

static void test_deadline(void)
{
    static const struct script_line script[] = { { SCRIPT_STALL },
                                                 { SCRIPT_END } };
    const struct net_part part = { .text = "x", .len = 1 };
    g_auto(outcome) o = { 0 };
    struct scene s;

    SCENE(&s, NET_AUTH_NONE, script);
    perform(s.conn,
            (struct net_request){ .method = "POST",
                                  .url = s.url,
                                  .parts = &part,
                                  .n_parts = 1,
                                  .deadline_ms = 300,
                                  .repeatable = true },
            &o);
    g_assert_cmpint(o.rc, ==, -1);
    g_assert_cmpstr(o.err.name, ==, "timeout");
    g_assert_cmpint(o.err.retry, ==, ERR_RETRY_WAIT);
    g_assert_true(o.response.body_sent);
    g_assert_cmpuint(script_server_requests(s.server), ==, 1);
    scene_close(&s);
}

static void test_answer_too_large(void)
{
    static const struct script_line flood[] = {
        { SCRIPT_FLOOD, "HTTP/1.1 200 OK\r\n\r\n" }, { SCRIPT_END }
    };
    static const struct script_line headers[] = { { SCRIPT_HEADERS },
                                                  { SCRIPT_END } };
    g_auto(outcome) o = { 0 };
    struct scene s;

    SCENE(&s, NET_AUTH_NONE, flood, headers);
    perform(s.conn,
            (struct net_request){ .method = "GET",
                                  .url = s.url,
                                  .answer_max_bytes = 100000,
                                  .repeatable = true },
            &o);
    g_assert_cmpint(o.rc, ==, -1);
    g_assert_cmpstr(o.err.name, ==, "answer-too-large");
    g_assert_nonnull(strstr(o.err.msg, "100000 bytes"));
    g_assert_cmpuint(o.body->len, <=, 100000);
    get(s.conn, s.url, &o);
    g_assert_cmpint(o.rc, ==, -1);
    g_assert_cmpstr(o.err.name, ==, "answer-too-large");
    g_assert_cmpuint(script_server_requests(s.server), ==, 2);
    scene_close(&s);
}

struct caller {
    struct script_server *server;
    struct cancel *cancel;
};

static void *cancel_when_asked(void *data)
{
    const struct caller *c = data;

    script_server_wait(c->server, 1);
    cancel_request(c->cancel);
    cancel_request(c->cancel);
    return NULL;
}

static void test_cancel(void)
{
    static const struct script_line script[] = { { SCRIPT_STALL },
                                                 { SCRIPT_END } };
    const struct net_part part = { .text = "x", .len = 1 };
    g_autoptr(cancel) c = cancel_new();
    g_auto(outcome) o = { 0 };
    struct caller caller = { .cancel = c };
    struct scene s;
    pthread_t thread;

    SCENE(&s, NET_AUTH_NONE, script);
    caller.server = s.server;
    g_assert_cmpint(pthread_create(&thread, NULL, cancel_when_asked, &caller),
                    ==, 0);
    perform(s.conn,
            (struct net_request){ .method = "POST",
                                  .url = s.url,
                                  .parts = &part,
                                  .n_parts = 1,
                                  .repeatable = true,
                                  .cancel = c },
            &o);
    pthread_join(thread, NULL);
    g_assert_cmpint(o.rc, ==, -1);
    g_assert_cmpstr(o.err.name, ==, "cancelled");
    g_assert_true(o.response.body_sent);

    /* And nothing begins any more. */
    perform(s.conn,
            (struct net_request){ .method = "GET", .url = s.url, .cancel = c },
            &o);
    g_assert_cmpint(o.rc, ==, -1);
    g_assert_cmpstr(o.err.name, ==, "cancelled");
    g_assert_cmpuint(script_server_requests(s.server), ==, 1);
    scene_close(&s);
}

static void test_draining_ends_nothing(void)
{
    g_autoptr(cancel) c = cancel_new();
    g_auto(outcome) o = { 0 };
    struct scene s;

    SCENE(&s, NET_AUTH_NONE, answers);
    cancel_request(c);
    perform(s.conn,
            (struct net_request){ .method = "GET", .url = s.url, .cancel = c },
            &o);
    CHECK_OK(o.rc, &o.err);
    scene_close(&s);
}

struct choosy {
    const struct net_response *response;
    long status; /* as it was when the first byte came */
};

static int refuse_all(void *data, const char *bytes, size_t n, struct err *err)
{
    struct choosy *c = data;

    (void)bytes;
    (void)n;
    c->status = c->response->status;
    return err_set(err, ERR_FOLDER, ERR_RETRY_NEVER, 42, "not to my taste");
}

static void test_the_sinks_own_error(void)
{
    g_auto(outcome) o = { 0 };
    struct choosy choosy = { .response = &o.response };
    struct scene s;

    SCENE(&s, NET_AUTH_NONE, answers);
    perform(s.conn,
            (struct net_request){ .method = "GET",
                                  .url = s.url,
                                  .sink = refuse_all,
                                  .sink_data = &choosy,
                                  .repeatable = true },
            &o);
    g_assert_cmpint(o.rc, ==, -1);
    g_assert_cmpstr(o.err.msg, ==, "not to my taste");
    g_assert_cmpint(o.err.scope, ==, ERR_FOLDER);
    g_assert_cmpint(choosy.status, ==, 200);
    g_assert_cmpuint(script_server_requests(s.server), ==, 1);
    /* What was left of that answer is not the next one's beginning. */
    get(s.conn, s.url, &o);
    CHECK_OK(o.rc, &o.err);
    g_assert_cmpuint(script_server_connections(s.server), ==, 2);
    scene_close(&s);
}

/*
 * The server has heard enough and hangs up while we still send: either its
 * answer or the loss is reported, and SIGPIPE does not end the process.
 */
static void test_refused_while_sending(void)
{
    static const struct script_line script[] = {
        { SCRIPT_EARLY, "HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n"
                        "Connection: close\r\n\r\n" },
        { SCRIPT_END }
    };
    g_autofree char *large = g_strnfill(20000000, 'x');
    g_auto(outcome) o = { 0 };
    struct scene s;

    SCENE(&s, NET_AUTH_NONE, script);
    for (int i = 0; i < 5; i++) {
        post(s.conn, s.url, large, false, &o);
        if (o.rc == 0)
            g_assert_cmpint(o.response.status, ==, 413);
        else
            g_assert_cmpstr(o.err.name, ==, "connection-lost");
    }
    g_assert_cmpuint(script_server_requests(s.server), ==, 5);
    scene_close(&s);
}

static void test_not_http(void)
{
    static const struct script_line script[] = {
        { SCRIPT_EARLY, "220 mail.example.com ESMTP\r\n" }, { SCRIPT_END }
    };
    g_auto(outcome) o = { 0 };
    struct scene s;

    SCENE(&s, NET_AUTH_NONE, script);
    get(s.conn, s.url, &o);
    g_assert_cmpint(o.rc, ==, -1);
    g_assert_cmpstr(o.err.name, ==, "other");
    g_assert_cmpint(o.response.status, ==, 0);
    scene_close(&s);
}

static void test_requests_that_are_refused(void)
{
    static const char *const forged[] = { "X-AnchorMailbox: a\r\nX-Evil: b",
                                          NULL };
    static const struct {
        const char *name, *url;
        const char *const *headers;
    } rows[] = {
        { "a header that brings another", NULL, forged },
        { "another scheme", "file:///etc/passwd", NULL },
        { "user and password in the address", "http://a:b@127.0.0.1/", NULL },
        { "no address", "", NULL },
    };
    g_auto(outcome) o = { 0 };
    struct scene s;

    SCENE(&s, NET_AUTH_NONE, answers);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        perform(s.conn,
                (struct net_request){ .method = "GET",
                                      .url = rows[i].url != NULL ? rows[i].url
                                                                 : s.url,
                                      .headers = rows[i].headers },
                &o);
        CHECK_ROW(rows[i].name, o.rc == -1);
        CHECK_ROW(rows[i].name, g_strcmp0(o.err.name, "other") == 0);
    }
    g_assert_cmpuint(script_server_connections(s.server), ==, 0);
    scene_close(&s);
}

/* ---- the whole process ----------------------------------------------- */

static void *write_some(void *data)
{
    const struct scene *s = data;
    struct net_conn *conn = net_conn_new(s->net, NULL);
    g_auto(outcome) o = { 0 };

    for (int i = 0; i < 4; i++) {
        post(conn, s->url, "<GetItem/>", true, &o);
        CHECK_OK(o.rc, &o.err);
        g_assert_cmpstr(o.body->str, ==, "yes");
    }
    net_conn_free(conn);
    return NULL;
}

static void test_many_threads(void)
{
    struct scene s;
    pthread_t threads[8];

    SCENE(&s, NET_AUTH_NONE, answers);
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        g_assert_cmpint(pthread_create(&threads[i], NULL, write_some, &s), ==,
                        0);
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        pthread_join(threads[i], NULL);
    g_assert_cmpuint(effects(&s, "<GetItem/>"), ==, 32);
    g_assert_cmpuint(script_server_connections(s.server), ==, 8);
    scene_close(&s);
}

static void test_ca_file(void)
{
    g_autofree char *dir = g_dir_make_tmp("net-test-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(dir, "ca.pem", NULL);
    const struct net_config config = { .ca_file = path };
    struct net *n = NULL;
    struct err err;

    g_assert_cmpint(net_new(&config, &n, &err), ==, -1);
    g_assert_nonnull(strstr(err.msg, path));
    g_assert_true(g_file_set_contents(path, "\x30\x82", 2, NULL));
    g_assert_cmpint(net_new(&config, &n, &err), ==, -1);
    g_assert_nonnull(strstr(err.msg, "no certificate"));
    g_assert_null(n);
    g_assert_cmpint(remove(path), ==, 0);
    g_assert_cmpint(remove(dir), ==, 0);
}

int main(int argc, char **argv)
{
    /* What a proxy of the machine's would make of loopback is no matter. */
    g_unsetenv("http_proxy");
    g_unsetenv("ALL_PROXY");
    g_unsetenv("all_proxy");
    g_test_init(&argc, &argv, NULL);
#define TEST(name, function) g_test_add_func("/net/" name, function)
    TEST("wire/request", test_the_request_as_the_server_reads_it);
    TEST("wire/answer", test_the_answer_as_it_came);
    TEST("wire/connection-and-cookies", test_one_connection_with_cookies);
    TEST("wire/redirect", test_redirects_are_reported);
    TEST("once/write", test_a_write_is_not_repeated);
    TEST("once/large-write", test_a_large_write_is_not_repeated);
    TEST("once/no-body", test_a_write_without_body_is_not_repeated);
    TEST("once/repeatable", test_what_is_repeatable_is_repeated);
    TEST("once/repeatable-once", test_but_only_once);
    TEST("once/half-an-answer", test_half_an_answer_is_not_repeated);
    TEST("once/closed-while-idle", test_a_connection_closed_while_idle);
    TEST("auth/ntlm", test_ntlm);
    TEST("auth/ntlm-refused", test_ntlm_refused);
    TEST("auth/ntlm-forgotten", test_ntlm_forgotten);
    TEST("auth/ntlm-forgotten-lost", test_ntlm_forgotten_then_lost);
    TEST("auth/ntlm-write", test_ntlm_write_is_not_repeated);
    TEST("auth/ntlm-lost-early", test_ntlm_lost_before_the_body);
    TEST("auth/offers", test_offers_without_a_credential);
    g_test_add_data_func("/net/auth/plain-basic",
                         GINT_TO_POINTER(NET_AUTH_BASIC),
                         test_passwords_stay_off_plain_http);
    g_test_add_data_func("/net/auth/plain-bearer",
                         GINT_TO_POINTER(NET_AUTH_BEARER),
                         test_passwords_stay_off_plain_http);
    g_test_add_data_func("/net/auth/negotiate",
                         GINT_TO_POINTER(NET_AUTH_NEGOTIATE),
                         test_passwords_stay_off_plain_http);
    TEST("wrong/nobody-there", test_nobody_there);
    TEST("wrong/no-such-name", test_no_such_name);
    TEST("wrong/deadline", test_deadline);
    TEST("wrong/too-large", test_answer_too_large);
    TEST("wrong/cancel", test_cancel);
    TEST("wrong/drain", test_draining_ends_nothing);
    TEST("wrong/sink", test_the_sinks_own_error);
    TEST("wrong/refused-while-sending", test_refused_while_sending);
    TEST("wrong/not-http", test_not_http);
    TEST("wrong/requests", test_requests_that_are_refused);
    TEST("process/threads", test_many_threads);
    TEST("process/ca-file", test_ca_file);
#undef TEST
    return g_test_run();
}
