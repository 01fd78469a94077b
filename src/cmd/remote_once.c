#include "base/timestamp.h"
#include "cmd/opt_json.h"
#include "cmd/remote_run.h"

/* What is looked at through a service is waited for as long as a run waits. */
#define PATIENCE_US (3600 * TIMESTAMP_SECOND)

enum cmd_status remote_run_once(const struct cmd_context *ctx,
                                const struct remote_wish *wish,
                                const void *line, json_t *more,
                                struct remote_outcome *ret)
{
    struct remote_wish once = *wish;
    json_t *options = NULL;
    enum cmd_status status;
    struct err err;

    *ret = (struct remote_outcome){ 0 };
    if (opt_json(&wish->cmd->spec, line, remote_not_told, &options, &err) < 0) {
        json_decref(more);
        return cmd_usage(ctx, wish->cmd, "%s", err.msg);
    }
    if (more != NULL)
        json_object_update(options, more);
    once.pass_options = options;
    once.patience_us = PATIENCE_US;
    status = remote_run(ctx, &once, ret);
    json_decref(options);
    json_decref(more);
    return status;
}

/* clang-format off */
const char *const remote_not_told[] = {
    "source", "destination", "source-admin", "destination-admin",
    "source-password-file", "destination-password-file",
    "source-accounts", "destination-accounts",
    "source-oauth-client", "source-oauth-tenant", "source-oauth-token-url",
    "source-oauth-scope", "source-oauth-secret-file",
    "destination-oauth-client", "destination-oauth-tenant",
    "destination-oauth-token-url", "destination-oauth-scope",
    "destination-oauth-secret-file", "proxy", "proxy-password-file",
    "skip-bad-rows", "state", "json", "verbose", "folders",
    "server", "token-file", "server-ca-file",
    NULL,
};
/* clang-format on */
