#include "desk/order.h"

#include <string.h>

#include "base/timestamp.h"
#include "desk/days.h"

#define DAY_LEN 10

static const char *const verbs[ORDER_N_VERBS] = {
    [ORDER_APPROVE] = "approve",   [ORDER_REFUSE] = "refuse",
    [ORDER_CANCEL] = "cancel",     [ORDER_SCHEDULE] = "schedule",
    [ORDER_CUT_OVER] = "cut-over", [ORDER_QUOTE_AGAIN] = "quote-again",
};

const char *order_verb_name(enum order_verb verb)
{
    return verbs[verb];
}

enum order_verb order_verb_parse(const char *name)
{
    int i = 0;

    while (i < ORDER_N_VERBS && strcmp(verbs[i], name) != 0)
        i++;
    return (enum order_verb)i;
}

bool order_is_day(const char *text)
{
    g_auto(GStrv) parts = g_strsplit(text, "-", 4);
    guint64 v[3];

    if (strlen(text) != DAY_LEN || g_strv_length(parts) != 3)
        return false;
    for (int i = 0; i < 3; i++)
        if (strlen(parts[i]) != (i == 0 ? 4 : 2) ||
            !g_ascii_string_to_unsigned(parts[i], 10, 1, 9999, &v[i], NULL))
            return false;
    return v[1] <= 12 && v[2] <= 31 &&
           g_date_valid_dmy((GDateDay)v[2], (GDateMonth)v[1], (GDateYear)v[0]);
}

static int refuse(struct err *err, const char *name, const char *text,
                  const char *remedy)
{
    err_set(err, ERR_MAILBOX, ERR_RETRY_NEVER, 0, "%s", text);
    err->name = name;
    return err_remedy(err, remedy);
}

/* ---- what is asked for --------------------------------------------------- */

static int check_days(const struct order *o, int64_t now_us, struct err *err)
{
    g_autofree char *today = timestamp_format(now_us);

    today[DAY_LEN] = '\0';
    if (o->start == NULL)
        return refuse(err, "missing", "the day of the start is missing",
                      "give it as in 2026-12-01");
    if (!order_is_day(o->start) ||
        (o->cutover != NULL && !order_is_day(o->cutover)))
        return refuse(err, "invalid", "a date is none",
                      "write it as in 2026-12-01");
    if (strcmp(o->start, today) < 0)
        return refuse(err, "invalid", "the day of the start is over",
                      "give today or a later day");
    return o->cutover == NULL || strcmp(o->start, o->cutover) <= 0
               ? 0
               : refuse(err, "invalid", "cutover is before the start",
                        "the mailboxes are copied before their users move");
}

/*
 * Of a contact, who may move to any day with room, and keep the one there is.
 */
static int check_room(const struct desk *d, const struct order *o,
                      const struct request *r, int64_t now_us, struct err *err)
{
    g_autoptr(days) open = NULL;
    char first[SLOT_DAY_SIZE];

    if (g_strcmp0(o->start, r->start) == 0)
        return 0;
    if (days_read(d, r, &open, err) < 0)
        return -1;
    if (!days_first(open, o->start, now_us, first))
        return refuse(err, "no-room",
                      "there is no room from then on, within "
                      "a year",
                      "choose an earlier day");
    if (strcmp(first, o->start) == 0)
        return 0;
    err_set(err, ERR_MAILBOX, ERR_RETRY_NEVER, 0,
            "there is no room on %s; the next day with room is %s", o->start,
            first);
    err->name = "no-room";
    return err_remedy(err, "choose that day, or a later one");
}

/* What costs money is decided by a contact on the quote, or by an operator. */
static int check_approval(const struct order *o, const struct request *r,
                          int64_t now_us, struct err *err)
{
    if (o->contact == NULL)
        return o->reason != NULL
                   ? 0
                   : refuse(err, "missing",
                            "why it is approved by hand is missing",
                            "say who has agreed to the price, and how");
    if (r->state == REQUEST_QUOTED && r->quote != NULL && *r->quote != '\0' &&
        r->quote_until_us > now_us)
        return 0;
    return refuse(err, "wrong-state",
                  "there is no quote that could be approved",
                  "answer any of our mails to ask for one");
}

static int check(const struct desk *d, const struct order *o,
                 const struct request *r, int64_t now_us, struct err *err)
{
    switch (o->verb) {
    case ORDER_APPROVE:
        return check_approval(o, r, now_us, err);
    case ORDER_REFUSE:
        return o->reason != NULL
                   ? 0
                   : refuse(err, "missing", "why it is refused is missing",
                            "the reason stands in the mail that says so");
    case ORDER_SCHEDULE:
        if (o->contact != NULL && r->state != REQUEST_SCHEDULED)
            return refuse(err, "wrong-state", "it has no slot yet",
                          "we find the first one; it can be changed then");
        if (check_days(o, now_us, err) < 0)
            return -1;
        return o->contact != NULL ? check_room(d, o, r, now_us, err) : 0;
    case ORDER_CANCEL:
    case ORDER_CUT_OVER:
    case ORDER_QUOTE_AGAIN:
    case ORDER_N_VERBS:
        break;
    }
    return 0;
}

static enum life_event event_of(enum order_verb verb, const struct request *r)
{
    switch (verb) {
    case ORDER_APPROVE:
        return LIFE_APPROVE;
    case ORDER_REFUSE:
        return LIFE_REFUSE;
    case ORDER_CANCEL:
        return LIFE_CANCEL;
    case ORDER_CUT_OVER:
        return LIFE_CUT_OVER;
    case ORDER_QUOTE_AGAIN:
        return LIFE_QUOTE_AGAIN;
    case ORDER_SCHEDULE:
    case ORDER_N_VERBS:
        break;
    }
    return r->state == REQUEST_SCHEDULED ? LIFE_RESCHEDULE : LIFE_SCHEDULE;
}

bool order_foresee(enum order_verb verb, const struct request *r,
                   struct life_step *ret)
{
    struct err err;

    return life_next(r->state, event_of(verb, r), ret, &err) == 0;
}

/* ---- carrying it out ----------------------------------------------------- */

int order_carry_out(struct desk *d, const struct roster_actor *who,
                    const struct order *o, struct err *err)
{
    g_autoptr(request) r = NULL;
    const struct request_change change = { .state = -1,
                                           .start = o->start,
                                           .cutover = o->cutover };
    struct desk_wish wish = {
        .request_id = o->request_id,
        .version = o->version,
        .change = o->verb == ORDER_SCHEDULE ? &change : NULL,
        .reason = o->reason,
        .remedy = o->remedy,
        .approved_by = o->contact != NULL ? o->contact : "our support team",
        .detail = o->reason,
        .now_us = o->now_us != 0 ? o->now_us : timestamp_now(),
    };
    int found = requests_get(d->requests, o->request_id, &r, err);

    if (found == 0) {
        err_set(err, ERR_MAILBOX, ERR_RETRY_NEVER, 0,
                "there is no request %" G_GINT64_FORMAT, o->request_id);
        err->name = "not-found";
        return -1;
    }
    if (found < 0 || check(d, o, r, wish.now_us, err) < 0)
        return -1;
    wish.event = (int)event_of(o->verb, r);
    return desk_event(d, who, &wish, NULL, err) < 0 ? -1 : 0;
}
