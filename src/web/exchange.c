#include <string.h>

#include <sodium.h>

#include "base/timestamp.h"
#include "web/form.h"
#include "web/html.h"
#include "web/server_priv.h"

/* How much of a body that nobody wants is read, so that the answer arrives. */
#define FORGOTTEN_BYTES_MAX (UINT64_C(1) << 20)
/* A body may take so many times as long as a connection may be silent. */
#define BODY_TIMES 20
/* What is read of a blob at a time. */
#define BLOB_PIECE ((size_t)64 * 1024)

/* Of every answer. */
static const struct {
    const char *name, *value;
} always[] = {
    { "Content-Security-Policy",
      "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; "
      "form-action 'none'" },
    { "X-Content-Type-Options", "nosniff" },
    { "Cache-Control", "no-store" },
    { "Referrer-Policy", "no-referrer" },
    { "Cross-Origin-Resource-Policy", "same-origin" },
};

/* ---- what the request says ----------------------------------------------- */

static const char *look(const struct web_request *r, enum MHD_ValueKind kind,
                        const char *name)
{
    const struct exchange *x = (const struct exchange *)(const void *)r;

    return MHD_lookup_connection_value(x->mhd, kind, name);
}

static const char *header(const struct web_request *r, const char *name)
{
    return look(r, MHD_HEADER_KIND, name);
}

static const char *query(const struct web_request *r, const char *name)
{
    return look(r, MHD_GET_ARGUMENT_KIND, name);
}

static const char *cookie(const struct web_request *r, const char *name)
{
    return look(r, MHD_COOKIE_KIND, name);
}

int64_t web_param_id(const struct web_request *r, size_t i)
{
    g_autofree char *text = g_strndup(r->params.v[i].text, r->params.v[i].len);
    guint64 id;

    return g_ascii_string_to_unsigned(text, 10, 1, INT64_MAX, &id, NULL)
               ? (int64_t)id
               : 0;
}

/* ---- beginning and end --------------------------------------------------- */

static void count_exchanges(struct web_server *s, bool one_more)
{
    pthread_mutex_lock(&s->idle_lock);
    s->n_exchanges = one_more ? s->n_exchanges + 1 : s->n_exchanges - 1;
    if (s->n_exchanges == 0)
        pthread_cond_signal(&s->idle_bell);
    pthread_mutex_unlock(&s->idle_lock);
    metrics_count(s->under_way, "", one_more ? 1 : -1);
}

static struct exchange *exchange_new(struct web_server *s,
                                     struct MHD_Connection *mhd)
{
    static const struct web_lookup lookup = { header, query, cookie };
    struct exchange *x = g_new0(struct exchange, 1);
    uint8_t id[(WEB_ID_SIZE - 1) / 2];

    x->server = s;
    x->mhd = mhd;
    x->begun_us = timestamp_monotonic();
    x->body = g_string_new(NULL);
    x->request.lookup = &lookup;
    randombytes_buf(id, sizeof(id));
    sodium_bin2hex(x->request.id, sizeof(x->request.id), id, sizeof(id));
    web_reply_init(&x->reply);
    count_exchanges(s, true);
    return x;
}

/* Texts of the body as they lie in the parser's memory. */
static void wipe_json(json_t *json)
{
    const char *name;
    json_t *value;
    size_t i;

    if (json_is_string(json))
        secret_wipe((char *)(uintptr_t)json_string_value(json),
                    json_string_length(json));
    json_array_foreach(json, i, value) wipe_json(value);
    json_object_foreach(json, name, value) wipe_json(value);
}

static void exchange_free(struct exchange *x)
{
    struct web_server *s = x->server;

    /* it may have been a password */
    secret_wipe(x->body->str, x->body->allocated_len);
    g_string_free(x->body, TRUE);
    web_form_free(x->form);
    wipe_json(x->request.json);
    json_decref(x->request.json);
    secret_wipe(x->reply.body->str, x->reply.body->allocated_len);
    web_reply_release(&x->reply);
    g_free(x);
    count_exchanges(s, false);
}

/*
 * The template and not the path: that may hold what only one person should
 * know.
 */
