#include <unistd.h>

#include "base/timestamp.h"
#include "cmd/cmd.h"
#include "cmd/opt_common.h"
#include "cmd/remote_look.h"
#include "cmd/state_find.h"
#include "cmd/status_print.h"

/* Often enough to follow, seldom enough not to disturb the writer. */
#define WATCH_EVERY_US (2 * TIMESTAMP_SECOND)

struct status_options {
    const char *file;
    bool watch, verbose;
    struct opt_state state;
    struct opt_output output;
    struct opt_remote remote;
    unsigned int migration;
};

#define O(field) offsetof(struct status_options, field)
static const struct opt rows[] = {
    { .long_name = "watch",
      .type = OPT_FLAG,
      .offset = O(watch),
      .help = "go on showing it until Ctrl-C" },
    { .long_name = "verbose",
      .type = OPT_FLAG,
      .offset = O(verbose),
      .help = "list every mailbox; else, of more than 20, those that are not "
              "done" },
    REMOTE_MIGRATION_ROW(O(migration)),
    { .long_name = NULL },
};

static const struct opt_group groups[] = {
    { "Showing", rows, 0 },
    { "Output", opt_output_rows, O(output) },
    { "State", opt_state_rows, O(state) },
    { "Through a service", opt_remote_rows, O(remote) },
    { NULL },
};

static const struct opt_arg args[] = {
    { "FILE", OPT_FILE, O(file), false,
      "the import file of the migration (default: the only state file of "
      "this folder)",
      NULL },
    { NULL },
};
#undef O

/* Also when the run that heeds them is over: the next one will. */
static int show_quiet(const struct cmd_context *ctx,
                      const struct status_options *o, struct store *s,
                      struct err *err)
{
    g_autofree char *text = NULL;

    if (store_migration_quiet(s, &text, err) < 0)
        return -1;
    return status_print_quiet(ctx->out, text, o->output.json, err);
}

static int show(const struct cmd_context *ctx, const struct status_options *o,
                struct store *s, struct err *err)
{
    g_autoptr(GPtrArray) mailboxes = NULL;
    struct status_lines lines = { .verbose = o->verbose };
    int r = 0;

    if (show_quiet(ctx, o, s, err) < 0 ||
        store_mailboxes(s, &mailboxes, err) < 0)
        return -1;
    lines.all = g_new0(struct status_line, mailboxes->len + 1);
    while (r == 0 && lines.n < mailboxes->len) {
        const struct store_mailbox *m = mailboxes->pdata[lines.n];

        lines.all[lines.n].mailbox = m;
        r = standing_read(s, m->id, &lines.all[lines.n].at, err);
        lines.n += r == 0;
    }
    if (r == 0)
        r = outlook_read(s, &lines.forecast, err);
    if (r == 0)
        (o->output.json ? status_print_json : status_print)(ctx->out, &lines);
    status_lines_clear(&lines);
    fflush(ctx->out);
    return r;
}

static int watch(const struct cmd_context *ctx, const struct status_options *o,
                 struct store *s, struct err *err)
{
    bool paints = !o->output.json && isatty(fileno(ctx->out));

    do {
        if (paints)
            fputs("\033[H\033[J", ctx->out);
        if (show(ctx, o, s, err) < 0)
            return -1;
    } while (!cancel_sleep(ctx->cancel, WATCH_EVERY_US, CANCEL_DRAIN));
    return 0;
}

static int open_and_show(const struct cmd_context *ctx,
                         const struct status_options *o, struct err *err)
{
    g_autofree char *path = NULL;
    g_autoptr(store) s = NULL;

    if (state_find(&o->state, o->file, &path, err) < 0 ||
        store_open_sqlite(path, STORE_READ, &s, err) < 0)
        return -1;
    return o->watch ? watch(ctx, o, s, err) : show(ctx, o, s, err);
}

static int show_there(const struct cmd_context *ctx,
                      const struct status_options *o, struct err *err)
{
    const struct remote_view view = { .where = &o->remote,
                                      .migration = o->migration,
                                      .state = o->state.file,
                                      .file = o->file,
                                      .watch = o->watch,
                                      .verbose = o->verbose,
                                      .json = o->output.json };

    return remote_status(ctx, &view, err);
}

static enum cmd_status run(const struct cmd_context *ctx, const void *options)
{
    const struct status_options *o = options;
    struct err err;

    if (o->remote.url == NULL && o->migration != 0)
        return cmd_usage(ctx, &cmd_status, "--migration goes with --server");
    if ((o->remote.url != NULL ? show_there(ctx, o, &err)
                               : open_and_show(ctx, o, &err)) < 0)
        return cmd_give_up(ctx, &err);
    return CMD_OK;
}

static const struct cmd_example examples[] = {
    { "mailferry status users.csv", "show where each mailbox stands" },
    { "mailferry status --watch",
      "and go on showing it, from another terminal" },
    { "mailferry status users.csv --server https://migrate.example --watch",
      "of a migration that a service carries out" },
    { NULL },
};

static const struct cmd_exit exits[] = {
    { CMD_OK, "shown, whatever the mailboxes' states" },
    { CMD_NOTHING_DONE, "there is no such state file, or it cannot be read" },
    { CMD_USAGE, "the command line was not understood" },
    { 0, NULL },
};

const struct cmd cmd_status = {
    .name = "status",
    .summary = "show where each mailbox stands",
    .description =
        "Reads the state file; also while a migration writes it.  No server "
        "is asked, but the service with --server.",
    .spec = { groups, args },
    .options_size = sizeof(struct status_options),
    .examples = examples,
    .exits = exits,
    .run = run,
};
