/*
 * The page on which a mailbox's owner gives its password.  Mail scanners open
 * what they find: GET only shows; POST tries the password, and a link that has
 * led to one is used up.  It tells nobody more than the letter did.
 */
#include <string.h>

#include "base/secret.h"
#include "base/timestamp.h"
#include "desk/owner.h"
#include "web/form.h"
#include "web/html.h"
#include "web/service_desk_links.h"

/* Tries at a time, of all people: a server that says nothing holds a thread. */
#define AT_ONCE_MAX 4u
/* As Exchange has them. */
#define USER_MAX     320u
#define PASSWORD_MAX 256u

/* Somebody with such a link. */
struct owner_page {
    uint8_t hash[TOKEN_HASH_BYTES];
    struct owner *owner;
    struct roster_account *account; /* NULL: removed */
    int64_t now_us;
};

static void page_close(struct owner_page *p)
{
    owner_free(p->owner);
    roster_account_free(p->account);
}
typedef struct owner_page owner_page;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(owner_page, page_close)

/* ---- the link ------------------------------------------------------------ */

static const struct {
    unsigned status;
    const char *title, *text;
} fates[OWNER_N_FATES] = {
    [OWNER_GIVEN] = { 410, "The password was given already",
                      "There is nothing more for you to do." },
    [OWNER_EXPIRED] = { 410, "This link is too old",
                        "Its time is over. Ask whoever looks after your mail "
                        "what is to be done." },
    [OWNER_SPENT] = { 410, "This link does not work any more",
                      "The server has refused the password too often. Ask "
                      "whoever looks after your mail what is to be done." },
    [OWNER_NONE] = { 404, "This link does not work",
                     "Our reminder may have brought a newer one: look for our "
                     "latest mail. If that is where you have it from, copy the "
                     "whole link, up to its end." },
};

static void refuse(struct web_reply *reply, enum owner_fate fate)
{
    desk_page_say(reply, fates[fate].status, fates[fate].title,
                  fates[fate].text);
}

static int find(struct service *s, struct owner_page *p, enum owner_fate *fate,
                struct err *err)
{
    if (owners_find(s->migrations, p->hash, p->now_us, &p->owner, fate, err) <
        0)
        return -1;
    if (p->owner == NULL || p->owner->account_id == 0)
        return 0;
    return roster_account_get(s->roster, p->owner->account_id, &p->account,
                              err);
}

/* False: the link is none that works, and the reply says so. */
static bool open_page(struct service *s, const struct web_request *r,
                      struct owner_page *ret, struct web_reply *reply)
{
    enum owner_fate fate = OWNER_NONE;
    struct err err;

    ret->now_us = timestamp_now();
    if (s->desk != NULL && s->reach.sign_in != NULL &&
        desk_page_hash(r, ret->hash) && find(s, ret, &fate, &err) < 0) {
        desk_page_fail(s, r, reply, &err);
        return false;
    }
    if (fate != OWNER_GOOD)
        refuse(reply, fate);
    return fate == OWNER_GOOD;
}

/* ---- what is shown ------------------------------------------------------- */

static void add_about(GString *body, const struct owner_page *p)
{
    g_autofree char *server = owner_server(p->owner);

    html_add(body,
             "<p id=\"about\">%s has the mailbox <strong>%s</strong> moved to "
             "another mail server. To copy it we need its password at "
             "%s.</p>\n",
             owner_organisation(p->account), p->owner->address, server);
    g_string_append(body, "<p class=\"soft\">If you did not expect this, ask "
                          "whoever looks after your mail before you enter "
                          "anything.</p>\n");
}

/* In order of reading: who has not what they need to decide is not asked. */
static void add_form(GString *body, const struct owner_page *p,
                     const char *user, bool is_wrong)
{
    g_autofree char *until = desk_time(p->owner->expires_us);

    html_add(body,
             "<form method=\"post\">\n<label for=\"user\">User name</label>\n"
             "<input id=\"user\" name=\"user\" type=\"text\" "
             "maxlength=\"%u\" spellcheck=\"false\" "
             "autocapitalize=\"none\" autocomplete=\"username\" "
             "aria-describedby=\"other\" value=\"%s\">\n"
             "<p class=\"soft\" id=\"other\">Change it only where you sign in "
             "to that server by another name.</p>\n",
             USER_MAX, *user != '\0' ? user : p->owner->address);
    /* who is led here at once has the rest read to them */
    html_add(body,
             "<label for=\"password\">Password of %s</label>\n"
             "<input id=\"password\" name=\"password\" type=\"password\" "
             "maxlength=\"%u\" required autofocus "
             "autocomplete=\"current-password\"",
             p->owner->address, PASSWORD_MAX);
    g_string_append(
        body, is_wrong ? " aria-invalid=\"true\" aria-describedby=\"wrong\">\n"
                       : " aria-describedby=\"about\">\n");
    g_string_append(
        body, "<p class=\"soft\">The password is tried at once. It is kept "
              "sealed, used for this move alone, and destroyed when it is "
              "over. Nobody can read it, and this page never shows it.</p>\n"
              "<button>Hand over the password</button></form>\n");
    html_add(body,
             "<p class=\"soft\">This link works until "
             "<span class=\"whole\">%s</span>.</p>\n",
             until);
}

