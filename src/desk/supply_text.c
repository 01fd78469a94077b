#include <string.h>

#include "desk/asked.h"
#include "desk/known.h"
#include "desk/order.h"
#include "desk/supply_priv.h"

void supply_tell(struct supplying *t, const char *what)
{
    g_string_append_printf(t->told, "%s%s", t->told->len > 0 ? ", " : "", what);
}

const char *supply_text_of(const struct supplying *t, enum supply_field field)
{
    const char *text = t->given->texts[field];

    return text != NULL && *text != '\0' ? text : NULL;
}

/* RFC 3986 has none of these in a URL; nor has any that is worth trying. */
static bool has_strange(const char *text)
{
    for (const char *c = text; *c != '\0'; c++)
        if ((unsigned char)*c <= ' ' || *c == 0x7f ||
            strchr("<>\"\\^`{|}", *c) != NULL)
            return true;
    return false;
}

/* With a scheme: people copy what stands in the browser, or type the host. */
char *supply_url(const char *text)
{
    g_autofree char *whole = strstr(text, "://") != NULL
                                 ? g_strdup(text)
                                 : g_strconcat("https://", text, NULL);
    g_autoptr(GUri) uri = g_uri_parse(whole, G_URI_FLAGS_NONE, NULL);

    if (uri == NULL || has_strange(whole) || strlen(whole) > ASKED_URL_MAX ||
        (g_strcmp0(g_uri_get_scheme(uri), "https") != 0 &&
         g_strcmp0(g_uri_get_scheme(uri), "http") != 0) ||
        g_uri_get_host(uri) == NULL || *g_uri_get_host(uri) == '\0' ||
        g_uri_get_userinfo(uri) != NULL)
        return NULL;
    return g_steal_pointer(&whole);
}

static void take_url(struct supplying *t)
{
    const char *text = supply_text_of(t, SUPPLY_OWA_URL);

    if (text == NULL)
        return;
    t->url = supply_url(text);
    if (t->url == NULL) {
        t->done.wrong[SUPPLY_OWA_URL] =
            "This is no address of a web page. Copy it from the browser, as in "
            "https://mail.example.com/owa";
        return;
    }
    /* given once more after it was tried in vain, it is to be tried again */
    if (g_strcmp0(t->url, t->request->owa_url) == 0 &&
        !known_was_missing(t->request, COMPLETE_OWA_UNREACHABLE))
        return;
    t->change.owa_url = t->url;
    supply_tell(t, "OWA URL");
}

static void take_domain(struct supplying *t)
{
    const char *text = supply_text_of(t, SUPPLY_DOMAIN);

    if (text == NULL)
        return;
    t->domain = g_ascii_strdown(text, -1);
    if (!known_has_domain(t->from->account, t->domain)) {
        t->done.wrong[SUPPLY_DOMAIN] =
            "This domain is not on file for your account. Check how it is "
            "spelt, or ask us to add it";
        return;
    }
    if (g_strcmp0(t->domain, t->request->domain) == 0)
        return;
    t->change.domain = t->domain;
    supply_tell(t, "domain");
}

static void take_partner(struct supplying *t)
{
    const char *text = supply_text_of(t, SUPPLY_PARTNER);

    if (text == NULL)
        return;
    if (g_ascii_strcasecmp(text, t->from->account->partner) != 0) {
        t->done.wrong[SUPPLY_PARTNER] =
            "This is not the Partner ID on file for your account";
        return;
    }
    if (t->request->partner != NULL)
        return;
    t->change.partner = t->from->account->partner;
    supply_tell(t, "Partner ID");
}

static void take_day(struct supplying *t, enum supply_field field,
                     const char *old, const char **ret)
{
    const char *text = supply_text_of(t, field);

    if (text == NULL)
        return;
    if (!order_is_day(text)) {
        t->done.wrong[field] = "This is no date. Write it as in 2026-12-01";
        return;
    }
    if (g_strcmp0(text, old) == 0)
        return;
    *ret = text;
    supply_tell(t, field == SUPPLY_START ? "start" : "cutover");
}

static void take_credentials(struct supplying *t)
{
    const char *user = supply_text_of(t, SUPPLY_ADMIN);

    if (user != NULL && strlen(user) > ASKED_USER_MAX)
        t->done.wrong[SUPPLY_ADMIN] = "This is too long for a user name";
    else if (user != NULL && g_strcmp0(user, t->request->admin) != 0) {
        t->change.admin = user;
        supply_tell(t, "administrative account");
    }
    if (t->given->password == NULL)
        return;
    if (strlen(secret_peek(t->given->password)) > ASKED_SECRET_MAX) {
        t->done.wrong[SUPPLY_PASSWORD] =
            "This is too long: Exchange takes no such password";
        return;
    }
    t->change.password = t->given->password;
    supply_tell(t, "a password");
}

void supply_take_texts(struct supplying *t)
{
    take_partner(t);
    take_domain(t);
    take_url(t);
    take_day(t, SUPPLY_START, t->request->start, &t->change.start);
    take_day(t, SUPPLY_CUTOVER, t->request->cutover, &t->change.cutover);
    take_credentials(t);
}
