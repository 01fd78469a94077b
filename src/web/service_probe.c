/*
 * Servers that people name, tried while they wait: an OWA URL, and credentials
 * before they are kept.
 *
 * Who names a server makes us connect to it, so that is bounded: for everybody
 * within a time, and in all at a time, since a server that never answers
 * holds a thread that others wait for.  Private networks are refused below.
 */
#include <string.h>

#include "base/timestamp.h"
#include "desk/asked.h"
#include "desk/sign_in.h"
#include "desk/supply.h"
#include "web/service_requests.h"

/* At a time, of all people together. */
#define AT_ONCE_MAX 2u

/* Who types an address has it looked at again and again. */
static const struct bucket_rate probe_rate = { 30, 300 * TIMESTAMP_SECOND };
/* Wrong passwords of one request: an account is locked after some. */
static const struct bucket_rate try_rate = { 5, 3600 * TIMESTAMP_SECOND };

/* False with 429 in the reply.  True: end_try() follows. */
static bool begin_try(struct service *s, const char *key,
                      const struct bucket_rate *rate, struct web_reply *reply)
{
    int64_t wait_us = bucket_take(s->tries, key, rate, timestamp_monotonic());

    if (wait_us > 0) {
        web_problem(reply, 429, "too-often",
                    "this was tried often enough; wait as long as Retry-After "
                    "says");
        web_reply_header(reply, "Retry-After", "%" G_GINT64_FORMAT,
                         wait_us / TIMESTAMP_SECOND + 1);
        return false;
    }
    if (atomic_fetch_add(&s->trying, 1) < AT_ONCE_MAX)
        return true;
    atomic_fetch_sub(&s->trying, 1);
    web_problem(reply, 429, "busy",
                "others have servers tried at this moment; ask again");
    web_reply_header(reply, "Retry-After", "5");
    return false;
}

static void end_try(struct service *s)
{
    atomic_fetch_sub(&s->trying, 1);
}

/*
 * In words for whoever is not of this house: what a name has for an address in
 * our own networks is not told.
 */
static const char *detail_of(const struct err *why)
{
    return g_strcmp0(why->name, "address-refused") == 0
               ? "the address is not one that is reached from the Internet"
               : why->msg;
}

/* ---- an address ---------------------------------------------------------- */

static json_t *schemes_json(const char *text)
{
    g_auto(GStrv) all = g_strsplit(text, ", ", -1);
    json_t *list = json_array();

    for (char **one = all; *one != NULL; one++)
        if (strcmp(*one, "none") != 0)
            json_array_append_new(list, json_string(*one));
    return list;
}

static json_t *found_json(const struct reach_found *f)
{
    return json_pack("{s:b, s:s, s:s?, s:o, s:n, s:n}", "reachable", 1, "host",
                     f->host, "version", f->version, "schemes",
                     schemes_json(f->schemes), "detail", "remedy");
}

static json_t *lost_json(const struct err *why)
{
    return json_pack("{s:b, s:n, s:n, s:[], s:s, s:s?}", "reachable", 0, "host",
                     "version", "schemes", "detail", detail_of(why), "remedy",
                     reach_remedy(why));
}

static void probe(struct service *s, const char *url, struct web_reply *reply)
{
    const struct reach_wish wish = { .url = url };
    g_auto(reach_found) found = { 0 };
    struct err why;

    if (s->reach.find(s->reach.data, &wish, &found, &why) == 0)
        web_reply_json(reply, 200, found_json(&found));
    else
        web_reply_json(reply, 200, lost_json(&why));
}

void service_probe(void *service, const struct web_request *r,
                   struct web_reply *reply)
{
    static const char *const names[] = { "url", NULL };
    struct service *s = service;
    const char *text;
    g_autofree char *url = NULL;
    char key[48];

    if (service_only(r, names, reply) < 0)
        return;
    text = service_text(r, "url", ASKED_URL_MAX, reply);
    if (text == NULL)
        return;
    url = supply_url(text);
    if (url == NULL) {
        web_problem_field(reply, "url", "this is no address of a web page");
        return;
    }
    g_snprintf(key, sizeof(key), "probe %d:%" G_GINT64_FORMAT, (int)r->who.role,
               r->who.id);
    if (!begin_try(s, key, &probe_rate, reply))
        return;
    probe(s, url, reply);
    end_try(s);
}

