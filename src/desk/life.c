#include "desk/life.h"

static const char *const event_names[LIFE_N_EVENTS] = {
    [LIFE_LACKS] = "lacks",           [LIFE_COMPLETE] = "complete",
    [LIFE_CHANGED] = "changed",       [LIFE_QUOTE_AGAIN] = "quote again",
    [LIFE_APPROVE] = "approve",       [LIFE_SCHEDULE] = "schedule",
    [LIFE_RESCHEDULE] = "reschedule", [LIFE_START] = "start",
    [LIFE_STALL] = "stall",           [LIFE_PRE_STAGED] = "pre-staged",
    [LIFE_CUT_OVER] = "cut over",     [LIFE_SWEPT] = "swept",
    [LIFE_REFUSE] = "refuse",         [LIFE_CANCEL] = "cancel",
    [LIFE_RUN_OUT] = "run out",
};

const char *life_event_name(enum life_event event)
{
    return event_names[event];
}

static const struct {
    enum life_act act;
    struct life_effect effect;
} effects[] = {
    /* clang-format off */
    { LIFE_ASK_MISSING, { true, "what is missing, with a link to supply it" } },
    { LIFE_MAKE_QUOTE, { true, "the quote, with a link to approve it" } },
    { LIFE_MAIL_APPROVED, { true, "that it is approved, and at what price" } },
    { LIFE_MAIL_SCHEDULED, { true, "on which day it begins" } },
    { LIFE_MAIL_STARTED, { true, "that it has begun" } },
    { LIFE_MAIL_TROUBLE, { true, "what is in the way" } },
    { LIFE_MAIL_CHECKLIST, { true, "the list for cutover" } },
    { LIFE_MAIL_DONE, { true, "that it is done, with the certificate" } },
    { LIFE_MAIL_REFUSED, { true, "that it is refused, and why" } },
    { LIFE_MAIL_CANCELLED, { true, "that it is cancelled" } },
    { LIFE_MAIL_EXPIRED, { true, "that it has expired" } },
    { LIFE_END_LINKS, { false, "Links of earlier mails open nothing any more." } },
    { LIFE_END_APPROVALS,
      { false, "Links to approve it open nothing any more." } },
    { LIFE_STOP_JOBS,
      { false, "What runs is stopped; what was copied stays where it is." } },
    { LIFE_FREE_SLOT, { false, "The day that it had is free for others." } },
    { LIFE_DESTROY_SECRETS,
      { false, "Passwords and the import file are destroyed for ever." } },
    { LIFE_FINAL_DELTA,
      { false, "The last changes are copied, then everything is verified." } },
    { LIFE_MAKE_INVOICE, { false, "What was agreed on is on the invoice." } },
    { LIFE_TELL_OPERATOR, { false, "The operators are told by mail." } },
    /* clang-format on */
};

const struct life_effect *life_effect(enum life_act act)
{
    for (size_t i = 0; i < G_N_ELEMENTS(effects); i++)
        if (effects[i].act == act)
            return &effects[i].effect;
    return NULL;
}

/* What ends a request takes what it held. */
#define CLOSE (LIFE_END_LINKS | LIFE_DESTROY_SECRETS)

/*
 * Every transition there is; what is not here is refused.
 *
 * A change after approval is a new price, so it goes back to a quote; once
 * mailboxes move it is an operator's affair, and no event.  A cancelled
 * migration stops, and what was copied stays: it is the customer's mail.
 */
