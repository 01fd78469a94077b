/*
 * Contacts sign in by a link that works once.
 *
 * The answer to who asks for one is the same, and comes as soon, whether the
 * address is on file or not: the mail is made afterwards, by another thread.
 * Mail scanners open what they find: GET only shows, POST uses it up.
 */
#include <string.h>

#include "base/timestamp.h"
#include "desk/letter.h"
#include "fleet/member.h"
#include "store/roster_links.h"
#include "web/client.h"
#include "web/html.h"
#include "web/service.h"

#define LINK_US    (TIMESTAMP_SECOND * 3600)
#define SESSION_US (TIMESTAMP_SECOND * 12 * 3600)
/* Asked for and not written yet: more is a flood. */
#define WAITING_MAX 1000
/* Accounts that one address may speak for, in one mail. */
#define ACCOUNTS_MAX 20

/* Somebody has asked for a link. */
struct errand {
    char *address, *origin;
    char request[WEB_ID_SIZE];
};

static void errand_free(struct errand *e)
{
    g_free(e->address);
    g_free(e->origin);
    g_free(e);
}

/* ---- the mail ------------------------------------------------------------ */

#define SUBJECT "Your link to sign in"
#define OPENING                                                                \
    "To sign in, open this link and press the button.  It works once, for an " \
    "hour."
#define CLOSING                                                                \
    "If you have not asked for it, ignore this mail: nothing happens."

/* Both bodies of a mail while it is written: links stand in them. */
struct draft {
    GString *text, *html;
};

static void put_link(struct draft *d, const char *name, const char *url)
{
    g_autofree char *clean = g_markup_escape_text(name, -1);
    g_autofree char *to = g_markup_escape_text(url, -1);

    g_string_append_printf(d->text, "\n%s\n%s\n", name, url);
    g_string_append_printf(d->html, "<p>%s<br>\n<a href=\"%s\">%s</a></p>\n",
                           clean, to, to);
    secret_wipe(to, strlen(to));
}

/* A link for each contact, whose hashes go to `links`. */
static void compose(const struct service *s, const struct errand *e,
                    const GPtrArray *contacts, struct draft *d,
                    struct roster_link *links, size_t *ret_n)
{
    *ret_n = 0;
    g_string_assign(d->text, OPENING "\n");
    g_string_assign(d->html, "<p>" OPENING "</p>\n");
    for (guint i = 0; i < contacts->len && *ret_n < ACCOUNTS_MAX; i++) {
        const struct roster_contact *k = contacts->pdata[i];
        g_autoptr(roster_account) a = NULL;
        g_autofree char *url = NULL;
        char text[TOKEN_SIZE];
        struct err err;

        if (k->disabled_us != 0 ||
            roster_account_get(s->roster, k->account_id, &a, &err) <= 0)
            continue;
        token_new(TOKEN_LINK, text, links[*ret_n].hash);
        links[(*ret_n)++].contact_id = k->id;
        url = g_strdup_printf("%s/sign-in/%s", e->origin, text);
        put_link(d, a->name, url);
        secret_wipe(url, strlen(url));
        secret_wipe(text, sizeof(text));
    }
    g_string_append(d->text, "\n" CLOSING "\n");
    g_string_append(d->html, "<p>" CLOSING "</p>\n");
}

/* As the outbox has it: store/outbox.h. */
static int seal_mail(const struct service *s, const struct draft *d,
                     const struct outbox_mail *to, int64_t now_us, GBytes **ret,
                     struct err *err)
{
    const struct letter what = { to->subject, d->text->str, d->html->str };
    g_autofree char *id =
        g_strconcat(to->ref, strrchr(s->mail_address, '@'), NULL);
    const struct letter_head head = {
        .from_name = s->mail_name,
        .from = s->mail_address,
        .to = to->recipient,
        .message_id = id,
        .at_us = now_us,
    };
    const struct seal_place place = { "outbox", "body", to->ref };
    g_autoptr(GBytes) mail = letter_mime(&what, &head);
    gsize n;
    const void *bytes = g_bytes_get_data(mail, &n);

