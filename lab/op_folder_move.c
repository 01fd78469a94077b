#include "lab/op_folder.h"

/* ---- DeleteFolder, EmptyFolder --------------------------------------- */

struct removal {
    enum lab_delete how;
    bool folders; /* EmptyFolder: those below it too */
};

static int delete_one(struct op_call *call, const xmlNode *node, void *data,
                      struct problem *p)
{
    const struct removal *r = data;
    g_auto(place) found = { 0 };
    struct err err;

    if (access_folder(call->lab, call->caller, node, "ErrorItemNotFound",
                      &found, p) < 0)
        return -1;
    if (found.folder.distinguished != NULL)
        return problem_set(p, "ErrorDeleteDistinguishedFolder");
    if (lab_store_delete_folder(call->lab->store, found.mailbox,
                                found.folder.id, r->how, &err) < 0)
        return problem_from_err(p, &err);
    reply_message_begin(&call->reply, NULL);
    reply_message_end(&call->reply);
    return 0;
}

int op_delete_folder(struct op_call *call, struct problem *p)
{
    struct removal r = { .how = LAB_DELETE_HARD };

    if (op_read_delete_type(call, &r.how, p) < 0)
        return -1;
    return op_each(call, op_child(call, "FolderIds"), delete_one, &r, p);
}

static int empty_one(struct op_call *call, const xmlNode *node, void *data,
                     struct problem *p)
{
    const struct removal *r = data;
    g_auto(place) found = { 0 };
    struct err err;

    if (access_folder(call->lab, call->caller, node, "ErrorItemNotFound",
                      &found, p) < 0)
        return -1;
    if (lab_store_empty_folder(call->lab->store, found.mailbox, found.folder.id,
                               r->how, r->folders, &err) < 0)
        return problem_from_err(p, &err);
    reply_message_begin(&call->reply, NULL);
    reply_message_end(&call->reply);
    return 0;
}

int op_empty_folder(struct op_call *call, struct problem *p)
{
    const xmlNode *operation = call->request->operation;
    g_autofree char *folders = soap_attr_dup(operation, "DeleteSubFolders");
    struct removal r = { .how = LAB_DELETE_HARD };

    if (op_read_delete_type(call, &r.how, p) < 0)
        return -1;
    if (folders == NULL)
        return soap_violation(p, operation,
                              "The 'DeleteSubFolders' attribute is missing.");
    r.folders = soap_attr_bool(operation, "DeleteSubFolders");
    return op_each(call, op_child(call, "FolderIds"), empty_one, &r, p);
}

/* ---- MoveFolder, CopyFolder ------------------------------------------ */

typedef int transfer_fn(struct lab_store *store, int64_t mailbox,
                        const char *id, const char *to_parent_id,
                        struct lab_folder *ret, struct err *err);

struct transfer {
    struct place to;
    transfer_fn *run;
    bool moving;
};

static int transfer_one(struct op_call *call, const xmlNode *node, void *data,
                        struct problem *p)
{
    const struct transfer *t = data;
    g_auto(place) found = { 0 };
    g_auto(lab_folder) there = { 0 };
    struct err err;

    if (access_folder(call->lab, call->caller, node, "ErrorItemNotFound",
                      &found, p) < 0)
        return -1;
    if (t->moving && found.folder.distinguished != NULL)
        return problem_set(p, "ErrorMoveDistinguishedFolder");
    if (found.mailbox != t->to.mailbox)
        return problem_set(p, "ErrorCrossMailboxMoveCopy");
    if (t->run(call->lab->store, found.mailbox, found.folder.id,
               t->to.folder.id, &there, &err) < 0) {
        problem_from_err(p, &err);
        /* the name is taken there */
        return problem_is(p, "ErrorFolderExists")
                   ? problem_set(p, "ErrorMoveCopyFailed")
                   : -1;
    }
    op_folder_write_id(call, &there);
    return 0;
}

static int transfer_all(struct op_call *call, struct transfer *t,
                        struct problem *p)
{
    const xmlNode *folders = op_child(call, "FolderIds");
    const xmlNode *to = soap_first(op_child(call, "ToFolderId"));
    int status;

    if (access_folder(call->lab, call->caller, to, "ErrorToFolderNotFound",
                      &t->to, p) < 0)
        return p->fault ? -1 : op_folder_refuse_all(call, folders, p);
    status = op_each(call, folders, transfer_one, t, p);
    place_clear(&t->to);
    return status;
}

int op_move_folder(struct op_call *call, struct problem *p)
{
    struct transfer t = { .run = lab_store_move_folder, .moving = true };

    return transfer_all(call, &t, p);
}

int op_copy_folder(struct op_call *call, struct problem *p)
{
    struct transfer t = { .run = lab_store_copy_folder };

    return transfer_all(call, &t, p);
}
