#include "base/seal.h"

#include <string.h>

#include <sodium.h>

#define VERSION   1
#define ID_BYTES  8
#define KEY_BYTES crypto_aead_xchacha20poly1305_ietf_KEYBYTES
#define NONCE     crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG       crypto_aead_xchacha20poly1305_ietf_ABYTES
#define WORD      "mailferry-key-1 "
#define VARIANT   sodium_base64_VARIANT_ORIGINAL

G_STATIC_ASSERT(SEAL_HEAD == 1 + ID_BYTES);
G_STATIC_ASSERT(SEAL_EXTRA == SEAL_HEAD + NONCE + TAG);

/* Room for the base64 of a key and its NUL. */
#define TEXT_SIZE sodium_base64_ENCODED_LEN(KEY_BYTES, VARIANT)

struct key {
    uint8_t bytes[KEY_BYTES];
    uint8_t id[ID_BYTES];
};

/* In memory of libsodium's: locked, between guard pages, wiped when freed. */
struct keyring {
    size_t n;
    struct key keys[SEAL_KEYS_MAX];
};

static struct keyring *ring_new(void)
{
    struct keyring *k;

    if (sodium_init() < 0)
        g_error("libsodium cannot be initialised");
    k = sodium_malloc(sizeof(*k));
    if (k == NULL)
        g_error("out of memory for keys");
    memset(k, 0, sizeof(*k));
    return k;
}

/* From the key and not beside it: a file with two keys cannot mix them up. */
static void set_id(struct key *key)
{
    static const uint8_t what[] = "mailferry key id";
    uint8_t hash[crypto_generichash_BYTES_MIN];

    crypto_generichash(hash, sizeof(hash), what, sizeof(what) - 1, key->bytes,
                       sizeof(key->bytes));
    memcpy(key->id, hash, sizeof(key->id));
}

struct keyring *keyring_new(void)
{
    struct keyring *k = ring_new();

    k->n = 1;
    crypto_aead_xchacha20poly1305_ietf_keygen(k->keys[0].bytes);
    set_id(&k->keys[0]);
    return k;
}

struct keyring *keyring_rotated(const struct keyring *k)
{
    struct keyring *new = keyring_new();

    new->keys[1] = k->keys[0];
    new->n = 2;
    return new;
}

struct keyring *keyring_retired(const struct keyring *k)
{
    struct keyring *new = ring_new();

    new->keys[0] = k->keys[0];
    new->n = 1;
    return new;
}

void keyring_free(struct keyring *k)
{
    sodium_free(k);
}

size_t keyring_n(const struct keyring *k)
{
    return k->n;
}

void keyring_id(const struct keyring *k, size_t i, char id[SEAL_ID_SIZE])
{
    sodium_bin2hex(id, SEAL_ID_SIZE, k->keys[i].id, ID_BYTES);
}

void keyring_derive(const struct keyring *k, size_t i, const char *what,
                    uint8_t ret[KEYRING_DERIVED_BYTES])
{
    crypto_generichash(ret, KEYRING_DERIVED_BYTES, (const uint8_t *)what,
                       strlen(what), k->keys[i].bytes,
                       sizeof(k->keys[i].bytes));
}

/* Each with its end, so that no two lists are one text. */
void keyring_digest(const struct keyring *k, size_t i, const char *what,
                    const char *const *texts, uint8_t ret[KEYRING_DIGEST_BYTES])
{
    uint8_t key[KEYRING_DERIVED_BYTES];
    crypto_generichash_state state;

    keyring_derive(k, i, what, key);
    crypto_generichash_init(&state, key, sizeof(key), KEYRING_DIGEST_BYTES);
    for (; *texts != NULL; texts++)
        crypto_generichash_update(&state, (const uint8_t *)*texts,
                                  strlen(*texts) + 1);
    crypto_generichash_final(&state, ret, KEYRING_DIGEST_BYTES);
    secret_wipe(&state, sizeof(state));
    secret_wipe(key, sizeof(key));
}

/* ---- text ---------------------------------------------------------------- */

static int refuse(struct err *err, uint32_t line, const char *text)
{
    return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0, "line %u: %s", line, text);
}

/* The line is not in the error: it may be nearly a key. */
static int read_key(struct keyring *k, const char *line, size_t n,
                    uint32_t number, struct err *err)
{
    size_t prefix = strlen(WORD), len = 0;
    struct key *key = &k->keys[k->n];

    if (n <= prefix || memcmp(line, WORD, prefix) != 0)
        return refuse(err, number, "not \"" WORD "\" and a key");
    if (k->n == SEAL_KEYS_MAX)
        return refuse(err, number, "a third key");
    if (sodium_base642bin(key->bytes, sizeof(key->bytes), line + prefix,
                          n - prefix, NULL, &len, NULL, VARIANT) != 0 ||
        len != sizeof(key->bytes))
        return refuse(err, number, "a key is 44 characters of base64");
    set_id(key);
    if (k->n == 1 && memcmp(&k->keys[0], key, sizeof(*key)) == 0)
        return refuse(err, number, "the same key again");
    k->n++;
    return 0;
}

int keyring_read(const char *text, size_t n, struct keyring **ret,
                 struct err *err)
{
    g_autoptr(keyring) k = ring_new();
    const char *end = text + n;
    uint32_t number = 0;