static void show(const struct owner_page *p, struct web_reply *reply)
{
    g_autoptr(GString) body = g_string_new(NULL);

    add_about(body, p);
    add_form(body, p, "", false);
    html_reply(reply, 200, "Your mailbox's password", body);
}

void service_owner_page(void *service, const struct web_request *r,
                        struct web_reply *reply)
{
    g_auto(owner_page) p = { 0 };

    if (open_page(service, r, &p, reply))
        show(&p, reply);
}

/* ---- what comes in ------------------------------------------------------- */

static void thank(const struct owner_page *p, struct web_reply *reply)
{
    g_autoptr(GString) body = g_string_new(NULL);

    html_add(body,
             "<p>The password of <strong>%s</strong> works, and is sealed. "
             "There is nothing more for you to do: go on working with your "
             "mail as before, and do not change this password until you hear "
             "that the move is over.</p>\n",
             p->owner->address);
    html_reply(reply, 200, "Thank you", body);
}

static void show_again(const struct owner_page *p, const char *user,
                       unsigned int left, struct web_reply *reply)
{
    g_autoptr(GString) body = g_string_new(NULL);

    if (left == 0) {
        refuse(reply, OWNER_SPENT);
        return;
    }
    add_about(body, p);
    html_add(body,
             "<p class=\"wrong\" id=\"wrong\">The server refuses this user "
             "name or password. You can try %s more.</p>\n",
             left == 1 ? "once" : "twice");
    add_form(body, p, user, true);
    html_reply(reply, 422, "This password does not work", body);
}

static void say_not_tried(struct service *s, const struct web_request *r,
                          const struct err *why, struct web_reply *reply)
{
    log_err(s->log, LOG_WARNING, r->id, why);
    desk_page_say(reply, 503, "We could not try it",
                  "The server did not answer as it should, which says nothing "
                  "of your password; it was not kept. Your link still works: "
                  "try again in a few minutes.");
}

static void take(struct service *s, const struct web_request *r,
                 const struct owner_page *p, struct secret *password,
                 const char *user, struct web_reply *reply)
{
    g_autofree char *name =
        g_strdup_printf("owner %s by link", p->owner->address);
    const struct roster_actor who = { name, r->id, NULL };
    const struct owner_attempt attempt = { &who, p->hash, user, password,
                                           p->now_us };
    enum owner_outcome outcome;
    unsigned int left = 0;
    struct err err;

    if (owner_try(s->desk, &s->reach, &attempt, &outcome, &left, &err) < 0) {
        desk_page_fail(s, r, reply, &err);
        return;
    }
    switch (outcome) {
    case OWNER_TAKEN:
        thank(p, reply);
        break;
    case OWNER_REFUSED:
        show_again(p, user, left, reply);
        break;
    case OWNER_NOT_TRIED:
        say_not_tried(s, r, &err, reply);
        break;
    case OWNER_TOO_LATE:
        refuse(reply, OWNER_SPENT);
        break;
    }
}

void service_owner_page_use(void *service, const struct web_request *r,
                            struct web_reply *reply)
{
    struct service *s = service;
    g_auto(owner_page) p = { 0 };
    const char *user = r->form != NULL ? web_form_text(r->form, "user") : NULL;
    const char *typed =
        r->form != NULL ? web_form_text(r->form, "password") : NULL;
    char by_link[SERVICE_BUCKET_SIZE];
    g_autoptr(secret) password = NULL;

    if (!open_page(s, r, &p, reply) ||
        service_pay(s, r, p.owner->address, by_link, reply) < 0)
        return;
    if (typed == NULL || *typed == '\0' || strlen(typed) > PASSWORD_MAX ||
        (user != NULL && strlen(user) > USER_MAX)) {
        desk_page_say(reply, 400, "No password arrived",
                      "Go back to the page of the link, and enter it there.");
        return;
    }
    password = secret_new(typed, strlen(typed));
    if (atomic_fetch_add(&s->trying, 1) < AT_ONCE_MAX)
        take(s, r, &p, password, user != NULL ? user : "", reply);
    else
        desk_page_say(reply, 503, "Many have theirs tried at this moment",
                      "Your link still works: go back, and try again in a "
                      "minute.");
    atomic_fetch_sub(&s->trying, 1);
}
