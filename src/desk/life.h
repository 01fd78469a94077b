/*
 * life - a request's life as a table: in which state which event is possible,
 * what comes then, and what is to be done.
 *
 *   received -> awaiting information -> quoted -> approved -> scheduled
 *       -> running -> ready for cutover -> cut over -> completed
 *
 * with refused, cancelled and expired as ends on the way.  Pure: who calls
 * carries out the acts, all in the transaction that writes the new state
 * (requests_step()), those that reach out of the store afterwards by the
 * state alone, so that a crash between repeats them and does not lose them.
 *
 * Nothing is ever begun that costs money but by APPROVE, which comes from a
 * link of the contact on file or from an operator.
 */
#ifndef DESK_LIFE_H
#define DESK_LIFE_H

#include <stdbool.h>

#include "base/err.h"
#include "store/requests.h"

enum life_event {
    LIFE_LACKS,       /* pieces are missing, or what came is no good */
    LIFE_COMPLETE,    /* all there, and the check pass found nothing */
    LIFE_CHANGED,     /* something that the quote rests on is different */
    LIFE_QUOTE_AGAIN, /* asked for once more after the quote ran out */
    LIFE_APPROVE,     /* by the contact on file, or by an operator's hand */
    LIFE_SCHEDULE,    /* a slot was found */
    LIFE_RESCHEDULE,  /* by either side, with notice */
    LIFE_START,       /* the slot's time has come */
    LIFE_STALL,       /* no progress: an operator is told */
    LIFE_PRE_STAGED,  /* every mailbox is as far as it can be before cutover */
    LIFE_CUT_OVER,    /* the contact says: users have moved */
    LIFE_SWEPT,       /* the sweeps are over and verification is through */
    LIFE_REFUSE,      /* by an operator, or since who asks may not */
    LIFE_CANCEL,      /* by either side */
    LIFE_RUN_OUT,     /* of the quote's or the waiting's time */
    LIFE_N_EVENTS
};
/* "lacks", "complete", ...; static. */
const char *life_event_name(enum life_event event);

enum life_act {
    LIFE_ASK_MISSING = 1 << 0, /* the one mail that lists it */
    LIFE_MAKE_QUOTE = 1 << 1,  /* and mail it with a link to approve */
    LIFE_END_LINKS = 1 << 2,   /* what was sent before opens nothing */
    LIFE_MAIL_APPROVED = 1 << 3,
    LIFE_PICK_SLOT = 1 << 4,
    LIFE_MAIL_SCHEDULED = 1 << 5,
    LIFE_MAKE_MIGRATION = 1 << 6, /* from the file and the credentials */
    LIFE_PRE_STAGE = 1 << 7,      /* queue the first passes */
    LIFE_MAIL_STARTED = 1 << 8,
    LIFE_MAIL_TROUBLE = 1 << 9, /* with what the partner can do */
    LIFE_TELL_OPERATOR = 1 << 10,
    LIFE_MAIL_CHECKLIST = 1 << 11, /* MX, Autodiscover, X500, permissions */
    LIFE_FINAL_DELTA = 1 << 12,    /* and sweeps for 72 hours */
    LIFE_MAKE_CERTIFICATE = 1 << 13,
    LIFE_MAIL_DONE = 1 << 14, /* with the certificate */
    LIFE_MAKE_INVOICE = 1 << 15,
    LIFE_STOP_JOBS = 1 << 16,
    LIFE_FREE_SLOT = 1 << 17,
    LIFE_DESTROY_SECRETS = 1 << 18,
    LIFE_MAIL_REFUSED = 1 << 19,
    LIFE_MAIL_CANCELLED = 1 << 20,
    LIFE_MAIL_EXPIRED = 1 << 21,
    LIFE_END_APPROVALS = 1 << 22, /* of links those that approve */
};
#define LIFE_N_ACTS 23

/*
 * What an act does, for whoever decides about it: of a mail what it says ("that
 * it is cancelled"), of others what happens; NULL: nothing that they would
 * notice.  Static.
 */
struct life_effect {
    bool mail;
    const char *text;
};
const struct life_effect *life_effect(enum life_act act);

struct life_step {
    enum request_state to;
    unsigned int acts; /* enum life_act, or'ed */
};

/*
 * -1, name "wrong-state": nothing of the sort happens in that state; the
 * remedy says what would have to come before.
 */
int life_next(enum request_state from, enum life_event event,
              struct life_step *ret, struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* Completed, refused, cancelled: nothing happens any more. */
bool life_is_over(enum request_state state);

#endif
