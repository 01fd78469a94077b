#include "lab/autodiscover.h"

#include <jansson.h>

#include "lab/pages.h"

#define BASE "/autodiscover/autodiscover.json"

static void answer_json(struct http_answer *answer, unsigned int status,
                        json_t *body)
{
    char *text = json_dumps(body, JSON_COMPACT);

    answer->status = status;
    answer->content_type = "application/json; charset=utf-8";
    g_string_assign(answer->body, text);
    free(text);
    json_decref(body);
}

static void refuse(struct http_answer *answer, unsigned int status,
                   const char *code, const char *text)
{
    answer_json(
        answer, status,
        json_pack("{s:s, s:s}", "ErrorCode", code, "ErrorMessage", text));
}

/* ".../v1.0/ADDRESS", else "?Email=ADDRESS"; to be freed. */
static char *address_of(const struct http_request *request)
{
    const char *rest = request->path + strlen(BASE);
    const char *version = "/v1.0/";

    if (g_ascii_strncasecmp(rest, version, strlen(version)) == 0)
        return g_uri_unescape_string(rest + strlen(version), NULL);
    return g_strdup(http_query(request, "Email"));
}

static const struct {
    const char *protocol, *path; /* NULL: where EWS is */
} protocols[] = {
    { "Ews", NULL },
    { "EwsV1", NULL },
    { "AutodiscoverV1", "/autodiscover/autodiscover.xml" },
};

static void answer_protocol(struct lab *lab, const struct http_request *request,
                            const char *protocol, struct http_answer *answer)
{
    g_autofree char *base = pages_base_url(request);

    for (size_t i = 0; i < G_N_ELEMENTS(protocols); i++) {
        const char *path = protocols[i].path;
        g_autofree char *url =
            g_strconcat(base, path != NULL ? path : lab->ews_path, NULL);

        if (g_ascii_strcasecmp(protocols[i].protocol, protocol) != 0)
            continue;
        answer_json(answer, 200,
                    json_pack("{s:s, s:s}", "Protocol", protocols[i].protocol,
                              "Url", url));
        return;
    }
    refuse(answer, 400, "InvalidProtocol",
           "The given protocol value is invalid. Supported values are "
           "'AutodiscoverV1,Ews,EwsV1'.");
}

void autodiscover_json(struct lab *lab, const struct http_request *request,
                       struct http_answer *answer)
{
    g_autofree char *address = address_of(request);
    const char *protocol = http_query(request, "Protocol");
    g_auto(lab_mailbox) m = { 0 };
    struct err err;

    if (lab->version->release < EXCHANGE2016) {
        answer->status = 404;
        return;
    }
    if (protocol == NULL || protocol[0] == '\0')
        refuse(answer, 400, "MandatoryParameterMissing",
               "A valid value must be provided for the query parameter "
               "'Protocol'.");
    else if (address == NULL || strchr(address, '@') == NULL)
        refuse(answer, 400, "InvalidUserId",
               "The user's address is missing or is none.");
    else if (lab_store_find_mailbox(lab->store, address, &m, &err) <= 0)
        refuse(answer, 404, "UserNotFound", "The user was not found.");
    else
        answer_protocol(lab, request, protocol, answer);
}
