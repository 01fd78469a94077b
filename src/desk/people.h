/*
 * people - accounts and their contacts from a table, such as a customer
 * database exports: CSV with a header, a row a contact.
 *
 *     Partner ID,Account,Domains,Verified Domains,Email,Name,Roles
 *     P-1001,Contoso Ltd,,contoso.example,anna@contoso.example,Anna,primary
 *     P-1001,,,,tom@contoso.example,,technical
 *
 * Columns in any order and any case; commas, semicolons or tabs.  Only the
 * Partner ID is needed: a row without an email is about the account alone.
 * Several domains or roles stand in one field, with blanks or | between.
 *
 * Everything is read before anything is written: with a fault nothing is.
 * What is there already is changed where it differs, and nothing is removed,
 * so the same table again changes nothing.
 */
#ifndef DESK_PEOPLE_H
#define DESK_PEOPLE_H

#include <stddef.h>

#include "store/roster_accounts.h"

/* More is no table of contacts. */
#define PEOPLE_BYTES_MAX ((size_t)8 * 1024 * 1024)
#define PEOPLE_ROWS_MAX  20000

struct people_fault {
    uint32_t line;      /* from 1; 0: the table as a whole */
    const char *column; /* static; NULL: the row as a whole */
    char *text;
    const char *remedy; /* static */
};

struct people_done {
    size_t accounts_added, accounts_changed;
    size_t contacts_added, contacts_changed;
};

/*
 * 1 and *ret; 0: *ret_faults, an array of struct people_fault *, has what is
 * wrong, and nothing was written; -1: the database failed, or somebody changed
 * the same meanwhile; what was written by then stays, and the same table
 * goes on from there.
 */
int people_import(struct roster *p, const struct roster_actor *who,
                  const char *text, size_t n, struct people_done *ret,
                  GPtrArray **ret_faults,
                  struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
