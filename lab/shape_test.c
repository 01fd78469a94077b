#include "lab/shape.h"

#include "base/check.h"
#include "lab/fixture.h"
#include "lab/mapi.h"

/* What reading this shape gives: "NoError" or the code of its problem. */
static const char *read_code(struct fixture *f, enum release asked,
                             const char *inside, bool folder)
{
    g_autofree char *operation =
        g_strdup_printf("<m:GetItem><m:Shape>%s</m:Shape></m:GetItem>", inside);
    struct fixture_call c;
    g_auto(shape) s = { 0 };
    struct problem p = { 0 };
    const xmlNode *node;
    int status;

    fixture_call_init(&c, f, operation);
    c.call.asked = asked;
    node = op_child(&c.call, "Shape");
    status = folder ? shape_read_folder(&c.call, node, &s, &p)
                    : shape_read_item(&c.call, node, &s, &p);
    fixture_call_release(&c);
    g_assert_true(status == 0 || p.fault);
    return status < 0 ? p.code : "NoError";
}

#define MORE(x)                                                                \
    "<t:BaseShape>IdOnly</t:BaseShape><t:AdditionalProperties>" x              \
    "</t:AdditionalProperties>"
#define EXTENDED(x) MORE("<t:ExtendedFieldURI " x "/>")

static void test_reading_items(void)
{
    static const struct {
        const char *inside;
        enum release asked;
        const char *want;
    } rows[] = {
        { "<t:BaseShape>IdOnly</t:BaseShape>", 0, "NoError" },
        { "<t:BaseShape>Default</t:BaseShape>", 0, "NoError" },
        { "<t:BaseShape>AllProperties</t:BaseShape>", 0, "NoError" },
        { "<t:BaseShape>Some</t:BaseShape>", 0, "ErrorSchemaValidation" },
        { "", 0, "ErrorSchemaValidation" },
        { MORE("<t:FieldURI FieldURI='item:ItemId'/>"), 0, "NoError" },
        { MORE("<t:FieldURI FieldURI='item:Subject'/>"), 0, "NoError" },
        { MORE("<t:FieldURI FieldURI='message:IsRead'/>"), 0, "NoError" },
        { MORE("<t:FieldURI FieldURI='item:IsAssociated'/>"), EXCHANGE2010,
          "NoError" },
        { MORE("<t:FieldURI FieldURI='item:IsAssociated'/>"), 0,
          "ErrorIncorrectSchemaVersion" },
        { MORE("<t:FieldURI FieldURI='folder:DisplayName'/>"), 0,
          "ErrorInvalidPropertyRequest" },
        { MORE("<t:FieldURI/>"), 0, "ErrorInvalidPropertyRequest" },
        { EXTENDED("PropertyTag='0x0e06' PropertyType='SystemTime'"), 0,
          "NoError" },
        { EXTENDED("PropertyTag='3590' PropertyType='SystemTime'"), 0,
          "NoError" },
        { EXTENDED("PropertyTag='0X37' PropertyType='StringArray'"), 0,
          "NoError" },
        { EXTENDED("PropertyTag='0x0' PropertyType='String'"), 0,
          "ErrorInvalidExtendedProperty" },
        { EXTENDED("PropertyTag='0x8000' PropertyType='String'"), 0,
          "ErrorInvalidExtendedProperty" },
        { EXTENDED("PropertyTag='0x37'"), 0, "ErrorInvalidExtendedProperty" },
        { EXTENDED("PropertyTag='0x37' PropertyType='Array'"), 0,
          "ErrorInvalidExtendedProperty" },
        { EXTENDED("PropertyTag='37h' PropertyType='String'"), 0,
          "ErrorInvalidExtendedProperty" },
        { EXTENDED("DistinguishedPropertySetId='Task' PropertyId='33028' "
                   "PropertyType='Integer'"),
          0, "NoError" },
        { EXTENDED("PropertySetId='00062008-0000-0000-c000-000000000046' "
                   "PropertyId='34144' PropertyType='SystemTime'"),
          0, "NoError" },
        { EXTENDED("DistinguishedPropertySetId='PublicStrings' "
                   "PropertyName='Keywords' PropertyType='StringArray'"),
          0, "NoError" },
        { EXTENDED("DistinguishedPropertySetId='Nowhere' PropertyId='1' "
                   "PropertyType='Integer'"),
          0, "ErrorInvalidExtendedProperty" },
        { EXTENDED("PropertySetId='not a guid' PropertyId='1' "
                   "PropertyType='Integer'"),
          0, "ErrorInvalidExtendedProperty" },
        { EXTENDED("DistinguishedPropertySetId='Task' "
                   "PropertyType='Integer'"),
          0, "ErrorInvalidExtendedProperty" },
        { EXTENDED("DistinguishedPropertySetId='Task' PropertyId='1' "
                   "PropertyName='both' PropertyType='Integer'"),
          0, "ErrorInvalidExtendedProperty" },
    };
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        const char *code = read_code(f, rows[i].asked, rows[i].inside, false);

        if (strcmp(code, rows[i].want) != 0)
            g_error("%s: %s", rows[i].inside, code);
    }
}

