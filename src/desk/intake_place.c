/*
 * A mail of the tray, and an operator who says to which request it belongs.
 */
#include <string.h>

#include "base/timestamp.h"
#include "desk/intake_priv.h"
#include "desk/known.h"

/* What cannot be read: see MAIL_ENCRYPTED, MAIL_TOO_LARGE. */
#define UNREADABLE (MAIL_TOO_LARGE | MAIL_ENCRYPTED)

static void free_account(void *p)
{
    roster_account_free(p);
}

static void free_contact(void *p)
{
    roster_contact_free(p);
}

static int not_found(struct err *err, const char *what, int64_t id)
{
    err_set(err, ERR_MAILBOX, ERR_RETRY_NEVER, 0,
            "there is no %s %" G_GINT64_FORMAT, what, id);
    err->name = "not-found";
    return -1;
}

/* ---- the mail ------------------------------------------------------------ */

/*
 * Of a mail that had passwords only what is no secret was kept: where one
 * stood there is a mark now, which must not be taken for it.
 */
static void forget_password(struct taking *t, const struct request_mail *m)
{
    if (!m->redacted)
        return;
    g_clear_pointer(&t->asked.password, secret_free);
    t->asked.unclear &= ~(1u << ASKED_PASSWORD);
}

static int read_mail(struct taking *t, struct err *err)
{
    const struct mail_context context = { NULL, t->in->desk->address };
    g_autoptr(request_mail) m = NULL;
    int found =
        requests_mail_get(t->in->desk->requests, t->placing->mail_id, &m, err);
    gsize n;
    const void *bytes;

    if (found == 0)
        return not_found(err, "mail", t->placing->mail_id);
    if (found < 0)
        return -1;
    bytes = g_bytes_get_data(m->raw, &n);
    t->mail = mail_read(bytes, n, &context);
    asked_of_mail(t->mail, &t->asked);
    forget_password(t, m);
    return 0;
}

static bool is_readable(const struct taking *t)
{
    return t->mail->nature == MAIL_PERSONAL &&
           (t->mail->faults & UNREADABLE) == 0;
}

/* ---- whose it is --------------------------------------------------------- */

static int may_not_ask(struct err *err, const struct roster_contact *k)
{
    err_set(err, ERR_MAILBOX, ERR_RETRY_NEVER, 0,
            "%s may not ask for a migration", k->address);
    err->name = "may-not-ask";
    return err_remedy(err, "open it for a Primary or Primary Billing Contact");
}

static int find_contact(struct taking *t, int64_t *ret_account, struct err *err)
{
    const int64_t id = t->placing->contact_id;
    g_autoptr(roster_contact) k = NULL;
    int found = roster_contact_get(t->in->desk->stores.roster, id, &k, err);

    if (found < 0)
        return -1;
    if (found == 0)
        return not_found(err, "contact", id);
    if (k->disabled_us != 0 || (k->roles & CONTACT_MAY_ASK) == 0)
        return may_not_ask(err, k);
    *ret_account = k->account_id;
    g_ptr_array_add(t->contacts, g_steal_pointer(&k));
    return 0;
}

static int find_account(struct taking *t, int64_t id, struct err *err)
{
    struct roster_account *a = NULL;
    int found = roster_account_get(t->in->desk->stores.roster, id, &a, err);
    const char *domain = taking_said(t, ASKED_DOMAIN);

    if (found <= 0)
        return found < 0 ? -1 : not_found(err, "account", id);
    g_ptr_array_add(t->accounts, a);
    if (domain != NULL && !known_has_domain(a, domain))
        g_clear_pointer(&t->asked.domain, g_free);
    t->places = g_new0(struct authorise_place, 1);
    t->places[0] = (struct authorise_place){
        .account_id = id,
        .contact_id = t->placing->contact_id,
        .partner = a->partner,
        .roles = CONTACT_MAY_ASK,
    };
    t->may = (struct authorise_result){ AUTHORISE_MAY, t->places };
    return 0;
}

static int find_request(struct taking *t, struct err *err)
{
    const int64_t id = t->placing->request_id;
    int found = requests_get(t->in->desk->requests, id, &t->request, err);

    if (found == 0)
        return not_found(err, "request", id);
    return MIN(found, 0);
}

static int find_place(struct taking *t, struct err *err)
{
    int64_t account = 0;

    t->contacts = g_ptr_array_new_with_free_func(free_contact);
    t->accounts = g_ptr_array_new_with_free_func(free_account);
    if (t->placing->request_id == 0) {
        if (find_contact(t, &account, err) < 0)
            return -1;
    } else {
        if (find_request(t, err) < 0)
            return -1;
        account = t->request->account_id;
    }
    return find_account(t, account, err);
}

/* ---- what is done -------------------------------------------------------- */

int taking_move(struct taking *t, struct intake_done *ret, struct err *err)
{
    const struct request_mail_move move = { t->placing->mail_id,
                                            t->placing->request_id,
                                            t->placing->reason };

    if (requests_mail_move(t->in->desk->requests, t->who, &move, err) < 0)
        return -1;
    ret->request_id = move.request_id;
    ret->mail_id = move.mail_id;
    ret->place = REQUEST_MAIL_PLACED;
    return 1;
}

static int attempt(struct taking *t, struct intake_done *ret, struct err *err)
{
    if (find_place(t, err) < 0)
        return -1;
    ret->verdict = t->may.verdict;
    if (t->request != NULL && !is_readable(t))
        return taking_move(t, ret, err);
    return taking_apply(t, ret, err);
}

static int try_on(struct taking *t, struct intake_done *ret, struct err *err)
{
    int result = read_mail(t, err);

    for (int i = 0; result >= 0 && i < TAKING_TRIES_MAX; i++) {
        result = attempt(t, ret, err);
        if (result >= 0 || g_strcmp0(err->name, "changed") != 0)
            break;
        taking_forget(t);
        result = i + 1 < TAKING_TRIES_MAX ? 0 : -1;
    }
    return MIN(result, 0);
}

int intake_place(struct desk *d, const struct roster_actor *who,
                 const struct intake_placing *p, struct intake_done *ret,
                 struct err *err)
{
    const struct intake in = { .desk = d };
    struct taking t = {
        .in = &in, .who = who, .placing = p, .now_us = timestamp_now()
    };
    struct intake_done done = { 0 };
    int64_t made = 0;
    int result = who->once != NULL
                     ? roster_once_look(d->stores.roster, who->once, &made, err)
                     : 0;

    /* what was done the first time would be refused now */
    if (result != 0) {
        done.request_id = p->request_id != 0 ? p->request_id : made;
        done.mail_id = p->mail_id;
        done.before = true;
    } else {
        result = try_on(&t, &done, err);
        taking_release(&t);
    }
    if (result < 0)
        return -1;
    *ret = done;
    return 0;
}