/* ---- credentials --------------------------------------------------------- */

/* Where they are tried, and on what; false: the problem is in the reply. */
static bool read_wish(const struct service *s, const struct web_request *r,
                      const struct request *q, struct supplied *now,
                      struct reach_wish *ret, struct web_reply *reply)
{
    const struct supply_from from = { .version = r->version };
    struct err err;

    if (supply_may(&from, q, &err) < 0 ||
        supply_look(s->desk, q, now, &err) < 0) {
        service_fail(s, r, reply, &err);
        return false;
    }
    ret->url = q->owa_url;
    ret->address = now->import != NULL ? complete_for_admin(now->import) : NULL;
    if (ret->url != NULL && ret->address != NULL)
        return true;
    web_problem_remedy(reply, 409, "wrong-state",
                       "give the OWA URL and the import file first",
                       "there is no mailbox yet that they could be tried on");
    return false;
}

/* Kept; *why: they could not be tried; NULL: they work. */
static void keep(const struct service *s, const struct web_request *r,
                 const struct request *q, const struct reach_wish *w,
                 const struct err *why, struct web_reply *reply)
{
    const struct supply given = { .texts[SUPPLY_ADMIN] = w->user,
                                  .password = w->password };
    g_auto(supplied) done = { 0 };

    if (!service_supply(s, r, q, &given, &done, reply))
        return;
    web_reply_json(reply, 200,
                   json_pack("{s:b, s:s?}", "tried", why == NULL, "detail",
                             why != NULL ? detail_of(why) : NULL));
}

/* Somebody waits for it, and wants to know: whatever was found before. */
static int ask(struct service *s, const struct web_request *r,
               const struct request *q, const struct reach_wish *w,
               struct err *why, struct err *err)
{
    const struct request_credentials c = { .request_id = q->id,
                                           .url = w->url,
                                           .user = w->user,
                                           .password = w->password };
    char room[320];
    const struct roster_actor who = service_actor(r, room, sizeof(room));
    struct sign_in what = { .who = &who, .wish = *w };

    int taken = requests_take_try(s->requests, &c, true, timestamp_now(),
                                  &what.try_id, err);

    if (taken < 0)
        return -1;
    if (taken == 0) {
        err_set(err, ERR_MAILBOX, ERR_RETRY_NEVER, 0, "the request is gone");
        err->name = "not-found";
        return -1;
    }
    return sign_in_try(s->requests, &s->reach, &what, why, err);
}

static void try_them(struct service *s, const struct web_request *r,
                     const struct request *q, const struct reach_wish *w,
                     struct web_reply *reply)
{
    struct err why, err;
    int opened = ask(s, r, q, w, &why, &err);

    if (opened < 0)
        service_fail(s, r, reply, &err);
    else if (opened > 0)
        keep(s, r, q, w, NULL, reply);
    else if (reach_is_refusal(why.name))
        web_problem_remedy(reply, 422, "credentials-refused",
                           reach_remedy(&why), "%s", why.msg);
    else
        keep(s, r, q, w, &why, reply);
}

void service_request_credentials(void *service, const struct web_request *r,
                                 struct web_reply *reply)
{
    static const char *const names[] = { "user", "password", NULL };
    struct service *s = service;
    g_autoptr(request) q = service_request_get(s, r, reply);
    g_auto(supplied) now = { 0 };
    g_autoptr(secret) password = NULL;
    struct reach_wish wish = { 0 };
    const char *text;
    char key[48];

    if (q == NULL || !service_has_desk(s, reply) ||
        service_only(r, names, reply) < 0)
        return;
    wish.user = service_text(r, "user", ASKED_USER_MAX, reply);
    text = wish.user != NULL
               ? service_text(r, "password", ASKED_SECRET_MAX, reply)
               : NULL;
    if (text == NULL || !read_wish(s, r, q, &now, &wish, reply))
        return;
    password = secret_new(text, strlen(text));
    wish.password = password;
    g_snprintf(key, sizeof(key), "try %" G_GINT64_FORMAT, q->id);
    if (!begin_try(s, key, &try_rate, reply))
        return;
    try_them(s, r, q, &wish, reply);
    end_try(s);
}
