#include "desk/waits.h"

#include "base/timestamp.h"
#include "desk/desk.h"
#include "desk/known.h"
#include "desk/sign_in.h"
#include "desk/slot.h"

/*
 * What goes on by itself takes minutes, or hours where a server has quiet ones;
 * what has not moved for a day does not move without a person.
 */
#define OURS_US TIMESTAMP_DAY

static const char *const names[WAITS_N_WHO] = {
    [WAITS_NOBODY] = "nobody",
    [WAITS_CONTACT] = "contact",
    [WAITS_US] = "us",
    [WAITS_OPERATOR] = "operator",
};

struct waits_rules waits_rules_of(const struct config *c)
{
    if (!desk_is_configured(c))
        return (struct waits_rules){ 0 };
    return (struct waits_rules){
        .answer_us = config_us(c, CONFIG_DESK_WAIT),
        .sweep_us = config_us(c, CONFIG_DESK_SWEEP),
        .no_destination = config_text(c, CONFIG_DESK_DESTINATION) == NULL,
        .no_prices = config_text(c, CONFIG_DESK_PRICE_LIST) == NULL,
    };
}

const char *waits_who_name(enum waits_who who)
{
    return names[who];
}

static bool is_said(const char *text)
{
    return text != NULL && *text != '\0';
}

static struct waits wait_for(enum waits_who who, const char *text,
                             int64_t since_us, int64_t until_us)
{
    return (struct waits){ who, text, NULL, since_us, until_us, false };
}

/* Of a day, and the day after it; 0: none. */
static int64_t day_us(const char *day, int64_t more_us)
{
    int64_t us = 0;

    return is_said(day) && slot_begins(day, &us) ? us + more_us : 0;
}

/* Enough others were tried; a moment is left for it to be taken up. */
static struct waits held_wait(const struct request *r)
{
    return wait_for(WAITS_US, "the next try of the administrative credentials",
                    r->tried.at_us,
                    sign_in_again_us(r) + 10 * 60 * TIMESTAMP_SECOND);
}

/* What the check, or the quote after it, does not come without. */
static struct waits check_wait(const struct request *r,
                               const struct waits_rules *rules)
{
    const int64_t since_us = MAX(r->pieces_us, r->state_us);
    struct waits w =
        wait_for(WAITS_US, "servers, credentials and mailboxes are checked",
                 since_us, since_us + OURS_US);

    if (rules->no_destination) {
        w.who = WAITS_OPERATOR;
        w.text = "our own Exchange, to check it against";
        w.remedy = "set desk.destination, and start the service again";
    } else if (rules->no_prices) {
        w.who = WAITS_OPERATOR;
        w.text = "a price list, to quote it by";
        w.remedy = "set desk.price-list, and start the service again";
    } else if (sign_in_is_held(&r->tried)) {
        w = held_wait(r);
    }
    return w;
}

static struct waits answer_wait(const struct request *r,
                                const struct waits_rules *rules)
{
    return wait_for(WAITS_CONTACT, "what is missing", r->changed_us,
                    rules->answer_us != 0 ? r->changed_us + rules->answer_us
                                          : 0);
}

/* What was given beside the quote is known to be wrong (clerk.h). */
static struct waits of_approved(const struct request *r)
{
    const bool scheduled = r->state == REQUEST_SCHEDULED;

    if (known_was_missing(r, COMPLETE_CREDENTIALS_REFUSED))
        return wait_for(WAITS_CONTACT, "other administrative credentials",
                        r->changed_us, scheduled ? day_us(r->start, 0) : 0);
    if (sign_in_is_held(&r->tried))
        return held_wait(r);
    return scheduled ? wait_for(WAITS_US, "its day", r->state_us,
                                day_us(r->start, OURS_US))
                     : wait_for(WAITS_US, "a day with room", r->state_us,
                                r->state_us + OURS_US);
}

static struct waits of_state(const struct request *r,
                             const struct waits_rules *rules)
{
    switch (r->state) {
    case REQUEST_RECEIVED:
    case REQUEST_AWAITING_INFORMATION:
        return is_said(r->missing) ? answer_wait(r, rules)
                                   : check_wait(r, rules);
    case REQUEST_QUOTED:
        return is_said(r->quote)
                   ? wait_for(WAITS_CONTACT, "approval of the quote",
                              r->state_us, r->quote_until_us)
                   : check_wait(r, rules);
    case REQUEST_APPROVED:
    case REQUEST_SCHEDULED:
        return of_approved(r);
    case REQUEST_RUNNING:
        return wait_for(WAITS_US, "mailboxes are copied", r->state_us,
                        day_us(r->cutover, 0));
    case REQUEST_READY_FOR_CUTOVER:
        return wait_for(WAITS_CONTACT, "word that users have moved",
                        r->state_us, day_us(r->cutover, TIMESTAMP_DAY));
    case REQUEST_CUT_OVER:
        return wait_for(
            WAITS_US, "last changes are copied, and all is verified",
            r->state_us,
            rules->sweep_us != 0 ? r->state_us + rules->sweep_us + OURS_US : 0);
    case REQUEST_EXPIRED:
        return wait_for(WAITS_CONTACT, "any answer, to be quoted again",
                        r->state_us, 0);
    case REQUEST_COMPLETED:
    case REQUEST_REFUSED:
    case REQUEST_CANCELLED:
    case REQUEST_N_STATES:
        break;
    }
    return wait_for(WAITS_NOBODY, "", r->state_us, 0);
}

struct waits waits_of(const struct request *r, const struct waits_rules *rules,
                      int64_t now_us)
{
    struct waits w = of_state(r, rules);

    w.late = w.until_us != 0 && now_us >= w.until_us;
    return w;
}
