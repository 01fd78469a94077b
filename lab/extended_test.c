/* Properties by tag, by number and by name, of every type, both ways. */
#include "lab/extended.h"

#include "base/check.h"
#include "lab/item_fixture.h"

#define BY_TAG(tag, type)                                                      \
    "<t:ExtendedFieldURI PropertyTag='" tag "' PropertyType='" type "'/>"
#define BY_NAME(name, type)                                                    \
    "<t:ExtendedFieldURI DistinguishedPropertySetId='PublicStrings' "          \
    "PropertyName='" name "' PropertyType='" type "'/>"
#define GUID "7e7b4a1e-2f5c-4b7e-9d3a-0123456789ab"
#define BY_GUID(id, type)                                                      \
    "<t:ExtendedFieldURI PropertySetId='" GUID "' PropertyId='" id             \
    "' PropertyType='" type "'/>"
#define VALUE(v)     "<t:Value>" v "</t:Value>"
#define VALUES(a, b) "<t:Values>" VALUE(a) VALUE(b) "</t:Values>"

struct row {
    const char *path, *value;
    uint16_t type;     /* as it is kept */
    const char *bytes; /* of the value, as [MS-OXCDATA] 2.11 has them */
    size_t n;
};

/* clang-format off */
static const struct row rows[] = {
    { BY_TAG("0x5601", "Short"), VALUE("-2"), PT_I2, "\xfe\xff", 2 },
    { BY_TAG("0x5602", "Integer"), VALUE("-2"), PT_LONG,
      "\xfe\xff\xff\xff", 4 },
    { BY_TAG("0x5603", "Long"), VALUE("4294967296"), PT_I8,
      "\0\0\0\0\1\0\0\0", 8 },
    { BY_TAG("0x5604", "Float"), VALUE("1.5"), PT_R4, "\0\0\xc0\x3f", 4 },
    { BY_TAG("0x5605", "Double"), VALUE("1.5"), PT_DOUBLE,
      "\0\0\0\0\0\0\xf8\x3f", 8 },
    { BY_TAG("0x5606", "Currency"), VALUE("12345"), PT_CURRENCY,
      "\x39\x30\0\0\0\0\0\0", 8 },
    { BY_TAG("0x5607", "ApplicationTime"), VALUE("2.5"), PT_APPTIME,
      "\0\0\0\0\0\0\x04\x40", 8 },
    { BY_TAG("0x5608", "Boolean"), VALUE("true"), PT_BOOLEAN, "\1\0", 2 },
    { BY_TAG("0x5609", "SystemTime"), VALUE("1601-01-01T00:00:01Z"),
      PT_SYSTIME, "\x80\x96\x98\0\0\0\0\0", 8 },
    { BY_TAG("0x560A", "CLSID"), VALUE(GUID), PT_CLSID,
      "\x1e\x4a\x7b\x7e\x5c\x2f\x7e\x4b\x9d\x3a\x01\x23\x45\x67\x89\xab", 16 },
    { BY_TAG("0x560B", "Binary"), VALUE("AQID"), PT_BINARY, "\1\2\3", 3 },
    { BY_TAG("0x560C", "String"), VALUE("a"), PT_UNICODE, "a\0\0\0", 4 },
    { BY_TAG("22037", "IntegerArray"), VALUES("1", "2"), PT_LONG | MV_FLAG,
      "\1\0\0\0\2\0\0\0", 8 },
    { BY_TAG("0x5616", "ShortArray"), VALUES("1", "2"), PT_I2 | MV_FLAG,
      "\1\0\2\0", 4 },
    { BY_TAG("0x5617", "LongArray"), VALUES("1", "2"), PT_I8 | MV_FLAG,
      "\1\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0", 16 },
    { BY_TAG("0x5618", "DoubleArray"), VALUES("1", "2"), PT_DOUBLE | MV_FLAG,
      "\0\0\0\0\0\0\xf0\x3f\0\0\0\0\0\0\0\x40", 16 },
    { BY_TAG("0x5619", "BinaryArray"), VALUES("AQ==", "AgM="),
      PT_BINARY | MV_FLAG, "\1\0\0\0\1\2\0\0\0\2\3", 11 },
    { BY_TAG("0x561A", "StringArray"), VALUES("a", "b"),
      PT_UNICODE | MV_FLAG, "\4\0\0\0a\0\0\0\4\0\0\0b\0\0\0", 16 },
    { BY_TAG("0x561B", "SystemTimeArray"),
      VALUES("1601-01-01T00:00:01Z", "1601-01-01T00:00:01Z"),
      PT_SYSTIME | MV_FLAG,
      "\x80\x96\x98\0\0\0\0\0\x80\x96\x98\0\0\0\0\0", 16 },
    { BY_TAG("0x561C", "CLSIDArray"), VALUES(GUID, GUID),
      PT_CLSID | MV_FLAG,
      "\x1e\x4a\x7b\x7e\x5c\x2f\x7e\x4b\x9d\x3a\x01\x23\x45\x67\x89\xab"
      "\x1e\x4a\x7b\x7e\x5c\x2f\x7e\x4b\x9d\x3a\x01\x23\x45\x67\x89\xab", 32 },
    { BY_NAME("our-own", "String"), VALUE("a"), PT_UNICODE, "a\0\0\0", 4 },
    { BY_GUID("34051", "Boolean"), VALUE("false"), PT_BOOLEAN, "\0\0", 2 },
};
/* clang-format on */

