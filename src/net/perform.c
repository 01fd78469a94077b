#include "base/timestamp.h"
#include "net/exchange.h"
#include "net/fail.h"
#include "net/header.h"

#define DEADLINE_MS      (100u * 1000)
#define ANSWER_MAX_BYTES ((uint64_t)256 << 20)
/* All header lines of one exchange; a hostile server could send for ever. */
#define HEADERS_MAX_BYTES ((size_t)256 << 10)
/* ---- libcurl's callbacks -------------------------------------------- */

static size_t too_late(struct exchange *x)
{
    err_set(&x->why, ERR_MAILBOX, ERR_RETRY_WAIT, 0,
            "server \"%s\": it is too late to send this", x->url.host);
    x->why.wait_ms = 1000;
    x->why.name = "too-late";
    x->failed = true;
    return CURL_READFUNC_ABORT;
}

static size_t give_body(char *buf, size_t size, size_t n, void *data)
{
    struct exchange *x = data;
    int64_t over_by_us = x->request->over_by_us;
    ssize_t got;

    /* The last moment before it leaves: we may have been frozen until now. */
    if (over_by_us != 0 && timestamp_monotonic() >= over_by_us)
        return too_late(x);
    got = body_read(&x->body, buf, size * n, &x->why);
    if (got < 0) {
        x->failed = true;
        return CURL_READFUNC_ABORT;
    }
    return (size_t)got;
}

static int rewind_body(void *data, curl_off_t offset, int origin)
{
    struct exchange *x = data;

    if (offset != 0 || origin != SEEK_SET || !body_rewind(&x->body))
        return CURL_SEEKFUNC_FAIL;
    x->sent_us = 0;
    return CURL_SEEKFUNC_OK;
}

static size_t too_large(struct exchange *x, const char *what, uint64_t max)
{
    err_set(&x->why, ERR_ITEM, ERR_RETRY_NEVER, CURLE_FILESIZE_EXCEEDED,
            "server \"%s\": %s of the answer: more than %" G_GUINT64_FORMAT
            " bytes",
            x->url.host, what, max);
    x->why.name = "answer-too-large";
    x->failed = true;
    return 0;
}

static size_t take_header(char *line, size_t size, size_t n, void *data)
{
    struct exchange *x = data;
    size_t len = size * n;

    x->header_bytes += len;
    if (x->header_bytes > HEADERS_MAX_BYTES)
        return too_large(x, "the headers", HEADERS_MAX_BYTES);
    header_take(x->response, line, len);
    if (x->response->status == 401)
        body_was_refused(&x->body);
    if (g_str_has_prefix(line, "HTTP/"))
        x->answered_us = timestamp_monotonic();
    return len;
}

static size_t take_body(char *bytes, size_t size, size_t n, void *data)
{
    struct exchange *x = data;
    const struct net_request *request = x->request;
    size_t len = size * n;

    x->response->bytes_down += len;
    if (x->response->bytes_down > x->answer_max)
        return too_large(x, "the body", x->answer_max);
    if (request->sink == NULL)
        return len;
    if (request->sink(request->sink_data, bytes, len, &x->why) == 0)
        return len;
    x->failed = true;
    return 0;
}

static int watch(void *data, curl_off_t down_total, curl_off_t down,
                 curl_off_t up_total, curl_off_t up)
{
    struct exchange *x = data;

    (void)down_total;
    (void)down;
    (void)up_total;
    if (x->sent_us == 0 && x->body.handed == x->body.size &&
        (uint64_t)up == x->body.size)
        x->sent_us = timestamp_monotonic();
    return cancel_level(x->request->cancel) >= CANCEL_NOW;
}

