/*
 * delegates - who acts for the owner: GetDelegate, AddDelegate, UpdateDelegate.
 */
#include <string.h>

#include "ews/call.h"
#include "ews/person_id.h"

/* [MS-OXWSDLGM] 2.2.4.5 DelegatePermissionsType, in the schema's order. */
static const struct {
    enum endpoint_delegate_folder folder;
    const char *name, *element;
} folders[] = {
    { ENDPOINT_DELEGATE_CALENDAR, "CalendarFolderPermissionLevel",
      "t:CalendarFolderPermissionLevel" },
    { ENDPOINT_DELEGATE_TASKS, "TasksFolderPermissionLevel",
      "t:TasksFolderPermissionLevel" },
    { ENDPOINT_DELEGATE_INBOX, "InboxFolderPermissionLevel",
      "t:InboxFolderPermissionLevel" },
    { ENDPOINT_DELEGATE_CONTACTS, "ContactsFolderPermissionLevel",
      "t:ContactsFolderPermissionLevel" },
    { ENDPOINT_DELEGATE_NOTES, "NotesFolderPermissionLevel",
      "t:NotesFolderPermissionLevel" },
    { ENDPOINT_DELEGATE_JOURNAL, "JournalFolderPermissionLevel",
      "t:JournalFolderPermissionLevel" },
};

/* ---- reading ------------------------------------------------------------- */

static void write_mailbox(struct xml_writer *w, const struct core *core)
{
    xml_open(w, "m:Mailbox");
    xml_element(w, "t:EmailAddress", core->address);
    xml_close(w);
}

static void write_get(struct xml_writer *w, const struct core *core,
                      const void *data)
{
    (void)data;
    xml_attribute(w, "IncludePermissions", "true");
    write_mailbox(w, core);
}

static enum endpoint_delegate_level read_level(const char *text)
{
    for (enum endpoint_delegate_level level = ENDPOINT_DELEGATE_NONE;
         text != NULL && level < ENDPOINT_DELEGATE_N_LEVELS; level++)
        if (strcmp(endpoint_delegate_level_name(level), text) == 0)
            return level;
    return ENDPOINT_DELEGATE_UNTOLD;
}

static enum endpoint_delivery read_delivery(const char *text)
{
    for (enum endpoint_delivery d = ENDPOINT_DELIVER_DELEGATES;
         text != NULL && d < ENDPOINT_DELIVER_N; d++)
        if (strcmp(endpoint_delivery_name(d), text) == 0)
            return d;
    return ENDPOINT_DELIVER_UNTOLD;
}

static void read_user(const struct xml_node *user,
                      struct endpoint_delegates *ret)
{
    const struct xml_node *levels = xml_child(user, "DelegatePermissions");
    g_auto(endpoint_person) person = { 0 };
    struct endpoint_delegate one = { 0 };

    person_id_read(xml_child(user, "UserId"), &person);
    one.person = person;
    for (size_t i = 0; i < G_N_ELEMENTS(folders); i++)
        one.levels[folders[i].folder] =
            read_level(xml_child_text(levels, folders[i].name));
    (void)xml_parse_bool(xml_child_text(user, "ReceiveCopiesOfMeetingMessages"),
                         &one.copies);
    (void)xml_parse_bool(xml_child_text(user, "ViewPrivateItems"),
                         &one.private_items);
    endpoint_delegates_add(ret, &one);
}

/* Each has a message of its own; one that failed is somebody who is gone. */
static void read_all(const struct xml_node *message,
                     struct endpoint_delegates *ret)
{
    const struct xml_node *list = xml_child(message, "ResponseMessages");
    struct err ignored;

    endpoint_delegates_init(ret);
    ret->delivery =
        read_delivery(xml_child_text(message, "DeliverMeetingRequests"));
    for (const struct xml_node *n = xml_first(list); n != NULL;
         n = xml_next(n)) {
        if (soap_message_status(n, &ignored) == 0)
            read_user(xml_child(n, "DelegateUser"), ret);
        else
            ret->n_unknown++;
    }
}

int delegates_get(struct endpoint *ep, struct endpoint_delegates *ret,
                  struct err *err)
{
    static const struct call call = {
        .element = "m:GetDelegate",
        .shape = SOAP_ALONE,
        .write = write_get,
        .n = 1,
    };
    g_auto(call_answer) a = { 0 };

    if (call_make(mailbox_of(ep), &call, &a, NULL, err) < 0)
        return -1;
    if (soap_message_status(a.messages[0], err) < 0) {
        /* A mailbox that has never had a delegate. */
        if (err->code != EWS_ErrorDelegateMissingConfiguration)
            return -1;
        endpoint_delegates_init(ret);
        ret->delivery = ENDPOINT_DELIVER_OWNER;
        return 0;
    }
    read_all(a.messages[0], ret);
    return 0;
}

/* ---- writing ------------------------------------------------------------- */

static void write_levels(struct xml_writer *w,
                         const struct endpoint_delegate *one)
{
    bool open = false;

    for (size_t i = 0; i < G_N_ELEMENTS(folders); i++) {
        enum endpoint_delegate_level level = one->levels[folders[i].folder];

        if (level == ENDPOINT_DELEGATE_UNTOLD ||
            level == ENDPOINT_DELEGATE_CUSTOM)
            continue;
        if (!open)
            xml_open(w, "t:DelegatePermissions");
        open = true;
        xml_element(w, folders[i].element, endpoint_delegate_level_name(level));
    }
    if (open)
        xml_close(w);
}

static void write_user(struct xml_writer *w, const struct core *core,
                       const void *data)
{
    const struct endpoint_delegate *one = data;

    write_mailbox(w, core);
    xml_open(w, "m:DelegateUsers");
    xml_open(w, "t:DelegateUser");
    person_id_write(w, &one->person);
    write_levels(w, one);
    xml_element(w, "t:ReceiveCopiesOfMeetingMessages",
                one->copies ? "true" : "false");
    xml_element(w, "t:ViewPrivateItems", one->private_items ? "true" : "false");
    xml_close(w);
    xml_close(w);
}

static void write_delivery(struct xml_writer *w, const struct core *core,
                           const void *data)
{
    write_mailbox(w, core);
    xml_element(w, "m:DeliverMeetingRequests", data);
}

/* The whole must have gone well, and the one delegate in it, if any. */
static int change(struct endpoint *ep, const char *element, call_writer *writer,
                  const void *data, struct err *err)
{
    const struct call call = {
        .element = element,
        .shape = SOAP_ALONE,
        .write = writer,
        .data = data,
        .n = 1,
        .writing = true,
    };
    g_auto(call_answer) a = { 0 };
    const struct xml_node *user;
    bool maybe;

    if (call_make(mailbox_of(ep), &call, &a, &maybe, err) < 0 ||
        soap_message_status(a.messages[0], err) < 0)
        return -1;
    user = xml_first(xml_child(a.messages[0], "ResponseMessages"));
    return user != NULL ? soap_message_status(user, err) : 0;
}

int delegates_add(struct endpoint *ep, const struct endpoint_delegate *one,
                  struct err *err)
{
    return change(ep, "m:AddDelegate", write_user, one, err);
}

int delegates_update(struct endpoint *ep, const struct endpoint_delegate *one,
                     struct err *err)
{
    return change(ep, "m:UpdateDelegate", write_user, one, err);
}

int delegates_set_delivery(struct endpoint *ep, enum endpoint_delivery delivery,
                           struct err *err)
{
    return change(ep, "m:UpdateDelegate", write_delivery,
                  endpoint_delivery_name(delivery), err);
}
