#include "lab/meeting.h"

#include <string.h>

#include "lab/occurrence.h"
#include "lab/person.h"
#include "lab/store_calendar.h"
#include "lab/tray.h"

#define CLASS_REQUEST      "IPM.Schedule.Meeting.Request"
#define CLASS_CANCELLATION "IPM.Schedule.Meeting.Canceled"

/* PidTagRecipientFlags: recipOrganizer, [MS-OXOCAL] 2.2.4.10.1. */
#define RECIPIENT_ORGANIZER 2

/* PidLidMeetingType, [MS-OXOCAL] 2.2.6.5. */
#define TYPE_REQUEST 0x00000001
#define TYPE_UPDATE  0x00010000

/* ---- what a message is about ----------------------------------------- */

static const struct mapi_prop *uid_of(const struct mapi_props *props)
{
    return mapi_find_id(props, PSETID_MEETING, LID_CLEAN_GLOBAL_ID);
}

bool meeting_find(struct lab_store *store, int64_t mailbox,
                  const struct mapi_props *props, struct lab_item *ret)
{
    return lab_calendar_find(store, mailbox, uid_of(props), ret, NULL);
}

bool meeting_is_out_of_date(struct lab_store *store, int64_t mailbox,
                            const struct mapi_props *props)
{
    g_auto(lab_item) item = { 0 };
    int32_t own = mapi_get_i32(calendar_find(props, LID_SEQUENCE), 0);
    int32_t sequence = 0;

    return lab_calendar_find(store, mailbox, uid_of(props), &item, &sequence) &&
           sequence > own;
}

int meeting_response_of(const char *item_class)
{
    static const struct {
        const char *ending;
        int response;
    } endings[] = {
        { ".Resp.Pos", RESPONSE_ACCEPTED },
        { ".Resp.Tent", RESPONSE_TENTATIVE },
        { ".Resp.Neg", RESPONSE_DECLINED },
    };

    for (size_t i = 0; item_class != NULL && i < G_N_ELEMENTS(endings); i++)
        if (g_str_has_suffix(item_class, endings[i].ending))
            return endings[i].response;
    return RESPONSE_NONE;
}

/* ---- to whom --------------------------------------------------------- */

static const struct {
    const char *name;
    enum meeting_send send;
} sends[] = {
    { "SendToNone", MEETING_TO_NONE },
    { "SendOnlyToAll", MEETING_ONLY_TO_ALL },
    { "SendOnlyToChanged", MEETING_ONLY_TO_CHANGED },
    { "SendToAllAndSaveCopy", MEETING_TO_ALL_AND_SAVE },
    { "SendToChangedAndSaveCopy", MEETING_TO_CHANGED_AND_SAVE },
};

int meeting_read_send(const struct op_call *call, const char *attribute,
                      enum meeting_send *ret, struct problem *p)
{
    const xmlNode *operation = call->request->operation;
    g_autofree char *text = soap_attr_dup(operation, attribute);

    *ret = MEETING_NOT_SAID;
    if (text == NULL)
        return 0;
    for (size_t i = 0; i < G_N_ELEMENTS(sends); i++)
        if (strcmp(sends[i].name, text) == 0) {
            *ret = sends[i].send;
            return 0;
        }
    return soap_violation(p, operation, "The '%s' attribute is invalid.",
                          attribute);
}

static bool sends_at_all(enum meeting_send send)
{
    return send > MEETING_TO_NONE;
}

static bool only_changed(enum meeting_send send)
{
    return send == MEETING_ONLY_TO_CHANGED ||
           send == MEETING_TO_CHANGED_AND_SAVE;
}

static bool saves(enum meeting_send send)
{
    return send >= MEETING_TO_ALL_AND_SAVE;
}

static bool is_organizer(const struct mapi_props *r)
{
    return (mapi_get_i32(mapi_find(r, PROP_ID(PR_RECIPIENT_FLAGS)), 0) &
            RECIPIENT_ORGANIZER) != 0;
}

static size_t n_attendees(const struct mapi_message *m)
{
    size_t n = 0;

    for (size_t i = 0; i < m->n_recipients; i++)
        n += is_organizer(&m->recipients[i]) ? 0 : 1;
    return n;
}

/* To attendees a meeting is somebody else's: it was received. */
static bool is_own(const struct mapi_item *tree)
{
    int32_t state =
        mapi_get_i32(calendar_find(&tree->message.props, LID_STATE_FLAGS), 0);

    return (state & STATE_RECEIVED) == 0;
}

void meeting_mark_sent(struct mapi_item *tree, enum meeting_send send)
{
    struct mapi_message *m = &tree->message;
    int32_t sequence = mapi_get_i32(calendar_find(&m->props, LID_SEQUENCE), 0);

    if (!sends_at_all(send) || n_attendees(m) == 0 || !is_own(tree))
        return;
    /* an update is told from what it replaces by its number */
    if (mapi_get_bool(calendar_find(&m->props, LID_INVITED), false))
        calendar_set_i32(tree, &m->props, LID_SEQUENCE, sequence + 1);
    calendar_set_bool(tree, &m->props, LID_INVITED, true);
}

