#include <jansson.h>

#include "cmd/cmd.h"
#include "cmd/import_print.h"
#include "cmd/json_line.h"
#include "cmd/opt_common.h"
#include "fleet/address.h"
#include "fleet/import.h"

struct validate_options {
    const char *file;
    const char *domain;
    struct opt_sides sides;
    struct opt_output output;
};

/* What the options say, in the form that the checks want. */
struct known {
    struct import_context context;
    char *domain;
    char *servers[IMPORT_N_SIDES];
};

/* The checks that can be left out, and for want of what. */
/* clang-format off */
static const struct {
    enum import_check check;
    const char *word, *text;
} left_out[] = {
    { IMPORT_CHECK_DOMAIN, "domain",
      "that every address is in the customer's domain (--domain)" },
    { IMPORT_CHECK_SAME_MAILBOX, "same-mailbox",
      "that equal addresses are on different servers (--source, --destination)" },
    { IMPORT_CHECK_SOURCE_ADMIN, "source-admin",
      "that rows without source credentials have an administrative account (--source, --source-admin)" },
    { IMPORT_CHECK_DESTINATION_ADMIN, "destination-admin",
      "that rows without destination credentials have an administrative account (--destination, --destination-admin)" },
};
/* clang-format on */

static void known_clear(struct known *k)
{
    g_free(k->domain);
    for (int side = 0; side < IMPORT_N_SIDES; side++)
        g_free(k->servers[side]);
}

/*
 * Whoever names a side's server describes that side whole: without an
 * administrative account there is none, as in "migrate".
 */
static enum import_admin admin_of(const struct opt_side *side)
{
    if (opt_side_has_admin(side))
        return IMPORT_ADMIN_GIVEN;
    return side->url != NULL ? IMPORT_ADMIN_NONE : IMPORT_ADMIN_UNKNOWN;
}

static int know_side(struct known *k, enum import_side side,
                     const struct opt_side *given, struct err *err)
{
    k->context.sides[side].admin = admin_of(given);
    if (given->url == NULL)
        return 0;
    if (opt_server(given->url, &k->servers[side], err) < 0)
        return err_in(err, "option \"--%s\"", import_side_name(side));
    k->context.sides[side].host = k->servers[side];
    return 0;
}

static int know(struct known *k, const struct validate_options *o,
                struct err *err)
{
    const char *why;

    if (o->domain != NULL) {
        k->domain = address_domain_parse(o->domain, &why);
        if (k->domain == NULL)
            return err_set(err, ERR_RUN, ERR_RETRY_NEVER, CMD_USAGE,
                           "option \"--domain\": \"%s\" is not a domain: %s",
                           o->domain, why);
        k->context.domain = k->domain;
    }
    if (know_side(k, IMPORT_SOURCE, &o->sides.source, err) < 0)
        return -1;
    return know_side(k, IMPORT_DESTINATION, &o->sides.destination, err);
}

static const char *delimiter_name(char delimiter)
{
    switch (delimiter) {
    case ',':
        return "comma";
    case ';':
        return "semicolon";
    case '\t':
        return "tab";
    default:
        return NULL;
    }
}

static void print_text(FILE *out, const char *file, const struct import *m)
{
    size_t good = m->rows->len;
    const char *delimiter = delimiter_name(m->delimiter);

    import_print_faults(out, file, m);
    fprintf(out, "%s: %zu %s, %zu good, %zu faulty; errors: %zu, warnings: %zu",
            file, m->n_rows, m->n_rows == 1 ? "row" : "rows", good,
            m->n_rows - good, m->n_errors, m->n_warnings);
    if (delimiter != NULL)
        fprintf(out, " (%s, %s)", m->encoding, delimiter);
    fputc('\n', out);
    for (size_t i = 0; i < G_N_ELEMENTS(left_out); i++)
        if ((m->left_out & (unsigned int)left_out[i].check) != 0)
            fprintf(out, "not checked: %s\n", left_out[i].text);
}

