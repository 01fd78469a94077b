#include "cmd/cmd.h"

/* clang-format off */
const struct cmd *const cmd_table[] = {
    &cmd_template,
    &cmd_validate,
    &cmd_discover,
    &cmd_check,
    &cmd_migrate,
    &cmd_verify,
    &cmd_settings,
    &cmd_status,
    &cmd_report,
    &cmd_serve,
    &cmd_worker,
    &cmd_migration,
    &cmd_operator,
    &cmd_token,
    &cmd_account,
    &cmd_contact,
    &cmd_request,
    &cmd_intake,
    &cmd_outbox,
    &cmd_audit,
    &cmd_certificate,
    &cmd_config,
    &cmd_key,
    &cmd_store,
    &cmd_errors,
    &cmd_completion,
    &cmd_help,
    NULL,
};
/* clang-format on */
