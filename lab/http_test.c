/*
 * The oracle is a socket: what a client would see, byte by byte.
 */
#include "lab/http.h"

#include <arpa/inet.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/check.h"

#define BODY_MAX 1000
/* A test that hangs must end: no answer takes that long. */
#define PATIENCE_SECONDS 20

struct fixture {
    struct http_server *server;
    atomic_int connections, handled;
    char *seen; /* what the handler made of the last request */
};

static void handle(void *data, const struct http_request *r,
                   struct http_answer *a)
{
    struct fixture *f = data;
    const char *header = http_header(r, "x-TEST");
    const char *query = http_query(r, "q");

    atomic_fetch_add(&f->handled, 1);
    g_free(f->seen);
    f->seen = g_strdup_printf(
        "%s %s %s %s %s%s%s%s", r->method, r->path,
        header != NULL ? header : "-", query != NULL ? query : "-",
        r->kept ? "kept " : "", r->too_large ? "large " : "",
        r->loopback ? "" : "far ", r->body->str);
    a->content_type = "text/plain";
    g_string_assign(a->body, "0123456789");
    http_answer_header(a, "X-Number", "%d", 7);
    if (strcmp(r->path, "/drop") == 0)
        a->ending = HTTP_DROP;
    if (strcmp(r->path, "/break") == 0)
        a->ending = HTTP_BREAK;
    if (strcmp(r->path, "/close") == 0)
        a->close = true;
    if (strcmp(r->path, "/status") == 0)
        a->status = 503;
    if (strcmp(r->path, "/chunked") == 0)
        a->ending = HTTP_CHUNKED;
    if (strcmp(r->path, "/trickle") == 0)
        a->piece_bytes = 3;
    if (strcmp(r->path, "/second") == 0)
        a->behind = g_string_new("another");
    if (strcmp(r->path, "/cookie") == 0)
        g_string_assign(a->body, http_cookie(r, "b") != NULL
                                     ? http_cookie(r, "b")
                                     : "none");
    if (strcmp(r->path, "/take") == 0) {
        GString *taken = http_take_body(r);

        g_string_printf(a->body, "%s/%u", taken->str, (unsigned)r->body->len);
        g_string_free(taken, TRUE);
    }
}

static void *conn_new(void *data)
{
    struct fixture *f = data;

    atomic_fetch_add(&f->connections, 1);
    return g_malloc0(1);
}

static void conn_free(void *state)
{
    g_free(state);
}

static struct fixture *fixture_new(void)
{
    struct fixture *f = g_new0(struct fixture, 1);
    const struct http_handler handler = { handle, conn_new, conn_free, f };
    const struct http_options options = {
        .listen = "127.0.0.1:0",
        .body_bytes_max = BODY_MAX,
    };
    struct err err;

    CHECK_OK(http_server_new(&options, &handler, &f->server, &err), &err);
    return f;
}

static void fixture_free(struct fixture *f)
{
    http_server_free(f->server);
    g_free(f->seen);
    g_free(f);
}

