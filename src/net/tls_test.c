#include "net/net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/ssl.h>

#include "base/check.h"
#include "net/identity_testing.h"
#include "net/net_priv.h"
#include "net/script_server.h"

#define YES "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nyes"

/* ---- TLS in front of a script server --------------------------------- */

struct front {
    SSL_CTX *tls;
    int listener;
    struct sockaddr_in behind;
    char *url;
    pthread_t acceptor;
    GPtrArray *relays; /* of pthread_t *, the acceptor's until joined */
};

struct relay {
    struct front *front;
    int fd;
};

static int connect_behind(const struct front *f)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    g_assert_cmpint(
        connect(fd, (const struct sockaddr *)&f->behind, sizeof(f->behind)), ==,
        0);
    return fd;
}

static bool to_behind(SSL *ssl, int behind)
{
    char buf[16384];
    int n = SSL_read(ssl, buf, sizeof(buf));

    return n > 0 && send(behind, buf, (size_t)n, MSG_NOSIGNAL) == n;
}

static bool to_client(SSL *ssl, int behind)
{
    char buf[16384];
    ssize_t n = recv(behind, buf, sizeof(buf), 0);

    return n > 0 && SSL_write(ssl, buf, (int)n) == n;
}

static void relay_bytes(SSL *ssl, int client, int behind)
{
    struct pollfd fds[] = { { .fd = client, .events = POLLIN },
                            { .fd = behind, .events = POLLIN } };
    bool going = true;

    while (going) {
        if (SSL_pending(ssl) == 0 && poll(fds, 2, -1) < 0)
            return;
        if (SSL_pending(ssl) > 0 || fds[0].revents != 0)
            going = to_behind(ssl, behind);
        if (going && fds[1].revents != 0)
            going = to_client(ssl, behind);
        fds[0].revents = fds[1].revents = 0;
    }
}

static void *relay(void *data)
{
    struct relay *r = data;
    SSL *ssl = SSL_new(r->front->tls);
    sigset_t pipes;

    /* OpenSSL writes without MSG_NOSIGNAL; this end is not under test. */
    sigemptyset(&pipes);
    sigaddset(&pipes, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipes, NULL);
    SSL_set_fd(ssl, r->fd);
    if (SSL_accept(ssl) == 1) {
        int behind = connect_behind(r->front);

        relay_bytes(ssl, r->fd, behind);
        close(behind);
    }
    SSL_free(ssl);
    close(r->fd);
    g_free(r);
    return NULL;
}

static void *accept_all(void *data)
{
    struct front *f = data;
    int fd;

    while ((fd = accept(f->listener, NULL, NULL)) >= 0) {
        struct relay *r = g_new0(struct relay, 1);
        pthread_t *thread = g_new0(pthread_t, 1);

        *r = (struct relay){ f, fd };
        g_ptr_array_add(f->relays, thread);
        g_assert_cmpint(pthread_create(thread, NULL, relay, r), ==, 0);
    }
    return NULL;
}

static uint16_t port_of(const char *url)
{
    return (uint16_t)g_ascii_strtoull(strrchr(url, ':') + 1, NULL, 10);
}

/* An ephemeral port; the caller frees the address of it. */
static int listen_on_loopback(char **ret_url)
{
    struct sockaddr_in a = { .sin_family = AF_INET };
    socklen_t len = sizeof(a);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    g_assert_cmpint(bind(fd, (struct sockaddr *)&a, len), ==, 0);
    g_assert_cmpint(listen(fd, 16), ==, 0);
    g_assert_cmpint(getsockname(fd, (struct sockaddr *)&a, &len), ==, 0);
    *ret_url = g_strdup_printf("https://127.0.0.1:%u/EWS", ntohs(a.sin_port));
    return fd;
}

static void front_open(struct front *f, const char *behind_url,
                       const struct identity *id)
{
    *f = (struct front){ .tls = identity_context(id) };
    f->relays = g_ptr_array_new_with_free_func(g_free);
    f->behind.sin_family = AF_INET;
    f->behind.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    f->behind.sin_port = htons(port_of(behind_url));
    f->listener = listen_on_loopback(&f->url);
    g_assert_cmpint(pthread_create(&f->acceptor, NULL, accept_all, f), ==, 0);
}

/* After the clients have gone, so that every relay ends by itself. */
static void front_close(struct front *f)
{
    shutdown(f->listener, SHUT_RDWR);
    pthread_join(f->acceptor, NULL);
    close(f->listener);
    for (guint i = 0; i < f->relays->len; i++)
        pthread_join(*(pthread_t *)f->relays->pdata[i], NULL);
    g_ptr_array_unref(f->relays);
    SSL_CTX_free(f->tls);
    g_free(f->url);
}

/* ---- the scene ------------------------------------------------------- */

struct scene {
    struct identity id;
    struct script_server *server;
    struct front front;
    struct net *net;
    struct secret *password;
    struct net_conn *conn;
};

struct stage {
    const struct script_line *const *scripts;
    size_t n;
    const char *alternative; /* name in the certificate */
    bool expired, stranger;  /* stranger: the CA file is not given */
};

