#include "lab/token.h"

#include <string.h>
#include <sys/random.h>

#include <jansson.h>
#include <nettle/hmac.h>
#include <nettle/memops.h>

#include "base/timestamp.h"

/* What Exchange is called in Azure AD; it stands in every token for it. */
#define AUDIENCE "https://outlook.office365.com"

struct client {
    char *id, *secret; /* secret NULL: public */
};

struct tokens {
    int64_t lifetime_us, clock_skew_us;
    uint8_t key[SHA256_DIGEST_SIZE];
    GPtrArray *clients; /* of struct client */
};

static void client_free(gpointer data)
{
    struct client *c = data;

    g_free(c->id);
    g_free(c->secret);
    g_free(c);
}

struct tokens *tokens_new(int64_t lifetime_us, int64_t clock_skew_us)
{
    struct tokens *t = g_new0(struct tokens, 1);

    t->lifetime_us = lifetime_us;
    t->clock_skew_us = clock_skew_us;
    t->clients = g_ptr_array_new_with_free_func(client_free);
    if (getrandom(t->key, sizeof(t->key), 0) != (ssize_t)sizeof(t->key))
        g_error("no random bytes");
    return t;
}

void tokens_free(struct tokens *t)
{
    if (t == NULL)
        return;
    g_ptr_array_unref(t->clients);
    g_free(t);
}

/* ---- clients ------------------------------------------------------- */

static const struct client *find_client(const struct tokens *t, const char *id)
{
    for (guint i = 0; i < t->clients->len; i++) {
        const struct client *c = t->clients->pdata[i];

        if (strcmp(c->id, id) == 0)
            return c;
    }
    return NULL;
}

int tokens_add_client(struct tokens *t, const char *text, struct err *err)
{
    const char *colon = strchr(text, ':');
    struct client *c;
    size_t n = colon != NULL ? (size_t)(colon - text) : strlen(text);
    g_autofree char *id = g_strndup(text, n);

    if (n == 0 || find_client(t, id) != NULL)
        return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                       "OAuth client \"%s\" is empty or there already", id);
    c = g_new0(struct client, 1);
    c->id = g_steal_pointer(&id);
    c->secret = colon != NULL ? g_strdup(colon + 1) : NULL;
    g_ptr_array_add(t->clients, c);
    return 0;
}

bool tokens_has_clients(const struct tokens *t)
{
    return t->clients->len > 0;
}

const char *tokens_client(const struct tokens *t, guint i)
{
    return i < t->clients->len
               ? ((const struct client *)t->clients->pdata[i])->id
               : NULL;
}

bool token_same(const char *a, const char *b)
{
    size_t n = strlen(a);

    return n == strlen(b) && memeql_sec(a, b, n) != 0;
}

enum token_client tokens_check_client(const struct tokens *t, const char *id,
                                      const char *secret)
{
    const struct client *c = id != NULL ? find_client(t, id) : NULL;

    if (c == NULL || (c->secret == NULL) != (secret == NULL))
        return TOKEN_CLIENT_WRONG;
    if (secret == NULL)
        return TOKEN_CLIENT_PUBLIC;
    return token_same(c->secret, secret) ? TOKEN_CLIENT_CONFIDENTIAL
                                         : TOKEN_CLIENT_WRONG;
}

/* ---- making -------------------------------------------------------- */

/* RFC 4648 5, without padding. */
static char *base64url(const void *data, size_t len)
{
    char *text = g_base64_encode(data, len);

    text[strcspn(text, "=")] = '\0';
    return g_strdelimit(g_strdelimit(text, "+", '-'), "/", '_');
}

static char *sign(const struct tokens *t, const char *text, size_t len)
{
    uint8_t digest[SHA256_DIGEST_SIZE];
    struct hmac_sha256_ctx ctx;

    hmac_sha256_set_key(&ctx, sizeof(t->key), t->key);
    hmac_sha256_update(&ctx, len, (const uint8_t *)text);
    hmac_sha256_digest(&ctx, sizeof(digest), digest);
    return base64url(digest, sizeof(digest));
}

