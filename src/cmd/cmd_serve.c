#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/notify.h"
#include "base/timestamp.h"
#include "cmd/cmd.h"
#include "cmd/config_file.h"
#include "cmd/service_clerk.h"
#include "cmd/service_forecaster.h"
#include "cmd/service_listener.h"
#include "cmd/service_poll.h"
#include "cmd/service_pulse.h"
#include "cmd/service_reach.h"
#include "cmd/service_sender.h"
#include "cmd/service_siren.h"
#include "cmd/service_watch.h"
#include "cmd/service_worker.h"
#include "desk/desk.h"
#include "store/requests.h"
#include "web/service.h"

/* Descriptors beside those of connections. */
#define COMMON_FILES 128
/* How often sessions that have expired go, and buckets of sign-ins kept. */
#define SWEEP_US     (600 * TIMESTAMP_SECOND)
#define SIGN_INS_MAX 100000
/* Of reports on their way to whoever asked; the rest is in files. */
#define ANSWERS_MEMORY_MAX ((size_t)8 << 20)

struct serve_options {
    const char *config;
    const char *given[CONFIG_N];
    bool list_routes;
};

/* The service at work. */
struct serving {
    const struct cmd_context *ctx;
    const struct serve_options *options;
    struct service_data data;
    struct log *log;
    struct service service;
    struct web_server *server;
    struct service_worker *worker; /* NULL: none */
    struct service_sender *sender; /* NULL: none */
    struct service_siren *siren;   /* likewise */
    struct service_forecaster *forecaster;
    struct service_reach *reach;
    struct service_clerk *clerk; /* NULL: none */
    struct service_poll *poll;   /* likewise */
    struct service_watch *watch;
    struct service_pulse *pulse;
    GArray *proxies;      /* struct inet_range */
    struct config *first; /* after a reload: what the threads refer to */
    char *certificate, *key;
    int hangups; /* signalfd for SIGHUP */
};

/* ---- what the server is told --------------------------------------------- */

static int read_pem(const char *path, char **ret, struct err *err)
{
    g_autoptr(GError) error = NULL;

    if (g_file_get_contents(path, ret, NULL, &error))
        return 0;
    return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0, "%s", error->message);
}

static int read_tls(struct serving *s, struct err *err)
{
    g_autofree char *certificate =
        config_path(s->data.config, CONFIG_HTTP_CERTIFICATE);
    g_autofree char *key = config_path(s->data.config, CONFIG_HTTP_KEY);

    if (certificate == NULL)
        return 0;
    if (read_pem(certificate, &s->certificate, err) < 0 ||
        read_pem(key, &s->key, err) < 0)
        return err_in(err, "TLS");
    return 0;
}

static int read_proxies(struct serving *s, struct err *err)
{
    const char *list = config_text(s->data.config, CONFIG_HTTP_PROXIES);
    g_auto(GStrv) parts = list != NULL ? g_strsplit(list, ",", -1) : NULL;

    for (char **part = parts; part != NULL && *part != NULL; part++) {
        struct inet_range range;

        if (inet_range_parse(g_strstrip(*part), &range, err) < 0)
            return -1;
        g_array_append_val(s->proxies, range);
    }
    return 0;
}

static struct web_limits limits_of(const struct config *c)
{
    return (struct web_limits){
        .address_per_min = config_number(c, CONFIG_LIMIT_ADDRESS),
        .principal_per_min = config_number(c, CONFIG_LIMIT_PRINCIPAL),
        .short_addresses = config_word(c, CONFIG_LOG_ADDRESSES) == 1,
    };
}

static int start_server(struct serving *s, struct err *err)
{
    const struct config *c = s->data.config;
    struct web_settings settings = {
        .public_url = config_text(c, CONFIG_HTTP_PUBLIC_URL),
        .threads = (unsigned)config_number(c, CONFIG_HTTP_THREADS),
        .connections = (unsigned)config_number(c, CONFIG_HTTP_CONNECTIONS),
        .idle_s = (unsigned)(config_us(c, CONFIG_HTTP_TIME) / TIMESTAMP_SECOND),
        .body_max_bytes = config_number(c, CONFIG_HTTP_BODY),
        .limits = limits_of(c),
    };
    const struct web_parts parts = {
        .routes = service_routes,
        .ops = &service_ops,
        .service = &s->service,
        .log = s->log,
        .metrics = s->service.metrics,
        .events = s->service.events,
    };

    if (read_tls(s, err) < 0 || read_proxies(s, err) < 0 ||
        inet_endpoint_parse(config_text(c, CONFIG_HTTP_LISTEN),
                            &settings.listen, err) < 0)
        return -1;
    settings.certificate = s->certificate;
    settings.key = s->key;
    settings.proxies = (const void *)s->proxies->data;
    settings.n_proxies = s->proxies->len;
    if (web_server_new(&settings, &parts, &s->server, err) < 0)
        return err_in(err, "%s", config_text(c, CONFIG_HTTP_LISTEN));
    return 0;
}

