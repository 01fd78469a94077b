#include "net/fail.h"

/* How long to leave a server alone that cannot be reached. */
#define UNREACHABLE_WAIT_MS 5000

#define ADDRESS                                                                \
    "check the address, the network and the firewall between here and there"
#define OLD_TLS                                                                \
    "the server may offer only TLS 1.0 or 1.1, which this system refuses: "    \
    "have it updated, or put a newer TLS front end before it"
#define PROXY_ADDRESS                                                          \
    "check the proxy's address (--proxy, or https_proxy in the environment), " \
    "or name the server in no_proxy"
#define PROXY_SIGN_IN                                                          \
    "give its user name and password: --proxy http://USER@HOST:PORT with "     \
    "--proxy-password-file"
#define PROXY_RULES                                                            \
    "have the proxy let CONNECT to that server through, or name the server "   \
    "in no_proxy"
#define UNTRUSTED                                                              \
    "if that server is to be trusted, give the certificate of the authority "  \
    "that signed it with --ca-file"

struct row {
    const char *name;
    enum err_scope scope;
    enum err_retry retry;
    uint32_t wait_ms;
    const char *text, *remedy;
};

/* clang-format off */
static const struct row
cannot_resolve = { "cannot-resolve", ERR_MAILBOX, ERR_RETRY_WAIT,
    UNREACHABLE_WAIT_MS, "its name cannot be resolved", ADDRESS },
cannot_connect = { "cannot-connect", ERR_MAILBOX, ERR_RETRY_WAIT,
    UNREACHABLE_WAIT_MS, "it does not take the connection", ADDRESS },
tls = { "tls", ERR_MAILBOX, ERR_RETRY_WAIT,
    UNREACHABLE_WAIT_MS, "no TLS connection can be made", OLD_TLS },
untrusted = { "tls-untrusted", ERR_RUN, ERR_RETRY_NEVER, 0,
    "its certificate is not trusted", UNTRUSTED },
wrong_name = { "tls-untrusted", ERR_RUN, ERR_RETRY_NEVER, 0,
    "its certificate was made for another name",
    "use the name for which the certificate was made" },
expired = { "tls-untrusted", ERR_RUN, ERR_RETRY_NEVER, 0,
    "its certificate has expired",
    "have the certificate renewed, or check this machine's clock" },
timeout = { "timeout", ERR_MAILBOX, ERR_RETRY_WAIT, UNREACHABLE_WAIT_MS,
    "no answer in time", NULL },
lost = { "connection-lost", ERR_MAILBOX, ERR_RETRY_NOW, 0,
    "the connection was lost", NULL },
cancelled = { "cancelled", ERR_RUN, ERR_RETRY_NEVER, 0, "stopped", NULL },
other = { "other", ERR_MAILBOX, ERR_RETRY_NEVER, 0,
    "the request failed", NULL };

static const struct {
    CURLcode code;
    const struct row *row;
} rows[] = {
    { CURLE_COULDNT_RESOLVE_HOST, &cannot_resolve },
    { CURLE_COULDNT_RESOLVE_PROXY, &cannot_resolve },
    { CURLE_COULDNT_CONNECT, &cannot_connect },
    { CURLE_SSL_CONNECT_ERROR, &tls },
    { CURLE_SSL_CIPHER, &tls },
    { CURLE_PEER_FAILED_VERIFICATION, &untrusted },
    { CURLE_SSL_ISSUER_ERROR, &untrusted },
    { CURLE_SSL_CACERT_BADFILE, &untrusted },
    { CURLE_OPERATION_TIMEDOUT, &timeout },
    { CURLE_GOT_NOTHING, &lost },
    { CURLE_SEND_ERROR, &lost },
    { CURLE_RECV_ERROR, &lost },
    { CURLE_PARTIAL_FILE, &lost },
    /* libcurl wanted to send the body again, and body.c did not let it. */
    { CURLE_SEND_FAIL_REWIND, &lost },
    { CURLE_ABORTED_BY_CALLBACK, &cancelled },
};
/* clang-format on */

