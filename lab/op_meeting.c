#include "lab/meeting.h"

#include <string.h>

#include "lab/field_calendar.h"
#include "lab/occurrence.h"
#include "lab/person.h"
#include "lab/store_calendar.h"
#include "lab/store_occurrence.h"
#include "lab/tray.h"

enum act { ACT_RESPOND, ACT_REMOVE, ACT_CANCEL };

static const struct object {
    const char *element;
    enum act act;
    int response;
    const char *item_class, *prefix;
} objects[] = {
    { "AcceptItem", ACT_RESPOND, RESPONSE_ACCEPTED,
      "IPM.Schedule.Meeting.Resp.Pos", "Accepted: " },
    { "TentativelyAcceptItem", ACT_RESPOND, RESPONSE_TENTATIVE,
      "IPM.Schedule.Meeting.Resp.Tent", "Tentative: " },
    { "DeclineItem", ACT_RESPOND, RESPONSE_DECLINED,
      "IPM.Schedule.Meeting.Resp.Neg", "Declined: " },
    { "RemoveItem", ACT_REMOVE, RESPONSE_NONE, NULL, NULL },
    { "CancelCalendarItem", ACT_CANCEL, RESPONSE_NONE, NULL, NULL },
};

static const struct object *object_of(const xmlNode *node)
{
    for (size_t i = 0; i < G_N_ELEMENTS(objects); i++)
        if (soap_is(node, NS_TYPES, objects[i].element))
            return &objects[i];
    return NULL;
}

bool meeting_is_response(const xmlNode *node)
{
    return object_of(node) != NULL;
}

/* What a response object refers to. */
struct subject {
    int64_t mailbox;
    struct lab_item item;
    struct mapi_item *tree;
    bool send, save; /* MessageDisposition */
};

static void subject_clear(struct subject *s)
{
    lab_item_clear(&s->item);
    g_clear_pointer(&s->tree, mapi_item_free);
}

static int read_subject(struct op_call *call, const xmlNode *node,
                        const char *disposition, struct subject *s,
                        struct problem *p)
{
    const xmlNode *reference = soap_child(node, NS_TYPES, "ReferenceItemId");
    g_autofree char *id = soap_attr_dup(reference, "Id");
    struct err err;

    if (id == NULL)
        return soap_violation(p, node, "The ReferenceItemId is missing.");
    s->send = g_strcmp0(disposition, "SaveOnly") != 0;
    s->save = g_strcmp0(disposition, "SendAndSaveCopy") == 0;
    if (access_id(call->lab, call->caller, id, &s->mailbox, p) < 0)
        return -1;
    if (lab_occurrence_tree(call->lab->store, s->mailbox, id, &s->tree,
                            &s->item, &err) < 0)
        return problem_from_err(p, &err);
    return 0;
}

/* ---- a response ------------------------------------------------------ */

static void set_subject(struct mapi_item *item, const char *prefix)
{
    struct mapi_props *props = &item->message.props;
    g_autofree char *was = mapi_dup_text(mapi_find(props, PROP_ID(PR_SUBJECT)));
    g_autofree char *now = g_strconcat(prefix, was != NULL ? was : "", NULL);

    mapi_set_text(item, props, PR_SUBJECT, now);
    mapi_set_text(item, props, PR_SUBJECT_PREFIX, prefix);
}

