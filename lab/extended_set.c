#include "lab/extended.h"

#include <string.h>

#include "base/timestamp.h"

/* Values of one array; Exchange itself stops at some thousand. */
#define VALUES_MAX 4096u

static void put_number(GByteArray *out, uint64_t v, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        uint8_t byte = (uint8_t)(v >> (8 * i));

        g_byte_array_append(out, &byte, 1);
    }
}

static bool put_integer(GByteArray *out, const char *text, size_t bytes)
{
    int64_t most = bytes == 8 ? INT64_MAX : (INT64_C(1) << (8 * bytes - 1)) - 1;
    gint64 v = 0;

    if (!g_ascii_string_to_signed(text, 10, -most - 1, most, &v, NULL))
        return false;
    put_number(out, (uint64_t)v, bytes);
    return true;
}

static bool put_real(GByteArray *out, const char *text, size_t bytes)
{
    char *end = NULL;
    double v = g_ascii_strtod(text, &end);
    float single = (float)v;
    uint64_t bits = 0;

    if (end == text || *end != '\0')
        return false;
    if (bytes == sizeof(single))
        memcpy(&bits, &single, sizeof(single));
    else
        memcpy(&bits, &v, sizeof(v));
    put_number(out, bits, bytes);
    return true;
}

static bool put_bool(GByteArray *out, const char *text)
{
    bool yes = g_ascii_strcasecmp(text, "true") == 0 || strcmp(text, "1") == 0;

    if (!yes && g_ascii_strcasecmp(text, "false") != 0 &&
        strcmp(text, "0") != 0)
        return false;
    put_number(out, yes, 2);
    return true;
}

static bool put_time(GByteArray *out, const char *text)
{
    int64_t us;

    if (!timestamp_parse(text, &us))
        return false;
    put_number(out, (uint64_t)mapi_filetime(us), 8);
    return true;
}

static bool put_guid(GByteArray *out, const char *text)
{
    uint8_t guid[16];

    if (!extended_guid_parse(text, guid))
        return false;
    g_byte_array_append(out, guid, sizeof(guid));
    return true;
}

static bool put_fixed(GByteArray *out, const char *text, uint16_t type)
{
    size_t bytes = (size_t)mapi_type_size(type);

    switch (type) {
    case PT_BOOLEAN:
        return put_bool(out, text);
    case PT_R4:
    case PT_DOUBLE:
    case PT_APPTIME:
        return put_real(out, text, bytes);
    case PT_SYSTIME:
        return put_time(out, text);
    case PT_CLSID:
        return put_guid(out, text);
    default:
        return put_integer(out, text, bytes);
    }
}

static bool put_binary(GByteArray *out, const char *text, bool with_length)
{
    gsize n = 0;
    g_autofree guchar *data = g_base64_decode(text, &n);

    if (n == 0 && text[0] != '\0')
        return false;
    if (with_length)
        put_number(out, n, 4);
    g_byte_array_append(out, data, (guint)n);
    return true;
}

static uint32_t tag_in(struct mapi_item *item, const struct extended *e)
{
    if (e->tag != 0)
        return PROP_TAG(e->tag, e->type);
    if (e->name != NULL)
        return mapi_named_text(item, e->set, e->name, e->type);
    return mapi_named_id(item, e->set, e->id, e->type);
}

static bool put_value(GByteArray *out, const xmlNode *value, uint16_t type)
{
    g_autofree char *given = soap_text_dup(value);
    g_autofree char *text = g_strdup(given != NULL ? given : "");
    uint16_t one = mapi_type_single(type);

    g_strstrip(text);
    if (one == PT_BINARY)
        return put_binary(out, text, mapi_type_is_multi(type));
    return extended_is_fixed(one) && put_fixed(out, text, one);
}

static bool set_texts(struct mapi_item *item, struct mapi_props *props,
                      uint32_t tag, const xmlNode *values)
{
    g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);

    for (const xmlNode *n = soap_first(values); n != NULL; n = soap_next(n)) {
        char *text = soap_text_dup(n);

        g_ptr_array_add(texts, text != NULL ? text : g_strdup(""));
        if (texts->len > VALUES_MAX)
            return false;
    }
    g_ptr_array_add(texts, NULL);
    mapi_set_texts(item, props, tag, (const char *const *)texts->pdata);
    return true;
}

static bool set_values(struct mapi_item *item, struct mapi_props *props,
                       uint32_t tag, const xmlNode *values)
{
    g_autoptr(GByteArray) out = g_byte_array_new();
    uint32_t count = 0;

    if (mapi_type_is_text(PROP_TYPE(tag)))
        return set_texts(item, props, tag, values);
    for (const xmlNode *n = soap_first(values); n != NULL; n = soap_next(n))
        if (++count > VALUES_MAX || !put_value(out, n, PROP_TYPE(tag)))
            return false;
    mapi_set(item, props, tag, out->data, out->len);
    mapi_find(props, PROP_ID(tag))->count = count;
    return true;
}

static bool set_value(struct mapi_item *item, struct mapi_props *props,
                      uint32_t tag, const xmlNode *value)
{
    g_autoptr(GByteArray) out = g_byte_array_new();

    if (mapi_type_is_text(PROP_TYPE(tag))) {
        g_autofree char *text = soap_text_dup(value);

        mapi_set_text(item, props, tag, text != NULL ? text : "");
        return true;
    }
    if (!put_value(out, value, PROP_TYPE(tag)))
        return false;
    mapi_set(item, props, tag, out->data, out->len);
    return true;
}

int extended_set(struct mapi_item *item, struct mapi_props *props,
                 const struct extended *e, const xmlNode *property,
                 struct problem *p)
{
    bool many = mapi_type_is_multi(e->type);
    const xmlNode *value =
        soap_child(property, NS_TYPES, many ? "Values" : "Value");
    uint32_t tag;

    if (value == NULL)
        return problem_set(p, "ErrorInvalidExtendedPropertyValue");
    tag = tag_in(item, e);
    if (tag == 0)
        return problem_set(p, "ErrorNamedPropertiesQuotaExceeded");
    if (many ? set_values(item, props, tag, value)
             : set_value(item, props, tag, value))
        return 0;
    return problem_set(p, "ErrorInvalidExtendedPropertyValue");
}

void extended_clear(struct mapi_props *props, const struct extended *e)
{
    const struct mapi_prop *prop = extended_find_any(props, e);

    if (prop != NULL)
        mapi_remove(props, PROP_ID(prop->tag));
}
