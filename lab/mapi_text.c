#include "lab/mapi.h"

#include <string.h>

#include "lab/bytes.h"

/* The code pages of [MS-OXCFXICS] 2.2.4.1.1.1 that need no converter. */
#define CP_UTF16    1200
#define CP_UTF16_BE 1201
#define CP_1252     1252
#define CP_UTF8     65001

#define REPLACEMENT 0xFFFD

static void put_unit(GByteArray *out, unsigned int unit)
{
    uint8_t le[2] = { (uint8_t)unit, (uint8_t)(unit >> 8) };

    g_byte_array_append(out, le, sizeof(le));
}

static void put_char(GByteArray *out, gunichar c)
{
    if (c < 0x10000) {
        put_unit(out, c);
        return;
    }
    put_unit(out, 0xD800 + ((c - 0x10000) >> 10));
    put_unit(out, 0xDC00 + ((c - 0x10000) & 0x3FF));
}

static void put_utf8(GByteArray *out, const char *utf8)
{
    g_autofree char *valid = g_utf8_make_valid(utf8, -1);

    for (char *p = valid; *p != '\0'; p = g_utf8_next_char(p))
        put_char(out, g_utf8_get_char(p));
}

/* Windows-1252 where it is not Latin-1; holes stay what they are. */
static const uint16_t cp1252_high[32] = {
    0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
    0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x008D, 0x017D, 0x008F,
    0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
    0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178,
};

static unsigned int from_1252(uint8_t c)
{
    return c >= 0x80 && c < 0xA0 ? cp1252_high[c - 0x80] : c;
}

static uint8_t to_1252(gunichar c)
{
    if (c < 0x80 || (c >= 0xA0 && c < 0x100))
        return (uint8_t)c;
    for (unsigned int i = 0; i < G_N_ELEMENTS(cp1252_high); i++)
        if (cp1252_high[i] == c)
            return (uint8_t)(0x80 + i);
    return '?';
}

static unsigned int unit_at(const uint8_t *p)
{
    return (unsigned int)(p[0] | p[1] << 8);
}

/* Bytes before the terminator of a string of units of `width`. */
static size_t text_length(const uint8_t *p, size_t size, size_t width)
{
    size_t n = 0;

    for (; n + width <= size; n += width)
        if (p[n] == 0 && (width == 1 || p[n + 1] == 0))
            break;
    return n;
}

static char *utf16_to_utf8(const uint8_t *p, size_t n)
{
    GString *out = g_string_sized_new(n / 2 + 1);

    for (size_t i = 0; i + 2 <= n; i += 2) {
        gunichar c = unit_at(p + i);

        if (c >= 0xD800 && c < 0xDC00 && i + 4 <= n) {
            unsigned int low = unit_at(p + i + 2);

            if (low >= 0xDC00 && low < 0xE000) {
                c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
                i += 2;
            }
        }
        /* A lone half of a pair is no character. */
        g_string_append_unichar(out,
                                c >= 0xD800 && c < 0xE000 ? REPLACEMENT : c);
    }
    return g_string_free(out, FALSE);
}

/* Pages that iconv knows by another name than CP and number. */
static char *charset_of(unsigned int page)
{
    if (page == CP_UTF8)
        return g_strdup("UTF-8");
    if (page == 20127)
        return g_strdup("US-ASCII");
    if (page == 20866)
        return g_strdup("KOI8-R");
    if (page > 28590 && page <= 28606)
        return g_strdup_printf("ISO-8859-%u", page - 28590);
    return g_strdup_printf("CP%u", page);
}

static char *other_to_utf8(const uint8_t *p, size_t size, unsigned int page)
{
    g_autofree char *charset = charset_of(page);
    size_t n = text_length(p, size, 1);

    return g_convert((const char *)p, (gssize)n, "UTF-8", charset, NULL, NULL,
                     NULL);
}

static unsigned int code_page(uint16_t type)
{
    uint16_t one = mapi_type_single(type);

    if (one == PT_UNICODE)
        return CP_UTF16;
    if (one == PT_STRING8)
        return CP_1252;
    /* 65001 has the flag's bit as its own. */
    return one == CP_UTF8 ? CP_UTF8 : one & (PT_CODEPAGE_FLAG - 1u);
}

static GByteArray *swap_units(const uint8_t *p, size_t n)
{
    GByteArray *out = g_byte_array_sized_new((guint)n);

    for (size_t i = 0; i + 2 <= n; i += 2)
        put_unit(out, (unsigned int)(p[i] << 8 | p[i + 1]));
    return out;
}

/* One string of any page as UTF-16LE; NULL when the page is unknown. */
static GByteArray *to_utf16(const uint8_t *p, size_t size, unsigned int page)
{
    GByteArray *out = NULL;
    g_autofree char *utf8 = NULL;
    size_t n;

    switch (page) {
    case CP_UTF16:
        out = g_byte_array_new();
        n = text_length(p, size, 2);
        return g_byte_array_append(out, p, (guint)n);
    case CP_UTF16_BE:
        return swap_units(p, text_length(p, size, 2));
    case CP_1252:
        out = g_byte_array_new();
        n = text_length(p, size, 1);
        for (size_t i = 0; i < n; i++)
            put_unit(out, from_1252(p[i]));
        return out;
    default:
        utf8 = other_to_utf8(p, size, page);
        if (utf8 == NULL)
            return NULL;
        out = g_byte_array_new();
        put_utf8(out, utf8);
        return out;
    }
}

