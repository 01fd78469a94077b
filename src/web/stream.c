#include "web/server_priv.h"

/* What MHD takes at a time. */
#define BLOCK_BYTES 4096

struct stream {
    struct listener *listener;
    struct MHD_Connection *mhd;
};

static void park(void *data)
{
    MHD_suspend_connection(((struct stream *)data)->mhd);
}

static void wake(void *data)
{
    MHD_resume_connection(((struct stream *)data)->mhd);
}

static ssize_t read_stream(void *data, uint64_t at, char *buf, size_t size)
{
    struct stream *stream = data;
    ssize_t n = listener_read(stream->listener, buf, size);

    (void)at;
    return n < 0 ? MHD_CONTENT_READER_END_OF_STREAM : n;
}

static void free_stream(void *data)
{
    struct stream *stream = data;

    listener_free(stream->listener);
    g_free(stream);
}

/* Open as long as the response is there. */
static int socket_of(struct MHD_Connection *mhd)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD);

    return info != NULL ? info->connect_fd : -1;
}

struct MHD_Response *stream_response(struct exchange *x)
{
    static const struct listener_ops ops = { park, wake };
    struct stream *stream = g_new0(struct stream, 1);
    const struct listener_wish wish = {
        .account = x->request.who.account,
        .last_id = web_header(&x->request, "Last-Event-ID"),
        .ops = &ops,
        .data = stream,
        .socket = socket_of(x->mhd),
    };

    stream->mhd = x->mhd;
    stream->listener = listener_new(x->server->parts.events, &wish);
    if (stream->listener == NULL) {
        g_free(stream);
        return NULL;
    }
    return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK_BYTES,
                                             read_stream, stream, free_stream);
}
