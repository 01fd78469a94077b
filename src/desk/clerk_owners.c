/*
 * Owners are asked for their passwords once the migration is approved: a mail
 * that anybody can write causes none to them.  Half-way to the link's end they
 * are reminded, with a new link; who has not answered by then, or was refused
 * too often, the partner hears of, once a day.
 */
#include "base/timestamp.h"
#include "desk/clerk_priv.h"
#include "desk/owner.h"

/* Letters of one look: the mail server takes them in turn. */
#define LETTERS_MAX 50u
/* Of the owners that a letter to the partner names. */
#define NAMES_MAX 200u

struct asking {
    const struct errand *e;
    roster_account *account;
    unsigned int letters;
    GPtrArray *silent; /* of char * */
};

/* ---- a letter ------------------------------------------------------------ */

static int ask(struct asking *a, const struct owner *o, enum owner_turn turn,
               struct err *err)
{
    const struct owner_letter l = { .request = a->e->r,
                                    .owner = o,
                                    .turn = turn,
                                    .account = a->account->name,
                                    .now_us = a->e->now_us };

    if (a->letters++ >= LETTERS_MAX)
        return 0;
    return MIN(owner_send(a->e->c->desk, &clerk_actor, &l, err), 0);
}

/* ---- each of them -------------------------------------------------------- */

static void add_silent(struct asking *a, const struct owner *o)
{
    if (a->silent->len < NAMES_MAX)
        g_ptr_array_add(a->silent,
                        g_strdup_printf("%s: %s", o->address,
                                        o->tries == 0
                                            ? "the password was refused"
                                            : "no answer"));
}

static int mind_owner(struct asking *a, const struct owner *o, struct err *err)
{
    int64_t now_us = a->e->now_us;

    switch (owner_standing(o, now_us)) {
    case OWNER_NOT_ASKED:
        return ask(a, o, OWNER_FIRST, err);
    case OWNER_WAITED_FOR:
        return o->reminded_us == 0 &&
                       now_us >= o->asked_us + (o->expires_us - o->asked_us) / 2
                   ? ask(a, o, OWNER_REMINDER, err)
                   : 0;
    case OWNER_TOO_OLD:
    case OWNER_USED_UP:
    case OWNER_N_STANDINGS:
        break;
    }
    add_silent(a, o);
    return 0;
}

static int mind_all(struct asking *a, struct err *err)
{
    const struct errand *e = a->e;
    g_autoptr(GPtrArray) all = NULL;

    if (owner_list(e->c->desk, e->r, &all, err) < 0)
        return -1;
    if (all->len > 0 &&
        roster_account_get(e->c->desk->stores.roster, e->r->account_id,
                           &a->account, err) <= 0)
        return -1;
    for (guint i = 0; i < all->len; i++)
        if (mind_owner(a, all->pdata[i], err) < 0)
            return -1;
    return 0;
}

/* 1: told now, and so the request is another one; 0; -1. */
static int tell_silent(const struct asking *a, struct err *err)
{
    static const char *const kinds[] = { "owners-silent", NULL };
    const struct request_change change = { .state = -1, .told = true };
    struct desk_wish wish = { .event = DESK_NO_EVENT,
                              .change = &change,
                              .progress = a->silent,
                              .letters = kinds,
                              .action = "request.owners-silent" };
    const struct request *r = a->e->r;

    if (a->silent->len == 0 ||
        (r->told_us >= r->state_us && clerk_has_told(a->e)))
        return 0;
    return clerk_event(a->e, &wish, err);
}

int clerk_owners(const struct errand *e, struct err *err)
{
    g_autoptr(GPtrArray) silent = g_ptr_array_new_with_free_func(g_free);
    struct asking a = { .e = e, .silent = silent };
    int result = e->r->migration_id != 0 ? mind_all(&a, err) : 0;

    roster_account_free(a.account);
    return result < 0 ? -1 : tell_silent(&a, err);
}
