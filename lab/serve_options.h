/*
 * serve_options - the command line of `serve`.
 */
#ifndef LAB_SERVE_OPTIONS_H
#define LAB_SERVE_OPTIONS_H

#include "lab/command.h"
#include "lab/signon.h"

/* What can be said; texts live as long as the program, faults are owned. */
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

/*
 * Read argv.  0; EXIT_USAGE, which has been said; -1 when it was --help,
 * which has been answered.
 */
int serve_options_read(struct serve_options *o, int *argc, char ***argv);

/* -1 (code EXIT_USAGE) names the option whose value is none. */
int serve_options_check(const struct serve_options *o,
                        struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* "x" is no value for --option: the same error for who finds it later. */
int serve_options_bad(struct err *err, const char *option, const char *value);

/* HTTP status of a request over the limit; 0: the connection is dropped. */
unsigned int serve_options_too_large(const struct serve_options *o);

#endif
