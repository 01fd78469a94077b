#include "base/timestamp.h"
#include "cmd/cmd.h"
#include "cmd/opt_json.h"
#include "cmd/progress_priv.h"
#include "cmd/remote_run.h"
#include "cmd/wave.h"
#include "fleet/tally.h"
#include "fleet/trial.h"

/* What --verify says; the modes that read everything are the engine's. */
enum verify_choice {
    VERIFY_CHOICE_NOTHING = VERIFY_MODE_NOTHING,
    VERIFY_CHOICE_COUNTS = VERIFY_MODE_COUNTS,
    VERIFY_CHOICE_SAMPLE = VERIFY_MODE_SAMPLE,
    VERIFY_CHOICE_FULL = VERIFY_MODE_FULL,
    VERIFY_CHOICE_NEW, /* a sample of what this run copied */
};

struct migrate_options {
    struct wave_options wave; /* first: the shared groups are relative to it */
    struct opt_copy copy;
    struct opt_filter filter;
    struct opt_trees trees;
    enum verify_choice verify;
    unsigned int settings; /* enum engine_settings_part */
    bool adopt;
    enum engine_unlike unlike;
    struct opt_settings settings_how;
    bool trial;
    int64_t pre_stage_us; /* 0: not given */
    struct opt_remote remote;
};

#define O(field) offsetof(struct migrate_options, field)
/* clang-format off */
static const struct opt_word choices[] = {
    { "nothing", VERIFY_CHOICE_NOTHING, "no verification" },
    { "new", VERIFY_CHOICE_NEW, "a sample of what this run copied" },
    { "counts", VERIFY_CHOICE_COUNTS, "every item is there; none is read" },
    { "sample", VERIFY_CHOICE_SAMPLE, "and read some items of each folder" },
    { "full", VERIFY_CHOICE_FULL, "and read every item" },
    { .word = NULL },
};

static const struct opt pass_rows[] = {
    { .long_name = "trial", .type = OPT_FLAG, .offset = O(trial),
      .help = "copy at most 10 items of each folder and 5 MB of each mailbox, "
              "to see how it goes" },
    { .long_name = "pre-stage", .type = OPT_SECONDS, .offset = O(pre_stage_us),
      .arg = "AGE", .max = UINT64_C(100) * 365 * 86400,
      .help = "copy what was received more than AGE (\"90d\") ago, ahead of "
              "the rest" },
    { .long_name = NULL },
};

static const struct opt_word unlike_words[] = {
    { "leave", ENGINE_UNLIKE_LEAVE, "it is taken for the item and reported" },
    { "copy", ENGINE_UNLIKE_COPY, "the source's item is copied beside it" },
    { .word = NULL },
};

static const struct opt found_rows[] = {
    { .long_name = "adopt", .type = OPT_FLAG, .offset = O(adopt),
      .help = "what is at the destination and equals the source's item counts "
              "as copied by us, so that changes follow: after a lost state "
              "file" },
    { .long_name = "unlike", .type = OPT_WORD, .offset = O(unlike),
      .arg = "WHAT", .initial = "leave", .words = unlike_words,
      .help = "an item that is at the destination already, with other "
              "content" },
    { .long_name = NULL },
};

static const struct opt verify_rows[] = {
    { .long_name = "verify", .type = OPT_WORD, .offset = O(verify),
      .arg = "MODE", .env = "MAILFERRY_VERIFY", .initial = "new",
      .words = choices,
      .help = "what to read back when the copying is done" },
    { .long_name = NULL },
};

static const struct opt settings_rows[] = {
    { .long_name = "settings", .type = OPT_WORDS, .offset = O(settings),
      .arg = "PARTS", .env = "MAILFERRY_SETTINGS", .initial = "none",
      .words = opt_settings_words,
      .help = "carry these settings over when the copying is done, as "
              "\"mailferry settings\" does; several joined by commas" },
    { .long_name = NULL },
};
/* clang-format on */

