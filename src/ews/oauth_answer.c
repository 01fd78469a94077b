#include "ews/oauth_answer.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include <glib.h>
#include <jansson.h>

/* Where the endpoint does not say (RFC 6749 5.1 lets it). */
#define SECONDS_UNSAID 600
/* Microsoft's live for an hour, or for 28 when access is watched otherwise. */
#define SECONDS_MAX (24 * 3600)
#define WAIT_MS     5000

#define CHECK_URL                                                              \
    "check the address of the token endpoint; Microsoft's is "                 \
    "https://login.microsoftonline.com/TENANT/oauth2/v2.0/token"

/* RFC 6749 5.2, and what Microsoft adds to it. */
static const struct {
    const char *error, *remedy;
} refusals[] = {
    { "invalid_client",
      "check the application's id and its client secret: the secret's value, "
      "not its id; and whether it has expired (app registration, "
      "Certificates & secrets)" },
    { "unauthorized_client",
      "check the application's id and the tenant, and that an administrator "
      "of the tenant has consented to the application" },
    { "invalid_scope",
      "check the scope: the server's own address with /.default behind it, "
      "such as https://outlook.office365.com/.default" },
    { "invalid_resource",
      "the tenant does not know the server that the scope names: check the "
      "scope, and that the server is registered in that tenant" },
    { "invalid_request",
      "check the tenant, the application's id and the scope" },
    { "unsupported_grant_type",
      "this endpoint gives no tokens for client credentials: check its "
      "address" },
};

static const char *remedy_of(const char *error)
{
    for (size_t i = 0; i < G_N_ELEMENTS(refusals); i++) {
        if (strcmp(refusals[i].error, error) == 0)
            return refusals[i].remedy;
    }
    return "see what the endpoint says";
}

static int odd(const struct oauth_question *q, const char *what,
               struct err *err)
{
    err_set(err, ERR_MAILBOX, ERR_RETRY_NEVER, (int)q->status,
            "what answers is no token endpoint (HTTP status %ld): %s",
            q->status, what);
    err->name = "OddToken";
    return err_remedy(err, CHECK_URL);
}

static bool repeats(const struct oauth_question *q, const char *words)
{
    return strstr(words, secret_peek(q->secret)) != NULL;
}

/*
 * In words of somebody else's, of which the first line is for people.  A
 * description that repeats what it was sent is kept to ourselves.
 */
static int refused(const struct oauth_question *q, const json_t *o,
                   const char *error, struct err *err)
{
    const char *words =
        json_string_value(json_object_get(o, "error_description"));
    g_autofree char *line = NULL;

    if (words == NULL || repeats(q, words))
        words = "";
    if (repeats(q, error))
        error = "an error that repeats the secret";
    line = g_strndup(words, MIN(strcspn(words, "\r\n"), 240));
    err_set(err, ERR_MAILBOX, ERR_RETRY_REAUTH, (int)q->status,
            "no token is given: %.60s%s%s%s", error, *line != '\0' ? " (" : "",
            line, *line != '\0' ? ")" : "");
    err->name = "TokenRefused";
    return err_remedy(err, remedy_of(error));
}

static int unavailable(const struct oauth_question *q, struct err *err)
{
    err_set(err, ERR_MAILBOX, ERR_RETRY_WAIT, (int)q->status,
            "it is busy or out of order (HTTP status %ld)", q->status);
    err->name = "HttpStatus";
    err->wait_ms = q->retry_after_ms > 0 ? q->retry_after_ms : WAIT_MS;
    return -1;
}

/* A number, or (Microsoft's v1 endpoint) a number as text. */
static int read_seconds(const struct oauth_question *q, const json_t *value,
                        uint32_t *ret, struct err *err)
{
    double seconds = json_number_value(value);
    char *end = NULL;

    if (value == NULL) {
        *ret = SECONDS_UNSAID;
        return 0;
    }
    if (json_is_string(value)) {
        seconds = g_ascii_strtod(json_string_value(value), &end);
        if (*end != '\0')
            seconds = 0;
    }
    if (!isfinite(seconds) || seconds < 1)
        return odd(q, "its token has no time to live (expires_in)", err);
    *ret = (uint32_t)MIN(seconds, SECONDS_MAX);
    return 0;
}

/* It goes into a header line: RFC 6750 2.1, b68token. */
static bool is_token(const char *text)
{
    size_t len = strlen(text);

    return len > 0 && len <= OAUTH_TOKEN_MAX &&
           strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                        "0123456789-._~+/=") == len;
}

static int read_token(const struct oauth_question *q, const json_t *o,
                      struct oauth_answer *ret, struct err *err)
{
    const char *token = json_string_value(json_object_get(o, "access_token"));
    const char *type = json_string_value(json_object_get(o, "token_type"));
    uint32_t seconds = 0;

    if (token == NULL || !is_token(token))
        return odd(q, "no access_token that can be used", err);
    if (type == NULL || g_ascii_strcasecmp(type, "Bearer") != 0)
        return odd(q, "its token is of another type than Bearer", err);
    if (read_seconds(q, json_object_get(o, "expires_in"), &seconds, err) < 0)
        return -1;
    ret->token = secret_new(token, strlen(token));
    ret->seconds = seconds;
    return 0;
}

static int read_object(const struct oauth_question *q, const json_t *o,
                       struct oauth_answer *ret, struct err *err)
{
    const char *error = json_string_value(json_object_get(o, "error"));

    if (error != NULL && (strcmp(error, "temporarily_unavailable") == 0 ||
                          strcmp(error, "server_error") == 0))
        return unavailable(q, err);
    if (error != NULL)
        return refused(q, o, error, err);
    if (q->status != 200)
        return odd(q, "neither a token nor an error", err);
    return read_token(q, o, ret, err);
}

/* libjansson frees without wiping. */
static void wipe_token(const json_t *o)
{
    const json_t *token = json_object_get(o, "access_token");

    if (json_is_string(token))
        secret_wipe((void *)(uintptr_t)json_string_value(token),
                    json_string_length(token));
}

int oauth_answer_read(const struct oauth_question *q, struct oauth_answer *ret,
                      struct err *err)
{
    json_t *o;
    int rc;

    if (q->status == 429 || q->status >= 500)
        return unavailable(q, err);
    o = json_loadb(q->body, q->len, JSON_REJECT_DUPLICATES, NULL);
    rc = json_is_object(o) ? read_object(q, o, ret, err)
                           : odd(q, "it is not JSON", err);
    wipe_token(o);
    json_decref(o);
    return rc;
}
