#include "desk/intake_priv.h"
#include "desk/known.h"

/* Accounts that one address may speak for. */
#define CONTACTS_MAX 100

static void free_account(void *p)
{
    roster_account_free(p);
}

static int find_account(struct taking *t, const struct roster_contact *k,
                        struct authorise_place *place, struct err *err)
{
    struct roster_account *a = NULL;
    int found =
        roster_account_get(t->in->desk->stores.roster, k->account_id, &a, err);

    if (found <= 0) /* 0: it went at this moment, and its contacts with it */
        return found;
    g_ptr_array_add(t->accounts, a);
    *place = (struct authorise_place){
        .account_id = a->id,
        .contact_id = k->id,
        .partner = a->partner,
        .roles = k->roles,
        .disabled = k->disabled_us != 0,
        .has_domain = known_has_domain(a, taking_said(t, ASKED_DOMAIN)),
    };
    return 1;
}

int taking_find_sender(struct taking *t, struct err *err)
{
    const struct contact_filter filter = { .address = t->mail->from };
    const struct roster_page page = { .limit = CONTACTS_MAX };
    guint n = 0;

    t->accounts = g_ptr_array_new_with_free_func(free_account);
    if (t->mail->from == NULL)
        return 0;
    if (roster_contacts(t->in->desk->stores.roster, &filter, &page,
                        &t->contacts, err) < 0)
        return -1;
    t->places = g_new0(struct authorise_place, t->contacts->len + 1);
    for (guint i = 0; i < t->contacts->len; i++) {
        int found = find_account(t, t->contacts->pdata[i], &t->places[n], err);

        if (found < 0)
            return -1;
        n += found > 0 ? 1 : 0;
    }
    return 0;
}

void taking_authorise(struct taking *t)
{
    const struct authorise_facts facts = {
        .nature = t->mail->nature,
        .proof = t->mail->proof,
        .has_sender = t->mail->from != NULL,
        .partner = taking_said(t, ASKED_PARTNER),
        .domain = taking_said(t, ASKED_DOMAIN),
        .request_account_id = t->request != NULL ? t->request->account_id : 0,
        .places = t->places,
        .n_places = t->accounts->len,
    };

    t->may = authorise(&facts);
}
