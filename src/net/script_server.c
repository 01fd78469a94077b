#include "net/script_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

struct connection {
    struct script_server *server;
    unsigned int number;
    int fd;
    pthread_t thread;
};

struct script_server {
    const struct script_line *const *scripts;
    size_t n_scripts;
    int listener;
    char *url;
    pthread_t acceptor;
    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t changed;
    bool stopping;
    GPtrArray *connections; /* of struct connection */
    GPtrArray *requests;    /* of struct script_request */
};

static void free_request(void *data)
{
    struct script_request *r = data;

    g_free(r->head);
    g_string_free(r->body, TRUE);
    g_free(r);
}

/* ---- one connection -------------------------------------------------- */

static bool send_all(int fd, const char *bytes, size_t n)
{
    while (n > 0) {
        ssize_t done = send(fd, bytes, n, MSG_NOSIGNAL);

        if (done <= 0)
            return false;
        bytes += done;
        n -= (size_t)done;
    }
    return true;
}

/* One more piece into what has been read; false at the end. */
static bool read_more(int fd, GString *in)
{
    char buf[65536];
    ssize_t n = recv(fd, buf, sizeof(buf), 0);

    if (n <= 0)
        return false;
    g_string_append_len(in, buf, n);
    return true;
}

static bool read_head(int fd, GString *in, char **ret)
{
    const char *end;

    while ((end = strstr(in->str, "\r\n\r\n")) == NULL)
        if (!read_more(fd, in))
            return false;
    *ret = g_strndup(in->str, (gsize)(end - in->str) + 4);
    g_string_erase(in, 0, (gssize)strlen(*ret));
    return true;
}

static size_t content_length(const char *head)
{
    const char *at = strstr(head, "\r\nContent-Length: ");

    if (at == NULL)
        return 0;
    return (size_t)g_ascii_strtoull(at + strlen("\r\nContent-Length: "), NULL,
                                    10);
}

static bool read_body(int fd, GString *in, size_t len, GString *body)
{
    while (in->len < len)
        if (!read_more(fd, in))
            return false;
    g_string_append_len(body, in->str, (gssize)len);
    g_string_erase(in, 0, (gssize)len);
    return true;
}

static void remember(struct connection *c, struct script_request *r)
{
    struct script_server *s = c->server;

    r->connection = c->number;
    pthread_mutex_lock(&s->lock);
    g_ptr_array_add(s->requests, r);
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
}

/* Whole, unless the act is to answer early. */
static bool take_request(struct connection *c, GString *in, enum script_act act)
{
    struct script_request *r = g_new0(struct script_request, 1);

    r->body = g_string_new(NULL);
    if (!read_head(c->fd, in, &r->head) ||
        (act != SCRIPT_EARLY &&
         !read_body(c->fd, in, content_length(r->head), r->body))) {
        free_request(r);
        return false;
    }
    remember(c, r);
    return true;
}

static void reset(int fd)
{
    const struct linger now = { .l_onoff = 1, .l_linger = 0 };

    setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
}

/* Until the other side goes away or the server is stopped. */
static void wait_for_end(int fd)
{
    char c;

    while (recv(fd, &c, 1, 0) > 0)
        ;
}

static bool act(int fd, const struct script_line *line)
{
    switch (line->act) {
    case SCRIPT_ANSWER:
        return send_all(fd, line->text, strlen(line->text));
    case SCRIPT_EARLY:
        (void)send_all(fd, line->text, strlen(line->text));
        return false;
    case SCRIPT_VANISH:
        reset(fd);
        return false;
    case SCRIPT_STALL:
        wait_for_end(fd);
        return false;
    case SCRIPT_FLOOD:
        (void)send_all(fd, line->text, strlen(line->text));
        while (send_all(fd, "0123456789abcdef", 16))
            ;
        return false;
    case SCRIPT_HEADERS:
        (void)send_all(fd, "HTTP/1.1 200 OK\r\n", 17);
        while (send_all(fd, "X-More: 0123456789abcdef\r\n", 26))
            ;
        return false;
    case SCRIPT_CLOSE:
    case SCRIPT_END:
        return false;
    }
    return false;
}

static const struct script_line *script_of(const struct connection *c)
{
    const struct script_server *s = c->server;

    return s->scripts[MIN((size_t)c->number, s->n_scripts - 1)];
}

