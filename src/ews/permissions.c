/*
 * permissions - who may do what in a folder: GetFolder and UpdateFolder of
 * folder:PermissionSet.  From Exchange 2007 SP1, as EWS itself here.
 */
#include <string.h>

#include "ews/call.h"
#include "ews/person_id.h"

/* ---- single rights ------------------------------------------------------- */

/* [MS-OXWSCDATA] 2.2.4.15 BasePermissionType, in the schema's order. */
static const struct {
    const char *name, *element;
    unsigned int right;
} switches[] = {
    { "CanCreateItems", "t:CanCreateItems", ENDPOINT_RIGHT_CREATE },
    { "CanCreateSubFolders", "t:CanCreateSubFolders",
      ENDPOINT_RIGHT_SUBFOLDERS },
    { "IsFolderOwner", "t:IsFolderOwner", ENDPOINT_RIGHT_OWNER },
    { "IsFolderVisible", "t:IsFolderVisible", ENDPOINT_RIGHT_VISIBLE },
    { "IsFolderContact", "t:IsFolderContact", ENDPOINT_RIGHT_CONTACT },
};

static const struct {
    const char *name, *element;
    unsigned int own, all;
} actions[] = {
    { "EditItems", "t:EditItems", ENDPOINT_RIGHT_EDIT_OWN,
      ENDPOINT_RIGHT_EDIT_ALL },
    { "DeleteItems", "t:DeleteItems", ENDPOINT_RIGHT_DELETE_OWN,
      ENDPOINT_RIGHT_DELETE_ALL },
};

/* PermissionReadAccessType, CalendarPermissionReadAccessType; best first. */
static const struct {
    const char *name;
    unsigned int rights;
    bool calendar;
} reads[] = {
    { "FullDetails", ENDPOINT_RIGHT_READ, false },
    { "TimeAndSubjectAndLocation",
      ENDPOINT_RIGHT_FREEBUSY | ENDPOINT_RIGHT_FREEBUSY_DETAILS, true },
    { "TimeOnly", ENDPOINT_RIGHT_FREEBUSY, true },
    { "None", 0, false },
};

/* What the server calls a folder, and what it is called in a request. */
static const struct {
    const char *name, *element;
} kinds[] = {
    { "CalendarFolder", "t:CalendarFolder" },
    { "ContactsFolder", "t:ContactsFolder" },
    { "TasksFolder", "t:TasksFolder" },
    { "SearchFolder", "t:SearchFolder" },
    { "Folder", "t:Folder" },
};

/* ---- reading ------------------------------------------------------------- */

struct asking {
    const char *const *ids;
    size_t n;
};

static void write_get(struct xml_writer *w, const struct core *core,
                      const void *data)
{
    static const char *const fields[] = { "folder:PermissionSet" };
    const struct asking *asking = data;

    (void)core;
    call_shape(w, "m:FolderShape", fields, G_N_ELEMENTS(fields));
    xml_open(w, "m:FolderIds");
    for (size_t i = 0; i < asking->n; i++)
        call_folder_id(w, NULL, asking->ids[i]);
    xml_close(w);
}

static unsigned int read_single(const struct xml_node *node)
{
    const char *text = xml_child_text(node, "ReadItems");
    unsigned int rights = 0;

    for (size_t i = 0; i < G_N_ELEMENTS(switches); i++) {
        bool on = false;

        (void)xml_parse_bool(xml_child_text(node, switches[i].name), &on);
        rights |= on ? switches[i].right : 0;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(actions); i++) {
        const char *which = xml_child_text(node, actions[i].name);

        if (g_strcmp0(which, "All") == 0)
            rights |= actions[i].own | actions[i].all;
        else if (g_strcmp0(which, "Owned") == 0)
            rights |= actions[i].own;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(reads); i++)
        if (g_strcmp0(reads[i].name, text) == 0)
            rights |= reads[i].rights;
    return rights;
}

/* A level says all; single rights may be missing beside it. */
static unsigned int read_rights(const struct xml_node *node, bool calendar)
{
    const char *level = xml_child_text(
        node, calendar ? "CalendarPermissionLevel" : "PermissionLevel");
    unsigned int rights;

    if (level != NULL && endpoint_level_rights(level, calendar, &rights))
        return rights;
    return endpoint_rights_plain(read_single(node), calendar);
}

