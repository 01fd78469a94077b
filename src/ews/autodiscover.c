#include "ews/autodiscover.h"

#include <string.h>

#include "ews/reply.h"
#include "ews/scheme.h"
#include "xml/writer.h"

#define REQUEST_NS                                                             \
    "http://schemas.microsoft.com/exchange/autodiscover/outlook/"              \
    "requestschema/2006"
#define RESPONSE_NS                                                            \
    "http://schemas.microsoft.com/exchange/autodiscover/outlook/"              \
    "responseschema/2006a"

#define DEADLINE_MS 60000u
/* The largest seen, with public folders and many mailboxes, has 20 KiB. */
#define ANSWER_MAX_BYTES ((uint64_t)1 << 20)

void autodiscover_answer_clear(struct autodiscover_answer *a)
{
    g_clear_pointer(&a->ews_url, g_free);
    g_clear_pointer(&a->redirect_url, g_free);
    g_clear_pointer(&a->redirect_address, g_free);
    g_clear_pointer(&a->legacy_dn, g_free);
}

int autodiscover_no_ews(struct err *err, const char *why)
{
    err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0, "Autodiscover: %s", why);
    err->name = "NoEws";
    return -1;
}

int autodiscover_none(struct err *err, const char *url, long status)
{
    err_set(err, ERR_RUN, ERR_RETRY_NEVER, (int)status,
            "no Autodiscover at \"%s\" (HTTP status %ld)", url, status);
    err->name = "NoAutodiscover";
    return -1;
}

/* ---- the answer ------------------------------------------------------- */

/* The text of a child that is a URL; NULL when it is missing or empty. */
static const char *url_of(const struct xml_node *protocol, const char *name)
{
    const char *text = xml_child_text(protocol, name);

    return text != NULL && text[0] != '\0' ? text : NULL;
}

static const char *ews_of(const struct xml_node *protocol)
{
    const char *url = url_of(protocol, "EwsUrl");

    /* Exchange 2007 has it as the availability service's only. */
    return url != NULL ? url : url_of(protocol, "ASUrl");
}

/* EXPR is what holds outside of the organisation's own network. */
static const char *find_ews(const struct xml_node *account)
{
    static const char *const types[] = { "EXPR", "EXCH" };

    for (size_t i = 0; i < G_N_ELEMENTS(types); i++) {
        const struct xml_node *p = xml_child(account, "Protocol");

        for (; p != NULL; p = xml_next_named(p, "Protocol")) {
            if (strcmp(xml_text(xml_child(p, "Type")), types[i]) == 0 &&
                ews_of(p) != NULL)
                return ews_of(p);
        }
    }
    return NULL;
}

static int read_account(const struct xml_node *account,
                        struct autodiscover_answer *ret, struct err *err)
{
    const char *url = url_of(account, "RedirectUrl");
    const char *address = url_of(account, "RedirectAddr");
    const char *ews = find_ews(account);

    if (url != NULL)
        ret->redirect_url = g_strdup(url);
    else if (address != NULL)
        ret->redirect_address = g_strdup(address);
    else if (ews != NULL)
        ret->ews_url = g_strdup(ews);
    else
        return autodiscover_no_ews(err, "the answer names no EWS");
    return 0;
}

/* [MS-OXDSCLI] 2.2.4.1.1.1: 601, the server does not know the schema. */
static int read_error(const struct xml_node *error, struct err *err)
{
    const char *code = xml_text(xml_child(error, "ErrorCode"));
    g_autofree char *why =
        g_strdup_printf("the server says \"%s\" (error %s)",
                        xml_text(xml_child(error, "Message")), code);

    autodiscover_no_ews(err, why);
    if (strcmp(code, "601") == 0)
        err->name = "NoAutodiscover";
    return -1;
}

/* It belongs to who was asked about: not to who a redirect leads to. */
static void take_legacy_dn(const struct xml_node *response,
                           struct autodiscover_answer *ret)
{
    const char *dn = xml_child_text(xml_child(response, "User"), "LegacyDN");

    if (ret->ews_url != NULL && dn != NULL && dn[0] == '/')
        ret->legacy_dn = g_strdup(dn);
}

int autodiscover_read(const struct xml_doc *doc,
                      struct autodiscover_answer *ret, struct err *err)
{
    const struct xml_node *response = xml_child(xml_root(doc), "Response");
    const struct xml_node *account = xml_child(response, "Account");
    const struct xml_node *error = xml_child(response, "Error");
    struct autodiscover_answer answer = { 0 };

    if (!xml_is(xml_root(doc), "Autodiscover"))
        return autodiscover_no_ews(err, "what came is not its answer");
    if (error != NULL)
        return read_error(error, err);
    if (read_account(account, &answer, err) < 0)
        return -1;
    take_legacy_dn(response, &answer);
    *ret = answer;
    return 0;
}

/* ---- the exchange ------------------------------------------------------ */