static int64_t now_seconds(const struct tokens *t)
{
    return (timestamp_now() + t->clock_skew_us) / TIMESTAMP_SECOND;
}

int64_t tokens_lifetime_us(const struct tokens *t)
{
    return t->lifetime_us;
}

/* Of "sub": what makes two tokens of one second differ is not needed. */
static char *claims_new(const struct tokens *t, const char *client,
                        const char *user)
{
    int64_t now = now_seconds(t);
    json_t *claims = json_pack(
        "{s:s, s:s, s:I, s:I, s:I, s:s, s:s}", "aud", AUDIENCE, "iss",
        "mailferry-lab", "iat", (json_int_t)now, "nbf", (json_int_t)now, "exp",
        (json_int_t)now + (json_int_t)(t->lifetime_us / TIMESTAMP_SECOND),
        "appid", client, "ver", "1.0");
    char *text, *copy;

    if (user != NULL)
        json_object_set_new(claims, "upn", json_string(user));
    else
        json_object_set_new(claims, "roles",
                            json_pack("[s]", "full_access_as_app"));
    text = json_dumps(claims, JSON_COMPACT);
    copy = g_strdup(text);
    free(text);
    json_decref(claims);
    return copy;
}

char *tokens_issue(const struct tokens *t, const char *client, const char *user)
{
    static const char head[] = "{\"typ\":\"JWT\",\"alg\":\"HS256\"}";
    g_autofree char *claims = claims_new(t, client, user);
    g_autofree char *first = base64url(head, strlen(head));
    g_autofree char *second = base64url(claims, strlen(claims));
    g_autofree char *text = g_strconcat(first, ".", second, NULL);
    g_autofree char *signature = sign(t, text, strlen(text));

    return g_strconcat(text, ".", signature, NULL);
}

/* ---- reading ------------------------------------------------------- */

static json_t *read_claims(const char *text, size_t len)
{
    g_autofree char *padded = g_malloc(len + 4);
    g_autofree uint8_t *raw = NULL;
    size_t n = len;
    gsize raw_len = 0;

    for (size_t i = 0; i < len; i++)
        padded[i] = text[i] == '-' ? '+' : text[i] == '_' ? '/' : text[i];
    while (n % 4 != 0)
        padded[n++] = '=';
    padded[n] = '\0';
    raw = g_base64_decode(padded, &raw_len);
    return json_loadb((const char *)raw, raw_len, 0, NULL);
}

static enum token_state judge(const struct tokens *t, const json_t *claims,
                              char **ret_client, char **ret_user)
{
    const char *client = json_string_value(json_object_get(claims, "appid"));
    const char *user = json_string_value(json_object_get(claims, "upn"));
    json_int_t end = json_integer_value(json_object_get(claims, "exp"));

    if (client == NULL)
        return TOKEN_BAD;
    if (end <= now_seconds(t))
        return TOKEN_EXPIRED;
    *ret_client = g_strdup(client);
    *ret_user = g_strdup(user);
    return TOKEN_GOOD;
}

enum token_state tokens_check(const struct tokens *t, const char *text,
                              char **ret_client, char **ret_user)
{
    const char *last = strrchr(text, '.');
    const char *first = strchr(text, '.');
    g_autofree char *signature = NULL;
    enum token_state state;
    json_t *claims;

    if (strlen(text) > TOKEN_MAX || last == NULL || first == last)
        return TOKEN_BAD;
    signature = sign(t, text, (size_t)(last - text));
    if (!token_same(signature, last + 1))
        return TOKEN_BAD;
    claims = read_claims(first + 1, (size_t)(last - first - 1));
    state = judge(t, claims, ret_client, ret_user);
    json_decref(claims);
    return state;
}
