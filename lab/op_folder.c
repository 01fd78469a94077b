#include "lab/op.h"
#include "lab/shape.h"

/* PR_DISPLAY_NAME of a folder in Exchange. */
#define NAME_CHARS_MAX 255

static void write_folder_id(struct op_call *call, const char *element,
                            const struct lab_folder *f)
{
    struct xmlout *x = &call->reply.x;

    reply_message_begin(&call->reply, NULL);
    xml_open(x, "m:Folders");
    xml_open(x, element);
    op_write_id(call, "t:FolderId", f->id, f->change_key);
    xml_close(x, element);
    xml_close(x, "m:Folders");
    reply_message_end(&call->reply);
}

/* ---- GetFolder ----------------------------------------------------- */

static int get_one(struct op_call *call, const xmlNode *node, void *data,
                   struct problem *p)
{
    const struct shape *s = data;
    g_auto(place) found = { 0 };

    if (access_folder(call->lab, call->caller, node, "ErrorItemNotFound",
                      &found, p) < 0)
        return -1;
    reply_message_begin(&call->reply, NULL);
    xml_open(&call->reply.x, "m:Folders");
    shape_write_folder(call, s, &found.folder);
    xml_close(&call->reply.x, "m:Folders");
    reply_message_end(&call->reply);
    return 0;
}

int op_get_folder(struct op_call *call, struct problem *p)
{
    g_auto(shape) s = { 0 };

    if (shape_read_folder(call, op_child(call, "FolderShape"), &s, p) < 0)
        return -1;
    return op_each(call, op_child(call, "FolderIds"), get_one, &s, p);
}

/* ---- FindFolder ---------------------------------------------------- */

struct find {
    struct shape shape;
    bool deep;
    uint64_t offset, max;
    bool paged;
};

static int read_number(const xmlNode *node, const char *name, uint64_t *ret,
                       struct problem *p)
{
    g_autofree char *text = soap_attr_dup(node, name);
    guint64 n = 0;

    if (text == NULL)
        return 0;
    if (!g_ascii_string_to_unsigned(text, 10, 0, INT32_MAX, &n, NULL))
        return soap_violation(p, node, "The '%s' attribute is invalid.", name);
    *ret = n;
    return 0;
}

static int read_page(struct op_call *call, struct find *f, struct problem *p)
{
    const xmlNode *view = op_child(call, "IndexedPageFolderView");
    g_autofree char *base = soap_attr_dup(view, "BasePoint");

    f->max = op_find_limit(call);
    if (view == NULL)
        return 0;
    if (g_strcmp0(base, "Beginning") != 0)
        return problem_fault(p, "ErrorInvalidOperation");
    f->paged = true;
    if (read_number(view, "MaxEntriesReturned", &f->max, p) < 0 ||
        read_number(view, "Offset", &f->offset, p) < 0)
        return -1;
    if (f->max == 0)
        return problem_fault(p, "ErrorInvalidPagingMaxRows");
    f->max = MIN(f->max, op_find_limit(call));
    return 0;
}

static void write_root(struct op_call *call, const struct find *f,
                       GPtrArray *folders)
{
    uint64_t end = MIN(f->offset + f->max, folders->len);
    struct xmlout *x = &call->reply.x;

    reply_message_begin(&call->reply, NULL);
    xml_begin(x, "m:RootFolder");
    if (f->paged)
        g_string_append_printf(x->text,
                               " IndexedPagingOffset=\"%" G_GUINT64_FORMAT "\"",
                               MAX(end, f->offset));
    g_string_append_printf(x->text, " TotalItemsInView=\"%u\"", folders->len);
    xml_attr(x, "IncludesLastItemInRange",
             end >= folders->len ? "true" : "false");
    xml_end(x);
    xml_open(x, "t:Folders");
    for (uint64_t i = f->offset; i < end; i++)
        shape_write_folder(call, &f->shape, folders->pdata[i]);
    xml_close(x, "t:Folders");
    xml_close(x, "m:RootFolder");
    reply_message_end(&call->reply);
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
    write_root(call, f, folders);
    return 0;
}

int op_find_folder(struct op_call *call, struct problem *p)
{
    g_autofree char *traversal =
        soap_attr_dup(call->request->operation, "Traversal");
    g_auto(shape) s = { 0 };
    struct find f = { 0 };

    /* the dumpster of folders and searches are beyond the lab */
    if (op_child(call, "Restriction") != NULL ||
        op_child(call, "FractionalPageFolderView") != NULL ||
        g_strcmp0(traversal, "SoftDeleted") == 0)
        return problem_fault(p, "ErrorUnsupportedPathForQuery");
    f.deep = g_strcmp0(traversal, "Deep") == 0;
    if (!f.deep && g_strcmp0(traversal, "Shallow") != 0)
        return soap_violation(p, call->request->operation,
                              "The 'Traversal' attribute is invalid.");
    if (read_page(call, &f, p) < 0 ||
        shape_read_folder(call, op_child(call, "FolderShape"), &s, p) < 0)
        return -1;
    f.shape = s;
    return op_each(call, op_child(call, "ParentFolderIds"), find_below, &f, p);
}

/* ---- CreateFolder -------------------------------------------------- */

/*
 * What the element says of the folder's class when nothing else does: a plain
 * one then has none, not its parent's (exchange-traces, move_folder_*).
 */
static const struct {
    const char *element, *written, *folder_class;
} kinds[] = {
    { "Folder", "t:Folder", "" },
    { "CalendarFolder", "t:CalendarFolder", "IPF.Appointment" },
    { "ContactsFolder", "t:ContactsFolder", "IPF.Contact" },
    { "TasksFolder", "t:TasksFolder", "IPF.Task" },
};

