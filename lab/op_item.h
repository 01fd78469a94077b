/*
 * op_item - what the operations on items share: loading, saving, sending.
 */
#ifndef LAB_OP_ITEM_H
#define LAB_OP_ITEM_H

#include "lab/field.h"
#include "lab/meeting.h"
#include "lab/op.h"

/* MessageDisposition */
enum disposition {
    DISPOSITION_NONE, /* not said */
    SAVE_ONLY,
    SEND_ONLY,
    SEND_AND_SAVE,
};
int op_read_disposition(const struct op_call *call, enum disposition *ret,
                        struct problem *p);

/* What a CreateItem says for all of its items. */
struct creation {
    enum disposition disposition;
    enum meeting_send invitations;
    bool has_folder; /* SavedItemFolderId */
    struct place folder;
};

/* One stored item with its tree, as it was loaded. */
struct op_loaded {
    int64_t mailbox;
    struct lab_item item;
    struct mapi_item *tree;
};
void op_loaded_clear(struct op_loaded *l);
typedef struct op_loaded op_loaded;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(op_loaded, op_loaded_clear)

/* By an <t:ItemId> or one of the ids of occurrences. */
int op_load(struct op_call *call, const xmlNode *id, struct op_loaded *ret,
            struct problem *p);
/*
 * The columns alone, whose tree op_load_tree() reads when it is needed.
 * op_loaded_clear() both.
 */
int op_load_columns(struct op_call *call, const xmlNode *id,
                    struct op_loaded *ret, struct problem *p);
int op_load_tree(struct op_call *call, struct op_loaded *l, struct problem *p);

/* Store a new tree in a folder. */
int op_save_new(struct op_call *call, const struct place *to,
                struct field_edit *e, struct lab_item *ret, struct problem *p);
/* Store a loaded tree again; change_key: as struct lab_upload has it. */
int op_save(struct op_call *call, struct op_loaded *l, const char *change_key,
            struct problem *p);

/*
 * What goes wrong for all goes wrong for each: a response message for each
 * child of list.  -1 when p is a fault.
 */
int op_refuse_each(struct op_call *call, const xmlNode *list,
                   const struct problem *p);

/*
 * The class that was set must be one of the item's kind (one that nobody knows
 * may be a message's, too): ErrorObjectTypeChanged.  None: the kind's own.
 */
int op_check_class(struct field_edit *e, struct problem *p);

/* The item's element with its id alone. */
void op_write_item(struct op_call *call, const struct lab_item *item);

/* ---- op_create_item.c ---------------------------------------------- */

/*
 * Where a new item of the mailbox goes when nobody says it.  *ret is to be
 * cleared.
 */
int op_default_folder(struct op_call *call, int64_t mailbox, const char *name,
                      struct place *ret, struct problem *p);
/*
 * Complete a new message and save and send it as c says.  Writes what stands
 * in <m:Items>.
 */
int op_finish_message(struct op_call *call, const struct creation *c,
                      struct field_edit *e, struct problem *p);
/* The mailbox that new items go to: that of the folder, else the caller's. */
int op_target_mailbox(struct op_call *call, const struct creation *c,
                      int64_t *ret, struct problem *p);

/*
 * A response object in a CreateItem: what <m:Items> of its answer holds is
 * written by it.
 */
typedef int op_response_fn(struct op_call *call, const xmlNode *node,
                           const struct creation *c, struct problem *p);
/* NULL when the element is none. */
op_response_fn *op_response_of(const xmlNode *node);

/* ---- sending ------------------------------------------------------- */

/*
 * Make it a message that was sent now by the mailbox's owner, and put it
 * into the tray.  -1 and p: ErrorInvalidRecipients.
 */
int op_send(struct op_call *call, int64_t mailbox, struct mapi_item *tree,
            struct problem *p);

/*
 * A receipt to whoever asked for one, as far as it is owed: for a message
 * that is being read, or deleted unread.
 */
int op_send_receipt(struct op_call *call, int64_t mailbox,
                    const struct mapi_message *m, bool read, struct problem *p);

/* Mark it, with the receipt that this causes unless silent. */
int op_mark_read(struct op_call *call, int64_t mailbox,
                 const struct lab_item *item, bool read, bool silent,
                 struct problem *p);

#endif
