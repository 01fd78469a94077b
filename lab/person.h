/*
 * person - people and lists as items name them: in properties, recipients,
 * entry ids, and as <t:Mailbox>.
 *
 * Whom the organisation's address book knows is kept with their Exchange
 * name and shown by their SMTP address, as a server does.
 */
#ifndef LAB_PERSON_H
#define LAB_PERSON_H

#include <stdbool.h>

#include <glib.h>

#include "lab/mapi.h"
#include "lab/op.h"
#include "lab/store_directory.h"

struct person {
    char *name;    /* display name; NULL: none */
    char *smtp;    /* NULL: not known */
    char *dn;      /* Exchange's name ("/o=..."); NULL: from outside */
    char *routing; /* neither of the two: "FAX"; else NULL */
    char *address; /* with ->routing */
};
void person_clear(struct person *p);
void person_free(struct person *p);
typedef struct person person;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(person, person_clear)

/* Which properties hold one; 0: there is none such. */
struct person_tags {
    uint32_t name, routing, address, entry_id, search_key, smtp;
};
extern const struct person_tags person_sender;
extern const struct person_tags person_from;
extern const struct person_tags person_received_by;
extern const struct person_tags person_received_for;
extern const struct person_tags person_recipient; /* of a recipient's row */

/* False when the properties name nobody; then *ret is not touched. */
bool person_get(const struct mapi_props *props, const struct person_tags *tags,
                struct person *ret);
void person_set(struct mapi_item *item, struct mapi_props *props,
                const struct person_tags *tags, const struct person *p);
void person_remove(struct mapi_props *props, const struct person_tags *tags);

/* PR_RECIPIENT_TYPE */
enum person_role {
    PERSON_TO = 1,  /* required attendee */
    PERSON_CC = 2,  /* optional */
    PERSON_BCC = 3, /* resource */
};

/* A row of the recipient table with all that belongs into it. */
struct mapi_props *person_add_recipient(struct mapi_item *item,
                                        struct mapi_message *m,
                                        const struct person *p,
                                        enum person_role role);
void person_remove_recipients(struct mapi_message *m, enum person_role role);
enum person_role person_role(const struct mapi_props *recipient);
/* PR_DISPLAY_TO, _CC and _BCC by the recipients. */
void person_display(struct mapi_item *item, struct mapi_message *m);

/* [MS-OXCDATA] 2.2.5: a one-off entry id, or one of the address book. */
GByteArray *person_entry_id(const struct person *p);
/* Those, and ones wrapped as members of a list; false for others. */
bool person_of_entry_id(const uint8_t *data, size_t n, struct person *ret);

/*
 * An <t:EmailAddressType> of a request: looked up in the address book.  -1
 * and p: ErrorMissingInformationEmailAddress and the like.
 */
int person_read(struct op_call *call, const xmlNode *node, struct person *ret,
                struct problem *p);
/* The owner of a mailbox. */
int person_owner(struct op_call *call, int64_t mailbox, struct person *ret,
                 struct problem *p);

/* <t:Mailbox>; as a listing of old servers shows it, by name alone. */
void person_write(struct op_call *call, struct xmlout *x,
                  const struct person *p, bool name_only);

/* SMTP address, else what there is; never NULL. */
const char *person_best(const struct person *p);

#endif