static const struct transition {
    enum request_state from;
    enum life_event event;
    enum request_state to;
    unsigned int acts;
} transitions[] = {
    /* clang-format off */
    { REQUEST_RECEIVED, LIFE_LACKS, REQUEST_AWAITING_INFORMATION,
      LIFE_ASK_MISSING },
    { REQUEST_RECEIVED, LIFE_COMPLETE, REQUEST_QUOTED, LIFE_MAKE_QUOTE },
    { REQUEST_RECEIVED, LIFE_REFUSE, REQUEST_REFUSED,
      LIFE_MAIL_REFUSED | CLOSE },
    { REQUEST_RECEIVED, LIFE_CANCEL, REQUEST_CANCELLED,
      LIFE_MAIL_CANCELLED | CLOSE },

    /* the check fails at our own Exchange: nothing that a partner mends */
    { REQUEST_RECEIVED, LIFE_STALL, REQUEST_RECEIVED, LIFE_TELL_OPERATOR },
    { REQUEST_AWAITING_INFORMATION, LIFE_STALL, REQUEST_AWAITING_INFORMATION,
      LIFE_TELL_OPERATOR },
    { REQUEST_QUOTED, LIFE_STALL, REQUEST_QUOTED, LIFE_TELL_OPERATOR },

    { REQUEST_AWAITING_INFORMATION, LIFE_LACKS, REQUEST_AWAITING_INFORMATION,
      LIFE_END_LINKS | LIFE_ASK_MISSING },
    { REQUEST_AWAITING_INFORMATION, LIFE_COMPLETE, REQUEST_QUOTED,
      LIFE_END_LINKS | LIFE_MAKE_QUOTE },
    { REQUEST_AWAITING_INFORMATION, LIFE_REFUSE, REQUEST_REFUSED,
      LIFE_MAIL_REFUSED | CLOSE },
    { REQUEST_AWAITING_INFORMATION, LIFE_CANCEL, REQUEST_CANCELLED,
      LIFE_MAIL_CANCELLED | CLOSE },
    { REQUEST_AWAITING_INFORMATION, LIFE_RUN_OUT, REQUEST_EXPIRED,
      LIFE_MAIL_EXPIRED | CLOSE },

    { REQUEST_QUOTED, LIFE_APPROVE, REQUEST_APPROVED,
      LIFE_END_APPROVALS | LIFE_MAIL_APPROVED | LIFE_PICK_SLOT },
    { REQUEST_QUOTED, LIFE_LACKS, REQUEST_AWAITING_INFORMATION,
      LIFE_END_LINKS | LIFE_ASK_MISSING },
    { REQUEST_QUOTED, LIFE_CHANGED, REQUEST_QUOTED,
      LIFE_END_LINKS | LIFE_MAKE_QUOTE },
    { REQUEST_QUOTED, LIFE_REFUSE, REQUEST_REFUSED,
      LIFE_MAIL_REFUSED | CLOSE },
    { REQUEST_QUOTED, LIFE_CANCEL, REQUEST_CANCELLED,
      LIFE_MAIL_CANCELLED | CLOSE },
    /* the pieces stay for a while: a fresh quote needs no second upload */
    { REQUEST_QUOTED, LIFE_RUN_OUT, REQUEST_EXPIRED,
      LIFE_END_LINKS | LIFE_MAIL_EXPIRED },

    { REQUEST_EXPIRED, LIFE_QUOTE_AGAIN, REQUEST_RECEIVED, 0 },
    { REQUEST_EXPIRED, LIFE_CANCEL, REQUEST_CANCELLED,
      LIFE_MAIL_CANCELLED | CLOSE },

    { REQUEST_APPROVED, LIFE_SCHEDULE, REQUEST_SCHEDULED,
      LIFE_MAKE_MIGRATION | LIFE_MAIL_SCHEDULED },
    { REQUEST_APPROVED, LIFE_CHANGED, REQUEST_QUOTED, LIFE_MAKE_QUOTE },
    { REQUEST_APPROVED, LIFE_LACKS, REQUEST_AWAITING_INFORMATION,
      LIFE_ASK_MISSING },
    { REQUEST_APPROVED, LIFE_CANCEL, REQUEST_CANCELLED,
      LIFE_MAIL_CANCELLED | CLOSE },

    { REQUEST_SCHEDULED, LIFE_RESCHEDULE, REQUEST_SCHEDULED,
      LIFE_FREE_SLOT | LIFE_PICK_SLOT | LIFE_MAIL_SCHEDULED },
    { REQUEST_SCHEDULED, LIFE_START, REQUEST_RUNNING,
      LIFE_PRE_STAGE | LIFE_MAIL_STARTED },
    /* its day has come, and the credentials are known to be wrong */
    { REQUEST_SCHEDULED, LIFE_STALL, REQUEST_SCHEDULED, LIFE_TELL_OPERATOR },
    { REQUEST_SCHEDULED, LIFE_CHANGED, REQUEST_QUOTED,
      LIFE_FREE_SLOT | LIFE_MAKE_QUOTE },
    { REQUEST_SCHEDULED, LIFE_LACKS, REQUEST_AWAITING_INFORMATION,
      LIFE_FREE_SLOT | LIFE_ASK_MISSING },
    { REQUEST_SCHEDULED, LIFE_CANCEL, REQUEST_CANCELLED,
      LIFE_FREE_SLOT | LIFE_MAIL_CANCELLED | CLOSE },

    { REQUEST_RUNNING, LIFE_STALL, REQUEST_RUNNING,
      LIFE_TELL_OPERATOR | LIFE_MAIL_TROUBLE },
    { REQUEST_RUNNING, LIFE_PRE_STAGED, REQUEST_READY_FOR_CUTOVER,
      LIFE_MAIL_CHECKLIST },
    { REQUEST_RUNNING, LIFE_CANCEL, REQUEST_CANCELLED,
      LIFE_STOP_JOBS | LIFE_FREE_SLOT | LIFE_TELL_OPERATOR |
      LIFE_MAIL_CANCELLED | LIFE_MAKE_INVOICE | CLOSE },

    { REQUEST_READY_FOR_CUTOVER, LIFE_STALL, REQUEST_READY_FOR_CUTOVER,
      LIFE_TELL_OPERATOR },
    { REQUEST_READY_FOR_CUTOVER, LIFE_CUT_OVER, REQUEST_CUT_OVER,
      LIFE_FINAL_DELTA },
    { REQUEST_READY_FOR_CUTOVER, LIFE_CANCEL, REQUEST_CANCELLED,
      LIFE_STOP_JOBS | LIFE_FREE_SLOT | LIFE_TELL_OPERATOR |
      LIFE_MAIL_CANCELLED | LIFE_MAKE_INVOICE | CLOSE },

    { REQUEST_CUT_OVER, LIFE_STALL, REQUEST_CUT_OVER,
      LIFE_TELL_OPERATOR | LIFE_MAIL_TROUBLE },
    { REQUEST_CUT_OVER, LIFE_SWEPT, REQUEST_COMPLETED,
      LIFE_FREE_SLOT | LIFE_MAKE_CERTIFICATE | LIFE_MAIL_DONE |
      LIFE_MAKE_INVOICE | CLOSE },
    /* clang-format on */
};

