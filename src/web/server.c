#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sodium.h>

#include "base/timestamp.h"
#include "web/server_priv.h"

/* Of a request line and its headers together. */
#define HEADERS_BYTES_MAX ((size_t)32 * 1024)
#define LISTEN_BACKLOG    512
/* Addresses and principals remembered: some MB. */
#define BUCKETS_MAX 100000
/* Each may hash a password in 64 MiB; a full queue is answered at once. */
#define WORKERS     2
#define WORKERS_MAX 64

static void finish_slow(void *data)
{
    struct exchange *x = data;

    exchange_handle(x);
    MHD_resume_connection(x->mhd);
}

static int open_socket(const struct inet_endpoint *at, int *ret,
                       struct err *err)
{
    const struct sockaddr *address = (const struct sockaddr *)&at->address;
    int yes = 1, failed,
        fd = socket(address->sa_family,
                    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return err_errno(err, ERR_RUN, errno, "socket");
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) < 0 ||
        bind(fd, address, at->len) < 0 || listen(fd, LISTEN_BACKLOG) < 0) {
        failed = errno;
        close(fd);
        return err_errno(err, ERR_RUN, failed, "address to listen on");
    }
    *ret = fd;
    return 0;
}

static uint16_t port_of(int fd)
{
    struct inet_endpoint e = { .len = sizeof(e.address) };

    if (getsockname(fd, (struct sockaddr *)&e.address, &e.len) < 0)
        return 0;
    return inet_endpoint_port(&e);
}

static void PRINTF(2, 0) note_mhd(void *data, const char *fmt, va_list ap)
{
    const struct web_server *s = data;
    g_autofree char *text = g_strdup_vprintf(fmt, ap);

    log_line(s->parts.log, LOG_DEBUG, "http", "%s", g_strchomp(text));
}

static struct MHD_Daemon *start(struct web_server *s, int fd)
{
    const struct web_settings *o = &s->settings;
    unsigned int flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC |
                         MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG;
    struct MHD_OptionItem more[] = {
        { MHD_OPTION_HTTPS_MEM_CERT, 0, (char *)(uintptr_t)o->certificate },
        { MHD_OPTION_HTTPS_MEM_KEY, 0, (char *)(uintptr_t)o->key },
        { MHD_OPTION_HTTPS_PRIORITIES, 0,
          (char *)(uintptr_t) "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2" },
        { MHD_OPTION_END, 0, NULL },
    };

    if (o->certificate != NULL)
        flags |= MHD_USE_TLS;
    else
        more[0].option = MHD_OPTION_END;
    return MHD_start_daemon(
        flags, 0, NULL, NULL, exchange_on_request, s, /* handlers */
        MHD_OPTION_EXTERNAL_LOGGER, note_mhd, s,      /* and the rest */
        MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_NOTIFY_COMPLETED,
        exchange_on_completed, s, MHD_OPTION_CONNECTION_LIMIT, o->connections,
        MHD_OPTION_CONNECTION_TIMEOUT, o->idle_s,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, HEADERS_BYTES_MAX,
        MHD_OPTION_THREAD_POOL_SIZE, o->threads > 1 ? o->threads : 0,
        MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_ARRAY, more,
        MHD_OPTION_END);
}

static void copy_settings(struct web_server *s, const struct web_settings *o)
{
    s->settings = *o;
    s->settings.public_url = g_strdup(o->public_url);
    s->settings.certificate = g_strdup(o->certificate);
    s->settings.key = g_strdup(o->key);
    s->settings.proxies =
        g_memdup2(o->proxies, o->n_proxies * sizeof(*o->proxies));
    s->limits = o->limits;
}

static void free_settings(struct web_server *s)
{
    char *key = (char *)(uintptr_t)s->settings.key;

    g_free((char *)(uintptr_t)s->settings.public_url);
    g_free((char *)(uintptr_t)s->settings.certificate);
    if (key != NULL)
        secret_wipe(key, strlen(key));
    g_free(key);
    g_free((void *)(uintptr_t)s->settings.proxies);
}

static void add_metrics(struct web_server *s)
{
    struct metrics *m = s->parts.metrics;

    s->requests =
        metrics_add(m, METRICS_COUNTER, "mailferry_http_requests_total",
                    "Requests that were answered.");
    s->durations =
        metrics_add(m, METRICS_SECONDS, "mailferry_http_request_seconds",
                    "From a request's first byte to its answer's last.");
    s->under_way =
        metrics_add(m, METRICS_GAUGE, "mailferry_http_requests_under_way",
                    "Requests and event streams now.");
}

int web_server_new(const struct web_settings *settings,
                   const struct web_parts *parts, struct web_server **ret,
                   struct err *err)
{
    struct web_server *s;
    pthread_condattr_t attributes;
    int fd = -1;

    if (sodium_init() < 0)
        g_error("libsodium cannot be initialised");
    if (open_socket(&settings->listen, &fd, err) < 0)
        return -1;
    s = g_new0(struct web_server, 1);
    s->parts = *parts;
    copy_settings(s, settings);
    s->port = port_of(fd);
    s->addresses = buckets_new(BUCKETS_MAX);
    s->principals = buckets_new(BUCKETS_MAX);
    add_metrics(s);
    pthread_mutex_init(&s->limits_lock, NULL);
    pthread_mutex_init(&s->idle_lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&s->idle_bell, &attributes);
    pthread_condattr_destroy(&attributes);
    s->workers = workers_new(WORKERS, WORKERS_MAX, finish_slow);
    s->daemon = start(s, fd);
    if (s->daemon == NULL) {
        close(fd);
        web_server_free(s);
        err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                "the HTTP server cannot be started");
        return err_remedy(err, "see that certificate and key are PEM and "
                               "belong together; --log-level debug says more");
    }
    *ret = s;
    return 0;
}

uint16_t web_server_port(const struct web_server *s)
{
    return s->port;
}

void web_server_set_limits(struct web_server *s,
                           const struct web_limits *limits)
{
    pthread_mutex_lock(&s->limits_lock);
    s->limits = *limits;
    pthread_mutex_unlock(&s->limits_lock);
}

size_t web_server_drain(struct web_server *s, int64_t us)
{
    int64_t until_us = timestamp_monotonic() + us;
    const struct timespec until = {
        .tv_sec = until_us / TIMESTAMP_SECOND,
        .tv_nsec = until_us % TIMESTAMP_SECOND * 1000,
    };
    int fd = MHD_quiesce_daemon(s->daemon);
    size_t left;

    if (fd >= 0)
        close(fd);
    s->quiet = true;
    events_close(s->parts.events);
    pthread_mutex_lock(&s->idle_lock);
    while (s->n_exchanges > 0 &&
           pthread_cond_timedwait(&s->idle_bell, &s->idle_lock, &until) == 0)
        ;
    left = s->n_exchanges;
    pthread_mutex_unlock(&s->idle_lock);
    return left;
}

void web_server_free(struct web_server *s)
{
    if (s == NULL)
        return;
    if (s->daemon != NULL && !s->quiet)
        (void)web_server_drain(s, 0);
    /* what is suspended at a worker must be resumed before the daemon ends */
    workers_free(s->workers);
    if (s->daemon != NULL)
        MHD_stop_daemon(s->daemon);
    buckets_free(s->addresses);
    buckets_free(s->principals);
    pthread_cond_destroy(&s->idle_bell);
    pthread_mutex_destroy(&s->idle_lock);
    pthread_mutex_destroy(&s->limits_lock);
    free_settings(s);
    g_free(s);
}
