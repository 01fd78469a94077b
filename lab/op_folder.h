/*
 * op_folder - what the operations on folders share.
 */
#ifndef LAB_OP_FOLDER_H
#define LAB_OP_FOLDER_H

#include "lab/op.h"

/* A whole response message with the id of one folder. */
void op_folder_write_id(struct op_call *call, const struct lab_folder *f);

/*
 * A parent or target that fails fails each child of list.  That a mailbox is
 * unknown is said as a missing parent from 2010 on.  0.
 */
int op_folder_refuse_all(struct op_call *call, const xmlNode *list,
                         const struct problem *why);

/* The element of a folder in a request; its place in the list of kinds. */
bool op_folder_kind(const xmlNode *node, enum lab_folder_kind *ret);

/* What is to be set about a folder, read from its element. */
struct folder_changes {
    char *name;
    char *folder_class;
    struct mapi_item *props; /* owned; NULL: none set */
    GPtrArray *permissions;  /* of struct lab_permission *; NULL: none set */
};
void folder_changes_clear(struct folder_changes *c);
typedef struct folder_changes folder_changes;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(folder_changes, folder_changes_clear)

/*
 * Take over one child element of a folder's ("DisplayName",
 * "ExtendedProperty", ...); kind: what the folder is or will be; into: the
 * tree that extended properties go to.  -1 and p: ErrorInvalidPropertySet for
 * what cannot be set.
 */
int folder_changes_read(struct op_call *call, const xmlNode *child,
                        enum lab_folder_kind kind, struct folder_changes *c,
                        struct problem *p);
/* Store them on that folder; *ret is as it is then. */
int folder_changes_store(struct op_call *call, int64_t mailbox, const char *id,
                         const struct folder_changes *c, struct lab_folder *ret,
                         struct problem *p);

#endif
