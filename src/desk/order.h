/*
 * order - what somebody decides about a request by hand: an operator, or a
 * contact who is signed in.
 */
#ifndef DESK_ORDER_H
#define DESK_ORDER_H

#include "desk/desk.h"

enum order_verb {
    ORDER_APPROVE,
    ORDER_REFUSE,
    ORDER_CANCEL,
    ORDER_SCHEDULE,    /* for the first time, or anew */
    ORDER_CUT_OVER,    /* users have moved */
    ORDER_QUOTE_AGAIN, /* once the quote has run out */
    ORDER_N_VERBS
};
/* "approve", "refuse", ...; static. */
const char *order_verb_name(enum order_verb verb);
/* ORDER_N_VERBS when there is none. */
enum order_verb order_verb_parse(const char *name);

/* All borrowed; NULL: not said. */
struct order {
    enum order_verb verb;
    int64_t request_id;
    int64_t version; /* as it was seen, else "changed"; 0: whichever it is */
    const char *contact; /* who decides, where it is one; NULL: an operator */
    const char *reason;  /* for the trail; refused: for the mail, too */
    const char *remedy;  /* refused: what they can do instead */
    const char *start, *cutover; /* schedule: "2026-12-01" */
    int64_t now_us;              /* 0: now */
};

/*
 * Carry it out.  -1, beside desk_event()'s: "invalid" (a date that is none, or
 * over), "no-room" (a contact's day is full, by days.h; operators may),
 * "missing" (a reason, a date), "wrong-state" (a contact approves what is not
 * quoted, or whose quote has run out; schedules for the first time).
 */
int order_carry_out(struct desk *d, const struct roster_actor *who,
                    const struct order *o,
                    struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * What would come of it, were nothing missing that a person gives with it.
 * False: nothing of the sort happens in that state.
 */
bool order_foresee(enum order_verb verb, const struct request *r,
                   struct life_step *ret);

/* "2026-12-01": a day that there is. */
bool order_is_day(const char *text);

#endif
