#include "cmd/config_file.h"

#include "cmd/desk_files.h"

#define USUAL_FILE "/etc/mailferry/mailferry.conf"

const char *config_file_choose(const char *given)
{
    const char *named = g_getenv("MAILFERRY_CONFIG");

    if (given != NULL)
        return given;
    if (named != NULL && *named != '\0')
        return named;
    return g_file_test(USUAL_FILE, G_FILE_TEST_EXISTS) ? USUAL_FILE : NULL;
}

static void print_fault(const struct cmd_context *ctx,
                        const struct config_fault *f)
{
    fprintf(ctx->err, "%s: %s\n", f->where, f->why.msg);
    if (f->why.remedy != NULL)
        fprintf(ctx->err, "  %s\n", f->why.remedy);
}

enum cmd_status config_file_load(const struct cmd_context *ctx,
                                 const struct config_sources *sources,
                                 struct config **ret)
{
    g_autoptr(GPtrArray) faults = config_faults_new();
    g_autoptr(config) c = NULL;
    struct err err;

    if (config_load(sources, &c, faults, &err) < 0)
        return cmd_give_up(ctx, &err);
    if (faults->len == 0)
        desk_files_check(c, faults);
    for (guint i = 0; i < faults->len; i++)
        print_fault(ctx, faults->pdata[i]);
    if (faults->len > 0)
        return CMD_NOTHING_DONE;
    *ret = g_steal_pointer(&c);
    return CMD_OK;
}