/* A connection is a descriptor: no use in allowing what cannot be opened. */
static void raise_files(const struct serving *s)
{
    rlim_t need =
        config_number(s->data.config, CONFIG_HTTP_CONNECTIONS) + COMMON_FILES;
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= need)
        return;
    limit.rlim_cur = MIN(need, limit.rlim_max);
    if (setrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur < need)
        log_line(s->log, LOG_WARNING, NULL,
                 "only %" G_GUINT64_FORMAT " files may be open: fewer "
                 "connections than http.connections (LimitNOFILE= of a unit)",
                 (uint64_t)limit.rlim_cur);
}

/* Without an address no mail leaves the outbox, but it can be read there. */
static void set_mail(struct serving *s)
{
    const struct config *c = s->data.config;
    const char *address = config_text(c, CONFIG_DESK_ADDRESS);

    s->service.mail_address =
        g_strdup(address != NULL ? address : "mailferry@localhost");
    s->service.mail_name = g_strdup(config_text(c, CONFIG_DESK_NAME));
}

/* What others have opened. */
static void lend(struct serving *s)
{
    struct service *service = &s->service;

    service->roster = s->data.roster;
    service->database = s->data.database;
    service->jobs = s->data.jobs;
    service->migrations = s->data.migrations;
    service->requests = s->data.requests;
    service->desk = s->data.desk;
    service->keys = s->data.keys;
    service->log = s->log;
    service->reach = service_reach_of(s->reach);
}

static void set_metrics(struct service *service)
{
    service->metrics = metrics_new();
    service->fleet = fleet_metrics_new(service->metrics);
    service->listeners = metrics_add(service->metrics, METRICS_GAUGE,
                                     "mailferry_event_listeners",
                                     "Connections that follow the events now.");
    service->writable = metrics_add(
        service->metrics, METRICS_GAUGE, "mailferry_database_writable",
        "1, or 0 while writes find a full disk, a read-only database or the "
        "like.");
    service->sign_in_results =
        metrics_add(service->metrics, METRICS_COUNTER,
                    "mailferry_sign_ins_total", "Attempts to sign in.");
}

static void set_limits(struct service *service, const struct config *c)
{
    service->cost = passhash_usual;
    service->tries = buckets_new(SIGN_INS_MAX);
    service->sign_ins = buckets_new(SIGN_INS_MAX);
    atomic_store(&service->sign_in_limit,
                 (unsigned)config_number(c, CONFIG_LIMIT_SIGN_IN));
    service->events = events_new(config_number(c, CONFIG_EVENT_KEPT),
                                 config_number(c, CONFIG_EVENT_LISTENERS));
    service->pool = blob_pool_new(ANSWERS_MEMORY_MAX, NULL);
}

static void set_up(struct serving *s)
{
    const struct config *c = s->data.config;
    struct service *service = &s->service;

    s->log = service_log_new(s->ctx, c);
    s->proxies = g_array_new(FALSE, FALSE, sizeof(struct inet_range));
    lend(s);
    set_metrics(service);
    set_limits(service, c);
    pthread_mutex_init(&service->owners_lock, NULL);
    pthread_mutex_init(&service->settings_lock, NULL);
    service_settings_set(service, c, c);
    service->owners =
        g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
    service->public_url = g_strdup(config_text(c, CONFIG_HTTP_PUBLIC_URL));
    set_mail(s);
    service_links_start(service);
    raise_files(s);
}

