#include "cmd/opt_common.h"

#include <stddef.h>

#include "fleet/migration.h"
#include "fleet/run.h"

/* A mailbox's server refuses more connections long before this. */
#define LANES_MAX 64

/* clang-format off */
#define OAUTH_ROWS(side, SIDE, base)                                           \
    { .long_name = side "-oauth-client", .type = OPT_STR,                      \
      .offset = offsetof(struct opt_sides, base.oauth.client), .arg = "ID",    \
      .env = "MAILFERRY_" SIDE "_OAUTH_CLIENT",                                \
      .help = "in place of an administrative account of the " side ": an "     \
              "application (OAuth client credentials) that may impersonate" }, \
    { .long_name = side "-oauth-tenant", .type = OPT_STR,                      \
      .offset = offsetof(struct opt_sides, base.oauth.tenant),                 \
      .arg = "TENANT", .env = "MAILFERRY_" SIDE "_OAUTH_TENANT",               \
      .help = "its tenant at Microsoft: an id or a domain" },                  \
    { .long_name = side "-oauth-token-url", .type = OPT_STR,                   \
      .offset = offsetof(struct opt_sides, base.oauth.token_url),              \
      .arg = "URL", .env = "MAILFERRY_" SIDE "_OAUTH_TOKEN_URL",               \
      .help = "the token endpoint, where it is not Microsoft's" },             \
    { .long_name = side "-oauth-scope", .type = OPT_STR,                       \
      .offset = offsetof(struct opt_sides, base.oauth.scope),                  \
      .arg = "SCOPE", .env = "MAILFERRY_" SIDE "_OAUTH_SCOPE",                 \
      .help = "what the token is for (default: https://HOST/.default with "    \
              "the EWS host)" },                                               \
    { .long_name = side "-oauth-secret-file", .type = OPT_FILE,                \
      .offset = offsetof(struct opt_sides, base.oauth.secret_file),            \
      .arg = "FILE",                                                           \
      .help = "read the client secret from the first line of FILE (else "      \
              "MAILFERRY_" SIDE "_OAUTH_SECRET, the systemd credential "       \
              side "-oauth-secret, or a question)" }

#define O(field) offsetof(struct opt_sides, field)
const struct opt opt_servers_rows[] = {
    { .long_name = "source", .type = OPT_STR, .offset = O(source.url),
      .arg = "URL", .env = "MAILFERRY_SOURCE",
      .help = "address of the source's OWA or EWS, or autodiscover:DOMAIN to "
              "find it by the DNS of a mail domain" },
    { .long_name = "destination", .type = OPT_STR,
      .offset = O(destination.url),
      .arg = "URL", .env = "MAILFERRY_DESTINATION",
      .help = "address of the destination's OWA or EWS, or "
              "autodiscover:DOMAIN" },
    { .long_name = NULL },
};
const struct opt opt_sides_rows[] = {
    { .long_name = "source-admin", .type = OPT_STR, .offset = O(source.admin),
      .arg = "USER", .env = "MAILFERRY_SOURCE_ADMIN",
      .help = "administrative account of the source, for rows without "
              "credentials of their own" },
    { .long_name = "destination-admin", .type = OPT_STR,
      .offset = O(destination.admin),
      .arg = "USER", .env = "MAILFERRY_DESTINATION_ADMIN",
      .help = "administrative account of the destination, for rows without "
              "credentials of their own" },
    { .long_name = "source-accounts", .type = OPT_FILE,
      .offset = O(source.accounts_file), .arg = "FILE",
      .help = "spread mailboxes over the administrative accounts in FILE, a "
              "user name, a comma and a password a line (CSV)" },
    { .long_name = "destination-accounts", .type = OPT_FILE,
      .offset = O(destination.accounts_file), .arg = "FILE",
      .help = "the same for the destination" },
    OAUTH_ROWS("source", "SOURCE", source),
    OAUTH_ROWS("destination", "DESTINATION", destination),
    { .long_name = NULL },
};
#undef O

