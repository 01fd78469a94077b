#include "lab/value.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/timestamp.h"

void value_clear(struct value *v)
{
    g_free(v->text);
    g_strfreev(v->texts);
    g_clear_pointer(&v->bytes, g_bytes_unref);
    *v = (struct value){ .kind = VALUE_NONE };
}

enum value_kind value_kind_of(uint16_t type)
{
    static const struct {
        uint16_t type;
        enum value_kind kind;
    } kinds[] = {
        { PT_I2, VALUE_NUMBER },    { PT_LONG, VALUE_NUMBER },
        { PT_I8, VALUE_NUMBER },    { PT_CURRENCY, VALUE_NUMBER },
        { PT_R4, VALUE_REAL },      { PT_DOUBLE, VALUE_REAL },
        { PT_APPTIME, VALUE_REAL }, { PT_BOOLEAN, VALUE_BOOL },
        { PT_SYSTIME, VALUE_TIME }, { PT_BINARY, VALUE_BYTES },
        { PT_CLSID, VALUE_BYTES },  { PT_SVREID, VALUE_BYTES },
    };

    if (mapi_type_is_text(type))
        return mapi_type_is_multi(type) ? VALUE_TEXTS : VALUE_TEXT;
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (kinds[i].type == type)
            return kinds[i].kind;
    return VALUE_NONE;
}

static char **texts_of(const struct mapi_prop *prop)
{
    char **texts = g_new0(char *, (gsize)prop->count + 1);

    for (uint32_t i = 0; i < prop->count; i++) {
        texts[i] = mapi_dup_text_at(prop, i);
        if (texts[i] == NULL)
            break;
    }
    return texts;
}

static int64_t number_of(const struct mapi_prop *prop)
{
    int16_t small;

    switch (PROP_TYPE(prop->tag)) {
    case PT_BOOLEAN:
        return mapi_get_bool(prop, false);
    case PT_LONG:
        return mapi_get_i32(prop, 0);
    case PT_SYSTIME:
        return mapi_get_time(prop);
    case PT_I2:
        if (prop->size < sizeof(small))
            return 0;
        memcpy(&small, prop->data, sizeof(small));
        return (int16_t)GUINT16_FROM_LE((uint16_t)small);
    default:
        return mapi_get_i64(prop, 0);
    }
}

static double real_of(const struct mapi_prop *prop)
{
    float small;

    if (PROP_TYPE(prop->tag) != PT_R4)
        return mapi_get_double(prop, 0);
    if (prop->size < sizeof(small))
        return 0;
    memcpy(&small, prop->data, sizeof(small));
    return (double)small;
}

void value_from_prop(const struct mapi_prop *prop, struct value *ret)
{
    *ret = (struct value){ .kind = VALUE_NONE };
    if (prop == NULL)
        return;
    ret->kind = value_kind_of(PROP_TYPE(prop->tag));
    switch (ret->kind) {
    case VALUE_TEXT:
        ret->text = mapi_dup_text(prop);
        if (ret->text == NULL)
            ret->kind = VALUE_NONE;
        break;
    case VALUE_TEXTS:
        ret->texts = texts_of(prop);
        break;
    case VALUE_NUMBER:
    case VALUE_BOOL:
    case VALUE_TIME:
        ret->number = number_of(prop);
        break;
    case VALUE_REAL:
        ret->real = real_of(prop);
        break;
    case VALUE_BYTES:
        ret->bytes = g_bytes_new(prop->data, prop->size);
        break;
    case VALUE_NONE:
    default:
        break;
    }
}

void value_set_text(struct value *v, const char *text)
{
    *v = (struct value){ .kind = text != NULL ? VALUE_TEXT : VALUE_NONE,
                         .text = g_strdup(text) };
}

void value_set_number(struct value *v, enum value_kind kind, int64_t number)
{
    *v = (struct value){ .kind = kind, .number = number };
}

/* ---- constants ------------------------------------------------------- */

static int parse_number(const char *text, struct value *ret)
{
    gint64 n = 0;

    if (!g_ascii_string_to_signed(text, 10, G_MININT64, G_MAXINT64, &n, NULL))
        return -1;
    ret->number = n;
    return 0;
}

static int parse_bool(const char *text, struct value *ret)
{
    ret->number =
        g_ascii_strcasecmp(text, "true") == 0 || strcmp(text, "1") == 0;
    return ret->number != 0 || g_ascii_strcasecmp(text, "false") == 0 ||
                   strcmp(text, "0") == 0
               ? 0
               : -1;
}

static int parse_real(const char *text, struct value *ret)
{
    char *end = NULL;

    errno = 0;
    ret->real = g_ascii_strtod(text, &end);
    return errno == 0 && end != text && *end == '\0' ? 0 : -1;
}

/* xs:dateTime or xs:date; without a zone it is UTC. */
static int parse_time(const char *text, struct value *ret)
{
    g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
    g_autofree char *whole = strchr(text, 'T') != NULL
                                 ? g_strdup(text)
                                 : g_strconcat(text, "T00:00:00Z", NULL);
    g_autoptr(GDateTime) at = g_date_time_new_from_iso8601(whole, utc);

    if (at == NULL)
        return -1;
    ret->number = g_date_time_to_unix(at) * G_USEC_PER_SEC +
                  g_date_time_get_microsecond(at);
    return 0;
}

