/*
 * Pages behind the links of the desk's letters: a quote is approved, cutover is
 * said to be done.  Mail scanners open what they find: GET only shows, POST
 * does it and uses the link up.
 */
#include <string.h>

#include "base/secret.h"
#include "base/timestamp.h"
#include "desk/desk.h"
#include "web/html.h"
#include "web/service_desk_links.h"

/* ---- the link ------------------------------------------------------------ */

/* What to say of a link that opens nothing (any more). */
static const struct {
    unsigned status;
    const char *title, *text;
} fates[REQUEST_LINK_N_FATES] = {
    [REQUEST_LINK_USED] = { 410, "This link was used already",
                            "It works once. What was done with it stands; the "
                            "mail that followed says how things are." },
    [REQUEST_LINK_EXPIRED] = { 410, "This link is too old",
                               "Its time is over, and nothing was done. Answer "
                               "any of our mails about this request, and you "
                               "get a new one." },
    [REQUEST_LINK_FORMER] = { 403, "This link is not yours any more",
                              "Only the Primary or the Primary Billing Contact "
                              "on file may use it, because it costs money. "
                              "Ask the one who is on file now, or our billing "
                              "team to put you there." },
    [REQUEST_LINK_NONE] = { 404, "This link does not work",
                            "A newer one has taken its place, perhaps because "
                            "something has changed: look for our latest mail "
                            "about this request. If that is where you have it "
                            "from, copy the whole link, up to its end." },
};

static void refuse(struct web_reply *reply, enum request_link_fate fate)
{
    g_autoptr(GString) body = g_string_new(NULL);

    html_add(body, "<p>%s</p>\n", fates[fate].text);
    html_reply(reply, fates[fate].status, fates[fate].title, body);
}

void desk_page_say(struct web_reply *reply, unsigned status, const char *title,
                   const char *text)
{
    g_autoptr(GString) body = g_string_new(NULL);

    html_add(body, "<p>%s</p>\n", text);
    html_reply(reply, status, title, body);
}

void desk_page_fail(const struct service *s, const struct web_request *r,
                    struct web_reply *reply, const struct err *err)
{
    g_autoptr(GString) body = g_string_new(NULL);

    if (g_strcmp0(err->name, "wrong-state") == 0) {
        html_add(body, "<p>Nothing was done: %s.</p>\n", err->msg);
        if (err->remedy != NULL)
            html_add(body, "<p>What you can do: %s.</p>\n", err->remedy);
        html_reply(reply, 409, "This is not possible now", body);
        return;
    }
    log_err(s->log, LOG_ERROR, r->id, err);
    desk_page_say(reply, 503, "Something went wrong on our side",
                  "Nothing was done, and your link still works. Try again in "
                  "a few minutes.");
}

bool desk_page_hash(const struct web_request *r, uint8_t ret[TOKEN_HASH_BYTES])
{
    g_autofree char *text = g_strndup(r->params.v[0].text, r->params.v[0].len);
    bool good = token_hash(TOKEN_LINK, text, ret);

    secret_wipe(text, strlen(text));
    return good;
}

static int find_all(struct service *s, struct desk_page *p, struct err *err)
{
    int found = requests_get(s->requests, p->link.request_id, &p->request, err);

    if (found > 0)
        found =
            roster_contact_get(s->roster, p->link.contact_id, &p->contact, err);
    if (found > 0)
        found = roster_account_get(s->roster, p->request->account_id,
                                   &p->account, err);
    return found;
}

bool desk_page_open(struct service *s, const struct web_request *r,
                    enum request_purpose purpose, struct desk_page *ret,
                    struct web_reply *reply)
{
    enum request_link_fate fate = REQUEST_LINK_NONE;
    struct err err;
    int found = 0;

    *ret = (struct desk_page){ .now_us = timestamp_now() };
    if (s->desk != NULL && desk_page_hash(r, ret->hash))
        found = requests_link_fate(s->requests, ret->hash, ret->now_us,
                                   &ret->link, &fate, &err);
    if (found == 0 && fate == REQUEST_LINK_GOOD) {
        if (ret->link.purpose != purpose)
            fate = REQUEST_LINK_NONE;
        else
            found = find_all(s, ret, &err);
    }
    if (found < 0)
        desk_page_fail(s, r, reply, &err);
    else if (fate != REQUEST_LINK_GOOD || ret->account == NULL)
        refuse(reply, fate != REQUEST_LINK_GOOD ? fate : REQUEST_LINK_NONE);
    else
        return true;
    desk_page_close(ret);
    return false;
}

