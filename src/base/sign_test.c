/* The oracle is OpenSSL: what it signs we take, and the other way round. */
#include "base/sign.h"

#include <string.h>

#include <openssl/evp.h>

#include "base/check.h"

static const char text[] = "what was found";

static void test_openssl_agrees(void)
{
    g_autoptr(keyring) k = keyring_new();
    uint8_t public[SIGN_KEY_BYTES], signature[SIGN_BYTES];
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    EVP_PKEY *key;

    sign_public(k, 0, public);
    sign_make(k, text, strlen(text), signature);
    key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, public,
                                      sizeof(public));
    g_assert_nonnull(key);
    g_assert_cmpint(EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, key), ==, 1);
    g_assert_cmpint(EVP_DigestVerify(ctx, signature, sizeof(signature),
                                     (const uint8_t *)text, strlen(text)),
                    ==, 1);
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(key);
}

/* RFC 8032, 7.1, TEST 3. */
static void test_known_answer(void)
{
    static const uint8_t said[] = { 0xaf, 0x82 };
    uint8_t public[SIGN_KEY_BYTES], signature[SIGN_BYTES];

    g_assert_true(sign_parse(
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        sizeof(public), public));
    g_assert_true(sign_parse(
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
        "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
        sizeof(signature), signature));
    g_assert_true(sign_check(public, said, sizeof(said), signature));
    g_assert_false(sign_check(public, said, 1, signature));
}

static void test_flipped(void)
{
    g_autoptr(keyring) k = keyring_new(), other = keyring_new();
    uint8_t public[SIGN_KEY_BYTES], signature[SIGN_BYTES];

    sign_public(k, 0, public);
    sign_make(k, text, strlen(text), signature);
    g_assert_true(sign_check(public, text, strlen(text), signature));
    for (size_t i = 0; i < sizeof(signature) * (size_t)8; i++) {
        signature[i / 8] ^= (uint8_t)(1u << i % 8);
        g_assert_false(sign_check(public, text, strlen(text), signature));
        signature[i / 8] ^= (uint8_t)(1u << i % 8);
    }
    sign_public(other, 0, public);
    g_assert_false(sign_check(public, text, strlen(text), signature));
}

/* A rotated ring signs with its new key and still knows the old public one. */
static void test_rotated(void)
{
    g_autoptr(keyring) k = keyring_new(), both = keyring_rotated(k);
    uint8_t before[SIGN_KEY_BYTES], now[SIGN_KEY_BYTES], old[SIGN_KEY_BYTES];
    uint8_t signature[SIGN_BYTES];

    sign_public(k, 0, before);
    sign_public(both, 0, now);
    sign_public(both, 1, old);
    g_assert_cmpint(memcmp(before, old, sizeof(now)), ==, 0);
    g_assert_cmpint(memcmp(before, now, sizeof(now)), !=, 0);
    sign_make(both, text, strlen(text), signature);
    g_assert_true(sign_check(now, text, strlen(text), signature));
}

static void test_hex(void)
{
    static const char *const bad[] = { "",     "0",    "00f",  "00FF",
                                       "0x0f", "00 f", "000ff" };
    uint8_t bytes[2] = { 0 };
    char hex[5];

    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++)
        CHECK_ROW(bad[i], !sign_parse(bad[i], sizeof(bytes), bytes));
    g_assert_true(sign_parse("00ff", sizeof(bytes), bytes));
    sign_hex(bytes, sizeof(bytes), hex);
    g_assert_cmpstr(hex, ==, "00ff");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sign/openssl-agrees", test_openssl_agrees);
    g_test_add_func("/sign/known-answer", test_known_answer);
    g_test_add_func("/sign/flipped", test_flipped);
    g_test_add_func("/sign/rotated", test_rotated);
    g_test_add_func("/sign/hex", test_hex);
    return g_test_run();
}
