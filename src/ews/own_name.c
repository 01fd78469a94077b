/*
 * own_name - what the directory calls the mailbox itself (legacyExchangeDN):
 * the Autodiscover of the server that has it tells, in its POX form, or where
 * there is none in its SOAP form.
 *
 * Source: [MS-OXDSCLI] 2.2.4.1.1.1.3, LegacyDN in User; [MS-OXWSADISC] UserDN
 * of GetUserSettings.  No operation of EWS tells it.  The credential has opened
 * the mailbox at this very host, and goes nowhere else: a redirect is not
 * followed.
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

/* A form of Autodiscover, at the host of EWS. */
struct form {
    const char *path;
    autodiscover_form *ask;
};
static const struct form pox = { AUTODISCOVER_POX_PATH, autodiscover_ask };
static const struct form soap = { AUTODISCOVER_SOAP_PATH,
                                  autodiscover_ask_soap };

static char *url_of(const struct ews_site *site, const struct form *form,
                    struct err *err)
{
    g_auto(net_url) url = { 0 };

    return net_url_parse(site->url, &url, err) < 0
               ? NULL
               : net_url_with_path(&url, form->path);
}

static int ask_form(const struct core *core, const struct form *form,
                    struct autodiscover_answer *ret, struct err *err)
{
    struct ews_site *site = core->site;
    struct oauth *app = credential_oauth(core->credential);
    const struct net_auth auth =
        app == NULL ? credential_auth(core->credential, NET_AUTH_NTLM)
                    : (struct net_auth){ NET_AUTH_BEARER,
                                         credential_user(core->credential) };
    const struct ews_login login = { auth.user, auth.password };
    struct governed governed = { site->transport, site->governor,
                                 core->cancel };
    const struct ews_transport polite = transport_governed(&governed);
    g_autofree char *url = url_of(site, form, err);
    g_autoptr(secret) token = NULL;
    struct autodiscover_question question = {
        .url = url,
        .address = core->address,
        .login = &login,
        .scheme = &site->autodiscover_scheme,
        .cancel = core->cancel,
    };

    if (url == NULL || (app != NULL && oauth_token(app, &token, err) < 0))
        return -1;
    question.token = token;
    return form->ask(&polite, &question, ret, err);
}

/*
 * There is none of that form.  A token that it refuses may be good for the
 * other one, and nobody is locked out for it; a password is not tried twice.
 */
static bool may_ask_otherwise(const struct core *core, const struct err *why)
{
    return g_strcmp0(why->name, "NoAutodiscover") == 0 ||
           (g_strcmp0(why->name, "Unauthorized") == 0 &&
            credential_oauth(core->credential) != NULL);
}

/* POX has what we ask for in every version; it may be switched off. */
static int ask(const struct core *core, struct autodiscover_answer *ret,
               struct err *err)
{
    struct ews_site *site = core->site;
    struct err why;

    if (site->autodiscover_soap)
        return ask_form(core, &soap, ret, err);
    if (ask_form(core, &pox, ret, err) == 0)
        return 0;
    if (!may_ask_otherwise(core, err) || ask_form(core, &soap, ret, &why) < 0)
        return -1;
    site->autodiscover_soap = true;
    return 0;
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