void desk_page_close(struct desk_page *p)
{
    g_clear_pointer(&p->request, request_free);
    g_clear_pointer(&p->contact, roster_contact_free);
    g_clear_pointer(&p->account, roster_account_free);
}

/* Somebody was faster, perhaps with this very link. */
static bool is_gone(struct service *s, const struct desk_page *p,
                    struct web_reply *reply)
{
    struct request_link link;
    enum request_link_fate fate;
    struct err ignored;

    if (requests_link_fate(s->requests, p->hash, p->now_us, &link, &fate,
                           &ignored) < 0 ||
        fate == REQUEST_LINK_GOOD)
        return false;
    refuse(reply, fate);
    return true;
}

/* An event by that contact; false: it did not happen, see the reply. */
static bool do_event(struct service *s, const struct web_request *r,
                     const struct desk_page *p, const struct desk_wish *wish,
                     struct web_reply *reply)
{
    g_autofree char *name =
        g_strdup_printf("contact %s by link", p->contact->address);
    const struct roster_actor who = { name, r->id, NULL };
    struct err err;
    int done = desk_event(s->desk, &who, wish, NULL, &err);

    if (done > 0)
        return true;
    if (!is_gone(s, p, reply)) {
        if (done < 0)
            desk_page_fail(s, r, reply, &err);
        else
            refuse(reply, REQUEST_LINK_USED);
    }
    return false;
}

/* ---- what is shown ------------------------------------------------------- */

void desk_page_about(GString *body, const struct desk_page *p)
{
    const struct request *q = p->request;

    html_add(body,
             "<p class=\"soft\">Request %" G_GINT64_FORMAT " of %s%s%s</p>\n",
             q->id, p->account->name, q->domain != NULL ? ", " : "",
             q->domain != NULL ? q->domain : "");
}

static void add_line(GString *body, const struct quote *q,
                     const struct price_line *l)
{
    g_autofree char *each = price_amount(l->each, q->digits);
    g_autofree char *amount = price_amount(l->amount, q->digits);

    html_add(body,
             "<tr><td>%s</td><td class=\"number\">%" G_GUINT64_FORMAT
             "</td><td class=\"number\">%s</td><td class=\"number\">%s</td>"
             "</tr>\n",
             l->text, l->count, each, amount);
}

static void add_quote(GString *body, const struct quote *q, const char *total)
{
    g_autofree char *takes = quote_time_text(&q->time);

    g_string_append(
        body, "<div class=\"scroll\"><table><thead><tr>"
              "<th scope=\"col\">For</th>"
              "<th scope=\"col\" class=\"number\">Count</th>"
              "<th scope=\"col\" class=\"number\">Each</th>"
              "<th scope=\"col\" class=\"number\">Amount</th></tr></thead>\n"
              "<tbody>\n");
    for (guint i = 0; i < q->lines->len; i++)
        add_line(body, q, q->lines->pdata[i]);
    html_add(body,
             "</tbody>\n<tfoot><tr><th scope=\"row\" colspan=\"3\">Total</th>"
             "<td class=\"number\">%s</td></tr></tfoot></table></div>\n",
             total);
    if (*q->tax != '\0')
        html_add(body, "<p class=\"soft\">%s</p>\n", q->tax);
    if (takes != NULL)
        html_add(
            body,
            "<p>From its beginning until it is ready for cutover: %s</p>\n",
            takes);
}

/* Lower in words than the state's name would be. */
static void add_next(GString *body)
{
    g_string_append(
        body,
        "<h2>What happens next</h2>\n<ol>"
        "<li>We schedule the migration, and mail you when it begins.</li>"
        "<li>Mail is copied while your users go on working where they "
        "are.</li>"
        "<li>We mail you when everything is ready for cutover, with a list "
        "of what to change.</li>"
        "<li>Afterwards we carry over what came in meanwhile, compare every "
        "item, and send you a signed certificate.</li></ol>\n");
}

/* NULL: the problem is in the reply. */
static struct quote *quote_of(struct service *s, const struct web_request *r,
                              const struct desk_page *p,
                              struct web_reply *reply)
{
    const char *json = p->request->quote;
    struct quote *q = NULL;
    struct err err;

    if (p->request->state != REQUEST_QUOTED || json == NULL || *json == '\0') {
        if (!is_gone(s, p, reply))
            desk_page_say(reply, 409, "There is nothing to approve",
                          "This request does not wait for an approval now. "
                          "Our latest mail about it says how things are.");
    } else if (p->request->quote_until_us <= p->now_us)
        refuse(reply, REQUEST_LINK_EXPIRED);
    else if (quote_parse(json, &q, &err) < 0)
        desk_page_fail(s, r, reply, &err);
    return q;
}