static void scene_open(struct scene *s, const struct stage *stage)
{
    struct net_config config = { 0 };
    struct net_auth auth = { .scheme = NET_AUTH_BASIC, .user = "admin" };
    struct err err;

    identity_make(&s->id, stage->alternative, stage->expired);
    s->server = script_server_new(stage->scripts, stage->n);
    front_open(&s->front, script_server_url(s->server), &s->id);
    config.ca_file = stage->stranger ? NULL : s->id.path;
    CHECK_OK(net_new(&config, &s->net, &err), &err);
    auth.password = s->password = secret_new("hunter2", 7);
    s->conn = net_conn_new(s->net, &auth);
}

static void scene_close(struct scene *s)
{
    net_conn_free(s->conn);
    net_free(s->net);
    front_close(&s->front);
    script_server_free(s->server);
    identity_clear(&s->id);
    secret_free(s->password);
}

static int post(struct scene *s, const char *text, struct net_response *r,
                struct err *err)
{
    const struct net_part part = { .text = text, .len = strlen(text) };
    const struct net_request request = {
        .method = "POST",
        .url = s->front.url,
        .parts = &part,
        .n_parts = 1,
    };

    net_response_clear(r);
    return net_perform(s->conn, &request, r, err);
}

static const struct script_line answers[] = { { SCRIPT_ANSWER, YES },
                                              { SCRIPT_ANSWER, YES },
                                              { SCRIPT_END } };
static const struct script_line *const answering[] = { answers };

/* ---- the tests ------------------------------------------------------- */

static void test_trusted(void)
{
    const struct stage stage = { answering, 1, .alternative = "IP:127.0.0.1" };
    g_autofree char *large = g_strnfill(3000000, 'x');
    g_auto(net_response) r = { 0 };
    struct scene s;
    struct err err;

    scene_open(&s, &stage);
    CHECK_OK(post(&s, large, &r, &err), &err);
    g_assert_cmpint(r.status, ==, 200);
    g_assert_cmpuint(r.bytes_down, ==, 3);
    g_assert_cmpstr(script_server_request(s.server, 0)->body->str, ==, large);
    /* Basic goes over TLS, and at once: base64 of "admin:hunter2". */
    g_assert_nonnull(strstr(script_server_request(s.server, 0)->head,
                            "\r\nAuthorization: Basic "
                            "YWRtaW46aHVudGVyMg==\r\n"));
    CHECK_OK(post(&s, "again", &r, &err), &err);
    g_assert_cmpuint(script_server_connections(s.server), ==, 1);
    scene_close(&s);
}

