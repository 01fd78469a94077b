#include "lab/folder.h"
#include "lab/mapi.h"
#include "lab/permission.h"
#include "lab/shape.h"

#define BIT(field) (UINT64_C(1) << (field))

/* An explicit wish, which may be refused; what a base shape has is not. */
#define EXPLICIT_PERMISSIONS BIT(N_FOLDER_FIELDS)

static uint64_t fields_of_base(const struct op_call *call, enum shape_base base)
{
    uint64_t bits = 0;

    for (int i = 0; i < N_FOLDER_FIELDS; i++) {
        const struct folder_field *f = &folder_fields[i];
        bool in = (base == SHAPE_DEFAULT && f->in_default) ||
                  (base == SHAPE_ALL && f->in_all);

        if (in && call->asked >= f->since)
            bits |= BIT(i);
    }
    return bits;
}

int shape_read_folder(const struct op_call *call, const xmlNode *node,
                      struct shape *ret, struct problem *p)
{
    const xmlNode *field = shape_first_field(node);
    g_auto(shape) s = { 0 };

    if (shape_read(node, &s, p) < 0)
        return -1;
    s.fields = fields_of_base(call, s.base);
    for (; field != NULL; field = soap_next(field)) {
        g_auto(folder_path) path = { .field = N_FOLDER_FIELDS };

        if (soap_is(field, NS_TYPES, "ExtendedFieldURI"))
            continue;
        if (folder_path_read(call, field, &path, p) < 0)
            return -1;
        s.fields |= BIT(path.field);
        if (path.field == FOLDER_PERMISSIONS)
            s.fields |= EXPLICIT_PERMISSIONS;
    }
    *ret = s;
    s = (struct shape){ 0 };
    return 0;
}

/* ---- writing ------------------------------------------------------- */

/* Calendar and contacts folders count no unread items (types.xsd). */
static bool counts_unread(const struct lab_folder *f)
{
    return f->kind != LAB_FOLDER_CALENDAR && f->kind != LAB_FOLDER_CONTACTS;
}

static bool has_class(const struct lab_folder *f)
{
    return f->folder_class != NULL && f->folder_class[0] != '\0';
}

/* Its size has two types under one id: whichever is asked for. */
static void fit_size(struct mapi_item *tree, const struct extended *e,
                     const struct lab_folder *f)
{
    struct mapi_props *props = &tree->message.props;

    if (e->tag != 0x0E08)
        return;
    if (e->type == PT_LONG)
        mapi_set_i32(tree, props, PROP_TAG(e->tag, PT_LONG),
                     (int32_t)MIN(f->size_bytes, INT32_MAX));
    else
        mapi_set_i64(tree, props, PROP_TAG(e->tag, PT_I8),
                     (int64_t)f->size_bytes);
}

static int write_extended(struct op_call *call, const struct shape *s,
                          int64_t mailbox, const struct lab_folder *f,
                          struct problem *p)
{
    g_autoptr(mapi_item) tree = NULL;

    if (s->extended == NULL || s->extended->len == 0)
        return 0;
    tree = folder_tree(call, mailbox, f, p);
    if (tree == NULL)
        return -1;
    for (guint i = 0; i < s->extended->len; i++) {
        const struct extended *e = g_ptr_array_index(s->extended, i);

        fit_size(tree, e, f);
        extended_write(&call->reply.x, &tree->message.props, e);
    }
    return 0;
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
        /* the root's is the store's own */
        xml_text(x, "t:DisplayName", f->parent_id != NULL ? f->name : "Root");
    if ((wanted & BIT(FOLDER_TOTAL)) != 0)
        xml_uint(x, "t:TotalCount", f->n_items);
    if ((wanted & BIT(FOLDER_CHILDREN)) != 0)
        xml_uint(x, "t:ChildFolderCount", f->n_children);
}

/* Only who owns a folder sees who else may open it. */
static int write_permissions(struct op_call *call, uint64_t wanted,
                             int64_t mailbox, const struct lab_folder *f,
                             uint32_t rights, struct problem *p)
{
    g_autoptr(GPtrArray) all = NULL;
    struct err err;

    if ((wanted & BIT(FOLDER_PERMISSIONS)) == 0 || f->parent_id == NULL)
        return 0;
    if ((rights & LAB_RIGHT_OWNER) == 0)
        return (wanted & EXPLICIT_PERMISSIONS) != 0
                   ? problem_set(p, "ErrorAccessDenied")
                   : 0;
    if (lab_store_permissions(call->lab->store, mailbox, f->id, &all, &err) < 0)
        return problem_from_err(p, &err);
    permission_write_set(call, all, f->kind == LAB_FOLDER_CALENDAR);
    return 0;
}

static int write_second_half(struct op_call *call, uint64_t wanted,
                             int64_t mailbox, const struct lab_folder *f,
                             struct problem *p)
{
    struct xmlout *x = &call->reply.x;
    uint32_t rights = 0;

    if (access_rights(call->lab, call->caller, mailbox, f->key, &rights, p) < 0)
        return -1;
    if ((wanted & BIT(FOLDER_RIGHTS)) != 0)
        permission_write_effective(x, rights, call->asked);
    if ((wanted & BIT(FOLDER_DISTINGUISHED)) != 0 && f->distinguished != NULL &&
        access_distinguished_known(call->asked, f->distinguished))
        xml_text(x, "t:DistinguishedFolderId", f->distinguished);
    if (write_permissions(call, wanted, mailbox, f, rights, p) < 0)
        return -1;
    if ((wanted & BIT(FOLDER_UNREAD)) != 0 && counts_unread(f))
        xml_uint(x, "t:UnreadCount", f->n_unread);
    return 0;
}

int shape_write_folder(struct op_call *call, const struct shape *s,
                       int64_t mailbox, const struct lab_folder *folder,
                       struct problem *p)
{
    const char *element = folder_element(folder->kind);

    xml_open(&call->reply.x, element);
    op_write_id(call, "t:FolderId", folder->id, folder->change_key);
    write_first_half(call, s->fields, folder);
    if (write_extended(call, s, mailbox, folder, p) < 0 ||
        write_second_half(call, s->fields, mailbox, folder, p) < 0)
        return -1;
    xml_close(&call->reply.x, element);
    return 0;
}