static void print_json(FILE *out, const char *file, const struct import *m)
{
    json_t *unchecked = json_array(), *o;

    import_print_json(out, file, m);
    for (size_t i = 0; i < G_N_ELEMENTS(left_out); i++)
        if ((m->left_out & (unsigned int)left_out[i].check) != 0)
            json_array_append_new(unchecked, json_string(left_out[i].word));
    o = json_pack("{s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:s, s:s?, s:o}",
                  "event", "summary", "file", file, "rows",
                  (json_int_t)m->n_rows, "good", (json_int_t)m->rows->len,
                  "faulty", (json_int_t)(m->n_rows - m->rows->len), "errors",
                  (json_int_t)m->n_errors, "warnings",
                  (json_int_t)m->n_warnings, "encoding", m->encoding,
                  "delimiter", delimiter_name(m->delimiter), "not_checked",
                  unchecked);
    json_line_print(out, o);
}

static enum cmd_status status_of(const struct import *m)
{
    if (m->rows->len == 0)
        return CMD_NOTHING_DONE;
    return m->n_errors > 0 ? CMD_MAILBOXES_FAILED : CMD_OK;
}

static enum cmd_status validate(const struct cmd_context *ctx,
                                const struct validate_options *o,
                                const struct known *k)
{
    g_autoptr(import_t) m = NULL;
    struct err err;

    if (import_read_file(o->file, &k->context, &m, &err) < 0)
        return cmd_give_up(ctx, &err);
    if (o->output.json)
        print_json(ctx->out, o->file, m);
    else
        print_text(ctx->out, o->file, m);
    return status_of(m);
}

static enum cmd_status run(const struct cmd_context *ctx, const void *options)
{
    const struct validate_options *o = options;
    struct known k = { 0 };
    struct err err;
    enum cmd_status status;

    if (know(&k, o, &err) < 0)
        status = cmd_usage(ctx, &cmd_validate, "%s", err.msg);
    else
        status = validate(ctx, o, &k);
    known_clear(&k);
    return status;
}

/* clang-format off */
#define O(field) offsetof(struct validate_options, field)
static const struct opt rows[] = {
    { .long_name = "domain", .type = OPT_STR, .offset = O(domain),
      .arg = "DOMAIN",
      .help = "the customer's domain: every address must be in it" },
    { .long_name = NULL },
};
static const struct opt_group groups[] = {
    { "Options", rows, 0 },
    { "Servers", opt_servers_rows, O(sides) },
    { "Accounts", opt_sides_rows, O(sides) },
    { "Output", opt_output_rows, O(output) },
    { .title = NULL },
};
static const struct opt_arg args[] = {
    { .name = "FILE", .type = OPT_FILE, .offset = O(file), .required = true,
      .help = "the import file; - for standard input" },
    { .name = NULL },
};
#undef O

static const struct cmd_example examples[] = {
    { "mailferry validate users.csv", "check a file by itself" },
    { "mailferry validate users.csv --domain domain.com "
      "--source https://mail.old.example/owa "
      "--destination https://mail.new.example/owa "
      "--source-admin 'OLD\\migration'",
      "check it for a migration whose source has an administrative account "
      "and whose destination has none" },
    { "mailferry validate users.csv --json | jq -r 'select(.line) | .line'",
      "the lines that need a look" },
    { .command = NULL },
};
static const struct cmd_exit exits[] = {
    { CMD_OK, "every row is good" },
    { CMD_MAILBOXES_FAILED, "some rows are faulty" },
    { CMD_NOTHING_DONE, "no row can be used, or the file cannot be read" },
    { CMD_USAGE, "the command line was not understood" },
    { .meaning = NULL },
};
/* clang-format on */

const struct cmd cmd_validate = {
    .name = "validate",
    .summary = "check an import file",
    .description =
        "Check an import file and print every fault at once: line and column, "
        "what was found, and what to do.  No server is asked.\n"
        "\n"
        "The file may be in UTF-8, UTF-16 or Windows-1252, with commas, "
        "semicolons or tabs, and its columns in any order.  Only \"Source "
        "Email\" and \"Destination Email\" are required.\n"
        "\n"
        "Checks that need to know more than the file says are made where the "
        "options say it; those left out are listed.  Naming a side's server "
        "without an administrative account means that it has none.  Flags "
        "that ask or notify people do nothing without the managed service; a "
        "warning says so.",
    .spec = { groups, args },
    .options_size = sizeof(struct validate_options),
    .examples = examples,
    .exits = exits,
    .dies_at_once = true,
    .run = run,
};
