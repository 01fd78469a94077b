#include "lab/calendar.h"

#include <string.h>

/* [MS-OXOCAL] 2.2.1.27: what every global object id begins with. */
static const uint8_t head[16] = { 0x04, 0x00, 0x00, 0x00, 0x82, 0x00,
                                  0xE0, 0x00, 0x74, 0xC5, 0xB7, 0x10,
                                  0x1A, 0x82, 0xE0, 0x08 };
/* and what the data of one begins with that wraps another calendar's UID */
static const uint8_t wrapped[12] = { 'v', 'C', 'a', 'l', '-', 'U',
                                     'i', 'd', 1,   0,   0,   0 };

enum {
    AT_DATE = 16, /* year (big-endian), month, day of the instance */
    AT_TIME = 20,
    AT_SIZE = 36,
    AT_DATA = 40,
};

/* No UID of iCalendar is longer in practice; the property is in the digest. */
#define UID_MAX 1000

static bool is_wrapped(const uint8_t *id, size_t size)
{
    return size > AT_DATA + sizeof(wrapped) &&
           memcmp(id + AT_DATA, wrapped, sizeof(wrapped)) == 0;
}

static char *to_hex(const uint8_t *id, size_t size)
{
    GString *text = g_string_sized_new(2 * size);

    for (size_t i = 0; i < size; i++)
        g_string_append_printf(text, "%02X", id[i]);
    return g_string_free(text, FALSE);
}

/* Bytes without the instance's date, which is no part of the UID. */
static uint8_t *cleaned(const struct mapi_prop *p)
{
    uint8_t *id = g_memdup2(p->data, p->size);

    if (p->size >= AT_TIME && memcmp(id, head, sizeof(head)) == 0)
        memset(id + AT_DATE, 0, AT_TIME - AT_DATE);
    return id;
}

char *calendar_uid(const struct mapi_prop *p)
{
    g_autofree uint8_t *id = NULL;
    g_autofree char *text = NULL;

    if (p == NULL || PROP_TYPE(p->tag) != PT_BINARY || p->size == 0 ||
        p->size > 2 * UID_MAX)
        return NULL;
    id = cleaned(p);
    if (!is_wrapped(id, p->size))
        return to_hex(id, p->size);
    text = g_strndup((const char *)id + AT_DATA + sizeof(wrapped),
                     p->size - AT_DATA - sizeof(wrapped));
    return g_utf8_make_valid(text, -1);
}

/* Bytes of a UID that is Outlook's own in hexadecimal; NULL for another. */
static GByteArray *from_hex(const char *uid)
{
    size_t n = strlen(uid);
    GByteArray *id;

    if (n % 2 != 0 || n < 2 * AT_DATA)
        return NULL;
    id = g_byte_array_sized_new((guint)n / 2);
    for (; g_ascii_isxdigit(uid[0]) && g_ascii_isxdigit(uid[1]); uid += 2) {
        uint8_t byte = (uint8_t)(g_ascii_xdigit_value(uid[0]) * 16 +
                                 g_ascii_xdigit_value(uid[1]));

        g_byte_array_append(id, &byte, 1);
    }
    if (*uid == '\0' && memcmp(id->data, head, sizeof(head)) == 0)
        return id;
    g_byte_array_unref(id);
    return NULL;
}

static void put_size(GByteArray *id, size_t n)
{
    uint32_t size = GUINT32_TO_LE((uint32_t)n);

    g_byte_array_append(id, (const uint8_t *)&size, sizeof(size));
}

static GByteArray *wrap(const char *uid)
{
    static const uint8_t nothing[AT_SIZE - AT_DATE] = { 0 };
    size_t n = MIN(strlen(uid), (size_t)UID_MAX);
    GByteArray *id = g_byte_array_new();

    g_byte_array_append(id, head, sizeof(head));
    g_byte_array_append(id, nothing, sizeof(nothing));
    put_size(id, sizeof(wrapped) + n + 1);
    g_byte_array_append(id, wrapped, sizeof(wrapped));
    g_byte_array_append(id, (const uint8_t *)uid, (guint)n);
    g_byte_array_append(id, (const uint8_t *)"", 1);
    return id;
}

static uint32_t meeting_tag(struct mapi_item *item, uint32_t lid)
{
    return mapi_named_id(item, PSETID_MEETING, lid, PT_BINARY);
}

static void set_both(struct mapi_item *item, struct mapi_props *props,
                     const uint8_t *id, size_t n)
{
    mapi_set(item, props, meeting_tag(item, LID_GLOBAL_ID), id, n);
    mapi_set(item, props, meeting_tag(item, LID_CLEAN_GLOBAL_ID), id, n);
}

void calendar_set_uid(struct mapi_item *item, struct mapi_props *props,
                      const char *uid)
{
    GByteArray *id = from_hex(uid);

    if (id == NULL)
        id = wrap(uid);
    set_both(item, props, id->data, id->len);
    g_byte_array_unref(id);
}

void calendar_give_uid(struct mapi_item *item, struct mapi_props *props)
{
    int64_t now = GINT64_TO_LE(mapi_filetime(g_get_real_time()));
    uint8_t id[AT_DATA + 16] = { 0 };

    if (mapi_find_id(props, PSETID_MEETING, LID_GLOBAL_ID) != NULL)
        return;
    memcpy(id, head, sizeof(head));
    memcpy(id + AT_TIME, &now, sizeof(now));
    id[AT_SIZE] = 16;
    for (size_t i = 0; i < 16; i++)
        id[AT_DATA + i] = (uint8_t)g_random_int_range(0, 256);
    set_both(item, props, id, sizeof(id));
}

void calendar_date_uid(struct mapi_item *item, struct mapi_props *props,
                       uint32_t date)
{
    const struct mapi_prop *p =
        mapi_find_id(props, PSETID_MEETING, LID_GLOBAL_ID);
    unsigned int year = 0, month = 0, day = 0;
    g_autofree uint8_t *id = NULL;

    if (p == NULL || p->size < AT_DATA)
        return;
    if (date != 0)
        recur_date_parts(date, &year, &month, &day);
    id = g_memdup2(p->data, p->size);
    id[AT_DATE] = (uint8_t)(year >> 8);
    id[AT_DATE + 1] = (uint8_t)year;
    id[AT_DATE + 2] = (uint8_t)month;
    id[AT_DATE + 3] = (uint8_t)day;
    mapi_set(item, props, meeting_tag(item, LID_GLOBAL_ID), id, p->size);
}