    while (text < end) {
        const char *stop = memchr(text, '\n', (size_t)(end - text));
        size_t len = (size_t)((stop != NULL ? stop : end) - text);
        size_t used = len > 0 && text[len - 1] == '\r' ? len - 1 : len;

        number++;
        if (used > 0 && *text != '#' &&
            read_key(k, text, used, number, err) < 0)
            return -1;
        text += stop != NULL ? len + 1 : len;
    }
    if (k->n == 0)
        return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0, "there is no key");
    *ret = g_steal_pointer(&k);
    return 0;
}

struct secret *keyring_text(const struct keyring *k)
{
    char text[SEAL_KEYS_MAX * (sizeof(WORD) + TEXT_SIZE)];
    struct secret *s;
    size_t n = 0;

    for (size_t i = 0; i < k->n; i++) {
        n += g_strlcpy(text + n, WORD, sizeof(text) - n);
        sodium_bin2base64(text + n, sizeof(text) - n, k->keys[i].bytes,
                          KEY_BYTES, VARIANT);
        n += strlen(text + n);
        text[n++] = '\n';
    }
    s = secret_new(text, n);
    secret_wipe(text, sizeof(text));
    return s;
}

/* ---- values -------------------------------------------------------------- */

/*
 * What is authenticated beside the value: the head, and each name with its
 * length before it, so that no two places are spelt alike.
 */
static GByteArray *associated(const uint8_t head[SEAL_HEAD],
                              const struct seal_place *place)
{
    const char *const names[] = { place->table, place->row, place->column };
    GByteArray *ad = g_byte_array_new();

    g_byte_array_append(ad, head, SEAL_HEAD);
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        uint32_t n = (uint32_t)strlen(names[i]), big = GUINT32_TO_BE(n);

        g_byte_array_append(ad, (const uint8_t *)&big, sizeof(big));
        g_byte_array_append(ad, (const uint8_t *)names[i], n);
    }
    return ad;
}

int seal_close(const struct keyring *k, const struct seal_place *place,
               const void *plain, size_t n, GBytes **ret, struct err *err)
{
    g_autoptr(GByteArray) ad = NULL;
    uint8_t *sealed;

    if (n > SEAL_PLAIN_MAX)
        return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                       "the secret is longer than %zu bytes", SEAL_PLAIN_MAX);
    sealed = g_malloc(n + SEAL_EXTRA);
    sealed[0] = VERSION;
    memcpy(sealed + 1, k->keys[0].id, ID_BYTES);
    randombytes_buf(sealed + SEAL_HEAD, NONCE);
    ad = associated(sealed, place);
    crypto_aead_xchacha20poly1305_ietf_encrypt(
        sealed + SEAL_HEAD + NONCE, NULL, plain, n, ad->data, ad->len, NULL,
        sealed + SEAL_HEAD, k->keys[0].bytes);
    *ret = g_bytes_new_take(sealed, n + SEAL_EXTRA);
    return 0;
}

static const struct key *find(const struct keyring *k, const uint8_t *sealed)
{
    for (size_t i = 0; i < k->n; i++)
        if (memcmp(k->keys[i].id, sealed + 1, ID_BYTES) == 0)
            return &k->keys[i];
    return NULL;
}

static int broken(struct err *err, const char *text)
{
    err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0, "%s", text);
    err->name = "seal-broken";
    return -1;
}

static int no_key(const uint8_t *sealed, struct err *err)
{
    char id[SEAL_ID_SIZE];

    sodium_bin2hex(id, sizeof(id), sealed + 1, ID_BYTES);
    err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
            "it is sealed with key %s, which is not here", id);
    err->name = "seal-key";
    return err_remedy(err, "bring the key file of that time back; \"mailferry "
                           "key show-id\" tells which keys a file has");
}

int seal_open(const struct keyring *k, const struct seal_place *place,
              const void *sealed, size_t n, struct secret **ret,
              struct err *err)
{
    const uint8_t *bytes = sealed;
    g_autoptr(GByteArray) ad = NULL;
    const struct key *key;
    char *plain;
    int failed;

    if (n < SEAL_EXTRA || n > SEAL_EXTRA + SEAL_PLAIN_MAX ||
        bytes[0] != VERSION)
        return broken(err, "this is no sealed value");
    key = find(k, bytes);
    if (key == NULL)
        return no_key(bytes, err);
    ad = associated(bytes, place);
    plain = g_malloc(n - SEAL_EXTRA + 1);
    failed = crypto_aead_xchacha20poly1305_ietf_decrypt(
        (uint8_t *)plain, NULL, NULL, bytes + SEAL_HEAD + NONCE,
        n - SEAL_HEAD - NONCE, ad->data, ad->len, bytes + SEAL_HEAD,
        key->bytes);
    if (failed == 0)
        *ret = secret_new(plain, n - SEAL_EXTRA);
    secret_wipe(plain, n - SEAL_EXTRA + 1);
    g_free(plain);
    if (failed != 0)
        return broken(err, "the sealed value was altered, or is not in the "
                           "place that it was sealed for");
    return 0;
}

int seal_has_key(const struct keyring *k, const void *sealed, size_t n,
                 struct err *err)
{
    const uint8_t *bytes = sealed;

    if (n < SEAL_HEAD || bytes[0] != VERSION)
        return broken(err, "what is sealed is cut or altered");
    return k != NULL && find(k, bytes) != NULL ? 0 : no_key(bytes, err);
}

bool seal_is_current(const struct keyring *k, const void *sealed, size_t n)
{
    const uint8_t *bytes = sealed;

    return n >= SEAL_EXTRA && bytes[0] == VERSION &&
           find(k, bytes) == &k->keys[0];
}
