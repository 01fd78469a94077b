#include <poll.h>
#include <string.h>

#include "base/notify.h"
#include "base/timestamp.h"
#include "cmd/service_listener.h"
#include "cmd/service_worker.h"

struct worker_options {
    const char *config;
    const char *given[CONFIG_N];
};

/* How soon it is seen that an operator has drained it. */
#define LOOK_MS 500

/* Until it has been asked to stop, or an operator has drained it. */
static void watch(const struct cmd_context *ctx, struct service_worker *w)
{
    int64_t watchdog_us = notify_watchdog_us(), last_us = 0;
    struct pollfd stop = { .fd = cancel_fd(ctx->cancel, CANCEL_DRAIN),
                           .events = POLLIN };

    while (cancel_level(ctx->cancel) == CANCEL_NONE &&
           !service_worker_is_over(w)) {
        int64_t now_us = timestamp_monotonic();

        if (watchdog_us > 0 && now_us - last_us >= watchdog_us) {
            notify("WATCHDOG=1");
            last_us = now_us;
        }
        (void)poll(&stop, 1, LOOK_MS); /* whatever woke it, look */
    }
}

static enum cmd_status work(const struct cmd_context *ctx,
                            struct service_data *d, struct log *log,
                            const struct worker_listener *listener)
{
    const struct service_worker_how how = { d, log, ctx->cancel, listener };
    struct service_worker *w = NULL;
    struct err err;

    if (config_number(d->config, CONFIG_WORKER_AT_ONCE) == 0) {
        err_set(&err, ERR_RUN, ERR_RETRY_NEVER, 0,
                "a worker that takes no mailbox has nothing to do");
        err_remedy(&err, "set worker.at-once, or give --at-once N");
        return cmd_give_up(ctx, &err);
    }
    if (service_worker_start(&how, &w, &err) < 0)
        return cmd_give_up(ctx, &err);
    notify("READY=1");
    watch(ctx, w);
    notify("STOPPING=1");
    log_line(log, LOG_INFO, NULL, "stopping: batches under way end");
    service_worker_free(w);
    log_line(log, LOG_INFO, NULL, "stopped");
    return CMD_OK;
}

static enum cmd_status run(const struct cmd_context *ctx, const void *options)
{
    const struct worker_options *o = options;
    struct service_data d;
    struct log *log = NULL;
    enum cmd_status status;

    if (service_shows_password(o->given))
        return cmd_usage(ctx, &cmd_worker, SERVICE_NO_PASSWORD);
    status = service_data_open(&d, SERVICE_WORK, ctx, o->config, o->given);
    if (status == CMD_OK) {
        struct worker_listener listener;
        struct relay *relay;

        log = service_log_new(ctx, d.config);
        relay = relay_new(d.database, log, NULL);
        listener = service_listener(relay);
        status = work(ctx, &d, log, &listener);
        relay_free(relay);
        log_free(log);
    }
    service_data_close(&d);
    return status;
}

/* clang-format off */
#define O(field) offsetof(struct worker_options, field)
static const struct opt rows[] = {
    SERVICE_CONFIG_ROW(O(config)),
    { .long_name = NULL },
};
#define KEY(id, option, type_, stands, text)                                   \
    { .long_name = (option), .type = (type_),                                  \
      .offset = O(given) + CONFIG_##id * sizeof(const char *),                 \
      .arg = (stands), .help = text }
static const struct opt keys[] = {
    KEY(STORE_DATABASE, "database", OPT_STR, "WHERE",
        "outranks store.database: postgresql://USER@HOST/DATABASE, or a file "
        "that no service has open"),
    KEY(DATA_DIRECTORY, "data-directory", OPT_STR, "DIR",
        "outranks service.data-directory"),
    KEY(KEY_FILE, "key-file", OPT_STR, "FILE",
        "outranks key.file: a copy of the service's"),
    KEY(WORKER_AT_ONCE, "at-once", OPT_STR, "N", "outranks worker.at-once"),
    KEY(WORKER_LEASE, "lease", OPT_STR, "SECONDS", "outranks worker.lease"),
    KEY(ENGINE_PRIVATE, "private-networks", OPT_STR, "LIST",
        "outranks engine.private-networks"),
    KEY(ENGINE_CA_FILE, "ca-file", OPT_STR, "FILE",
        "outranks engine.ca-file"),
    KEY(ENGINE_REQUESTS, "host-requests", OPT_STR, "N",
        "outranks engine.host-requests"),
    KEY(LOG_LEVEL, "log-level", OPT_STR, "LEVEL", "outranks log.level"),
    KEY(LOG_FORMAT, "log-format", OPT_STR, "FORMAT", "outranks log.format"),
    { .long_name = NULL },
};
static const struct opt_group groups[] = {
    { "Worker", rows, 0 },
    { "Configuration (see docs/guide/configuration.md)", keys, 0 },
    { NULL },
};
#undef KEY
#undef O
/* clang-format on */

static const struct cmd_example examples[] = {
    { "mailferry worker --database postgresql://mailferry@db.example/mailferry "
      "--at-once 32",
      "one more machine for the service that has this database" },
    { NULL },
};

static const struct cmd_exit exits[] = {
    { CMD_OK, "stopped when it was asked to, or drained by an operator" },
    { CMD_NOTHING_DONE, "it could not start" },
    { CMD_USAGE, "the command line was not understood" },
    { 0, NULL },
};

const struct cmd cmd_worker = {
    .name = "worker",
    .summary = "move mailboxes for the service, on this machine too",
    .description =
        "Works on what the service has to do, beside other workers on as many "
        "machines as wanted: they share a PostgreSQL database, and need a copy "
        "of its sealing key (key.file).  A mailbox belongs to one worker at a "
        "time; when that one is silent for longer than worker.lease, another "
        "goes on where the record stands, and what the first one still writes "
        "is refused.\n"
        "\n"
        "Runs until SIGTERM or SIGINT: mailboxes under way end their batches "
        "and are left to other workers.  A second signal does not wait, and is "
        "as safe as a crash.",
    .spec = { groups, NULL },
    .options_size = sizeof(struct worker_options),
    .examples = examples,
    .exits = exits,
    .run = run,
};
