/*
 * What operators change of their own: password and authenticator.  Either ends
 * all their sessions and tokens, as it does when an admin changes it, and
 * begins a session anew for whoever has just shown that it is theirs.
 */
#include <string.h>

#include "base/passhash.h"
#include "base/timestamp.h"
#include "base/totp.h"
#include "fleet/member.h"
#include "web/qr.h"
#include "web/service.h"

/* How long somebody may take to put a secret into an authenticator. */
#define OFFER_US   (INT64_C(15) * 60 * TIMESTAMP_SECOND)
#define OFFER_MOST 1000

/* NULL with the problem in the reply. */
static struct roster_operator *own(const struct service *s,
                                   const struct web_request *r,
                                   struct web_reply *reply)
{
    g_autoptr(roster_operator) o = NULL;
    struct err err;
    int found = roster_operator_by_id(s->roster, r->who.id, &o, &err);

    if (found < 0)
        service_fail(s, r, reply, &err);
    else if (found == 0)
        service_not_found(reply, "operator");
    return g_steal_pointer(&o);
}

/*
 * Is the text of that member their password?  Whoever has found a browser open
 * may not try as often as they like.
 */
static bool prove(struct service *s, const struct web_request *r,
                  const struct roster_operator *o, const char *member,
                  struct web_reply *reply)
{
    const char *text = service_text(r, member, PASSHASH_LONGEST, reply);
    char bucket[SERVICE_BUCKET_SIZE];

    if (text == NULL || service_pay(s, r, o->name, bucket, reply) < 0)
        return false;
    if (!passhash_check(o->password, text, &s->cost)) {
        log_line(s->log, LOG_WARNING, r->id,
                 "\"%s\" was asked for the password, and it was not right",
                 o->name);
        web_problem_field(reply, member, "this is not your password");
        return false;
    }
    bucket_forget(s->sign_ins, bucket);
    return true;
}

/* The change, and a session in place of those that end with it. */
static void change(struct service *s, const struct web_request *r,
                   const struct roster_operator *o,
                   const struct operator_change *wish, struct web_reply *reply)
{
    char room[320], subject[24];
    struct roster_actor actor = service_actor(r, room, sizeof(room));
    struct err err;

    if (roster_operator_change(s->roster, &actor, o->id, o->version, wish,
                               &err) < 0) {
        service_fail(s, r, reply, &err);
        return;
    }
    g_snprintf(subject, sizeof(subject), "%" G_GINT64_FORMAT, o->id);
    service_tell(s, r, "operator.change", subject);
    service_begin_session(s, r, o, reply);
}

void service_own_password(void *service, const struct web_request *r,
                          struct web_reply *reply)
{
    static const char *const names[] = { "old", "password", NULL };
    struct service *s = service;
    g_autoptr(roster_operator) o = NULL;
    char hash[PASSHASH_SIZE];
    struct operator_change wish = { -1, -1, hash, NULL, false };

    if (service_only(r, names, reply) < 0)
        return;
    o = own(s, r, reply);
    if (o == NULL || !prove(s, r, o, "old", reply) ||
        service_read_password(s, r, hash, reply) < 0)
        return;
    if (g_strcmp0(json_string_value(json_object_get(r->json, "old")),
                  json_string_value(json_object_get(r->json, "password"))) ==
        0) {
        web_problem_field(reply, "password", "this is the old one");
        return;
    }
    change(s, r, o, &wish, reply);
}

/* ---- the authenticator --------------------------------------------------- */

/*
 * A secret that is not theirs yet travels sealed through their browser, with
 * when it ends and for which version of the operator it was made: it is of no
 * use once anything of them has changed.
 */
static int seal_offer(const struct service *s, const struct roster_operator *o,
                      const char *text, char **ret, struct err *err)
{
    const struct seal_place place = { "operators", "totp offer", o->name };
    char *plain =
        g_strdup_printf("%" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %s",
                        o->version, timestamp_now() + OFFER_US, text);
    g_autoptr(GBytes) sealed = NULL;
    int result =
        seal_close(s->keys, &place, plain, strlen(plain), &sealed, err);
    gsize n;
    const void *bytes;

    secret_wipe(plain, strlen(plain));
    g_free(plain);
    if (result < 0)
        return -1;
    bytes = g_bytes_get_data(sealed, &n);
    *ret = g_base64_encode(bytes, n);
    return 0;
}