/* ---- a message ------------------------------------------------------- */

static char *address_of(const struct mapi_props *r)
{
    g_auto(person) who = { 0 };

    if (!person_get(r, &person_recipient, &who))
        return NULL;
    return g_strdup(person_best(&who));
}

/* Whether one of that address is invited in m. */
static bool has_attendee(const struct mapi_message *m, const char *address)
{
    for (size_t i = 0; i < m->n_recipients; i++) {
        g_autofree char *other = address_of(&m->recipients[i]);

        if (!is_organizer(&m->recipients[i]) && other != NULL &&
            g_ascii_strcasecmp(other, address) == 0)
            return true;
    }
    return false;
}

/* Keep those who are in `among`, or who are not; NULL: nobody is. */
static void keep_recipients(struct mapi_message *m,
                            const struct mapi_message *among, bool in)
{
    size_t kept = 0;

    for (size_t i = 0; i < m->n_recipients; i++) {
        g_autofree char *address = address_of(&m->recipients[i]);
        bool there =
            among != NULL && address != NULL && has_attendee(among, address);

        if (!is_organizer(&m->recipients[i]) && there == in)
            m->recipients[kept++] = m->recipients[i];
    }
    m->n_recipients = kept;
}

/* What is the organizer's own and not in a message about the meeting. */
static void drop_own(struct mapi_item *item)
{
    static const uint32_t tags[] = {
        PR_SEARCH_KEY,
        PR_RECORD_KEY,
        PR_CREATION_TIME,
        PR_LAST_MODIFICATION_TIME,
        PR_SOURCE_KEY,
        PR_CHANGE_KEY,
        PR_PREDECESSOR_CHANGE_LIST,
        PR_ENTRYID,
    };

    for (size_t i = 0; i < G_N_ELEMENTS(tags); i++)
        mapi_remove(&item->message.props, PROP_ID(tags[i]));
}

/* A message of the class about the meeting, to all its attendees. */
static struct mapi_item *message_about(const struct mapi_item *tree,
                                       const char *item_class)
{
    struct mapi_item *item = mapi_item_new();
    struct mapi_props *props = &item->message.props;
    int64_t now = timestamp_now();

    occurrence_copy_message(item, &item->message, &tree->message);
    drop_own(item);
    mapi_set_text(item, props, PR_MESSAGE_CLASS, item_class);
    mapi_set_time(item, props, PR_CLIENT_SUBMIT_TIME, now);
    mapi_set_time(item, props, PR_MESSAGE_DELIVERY_TIME, now);
    mapi_set_i32(item, props, PR_MESSAGE_FLAGS, 0);
    mapi_set_i32(item, props, PR_ICON_INDEX, 0x404);
    return item;
}

static void to_request(struct mapi_item *item, bool update)
{
    struct mapi_props *props = &item->message.props;
    int32_t busy = mapi_get_i32(calendar_find(props, LID_BUSY_STATUS), 2);
    int32_t state = mapi_get_i32(calendar_find(props, LID_STATE_FLAGS), 0);

    calendar_set_i32(item, props, LID_INTENDED_BUSY, busy);
    calendar_set_i32(item, props, LID_BUSY_STATUS, 1);
    calendar_set_i32(item, props, LID_STATE_FLAGS,
                     state | STATE_MEETING | STATE_RECEIVED);
    calendar_set_i32(item, props, LID_RESPONSE_STATUS, RESPONSE_NOT_RESPONDED);
    mapi_set_i32(item, props,
                 mapi_named_id(item, PSETID_MEETING, LID_MEETING_TYPE, PT_LONG),
                 update ? TYPE_UPDATE : TYPE_REQUEST);
}

static void to_cancellation(struct mapi_item *item)
{
    struct mapi_props *props = &item->message.props;
    g_autofree char *subject =
        mapi_dup_text(mapi_find(props, PROP_ID(PR_SUBJECT)));
    g_autofree char *title =
        g_strdup_printf("Canceled: %s", subject != NULL ? subject : "");

    mapi_set_text(item, props, PR_SUBJECT, title);
    calendar_set_i32(item, props, LID_STATE_FLAGS,
                     STATE_MEETING | STATE_RECEIVED | STATE_CANCELLED);
    calendar_set_i32(item, props, LID_BUSY_STATUS, 0);
    mapi_set_i32(item, props, PR_ICON_INDEX, 0x408);
}

/* ---- delivery -------------------------------------------------------- */

static int put_into(struct op_call *call, int64_t mailbox, const char *folder,
                    struct mapi_item *item, struct problem *p)
{
    g_auto(lab_folder) to = { 0 };
    struct err err;

    if (lab_store_distinguished(call->lab->store, mailbox, folder, &to, &err) <
            0 ||
        lab_store_put(call->lab->store, mailbox, to.id, false, item, NULL,
                      &err) < 0)
        return problem_from_err(p, &err);
    return 0;
}

