#include "base/passhash.h"

#include <string.h>

#include <sodium.h>

G_STATIC_ASSERT(PASSHASH_SIZE == crypto_pwhash_STRBYTES);

const struct passhash_cost passhash_usual = { 3, UINT64_C(64) << 20 };

static void init(void)
{
    if (sodium_init() < 0)
        g_error("libsodium cannot be initialised");
}

int passhash_make(const char *password, const struct passhash_cost *cost,
                  char ret[PASSHASH_SIZE], struct err *err)
{
    size_t n = strlen(password);
    char text[PASSHASH_SIZE];

    init();
    if (n < PASSHASH_SHORTEST || n > PASSHASH_LONGEST)
        return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                       "a password has from %d to %d bytes", PASSHASH_SHORTEST,
                       PASSHASH_LONGEST);
    if (crypto_pwhash_str_alg(text, password, n, cost->passes,
                              (size_t)cost->memory_bytes,
                              crypto_pwhash_ALG_ARGON2ID13) != 0)
        return err_set(err, ERR_RUN, ERR_RETRY_WAIT, 0,
                       "there is no memory to hash a password");
    memcpy(ret, text, sizeof(text));
    return 0;
}

bool passhash_check(const char *hash, const char *password,
                    const struct passhash_cost *cost)
{
    char text[PASSHASH_SIZE] = { 0 };
    size_t n = strlen(password);

    init();
    if (hash == NULL) {
        /* for the time that it takes; nobody has this password */
        if (crypto_pwhash_str_alg(text, password, MIN(n, PASSHASH_LONGEST),
                                  cost->passes, (size_t)cost->memory_bytes,
                                  crypto_pwhash_ALG_ARGON2ID13) != 0)
            secret_wipe(text, sizeof(text));
        return false;
    }
    if (strlen(hash) >= sizeof(text) || n > PASSHASH_LONGEST)
        return false;
    /* libsodium reads all of the buffer */
    memcpy(text, hash, strlen(hash));
    return crypto_pwhash_str_verify(text, password, n) == 0;
}

bool passhash_is_old(const char *hash, const struct passhash_cost *cost)
{
    char text[PASSHASH_SIZE] = { 0 };

    init();
    if (strlen(hash) >= sizeof(text))
        return true;
    memcpy(text, hash, strlen(hash));
    return crypto_pwhash_str_needs_rehash(text, cost->passes,
                                          (size_t)cost->memory_bytes) != 0;
}