static void tell(struct exchange *x)
{
    struct web_server *s = x->server;
    const struct web_route *route = x->request.route;
    int64_t us = timestamp_monotonic() - x->begun_us;
    struct inet_address address = x->request.address;
    g_autofree char *labels =
        g_strdup_printf("route=\"%s\",status=\"%u\"",
                        route != NULL ? route->name : "none", x->reply.status);
    char text[INET_TEXT_SIZE];

    pthread_mutex_lock(&s->limits_lock);
    if (s->limits.short_addresses)
        inet_address_shorten(&address);
    pthread_mutex_unlock(&s->limits_lock);
    inet_address_text(&address, text);
    metrics_count(s->requests, labels, 1);
    metrics_observe(s->durations, "", us);
    log_line(s->parts.log, LOG_INFO, x->request.id,
             "%s %s: %u to %s%s%s, %" G_GINT64_FORMAT " ms",
             route != NULL ? web_method_name(route->method) : "-",
             route != NULL ? route->path : "(no route)", x->reply.status, text,
             x->request.who.known ? ", " : "", x->request.who.name, us / 1000);
}

void exchange_on_completed(void *data, struct MHD_Connection *mhd, void **slot,
                           enum MHD_RequestTerminationCode why)
{
    (void)data;
    (void)mhd;
    (void)why;
    if (*slot == NULL)
        return;
    tell(*slot);
    exchange_free(*slot);
    *slot = NULL;
}

/* ---- answering ----------------------------------------------------------- */

static void free_text(void *text)
{
    g_free(text);
}

/* A handler may say otherwise. */
static bool has_header(const struct web_reply *r, const char *name)
{
    size_t n = strlen(name);

    for (guint i = 0; i < r->headers->len; i++) {
        const char *line = r->headers->pdata[i];

        if (strncmp(line, name, n) == 0 && line[n] == ':')
            return true;
    }
    return false;
}

static void add_headers(struct MHD_Response *response, const struct exchange *x)
{
    for (size_t i = 0; i < G_N_ELEMENTS(always); i++)
        if (!has_header(&x->reply, always[i].name))
            MHD_add_response_header(response, always[i].name, always[i].value);
    if (x->request.secure)
        MHD_add_response_header(response, "Strict-Transport-Security",
                                "max-age=31536000");
    MHD_add_response_header(response, "X-Request-Id", x->request.id);
    if (x->stream)
        MHD_add_response_header(response, "X-Accel-Buffering", "no");
    if (x->reply.type != NULL)
        MHD_add_response_header(response, "Content-Type", x->reply.type);
    if (x->reply.version != 0) {
        g_autofree char *tag =
            g_strdup_printf("\"v%" G_GINT64_FORMAT "\"", x->reply.version);

        MHD_add_response_header(response, "ETag", tag);
    }
    for (guint i = 0; i < x->reply.headers->len; i++) {
        char *line = x->reply.headers->pdata[i];
        char *colon = strstr(line, ": ");

        *colon = '\0';
        MHD_add_response_header(response, line, colon + 2);
    }
}

static ssize_t read_blob(void *data, uint64_t at, char *buf, size_t size)
{
    struct err ignored;
    ssize_t n = blob_read_at(data, at, buf, size, &ignored);

    /* the length was told: whoever reads sees that there is less of it */
    return n > 0 ? n : MHD_CONTENT_READER_END_WITH_ERROR;
}

static void free_blob(void *data)
{
    blob_free(data);
}

static struct MHD_Response *body_response(struct exchange *x)
{
    size_t n = x->reply.body->len;
    char *text;

    if (x->reply.blob != NULL) {
        struct blob *b = g_steal_pointer(&x->reply.blob);

        return MHD_create_response_from_callback(blob_size(b), BLOB_PIECE,
                                                 read_blob, b, free_blob);
    }
    text = g_memdup2(x->reply.body->str, n + 1);
    return MHD_create_response_from_buffer_with_free_callback_cls(
        n, text, free_text, text);
}

static enum MHD_Result send_reply(struct exchange *x)
{
    struct MHD_Response *response = NULL;
    enum MHD_Result sent;

    if (x->stream) {
        response = stream_response(x);
        if (response == NULL) {
            x->stream = false;
            web_problem(&x->reply, 503, "listeners",
                        "as many listen to the events as may");
            web_reply_header(&x->reply, "Retry-After", "10");
        }
    }
    if (x->request.route != NULL && (x->request.route->flags & WEB_PAGE) != 0)
        html_problem(&x->reply);
    if (response == NULL)
        response = body_response(x);
    add_headers(response, x);
    x->state = EXCHANGE_ANSWERED;
    sent = MHD_queue_response(x->mhd, x->reply.status, response);
    MHD_destroy_response(response);
    return sent;
}

