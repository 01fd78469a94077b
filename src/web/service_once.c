/*
 * Idempotency-Key: draft-ietf-httpapi-idempotency-key-header-07.  A request
 * that was carried out has its row in the database (store/roster.h); one that
 * was refused has none, and may be mended and sent again under its key.
 */
#include <string.h>

#include <sodium.h>

#include "base/timestamp.h"
#include "web/service.h"

#define KEY_MAX 255
/* Longer than anybody tries again by himself. */
#define KEPT_US (7 * TIMESTAMP_DAY)

/*
 * The header's value is a string of RFC 8941; without its quotes, as many
 * clients send it, it is the same key.  *ret_n 0: it is none.
 */
static const char *read_key(const char *text, size_t *ret_n)
{
    size_t n = strlen(text);

    if (n >= 2 && text[0] == '"' && text[n - 1] == '"') {
        text++;
        n -= 2;
    }
    for (size_t i = 0; i < n; i++)
        if (text[i] < 0x20 || text[i] > 0x7e || text[i] == '"')
            n = 0;
    *ret_n = n <= KEY_MAX ? n : 0;
    return text;
}

/* A field with its length before it, so that none runs into the next. */
static void put(crypto_generichash_state *sum, const void *bytes, size_t n)
{
    uint64_t big = GUINT64_TO_BE((uint64_t)n);

    crypto_generichash_update(sum, (const unsigned char *)&big, sizeof(big));
    crypto_generichash_update(sum, bytes, n);
}

static int put_json(const char *text, size_t n, void *data)
{
    crypto_generichash_update(data, (const unsigned char *)text, n);
    return 0;
}

/* Whose it is: two people may well have thought of one key. */
static void hash_key(const struct web_request *r, const char *key, size_t n,
                     uint8_t ret[ROSTER_ONCE_BYTES])
{
    const int64_t who[] = { r->who.role, r->who.id };
    crypto_generichash_state sum;

    crypto_generichash_init(&sum, NULL, 0, ROSTER_ONCE_BYTES);
    put(&sum, who, sizeof(who));
    put(&sum, key, n);
    crypto_generichash_final(&sum, ret, ROSTER_ONCE_BYTES);
}

/*
 * There are passwords in bodies: with the key, which is stored nowhere, nobody
 * can try what hashes to this.
 */
static void hash_body(const struct web_request *r, const char *key, size_t n,
                      uint8_t ret[ROSTER_ONCE_BYTES])
{
    crypto_generichash_state sum;

    crypto_generichash_init(&sum, NULL, 0, ROSTER_ONCE_BYTES);
    put(&sum, key, n);
    put(&sum, r->route->name, strlen(r->route->name));
    for (size_t i = 0; i < r->params.n; i++)
        put(&sum, r->params.v[i].text, r->params.v[i].len);
    if (json_dump_callback(r->json, put_json, &sum,
                           JSON_COMPACT | JSON_SORT_KEYS) < 0)
        put(&sum, "", 0); /* no body */
    crypto_generichash_final(&sum, ret, ROSTER_ONCE_BYTES);
}

bool service_once(const struct web_request *r, struct roster_once *once,
                  struct roster_actor *actor, struct web_reply *reply)
{
    const char *header = web_header(r, "Idempotency-Key"), *key;
    size_t n;

    *once = (struct roster_once){ .now_us = timestamp_now() };
    once->expires_us = once->now_us + KEPT_US;
    if (header == NULL)
        return true;
    key = read_key(header, &n);
    if (n == 0) {
        web_problem(reply, 400, "key",
                    "Idempotency-Key is a text of up to %d printable "
                    "characters",
                    KEY_MAX);
        return false;
    }
    hash_key(r, key, n, once->key);
    hash_body(r, key, n, once->body);
    actor->once = once;
    return true;
}
