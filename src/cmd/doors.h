/*
 * doors - both servers of a service's migrations, for its worker: what
 * cmd/connect.h is for the command line.
 *
 * A server that was found is remembered as long as the migration is not
 * changed, and so is an administrative account that it refused: nothing is
 * sent with that one again, for no mailbox, so that no account is locked.
 */
#ifndef CMD_DOORS_H
#define CMD_DOORS_H

#include "base/config.h"
#include "fleet/worker.h"

struct doors;
typedef struct doors doors;

/* Both borrowed.  -1: the certificates cannot be read. */
int doors_new(const struct config *config, struct migrations *m,
              struct doors **ret, struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* After the workers. */
void doors_free(struct doors *d);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(doors, doors_free)

struct worker_doors doors_of(struct doors *d);

#endif