static void read_one(const struct xml_node *node,
                     struct endpoint_permissions *to)
{
    const struct xml_node *user = xml_child(node, "UserId");
    const char *known = xml_child_text(user, "DistinguishedUser");
    g_auto(endpoint_person) person = { 0 };
    struct endpoint_permission one = {
        .rights = read_rights(node, to->calendar),
    };

    if (g_strcmp0(known, "Default") == 0)
        one.member = ENDPOINT_MEMBER_DEFAULT;
    else if (g_strcmp0(known, "Anonymous") == 0)
        one.member = ENDPOINT_MEMBER_ANONYMOUS;
    else
        person_id_read(user, &person);
    one.person = person;
    endpoint_permissions_add(to, &one);
}

static int read_set(const struct xml_node *folder,
                    struct endpoint_permissions *ret, struct err *err)
{
    const struct xml_node *set = xml_child(folder, "PermissionSet");
    bool calendar = xml_is(folder, "CalendarFolder");
    const struct xml_node *list =
        xml_child(set, calendar ? "CalendarPermissions" : "Permissions");
    const struct xml_node *unknown = xml_child(set, "UnknownEntries");

    /* Without it nothing may be written: what is not known would be lost. */
    if (list == NULL)
        return err_set(err, ERR_FOLDER, ERR_RETRY_NEVER, 0,
                       "the server does not tell the folder's permissions");
    endpoint_permissions_init(ret, calendar);
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (xml_is(folder, kinds[i].name))
            ret->kind = kinds[i].element;
    for (const struct xml_node *n = xml_first(list); n != NULL; n = xml_next(n))
        read_one(n, ret);
    for (const struct xml_node *n = xml_first(unknown); n != NULL;
         n = xml_next(n))
        g_ptr_array_add(ret->unknown, g_strdup(xml_text(n)));
    return 0;
}

static int read_answer(const struct xml_node *message,
                       struct endpoint_permissions *ret, struct err *err)
{
    if (soap_message_status(message, err) < 0 ||
        read_set(xml_first(xml_child(message, "Folders")), ret, err) < 0)
        return call_widen(err, ERR_FOLDER);
    return 0;
}

int permissions_get(struct endpoint *ep, const char *const *folder_ids,
                    size_t n, struct endpoint_permissions *ret, struct err *err)
{
    const struct asking asking = { folder_ids, n };
    const struct call call = {
        .element = "m:GetFolder",
        .write = write_get,
        .data = &asking,
        .n = n,
    };
    g_auto(call_answer) a = { 0 };

    if (call_make(mailbox_of(ep), &call, &a, NULL, err) < 0)
        return call_widen(err, ERR_FOLDER);
    for (size_t i = 0; i < n; i++)
        ret[i].status = read_answer(a.messages[i], &ret[i], &ret[i].why);
    return 0;
}

/* ---- writing ------------------------------------------------------------- */

struct writing {
    const char *id, *change_key;
    const struct endpoint_permissions *all;
};

static void write_look(struct xml_writer *w, const struct core *core,
                       const void *data)
{
    static const char *const fields[] = { "folder:DisplayName" };

    (void)core;
    call_shape(w, "m:FolderShape", fields, G_N_ELEMENTS(fields));
    call_folder_id(w, "m:FolderIds", data);
}

/*
 * A list of permissions is written only with the folder's change key
 * (ErrorChangeKeyRequiredForWriteOperations), which each writing changes.
 */
static int look(struct mailbox *mb, const char *id, char **ret_key,
                struct err *err)
{
    const struct call call = {
        .element = "m:GetFolder",
        .write = write_look,
        .data = id,
        .n = 1,
    };
    g_auto(call_answer) a = { 0 };
    const struct xml_node *folder;

    if (call_make(mb, &call, &a, NULL, err) < 0 ||
        soap_message_status(a.messages[0], err) < 0)
        return -1;
    folder = xml_first(xml_child(a.messages[0], "Folders"));
    *ret_key = g_strdup(xml_attr(xml_child(folder, "FolderId"), "ChangeKey"));
    return 0;
}