    return seal_close(s->keys, &place, bytes, n, ret, err);
}

static void draft_clear(struct draft *d)
{
    secret_wipe(d->text->str, d->text->allocated_len);
    secret_wipe(d->html->str, d->html->allocated_len);
    g_string_free(d->text, TRUE);
    g_string_free(d->html, TRUE);
}

static int write_mail(const struct service *s, const struct errand *e,
                      const GPtrArray *contacts, struct err *err)
{
    const struct roster_actor actor = { "sign-in", e->request };
    struct draft draft = { g_string_new(NULL), g_string_new(NULL) };
    struct roster_link links[ACCOUNTS_MAX];
    size_t n;
    g_autofree char *ref = g_uuid_string_random();
    g_autoptr(GBytes) sealed = NULL;
    struct outbox_mail mail = {
        .ref = ref,
        .recipient = ((struct roster_contact *)contacts->pdata[0])->address,
        .subject = (char[]){ SUBJECT },
    };
    struct links_wish wish = { links, 0, timestamp_now(), 0, &mail };
    int result;

    compose(s, e, contacts, &draft, links, &n);
    result = seal_mail(s, &draft, &mail, wish.now_us, &sealed, err);
    draft_clear(&draft);
    if (result < 0 || n == 0)
        return result;
    mail.body = sealed;
    wish.n = n;
    wish.expires_us = wish.now_us + LINK_US;
    return roster_links_add(s->roster, &actor, &wish, err);
}

static void run_errand(void *data, void *service)
{
    const struct service *s = service;
    struct errand *e = data;
    const struct contact_filter filter = { .address = e->address };
    g_autoptr(GPtrArray) contacts = NULL;
    struct err err;

    if (roster_contacts(s->roster, &filter, &(struct roster_page){ 0, 100 },
                        &contacts, &err) < 0 ||
        (contacts->len > 0 && write_mail(s, e, contacts, &err) < 0))
        log_err(s->log, LOG_ERROR, e->request, &err);
    errand_free(e);
}

void service_links_start(struct service *s)
{
    s->errands = g_thread_pool_new(run_errand, s, 1, FALSE, NULL);
}

void service_links_stop(struct service *s)
{
    if (s->errands != NULL)
        g_thread_pool_free(s->errands, FALSE, TRUE);
}

void service_link_request(void *service, const struct web_request *r,
                          struct web_reply *reply)
{
    static const char *const names[] = { "address", NULL };
    struct service *s = service;
    char by_name[SERVICE_BUCKET_SIZE];
    const char *address;
    struct errand *e;
    struct err err;

    if (service_only(r, names, reply) < 0)
        return;
    address = service_text(r, "address", ROSTER_NAME_MAX, reply);
    if (address == NULL)
        return;
    if (roster_check_address(address, &err) < 0) {
        web_problem_field(reply, "address", "%s", err.msg);
        return;
    }
    if (service_pay(s, r, address, by_name, reply) < 0)
        return;
    if (g_thread_pool_unprocessed(s->errands) >= WAITING_MAX) {
        web_problem(reply, 503, "busy", "too much to do; try again");
        return;
    }
    e = g_new0(struct errand, 1);
    e->address = g_strdup(address);
    e->origin = web_origin(s->public_url, r->secure, web_header(r, "Host"));
    g_strlcpy(e->request, r->id, sizeof(e->request));
    g_thread_pool_push(s->errands, e, NULL);
    web_reply_json(reply, 202, NULL);
}

/* ---- the link ------------------------------------------------------------ */

/* False: the path holds no token. */
static bool read_token(const struct web_request *r,
                       uint8_t hash[TOKEN_HASH_BYTES])
{
    g_autofree char *text = g_strndup(r->params.v[0].text, r->params.v[0].len);
    bool good = token_hash(TOKEN_LINK, text, hash);

    secret_wipe(text, strlen(text));
    return good;
}

