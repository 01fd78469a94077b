#include "lab/person.h"

#include <string.h>

/* [MS-OXCDATA] 2.2.5.1 and 2.2.5.2; [MS-OXOCNTC] 2.2.2.4.1.1 */
static const uint8_t one_off[16] = {
    0x81, 0x2B, 0x1F, 0xA4, 0xBE, 0xA3, 0x10, 0x19,
    0x9D, 0x6E, 0x00, 0xDD, 0x01, 0x0F, 0x54, 0x02,
};
static const uint8_t exchange[16] = {
    0xDC, 0xA7, 0x40, 0xC8, 0xC0, 0x42, 0x10, 0x1A,
    0xB4, 0xB9, 0x08, 0x00, 0x2B, 0x2F, 0xE1, 0x82,
};
static const uint8_t wrapped[16] = {
    0xC0, 0x91, 0xAD, 0xD3, 0x51, 0x9D, 0xCF, 0x11,
    0xA4, 0xA9, 0x00, 0xAA, 0x00, 0x47, 0xFA, 0xA4,
};

/* Where the provider's own bytes begin. */
#define HEAD_BYTES 20u

/* Unicode strings; never any rich text format. */
#define ONE_OFF_UNICODE 0x8000u

static void add_utf16(GByteArray *to, const char *utf8)
{
    static const uint8_t end[2] = { 0, 0 };
    glong n = 0;
    g_autofree char *valid = g_utf8_make_valid(utf8, -1);
    g_autofree gunichar2 *units = g_utf8_to_utf16(valid, -1, NULL, &n, NULL);

    for (glong i = 0; i < n; i++) {
        const uint8_t unit[2] = { (uint8_t)units[i], (uint8_t)(units[i] >> 8) };

        g_byte_array_append(to, unit, sizeof(unit));
    }
    g_byte_array_append(to, end, sizeof(end));
}

static const char *or_empty(const char *text)
{
    return text != NULL ? text : "";
}

GByteArray *person_entry_id(const struct person *p)
{
    static const uint8_t version[4] = { 0, 0, 0x01, 0x90 };
    static const uint8_t user[8] = { 1 };
    static const uint8_t flags[4] = { 0 };
    GByteArray *id = g_byte_array_new();

    g_byte_array_append(id, flags, sizeof(flags));
    if (p->dn != NULL) {
        g_byte_array_append(id, exchange, sizeof(exchange));
        g_byte_array_append(id, user, sizeof(user));
        g_byte_array_append(id, (const guint8 *)p->dn,
                            (guint)strlen(p->dn) + 1);
        return id;
    }
    g_byte_array_append(id, one_off, sizeof(one_off));
    g_byte_array_append(id, version, sizeof(version));
    add_utf16(id, p->name != NULL ? p->name : person_best(p));
    add_utf16(id, p->routing != NULL ? p->routing : "SMTP");
    add_utf16(id,
              p->routing != NULL ? or_empty(p->address) : or_empty(p->smtp));
    return id;
}

/* ---- reading ------------------------------------------------------- */

/* The next string, of either width; NULL when it does not end. */
static char *next_text(const uint8_t **at, const uint8_t *end, bool wide)
{
    size_t step = wide ? 2 : 1, n = 0, room = (size_t)(end - *at);
    struct mapi_prop text = { .tag =
                                  PROP_TAG(1, wide ? PT_UNICODE : PT_CP_1252),
                              .data = *at,
                              .count = 1 };

    while (n + step <= room && ((*at)[n] != 0 || (wide && (*at)[n + 1] != 0)))
        n += step;
    if (n + step > room)
        return NULL;
    text.size = (uint32_t)(n + step);
    *at += n + step;
    return mapi_dup_text(&text);
}

static bool read_one_off(const uint8_t *at, const uint8_t *end,
                         struct person *ret)
{
    bool wide;
    g_auto(person) p = { 0 };
    g_autofree char *routing = NULL, *address = NULL;

    if (end - at < 4)
        return false;
    wide = ((at[2] | at[3] << 8) & (int)ONE_OFF_UNICODE) != 0;
    at += 4;
    p.name = next_text(&at, end, wide);
    routing = p.name != NULL ? next_text(&at, end, wide) : NULL;
    address = routing != NULL ? next_text(&at, end, wide) : NULL;
    if (address == NULL)
        return false;
    if (g_ascii_strcasecmp(routing, "SMTP") == 0) {
        p.smtp = g_steal_pointer(&address);
    } else {
        p.routing = g_steal_pointer(&routing);
        p.address = g_steal_pointer(&address);
    }
    person_clear(ret);
    *ret = p;
    p = (struct person){ 0 };
    return true;
}

static bool read_exchange(const uint8_t *at, const uint8_t *end,
                          struct person *ret)
{
    char *dn;

    if (end - at < 8)
        return false;
    at += 8;
    dn = next_text(&at, end, false);
    if (dn == NULL)
        return false;
    g_free(ret->dn);
    ret->dn = dn;
    return true;
}

/* One byte says what is wrapped; then the entry id itself. */
static void unwrap(const uint8_t **data, size_t *n)
{
    if (*n <= HEAD_BYTES + 1 ||
        memcmp(*data + 4, wrapped, sizeof(wrapped)) != 0)
        return;
    *data += HEAD_BYTES + 1;
    *n -= HEAD_BYTES + 1;
}

bool person_of_entry_id(const uint8_t *data, size_t n, struct person *ret)
{
    unwrap(&data, &n);
    if (n < HEAD_BYTES)
        return false;
    if (memcmp(data + 4, one_off, sizeof(one_off)) == 0)
        return read_one_off(data + HEAD_BYTES, data + n, ret);
    if (memcmp(data + 4, exchange, sizeof(exchange)) == 0)
        return read_exchange(data + HEAD_BYTES, data + n, ret);
    return false;
}
