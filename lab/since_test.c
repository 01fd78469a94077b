#include "lab/since.h"

#include "base/check.h"
#include "lab/fixture.h"

/* From the operations' reference pages. */
static void test_operations(void)
{
    static const struct {
        const char *name;
        enum release since;
    } rows[] = {
        { "GetItem", EXCHANGE2007_SP1 },
        { "UpdateDelegate", EXCHANGE2007_SP1 },
        { "GetServerTimeZones", EXCHANGE2010 },
        { "GetUserConfiguration", EXCHANGE2010 },
        { "ExportItems", EXCHANGE2010_SP1 },
        { "UploadItems", EXCHANGE2010_SP1 },
        { "GetInboxRules", EXCHANGE2010_SP1 },
        { "EmptyFolder", EXCHANGE2010_SP1 },
        { "MarkAllItemsAsRead", EXCHANGE2013 },
        { "GetUserPhoto", EXCHANGE2013 },
        { "SetUserPhoto", EXCHANGE2016 },
        { "Get", N_RELEASES },
        { "GetItem ", N_RELEASES },
        { "", N_RELEASES },
        { "DropTables", N_RELEASES },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        CHECK_ROW(rows[i].name, since_operation(rows[i].name) == rows[i].since);
}

/* The lab's own table of operations says the same. */
static void test_rows_agree(void)
{
    static const char *const names[] = {
        "AddDelegate",
        "ConvertId",
        "CopyFolder",
        "CopyItem",
        "CreateAttachment",
        "CreateFolder",
        "CreateItem",
        "CreateUserConfiguration",
        "DeleteAttachment",
        "DeleteFolder",
        "DeleteItem",
        "DeleteUserConfiguration",
        "EmptyFolder",
        "ExpandDL",
        "ExportItems",
        "FindFolder",
        "FindItem",
        "GetAttachment",
        "GetDelegate",
        "GetEvents",
        "GetFolder",
        "GetInboxRules",
        "GetItem",
        "GetRoomLists",
        "GetRooms",
        "GetServerTimeZones",
        "GetServiceConfiguration",
        "GetStreamingEvents",
        "GetUserAvailabilityRequest",
        "GetUserConfiguration",
        "GetUserOofSettingsRequest",
        "GetUserPhoto",
        "MarkAllItemsAsRead",
        "MoveFolder",
        "MoveItem",
        "RemoveDelegate",
        "ResolveNames",
        "SendItem",
        "SetUserOofSettingsRequest",
        "SetUserPhoto",
        "Subscribe",
        "SyncFolderHierarchy",
        "SyncFolderItems",
        "Unsubscribe",
        "UpdateDelegate",
        "UpdateFolder",
        "UpdateInboxRules",
        "UpdateItem",
        "UpdateUserConfiguration",
        "UploadItems",
    };
    int n = 0;

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        const struct op *op = op_find(names[i]);

        if (op == NULL)
            continue; /* the lab does not carry it out */
        n++;
        CHECK_ROW(names[i], op->since == since_operation(names[i]));
    }
    g_assert_cmpint(n, >=, 12);
}

static void test_elements(void)
{
    static const struct {
        const char *operation, *element, *attribute;
        enum release since;
    } rows[] = {
        { "GetItem", "BaseShape", NULL, EXCHANGE2007_SP1 },
        { "GetItem", "FilterHtmlContent", NULL, EXCHANGE2010 },
        { "FindItem", "ConvertHtmlCodePageToUTF8", NULL, EXCHANGE2010_SP1 },
        { "FindItem", "QueryString", NULL, EXCHANGE2010 },
        { "FindFolder", "QueryString", NULL, EXCHANGE2007_SP1 },
        { "SyncFolderItems", "SyncScope", NULL, EXCHANGE2010 },
        { "MoveItem", "ReturnNewItemIds", NULL, EXCHANGE2010_SP1 },
        { "CreateItem", "StartTimeZone", NULL, EXCHANGE2010 },
        { "CreateItem", "Flag", NULL, EXCHANGE2013 },
        { "DeleteItem", "DeleteItem", "SuppressReadReceipts", EXCHANGE2013 },
        { "DeleteItem", "DeleteItem", "DeleteType", EXCHANGE2007_SP1 },
        { "CreateItem", "CreateItem", "SuppressReadReceipts",
          EXCHANGE2007_SP1 },
        { "Subscribe", "PullSubscriptionRequest", "SubscribeToAllFolders",
          EXCHANGE2010 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        enum release got =
            rows[i].attribute != NULL
                ? since_attribute(rows[i].operation, rows[i].element,
                                  rows[i].attribute)
                : since_element(rows[i].operation, rows[i].element);

        CHECK_ROW(rows[i].element, got == rows[i].since);
    }
}

/* What a request meets: by what the server is and what the client asks for. */
static void test_requests(void)
{
    static const char shaped[] =
        "<m:GetItem><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape>"
        "<t:MaximumBodySize>5</t:MaximumBodySize></m:ItemShape></m:GetItem>";
    static const char silent[] =
        "<m:DeleteItem DeleteType='HardDelete' SuppressReadReceipts='true'/>";
    static const char deep[] =
        "<m:UpdateItem><m:ItemChanges><t:ItemChange><t:Updates>"
        "<t:SetItemField><t:Message><t:Flag/></t:Message></t:SetItemField>"
        "</t:Updates></t:ItemChange></m:ItemChanges></m:UpdateItem>";
    static const struct {
        const char *name, *request;
        enum release server, asked;
        const char *code; /* NULL: taken */
    } rows[] = {
        { "plain", "<m:GetItem/>", EXCHANGE2007_SP1, EXCHANGE2007_SP1, NULL },
        { "shape lacking", shaped, EXCHANGE2010, EXCHANGE2010,
          "ErrorSchemaValidation" },
        { "shape too old", shaped, EXCHANGE2013, EXCHANGE2010,
          "ErrorIncorrectSchemaVersion" },
        { "shape", shaped, EXCHANGE2013, EXCHANGE2013, NULL },
        { "newest", shaped, EXCHANGE2016, EXCHANGE2016, NULL },
        { "attribute lacking", silent, EXCHANGE2010_SP2, EXCHANGE2010_SP2,
          "ErrorSchemaValidation" },
        { "attribute", silent, EXCHANGE2013, EXCHANGE2013, NULL },
        { "deep", deep, EXCHANGE2010_SP2, EXCHANGE2010_SP1,
          "ErrorSchemaValidation" },
        { "deep too old", deep, EXCHANGE2016, EXCHANGE2010_SP1,
          "ErrorIncorrectSchemaVersion" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_auto(soap_request) request = { 0 };
        struct problem p = { .code = NULL };
        int status;

        fixture_request(rows[i].request, &request);
        status = since_check(version_of(rows[i].server), &request,
                             rows[i].asked, &p);
        CHECK_ROW(rows[i].name, (status < 0) == (rows[i].code != NULL));
        g_assert_cmpstr(p.code, ==, rows[i].code);
        CHECK_ROW(rows[i].name, status == 0 || p.fault);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/since/operations", test_operations);
    g_test_add_func("/since/rows-agree", test_rows_agree);
    g_test_add_func("/since/elements", test_elements);
    g_test_add_func("/since/requests", test_requests);
    return g_test_run();
}
