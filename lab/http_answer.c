#include "lab/http_priv.h"

#include <string.h>

void http_answer_header(struct http_answer *a, const char *name,
                        const char *fmt, ...)
{
    g_autoptr(GString) line = g_string_new(name);
    va_list ap;

    g_string_append_c(line, ':');
    va_start(ap, fmt);
    g_string_append_vprintf(line, fmt, ap);
    va_end(ap);
    g_ptr_array_add(a->headers, g_strdup(line->str));
}

static void free_body(void *body)
{
    g_string_free(body, TRUE);
}

/* A body that does not go out at once, or not at all to its end. */
struct parcel {
    GString *body; /* owned */
    uint64_t end;  /* how much of it is sent */
    bool cut;      /* the connection breaks there */
    uint32_t piece_bytes, piece_ms;
};

static void free_parcel(void *data)
{
    struct parcel *parcel = data;

    g_string_free(parcel->body, TRUE);
    g_free(parcel);
}

static ssize_t read_parcel(void *data, uint64_t at, char *out, size_t room)
{
    const struct parcel *parcel = data;

    if (at >= parcel->end)
        return parcel->cut ? MHD_CONTENT_READER_END_WITH_ERROR
                           : MHD_CONTENT_READER_END_OF_STREAM;
    room = MIN(room, parcel->end - at);
    if (parcel->piece_bytes > 0) {
        room = MIN(room, parcel->piece_bytes);
        /* on the connection's own thread: nobody else waits */
        g_usleep(at > 0 ? (gulong)parcel->piece_ms * 1000 : 0);
    }
    memcpy(out, parcel->body->str + at, room);
    return (ssize_t)room;
}

static struct MHD_Response *parcel_new(const struct http_answer *a,
                                       GString *body)
{
    struct parcel *parcel = g_new0(struct parcel, 1);

    parcel->body = body;
    parcel->cut = a->ending == HTTP_BREAK;
    parcel->end = parcel->cut ? body->len / 2 : body->len;
    parcel->piece_bytes = a->piece_bytes;
    parcel->piece_ms = a->piece_ms;
    return MHD_create_response_from_callback(
        a->ending == HTTP_CHUNKED ? MHD_SIZE_UNKNOWN : body->len,
        a->piece_bytes > 0 ? MIN(a->piece_bytes, CONNECTION_BYTES)
                           : CONNECTION_BYTES,
        read_parcel, parcel, free_parcel);
}

/*
 * Two answers, one behind the other, as one body: the length that stands in
 * the head is the first one's.
 */
static struct MHD_Response *two_answers(struct http_answer *a, GString *body)
{
    struct MHD_Response *response;
    char length[24];

    g_snprintf(length, sizeof(length), "%" G_GSIZE_FORMAT, body->len);
    g_string_append_printf(body,
                           "HTTP/1.1 200 OK\r\nContent-Type: %s\r\n"
                           "Content-Length: %" G_GSIZE_FORMAT "\r\n\r\n",
                           a->content_type, a->behind->len);
    g_string_append_len(body, a->behind->str, (gssize)a->behind->len);
    response = MHD_create_response_from_buffer_with_free_callback_cls(
        body->len, body->str, free_body, body);
    MHD_set_response_options(response, MHD_RF_INSANITY_HEADER_CONTENT_LENGTH,
                             MHD_RO_END);
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_LENGTH, length);
    return response;
}

/* Takes over the body. */
static struct MHD_Response *body_new(struct http_answer *a)
{
    GString *body = g_steal_pointer(&a->body);

    if (a->behind != NULL)
        return two_answers(a, body);
    if (a->ending == HTTP_BREAK || a->ending == HTTP_CHUNKED ||
        a->piece_bytes > 0)
        return parcel_new(a, body);
    return MHD_create_response_from_buffer_with_free_callback_cls(
        body->len, body->str, free_body, body);
}

static void add_headers(struct MHD_Response *response,
                        const struct http_answer *a)
{
    if (a->content_type != NULL)
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE,
                                a->content_type);
    if (a->close)
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
    for (guint i = 0; i < a->headers->len; i++) {
        char *line = a->headers->pdata[i];
        char *colon = strchr(line, ':');

        *colon = '\0';
        MHD_add_response_header(response, line, colon + 1);
    }
}

struct MHD_Response *http_response_new(struct http_answer *a)
{
    struct MHD_Response *response = body_new(a);

    add_headers(response, a);
    return response;
}
