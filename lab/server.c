#include "lab/server.h"

#include "lab/autodiscover.h"
#include "lab/control.h"
#include "lab/ews.h"
#include "lab/pages.h"
#include "lab/photo.h"
#include "lab/token_page.h"
#include "lab/wsdl.h"

typedef void page_fn(struct lab *lab, const struct http_request *request,
                     struct http_answer *answer);

/*
 * Paths, in any case; one that ends in a slash stands for all below it.
 * First match counts.
 */
static const struct {
    const char *path;
    page_fn *page;
    bool signed_in;
} routes[] = {
    { "/lab/", control_handle, false },
    { "/autodiscover/autodiscover.xml", autodiscover_handle, true },
    { "/autodiscover/autodiscover.svc", autodiscover_soap, true },
    { "/autodiscover/autodiscover.json/", autodiscover_json, false },
    { "/autodiscover/autodiscover.json", autodiscover_json, false },
    { "/owa/auth/logon.aspx", pages_logon, false },
    { "/owa/auth.owa", pages_form, false },
    { "/owa/", pages_owa, false },
    { "/owa", pages_owa, false },
    { "/exchange/", pages_root, false },
    { "/exchange", pages_root, false },
    { "/", pages_root, false },
};

/* ---- who ----------------------------------------------------------- */

static char *find_password(void *data, const char *domain, const char *user,
                           char **ret_login)
{
    struct lab_store *store = data;
    g_auto(lab_account) account = { 0 };
    struct err err;

    if (lab_store_find_account(store, domain, user, &account, &err) <= 0)
        return NULL;
    *ret_login = g_strdup(account.address);
    return g_steal_pointer(&account.password);
}

struct auth_directory server_directory(struct lab_store *store)
{
    return (struct auth_directory){ .find = find_password, .data = store };
}

/* 401 as IIS sends it: every scheme that is offered, and no body. */
static void ask_who(struct lab *lab, const struct auth_verdict *verdict,
                    const struct http_request *request,
                    struct http_answer *answer)
{
    const char *header = http_header(request, "Authorization");
    bool challenge = verdict->ask->len == 1 &&
                     (g_str_has_prefix(verdict->ask->pdata[0], "NTLM ") ||
                      g_str_has_prefix(verdict->ask->pdata[0], "Negotiate "));

    answer->status = 401;
    for (guint i = 0; i < verdict->ask->len; i++)
        http_answer_header(answer, "WWW-Authenticate", "%s",
                           (char *)verdict->ask->pdata[i]);
    if (verdict->why != NULL)
        http_answer_header(answer, "X-MS-Diagnostics", "%s", verdict->why);
    /* a credential that was looked at, and is wrong */
    if (header != NULL && !challenge)
        counters_note(lab->counters, "refused.401");
}

static bool is_autodiscover(const struct http_request *request)
{
    static const char prefix[] = "/autodiscover/";

    return g_ascii_strncasecmp(request->path, prefix, strlen(prefix)) == 0;
}

/* A fault on demand: what was right is not taken any more. */
static bool is_refused(struct lab *lab, const struct http_request *request,
                       const char *login)
{
    const struct fault_event event = {
        .operation = is_autodiscover(request) ? "Autodiscover" : "",
        .mailbox = login,
    };
    struct fault_hit hit;

    if (!faults_due(lab->faults, FAULT_REFUSE_LOGIN, &event, &hit))
        return false;
    counters_note(lab->counters, fault_counter(FAULT_REFUSE_LOGIN));
    return true;
}

/* NULL: the answer asks for a credential. */
static char *sign_in(struct lab *lab, const struct http_request *request,
                     struct http_answer *answer)
{
    struct server_conn *conn = request->conn;
    g_auto(auth_verdict) verdict = { 0 };

    auth_check(lab->auth, &conn->auth, http_header(request, "Authorization"),
               &verdict);
    if (verdict.login == NULL) {
        ask_who(lab, &verdict, request, answer);
        return NULL;
    }
    if (verdict.proven) {
        counters_note(lab->counters, "signin.ntlm");
        http_answer_header(answer, "Persistent-Auth", "true");
    }
    if (is_refused(lab, request, verdict.login)) {
        g_auto(auth_verdict) anew = { 0 };
        struct auth_conn nobody = { 0 };

        auth_conn_release(&conn->auth);
        conn->auth = nobody;
        auth_check(lab->auth, &nobody, NULL, &anew);
        ask_who(lab, &anew, request, answer);
        return NULL;
    }
    return g_steal_pointer(&verdict.login);
}