static void test_reading_folders(void)
{
    static const struct {
        const char *inside;
        enum release asked;
        const char *want;
    } rows[] = {
        { MORE("<t:FieldURI FieldURI='folder:FolderClass'/>"), 0, "NoError" },
        { MORE("<t:FieldURI FieldURI='folder:FolderId'/>"), 0, "NoError" },
        { MORE("<t:FieldURI FieldURI='folder:DistinguishedFolderId'/>"),
          EXCHANGE2013, "NoError" },
        { MORE("<t:FieldURI FieldURI='folder:DistinguishedFolderId'/>"),
          EXCHANGE2010_SP2, "ErrorIncorrectSchemaVersion" },
        { MORE("<t:FieldURI FieldURI='item:Subject'/>"), 0,
          "ErrorInvalidPropertyRequest" },
    };
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        const char *code = read_code(f, rows[i].asked, rows[i].inside, true);

        if (strcmp(code, rows[i].want) != 0)
            g_error("%s: %s", rows[i].inside, code);
    }
}

/* How GetItem shows a mail of the fixture, from its first property on. */
static char *shown(struct fixture *f, const char *id, const char *wanted)
{
    g_autofree char *operation =
        g_strdup_printf("<m:GetItem><m:ItemShape>%s</m:ItemShape><m:ItemIds>"
                        "<t:ItemId Id='%s'/></m:ItemIds></m:GetItem>",
                        wanted, id);
    struct fixture_call c;
    struct problem p;
    const char *start, *end;
    char *out;

    fixture_call_init(&c, f, operation);
    g_assert_cmpint(c.call.op->run(&c.call, &p), ==, 0);
    start = strstr(c.out->str, "<t:ItemId ");
    g_assert_nonnull(start);
    start = strchr(start, '>') + 1;
    end = strstr(start, "</t:Message>");
    g_assert_nonnull(end);
    out = g_strndup(start, (gsize)(end - start));
    fixture_call_release(&c);
    return out;
}

#define FIELD(uri) "<t:FieldURI FieldURI='" uri "'/>"

/* Whatever the order of asking: the order of the schema. */
static void test_order(void)
{
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
    g_autofree char *id = fixture_add_mail(f, f->user1, "inbox", "a <b>");
    g_autofree char *got = shown(
        f, id,
        MORE(FIELD("message:IsRead") FIELD("item:DateTimeReceived") FIELD(
            "item:Subject") "<t:ExtendedFieldURI PropertyTag='0x001A' "
                            "PropertyType='String'/>" FIELD("item:ItemClass")));

    g_assert_cmpstr(
        got, ==,
        "<t:ItemClass>IPM.Note</t:ItemClass>"
        "<t:Subject>a &lt;b&gt;</t:Subject>"
        "<t:DateTimeReceived>2023-11-14T22:13:20Z</t:DateTimeReceived>"
        "<t:ExtendedProperty><t:ExtendedFieldURI PropertyTag=\"0x1a\" "
        "PropertyType=\"String\"/><t:Value>IPM.Note</t:Value>"
        "</t:ExtendedProperty><t:IsRead>false</t:IsRead>");
}