/* The states in which an event is possible: for who came too early or late. */
static const char *const remedies[LIFE_N_EVENTS] = {
    [LIFE_LACKS] = "this is asked for before the migration runs",
    [LIFE_COMPLETE] = "it has been quoted already, or is over",
    [LIFE_CHANGED] = "once mailboxes move, change the migration itself",
    [LIFE_QUOTE_AGAIN] = "only a quote that has run out is made again",
    [LIFE_APPROVE] = "ask for a quote, or for another if it has run out",
    [LIFE_SCHEDULE] = "it has to be approved first",
    [LIFE_RESCHEDULE] = "it has no slot, or has begun already",
    [LIFE_START] = "it has to be scheduled first",
    [LIFE_STALL] = "nothing of it is running",
    [LIFE_PRE_STAGED] = "it has to run first",
    [LIFE_CUT_OVER] = "it is not ready for cutover",
    [LIFE_SWEPT] = "cutover comes first",
    [LIFE_REFUSE] = "what was approved can only be cancelled",
    [LIFE_CANCEL] = "after cutover its mailboxes are in use; it ends by itself",
    [LIFE_RUN_OUT] = "only what waits for the partner runs out",
};

int life_next(enum request_state from, enum life_event event,
              struct life_step *ret, struct err *err)
{
    for (size_t i = 0; i < G_N_ELEMENTS(transitions); i++) {
        const struct transition *t = &transitions[i];

        if (t->from == from && t->event == event) {
            *ret = (struct life_step){ t->to, t->acts };
            return 0;
        }
    }
    err_set(err, ERR_MAILBOX, ERR_RETRY_NEVER, 0,
            "a request that is %s cannot take \"%s\"", request_state_name(from),
            event_names[event]);
    err->name = "wrong-state";
    return err_remedy(err, remedies[event]);
}

bool life_is_over(enum request_state state)
{
    return state == REQUEST_COMPLETED || state == REQUEST_REFUSED ||
           state == REQUEST_CANCELLED;
}
