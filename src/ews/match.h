/*
 * match - which answer belongs to which of the ids that were asked about.
 *
 * By position; and where answers carry ids, by these: an answer under an id
 * that was asked for at another place belongs there, and one under an id that
 * nobody asked for spoils them all (EWS-QUIRKS 5).  Pure.
 */
#ifndef EWS_MATCH_H
#define EWS_MATCH_H

#include <stddef.h>

#include "base/err.h"

/*
 * asked and given have n entries; given[i] is NULL where answer i has no id.
 * ret_place[i]: the place in asked that answer i belongs to; each place has
 * exactly one.  The same id may be asked about more than once.
 */
int match_answers(const char *const *asked, const char *const *given, size_t n,
                  size_t *ret_place, struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