/* One item with a property of each type; each is asked for by itself. */
static void test_values(void)
{
    static const struct {
        const char *path, *value; /* NULL: not shown */
    } rows[] = {
        { "PropertyTag='0x1000' PropertyType='String'",
          "<t:Value>body &amp; soul</t:Value>" },
        { "PropertyTag='0x0017' PropertyType='Integer'",
          "<t:Value>2</t:Value>" },
        { "PropertyTag='0x0029' PropertyType='Boolean'",
          "<t:Value>true</t:Value>" },
        { "PropertyTag='0x0071' PropertyType='Binary'",
          "<t:Value>AQID</t:Value>" },
        { "PropertyTag='0x0E06' PropertyType='SystemTime'",
          "<t:Value>2023-11-14T22:13:20Z</t:Value>" },
        { "PropertyTag='0x5678' PropertyType='Long'",
          "<t:Value>-5000000000</t:Value>" },
        { "PropertyTag='0x5679' PropertyType='Double'",
          "<t:Value>0.5</t:Value>" },
        { "DistinguishedPropertySetId='PublicStrings' PropertyName='Keywords' "
          "PropertyType='StringArray'",
          "<t:Values><t:Value>red</t:Value><t:Value>blue</t:Value>"
          "</t:Values>" },
        { "DistinguishedPropertySetId='Task' PropertyId='33028' "
          "PropertyType='Integer'",
          "<t:Value>7</t:Value>" },
        { "PropertyTag='0x0017' PropertyType='String'", NULL },
        { "PropertyTag='0x1234' PropertyType='String'", NULL },
        { "DistinguishedPropertySetId='Task' PropertyId='1' "
          "PropertyType='Integer'",
          NULL },
    };
    static const char *const colours[] = { "red", "blue", NULL };
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
    g_autofree char *inbox = fixture_folder(f, f->user1, "inbox");
    g_autoptr(mapi_item) item = mapi_item_new();
    struct mapi_props *props = &item->message.props;
    g_auto(lab_item) stored = { 0 };
    struct err err;

    mapi_set_text(item, props, PROP_TAG(0x001A, PT_UNICODE), "IPM.Note");
    mapi_set_text(item, props, PROP_TAG(0x1000, PT_UNICODE), "body & soul");
    mapi_set_i32(item, props, PROP_TAG(0x0017, PT_LONG), 2);
    mapi_set_bool(item, props, PROP_TAG(0x0029, PT_BOOLEAN), true);
    mapi_set(item, props, PROP_TAG(0x0071, PT_BINARY), "\1\2\3", 3);
    mapi_set_time(item, props, PROP_TAG(0x0E06, PT_SYSTIME),
                  INT64_C(1700000000000000));
    mapi_set_i64(item, props, PROP_TAG(0x5678, PT_I8), INT64_C(-5000000000));
    mapi_set_double(item, props, PROP_TAG(0x5679, PT_DOUBLE), 0.5);
    mapi_set_texts(item, props,
                   mapi_named_text(item, PS_PUBLIC_STRINGS, "Keywords",
                                   PT_UNICODE | MV_FLAG),
                   colours);
    mapi_set_i32(item, props, mapi_named_id(item, PSETID_TASK, 33028, PT_LONG),
                 7);
    CHECK_OK(lab_store_put(f->lab.store, f->user1, inbox, false, item, &stored,
                           &err),
             &err);

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *wanted = g_strdup_printf(EXTENDED("%s"), rows[i].path);
        g_autofree char *got = shown(f, stored.id, wanted);
        const char *value = strstr(got, "<t:Value");

        if (rows[i].value == NULL)
            g_assert_cmpstr(got, ==, "");
        else if (value == NULL || !g_str_has_prefix(value, rows[i].value))
            g_error("%s: %s", rows[i].path, got);
    }
}

