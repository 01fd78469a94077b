#include "lab/token.h"

#include <jansson.h>

#include "base/check.h"

#define HOUR (INT64_C(3600) * G_USEC_PER_SEC)

static void add(struct tokens *t, const char *text)
{
    struct err err;

    CHECK_OK(tokens_add_client(t, text, &err), &err);
}

static void test_clients(void)
{
    static const struct {
        const char *name, *id, *secret;
        enum token_client want;
    } rows[] = {
        { "its secret", "app", "s:e", TOKEN_CLIENT_CONFIDENTIAL },
        { "another", "app", "s:", TOKEN_CLIENT_WRONG },
        { "a beginning", "app", "s", TOKEN_CLIENT_WRONG },
        { "empty", "app", "", TOKEN_CLIENT_WRONG },
        { "none", "app", NULL, TOKEN_CLIENT_WRONG },
        { "in another case", "APP", "s:e", TOKEN_CLIENT_WRONG },
        { "nobody", "x", "s:e", TOKEN_CLIENT_WRONG },
        { "no id", NULL, NULL, TOKEN_CLIENT_WRONG },
        { "public", "open", NULL, TOKEN_CLIENT_PUBLIC },
        { "public with a secret", "open", "x", TOKEN_CLIENT_WRONG },
    };
    g_autoptr(tokens) t = tokens_new(HOUR, 0);

    g_assert_false(tokens_has_clients(t));
    add(t, "app:s:e");
    add(t, "open");
    g_assert_true(tokens_has_clients(t));
    g_assert_cmpstr(tokens_client(t, 1), ==, "open");
    g_assert_null(tokens_client(t, 2));
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        CHECK_ROW(rows[i].name,
                  tokens_check_client(t, rows[i].id, rows[i].secret) ==
                      rows[i].want);
}

static void test_clients_that_are_none(void)
{
    static const char *const rows[] = { "", ":secret", "app", "app:other" };
    g_autoptr(tokens) t = tokens_new(HOUR, 0);

    add(t, "app:secret");
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct err err;

        CHECK_ROW(rows[i], tokens_add_client(t, rows[i], &err) < 0);
    }
}

/* The claims of a token, read as anybody may. */
static json_t *claims_of(const char *token)
{
    g_auto(GStrv) parts = g_strsplit(token, ".", -1);
    g_autofree char *text = NULL;
    g_autofree uint8_t *raw = NULL;
    gsize n = 0;
    json_t *claims;

    g_assert_cmpuint(g_strv_length(parts), ==, 3);
    text = g_strconcat(parts[1], "===", NULL);
    text[strlen(parts[1]) + (4 - strlen(parts[1]) % 4) % 4] = '\0';
    g_strdelimit(g_strdelimit(text, "-", '+'), "_", '/');
    raw = g_base64_decode(text, &n);
    claims = json_loadb((const char *)raw, n, 0, NULL);
    g_assert_nonnull(claims);
    return claims;
}

static const char *claim(const json_t *claims, const char *name)
{
    return json_string_value(json_object_get(claims, name));
}

static void test_claims(void)
{
    g_autoptr(tokens) t = tokens_new(HOUR, 0);
    g_autofree char *user = tokens_issue(t, "app", "anna@contoso.example");
    g_autofree char *app = tokens_issue(t, "app", NULL);
    json_t *claims = claims_of(user);

    g_assert_cmpstr(claim(claims, "appid"), ==, "app");
    g_assert_cmpstr(claim(claims, "upn"), ==, "anna@contoso.example");
    g_assert_cmpint(json_integer_value(json_object_get(claims, "exp")) -
                        json_integer_value(json_object_get(claims, "iat")),
                    ==, 3600);
    json_decref(claims);
    claims = claims_of(app);
    g_assert_null(claim(claims, "upn"));
    g_assert_nonnull(json_object_get(claims, "roles"));
    json_decref(claims);
}

static enum token_state state(const struct tokens *t, const char *text)
{
    g_autofree char *client = NULL, *user = NULL;
    enum token_state found = tokens_check(t, text, &client, &user);

    g_assert_true((client != NULL) == (found == TOKEN_GOOD));
    return found;
}

static void test_good_and_ended(void)
{
    g_autoptr(tokens) t = tokens_new(HOUR, 0);
    g_autoptr(tokens) ended = tokens_new(0, 0);
    g_autofree char *good = tokens_issue(t, "app", "anna@contoso.example");
    g_autofree char *late = tokens_issue(ended, "app", NULL);
    g_autofree char *client = NULL, *user = NULL;

    g_assert_cmpint(tokens_check(t, good, &client, &user), ==, TOKEN_GOOD);
    g_assert_cmpstr(client, ==, "app");
    g_assert_cmpstr(user, ==, "anna@contoso.example");
    g_assert_cmpint(state(ended, late), ==, TOKEN_EXPIRED);
    /* another process has another key */
    g_assert_cmpint(state(ended, good), ==, TOKEN_BAD);
    g_assert_cmpint(state(t, late), ==, TOKEN_BAD);
}

static void test_every_character_counts(void)
{
    g_autoptr(tokens) t = tokens_new(HOUR, 0);
    g_autofree char *token = tokens_issue(t, "app", "anna@contoso.example");

    for (size_t i = 0; token[i] != '\0'; i++) {
        char was = token[i];

        token[i] = was == 'A' ? 'B' : 'A';
        if (state(t, token) != TOKEN_BAD)
            g_error("character %zu: taken as it was", i);
        token[i] = was;
    }
    g_assert_cmpint(state(t, token), ==, TOKEN_GOOD);
}

static void test_no_tokens(void)
{
    static const char *const rows[] = { "", ".", "..", "a.b", "a.b.c", "...." };
    g_autoptr(tokens) t = tokens_new(HOUR, 0);
    g_autofree char *endless = g_strnfill(TOKEN_MAX + 10, '.');

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        CHECK_ROW(rows[i], state(t, rows[i]) == TOKEN_BAD);
    g_assert_cmpint(state(t, endless), ==, TOKEN_BAD);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/token/clients", test_clients);
    g_test_add_func("/token/clients-that-are-none", test_clients_that_are_none);
    g_test_add_func("/token/claims", test_claims);
    g_test_add_func("/token/good-and-ended", test_good_and_ended);
    g_test_add_func("/token/every-character-counts",
                    test_every_character_counts);
    g_test_add_func("/token/no-tokens", test_no_tokens);
    return g_test_run();
}