/* What a proxy answers to CONNECT. */
static const struct {
    long status; /* 0: any other */
    struct row row;
} connect_rows[] = {
    { 407,
      { "proxy-refused", ERR_RUN, ERR_RETRY_NEVER, 0,
        "it wants another user name or password", PROXY_SIGN_IN } },
    { 403,
      { "proxy-refused", ERR_RUN, ERR_RETRY_NEVER, 0,
        "it does not let us through", PROXY_RULES } },
    { 502,
      { "cannot-connect", ERR_MAILBOX, ERR_RETRY_WAIT, UNREACHABLE_WAIT_MS,
        "it cannot reach the server", ADDRESS } },
    { 503,
      { "cannot-connect", ERR_MAILBOX, ERR_RETRY_WAIT, UNREACHABLE_WAIT_MS,
        "it cannot reach the server", ADDRESS } },
    { 504,
      { "cannot-connect", ERR_MAILBOX, ERR_RETRY_WAIT, UNREACHABLE_WAIT_MS,
        "it cannot reach the server", ADDRESS } },
    { 0,
      { "proxy-refused", ERR_RUN, ERR_RETRY_NEVER, 0,
        "it does not let us through", PROXY_RULES } },
};

/* Where no word came from the other side of the proxy. */
static const struct row
    proxy_unknown = { "cannot-resolve",
                      ERR_MAILBOX,
                      ERR_RETRY_WAIT,
                      UNREACHABLE_WAIT_MS,
                      "its name cannot be resolved",
                      PROXY_ADDRESS },
    proxy_away = { "cannot-connect",
                   ERR_MAILBOX,
                   ERR_RETRY_WAIT,
                   UNREACHABLE_WAIT_MS,
                   "it does not take the connection",
                   PROXY_ADDRESS },
    proxy_silent = { "timeout",           ERR_MAILBOX,         ERR_RETRY_WAIT,
                     UNREACHABLE_WAIT_MS, "no answer in time", PROXY_ADDRESS },
    proxy_tls = { "tls",
                  ERR_MAILBOX,
                  ERR_RETRY_WAIT,
                  UNREACHABLE_WAIT_MS,
                  "no TLS connection can be made",
                  PROXY_ADDRESS },
    proxy_untrusted = { "tls-untrusted",
                        ERR_RUN,
                        ERR_RETRY_NEVER,
                        0,
                        "its certificate is not trusted",
                        UNTRUSTED },
    proxy_odd = { "proxy-refused",          ERR_MAILBOX,
                  ERR_RETRY_WAIT,           UNREACHABLE_WAIT_MS,
                  "it does not connect us", PROXY_ADDRESS };

static const struct {
    CURLcode code;
    const struct row *row;
} proxy_rows[] = {
    { CURLE_COULDNT_RESOLVE_PROXY, &proxy_unknown },
    { CURLE_COULDNT_CONNECT, &proxy_away },
    { CURLE_OPERATION_TIMEDOUT, &proxy_silent },
    { CURLE_SSL_CONNECT_ERROR, &proxy_tls },
    { CURLE_PEER_FAILED_VERIFICATION, &proxy_untrusted },
    { CURLE_PROXY, &proxy_odd },
    { CURLE_RECV_ERROR, &proxy_odd },
    { CURLE_SEND_ERROR, &proxy_odd },
    { CURLE_GOT_NOTHING, &proxy_odd },
};

/* What a SOCKS proxy says, by the CONNECT status that says the same. */
static const struct {
    CURLproxycode code;
    long status;
} socks_rows[] = {
    { CURLPX_NO_AUTH, 407 },
    { CURLPX_USER_REJECTED, 407 },
    { CURLPX_REPLY_NOT_ALLOWED, 403 },
    { CURLPX_REPLY_NETWORK_UNREACHABLE, 502 },
    { CURLPX_REPLY_HOST_UNREACHABLE, 502 },
    { CURLPX_REPLY_CONNECTION_REFUSED, 502 },
    { CURLPX_REPLY_TTL_EXPIRED, 504 },
};

