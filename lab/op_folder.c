#include "lab/op_folder.h"

#include <string.h>

#include "lab/folder.h"
#include "lab/mapi_tags.h"
#include "lab/permission.h"
#include "lab/shape.h"

void op_folder_write_id(struct op_call *call, const struct lab_folder *f)
{
    struct xmlout *x = &call->reply.x;
    const char *element = folder_element(f->kind);

    reply_message_begin(&call->reply, NULL);
    xml_open(x, "m:Folders");
    xml_open(x, element);
    op_write_id(call, "t:FolderId", f->id, f->change_key);
    xml_close(x, element);
    xml_close(x, "m:Folders");
    reply_message_end(&call->reply);
}

int op_folder_refuse_all(struct op_call *call, const xmlNode *list,
                         const struct problem *why)
{
    struct problem p = *why;

    if (problem_is(&p, "ErrorNonExistentMailbox") &&
        g_strcmp0(why->value_name, "MailboxGuid") == 0 &&
        call->lab->version->release >= EXCHANGE2010)
        problem_set(&p, "ErrorParentFolderNotFound");
    for (const xmlNode *n = soap_first(list); n != NULL; n = soap_next(n))
        op_refuse(call, &p);
    return 0;
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
    if (shape_write_folder(call, s, found.mailbox, &found.folder, p) < 0)
        return -1;
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

/* ---- what can be set ------------------------------------------------- */

static const struct {
    const char *element;
    enum lab_folder_kind kind;
} kinds[] = {
    { "Folder", LAB_FOLDER_PLAIN },
    { "CalendarFolder", LAB_FOLDER_CALENDAR },
    { "ContactsFolder", LAB_FOLDER_CONTACTS },
    { "TasksFolder", LAB_FOLDER_TASKS },
    { "SearchFolder", LAB_FOLDER_SEARCH },
};

bool op_folder_kind(const xmlNode *node, enum lab_folder_kind *ret)
{
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (soap_is(node, NS_TYPES, kinds[i].element)) {
            *ret = kinds[i].kind;
            return true;
        }
    return false;
}

void folder_changes_clear(struct folder_changes *c)
{
    g_free(c->name);
    g_free(c->folder_class);
    g_clear_pointer(&c->props, mapi_item_free);
    g_clear_pointer(&c->permissions, g_ptr_array_unref);
    *c = (struct folder_changes){ 0 };
}

/* XML cannot carry most of them, and no client shows the rest. */
static bool has_control(const char *name)
{
    for (const char *p = name; *p != '\0'; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7F)
            return true;
    return false;
}

static int read_name(const xmlNode *node, struct folder_changes *c,
                     struct problem *p)
{
    g_autofree char *name = soap_text_dup(node);

    if (name == NULL || *name == '\0' || has_control(name))
        return problem_set(p, "ErrorFolderSavePropertyError");
    g_free(c->name);
    c->name = g_steal_pointer(&name);
    return 0;
}

/* Name and class have properties of their own: set there, they are meant. */
static void take_text(struct folder_changes *c, uint32_t tag, char **to)
{
    struct mapi_props *props = &c->props->message.props;
    char *text = mapi_dup_text(mapi_find(props, PROP_ID(tag)));

    if (text == NULL)
        return;
    g_free(*to);
    *to = text;
    mapi_remove(props, PROP_ID(tag));
}

static int read_extended(const xmlNode *node, struct folder_changes *c,
                         struct problem *p)
{
    const xmlNode *path = soap_child(node, NS_TYPES, "ExtendedFieldURI");
    g_autoptr(extended) e = NULL;

    if (path == NULL)
        return soap_violation(p, node, "The path is missing.");
    e = extended_read(path, p);
    if (e == NULL)
        return -1;
    if (c->props == NULL)
        c->props = mapi_item_new();
    if (extended_set(c->props, &c->props->message.props, e, node, p) < 0)
        return -1;
    take_text(c, PR_DISPLAY_NAME, &c->name);
    take_text(c, 0x3613001Fu, &c->folder_class);
    return 0;
}

static int read_permissions(struct op_call *call, const xmlNode *node,
                            enum lab_folder_kind kind, struct folder_changes *c,
                            struct problem *p)
{
    g_clear_pointer(&c->permissions, g_ptr_array_unref);
    return permission_read_set(call, node, kind == LAB_FOLDER_CALENDAR,
                               &c->permissions, p);
}

int folder_changes_read(struct op_call *call, const xmlNode *child,
                        enum lab_folder_kind kind, struct folder_changes *c,
                        struct problem *p)
{
    if (soap_is(child, NS_TYPES, "DisplayName"))
        return read_name(child, c, p);
    if (soap_is(child, NS_TYPES, "FolderClass")) {
        g_free(c->folder_class);
        c->folder_class = soap_text_dup(child);
        return 0;
    }
    if (soap_is(child, NS_TYPES, "ExtendedProperty"))
        return read_extended(child, c, p);
    if (soap_is(child, NS_TYPES, "PermissionSet"))
        return read_permissions(call, child, kind, c, p);
    problem_set(p, "ErrorInvalidPropertySet");
    return problem_value(p, "FieldURI", (const char *)child->name);
}

int folder_changes_store(struct op_call *call, int64_t mailbox, const char *id,
                         const struct folder_changes *c, struct lab_folder *ret,
                         struct problem *p)
{
    const struct lab_folder_edit edit = { .name = c->name,
                                          .folder_class = c->folder_class,
                                          .props = c->props };
    struct lab_store *store = call->lab->store;
    struct err err;

    if (c->permissions != NULL &&
        lab_store_set_permissions(store, mailbox, id, c->permissions, &err) < 0)
        return problem_from_err(p, &err);
    if (lab_store_update_folder(store, mailbox, id, &edit, ret, &err) < 0)
        return problem_from_err(p, &err);
    return 0;
}
