#include "portable/gmime_shared.h"

#include <pthread.h>

static void init(void)
{
    g_mime_init();
}

void gmime_once(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, init);
}

GMimeStream *gmime_decoded(GMimePart *part)
{
    GMimeDataWrapper *content = g_mime_part_get_content(part);
    g_autoptr(GMimeFilter) basic = NULL;
    GMimeStream *raw, *s;

    if (content == NULL)
        return NULL;
    raw = g_mime_data_wrapper_get_stream(content);
    g_mime_stream_reset(raw);
    s = g_mime_stream_filter_new(raw);
    basic = g_mime_filter_basic_new(g_mime_data_wrapper_get_encoding(content),
                                    FALSE);
    g_mime_stream_filter_add(GMIME_STREAM_FILTER(s), basic);
    return s;
}

bool gmime_is_type(GMimeObject *part, const char *type, const char *sub)
{
    GMimeContentType *t = g_mime_object_get_content_type(part);

    return t != NULL && g_mime_content_type_is_type(t, type, sub);
}
