#include "cmd/cmd.h"
#include "cmd/opt_json.h"
#include "cmd/remote_run.h"
#include "cmd/wave.h"
#include "fleet/tally.h"

struct settings_options {
    struct wave_options wave; /* first: the shared groups are relative to it */
    unsigned int parts;       /* enum engine_settings_part */
    int64_t doubt_wait_us;
    struct opt_settings how;
    struct opt_remote remote;
};

#define O(field) offsetof(struct settings_options, field)
/* clang-format off */
static const struct opt rows[] = {
    { .long_name = "settings", .type = OPT_WORDS, .offset = O(parts),
      .arg = "PARTS", .initial = "all",
      .words = opt_settings_words,
      .help = "carry over these settings; several joined by commas" },
    { .long_name = "doubt-wait", .type = OPT_SECONDS,
      .offset = O(doubt_wait_us), .arg = "SECONDS",
      .env = "MAILFERRY_DOUBT_WAIT", .initial = "120", .max = 86400,
      .help = "after a lost answer, look for the rule that was being made for "
              "SECONDS, before it is made again" },
    { .long_name = NULL },
};
/* clang-format on */

static const struct opt_group groups[] = {
    WAVE_GROUP_SERVERS,
    WAVE_GROUP_ACCOUNTS,
    WAVE_GROUP_ACCESS,
    WAVE_GROUP_ROWS,
    { "Settings", rows, 0 },
    { "Rules and photo", opt_settings_rows, O(how) },
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

static void print_summary(const struct cmd_context *ctx,
                          const struct fleet_summary *sum)
{
    const size_t *ends = sum->ends;
    g_autofree char *settings = tally_text(sum->settings);

    fprintf(ctx->out,
            "settings: %s; mailboxes: %zu done, %zu with something for a "
            "person, %zu failed, %zu not finished\n",
            *settings != '\0' ? settings : "none to carry over",
            ends[FLEET_DONE], ends[FLEET_DIFFERENCES], ends[FLEET_FAILED],
            ends[FLEET_INTERRUPTED] + ends[FLEET_NOT_STARTED]);
}

static enum cmd_status run_wave(struct wave *wave,
                                const struct settings_options *o)
{
    struct fleet_run run = wave_run(wave, FLEET_SETTINGS);
    struct fleet_summary sum = { 0 };
    enum cmd_status status;

    run.settings.parts = o->parts;
    opt_settings_set(&o->how, &run.settings);
    run.options.doubt_wait_us = MAX(o->doubt_wait_us, 1);
    status = wave_perform(wave, &run, &sum);
    if (wave->options->output.json)
        return status;
    print_summary(wave->ctx, &sum);
    fprintf(wave->ctx->out, "state: %s; reports: mailferry report \"%s\"\n",
            wave->state_path, wave->options->file);
    return status;
}

static enum cmd_status run_there(const struct cmd_context *ctx,
                                 const struct settings_options *o)
{
    const struct remote_wish wish = { .cmd = &cmd_settings,
                                      .wave = &o->wave,
                                      .where = &o->remote,
                                      .task = FLEET_SETTINGS,
                                      .settings = true };
    json_t *parts = json_pack("{s:o}", "settings",
                              opt_words_json(opt_settings_words, o->parts));
    struct remote_outcome outcome;
    enum cmd_status status = remote_run_once(ctx, &wish, o, parts, &outcome);

    if (outcome.id == 0 || o->wave.output.json)
        return status;
    print_summary(ctx, &outcome.sum);
    remote_print_where(ctx, &wish, &outcome, status);
    return status;
}

static enum cmd_status run(const struct cmd_context *ctx, const void *options)
{
    const struct settings_options *o = options;
    struct wave wave;
    enum cmd_status status;

    if (o->parts == 0)
        return cmd_usage(ctx, &cmd_settings,
                         "--settings none leaves nothing to do");
    if (o->remote.url != NULL)
        return run_there(ctx, o);
    status = wave_open(&wave, ctx, &cmd_settings, &o->wave);
    if (status == CMD_OK)
        status = run_wave(&wave, o);
    wave_close(&wave);
    return status;
}

static const struct cmd_example examples[] = {
    { "mailferry settings users.csv --source https://mail.old.example/owa "
      "--destination https://mail.new.example/owa --source-admin "
      "'OLD\\migration' --destination-admin migration@new.example",
      "carry over who may use whose folders, once the mailboxes are copied" },
    { "mailferry settings users.csv --source mail.old.example --destination "
      "mail.new.example --settings permissions",
      "folder and calendar permissions alone" },
    { "mailferry settings users.csv --source mail.old.example --destination "
      "mail.new.example --settings rules --enable-forwarding",
      "after cutover: rules that forward, redirect or answer may do so now" },
    { NULL },
};

static const struct cmd_exit exits[] = {
    { CMD_OK, "everything is at the destination as it is at the source" },
    { CMD_ITEMS_FAILED,
      "some of it could not be carried over (see the report)" },
    { CMD_MAILBOXES_FAILED, "some mailboxes could not be reached" },
    { CMD_NOTHING_DONE, "nothing could be done" },
    { CMD_USAGE, "the command line was not understood" },
    { CMD_INTERRUPTED, "interrupted; run it again" },
    { 0, NULL },
};

const struct cmd cmd_settings = {
    .name = "settings",
    .summary = "carry over permissions, delegates and other settings",
    .description =
        "Gives the mailboxes of the import file, which have been copied, what "
        "they have at the source beside their items.  People are found by the "
        "address pairs of the import file, and else by their address in the "
        "destination's directory; who is not found is reported, and with a "
        "row for them in the file it may be run again.\n"
        "\n"
        "It may be run as often as wanted and writes only what has changed at "
        "the source.  What was set at the destination by others is never "
        "taken away, and nobody is sent anything.  Each setting fails alone; "
        "\"mailferry report\" lists what became of each.\n"
        "\n"
        "Rules keep their names and their order and run after those that the "
        "destination has of its own.  A rule that forwards, redirects or "
        "answers comes disabled, since the source's still does that; "
        "--enable-forwarding enables it once the mailbox has moved.  "
        "Automatic replies are set once: who turns them off at the "
        "destination is not sent away again.  Options, categories and photo "
        "are added to what the destination has, which stays.\n"
        "\n"
        "With --server the service does it, for the migration that it made of "
        "the file.",
    .spec = { groups, args },
    .options_size = sizeof(struct settings_options),
    .examples = examples,
    .exits = exits,
    .run = run,
};
