#include <string.h>

#include "base/passhash.h"
#include "base/timestamp.h"
#include "base/totp.h"
#include "fleet/member.h"
#include "web/service.h"

/* A working day: a session that is stolen later opens nothing. */
#define SESSION_US (INT64_C(12) * 3600 * TIMESTAMP_SECOND)
#define WINDOW_US  (INT64_C(15) * 60 * TIMESTAMP_SECOND)

/* What somebody says who they are. */
struct attempt {
    struct service *service;
    const struct web_request *request;
    const char *name, *password, *code; /* code "": none was given */
    char by_name[SERVICE_BUCKET_SIZE];
};

static void refuse(struct attempt *a, struct web_reply *reply)
{
    /* one answer for all causes: it tells nobody which names there are */
    log_line(a->service->log, LOG_WARNING, a->request->id,
             "sign-in refused for \"%s\"", a->name);
    web_problem(reply, 401, "sign-in", "name, password or code are not right");
    metrics_count(a->service->sign_in_results, "result=\"refused\"", 1);
}

int service_pay(struct service *s, const struct web_request *r,
                const char *name, char by_name[SERVICE_BUCKET_SIZE],
                struct web_reply *reply)
{
    const struct bucket_rate rate = { atomic_load(&s->sign_in_limit),
                                      WINDOW_US };
    struct inet_address from = r->address;
    g_autofree char *folded = g_utf8_casefold(name, -1), *wait = NULL;
    char text[INET_TEXT_SIZE], by_address[INET_TEXT_SIZE + 8];
    int64_t now_us = timestamp_monotonic(), wait_us;

    inet_address_subscriber(&from);
    inet_address_text(&from, text);
    g_snprintf(by_address, sizeof(by_address), "from %s", text);
    g_snprintf(by_name, SERVICE_BUCKET_SIZE, "name %.254s", folded);
    wait_us = bucket_take(s->sign_ins, by_address, &rate, now_us);
    if (wait_us == 0)
        wait_us = bucket_take(s->sign_ins, by_name, &rate, now_us);
    if (wait_us == 0)
        return 0;
    wait = timestamp_duration(wait_us);
    web_problem(reply, 429, "too-often",
                "too many attempts; the next is heard in %s", wait);
    web_reply_header(reply, "Retry-After", "%" G_GINT64_FORMAT,
                     wait_us / TIMESTAMP_SECOND + 1);
    metrics_count(s->sign_in_results, "result=\"too often\"", 1);
    return -1;
}

void service_set_cookie(const struct web_request *r, struct web_reply *reply,
                        const char *token, int64_t us)
{
    web_reply_header(reply, "Set-Cookie",
                     "%s=%s; Path=/; HttpOnly; SameSite=Strict%s; Max-Age=%d",
                     service_cookie_name(r->secure), token,
                     r->secure ? "; Secure" : "", (int)(us / TIMESTAMP_SECOND));
}

int service_check_code(const struct service *s, const struct roster_operator *o,
                       const char *code, struct err *err)
{
    const struct seal_place place = { "operators", "totp", o->name };
    g_autoptr(secret) text = NULL;
    uint8_t key[TOTP_SECRET_BYTES];
    uint64_t step = 0;
    gsize size;
    const void *sealed;
    size_t n;
    bool good;

    if (o->totp == NULL)
        return 1;
    sealed = g_bytes_get_data(o->totp, &size);
    if (seal_open(s->keys, &place, sealed, size, &text, err) < 0)
        return err_in(err, "authenticator of \"%s\"", o->name);
    n = totp_secret_read(secret_peek(text), key, sizeof(key));
    good = n > 0 && totp_check(key, n, code, timestamp_now(),
                               (uint64_t)o->totp_step, &step);
    secret_wipe(key, sizeof(key));
    if (!good)
        return 0;
    return roster_totp_use(s->roster, o->id, (int64_t)step, err);
}

static void rehash(const struct attempt *a, const struct roster_operator *o)
{
    char hash[PASSHASH_SIZE];
    struct err err;

    if (!passhash_is_old(o->password, &a->service->cost))
        return;
    /* it works as it is: what fails here fails again next time */
    if (passhash_make(a->password, &a->service->cost, hash, &err) < 0 ||
        roster_password_rehash(a->service->roster, o->id, o->password, hash,
                               &err) < 0)
        log_err(a->service->log, LOG_WARNING, a->request->id, &err);
}