#define O(field) offsetof(struct opt_access, field)
const struct opt opt_access_rows[] = {
    OPT_PASSWORD_FILE_ROWS(O(source_password_file),
                           O(destination_password_file)),
    { .long_name = "ca-file", .type = OPT_FILE, .offset = O(ca_file),
      .arg = "FILE", .env = "MAILFERRY_CA_FILE",
      .help = "trust the certificates in FILE (PEM) instead of the system's" },
    OPT_PROXY_ROWS(O(proxy)),
    { .long_name = "trace", .type = OPT_FILE, .offset = O(trace),
      .arg = "FILE",
      .help = "log requests and answers to FILE, without secrets" },
    { .long_name = "allow-host", .type = OPT_LIST, .offset = O(allow_hosts),
      .arg = "HOST",
      .help = "send credentials also to HOST (\"host\" or \"host:port\") when "
              "a server redirects there; may be repeated" },
    { .long_name = NULL },
};
#undef O

const struct opt opt_state_rows[] = {
    { .long_name = "state", .type = OPT_FILE,
      .offset = offsetof(struct opt_state, file), .arg = "FILE",
      .env = "MAILFERRY_STATE",
      .help = "keep the record of what was moved in FILE (default: the import "
              "file's name with .mailferry added)" },
    { .long_name = NULL },
};

const struct opt opt_rows_rows[] = {
    { .long_name = "skip-bad-rows", .type = OPT_FLAG,
      .offset = offsetof(struct opt_rows, skip_bad),
      .help = "go on with the good rows of an import file that has faulty "
              "ones" },
    { .long_name = NULL },
};

const struct opt opt_output_rows[] = {
    { .long_name = "json", .type = OPT_FLAG,
      .offset = offsetof(struct opt_output, json),
      .help = "print one JSON object a line on standard output" },
    { .long_name = NULL },
};

const struct opt opt_telling_rows[] = {
    { .long_name = "json", .type = OPT_FLAG,
      .offset = offsetof(struct opt_telling, json),
      .help = "print one JSON object a line on standard output" },
    { .long_name = "verbose", .type = OPT_FLAG,
      .offset = offsetof(struct opt_telling, verbose),
      .help = "tell every note and every item that failed, mailbox by "
              "mailbox; else they are told together, by their causes" },
    { .long_name = NULL },
};

const struct opt opt_load_rows[] = {
    { .long_name = "mailboxes", .type = OPT_UINT,
      .offset = offsetof(struct opt_load, mailboxes), .arg = "N",
      .env = "MAILFERRY_MAILBOXES", .initial = "4",
      .min = 1, .max = FLEET_AT_ONCE_MAX,
      .help = "work on at most N mailboxes at once" },
    { .long_name = "lanes", .type = OPT_UINT,
      .offset = offsetof(struct opt_load, lanes), .arg = "N",
      .env = "MAILFERRY_LANES", .initial = "8", .min = 1, .max = LANES_MAX,
      .help = "use at most N connections to each side for a mailbox" },
    { .long_name = "request-limit", .type = OPT_SIZE,
      .offset = offsetof(struct opt_load, request_max_bytes), .arg = "SIZE",
      .env = "MAILFERRY_REQUEST_LIMIT", .min = 1000000,
      .help = "the largest request that the destination takes, where its "
              "administrator has changed that (default: 10Mi to 64Mi, by its "
              "version); an item needs a third more than its size" },
    { .long_name = "host-requests", .type = OPT_UINT,
      .offset = offsetof(struct opt_load, host_requests), .arg = "N",
      .env = "MAILFERRY_HOST_REQUESTS", .initial = "64", .min = 1,
      .max = OPT_HOST_REQUESTS_MAX,
      .help = "have at most N requests at a time under way to one server, "
              "over all its mailboxes" },
    { .long_name = "first-requests", .type = OPT_UINT,
      .offset = offsetof(struct opt_load, first_requests), .arg = "N",
      .env = "MAILFERRY_FIRST_REQUESTS", .initial = "4", .min = 1, .max = 64,
      .help = "begin with N requests at a time for each mailbox or account "
              "that the server throttles; how many are best is found out from "
              "there" },
    { .long_name = "quiet-hours", .type = OPT_HOURS,
      .offset = offsetof(struct opt_load, quiet_hours), .arg = "HOURS",
      .env = "MAILFERRY_QUIET_HOURS",
      .help = "begin no request to the source in HOURS of the week, such as "
              "\"Mon-Fri 08:00-18:00\" or \"22:00-06:00 Europe/Berlin\" (the "
              "machine's time zone where none is named)" },
    { .long_name = NULL },
};

