#include "base/seal.h"

#include <string.h>

#include <sodium.h>

#include "base/check.h"

static const struct seal_place place = { "mailbox", "password", "42" };

/*
 * Made without libsodium: HChaCha20 by draft-irtf-cfrg-xchacha-03 section 2.2
 * (its vector holds), ChaCha20-Poly1305 by OpenSSL, BLAKE2b by Python's
 * hashlib; key 0x80..0x9f, nonce 0x40..0x57.
 */
static const char key_text[] =
    "mailferry-key-1 gIGCg4SFhoeIiYqLjI2Oj5CRkpOUlZaXmJmam5ydnp8=\n";
static const char key_id[] = "736b5bb6dc81ef71";
static const char sealed_hex[] =
    "01736b5bb6dc81ef71404142434445464748494a4b4c4d4e4f50515253545556579263018"
    "63e93807a937d05a09302bd6a5b7c4671deae6d57d240feecc2";

static struct keyring *ring(const char *text)
{
    struct keyring *k = NULL;
    struct err err;

    CHECK_OK(keyring_read(text, strlen(text), &k, &err), &err);
    return k;
}

static GBytes *sealed_vector(void)
{
    uint8_t bytes[128];
    size_t n;

    g_assert_cmpint(sodium_hex2bin(bytes, sizeof(bytes), sealed_hex,
                                   strlen(sealed_hex), NULL, &n, NULL),
                    ==, 0);
    return g_bytes_new(bytes, n);
}

static int open_bytes(const struct keyring *k, const struct seal_place *at,
                      GBytes *b, struct secret **ret, struct err *err)
{
    gsize n;
    const void *bytes = g_bytes_get_data(b, &n);

    return seal_open(k, at, bytes, n, ret, err);
}

static void test_vector(void)
{
    g_autoptr(keyring) k = ring(key_text);
    g_autoptr(GBytes) sealed = sealed_vector();
    g_autoptr(secret) plain = NULL;
    char id[SEAL_ID_SIZE];
    struct err err;

    keyring_id(k, 0, id);
    g_assert_cmpstr(id, ==, key_id);
    CHECK_OK(open_bytes(k, &place, sealed, &plain, &err), &err);
    g_assert_cmpstr(secret_peek(plain), ==, "correct horse");
}

/* No byte of it can be changed, none cut off, none added. */
static void test_tampering(void)
{
    g_autoptr(keyring) k = ring(key_text);
    g_autoptr(GBytes) sealed = sealed_vector();
    gsize n;
    const uint8_t *bytes = g_bytes_get_data(sealed, &n);

    for (gsize i = 0; i < n; i++) {
        for (unsigned int bit = 0; bit < 8; bit++) {
            g_autofree uint8_t *copy = g_memdup2(bytes, n);
            struct secret *plain = NULL;
            struct err err;

            copy[i] ^= (uint8_t)(1u << bit);
            g_assert_cmpint(seal_open(k, &place, copy, n, &plain, &err), ==,
                            -1);
            g_assert_null(plain);
            g_assert_cmpstr(err.name, ==,
                            i >= 1 && i <= 8 ? "seal-key" : "seal-broken");
            g_assert_null(strstr(err.msg, "horse"));
        }
    }
    for (gsize i = 0; i < n; i++) {
        struct secret *plain = NULL;
        struct err err;

        g_assert_cmpint(seal_open(k, &place, bytes, i, &plain, &err), ==, -1);
        g_assert_cmpstr(err.name, ==, "seal-broken");
    }
}

static void test_places(void)
{
    static const struct seal_place others[] = {
        { "mailboxes", "password", "42" }, { "mailbox", "passwort", "42" },
        { "mailbox", "password", "43" },   { "mailbox", "password", "" },
        { "mailbox", "password4", "2" },   { "mailbox4", "password", "2" },
        { "mailbox", "2password", "4" },
    };
    g_autoptr(keyring) k = ring(key_text);
    g_autoptr(GBytes) sealed = sealed_vector();

    for (size_t i = 0; i < G_N_ELEMENTS(others); i++) {
        struct secret *plain = NULL;
        struct err err;

        CHECK_ROW(others[i].column,
                  open_bytes(k, &others[i], sealed, &plain, &err) == -1);
        g_assert_cmpstr(err.name, ==, "seal-broken");
    }
}

