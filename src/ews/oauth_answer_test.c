#include "ews/oauth_answer.h"

#include <string.h>

#include "base/check.h"

#define SECRET "s3cr3t"
#define GOOD                                                                   \
    "{\"token_type\":\"Bearer\",\"expires_in\":3599,\"ext_expires_in\":3599,"  \
    "\"access_token\":\"ey.a-b_c~d+e/f=\"}"
#define TOKEN(more) "{\"access_token\":\"t\",\"token_type\":\"bearer\"" more "}"

static const struct answer_row {
    const char *name;
    long status;
    const char *body;
    uint32_t seconds;     /* of a token; 0: refused, with: */
    const char *why;      /* err->name */
    enum err_retry retry; /* of it */
    const char *text;     /* in the message */
    const char *remedy;   /* in that */
} rows[] = {
    /* clang-format off */
    { "as Microsoft answers", 200, GOOD, 3599 },
    { "v1: numbers as texts", 200, TOKEN(",\"expires_in\":\"3600\""), 3600 },
    { "no time said", 200, TOKEN(""), 600 },
    { "a day at most", 200, TOKEN(",\"expires_in\":1e18"), 24 * 3600 },
    { "no time left", 200, TOKEN(",\"expires_in\":0"), 0, "OddToken",
      ERR_RETRY_NEVER, "expires_in", "login.microsoftonline.com" },
    { "time runs backwards", 200, TOKEN(",\"expires_in\":-5"), 0, "OddToken",
      ERR_RETRY_NEVER, "expires_in", NULL },
    { "time is a word", 200, TOKEN(",\"expires_in\":\"soon\""), 0, "OddToken",
      ERR_RETRY_NEVER, "expires_in", NULL },
    { "time is not a number", 200, TOKEN(",\"expires_in\":\"nan\""), 0,
      "OddToken", ERR_RETRY_NEVER, "expires_in", NULL },
    { "time is a list", 200, TOKEN(",\"expires_in\":[1]"), 0, "OddToken",
      ERR_RETRY_NEVER, "expires_in", NULL },
    { "another type", 200,
      "{\"access_token\":\"t\",\"token_type\":\"pop\"}", 0, "OddToken",
      ERR_RETRY_NEVER, "Bearer", NULL },
    { "no type", 200, "{\"access_token\":\"t\"}", 0, "OddToken",
      ERR_RETRY_NEVER, "Bearer", NULL },
    { "no token", 200, "{\"token_type\":\"Bearer\"}", 0, "OddToken",
      ERR_RETRY_NEVER, "access_token", NULL },
    { "empty token", 200,
      "{\"access_token\":\"\",\"token_type\":\"Bearer\"}", 0, "OddToken",
      ERR_RETRY_NEVER, "access_token", NULL },
    { "a line end in it", 200,
      "{\"access_token\":\"a\\r\\nX: b\",\"token_type\":\"Bearer\"}", 0,
      "OddToken", ERR_RETRY_NEVER, "access_token", NULL },
    { "HTML", 200, "<html>welcome</html>", 0, "OddToken", ERR_RETRY_NEVER,
      "not JSON", "login.microsoftonline.com" },
    { "nothing", 200, "", 0, "OddToken", ERR_RETRY_NEVER, "not JSON", NULL },
    { "a list", 200, "[]", 0, "OddToken", ERR_RETRY_NEVER, "not JSON", NULL },
    { "a page that is not there", 404, "<html/>", 0, "OddToken",
      ERR_RETRY_NEVER, "404", NULL },
    { "led elsewhere", 302, "", 0, "OddToken", ERR_RETRY_NEVER, "302", NULL },
    { "a token with 400", 400, GOOD, 0, "OddToken", ERR_RETRY_NEVER,
      "neither", NULL },
    { "wrong secret", 401,
      "{\"error\":\"invalid_client\",\"error_description\":\"AADSTS7000215: "
      "Invalid client secret provided.\\r\\nTrace ID: 1\"}", 0,
      "TokenRefused", ERR_RETRY_REAUTH,
      "invalid_client (AADSTS7000215: Invalid client secret provided.)",
      "expired" },
    { "wrong scope", 400, "{\"error\":\"invalid_scope\"}", 0, "TokenRefused",
      ERR_RETRY_REAUTH, "invalid_scope", "/.default" },
    { "no consent", 400, "{\"error\":\"unauthorized_client\"}", 0,
      "TokenRefused", ERR_RETRY_REAUTH, "unauthorized_client", "consented" },
    { "an error of its own", 400, "{\"error\":\"interaction_required\"}", 0,
      "TokenRefused", ERR_RETRY_REAUTH, "interaction_required", NULL },
    { "an error with 200", 200, "{\"error\":\"invalid_client\"}", 0,
      "TokenRefused", ERR_RETRY_REAUTH, "invalid_client", NULL },
    { "busy in words", 400, "{\"error\":\"temporarily_unavailable\"}", 0,
      "HttpStatus", ERR_RETRY_WAIT, "busy", NULL },
    { "too many", 429, "", 0, "HttpStatus", ERR_RETRY_WAIT, "429", NULL },
    { "out of order", 503, "<html/>", 0, "HttpStatus", ERR_RETRY_WAIT, "503",
      NULL },
    { "it repeats the secret", 401,
      "{\"error\":\"invalid_client\",\"error_description\":\"no, " SECRET
      " is wrong\"}", 0, "TokenRefused", ERR_RETRY_REAUTH, "invalid_client",
      NULL },
    { "even as its error", 401, "{\"error\":\"" SECRET "\"}", 0,
      "TokenRefused", ERR_RETRY_REAUTH, "repeats", NULL },
    /* clang-format on */
};

static void check_refusal(const struct answer_row *row, const struct err *err)
{
    CHECK_ROW(row->name, g_strcmp0(err->name, row->why) == 0);
    CHECK_ROW(row->name, err->retry == row->retry);
    CHECK_ROW(row->name, err->scope == ERR_MAILBOX);
    CHECK_ROW(row->name, strstr(err->msg, row->text) != NULL);
    CHECK_ROW(row->name, strstr(err->msg, SECRET) == NULL);
    CHECK_ROW(row->name, strstr(err->msg, "Trace ID") == NULL);
    CHECK_ROW(row->name,
              row->remedy == NULL || strstr(err->remedy, row->remedy) != NULL);
}

static void test_answers(void)
{
    g_autoptr(secret) client_secret = secret_new(SECRET, strlen(SECRET));

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        const struct answer_row *row = &rows[i];
        const struct oauth_question q = { .status = row->status,
                                          .body = row->body,
                                          .len = strlen(row->body),
                                          .secret = client_secret };
        struct oauth_answer a = { 0 };
        struct err err = { 0 };
        int rc = oauth_answer_read(&q, &a, &err);

        CHECK_ROW(row->name, (rc == 0) == (row->seconds > 0));
        CHECK_ROW(row->name, a.seconds == row->seconds);
        CHECK_ROW(row->name, (a.token != NULL) == (rc == 0));
        if (rc < 0)
            check_refusal(row, &err);
        secret_free(a.token);
    }
}

static void test_the_wait_is_the_endpoints(void)
{
    const struct oauth_question q = { .status = 429,
                                      .retry_after_ms = 17000,
                                      .body = "" };
    struct oauth_answer a = { 0 };
    struct err err;

    g_assert_cmpint(oauth_answer_read(&q, &a, &err), ==, -1);
    g_assert_cmpuint(err.wait_ms, ==, 17000);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/oauth-answer/answers", test_answers);
    g_test_add_func("/oauth-answer/wait", test_the_wait_is_the_endpoints);
    return g_test_run();
}
