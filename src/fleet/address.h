/*
 * address - what counts as a mailbox's address.
 *
 * The rule, after RFC 5321 and what Exchange stores: the part before the "@"
 * is ASCII, letters, digits and !#$%&'*+-/=?^_`{|}~ with single dots inside,
 * at most 64; the domain has at least two labels of letters, digits and
 * hyphens, at most 63 each.  A domain in other scripts is taken and turned
 * into its ASCII form ("xn--..."), which is how Exchange keeps it; a local
 * part in other scripts is refused, since no Exchange mailbox has one.
 */
#ifndef FLEET_ADDRESS_H
#define FLEET_ADDRESS_H

#include <glib.h>

/* RFC 5321, 4.5.3.1.3: a path of 256 less its brackets. */
#define ADDRESS_MAX 254

/*
 * The address in its one form: local part as typed, domain in lower-case
 * ASCII.  The caller frees.  NULL when text (UTF-8) is none: *ret_why then
 * says why in a few words, static.
 */
char *address_parse(const char *text, const char **ret_why) G_GNUC_MALLOC;

/* The same for a domain alone. */
char *address_domain_parse(const char *text,
                           const char **ret_why) G_GNUC_MALLOC;

/* After the "@" of a parsed address.  Borrowed. */
const char *address_domain(const char *address);

/* Exchange compares without case: equal keys, same mailbox.  Free it. */
char *address_key(const char *address) G_GNUC_MALLOC;

#endif