static int put_copy(struct op_call *call, int64_t mailbox, const char *folder,
                    const struct mapi_item *message, const char *item_class,
                    struct problem *p)
{
    g_autoptr(mapi_item) copy = mapi_item_new();

    occurrence_copy_message(copy, &copy->message, &message->message);
    mapi_set_text(copy, &copy->message.props, PR_MESSAGE_CLASS, item_class);
    if (strcmp(folder, "calendar") == 0 || strcmp(folder, "sentitems") == 0)
        mapi_set_i32(copy, &copy->message.props, PR_MESSAGE_FLAGS,
                     MSGFLAG_READ);
    return put_into(call, mailbox, folder, copy, p);
}

/* What the attendant does with a request: the old version makes room. */
static int make_tentative(struct op_call *call, int64_t mailbox,
                          const struct mapi_item *message, struct problem *p)
{
    g_auto(lab_item) old = { 0 };
    struct err err;

    if (meeting_find(call->lab->store, mailbox, &message->message.props,
                     &old) &&
        lab_store_delete_item(call->lab->store, mailbox, old.id,
                              LAB_DELETE_HARD, &err) < 0)
        return problem_from_err(p, &err);
    return put_copy(call, mailbox, "calendar", message, "IPM.Appointment", p);
}

static int deliver_to(struct op_call *call, int64_t mailbox,
                      const struct mapi_item *message, struct problem *p)
{
    g_autofree char *item_class = mapi_dup_text(
        mapi_find(&message->message.props, PROP_ID(PR_MESSAGE_CLASS)));

    if (put_copy(call, mailbox, "inbox", message, item_class, p) < 0)
        return -1;
    if (strcmp(item_class, CLASS_REQUEST) != 0)
        return 0;
    return make_tentative(call, mailbox, message, p);
}

/* Only those whom this lab has; the others' are in the tray alone. */
static int deliver(struct op_call *call, int64_t sender,
                   const struct mapi_item *message, struct problem *p)
{
    for (size_t i = 0; i < message->message.n_recipients; i++) {
        g_autofree char *address = address_of(&message->message.recipients[i]);
        g_auto(lab_mailbox) m = { 0 };
        struct err err;

        if (address == NULL ||
            lab_store_find_mailbox(call->lab->store, address, &m, &err) <= 0)
            continue;
        if (m.key != sender && deliver_to(call, m.key, message, p) < 0)
            return -1;
    }
    return 0;
}

static int send(struct op_call *call, enum lab_sent kind, int64_t mailbox,
                const struct mapi_item *message, bool save, struct problem *p)
{
    g_autofree char *item_class = mapi_dup_text(
        mapi_find(&message->message.props, PROP_ID(PR_MESSAGE_CLASS)));

    if (message->message.n_recipients == 0)
        return 0;
    if (tray_send(call, kind, mailbox, &message->message, p) < 0 ||
        deliver(call, mailbox, message, p) < 0)
        return -1;
    if (!save)
        return 0;
    return put_copy(call, mailbox, "sentitems", message, item_class, p);
}

/* ---- invitations and cancellations ----------------------------------- */

/* Who was invited before and is no more hears that it is off. */
static int cancel_dropped(struct op_call *call, int64_t mailbox,
                          const struct mapi_item *tree,
                          const struct mapi_item *before, enum meeting_send how,
                          struct problem *p)
{
    g_autoptr(mapi_item) message = message_about(before, CLASS_CANCELLATION);

    keep_recipients(&message->message, &tree->message, false);
    to_cancellation(message);
    return send(call, LAB_SENT_CANCELLATION, mailbox, message, saves(how), p);
}

int meeting_invite(struct op_call *call, int64_t mailbox,
                   const struct mapi_item *tree, const struct mapi_item *before,
                   enum meeting_send how, struct problem *p)
{
    g_autoptr(mapi_item) message = NULL;

    if (!sends_at_all(how) || !is_own(tree))
        return 0;
    if (before != NULL && n_attendees(&before->message) > 0 &&
        cancel_dropped(call, mailbox, tree, before, how, p) < 0)
        return -1;
    message = message_about(tree, CLASS_REQUEST);
    keep_recipients(
        &message->message,
        only_changed(how) && before != NULL ? &before->message : NULL, false);
    to_request(message, before != NULL);
    return send(call, LAB_SENT_INVITATION, mailbox, message, saves(how), p);
}

int meeting_cancel(struct op_call *call, int64_t mailbox,
                   const struct mapi_item *tree, enum meeting_send how,
                   struct problem *p)
{
    g_autoptr(mapi_item) message = NULL;

    if (!sends_at_all(how) || !is_own(tree))
        return 0;
    message = message_about(tree, CLASS_CANCELLATION);
    keep_recipients(&message->message, NULL, false);
    to_cancellation(message);
    return send(call, LAB_SENT_CANCELLATION, mailbox, message, saves(how), p);
}
