#include "lab/http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <sys/socket.h>

#include "lab/http_priv.h"

/*
 * Connections at a time: some hundred mailboxes with several lanes each.
 * More wait in the listen queue.
 */
#define CONNECTIONS_MAX 2048
/* Thread stacks: nothing here recurses deeply but libxml2, which is bounded. */
#define STACK_BYTES (1024 * 1024)
/* How much of a body that is refused is read before the connection is cut. */
#define FORGOTTEN_BYTES_MAX (UINT64_C(256) << 20)
/* IIS closes an idle connection after two minutes. */
#define IDLE_SECONDS 120

struct http_server {
    struct MHD_Daemon *daemon;
    struct http_handler handler;
    uint64_t body_bytes_max;
    char *certificate, *key; /* NULL: no TLS */
    char *url;
    uint16_t port;
};

/* Of one connection. */
struct connection {
    struct http_server *server;
    void *state;
    unsigned int n_requests;
    char client[INET6_ADDRSTRLEN];
    bool loopback;
};

/* Of one request while it is read and answered. */
struct exchange {
    struct http_request request;
    struct http_answer answer;
    uint64_t read; /* of the body, so far */
};

const char *http_header(const struct http_request *r, const char *name)
{
    return MHD_lookup_connection_value(r->mhd, MHD_HEADER_KIND, name);
}

const char *http_query(const struct http_request *r, const char *name)
{
    return MHD_lookup_connection_value(r->mhd, MHD_GET_ARGUMENT_KIND, name);
}

const char *http_cookie(const struct http_request *r, const char *name)
{
    return MHD_lookup_connection_value(r->mhd, MHD_COOKIE_KIND, name);
}

GString *http_take_body(const struct http_request *r)
{
    GString *taken = g_string_new(NULL), *left = r->body;
    const GString kept = *left;

    /* what they hold changes places: whoever reads the request sees that */
    *left = *taken;
    *taken = kept;
    return taken;
}

/* ---- connections --------------------------------------------------- */

static void note_client(struct connection *c, const struct sockaddr *address)
{
    if (address->sa_family == AF_INET) {
        const struct sockaddr_in *v4 = (const void *)address;

        inet_ntop(AF_INET, &v4->sin_addr, c->client, sizeof(c->client));
        c->loopback = ntohl(v4->sin_addr.s_addr) >> 24 == 127;
    } else if (address->sa_family == AF_INET6) {
        const struct sockaddr_in6 *v6 = (const void *)address;

        inet_ntop(AF_INET6, &v6->sin6_addr, c->client, sizeof(c->client));
        c->loopback = IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
    }
}

static void on_connection(void *data, struct MHD_Connection *mhd, void **slot,
                          enum MHD_ConnectionNotificationCode what)
{
    struct http_server *server = data;
    const union MHD_ConnectionInfo *info;
    struct connection *c;

    if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
        c = *slot;
        server->handler.conn_free(c->state);
        g_free(c);
        return;
    }
    c = g_new0(struct connection, 1);
    c->server = server;
    c->state = server->handler.conn_new(server->handler.data);
    info = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    if (info != NULL)
        note_client(c, info->client_addr);
    *slot = c;
}

static struct connection *connection_of(struct MHD_Connection *mhd)
{
    return MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT)
        ->socket_context;
}

/* ---- answering ----------------------------------------------------- */

static enum MHD_Result answer(struct connection *c, struct exchange *x)
{
    struct MHD_Response *response;
    enum MHD_Result sent;

    c->server->handler.handle(c->server->handler.data, &x->request, &x->answer);
    if (x->answer.ending == HTTP_DROP)
        return MHD_NO;
    response = http_response_new(&x->answer);
    sent = MHD_queue_response(x->request.mhd, x->answer.status, response);
    MHD_destroy_response(response);
    return sent;
}

/* ---- reading ------------------------------------------------------- */

static struct exchange *exchange_new(struct connection *c,
                                     struct MHD_Connection *mhd,
                                     const char *method, const char *path)
{
    struct exchange *x = g_new0(struct exchange, 1);
    const char *text =
        MHD_lookup_connection_value(mhd, MHD_HEADER_KIND, "Content-Length");
    uint64_t length = 0;

    x->request = (struct http_request){
        .method = method,
        .path = path,
        .loopback = c->loopback,
        .kept = c->n_requests > 0,
        .over_tls = c->server->certificate != NULL,
        .conn = c->state,
        .client = c->client,
        .mhd = mhd,
    };
    /* libmicrohttpd has refused what is no number */
    if (text != NULL)
        length = g_ascii_strtoull(text, NULL, 10);
    x->request.too_large = length > c->server->body_bytes_max;
    x->request.body =
        g_string_sized_new(x->request.too_large ? 0 : (gsize)length + 1);
    x->answer.status = MHD_HTTP_OK;
    x->answer.body = g_string_new(NULL);
    x->answer.headers = g_ptr_array_new_with_free_func(g_free);
    return x;
}

static void exchange_free(struct exchange *x)
{
    g_string_free(x->request.body, TRUE);
    if (x->answer.body != NULL)
        g_string_free(x->answer.body, TRUE);
    if (x->answer.behind != NULL)
        g_string_free(x->answer.behind, TRUE);
    g_ptr_array_unref(x->answer.headers);
    g_free(x);
}

/*
 * A body without a length (chunked) is measured as it comes.  What is too
 * large is read and forgotten, within reason: an answer to a client that is
 * still writing would be lost with the connection.
 */