static void tear_down(struct serving *s)
{
    web_server_free(s->server);
    service_worker_free(s->worker);
    service_sender_free(s->sender);
    service_siren_free(s->siren);
    service_forecaster_free(s->forecaster);
    service_clerk_free(s->clerk);
    service_reach_free(s->reach);
    service_poll_free(s->poll);
    service_watch_free(s->watch);
    service_pulse_free(s->pulse);
    if (s->service.fleet != NULL)
        fleet_metrics_free(s->service.fleet);
    service_links_stop(&s->service);
    relay_free(s->service.relay);
    g_free(s->service.public_url);
    g_free(s->service.mail_address);
    g_free(s->service.mail_name);
    if (s->service.owners != NULL) {
        g_hash_table_unref(s->service.owners);
        pthread_mutex_destroy(&s->service.owners_lock);
        pthread_mutex_destroy(&s->service.settings_lock);
    }
    events_free(s->service.events);
    buckets_free(s->service.sign_ins);
    buckets_free(s->service.tries);
    blob_pool_free(s->service.pool);
    metrics_free(s->service.metrics);
    g_clear_pointer(&s->proxies, g_array_unref);
    g_free(s->certificate);
    if (s->key != NULL)
        secret_wipe(s->key, strlen(s->key));
    g_free(s->key);
    log_free(s->log);
    service_data_close(&s->data);
    config_free(s->first);
    if (s->hangups >= 0)
        close(s->hangups);
}

/* ---- while it runs ------------------------------------------------------- */

/* What takes effect at once; the rest is named and waits for a start. */
static void apply(struct serving *s, struct config *new)
{
    const struct web_limits limits = limits_of(new);
    bool differs[CONFIG_N];

    config_compare(s->data.config, new, differs);
    for (int i = 0; i < CONFIG_N; i++) {
        const struct config_row *row = &config_rows[i];

        if (differs[i])
            log_line(s->log, LOG_INFO, "configuration", "%s.%s has changed%s",
                     row->section, row->key,
                     row->when == CONFIG_ON_RELOAD
                         ? ""
                         : " and takes effect at the next start");
    }
    web_server_set_limits(s->server, &limits);
    atomic_store(&s->service.sign_in_limit,
                 (unsigned)config_number(new, CONFIG_LIMIT_SIGN_IN));
    log_set_level(s->log, (enum log_level)config_word(new, CONFIG_LOG_LEVEL));
    if (s->first == NULL)
        s->first = s->data.config;
    service_settings_set(&s->service, s->first, new);
    if (s->first != s->data.config)
        config_free(s->data.config);
    s->data.config = new;
}

static void reload(struct serving *s)
{
    struct config *new = NULL;

    notify_reloading();
    /* what is wrong is printed, and nothing changes */
    if (config_file_load(s->ctx,
                         &(struct config_sources){
                             config_file_choose(s->options->config),
                             (const char *const *)environ, s->options->given },
                         &new) == CMD_OK)
        apply(s, new);
    else
        log_line(s->log, LOG_ERROR, "configuration",
                 "has faults; the one before stays in force");
    notify("READY=1");
}

/* Requests that are over go when their time is. */
static void forget(const struct serving *s)
{
    static const struct roster_actor actor = { "retention", NULL, NULL };
    int64_t before_us =
        timestamp_now() - config_us(s->data.config, CONFIG_DESK_KEPT);
    struct err err;

    if (config_text(s->data.config, CONFIG_DESK_KEPT) != NULL &&
        requests_forget(s->data.requests, &actor, before_us, &err) < 0)
        log_err(s->log, LOG_WARNING, "requests", &err);
}

static void sweep(struct serving *s)
{
    struct err err;

    if (roster_sessions_sweep(s->data.roster, timestamp_now(), &err) < 0)
        log_err(s->log, LOG_WARNING, "sessions", &err);
    forget(s);
}

/* Until it is asked to stop. */
static void watch(struct serving *s)
{
    int64_t watchdog_us = notify_watchdog_us(), swept_us = 0;
    int64_t pause_us = watchdog_us > 0 ? MIN(watchdog_us, SWEEP_US) : SWEEP_US;
    struct pollfd fds[] = {
        { .fd = cancel_fd(s->ctx->cancel, CANCEL_DRAIN), .events = POLLIN },
        { .fd = s->hangups, .events = POLLIN },
    };
    struct signalfd_siginfo info;

    while (cancel_level(s->ctx->cancel) == CANCEL_NONE) {
        int64_t now_us = timestamp_monotonic();

        if (now_us - swept_us >= SWEEP_US) {
            sweep(s);
            swept_us = now_us;
        }
        if (watchdog_us > 0)
            notify("WATCHDOG=1");
        if (poll(fds, G_N_ELEMENTS(fds), (int)(pause_us / 1000)) > 0 &&
            fds[1].revents != 0 &&
            read(s->hangups, &info, sizeof(info)) == (ssize_t)sizeof(info))
            reload(s);
    }
}

