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
#define PAGE      500u

struct asking {
    const struct errand *e;
    roster_account *account;
    unsigned int letters;
    GPtrArray *silent; /* of char * */
};

/* ---- a letter ------------------------------------------------------------ */

static int write_letter(struct asking *a, const struct owner *o,
                        const char *kind, struct owner_ask *ask,
                        struct outbox_mail **ret, struct err *err)
{
    static const char *const sides[MIGRATION_N_SIDES] = {
        [MIGRATION_SOURCE] = "the server where it is now",
        [MIGRATION_DESTINATION] = "the server that it moves to",
    };
    struct desk *d = a->e->c->desk;
    g_autoptr(letter_values) v = letter_values_new();
    g_autofree char *until = desk_time(ask->expires_us);
    const struct desk_letter l = {
        .kind = kind, .to = o->address, .values = v, .now_us = a->e->now_us
    };
    char token[TOKEN_SIZE];
    char *url;
    int result;

    token_new(TOKEN_LINK, token, ask->hash);
    url = g_strdup_printf("%s/owner/%s", d->public_url, token);
    letter_set(v, "account", a->account->name);
    letter_set(v, "mailbox", o->address);
    letter_set(v, "side", sides[o->side]);
    letter_set(v, "until", until);
    letter_set(v, "link", url);
    result = desk_write(d, &l, ret, err);
    secret_wipe(url, strlen(url));
    g_free(url);
    secret_wipe(token, sizeof(token));
    return result;
}

static int ask(struct asking *a, const struct owner *o, bool again,
               struct err *err)
{
    const struct errand *e = a->e;
    struct owner_ask ask = {
        .id = o->id,
        .request_id = e->r->id,
        .expires_us = again ? o->expires_us : e->now_us + e->c->desk->owner_us,
        .tries = OWNER_TRIES,
        .again = again,
        .now_us = e->now_us
    };
    struct outbox_mail *mail = NULL;
    int done;

    if (a->letters++ >= LETTERS_MAX)
        return 0;
    if (write_letter(a, o, again ? "owner-reminder" : "owner-password", &ask,
                     &mail, err) < 0)
        return err_in(err, "owner %s", o->address);
    ask.mail = mail;
    done = owners_ask(e->c->desk->stores.migrations, &clerk_actor, &ask, err);
    outbox_mail_free(mail);
    return MIN(done, 0);
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

    if (o->asked_us == 0)
        return ask(a, o, false, err);
    if (o->tries == 0 || o->expires_us <= now_us) {
        add_silent(a, o);
        return 0;
    }
    return o->reminded_us == 0 &&
                   now_us >= o->asked_us + (o->expires_us - o->asked_us) / 2
               ? ask(a, o, true, err)
               : 0;
}

static int mind_all(struct asking *a, struct err *err)
{
    const struct errand *e = a->e;
    struct roster_page page = { .limit = PAGE };

    for (;;) {
        g_autoptr(GPtrArray) some = NULL;

        if (owners_list(e->c->desk->stores.migrations, e->r->migration_id,
                        &page, &some, err) < 0)
            return -1;
        if (some->len > 0 && a->account == NULL &&
            roster_account_get(e->c->desk->stores.roster, e->r->account_id,
                               &a->account, err) <= 0)
            return -1;
        for (guint i = 0; i < some->len; i++) {
            const struct owner *o = some->pdata[i];

            if (mind_owner(a, o, err) < 0)
                return -1;
            page.after = o->id;
        }
        if (some->len < page.limit)
            return 0;
    }
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