static int take_trace(CURL *easy, curl_infotype type, char *bytes, size_t n,
                      void *data)
{
    static const enum trace_kind kinds[CURLINFO_END] = {
        [CURLINFO_HEADER_OUT] = TRACE_HEADER_OUT,
        [CURLINFO_DATA_OUT] = TRACE_BODY_OUT,
        [CURLINFO_HEADER_IN] = TRACE_HEADER_IN,
        [CURLINFO_DATA_IN] = TRACE_BODY_IN,
    };
    struct exchange *x = data;

    (void)easy;
    if (kinds[type] != TRACE_NOTHING)
        trace_add(x->trace, kinds[type], bytes, n);
    return 0;
}

/*
 * See guard.h.  With a proxy the socket is to that, which is the operator's
 * unless it was said to be guarded, too.
 */
static curl_socket_t open_socket(void *data, curlsocktype purpose,
                                 struct curl_sockaddr *to)
{
    struct exchange *x = data;
    struct inet_address a = { { 0 } };
    const struct guard *guard = &x->conn->net->guard;

    (void)purpose;
    if ((x->proxy == NULL || guard->proxies) &&
        (!inet_address_of(&to->addr, &a) || !guard_allows(guard, &a))) {
        guard_refuse(x->proxy == NULL ? x->url.host : x->proxy->url, &a,
                     &x->refusal);
        x->refused = true;
        return CURL_SOCKET_BAD;
    }
    return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

static void set_callbacks(struct exchange *x)
{
    CURL *easy = x->easy;

    curl_easy_setopt(easy, CURLOPT_READFUNCTION, give_body);
    curl_easy_setopt(easy, CURLOPT_READDATA, x);
    curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, rewind_body);
    curl_easy_setopt(easy, CURLOPT_SEEKDATA, x);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, x);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, x);
    curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, watch);
    curl_easy_setopt(easy, CURLOPT_XFERINFODATA, x);
    if (x->conn->net->guard.on) {
        curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
        curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, x);
    }
    if (x->trace == NULL)
        return;
    curl_easy_setopt(easy, CURLOPT_VERBOSE, 1L);
    curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, take_trace);
    curl_easy_setopt(easy, CURLOPT_DEBUGDATA, x);
}

/* ---- one attempt, and perhaps another -------------------------------- */

static int explain(struct exchange *x, CURLcode code, struct err *err)
{
    g_autofree char *server =
        x->url.port == (x->url.https ? 443 : 80)
            ? g_strdup(x->url.host)
            : g_strdup_printf("%s:%u", x->url.host, x->url.port);
    const struct fail f = {
        .code = code,
        .easy = x->easy,
        .server = server,
        .proxy = x->proxy,
        .detail = x->detail,
        .untrusted_remedy = x->conn->net->untrusted_remedy,
    };

    if (x->failed) {
        *err = x->why;
        return -1;
    }
    if (x->refused && code == CURLE_COULDNT_CONNECT) {
        *err = x->refusal;
        return -1;
    }
    return fail_set(&f, err);
}

/* The wait for the server: from the request's last byte to the first one. */
static int64_t latency(const struct exchange *x)
{
    curl_off_t sent = 0, answered = 0;

    if (x->sent_us != 0 && x->answered_us >= x->sent_us)
        return x->answered_us - x->sent_us;
    curl_easy_getinfo(x->easy, CURLINFO_PRETRANSFER_TIME_T, &sent);
    curl_easy_getinfo(x->easy, CURLINFO_STARTTRANSFER_TIME_T, &answered);
    return MAX(answered - sent, 0);
}

static int attempt(struct exchange *x, uint32_t left_ms, struct err *err)
{
    struct net_response *r = x->response;
    CURLcode code;

    body_init(&x->body, x->request->parts, x->request->n_parts);
    x->sent_us = x->answered_us = 0;
    x->header_bytes = 0;
    x->detail[0] = '\0';
    r->status = 0;
    x->easy = net_conn_handle(x->conn);
    exchange_prepare(x, MAX(left_ms, 1)); /* 0 would be for ever */
    set_callbacks(x);
    code = curl_easy_perform(x->easy);
    r->body_sent = r->body_sent || body_is_out(&x->body);
    r->bytes_up = x->body.handed;
    if (code == CURLE_OK) {
        r->latency_us = latency(x);
        return 0;
    }
    /* A 401 of a handshake that went on is not the answer. */
    if (r->status == 401 && r->bytes_down == 0)
        r->status = 0;
    return explain(x, code, err);
}

