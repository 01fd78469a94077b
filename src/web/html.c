#include "web/html.h"

#include <string.h>

#include <jansson.h>

void html_add(GString *h, const char *fmt, ...)
{
    g_autofree char *text = NULL;
    va_list ap;

    va_start(ap, fmt);
    text = g_markup_vprintf_escaped(fmt, ap);
    va_end(ap);
    g_string_append(h, text);
}

void html_reply(struct web_reply *reply, unsigned status, const char *title,
                const GString *body)
{
    g_autoptr(GString) page = g_string_new(NULL);

    html_add(page,
             "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
             "<meta name=\"viewport\" content=\"width=device-width, "
             "initial-scale=1\"><meta name=\"robots\" content=\"noindex\">"
             "<title>%s</title>"
             "<link rel=\"stylesheet\" href=\"/assets/pages.css\"></head>\n"
             "<body><main>\n<h1>%s</h1>\n",
             title, title);
    g_string_append_len(page, body->str, (gssize)body->len);
    g_string_append(page, "</main></body></html>\n");
    web_reply_text(reply, status, "text/html; charset=utf-8", page->str);
    web_reply_header(reply, "Content-Security-Policy",
                     "default-src 'none'; style-src 'self'; frame-ancestors "
                     "'none'; base-uri 'none'; form-action 'self'");
    /* with no-referrer a browser would call the form's origin "null" */
    web_reply_header(reply, "Referrer-Policy", "same-origin");
}

/* Of what goes wrong before a page is reached; the rest says only that. */
static const struct {
    unsigned status;
    const char *title, *text;
} problems[] = {
    { 429, "Too many tries for now",
      "Nothing was done, and your link still works. Wait a little, then open "
      "it once more." },
    { 503, "We are busy at the moment",
      "Nothing was done, and your link still works. Try again in a few "
      "minutes." },
    { 413, "That is too much at once",
      "Nothing of it was kept. Go back, and send something smaller." },
    { 403, "This was not sent from our page",
      "Nothing was done. Open the link of our mail once more, and use the "
      "form that is there." },
    { 0, "This did not work",
      "Nothing was done. Open the link of our mail once more, and try again "
      "from there." },
};

static void add_sentence(GString *body, const char *text)
{
    g_autofree char *rest = NULL;

    if (text == NULL || *text == '\0')
        return;
    rest = g_strdup(text + 1);
    html_add(body, "<p class=\"soft\">%c%s.</p>\n", g_ascii_toupper(text[0]),
             rest);
}

void html_problem(struct web_reply *reply)
{
    g_autoptr(GString) body = g_string_new(NULL);
    unsigned status = reply->status;
    json_t *json;
    size_t i = 0;

    if (g_strcmp0(reply->type, WEB_PROBLEM_TYPE) != 0)
        return;
    json = json_loadb(reply->body->str, reply->body->len, 0, NULL);
    while (problems[i].status != 0 && problems[i].status != status)
        i++;
    html_add(body, "<p>%s</p>\n", problems[i].text);
    add_sentence(body, json_string_value(json_object_get(json, "detail")));
    add_sentence(body, json_string_value(json_object_get(json, "remedy")));
    html_reply(reply, status, problems[i].title, body);
    json_decref(json);
}
