/*
 * autodiscover_json - "Autodiscover V2" of Exchange 2016 and later: one GET,
 * which takes no credential and tells where a protocol is.
 */
#include <jansson.h>

#include "ews/autodiscover.h"

#define DEADLINE_MS      30000u
#define ANSWER_MAX_BYTES ((uint64_t)64 << 10)

static int take(void *data, const char *bytes, size_t n, struct err *err)
{
    GString *text = data; /* bounded by ANSWER_MAX_BYTES */

    (void)err;
    g_string_append_len(text, bytes, (gssize)n);
    return 0;
}

static int get(const struct ews_transport *t,
               const struct autodiscover_question *q, GString *text,
               struct net_response *ret, struct err *err)
{
    g_autofree char *who = g_uri_escape_string(q->address, "@", FALSE);
    g_autofree char *url =
        g_strdup_printf("%s/v1.0/%s?Protocol=Ews", q->url, who);
    static const char *const headers[] = { "Accept: application/json", NULL };
    const struct net_request request = {
        .method = "GET",
        .url = url,
        .headers = headers,
        .deadline_ms = DEADLINE_MS,
        .answer_max_bytes = ANSWER_MAX_BYTES,
        .repeatable = true,
        .sink = take,
        .sink_data = text,
        .cancel = q->cancel,
    };
    void *conn = t->ops->connect(t, NULL);
    int rc = t->ops->perform(conn, &request, ret, err);

    t->ops->disconnect(conn);
    return rc;
}

static int said_no(const json_t *answer, struct err *err)
{
    const char *code = json_string_value(json_object_get(answer, "ErrorCode"));
    const char *text =
        json_string_value(json_object_get(answer, "ErrorMessage"));
    g_autofree char *why = NULL;

    if (code == NULL)
        return autodiscover_no_ews(err, "the answer names no EWS");
    why = g_strdup_printf("the server says \"%s\" (%s)",
                          text != NULL ? text : "", code);
    return autodiscover_no_ews(err, why);
}

int autodiscover_read_json(const char *text, size_t len,
                           struct autodiscover_answer *ret, struct err *err)
{
    json_t *answer = json_loadb(text, len, 0, NULL);
    const char *url = json_string_value(json_object_get(answer, "Url"));
    int rc = 0;

    if (!json_is_object(answer))
        rc = autodiscover_no_ews(err, "what came is not its answer");
    else if (url == NULL || url[0] == '\0')
        rc = said_no(answer, err);
    else
        ret->ews_url = g_strdup(url);
    json_decref(answer);
    return rc;
}

int autodiscover_ask_json(const struct ews_transport *t,
                          const struct autodiscover_question *question,
                          struct autodiscover_answer *ret, struct err *err)
{
    GString *text = g_string_new(NULL);
    g_auto(net_response) r = { 0 };
    int rc = get(t, question, text, &r, err);

    if (rc == 0 && r.status >= 300 && r.status < 400 && r.location != NULL)
        ret->redirect_url = g_strdup(r.location);
    else if (rc == 0 && r.status == 200)
        rc = autodiscover_read_json(text->str, text->len, ret, err);
    else if (rc == 0)
        rc = autodiscover_none(err, question->url, r.status);
    g_string_free(text, TRUE);
    return rc;
}
