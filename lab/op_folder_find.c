#include <string.h>

#include "lab/folder.h"
#include "lab/page.h"
#include "lab/shape.h"

struct find {
    struct shape shape;
    struct page page;
    struct restriction *where; /* NULL: all */
    bool deep, lost;
};

static int write_root(struct op_call *call, const struct find *f,
                      int64_t mailbox, GPtrArray *folders, struct problem *p)
{
    struct page_range range = page_range(&f->page, folders->len);
    struct xmlout *x = &call->reply.x;

    reply_message_begin(&call->reply, NULL);
    xml_begin(x, "m:RootFolder");
    page_write(x, &f->page, &range, folders->len);
    xml_end(x);
    xml_open(x, "t:Folders");
    for (uint64_t i = range.start; i < range.start + range.count; i++)
        if (shape_write_folder(call, &f->shape, mailbox, folders->pdata[i], p) <
            0)
            return -1;
    xml_close(x, "t:Folders");
    xml_close(x, "m:RootFolder");
    reply_message_end(&call->reply);
    return 0;
}

/* 1 when it is to be listed. */
static int is_wanted(struct op_call *call, const struct find *f,
                     const struct place *parent,
                     const struct lab_folder *folder, struct problem *p)
{
    g_autoptr(mapi_item) tree = NULL;
    uint32_t rights = parent->rights;

    /* with all rights on the parent the mailbox is the caller's */
    if (rights != LAB_RIGHTS_ALL &&
        access_rights(call->lab, call->caller, parent->mailbox, folder->key,
                      &rights, p) < 0)
        return -1;
    if (!access_visible(rights))
        return 0;
    if (f->where == NULL)
        return 1;
    tree = folder_tree(call, parent->mailbox, folder, p);
    if (tree == NULL)
        return -1;
    return restriction_match(f->where, tree, folder_value);
}

static int keep_wanted(struct op_call *call, const struct find *f,
                       const struct place *parent, GPtrArray *folders,
                       struct problem *p)
{
    for (guint i = 0; i < folders->len;) {
        int wanted =
            is_wanted(call, f, parent, g_ptr_array_index(folders, i), p);

        if (wanted < 0)
            return -1;
        if (wanted > 0)
            i++;
        else
            g_ptr_array_remove_index(folders, i);
    }
    return 0;
}

static int find_below(struct op_call *call, const xmlNode *node, void *data,
                      struct problem *p)
{
    const struct find *f = data;
    g_autoptr(GPtrArray) folders = NULL;
    g_auto(place) parent = { 0 };
    struct err err;

    if (access_folder(call->lab, call->caller, node, "ErrorItemNotFound",
                      &parent, p) < 0)
        return -1;
    if (lab_store_folders(call->lab->store, parent.mailbox, parent.folder.id,
                          f->deep, &folders, &err) < 0)
        return problem_from_err(p, &err);
    /* folders that were soft-deleted are gone, their items are not */
    if (f->lost)
        g_ptr_array_set_size(folders, 0);
    if (keep_wanted(call, f, &parent, folders, p) < 0 ||
        page_check_count(call, &f->page, folders->len, p) < 0)
        return -1;
    return write_root(call, f, parent.mailbox, folders, p);
}

static int read_traversal(struct op_call *call, struct find *f,
                          struct problem *p)
{
    g_autofree char *traversal =
        soap_attr_dup(call->request->operation, "Traversal");

    f->deep = g_strcmp0(traversal, "Deep") == 0;
    f->lost = g_strcmp0(traversal, "SoftDeleted") == 0;
    if (f->deep || f->lost || g_strcmp0(traversal, "Shallow") == 0)
        return 0;
    return soap_violation(p, call->request->operation,
                          "The 'Traversal' attribute is invalid.");
}

static int read_find(struct op_call *call, struct find *f, struct problem *p)
{
    const xmlNode *where = op_child(call, "Restriction");
    const struct restriction_paths paths = folder_paths(call);

    if (read_traversal(call, f, p) < 0 ||
        page_read(call, false, op_find_limit(call), &f->page, p) < 0 ||
        shape_read_folder(call, op_child(call, "FolderShape"), &f->shape, p) <
            0)
        return -1;
    if (where == NULL)
        return 0;
    f->where = restriction_read(where, &paths, p);
    return f->where != NULL ? 0 : -1;
}

int op_find_folder(struct op_call *call, struct problem *p)
{
    struct find f = { 0 };
    int status = read_find(call, &f, p);

    if (status == 0)
        status =
            op_each(call, op_child(call, "ParentFolderIds"), find_below, &f, p);
    shape_clear(&f.shape);
    restriction_free(f.where);
    return status;
}