/* NULL: it is none, or not good any more.  The caller wipes and frees. */
static char *open_offer(const struct service *s,
                        const struct roster_operator *o, const char *offer)
{
    const struct seal_place place = { "operators", "totp offer", o->name };
    gsize n = 0;
    g_autofree guchar *sealed = g_base64_decode(offer, &n);
    g_autoptr(secret) plain = NULL;
    gint64 version, until_us;
    char *end;
    struct err err;

    if (seal_open(s->keys, &place, sealed, n, &plain, &err) < 0)
        return NULL;
    version = g_ascii_strtoll(secret_peek(plain), &end, 10);
    until_us = g_ascii_strtoll(end, &end, 10);
    if (version != o->version || until_us < timestamp_now() || *end != ' ')
        return NULL;
    return g_strdup(end + 1);
}

static json_t *offer_json(const struct roster_operator *o, const char *text,
                          const char *offer)
{
    char *uri = totp_uri(text, o->name);
    json_t *json =
        json_pack("{s:s, s:s, s:o, s:s, s:o}", "secret", text, "uri", uri,
                  "picture", qr_json(uri), "offer", offer, "expires",
                  member_time(timestamp_now() + OFFER_US));

    secret_wipe(uri, strlen(uri));
    g_free(uri);
    return json;
}

/* Who has one shows it: with it lost, an admin or the command line helps. */
static bool prove_code(struct service *s, const struct web_request *r,
                       const struct roster_operator *o, struct web_reply *reply)
{
    const char *code = "";
    struct err err;
    int good;

    if (!service_text_opt(r, "code", TOTP_DIGITS, true, &code, reply))
        return false;
    good = service_check_code(s, o, code, &err);
    if (good < 0)
        service_fail(s, r, reply, &err);
    else if (good == 0)
        web_problem_field(reply, "code",
                          "this is not a fresh code of your authenticator");
    return good > 0;
}

void service_own_offer(void *service, const struct web_request *r,
                       struct web_reply *reply)
{
    static const char *const names[] = { "password", "code", NULL };
    struct service *s = service;
    g_autoptr(roster_operator) o = NULL;
    g_autofree char *offer = NULL;
    char *text;
    struct err err;

    if (service_only(r, names, reply) < 0)
        return;
    o = own(s, r, reply);
    if (o == NULL || !prove(s, r, o, "password", reply) ||
        !prove_code(s, r, o, reply))
        return;
    text = totp_secret_new();
    if (seal_offer(s, o, text, &offer, &err) < 0)
        service_fail(s, r, reply, &err);
    else
        web_reply_json(reply, 200, offer_json(o, text, offer));
    secret_wipe(text, strlen(text));
    g_free(text);
}

/* Does the authenticator say of this secret what it should?  1, 0, -1. */
static int check_offered(const struct service *s,
                         const struct roster_operator *o, const char *text,
                         const char *code, GBytes **ret, struct err *err)
{
    const struct seal_place place = { "operators", "totp", o->name };
    uint8_t key[TOTP_SECRET_BYTES];
    size_t n = totp_secret_read(text, key, sizeof(key));
    uint64_t step;
    bool good = n > 0 && totp_check(key, n, code, timestamp_now(), 0, &step);

    secret_wipe(key, sizeof(key));
    if (!good)
        return 0;
    return seal_close(s->keys, &place, text, strlen(text), ret, err) < 0 ? -1
                                                                         : 1;
}

static void take_offer(struct service *s, const struct web_request *r,
                       const struct roster_operator *o, const char *text,
                       const char *code, struct web_reply *reply)
{
    g_autoptr(GBytes) sealed = NULL;
    struct operator_change wish = { -1, -1, NULL, NULL, false };
    struct err err;
    int good = check_offered(s, o, text, code, &sealed, &err);

    if (good < 0) {
        service_fail(s, r, reply, &err);
    } else if (good == 0) {
        web_problem_field(reply, "code",
                          "this is not the code that the authenticator shows "
                          "for the new secret now");
    } else {
        wish.totp = sealed;
        change(s, r, o, &wish, reply);
    }
}

void service_own_authenticator(void *service, const struct web_request *r,
                               struct web_reply *reply)
{
    static const char *const names[] = { "offer", "code", NULL };
    struct service *s = service;
    g_autoptr(roster_operator) o = NULL;
    const char *offer, *code;
    char *text;

    if (service_only(r, names, reply) < 0)
        return;
    offer = service_text(r, "offer", OFFER_MOST, reply);
    code = offer != NULL ? service_text(r, "code", TOTP_DIGITS, reply) : NULL;
    o = code != NULL ? own(s, r, reply) : NULL;
    if (o == NULL)
        return;
    text = open_offer(s, o, offer);
    if (text == NULL) {
        web_problem_field(reply, "offer",
                          "this secret is not good any more; ask for another");
        return;
    }
    take_offer(s, r, o, text, code, reply);
    secret_wipe(text, strlen(text));
    g_free(text);
}
