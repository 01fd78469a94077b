/*
 * The certificate behind the link of a request's last letter, and the public
 * keys to check it with, which anybody may see.
 */
#include <string.h>

#include "base/secret.h"
#include "desk/certificate.h"
#include "web/html.h"
#include "web/service_desk_links.h"
#include "web/service_requests.h"

static const struct form {
    const char *name, *type;
} forms[] = {
    { "certificate.json", "application/json" },
    { "certificate.html", "text/html; charset=utf-8" },
};

/* The caller frees. */
static int make(const struct service *s, const struct request *r,
                const struct roster_account *account, char **ret,
                struct err *err)
{
    const struct certificate_about about = { .migration_id = r->migration_id,
                                             .request_id = r->id,
                                             .partner = r->partner,
                                             .account = account->name,
                                             .domain = r->domain };
    g_autoptr(store) ledger = database_store(s->database, r->migration_id);

    return certificate_make(ledger, &about, s->keys, ret, err);
}

/* NULL: there is none, and the reply says so. */
static char *certificate_of(struct service *s, const struct web_request *r,
                            const struct desk_page *p, struct web_reply *reply)
{
    char *text = NULL;
    struct err err;

    if (p->request->migration_id == 0)
        desk_page_say(reply, 410, "There is no certificate any more",
                      "The migration's record was removed. Who kept the "
                      "certificate can still have it checked.");
    else if (make(s, p->request, p->account, &text, &err) < 0)
        desk_page_fail(s, r, reply, &err);
    return text;
}

/* ---- the page ------------------------------------------------------------ */

static void add_number(GString *body, const char *what, uint64_t n)
{
    html_add(
        body,
        "<tr><th scope=\"row\">%s</th><td class=\"number\">%" G_GUINT64_FORMAT
        "</td></tr>\n",
        what, n);
}

static void show(const struct web_request *r, const struct desk_page *p,
                 const struct certificate_seen *c, struct web_reply *reply)
{
    g_autoptr(GString) body = g_string_new(NULL);
    g_autofree char *until = desk_time(p->link.expires_us);
    g_autofree char *token = g_strndup(r->params.v[0].text, r->params.v[0].len);

    desk_page_about(body, p);
    g_string_append(body, "<table><caption>What the verification found"
                          "</caption><tbody>\n");
    add_number(body, "Mailboxes", c->mailboxes);
    add_number(body, "Items that are equal on both sides", c->verified);
    add_number(body, "Items that are there, and were not compared", c->present);
    add_number(body, "Items that are missing", c->missing);
    add_number(body, "Items that differ", c->different);
    add_number(body, "Items that could not be copied", c->failed);
    g_string_append(body, "</tbody></table>\n<ul>");
    for (size_t i = 0; i < G_N_ELEMENTS(forms); i++)
        html_add(body, "<li><a href=\"/certificate/%s/%s\">%s</a>: %s</li>\n",
                 token, forms[i].name, forms[i].name,
                 i == 0 ? "signed, to be kept and checked"
                        : "the same, to be read and printed");
    html_add(body,
             "</ul>\n<p>Keep it: this page is here until %s. Whether a "
             "certificate is as it was signed anybody can check with "
             "<a href=\"/certificate-keys\">our public keys</a> and "
             "<code>mailferry certificate verify</code>.</p>\n",
             until);
    html_reply(reply, 200, "Your certificate", body);
    secret_wipe(token, strlen(token));
}

void service_certificate_page(void *service, const struct web_request *r,
                              struct web_reply *reply)
{
    struct service *s = service;
    g_auto(certificate_seen) seen = { 0 };
    g_autofree char *text = NULL;
    uint8_t key[SIGN_KEY_BYTES];
    struct desk_page p;
    struct err err;

    if (!desk_page_open(s, r, REQUEST_TO_READ, &p, reply))
        return;
    text = certificate_of(s, r, &p, reply);
    if (text != NULL) {
        sign_public(s->keys, 0, key);
        if (certificate_verify(text, strlen(text), key, &seen, &err) < 0)
            desk_page_fail(s, r, reply, &err);
        else
            show(r, &p, &seen, reply);
    }
    desk_page_close(&p);
}

/* ---- for download -------------------------------------------------------- */

static const struct form *find(const struct web_request *r)
{
    for (size_t i = 0; i < G_N_ELEMENTS(forms); i++)
        if (strlen(forms[i].name) == r->params.v[1].len &&
            memcmp(forms[i].name, r->params.v[1].text, r->params.v[1].len) == 0)
            return &forms[i];
    return NULL;
}

static void send_file(const struct form *form, const char *text,
                      struct web_reply *reply)
{
    g_autofree char *html = form == &forms[1] ? certificate_html(text) : NULL;

    web_reply_text(reply, 200, form->type, html != NULL ? html : text);
    /* people's subjects are in it: never shown as a page of the service */
    web_reply_header(reply, "Content-Disposition",
                     "attachment; filename=\"%s\"", form->name);
}

void service_certificate_file(void *service, const struct web_request *r,
                              struct web_reply *reply)
{
    const struct form *form = find(r);
    g_autofree char *text = NULL;
    struct desk_page p;

    if (form == NULL) {
        service_not_found(reply, "file");
        return;
    }
    if (!desk_page_open(service, r, REQUEST_TO_READ, &p, reply))
        return;
    text = certificate_of(service, r, &p, reply);
    if (text != NULL)
        send_file(form, text, reply);
    desk_page_close(&p);
}

/* ---- for who is signed in ------------------------------------------------ */

/* NULL: the problem is in the reply. */
static const struct form *read_form(const struct web_request *r,
                                    struct web_reply *reply)
{
    const char *form = web_query(r, "form");

    if (form == NULL || strcmp(form, "json") == 0)
        return &forms[0];
    if (strcmp(form, "html") == 0)
        return &forms[1];
    web_problem(reply, 400, "query", "\"form\" is json or html");
    return NULL;
}

/* 1 and *ret, 0: there is none yet, or any more, -1. */
static int make_of(const struct service *s, const struct request *q, char **ret,
                   struct err *err)
{
    g_autoptr(roster_account) account = NULL;
    int found = roster_account_get(s->roster, q->account_id, &account, err);

    if (found <= 0 || q->state != REQUEST_COMPLETED || q->migration_id == 0)
        return MIN(found, 0);
    return make(s, q, account, ret, err) < 0 ? -1 : 1;
}

void service_request_certificate(void *service, const struct web_request *r,
                                 struct web_reply *reply)
{
    const struct service *s = service;
    g_autoptr(request) q = service_request_get(s, r, reply);
    const struct form *form = q != NULL ? read_form(r, reply) : NULL;
    g_autofree char *text = NULL;
    struct err err;
    int made;

    if (form == NULL)
        return;
    made = make_of(s, q, &text, &err);
    if (made < 0)
        service_fail(s, r, reply, &err);
    else if (made == 0)
        web_problem_remedy(reply, 409, "wrong-state",
                           "it is made when the request is completed, and kept "
                           "as long as its migration",
                           "there is no certificate of this request");
    else
        send_file(form, text, reply);
}

/* ---- keys ---------------------------------------------------------------- */

void service_certificate_keys(void *service, const struct web_request *r,
                              struct web_reply *reply)
{
    const struct service *s = service;
    g_autofree char *lines = sign_keys_text(s->keys);

    (void)r;
    web_reply_text(reply, 200, "text/plain; charset=utf-8", lines);
}
