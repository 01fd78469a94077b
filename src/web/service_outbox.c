/*
 * Mails that go out: how far they are, what they say, and an operator's word on
 * those of which nobody knows whether they arrived.
 */
#include <string.h>

#include "base/timestamp.h"
#include "desk/letter.h"
#include "desk/request_json.h"
#include "store/outbox.h"
#include "web/service_requests.h"

static const char *outbox_name(int state)
{
    return outbox_state_name((enum outbox_state)state);
}

static json_t *show_mail(const struct web_request *r, const void *item)
{
    (void)r;
    return request_outbox_json(item);
}

static bool read_outbox(const struct service *s, const struct web_request *r,
                        const struct roster_page *page, GPtrArray **ret,
                        struct web_reply *reply, struct err *err)
{
    unsigned int states = 0;

    return service_query_states(r, "state", outbox_name, OUTBOX_N_STATES,
                                &states, reply) &&
           outbox_list(s->roster, states, page, ret, err) == 0;
}

void service_outbox(void *service, const struct web_request *r,
                    struct web_reply *reply)
{
    static const struct service_list list = { read_outbox, show_mail };

    service_list(service, r, &list, reply);
}

/* ---- what one says ------------------------------------------------------- */

/* NULL: the problem is in the reply. */
static struct outbox_mail *find_mail(const struct service *s,
                                     const struct web_request *r,
                                     struct web_reply *reply)
{
    struct outbox_mail *m = NULL;
    struct err err;
    int found = outbox_get(s->roster, web_param_id(r, 0), &m, &err);

    if (found < 0)
        service_fail(s, r, reply, &err);
    if (found == 0)
        service_not_found(reply, "mail");
    return m;
}

/* Contacts read what was written to those of their account. */
static bool may_read(const struct service *s, const struct web_request *r,
                     const struct outbox_mail *m)
{
    const struct contact_filter filter = { .account_id = service_account_of(r),
                                           .address = m->recipient };
    const struct roster_page page = { .limit = 1 };
    g_autoptr(request) q = NULL;
    g_autoptr(GPtrArray) found = NULL;
    struct err err;

    if (filter.account_id == 0)
        return true;
    return m->request_id != 0 &&
           requests_get(s->requests, m->request_id, &q, &err) > 0 &&
           q->account_id == filter.account_id &&
           roster_contacts(s->roster, &filter, &page, &found, &err) == 0 &&
           found->len > 0;
}

static int open_body(const struct service *s, const struct outbox_mail *m,
                     char **ret, struct err *err)
{
    const struct seal_place place = { "outbox", "body", m->ref };
    g_autoptr(secret) body = NULL;
    gsize n;
    const void *sealed = g_bytes_get_data(m->body, &n);

    if (seal_open(s->keys, &place, sealed, n, &body, err) < 0)
        return err_in(err, "mail %" G_GINT64_FORMAT, m->id);
    *ret = letter_mime_text(secret_peek(body), strlen(secret_peek(body)));
    return 0;
}

/*
 * Who reads a letter on a page is not whom its link was sent to: without it
 * nobody can use the link in their place.
 */
static json_t *text_json(char *text)
{
    char *said;
    json_t *json;

    token_strike(text);
    /* after "Message-ID: ..." and the empty line */
    said = strstr(text, "\n\n");
    json = json_string(said != NULL ? said + 2 : text);
    secret_wipe(text, strlen(text));
    g_free(text);
    return json != NULL ? json : json_string("");
}

void service_outbox_mail(void *service, const struct web_request *r,
                         struct web_reply *reply)
{
    const struct service *s = service;
    g_autoptr(outbox_mail) m = find_mail(s, r, reply);
    char *text = NULL;
    struct err err;
    json_t *json;

    if (m == NULL)
        return;
    if (!may_read(s, r, m)) {
        service_not_found(reply, "mail");
        return;
    }
    if (open_body(s, m, &text, &err) < 0) {
        service_fail(s, r, reply, &err);
        return;
    }
    json = request_outbox_json(m);
    json_object_set_new(json, "text", text_json(text));
    web_reply_json(reply, 200, json);
}

/* ---- an operator's word -------------------------------------------------- */

static bool read_word(const struct web_request *r, enum outbox_word *ret,
                      struct web_reply *reply)
{
    static const char *const names[] = { "action", NULL };
    const char *action;

    if (service_only(r, names, reply) < 0)
        return false;
    action = service_text(r, "action", 20, reply);
    if (action == NULL)
        return false;
    for (int i = 0; i < OUTBOX_N_WORDS; i++)
        if (strcmp(action, outbox_word_name((enum outbox_word)i)) == 0) {
            *ret = (enum outbox_word)i;
            return true;
        }
    web_problem_field(reply, "action",
                      "\"action\" is send-again, arrived or drop");
    return false;
}

void service_outbox_do(void *service, const struct web_request *r,
                       struct web_reply *reply)
{
    const struct service *s = service;
    char room[320];
    struct roster_actor actor = service_actor(r, room, sizeof(room));
    struct roster_once once;
    enum outbox_word word;
    struct err err;

    if (!read_word(r, &word, reply) || !service_once(r, &once, &actor, reply))
        return;
    if (outbox_decide(s->roster, &actor, web_param_id(r, 0), word,
                      timestamp_now(), &err) < 0)
        service_fail(s, r, reply, &err);
    else
        web_reply_empty(reply, 204);
}