uint8_t *mapi_dup_utf16(const struct mapi_prop *p, size_t *ret_size)
{
    GByteArray *units;
    gsize size;
    uint8_t *bytes;

    if (p == NULL || !mapi_type_is_text(PROP_TYPE(p->tag)) ||
        mapi_type_is_multi(PROP_TYPE(p->tag)))
        return NULL;
    units = to_utf16(p->data, p->size, code_page(PROP_TYPE(p->tag)));
    if (units == NULL)
        return NULL;
    bytes = g_byte_array_steal(units, &size);
    g_byte_array_unref(units);
    *ret_size = size;
    /* An empty array has no bytes, but the caller wants "not NULL". */
    return bytes != NULL ? bytes : g_malloc0(1);
}

static char *dup_value(const uint8_t *data, size_t size, uint16_t type)
{
    GByteArray *units = to_utf16(data, size, code_page(type));
    char *text;

    if (units == NULL)
        return g_strdup("\xEF\xBF\xBD");
    text = utf16_to_utf8(units->data, units->len);
    g_byte_array_unref(units);
    return text;
}

char *mapi_dup_text(const struct mapi_prop *p)
{
    if (p == NULL || !mapi_type_is_text(PROP_TYPE(p->tag)) ||
        mapi_type_is_multi(PROP_TYPE(p->tag)))
        return NULL;
    return dup_value(p->data, p->size, PROP_TYPE(p->tag));
}

char *mapi_dup_text_at(const struct mapi_prop *p, uint32_t i)
{
    const uint8_t *at, *end;

    if (p == NULL || !mapi_type_is_text(PROP_TYPE(p->tag)) ||
        !mapi_type_is_multi(PROP_TYPE(p->tag)) || i >= p->count)
        return NULL;
    at = p->data;
    end = p->data + p->size;
    for (; end - at >= 4; i--) {
        size_t size = bytes_u32_at(at);

        at += 4;
        if (size > (size_t)(end - at))
            return NULL;
        if (i == 0)
            return dup_value(at, size, PROP_TYPE(p->tag));
        at += size;
    }
    return NULL;
}

uint32_t mapi_named_text(struct mapi_item *item, const uint8_t set[16],
                         const char *utf8, uint16_t type)
{
    GByteArray *units = g_byte_array_new();
    struct mapi_name name = { 0 };
    uint32_t tag;

    put_utf8(units, utf8);
    memcpy(name.set, set, sizeof(name.set));
    name.text = units->data;
    name.text_bytes = units->len;
    tag = mapi_named(item, &name, type);
    g_byte_array_unref(units);
    return tag;
}

struct mapi_prop *mapi_find_text(const struct mapi_props *props,
                                 const uint8_t set[16], const char *utf8)
{
    GByteArray *units = g_byte_array_new();
    struct mapi_name name = { 0 };
    struct mapi_prop *p;

    put_utf8(units, utf8);
    memcpy(name.set, set, sizeof(name.set));
    name.text = units->data;
    name.text_bytes = units->len;
    p = mapi_find_name(props, &name);
    g_byte_array_unref(units);
    return p;
}

void mapi_set_text(struct mapi_item *item, struct mapi_props *props,
                   uint32_t tag, const char *utf8)
{
    GByteArray *units = g_byte_array_new();

    put_utf8(units, utf8);
    put_unit(units, 0);
    mapi_set(item, props, tag, units->data, units->len);
    g_byte_array_unref(units);
}

void mapi_set_text_1252(struct mapi_item *item, struct mapi_props *props,
                        uint32_t tag, const char *utf8)
{
    g_autofree char *valid = g_utf8_make_valid(utf8, -1);
    GByteArray *bytes = g_byte_array_new();

    for (char *p = valid; *p != '\0'; p = g_utf8_next_char(p)) {
        uint8_t c = to_1252(g_utf8_get_char(p));

        g_byte_array_append(bytes, &c, 1);
    }
    g_byte_array_append(bytes, (const uint8_t *)"", 1);
    mapi_set(item, props, tag, bytes->data, bytes->len);
    g_byte_array_unref(bytes);
}

void mapi_set_texts(struct mapi_item *item, struct mapi_props *props,
                    uint32_t tag, const char *const *utf8)
{
    GByteArray *all = g_byte_array_new();
    uint32_t n = 0;

    for (; utf8[n] != NULL; n++) {
        guint at = all->len;
        uint32_t size;

        g_byte_array_set_size(all, at + 4);
        put_utf8(all, utf8[n]);
        put_unit(all, 0);
        size = GUINT32_TO_LE(all->len - at - 4);
        memcpy(all->data + at, &size, sizeof(size));
    }
    mapi_set(item, props, tag, all->data, all->len);
    mapi_find(props, PROP_ID(tag))->count = n;
    g_byte_array_unref(all);
}
