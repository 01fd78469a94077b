/*
 * remote_check - what checks of a service's migration have found out.
 */
#ifndef CMD_REMOTE_CHECK_H
#define CMD_REMOTE_CHECK_H

#include "cmd/check_result.h"
#include "cmd/remote.h"

struct remote_checks {
    struct check_results results;
    struct fleet_mailbox *names; /* what results refer to; owned */
};

/*
 * Of each of its mailboxes, and when all would be done.  Of *ret only what is
 * to be shown is set before; remote_checks_clear() it, also after -1.
 */
int remote_checks_read(struct remote *r, int64_t migration_id,
                       struct remote_checks *ret,
                       struct err *err) G_GNUC_WARN_UNUSED_RESULT;
void remote_checks_clear(struct remote_checks *c);

#endif
