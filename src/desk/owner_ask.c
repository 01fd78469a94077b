/*
 * Owners are asked for their passwords: the letter, and the same once more
 * where its link opens nothing any more.
 */
#include <string.h>

#include "base/timestamp.h"
#include "desk/owner.h"

#define PAGE 500u

/* States in which a password would still be of use. */
#define ASKED_IN                                                               \
    (1u << REQUEST_SCHEDULED | 1u << REQUEST_RUNNING |                         \
     1u << REQUEST_READY_FOR_CUTOVER | 1u << REQUEST_CUT_OVER)

static const char *const letters_of[OWNER_N_TURNS] = {
    [OWNER_FIRST] = "owner-password",
    [OWNER_REMINDER] = "owner-reminder",
    [OWNER_ANEW] = "owner-anew",
};

enum owner_standing owner_standing(const struct owner *o, int64_t now_us)
{
    if (o->asked_us == 0)
        return OWNER_NOT_ASKED;
    if (o->tries == 0)
        return OWNER_USED_UP;
    return o->expires_us <= now_us ? OWNER_TOO_OLD : OWNER_WAITED_FOR;
}

const char *owner_standing_name(enum owner_standing standing)
{
    static const char *const names[OWNER_N_STANDINGS] = {
        [OWNER_NOT_ASKED] = "not asked",
        [OWNER_WAITED_FOR] = "waiting",
        [OWNER_TOO_OLD] = "expired",
        [OWNER_USED_UP] = "refused",
    };

    return names[standing];
}

const char *owner_organisation(const struct roster_account *account)
{
    return account != NULL ? account->name : "Your organisation";
}

char *owner_server(const struct owner *o)
{
    static const char *const servers[MIGRATION_N_SIDES] = {
        [MIGRATION_SOURCE] = "the server where it is now",
        [MIGRATION_DESTINATION] = "the server that it moves to",
    };
    g_autoptr(GUri) url =
        o->url != NULL ? g_uri_parse(o->url, G_URI_FLAGS_NONE, NULL) : NULL;
    const char *host = url != NULL ? g_uri_get_host(url) : NULL;

    if (host == NULL || *host == '\0')
        return g_strdup(servers[o->side]);
    return g_strdup_printf("%s (%s)", servers[o->side], host);
}

static void free_owner(void *p)
{
    owner_free(p);
}

int owner_list(struct desk *d, const struct request *r, GPtrArray **ret,
               struct err *err)
{
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(free_owner);
    struct roster_page page = { .limit = PAGE };
    guint n = PAGE;

    while (r->migration_id != 0 && n == PAGE) {
        GPtrArray *some;

        if (owners_list(d->stores.migrations, r->migration_id, &page, &some,
                        err) < 0)
            return -1;
        n = some->len;
        g_ptr_array_extend_and_steal(all, some);
        if (n > 0)
            page.after = ((const struct owner *)all->pdata[all->len - 1])->id;
    }
    *ret = g_steal_pointer(&all);
    return 0;
}

/* ---- a letter ------------------------------------------------------------ */

static int write_letter(struct desk *d, const struct owner_letter *l,
                        struct owner_ask *ask, struct outbox_mail **ret,
                        struct err *err)
{
    const struct owner *o = l->owner;
    g_autoptr(letter_values) v = letter_values_new();
    g_autofree char *until = desk_time(ask->expires_us);
    const struct desk_letter what = { .kind = letters_of[l->turn],
                                      .to = o->address,
                                      .values = v,
                                      .now_us = l->now_us };
    g_autofree char *server = owner_server(o);
    char token[TOKEN_SIZE];
    char *url;
    int result;

    token_new(TOKEN_LINK, token, ask->hash);
    url = g_strdup_printf("%s/owner/%s", d->public_url, token);
    letter_set(v, "account", l->account);
    letter_set(v, "mailbox", o->address);
    letter_set(v, "side", server);
    letter_set(v, "until", until);
    letter_set(v, "link", url);
    result = desk_write(d, &what, ret, err);
    secret_wipe(url, strlen(url));
    g_free(url);
    secret_wipe(token, sizeof(token));
    return result;
}

