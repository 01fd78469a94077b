#include "lab/extended.h"

#include <string.h>

#include "base/timestamp.h"

void extended_free(struct extended *e)
{
    if (e == NULL)
        return;
    g_free(e->name);
    g_free(e);
}

/* ---- the path ------------------------------------------------------ */

/* MapiPropertyTypeType, [MS-OXWSCDATA] */
static const struct {
    const char *name;
    uint16_t type;
} types[] = {
    { "ApplicationTime", PT_APPTIME },
    { "Binary", PT_BINARY },
    { "Boolean", PT_BOOLEAN },
    { "CLSID", PT_CLSID },
    { "Currency", PT_CURRENCY },
    { "Double", PT_DOUBLE },
    { "Float", PT_R4 },
    { "Integer", PT_LONG },
    { "Long", PT_I8 },
    { "Short", PT_I2 },
    { "SystemTime", PT_SYSTIME },
    { "String", PT_UNICODE },
};

static uint16_t type_of(const char *name)
{
    for (size_t i = 0; name != NULL && i < G_N_ELEMENTS(types); i++) {
        size_t n = strlen(types[i].name);

        if (strncmp(types[i].name, name, n) != 0)
            continue;
        if (name[n] == '\0')
            return types[i].type;
        /* MapiPropertyTypeType has no BooleanArray */
        if (strcmp(name + n, "Array") == 0 && types[i].type != PT_BOOLEAN)
            return types[i].type | MV_FLAG;
    }
    return 0;
}

/* DistinguishedPropertySetType; [MS-OXPROPS] 1.3.2 */
static const struct {
    const char *name;
    const uint8_t *set;
} sets[] = {
    { "Meeting", PSETID_MEETING },
    { "Appointment", PSETID_APPOINTMENT },
    { "Common", PSETID_COMMON },
    { "PublicStrings", PS_PUBLIC_STRINGS },
    { "Address", PSETID_ADDRESS },
    { "InternetHeaders", PS_INTERNET_HEADERS },
    { "CalendarAssistant", PSETID_CALENDAR_ASSISTANT },
    { "UnifiedMessaging", PSETID_UNIFIED_MESSAGING },
    { "Task", PSETID_TASK },
    { "Sharing", PSETID_SHARING },
};

/* A GUID is three little-endian parts and eight bytes, in a stream. */
static const uint8_t guid_order[] = { 3, 2, 1,  0,  5,  4,  7,  6,
                                      8, 9, 10, 11, 12, 13, 14, 15 };

bool extended_guid_parse(const char *text, uint8_t ret[16])
{
    size_t n = 0;

    if (!g_uuid_string_is_valid(text))
        return false;
    for (const char *p = text; *p != '\0'; p++) {
        if (*p == '-')
            continue;
        ret[guid_order[n]] = (uint8_t)(g_ascii_xdigit_value(p[0]) * 16 +
                                       g_ascii_xdigit_value(p[1]));
        n++;
        p++;
    }
    return true;
}

char *extended_guid_format(const uint8_t guid[16])
{
    GString *out = g_string_new(NULL);

    for (size_t i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            g_string_append_c(out, '-');
        g_string_append_printf(out, "%02x", guid[guid_order[i]]);
    }
    return g_string_free(out, FALSE);
}

static bool read_set(const xmlNode *node, uint8_t ret[16])
{
    g_autofree char *known = soap_attr_dup(node, "DistinguishedPropertySetId");
    g_autofree char *guid = soap_attr_dup(node, "PropertySetId");

    for (size_t i = 0; known != NULL && i < G_N_ELEMENTS(sets); i++)
        if (strcmp(sets[i].name, known) == 0) {
            memcpy(ret, sets[i].set, 16);
            return guid == NULL;
        }
    return known == NULL && guid != NULL && extended_guid_parse(guid, ret);
}

/* "0xe06" or "3590" */
static bool read_number(const char *text, guint64 max, guint64 *ret)
{
    bool hex = g_ascii_strncasecmp(text, "0x", 2) == 0;

    return g_ascii_string_to_unsigned(hex ? text + 2 : text, hex ? 16 : 10, 0,
                                      max, ret, NULL);
}

