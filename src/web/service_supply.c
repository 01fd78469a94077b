/*
 * The page on which a contact supplies what is missing: just that is asked
 * for, and what is wrong stands where it was typed.  Passwords only go in.
 */
#include <string.h>

#include "base/secret.h"
#include "desk/supply.h"
#include "fleet/import.h"
#include "web/form.h"
#include "web/html.h"
#include "web/service_desk_links.h"

/* Of a file's faults; whoever has more mends these first. */
#define FAULTS_MAX 200u

static const struct {
    const char *label, *type, *more; /* more attributes; static HTML */
} inputs[SUPPLY_N_FIELDS] = {
    [SUPPLY_PARTNER] = { "Your Partner ID", "text", "" },
    [SUPPLY_DOMAIN] = { "The customer's domain", "text",
                        " placeholder=\"example.com\"" },
    [SUPPLY_OWA_URL] = { "Address of Outlook on the web (OWA)", "text",
                         " inputmode=\"url\" spellcheck=\"false\""
                         " placeholder=\"https://mail.example.com/owa\"" },
    [SUPPLY_FILE] = { "Import file (CSV)", "file",
                      " accept=\".csv,.txt,text/csv,text/plain\"" },
    [SUPPLY_ADMIN] = { "User name of the administrative account", "text",
                       " spellcheck=\"false\" autocapitalize=\"none\""
                       " autocomplete=\"off\"" },
    [SUPPLY_PASSWORD] = { "Its password", "password", " autocomplete=\"off\"" },
    [SUPPLY_START] = { "Day of the start", "date", "" },
    [SUPPLY_CUTOVER] = { "Day of cutover", "date", "" },
};

/* ---- what is wrong ------------------------------------------------------- */

static void add_fault(GString *body, const struct import_fault *f)
{
    g_string_append(body, "<tr>");
    if (f->line > 0)
        html_add(body, "<td class=\"number\">%u</td>", f->line);
    else
        g_string_append(body, "<td>the file</td>");
    html_add(body, "<td>%s</td><td>%s</td><td>%s</td></tr>\n",
             f->name != NULL ? f->name : "", f->text,
             f->remedy != NULL ? f->remedy : "");
}

static void add_faults(GString *body, const struct import *import)
{
    guint shown = 0;

    html_add(body,
             "<div class=\"wrong\"><p>Of %zu mailboxes in your file %u can be "
             "used. Correct the lines below, and choose the file again.</p>"
             "</div>\n<div class=\"scroll\"><table><thead><tr>"
             "<th scope=\"col\" class=\"number\">Line</th>"
             "<th scope=\"col\">Column</th><th scope=\"col\">What is wrong"
             "</th><th scope=\"col\">What to do</th></tr></thead><tbody>\n",
             import->n_rows, import->rows->len);
    for (guint i = 0; i < import->faults->len && shown < FAULTS_MAX; i++) {
        const struct import_fault *f = import->faults->pdata[i];

        if (f->warning)
            continue;
        add_fault(body, f);
        shown++;
    }
    g_string_append(body, "</tbody></table></div>\n");
    if (import->n_errors > shown)
        html_add(body, "<p class=\"soft\">... and %zu more</p>\n",
                 import->n_errors - shown);
}

/* What is missing, as the letter said it. */
static void add_missing(GString *body, const struct supplied *s)
{
    g_string_append(body, "<p>To go on we still need:</p>\n<ul>");
    for (int i = 0; i < COMPLETE_N_PIECES; i++)
        if ((s->missing.missing & (1u << i)) != 0)
            html_add(body, "<li>%s</li>\n",
                     complete_rule((enum complete_piece)i)->text);
    g_string_append(body, "</ul>\n");
}

/* ---- the form ------------------------------------------------------------ */

/* What was typed and not taken stands there again; a password never does. */
static void add_input(GString *body, enum supply_field field,
                      const struct supplied *s, const struct web_form *form)
{
    const char *name = supply_field_name(field);
    const char *typed = s->wrong[field] != NULL && field != SUPPLY_PASSWORD &&
                                field != SUPPLY_FILE
                            ? web_form_text(form, name)
                            : NULL;

    html_add(body,
             "<label for=\"%s\">%s</label>\n<input id=\"%s\" name=\"%s\" "
             "type=\"%s\"",
             name, inputs[field].label, name, name, inputs[field].type);
    g_string_append(body, inputs[field].more);
    if (typed != NULL)
        html_add(body, " value=\"%s\"", typed);
    if (s->wrong[field] == NULL) {
        g_string_append(body, ">\n");
        return;
    }
    html_add(body,
             " aria-invalid=\"true\" aria-describedby=\"%s-wrong\">\n"
             "<p class=\"wrong\" id=\"%s-wrong\">%s.</p>\n",
             name, name, s->wrong[field]);
}

static void add_form(GString *body, unsigned int fields,
                     const struct supplied *s, const struct web_form *form)
{
    g_string_append(body, "<form method=\"post\" "
                          "enctype=\"multipart/form-data\">\n");
    for (int i = 0; i < SUPPLY_N_FIELDS; i++)
        if ((fields & (1u << i)) != 0)
            add_input(body, (enum supply_field)i, s, form);
    g_string_append(body, "<button>Send</button></form>\n");
    if ((fields & (1u << SUPPLY_PASSWORD)) != 0)
        g_string_append(
            body, "<p class=\"soft\">Passwords are sealed as they arrive, used "
                  "for this migration alone, and destroyed when it is over. "
                  "Nobody can read them, and this page never shows them."
                  "</p>\n");
}

