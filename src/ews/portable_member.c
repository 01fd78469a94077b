#include "ews/portable_member.h"

#include <string.h>

/* Of one member: names and addresses are far shorter. */
#define ENTRY_MAX 8192u

/* Unicode, no lookup, no rich text. */
#define ONE_OFF_FLAGS   0x9001u
#define ONE_OFF_UNICODE 0x8000u
#define HEAD_SIZE       24u

static const guint8 head[20] = { 0,    0,    0,    0,    0x81, 0x2B, 0x1F,
                                 0xA4, 0xBE, 0xA3, 0x10, 0x19, 0x9D, 0x6E,
                                 0x00, 0xDD, 0x01, 0x0F, 0x54, 0x02 };

/* The next zero-terminated UTF-16 text; NULL: it does not end. */
static char *next_text(const guint8 *bytes, gsize n, gsize *at)
{
    g_autofree gunichar2 *units = g_new(gunichar2, n / 2 + 1);
    glong k = 0;

    for (; *at + 2 <= n; *at += 2) {
        units[k] = (gunichar2)(bytes[*at] | bytes[*at + 1] << 8);
        if (units[k] == 0) {
            *at += 2;
            return g_utf16_to_utf8(units, k, NULL, NULL, NULL);
        }
        k++;
    }
    return NULL;
}

static bool is_one_off(const guint8 *bytes, gsize n)
{
    return n > HEAD_SIZE && n <= ENTRY_MAX &&
           memcmp(bytes, head, sizeof(head)) == 0 &&
           ((unsigned int)bytes[23] << 8 & ONE_OFF_UNICODE) != 0;
}

bool member_read(const char *base64, struct portable_person *ret)
{
    gsize n, at = HEAD_SIZE;
    g_autofree guchar *bytes = g_base64_decode(base64, &n);
    g_autofree char *name = NULL;
    g_autofree char *routing = NULL;
    g_autofree char *address = NULL;

    if (!is_one_off(bytes, n))
        return false;
    name = next_text(bytes, n, &at);
    routing = next_text(bytes, n, &at);
    address = next_text(bytes, n, &at);
    if (name == NULL || routing == NULL || address == NULL)
        return false;
    *ret = (struct portable_person){
        .role = PORTABLE_MEMBER,
        .name = g_steal_pointer(&name),
        .routing = g_steal_pointer(&routing),
        .address = g_steal_pointer(&address),
    };
    return true;
}

static void free_text(const char *text)
{
    g_free(GSIZE_TO_POINTER(GPOINTER_TO_SIZE(text)));
}

void member_clear(struct portable_person *one)
{
    free_text(one->name);
    free_text(one->routing);
    free_text(one->address);
    *one = (struct portable_person){ 0 };
}

static void put16(GByteArray *a, unsigned int n)
{
    const guint8 bytes[] = { (guint8)n, (guint8)(n >> 8) };

    g_byte_array_append(a, bytes, sizeof(bytes));
}

static void put_text(GByteArray *a, const char *text)
{
    glong n = 0;
    g_autofree gunichar2 *units = g_utf8_to_utf16(text, -1, NULL, &n, NULL);

    for (glong i = 0; units != NULL && i < n; i++)
        put16(a, units[i]);
    put16(a, 0);
}

char *member_write(const struct portable_person *one)
{
    g_autoptr(GByteArray) a = g_byte_array_new();
    const char *address = one->address != NULL ? one->address : "";

    g_byte_array_append(a, head, sizeof(head));
    put16(a, 0);
    put16(a, ONE_OFF_FLAGS);
    put_text(a, one->name != NULL ? one->name : address);
    put_text(a, one->routing != NULL ? one->routing : "SMTP");
    put_text(a, address);
    return g_base64_encode(a->data, a->len);
}