/* The one property whose value is not of the server's making. */
static const struct mapi_prop *find(const struct mapi_item *tree,
                                    const struct row *r)
{
    for (size_t i = 0; i < tree->message.props.n; i++) {
        const struct mapi_prop *p = &tree->message.props.v[i];
        bool ours = PROP_ID(p->tag) >> 8 == 0x56 || p->name != NULL;

        if (ours && (PROP_TYPE(p->tag) == r->type ||
                     (mapi_type_is_text(r->type) &&
                      mapi_type_is_text(PROP_TYPE(p->tag)))))
            return p;
    }
    return NULL;
}

static void check_deleted(struct fixture *f, const struct row *r,
                          const char *id)
{
    g_autofree char *answer = item_runf(
        f,
        "<m:UpdateItem ConflictResolution='AlwaysOverwrite' "
        "MessageDisposition='SaveOnly'><m:ItemChanges><t:ItemChange>"
        "<t:ItemId Id='%s'/><t:Updates><t:DeleteItemField>%s"
        "</t:DeleteItemField></t:Updates></t:ItemChange></m:ItemChanges>"
        "</m:UpdateItem>",
        id, r->path);
    g_autoptr(mapi_item) tree = item_tree(f, id);

    CHECK_ROW(r->path, strstr(answer, "NoError") != NULL);
    CHECK_ROW(r->path, find(tree, r) == NULL);
}

static void test_types(void)
{
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        const struct row *r = &rows[i];
        g_autofree char *element = g_strdup_printf(
            "<t:Message><t:ExtendedProperty>%s%s</t:ExtendedProperty>"
            "</t:Message>",
            r->path, r->value);
        g_autofree char *id = item_create(f, element);
        g_autofree char *more = g_strdup_printf(
            "<t:AdditionalProperties>%s</t:AdditionalProperties>", r->path);
        g_autofree char *shown = item_get(f, id, more);
        g_autoptr(mapi_item) tree = item_tree(f, id);
        const struct mapi_prop *prop = find(tree, r);

        g_assert_nonnull(prop);
        if (prop->size != r->n || memcmp(prop->data, r->bytes, r->n) != 0)
            g_error("%s: %u bytes", r->path, prop->size);
        if (strstr(shown, r->value) == NULL)
            g_error("%s: %s", r->path, shown);
        check_deleted(f, r, id);
    }
}

static void test_refused_values(void)
{
    static const struct {
        const char *path, *value;
    } cases[] = {
        { BY_TAG("0x5601", "Short"), VALUE("32768") },
        { BY_TAG("0x5602", "Integer"), VALUE("2147483648") },
        { BY_TAG("0x5602", "Integer"), VALUE("") },
        { BY_TAG("0x5604", "Float"), VALUE("x") },
        { BY_TAG("0x5608", "Boolean"), VALUE("yes") },
        { BY_TAG("0x5609", "SystemTime"), VALUE("now") },
        { BY_TAG("0x560A", "CLSID"), VALUE("7e7b4a1e") },
        { BY_TAG("0x560B", "Binary"), VALUE("?") },
        { BY_TAG("0x5615", "IntegerArray"), VALUES("1", "x") },
        { BY_TAG("0x5615", "IntegerArray"), VALUE("1") },
        { BY_TAG("0x5602", "Integer"), "" },
    };
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *answer = item_runf(
            f,
            "<m:CreateItem MessageDisposition='SaveOnly'><m:Items><t:Message>"
            "<t:ExtendedProperty>%s%s</t:ExtendedProperty></t:Message>"
            "</m:Items></m:CreateItem>",
            cases[i].path, cases[i].value);
        g_autofree char *codes = item_codes(answer);

        if (strcmp(codes, "ErrorInvalidExtendedPropertyValue") != 0)
            g_error("%s%s: %s", cases[i].path, cases[i].value, codes);
    }
}

/* One set has ten names; headers' names have no case. */
static void test_sets(void)
{
    static const struct {
        const char *set, *guid;
    } cases[] = {
        { "Meeting", "6ed8da90-450b-101b-98da-00aa003f1305" },
        { "Appointment", "00062002-0000-0000-c000-000000000046" },
        { "Common", "00062008-0000-0000-c000-000000000046" },
        { "PublicStrings", "00020329-0000-0000-c000-000000000046" },
        { "Address", "00062004-0000-0000-c000-000000000046" },
        { "CalendarAssistant", "11000e07-b51b-40d6-af21-caa85edab1d0" },
        { "UnifiedMessaging", "4442858e-a9e3-4e80-b900-317a210cc15b" },
        { "Task", "00062003-0000-0000-c000-000000000046" },
        { "Sharing", "00062040-0000-0000-c000-000000000046" },
        { "InternetHeaders", "00020386-0000-0000-c000-000000000046" },
    };
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *element = g_strdup_printf(
            "<t:Message><t:ExtendedProperty><t:ExtendedFieldURI "
            "DistinguishedPropertySetId='%s' PropertyName='X-Ours' "
            "PropertyType='String'/><t:Value>here</t:Value>"
            "</t:ExtendedProperty></t:Message>",
            cases[i].set);
        g_autofree char *id = item_create(f, element);
        g_autofree char *more = g_strdup_printf(
            "<t:AdditionalProperties><t:ExtendedFieldURI PropertySetId='%s' "
            "PropertyName='%s' PropertyType='String'/>"
            "</t:AdditionalProperties>",
            cases[i].guid,
            strcmp(cases[i].set, "InternetHeaders") == 0 ? "x-ours" : "X-Ours");
        g_autofree char *shown = item_get(f, id, more);

        CHECK_ROW(cases[i].set, strstr(shown, "<t:Value>here<") != NULL);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/extended/types", test_types);
    g_test_add_func("/extended/refused-values", test_refused_values);
    g_test_add_func("/extended/sets", test_sets);
    return g_test_run();
}
