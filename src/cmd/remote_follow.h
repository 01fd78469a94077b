/*
 * remote_follow - a pass of the service as it looks from here: what its
 * mailboxes become is asked for again and again, and told as if it happened in
 * this process.
 *
 * Asking, and not listening to the events, so that nothing is missed when the
 * service is started anew, or when workers elsewhere do the work.
 */
#ifndef CMD_REMOTE_FOLLOW_H
#define CMD_REMOTE_FOLLOW_H

#include "cmd/remote.h"
#include "fleet/run.h"

struct remote_pass {
    struct remote *remote; /* all borrowed */
    struct cancel *cancel;
    int64_t migration_id;
    const GPtrArray *before; /* its mailboxes, before the pass was asked for */
    enum fleet_task task;
    bool settings; /* it carries settings over: what is left of them counts */
    const struct fleet_listener *listener; /* index: in before */
};

/*
 * Until each mailbox's last job has ended, or CANCEL_DRAIN: then those that
 * have not are "not finished" in *ret, and the service goes on without us.
 */
int remote_follow(const struct remote_pass *pass, struct fleet_summary *ret,
                  struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