static int dial(const struct fixture *f)
{
    const struct timeval patience = { .tv_sec = PATIENCE_SECONDS };
    struct sockaddr_in to = {
        .sin_family = AF_INET,
        .sin_port = htons(http_server_port(f->server)),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    g_assert_cmpint(fd, >=, 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    g_assert_cmpint(connect(fd, (const void *)&to, sizeof(to)), ==, 0);
    return fd;
}

static void say(int fd, const char *text)
{
    g_assert_cmpint(send(fd, text, strlen(text), MSG_NOSIGNAL), ==,
                    (ssize_t)strlen(text));
}

/* All until `end` has come, or the connection has ended. */
static char *hear(int fd, const char *end)
{
    GString *got = g_string_new(NULL);
    char piece[4096];
    ssize_t n;

    while (end == NULL || strstr(got->str, end) == NULL) {
        n = recv(fd, piece, sizeof(piece), 0);
        if (n <= 0)
            break;
        g_string_append_len(got, piece, n);
    }
    return g_string_free(got, FALSE);
}

static bool is_closed(int fd)
{
    char byte;

    return recv(fd, &byte, 1, 0) <= 0;
}

static void test_request(void)
{
    struct fixture *f = fixture_new();
    int fd = dial(f);
    g_autofree char *answer = NULL;

    say(fd, "POST /a/b?q=1%202 HTTP/1.1\r\nHost: x\r\nX-Test: y\r\n"
            "Content-Length: 5\r\n\r\nhello");
    answer = hear(fd, "0123456789");
    g_assert_true(g_str_has_prefix(answer, "HTTP/1.1 200 OK\r\n"));
    g_assert_nonnull(strstr(answer, "\r\nX-Number: 7\r\n"));
    g_assert_nonnull(strstr(answer, "\r\nContent-Type: text/plain\r\n"));
    g_assert_nonnull(strstr(answer, "\r\nContent-Length: 10\r\n"));
    g_assert_cmpstr(f->seen, ==, "POST /a/b y 1 2 hello");
    close(fd);
    fixture_free(f);
}

static void test_kept_connection(void)
{
    struct fixture *f = fixture_new();
    int fd = dial(f);

    for (int i = 0; i < 3; i++) {
        g_autofree char *answer = NULL;

        say(fd, "GET /x HTTP/1.1\r\nHost: x\r\n\r\n");
        answer = hear(fd, "0123456789");
        g_assert_nonnull(strstr(answer, " 200 "));
        g_assert_cmpstr(f->seen, ==,
                        i == 0 ? "GET /x - - " : "GET /x - - kept ");
    }
    g_assert_cmpint(atomic_load(&f->connections), ==, 1);
    close(fd);
    fixture_free(f);
}

static void test_endings(void)
{
    static const struct {
        const char *path, *body; /* NULL: not a byte */
        bool closed;
    } rows[] = {
        { "/drop", NULL, true },
        { "/break", "01234", true },
        { "/close", "0123456789", true },
        { "/status", "0123456789", false },
    };
    struct fixture *f = fixture_new();

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *request =
            g_strdup_printf("GET %s HTTP/1.1\r\nHost: x\r\n\r\n", rows[i].path);
        g_autofree char *answer = NULL;
        const char *body;
        int fd = dial(f);

        say(fd, request);
        answer = hear(fd, rows[i].closed ? NULL : "0123456789");
        body = strstr(answer, "\r\n\r\n");
        CHECK_ROW(rows[i].path, (body != NULL) == (rows[i].body != NULL));
        if (body != NULL)
            g_assert_cmpstr(body + 4, ==, rows[i].body);
        else
            g_assert_cmpstr(answer, ==, "");
        if (rows[i].closed)
            CHECK_ROW(rows[i].path, is_closed(fd));
        close(fd);
    }
    fixture_free(f);
}

/* What the answer says its length is, and how the body was sent. */
static void test_broken_answer_is_seen(void)
{
    struct fixture *f = fixture_new();
    int fd = dial(f);
    g_autofree char *answer = NULL;

    say(fd, "GET /break HTTP/1.1\r\nHost: x\r\n\r\n");
    answer = hear(fd, NULL);
    /* a client that believed this would wait for five more bytes */
    g_assert_nonnull(strstr(answer, "Content-Length: 10\r\n"));
    close(fd);
    fixture_free(f);
}

static char *chunks(size_t n)
{
    g_autofree char *data = g_strnfill(n, 'x');

    return g_strdup_printf("POST /x HTTP/1.1\r\nHost: x\r\n"
                           "Transfer-Encoding: chunked\r\n\r\n"
                           "%zx\r\n%s\r\n0\r\n\r\n",
                           n, data);
}

static char *sized(size_t n)
{
    g_autofree char *data = g_strnfill(n, 'x');

    return g_strdup_printf("POST /x HTTP/1.1\r\nHost: x\r\n"
                           "Content-Length: %zu\r\n\r\n%s",
                           n, data);
}

static void test_body_limit(void)
{
    static const struct {
        const char *name;
        char *(*request)(size_t n);
        size_t n;
        bool too_large;
    } rows[] = {
        { "empty", sized, 0, false },
        { "at the limit", sized, BODY_MAX, false },
        { "over it", sized, BODY_MAX + 1, true },
        { "far over it", sized, 1000 * BODY_MAX, true },
        { "chunked, at the limit", chunks, BODY_MAX, false },
        { "chunked, over it", chunks, BODY_MAX + 1, true },
        { "chunked, far over it", chunks, 1000 * BODY_MAX, true },
    };
    struct fixture *f = fixture_new();

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *request = rows[i].request(rows[i].n);
        g_autofree char *answer = NULL;
        int fd = dial(f);

        say(fd, request);
        answer = hear(fd, "0123456789");
        CHECK_ROW(rows[i].name, strstr(answer, " 200 ") != NULL);
        CHECK_ROW(rows[i].name,
                  (strstr(f->seen, "large") != NULL) == rows[i].too_large);
        CHECK_ROW(rows[i].name,
                  strstr(f->seen, "xxx") == NULL ||
                      strlen(strstr(f->seen, "xxx")) == rows[i].n);
        close(fd);
    }
    fixture_free(f);
}

/* Who asks first is told at once, without having to send it. */
static void test_expect(void)
{
    struct fixture *f = fixture_new();
    int fd = dial(f);
    g_autofree char *answer = NULL, *small = NULL;

    say(fd, "POST /x HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
            "Content-Length: 5\r\n\r\n");
    small = hear(fd, "\r\n\r\n");
    g_assert_true(g_str_has_prefix(small, "HTTP/1.1 100 "));
    close(fd);
    fd = dial(f);
    say(fd, "POST /x HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
            "Content-Length: 1000000\r\n\r\n");
    answer = hear(fd, "0123456789");
    g_assert_true(g_str_has_prefix(answer, "HTTP/1.1 200 "));
    g_assert_cmpstr(f->seen, ==, "POST /x - - large ");
    close(fd);
    fixture_free(f);
}