static enum MHD_Result append_body(const struct http_server *server,
                                   struct exchange *x, const char *data,
                                   size_t n)
{
    struct http_request *r = &x->request;

    x->read += n;
    if (x->read > FORGOTTEN_BYTES_MAX + server->body_bytes_max)
        return MHD_NO;
    if (r->too_large || x->read > server->body_bytes_max) {
        r->too_large = true;
        g_string_truncate(r->body, 0);
        return MHD_YES;
    }
    g_string_append_len(r->body, data, (gssize)n);
    return MHD_YES;
}

static enum MHD_Result on_request(void *data, struct MHD_Connection *mhd,
                                  const char *path, const char *method,
                                  const char *version, const char *upload,
                                  size_t *upload_len, void **slot)
{
    struct http_server *server = data;
    struct connection *c = connection_of(mhd);
    struct exchange *x = *slot;

    (void)version;
    if (x == NULL) {
        *slot = x = exchange_new(c, mhd, method, path);
        c->n_requests++;
        /* too large, and waiting to hear that: it need not be sent */
        if (x->request.too_large && http_header(&x->request, "Expect") != NULL)
            return answer(c, x);
        return MHD_YES;
    }
    if (*upload_len > 0) {
        size_t n = *upload_len;

        *upload_len = 0;
        return append_body(server, x, upload, n);
    }
    return answer(c, x);
}

static void on_completed(void *data, struct MHD_Connection *mhd, void **slot,
                         enum MHD_RequestTerminationCode why)
{
    (void)data;
    (void)mhd;
    (void)why;
    if (*slot != NULL)
        exchange_free(*slot);
    *slot = NULL;
}

/* ---- starting and stopping ----------------------------------------- */

/* "host:port" or "[v6]:port", numbers only. */
static int resolve(const char *listen, struct addrinfo **ret, struct err *err)
{
    const struct addrinfo hints = {
        .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
        .ai_socktype = SOCK_STREAM,
    };
    const char *colon = strrchr(listen, ':');
    g_autofree char *host = NULL;
    guint64 port = 0;
    int failed;

    /* getaddrinfo() would take a port modulo 65536 */
    if (colon == NULL ||
        !g_ascii_string_to_unsigned(colon + 1, 10, 0, UINT16_MAX, &port, NULL))
        return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                       "address \"%s\" has no port", listen);
    host = g_strndup(listen, (gsize)(colon - listen));
    if (host[0] == '[' && g_str_has_suffix(host, "]")) {
        host[strlen(host) - 1] = '\0';
        memmove(host, host + 1, strlen(host));
    }
    failed = getaddrinfo(host, colon + 1, &hints, ret);
    if (failed != 0)
        return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0, "address \"%s\": %s",
                       listen, gai_strerror(failed));
    return 0;
}

static struct MHD_Daemon *start(struct http_server *s,
                                const struct sockaddr *address)
{
    unsigned int flags =
        MHD_USE_POLL_INTERNAL_THREAD | MHD_USE_THREAD_PER_CONNECTION;
    struct MHD_OptionItem tls[] = {
        { MHD_OPTION_HTTPS_MEM_CERT, 0, s->certificate },
        { MHD_OPTION_HTTPS_MEM_KEY, 0, s->key },
        { MHD_OPTION_END, 0, NULL },
    };

    if (s->certificate != NULL)
        flags |= MHD_USE_TLS;
    else
        tls[0].option = MHD_OPTION_END;
    if (address->sa_family == AF_INET6)
        flags |= MHD_USE_IPv6;
    return MHD_start_daemon(
        flags, 0, NULL, NULL, on_request, s, /* handlers */
        MHD_OPTION_SOCK_ADDR, address,       /* and the rest */
        MHD_OPTION_NOTIFY_CONNECTION, on_connection, s,
        MHD_OPTION_NOTIFY_COMPLETED, on_completed, s,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned int)CONNECTIONS_MAX,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned int)IDLE_SECONDS,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_BYTES,
        MHD_OPTION_THREAD_STACK_SIZE, (size_t)STACK_BYTES, MHD_OPTION_ARRAY,
        tls, MHD_OPTION_END);
}

int http_server_new(const struct http_options *options,
                    const struct http_handler *handler,
                    struct http_server **ret, struct err *err)
{
    g_autoptr(http_server) s = g_new0(struct http_server, 1);
    struct addrinfo *address = NULL;
    const char *colon;

    if (resolve(options->listen, &address, err) < 0)
        return -1;
    g_assert(address != NULL);
    s->handler = *handler;
    s->body_bytes_max = options->body_bytes_max;
    s->certificate = g_strdup(options->certificate_pem);
    s->key = g_strdup(options->key_pem);
    s->daemon = start(s, address->ai_addr);
    freeaddrinfo(address);
    if (s->daemon == NULL)
        return err_set(err, ERR_RUN, ERR_RETRY_NEVER, errno,
                       "cannot serve on \"%s\": %s", options->listen,
                       errno != 0 ? g_strerror(errno)
                                  : "certificate or key refused");
    s->port = MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
    colon = strrchr(options->listen, ':');
    s->url = g_strdup_printf(
        "%s://%.*s:%u", s->certificate != NULL ? "https" : "http",
        (int)(colon - options->listen), options->listen, s->port);
    *ret = g_steal_pointer(&s);
    return 0;
}

void http_server_free(struct http_server *server)
{
    if (server == NULL)
        return;
    if (server->daemon != NULL)
        MHD_stop_daemon(server->daemon);
    g_free(server->certificate);
    g_free(server->key);
    g_free(server->url);
    g_free(server);
}

const char *http_server_url(const struct http_server *server)
{
    return server->url;
}

uint16_t http_server_port(const struct http_server *server)
{
    return server->port;
}
