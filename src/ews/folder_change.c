/* folder_change - rename, move and delete folders. */
#include <string.h>

#include "ews/call.h"

struct target {
    const char *id;
    const char *parent_id, *name;
    const char *element; /* "t:CalendarFolder": as the server shows it */
    char *change_key;    /* owned */
};

/* ---- how it stands now -------------------------------------------------- */

static void write_get(struct xml_writer *w, const struct core *core,
                      const void *data)
{
    static const char *const fields[] = { "folder:ParentFolderId",
                                          "folder:DisplayName" };
    const struct target *t = data;

    (void)core;
    call_shape(w, "m:FolderShape", fields, G_N_ELEMENTS(fields));
    call_folder_id(w, "m:FolderIds", t->id);
}

/*
 * A folder keeps its type: SetFolderField must name it (ErrorObjectTypeChanged
 * else).
 */
static const char *element_of(const struct xml_node *folder)
{
    static const struct {
        const char *name, *element;
    } elements[] = {
        { "CalendarFolder", "t:CalendarFolder" },
        { "ContactsFolder", "t:ContactsFolder" },
        { "TasksFolder", "t:TasksFolder" },
        { "SearchFolder", "t:SearchFolder" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(elements); i++)
        if (xml_is(folder, elements[i].name))
            return elements[i].element;
    return "t:Folder";
}

/* UpdateFolder wants it: ErrorChangeKeyRequiredForWriteOperations else. */
static void learn_key(struct target *t, const struct xml_node *folder)
{
    const char *key = xml_attr(xml_child(folder, "FolderId"), "ChangeKey");

    if (key == NULL)
        return;
    g_free(t->change_key);
    t->change_key = g_strdup(key);
}

/* What is so already is left out, so that a change can be repeated. */
static int look(struct mailbox *mb, struct target *t, struct err *err)
{
    const struct call call = {
        .element = "m:GetFolder",
        .write = write_get,
        .data = t,
        .n = 1,
    };
    g_auto(call_answer) a = { 0 };
    const struct xml_node *folder;
    const char *parent;

    if (call_make(mb, &call, &a, NULL, err) < 0 ||
        soap_message_status(a.messages[0], err) < 0)
        return -1;
    folder = xml_first(xml_child(a.messages[0], "Folders"));
    parent = xml_attr(xml_child(folder, "ParentFolderId"), "Id");
    t->element = element_of(folder);
    learn_key(t, folder);
    if (g_strcmp0(parent, t->parent_id) == 0)
        t->parent_id = NULL;
    if (g_strcmp0(xml_child_text(folder, "DisplayName"), t->name) == 0)
        t->name = NULL;
    return 0;
}

/* ---- the changes -------------------------------------------------------- */

static void write_update(struct xml_writer *w, const struct core *core,
                         const void *data)
{
    const struct target *t = data;

    (void)core;
    xml_open(w, "m:FolderChanges");
    xml_open(w, "t:FolderChange");
    xml_open(w, "t:FolderId");
    xml_attribute(w, "Id", t->id);
    if (t->change_key != NULL)
        xml_attribute(w, "ChangeKey", t->change_key);
    xml_close(w);
    xml_open(w, "t:Updates");
    xml_open(w, "t:SetFolderField");
    call_field_uri(w, "folder:DisplayName");
    xml_open(w, t->element);
    xml_element(w, "t:DisplayName", t->name);
    xml_close(w);
    xml_close(w);
    xml_close(w);
    xml_close(w);
    xml_close(w);
}

static void write_move(struct xml_writer *w, const struct core *core,
                       const void *data)
{
    const struct target *t = data;

    (void)core;
    call_folder_id(w, "m:ToFolderId", t->parent_id);
    call_folder_id(w, "m:FolderIds", t->id);
}

static void write_delete(struct xml_writer *w, const struct core *core,
                         const void *data)
{
    const struct target *t = data;

    (void)core;
    xml_attribute(w, "DeleteType", "SoftDelete");
    call_folder_id(w, "m:FolderIds", t->id);
}

static int change(struct mailbox *mb, const char *element, call_writer *write,
                  struct target *t, struct err *err)
{
    const struct call call = {
        .element = element,
        .write = write,
        .data = t,
        .n = 1,
        .writing = true,
    };
    g_auto(call_answer) a = { 0 };

    if (call_make(mb, &call, &a, NULL, err) < 0 ||
        soap_message_status(a.messages[0], err) < 0)
        return -1;
    /* What was moved has another. */
    learn_key(t, xml_first(xml_child(a.messages[0], "Folders")));
    return 0;
}

int folder_change(struct endpoint *ep, const char *folder_id,
                  const char *parent_id, const char *name, struct err *err)
{
    struct target t = {
        .id = folder_id,
        .parent_id = parent_id,
        .name = name,
    };
    struct mailbox *mb = mailbox_of(ep);
    int r = 0;

    if (look(mb, &t, err) < 0 ||
        (t.parent_id != NULL &&
         change(mb, "m:MoveFolder", write_move, &t, err) < 0) ||
        (t.name != NULL &&
         change(mb, "m:UpdateFolder", write_update, &t, err) < 0))
        r = call_widen(err, ERR_FOLDER);
    g_free(t.change_key);
    return r;
}

int folder_remove(struct endpoint *ep, const char *folder_id, struct err *err)
{
    struct target t = { .id = folder_id };

    if (change(mailbox_of(ep), "m:DeleteFolder", write_delete, &t, err) == 0 ||
        err->code == EWS_ErrorFolderNotFound ||
        err->code == EWS_ErrorItemNotFound)
        return 0; /* gone already is gone */
    return call_widen(err, ERR_FOLDER);
}
