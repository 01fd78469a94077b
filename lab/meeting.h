/*
 * meeting - what goes between organizers and attendees: requests, responses,
 * cancellations, and the appointments that they speak of.
 *
 * Everything that would be sent lands in the tray (tray.h).  An attendee who
 * has a mailbox in this lab also gets it, as a message in the Inbox and, for
 * a request, as a tentative appointment in the calendar.
 */
#ifndef LAB_MEETING_H
#define LAB_MEETING_H

#include "lab/calendar.h"
#include "lab/op.h"

/* ---- what a meeting message is about --------------------------------- */

/* The appointment of the message's meeting; false when there is none. */
bool meeting_find(struct lab_store *store, int64_t mailbox,
                  const struct mapi_props *props, struct lab_item *ret);
/* The calendar has a later version of it. */
bool meeting_is_out_of_date(struct lab_store *store, int64_t mailbox,
                            const struct mapi_props *props);
/* RESPONSE_ of a response's class; RESPONSE_NONE of another. */
int meeting_response_of(const char *item_class);

/* ---- to whom --------------------------------------------------------- */

/*
 * SendMeetingInvitations, SendMeetingInvitationsOrCancellations and
 * SendMeetingCancellations in one.
 */
enum meeting_send {
    MEETING_NOT_SAID, /* the attribute is missing */
    MEETING_TO_NONE,
    MEETING_ONLY_TO_ALL,
    MEETING_ONLY_TO_CHANGED,
    MEETING_TO_ALL_AND_SAVE,
    MEETING_TO_CHANGED_AND_SAVE,
};
int meeting_read_send(const struct op_call *call, const char *attribute,
                      enum meeting_send *ret, struct problem *p);

/* ---- sending --------------------------------------------------------- */

/*
 * Before an appointment with attendees is stored: it notes in the tree that
 * they were invited.  Nothing for MEETING_TO_NONE, or when there are none.
 */
void meeting_mark_sent(struct mapi_item *tree, enum meeting_send send);

/*
 * After it was stored: requests, or updates when `before` is not NULL (the
 * tree as it was: who is no longer invited gets a cancellation).
 */
int meeting_invite(struct op_call *call, int64_t mailbox,
                   const struct mapi_item *tree, const struct mapi_item *before,
                   enum meeting_send send, struct problem *p);

/* What is deleted or cancelled; only the organizer tells others. */
int meeting_cancel(struct op_call *call, int64_t mailbox,
                   const struct mapi_item *tree, enum meeting_send send,
                   struct problem *p);

/* ---- response objects (op_meeting.c) --------------------------------- */

/*
 * AcceptItem, TentativelyAcceptItem, DeclineItem, RemoveItem, CancelCalendar-
 * Item: whether CreateItem's element is one of them.
 */
bool meeting_is_response(const xmlNode *node);
/*
 * Carry it out and write the whole response message.  disposition: the
 * MessageDisposition of the request, NULL: none.
 */
int meeting_respond(struct op_call *call, const xmlNode *node,
                    const char *disposition, struct problem *p);

#endif
