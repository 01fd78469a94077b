/*
 * own_name - what the directory calls the mailbox itself (legacyExchangeDN):
 * the Autodiscover of the server that has it tells, in its POX form.
 *
 * Source: [MS-OXDSCLI] 2.2.4.1.1.1.3, LegacyDN in User.  No operation of EWS
 * tells it.  The credential has opened the mailbox at this very host, and goes
 * nowhere else: a redirect is not followed.
 */
#include "ews/autodiscover.h"
#include "ews/governed.h"
#include "ews/mailbox.h"

static int not_told(struct err *err, const char *why)
{
    err_set(err, ERR_MAILBOX, ERR_RETRY_NEVER, 0, "Autodiscover %s", why);
    err->name = "NoOwnName";
    return -1;
}

static char *pox_url(const struct ews_site *site, struct err *err)
{
    g_auto(net_url) url = { 0 };

    return net_url_parse(site->url, &url, err) < 0
               ? NULL
               : net_url_with_path(&url, AUTODISCOVER_POX_PATH);
}

static int ask(const struct core *core, struct autodiscover_answer *ret,
               struct err *err)
{
    struct ews_site *site = core->site;
    const struct net_auth auth =
        credential_auth(core->credential, NET_AUTH_NTLM);
    const struct ews_login login = { auth.user, auth.password };
    struct governed governed = { site->transport, site->governor,
                                 site->cancel };
    const struct ews_transport polite = transport_governed(&governed);
    g_autofree char *url = pox_url(site, err);
    const struct autodiscover_question question = {
        .url = url,
        .address = core->address,
        .login = &login,
        .scheme = &site->autodiscover_scheme,
        .cancel = site->cancel,
    };

    return url == NULL ? -1 : autodiscover_ask(&polite, &question, ret, err);
}

/* An answer that speaks of this mailbox alone: others may be known. */
static bool is_about_the_mailbox(const struct err *why)
{
    return g_strcmp0(why->name, "NoEws") == 0;
}

/*
 * With the lock held.  Whoever has refused a credential that EWS takes, or
 * does not answer, is not asked for the next thousand mailboxes: each would be
 * a failed logon of the same account.
 */
static int ask_site(const struct core *core, struct autodiscover_answer *ret,
                    struct err *err)
{
    struct ews_site *site = core->site;

    if (site->autodiscover_off) {
        *err = site->autodiscover_why;
        return -1;
    }
    if (ask(core, ret, err) == 0)
        return 0;
    err->scope = ERR_MAILBOX; /* nothing of the run depends on it */
    if (!is_about_the_mailbox(err) && g_strcmp0(err->name, "cancelled") != 0) {
        site->autodiscover_off = true;
        site->autodiscover_why = *err;
    }
    return -1;
}

int own_name_get(struct endpoint *ep, char **ret, struct err *err)
{
    const struct core *core = mailbox_of(ep)->core;
    g_auto(autodiscover_answer) a = { 0 };
    int rc;

    if (credential_oauth(core->credential) != NULL)
        return not_told(err, "is asked with a user's password alone, and an "
                             "application opens the mailbox");
    if (credential_is_refused(core->credential))
        return not_told(err, "was not asked: the password is refused");
    pthread_mutex_lock(&core->site->autodiscover_lock);
    rc = ask_site(core, &a, err);
    pthread_mutex_unlock(&core->site->autodiscover_lock);
    if (rc < 0)
        return -1;
    if (a.redirect_url != NULL || a.redirect_address != NULL)
        return not_told(err, "says that the mailbox is elsewhere");
    if (a.legacy_dn == NULL)
        return not_told(err, "does not tell it");
    *ret = g_steal_pointer(&a.legacy_dn);
    return 1;
}
