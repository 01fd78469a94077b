#include <string.h>

#include "lab/folder.h"
#include "lab/op_folder.h"

/*
 * What the element says of the folder's class when nothing else does: a plain
 * one then has none, not its parent's (exchange-traces, move_folder_*).
 */
static const char *const classes[] = {
    [LAB_FOLDER_PLAIN] = "",
    [LAB_FOLDER_SEARCH] = NULL,
    [LAB_FOLDER_CALENDAR] = "IPF.Appointment",
    [LAB_FOLDER_CONTACTS] = "IPF.Contact",
    [LAB_FOLDER_TASKS] = "IPF.Task",
};

/*
 * ErrorNoFolderClassOverride: the class of a typed folder is implied.  Some
 * clients say it all the same, and are right.
 */
static int check_class(const struct folder_changes *c,
                       enum lab_folder_kind kind, struct problem *p)
{
    if (kind == LAB_FOLDER_PLAIN || c->folder_class == NULL ||
        strcmp(c->folder_class, classes[kind]) == 0)
        return 0;
    return problem_set(p, "ErrorNoFolderClassOverride");
}

static int read_new(struct op_call *call, const xmlNode *node,
                    struct folder_changes *ret, struct problem *p)
{
    enum lab_folder_kind kind = LAB_FOLDER_PLAIN;
    g_autofree char *asked =
        soap_text_dup(soap_child(node, NS_TYPES, "FolderClass"));

    if (!op_folder_kind(node, &kind))
        return problem_set(p, "ErrorInvalidOperation");
    /* the lab's search folders are made with the mailbox, and stay empty */
    if (kind == LAB_FOLDER_SEARCH)
        return problem_set(p, "ErrorInvalidFolderTypeForOperation");
    /* a plain one with a calendar's class is a calendar */
    if (kind == LAB_FOLDER_PLAIN && asked != NULL &&
        g_str_has_prefix(asked, classes[LAB_FOLDER_CALENDAR]))
        kind = LAB_FOLDER_CALENDAR;
    for (const xmlNode *n = soap_first(node); n != NULL; n = soap_next(n))
        if (folder_changes_read(call, n, kind, ret, p) < 0)
            return -1;
    if (op_folder_kind(node, &kind) && check_class(ret, kind, p) < 0)
        return -1;
    if (ret->name == NULL)
        return problem_set(p, "ErrorFolderSavePropertyError");
    if (ret->folder_class == NULL)
        ret->folder_class = g_strdup(classes[kind]);
    return 0;
}

static int make(struct op_call *call, int64_t mailbox, const char *parent_id,
                const struct folder_changes *c, struct lab_folder *ret,
                struct problem *p)
{
    const struct folder_changes rest = { .props = c->props,
                                         .permissions = c->permissions };
    struct lab_store *store = call->lab->store;
    g_auto(lab_folder) made = { 0 };
    struct problem why;
    struct err err;

    if (lab_store_create_folder(store, mailbox, parent_id, c->name,
                                c->folder_class, &made, &err) < 0)
        return problem_from_err(p, &err);
    if (c->props == NULL && c->permissions == NULL) {
        *ret = made;
        made = (struct lab_folder){ 0 };
        return 0;
    }
    if (folder_changes_store(call, mailbox, made.id, &rest, ret, &why) == 0)
        return 0;
    /* it comes with all of them or not at all */
    if (lab_store_delete_folder(store, mailbox, made.id, LAB_DELETE_HARD,
                                &err) < 0)
        return problem_from_err(p, &err);
    *p = why;
    return -1;
}

static int create_one(struct op_call *call, const xmlNode *node, void *data,
                      struct problem *p)
{
    const struct place *parent = data;
    g_auto(folder_changes) c = { 0 };
    g_auto(lab_folder) made = { 0 };

    /* ErrorInvalidFolderTypeForOperation: a search folder holds nothing */
    if (parent->folder.kind == LAB_FOLDER_SEARCH)
        return problem_set(p, "ErrorInvalidFolderTypeForOperation");
    if (read_new(call, node, &c, p) < 0 ||
        make(call, parent->mailbox, parent->folder.id, &c, &made, p) < 0)
        return -1;
    op_folder_write_id(call, &made);
    return 0;
}

int op_create_folder(struct op_call *call, struct problem *p)
{
    const xmlNode *folders = op_child(call, "Folders");
    const xmlNode *parent_id = soap_first(op_child(call, "ParentFolderId"));
    g_auto(place) parent = { 0 };

    if (access_folder(call->lab, call->caller, parent_id,
                      "ErrorParentFolderNotFound", &parent, p) < 0)
        return p->fault ? -1 : op_folder_refuse_all(call, folders, p);
    return op_each(call, folders, create_one, &parent, p);
}

/* ---- CreateFolderPath ------------------------------------------------ */

/* Where the path has come to. */
struct walk {
    int64_t mailbox;
    char *at; /* id of the folder that the next one is in */
};

/* One of that name in it; 1, 0 when there is none. */
static int find_child(struct op_call *call, const struct walk *w,
                      const char *name, struct lab_folder *ret,
                      struct problem *p)
{
    g_autofree char *wanted = match_fold(name, MATCH_IGNORE_CASE);
    g_autoptr(GPtrArray) children = NULL;
    struct err err;

    if (lab_store_folders(call->lab->store, w->mailbox, w->at, false, &children,
                          &err) < 0)
        return problem_from_err(p, &err);
    for (guint i = 0; i < children->len; i++) {
        struct lab_folder *f = g_ptr_array_index(children, i);
        g_autofree char *has = match_fold(f->name, MATCH_IGNORE_CASE);

        if (strcmp(has, wanted) != 0)
            continue;
        *ret = *f;
        *f = (struct lab_folder){ 0 };
        return 1;
    }
    return 0;
}

static int step_into(struct op_call *call, const xmlNode *node, void *data,
                     struct problem *p)
{
    struct walk *w = data;
    g_auto(folder_changes) c = { 0 };
    g_auto(lab_folder) f = { 0 };
    int found;

    if (w->at == NULL)
        return problem_set(p, "ErrorParentFolderNotFound");
    if (read_new(call, node, &c, p) < 0)
        found = -1;
    else
        found = find_child(call, w, c.name, &f, p);
    if (found == 0)
        found = make(call, w->mailbox, w->at, &c, &f, p);
    g_clear_pointer(&w->at, g_free);
    if (found < 0)
        return -1;
    w->at = g_strdup(f.id);
    op_folder_write_id(call, &f);
    return 0;
}

int op_create_folder_path(struct op_call *call, struct problem *p)
{
    const xmlNode *path = op_child(call, "RelativeFolderPath");
    const xmlNode *parent_id = soap_first(op_child(call, "ParentFolderId"));
    g_auto(place) parent = { 0 };
    struct walk w;
    int status;

    if (access_folder(call->lab, call->caller, parent_id,
                      "ErrorParentFolderNotFound", &parent, p) < 0)
        return p->fault ? -1 : op_folder_refuse_all(call, path, p);
    w = (struct walk){ parent.mailbox, g_strdup(parent.folder.id) };
    status = op_each(call, path, step_into, &w, p);
    g_free(w.at);
    return status;
}