static void test_not_trusted(void)
{
    static const struct {
        const char *name;
        struct stage stage;
        const char *remedy; /* words of it */
    } rows[] = {
        { "unknown authority",
          { answering, 1, "IP:127.0.0.1", .stranger = true },
          "--ca-file" },
        { "another name",
          { answering, 1, "DNS:elsewhere.example" },
          "use the name" },
        { "expired",
          { answering, 1, "IP:127.0.0.1", .expired = true },
          "renewed" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_auto(net_response) r = { 0 };
        struct scene s;
        struct err err;

        scene_open(&s, &rows[i].stage);
        CHECK_ROW(rows[i].name, post(&s, "secret", &r, &err) == -1);
        CHECK_ROW(rows[i].name, strcmp(err.name, "tls-untrusted") == 0);
        CHECK_ROW(rows[i].name, err.scope == ERR_RUN);
        CHECK_ROW(rows[i].name, err.retry == ERR_RETRY_NEVER);
        CHECK_ROW(rows[i].name, strstr(err.remedy, rows[i].remedy) != NULL);
        CHECK_ROW(rows[i].name, strstr(err.msg, "server \"127.0.0.1:") != NULL);
        CHECK_ROW(rows[i].name, !r.body_sent && r.status == 0);
        CHECK_ROW(rows[i].name, script_server_requests(s.server) == 0);
        scene_close(&s);
    }
}

/* A CA file stands instead of the system's, and vouches for its own only. */
static void test_another_authority(void)
{
    const struct stage stage = { answering, 1, "IP:127.0.0.1" };
    g_auto(net_response) r = { 0 };
    struct identity other;
    struct net_config config = { 0 };
    struct scene s;
    struct err err;

    scene_open(&s, &stage);
    net_conn_free(s.conn);
    net_free(s.net);
    identity_make(&other, "IP:127.0.0.1", false);
    config.ca_file = other.path;
    CHECK_OK(net_new(&config, &s.net, &err), &err);
    s.conn = net_conn_new(s.net, NULL);
    g_assert_cmpint(post(&s, "x", &r, &err), ==, -1);
    g_assert_cmpstr(err.name, ==, "tls-untrusted");
    identity_clear(&other);
    scene_close(&s);
}

/* The system's certificates may lie in a directory, by hash. */
static void check_directory(bool has_it, int want)
{
    const struct stage stage = { answering, 1, "IP:127.0.0.1",
                                 .stranger = true };
    g_autofree char *pem = NULL, *name = NULL, *path = NULL, *dir = NULL;
    g_auto(net_response) r = { 0 };
    struct scene s;
    struct err err;

    scene_open(&s, &stage);
    dir = g_dir_make_tmp("tls-test-XXXXXX", NULL);
    name = g_strdup_printf("%08lx.0",
                           has_it ? X509_subject_name_hash(s.id.cert) : 1);
    path = g_build_filename(dir, name, NULL);
    g_assert_true(g_file_get_contents(s.id.path, &pem, NULL, NULL));
    g_assert_true(g_file_set_contents(path, pem, -1, NULL));
    g_free(s.net->ca_dir);
    s.net->ca_dir = g_strdup(dir);
    g_assert_cmpint(post(&s, "x", &r, &err), ==, want);
    g_assert_cmpint(s.conn->needs_bundle, ==, !has_it);
    g_assert_cmpint(remove(path), ==, 0);
    g_assert_cmpint(remove(dir), ==, 0);
    scene_close(&s);
}

static void test_directory(void)
{
    check_directory(true, 0);
    check_directory(false, -1);
}

static void test_a_write_is_not_repeated(void)
{
    static const struct script_line acts_then_closes[] = {
        { SCRIPT_ANSWER, YES }, { SCRIPT_CLOSE }, { SCRIPT_END }
    };
    static const struct script_line *const scripts[] = { acts_then_closes,
                                                         answers };
    const struct stage stage = { scripts, 2, "IP:127.0.0.1" };
    g_auto(net_response) r = { 0 };
    struct scene s;
    struct err err;

    scene_open(&s, &stage);
    CHECK_OK(post(&s, "<Hello/>", &r, &err), &err);
    g_assert_cmpint(post(&s, "<UploadItems/>", &r, &err), ==, -1);
    g_assert_cmpstr(err.name, ==, "connection-lost");
    g_assert_true(r.body_sent);
    g_assert_cmpuint(script_server_requests(s.server), ==, 2);
    scene_close(&s);
}

/* SIGPIPE is as the system has it; the process must outlive this. */
static void test_hangs_up_while_we_send(void)
{
    static const struct script_line early[] = {
        { SCRIPT_EARLY, "HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n"
                        "Connection: close\r\n\r\n" },
        { SCRIPT_END }
    };
    static const struct script_line *const scripts[] = { early };
    const struct stage stage = { scripts, 1, "IP:127.0.0.1" };
    g_autofree char *large = g_strnfill(20000000, 'x');
    g_auto(net_response) r = { 0 };
    struct scene s;
    struct err err;

    scene_open(&s, &stage);
    for (int i = 0; i < 5; i++) {
        if (post(&s, large, &r, &err) == 0)
            g_assert_cmpint(r.status, ==, 413);
        else
            g_assert_cmpstr(err.name, ==, "connection-lost");
    }
    scene_close(&s);
}

/* A TLS hello goes unanswered: the port speaks something else. */
static void *greet_in_smtp(void *data)
{
    static const char greeting[] = "220 mail.example.com ESMTP\r\n";
    int fd = accept(*(int *)data, NULL, NULL);

    g_assert_cmpint(fd, >=, 0);
    g_assert_cmpint(send(fd, greeting, strlen(greeting), MSG_NOSIGNAL), >, 0);
    shutdown(fd, SHUT_WR);
    while (recv(fd, &(char){ 0 }, 1, 0) > 0)
        ;
    close(fd);
    return NULL;
}

static void test_no_tls_there(void)
{
    const struct net_config config = { 0 };
    g_autofree char *url = NULL;
    g_autoptr(net) n = NULL;
    struct net_conn *conn;
    g_auto(net_response) r = { 0 };
    struct net_request request = { .method = "GET" };
    pthread_t thread;
    struct err err;
    int listener;

    listener = listen_on_loopback(&url);
    g_assert_cmpint(pthread_create(&thread, NULL, greet_in_smtp, &listener), ==,
                    0);
    CHECK_OK(net_new(&config, &n, &err), &err);
    conn = net_conn_new(n, NULL);
    request.url = url;
    g_assert_cmpint(net_perform(conn, &request, &r, &err), ==, -1);
    g_assert_cmpstr(err.name, ==, "tls");
    g_assert_nonnull(strstr(err.remedy, "TLS 1.0"));
    net_conn_free(conn);
    pthread_join(thread, NULL);
    close(listener);
}

int main(int argc, char **argv)
{
    g_unsetenv("https_proxy");
    g_unsetenv("HTTPS_PROXY");
    g_unsetenv("ALL_PROXY");
    g_unsetenv("all_proxy");
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/tls/trusted", test_trusted);
    g_test_add_func("/tls/not-trusted", test_not_trusted);
    g_test_add_func("/tls/another-authority", test_another_authority);
    g_test_add_func("/tls/directory", test_directory);
    g_test_add_func("/tls/write-once", test_a_write_is_not_repeated);
    g_test_add_func("/tls/hangs-up", test_hangs_up_while_we_send);
    g_test_add_func("/tls/no-tls-there", test_no_tls_there);
    return g_test_run();
}
