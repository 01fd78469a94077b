#include "lab/shape.h"

#include "lab/mapi.h"

enum folder_field {
    FOLDER_PARENT,
    FOLDER_CLASS,
    FOLDER_NAME,
    FOLDER_TOTAL,
    FOLDER_CHILDREN,
    FOLDER_RIGHTS,
    FOLDER_DISTINGUISHED,
    FOLDER_PERMISSIONS,
    FOLDER_UNREAD,
    N_FOLDER_FIELDS,
};

#define BIT(field) (UINT64_C(1) << (field))

/* In the order of the schema; which base shapes have it. */
static const struct {
    const char *uri;
    enum release since;
    bool in_default, in_all;
} fields[N_FOLDER_FIELDS] = {
    [FOLDER_PARENT] = { "folder:ParentFolderId", 0, false, true },
    [FOLDER_CLASS] = { "folder:FolderClass", 0, false, true },
    [FOLDER_NAME] = { "folder:DisplayName", 0, true, true },
    [FOLDER_TOTAL] = { "folder:TotalCount", 0, true, true },
    [FOLDER_CHILDREN] = { "folder:ChildFolderCount", 0, true, true },
    [FOLDER_RIGHTS] = { "folder:EffectiveRights", 0, false, true },
    [FOLDER_DISTINGUISHED] = { "folder:DistinguishedFolderId", EXCHANGE2013,
                               false, true },
    [FOLDER_PERMISSIONS] = { "folder:PermissionSet", 0, false, true },
    [FOLDER_UNREAD] = { "folder:UnreadCount", 0, true, true },
};

static uint64_t fields_of_base(const struct op_call *call, enum shape_base base)
{
    uint64_t bits = 0;

    for (int i = 0; i < N_FOLDER_FIELDS; i++) {
        bool in = (base == SHAPE_DEFAULT && fields[i].in_default) ||
                  (base == SHAPE_ALL && fields[i].in_all);

        if (in && call->asked >= fields[i].since)
            bits |= BIT(i);
    }
    return bits;
}

static int read_field(const struct op_call *call, const xmlNode *node,
                      struct shape *s, struct problem *p)
{
    g_autofree char *uri = soap_attr_dup(node, "FieldURI");

    for (int i = 0; uri != NULL && i < N_FOLDER_FIELDS; i++) {
        if (strcmp(fields[i].uri, uri) != 0)
            continue;
        if (call->asked < fields[i].since)
            return problem_fault(p, "ErrorIncorrectSchemaVersion");
        s->fields |= BIT(i);
        return 0;
    }
    if (uri != NULL && strcmp(uri, "folder:FolderId") == 0)
        return 0;
    problem_fault(p, "ErrorInvalidPropertyRequest");
    return problem_value(p, "FieldURI", uri != NULL ? uri : "");
}

int shape_read_folder(const struct op_call *call, const xmlNode *node,
                      struct shape *ret, struct problem *p)
{
    const xmlNode *field = shape_first_field(node);
    g_auto(shape) s = { 0 };

    if (shape_read(node, &s, p) < 0)
        return -1;
    s.fields = fields_of_base(call, s.base);
    for (; field != NULL; field = soap_next(field))
        if (!soap_is(field, NS_TYPES, "ExtendedFieldURI") &&
            read_field(call, field, &s, p) < 0)
            return -1;
    *ret = s;
    s = (struct shape){ 0 };
    return 0;
}

/* ---- writing ------------------------------------------------------- */

static const char *element_of(const struct lab_folder *f)
{
    switch (f->kind) {
    case LAB_FOLDER_SEARCH:
        return "t:SearchFolder";
    case LAB_FOLDER_CALENDAR:
        return "t:CalendarFolder";
    case LAB_FOLDER_CONTACTS:
        return "t:ContactsFolder";
    case LAB_FOLDER_TASKS:
        return "t:TasksFolder";
    case LAB_FOLDER_PLAIN:
    default:
        return "t:Folder";
    }
}

/* Calendar and contacts folders count no unread items (types.xsd). */
static bool counts_unread(const struct lab_folder *f)
{
    return f->kind != LAB_FOLDER_CALENDAR && f->kind != LAB_FOLDER_CONTACTS;
}

static void write_rights(struct xmlout *x)
{
    static const char *const rights[] = {
        "t:CreateAssociated", "t:CreateContents", "t:CreateHierarchy",
        "t:Delete",           "t:Modify",         "t:Read",
    };

    xml_open(x, "t:EffectiveRights");
    for (size_t i = 0; i < G_N_ELEMENTS(rights); i++)
        xml_bool(x, rights[i], true);
    xml_close(x, "t:EffectiveRights");
}

static void write_permission(struct xmlout *x, const char *element,
                             const char *user, bool calendar)
{
    static const char *const refused[] = {
        "t:CanCreateItems",  "t:CanCreateSubFolders", "t:IsFolderOwner",
        "t:IsFolderVisible", "t:IsFolderContact",
    };

    xml_open(x, element);
    xml_open(x, "t:UserId");
    xml_text(x, "t:DistinguishedUser", user);
    xml_close(x, "t:UserId");
    for (size_t i = 0; i < G_N_ELEMENTS(refused); i++)
        xml_bool(x, refused[i], false);
    xml_text(x, "t:EditItems", "None");
    xml_text(x, "t:DeleteItems", "None");
    xml_text(x, "t:ReadItems", "None");
    xml_text(x, calendar ? "t:CalendarPermissionLevel" : "t:PermissionLevel",
             "None");
    xml_close(x, element);
}

