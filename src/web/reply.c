#include "web/reply.h"

#include <string.h>

/* A body that this small buffer of names would be too long for has no name. */
static const struct {
    unsigned status;
    const char *title;
} titles[] = {
    { 400, "Bad Request" },
    { 401, "Unauthorized" },
    { 403, "Forbidden" },
    { 404, "Not Found" },
    { 405, "Method Not Allowed" },
    { 409, "Conflict" },
    { 410, "Gone" },
    { 412, "Precondition Failed" },
    { 413, "Content Too Large" },
    { 415, "Unsupported Media Type" },
    { 421, "Misdirected Request" },
    { 422, "Unprocessable Content" },
    { 429, "Too Many Requests" },
    { 500, "Internal Server Error" },
    { 503, "Service Unavailable" },
};

void web_reply_init(struct web_reply *r)
{
    *r = (struct web_reply){
        .status = 500,
        .body = g_string_new(NULL),
        .headers = g_ptr_array_new_with_free_func(g_free),
    };
}

void web_reply_release(struct web_reply *r)
{
    g_string_free(r->body, TRUE);
    blob_free(r->blob);
    g_ptr_array_unref(r->headers);
}

static int append(const char *text, size_t n, void *data)
{
    g_string_append_len(data, text, (gssize)n);
    return 0;
}

static void put_json(struct web_reply *r, unsigned status, const char *type,
                     json_t *json)
{
    r->status = status;
    r->type = type;
    g_string_truncate(r->body, 0);
    if (json == NULL)
        json = json_object();
    if (json_dump_callback(json, append, r->body,
                           JSON_COMPACT | JSON_PRESERVE_ORDER) < 0)
        g_error("an answer that is no JSON");
    g_string_append_c(r->body, '\n');
    json_decref(json);
}

void web_reply_json(struct web_reply *r, unsigned status, json_t *json)
{
    put_json(r, status, "application/json", json);
}

void web_reply_text(struct web_reply *r, unsigned status, const char *type,
                    const char *text)
{
    r->status = status;
    r->type = type;
    g_string_assign(r->body, text);
}

void web_reply_bytes(struct web_reply *r, unsigned status, const char *type,
                     GBytes *bytes)
{
    gsize n;
    const char *data = g_bytes_get_data(bytes, &n);

    r->status = status;
    r->type = type;
    g_string_truncate(r->body, 0);
    g_string_append_len(r->body, data, (gssize)n);
}

void web_reply_blob(struct web_reply *r, const char *type, struct blob *b)
{
    web_reply_empty(r, 200);
    r->type = type;
    r->blob = b;
}

void web_reply_empty(struct web_reply *r, unsigned status)
{
    r->status = status;
    r->type = NULL;
    g_string_truncate(r->body, 0);
}

void web_reply_header(struct web_reply *r, const char *name, const char *fmt,
                      ...)
{
    GString *line = g_string_new(name);
    va_list ap;

    g_string_append(line, ": ");
    va_start(ap, fmt);
    g_string_append_vprintf(line, fmt, ap);
    va_end(ap);
    for (char *p = line->str; *p != '\0'; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            *p = ' ';
    g_ptr_array_add(r->headers, g_string_free(line, FALSE));
}

static const char *title_of(unsigned status)
{
    for (size_t i = 0; i < G_N_ELEMENTS(titles); i++)
        if (titles[i].status == status)
            return titles[i].title;
    return "Error";
}

/* Takes over detail and more, which belongs under that name (NULL: none). */
static void put_problem(struct web_reply *r, unsigned status, const char *slug,
                        const char *name, json_t *more, char *detail)
{
    g_autofree char *type = g_strconcat("urn:mailferry:problem:", slug, NULL);
    g_autofree char *clean = g_utf8_make_valid(detail, -1);
    json_t *json =
        json_pack("{s:s, s:s, s:i, s:s}", "type", type, "title",
                  title_of(status), "status", (int)status, "detail", clean);

    if (name != NULL)
        json_object_set_new(json, name, more);
    put_json(r, status, WEB_PROBLEM_TYPE, json);
    g_free(detail);
}

void web_problem(struct web_reply *r, unsigned status, const char *slug,
                 const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    put_problem(r, status, slug, NULL, NULL, g_strdup_vprintf(fmt, ap));
    va_end(ap);
}

void web_problem_field(struct web_reply *r, const char *field, const char *fmt,
                       ...)
{
    va_list ap;

    va_start(ap, fmt);
    put_problem(r, 422, "invalid", "field", json_string(field),
                g_strdup_vprintf(fmt, ap));
    va_end(ap);
}

void web_problem_with(struct web_reply *r, const char *slug, const char *name,
                      json_t *more, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    put_problem(r, 422, slug, name, more, g_strdup_vprintf(fmt, ap));
    va_end(ap);
}

void web_problem_remedy(struct web_reply *r, unsigned status, const char *slug,
                        const char *remedy, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    put_problem(r, status, slug, remedy != NULL ? "remedy" : NULL,
                json_string(remedy), g_strdup_vprintf(fmt, ap));
    va_end(ap);
}

void web_problem_err(struct web_reply *r, const struct err *err)
{
    static const struct {
        const char *name;
        unsigned status;
    } known[] = {
        { "not-found", 404 },   { "taken", 409 },      { "wrong-state", 409 },
        { "missing", 422 },     { "too-long", 422 },   { "invalid", 422 },
        { "in-use", 409 },      { "busy", 409 },       { "changed", 412 },
        { "bad-option", 422 },  { "bad-url", 422 },    { "bad-pass", 422 },
        { "bad-access", 422 },  { "key-reused", 422 }, { "key-in-use", 409 },
        { "may-not-ask", 422 }, { "no-room", 409 },
    };

    for (size_t i = 0; err->name != NULL && i < G_N_ELEMENTS(known); i++) {
        if (strcmp(known[i].name, err->name) == 0) {
            web_problem_remedy(r, known[i].status, err->name, err->remedy, "%s",
                               err->msg);
            if (strcmp(err->name, "key-in-use") == 0)
                web_reply_header(r, "Retry-After", "1");
            return;
        }
    }
    if (err->retry == ERR_RETRY_NEVER)
        web_problem(r, 500, "internal",
                    "this could not be done; the log of "
                    "the service says why");
    else {
        web_problem(r, 503, "unavailable", "not now; try again later");
        web_reply_header(r, "Retry-After", "%u", MAX(err->wait_ms / 1000, 1));
    }
}