/* To the organizer alone, from the one who answers. */
static struct mapi_item *response_message(struct op_call *call,
                                          const struct subject *s,
                                          const struct object *o,
                                          const struct person *own,
                                          const struct person *organizer)
{
    struct mapi_item *item = mapi_item_new();
    struct mapi_props *props = &item->message.props;

    (void)call;
    occurrence_copy_message(item, &item->message, &s->tree->message);
    item->message.n_recipients = 0;
    item->message.n_attachments = 0;
    mapi_remove(props, PROP_ID(PR_SEARCH_KEY));
    mapi_remove(props, PROP_ID(PR_CREATION_TIME));
    mapi_remove(props, PROP_ID(PR_LAST_MODIFICATION_TIME));
    mapi_set_text(item, props, PR_MESSAGE_CLASS, o->item_class);
    mapi_set_time(item, props, PR_CLIENT_SUBMIT_TIME, timestamp_now());
    mapi_set_time(item, props, PR_MESSAGE_DELIVERY_TIME, timestamp_now());
    mapi_set_i32(item, props, PR_MESSAGE_FLAGS, 0);
    set_subject(item, o->prefix);
    person_set(item, props, &person_sender, own);
    person_set(item, props, &person_from, own);
    person_add_recipient(item, &item->message, organizer, PERSON_TO);
    person_display(item, &item->message);
    return item;
}

static int put_into(struct op_call *call, int64_t mailbox, const char *folder,
                    const struct mapi_item *message, struct problem *p)
{
    g_autoptr(mapi_item) copy = mapi_item_new();
    g_auto(lab_folder) to = { 0 };
    struct err err;

    occurrence_copy_message(copy, &copy->message, &message->message);
    if (lab_store_distinguished(call->lab->store, mailbox, folder, &to, &err) <
            0 ||
        lab_store_put(call->lab->store, mailbox, to.id, false, copy, NULL,
                      &err) < 0)
        return problem_from_err(p, &err);
    return 0;
}

static bool is_person(const struct mapi_props *recipient, const char *address)
{
    g_auto(person) who = { 0 };

    return person_get(recipient, &person_recipient, &who) &&
           g_ascii_strcasecmp(person_best(&who), address) == 0;
}

/* What the organizer's attendant does: who has said what. */
static int track(struct op_call *call, int64_t organizer,
                 const struct subject *s, const struct object *o,
                 const char *address, struct problem *p)
{
    g_autoptr(mapi_item) tree = NULL;
    g_auto(lab_item) item = { 0 }, stored = { 0 };
    struct lab_upload upload = { .action = LAB_UPDATE };
    struct err err;

    if (!meeting_find(call->lab->store, organizer, &s->tree->message.props,
                      &item))
        return 0;
    if (lab_occurrence_tree(call->lab->store, organizer, item.id, &tree, NULL,
                            &err) < 0)
        return problem_from_err(p, &err);
    for (size_t i = 0; i < tree->message.n_recipients; i++) {
        struct mapi_props *r = &tree->message.recipients[i];

        if (!is_person(r, address))
            continue;
        mapi_set_i32(tree, r, PR_RECIPIENT_TRACKSTATUS, o->response);
        mapi_set_time(tree, r, PROP_TAG(0x5FFB, PT_SYSTIME), timestamp_now());
    }
    upload.folder_id = item.folder_id;
    upload.item_id = item.id;
    upload.tree = tree;
    if (lab_store_upload(call->lab->store, organizer, &upload, &stored, &err) <
        0)
        return problem_from_err(p, &err);
    return 0;
}

static int send_response(struct op_call *call, const struct subject *s,
                         const struct object *o, struct problem *p)
{
    g_auto(person) own = { 0 }, organizer = { 0 };
    g_autoptr(mapi_item) message = NULL;
    g_auto(lab_mailbox) m = { 0 };
    struct err err;
    int found;

    if (!s->send ||
        !person_get(&s->tree->message.props, &person_from, &organizer))
        return 0;
    if (person_owner(call, s->mailbox, &own, p) < 0)
        return -1;
    message = response_message(call, s, o, &own, &organizer);
    if (tray_send(call, LAB_SENT_RESPONSE, s->mailbox, &message->message, p) <
            0 ||
        (s->save && put_into(call, s->mailbox, "sentitems", message, p) < 0))
        return -1;
    found = lab_store_find_mailbox(call->lab->store, person_best(&organizer),
                                   &m, &err);
    if (found <= 0)
        return found < 0 ? problem_from_err(p, &err) : 0;
    if (put_into(call, m.key, "inbox", message, p) < 0)
        return -1;
    return track(call, m.key, s, o, person_best(&own), p);
}