/* Of a request of which all is there: a password may have changed since. */
#define AGAIN (1u << SUPPLY_ADMIN | 1u << SUPPLY_PASSWORD)

static void show(const struct desk_page *p, const struct supplied *s,
                 const struct web_form *form, struct web_reply *reply)
{
    g_autoptr(GString) body = g_string_new(NULL);
    const struct supply_from from = { .link = p->hash };
    unsigned int fields =
        supply_fields(&s->missing) & supply_open_fields(&from, p->request);

    desk_page_about(body, p);
    if (fields != 0)
        add_missing(body, s);
    else
        g_string_append(body,
                        "<p>Everything is there. If the password of the "
                        "administrative account has changed, or came to us by "
                        "mail, give the new one here.</p>\n");
    if ((fields & (1u << SUPPLY_FILE)) != 0 && s->import != NULL &&
        s->import->n_errors > 0)
        add_faults(body, s->import);
    add_form(body, fields != 0 ? fields : AGAIN, s, form);
    html_reply(reply, form != NULL ? 422 : 200,
               form != NULL ? "Something is still missing" : "What is missing",
               body);
}

static bool is_asked_for(const struct desk_page *p, struct web_reply *reply)
{
    const struct supply_from from = { .link = p->hash };

    if (supply_open_fields(&from, p->request) != 0)
        return true;
    desk_page_say(reply, 409, "Nothing is asked for now",
                  "This request has gone on. Our latest mail about it says "
                  "how things are; to change something, answer it.");
    return false;
}

void service_supply_page(void *service, const struct web_request *r,
                         struct web_reply *reply)
{
    struct service *s = service;
    g_auto(supplied) now = { 0 };
    struct desk_page p;
    struct err err;

    if (!desk_page_open(s, r, REQUEST_TO_SUPPLY, &p, reply))
        return;
    if (is_asked_for(&p, reply)) {
        if (supply_look(s->desk, p.request, &now, &err) < 0)
            desk_page_fail(s, r, reply, &err);
        else
            show(&p, &now, NULL, reply);
    }
    desk_page_close(&p);
}

/* ---- what comes in ------------------------------------------------------- */

/* The password is the caller's to free. */
static void read_supply(const struct web_form *form, struct supply *ret,
                        struct secret **password)
{
    const char *typed;

    for (int i = 0; i < SUPPLY_N_FIELDS; i++)
        ret->texts[i] =
            web_form_text(form, supply_field_name((enum supply_field)i));
    typed = ret->texts[SUPPLY_PASSWORD];
    ret->texts[SUPPLY_PASSWORD] = NULL;
    if (typed != NULL && *typed != '\0')
        *password = secret_new(typed, strlen(typed));
    ret->password = *password;
    ret->bytes = web_form_file(form, supply_field_name(SUPPLY_FILE), &ret->n,
                               &ret->texts[SUPPLY_FILE]);
}

static void thank(const struct desk_page *p, struct web_reply *reply)
{
    g_autoptr(GString) body = g_string_new(NULL);
    bool waiting = p->request->state == REQUEST_RECEIVED ||
                   p->request->state == REQUEST_AWAITING_INFORMATION;

    desk_page_about(body, p);
    g_string_append(
        body,
        waiting
            ? "<p>Everything is there now. We try the address and the "
              "credentials, count what is to be moved, and mail you the quote; "
              "should something not work, we mail you what.</p>\n"
            : "<p>We try them now, and mail you should the current Exchange "
              "refuse them. Your quote stands as it is.</p>\n");
    html_reply(reply, 200, "Thank you", body);
}

static bool is_wrong(const struct supplied *s)
{
    for (int i = 0; i < SUPPLY_N_FIELDS; i++)
        if (s->wrong[i] != NULL)
            return true;
    return false;
}

static void take(struct service *s, const struct web_request *r,
                 const struct desk_page *p, struct web_reply *reply)
{
    g_autofree char *name =
        g_strdup_printf("contact %s by link", p->contact->address);
    const struct roster_actor who = { name, r->id, NULL };
    const struct supply_from from = { .who = &who,
                                      .account = p->account,
                                      .link = p->hash,
                                      .request_id = p->request->id };
    g_autoptr(secret) password = NULL;
    g_auto(supplied) now = { 0 };
    struct supply given = { 0 };
    struct err err;
    int taken;

    read_supply(r->form, &given, &password);
    taken = supply_take(s->desk, &from, &given, &now, &err);
    if (taken < 0)
        desk_page_fail(s, r, reply, &err);
    else if (taken == 0)
        desk_page_say(reply, 410, "This link was used already",
                      "It works once. Our latest mail says how things are.");
    else if (now.missing.missing == 0 && !is_wrong(&now))
        thank(p, reply);
    else
        show(p, &now, r->form, reply);
}

void service_supply_page_use(void *service, const struct web_request *r,
                             struct web_reply *reply)
{
    struct desk_page p;

    if (!desk_page_open(service, r, REQUEST_TO_SUPPLY, &p, reply))
        return;
    if (r->form == NULL)
        desk_page_say(reply, 400, "Nothing arrived",
                      "Go back to the page of the link, and fill it in there.");
    else if (is_asked_for(&p, reply))
        take(service, r, &p, reply);
    desk_page_close(&p);
}
