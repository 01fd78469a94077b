#include "lab/serve_options.h"

#include "lab/fault.h"
#include "lab/policy.h"
#include "lab/version.h"

int serve_options_bad(struct err *err, const char *option, const char *value)
{
    return err_set(err, ERR_RUN, ERR_RETRY_NEVER, EXIT_USAGE,
                   "\"%s\" is no value for --%s; see --help", value, option);
}

/* How a request over the limit may be answered. */
static const struct {
    const char *name;
    unsigned int status;
} ways[] = {
    { "400", 400 }, { "404", 404 }, { "405", 405 },
    { "413", 413 }, { "500", 500 }, { "drop", 0 },
};

static bool is_way(const char *how)
{
    for (size_t i = 0; i < G_N_ELEMENTS(ways); i++)
        if (strcmp(ways[i].name, how) == 0)
            return true;
    return false;
}

unsigned int serve_options_too_large(const struct serve_options *o)
{
    for (size_t i = 0; o->too_large != NULL && i < G_N_ELEMENTS(ways); i++)
        if (strcmp(ways[i].name, o->too_large) == 0)
            return ways[i].status;
    return version_find(o->version)->too_large_status;
}

int serve_options_check(const struct serve_options *o, struct err *err)
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
        return serve_options_bad(err, "policy", o->policy);
    for (size_t i = 0; i < G_N_ELEMENTS(amounts); i++)
        if (amounts[i] < 0 || amounts[i] > UINT32_MAX)
            return err_set(err, ERR_RUN, ERR_RETRY_NEVER, EXIT_USAGE,
                           "a limit is out of range");
    if (o->ews_path[0] != '/')
        return serve_options_bad(err, "ews-path", o->ews_path);
    if (version_find(o->version) == NULL)
        return serve_options_bad(err, "version", o->version);
    if (o->too_large != NULL && !is_way(o->too_large))
        return serve_options_bad(err, "too-large", o->too_large);
    return 0;
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

int serve_options_read(struct serve_options *o, int *argc, char ***argv)
{
    g_autofree char *description = description_new();
    const struct command_usage usage = {
        .options = serve_table,
        .usage = "Usage: mailferry-lab serve --state STATE --tls-cert FILE "
                 "--tls-key FILE [OPTIONS]",
        .description = description,
    };
    int status;

    set_defaults(o);
    status = command_options(&usage, o, argc, argv);
    if (status != 0 || o->state != NULL)
        return status;
    fprintf(stderr, "mailferry-lab: --state is missing; see --help\n");
    return EXIT_USAGE;
}
