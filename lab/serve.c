#include <errno.h>
#include <signal.h>

#include <libxml/parser.h>

#include "lab/control.h"
#include "lab/ews.h"
#include "lab/policy.h"
#include "lab/serve_options.h"
#include "lab/server.h"

/* Everything that must be given back, in the order in which it is made. */
struct service {
    struct serve_options *options;
    struct lab lab;
    char *certificate_pem, *key_pem;
    struct http_server *http;
};

/* ---- setting up ---------------------------------------------------- */

static int read_text(const char *path, char **ret, struct err *err)
{
    g_autoptr(GError) error = NULL;

    if (path == NULL)
        return 0;
    if (g_file_get_contents(path, ret, NULL, &error))
        return 0;
    return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0, "%s", error->message);
}

static int read_certificate(struct service *s, struct err *err)
{
    const struct serve_options *o = s->options;

    if (o->plain_http ? o->certificate != NULL || o->key != NULL
                      : o->certificate == NULL || o->key == NULL)
        return err_set(err, ERR_RUN, ERR_RETRY_NEVER, EXIT_USAGE,
                       "give --tls-cert and --tls-key, or --plain-http");
    if (read_text(o->certificate, &s->certificate_pem, err) < 0)
        return -1;
    return read_text(o->key, &s->key_pem, err);
}

/* What each mailbox may hold; a limit below 0 stays as it is. */
static int set_quotas(struct lab_store *store, const struct serve_options *o,
                      struct err *err)
{
    g_autoptr(GPtrArray) mailboxes = NULL;

    if (lab_store_mailboxes(store, &mailboxes, err) < 0)
        return -1;
    for (guint i = 0; i < mailboxes->len; i++) {
        const struct lab_mailbox *m = mailboxes->pdata[i];

        if (o->quota >= 0 &&
            lab_store_set_quota(store, m->key, (uint64_t)o->quota, err) < 0)
            return -1;
        if (o->recoverable_quota >= 0 &&
            lab_store_set_dumpster_quota(
                store, m->key, (uint64_t)o->recoverable_quota, err) < 0)
            return -1;
    }
    return 0;
}

static int open_store(struct service *s, struct err *err)
{
    const struct serve_options *o = s->options;
    bool memory = strcmp(o->state, "memory") == 0;
    const struct lab_store_options options = {
        .path = memory ? NULL : o->state,
        .organisation = "First Organization",
        .language = "en",
        .seed = (uint64_t)o->fill.seed,
    };

    if (!memory && !g_file_test(o->state, G_FILE_TEST_EXISTS))
        return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                       "state \"%s\" is not there: make it with \"fill\"",
                       o->state);
    if (lab_store_open(&options, &s->lab.store, err) < 0)
        return -1;
    if (memory && fill_store(s->lab.store, &o->fill, err) < 0)
        return -1;
    lab_store_set_limits(s->lab.store, s->lab.clock_skew_us,
                         (uint64_t)MAX(o->item_limit, 0));
    return set_quotas(s->lab.store, o, err);
}

static int make_auth(struct service *s, struct err *err)
{
    const struct serve_options *o = s->options;
    const char *schemes =
        tokens_has_clients(s->lab.tokens) ? "ntlm,basic,bearer" : "ntlm,basic";
    uint8_t hash[AUTH_CHANNEL_HASH_SIZE];
    bool bound = s->certificate_pem != NULL &&
                 signon_channel_hash(s->certificate_pem, hash) == 0;
    struct auth_options options = {
        .schemes = auth_schemes_parse(o->auth != NULL ? o->auth : schemes),
        .domain = o->netbios,
        .host = o->host,
        .challenge_clock = s->lab.version->release > EXCHANGE2007_SP1,
        .lockout = (unsigned int)MAX(o->lockout, 0),
        .lockout_us = (int64_t)o->lockout_seconds * 1000000,
        .clock_skew_us = s->lab.clock_skew_us,
        .directory = server_directory(s->lab.store),
        .tokens = s->lab.tokens,
        .channel_hash = bound ? hash : NULL,
    };

    if (options.schemes == 0)
        return serve_options_bad(err, "auth", o->auth);
    if (signon_protection(o->signon.protection, &options.protection, err) < 0)
        return -1;
    s->lab.auth = auth_new(&options);
    return 0;
}