static void test_requests_that_are_none(void)
{
    static const char *const requests[] = {
        "nonsense\r\n\r\n",
        "POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        "POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 1x\r\n\r\n",
    };
    struct fixture *f = fixture_new();

    for (size_t i = 0; i < G_N_ELEMENTS(requests); i++) {
        g_autofree char *answer = NULL;
        int fd = dial(f);

        say(fd, requests[i]);
        answer = hear(fd, NULL);
        CHECK_ROW(requests[i], strstr(answer, " 200 ") == NULL);
        close(fd);
    }
    g_assert_cmpint(atomic_load(&f->handled), ==, 0);
    fixture_free(f);
}

/* Somebody who never finishes must not hold up those who do, or the end. */
static void test_client_that_stays_silent(void)
{
    struct fixture *f = fixture_new();
    int silent = dial(f), half = dial(f), fd = dial(f);
    g_autofree char *answer = NULL;

    say(half, "POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc");
    say(fd, "GET /x HTTP/1.1\r\nHost: x\r\n\r\n");
    answer = hear(fd, "0123456789");
    g_assert_nonnull(strstr(answer, " 200 "));
    fixture_free(f);
    close(silent);
    close(half);
    close(fd);
}

static void test_addresses(void)
{
    static const struct {
        const char *listen;
        bool want;
    } rows[] = {
        { "127.0.0.1:0", true },      { "127.0.0.1", false },
        { "256.0.0.1:0", false },     { "localhost:0", false },
        { "127.0.0.1:x", false },     { "", false },
        { "127.0.0.1:99999", false },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct fixture f = { 0 };
        const struct http_handler handler = { handle, conn_new, conn_free, &f };
        const struct http_options options = { .listen = rows[i].listen };
        struct err err = { .msg = "" };
        bool ok = http_server_new(&options, &handler, &f.server, &err) == 0;

        CHECK_ROW(rows[i].listen, ok == rows[i].want);
        CHECK_ROW(rows[i].listen, ok == (err.msg[0] == '\0'));
        if (ok)
            g_assert_true(g_str_has_prefix(http_server_url(f.server),
                                           "http://127.0.0.1:"));
        http_server_free(f.server);
    }
}

static void test_bad_certificate(void)
{
    struct fixture f = { 0 };
    const struct http_handler handler = { handle, conn_new, conn_free, &f };
    const struct http_options options = { .listen = "127.0.0.1:0",
                                          .certificate_pem = "none",
                                          .key_pem = "none" };
    struct err err;

    g_assert_cmpint(http_server_new(&options, &handler, &f.server, &err), <, 0);
    g_assert_nonnull(strstr(err.msg, "127.0.0.1:0"));
    g_assert_null(f.server);
}

/* What comes for a request, to the end of the connection. */
static char *ask(const struct fixture *f, const char *head, const char *body)
{
    g_autofree char *text = g_strdup_printf(
        "POST %s\r\nHost: x\r\nConnection: close\r\nContent-Length: %zu\r\n\r\n"
        "%s",
        head, strlen(body), body);
    int fd = dial(f);
    char *got;

    say(fd, text);
    got = hear(fd, "\n\n\n");
    close(fd);
    return got;
}

static void test_deliveries(void)
{
    static const struct {
        const char *head, *want, *without;
    } rows[] = {
        { "/plain HTTP/1.1", "Content-Length: 10\r\n", "chunked" },
        { "/plain HTTP/1.1", "\r\n\r\n0123456789", "HTTP/1.1 200 OK\r\nX" },
        { "/chunked HTTP/1.1", "Transfer-Encoding: chunked", "Content-Length" },
        { "/chunked HTTP/1.1", "0123456789", "0123456789\r\n\r\n" },
        { "/trickle HTTP/1.1", "\r\n\r\n0123456789", "chunked" },
        { "/second HTTP/1.1",
          "0123456789HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
          "Content-Length: 7\r\n\r\nanother",
          "Content-Length: 98" },
        { "/second HTTP/1.1", "Content-Length: 10\r\n", "chunked" },
        { "/cookie HTTP/1.1\r\nCookie: a=1; b=two", "\r\n\r\ntwo", "none" },
        { "/cookie HTTP/1.1", "\r\n\r\nnone", "two" },
        { "/take HTTP/1.1", "\r\n\r\nbody/0", "0123456789" },
    };
    struct fixture *f = fixture_new();

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *got = ask(f, rows[i].head, "body");

        if (strstr(got, rows[i].want) == NULL ||
            strstr(got, rows[i].without) != NULL)
            g_error("%s: %s", rows[i].head, got);
    }
    fixture_free(f);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/http/request", test_request);
    g_test_add_func("/http/kept-connection", test_kept_connection);
    g_test_add_func("/http/endings", test_endings);
    g_test_add_func("/http/broken-answer-is-seen", test_broken_answer_is_seen);
    g_test_add_func("/http/body-limit", test_body_limit);
    g_test_add_func("/http/expect", test_expect);
    g_test_add_func("/http/requests-that-are-none",
                    test_requests_that_are_none);
    g_test_add_func("/http/client-that-stays-silent",
                    test_client_that_stays_silent);
    g_test_add_func("/http/addresses", test_addresses);
    g_test_add_func("/http/bad-certificate", test_bad_certificate);
    g_test_add_func("/http/deliveries", test_deliveries);
    return g_test_run();
}
