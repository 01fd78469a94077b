/*
 * doors - both servers of a service's migrations, for its worker: what
 * cmd/connect.h is for the command line.
 */
#ifndef CMD_DOORS_H
#define CMD_DOORS_H

#include "base/config.h"
#include "fleet/worker.h"

struct doors;
typedef struct doors doors;

/*
 * All borrowed; stop is that of the whole process, or NULL.  -1: the
 * certificates cannot be read.
 */
int doors_new(const struct config *config, struct migrations *m,
              struct cancel *stop, struct doors **ret,
              struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* After the workers. */
void doors_free(struct doors *d);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(doors, doors_free)

struct worker_doors doors_of(struct doors *d);

#endif
