#include <errno.h>
#include <signal.h>

#include <libxml/parser.h>

#include "lab/command.h"
#include "lab/control.h"
#include "lab/ews.h"
#include "lab/policy.h"
#include "lab/server.h"
#include "lab/signon.h"

/* What can be said on the command line. */
struct serve_options {
    const char *listen, *certificate, *key, *state, *version, *auth, *host;
    const char *port_file, *capture, *schema, *ews_path, *netbios;
    char **faults;
    const char *faults_file;
    gboolean plain_http, forms_login, no_autodiscover, refuse_chunked;
    gboolean no_impersonation, no_full_access;
    gint64 quota, request_limit;
    gint64 latency, jitter, bandwidth;
    gint64 burst, recharge, cutoff, delay, batch_limit; /* -1: as the policy */
    const char *policy, *too_large, *lacks, *affinity_cookie;
    gboolean batch_cut;
    gint64 affinity_delay, item_limit, recoverable_quota;
    int clock_skew, find_count;
    int concurrency, sync_calls, lockout, lockout_seconds;
    struct signon_options signon;
    struct fill_options fill;
};

/* Everything that must be given back, in the order in which it is made. */
struct service {
    struct serve_options *options;
    struct lab lab;
    char *certificate_pem, *key_pem;
    unsigned int too_large; /* status; 0: drop */
    struct http_server *http;
};

static int bad_option(struct err *err, const char *option, const char *value)
{
    return err_set(err, ERR_RUN, ERR_RETRY_NEVER, EXIT_USAGE,
                   "\"%s\" is no value for --%s; see --help", value, option);
}

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
    const char *schemes = tokens_has_clients(s->lab.tokens)
                              ? "ntlm,basic,bearer"
                              : "ntlm,basic";
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
        return bad_option(err, "auth", o->auth);
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

static int check_ranges(const struct serve_options *o, struct err *err)
{
    const gint64 amounts[] = { o->latency, o->jitter, o->bandwidth,
                               o->affinity_delay };
    const gint64 limits[] = {
        o->burst,       o->recharge,   o->cutoff,           o->delay,
        o->batch_limit, o->item_limit, o->recoverable_quota
    };

    for (size_t i = 0; i < G_N_ELEMENTS(limits); i++)
        if (limits[i] < -1 || limits[i] > UINT32_MAX)
            return err_set(err, ERR_RUN, ERR_RETRY_NEVER, EXIT_USAGE,
                           "a limit is out of range");
    if (o->policy != NULL && policy_find(o->policy) == NULL)
        return bad_option(err, "policy", o->policy);
    for (size_t i = 0; i < G_N_ELEMENTS(amounts); i++)
        if (amounts[i] < 0 || amounts[i] > UINT32_MAX)
            return err_set(err, ERR_RUN, ERR_RETRY_NEVER, EXIT_USAGE,
                           "a limit is out of range");
    if (o->ews_path[0] != '/')
        return bad_option(err, "ews-path", o->ews_path);
    if (version_find(o->version) == NULL)
        return bad_option(err, "version", o->version);
    return 0;
}