static void drain(struct serving *s)
{
    size_t left;

    notify("STOPPING=1");
    atomic_store(&s->service.stopping, true);
    log_line(s->log, LOG_INFO, NULL, "stopping: no new connections");
    left = web_server_drain(s->server,
                            config_us(s->data.config, CONFIG_HTTP_DRAIN));
    if (left > 0)
        log_line(s->log, LOG_WARNING, NULL, "%zu requests were cut off", left);
    log_line(s->log, LOG_INFO, NULL, "stopped");
}

/* SIGHUP is read in watch(); no thread may be ended by it. */
static int hold_hangups(struct err *err)
{
    sigset_t set;
    int fd;

    sigemptyset(&set);
    sigaddset(&set, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    fd = signalfd(-1, &set, SFD_CLOEXEC);
    return fd < 0 ? err_errno(err, ERR_RUN, errno, "signals") : fd;
}

/* What is lost with a key is entered anew by people who can sign in. */
static void say_keys(const struct serving *s)
{
    struct err err;

    if (s->data.key_made)
        log_line(s->log, LOG_WARNING, NULL,
                 "a new sealing key was made; copy %s to a safe place apart "
                 "from the backups of the database",
                 config_text(s->data.config, CONFIG_KEY_FILE));
    if (database_check_keys(s->data.database, s->data.keys, &err) < 0)
        log_line(s->log, LOG_WARNING, NULL, "%s; %s", err.msg,
                 err.remedy != NULL ? err.remedy : "");
}

static void say_ready(const struct serving *s)
{
    const struct config *c = s->data.config;
    const char *url = config_text(c, CONFIG_HTTP_PUBLIC_URL);

    say_keys(s);
    log_line(s->log, LOG_INFO, NULL, "ready: %s, port %u",
             url != NULL ? url : config_text(c, CONFIG_HTTP_LISTEN),
             (unsigned)web_server_port(s->server));
    notify("READY=1");
}

/* ---- what happens, for those who watch ----------------------------------- */

static void post(void *data, const struct relay_note *note)
{
    struct service *s = data;

    events_post(s->events, &(struct event_note){
                               .kind = note->kind,
                               .subject = note->subject,
                               .account = note->migration_id != 0
                                              ? service_migration_account(
                                                    s, note->migration_id)
                                              : 0,
                               .data = note->data });
}

static void missed(void *data)
{
    events_missed(((struct service *)data)->events);
}

static void start_relay(struct serving *s)
{
    const struct relay_sink sink = { post, missed, &s->service };

    s->service.relay = relay_new(s->data.database, s->log, &sink);
}

static int start_worker(struct serving *s, struct err *err)
{
    const struct worker_listener listener = service_listener(s->service.relay);
    const struct service_worker_how how = { &s->data, s->log, s->ctx->cancel,
                                            &listener, .stays = true };

    if (config_number(s->data.config, CONFIG_WORKER_AT_ONCE) == 0)
        return 0;
    return service_worker_start(&how, &s->worker, err);
}

static int start_clerk(struct serving *s, struct err *err)
{
    if (s->data.desk == NULL)
        return 0;
    return service_clerk_start(&s->data, &s->service.reach, s->log,
                               s->ctx->cancel, &s->clerk, err);
}

static int start_threads(struct serving *s, struct err *err)
{
    struct cancel *stop = s->ctx->cancel;

    return start_worker(s, err) < 0 ||
                   service_sender_start(&s->data, s->log, stop, &s->sender,
                                        err) < 0 ||
                   service_siren_start(&s->data, s->log, stop, &s->siren, err) <
                       0 ||
                   service_forecaster_start(&s->data, s->service.relay, s->log,
                                            stop, &s->forecaster, err) < 0 ||
                   service_poll_start(&s->data, s->log, stop, &s->poll, err) <
                       0 ||
                   start_clerk(s, err) < 0 ||
                   service_pulse_start(&s->data, s->log, stop, &s->pulse, err) <
                       0 ||
                   service_watch_start(&s->data, s->log, stop,
                                       s->service.events, &s->watch, err) < 0
               ? -1
               : 0;
}

static enum cmd_status serve(struct serving *s)
{
    struct err err;
    enum cmd_status status = service_data_open(
        &s->data, SERVICE_SERVE, s->ctx, s->options->config, s->options->given);

    if (status == CMD_OK && desk_is_configured(s->data.config))
        status = service_data_desk(&s->data, s->ctx);
    if (status != CMD_OK)
        return status;
    if (service_reach_new(s->data.config, s->ctx->cancel, &s->reach, &err) < 0)
        return cmd_give_up(s->ctx, &err);
    s->hangups = hold_hangups(&err);
    if (s->hangups < 0)
        return cmd_give_up(s->ctx, &err);
    set_up(s);
    start_relay(s);
    if (start_server(s, &err) < 0)
        return cmd_give_up(s->ctx, &err);
    if (start_threads(s, &err) < 0) {
        cancel_request(s->ctx->cancel); /* those that did start end */
        return cmd_give_up(s->ctx, &err);
    }
    say_ready(s);
    watch(s);
    drain(s);
    return CMD_OK;
}

static enum cmd_status run(const struct cmd_context *ctx, const void *options)
{
    const struct serve_options *o = options;
    struct serving s = { .ctx = ctx, .options = o, .hangups = -1 };
    enum cmd_status status;

    if (o->list_routes) {
        service_print_routes(ctx->out);
        return CMD_OK;
    }
    if (service_shows_password(o->given))
        return cmd_usage(ctx, &cmd_serve, SERVICE_NO_PASSWORD);
    status = serve(&s);
    tear_down(&s);
    return status;
}

/* clang-format off */
#define O(field) offsetof(struct serve_options, field)
static const struct opt rows[] = {
    SERVICE_CONFIG_ROW(O(config)),
    { .long_name = "list-routes", .type = OPT_FLAG, .offset = O(list_routes),
      .help = "print what the API takes and from whom, and end" },
    { .long_name = NULL },
};
static const struct opt keys[] = {
#define X(id, section, key, option, stands, ...)                               \
    { .long_name = (option), .type = OPT_STR,                                  \
      .offset = O(given) + CONFIG_##id * sizeof(const char *),                 \
      .arg = (stands), .help = "outranks " section "." key },
    CONFIG_KEYS(X)
#undef X
    { .long_name = NULL },
};
static const struct opt_group groups[] = {
    { "Service", rows, 0 },
    { "Configuration (see docs/guide/configuration.md)", keys, 0 },
    { NULL },
};
#undef O
/* clang-format on */

static const struct cmd_example examples[] = {
    { "mailferry serve --data-directory ./data",
      "on this machine alone, at http://127.0.0.1:8080" },
    { "mailferry serve --listen 0.0.0.0:443 --tls-cert chain.pem --tls-key "
      "key.pem",
      "for others, with TLS of its own" },
    { "mailferry serve --public-url https://migrate.example",
      "behind a proxy on this machine that speaks TLS" },
    { NULL },
};

static const struct cmd_exit exits[] = {
    { CMD_OK, "stopped when it was asked to" },
    { CMD_NOTHING_DONE, "it could not start" },
    { CMD_USAGE, "the command line was not understood" },
    { 0, NULL },
};

const struct cmd cmd_serve = {
    .name = "serve",
    .summary = "run the service: HTTP API, sign-in, events",
    .description =
        "Runs until SIGTERM or SIGINT; then no new connections are taken and "
        "requests under way end (http.drain-time).  A second signal does not "
        "wait for them.  SIGHUP reads the configuration again.  It needs no "
        "configuration: SQLite and the sealing key are made in the data "
        "directory.  Make the first operator before the first start "
        "(\"mailferry operator add\").\n"
        "\n"
        "It listens on this machine alone unless it is told otherwise, and to "
        "others only with TLS.  docs/openapi.yaml describes the API.",
    .spec = { groups, NULL },
    .options_size = sizeof(struct serve_options),
    .examples = examples,
    .exits = exits,
    .run = run,
};