static char *total_of(const struct quote *q)
{
    g_autofree char *amount = price_amount(q->total, q->digits);

    return g_strconcat(amount, " ", q->currency, NULL);
}

static void show_quote(const struct desk_page *p, const struct quote *q,
                       struct web_reply *reply)
{
    g_autoptr(GString) body = g_string_new(NULL);
    g_autofree char *total = total_of(q);
    g_autofree char *until = desk_time(p->request->quote_until_us);

    desk_page_about(body, p);
    add_quote(body, q, total);
    html_add(body,
             "<p>This quote can be approved until "
             "<span class=\"whole\">%s</span>.</p>\n",
             until);
    add_next(body);
    html_add(body,
             "<form method=\"post\"><button>Approve for %s</button></form>\n"
             "<p class=\"soft\">You approve as %s. Until you press the button "
             "nothing is approved, and nothing is billed.</p>\n",
             total, p->contact->address);
    html_reply(reply, 200, "Your quote", body);
}

static void approve(struct service *s, const struct web_request *r,
                    const struct desk_page *p, const struct quote *q,
                    struct web_reply *reply)
{
    g_autoptr(GString) body = g_string_new(NULL);
    g_autofree char *total = total_of(q);
    const struct desk_wish wish = {
        .request_id = p->request->id,
        .event = LIFE_APPROVE,
        /* a quote that changes meanwhile ends its link */
        .used_link = p->hash,
        .approved_by = p->contact->address,
        .detail = total,
    };

    if (!do_event(s, r, p, &wish, reply))
        return;
    desk_page_about(body, p);
    html_add(body, "<p>You have approved %s. A mail confirms it.</p>\n", total);
    add_next(body);
    html_reply(reply, 200, "Thank you", body);
}

/*
 * What GET shows is what POST approves: one way to the quote for both.  True:
 * the page is to be closed, and *ret freed.
 */
static bool open_quote(struct service *s, const struct web_request *r,
                       struct desk_page *p, struct quote **ret,
                       struct web_reply *reply)
{
    if (!desk_page_open(s, r, REQUEST_TO_APPROVE, p, reply))
        return false;
    *ret = quote_of(s, r, p, reply);
    if (*ret == NULL)
        desk_page_close(p);
    return *ret != NULL;
}

void service_approve_page(void *service, const struct web_request *r,
                          struct web_reply *reply)
{
    struct desk_page p;
    g_autoptr(quote) q = NULL;

    if (!open_quote(service, r, &p, &q, reply))
        return;
    show_quote(&p, q, reply);
    desk_page_close(&p);
}

void service_approve_page_use(void *service, const struct web_request *r,
                              struct web_reply *reply)
{
    struct desk_page p;
    g_autoptr(quote) q = NULL;

    if (!open_quote(service, r, &p, &q, reply))
        return;
    approve(service, r, &p, q, reply);
    desk_page_close(&p);
}

/* ---- cutover ------------------------------------------------------------- */

void service_cutover_page(void *service, const struct web_request *r,
                          struct web_reply *reply)
{
    g_autoptr(GString) body = g_string_new(NULL);
    struct desk_page p;

    if (!desk_page_open(service, r, REQUEST_TO_CUT_OVER, &p, reply))
        return;
    desk_page_about(body, &p);
    g_string_append(
        body,
        "<p>Press the button when your users have moved: MX and Autodiscover "
        "point to the new servers, and the other points of our mail are "
        "done.</p>\n"
        "<p>We then carry over what has still come in at the old servers, "
        "compare every item, and send you the certificate.</p>\n"
        "<form method=\"post\"><button>Users have moved</button></form>\n"
        "<p class=\"soft\">This cannot be taken back.</p>\n");
    html_reply(reply, 200, "Cutover", body);
    desk_page_close(&p);
}

void service_cutover_page_use(void *service, const struct web_request *r,
                              struct web_reply *reply)
{
    g_autoptr(GString) body = g_string_new(NULL);
    struct desk_page p;
    struct desk_wish wish = { .event = LIFE_CUT_OVER };

    if (!desk_page_open(service, r, REQUEST_TO_CUT_OVER, &p, reply))
        return;
    wish.request_id = p.request->id;
    wish.used_link = p.hash;
    if (do_event(service, r, &p, &wish, reply)) {
        desk_page_about(body, &p);
        g_string_append(body, "<p>We carry over the rest now. The certificate "
                              "follows by mail.</p>\n");
        html_reply(reply, 200, "Thank you", body);
    }
    desk_page_close(&p);
}