void service_begin_session(const struct service *s, const struct web_request *r,
                           const struct roster_operator *o,
                           struct web_reply *reply)
{
    g_autofree char *actor = g_strconcat("operator ", o->name, NULL);
    int64_t now_us = timestamp_now();
    char text[TOKEN_SIZE];
    uint8_t hash[TOKEN_HASH_BYTES];
    struct session_wish wish = { hash, o->id, 0, now_us, now_us + SESSION_US };
    struct err err;

    token_new(TOKEN_SESSION, text, hash);
    if (roster_session_add(s->roster, &(struct roster_actor){ actor, r->id },
                           &wish, &err) < 0) {
        service_fail(s, r, reply, &err);
    } else {
        web_reply_json(reply, 201,
                       json_pack("{s:s, s:s, s:o}", "name", o->name, "role",
                                 o->role == ROSTER_ADMIN ? "admin" : "operator",
                                 "expires", member_time(wish.expires_us)));
        service_set_cookie(r, reply, text, SESSION_US);
    }
    secret_wipe(text, sizeof(text));
}

static void check(struct attempt *a, struct web_reply *reply)
{
    g_autoptr(roster_operator) o = NULL;
    struct err err;
    int found = roster_operator_by_name(a->service->roster, a->name, &o, &err);
    bool good, known = found > 0 && o->disabled_us == 0;

    if (found < 0) {
        service_fail(a->service, a->request, reply, &err);
        return;
    }
    good = passhash_check(known ? o->password : NULL, a->password,
                          &a->service->cost);
    found = good ? service_check_code(a->service, o, a->code, &err) : 0;
    if (found < 0) {
        service_fail(a->service, a->request, reply, &err);
        return;
    }
    if (found == 0) {
        refuse(a, reply);
        return;
    }
    bucket_forget(a->service->sign_ins, a->by_name);
    rehash(a, o);
    service_begin_session(a->service, a->request, o, reply);
    if (reply->status == 201)
        metrics_count(a->service->sign_in_results, "result=\"done\"", 1);
}

void service_sign_in(void *service, const struct web_request *r,
                     struct web_reply *reply)
{
    static const char *const names[] = { "name", "password", "code", NULL };
    struct attempt a = { .service = service, .request = r, .code = "" };

    if (service_only(r, names, reply) < 0)
        return;
    a.name = service_text(r, "name", ROSTER_NAME_MAX, reply);
    if (a.name == NULL)
        return;
    a.password = service_text(r, "password", PASSHASH_LONGEST, reply);
    if (a.password == NULL)
        return;
    if (json_object_get(r->json, "code") != NULL) {
        a.code = service_text(r, "code", TOTP_DIGITS, reply);
        if (a.code == NULL)
            return;
    }
    if (service_pay(service, r, a.name, a.by_name, reply) == 0)
        check(&a, reply);
}

void service_session(void *service, const struct web_request *r,
                     struct web_reply *reply)
{
    (void)service;
    web_reply_json(reply, 200,
                   json_pack("{s:s, s:s, s:o, s:b}", "name", r->who.name,
                             "role", web_role_name(r->who.role), "account",
                             r->who.account != 0 ? json_integer(r->who.account)
                                                 : json_null(),
                             "token", r->who.by_token ? 1 : 0));
}

void service_sign_out(void *service, const struct web_request *r,
                      struct web_reply *reply)
{
    const struct service *s = service;
    const char *name = service_cookie_name(r->secure);
    uint8_t hash[TOKEN_HASH_BYTES];
    char room[320];
    struct roster_actor actor = service_actor(r, room, sizeof(room));
    struct err err;

    /* a token cannot come here: the route has no scope */
    if (!token_hash(TOKEN_SESSION, web_cookie(r, name), hash))
        g_error("signed in with a token that is none");
    if (roster_session_end(s->roster, &actor, hash, &err) < 0) {
        service_fail(s, r, reply, &err);
        return;
    }
    web_reply_empty(reply, 204);
    web_reply_header(reply, "Set-Cookie",
                     "%s=; Path=/; HttpOnly; SameSite=Strict%s; Max-Age=0",
                     name, r->secure ? "; Secure" : "");
}