/* Nobody but the owner has rights on the lab's folders. */
static void write_permissions(struct xmlout *x, const struct lab_folder *f)
{
    bool calendar = f->kind == LAB_FOLDER_CALENDAR;
    const char *list = calendar ? "t:CalendarPermissions" : "t:Permissions";
    const char *one = calendar ? "t:CalendarPermission" : "t:Permission";

    xml_open(x, "t:PermissionSet");
    xml_open(x, list);
    write_permission(x, one, "Default", calendar);
    write_permission(x, one, "Anonymous", calendar);
    xml_close(x, list);
    xml_close(x, "t:PermissionSet");
}

/* Properties of a folder by tag, from its columns; false: it has none. */
static bool write_value(struct xmlout *x, const struct lab_folder *f,
                        const struct extended *e)
{
    uint32_t tag = PROP_TAG(e->tag, e->type);

    switch (tag) {
    case PROP_TAG(0x0E08, PT_LONG):
    case PROP_TAG(0x0E08, PT_I8):
        xml_uint(x, "t:Value", f->size_bytes);
        return true;
    case PROP_TAG(0x3601, PT_LONG):
        xml_uint(x, "t:Value", f->kind == LAB_FOLDER_SEARCH ? 2 : 1);
        return true;
    case PROP_TAG(0x3602, PT_LONG):
        xml_uint(x, "t:Value", f->n_items);
        return true;
    case PROP_TAG(0x3603, PT_LONG):
        xml_uint(x, "t:Value", f->n_unread);
        return true;
    case PROP_TAG(0x3617, PT_LONG):
        xml_uint(x, "t:Value", f->n_hidden);
        return true;
    case PROP_TAG(0x360A, PT_BOOLEAN):
        xml_bool(x, "t:Value", f->n_children > 0);
        return true;
    case PROP_TAG(0x3001, PT_UNICODE):
        xml_text(x, "t:Value", f->name);
        return true;
    case PROP_TAG(0x3613, PT_UNICODE):
        xml_text(x, "t:Value", f->folder_class);
        return true;
    default:
        return false;
    }
}

static bool has_class(const struct lab_folder *f)
{
    return f->folder_class != NULL && f->folder_class[0] != '\0';
}

static bool has_value(const struct lab_folder *f, const struct extended *e)
{
    g_autoptr(GString) scratch = g_string_new(NULL);
    struct xmlout x = { scratch, false };

    if (e->tag == 0 || (e->tag == 0x3613 && !has_class(f)))
        return false;
    return write_value(&x, f, e);
}

static void write_extended(struct op_call *call, const struct shape *s,
                           const struct lab_folder *f)
{
    for (guint i = 0; i < s->extended->len; i++) {
        const struct extended *e = s->extended->pdata[i];

        if (!has_value(f, e))
            continue;
        shape_extended_begin(call, e);
        write_value(&call->reply.x, f, e);
        shape_extended_end(call);
    }
}

/* Up to the extended properties, which stand in the middle. */
static void write_first_half(struct op_call *call, uint64_t wanted,
                             const struct lab_folder *f)
{
    struct xmlout *x = &call->reply.x;

    if ((wanted & BIT(FOLDER_PARENT)) != 0 && f->parent_id != NULL)
        /* Exchange gives no version for the parent */
        op_write_id(call, "t:ParentFolderId", f->parent_id, "AQAAAA==");
    if ((wanted & BIT(FOLDER_CLASS)) != 0 && has_class(f))
        xml_text(x, "t:FolderClass", f->folder_class);
    if ((wanted & BIT(FOLDER_NAME)) != 0)
        xml_text(x, "t:DisplayName", f->name);
    if ((wanted & BIT(FOLDER_TOTAL)) != 0)
        xml_uint(x, "t:TotalCount", f->n_items);
    if ((wanted & BIT(FOLDER_CHILDREN)) != 0)
        xml_uint(x, "t:ChildFolderCount", f->n_children);
}

static void write_second_half(struct op_call *call, uint64_t wanted,
                              const struct lab_folder *f)
{
    struct xmlout *x = &call->reply.x;

    if ((wanted & BIT(FOLDER_RIGHTS)) != 0)
        write_rights(x);
    if ((wanted & BIT(FOLDER_DISTINGUISHED)) != 0 && f->distinguished != NULL)
        xml_text(x, "t:DistinguishedFolderId", f->distinguished);
    if ((wanted & BIT(FOLDER_PERMISSIONS)) != 0)
        write_permissions(x, f);
    if ((wanted & BIT(FOLDER_UNREAD)) != 0 && counts_unread(f))
        xml_uint(x, "t:UnreadCount", f->n_unread);
}

void shape_write_folder(struct op_call *call, const struct shape *s,
                        const struct lab_folder *folder)
{
    const char *element = element_of(folder);

    xml_open(&call->reply.x, element);
    op_write_id(call, "t:FolderId", folder->id, folder->change_key);
    write_first_half(call, s->fields, folder);
    write_extended(call, s, folder);
    write_second_half(call, s->fields, folder);
    xml_close(&call->reply.x, element);
}
