#include "cmd/remote.h"

#include <errno.h>
#include <string.h>

#include "base/inet.h"
#include "base/timestamp.h"
#include "cmd/password.h"
#include "fleet/member.h"

#define API "/api/v1"
/* A page of a list, and an answer that says what is wrong. */
#define ANSWER_MAX (UINT64_C(64) << 20)
/* An import of thousands of rows is sealed row by row. */
#define DEADLINE_MS (300 * 1000)
/* Between two attempts, where the service does not say. */
#define PAUSE_US  TIMESTAMP_SECOND
#define PAGE_SIZE "500"

struct remote {
    const struct cmd_context *ctx;
    char *url;
    struct net *net;
    struct net_conn *conn;
    int64_t patience_us;
    bool told; /* that it is waited for */
};

/* clang-format off */
#define O(field) offsetof(struct opt_remote, field)
const struct opt opt_remote_rows[] = {
    { .long_name = "server", .type = OPT_STR, .offset = O(url), .arg = "URL",
      .help = "work through the service at URL (\"mailferry serve\"), which "
              "has to be https:// but for http://127.0.0.1:PORT" },
    { .long_name = "token-file", .type = OPT_FILE, .offset = O(token_file),
      .arg = "FILE",
      .help = "read an API token of the service from the first line of FILE "
              "(else MAILFERRY_TOKEN, the systemd credential service-token, or "
              "a question)" },
    { .long_name = "server-ca-file", .type = OPT_FILE, .offset = O(ca_file),
      .arg = "FILE",
      .help = "trust the certificates in FILE (PEM) for the service, in place "
              "of the system's" },
    { .long_name = NULL },
};
#undef O
/* clang-format on */

/* ---- opening ------------------------------------------------------------ */

static bool is_here(const char *host)
{
    struct inet_address a;

    return inet_address_parse(host, &a) && inet_address_is_loopback(&a);
}

static int read_url(const char *text, char **ret, struct err *err)
{
    g_auto(net_url) url = { 0 };
    g_autofree char *full = strstr(text, "://") != NULL
                                ? g_strdup(text)
                                : g_strconcat("https://", text, NULL);
    size_t n;

    if (net_url_parse(full, &url, err) < 0)
        return -1;
    if (!url.https && !is_here(url.host)) {
        err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                "\"%s\" is not https, so that others could read the token",
                full);
        return err_remedy(err, "give the service's https:// address; on this "
                               "machine http://127.0.0.1:PORT");
    }
    n = strlen(url.path);
    while (n > 0 && url.path[n - 1] == '/')
        url.path[--n] = '\0';
    *ret = net_url_with_path(&url, url.path);
    return 0;
}

static int connect_to(struct remote *r, const struct opt_remote *o,
                      struct err *err)
{
    const struct net_config config = {
        .ca_file = o->ca_file,
        .untrusted_remedy =
            "if that service is to be trusted, give the certificate of the "
            "authority that signed its own with --server-ca-file",
        .clear_to_loopback = true,
    };
    const struct password_request request = {
        .side = PASSWORD_TOKEN,
        .file = o->token_file,
        .user = r->url,
        .cancel = r->ctx->cancel,
    };
    g_autoptr(secret) token = NULL;
    struct net_auth auth = { .scheme = NET_AUTH_BEARER };

    if (password_get(&request, &token, err) < 0 ||
        net_new(&config, &r->net, err) < 0)
        return -1;
    auth.password = token;
    r->conn = net_conn_new(r->net, &auth);
    return 0;
}

int remote_open(const struct opt_remote *o, const struct cmd_context *ctx,
                struct remote **ret, struct err *err)
{
    g_autoptr(remote) r = g_new0(struct remote, 1);

    r->ctx = ctx;
    if (read_url(o->url, &r->url, err) < 0)
        return err_in(err, "option \"--server\"");
    if (connect_to(r, o, err) < 0)
        return -1;
    *ret = g_steal_pointer(&r);
    return 0;
}

void remote_free(struct remote *r)
{
    if (r == NULL)
        return;
    net_conn_free(r->conn);
    net_free(r->net);
    g_free(r->url);
    g_free(r);
}

