#include "lab/op_item.h"

#include <string.h>

#include "lab/attachment.h"

/* ---- where it goes ------------------------------------------------- */

/* Of each kind: its folder by default, and of what kind that must be. */
static const struct {
    enum item_kind kind;
    const char *folder;
    enum lab_folder_kind only; /* LAB_FOLDER_PLAIN: any */
    const char *refusal;
} homes[] = {
    { KIND_CALENDAR, "calendar", LAB_FOLDER_CALENDAR,
      "ErrorCannotCreateCalendarItemInNonCalendarFolder" },
    { KIND_CONTACT, "contacts", LAB_FOLDER_CONTACTS,
      "ErrorCannotCreateContactInNonContactFolder" },
    { KIND_LIST, "contacts", LAB_FOLDER_CONTACTS,
      "ErrorCannotCreateContactInNonContactFolder" },
    { KIND_TASK, "tasks", LAB_FOLDER_TASKS,
      "ErrorCannotCreateTaskInNonTaskFolder" },
    { KIND_POST, "inbox", LAB_FOLDER_PLAIN, NULL },
    { KIND_MESSAGE, "drafts", LAB_FOLDER_PLAIN, NULL },
    { KIND_ITEM, "drafts", LAB_FOLDER_PLAIN, NULL },
};

int op_default_folder(struct op_call *call, int64_t mailbox, const char *name,
                      struct place *ret, struct problem *p)
{
    struct place at = { .mailbox = mailbox };
    struct err err;

    if (lab_store_distinguished(call->lab->store, mailbox, name, &at.folder,
                                &err) < 0)
        return problem_from_err(p, &err);
    *ret = at;
    return 0;
}

int op_target_mailbox(struct op_call *call, const struct creation *c,
                      int64_t *ret, struct problem *p)
{
    *ret = c->has_folder ? c->folder.mailbox : call->caller->mailbox;
    return *ret != 0 ? 0 : problem_set(p, "ErrorMissingEmailAddress");
}

/* What is thrown away may lie anywhere. */
static bool takes_all(const struct lab_folder *f)
{
    return g_strcmp0(f->distinguished, "deleteditems") == 0;
}

/* The place of one item; *own when the caller is to clear it. */
static int find_home(struct op_call *call, const struct creation *c,
                     const struct field_edit *e, struct place *own,
                     const struct place **ret, struct problem *p)
{
    size_t i = 0;

    while (i < G_N_ELEMENTS(homes) - 1 && homes[i].kind != e->kind)
        i++;
    *ret = &c->folder;
    if (c->has_folder) {
        if (homes[i].only != LAB_FOLDER_PLAIN && !e->associated &&
            c->folder.folder.kind != homes[i].only &&
            !takes_all(&c->folder.folder))
            return problem_set(p, homes[i].refusal);
        return 0;
    }
    *ret = own;
    return op_default_folder(call, e->mailbox, homes[i].folder, own, p);
}

/* ---- what a new item has ------------------------------------------- */

static void set_search_key(struct field_edit *e)
{
    uint32_t key[4];

    if (mapi_find(e->props, PROP_ID(PR_SEARCH_KEY)) != NULL)
        return;
    for (size_t i = 0; i < G_N_ELEMENTS(key); i++)
        key[i] = g_random_int();
    mapi_set(e->item, e->props, PR_SEARCH_KEY, key, sizeof(key));
}

/*
 * PR_MESSAGE_FLAGS can be set until an item is saved for the first time: who
 * sets it decides what is a draft.  Else new mail is one, and read.
 */
static void set_flags(struct field_edit *e)
{
    int32_t flags =
        mapi_get_i32(mapi_find(e->props, PROP_ID(PR_MESSAGE_FLAGS)), 0);

    if (!e->flags_set && ((uint32_t)e->kind & KINDS_MESSAGE) != 0)
        flags |= MSGFLAG_UNSENT;
    if (!e->flags_set && !e->read_set)
        flags |= MSGFLAG_READ;
    mapi_set_i32(e->item, e->props, PR_MESSAGE_FLAGS, flags);
}

/* "<hex of random bytes@host>" */
static void set_message_id(struct field_edit *e)
{
    g_autofree char *id = NULL;

    if (mapi_find(e->props, PROP_ID(PR_INTERNET_MESSAGE_ID)) != NULL)
        return;
    id = g_strdup_printf("<%08x%08x%08x@%s>", g_random_int(), g_random_int(),
                         g_random_int(), e->call->lab->host);
    mapi_set_text(e->item, e->props, PR_INTERNET_MESSAGE_ID, id);
}

/* [MS-OXOMSG] 2.2.1.3: reserved byte, upper bytes of the time, a GUID. */
static void set_conversation_index(struct field_edit *e)
{
    int64_t now = mapi_filetime(timestamp_now());
    uint8_t index[22] = { 1 };

    if (mapi_find(e->props, PROP_ID(PR_CONVERSATION_INDEX)) != NULL)
        return;
    for (size_t i = 0; i < 5; i++)
        index[1 + i] = (uint8_t)(now >> (56 - 8 * (i + 1)));
    for (size_t i = 6; i < sizeof(index); i++)
        index[i] = (uint8_t)g_random_int();
    mapi_set(e->item, e->props, PR_CONVERSATION_INDEX, index, sizeof(index));
}

static void complete(struct field_edit *e)
{
    set_search_key(e);
    set_flags(e);
    if (((uint32_t)e->kind & (KINDS_MESSAGE | KIND_POST)) == 0)
        return;
    set_message_id(e);
    set_conversation_index(e);
}

/* ---- saving and sending -------------------------------------------- */