static const struct opt_group groups[] = {
    WAVE_GROUP_SERVERS,
    WAVE_GROUP_ACCOUNTS,
    WAVE_GROUP_ACCESS,
    WAVE_GROUP_ROWS,
    { "Copying", opt_copy_rows, O(copy) },
    { "Passes", pass_rows, 0 },
    { "What is there already", found_rows, 0 },
    { "Which items", opt_filter_rows, O(filter) },
    { "Beside the mailbox", opt_trees_rows, O(trees) },
    { "Verifying", verify_rows, 0 },
    { "Settings", settings_rows, 0 },
    { "Rules and photo", opt_settings_rows, O(settings_how) },
    WAVE_GROUP_LOAD,
    WAVE_GROUP_STATE,
    { "Through a service", opt_remote_rows, O(remote) },
    WAVE_GROUP_OUTPUT,
    { NULL },
};

static const struct opt_arg args[] = {
    { "FILE", OPT_FILE, O(wave.file), true,
      "the import file: see \"mailferry template\"", NULL },
    { NULL },
};
#undef O

/* "changed at the source: 3 edits, 1 move" */
static void print_followed(FILE *out, const struct fleet_summary *sum)
{
    const struct {
        uint64_t n;
        const char *one, *many;
    } rows[] = {
        { sum->updated, "edit", "edits" },
        { sum->marked, "read mark", "read marks" },
        { sum->moved, "move", "moves" },
        { sum->removed, "deletion", "deletions" },
    };
    const char *before = "carried over from the source: ";

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        if (rows[i].n == 0)
            continue;
        fprintf(out, "%s%" G_GUINT64_FORMAT " %s", before, rows[i].n,
                rows[i].n == 1 ? rows[i].one : rows[i].many);
        before = ", ";
    }
    if (before[0] == ',')
        fputc('\n', out);
    if (sum->conflicts > 0)
        fprintf(out,
                "%" G_GUINT64_FORMAT " conflicts: changed on both sides; the "
                "destination was left as it is (see the report)\n",
                sum->conflicts);
}

/* What was at the destination before us. */
static void print_found(FILE *out, const struct fleet_summary *sum)
{
    if (sum->adopted > 0)
        fprintf(out,
                "%" G_GUINT64_FORMAT " items were adopted: they were at the "
                "destination and count as copied\n",
                sum->adopted);
    if (sum->already_there > 0)
        fprintf(out,
                "%" G_GUINT64_FORMAT " items were at the destination already "
                "and were not copied\n",
                sum->already_there);
    if (sum->unlike > 0)
        fprintf(out,
                "%" G_GUINT64_FORMAT " items are there already in another "
                "shape or folder (see the report)\n",
                sum->unlike);
}

static void print_summary(const struct cmd_context *ctx,
                          const struct fleet_summary *sum, int64_t took_us)
{
    g_autofree char *took = timestamp_duration(took_us);
    const size_t *ends = sum->ends;
    g_autofree char *copied = progress_number(sum->items_copied);
    g_autofree char *settings = tally_text(sum->settings);

    fprintf(ctx->out,
            "%s items copied (%.1f MB), %" G_GUINT64_FORMAT " failed; "
            "mailboxes: %zu done, %zu with failures or differences, "
            "%zu failed, %zu not finished\n",
            copied, (double)sum->bytes_copied / 1e6, sum->items_failed,
            ends[FLEET_DONE], ends[FLEET_DIFFERENCES], ends[FLEET_FAILED],
            ends[FLEET_INTERRUPTED] + ends[FLEET_NOT_STARTED]);
    if (sum->hidden_copied > 0)
        fprintf(ctx->out,
                "%" G_GUINT64_FORMAT " hidden items (views) copied beside "
                "them\n",
                sum->hidden_copied);
    print_found(ctx->out, sum);
    print_followed(ctx->out, sum);
    if (sum->settled > 0)
        fprintf(ctx->out,
                "%" G_GUINT64_FORMAT " items in doubt were found to have "
                "arrived\n",
                sum->settled);
    if (sum->doubles > 0)
        fprintf(ctx->out,
                "%" G_GUINT64_FORMAT " doubles were found and removed\n",
                sum->doubles);
    if (*settings != '\0')
        fprintf(ctx->out, "settings: %s\n", settings);
    fprintf(ctx->out, "it took %s\n", took);
}

