#include "lab/bytes.h"

#include "lab/mapi.h"

const uint8_t *bytes_take(struct bytes_in *in, size_t n)
{
    const uint8_t *at = in->at;

    if (in->bad || n > (size_t)(in->end - in->at)) {
        in->bad = true;
        return NULL;
    }
    in->at += n;
    return at;
}

uint16_t bytes_u16(struct bytes_in *in)
{
    const uint8_t *p = bytes_take(in, 2);

    if (p == NULL)
        return 0;
    return bytes_u16_at(p);
}

uint32_t bytes_u32(struct bytes_in *in)
{
    const uint8_t *p = bytes_take(in, 4);

    return p != NULL ? bytes_u32_at(p) : 0;
}

size_t bytes_left(const struct bytes_in *in)
{
    return in->bad ? 0 : (size_t)(in->end - in->at);
}

void bytes_put16(GByteArray *to, uint32_t v)
{
    const uint8_t le[2] = { (uint8_t)v, (uint8_t)(v >> 8) };

    g_byte_array_append(to, le, sizeof(le));
}

void bytes_put32(GByteArray *to, uint32_t v)
{
    bytes_put16(to, v & 0xFFFF);
    bytes_put16(to, v >> 16);
}

/*
 * The text codecs are the tree's own: a value of the right type, outside any
 * tree.
 */
static char *text_of(const uint8_t *data, size_t size, uint16_t type)
{
    const struct mapi_prop p = {
        .tag = PROP_TAG(1, type),
        .data = data,
        .size = (uint32_t)size,
        .count = 1,
    };

    return mapi_dup_text(&p);
}

char *bytes_utf16_to_utf8(const uint8_t *units, size_t size)
{
    return text_of(units, size, PT_UNICODE);
}

char *bytes_1252_to_utf8(const uint8_t *text, size_t size)
{
    return text_of(text, size, PT_CP_1252);
}

/* In a tree for a moment; without the terminator that it gives. */
static GByteArray *stored(const char *utf8, bool wide)
{
    g_autoptr(mapi_item) item = mapi_item_new();
    struct mapi_props *props = &item->message.props;
    GByteArray *out = g_byte_array_new();
    const struct mapi_prop *p;

    if (wide)
        mapi_set_text(item, props, PROP_TAG(1, PT_UNICODE), utf8);
    else
        mapi_set_text_1252(item, props, PROP_TAG(1, PT_CP_1252), utf8);
    p = mapi_find(props, 1);
    return g_byte_array_append(out, p->data, p->size - (wide ? 2 : 1));
}

GByteArray *bytes_utf8_to_utf16(const char *utf8)
{
    return stored(utf8, true);
}

GByteArray *bytes_utf8_to_1252(const char *utf8)
{
    return stored(utf8, false);
}