/* ---- the appointment that is answered -------------------------------- */

static bool is_request(const struct subject *s)
{
    return g_str_has_prefix(s->item.item_class, "IPM.Schedule.Meeting.Request");
}

/* The one in the calendar: of a request its meeting's, else the item. */
static int find_appointment(struct op_call *call, const struct subject *s,
                            struct lab_item *ret, struct mapi_item **ret_tree,
                            struct problem *p)
{
    struct err err;

    if (!is_request(s))
        lab_item_copy_columns(ret, &s->item);
    else if (!meeting_find(call->lab->store, s->mailbox,
                           &s->tree->message.props, ret))
        return problem_set(p, "ErrorCalendarMeetingRequestIsOutOfDate");
    if (lab_occurrence_tree(call->lab->store, s->mailbox, ret->id, ret_tree,
                            NULL, &err) < 0)
        return problem_from_err(p, &err);
    return 0;
}

static void answer(struct mapi_item *tree, const struct object *o)
{
    struct mapi_props *props = &tree->message.props;
    int32_t intended = mapi_get_i32(calendar_find(props, LID_INTENDED_BUSY), 2);

    calendar_set_i32(tree, props, LID_RESPONSE_STATUS, o->response);
    calendar_set_time(tree, props, LID_REPLY_TIME, timestamp_now());
    calendar_set_i32(tree, props, LID_BUSY_STATUS,
                     o->response == RESPONSE_TENTATIVE ? 1 : intended);
}

static int keep_answer(struct op_call *call, const struct subject *s,
                       const struct object *o, struct lab_item *ret,
                       struct problem *p)
{
    g_autoptr(mapi_item) tree = NULL;
    g_auto(lab_item) item = { 0 };
    struct lab_upload upload = { .action = LAB_UPDATE };
    struct err err;

    if (find_appointment(call, s, &item, &tree, p) < 0)
        return -1;
    /* what is declined leaves the calendar */
    if (o->response == RESPONSE_DECLINED) {
        if (lab_store_delete_item(call->lab->store, s->mailbox, item.id,
                                  LAB_DELETE_MOVE, &err) < 0)
            return problem_from_err(p, &err);
        return 0;
    }
    answer(tree, o);
    upload.folder_id = item.folder_id;
    upload.item_id = item.id;
    upload.actor = call->caller->name;
    upload.tree = tree;
    if (lab_store_upload(call->lab->store, s->mailbox, &upload, ret, &err) < 0)
        return problem_from_err(p, &err);
    return 0;
}

/* A request that was answered goes to Deleted Items. */
static int drop_request(struct op_call *call, const struct subject *s,
                        struct problem *p)
{
    struct err err;

    if (is_request(s) &&
        lab_store_delete_item(call->lab->store, s->mailbox, s->item.id,
                              LAB_DELETE_MOVE, &err) < 0)
        return problem_from_err(p, &err);
    return 0;
}

static bool is_meeting(const struct subject *s)
{
    int32_t state = mapi_get_i32(
        calendar_find(&s->tree->message.props, LID_STATE_FLAGS), 0);

    return is_request(s) || (state & STATE_MEETING) != 0;
}

static int check_response(const struct subject *s, const struct object *o,
                          struct problem *p)
{
    static const char *const as_organizer[] = {
        [RESPONSE_ACCEPTED] = "ErrorCalendarIsOrganizerForAccept",
        [RESPONSE_DECLINED] = "ErrorCalendarIsOrganizerForDecline",
        [RESPONSE_TENTATIVE] = "ErrorCalendarIsOrganizerForTentative",
    };
    int32_t state = mapi_get_i32(
        calendar_find(&s->tree->message.props, LID_STATE_FLAGS), 0);

