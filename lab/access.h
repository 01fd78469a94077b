/*
 * access - whose rights a request uses, and what they reach.
 */
#ifndef LAB_ACCESS_H
#define LAB_ACCESS_H

#include "lab/lab.h"
#include "lab/soap.h"

/*
 * LAB_RIGHT_ bits that an operation needs of a folder that it names, and of
 * one that items lie in; any one bit of each is enough.
 */
struct access_need {
    const char *operation; /* NULL: of all others */
    uint32_t folder, item;
    const char *refused; /* the code when a folder can be seen, and no more */
};

/* Who a request is carried out as. */
struct caller {
    int64_t account; /* whose rights count; 0: a mailbox without a login */
    int64_t mailbox; /* its own; 0: none */
    char *address;   /* primary address of that; NULL: none */
    char *name;      /* display name, as in "last modified by" */
    char *budget;    /* whom the throttle charges */
    bool impersonated;
    /* What the operation needs where folder permissions count. */
    const struct access_need *need;
};
void caller_clear(struct caller *c);
typedef struct caller caller;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(caller, caller_clear)

/*
 * The account that has signed in, or whom it impersonates.  -1 and a fault:
 * ErrorImpersonateUserDenied, ErrorNonExistentMailbox, ...
 */
int access_identify(struct lab *lab, const char *login,
                    const struct soap_request *request, struct caller *ret,
                    struct problem *p);

/*
 * The mailbox that an item's or folder's id belongs to, when the caller may
 * open it.
 */
int access_id(struct lab *lab, const struct caller *c, const char *id,
              int64_t *ret, struct problem *p);

/* A folder of some mailbox. */
struct place {
    int64_t mailbox;
    struct lab_folder folder;
    uint32_t rights; /* the caller's: LAB_RIGHT_ bits */
};
void place_clear(struct place *at);
typedef struct place place;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(place, place_clear)

/*
 * What a <t:FolderId> or <t:DistinguishedFolderId> means.  missing: the code
 * for a folder that is not there, which differs by operation.
 */
int access_folder(struct lab *lab, const struct caller *c, const xmlNode *node,
                  const char *missing, struct place *ret, struct problem *p);

/*
 * The caller's rights on a folder of a mailbox: all of them on its own and
 * with full access, else what the folder's permissions say.  -1 and p.
 */
int access_rights(struct lab *lab, const struct caller *c, int64_t mailbox,
                  int64_t folder, uint32_t *ret, struct problem *p);
/* Whether they are enough for it to be seen at all. */
bool access_visible(uint32_t rights);

/*
 * A <t:ItemId>, or an <t:OccurrenceItemId> or <t:RecurringMasterItemId> by
 * what it stands for: its id, and the mailbox when the caller may open it.
 */
int access_item(struct lab *lab, const struct caller *c, const xmlNode *node,
                char **ret_id, int64_t *ret_mailbox, struct problem *p);

/* The first release whose schema has that distinguished folder id. */
bool access_distinguished_known(enum release release, const char *name);

#endif
