#include "fts/fts_write.h"

#define FILETIME_1970 UINT64_C(116444736000000000)

void fts_write_bytes(GByteArray *to, const void *data, size_t len)
{
    g_byte_array_append(to, data, (guint)len);
}

static void write_number(GByteArray *to, uint64_t n, unsigned int bytes)
{
    for (unsigned int i = 0; i < bytes; i++) {
        uint8_t b = (uint8_t)(n >> 8 * i);

        fts_write_bytes(to, &b, 1);
    }
}

void fts_write_u16(GByteArray *to, unsigned int n)
{
    write_number(to, n, 2);
}

void fts_write_u32(GByteArray *to, uint32_t n)
{
    write_number(to, n, 4);
}

static void write_property(GByteArray *to, uint16_t id, uint16_t type)
{
    fts_write_u16(to, type);
    fts_write_u16(to, id);
}

void fts_write_i4(GByteArray *to, uint16_t id, uint32_t value)
{
    write_property(to, id, 0x0003);
    fts_write_u32(to, value);
}

void fts_write_boolean(GByteArray *to, uint16_t id, bool value)
{
    write_property(to, id, 0x000B);
    fts_write_u16(to, value ? 1 : 0);
}

void fts_write_time(GByteArray *to, uint16_t id, int64_t us)
{
    write_property(to, id, 0x0040);
    write_number(to, (uint64_t)us * 10 + FILETIME_1970, 8);
}

void fts_write_binary(GByteArray *to, uint16_t id, const void *data, size_t len)
{
    write_property(to, id, 0x0102);
    fts_write_u32(to, (uint32_t)len);
    fts_write_bytes(to, data, len);
}

void fts_write_value_string(GByteArray *to, uint16_t type, const char *utf8,
                            bool nul)
{
    uint16_t one = type & 0xEFFF; /* of a multi-valued one: its values */
    bool wide = one == 0x001F || one == 0x84B0;
    g_autofree char *text = NULL;
    gsize len = 0;

    text = g_convert(utf8, -1, wide ? "UTF-16LE" : "WINDOWS-1252", "UTF-8",
                     NULL, &len, NULL);
    g_assert(text != NULL);
    fts_write_u32(to, (uint32_t)(len + (nul ? (wide ? 2 : 1) : 0)));
    fts_write_bytes(to, text, len);
    if (nul)
        write_number(to, 0, wide ? 2 : 1);
}

void fts_write_string(GByteArray *to, uint16_t id, uint16_t type,
                      const char *utf8, bool nul)
{
    write_property(to, id, type);
    fts_write_value_string(to, type, utf8, nul);
}

void fts_write_named_id(GByteArray *to, uint16_t type, const uint8_t set[16],
                        uint32_t lid)
{
    /* The number stands for nothing outside the server that wrote it. */
    write_property(to, (uint16_t)(0x8000 + lid % 0x7000), type);
    fts_write_bytes(to, set, 16);
    write_number(to, 0, 1);
    fts_write_u32(to, lid);
}

void fts_write_named_name(GByteArray *to, uint16_t type, const uint8_t set[16],
                          const char *name)
{
    g_autofree gunichar2 *utf16 = NULL;
    glong n;

    write_property(to, 0x8123, type);
    fts_write_bytes(to, set, 16);
    write_number(to, 1, 1);
    utf16 = g_utf8_to_utf16(name, -1, NULL, &n, NULL);
    for (glong i = 0; i <= n; i++)
        fts_write_u16(to, utf16[i]);
}

static void write_record(GByteArray *to, uint32_t opcode, const void *data,
                         size_t len)
{
    fts_write_u32(to, opcode);
    fts_write_u32(to, (uint32_t)len);
    fts_write_bytes(to, data, len);
}

GByteArray *fts_write_payload(const void *stream, size_t len,
                              size_t buffer_bytes)
{
    static const uint8_t config[8] = { 0, 0, 0, 0, 1, 0, 0, 0 };
    /* IID_IMessage, and what else Exchange 2010 puts there. */
    static const uint8_t interface[24] = {
        0x01, 0x00, 0x00, 0x00, 0x07, 0x03, 0x02, 0x00, 0x00, 0x00, 0x00, 0x00,
        0xC0, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x46, 0x00, 0x24, 0x00, 0x80,
    };
    static const uint8_t partner[6] = { 0x01, 0x0E, 0x8B, 0x80, 0x00, 0x00 };
    GByteArray *payload = g_byte_array_new();
    const uint8_t *p = stream;

    if (buffer_bytes == 0)
        buffer_bytes = (size_t)31 << 10;
    write_record(payload, 1, config, sizeof(config));
    write_record(payload, 3, interface, sizeof(interface));
    write_record(payload, 4, partner, sizeof(partner));
    for (size_t at = 0; at < len; at += buffer_bytes)
        write_record(payload, 2, p + at, MIN(buffer_bytes, len - at));
    return payload;
}
