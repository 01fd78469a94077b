/*
 * "mailferry account import": accounts and contacts from a table.
 */
#include "cmd/account_import.h"

#include "desk/people.h"

static void print_fault(const struct cmd_context *ctx, const char *path,
                        const struct people_fault *f)
{
    fputs(path, ctx->err);
    if (f->line > 0)
        fprintf(ctx->err, ":%u", f->line);
    fprintf(ctx->err, ": %s%s%s\n  %s\n", f->column != NULL ? f->column : "",
            f->column != NULL ? ": " : "", f->text, f->remedy);
}

static enum cmd_status refuse(const struct cmd_context *ctx, const char *path,
                              const GPtrArray *faults)
{
    for (guint i = 0; i < faults->len; i++)
        print_fault(ctx, path, faults->pdata[i]);
    fprintf(ctx->err, "mailferry: nothing was written: %u fault%s\n",
            faults->len, faults->len == 1 ? "" : "s");
    return CMD_NOTHING_DONE;
}

enum cmd_status account_import(const struct cmd_context *ctx, const char *path,
                               struct roster *p)
{
    g_autoptr(GPtrArray) faults = NULL;
    g_autoptr(GError) error = NULL;
    g_autofree char *text = NULL;
    struct people_done done;
    struct err err;
    int result;
    gsize n;

    if (!g_file_get_contents(path, &text, &n, &error)) {
        err_set(&err, ERR_RUN, ERR_RETRY_NEVER, 0, "%s", error->message);
        return cmd_give_up(ctx, &err);
    }
    result =
        people_import(p, &service_actor_here, text, n, &done, &faults, &err);
    if (result < 0)
        return cmd_give_up(ctx, &err);
    if (result == 0)
        return refuse(ctx, path, faults);
    fprintf(ctx->out,
            "accounts: %zu added, %zu changed; contacts: %zu added, %zu "
            "changed\n",
            done.accounts_added, done.accounts_changed, done.contacts_added,
            done.contacts_changed);
    return CMD_OK;
}
