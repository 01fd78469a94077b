#include "lab/roaming.h"

#include <string.h>

#include <libxml/parser.h>

#define NS_DICTIONARY "dictionary.xsd"

/*
 * A value's type is a number and a dash before it: the TypeCodes of .NET.
 * [MS-OXOCFG] has 3, 9 and 18; arrays have no code, and get numbers here
 * that are none.
 */
enum value_form {
    FORM_TEXT,
    FORM_BOOLEAN,
    FORM_SIGNED,
    FORM_UNSIGNED,
};

static const struct {
    const char *name;
    unsigned int code;
    bool list; /* its values are child elements */
    enum value_form form;
    int bits;
} types[] = {
    { "Boolean", 3, false, FORM_BOOLEAN, 1 },
    { "Byte", 6, false, FORM_UNSIGNED, 8 },
    { "Integer32", 9, false, FORM_SIGNED, 32 },
    { "UnsignedInteger32", 10, false, FORM_UNSIGNED, 32 },
    { "Integer64", 11, false, FORM_SIGNED, 64 },
    { "UnsignedInteger64", 12, false, FORM_UNSIGNED, 64 },
    { "DateTime", 16, false, FORM_TEXT, 0 },
    { "String", 18, false, FORM_TEXT, 0 },
    { "ByteArray", 101, false, FORM_TEXT, 0 },
    { "StringArray", 102, true, FORM_TEXT, 0 },
};

static int find_type(const char *name)
{
    for (size_t i = 0; name != NULL && i < G_N_ELEMENTS(types); i++)
        if (strcmp(types[i].name, name) == 0)
            return (int)i;
    return -1;
}

static int find_code(const char *value, const char **ret_rest)
{
    char *end = NULL;
    guint64 code = g_ascii_strtoull(value, &end, 10);

    for (size_t i = 0; end != value && *end == '-' && i < G_N_ELEMENTS(types);
         i++)
        if (types[i].code == code) {
            *ret_rest = end + 1;
            return (int)i;
        }
    return -1;
}

/* ---- from EWS ------------------------------------------------------ */

static int read_type(const xmlNode *object, struct problem *p)
{
    const xmlNode *node = soap_child(object, NS_TYPES, "Type");
    g_autofree char *name = soap_text_dup(node);
    int type = find_type(name);

    if (type < 0)
        soap_violation(p, object,
                       "The 'Type' element is invalid - The value '%.40s' is "
                       "invalid according to its datatype "
                       "'UserConfigurationDictionaryObjectTypesType'.",
                       name != NULL ? name : "");
    return type;
}

static xmlChar *as_xml(const char *text)
{
    return (xmlChar *)(uintptr_t)text;
}

static int64_t bound(int bits)
{
    return bits == 64 ? INT64_MAX : (INT64_C(1) << (bits - 1)) - 1;
}

/* As the server keeps it: "true" for 1, 7 for +07; NULL: no such value. */
static char *normal_dup(const char *text, int type)
{
    int bits = types[type].bits;
    gint64 number = 0;
    guint64 natural = 0;

    switch (types[type].form) {
    case FORM_BOOLEAN:
        if (strcmp(text, "1") == 0 || g_ascii_strcasecmp(text, "true") == 0)
            return g_strdup("true");
        return strcmp(text, "0") == 0 || g_ascii_strcasecmp(text, "false") == 0
                   ? g_strdup("false")
                   : NULL;
    case FORM_SIGNED:
        return g_ascii_string_to_signed(text, 10, -bound(bits) - 1, bound(bits),
                                        &number, NULL)
                   ? g_strdup_printf("%" G_GINT64_FORMAT, number)
                   : NULL;
    case FORM_UNSIGNED:
        return g_ascii_string_to_unsigned(
                   text, 10, 0,
                   bits == 64 ? G_MAXUINT64 : (UINT64_C(1) << bits) - 1,
                   &natural, NULL)
                   ? g_strdup_printf("%" G_GUINT64_FORMAT, natural)
                   : NULL;
    case FORM_TEXT:
        break;
    }
    return g_strdup(text);
}

/* The first value behind its type's number; a list: "102-". */
static int value_new(const xmlNode *object, int type, char **ret,
                     struct problem *p)
{
    g_autofree char *text =
        soap_text_dup(soap_child(object, NS_TYPES, "Value"));
    g_autofree char *normal =
        normal_dup(types[type].list || text == NULL ? "" : text, type);

    if (normal == NULL)
        return problem_set(p, "ErrorInvalidRequest");
    *ret = g_strdup_printf("%u-%s", types[type].code, normal);
    return 0;
}

static void add_list(xmlNode *e, const xmlNode *object)
{
    for (const xmlNode *n = soap_first(object); n != NULL; n = soap_next(n)) {
        g_autofree char *text = NULL;

        if (!soap_is(n, NS_TYPES, "Value"))
            continue;
        text = soap_text_dup(n);
        xmlNewTextChild(e, NULL, as_xml("i"), as_xml(text != NULL ? text : ""));
    }
}

