#include "fleet/import_priv.h"

#include <string.h>

#define REPLACEMENT 0xFFFD

/* So much of a file shows whether it is UTF-16; a header is ASCII. */
#define LOOK_BYTES 512

/* Longest UTF-8 of one UTF-16 unit, and of one Windows-1252 byte. */
#define GROWTH 3

/*
 * Windows-1252 where it differs from ISO 8859-1; the five bytes that it
 * leaves undefined stay control characters, as the WHATWG's table has it.
 */
static const uint16_t cp1252[32] = {
    0x20ac, 0x0081, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021,
    0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0x008d, 0x017d, 0x008f,
    0x0090, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
    0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x009d, 0x017e, 0x0178,
};

struct source {
    const unsigned char *bytes;
    size_t n;
};

static void put(struct import_text *t, gunichar c)
{
    t->n += (size_t)g_unichar_to_utf8(c, t->bytes + t->n);
}

static gunichar unit_at(const struct source *s, size_t i, bool big)
{
    return big ? (gunichar)(s->bytes[i] << 8 | s->bytes[i + 1])
               : (gunichar)(s->bytes[i + 1] << 8 | s->bytes[i]);
}

static void decode_utf16(const struct source *s, bool big,
                         struct import_text *t)
{
    size_t i = 0;

    while (i + 1 < s->n) {
        gunichar c = unit_at(s, i, big), low;

        i += 2;
        if (c >= 0xd800 && c <= 0xdbff && i + 1 < s->n) {
            low = unit_at(s, i, big);
            if (low >= 0xdc00 && low <= 0xdfff) {
                c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
                i += 2;
            }
        }
        put(t, c >= 0xd800 && c <= 0xdfff ? REPLACEMENT : c);
    }
    if (i < s->n)
        put(t, REPLACEMENT);
}

static void decode_utf16le(const struct source *s, struct import_text *t)
{
    decode_utf16(s, false, t);
}

static void decode_utf16be(const struct source *s, struct import_text *t)
{
    decode_utf16(s, true, t);
}

static void decode_cp1252(const struct source *s, struct import_text *t)
{
    for (size_t i = 0; i < s->n; i++) {
        unsigned char b = s->bytes[i];

        put(t, b >= 0x80 && b <= 0x9f ? cp1252[b - 0x80] : b);
    }
}

/* Bytes that are no UTF-8 are marked one by one; NUL is a character here. */
static void decode_utf8(const struct source *s, struct import_text *t)
{
    const char *at = (const char *)s->bytes, *end = at + s->n;

    while (at < end) {
        gunichar c = *at == '\0' ? 0 : g_utf8_get_char_validated(at, end - at);
        bool good = c != (gunichar)-1 && c != (gunichar)-2;

        put(t, good ? c : REPLACEMENT);
        at += good && c != 0 ? import_char_bytes(at) : 1;
    }
}

static bool is_utf8(const struct source *s)
{
    const char *at = (const char *)s->bytes, *end = at + s->n;

    while (at < end) {
        const char *nul = memchr(at, '\0', (size_t)(end - at));
        const char *stop = nul != NULL ? nul : end;

        if (!g_utf8_validate_len(at, (size_t)(stop - at), NULL))
            return false;
        at = stop + (nul != NULL);
    }
    return true;
}

/* Half of ASCII in UTF-16 is NUL: the high bytes, which are those at odd. */
static bool looks_utf16(const struct source *s, size_t high)
{
    size_t look = MIN(s->n, LOOK_BYTES) / 2, n_high = 0, n_low = 0;

    for (size_t i = 0; i < look; i++) {
        n_high += s->bytes[2 * i + high] == 0;
        n_low += s->bytes[2 * i + 1 - high] == 0;
    }
    return look > 0 && n_low == 0 && n_high * 4 >= look * 3;
}

struct encoding {
    const char *name;
    const char *mark;
    size_t mark_len;
    void (*decode)(const struct source *s, struct import_text *t);
};

/* clang-format off */
static const struct encoding marked[] = {
    { "UTF-8", "\xef\xbb\xbf", 3, decode_utf8 },
    { "UTF-16LE", "\xff\xfe", 2, decode_utf16le },
    { "UTF-16BE", "\xfe\xff", 2, decode_utf16be },
};
static const struct encoding utf16le = { "UTF-16LE", "", 0, decode_utf16le };
static const struct encoding utf16be = { "UTF-16BE", "", 0, decode_utf16be };
static const struct encoding utf8 = { "UTF-8", "", 0, decode_utf8 };
static const struct encoding windows = { "Windows-1252", "", 0, decode_cp1252 };
/* clang-format on */

static const struct encoding *detect(const struct source *s)
{
    for (size_t i = 0; i < G_N_ELEMENTS(marked); i++)
        if (s->n >= marked[i].mark_len &&
            memcmp(s->bytes, marked[i].mark, marked[i].mark_len) == 0)
            return &marked[i];
    if (looks_utf16(s, 1))
        return &utf16le;
    if (looks_utf16(s, 0))
        return &utf16be;
    return is_utf8(s) ? &utf8 : &windows;
}

void import_text_decode(const char *bytes, size_t n, struct import_text *ret)
{
    struct source s = { (const unsigned char *)bytes, n };
    const struct encoding *e = detect(&s);

    s.bytes += e->mark_len;
    s.n -= e->mark_len;
    /* In one piece: a buffer that grows leaves copies behind. */
    ret->size = s.n * GROWTH + GROWTH;
    ret->bytes = g_malloc(ret->size);
    ret->n = 0;
    ret->encoding = e->name;
    e->decode(&s, ret);
}

void import_text_clear(struct import_text *text)
{
    if (text->bytes != NULL)
        secret_wipe(text->bytes, text->size);
    g_clear_pointer(&text->bytes, g_free);
}
