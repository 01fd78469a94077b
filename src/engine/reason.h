/*
 * reason - why a mailbox is completed with failures, where numbers say it.
 *
 * A verification counts the same items anew, by classes of its own: it has to
 * tell these reasons from others, which nobody but the copying knows.
 */
#ifndef ENGINE_REASON_H
#define ENGINE_REASON_H

#include <stdbool.h>
#include <stdint.h>

/* "2 items failed".  The caller frees. */
char *reason_failed(uint64_t n);
/* Of what lies at the destination in another shape or folder.  Likewise. */
char *reason_unlike(uint64_t n);

/* Is it one of the above? */
bool reason_is_number(const char *reason);

/*
 * Does it say more than how many items failed, or were found wrong, which
 * stands beside the mailbox wherever it is shown?  reason may be NULL: no.
 */
bool reason_says_more(const char *reason);

#endif
