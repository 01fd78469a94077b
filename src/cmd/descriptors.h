/* descriptors - how many descriptors a run needs, and may have. */
#ifndef CMD_DESCRIPTORS_H
#define CMD_DESCRIPTORS_H

#include <stddef.h>

#include "base/err.h"

/* Most that so many mailboxes at once, with so many lanes each, have open. */
size_t descriptors_need(size_t mailboxes, size_t lanes);

/*
 * Raise the limit on open descriptors as far as that takes; never lowers it.
 * -1 when the system does not allow so many: with the number of mailboxes that
 * would fit.
 */
int descriptors_raise(size_t mailboxes, size_t lanes,
                      struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