static void test_round(void)
{
    static const size_t sizes[] = { 0, 1, 4095, SEAL_PLAIN_MAX };
    g_autoptr(keyring) k = keyring_new();

    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
        g_autofree char *plain = g_strnfill(sizes[i], 'p');
        g_autoptr(GBytes) a = NULL, b = NULL;
        g_autoptr(secret) opened = NULL;
        struct err err;

        CHECK_OK(seal_close(k, &place, plain, sizes[i], &a, &err), &err);
        CHECK_OK(seal_close(k, &place, plain, sizes[i], &b, &err), &err);
        /* equal secrets do not look equal */
        g_assert_false(g_bytes_equal(a, b));
        g_assert_cmpuint(g_bytes_get_size(a), ==, sizes[i] + SEAL_EXTRA);
        CHECK_OK(open_bytes(k, &place, a, &opened, &err), &err);
        g_assert_cmpstr(secret_peek(opened), ==, plain);
    }
}

static void test_too_long(void)
{
    g_autofree char *plain = g_strnfill(SEAL_PLAIN_MAX + 1, 'p');
    g_autoptr(keyring) k = keyring_new();
    GBytes *sealed = NULL;
    struct err err;

    g_assert_cmpint(
        seal_close(k, &place, plain, SEAL_PLAIN_MAX + 1, &sealed, &err), ==,
        -1);
    g_assert_null(sealed);
}

static void test_rotation(void)
{
    g_autoptr(keyring) old = keyring_new();
    g_autoptr(keyring) both = keyring_rotated(old);
    g_autoptr(keyring) new = keyring_retired(both);
    g_autoptr(GBytes) by_old = NULL, by_new = NULL;
    g_autoptr(secret) a = NULL, b = NULL, none = NULL;
    char was[SEAL_ID_SIZE], kept[SEAL_ID_SIZE];
    struct err err;

    keyring_id(old, 0, was);
    keyring_id(both, 1, kept);
    g_assert_cmpstr(was, ==, kept);
    CHECK_OK(seal_close(old, &place, "x", 1, &by_old, &err), &err);
    CHECK_OK(seal_close(both, &place, "y", 1, &by_new, &err), &err);
    CHECK_OK(open_bytes(both, &place, by_old, &a, &err), &err);
    CHECK_OK(open_bytes(both, &place, by_new, &b, &err), &err);
    g_assert_false(seal_is_current(both, g_bytes_get_data(by_old, NULL),
                                   g_bytes_get_size(by_old)));
    g_assert_true(seal_is_current(both, g_bytes_get_data(by_new, NULL),
                                  g_bytes_get_size(by_new)));
    g_assert_cmpint(open_bytes(new, &place, by_old, &none, &err), ==, -1);
    g_assert_cmpstr(err.name, ==, "seal-key");
    g_assert_nonnull(strstr(err.msg, was));
}