    if (!is_meeting(s))
        return problem_set(p, "ErrorInvalidReferenceItem");
    if ((state & STATE_RECEIVED) == 0)
        return problem_set(p, as_organizer[o->response]);
    return 0;
}

static int respond(struct op_call *call, const struct subject *s,
                   const struct object *o, struct lab_item *ret,
                   struct problem *p)
{
    if (check_response(s, o, p) < 0 || keep_answer(call, s, o, ret, p) < 0 ||
        send_response(call, s, o, p) < 0)
        return -1;
    return drop_request(call, s, p);
}

/* ---- removing and cancelling ----------------------------------------- */

/* RemoveItem: a cancellation, and the appointment that it speaks of. */
static int remove_meeting(struct op_call *call, const struct subject *s,
                          struct problem *p)
{
    g_auto(lab_item) item = { 0 };
    struct err err;

    if (!g_str_has_prefix(s->item.item_class, "IPM.Schedule.Meeting.Canceled"))
        return problem_set(p, "ErrorInvalidReferenceItem");
    if (meeting_find(call->lab->store, s->mailbox, &s->tree->message.props,
                     &item) &&
        lab_store_delete_item(call->lab->store, s->mailbox, item.id,
                              LAB_DELETE_MOVE, &err) < 0)
        return problem_from_err(p, &err);
    if (lab_store_delete_item(call->lab->store, s->mailbox, s->item.id,
                              LAB_DELETE_MOVE, &err) < 0)
        return problem_from_err(p, &err);
    return 0;
}

static int cancel_meeting(struct op_call *call, const struct subject *s,
                          struct problem *p)
{
    int32_t state = mapi_get_i32(
        calendar_find(&s->tree->message.props, LID_STATE_FLAGS), 0);
    struct err err;

    if ((state & STATE_MEETING) == 0)
        return problem_set(p, "ErrorInvalidReferenceItem");
    if ((state & STATE_RECEIVED) != 0)
        return problem_set(p, "ErrorCalendarIsNotOrganizer");
    if (meeting_cancel(
            call, s->mailbox, s->tree,
            s->send ? (s->save ? MEETING_TO_ALL_AND_SAVE : MEETING_ONLY_TO_ALL)
                    : MEETING_TO_NONE,
            p) < 0)
        return -1;
    if (lab_store_delete_item(call->lab->store, s->mailbox, s->item.id,
                              LAB_DELETE_MOVE, &err) < 0)
        return problem_from_err(p, &err);
    return 0;
}

/* ---- all together ---------------------------------------------------- */

static int act(struct op_call *call, const struct subject *s,
               const struct object *o, struct lab_item *ret, struct problem *p)
{
    switch (o->act) {
    case ACT_RESPOND:
        return respond(call, s, o, ret, p);
    case ACT_REMOVE:
        return remove_meeting(call, s, p);
    case ACT_CANCEL:
    default:
        return cancel_meeting(call, s, p);
    }
}

static void write_answer(struct op_call *call, const struct lab_item *item)
{
    struct xmlout *x = &call->reply.x;

    reply_message_begin(&call->reply, NULL);
    if (item->id == NULL) {
        xml_empty(x, "m:Items");
    } else {
        xml_open(x, "m:Items");
        xml_open(x, "t:CalendarItem");
        op_write_id(call, "t:ItemId", item->id, item->change_key);
        xml_close(x, "t:CalendarItem");
        xml_close(x, "m:Items");
    }
    reply_message_end(&call->reply);
}

int meeting_respond(struct op_call *call, const xmlNode *node,
                    const char *disposition, struct problem *p)
{
    const struct object *o = object_of(node);
    g_auto(lab_item) item = { 0 };
    struct subject s = { 0 };
    int status = read_subject(call, node, disposition, &s, p);

    if (status == 0)
        status = act(call, &s, o, &item, p);
    subject_clear(&s);
    if (status == 0)
        write_answer(call, &item);
    return status;
}
