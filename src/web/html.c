#include "web/html.h"

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
