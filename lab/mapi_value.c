#include "lab/mapi.h"

#include <string.h>

#include "lab/bytes.h"

/* FILETIME of 1970-01-01, in units of 100 ns. */
#define FILETIME_1970 INT64_C(116444736000000000)

static const struct {
    uint16_t type;
    int bytes;
} sizes[] = {
    { PT_I2, 2 },       { PT_LONG, 4 },    { PT_R4, 4 },      { PT_DOUBLE, 8 },
    { PT_CURRENCY, 8 }, { PT_APPTIME, 8 }, { PT_ERROR, 4 },   { PT_BOOLEAN, 2 },
    { PT_OBJECT, 0 },   { PT_I8, 8 },      { PT_STRING8, 0 }, { PT_UNICODE, 0 },
    { PT_SYSTIME, 8 },  { PT_CLSID, 16 },  { PT_SVREID, 0 },  { PT_BINARY, 0 },
};

/*
 * A code page type has 15 bits of code page, so 0x1000 may be part of it
 * (20866 is 0x5182): only the pages that Exchange writes are read as many.
 */
bool mapi_type_is_multi(uint16_t type)
{
    unsigned int one = type & ~(unsigned int)MV_FLAG;

    if ((type & MV_FLAG) == 0)
        return false;
    if ((type & PT_CODEPAGE_FLAG) == 0)
        return true;
    return one == PT_CP_UNICODE || one == PT_CP_1252;
}

uint16_t mapi_type_single(uint16_t type)
{
    return mapi_type_is_multi(type) ? (uint16_t)(type & ~MV_FLAG) : type;
}

bool mapi_type_is_text(uint16_t type)
{
    uint16_t one = mapi_type_single(type);

    return one == PT_UNICODE || one == PT_STRING8 ||
           (one & PT_CODEPAGE_FLAG) != 0;
}

bool mapi_type_is_utf16(uint16_t type)
{
    uint16_t one = mapi_type_single(type);

    return one == PT_UNICODE || one == PT_CP_UNICODE;
}

int mapi_type_size(uint16_t type)
{
    uint16_t one = mapi_type_single(type);

    if ((one & PT_CODEPAGE_FLAG) != 0)
        return 0;
    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++)
        if (sizes[i].type == one)
            return sizes[i].bytes;
    return -1;
}

int64_t mapi_filetime(int64_t us)
{
    return us * 10 + FILETIME_1970;
}

int64_t mapi_filetime_to_us(int64_t filetime)
{
    /* Rounded down before 1970 too; only whole 100 ns are lost. */
    int64_t ticks = filetime - FILETIME_1970;
    int64_t us = ticks / 10;

    return ticks % 10 < 0 ? us - 1 : us;
}

static struct mapi_prop *slot(struct mapi_item *item, struct mapi_props *props,
                              uint32_t tag)
{
    struct mapi_prop *p = mapi_find(props, PROP_ID(tag));

    if (p == NULL)
        return mapi_append(item, props, tag);
    p->tag = tag;
    p->count = 1;
    return p;
}

void mapi_set(struct mapi_item *item, struct mapi_props *props, uint32_t tag,
              const void *value, size_t size)
{
    struct mapi_prop *p = slot(item, props, tag);

    p->data = mapi_copy(item, value, size);
    p->size = (uint32_t)size;
}

void mapi_set_i32(struct mapi_item *item, struct mapi_props *props,
                  uint32_t tag, int32_t v)
{
    int32_t le = GINT32_TO_LE(v);

    mapi_set(item, props, tag, &le, sizeof(le));
}

void mapi_set_i64(struct mapi_item *item, struct mapi_props *props,
                  uint32_t tag, int64_t v)
{
    int64_t le = GINT64_TO_LE(v);

    mapi_set(item, props, tag, &le, sizeof(le));
}

void mapi_set_bool(struct mapi_item *item, struct mapi_props *props,
                   uint32_t tag, bool v)
{
    /* Two bytes in a stream, unlike elsewhere in MAPI. */
    const uint8_t le[2] = { v ? 1 : 0, 0 };

    mapi_set(item, props, tag, le, sizeof(le));
}

void mapi_set_double(struct mapi_item *item, struct mapi_props *props,
                     uint32_t tag, double v)
{
    int64_t bits;

    memcpy(&bits, &v, sizeof(bits));
    mapi_set_i64(item, props, tag, bits);
}

void mapi_set_time(struct mapi_item *item, struct mapi_props *props,
                   uint32_t tag, int64_t us)
{
    mapi_set_i64(item, props, tag, mapi_filetime(us));
}

int32_t mapi_get_i32(const struct mapi_prop *p, int32_t fallback)
{
    if (p == NULL || PROP_TYPE(p->tag) != PT_LONG || p->size != 4)
        return fallback;
    return (int32_t)bytes_u32_at(p->data);
}

static int64_t i64_at(const struct mapi_prop *p)
{
    int64_t v;

    memcpy(&v, p->data, sizeof(v));
    return GINT64_FROM_LE(v);
}

int64_t mapi_get_i64(const struct mapi_prop *p, int64_t fallback)
{
    if (p == NULL || PROP_TYPE(p->tag) != PT_I8 || p->size != 8)
        return fallback;
    return i64_at(p);
}

bool mapi_get_bool(const struct mapi_prop *p, bool fallback)
{
    if (p == NULL || PROP_TYPE(p->tag) != PT_BOOLEAN || p->size != 2)
        return fallback;
    return p->data[0] != 0;
}

double mapi_get_double(const struct mapi_prop *p, double fallback)
{
    double v;
    int64_t bits;

    if (p == NULL || PROP_TYPE(p->tag) != PT_DOUBLE || p->size != 8)
        return fallback;
    bits = i64_at(p);
    memcpy(&v, &bits, sizeof(v));
    return v;
}

int64_t mapi_get_time(const struct mapi_prop *p)
{
    int64_t filetime;

    if (p == NULL || PROP_TYPE(p->tag) != PT_SYSTIME || p->size != 8)
        return TIMESTAMP_NONE;
    filetime = i64_at(p);
    /* Zero and the far ends mean "no date" in MAPI. */
    if (filetime <= 0 || filetime == INT64_MAX)
        return TIMESTAMP_NONE;
    return mapi_filetime_to_us(filetime);
}
