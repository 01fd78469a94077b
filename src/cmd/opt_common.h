/*
 * opt_common - options that several commands share, and their structs.
 *
 * A command embeds the structs it wants in its own and names each table once:
 *
 *     struct migrate_options {
 *         const char *file;
 *         struct opt_sides sides;
 *     };
 *     static const struct opt_group groups[] = {
 *         { "Accounts", opt_sides_rows, O(sides) },
 *         { NULL },
 *     };
 */
#ifndef CMD_OPT_COMMON_H
#define CMD_OPT_COMMON_H

#include <stdbool.h>
#include <stdint.h>

#include "cmd/opt.h"
#include "engine/engine.h"
#include "engine/settings.h"

/* --SIDE-oauth-client -tenant -token-url -scope -secret-file; each or NULL. */
struct opt_oauth {
    const char *client, *tenant, *token_url, *scope, *secret_file;
};

/*
 * --source --destination (opt_servers_rows), and -admin -accounts -oauth-... of
 * each (opt_sides_rows)
 */
struct opt_side {
    const char *url;           /* NULL: not given */
    const char *admin;         /* NULL: not given */
    const char *accounts_file; /* NULL: not given */
    struct opt_oauth oauth;
};
struct opt_sides {
    struct opt_side source, destination;
};
extern const struct opt opt_servers_rows[];
extern const struct opt opt_sides_rows[];
/* Whether rows without credentials of their own have somebody to open them. */
bool opt_side_has_admin(const struct opt_side *side);
/*
 * The token endpoint of a side with an OAuth client: as given, else the
 * tenant's at Microsoft.  The caller frees.
 */
char *opt_oauth_token_url(const struct opt_oauth *oauth);
/* What is wrong with a side's options together; NULL: nothing.  Static. */
const char *opt_side_problem(const struct opt_side *side);
/*
 * Host and port that a URL, written as people write it, leads to: equal for
 * the same server.  The caller frees.  -1: it is no address.
 */
int opt_server(const char *url, char **ret, struct err *err);

/* --proxy --proxy-password-file; each or NULL. */
struct opt_proxy {
    const char *url, *password_file;
};
/* Rows of a table whose struct has a struct opt_proxy at that offset. */
#define OPT_PROXY_ROWS(at)                                                     \
    { .long_name = "proxy",                                                    \
      .type = OPT_STR,                                                         \
      .offset = (at) + offsetof(struct opt_proxy, url),                        \
      .arg = "URL",                                                            \
      .help = "reach all servers through this proxy: http://[USER@]HOST:PORT," \
              " also https:// and socks5h:// (default: https_proxy of the "    \
              "environment, never http_proxy; hosts in no_proxy are reached "  \
              "directly)" },                                                   \
    {                                                                          \
        .long_name = "proxy-password-file", .type = OPT_FILE,                  \
        .offset = (at) + offsetof(struct opt_proxy, password_file),            \
        .arg = "FILE",                                                         \
        .help =                                                                \
            "read the password of the proxy's user from the first line of "    \
            "FILE (else MAILFERRY_PROXY_PASSWORD, the systemd credential "     \
            "proxy-password, or a question)"                                   \
    }

/* Rows of a table whose struct has both as texts at those offsets. */
#define OPT_PASSWORD_FILE_ROWS(source_at, destination_at)                      \
    { .long_name = "source-password-file",                                     \
      .type = OPT_FILE,                                                        \
      .offset = (source_at),                                                   \
      .arg = "FILE",                                                           \
      .help = "read the source administrator's password from the first line "  \
              "of FILE (else MAILFERRY_SOURCE_PASSWORD, the systemd "          \
              "credential source-password, or a question)" },                  \
    {                                                                          \
        .long_name = "destination-password-file", .type = OPT_FILE,            \
        .offset = (destination_at), .arg = "FILE",                             \
        .help =                                                                \
            "read the destination administrator's password from the first "    \
            "line of FILE (else MAILFERRY_DESTINATION_PASSWORD, the "          \
            "systemd credential destination-password, or a question)"          \
    }

/*
 * --source-password-file --destination-password-file --ca-file --proxy
 * --proxy-password-file --trace --allow-host
 */
struct opt_access {
    const char *source_password_file, *destination_password_file;
    const char *ca_file;
    struct opt_proxy proxy;
    const char *trace;
    struct opt_list allow_hosts;
};
extern const struct opt opt_access_rows[];

/* --state */
struct opt_state {
    const char *file; /* NULL: opt_state_path() knows */
};
extern const struct opt opt_state_rows[];
/* The state file to use with an import file.  The caller frees. */
char *opt_state_path(const struct opt_state *state, const char *import_file);

/* --skip-bad-rows */
struct opt_rows {
    bool skip_bad;
};
extern const struct opt opt_rows_rows[];

/* --json */
struct opt_output {
    bool json;
};
extern const struct opt opt_output_rows[];

/* --json --verbose */
struct opt_telling {
    bool json, verbose;
};
extern const struct opt opt_telling_rows[];

/*
 * --mailboxes --lanes --request-limit --host-requests --first-requests
 * --quiet-hours
 */
#define OPT_HOST_REQUESTS_MAX 256
struct opt_load {
    unsigned int mailboxes;     /* at once */
    unsigned int lanes;         /* a mailbox */
    uint64_t request_max_bytes; /* 0: as the destination's version has it */
    unsigned int host_requests, first_requests; /* at a time */
    const char *quiet_hours;                    /* of the source; or NULL */
};
extern const struct opt opt_load_rows[];

/* --folder --not-folder --kinds --since --before --max-item-size */
struct opt_filter {
    struct opt_list folders, not_folders;
    unsigned int kinds; /* bits 1 << enum item_kind */
    int64_t since_us, before_us;
    uint64_t max_item_bytes;
};
extern const struct opt opt_filter_rows[];
/* Borrows from `from`. */
void opt_filter_set(const struct opt_filter *from, struct engine_filter *ret);

/* --no-archive --recoverable-items */
struct opt_trees {
    bool no_archive, recoverable;
};
extern const struct opt opt_trees_rows[];
/* What lies beside the mailbox: the archive unless, the rest only if. */
void opt_trees_set(const struct opt_trees *from, struct engine_filter *ret);

/*
 * --dry-run --propagate-deletes --no-digest --doubt-wait --patience
 * --max-failures
 */
struct opt_copy {
    bool dry_run, propagate_deletes, no_digest;
    int64_t doubt_wait_us, patience_us;
    unsigned int max_failures; /* items; 0: no limit */
};
extern const struct opt opt_copy_rows[];

/* --settings: words for a table of the command's own, which says the default */
extern const struct opt_word opt_settings_words[];
/* --enable-forwarding --replace-outlook-rules --replace-photo */
struct opt_settings {
    bool enable_forwarding, replace_outlook_rules, replace_photo;
};
extern const struct opt opt_settings_rows[];
void opt_settings_set(const struct opt_settings *from,
                      struct engine_settings_options *ret);

/* --verify */
struct opt_verify {
    enum verify_mode mode;
    bool given; /* by a person, not by default */
};
extern const struct opt opt_verify_rows[];
/* "nothing", "counts", "sample", "full" */
extern const struct opt_word opt_verify_words[];

#endif