static bool is_json(const char *type)
{
    return type != NULL &&
           g_ascii_strncasecmp(type, "application/json", 16) == 0 &&
           (type[16] == '\0' || type[16] == ';' || type[16] == ' ');
}

static int read_form(struct exchange *x)
{
    if (x->body->len == 0)
        return 0;
    x->form = web_form_read(x->mhd, x->body->str, x->body->len);
    x->request.form = x->form;
    if (x->form != NULL)
        return 0;
    web_problem(&x->reply, 400, "form",
                "the body is no form that a page of this service sends");
    return -1;
}

static int read_json(struct exchange *x)
{
    json_error_t error;

    /* a form's button sends nothing, of its own type */
    if (x->body->len == 0)
        return 0;
    if (!is_json(web_header(&x->request, "Content-Type"))) {
        web_problem(&x->reply, 415, "media-type",
                    "the body must be application/json");
        return -1;
    }
    x->request.json =
        json_loadb(x->body->str, x->body->len, JSON_REJECT_DUPLICATES, &error);
    if (x->request.json == NULL) {
        /* the parser's text quotes the body, which may hold a secret */
        web_problem(&x->reply, 400, "json", "no JSON at line %d, column %d",
                    error.line, error.column);
        return -1;
    }
    return 0;
}

void exchange_handle(void *data)
{
    struct exchange *x = data;

    x->request.route->handle(x->server->parts.service, &x->request, &x->reply);
    x->stream =
        (x->request.route->flags & WEB_STREAM) != 0 && x->reply.status == 200;
}

static int read_body(struct exchange *x)
{
    return (x->request.route->flags & WEB_FORM) != 0 ? read_form(x)
                                                     : read_json(x);
}

static enum MHD_Result handle(struct exchange *x)
{
    if (x->refused || read_body(x) < 0)
        return send_reply(x);
    if ((x->request.route->flags & WEB_SLOW) == 0) {
        exchange_handle(x);
        return send_reply(x);
    }
    x->state = EXCHANGE_WORKING;
    MHD_suspend_connection(x->mhd);
    if (workers_add(x->server->workers, x))
        return MHD_YES;
    MHD_resume_connection(x->mhd);
    web_problem(&x->reply, 503, "busy", "too much to do; try again");
    web_reply_header(&x->reply, "Retry-After", "5");
    return MHD_YES;
}

/* ---- reading ------------------------------------------------------------- */

static enum MHD_Result append_body(struct exchange *x, const char *data,
                                   size_t n)
{
    const struct web_settings *o = &x->server->settings;

    x->read += n;
    if (timestamp_monotonic() - x->begun_us >
        (int64_t)o->idle_s * BODY_TIMES * TIMESTAMP_SECOND)
        return MHD_NO;
    if (!x->refused && x->read > o->body_max_bytes) {
        x->refused = true;
        web_problem(&x->reply, 413, "too-large",
                    "a request may have %" G_GUINT64_FORMAT " bytes",
                    o->body_max_bytes);
        secret_wipe(x->body->str, x->body->allocated_len);
        g_string_truncate(x->body, 0);
        x->read = 0;
    }
    if (x->refused)
        return x->read > FORGOTTEN_BYTES_MAX ? MHD_NO : MHD_YES;
    g_string_append_len(x->body, data, (gssize)n);
    return MHD_YES;
}

static enum MHD_Result begin(struct exchange *x, const char *method,
                             const char *path)
{
    const char *length = web_header(&x->request, "Content-Length");

    x->refused = guard_check(x, method, path) < 0;
    if (!x->refused)
        return MHD_YES;
    /* a client that waits to hear it, or would send for long */
    if (web_header(&x->request, "Expect") != NULL ||
        (length != NULL &&
         g_ascii_strtoull(length, NULL, 10) > FORGOTTEN_BYTES_MAX))
        return send_reply(x);
    return MHD_YES;
}

enum MHD_Result exchange_on_request(void *data, struct MHD_Connection *mhd,
                                    const char *path, const char *method,
                                    const char *version, const char *upload,
                                    size_t *upload_len, void **slot)
{
    struct exchange *x = *slot;

    (void)version;
    if (x == NULL) {
        *slot = x = exchange_new(data, mhd);
        return begin(x, method, path);
    }
    if (*upload_len > 0) {
        size_t n = *upload_len;

        *upload_len = 0;
        return append_body(x, upload, n);
    }
    if (x->state == EXCHANGE_WORKING)
        return send_reply(x);
    return handle(x);
}
