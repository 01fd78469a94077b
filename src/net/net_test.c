#include "net/net.h"

#include <curl/curl.h>
#include <pthread.h>

#include "base/check.h"
#include "base/timestamp.h"
#include "net/scene.h"

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

    SCENE(&s, NET_AUTH_NONE, scene_answers);
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

/* The connection stays, and may have asked already or not. */
static void test_forgotten_cookies(void)
{
    static const struct script_line first[] = {
        { SCRIPT_ANSWER, "HTTP/1.1 200 OK\r\nSet-Cookie: exchangecookie=abc; "
                         "path=/\r\nContent-Length: 0\r\n\r\n" },
        { SCRIPT_ANSWER, YES },
        { SCRIPT_END },
    };
    g_auto(outcome) o = { 0 };
    struct scene s;

    SCENE(&s, NET_AUTH_NONE, first);
    net_conn_forget(s.conn);
    get(s.conn, s.url, &o);
    CHECK_OK(o.rc, &o.err);
    net_conn_forget(s.conn);
    get(s.conn, s.url, &o);
    CHECK_OK(o.rc, &o.err);
    g_assert_null(strstr(script_server_request(s.server, 1)->head, "Cookie"));
    g_assert_cmpuint(script_server_connections(s.server), ==, 1);
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

    SCENE(&s, NET_AUTH_NONE, first, scene_answers);
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

/* What one is given the other sends, before and after its own first request */
static void test_shared_cookies(void)
{
    static const struct script_line first[] = {
        { SCRIPT_ANSWER, "HTTP/1.1 200 OK\r\nSet-Cookie: exchangecookie=abc; "
                         "path=/\r\nContent-Length: 0\r\n\r\n" },
        { SCRIPT_END },
    };
    struct net_cookies *cookies = net_cookies_new();
    g_auto(outcome) o = { 0 };
    struct net_conn *other;
    struct scene s;

    SCENE(&s, NET_AUTH_NONE, first, scene_answers, scene_answers);
    net_conn_share(s.conn, cookies);
    get(s.conn, s.url, &o);
    CHECK_OK(o.rc, &o.err);
    other = net_conn_new(s.net, NULL);
    get(other, s.url, &o);
    CHECK_OK(o.rc, &o.err);
    g_assert_null(strstr(script_server_request(s.server, 1)->head, "Cookie"));
    net_conn_share(other, cookies);
    get(other, s.url, &o);
    CHECK_OK(o.rc, &o.err);
    g_assert_nonnull(strstr(script_server_request(s.server, 2)->head,
                            "\r\nCookie: exchangecookie=abc\r\n"));
    net_cookies_unref(cookies); /* the connections have their own references */
    net_conn_free(other);
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

/* ---- what can go wrong ----------------------------------------------- */

static void test_nobody_there(void)
{
    g_auto(outcome) o = { 0 };
    struct scene s;

    SCENE(&s, NET_AUTH_NONE, scene_answers);
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

    SCENE(&s, NET_AUTH_NONE, scene_answers);
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

/* A network for people who wait: nothing takes longer, whatever it asks for. */
static void test_deadline_of_all(void)
{
    static const struct script_line script[] = { { SCRIPT_STALL },
                                                 { SCRIPT_END } };
    const struct net_config config = { .exchange_max_ms = 300 };
    g_autoptr(net) one = NULL;
    g_autoptr(net_conn) conn = NULL;
    g_auto(outcome) o = { 0 };
    struct scene s;
    struct err err;

    SCENE(&s, NET_AUTH_NONE, script);
    CHECK_OK(net_new(&config, &one, &err), &err);
    conn = net_conn_new(one, NULL);
    perform(conn,
            (struct net_request){
                .method = "GET", .url = s.url, .deadline_ms = 3600000 },
            &o);
    g_assert_cmpint(o.rc, ==, -1);
    g_assert_cmpstr(o.err.name, ==, "timeout");
    g_clear_pointer(&conn, net_conn_free);
    scene_close(&s);
}

/* Frozen between its decision and the socket: nothing leaves. */
static void test_too_late(void)
{
    const struct net_part part = { .text = "x", .len = 1 };
    g_auto(outcome) o = { 0 }, in_time = { 0 };
    struct net_request request = {
        .method = "POST", .parts = &part, .n_parts = 1, .over_by_us = 1
    };
    struct scene s;

    SCENE(&s, NET_AUTH_NONE, scene_answers);
    request.url = s.url;
    perform(s.conn, request, &o);
    g_assert_cmpint(o.rc, ==, -1);
    g_assert_cmpstr(o.err.name, ==, "too-late");
    g_assert_false(o.response.body_sent);
    g_assert_cmpuint(o.response.bytes_up, ==, 0);
    request.over_by_us = timestamp_monotonic() + 3600 * TIMESTAMP_SECOND;
    perform(s.conn, request, &in_time);
    CHECK_OK(in_time.rc, &in_time.err);
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

    SCENE(&s, NET_AUTH_NONE, scene_answers);
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

    SCENE(&s, NET_AUTH_NONE, scene_answers);
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

    SCENE(&s, NET_AUTH_NONE, scene_answers);
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

    SCENE(&s, NET_AUTH_NONE, scene_answers);
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        g_assert_cmpint(pthread_create(&threads[i], NULL, write_some, &s), ==,
                        0);
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        pthread_join(threads[i], NULL);
    g_assert_cmpuint(scene_effects(&s, "<GetItem/>"), ==, 32);
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
    TEST("wire/forgotten-cookies", test_forgotten_cookies);
    TEST("wire/shared-cookies", test_shared_cookies);
    TEST("wire/redirect", test_redirects_are_reported);
    TEST("wrong/nobody-there", test_nobody_there);
    TEST("wrong/no-such-name", test_no_such_name);
    TEST("wrong/deadline", test_deadline);
    TEST("wrong/deadline-of-all", test_deadline_of_all);
    TEST("wrong/too-late", test_too_late);
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
