#include "cmd/cmd.h"

const struct cmd *const cmd_table[] = {
    &cmd_template,
    &cmd_completion,
    &cmd_help,
    NULL,
};
