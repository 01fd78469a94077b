#include "cmd/cmd.h"
#include "cmd/service_open.h"

struct audit_options {
    int action;
    const char *config;
};

static void print_hash(FILE *out, const uint8_t hash[AUDIT_HASH_BYTES])
{
    for (size_t i = 0; i < AUDIT_HASH_BYTES; i++)
        fprintf(out, "%02x", hash[i]);
}

static enum cmd_status verify(const struct cmd_context *ctx,
                              struct service_data *d)
{
    struct audit_verdict v;
    struct err err;

    if (roster_audit_verify(d->roster, &v, &err) < 0)
        return cmd_give_up(ctx, &err);
    fprintf(ctx->out, "%" G_GINT64_FORMAT " lines hold together", v.n);
    if (v.n > 0) {
        fprintf(ctx->out, "; line %" G_GINT64_FORMAT " has ", v.last_id);
        print_hash(ctx->out, v.head);
    }
    fputc('\n', ctx->out);
    if (v.bad_id == 0)
        return CMD_OK;
    fprintf(ctx->err,
            "mailferry: line %" G_GINT64_FORMAT " of the audit trail was "
            "altered, or a line before it was taken away or put in\n",
            v.bad_id);
    return CMD_ITEMS_FAILED;
}

static enum cmd_status run(const struct cmd_context *ctx, const void *options)
{
    const struct audit_options *o = options;
    struct service_data d;
    enum cmd_status status =
        service_data_open(&d, SERVICE_BESIDE, ctx, o->config, NULL);

    if (status == CMD_OK)
        status = verify(ctx, &d);
    service_data_close(&d);
    return status;
}

/* clang-format off */
#define O(field) offsetof(struct audit_options, field)
static const struct opt rows[] = {
    SERVICE_CONFIG_ROW(O(config)),
    { .long_name = NULL },
};
static const struct opt_group groups[] = {
    { "Audit", rows, 0 },
    { NULL },
};
static const struct opt_word actions[] = {
    { "verify", 0, "compute every line's hash anew" },
    { NULL },
};
static const struct opt_arg args[] = {
    { "ACTION", OPT_WORD, O(action), true, "what to do", actions },
    { NULL },
};
#undef O
/* clang-format on */

static const struct cmd_example examples[] = {
    { "mailferry audit verify",
      "has anybody altered the trail of what was decided?" },
    { NULL },
};

static const struct cmd_exit exits[] = {
    { CMD_OK, "all lines hold together" },
    { CMD_ITEMS_FAILED, "a line was altered, taken away or put in" },
    { CMD_NOTHING_DONE, "the trail could not be read" },
    { CMD_USAGE, "the command line was not understood" },
    { 0, NULL },
};

const struct cmd cmd_audit = {
    .name = "audit",
    .summary = "verify the trail of what was decided and changed",
    .description =
        "Each line of the trail carries the hash of the one before it.  Who "
        "can write to the database could compute all of them anew: note the "
        "number and hash that this prints in another place, and a later "
        "run's page of the API (GET /api/v1/audit) tells whether that line "
        "still has it.  The service may run meanwhile.",
    .spec = { groups, args },
    .options_size = sizeof(struct audit_options),
    .examples = examples,
    .exits = exits,
    .dies_at_once = true,
    .run = run,
};