static bool read_named(struct extended *e)
{
    g_autofree char *id = soap_attr_dup(e->node, "PropertyId");
    guint64 n = 0;

    if (!read_set(e->node, e->set))
        return false;
    e->name = soap_attr_dup(e->node, "PropertyName");
    if (e->name != NULL && id == NULL) {
        /* headers' names have no case: kept in small letters, [MS-OXCMSG] */
        if (memcmp(e->set, PS_INTERNET_HEADERS, sizeof(e->set)) == 0) {
            char *lower = g_ascii_strdown(e->name, -1);

            g_free(e->name);
            e->name = lower;
        }
        return e->name[0] != '\0';
    }
    if (e->name != NULL || id == NULL ||
        !g_ascii_string_to_unsigned(id, 10, 0, UINT32_MAX, &n, NULL))
        return false;
    e->id = (uint32_t)n;
    return true;
}

static bool read_path(struct extended *e)
{
    g_autofree char *tag = soap_attr_dup(e->node, "PropertyTag");
    g_autofree char *type = soap_attr_dup(e->node, "PropertyType");
    guint64 n = 0;

    e->type = type_of(type);
    if (e->type == 0)
        return false;
    if (tag == NULL)
        return read_named(e);
    /* ids from 0x8000 belong to names, which differ by mailbox */
    if (!read_number(tag, 0x7fff, &n) || n == 0)
        return false;
    e->tag = (uint16_t)n;
    return true;
}

struct extended *extended_read(const xmlNode *node, struct problem *p)
{
    g_autoptr(extended) e = g_new0(struct extended, 1);

    e->node = node;
    if (read_path(e))
        return g_steal_pointer(&e);
    problem_fault(p, "ErrorInvalidExtendedProperty");
    return NULL;
}

/* ---- reading ------------------------------------------------------- */

static bool same_type(uint16_t wanted, uint16_t stored)
{
    if (mapi_type_is_text(wanted))
        return mapi_type_is_text(stored) &&
               mapi_type_is_multi(wanted) == mapi_type_is_multi(stored);
    return wanted == stored;
}

const struct mapi_prop *extended_find_any(const struct mapi_props *props,
                                          const struct extended *e)
{
    if (e->tag != 0)
        return mapi_find(props, e->tag);
    if (e->name != NULL)
        return mapi_find_text(props, e->set, e->name);
    return mapi_find_id(props, e->set, e->id);
}

const struct mapi_prop *extended_find(const struct mapi_props *props,
                                      const struct extended *e)
{
    const struct mapi_prop *prop = extended_find_any(props, e);

    return prop != NULL && same_type(e->type, PROP_TYPE(prop->tag)) ? prop
                                                                    : NULL;
}

/* Attributes in the order in which Exchange writes them back. */
static const char *const path_attributes[] = {
    "DistinguishedPropertySetId",
    "PropertySetId",
    "PropertyName",
    "PropertyId",
};

void extended_write_path(struct xmlout *x, const struct extended *e)
{
    g_autofree char *type = soap_attr_dup(e->node, "PropertyType");

    xml_begin(x, "t:ExtendedFieldURI");
    if (e->tag != 0) {
        char tag[8];

        /* "0xe06" for what was asked as 0x0E06: so does Exchange */
        g_snprintf(tag, sizeof(tag), "0x%x", e->tag);
        xml_attr(x, "PropertyTag", tag);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(path_attributes); i++) {
        g_autofree char *value = soap_attr_dup(e->node, path_attributes[i]);

        if (value != NULL)
            xml_attr(x, path_attributes[i], value);
    }
    xml_attr(x, "PropertyType", type);
    xml_end_empty(x);
}

static int64_t signed_at(const uint8_t *data, size_t bytes)
{
    uint64_t v = 0;

    for (size_t i = 0; i < bytes; i++)
        v |= (uint64_t)data[i] << (8 * i);
    if (bytes < 8 && (v >> (8 * bytes - 1) & 1) != 0)
        v |= ~UINT64_C(0) << (8 * bytes);
    return (int64_t)v;
}