static int64_t clock_now(void *data)
{
    (void)data;
    return timestamp_monotonic();
}

static void clock_sleep(void *data, int64_t us)
{
    struct cancel *stop = data;

    cancel_sleep(stop, us, CANCEL_DRAIN);
}

/* An option that is not given leaves what the policy says. */
static void override_ms(int64_t *field_us, gint64 option_ms)
{
    if (option_ms >= 0)
        *field_us = option_ms * 1000;
}

static void override_uint(unsigned int *field, int option)
{
    if (option >= 0)
        *field = (unsigned int)option;
}

static void make_throttle(struct service *s)
{
    const struct serve_options *o = s->options;
    const struct throttle_clock clock = { clock_now, clock_sleep, s->lab.stop };
    struct throttle_options options;

    policy_default(s->lab.version, &options);
    if (o->policy != NULL)
        policy_apply(policy_find(o->policy), &options);
    override_uint(&options.concurrency, o->concurrency);
    override_uint(&options.sync_calls, o->sync_calls);
    override_uint(&options.find_count, o->find_count);
    override_ms(&options.burst_us, o->burst);
    override_ms(&options.recharge_us, o->recharge);
    override_ms(&options.cutoff_us, o->cutoff);
    override_ms(&options.delay_us, o->delay);
    override_ms(&options.batch_us, o->batch_limit);
    options.batch_cut = o->batch_cut ? 1 : 0;
    options.round_trip_us = o->latency * 1000;
    options.jitter_us = o->jitter * 1000;
    options.bytes_per_second = (uint64_t)o->bandwidth;
    s->lab.throttle = throttle_new(&options, &clock);
}

static void act(void *data, const char *action)
{
    struct err err;

    /* a wrong line of a script must not end a rehearsal of hours */
    if (control_post(data, action, &err) < 0)
        fprintf(stderr, "mailferry-lab: script: %s: %s\n", action, err.msg);
}

static int make_faults(struct service *s, struct err *err)
{
    g_autofree char *lines = NULL;

    s->lab.faults = faults_new();
    s->lab.script = script_new(s->lab.faults, act, &s->lab);
    if (read_text(s->options->faults_file, &lines, err) < 0)
        return -1;
    /* times begin when it is ready to be asked */
    if (lines != NULL && script_load(s->lab.script, lines, err) < 0)
        return -1;
    for (char **rule = s->options->faults; rule != NULL && *rule != NULL;
         rule++)
        if (faults_add(s->lab.faults, *rule, err) < 0)
            return -1;
    return 0;
}

static int make_parts(struct service *s, struct err *err)
{
    const struct serve_options *o = s->options;
    struct lab *lab = &s->lab;

    lab->version = version_find(o->version);
    lab->counters = counters_new();
    lab->subscriptions = subscriptions_new();
    lab->late = ews_late_new(lab);
    lab->ews_path = o->ews_path;
    lab->host = o->host;
    lab->schema_dir = o->schema != NULL ? o->schema : getenv("EWS_SCHEMA_DIR");
    lab->autodiscover = !o->no_autodiscover;
    lab->forms_login = o->forms_login;
    lab->refuse_chunked = o->refuse_chunked;
    lab->lacks = o->lacks != NULL ? g_strsplit(o->lacks, ",", -1) : NULL;
    lab->affinity_cookie = o->affinity_cookie;
    lab->affinity_delay_ms = (uint32_t)o->affinity_delay;
    lab->too_large_status = serve_options_too_large(o);
    lab->clock_skew_us = (int64_t)o->clock_skew * 1000000;
    lab->impersonation = !o->no_impersonation;
    lab->full_access = !o->no_full_access;
    make_throttle(s);
    if (open_store(s, err) < 0 || signon_prepare(lab, &o->signon, err) < 0 ||
        make_auth(s, err) < 0)
        return -1;
    if (o->capture != NULL && capture_new(o->capture, &lab->capture, err) < 0)
        return -1;
    return o->schema != NULL ? schema_new(o->schema, &lab->schema, err) : 0;
}

