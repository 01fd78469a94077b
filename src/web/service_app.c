#include <string.h>

#include "web/assets.h"
#include "web/html.h"
#include "web/service.h"

/* A year: the address of an asset changes with what it is. */
#define FOR_EVER "public, max-age=31536000, immutable"
#define APP_POLICY                                                             \
    "default-src 'none'; script-src 'self'; style-src 'self'; "                \
    "img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; "       \
    "base-uri 'none'; form-action 'none'"

/* ---- assets -------------------------------------------------------------- */

/* "br, gzip;q=0.5" (RFC 9110, 12.5.3); a weight of nothing refuses it. */
static bool takes_gzip(const struct web_request *r)
{
    const char *takes = web_header(r, "Accept-Encoding");
    g_auto(GStrv) all = g_strsplit(takes != NULL ? takes : "", ",", 16);

    for (char **one = all; *one != NULL; one++) {
        g_auto(GStrv) parts = g_strsplit(*one, ";", 2);
        const char *q =
            parts[0] != NULL && parts[1] != NULL ? strchr(parts[1], '=') : NULL;

        if (parts[0] != NULL &&
            g_ascii_strcasecmp(g_strstrip(parts[0]), "gzip") == 0)
            return q == NULL || g_ascii_strtod(q + 1, NULL) > 0;
    }
    return false;
}

void service_asset(void *service, const struct web_request *r,
                   struct web_reply *reply)
{
    const struct asset *a = asset_find(r->params.v[0].text, r->params.v[0].len);
    const char *wanted = web_query(r, "v"), *has;
    g_autofree char *tag = NULL;
    GBytes *bytes;

    (void)service;
    if (a == NULL) {
        service_not_found(reply, "asset");
        return;
    }
    tag = g_strdup_printf("\"%s\"", a->tag);
    has = web_header(r, "If-None-Match");
    bytes = a->gzip != NULL && takes_gzip(r) ? a->gzip : a->bytes;
    if (has != NULL && strcmp(has, tag) == 0)
        web_reply_empty(reply, 304);
    else
        web_reply_bytes(reply, 200, a->type, bytes);
    web_reply_header(reply, "ETag", "%s", tag);
    web_reply_header(reply, "Vary", "Accept-Encoding");
    if (reply->status == 200 && bytes == a->gzip)
        web_reply_header(reply, "Content-Encoding", "gzip");
    web_reply_header(reply, "Cache-Control", "%s",
                     g_strcmp0(wanted, a->tag) == 0 ? FOR_EVER : "no-cache");
}

/* ---- the app ------------------------------------------------------------- */

static const char *tag_of(const char *name)
{
    return asset_find(name, strlen(name))->tag;
}

static void without_app(struct web_reply *reply)
{
    g_autoptr(GString) body = g_string_new(NULL);

    html_add(body, "<p>This program was built without its pages. The API is "
                   "at <code>/api/v1</code>, and <code>mailferry --help</code> "
                   "names the commands.</p>\n"
                   "<p>To have the pages build it with npm at hand.</p>\n");
    html_reply(reply, 404, "No pages here", body);
}

/* What to show is the app's to find out by the address. */
void service_app(void *service, const struct web_request *r,
                 struct web_reply *reply)
{
    g_autoptr(GString) page = g_string_new(NULL);

    (void)service;
    (void)r;
    if (!asset_has_app()) {
        without_app(reply);
        return;
    }
    html_add(page,
             "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
             "<meta name=\"viewport\" content=\"width=device-width, "
             "initial-scale=1\"><meta name=\"robots\" content=\"noindex\">"
             "<title>Mailferry</title>"
             "<link rel=\"icon\" href=\"/assets/icon.svg?v=%s\">"
             "<link rel=\"stylesheet\" href=\"/assets/app.css?v=%s\">"
             "<script type=\"module\" src=\"/assets/app.js?v=%s\"></script>"
             "</head>\n<body><div id=\"app\"></div>"
             "<noscript>Mailferry's pages need JavaScript; the mails that you "
             "got and their links do not.</noscript></body></html>\n",
             tag_of("icon.svg"), tag_of("app.css"), tag_of("app.js"));
    web_reply_text(reply, 200, "text/html; charset=utf-8", page->str);
    web_reply_header(reply, "Content-Security-Policy", "%s", APP_POLICY);
    /* with no-referrer a browser would call the origin of a POST "null" */
    web_reply_header(reply, "Referrer-Policy", "same-origin");
}

void service_root(void *service, const struct web_request *r,
                  struct web_reply *reply)
{
    (void)service;
    (void)r;
    web_reply_empty(reply, 303);
    web_reply_header(reply, "Location", "/app");
}