const char *remote_url(const struct remote *r)
{
    return r->url;
}

void remote_be_patient(struct remote *r, int64_t us)
{
    r->patience_us = us;
}

/* ---- answers that refuse ------------------------------------------------- */

static const struct refusal {
    long status;
    const char *slug; /* NULL: any */
    const char *name;
    enum err_retry retry;
    const char *remedy;
} refusals[] = {
    /* clang-format off */
    { 401, NULL, "unauthorized", ERR_RETRY_NEVER,
      "the token may have expired or been revoked: make another (POST "
      "/api/v1/tokens, see docs/guide/service.md)" },
    { 403, NULL, "forbidden", ERR_RETRY_NEVER,
      "the token needs the scope migrations:read, and to move mailboxes "
      "migrations:write" },
    { 404, "not-found", "not-found", ERR_RETRY_NEVER, NULL },
    { 404, NULL, "no-service", ERR_RETRY_NEVER,
      "is that the address of \"mailferry serve\", and is it of this "
      "program's version?" },
    { 409, "key-in-use", "key-in-use", ERR_RETRY_WAIT, NULL },
    { 413, NULL, "too-large", ERR_RETRY_NEVER,
      "have the service's http.body-limit raised, or cut the file in two" },
    { 422, "key-reused", "key-reused", ERR_RETRY_NEVER, NULL },
    { 429, NULL, "busy", ERR_RETRY_WAIT, NULL },
    { 502, NULL, "away", ERR_RETRY_WAIT, NULL },
    { 503, NULL, "away", ERR_RETRY_WAIT, NULL },
    { 504, NULL, "away", ERR_RETRY_WAIT, NULL },
    { 0, NULL, "refused", ERR_RETRY_NEVER, NULL },
    /* clang-format on */
};

static const struct refusal *refusal_of(long status, const char *slug)
{
    const struct refusal *row = refusals;

    while (row->status != 0 &&
           (row->status != status ||
            (row->slug != NULL && g_strcmp0(row->slug, slug) != 0)))
        row++;
    return row;
}

static int refuse(const struct remote_call *call, const net_response *got,
                  const json_t *json, struct err *err)
{
    static const char type_of[] = "urn:mailferry:problem:";
    const char *type = member_text(json, "type");
    const char *detail = member_text(json, "detail");
    const struct refusal *row =
        refusal_of(got->status, type != NULL && g_str_has_prefix(type, type_of)
                                    ? type + strlen(type_of)
                                    : NULL);

    err_set(err, ERR_RUN, row->retry, (int)got->status, "%s %s: %ld: %s",
            call->method != NULL ? call->method : "GET", call->path,
            got->status,
            detail != NULL ? detail : "it does not answer as a service");
    err->name = row->name;
    err->wait_ms = got->retry_after_ms;
    return row->remedy != NULL ? err_remedy(err, row->remedy) : -1;
}

/* ---- asking -------------------------------------------------------------- */

/* Where an answer's body goes. */
struct taking {
    const net_response *response;
    FILE *to;
    GString *text;
};

static int take(void *data, const char *bytes, size_t n, struct err *err)
{
    struct taking *t = data;

    if (t->to == NULL || t->response->status != 200)
        g_string_append_len(t->text, bytes, (gssize)n);
    else if (fwrite(bytes, 1, n, t->to) != n)
        return err_errno(err, ERR_RUN, errno, "what was received");
    return 0;
}

static void add_headers(const struct remote_call *call, GPtrArray *to)
{
    if (call->body != NULL)
        g_ptr_array_add(to, g_strdup("Content-Type: application/json"));
    if (call->key != NULL)
        g_ptr_array_add(to,
                        g_strdup_printf("Idempotency-Key: \"%s\"", call->key));
    g_ptr_array_add(to, NULL);
}

static int judge(const struct remote_call *call, const net_response *got,
                 const GString *text, json_t **ret, struct err *err)
{
    json_t *json = json_loadb(text->str, text->len, 0, NULL);
    int result = 0;

    if (got->status < 200 || got->status > 299)
        result = refuse(call, got, json, err);
    else if (ret != NULL && json == NULL) {
        err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0, "%s: the answer is no JSON",
                call->path);
        result = err_remedy(err, "is that the address of \"mailferry serve\"?");
    }
    if (result == 0 && ret != NULL)
        *ret = json_incref(json);
    json_decref(json);
    return result;
}