/* ---- EWS ----------------------------------------------------------- */

void server_refuse_size(struct http_answer *answer, unsigned int status)
{
    static const struct {
        unsigned int status;
        const char *text;
    } texts[] = {
        { 400, "Bad Request" },
        { 404, "404.13 - Not Found: The request filtering module is configured "
               "to deny a request that exceeds the request content length." },
        { 405, "405 - HTTP verb used to access this page is not allowed." },
        { 413, "Request Entity Too Large" },
        { 500, "500 - Internal server error." },
    };

    answer->status = status;
    answer->content_type = "text/html";
    answer->close = true;
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        if (texts[i].status == status)
            g_string_assign(answer->body, texts[i].text);
}

/* Over the limit: each generation has its own way to say so. */
static void refuse_size(struct lab *lab, struct http_answer *answer)
{
    counters_note(lab->counters, "refused.size");
    if (lab->too_large_status == 0)
        answer->ending = HTTP_DROP;
    else
        server_refuse_size(answer, lab->too_large_status);
}

/* A connection that a large request has spoilt. */
static bool answer_poisoned(const struct http_request *request,
                            struct http_answer *answer)
{
    const struct server_conn *conn = request->conn;

    if (conn->poison_status == 0)
        return false;
    server_refuse_size(answer, conn->poison_status);
    answer->close = false;
    return true;
}

/* The n-th mailbox has its own server, and so its own cookie. */
static char *affinity_value(const struct http_request *request,
                            const char *login)
{
    const char *anchor = http_header(request, "X-AnchorMailbox");
    g_autofree char *lower =
        g_ascii_strdown(anchor != NULL ? anchor : login, -1);

    return g_compute_checksum_for_string(G_CHECKSUM_SHA1, lower, -1);
}

/* A load balancer knows by its cookie where a client was before. */
static void keep_affinity(struct lab *lab, const struct http_request *request,
                          const char *login, struct http_answer *answer)
{
    struct server_conn *conn = request->conn;
    const char *given;
    g_autofree char *value = NULL;

    conn->strayed = false;
    if (lab->affinity_cookie == NULL)
        return;
    given = http_cookie(request, lab->affinity_cookie);
    value = affinity_value(request, login);
    if (g_strcmp0(given, value) == 0) {
        counters_note(lab->counters, "cookie.right");
        return;
    }
    conn->strayed = true;
    counters_note(lab->counters,
                  given == NULL ? "cookie.missing" : "cookie.foreign");
    http_answer_header(answer, "Set-Cookie", "%s=%s; path=/; HttpOnly",
                       lab->affinity_cookie, value);
}

static void handle_ews(struct lab *lab, const struct http_request *request,
                       struct http_answer *answer)
{
    g_autofree char *login = NULL;

    if (answer_poisoned(request, answer))
        return;
    if (request->too_large) {
        refuse_size(lab, answer);
        return;
    }
    if (lab->forms_login) {
        pages_owa(lab, request, answer);
        return;
    }
    if (lab->refuse_chunked &&
        http_header(request, "Transfer-Encoding") != NULL) {
        answer->status = 411;
        answer->close = true;
        return;
    }
    login = sign_in(lab, request, answer);
    if (login == NULL)
        return;
    keep_affinity(lab, request, login, answer);
    ews_handle(lab, request, login, answer);
}

/* ---- all ----------------------------------------------------------- */

/* The lab's own idea of the time; libmicrohttpd adds the right one else. */
static void add_date(const struct lab *lab, struct http_answer *answer)
{
    g_autoptr(GDateTime) now = g_date_time_new_now_utc();
    g_autoptr(GDateTime) skewed = NULL;
    static const char *const days[] = { "Mon", "Tue", "Wed", "Thu",
                                        "Fri", "Sat", "Sun" };
    static const char *const months[] = { "Jan", "Feb", "Mar", "Apr",
                                          "May", "Jun", "Jul", "Aug",
                                          "Sep", "Oct", "Nov", "Dec" };
    g_autofree char *rest = NULL;

    if (lab->clock_skew_us == 0)
        return;
    skewed = g_date_time_add(now, lab->clock_skew_us);
    rest = g_date_time_format(skewed, "%Y %H:%M:%S GMT");
    /* RFC 9110 5.6.7: in English, whatever the locale */
    http_answer_header(answer, "Date", "%s, %02d %s %s",
                       days[g_date_time_get_day_of_week(skewed) - 1],
                       g_date_time_get_day_of_month(skewed),
                       months[g_date_time_get_month(skewed) - 1], rest);
}

