#include "cmd/cmd.h"
#include "cmd/opt_common.h"
#include "cmd/remote_look.h"
#include "cmd/state_find.h"
#include "fleet/report.h"

struct report_options {
    const char *file;
    const char *out;
    struct opt_state state;
    struct opt_remote remote;
    unsigned int migration;
};

#define O(field) offsetof(struct report_options, field)
static const struct opt rows[] = {
    { .long_name = "out",
      .type = OPT_DIRECTORY,
      .offset = O(out),
      .arg = "DIR",
      .initial = "mailferry-report",
      .help = "write the reports into DIR, which is made where missing" },
    REMOTE_MIGRATION_ROW(O(migration)),
    { .long_name = NULL },
};

static const struct opt_group groups[] = {
    { "Reports", rows, 0 },
    { "State", opt_state_rows, O(state) },
    { "Through a service", opt_remote_rows, O(remote) },
    { NULL },
};

static const struct opt_arg args[] = {
    { "FILE", OPT_FILE, O(file), false,
      "the import file that the mailboxes were moved with (default: the only "
      "state file of this folder)",
      NULL },
    { NULL },
};
#undef O

static int write_report(const struct report_options *o, struct err *err)
{
    g_autofree char *path = NULL;
    g_autoptr(store) s = NULL;

    if (state_find(&o->state, o->file, &path, err) < 0 ||
        store_open_sqlite(path, STORE_READ, &s, err) < 0)
        return -1;
    return fleet_report_write(s, o->out, err);
}

static enum cmd_status run_there(const struct cmd_context *ctx,
                                 const struct report_options *o)
{
    const struct remote_view view = { .where = &o->remote,
                                      .migration = o->migration,
                                      .state = o->state.file,
                                      .file = o->file };
    struct err err;

    return remote_report(ctx, &view, o->out, &err) < 0 ? cmd_give_up(ctx, &err)
                                                       : CMD_OK;
}

static enum cmd_status run(const struct cmd_context *ctx, const void *options)
{
    const struct report_options *o = options;
    struct err err;

    if (o->remote.url != NULL)
        return run_there(ctx, o);
    if (o->migration != 0)
        return cmd_usage(ctx, &cmd_report, "--migration goes with --server");
    if (write_report(o, &err) < 0)
        return cmd_give_up(ctx, &err);
    fprintf(ctx->out, "%s:", o->out);
    for (size_t i = 0; fleet_report_file(i) != NULL; i++)
        fprintf(ctx->out, "%s %s", i > 0 ? "," : "",
                fleet_report_file(i)->name);
    fputc('\n', ctx->out);
    return CMD_OK;
}

static const struct cmd_example examples[] = {
    { "mailferry report users.csv --out reports",
      "write the reports of that migration into the folder \"reports\"" },
    { "mailferry report --server https://migrate.example --migration 2",
      "have the service make them, and fetch them" },
    { NULL },
};

static const struct cmd_exit exits[] = {
    { CMD_OK, "the reports were written" },
    { CMD_NOTHING_DONE, "they were not, with the reason" },
    { CMD_USAGE, "the command line was not understood" },
    { 0, NULL },
};

const struct cmd cmd_report = {
    .name = "report",
    .summary = "write statistics, failures and verification into a folder",
    .description =
        "Writes report.html for reading, statistics.csv (a row a mailbox), "
        "failures.csv (a row an item that needs a person, with cause and "
        "remedy), losses.csv (a row an item of which the destination did not "
        "keep all), settings.csv (a row a setting, with what became of it), "
        "permissions.csv (a row an entry of a folder's permissions "
        "and a delegate, with the cmdlet for those that \"mailferry settings\" "
        "left to a person), x500.csv (the old organisation's names that "
        "replies to old mail go to, with the cmdlets that give them to the new "
        "mailboxes) and verification.json, from the state file alone; also "
        "while a migration runs.",
    .spec = { groups, args },
    .options_size = sizeof(struct report_options),
    .examples = examples,
    .exits = exits,
    .dies_at_once = true,
    .run = run,
};