/* What the round trips of --trial have shown. */
static enum cmd_status print_trial(const struct wave *wave,
                                   enum cmd_status status)
{
    g_auto(fleet_trials) trials = { 0 };
    g_autofree char *text = NULL;
    struct err err;

    if (fleet_trials_read(wave->store, &trials, &err) < 0)
        return cmd_give_up(wave->ctx, &err);
    text = fleet_trials_text(&trials);
    fputs(text, wave->ctx->out);
    return status;
}

static void set_pass(struct engine_options *to, const struct migrate_options *o)
{
    opt_filter_set(&o->filter, &to->filter);
    opt_trees_set(&o->trees, &to->filter);
    if (o->trial)
        to->pass = ENGINE_PASS_TRIAL;
    if (o->pre_stage_us == 0)
        return;
    to->pass = ENGINE_PASS_PRESTAGE;
    to->filter.before_us = timestamp_now() - o->pre_stage_us;
}

static enum cmd_status run_wave(struct wave *wave,
                                const struct migrate_options *o)
{
    struct fleet_run run = wave_run(wave, FLEET_MIGRATE);
    struct fleet_summary sum = { 0 };
    int64_t began = timestamp_monotonic();
    enum cmd_status status;

    run.verify_all = o->verify != VERIFY_CHOICE_NEW;
    run.verify =
        run.verify_all ? (enum verify_mode)o->verify : VERIFY_MODE_SAMPLE;
    run.settings.parts = o->settings;
    opt_settings_set(&o->settings_how, &run.settings);
    run.options.dry_run = o->copy.dry_run;
    run.options.propagate_deletes = o->copy.propagate_deletes;
    run.options.no_digest = o->copy.no_digest;
    run.options.adopt = o->adopt;
    run.options.unlike = o->unlike;
    set_pass(&run.options, o);
    run.options.doubt_wait_us = o->copy.doubt_wait_us;
    run.options.patience_us = MAX(o->copy.patience_us, 1);
    run.options.max_failures = o->copy.max_failures;
    status = wave_perform(wave, &run, &sum);
    if (wave->options->output.json)
        return status;
    if (o->trial && !o->copy.dry_run)
        status = print_trial(wave, status);
    print_summary(wave->ctx, &sum, timestamp_monotonic() - began);
    fprintf(wave->ctx->out, "state: %s; reports: mailferry report \"%s\"\n",
            wave->state_path, wave->options->file);
    return status;
}

/* ---- through a service --------------------------------------------------- */

/* data: of struct fleet_trials. */
static int read_trials(void *data, struct remote *r, int64_t migration_id,
                       struct err *err)
{
    g_autofree char *path = g_strdup_printf(
        "/migrations/%" G_GINT64_FORMAT "/trials", migration_id);
    json_t *answer = NULL;
    int result;

    if (remote_ask(r, &(struct remote_call){ .path = path }, &answer, err) < 0)
        return -1;
    result = fleet_trials_parse(json_object_get(answer, "items"), data, err);
    json_decref(answer);
    return result;
}

/* Nothing where it was interrupted. */
static void print_trials_there(const struct cmd_context *ctx,
                               const struct fleet_trials *trials)
{
    g_autofree char *text =
        trials->lines != NULL ? fleet_trials_text(trials) : NULL;

    if (text != NULL)
        fputs(text, ctx->out);
}

static enum cmd_status run_there(const struct cmd_context *ctx,
                                 const struct migrate_options *o)
{
    struct remote_wish wish = { .cmd = &cmd_migrate,
                                .wave = &o->wave,
                                .where = &o->remote,
                                .task = FLEET_MIGRATE,
                                .settings = o->settings != 0,
                                .patience_us = o->copy.patience_us };
    g_auto(fleet_trials) trials = { 0 };
    const struct remote_watch watch = { .data = &trials, .read = read_trials };
    int64_t began = timestamp_monotonic();
    struct remote_outcome outcome;
    json_t *options = NULL;
    enum cmd_status status;
    struct err err;

    if (opt_json(&cmd_migrate.spec, o, remote_not_told, &options, &err) < 0)
        return cmd_usage(ctx, &cmd_migrate, "%s", err.msg);
    wish.options = options;
    if (o->trial && !o->copy.dry_run && !o->wave.output.json)
        wish.watch = &watch;
    status = remote_run(ctx, &wish, &outcome);
    json_decref(options);
    if (outcome.id == 0 || o->wave.output.json)
        return status;
    print_trials_there(ctx, &trials);
    print_summary(ctx, &outcome.sum, timestamp_monotonic() - began);
    remote_print_where(ctx, &wish, &outcome, status);
    return status;
}