static void test_base_shapes(void)
{
    static const struct {
        const char *base, *has, *lacks;
    } rows[] = {
        { "IdOnly", "", "<t:" },
        { "Default", "<t:Subject>", "<t:ItemClass>" },
        { "AllProperties", "<t:ItemClass>", "<t:ExtendedProperty>" },
    };
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
    g_autofree char *id = fixture_add_mail(f, f->user1, "inbox", "x");

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *wanted =
            g_strdup_printf("<t:BaseShape>%s</t:BaseShape>", rows[i].base);
        g_autofree char *got = shown(f, id, wanted);

        CHECK_ROW(rows[i].base, strstr(got, rows[i].has) != NULL);
        CHECK_ROW(rows[i].base, strstr(got, rows[i].lacks) == NULL);
    }
}

/* What is no message has no message's properties (types.xsd). */
static void test_elements_that_are_no_messages(void)
{
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
    g_autofree char *calendar = fixture_folder(f, f->user1, "calendar");
    g_autoptr(mapi_item) item = mapi_item_new();
    g_auto(lab_item) stored = { 0 };
    g_autofree char *operation = NULL;
    struct fixture_call c;
    struct problem p;
    struct err err;

    mapi_set_text(item, &item->message.props, PROP_TAG(0x001A, PT_UNICODE),
                  "IPM.Appointment");
    CHECK_OK(lab_store_put(f->lab.store, f->user1, calendar, false, item,
                           &stored, &err),
             &err);
    operation = g_strdup_printf(
        "<m:GetItem><m:ItemShape><t:BaseShape>AllProperties</t:BaseShape>"
        "</m:ItemShape><m:ItemIds><t:ItemId Id='%s'/></m:ItemIds></m:GetItem>",
        stored.id);
    fixture_call_init(&c, f, operation);
    g_assert_cmpint(c.call.op->run(&c.call, &p), ==, 0);
    g_assert_nonnull(strstr(c.out->str, "<t:CalendarItem>"));
    g_assert_null(strstr(c.out->str, "<t:IsRead>"));
    fixture_call_release(&c);
}

static void test_folders(void)
{
    static const struct {
        const char *id, *element;
        bool unread;
    } rows[] = {
        { "inbox", "<t:Folder>", true },
        { "calendar", "<t:CalendarFolder>", false },
        { "contacts", "<t:ContactsFolder>", false },
        { "tasks", "<t:TasksFolder>", true },
    };
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *operation = g_strdup_printf(
            "<m:GetFolder><m:FolderShape><t:BaseShape>AllProperties"
            "</t:BaseShape><t:AdditionalProperties><t:ExtendedFieldURI "
            "PropertyTag='0x3613' PropertyType='String'/><t:ExtendedFieldURI "
            "PropertyTag='0x3601' PropertyType='Integer'/><t:ExtendedFieldURI "
            "PropertyTag='0x1234' PropertyType='Integer'/>"
            "</t:AdditionalProperties></m:FolderShape><m:FolderIds>"
            "<t:DistinguishedFolderId Id='%s'/></m:FolderIds></m:GetFolder>",
            rows[i].id);
        struct fixture_call c;
        struct problem p;

        fixture_call_init(&c, f, operation);
        g_assert_cmpint(c.call.op->run(&c.call, &p), ==, 0);
        CHECK_ROW(rows[i].id, strstr(c.out->str, rows[i].element) != NULL);
        CHECK_ROW(rows[i].id, (strstr(c.out->str, "<t:UnreadCount>") != NULL) ==
                                  rows[i].unread);
        CHECK_ROW(rows[i].id, strstr(c.out->str, "0x3613") != NULL);
        CHECK_ROW(rows[i].id, strstr(c.out->str, "0x1234") == NULL);
        fixture_call_release(&c);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/shape/reading-items", test_reading_items);
    g_test_add_func("/shape/reading-folders", test_reading_folders);
    g_test_add_func("/shape/order", test_order);
    g_test_add_func("/shape/values", test_values);
    g_test_add_func("/shape/base-shapes", test_base_shapes);
    g_test_add_func("/shape/elements-that-are-no-messages",
                    test_elements_that_are_no_messages);
    g_test_add_func("/shape/folders", test_folders);
    return g_test_run();
}