/* Blanks around a name stay, but a name must be more than blanks. */
static int read_name(const xmlNode *node, char **ret, struct problem *p)
{
    g_autofree char *name =
        soap_text_dup(soap_child(node, NS_TYPES, "DisplayName"));

    if (name == NULL || name[strspn(name, " \t\r\n")] == '\0' ||
        g_utf8_strlen(name, -1) > NAME_CHARS_MAX)
        return problem_set(p, "ErrorFolderSavePropertyError");
    *ret = g_steal_pointer(&name);
    return 0;
}

static int create_one(struct op_call *call, const xmlNode *node, void *data,
                      struct problem *p)
{
    const struct place *parent = data;
    const xmlNode *class_node = soap_child(node, NS_TYPES, "FolderClass");
    g_autofree char *asked = soap_text_dup(class_node);
    g_autofree char *name = NULL;
    g_auto(lab_folder) made = { 0 };
    size_t kind = 0;
    struct err err;

    while (kind < G_N_ELEMENTS(kinds) &&
           !soap_is(node, NS_TYPES, kinds[kind].element))
        kind++;
    if (kind == G_N_ELEMENTS(kinds))
        return problem_set(p, "ErrorInvalidOperation");
    if (read_name(node, &name, p) < 0)
        return -1;
    if (lab_store_create_folder(
            call->lab->store, parent->mailbox, parent->folder.id, name,
            asked != NULL ? asked : kinds[kind].folder_class, &made, &err) < 0)
        return problem_from_err(p, &err);
    write_folder_id(call, kinds[kind].written, &made);
    return 0;
}

/*
 * A parent that fails fails each folder.  That a mailbox is unknown is said
 * as a missing parent from 2010 on.
 */
static int refuse_parent(struct op_call *call, const xmlNode *folders,
                         const struct problem *why)
{
    struct problem p = *why;

    if (problem_is(&p, "ErrorNonExistentMailbox") &&
        strcmp(why->value_name, "MailboxGuid") == 0 &&
        call->lab->version->release >= EXCHANGE2010)
        problem_set(&p, "ErrorParentFolderNotFound");
    for (const xmlNode *n = soap_first(folders); n != NULL; n = soap_next(n))
        op_refuse(call, &p);
    return 0;
}

int op_create_folder(struct op_call *call, struct problem *p)
{
    const xmlNode *folders = op_child(call, "Folders");
    const xmlNode *parent_id = soap_first(op_child(call, "ParentFolderId"));
    g_auto(place) parent = { 0 };

    if (access_folder(call->lab, call->caller, parent_id,
                      "ErrorParentFolderNotFound", &parent, p) < 0)
        return p->fault ? -1 : refuse_parent(call, folders, p);
    return op_each(call, folders, create_one, &parent, p);
}

/* ---- DeleteFolder -------------------------------------------------- */

static int delete_one(struct op_call *call, const xmlNode *node, void *data,
                      struct problem *p)
{
    const enum lab_delete *how = data;
    g_auto(place) found = { 0 };
    struct err err;

    if (access_folder(call->lab, call->caller, node, "ErrorItemNotFound",
                      &found, p) < 0)
        return -1;
    if (found.folder.distinguished != NULL)
        return problem_set(p, "ErrorDeleteDistinguishedFolder");
    if (lab_store_delete_folder(call->lab->store, found.mailbox,
                                found.folder.id, *how, &err) < 0)
        return problem_from_err(p, &err);
    reply_message_begin(&call->reply, NULL);
    reply_message_end(&call->reply);
    return 0;
}

int op_delete_folder(struct op_call *call, struct problem *p)
{
    enum lab_delete how = LAB_DELETE_HARD;

    if (op_read_delete_type(call, &how, p) < 0)
        return -1;
    return op_each(call, op_child(call, "FolderIds"), delete_one, &how, p);
}

/* ---- MoveFolder ---------------------------------------------------- */

static int move_one(struct op_call *call, const xmlNode *node, void *data,
                    struct problem *p)
{
    const struct place *to = data;
    g_auto(place) found = { 0 };
    g_auto(lab_folder) moved = { 0 };
    struct err err;

    if (access_folder(call->lab, call->caller, node, "ErrorItemNotFound",
                      &found, p) < 0)
        return -1;
    if (found.folder.distinguished != NULL)
        return problem_set(p, "ErrorMoveDistinguishedFolder");
    if (found.mailbox != to->mailbox)
        return problem_set(p, "ErrorCrossMailboxMoveCopy");
    if (lab_store_move_folder(call->lab->store, found.mailbox, found.folder.id,
                              to->folder.id, &moved, &err) < 0) {
        problem_from_err(p, &err);
        /* the name is taken there */
        return problem_is(p, "ErrorFolderExists")
                   ? problem_set(p, "ErrorMoveCopyFailed")
                   : -1;
    }
    write_folder_id(call, "t:Folder", &moved);
    return 0;
}

int op_move_folder(struct op_call *call, struct problem *p)
{
    const xmlNode *folders = op_child(call, "FolderIds");
    const xmlNode *to_id = soap_first(op_child(call, "ToFolderId"));
    g_auto(place) to = { 0 };

    if (access_folder(call->lab, call->caller, to_id, "ErrorToFolderNotFound",
                      &to, p) < 0)
        return p->fault ? -1 : refuse_parent(call, folders, p);
    return op_each(call, folders, move_one, &to, p);
}