/* 1, 0, -1 as roster_link_find(). */
static int find(const struct service *s, const struct web_request *r,
                struct link_seen *ret, struct err *err)
{
    uint8_t hash[TOKEN_HASH_BYTES];

    if (!read_token(r, hash))
        return 0;
    return roster_link_find(s->roster, hash, timestamp_now(), ret, err);
}

/* 1 with the cookie in the reply and *ret_expires_us; 0; -1. */
static int use(const struct service *s, const struct web_request *r,
               int64_t *ret_expires_us, struct web_reply *reply,
               struct err *err)
{
    const struct roster_actor actor = { "link", r->id };
    int64_t now_us = timestamp_now();
    char text[TOKEN_SIZE];
    uint8_t hash[TOKEN_HASH_BYTES], session[TOKEN_HASH_BYTES];
    const struct session_wish wish = { session, 0, 0, now_us,
                                       now_us + SESSION_US };
    int used;

    if (!read_token(r, hash))
        return 0;
    token_new(TOKEN_SESSION, text, session);
    used = roster_link_use(s->roster, &actor, hash, &wish, err);
    if (used > 0) {
        service_set_cookie(r, reply, text, SESSION_US);
        *ret_expires_us = wish.expires_us;
    }
    secret_wipe(text, sizeof(text));
    return used;
}

static void refuse(struct web_reply *reply)
{
    web_problem(reply, 404, "not-found",
                "this link was used, is too old, or is none; ask for another");
}

void service_link(void *service, const struct web_request *r,
                  struct web_reply *reply)
{
    struct link_seen seen;
    struct err err;
    int found = find(service, r, &seen, &err);

    if (found < 0)
        service_fail(service, r, reply, &err);
    else if (found == 0)
        refuse(reply);
    else
        web_reply_json(reply, 200,
                       json_pack("{s:s, s:s, s:o}", "address", seen.address,
                                 "account", seen.account, "expires",
                                 member_time(seen.expires_us)));
}

void service_link_use(void *service, const struct web_request *r,
                      struct web_reply *reply)
{
    int64_t expires_us = 0;
    struct err err;
    int used = use(service, r, &expires_us, reply, &err);

    if (used < 0)
        service_fail(service, r, reply, &err);
    else if (used == 0)
        refuse(reply);
    else
        web_reply_json(reply, 201,
                       json_pack("{s:o}", "expires", member_time(expires_us)));
}

/* ---- the same for people ------------------------------------------------- */

static void page(struct web_reply *reply, unsigned status, const char *text,
                 const char *button)
{
    g_autoptr(GString) body = g_string_new(NULL);

    html_add(body, "<p>%s</p>\n", text);
    g_string_append(body, button);
    html_reply(reply, status, "Sign in", body);
}

#define GONE "This link was used, is too old, or is none. Ask for another."

void service_link_page(void *service, const struct web_request *r,
                       struct web_reply *reply)
{
    struct link_seen seen;
    struct err err;
    int found = find(service, r, &seen, &err);
    g_autofree char *text = NULL;

    if (found < 0) {
        service_fail(service, r, reply, &err);
        return;
    }
    if (found == 0) {
        page(reply, 404, GONE, "");
        return;
    }
    text = g_strdup_printf("%s, for %s", seen.address, seen.account);
    page(reply, 200, text,
         "<form method=\"post\"><button>Sign in</button></form>");
}

void service_link_page_use(void *service, const struct web_request *r,
                           struct web_reply *reply)
{
    int64_t expires_us = 0;
    struct err err;
    int used = use(service, r, &expires_us, reply, &err);

    if (used < 0)
        service_fail(service, r, reply, &err);
    else if (used == 0)
        page(reply, 404, GONE, "");
    else {
        page(reply, 200, "You are signed in.",
             "<p><a href=\"/app\">To your migrations</a></p>");
        web_reply_header(reply, "Refresh", "0; url=/app");
    }
}
