/*
 * op - the operations of EWS that the lab has, one row of a table each.
 */
#ifndef LAB_OP_H
#define LAB_OP_H

#include "lab/access.h"
#include "lab/lab.h"
#include "lab/reply.h"
#include "lab/soap.h"

/* One request while it is carried out. */
struct op_call {
    struct lab *lab;
    const struct soap_request *request;
    const struct op *op;
    enum release asked; /* RequestServerVersion */
    const struct caller *caller;
    struct reply reply;
    const struct problem *inside; /* what every item is to fail with; NULL */
    bool injected; /* a fault on demand has shown in the answer */
    struct throttle_ticket *ticket; /* whom items are charged to; NULL */
    bool cut; /* the batch was over its time: no answer is sent */
};

struct op {
    const char *name;
    enum release since;
    bool sync; /* counts against ConcurrentSyncCalls */
    /*
     * What stands in a response message that says Error, after the code:
     * "<m:Folders/>" and the like; NULL: nothing.
     */
    const char *in_error;
    /*
     * Carry it out and write the response messages.  -1 and a fault when
     * the request as a whole fails.
     */
    int (*run)(struct op_call *call, struct problem *p);
    enum reply_form form;
};

/*
 * By the name of the request's element, which some operations write with
 * "Request" behind their own.  NULL when there is none.
 */
const struct op *op_find(const char *name);
/* Row by row; NULL after the last. */
const struct op *op_at(size_t i);

/* EWSFindCountLimit: the most that a Find* lists in one answer. */
uint32_t op_find_limit(const struct op_call *call);

/* Whether --lacks takes that operation or distinguished folder away. */
bool op_is_lacking(const struct lab *lab, const char *name);

/*
 * What Exchange finds by its schema before it does anything: unknown
 * distinguished folders, elements of a later version.
 */
int op_check_request(const struct lab *lab, const struct soap_request *request,
                     enum release asked, struct problem *p);

/* Counts the server's time that it was charged and delayed meanwhile. */
void op_note_times(struct lab *lab, const struct op *op,
                   struct throttle_ticket *ticket);

/* Whether a fault on demand hits now; counts it.  (op_fault.h: of items.) */
bool op_fault(struct op_call *call, enum fault_kind kind, const char *subject,
              struct fault_hit *ret);

/* A response message that says why; with in_error. */
void op_refuse(struct op_call *call, const struct problem *p);

/*
 * One response message for each child of list.  each() writes a whole
 * message, or returns -1 and p, which then becomes one instead of whatever
 * it has written.  After a failure that
 * would repeat itself the rest is not tried (ErrorBatchProcessingStopped).
 * -1 when p is a fault.
 */
typedef int op_each_fn(struct op_call *call, const xmlNode *node, void *data,
                       struct problem *p);
int op_each(struct op_call *call, const xmlNode *list, op_each_fn *each,
            void *data, struct problem *p);

/* One response message for the whole operation; the same for one(). */
typedef int op_one_fn(struct op_call *call, struct problem *p);
int op_one(struct op_call *call, op_one_fn *one, struct problem *p);

/* The elements under the operation that a request must have. */
const xmlNode *op_child(const struct op_call *call, const char *name);

/* The DeleteType attribute of the operation. */
int op_read_delete_type(const struct op_call *call, enum lab_delete *ret,
                        struct problem *p);

/* "<t:ItemId Id= ChangeKey=/>" with the name given. */
void op_write_id(struct op_call *call, const char *name, const char *id,
                 const char *change_key);

/* The element for an item of that class: "t:Message". */
const char *op_item_element(const char *item_class);

/* op_folder*.c */
int op_get_folder(struct op_call *call, struct problem *p);
int op_find_folder(struct op_call *call, struct problem *p);
int op_create_folder(struct op_call *call, struct problem *p);
int op_delete_folder(struct op_call *call, struct problem *p);
int op_move_folder(struct op_call *call, struct problem *p);
int op_copy_folder(struct op_call *call, struct problem *p);
int op_empty_folder(struct op_call *call, struct problem *p);
int op_update_folder(struct op_call *call, struct problem *p);
int op_create_folder_path(struct op_call *call, struct problem *p);
/* op_sync.c */
int op_sync_folder_hierarchy(struct op_call *call, struct problem *p);
int op_sync_folder_items(struct op_call *call, struct problem *p);
/* op_find.c */
int op_find_item(struct op_call *call, struct problem *p);
/* op_get_item.c, op_create_item.c ... */
int op_get_item(struct op_call *call, struct problem *p);
int op_create_item(struct op_call *call, struct problem *p);
int op_update_item(struct op_call *call, struct problem *p);
int op_delete_item(struct op_call *call, struct problem *p);
int op_move_item(struct op_call *call, struct problem *p);
int op_copy_item(struct op_call *call, struct problem *p);
int op_send_item(struct op_call *call, struct problem *p);
int op_mark_all_items_as_read(struct op_call *call, struct problem *p);
/* op_transfer.c */
int op_export_items(struct op_call *call, struct problem *p);
int op_upload_items(struct op_call *call, struct problem *p);
/* op_attachment.c */
int op_get_attachment(struct op_call *call, struct problem *p);
int op_create_attachment(struct op_call *call, struct problem *p);
int op_delete_attachment(struct op_call *call, struct problem *p);
/* op_directory.c */
int op_resolve_names(struct op_call *call, struct problem *p);
int op_expand_dl(struct op_call *call, struct problem *p);
/* op_config.c */
int op_get_user_configuration(struct op_call *call, struct problem *p);
int op_create_user_configuration(struct op_call *call, struct problem *p);
int op_update_user_configuration(struct op_call *call, struct problem *p);
int op_delete_user_configuration(struct op_call *call, struct problem *p);
/* op_delegate.c */
int op_get_delegate(struct op_call *call, struct problem *p);
int op_add_delegate(struct op_call *call, struct problem *p);
int op_update_delegate(struct op_call *call, struct problem *p);
int op_remove_delegate(struct op_call *call, struct problem *p);
/* op_oof.c */
int op_get_user_oof_settings(struct op_call *call, struct problem *p);
int op_set_user_oof_settings(struct op_call *call, struct problem *p);
/* op_subscribe.c */
int op_subscribe(struct op_call *call, struct problem *p);
int op_get_events(struct op_call *call, struct problem *p);
int op_get_streaming_events(struct op_call *call, struct problem *p);
int op_unsubscribe(struct op_call *call, struct problem *p);
/* op_photo.c */
int op_get_user_photo(struct op_call *call, struct problem *p);
int op_set_user_photo(struct op_call *call, struct problem *p);
/* op_rooms.c */
int op_get_room_lists(struct op_call *call, struct problem *p);
int op_get_rooms(struct op_call *call, struct problem *p);
/* op_rules.c */
int op_get_inbox_rules(struct op_call *call, struct problem *p);
int op_update_inbox_rules(struct op_call *call, struct problem *p);
/* op_convert.c */
int op_convert_id(struct op_call *call, struct problem *p);

#endif
