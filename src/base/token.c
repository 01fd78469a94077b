#include "base/token.h"

#include <string.h>

#include <glib.h>
#include <sodium.h>

#include "base/secret.h"

#define RANDOM_BYTES 32
#define VARIANT      sodium_base64_VARIANT_URLSAFE_NO_PADDING
#define PREFIX_LEN   4

/* In front, so that a token that lies about can be told for what it is. */
static const char prefixes[][PREFIX_LEN + 1] = {
    [TOKEN_SESSION] = "mfs_",
    [TOKEN_API] = "mft_",
    [TOKEN_LINK] = "mfl_",
};

G_STATIC_ASSERT(TOKEN_SIZE ==
                PREFIX_LEN + sodium_base64_ENCODED_LEN(RANDOM_BYTES, VARIANT));

static void hash_of(const char text[TOKEN_SIZE], uint8_t ret[TOKEN_HASH_BYTES])
{
    crypto_generichash(ret, TOKEN_HASH_BYTES, (const uint8_t *)text,
                       TOKEN_SIZE - 1, NULL, 0);
}

void token_new(enum token_kind kind, char ret[TOKEN_SIZE],
               uint8_t hash[TOKEN_HASH_BYTES])
{
    uint8_t bytes[RANDOM_BYTES];

    if (sodium_init() < 0)
        g_error("libsodium cannot be initialised");
    randombytes_buf(bytes, sizeof(bytes));
    memcpy(ret, prefixes[kind], PREFIX_LEN);
    sodium_bin2base64(ret + PREFIX_LEN, TOKEN_SIZE - PREFIX_LEN, bytes,
                      sizeof(bytes), VARIANT);
    secret_wipe(bytes, sizeof(bytes));
    if (hash != NULL)
        hash_of(ret, hash);
}

bool token_hash(enum token_kind kind, const char *text,
                uint8_t ret[TOKEN_HASH_BYTES])
{
    if (strlen(text) != TOKEN_SIZE - 1 ||
        memcmp(text, prefixes[kind], PREFIX_LEN) != 0)
        return false;
    hash_of(text, ret);
    return true;
}

static bool begins_token(const char *at)
{
    for (size_t i = 0; i < G_N_ELEMENTS(prefixes); i++)
        if (strncmp(at, prefixes[i], PREFIX_LEN) == 0)
            return true;
    return false;
}

void token_strike(char *text)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "abcdefghijklmnopqrstuvwxyz0123456789-_";
    char *to = text;

    while (*text != '\0') {
        size_t n = begins_token(text) ? strspn(text, letters) : 0;

        if (n < TOKEN_SIZE - 1) {
            *to++ = *text++;
            continue;
        }
        memset(to, '*', 3);
        to += 3;
        text += n;
    }
    *to = '\0';
}