/* Attachments that came with the item have ids from now on. */
static void write_created(struct op_call *call, const struct field_edit *e,
                          const struct lab_item *item)
{
    const char *element = op_item_element(item->item_class);

    if (!e->attached) {
        op_write_item(call, item);
        return;
    }
    xml_open(&call->reply.x, element);
    op_write_id(call, "t:ItemId", item->id, item->change_key);
    attachment_write_ids(call, item->id, e->message);
    xml_close(&call->reply.x, element);
}

static int save(struct op_call *call, const struct creation *c,
                struct field_edit *e, const char *sent, struct problem *p)
{
    g_auto(place) own = { 0 };
    g_auto(lab_item) item = { 0 };
    const struct place *to = &own;
    int status;

    status = sent != NULL && !c->has_folder
                 ? op_default_folder(call, e->mailbox, sent, &own, p)
                 : find_home(call, c, e, &own, &to, p);
    if (status < 0 || op_save_new(call, to, e, &item, p) < 0)
        return -1;
    /* what is sent has no id to tell any more */
    if (sent == NULL)
        write_created(call, e, &item);
    return 0;
}

int op_finish_message(struct op_call *call, const struct creation *c,
                      struct field_edit *e, struct problem *p)
{
    complete(e);
    if (c->disposition == SAVE_ONLY)
        return save(call, c, e, NULL, p);
    if (op_send(call, e->mailbox, e->item, p) < 0)
        return -1;
    return c->disposition == SEND_ONLY ? 0 : save(call, c, e, "sentitems", p);
}

static int finish_appointment(struct op_call *call, const struct creation *c,
                              struct field_edit *e, struct problem *p)
{
    meeting_mark_sent(e->item, c->invitations);
    complete(e);
    if (save(call, c, e, NULL, p) < 0)
        return -1;
    return meeting_invite(call, e->mailbox, e->item, NULL, c->invitations, p);
}

static int finish_item(struct op_call *call, const struct creation *c,
                       struct field_edit *e, struct problem *p)
{
    if (e->kind == KIND_CALENDAR)
        return finish_appointment(call, c, e, p);
    if (e->kind == KIND_MESSAGE)
        return op_finish_message(call, c, e, p);
    complete(e);
    return save(call, c, e, NULL, p);
}

/* ---- one item ------------------------------------------------------ */

/* What the request must say for items of that kind. */
static int check_kind(const struct creation *c, enum item_kind kind,
                      struct problem *p)
{
    if (kind == KIND_MESSAGE && c->disposition == DISPOSITION_NONE)
        return problem_set(p, "ErrorMessageDispositionRequired");
    if (kind == KIND_CALENDAR && c->invitations == MEETING_NOT_SAID)
        return problem_set(p, "ErrorSendMeetingInvitationsRequired");
    if (((uint32_t)kind & KINDS_MEETING) != 0)
        return problem_set(p, "ErrorInvalidItemForOperationCreateItem");
    return 0;
}

static int create_item(struct op_call *call, const xmlNode *node,
                       const struct creation *c, struct problem *p)
{
    g_autoptr(mapi_item) tree = mapi_item_new();
    g_auto(field_edit) e = { .call = call,
                             .kind = item_kind_of_element(node),
                             .item = tree,
                             .message = &tree->message,
                             .props = &tree->message.props };

    if (check_kind(c, e.kind, p) < 0 ||
        op_target_mailbox(call, c, &e.mailbox, p) < 0 ||
        field_set_all(&e, node, p) < 0 || op_check_class(&e, p) < 0)
        return -1;
    return finish_item(call, c, &e, p);
}

static int respond_to_meeting(struct op_call *call, const xmlNode *node,
                              struct problem *p)
{
    g_autofree char *disposition =
        soap_attr_dup(call->request->operation, "MessageDisposition");

    return meeting_respond(call, node, disposition, p);
}

static int create_one(struct op_call *call, const xmlNode *node, void *data,
                      struct problem *p)
{
    const struct creation *c = data;
    op_response_fn *respond = op_response_of(node);
    gsize inside;
    int status;

    if (meeting_is_response(node))
        return respond_to_meeting(call, node, p);
    if (respond == NULL && item_kind_of_element(node) == 0)
        return soap_violation(
            p, node, "The element 'Items' has invalid child element '%.40s'.",
            (const char *)node->name);
    reply_message_begin(&call->reply, NULL);
    xml_open(&call->reply.x, "m:Items");
    inside = call->reply.x.text->len;
    status = respond != NULL ? respond(call, node, c, p)
                             : create_item(call, node, c, p);
    if (status < 0)
        return -1;
    if (call->reply.x.text->len > inside) {
        xml_close(&call->reply.x, "m:Items");
    } else {
        g_string_truncate(call->reply.x.text, inside - strlen("<m:Items>"));
        xml_empty(&call->reply.x, "m:Items");
    }
    reply_message_end(&call->reply);
    return 0;
}

int op_create_item(struct op_call *call, struct problem *p)
{
    const xmlNode *folder = soap_first(op_child(call, "SavedItemFolderId"));
    struct creation c = { .has_folder = folder != NULL };
    int status;

    if (op_read_disposition(call, &c.disposition, p) < 0 ||
        meeting_read_send(call, "SendMeetingInvitations", &c.invitations, p) <
            0)
        return -1;
    if (c.has_folder &&
        access_folder(call->lab, call->caller, folder,
                      "ErrorSavedItemFolderNotFound", &c.folder, p) < 0)
        return op_refuse_each(call, op_child(call, "Items"), p);
    status = op_each(call, op_child(call, "Items"), create_one, &c, p);
    place_clear(&c.folder);
    return status;
}