/* xsi:nil: an attribute of a namespace of its own. */
static bool is_nil(const xmlNode *object)
{
    xmlChar *nil =
        xmlGetNsProp(object, as_xml("nil"),
                     as_xml("http://www.w3.org/2001/XMLSchema-instance"));
    bool is = nil != NULL && (xmlStrcmp(nil, as_xml("true")) == 0 ||
                              xmlStrcmp(nil, as_xml("1")) == 0);

    xmlFree(nil);
    return is;
}

static int add_entry(xmlNode *data, const xmlNode *entry, GHashTable *seen,
                     struct problem *p)
{
    const xmlNode *key = soap_child(entry, NS_TYPES, "DictionaryKey");
    const xmlNode *value = soap_child(entry, NS_TYPES, "DictionaryValue");
    g_autofree char *k = NULL, *v = NULL;
    int key_type, type;
    xmlNode *e;

    if (key == NULL || value == NULL)
        return soap_violation(p, entry, "'DictionaryEntry' is not complete.");
    key_type = read_type(key, p);
    if (key_type < 0)
        return -1;
    if (value_new(key, key_type, &k, p) < 0)
        return -1;
    if (!g_hash_table_add(seen, g_strdup(k)))
        return problem_set(p, "ErrorInvalidRequest");
    e = xmlNewChild(data, NULL, as_xml("e"), NULL);
    xmlNewProp(e, as_xml("k"), as_xml(k));
    if (is_nil(value))
        return 0;
    type = read_type(value, p);
    if (type < 0)
        return -1;
    if (value_new(value, type, &v, p) < 0)
        return -1;
    xmlNewProp(e, as_xml("v"), as_xml(v));
    if (types[type].list)
        add_list(e, value);
    return 0;
}

static int add_entries(xmlNode *data, const xmlNode *dictionary,
                       struct problem *p)
{
    g_autoptr(GHashTable) seen =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    for (const xmlNode *n = soap_first(dictionary); n != NULL;
         n = soap_next(n)) {
        if (g_hash_table_size(seen) == ROAMING_ENTRIES_MAX)
            return problem_set(p, "ErrorInvalidRequest");
        if (add_entry(data, n, seen, p) < 0)
            return -1;
    }
    return 0;
}

GByteArray *roaming_from_xml(const xmlNode *dictionary, struct problem *p)
{
    xmlDoc *doc = xmlNewDoc(as_xml("1.0"));
    xmlNode *root = xmlNewNode(NULL, as_xml("UserConfiguration"));
    GByteArray *out = NULL;
    xmlNode *node;
    xmlChar *text = NULL;
    int n = 0;

    xmlDocSetRootElement(doc, root);
    xmlSetNs(root, xmlNewNs(root, as_xml(NS_DICTIONARY), NULL));
    node = xmlNewChild(root, NULL, as_xml("Info"), NULL);
    xmlNewProp(node, as_xml("version"), as_xml("Exchange.12"));
    node = xmlNewChild(root, NULL, as_xml("Data"), NULL);
    if (add_entries(node, dictionary, p) == 0) {
        xmlDocDumpMemoryEnc(doc, &text, &n, "utf-8");
        out = g_byte_array_new();
        g_byte_array_append(out, text, (guint)n);
        xmlFree(text);
    }
    xmlFreeDoc(doc);
    return out;
}

/* ---- to EWS -------------------------------------------------------- */

static void write_values(struct xmlout *x, const xmlNode *e, int type,
                         const char *text)
{
    const xmlNode *item = types[type].list ? soap_first(e) : NULL;

    xml_text(x, "t:Type", types[type].name);
    /* the schema wants one at least */
    if (item == NULL)
        xml_text(x, "t:Value", text);
    for (; item != NULL; item = soap_next(item)) {
        g_autofree char *value = soap_text_dup(item);

        xml_text(x, "t:Value", value != NULL ? value : "");
    }
}

/* True when the attribute is there and its type is known. */
static bool write_object(struct xmlout *x, const char *element,
                         const xmlNode *e, const char *attribute)
{
    g_autofree char *value = soap_attr_dup(e, attribute);
    const char *rest = NULL;
    int type = value != NULL ? find_code(value, &rest) : -1;

    if (type < 0)
        return false;
    xml_open(x, element);
    write_values(x, e, type, rest);
    xml_close(x, element);
    return true;
}

static int write_entry(struct xmlout *x, const xmlNode *e)
{
    xml_open(x, "t:DictionaryEntry");
    if (!write_object(x, "t:DictionaryKey", e, "k"))
        return -1;
    if (!write_object(x, "t:DictionaryValue", e, "v"))
        xml_raw(x, "<t:DictionaryValue xsi:nil=\"true\"/>");
    xml_close(x, "t:DictionaryEntry");
    return 0;
}

int roaming_write(struct xmlout *x, const void *stream, size_t len)
{
    struct problem ignored;
    xmlDoc *doc = soap_parse_document(stream, len, &ignored);
    const xmlNode *data;
    int status = 0;

    if (doc == NULL)
        return -1;
    data = soap_child_named(xmlDocGetRootElement(doc), "Data");
    for (const xmlNode *e = soap_first(data); e != NULL && status == 0;
         e = soap_next(e))
        status = write_entry(x, e);
    xmlFreeDoc(doc);
    return data != NULL ? status : -1;
}
