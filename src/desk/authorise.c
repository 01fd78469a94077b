#include "desk/authorise.h"

#include "store/roster_accounts.h"

/* clang-format off */
static const struct authorise_rule rules[AUTHORISE_N_VERDICTS] = {
    [AUTHORISE_MAY] = { "may", AUTHORISE_TO_SENDER, NULL, false,
        "a Primary or Primary Billing Contact of the account", NULL },
    [AUTHORISE_NOT_ANSWERED] = { "not-answered", AUTHORISE_TO_NOBODY, NULL,
        false, "a program sent it, not a person", NULL },
    [AUTHORISE_NO_SENDER] = { "no-sender", AUTHORISE_TO_NOBODY, NULL, true,
        "it does not name one sender", "look at it by hand" },
    [AUTHORISE_FORGED] = { "forged", AUTHORISE_TO_CONTACT, "in-your-name", true,
        "the domain of its sender says that it did not send it",
        "who did write it signs in, or mails by the own provider's server" },
    [AUTHORISE_UNKNOWN] = { "unknown", AUTHORISE_TO_SENDER, "unknown-sender",
        false, "the address is not on file",
        "ask the billing team who the contacts of the account are" },
    [AUTHORISE_TECHNICAL] = { "technical", AUTHORISE_TO_SENDER,
        "technical-contact", false,
        "a managed migration is billable and needs the authorisation of the "
        "Primary or the Primary Billing Contact; a Technical Contact may look",
        "ask the Primary or the Primary Billing Contact to send it" },
    [AUTHORISE_WRONG_PAIR] = { "wrong-pair", AUTHORISE_TO_SENDER, "wrong-pair",
        false, "the Partner ID and the domain do not belong together",
        "send both again, as they stand on the account" },
    [AUTHORISE_WHICH_ACCOUNT] = { "which-account", AUTHORISE_TO_SENDER,
        "which-account", false,
        "the sender speaks for several accounts and does not say for which",
        "send it again with the Partner ID" },
    [AUTHORISE_NOT_THEIRS] = { "not-theirs", AUTHORISE_TO_SENDER,
        "no-such-request", true,
        "it answers to a request of an account that is not the sender's",
        "send it as a new mail, without that number" },
};
/* clang-format on */

const struct authorise_rule *authorise_rule(enum authorise_verdict verdict)
{
    return &rules[verdict];
}

static bool may_ask(const struct authorise_place *p)
{
    return (p->roles & CONTACT_MAY_ASK) != 0;
}

/* Of several that fit the one with the most rights: it is the same person. */
static const struct authorise_place *better(const struct authorise_place *a,
                                            const struct authorise_place *b)
{
    return a == NULL || (!may_ask(a) && may_ask(b)) ? b : a;
}

static const struct authorise_place *of_request(const struct authorise_facts *f)
{
    const struct authorise_place *found = NULL;

    for (size_t i = 0; i < f->n_places; i++)
        if (!f->places[i].disabled &&
            f->places[i].account_id == f->request_account_id)
            found = better(found, &f->places[i]);
    return found;
}

static const struct authorise_place *of_partner(const struct authorise_facts *f)
{
    const struct authorise_place *found = NULL;

    for (size_t i = 0; i < f->n_places; i++)
        if (!f->places[i].disabled &&
            g_ascii_strcasecmp(f->places[i].partner, f->partner) == 0)
            found = better(found, &f->places[i]);
    return found;
}

/* The account that is meant where no Partner ID was said; NULL: not one. */
static const struct authorise_place *only_one(const struct authorise_facts *f,
                                              bool with_domain)
{
    const struct authorise_place *found = NULL;

    for (size_t i = 0; i < f->n_places; i++) {
        const struct authorise_place *p = &f->places[i];

        if (p->disabled || (with_domain && !p->has_domain))
            continue;
        if (found != NULL && found->account_id != p->account_id)
            return NULL;
        found = better(found, p);
    }
    return found;
}

static const struct authorise_place *any(const struct authorise_facts *f,
                                         bool may)
{
    for (size_t i = 0; i < f->n_places; i++)
        if (!f->places[i].disabled && (!may || may_ask(&f->places[i])))
            return &f->places[i];
    return NULL;
}

static struct authorise_result result(enum authorise_verdict verdict,
                                      const struct authorise_place *place)
{
    return (struct authorise_result){ verdict, place };
}

/* The account is known: what the contact is on it, and whether the pair fits */
static struct authorise_result on_account(const struct authorise_facts *f,
                                          const struct authorise_place *p)
{
    if (!may_ask(p))
        return result(AUTHORISE_TECHNICAL, p);
    if (f->partner != NULL && g_ascii_strcasecmp(f->partner, p->partner) != 0)
        return result(AUTHORISE_WRONG_PAIR, NULL);
    if (f->domain != NULL && !p->has_domain)
        return result(AUTHORISE_WRONG_PAIR, NULL);
    return result(AUTHORISE_MAY, p);
}

static struct authorise_result which_account(const struct authorise_facts *f)
{
    const struct authorise_place *p;

    /* who is nowhere more than Technical learns that first, and only that */
    if (any(f, true) == NULL)
        return result(AUTHORISE_TECHNICAL, any(f, false));
    if (f->partner != NULL) {
        p = of_partner(f);
        return p != NULL ? on_account(f, p)
                         : result(AUTHORISE_WRONG_PAIR, NULL);
    }
    p = only_one(f, false);
    if (p == NULL && f->domain != NULL)
        p = only_one(f, true);
    return p != NULL ? on_account(f, p) : result(AUTHORISE_WHICH_ACCOUNT, NULL);
}

struct authorise_result authorise(const struct authorise_facts *facts)
{
    const struct authorise_place *p = any(facts, false);

    if (facts->nature != MAIL_PERSONAL)
        return result(AUTHORISE_NOT_ANSWERED, NULL);
    if (!facts->has_sender)
        return result(AUTHORISE_NO_SENDER, NULL);
    if (facts->proof == MAIL_FORGED)
        return result(AUTHORISE_FORGED, p);
    if (p == NULL)
        return result(AUTHORISE_UNKNOWN, NULL);
    if (facts->request_account_id == 0)
        return which_account(facts);
    p = of_request(facts);
    return p != NULL ? on_account(facts, p)
                     : result(AUTHORISE_NOT_THEIRS, NULL);
}