static const struct opt_word kind_words[] = {
    { "mail", 1 << KIND_MAIL, "and posts, reports, meeting requests" },
    { "calendar", 1 << KIND_CALENDAR, "appointments" },
    { "contact", 1 << KIND_CONTACT, "and distribution lists" },
    { "task", 1 << KIND_TASK, NULL },
    { "note", 1 << KIND_NOTE, NULL },
    { "journal", 1 << KIND_JOURNAL, NULL },
    { "other", 1 << KIND_OTHER, "of any other class" },
    { "all", ENGINE_KINDS_ALL, NULL },
    { .word = NULL },
};

#define O(field) offsetof(struct opt_filter, field)
const struct opt opt_filter_rows[] = {
    { .long_name = "folder", .type = OPT_LIST, .offset = O(folders),
      .arg = "PATTERN",
      .help = "only folders whose path fits PATTERN (\"Inbox\", "
              "\"Projects/2019*\"), and all below them; may be repeated" },
    { .long_name = "not-folder", .type = OPT_LIST, .offset = O(not_folders),
      .arg = "PATTERN",
      .help = "no folders whose path fits PATTERN, nor any below them; may be "
              "repeated" },
    { .long_name = "kinds", .type = OPT_WORDS, .offset = O(kinds),
      .arg = "KINDS", .initial = "all", .words = kind_words,
      .help = "only items of these kinds, several joined by commas" },
    { .long_name = "since", .type = OPT_DATE, .offset = O(since_us),
      .arg = "DATE", .help = "only items received on DATE (UTC) or later" },
    { .long_name = "before", .type = OPT_DATE, .offset = O(before_us),
      .arg = "DATE", .help = "only items received before DATE (UTC)" },
    { .long_name = "max-item-size", .type = OPT_SIZE,
      .offset = O(max_item_bytes), .arg = "SIZE", .min = 1,
      .help = "no items larger than SIZE, such as 25M" },
    { .long_name = NULL },
};
#undef O

void opt_filter_set(const struct opt_filter *from, struct engine_filter *ret)
{
    ret->folders = from->folders.v;
    ret->not_folders = from->not_folders.v;
    if (from->kinds != 0)
        ret->skip_kinds = ENGINE_KINDS_ALL & ~from->kinds;
    ret->since_us = from->since_us;
    ret->before_us = from->before_us;
    ret->max_item_bytes = from->max_item_bytes;
}

#define O(field) offsetof(struct opt_trees, field)
const struct opt opt_trees_rows[] = {
    { .long_name = "no-archive", .type = OPT_FLAG, .offset = O(no_archive),
      .help = "leave out the archive, which is copied where both sides have "
              "one" },
    { .long_name = "recoverable-items", .type = OPT_FLAG,
      .offset = O(recoverable),
      .help = "also what was deleted and can be recovered: Deletions, Versions "
              "and Purges, of the mailbox and of its archive" },
    { .long_name = NULL },
};
#undef O

void opt_trees_set(const struct opt_trees *from, struct engine_filter *ret)
{
    const unsigned int archive = 1u << ENDPOINT_ROOT_ARCHIVE |
                                 1u << ENDPOINT_ROOT_ARCHIVE_RECOVERABLE;
    const unsigned int recoverable = 1u << ENDPOINT_ROOT_RECOVERABLE |
                                     1u << ENDPOINT_ROOT_ARCHIVE_RECOVERABLE;

    if (from->no_archive)
        ret->skip_trees |= archive;
    if (!from->recoverable)
        ret->skip_trees |= recoverable;
}

const struct opt opt_copy_rows[] = {
    { .long_name = "dry-run", .type = OPT_FLAG,
      .offset = offsetof(struct opt_copy, dry_run),
      .help = "list what would be copied; write nothing to the destination" },
    { .long_name = "propagate-deletes", .type = OPT_FLAG,
      .offset = offsetof(struct opt_copy, propagate_deletes),
      .help = "what was copied and is deleted at the source is deleted at the "
              "destination too, recoverably" },
    { .long_name = "no-digest", .type = OPT_FLAG,
      .offset = offsetof(struct opt_copy, no_digest),
      .help = "take no digests of what passes by: less work for this machine; "
              "a verification then reads the source again" },
    { .long_name = "doubt-wait", .type = OPT_SECONDS,
      .offset = offsetof(struct opt_copy, doubt_wait_us), .arg = "SECONDS",
      .env = "MAILFERRY_DOUBT_WAIT", .initial = "120", .max = 86400,
      .help = "after a lost answer, look for its items no sooner than SECONDS "
              "past the request's end" },
    { .long_name = "patience", .type = OPT_SECONDS,
      .offset = offsetof(struct opt_copy, patience_us), .arg = "SECONDS",
      .env = "MAILFERRY_PATIENCE", .initial = "3600", .max = 7 * 86400,
      .help = "how long a mailbox waits without any progress for a server "
              "that is busy or away, before it is left to the next run" },
    { .long_name = "max-failures", .type = OPT_UINT,
      .offset = offsetof(struct opt_copy, max_failures), .arg = "N",
      .env = "MAILFERRY_MAX_FAILURES", .min = 1,
      .help = "give a mailbox up when more than N of its items have failed in "
              "this run (default: go on however many fail)" },
    { .long_name = NULL },
};