static void add_server_headers(const struct lab *lab,
                               struct http_answer *answer)
{
    const struct version *v = lab->version;

    http_answer_header(answer, "Server", "%s", v->iis);
    http_answer_header(answer, "X-Powered-By", "ASP.NET");
    add_date(lab, answer);
    if (answer->status == 401)
        return;
    http_answer_header(answer, "X-AspNet-Version", "%s", v->aspnet);
    if (v->release >= EXCHANGE2013)
        http_answer_header(answer, "X-FEServer", "EXCHANGE");
}

/*
 * By these a client of the SOAP form finds out what there is, before it signs
 * in: they stand on a 401 too.
 */
static void add_autodiscover_headers(const struct lab *lab,
                                     const struct http_request *request,
                                     struct http_answer *answer)
{
    if (lab->version->release < EXCHANGE2010 || !lab->autodiscover ||
        !is_autodiscover(request))
        return;
    http_answer_header(answer, "X-SOAP-Enabled", "True");
    http_answer_header(answer, "X-WSSecurity-Enabled", "True");
    if (lab->version->release >= EXCHANGE2013)
        http_answer_header(answer, "X-OAuth-Enabled", "True");
}

static bool matches(const char *route, const char *path)
{
    size_t n = strlen(route);

    if (g_ascii_strncasecmp(route, path, n) != 0)
        return false;
    return path[n] == '\0' || (n > 1 && route[n - 1] == '/');
}

/* What lies beside EWS or below it, and wants a credential as EWS does. */
static page_fn *beside_ews(const struct lab *lab, const char *path)
{
    if (wsdl_is(lab, path))
        return wsdl_handle;
    return photo_is(lab, path) ? photo_handle : NULL;
}

static void handle_signed_in(struct lab *lab, page_fn *page,
                             const struct http_request *request,
                             struct http_answer *answer)
{
    g_autofree char *login = sign_in(lab, request, answer);

    if (login != NULL)
        page(lab, request, answer);
}

static void handle_page(struct lab *lab, const struct http_request *request,
                        struct http_answer *answer)
{
    for (size_t i = 0; i < G_N_ELEMENTS(routes); i++) {
        g_autofree char *login = NULL;

        if (!matches(routes[i].path, request->path) ||
            (g_str_has_prefix(routes[i].path, "/autodiscover/") &&
             !lab->autodiscover))
            continue;
        if (routes[i].signed_in)
            login = sign_in(lab, request, answer);
        if (!routes[i].signed_in || login != NULL)
            routes[i].page(lab, request, answer);
        return;
    }
    answer->status = 404;
    answer->content_type = "text/html";
    g_string_assign(answer->body, "404 - File or directory not found.\r\n");
}

static void handle(void *data, const struct http_request *request,
                   struct http_answer *answer)
{
    struct lab *lab = data;

    if (g_ascii_strcasecmp(request->path, lab->ews_path) == 0)
        handle_ews(lab, request, answer);
    else if (request->too_large)
        refuse_size(lab, answer);
    else if (lab->tokens != NULL && tokens_has_clients(lab->tokens) &&
             token_page_is(request->path))
        token_page_handle(lab, request, answer);
    else if (beside_ews(lab, request->path) != NULL)
        handle_signed_in(lab, beside_ews(lab, request->path), request, answer);
    else
        handle_page(lab, request, answer);
    if (is_autodiscover(request) && answer->status != 401)
        counters_note(lab->counters, "requests.autodiscover");
    add_autodiscover_headers(lab, request, answer);
    add_server_headers(lab, answer);
}

static void *conn_new(void *data)
{
    struct server_conn *conn = g_new0(struct server_conn, 1);
    const struct lab *lab = data;

    conn->counters = lab->counters;
    counters_connect(conn->counters);
    return conn;
}

static void conn_free(void *state)
{
    struct server_conn *conn = state;

    counters_disconnect(conn->counters);
    auth_conn_release(&conn->auth);
    g_free(conn);
}

struct http_handler server_handler(struct lab *lab)
{
    return (struct http_handler){
        .handle = handle,
        .conn_new = conn_new,
        .conn_free = conn_free,
        .data = lab,
    };
}