static struct xml_writer *write_question(const char *address)
{
    struct xml_writer *w = xml_writer_new();

    xml_open(w, "Autodiscover");
    xml_attribute(w, "xmlns", REQUEST_NS);
    xml_open(w, "Request");
    xml_element(w, "EMailAddress", address);
    xml_element(w, "AcceptableResponseSchema", RESPONSE_NS);
    xml_close(w);
    xml_close(w);
    return w;
}

static void post(const struct ews_transport *t, void *conn,
                 const struct autodiscover_question *q, struct xml_writer *w,
                 struct reply *ret)
{
    static const char *const headers[] = {
        "Content-Type: text/xml; charset=utf-8", NULL
    };
    size_t n_parts;
    const struct xml_part *parts = xml_writer_parts(w, &n_parts);
    const struct net_part part = { .text = parts[0].text, .len = parts[0].len };
    const struct net_request request = {
        .method = "POST",
        .url = q->url,
        .headers = headers,
        .parts = &part,
        .n_parts = 1,
        .deadline_ms = DEADLINE_MS,
        .answer_max_bytes = ANSWER_MAX_BYTES,
        .repeatable = true,
        .cancel = q->cancel,
    };

    g_assert(n_parts == 1);
    reply_get(t, conn, &request, NULL, ret);
}

static int refused(const struct autodiscover_question *q, struct err *err)
{
    if (q->token != NULL) {
        err_set(err, ERR_RUN, ERR_RETRY_REAUTH, 401,
                "application \"%s\": Autodiscover refuses its token",
                q->login->user);
        err->name = "Unauthorized";
        return -1;
    }
    err_set(err, ERR_RUN, ERR_RETRY_REAUTH, 401,
            "account \"%s\": Autodiscover refuses the user name or the "
            "password",
            q->login->user);
    err->name = "Unauthorized";
    return err_remedy(err, "check both by signing in to OWA with them");
}

/* 1: it leads elsewhere, and where is in *ret. */
static int led_elsewhere(const struct net_response *r,
                         struct autodiscover_answer *ret)
{
    if (r->status < 300 || r->status >= 400 || r->location == NULL)
        return 0;
    ret->redirect_url = g_strdup(r->location);
    return 1;
}

/*
 * How to sign in there, asked once where that is kept.  1: it leads elsewhere;
 * nobody signs in.
 */
static int choose_scheme(const struct ews_transport *t,
                         const struct autodiscover_question *q,
                         enum net_scheme *ret,
                         struct autodiscover_answer *ret_answer,
                         struct err *err)
{
    g_auto(net_response) r = { 0 };

    if (q->scheme != NULL && *q->scheme != NET_AUTH_NONE) {
        *ret = *q->scheme;
        return 0;
    }
    if (scheme_probe(t, q->url, q->cancel, &r, err) < 0)
        return -1;
    if (led_elsewhere(&r, ret_answer))
        return 1;
    if (r.status != 401)
        return autodiscover_none(err, q->url, r.status);
    if (scheme_choose(r.offered, ret, err) < 0)
        return -1;
    if (q->scheme != NULL)
        *q->scheme = *ret;
    return 0;
}

static int judge(const struct reply *r, const struct autodiscover_question *q,
                 struct autodiscover_answer *ret_answer, struct err *err)
{
    long status = r->response.status;

    if (r->status < 0) {
        *err = r->why;
        return -1;
    }
    if (status == 401)
        return refused(q, err);
    if (led_elsewhere(&r->response, ret_answer))
        return 1;
    if (status != 200 || r->doc == NULL)
        return autodiscover_none(err, q->url, status);
    return 0;
}

int autodiscover_post(const struct ews_transport *t,
                      const struct autodiscover_question *question,
                      struct xml_writer *w, struct reply *ret,
                      struct autodiscover_answer *ret_answer, struct err *err)
{
    struct net_auth auth = { .user = question->login->user,
                             .password = question->login->password };
    void *conn;
    int rc = 0;

    if (question->token != NULL)
        auth = (struct net_auth){ NET_AUTH_BEARER, question->login->user,
                                  question->token };
    else
        rc = choose_scheme(t, question, &auth.scheme, ret_answer, err);
    if (rc != 0)
        return rc;
    conn = t->ops->connect(t, &auth);
    post(t, conn, question, w, ret);
    t->ops->disconnect(conn);
    return judge(ret, question, ret_answer, err);
}

int autodiscover_ask(const struct ews_transport *t,
                     const struct autodiscover_question *question,
                     struct autodiscover_answer *ret, struct err *err)
{
    g_autoptr(xml_writer) w = write_question(question->address);
    g_auto(reply) r = { 0 };
    int rc = autodiscover_post(t, question, w, &r, ret, err);

    if (rc != 0)
        return MIN(rc, 0);
    return autodiscover_read(r.doc, ret, err);
}
