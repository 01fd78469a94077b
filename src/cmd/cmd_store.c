#include "cmd/cmd.h"
#include "store/upkeep.h"

enum action { ACTION_CHECK, ACTION_BACKUP, ACTION_MOVE };

struct store_options {
    int action; /* enum action */
    const char *from, *to;
};

static enum cmd_status check(const struct cmd_context *ctx,
                             const struct store_options *o)
{
    g_autoptr(GPtrArray) findings = NULL;
    struct err err;

    if (upkeep_check(o->from, &findings, &err) < 0)
        return cmd_give_up(ctx, &err);
    for (guint i = 0; i < findings->len; i++)
        fprintf(ctx->out, "%s\n", (const char *)findings->pdata[i]);
    if (findings->len > 0)
        return CMD_ITEMS_FAILED;
    fputs("nothing is wrong with it\n", ctx->out);
    return CMD_OK;
}

static enum cmd_status backup(const struct cmd_context *ctx,
                              const struct store_options *o)
{
    struct err err;

    if (upkeep_backup(o->from, o->to, &err) < 0)
        return cmd_give_up(ctx, &err);
    return CMD_OK;
}

static enum cmd_status move(const struct cmd_context *ctx,
                            const struct store_options *o)
{
    g_autoptr(GArray) tables = NULL;
    struct err err;

    if (upkeep_move(o->from, o->to, &tables, &err) < 0)
        return cmd_give_up(ctx, &err);
    for (guint i = 0; i < tables->len; i++) {
        const struct upkeep_table *t =
            &g_array_index(tables, struct upkeep_table, i);

        if (t->rows > 0)
            fprintf(ctx->out, "%-16s %12" G_GUINT64_FORMAT " rows, the same\n",
                    t->name, t->rows);
    }
    return CMD_OK;
}

static enum cmd_status run(const struct cmd_context *ctx, const void *options)
{
    static enum cmd_status (*const actions[])(const struct cmd_context *ctx,
                                              const struct store_options *o) = {
        [ACTION_CHECK] = check,
        [ACTION_BACKUP] = backup,
        [ACTION_MOVE] = move,
    };
    const struct store_options *o = options;

    if (o->action != ACTION_CHECK && o->to == NULL)
        return cmd_usage(ctx, &cmd_store, "TO is missing: where it is to go");
    if (o->action == ACTION_CHECK && o->to != NULL)
        return cmd_usage(ctx, &cmd_store, "check takes no TO");
    return actions[o->action](ctx, o);
}

/* clang-format off */
#define O(field) offsetof(struct store_options, field)
static const struct opt_word actions[] = {
    { "check", ACTION_CHECK, "is it whole?" },
    { "backup", ACTION_BACKUP, "copy a state file, also while it is written" },
    { "move", ACTION_MOVE, "copy a state file into a PostgreSQL database" },
    { NULL },
};
static const struct opt_arg args[] = {
    { "ACTION", OPT_WORD, O(action), true, "what to do", actions },
    { "FROM", OPT_FILE, O(from), true,
      "a state file; check also takes postgresql://USER@HOST/DATABASE", NULL },
    { "TO", OPT_FILE, O(to), false,
      "a file that is not there yet; of move: postgresql://USER@HOST/DATABASE",
      NULL },
    { NULL },
};
#undef O
/* clang-format on */

static const struct cmd_example examples[] = {
    { "mailferry store backup users.csv.mailferry backup.mailferry",
      "a copy, while a migration goes on" },
    { "mailferry store check backup.mailferry", "is the copy whole?" },
    { NULL },
};

static const struct cmd_exit exits[] = {
    { CMD_OK, "done, or nothing is wrong" },
    { CMD_ITEMS_FAILED, "check has found something" },
    { CMD_NOTHING_DONE, "nothing could be done" },
    { CMD_USAGE, "the command line was not understood" },
    { 0, NULL },
};

const struct cmd cmd_store = {
    .name = "store",
    .summary = "check, back up or move what is known of migrations",
    .description =
        "A state file holds what was done to each item; without it a further "
        "run must find out anew.  Copy it by \"store backup\" and not by cp: "
        "while it is in use, two more files beside it belong to it.\n"
        "\n"
        "\"store move\" is for a service that has become too large for one "
        "machine.  It takes a database that is empty, and is all or nothing: "
        "every table is read back and compared, row for row, before anything "
        "is committed.  The file stays as it is.  Nobody may write to it "
        "meanwhile.\n"
        "\n"
        "Do not write a database's password into its URL: PGPASSWORD, or the "
        "file ~/.pgpass, are not seen by others.  To a server that is not on "
        "this machine the connection is by TLS, and its certificate is "
        "verified, unless the URL says otherwise by sslmode.",
    .spec = { NULL, args },
    .options_size = sizeof(struct store_options),
    .examples = examples,
    .exits = exits,
    .run = run,
};