static uint32_t time_left_ms(const struct exchange *x)
{
    uint32_t deadline_ms =
        x->request->deadline_ms != 0 ? x->request->deadline_ms : DEADLINE_MS;
    int64_t gone_ms = (timestamp_monotonic() - x->started_us) / 1000;
    uint32_t max_ms = x->conn->net->exchange_max_ms;

    if (max_ms != 0)
        deadline_ms = MIN(deadline_ms, max_ms);
    return gone_ms < deadline_ms ? (uint32_t)(deadline_ms - gone_ms) : 0;
}

/*
 * The server is not vouched for by a certificate in the directory: look into
 * the bundle too, where an administrator may have put one.  Nothing of the
 * request has left.
 */
static bool may_look_further(struct exchange *x, const struct err *err)
{
    if (g_strcmp0(err->name, "tls-untrusted") != 0 ||
        x->conn->net->ca_dir == NULL || x->conn->needs_bundle)
        return false;
    x->conn->needs_bundle = true;
    return true;
}

/* The sink cannot take an answer's beginning back. */
static bool may_repeat(const struct exchange *x, const struct err *err)
{
    return x->request->repeatable && !x->failed &&
           g_strcmp0(err->name, "connection-lost") == 0 &&
           x->response->bytes_down == 0 && time_left_ms(x) > 0 &&
           cancel_level(x->request->cancel) < CANCEL_NOW;
}

static int run(struct exchange *x, struct err *err)
{
    struct err why;

    if (cancel_level(x->request->cancel) >= CANCEL_NOW) {
        x->easy = NULL;
        return fail_set(&(struct fail){ .code = CURLE_ABORTED_BY_CALLBACK,
                                        .server = x->url.host,
                                        .detail = "before it began" },
                        err);
    }
    if (attempt(x, time_left_ms(x), &why) == 0)
        return 0;
    if (may_look_further(x, &why) && attempt(x, time_left_ms(x), &why) == 0)
        return 0;
    if (may_repeat(x, &why) && attempt(x, time_left_ms(x), &why) == 0)
        return 0;
    *err = why;
    return -1;
}

static void end_trace(struct exchange *x, int rc, const struct err *err)
{
    g_autofree char *how = NULL;

    if (rc == 0)
        how =
            g_strdup_printf("status %ld, %" G_GINT64_FORMAT " ms",
                            x->response->status, x->response->total_us / 1000);
    trace_end(x->trace, how != NULL ? how : err->msg);
}

int net_perform(struct net_conn *conn, const struct net_request *request,
                struct net_response *ret, struct err *err)
{
    struct exchange x = {
        .conn = conn,
        .request = request,
        .response = ret,
        .answer_max = request->answer_max_bytes != 0 ? request->answer_max_bytes
                                                     : ANSWER_MAX_BYTES,
        .started_us = timestamp_monotonic(),
    };
    int rc = -1;

    *ret = (struct net_response){ 0 };
    if (exchange_check(&x, err) == 0) {
        if (conn->net->trace != NULL)
            x.trace = trace_begin(conn->net->trace, &conn->auth);
        if (x.trace != NULL && x.proxy != NULL)
            trace_hide(x.trace, x.proxy->password);
        if (x.trace != NULL && request->confidential)
            trace_hide_bodies(x.trace);
        rc = run(&x, err);
        ret->total_us = timestamp_monotonic() - x.started_us;
        if (x.trace != NULL)
            end_trace(&x, rc, err);
    }
    curl_slist_free_all(x.headers);
    net_url_clear(&x.url);
    return rc;
}

void net_response_clear(struct net_response *r)
{
    g_free(r->content_type);
    g_free(r->location);
    g_free(r->server_owa_version);
    *r = (struct net_response){ 0 };
}
