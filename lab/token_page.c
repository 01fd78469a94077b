#include "lab/token_page.h"

#include <string.h>

#include <jansson.h>

#include "lab/token.h"

/* A form has some kilobytes: a client assertion is the longest of it. */
#define FORM_MAX (64u * 1024)

bool token_page_is(const char *path)
{
    static const char *const ends[] = { "/oauth2/token", "/oauth2/v2.0/token" };

    for (size_t i = 0; i < G_N_ELEMENTS(ends); i++) {
        size_t n = strlen(path), m = strlen(ends[i]);

        if (n >= m && g_ascii_strcasecmp(path + n - m, ends[i]) == 0)
            return true;
    }
    return false;
}

/* ---- answers ------------------------------------------------------- */

static void answer_json(struct http_answer *answer, json_t *body)
{
    char *text = json_dumps(body, JSON_COMPACT);

    answer->content_type = "application/json; charset=utf-8";
    http_answer_header(answer, "Cache-Control", "no-store");
    http_answer_header(answer, "Pragma", "no-cache");
    g_string_assign(answer->body, text);
    free(text);
    json_decref(body);
}

/* RFC 6749 5.2: 401 only for a client that is not known. */
static void refuse(struct http_answer *answer, const char *error,
                   const char *why)
{
    bool client = strcmp(error, "invalid_client") == 0;

    answer->status = client ? 401 : 400;
    if (client)
        http_answer_header(answer, "WWW-Authenticate",
                           "Basic realm=\"oauth2\"");
    answer_json(answer, json_pack("{s:s, s:s}", "error", error,
                                  "error_description", why));
}

static void grant(struct lab *lab, const char *client, const char *user,
                  struct http_answer *answer)
{
    g_autofree char *token = tokens_issue(lab->tokens, client, user);
    json_int_t seconds =
        (json_int_t)(tokens_lifetime_us(lab->tokens) / G_USEC_PER_SEC);

    answer_json(answer,
                json_pack("{s:s, s:I, s:I, s:s}", "token_type", "Bearer",
                          "expires_in", seconds, "ext_expires_in", seconds,
                          "access_token", token));
}

/* ---- the form ------------------------------------------------------ */

/* What was sent: name to value; NULL when it is no form. */
static GHashTable *read_form(const struct http_request *request)
{
    const char *type = http_header(request, "Content-Type");

    if (strcmp(request->method, "POST") != 0 || type == NULL ||
        !g_str_has_prefix(type, "application/x-www-form-urlencoded") ||
        request->body->len > FORM_MAX)
        return NULL;
    return g_uri_parse_params(request->body->str, (gssize)request->body->len,
                              "&", G_URI_PARAMS_WWW_FORM, NULL);
}

/* RFC 6749 2.3.1: the client may come in by Basic instead. */
static void read_basic(const struct http_request *request, char **ret_id,
                       char **ret_secret)
{
    const char *header = http_header(request, "Authorization");
    g_autofree char *pair = NULL;
    g_auto(GStrv) parts = NULL;
    gsize n = 0;

    if (header == NULL ||
        g_ascii_strncasecmp(header, "Basic ", strlen("Basic ")) != 0 ||
        strlen(header) > FORM_MAX)
        return;
    pair = (char *)g_base64_decode(header + strlen("Basic "), &n);
    pair = g_realloc(pair, n + 1);
    pair[n] = '\0';
    parts = g_strsplit(pair, ":", 2);
    if (g_strv_length(parts) != 2)
        return;
    *ret_id = g_uri_unescape_string(parts[0], NULL);
    *ret_secret = g_uri_unescape_string(parts[1], NULL);
}

static enum token_client find_client(struct lab *lab,
                                     const struct http_request *request,
                                     GHashTable *form, char **ret_id)
{
    g_autofree char *secret = NULL;

    read_basic(request, ret_id, &secret);
    if (*ret_id == NULL) {
        *ret_id = g_strdup(g_hash_table_lookup(form, "client_id"));
        secret = g_strdup(g_hash_table_lookup(form, "client_secret"));
    }
    return tokens_check_client(lab->tokens, *ret_id, secret);
}

static void grant_password(struct lab *lab, GHashTable *form,
                           const char *client, struct http_answer *answer)
{
    const char *user = g_hash_table_lookup(form, "username");
    const char *password = g_hash_table_lookup(form, "password");
    g_autofree char *login = NULL;

    if (user == NULL || password == NULL) {
        refuse(answer, "invalid_request", "username or password is missing");
        return;
    }
    login = auth_check_password(lab->auth, user, password);
    if (login == NULL)
        refuse(answer, "invalid_grant", "invalid username or password");
    else
        grant(lab, client, login, answer);
}

void token_page_handle(struct lab *lab, const struct http_request *request,
                       struct http_answer *answer)
{
    g_autoptr(GHashTable) form = read_form(request);
    g_autofree char *client = NULL;
    enum token_client kind;
    const char *type;

    counters_note(lab->counters, "requests.token");
    if (form == NULL) {
        refuse(answer, "invalid_request", "the body is no form");
        return;
    }
    kind = find_client(lab, request, form, &client);
    type = g_hash_table_lookup(form, "grant_type");
    if (kind == TOKEN_CLIENT_WRONG)
        refuse(answer, "invalid_client", "unknown client, or wrong secret");
    else if (type == NULL)
        refuse(answer, "invalid_request", "grant_type is missing");
    else if (strcmp(type, "password") == 0)
        grant_password(lab, form, client, answer);
    else if (strcmp(type, "client_credentials") != 0)
        refuse(answer, "unsupported_grant_type",
               "the lab knows client_credentials and password");
    else if (kind == TOKEN_CLIENT_PUBLIC)
        refuse(answer, "unauthorized_client",
               "a client without a secret acts for users only");
    else
        grant(lab, client, NULL, answer);
}
