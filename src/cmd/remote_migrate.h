/*
 * remote_migrate - an import file handed to a service, which moves its
 * mailboxes; and this process, which looks on.
 */
#ifndef CMD_REMOTE_MIGRATE_H
#define CMD_REMOTE_MIGRATE_H

#include "cmd/job.h"
#include "cmd/remote.h"

struct remote_wish {
    const struct cmd *cmd; /* all borrowed */
    const struct job_options *job;
    const struct opt_remote *where;
    const json_t *options; /* of the migration */
    int64_t patience_us;
};

/*
 * Make a migration of the file, or take the one on record; start a pass over
 * it, and follow that to its end.  Prints what went wrong, and returns the
 * exit status; *ret and *ret_id (0: there is none) are always filled.
 */
enum cmd_status remote_migrate(const struct cmd_context *ctx,
                               const struct remote_wish *wish,
                               struct fleet_summary *ret, int64_t *ret_id);

#endif
