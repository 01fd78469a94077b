#include "base/totp.h"

#include <string.h>

#include "base/check.h"
#include "base/timestamp.h"

/* RFC 6238 appendix B: the SHA-1 rows; it prints eight digits, we six. */
static const uint8_t rfc_key[] = "12345678901234567890";
#define KEY rfc_key, 20

static void test_vectors(void)
{
    static const struct {
        int64_t seconds;
        const char *eight;
    } rows[] = {
        { 59, "94287082" },         { 1111111109, "07081804" },
        { 1111111111, "14050471" }, { 1234567890, "89005924" },
        { 2000000000, "69279037" }, { INT64_C(20000000000), "65353130" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        char code[TOTP_DIGITS + 1];

        totp_code(KEY, (uint64_t)rows[i].seconds / 30, code);
        g_assert_cmpstr(code, ==, rows[i].eight + 2);
    }
}

/* The code of step 37037037 is 050471 (1111111111 s). */
static void test_window(void)
{
    static const struct {
        const char *name;
        int64_t off_s;
        uint64_t last;
        bool good;
    } rows[] = {
        { "now", 0, 0, true },
        { "the step before", 30, 0, true },
        { "the step after", -30, 0, true },
        { "two steps ago", 60, 0, false },
        { "two steps ahead", -60, 0, false },
        { "used already", 0, 37037037, false },
        { "a later one was used", 0, 37037038, false },
        { "the one before was used", 0, 37037036, true },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        uint64_t step = 0;
        bool good = totp_check(KEY, "050471",
                               (1111111111 + rows[i].off_s) * TIMESTAMP_SECOND,
                               rows[i].last, &step);

        CHECK_ROW(rows[i].name, good == rows[i].good);
        CHECK_ROW(rows[i].name, step == (good ? 37037037 : 0));
    }
}

static void test_not_a_code(void)
{
    static const char *const rows[] = { "", "50471", "0050471", "05047x",
                                        "05047\xff" };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        uint64_t step;

        CHECK_ROW(
            rows[i],
            !totp_check(KEY, rows[i], 1111111111 * TIMESTAMP_SECOND, 0, &step));
    }
}

/* RFC 4648 section 10, and what is made is read. */
static void test_secret(void)
{
    g_autofree char *text = totp_secret_new();
    g_autofree char *other = totp_secret_new();
    g_autofree char *uri = totp_uri("MZXW6", "a b@c.example");
    uint8_t bytes[TOTP_SECRET_BYTES];

    g_assert_cmpuint(totp_secret_read("MZXW6YTBOI======", bytes, 20), ==, 6);
    g_assert_cmpint(memcmp(bytes, "foobar", 6), ==, 0);
    g_assert_cmpuint(totp_secret_read("mzxw6ytb", bytes, 20), ==, 5);
    g_assert_cmpuint(totp_secret_read("MZXW1", bytes, 20), ==, 0);
    g_assert_cmpuint(totp_secret_read("MZXW6YTBOI", bytes, 5), ==, 0);
    g_assert_cmpuint(strlen(text), ==, 32);
    g_assert_cmpuint(totp_secret_read(text, bytes, sizeof(bytes)), ==, 20);
    g_assert_cmpstr(text, !=, other);
    g_assert_cmpstr(uri, ==,
                    "otpauth://totp/Mailferry:a%20b%40c.example?secret=MZXW6"
                    "&issuer=Mailferry");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/totp/vectors", test_vectors);
    g_test_add_func("/totp/window", test_window);
    g_test_add_func("/totp/not-a-code", test_not_a_code);
    g_test_add_func("/totp/secret", test_secret);
    return g_test_run();
}