static int ask_once(struct remote *r, const struct remote_call *call,
                    const char *body, json_t **ret, struct err *err)
{
    g_autofree char *url = g_strconcat(r->url, API, call->path, NULL);
    g_autoptr(GPtrArray) headers = g_ptr_array_new_with_free_func(g_free);
    g_auto(net_response) got = { 0 };
    struct taking taking = { &got, call->to, g_string_new(NULL) };
    const struct net_part part = { .text = body,
                                   .len = body != NULL ? strlen(body) : 0 };
    struct net_request request = {
        .method = call->method != NULL ? call->method : "GET",
        .url = url,
        .parts = &part,
        .n_parts = body != NULL ? 1 : 0,
        .deadline_ms = DEADLINE_MS,
        .answer_max_bytes = call->to != NULL ? 0 : ANSWER_MAX,
        .confidential = true,
        .sink = take,
        .sink_data = &taking,
        .cancel = r->ctx->cancel,
    };
    int result;

    add_headers(call, headers);
    request.headers = (const char *const *)headers->pdata;
    result = net_perform(r->conn, &request, &got, err);
    if (result == 0)
        result = judge(call, &got, taking.text, ret, err);
    g_string_free(taking.text, TRUE);
    return result;
}

/* False: it is not waited for any longer. */
static bool wait_for(struct remote *r, int64_t since_us, const struct err *err)
{
    int64_t pause_us =
        err->wait_ms > 0 ? (int64_t)err->wait_ms * 1000 : PAUSE_US;

    if (err->retry == ERR_RETRY_NEVER || err->retry == ERR_RETRY_REAUTH ||
        timestamp_monotonic() - since_us >= r->patience_us)
        return false;
    if (!r->told)
        fprintf(r->ctx->err, "service: %s; waiting for it\n", err->msg);
    r->told = true;
    return !cancel_sleep(r->ctx->cancel, MIN(pause_us, 10 * TIMESTAMP_SECOND),
                         CANCEL_DRAIN);
}

int remote_ask(struct remote *r, const struct remote_call *call, json_t **ret,
               struct err *err)
{
    char *body = call->body != NULL
                     ? json_dumps(call->body, JSON_COMPACT | JSON_SORT_KEYS)
                     : NULL;
    int64_t since_us = timestamp_monotonic();
    int result;

    do {
        if (call->to != NULL)
            rewind(call->to);
        result = ask_once(r, call, body, ret, err);
    } while (result < 0 && wait_for(r, since_us, err));
    if (result == 0 && r->told) {
        fputs("service: it answers again\n", r->ctx->err);
        r->told = false;
    }
    if (body != NULL)
        secret_wipe(body, strlen(body));
    free(body);
    return result < 0 ? err_in(err, "service \"%s\"", r->url) : 0;
}

/* ---- lists ------------------------------------------------------------- */

static int add_page(struct remote *r, const char *path, json_t *all,
                    char **after, struct err *err)
{
    g_autofree char *cursor =
        *after != NULL ? g_uri_escape_string(*after, NULL, FALSE) : NULL;
    g_autofree char *full =
        g_strconcat(path, "?limit=" PAGE_SIZE,
                    cursor != NULL ? "&after=" : NULL, cursor, NULL);
    json_t *page = NULL;

    if (remote_ask(r, &(struct remote_call){ .path = full }, &page, err) < 0)
        return -1;
    json_array_extend(all, json_object_get(page, "items"));
    g_free(*after);
    *after = g_strdup(member_text(page, "next"));
    json_decref(page);
    return *after != NULL ? 1 : 0;
}

int remote_list(struct remote *r, const char *path, json_t **ret,
                struct err *err)
{
    json_t *all = json_array();
    char *after = NULL;
    int more;

    while ((more = add_page(r, path, all, &after, err)) > 0)
        ;
    g_free(after);
    if (more < 0) {
        json_decref(all);
        return -1;
    }
    *ret = all;
    return 0;
}