static int listen_now(struct service *s, struct err *err)
{
    const struct serve_options *o = s->options;
    const struct http_handler handler = server_handler(&s->lab);
    const struct http_options options = {
        .listen = o->listen,
        .certificate_pem = s->certificate_pem,
        .key_pem = s->key_pem,
        .body_bytes_max = o->request_limit > 0
                              ? (uint64_t)o->request_limit
                              : s->lab.version->request_bytes_max,
    };

    return http_server_new(&options, &handler, &s->http, err);
}

/* Whole or not at all: whoever waits for the file reads it at once. */
static int write_port(const struct service *s, struct err *err)
{
    g_autoptr(GError) error = NULL;
    char text[16];

    if (s->options->port_file == NULL)
        return 0;
    g_snprintf(text, sizeof(text), "%u\n", http_server_port(s->http));
    if (g_file_set_contents(s->options->port_file, text, -1, &error))
        return 0;
    return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0, "%s", error->message);
}

/* ---- running ------------------------------------------------------- */

/*
 * Signals are waited for, not handled: blocked before any thread starts, so
 * that none of them is interrupted.
 */
static void block_signals(sigset_t *set)
{
    sigemptyset(set);
    sigaddset(set, SIGTERM);
    sigaddset(set, SIGINT);
    pthread_sigmask(SIG_BLOCK, set, NULL);
    signal(SIGPIPE, SIG_IGN);
}

static void service_clear(struct service *s)
{
    struct lab *lab = &s->lab;

    /* wakes whoever sleeps; then nobody is left who uses the rest */
    cancel_request(lab->stop);
    g_clear_pointer(&s->http, http_server_free);
    if (lab->late != NULL)
        g_thread_pool_free(lab->late, FALSE, TRUE);
    g_clear_pointer(&lab->script, script_free);
    g_clear_pointer(&lab->schema, schema_free);
    g_clear_pointer(&lab->capture, capture_free);
    g_clear_pointer(&lab->auth, auth_free);
    g_clear_pointer(&lab->tokens, tokens_free);
    g_clear_pointer(&lab->throttle, throttle_free);
    g_clear_pointer(&lab->subscriptions, subscriptions_free);
    g_clear_pointer(&lab->faults, faults_free);
    g_clear_pointer(&lab->counters, counters_free);
    g_clear_pointer(&lab->store, lab_store_close);
    g_clear_pointer(&lab->stop, cancel_free);
    g_clear_pointer(&lab->lacks, g_strfreev);
    g_free(s->certificate_pem);
    g_free(s->key_pem);
}

static int start(struct service *s, struct err *err)
{
    if (serve_options_check(s->options, err) < 0 ||
        read_certificate(s, err) < 0 || make_parts(s, err) < 0 ||
        make_faults(s, err) < 0 || listen_now(s, err) < 0)
        return -1;
    return write_port(s, err);
}

static int serve(struct serve_options *options)
{
    struct service s = { .options = options };
    struct err err = { .code = 0 };
    sigset_t signals;
    int status, number = 0;

    block_signals(&signals);
    s.lab.stop = cancel_new();
    status = start(&s, &err);
    if (status == 0) {
        printf("%s\n", http_server_url(s.http));
        fflush(stdout);
        sigwait(&signals, &number);
    } else {
        command_failed(&err);
    }
    service_clear(&s);
    if (status == 0)
        return EXIT_SUCCESS;
    return err.code == EXIT_USAGE ? EXIT_USAGE : EXIT_FAILURE;
}

int command_serve(int argc, char **argv)
{
    struct serve_options o;
    int status = serve_options_read(&o, &argc, &argv);

    if (status != 0)
        return status < 0 ? EXIT_SUCCESS : status;
    status = serve(&o);
    g_strfreev(o.faults);
    signon_options_clear(&o.signon);
    return status;
}