static void test_text(void)
{
    static const struct {
        const char *name, *text, *want; /* NULL: it is read */
    } rows[] = {
        { "as it is written", key_text, NULL },
        { "comments, CRLF, no end",
          "# of 2026\r\n\r\nmailferry-key-1 "
          "gIGCg4SFhoeIiYqLjI2Oj5CRkpOUlZaXmJmam5ydnp8=",
          NULL },
        { "nothing", "", "there is no key" },
        { "comments alone", "# x\n", "there is no key" },
        { "another word",
          "mailferry-key-2 gIGCg4SFhoeIiYqLjI2Oj5CRkpOUlZaXmJmam5ydnp8=\n",
          "line 1: not \"mailferry-key-1 \" and a key" },
        { "cut", "mailferry-key-1 gIGCg4SFhoeIiYqLjI2Oj5CRkpOUlZaXmJk=\n",
          "line 1: a key is 44 characters of base64" },
        { "no base64",
          "mailferry-key-1 gIGC!4SFhoeIiYqLjI2Oj5CRkpOUlZaXmJmam5ydnp8=\n",
          "line 1: a key is 44 characters of base64" },
        { "the same twice",
          "mailferry-key-1 gIGCg4SFhoeIiYqLjI2Oj5CRkpOUlZaXmJmam5ydnp8=\n"
          "mailferry-key-1 gIGCg4SFhoeIiYqLjI2Oj5CRkpOUlZaXmJmam5ydnp8=\n",
          "line 2: the same key again" },
        { "three",
          "mailferry-key-1 gIGCg4SFhoeIiYqLjI2Oj5CRkpOUlZaXmJmam5ydnp8=\n"
          "mailferry-key-1 gYGCg4SFhoeIiYqLjI2Oj5CRkpOUlZaXmJmam5ydnp8=\n"
          "mailferry-key-1 goGCg4SFhoeIiYqLjI2Oj5CRkpOUlZaXmJmam5ydnp8=\n",
          "line 3: a third key" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(keyring) k = NULL;
        struct err err;
        int failed = keyring_read(rows[i].text, strlen(rows[i].text), &k, &err);

        CHECK_ROW(rows[i].name, (failed < 0) == (rows[i].want != NULL));
        if (failed < 0)
            g_assert_cmpstr(err.msg, ==, rows[i].want);
    }
}

static void test_text_round(void)
{
    g_autoptr(keyring) k = ring(key_text);
    g_autoptr(keyring) both = keyring_rotated(k);
    g_autoptr(secret) text = keyring_text(both);
    g_autoptr(keyring) again = ring(secret_peek(text));
    char a[SEAL_ID_SIZE], b[SEAL_ID_SIZE];

    g_assert_cmpuint(keyring_n(again), ==, 2);
    for (size_t i = 0; i < 2; i++) {
        keyring_id(both, i, a);
        keyring_id(again, i, b);
        g_assert_cmpstr(a, ==, b);
    }
    g_assert_true(g_str_has_suffix(secret_peek(text), key_text));
}

/*
 * By Python, of the key's 32 bytes K:
 *   blake2b(b"ab\0c\0", key=blake2b(b"tries", key=K), digest_size=32)
 */
static void test_digest(void)
{
    static const char *const texts[] = { "ab", "c", NULL }, *const cut[] = {
        "a", "bc", NULL
    };
    g_autoptr(keyring) k = ring(key_text);
    g_autoptr(keyring) both = keyring_rotated(k);
    uint8_t is[KEYRING_DIGEST_BYTES], other[KEYRING_DIGEST_BYTES];
    GString *hex = g_string_new(NULL);

    keyring_digest(k, 0, "tries", texts, is);
    for (size_t i = 0; i < sizeof(is); i++)
        g_string_append_printf(hex, "%02x", is[i]);
    g_assert_cmpstr(
        hex->str, ==,
        "3571917e21ca363d606a576fc04135464ea25cdcf2d7dd57fa0607c1c6d1ee9b");
    g_string_free(hex, TRUE);
    keyring_digest(k, 0, "tries", cut, other);
    g_assert_false(memcmp(is, other, sizeof(is)) == 0);
    keyring_digest(both, 0, "tries", texts, other);
    g_assert_false(memcmp(is, other, sizeof(is)) == 0);
    keyring_digest(both, 1, "tries", texts, other);
    g_assert_true(memcmp(is, other, sizeof(is)) == 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/seal/vector", test_vector);
    g_test_add_func("/seal/tampering", test_tampering);
    g_test_add_func("/seal/places", test_places);
    g_test_add_func("/seal/round", test_round);
    g_test_add_func("/seal/too-long", test_too_long);
    g_test_add_func("/seal/rotation", test_rotation);
    g_test_add_func("/seal/digest", test_digest);
    g_test_add_func("/seal/text", test_text);
    g_test_add_func("/seal/text-round", test_text_round);
    return g_test_run();
}