static int parse_bytes(const char *text, struct value *ret)
{
    g_autofree char *again = NULL;
    guchar *data;
    gsize n = 0;

    data = g_base64_decode(text, &n);
    again = g_base64_encode(data, n);
    ret->bytes = g_bytes_new_take(data, n);
    return strcmp(again, text) == 0 ? 0 : -1;
}

int value_parse(enum value_kind kind, const char *text, struct value *ret)
{
    g_auto(value) v = { .kind = kind };
    g_autofree char *trimmed = g_strstrip(g_strdup(text));
    int status = 0;

    switch (kind) {
    case VALUE_NUMBER:
        status = parse_number(trimmed, &v);
        break;
    case VALUE_BOOL:
        status = parse_bool(trimmed, &v);
        break;
    case VALUE_REAL:
        status = parse_real(trimmed, &v);
        break;
    case VALUE_TIME:
        status = parse_time(trimmed, &v);
        break;
    case VALUE_BYTES:
        status = parse_bytes(trimmed, &v);
        break;
    case VALUE_NONE:
    case VALUE_TEXT:
    case VALUE_TEXTS:
    default:
        v.kind = VALUE_TEXT;
        v.text = g_strdup(text);
        break;
    }
    if (status < 0)
        return -1;
    *ret = v;
    v = (struct value){ .kind = VALUE_NONE };
    return 0;
}

/* ---- comparing ------------------------------------------------------- */

static const char *first_text(const struct value *v)
{
    if (v->kind == VALUE_TEXT)
        return v->text;
    return v->texts[0] != NULL ? v->texts[0] : "";
}

static bool is_text(const struct value *v)
{
    return v->kind == VALUE_TEXT || v->kind == VALUE_TEXTS;
}

static double as_real(const struct value *v)
{
    return v->kind == VALUE_REAL ? v->real : (double)v->number;
}

static int sign(double d)
{
    return d < 0 ? -1 : d > 0;
}

int value_compare(const struct value *a, const struct value *b)
{
    if (a->kind == VALUE_NONE || b->kind == VALUE_NONE)
        return (a->kind != VALUE_NONE) - (b->kind != VALUE_NONE);
    if (is_text(a) && is_text(b))
        return match_order(first_text(a), first_text(b));
    if (a->kind == VALUE_BYTES && b->kind == VALUE_BYTES)
        return g_bytes_compare(a->bytes, b->bytes);
    if (is_text(a) || is_text(b) || a->kind == VALUE_BYTES ||
        b->kind == VALUE_BYTES)
        return (int)a->kind - (int)b->kind;
    if (a->kind == VALUE_REAL || b->kind == VALUE_REAL)
        return sign(as_real(a) - as_real(b));
    return (a->number > b->number) - (a->number < b->number);
}

static bool bytes_contain(GBytes *in, GBytes *what, enum match_mode mode)
{
    gsize n = 0, m = 0;
    const void *x = g_bytes_get_data(in, &n);
    const void *y = g_bytes_get_data(what, &m);

    if (m > n || (mode == MATCH_FULL && m != n))
        return false;
    if (m == 0)
        return true;
    if (mode == MATCH_FULL || mode == MATCH_PREFIX)
        return memcmp(x, y, m) == 0;
    return memmem(x, n, y, m) != NULL;
}

bool value_contains(const struct value *in, const struct value *what,
                    enum match_mode mode, unsigned int ignore)
{
    if (in->kind == VALUE_BYTES && what->kind == VALUE_BYTES)
        return bytes_contain(in->bytes, what->bytes, mode);
    if (what->kind != VALUE_TEXT)
        return false;
    if (in->kind == VALUE_TEXT)
        return match_text(in->text, what->text, mode, ignore);
    for (char **t = in->kind == VALUE_TEXTS ? in->texts : NULL;
         t != NULL && *t != NULL; t++)
        if (match_text(*t, what->text, mode, ignore))
            return true;
    return false;
}

static char *time_text(int64_t us)
{
    g_autoptr(GDateTime) at = g_date_time_new_from_unix_utc(
        us / G_USEC_PER_SEC - (us % G_USEC_PER_SEC < 0));

    return at != NULL ? g_date_time_format(at, "%Y-%m-%dT%H:%M:%SZ")
                      : g_strdup("");
}

char *value_to_text(const struct value *v)
{
    char real[G_ASCII_DTOSTR_BUF_SIZE];
    gsize n = 0;
    const guchar *data;

    switch (v->kind) {
    case VALUE_TEXT:
    case VALUE_TEXTS:
        return g_strdup(first_text(v));
    case VALUE_NUMBER:
        return g_strdup_printf("%" G_GINT64_FORMAT, v->number);
    case VALUE_REAL:
        return g_strdup(g_ascii_dtostr(real, sizeof(real), v->real));
    case VALUE_BOOL:
        return g_strdup(v->number != 0 ? "true" : "false");
    case VALUE_TIME:
        return time_text(v->number);
    case VALUE_BYTES:
        data = g_bytes_get_data(v->bytes, &n);
        return g_base64_encode(data, n);
    case VALUE_NONE:
    default:
        return g_strdup("");
    }
}
