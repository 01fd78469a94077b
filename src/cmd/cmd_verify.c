#include "cmd/cmd.h"
#include "cmd/remote_run.h"
#include "cmd/wave.h"

struct verify_options {
    struct wave_options wave; /* first: the shared groups are relative to it */
    enum verify_mode mode;
    struct opt_remote remote;
};

#define O(field) offsetof(struct verify_options, field)
static const struct opt_word modes[] = {
    { "counts", VERIFY_MODE_COUNTS, "every item is there; no content is read" },
    { "sample", VERIFY_MODE_SAMPLE, "and read some items of each folder" },
    { "full", VERIFY_MODE_FULL, "and read every item" },
    { NULL },
};

static const struct opt rows[] = {
    { 0, "verify", OPT_WORD, O(mode), "MODE", "how much to read back", NULL,
      "full", 0, 0, modes },
    { 0 },
};

static const struct opt_group groups[] = {
    WAVE_GROUP_SERVERS,
    WAVE_GROUP_ACCOUNTS,
    WAVE_GROUP_ACCESS,
    WAVE_GROUP_ROWS,
    { "Verifying", rows, 0 },
    WAVE_GROUP_LOAD,
    WAVE_GROUP_STATE,
    { "Through a service", opt_remote_rows, O(remote) },
    WAVE_GROUP_OUTPUT,
    { NULL },
};

static const struct opt_arg args[] = {
    { "FILE", OPT_FILE, O(wave.file), true,
      "the import file that the mailboxes were moved with", NULL },
    { NULL },
};
#undef O

static void print_verdicts(const struct cmd_context *ctx,
                           const uint64_t sum[VERIFY_N])
{
    for (int c = VERIFY_NONE + 1; c < VERIFY_N; c++)
        if (sum[c] > 0)
            fprintf(ctx->out, "%-10s %" G_GUINT64_FORMAT "\n",
                    verify_class_name((enum verify_class)c), sum[c]);
    if (sum[VERIFY_VERIFIED] + sum[VERIFY_DIFFERENT] > 0)
        fputs("not compared: read marks, stamps of creation and change, ids, "
              "retention\n",
              ctx->out);
}

/*
 * What the store says of all mailboxes together, and what this run has seen
 * that is nothing of ours.
 */
static int show_verdicts(const struct wave *wave, uint64_t extra,
                         struct err *err)
{
    uint64_t sum[VERIFY_N] = { 0 };

    for (size_t i = 0; i < wave->import->rows->len; i++) {
        struct store_counts counts;

        if (store_counts(wave->store, wave->mailboxes[i].id, &counts, err) < 0)
            return -1;
        for (int c = 0; c < VERIFY_N; c++)
            sum[c] += counts.verify[c];
    }
    sum[VERIFY_EXTRA] = extra;
    print_verdicts(wave->ctx, sum);
    return 0;
}

static enum cmd_status run_wave(struct wave *wave, enum verify_mode mode)
{
    struct fleet_run run = wave_run(wave, FLEET_VERIFY);
    struct fleet_summary sum = { 0 };
    enum cmd_status status;
    struct err err;

    run.verify = mode;
    run.verify_all = true;
    status = wave_perform(wave, &run, &sum);
    if (!wave->options->output.json && show_verdicts(wave, sum.extra, &err) < 0)
        return cmd_give_up(wave->ctx, &err);
    return status;
}

static const char *mode_word(enum verify_mode mode)
{
    const struct opt_word *w = modes;

    while (w->value != (int)mode)
        w++;
    return w->word;
}

static enum cmd_status run_there(const struct cmd_context *ctx,
                                 const struct verify_options *o)
{
    const struct remote_wish wish = { .cmd = &cmd_verify,
                                      .wave = &o->wave,
                                      .where = &o->remote,
                                      .task = FLEET_VERIFY };
    json_t *mode = json_pack("{s:s}", "verify", mode_word(o->mode));
    struct remote_outcome outcome;
    enum cmd_status status = remote_run_once(ctx, &wish, o, mode, &outcome);

    if (outcome.id == 0 || o->wave.output.json)
        return status;
    print_verdicts(ctx, outcome.verdicts);
    remote_print_where(ctx, &wish, &outcome, status);
    return status;
}

static enum cmd_status run(const struct cmd_context *ctx, const void *options)
{
    const struct verify_options *o = options;
    struct wave wave;
    enum cmd_status status;

    if (o->remote.url != NULL)
        return run_there(ctx, o);
    status = wave_open(&wave, ctx, &cmd_verify, &o->wave);
    if (status == CMD_OK)
        status = run_wave(&wave, o->mode);
    wave_close(&wave);
    return status;
}

static const struct cmd_example examples[] = {
    { "mailferry verify users.csv --source https://mail.old.example/owa "
      "--destination https://mail.new.example/owa --source-admin "
      "'OLD\\migration' --destination-admin migration@new.example",
      "read every item at the destination and compare it with the source" },
    { "mailferry verify users.csv --source mail.old.example --destination "
      "mail.new.example --verify counts",
      "see that every item is there, without reading any" },
    { NULL },
};

static const struct cmd_exit exits[] = {
    { CMD_OK, "everything was found as it was copied" },
    { CMD_ITEMS_FAILED, "items failed, are missing or differ" },
    { CMD_MAILBOXES_FAILED, "some mailboxes could not be verified" },
    { CMD_NOTHING_DONE, "nothing could be done" },
    { CMD_USAGE, "the command line was not understood" },
    { CMD_INTERRUPTED, "interrupted; run it again" },
    { 0, NULL },
};

const struct cmd cmd_verify = {
    .name = "verify",
    .summary = "compare destination and source, item by item",
    .description =
        "Lists both sides anew, joins them over the state file, and puts each "
        "item into exactly one class: verified, present (its content was not "
        "read), missing, different (with what differs), failed, filtered, "
        "extra at the destination, or in conflict.\n"
        "\n"
        "Not compared, since each server or user has them for himself: read "
        "marks (which follow the source apart), when a copy was made or "
        "changed, ids and keys, what policies of retention stamp.\n"
        "\n"
        "Nothing is written to either server.\n"
        "\n"
        "With --server the service does it, for the migration that it made of "
        "the file.",
    .spec = { groups, args },
    .options_size = sizeof(struct verify_options),
    .examples = examples,
    .exits = exits,
    .run = run,
};
