#include "lab/shape.h"

#include "lab/mapi.h"

/* Properties that one shape may ask for; Exchange stops at some hundred. */
#define EXTENDED_MAX 500

static void extended_free(void *data)
{
    struct shape_extended *e = data;

    g_free(e->name);
    g_free(e);
}

void shape_clear(struct shape *s)
{
    g_clear_pointer(&s->extended, g_ptr_array_unref);
}

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
        if (strcmp(name + n, "Array") == 0)
            return types[i].type | MV_FLAG;
    }
    return 0;
}

/* DistinguishedPropertySetType; [MS-OXPROPS] 1.3.2 */
static const struct {
    const char *name;
    const uint8_t *set;
} sets[] = {
    { "Meeting", PSETID_MEETING }, { "Appointment", PSETID_APPOINTMENT },
    { "Common", PSETID_COMMON },   { "PublicStrings", PS_PUBLIC_STRINGS },
    { "Address", PSETID_ADDRESS }, { "InternetHeaders", PS_INTERNET_HEADERS },
    { "Task", PSETID_TASK },
};

/* A GUID's text to the order of a stream: three little-endian parts. */
static bool guid_bytes(const char *text, uint8_t ret[16])
{
    static const uint8_t order[] = { 3, 2, 1,  0,  5,  4,  7,  6,
                                     8, 9, 10, 11, 12, 13, 14, 15 };
    size_t n = 0;

    if (!g_uuid_string_is_valid(text))
        return false;
    for (const char *p = text; *p != '\0'; p++) {
        if (*p == '-')
            continue;
        ret[order[n]] = (uint8_t)(g_ascii_xdigit_value(p[0]) * 16 +
                                  g_ascii_xdigit_value(p[1]));
        n++;
        p++;
    }
    return true;
}

static bool read_set(const xmlNode *node, uint8_t ret[16])
{
    g_autofree char *known = soap_attr_dup(node, "DistinguishedPropertySetId");
    g_autofree char *guid = soap_attr_dup(node, "PropertySetId");

    for (size_t i = 0; known != NULL && i < G_N_ELEMENTS(sets); i++)
        if (strcmp(sets[i].name, known) == 0) {
            memcpy(ret, sets[i].set, 16);
            return true;
        }
    return known == NULL && guid != NULL && guid_bytes(guid, ret);
}

/* "0xe06" or "3590" */
static bool read_number(const char *text, guint64 max, guint64 *ret)
{
    bool hex = g_ascii_strncasecmp(text, "0x", 2) == 0;

    return g_ascii_string_to_unsigned(hex ? text + 2 : text, hex ? 16 : 10, 0,
                                      max, ret, NULL);
}

static bool read_named(struct shape_extended *e)
{
    g_autofree char *id = soap_attr_dup(e->node, "PropertyId");
    guint64 n = 0;

    if (!read_set(e->node, e->set))
        return false;
    e->name = soap_attr_dup(e->node, "PropertyName");
    if (e->name != NULL)
        return id == NULL;
    if (id == NULL ||
        !g_ascii_string_to_unsigned(id, 10, 0, UINT32_MAX, &n, NULL))
        return false;
    e->id = (uint32_t)n;
    return true;
}

static bool read_extended(struct shape_extended *e)
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

static const struct {
    const char *name;
    enum shape_base base;
} bases[] = {
    { "IdOnly", SHAPE_ID_ONLY },
    { "Default", SHAPE_DEFAULT },
    { "AllProperties", SHAPE_ALL },
};

static int read_base(const xmlNode *node, struct shape *s, struct problem *p)
{
    const xmlNode *base = soap_child(node, NS_TYPES, "BaseShape");
    g_autofree char *name = soap_text_dup(base);

    for (size_t i = 0; name != NULL && i < G_N_ELEMENTS(bases); i++)
        if (strcmp(bases[i].name, name) == 0) {
            s->base = bases[i].base;
            return 0;
        }
    if (node == NULL)
        return problem_schema(p, 0, 0, "The shape is missing.");
    return soap_violation(p, node, "The 'BaseShape' element is invalid.");
}

int shape_read(const xmlNode *node, struct shape *ret, struct problem *p)
{
    const xmlNode *more = soap_child(node, NS_TYPES, "AdditionalProperties");
    g_auto(shape) s = { 0 };

    s.extended = g_ptr_array_new_with_free_func(extended_free);
    if (read_base(node, &s, p) < 0)
        return -1;
    for (xmlNode *n = more != NULL ? more->children : NULL; n != NULL;
         n = n->next) {
        struct shape_extended *e;

        if (!soap_is(n, NS_TYPES, "ExtendedFieldURI"))
            continue;
        e = g_new0(struct shape_extended, 1);
        e->node = n;
        g_ptr_array_add(s.extended, e);
        if (!read_extended(e) || s.extended->len > EXTENDED_MAX)
            return problem_fault(p, "ErrorInvalidExtendedProperty");
    }
    *ret = s;
    s = (struct shape){ 0 };
    return 0;
}

const xmlNode *shape_first_field(const xmlNode *node)
{
    return soap_first(soap_child(node, NS_TYPES, "AdditionalProperties"));
}

/* Attributes in the order in which Exchange writes them back. */
static const char *const path_attributes[] = {
    "DistinguishedPropertySetId",
    "PropertySetId",
    "PropertyName",
    "PropertyId",
};

void shape_extended_begin(struct op_call *call, const struct shape_extended *e)
{
    struct xmlout *x = &call->reply.x;
    g_autofree char *type = soap_attr_dup(e->node, "PropertyType");

    xml_open(x, "t:ExtendedProperty");
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

void shape_extended_end(struct op_call *call)
{
    xml_close(&call->reply.x, "t:ExtendedProperty");
}