int owner_send(struct desk *d, const struct roster_actor *who,
               const struct owner_letter *l, struct err *err)
{
    const struct owner *o = l->owner;
    struct owner_ask ask = { .id = o->id,
                             .request_id = l->request->id,
                             .turn = l->turn,
                             .seen_us = o->asked_us,
                             .expires_us = l->turn == OWNER_REMINDER
                                               ? o->expires_us
                                               : l->now_us + d->owner_us,
                             .tries = OWNER_TRIES,
                             .now_us = l->now_us };
    struct outbox_mail *mail = NULL;
    int done;

    if (write_letter(d, l, &ask, &mail, err) < 0)
        return err_in(err, "owner %s", o->address);
    ask.mail = mail;
    done = owners_ask(d->stores.migrations, who, &ask, err);
    outbox_mail_free(mail);
    return done;
}

/* ---- once more ----------------------------------------------------------- */

static int refuse(struct err *err, const char *name, const char *text,
                  const char *remedy)
{
    err_set(err, ERR_MAILBOX, ERR_RETRY_NEVER, 0, "%s", text);
    err->name = name;
    return err_remedy(err, remedy);
}

static bool is_meant(const struct owner *o, int64_t mailbox_id, int64_t now_us)
{
    const enum owner_standing is = owner_standing(o, now_us);

    return mailbox_id != 0
               ? o->mailbox_id == mailbox_id && is != OWNER_NOT_ASKED
               : is == OWNER_TOO_OLD || is == OWNER_USED_UP;
}

static int send_all(struct desk *d, const struct roster_actor *who,
                    const struct request *r, int64_t mailbox_id, size_t *ret_n,
                    struct err *err)
{
    const int64_t now_us = timestamp_now();
    g_autoptr(roster_account) account = NULL;
    g_autoptr(GPtrArray) all = NULL;
    size_t n = 0;

    if (owner_list(d, r, &all, err) < 0 ||
        roster_account_get(d->stores.roster, r->account_id, &account, err) < 0)
        return -1;
    for (guint i = 0; i < all->len; i++) {
        const struct owner_letter l = {
            .request = r,
            .owner = all->pdata[i],
            .turn = OWNER_ANEW,
            .account = owner_organisation(account),
            .now_us = now_us,
        };
        int sent = 0;

        if (is_meant(l.owner, mailbox_id, now_us))
            sent = owner_send(d, who, &l, err);
        if (sent < 0)
            return -1;
        n += (size_t)sent;
    }
    *ret_n = n;
    return n > 0 ? 0
                 : refuse(err, "wrong-state",
                          mailbox_id != 0
                              ? "nobody is asked for this mailbox's password"
                              : "each owner who is asked has a link that works",
                          "the list of its owners says how each stands");
}

int owner_ask_anew(struct desk *d, const struct roster_actor *who,
                   const struct request *r, int64_t mailbox_id, size_t *ret_n,
                   struct err *err)
{
    g_autofree char *detail = NULL;
    struct request_step step = { .request_id = r->id,
                                 .action = "request.ask-owners" };
    int64_t made;
    int known = who->once != NULL
                    ? roster_once_look(d->stores.roster, who->once, &made, err)
                    : 0;

    if (known != 0) {
        *ret_n = 0;
        return MIN(known, 0);
    }
    if ((ASKED_IN & 1u << r->state) == 0)
        return refuse(err, "wrong-state",
                      "its owners are not asked for passwords now",
                      "they are from the approval until it is over");
    if (send_all(d, who, r, mailbox_id, ret_n, err) < 0)
        return -1;
    detail = g_strdup_printf("%zu new links", *ret_n);
    step.detail = detail;
    step.now_us = timestamp_now();
    return MIN(requests_step(d->requests, who, &step, NULL, err), 0);
}