/* How a request over the limit is answered. */
static int read_too_large(struct service *s, struct err *err)
{
    static const struct {
        const char *name;
        unsigned int status;
    } ways[] = {
        { "400", 400 }, { "404", 404 }, { "405", 405 },
        { "413", 413 }, { "500", 500 }, { "drop", 0 },
    };
    const char *how = s->options->too_large;

    s->too_large = version_find(s->options->version)->too_large_status;
    if (how == NULL)
        return 0;
    for (size_t i = 0; i < G_N_ELEMENTS(ways); i++)
        if (strcmp(ways[i].name, how) == 0) {
            s->too_large = ways[i].status;
            return 0;
        }
    return bad_option(err, "too-large", how);
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
    lab->too_large_status = s->too_large;
    lab->clock_skew_us = (int64_t)o->clock_skew * 1000000;
    lab->impersonation = !o->no_impersonation;
    lab->full_access = !o->no_full_access;
    make_throttle(s);
    if (open_store(s, err) < 0 ||
        signon_prepare(lab, &o->signon, err) < 0 || make_auth(s, err) < 0)
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
    if (check_ranges(s->options, err) < 0 || read_too_large(s, err) < 0 ||
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

static char *description_new(void)
{
    g_autofree char *kinds = faults_help();

    return g_strdup_printf(
        "Prints its URL once it is ready.  STATE is a file made by \"fill\", "
        "or \"memory\":\nthen --mailboxes, --items, --seed, --mail-domain and "
        "--accounts-file count.\n\n"
        "A fault is KIND[:KEY=VALUE,...].  When: op=OPERATION mailbox=ADDRESS "
        "match=TEXT\n(in an item's subject) skip=N every=N times=N.  How: ms=N "
        "code=RESPONSECODE\nstatus=HTTP bare=1.  The kinds:\n\n%s\n"
        "While it runs: GET https://HOST/lab/counters, GET and POST "
        "/lab/faults,\nPOST /lab/add?items=N, POST /lab/change?delete=N&edit=N"
        "&move=N&read=N&touch=N,\nGET and POST /lab/throttle, POST "
        "/lab/reset-counters, /lab/expire-sync, /lab/unlock.",
        kinds);
}

static void set_defaults(struct serve_options *o)
{
    *o = (struct serve_options){
        .listen = "127.0.0.1:0",
        .version = "Exchange2016",
        .host = "exchange.contoso.example",
        .netbios = "CONTOSO",
        .ews_path = "/EWS/Exchange.asmx",
        .quota = -1,
        .concurrency = -1,
        .sync_calls = -1,
        .find_count = -1,
        .burst = -1,
        .recharge = -1,
        .cutoff = -1,
        .delay = -1,
        .batch_limit = -1,
        .item_limit = -1,
        .recoverable_quota = -1,
        .affinity_delay = 50,
        .lockout_seconds = 60,
        .signon = { .token_lifetime = 3600, .protection = "off" },
        .fill = { .mailboxes = 5, .seed = 1, .domain = "contoso.example" },
    };
}

#define O(field) offsetof(struct serve_options, field)
static const struct command_option serve_table[] = {
    { "state", G_OPTION_ARG_FILENAME, O(state), "STATE",
      "what it serves: a file made by \"fill\", or \"memory\"" },
    { "listen", G_OPTION_ARG_STRING, O(listen), "HOST:PORT",
      "address and port; port 0 is any (127.0.0.1:0)" },
    { "tls-cert", G_OPTION_ARG_FILENAME, O(certificate), "FILE",
      "certificate chain, PEM" },
    { "tls-key", G_OPTION_ARG_FILENAME, O(key), "FILE", "its key, PEM" },
    { "plain-http", G_OPTION_ARG_NONE, O(plain_http), NULL,
      "serve without TLS" },
    { "port-file", G_OPTION_ARG_FILENAME, O(port_file), "FILE",
      "write the port into FILE once it listens" },
    { "version", G_OPTION_ARG_STRING, O(version), "NAME",
      "Exchange2007_SP1, 2010, 2010_SP1, 2010_SP2, 2013, 2013_SP1, 2016 "
      "(2016)" },
    { "auth", G_OPTION_ARG_STRING, O(auth), "LIST",
      "schemes of ntlm, basic, negotiate, bearer (ntlm,basic, and bearer when "
      "there is a client)" },
    { "host", G_OPTION_ARG_STRING, O(host), "NAME",
      "its own name inside its network (exchange.contoso.example)" },
    { "netbios-domain", G_OPTION_ARG_STRING, O(netbios), "NAME",
      "as NTLM names it (CONTOSO)" },
    { "lockout", G_OPTION_ARG_INT, O(lockout), "N",
      "failed sign-ins in a row that lock a login (never)" },
    { "lockout-seconds", G_OPTION_ARG_INT, O(lockout_seconds), "N",
      "for how long (60)" },
    { "no-impersonation", G_OPTION_ARG_NONE, O(no_impersonation), NULL,
      "nobody may impersonate" },
    { "no-full-access", G_OPTION_ARG_NONE, O(no_full_access), NULL,
      "nobody may open another's mailbox" },
    { "quota", G_OPTION_ARG_INT64, O(quota), "BYTES",
      "set each mailbox's quota (as it is); 0: none" },
    { "request-limit", G_OPTION_ARG_INT64, O(request_limit), "BYTES",
      "largest request body (the version's own)" },
    { "too-large", G_OPTION_ARG_STRING, O(too_large), "HOW",
      "how a larger one is refused: 400, 404, 405, 413, 500 or drop (the "
      "version's own)" },
    { "item-limit", G_OPTION_ARG_INT64, O(item_limit), "BYTES",
      "largest item that is stored; 0: any (any)" },
    { "recoverable-quota", G_OPTION_ARG_INT64, O(recoverable_quota), "BYTES",
      "of the recoverable items of each mailbox; 0: none (none)" },
    { "lacks", G_OPTION_ARG_STRING, O(lacks), "LIST",
      "operations, or distinguished folders, that it has not although its "
      "version says so: ExportItems,archivemsgfolderroot" },
    { "affinity-cookie", G_OPTION_ARG_STRING, O(affinity_cookie), "NAME",
      "a load balancer's cookie; what comes without it goes to another "
      "server: slower, and without its subscriptions" },
    { "affinity-delay", G_OPTION_ARG_INT64, O(affinity_delay), "MS",
      "how much slower (50)" },
    { "clock-skew", G_OPTION_ARG_INT, O(clock_skew), "SECONDS",
      "its clock is so much ahead; negative: behind" },
    { "policy", G_OPTION_ARG_STRING, O(policy), "NAME",
      "a set of the limits below: none, 2010, 2013, hosted-strict; "
      "\"mailferry-lab policies\" prints them" },
    { "max-concurrency", G_OPTION_ARG_INT, O(concurrency), "N",
      "requests at a time of a budget (the version's own); 0: any" },
    { "sync-calls", G_OPTION_ARG_INT, O(sync_calls), "N",
      "of those, Sync calls (5 in 2016); 0: any" },
    { "burst", G_OPTION_ARG_INT64, O(burst), "MS",
      "server time that a budget has ahead; 0: no account is kept" },
    { "recharge", G_OPTION_ARG_INT64, O(recharge), "MS",
      "how much of it grows back each second" },
    { "cutoff", G_OPTION_ARG_INT64, O(cutoff), "MS",
      "debt past which requests are refused as busy" },
    { "delay", G_OPTION_ARG_INT64, O(delay), "MS",
      "silent delay of each request, and item of a batch, in debt" },
    { "find-count", G_OPTION_ARG_INT, O(find_count), "N",
      "most that FindItem and FindFolder list (1000); 0: any" },
    { "batch-limit", G_OPTION_ARG_INT64, O(batch_limit), "MS",
      "after which the rest of a batch is not done (60000); 0: never" },
    { "batch-cut", G_OPTION_ARG_NONE, O(batch_cut), NULL,
      "and its connection is cut without an answer" },
    { "latency", G_OPTION_ARG_INT64, O(latency), "MS",
      "round trip, added to each request" },
    { "jitter", G_OPTION_ARG_INT64, O(jitter), "MS",
      "more than that, by chance" },
    { "bandwidth", G_OPTION_ARG_INT64, O(bandwidth), "BYTES",
      "bytes a second each way, shared by all connections" },
    { "fault", G_OPTION_ARG_STRING_ARRAY, O(faults), "RULE",
      "a fault on demand (below); may be given often" },
    { "faults", G_OPTION_ARG_FILENAME, O(faults_file), "FILE",
      "faults and changes over time, a line each; see docs/guide/"
      "lab-faults.md" },
    { "capture", G_OPTION_ARG_FILENAME, O(capture), "FOLDER",
      "write every request and answer into files of FOLDER" },
    { "schema", G_OPTION_ARG_FILENAME, O(schema), "FOLDER",
      "refuse requests that the schema in FOLDER does not allow" },
    { "ews-path", G_OPTION_ARG_STRING, O(ews_path), "PATH",
      "where EWS is (/EWS/Exchange.asmx)" },
    { "no-autodiscover", G_OPTION_ARG_NONE, O(no_autodiscover), NULL,
      "do not serve it" },
    { "forms-login", G_OPTION_ARG_NONE, O(forms_login), NULL,
      "a front end's logon page stands over EWS" },
    { "refuse-chunked", G_OPTION_ARG_NONE, O(refuse_chunked), NULL,
      "take only bodies with a Content-Length" },
    SIGNON_OPTIONS(O(signon)),
    FILL_OPTIONS(O(fill)),
    { NULL },
};
#undef O

int command_serve(int argc, char **argv)
{
    g_autofree char *description = description_new();
    const struct command_usage usage = {
        .options = serve_table,
        .usage = "Usage: mailferry-lab serve --state STATE --tls-cert FILE "
                 "--tls-key FILE [OPTIONS]",
        .description = description,
    };
    struct serve_options o;
    int status;

    set_defaults(&o);
    status = command_options(&usage, &o, &argc, &argv);
    if (status != 0)
        return status < 0 ? EXIT_SUCCESS : status;
    if (o.state == NULL) {
        fprintf(stderr, "mailferry-lab: --state is missing; see --help\n");
        return EXIT_USAGE;
    }
    status = serve(&o);
    g_strfreev(o.faults);
    signon_options_clear(&o.signon);
    return status;
}
