#include "net/challenge.h"

#include <string.h>

#include "base/check.h"

#define TOKEN "eyJ0eXAi.b3.of-the_box"

/* Of JSON, or NULL. */
static char *text_of(const char *json)
{
    g_autoptr(secret) token = secret_new(TOKEN, strlen(TOKEN));
    g_autofree char *coded =
        g_base64_encode((const guchar *)json, strlen(json));
    g_autofree char *line = g_strconcat(" ", coded, "\r\n", NULL);

    return challenge_text(line, strlen(line), token);
}

static char *text_of_coded(const char *coded)
{
    g_autoptr(secret) token = secret_new(TOKEN, strlen(TOKEN));

    return challenge_text(coded, strlen(coded), token);
}

static void test_text(void)
{
    static const struct {
        const char *name, *json, *want;
    } rows[] = {
        /* clang-format off */
        /* RFC 7628 4.3 */
        { "RFC 7628",
          "{\"status\":\"invalid_token\",\"scope\":\"example_scope\","
          "\"openid-configuration\":\"https://example.com/.well-known\"}",
          "status invalid_token, scope example_scope" },
        { "Microsoft and Google",
          "{\"status\":\"400\",\"schemes\":\"Bearer\","
          "\"scope\":\"https://mail.google.com/\"}",
          "status 400, schemes Bearer, scope https://mail.google.com/" },
        { "a number", "{\"status\":401}", "status 401" },
        { "of no meaning to us", "{\"a\":\"b\"}", NULL },
        { "of other types", "{\"status\":{},\"schemes\":[1]}", NULL },
        { "no object", "[\"status\"]", NULL },
        { "no JSON", "status", NULL },
        { "nothing", "", NULL },
        { "lines and escapes",
          "{\"status\":\"a\\r\\nb\\u001b[2Jc\\u00fc\"}",
          "status a??b?[2Jc??" },
        { "a NUL", "{\"status\":\"a\\u0000b\"}", NULL },
        { "the token", "{\"status\":\"no " TOKEN "\",\"scope\":\"mail\"}",
          "scope mail" },
        { "twice", "{\"status\":\"1\",\"status\":\"2\"}", NULL },
        /* clang-format on */
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *got = text_of(rows[i].json);

        g_test_message("%s", rows[i].name);
        g_assert_cmpstr(got, ==, rows[i].want);
    }
}

static void test_no_base64(void)
{
    static const char *const texts[] = {
        "", "\r\n", "a", "===", "!!!!", "OK [x] not base64 at all"
    };

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        g_assert_null(text_of_coded(texts[i]));
}

/* What is long is cut, and what is longer not looked at. */
static void test_long(void)
{
    g_autofree char *value = g_strnfill(1000, 'x');
    g_autofree char *json = g_strdup_printf("{\"status\":\"%s\"}", value);
    g_autofree char *got = text_of(json);
    g_autofree char *more = g_strnfill(CHALLENGE_BYTES_MAX + 1, 'A');

    g_assert_cmpuint(strlen(got), ==, strlen("status ") + 100 + strlen(" ..."));
    g_assert_null(text_of_coded(more));
}

/* Also where what is cut would have only its beginning. */
static void test_long_token(void)
{
    g_autofree char *value = g_strnfill(90, 'x');
    g_autofree char *json =
        g_strdup_printf("{\"status\":\"%s" TOKEN "\"}", value);

    g_assert_null(text_of(json));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/challenge/text", test_text);
    g_test_add_func("/challenge/no-base64", test_no_base64);
    g_test_add_func("/challenge/long", test_long);
    g_test_add_func("/challenge/long-token", test_long_token);
    return g_test_run();
}
