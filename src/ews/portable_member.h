/*
 * portable_member - members of a distribution list where EWS has no element
 * for them: up to 2007, as one-off entry ids in MAPI properties.
 */
#ifndef EWS_PORTABLE_MEMBER_H
#define EWS_PORTABLE_MEMBER_H

#include <stdbool.h>

#include <glib.h>

#include "portable/portable.h"

/* PidLidDistributionListOneOffMembers, PidLidDistributionListMembers */
#define MEMBER_ONE_OFFS "Address/0x8054"
#define MEMBER_IDS      "Address/0x8055"

/*
 * [MS-OXCDATA] 2.2.5.1: name, address type and address, in base64.  False (and
 * nothing touched) when it is something else.  *ret's strings are the
 * caller's, to be freed with member_clear().
 */
bool member_read(const char *base64, struct portable_person *ret);
void member_clear(struct portable_person *one);

/* The caller frees. */
char *member_write(const struct portable_person *one);

#endif