static enum cmd_status run(const struct cmd_context *ctx, const void *options)
{
    const struct migrate_options *o = options;
    struct wave wave;
    enum cmd_status status;

    if (o->trial && o->pre_stage_us != 0)
        return cmd_usage(ctx, &cmd_migrate,
                         "--trial and --pre-stage are different passes: give "
                         "one of them");
    if (o->pre_stage_us != 0 && o->filter.before_us != 0)
        return cmd_usage(ctx, &cmd_migrate,
                         "--pre-stage says itself which items: leave out "
                         "--before");
    if (o->remote.url != NULL)
        return run_there(ctx, o);
    status = wave_open(&wave, ctx, &cmd_migrate, &o->wave);

    if (status == CMD_OK)
        status = run_wave(&wave, o);
    wave_close(&wave);
    return status;
}

static const struct cmd_example examples[] = {
    { "mailferry migrate users.csv --source https://mail.old.example/owa "
      "--destination https://mail.new.example/owa --source-admin "
      "'OLD\\migration' --destination-admin migration@new.example",
      "move every mailbox of the file with administrative accounts; asks for "
      "their passwords" },
    { "mailferry migrate users.csv --source mail.old.example --destination "
      "mail.new.example --verify full",
      "the file has the mailboxes' own passwords; read every item back" },
    { "mailferry migrate users.csv --source mail.old.example --destination "
      "mail.new.example --pre-stage 90d",
      "days before the cutover: everything older than 90 days; the same "
      "without --pre-stage brings the rest" },
    { "mailferry migrate users.csv --source mail.old.example --destination "
      "mail.new.example --server https://migrate.example --token-file token",
      "have a service move them, and look on" },
    { "mailferry migrate users.csv --source mail.old.example --destination "
      "mail.new.example --dry-run",
      "list what would be copied, and write nothing to the destination" },
    { NULL },
};

static const struct cmd_exit exits[] = {
    { CMD_OK, "every mailbox was copied, and verified as asked" },
    { CMD_ITEMS_FAILED, "some items failed, or verify found differences, or "
                        "some settings could not be carried over" },
    { CMD_MAILBOXES_FAILED, "some mailboxes failed" },
    { CMD_NOTHING_DONE, "nothing could be done" },
    { CMD_USAGE, "the command line was not understood" },
    { CMD_INTERRUPTED, "interrupted; run it again to go on" },
    { 0, NULL },
};

const struct cmd cmd_migrate = {
    .name = "migrate",
    .summary = "move mailboxes, or bring a move up to date",
    .description =
        "Moves every mailbox of the import file from the source to the "
        "destination over Exchange Web Services, and verifies what it moved.\n"
        "\n"
        "Run again, it goes on where it stopped; on mailboxes that have been "
        "copied it carries over what has changed: new items, edits, read "
        "marks, moves, renamed folders and, with --propagate-deletes, "
        "deletions.  What was edited at the destination too is reported and "
        "left alone.  What is at the destination already is not copied "
        "again.  It may be killed at any moment: what "
        "was done is not done again, nothing is lost and nothing is there "
        "twice.  Ctrl-C ends it cleanly: lanes finish their batch; a second "
        "one stops at once.\n"
        "\n"
        "What was done is kept in a state file beside the import file, which "
        "holds no password.\n"
        "\n"
        "With --server the service moves them: the file goes to it once, and "
        "FILE.mailferry-server remembers which migration that made.  Ctrl-C "
        "ends the looking on alone.",
    .spec = { groups, args },
    .options_size = sizeof(struct migrate_options),
    .examples = examples,
    .exits = exits,
    .run = run,
};
