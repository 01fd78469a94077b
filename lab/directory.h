/*
 * directory - people and lists as EWS writes them, for the operations that
 * name some.
 */
#ifndef LAB_DIRECTORY_H
#define LAB_DIRECTORY_H

#include "lab/op.h"
#include "lab/store_directory.h"

/* What stands in <t:Mailbox> and its like. */
struct directory_address {
    const char *name, *address;
    const char *routing;         /* NULL: "SMTP" */
    const char *type;            /* MailboxType; NULL: none */
    const char *id, *change_key; /* of a contact or private list; NULL */
};
void directory_write(struct op_call *call, const char *element,
                     const struct directory_address *a);

/* The same of an entry of the address book. */
void directory_write_entry(struct op_call *call, const char *element,
                           const struct lab_entry *entry);

/* "user1" of "user1@contoso.example"; to be freed. */
char *directory_alias(const char *address);

/*
 * The mailbox of a request that names one by an <t:Mailbox> ("t:Address",
 * "t:EmailAddress"), when the caller may open it; the caller's own when node
 * is NULL.  -1 and a problem (ErrorMissingEmailAddress, ErrorAccessDenied).
 */
int directory_mailbox(struct op_call *call, const char *address,
                      struct lab_mailbox *ret, struct problem *p);

/* The tree of an item; free it. */
int directory_load(struct op_call *call, int64_t mailbox, const char *id,
                   struct mapi_item **ret, struct problem *p);

/*
 * Writing goes into the reply's buffer: have it go to another meanwhile, where
 * what it comes to stands before it.  Returns the one that it was.
 */
GString *directory_divert(struct op_call *call, GString *to);

#endif
