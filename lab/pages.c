#include "lab/pages.h"

/* As a client may write it into Host; more is no name. */
#define HOST_MAX 260

static bool is_host(const char *text)
{
    size_t n = strlen(text);

    return n > 0 && n <= HOST_MAX &&
           strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                        "0123456789.-_:[]") == n;
}

char *pages_base_url(const struct http_request *request)
{
    const char *host = http_header(request, "Host");

    return g_strdup_printf("%s://%s", request->over_tls ? "https" : "http",
                           host != NULL && is_host(host) ? host : "localhost");
}

static void redirect(const struct http_request *request, const char *path,
                     struct http_answer *answer)
{
    g_autofree char *base = pages_base_url(request);

    answer->status = 302;
    answer->content_type = "text/html; charset=utf-8";
    http_answer_header(answer, "Location", "%s%s", base, path);
    g_string_append_printf(answer->body,
                           "<html><head><title>Object moved</title></head>"
                           "<body>\r\n<h2>Object moved to <a href=\"%s%s\">"
                           "here</a>.</h2>\r\n</body></html>\r\n",
                           base, path);
}

/* Exchange 2007 and 2010 leave the root to IIS; 2013 leads on. */
void pages_root(struct lab *lab, const struct http_request *request,
                struct http_answer *answer)
{
    if (strcmp(request->path, "/") != 0 ||
        lab->version->release >= EXCHANGE2013) {
        redirect(request, "/owa/", answer);
        return;
    }
    answer->content_type = "text/html";
    g_string_assign(answer->body,
                    "<!DOCTYPE html><html><head><title>IIS7</title></head>"
                    "<body></body></html>\r\n");
}

/* "https%3a%2f%2fhost%2fowa%2f", in lower case as .NET escapes. */
static char *escape_url(const char *url)
{
    GString *out = g_string_new(NULL);

    for (; *url != '\0'; url++)
        if (g_ascii_isalnum(*url) || strchr(".-_", *url) != NULL)
            g_string_append_c(out, *url);
        else
            g_string_append_printf(out, "%%%02x", (unsigned char)*url);
    return g_string_free(out, FALSE);
}

static void to_logon(const struct http_request *request, int reason,
                     struct http_answer *answer)
{
    g_autofree char *base = pages_base_url(request);
    g_autofree char *home = g_strconcat(base, "/owa/", NULL);
    g_autofree char *url = escape_url(home);
    g_autofree char *path =
        g_strdup_printf("/owa/auth/logon.aspx?url=%s&reason=%d", url, reason);

    redirect(request, path, answer);
}

void pages_owa(struct lab *lab, const struct http_request *request,
               struct http_answer *answer)
{
    (void)lab;
    if (g_ascii_strcasecmp(request->path, "/owa") == 0)
        redirect(request, "/owa/", answer);
    else
        to_logon(request, 0, answer);
}

void pages_form(struct lab *lab, const struct http_request *request,
                struct http_answer *answer)
{
    (void)lab;
    to_logon(request, 2, answer);
}

void pages_logon(struct lab *lab, const struct http_request *request,
                 struct http_answer *answer)
{
    const struct version *v = lab->version;

    (void)request;
    http_answer_header(answer, "X-OWA-Version", "%u.%u.%u.%u", v->major,
                       v->minor, v->build, v->revision);
    http_answer_header(answer, "Cache-Control", "no-cache, no-store");
    answer->content_type = "text/html; charset=utf-8";
    g_string_append_printf(
        answer->body,
        "<!DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML 4.01 Transitional//EN\">\r\n"
        "<html><head><title>%s</title></head>\r\n"
        "<body class=\"owaLgnBdy\">\r\n"
        "<form action=\"/owa/auth.owa\" method=\"POST\" name=\"logonForm\">\r\n"
        "<input type=\"hidden\" name=\"destination\" value=\"\">\r\n"
        "<input type=\"text\" id=\"username\" name=\"username\">\r\n"
        "<input type=\"password\" id=\"password\" name=\"password\">\r\n"
        "<input type=\"submit\" value=\"Sign in\">\r\n"
        "</form></body></html>\r\n",
        v->release >= EXCHANGE2013 ? "Outlook" : "Outlook Web App");
}
