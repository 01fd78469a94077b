#include "base/token.h"

#include <string.h>

#include <sodium.h>

#include "base/check.h"

static void test_round(void)
{
    char a[TOKEN_SIZE], b[TOKEN_SIZE];
    uint8_t one[TOKEN_HASH_BYTES], two[TOKEN_HASH_BYTES];
    uint8_t kept[TOKEN_HASH_BYTES];

    token_new(TOKEN_API, a, kept);
    token_new(TOKEN_API, b, NULL);
    g_assert_cmpuint(strlen(a), ==, TOKEN_SIZE - 1);
    g_assert_true(g_str_has_prefix(a, "mft_"));
    g_assert_cmpstr(a, !=, b);
    g_assert_true(token_hash(TOKEN_API, a, one));
    g_assert_cmpint(memcmp(one, kept, sizeof(one)), ==, 0);
    g_assert_true(token_hash(TOKEN_API, b, two));
    g_assert_cmpint(memcmp(one, two, sizeof(one)), !=, 0);
    /* a token of one kind opens nothing of another */
    g_assert_false(token_hash(TOKEN_SESSION, a, one));
    a[TOKEN_SIZE - 2] = '\0';
    g_assert_false(token_hash(TOKEN_API, a, one));
    g_assert_false(token_hash(TOKEN_API, "", one));
}

/* BLAKE2b-256 by Python's hashlib. */
static void test_hash(void)
{
    static const char text[] =
        "mfl_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    uint8_t hash[TOKEN_HASH_BYTES];
    char hex[2 * TOKEN_HASH_BYTES + 1];

    g_assert_true(token_hash(TOKEN_LINK, text, hash));
    sodium_bin2hex(hex, sizeof(hex), hash, sizeof(hash));
    g_assert_cmpstr(
        hex, ==,
        "e3d34d322c207eb6ee09508b69a0e98857e966d310f78999616caafad9fbc5fd");
}

#define A43 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA-"

static void test_strike(void)
{
    static const struct {
        const char *text, *want;
    } rows[] = {
        { "https://x/approve/mfl_" A43 "\nnext",
          "https://x/approve/***\nnext" },
        { "mfs_" A43 " mft_" A43, "*** ***" },
        { "mfl_" A43 A43, "***" },
        { "mfl_short mfx_" A43, "mfl_short mfx_" A43 },
        { "mflmfl_" A43, "mfl***" },
        { "", "" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *text = g_strdup(rows[i].text);

        token_strike(text);
        g_assert_cmpstr(text, ==, rows[i].want);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/token/round", test_round);
    g_test_add_func("/token/hash", test_hash);
    g_test_add_func("/token/strike", test_strike);
    return g_test_run();
}