static long info_long(CURL *easy, CURLINFO info)
{
    long value = 0;

    return curl_easy_getinfo(easy, info, &value) == CURLE_OK ? value : 0;
}

static bool reached(CURL *easy, CURLINFO info)
{
    curl_off_t us = 0;

    return curl_easy_getinfo(easy, info, &us) == CURLE_OK && us > 0;
}

/* One code for three stories, which need three remedies. */
static const struct row *why_untrusted(CURL *easy)
{
    /* OpenSSL's <x509_vfy.h>; "unspecified" is what libcurl begins with. */
    enum { V_OK = 0, V_UNSPECIFIED = 1, V_CERT_HAS_EXPIRED = 10 };
    long result = info_long(easy, CURLINFO_SSL_VERIFYRESULT);

    /* The chain is in order, and compared with the name after that. */
    if (result == V_OK || result == V_UNSPECIFIED)
        return &wrong_name;
    return result == V_CERT_HAS_EXPIRED ? &expired : &untrusted;
}

static const struct row *why_late(CURL *easy)
{
    if (!reached(easy, CURLINFO_NAMELOOKUP_TIME_T))
        return &cannot_resolve;
    return reached(easy, CURLINFO_CONNECT_TIME_T) ? &timeout : &cannot_connect;
}

/* Of CONNECT, or what a SOCKS proxy means by its own; 0: none came. */
static long proxy_status(const struct fail *f)
{
    long status = info_long(f->easy, CURLINFO_HTTP_CONNECTCODE);
    long socks = info_long(f->easy, CURLINFO_PROXY_ERROR);

    for (size_t i = 0; f->code == CURLE_PROXY && i < G_N_ELEMENTS(socks_rows);
         i++)
        if ((long)socks_rows[i].code == socks)
            return socks_rows[i].status;
    return status;
}

/*
 * NULL: the proxy did its part, or there is none.  It did when it answered
 * CONNECT with 2xx, and when a request has been under way on a connection
 * (a kept one has no CONNECT of its own).
 */
static const struct row *proxy_row(const struct fail *f)
{
    long status;

    if (f->proxy == NULL || f->easy == NULL ||
        reached(f->easy, CURLINFO_PRETRANSFER_TIME_T))
        return NULL;
    status = proxy_status(f);
    if (status >= 200 && status < 300)
        return NULL;
    for (size_t i = 0; status != 0 && i < G_N_ELEMENTS(connect_rows); i++) {
        if (connect_rows[i].status == status || connect_rows[i].status == 0)
            return &connect_rows[i].row;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(proxy_rows); i++) {
        if (proxy_rows[i].code == f->code)
            return proxy_rows[i].row;
    }
    return NULL;
}

static const struct row *row_of(const struct fail *f)
{
    if (f->code == CURLE_PEER_FAILED_VERIFICATION)
        return why_untrusted(f->easy);
    if (f->code == CURLE_OPERATION_TIMEDOUT)
        return why_late(f->easy);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        if (rows[i].code == f->code)
            return rows[i].row;
    }
    return &other;
}

int fail_set(const struct fail *f, struct err *err)
{
    const struct row *mine = proxy_row(f);
    const struct row *row = mine != NULL ? mine : row_of(f);
    const char *detail =
        f->detail[0] != '\0' ? f->detail : curl_easy_strerror(f->code);

    /* libcurl tells of our callback there. */
    if (f->code == CURLE_SEND_FAIL_REWIND)
        detail = "it was not sent a second time";

    if (mine != NULL)
        err_set(err, row->scope, row->retry, (int)f->code,
                "proxy \"%s\", on the way to server \"%s\": %s (%s)",
                f->proxy->url, f->server, row->text, detail);
    else
        err_set(err, row->scope, row->retry, (int)f->code,
                "server \"%s\": %s (%s)", f->server, row->text, detail);
    err->name = row->name;
    err->wait_ms = row->wait_ms;
    if ((row == &untrusted || row == &proxy_untrusted) &&
        f->untrusted_remedy != NULL)
        return err_remedy(err, f->untrusted_remedy);
    return err_remedy(err, row->remedy);
}
