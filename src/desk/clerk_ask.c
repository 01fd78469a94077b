/*
 * What is missing is asked for in one letter: a mail that gives an address is
 * answered once that was tried, and whoever fills in the pages once they have
 * stopped.
 */
#include <string.h>

#include "base/timestamp.h"
#include "desk/clerk_priv.h"
#include "desk/known.h"

/* Whoever has supplied nothing for as long has stopped. */
#define QUIET_US (10 * 60 * TIMESTAMP_SECOND)
/* A mail waits no longer for an answer: what prober.h takes in order. */
#define PROBE_US (2 * 60 * TIMESTAMP_SECOND)
/* That may have come since the one that is to be answered. */
#define MAILS_MAX 50u

static bool is_missing_any(const struct request *r)
{
    return r->state == REQUEST_AWAITING_INFORMATION && r->missing != NULL &&
           *r->missing != '\0';
}

/* Is something missing that nobody was asked for: is it being filled in? */
static bool is_filled_in(const struct request *r)
{
    return is_missing_any(r) && r->told_us < r->state_us;
}

/*
 * The mail that brought the newest pieces, if what is missing was not asked for
 * since: 1 and *ret, 0, -1.  Both were recorded in one step, at one time.
 */
static int find_unanswered(const struct errand *e, struct request_mail **ret,
                           struct err *err)
{
    const struct request_mail_filter filter = { e->r->id, -1 };
    const struct roster_page page = { .limit = MAILS_MAX, .down = true };
    g_autoptr(GPtrArray) some = NULL;

    if (!is_missing_any(e->r) || e->r->told_us >= e->r->pieces_us)
        return 0;
    if (requests_mails(e->c->desk->requests, &filter, &page, &some, err) < 0)
        return -1;
    for (guint i = 0; i < some->len; i++) {
        const struct request_mail *m = some->pdata[i];

        if (m->received_us != e->r->pieces_us)
            continue;
        *ret = g_ptr_array_steal_index(some, i);
        return 1;
    }
    return 0;
}

/* They stand in the letter wherever it asks for a corrected file. */
static int add_faults(const struct errand *e, GPtrArray *to, struct err *err)
{
    const struct complete_known known = { .domain = e->r->domain,
                                          .owa_url = e->r->owa_url };
    struct import *file = NULL;

    if (known_old_import(e->c->desk, e->r, &known, &file, err) < 0)
        return -1;
    if (file != NULL)
        known_add_faults(file, to);
    import_free(file);
    return 0;
}

/* m: what it answers; or NULL. */
static void answer(struct desk_wish *wish, const struct request_mail *m)
{
    if (m == NULL)
        return;
    wish->late = true;
    wish->writer = m->sender;
    /* of a mail without one it is a digest */
    if (strchr(m->message_id, '@') != NULL)
        wish->in_reply_to = m->message_id;
}

int clerk_lacks(const struct errand *e, const struct clerk_lack *lack,
                struct err *err)
{
    struct complete_list missing =
        complete_parse(e->r->missing != NULL ? e->r->missing : "");
    g_autoptr(GPtrArray) faults = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(request_mail) mail = NULL;
    struct desk_wish wish = {
        .event = LIFE_LACKS,
        .missing = &missing,
        .faults = lack->faults != NULL ? lack->faults : faults,
        .reason = lack->reason,
        .remedy = lack->remedy,
    };
    int found = find_unanswered(e, &mail, err);

    if (found < 0 || (known_was_missing(e->r, COMPLETE_FILE_FAULTS) &&
                      lack->faults == NULL && add_faults(e, faults, err) < 0))
        return -1;
    missing.missing |= 1u << lack->piece;
    wish.at_work = found == 0 && is_filled_in(e->r);
    answer(&wish, mail);
    return clerk_event(e, &wish, err);
}

/*
 * Why what was tried is asked for again, as far as anybody remembers; ret has
 * what the wish borrows.
 */
static void add_reason(const struct errand *e, struct probe_found *ret,
                       struct desk_wish *wish)
{
    const struct request_try *t = &e->r->tried;

    if (known_was_missing(e->r, COMPLETE_OWA_UNREACHABLE) &&
        prober_look(e->prober, e->r->id, e->r->pieces_us, ret) == PROBE_BAD) {
        wish->reason = ret->why.msg;
    } else if (known_was_missing(e->r, COMPLETE_CREDENTIALS_REFUSED) &&
               t->outcome == REQUEST_TRY_REFUSED) {
        ret->why = (struct err){ .name = t->cause };
        wish->reason = t->why;
    } else {
        return;
    }
    wish->remedy = reach_remedy(&ret->why);
}

static int ask_now(const struct errand *e, const struct request_mail *mail,
                   struct err *err)
{
    struct complete_list missing = complete_parse(e->r->missing);
    g_autoptr(GPtrArray) faults = g_ptr_array_new_with_free_func(g_free);
    struct desk_wish wish = { .event = LIFE_LACKS,
                              .missing = &missing,
                              .faults = faults };
    struct probe_found found;

    if (add_faults(e, faults, err) < 0)
        return -1;
    add_reason(e, &found, &wish);
    answer(&wish, mail);
    return clerk_event(e, &wish, err);
}

int clerk_ask(const struct errand *e, bool probed, struct err *err)
{
    g_autoptr(request_mail) mail = NULL;
    int found = find_unanswered(e, &mail, err);
    bool due = found > 0 ? probed || e->now_us - e->r->pieces_us >= PROBE_US
                         : is_filled_in(e->r) &&
                               e->now_us - e->r->changed_us >= QUIET_US;

    if (found < 0)
        return -1;
    return due ? ask_now(e, mail, err) : 0;
}