static void write_real(struct xmlout *x, double v)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE];

    g_ascii_dtostr(text, sizeof(text), v);
    xml_text(x, "t:Value", text);
}

/* One value of a fixed size; the bytes are there. */
static bool write_fixed(struct xmlout *x, const uint8_t *data, uint16_t type)
{
    /* a GUID is longer, and no number */
    int64_t bits = signed_at(data, MIN((size_t)mapi_type_size(type), 8u));
    g_autofree char *text = NULL;
    int32_t half = (int32_t)bits;
    float single;
    double real;

    switch (type) {
    case PT_BOOLEAN:
        xml_bool(x, "t:Value", data[0] != 0);
        return true;
    case PT_R4:
        memcpy(&single, &half, sizeof(single));
        write_real(x, (double)single);
        return true;
    case PT_DOUBLE:
    case PT_APPTIME:
        memcpy(&real, &bits, sizeof(real));
        write_real(x, real);
        return true;
    case PT_SYSTIME:
        xml_time(x, "t:Value", mapi_filetime_to_us(bits));
        return true;
    case PT_CLSID:
        text = extended_guid_format(data);
        break;
    default:
        text = g_strdup_printf("%" G_GINT64_FORMAT, bits);
        break;
    }
    xml_text(x, "t:Value", text);
    return true;
}

bool extended_is_fixed(uint16_t type)
{
    int n = mapi_type_size(type);

    return n > 0 && type != PT_ERROR;
}

static bool write_texts(struct xmlout *x, const struct mapi_prop *prop)
{
    for (uint32_t i = 0; i < prop->count; i++) {
        g_autofree char *text = mapi_dup_text_at(prop, i);

        xml_text(x, "t:Value", text != NULL ? text : "");
    }
    return true;
}

static bool write_binaries(struct xmlout *x, const struct mapi_prop *prop)
{
    size_t at = 0;

    for (uint32_t i = 0; i < prop->count && at + 4 <= prop->size; i++) {
        size_t n = (size_t)(uint32_t)signed_at(prop->data + at, 4);

        at += 4;
        n = MIN(n, prop->size - at);
        xml_base64(x, "t:Value", prop->data + at, n);
        at += n;
    }
    return true;
}

static bool write_values(struct xmlout *x, const struct mapi_prop *prop,
                         uint16_t one)
{
    size_t bytes = (size_t)MAX(mapi_type_size(one), 0);
    bool shown = true;

    if (prop->count == 0)
        return false;
    xml_open(x, "t:Values");
    if (mapi_type_is_text(one))
        write_texts(x, prop);
    else if (one == PT_BINARY)
        write_binaries(x, prop);
    else if (extended_is_fixed(one))
        for (size_t at = 0; at + bytes <= prop->size; at += bytes)
            write_fixed(x, prop->data + at, one);
    else
        shown = false;
    xml_close(x, "t:Values");
    return shown;
}

bool extended_write_value(struct xmlout *x, const struct mapi_prop *prop,
                          uint16_t type)
{
    g_autofree char *text = NULL;

    if (mapi_type_is_multi(type))
        return write_values(x, prop, mapi_type_single(type));
    if (type == PT_BINARY) {
        xml_base64(x, "t:Value", prop->data, prop->size);
        return true;
    }
    if (extended_is_fixed(type))
        return prop->size >= (uint32_t)mapi_type_size(type) &&
               write_fixed(x, prop->data, type);
    text = mapi_dup_text(prop);
    xml_text(x, "t:Value", text != NULL ? text : "");
    return true;
}

/* Begun before it is known whether there is a value: taken back if not. */
void extended_write(struct xmlout *x, const struct mapi_props *props,
                    const struct extended *e)
{
    const struct mapi_prop *prop = extended_find(props, e);
    gsize before = x->text->len;

    if (prop == NULL)
        return;
    xml_open(x, "t:ExtendedProperty");
    extended_write_path(x, e);
    if (extended_write_value(x, prop, e->type))
        xml_close(x, "t:ExtendedProperty");
    else
        g_string_truncate(x->text, before);
}
