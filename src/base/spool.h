/*
 * spool - files without a name, for what does not fit into memory.
 */
#ifndef BASE_SPOOL_H
#define BASE_SPOOL_H

#include <stdbool.h>

#include "base/err.h"

/* $TMPDIR, else /var/tmp (/tmp is often memory itself). */
const char *spool_dir(void);

/* A descriptor to read and write, or -1. */
int spool_open(const char *dir, struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * The error of a spool file in dir that cannot be made or written: one item's,
 * since smaller ones need none, and it may go well once there is room.
 * Returns -1.
 */
int spool_failed(const char *dir, int errnum, struct err *err);

/* Its name in struct err. */
#define SPOOL_FAULT "spool"
/* Our own disk was at fault, and neither a server nor an item. */
bool spool_is_at_fault(const struct err *err);

#endif