static void write_single(struct xml_writer *w, unsigned int rights,
                         bool calendar)
{
    size_t i = 0;

    for (size_t s = 0; s < G_N_ELEMENTS(switches); s++)
        xml_element(w, switches[s].element,
                    (rights & switches[s].right) != 0 ? "true" : "false");
    for (size_t a = 0; a < G_N_ELEMENTS(actions); a++)
        xml_element(w, actions[a].element,
                    (rights & actions[a].all) != 0   ? "All"
                    : (rights & actions[a].own) != 0 ? "Owned"
                                                     : "None");
    while ((reads[i].calendar && !calendar) ||
           (rights & reads[i].rights) != reads[i].rights)
        i++;
    xml_element(w, "t:ReadItems", reads[i].name);
}

/*
 * A level of its own name stands alone: single rights beside it must agree
 * with what the server thinks it means (ErrorInvalidPermissionSettings).
 */
static void write_one(struct xml_writer *w,
                      const struct endpoint_permission *one, bool calendar)
{
    const char *level = endpoint_level_name(one->rights, calendar);

    xml_open(w, calendar ? "t:CalendarPermission" : "t:Permission");
    if (one->member == ENDPOINT_MEMBER_PERSON) {
        person_id_write(w, &one->person);
    } else {
        xml_open(w, "t:UserId");
        xml_element(w, "t:DistinguishedUser",
                    one->member == ENDPOINT_MEMBER_DEFAULT ? "Default"
                                                           : "Anonymous");
        xml_close(w);
    }
    if (strcmp(level, "Custom") == 0)
        write_single(w, endpoint_rights_plain(one->rights, calendar), calendar);
    xml_element(w, calendar ? "t:CalendarPermissionLevel" : "t:PermissionLevel",
                level);
    xml_close(w);
}

static void write_set(struct xml_writer *w,
                      const struct endpoint_permissions *p)
{
    xml_open(w, "t:PermissionSet");
    xml_open(w, p->calendar ? "t:CalendarPermissions" : "t:Permissions");
    for (guint i = 0; i < p->entries->len; i++)
        write_one(w, &g_array_index(p->entries, struct endpoint_permission, i),
                  p->calendar);
    xml_close(w);
    xml_close(w);
}

/*
 * SetFolderField puts the new list in the place of the old one, whole:
 * https://learn.microsoft.com/exchange/client-developer/
 * exchange-web-services/how-to-set-folder-permissions-for-another-user-by-
 * using-ews-in-exchange
 */
static void write_update(struct xml_writer *w, const struct core *core,
                         const void *data)
{
    const struct writing *writing = data;
    const struct endpoint_permissions *all = writing->all;
    const char *element = all->calendar ? "t:CalendarFolder" : "t:Folder";

    (void)core;
    xml_open(w, "m:FolderChanges");
    xml_open(w, "t:FolderChange");
    xml_open(w, "t:FolderId");
    xml_attribute(w, "Id", writing->id);
    xml_attribute(w, "ChangeKey", writing->change_key);
    xml_close(w);
    xml_open(w, "t:Updates");
    xml_open(w, "t:SetFolderField");
    call_field_uri(w, "folder:PermissionSet");
    xml_open(w, all->kind != NULL ? all->kind : element);
    write_set(w, all);
    xml_close(w);
    xml_close(w);
    xml_close(w);
    xml_close(w);
    xml_close(w);
}

int permissions_set(struct endpoint *ep, const char *folder_id,
                    const struct endpoint_permissions *all, struct err *err)
{
    g_autofree char *key = NULL;
    struct writing writing = { .id = folder_id, .all = all };
    const struct call call = {
        .element = "m:UpdateFolder",
        .write = write_update,
        .data = &writing,
        .n = 1,
        .writing = true,
    };
    g_auto(call_answer) a = { 0 };
    bool maybe;

    if (look(mailbox_of(ep), folder_id, &key, err) < 0)
        return call_widen(err, ERR_FOLDER);
    writing.change_key = key;
    if (call_make(mailbox_of(ep), &call, &a, &maybe, err) < 0 ||
        soap_message_status(a.messages[0], err) < 0)
        return call_widen(err, ERR_FOLDER);
    return 0;
}