const struct opt_word opt_settings_words[] = {
    { "permissions", SETTINGS_PERMISSIONS, "who may use which folders" },
    { "delegates", SETTINGS_DELEGATES, "who acts for the owner" },
    { "rules", SETTINGS_RULES, "rules of the inbox" },
    { "replies", SETTINGS_REPLIES, "automatic replies" },
    { "options", SETTINGS_OPTIONS, "Outlook on the web's, and signature" },
    { "categories", SETTINGS_CATEGORIES, "their names and colours" },
    { "photo", SETTINGS_PHOTO, "the user's picture" },
    { "all", SETTINGS_ALL, "all of these" },
    { "none", 0, NULL },
    { .word = NULL },
};

const struct opt opt_settings_rows[] = {
    { .long_name = "enable-forwarding", .type = OPT_FLAG,
      .offset = offsetof(struct opt_settings, enable_forwarding),
      .help = "enable the rules that send mail on, where they are enabled at "
              "the source; without it they come disabled" },
    { .long_name = "replace-outlook-rules", .type = OPT_FLAG,
      .offset = offsetof(struct opt_settings, replace_outlook_rules),
      .help = "write rules also where the destination has some and Outlook "
              "keeps more of its own, which are lost then" },
    { .long_name = "replace-photo", .type = OPT_FLAG,
      .offset = offsetof(struct opt_settings, replace_photo),
      .help = "put the source's picture in the place of another one" },
    { .long_name = NULL },
};

const struct opt_word opt_verify_words[] = {
    { "nothing", VERIFY_MODE_NOTHING, "no verification" },
    { "counts", VERIFY_MODE_COUNTS, "every item is there" },
    { "sample", VERIFY_MODE_SAMPLE, "and the content of some in each folder" },
    { "full", VERIFY_MODE_FULL, "and the content of every item" },
    { .word = NULL },
};

const struct opt opt_verify_rows[] = {
    { .long_name = "verify", .type = OPT_WORD,
      .offset = offsetof(struct opt_verify, mode), .arg = "MODE",
      .env = "MAILFERRY_VERIFY", .initial = "sample",
      .words = opt_verify_words, .given = offsetof(struct opt_verify, given),
      .help = "compare both sides when the copying is done" },
    { .long_name = NULL },
};
/* clang-format on */

bool opt_side_has_admin(const struct opt_side *side)
{
    return side->admin != NULL || side->accounts_file != NULL ||
           side->oauth.client != NULL;
}

char *opt_oauth_token_url(const struct opt_oauth *oauth)
{
    return oauth->token_url != NULL ? g_strdup(oauth->token_url)
                                    : fleet_token_url(oauth->tenant);
}

const char *opt_side_problem(const struct opt_side *side)
{
    const struct opt_oauth *o = &side->oauth;

    if (o->client == NULL)
        return o->tenant != NULL || o->token_url != NULL || o->scope != NULL ||
                       o->secret_file != NULL
                   ? "OAuth options without an OAuth client"
                   : NULL;
    if (side->admin != NULL || side->accounts_file != NULL)
        return "an administrative account and an OAuth client exclude each "
               "other";
    if ((o->tenant == NULL) == (o->token_url == NULL))
        return "an OAuth client needs either a tenant or a token URL";
    return NULL;
}

void opt_settings_set(const struct opt_settings *from,
                      struct engine_settings_options *ret)
{
    ret->enable_forwarding = from->enable_forwarding;
    ret->replace_outlook_rules = from->replace_outlook_rules;
    ret->replace_photo = from->replace_photo;
}

char *opt_state_path(const struct opt_state *state, const char *import_file)
{
    if (state->file != NULL)
        return g_strdup(state->file);
    return g_strconcat(import_file, ".mailferry", NULL);
}
