/*
 * delegate - who acts for a mailbox's owner.
 *
 * Their levels on the six folders are nothing but the folders' permissions;
 * what else there is to them is a setting of the mailbox.
 */
#ifndef LAB_DELEGATE_H
#define LAB_DELEGATE_H

#include "lab/directory.h"

struct delegate {
    int64_t mailbox; /* the delegate's own */
    bool copies, private_items;
};

/* All of a mailbox. */
struct delegates {
    struct lab_mailbox of;
    char *deliver;
    GArray *all; /* of struct delegate */
};

void delegates_clear(struct delegates *d);
typedef struct delegates delegates;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(delegates, delegates_clear)

/* Those of the mailbox that the request names, when the caller may. */
int delegates_load(struct op_call *call, struct delegates *d,
                   struct problem *p);
int delegates_save(struct op_call *call, const struct delegates *d,
                   struct problem *p);
/* NULL when that one is none of them. */
struct delegate *delegates_find(const struct delegates *d, int64_t mailbox);

/* The elements inside of <t:DelegatePermissions>. */
int delegates_write_levels(struct op_call *call, const struct delegates *d,
                           int64_t member, struct problem *p);
/*
 * As a <t:DelegateUser> says; folders that it does not name stay.  -1 and
 * ErrorInvalidDelegatePermission before anything is changed.
 */
int delegates_set_levels(struct op_call *call, const struct delegates *d,
                         int64_t member, const xmlNode *user,
                         struct problem *p);
int delegates_clear_levels(struct op_call *call, const struct delegates *d,
                           int64_t member, struct problem *p);

#endif