static void *serve(void *arg)
{
    struct connection *c = arg;
    GString *in = g_string_new(NULL);

    for (const struct script_line *l = script_of(c); l->act != SCRIPT_END; l++)
        if (!take_request(c, in, l->act) || !act(c->fd, l))
            break;
    g_string_free(in, TRUE);
    pthread_mutex_lock(&c->server->lock);
    close(c->fd);
    c->fd = -1;
    pthread_mutex_unlock(&c->server->lock);
    return NULL;
}

/* ---- the server ------------------------------------------------------ */

static void start_connection(struct script_server *s, int fd)
{
    struct connection *c = g_new0(struct connection, 1);

    pthread_mutex_lock(&s->lock);
    c->server = s;
    c->fd = fd;
    c->number = s->connections->len;
    g_ptr_array_add(s->connections, c);
    if (s->stopping)
        shutdown(fd, SHUT_RDWR);
    g_assert_cmpint(pthread_create(&c->thread, NULL, serve, c), ==, 0);
    pthread_mutex_unlock(&s->lock);
}

static void *accept_all(void *arg)
{
    struct script_server *s = arg;
    int fd;

    while ((fd = accept(s->listener, NULL, NULL)) >= 0)
        start_connection(s, fd);
    return NULL;
}

static void listen_on_loopback(struct script_server *s)
{
    struct sockaddr_in a = { .sin_family = AF_INET };
    socklen_t len = sizeof(a);

    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    s->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    g_assert_cmpint(bind(s->listener, (struct sockaddr *)&a, len), ==, 0);
    g_assert_cmpint(listen(s->listener, 64), ==, 0);
    g_assert_cmpint(getsockname(s->listener, (struct sockaddr *)&a, &len), ==,
                    0);
    s->url = g_strdup_printf("http://127.0.0.1:%u/EWS/Exchange.asmx",
                             ntohs(a.sin_port));
}

struct script_server *
script_server_new(const struct script_line *const *scripts, size_t n)
{
    struct script_server *s = g_new0(struct script_server, 1);

    s->scripts = scripts;
    s->n_scripts = n;
    s->connections = g_ptr_array_new_with_free_func(g_free);
    s->requests = g_ptr_array_new_with_free_func(free_request);
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->changed, NULL);
    listen_on_loopback(s);
    g_assert_cmpint(pthread_create(&s->acceptor, NULL, accept_all, s), ==, 0);
    return s;
}

void script_server_stop_listening(struct script_server *s)
{
    if (s->listener < 0)
        return;
    shutdown(s->listener, SHUT_RDWR); /* wakes accept() */
    pthread_join(s->acceptor, NULL);
    close(s->listener);
    s->listener = -1;
}

static void hang_up(struct script_server *s)
{
    pthread_mutex_lock(&s->lock);
    s->stopping = true;
    for (guint i = 0; i < s->connections->len; i++) {
        const struct connection *c = s->connections->pdata[i];

        if (c->fd >= 0)
            shutdown(c->fd, SHUT_RDWR);
    }
    pthread_mutex_unlock(&s->lock);
}

void script_server_free(struct script_server *s)
{
    script_server_stop_listening(s);
    hang_up(s);
    for (guint i = 0; i < s->connections->len; i++)
        pthread_join(((struct connection *)s->connections->pdata[i])->thread,
                     NULL);
    g_ptr_array_unref(s->connections);
    g_ptr_array_unref(s->requests);
    pthread_cond_destroy(&s->changed);
    pthread_mutex_destroy(&s->lock);
    g_free(s->url);
    g_free(s);
}

const char *script_server_url(const struct script_server *s)
{
    return s->url;
}

static unsigned int count(struct script_server *s, GPtrArray *what)
{
    unsigned int n;

    pthread_mutex_lock(&s->lock);
    n = what->len;
    pthread_mutex_unlock(&s->lock);
    return n;
}

unsigned int script_server_connections(struct script_server *s)
{
    return count(s, s->connections);
}

unsigned int script_server_requests(struct script_server *s)
{
    return count(s, s->requests);
}

void script_server_wait(struct script_server *s, unsigned int n)
{
    pthread_mutex_lock(&s->lock);
    while (s->requests->len < n)
        pthread_cond_wait(&s->changed, &s->lock);
    pthread_mutex_unlock(&s->lock);
}

const struct script_request *script_server_request(struct script_server *s,
                                                   unsigned int i)
{
    const struct script_request *r;

    pthread_mutex_lock(&s->lock);
    g_assert_cmpuint(i, <, s->requests->len);
    r = s->requests->pdata[i];
    pthread_mutex_unlock(&s->lock);
    return r;
}
