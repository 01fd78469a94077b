#include <string.h>

#include "lab/folder.h"
#include "lab/op_folder.h"

/* The element of a folder that a field is, for those that can be set. */
static const struct {
    enum folder_field_id field;
    const char *element;
} settable[] = {
    { FOLDER_NAME, "DisplayName" },
    { FOLDER_CLASS, "FolderClass" },
    { FOLDER_PERMISSIONS, "PermissionSet" },
    { N_FOLDER_FIELDS, "ExtendedProperty" },
};

static void permission_free(gpointer p)
{
    lab_permission_free(p);
}

static const char *element_of(enum folder_field_id field)
{
    for (size_t i = 0; i < G_N_ELEMENTS(settable); i++)
        if (settable[i].field == field)
            return settable[i].element;
    return NULL;
}

/* One update: what is named must be what is given, and nothing else. */
static int read_set(struct op_call *call, const xmlNode *node,
                    const struct lab_folder *f, struct folder_changes *c,
                    struct problem *p)
{
    const xmlNode *path_node = soap_first(node);
    const xmlNode *folder = soap_next(path_node);
    const xmlNode *child = soap_first(folder);
    g_auto(folder_path) path = { .field = N_FOLDER_FIELDS };
    const char *element;

    if (folder == NULL || folder_path_read(call, path_node, &path, p) < 0)
        return folder == NULL ? soap_violation(p, node, "It is incomplete.")
                              : -1;
    if (soap_count(folder) != 1)
        return problem_set(p, "ErrorIncorrectUpdatePropertyCount");
    element = element_of(path.field);
    if (element == NULL)
        return problem_set(p, "ErrorInvalidPropertySet");
    if (!soap_is(child, NS_TYPES, element))
        return problem_set(p, "ErrorUpdatePropertyMismatch");
    return folder_changes_read(call, child, f->kind, c, p);
}

/* Without a set of its own a folder has what a new mailbox's would have. */
static void reset_permissions(const struct lab_folder *f,
                              struct folder_changes *c)
{
    struct lab_permission *everybody = g_new0(struct lab_permission, 1);

    everybody->member = LAB_MEMBER_DEFAULT;
    if (f->kind == LAB_FOLDER_CALENDAR)
        everybody->rights = LAB_RIGHT_FREEBUSY;
    g_clear_pointer(&c->permissions, g_ptr_array_unref);
    c->permissions = g_ptr_array_new_with_free_func(permission_free);
    g_ptr_array_add(c->permissions, everybody);
}

static int read_delete(struct op_call *call, const xmlNode *node,
                       const struct lab_folder *f, struct folder_changes *c,
                       struct problem *p)
{
    g_auto(folder_path) path = { .field = N_FOLDER_FIELDS };

    if (folder_path_read(call, soap_first(node), &path, p) < 0)
        return -1;
    if (path.field == FOLDER_PERMISSIONS) {
        reset_permissions(f, c);
        return 0;
    }
    if (path.extended == NULL)
        return problem_set(p, "ErrorInvalidPropertyDelete");
    extended_clear(&c->props->message.props, path.extended);
    return 0;
}

static int read_updates(struct op_call *call, const xmlNode *updates,
                        const struct lab_folder *f, struct folder_changes *c,
                        struct problem *p)
{
    for (const xmlNode *n = soap_first(updates); n != NULL; n = soap_next(n)) {
        int status;

        if (soap_is(n, NS_TYPES, "SetFolderField"))
            status = read_set(call, n, f, c, p);
        else if (soap_is(n, NS_TYPES, "DeleteFolderField"))
            status = read_delete(call, n, f, c, p);
        else
            status = problem_set(p, "ErrorInvalidPropertyAppend");
        if (status < 0)
            return -1;
    }
    return 0;
}

/*
 * The class of a folder may change, but not what kind of folder it makes it
 * (ResponseCode: ErrorNoFolderClassOverride).
 */
static int check_changes(const struct lab_folder *f,
                         const struct folder_changes *c, struct problem *p)
{
    static const char *const prefixes[] = {
        [LAB_FOLDER_CALENDAR] = "IPF.Appointment",
        [LAB_FOLDER_CONTACTS] = "IPF.Contact",
        [LAB_FOLDER_TASKS] = "IPF.Task",
    };
    enum lab_folder_kind kind = LAB_FOLDER_PLAIN;

    /*
     * EWS has never renamed default folders, MAPI not since 2010; a name that
     * is already there is no change.
     */
    if (c->name != NULL && f->distinguished != NULL &&
        strcmp(c->name, f->name) != 0) {
        problem_set(p, "ErrorFolderSavePropertyError");
        return problem_value(p, "FieldURI", "folder:DisplayName");
    }
    if (c->folder_class == NULL || f->kind == LAB_FOLDER_SEARCH)
        return 0;
    for (size_t i = LAB_FOLDER_CALENDAR; i < G_N_ELEMENTS(prefixes); i++)
        if (g_str_has_prefix(c->folder_class, prefixes[i]))
            kind = (enum lab_folder_kind)i;
    return kind == f->kind ? 0 : problem_set(p, "ErrorObjectTypeChanged");
}

static int check_change_key(const xmlNode *id, struct problem *p)
{
    g_autofree char *key = soap_attr_dup(id, "ChangeKey");
    g_autofree guchar *raw = NULL;
    g_autofree char *again = NULL;
    gsize n = 0;

    if (key == NULL)
        return soap_is(id, NS_TYPES, "FolderId")
                   ? problem_set(p, "ErrorChangeKeyRequiredForWriteOperations")
                   : 0;
    raw = g_base64_decode(key, &n);
    again = g_base64_encode(raw, n);
    return n > 0 && strcmp(again, key) == 0
               ? 0
               : problem_set(p, "ErrorInvalidChangeKey");
}

static int update_one(struct op_call *call, const xmlNode *node, void *data,
                      struct problem *p)
{
    const xmlNode *id = soap_first(node);
    g_auto(folder_changes) c = { 0 };
    g_auto(place) found = { 0 };
    g_auto(lab_folder) changed = { 0 };
    struct err err;

    (void)data;
    if (access_folder(call->lab, call->caller, id, "ErrorItemNotFound", &found,
                      p) < 0 ||
        check_change_key(id, p) < 0)
        return -1;
    if (lab_store_folder_props(call->lab->store, found.mailbox, found.folder.id,
                               &c.props, &err) < 0)
        return problem_from_err(p, &err);
    if (read_updates(call, soap_child(node, NS_TYPES, "Updates"), &found.folder,
                     &c, p) < 0 ||
        check_changes(&found.folder, &c, p) < 0)
        return -1;
    /* the same name is no change, not even of a root's */
    if (g_strcmp0(c.name, found.folder.name) == 0)
        g_clear_pointer(&c.name, g_free);
    if (folder_changes_store(call, found.mailbox, found.folder.id, &c, &changed,
                             p) < 0)
        return -1;
    op_folder_write_id(call, &changed);
    return 0;
}

int op_update_folder(struct op_call *call, struct problem *p)
{
    return op_each(call, op_child(call, "FolderChanges"), update_one, NULL, p);
}
