#include "lab/op.h"

#include "base/check.h"
#include "lab/fixture.h"

/*
 * Run it as the owner of user1, or as who is impersonated; "Code Code ..." of
 * its messages, or "fault Code"; *ret_out is all that was written.
 */
static char *run_as(struct fixture *f, const char *who, const char *operation,
                    char **ret_out)
{
    GString *codes = g_string_new(NULL);
    struct fixture_call c;
    struct problem p;
    const char *at;

    fixture_call_init(&c, f, operation);
    if (who != NULL) {
        caller_clear(&c.caller);
        if (access_identify(&f->lab, who, &c.request, &c.caller, &p) < 0)
            g_error("nobody is %s", who);
    }
    if (c.call.op->run(&c.call, &p) < 0)
        g_string_append_printf(codes, "fault %s", p.code);
    else
        for (at = c.out->str; (at = strstr(at, "<m:ResponseCode>")) != NULL;) {
            at += strlen("<m:ResponseCode>");
            g_string_append_printf(codes, "%s%.*s", codes->len > 0 ? " " : "",
                                   (int)strcspn(at, "<"), at);
        }
    if (ret_out != NULL)
        *ret_out = g_strdup(c.out->str);
    fixture_call_release(&c);
    return g_string_free(codes, FALSE);
}

static char *run(struct fixture *f, const char *operation)
{
    return run_as(f, NULL, operation, NULL);
}

#define KNOWN(id) "<t:DistinguishedFolderId Id='" id "'/>"
#define THEIRS(id)                                                             \
    "<t:DistinguishedFolderId Id='" id "'><t:Mailbox><t:EmailAddress>" USER1   \
    "</t:EmailAddress></t:Mailbox></t:DistinguishedFolderId>"
#define CREATE(parent, folders)                                                \
    "<m:CreateFolder><m:ParentFolderId>" parent "</m:ParentFolderId>"          \
    "<m:Folders>" folders "</m:Folders></m:CreateFolder>"
#define NAMED(element, name)                                                   \
    "<t:" element "><t:DisplayName>" name "</t:DisplayName></t:" element ">"
#define UPDATE(id, changes)                                                    \
    "<m:UpdateFolder><m:FolderChanges><t:FolderChange>" id                     \
    "<t:Updates>" changes                                                      \
    "</t:Updates></t:FolderChange></m:FolderChanges></m:UpdateFolder>"
#define SET(uri, property)                                                     \
    "<t:SetFolderField><t:FieldURI FieldURI='" uri "'/><t:Folder>" property    \
    "</t:Folder></t:SetFolderField>"
#define NAME(name) "<t:DisplayName>" name "</t:DisplayName>"

static void test_codes(void)
{
    /* clang-format off */
    static const struct {
        const char *name, *operation, *want;
    } rows[] = {
        { "one of each", CREATE(KNOWN("inbox"), NAMED("Folder", "a")
          NAMED("CalendarFolder", "b") NAMED("ContactsFolder", "c")
          NAMED("TasksFolder", "d")), "NoError NoError NoError NoError" },
        { "the name is there", CREATE(KNOWN("inbox"), NAMED("Folder", "A")),
          "ErrorFolderExists" },
        { "blanks", CREATE(KNOWN("inbox"), NAMED("Folder", "  ")),
          "ErrorFolderSavePropertyError" },
        { "a line end", CREATE(KNOWN("inbox"), NAMED("Folder", "x&#10;y")),
          "ErrorFolderSavePropertyError" },
        { "no name", CREATE(KNOWN("inbox"), "<t:Folder/>"),
          "ErrorFolderSavePropertyError" },
        { "blanks around", CREATE(KNOWN("inbox"), NAMED("Folder", " e ")),
          "NoError" },
        { "what is counted", CREATE(KNOWN("inbox"), "<t:Folder>" NAME("f")
          "<t:TotalCount>5</t:TotalCount></t:Folder>"),
          "ErrorInvalidPropertySet" },
        { "no folder", CREATE(KNOWN("inbox"), NAMED("Item", "g")),
          "ErrorInvalidOperation" },
        { "a class of its own", CREATE(KNOWN("inbox"),
          "<t:Folder><t:FolderClass>IPF.X</t:FolderClass>" NAME("h")
          "</t:Folder>"), "NoError" },
        { "the class it has", CREATE(KNOWN("inbox"),
          "<t:TasksFolder><t:FolderClass>IPF.Task</t:FolderClass>" NAME("i")
          "</t:TasksFolder>"), "NoError" },
        { "another class", CREATE(KNOWN("inbox"),
          "<t:TasksFolder><t:FolderClass>IPF.X</t:FolderClass>" NAME("j")
          "</t:TasksFolder>"), "ErrorNoFolderClassOverride" },
        { "a search", CREATE(KNOWN("searchfolders"),
          NAMED("SearchFolder", "s")), "ErrorInvalidFolderTypeForOperation" },
        { "a path", "<m:CreateFolderPath><m:ParentFolderId>" KNOWN("drafts")
          "</m:ParentFolderId><m:RelativeFolderPath>" NAMED("Folder", "a")
          NAMED("Folder", "b") "</m:RelativeFolderPath></m:CreateFolderPath>",
          "NoError NoError" },
        { "a path that breaks", "<m:CreateFolderPath><m:ParentFolderId>"
          KNOWN("drafts") "</m:ParentFolderId><m:RelativeFolderPath>"
          "<t:Folder/>" NAMED("Folder", "c")
          "</m:RelativeFolderPath></m:CreateFolderPath>",
          "ErrorFolderSavePropertyError ErrorParentFolderNotFound" },
        { "rename a known one", UPDATE(KNOWN("inbox"),
          SET("folder:DisplayName", NAME("x"))),
          "ErrorFolderSavePropertyError" },
        { "rename it as it is", UPDATE(KNOWN("inbox"),
          SET("folder:DisplayName", NAME("Inbox"))), "NoError" },
        { "another property", UPDATE(KNOWN("inbox"),
          SET("folder:FolderClass", NAME("x"))),
          "ErrorUpdatePropertyMismatch" },
        { "two properties", UPDATE(KNOWN("inbox"),
          SET("folder:DisplayName", NAME("x") NAME("y"))),
          "ErrorIncorrectUpdatePropertyCount" },
        { "none", UPDATE(KNOWN("inbox"), SET("folder:DisplayName", "")),
          "ErrorIncorrectUpdatePropertyCount" },
        { "appended", UPDATE(KNOWN("inbox"),
          "<t:AppendToFolderField><t:FieldURI FieldURI='folder:DisplayName'/>"
          "<t:Folder>" NAME("x") "</t:Folder></t:AppendToFolderField>"),
          "ErrorInvalidPropertyAppend" },
        { "removed", UPDATE(KNOWN("inbox"),
          "<t:DeleteFolderField><t:FieldURI FieldURI='folder:DisplayName'/>"
          "</t:DeleteFolderField>"), "ErrorInvalidPropertyDelete" },
        { "permissions removed", UPDATE(KNOWN("inbox"),
          "<t:DeleteFolderField><t:FieldURI FieldURI='folder:PermissionSet'/>"
          "</t:DeleteFolderField>"), "NoError" },
        { "unknown", UPDATE(KNOWN("inbox"),
          SET("folder:Colour", NAME("x"))),
          "fault ErrorInvalidPropertyRequest" },
        { "of an item", UPDATE(KNOWN("inbox"),
          SET("item:Subject", NAME("x"))),
          "fault ErrorInvalidPropertyRequest" },
        { "a calendar becomes mail", UPDATE(KNOWN("calendar"),
          SET("folder:FolderClass", "<t:FolderClass>IPF.Note</t:FolderClass>")),
          "ErrorObjectTypeChanged" },
        { "delete a known one", "<m:DeleteFolder DeleteType='HardDelete'>"
          "<m:FolderIds>" KNOWN("inbox") "</m:FolderIds></m:DeleteFolder>",
          "ErrorDeleteDistinguishedFolder" },
        { "move a known one", "<m:MoveFolder><m:ToFolderId>" KNOWN("drafts")
          "</m:ToFolderId><m:FolderIds>" KNOWN("inbox")
          "</m:FolderIds></m:MoveFolder>", "ErrorMoveDistinguishedFolder" },
        { "copy a known one", "<m:CopyFolder><m:ToFolderId>" KNOWN("drafts")
          "</m:ToFolderId><m:FolderIds>" KNOWN("inbox")
          "</m:FolderIds></m:CopyFolder>", "NoError" },
        { "copy it again", "<m:CopyFolder><m:ToFolderId>" KNOWN("drafts")
          "</m:ToFolderId><m:FolderIds>" KNOWN("inbox")
          "</m:FolderIds></m:CopyFolder>", "ErrorMoveCopyFailed" },
        { "empty", "<m:EmptyFolder DeleteType='SoftDelete' "
          "DeleteSubFolders='false'><m:FolderIds>" KNOWN("inbox")
          "</m:FolderIds></m:EmptyFolder>", "NoError" },
        { "not said how", "<m:EmptyFolder DeleteType='SoftDelete'>"
          "<m:FolderIds>" KNOWN("inbox") "</m:FolderIds></m:EmptyFolder>",
          "fault ErrorSchemaValidation" },
        { "below a search", CREATE("<t:FolderId Id='x'/>",
          NAMED("Folder", "a") NAMED("Folder", "b")),
          "ErrorInvalidIdMalformed ErrorInvalidIdMalformed" },
        { "no archive", CREATE(KNOWN("archivemsgfolderroot"),
          NAMED("Folder", "a")), "ErrorFolderNotFound" },
    };
    /* clang-format on */
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *got = run(f, rows[i].operation);

        if (strcmp(got, rows[i].want) != 0)
            g_error("%s: %s", rows[i].name, got);
    }
}

/* A change key is wanted with an id, and must be one. */
static void test_change_keys(void)
{
    static const struct {
        const char *attribute, *want;
    } rows[] = {
        { "", "ErrorChangeKeyRequiredForWriteOperations" },
        { "ChangeKey=''", "ErrorInvalidChangeKey" },
        { "ChangeKey='?'", "ErrorInvalidChangeKey" },
        { "ChangeKey='AQAAAA=='", "NoError" },
    };
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
    g_autofree char *id = fixture_folder(f, f->user1, "inbox");

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *which =
            g_strdup_printf("<t:FolderId Id='%s' %s/>", id, rows[i].attribute);
        g_autofree char *operation = g_strdup_printf(
            UPDATE("%s", SET("folder:DisplayName", NAME("Inbox"))), which);
        g_autofree char *got = run(f, operation);

        g_assert_cmpstr(got, ==, rows[i].want);
    }
}

/* ---- what permissions allow ------------------------------------------ */

static void share(struct fixture *f, const char *folder, const char *level)
{
    g_autofree char *operation = g_strdup_printf(
        UPDATE("<t:DistinguishedFolderId Id='%s'/>",
               SET("folder:PermissionSet",
                   "<t:PermissionSet><t:Permissions><t:Permission><t:UserId>"
                   "<t:PrimarySmtpAddress>" USER2 "</t:PrimarySmtpAddress>"
                   "</t:UserId><t:PermissionLevel>%s</t:PermissionLevel>"
                   "</t:Permission></t:Permissions></t:PermissionSet>")),
        folder, level);
    g_autofree char *got = run(f, operation);

    g_assert_cmpstr(got, ==, "NoError");
}

#define GET                                                                    \
    "<m:GetFolder><m:FolderShape><t:BaseShape>IdOnly</t:BaseShape>"            \
    "</m:FolderShape><m:FolderIds>" THEIRS("inbox") "</m:FolderIds>"           \
                                                    "</m:GetFolder>"
#define FIND                                                                   \
    "<m:FindItem Traversal='Shallow'><m:ItemShape><t:BaseShape>IdOnly"         \
    "</t:BaseShape></m:ItemShape><m:ParentFolderIds>" THEIRS(                  \
        "inbox") "</m:"                                                        \
                 "ParentFolderIds></m:FindItem>"
#define MAKE CREATE(THEIRS("inbox"), NAMED("Folder", "x"))

static void test_levels(void)
{
    /* clang-format off */
    static const struct {
        const char *level, *get, *find, *make, *item;
    } rows[] = {
        { "None", "ErrorItemNotFound", "ErrorItemNotFound",
          "ErrorItemNotFound", "ErrorAccessDenied" },
        { "Contributor", "NoError", "ErrorAccessDenied",
          "ErrorCreateSubfolderAccessDenied", "ErrorAccessDenied" },
        { "Reviewer", "NoError", "NoError",
          "ErrorCreateSubfolderAccessDenied", "NoError" },
        { "Editor", "NoError", "NoError",
          "ErrorCreateSubfolderAccessDenied", "NoError" },
        { "PublishingEditor", "NoError", "NoError", "NoError", "NoError" },
    };
    /* clang-format on */
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
    g_autofree char *id = fixture_add_mail(f, f->user1, "inbox", "x");
    g_autofree char *item =
        g_strdup_printf("<m:GetItem><m:ItemShape><t:BaseShape>IdOnly"
                        "</t:BaseShape></m:ItemShape><m:ItemIds><t:ItemId "
                        "Id='%s'/></m:ItemIds></m:GetItem>",
                        id);

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *get = NULL, *find = NULL, *make = NULL, *read = NULL;

        share(f, "inbox", rows[i].level);
        get = run_as(f, USER2, GET, NULL);
        find = run_as(f, USER2, FIND, NULL);
        make = run_as(f, USER2, MAKE, NULL);
        read = run_as(f, USER2, item, NULL);
        g_assert_cmpstr(get, ==, rows[i].get);
        g_assert_cmpstr(find, ==, rows[i].find);
        if (strcmp(make, rows[i].make) != 0)
            g_error("%s: %s", rows[i].level, make);
        g_assert_cmpstr(read, ==, rows[i].item);
    }
}

static void test_deleting_as_an_editor(void)
{
    static const struct {
        const char *level, *want;
    } rows[] = {
        { "Reviewer", "ErrorAccessDenied" },
        /* an author deletes what is his, and this is not */
        { "Author", "ErrorAccessDenied" },
        { "Editor", "NoError" },
    };
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
    g_autofree char *id = fixture_add_mail(f, f->user1, "inbox", "x");
    g_autofree char *operation = g_strdup_printf(
        "<m:DeleteItem DeleteType='HardDelete'><m:ItemIds><t:ItemId Id='%s'/>"
        "</m:ItemIds></m:DeleteItem>",
        id);

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *got = NULL;

        share(f, "inbox", rows[i].level);
        got = run_as(f, USER2, operation, NULL);
        g_assert_cmpstr(got, ==, rows[i].want);
    }
}

/* Folders that one may not see are in no list. */
static void test_lists(void)
{
    static const char find[] =
        "<m:FindFolder Traversal='Deep'><m:FolderShape><t:BaseShape>Default"
        "</t:BaseShape></m:FolderShape><m:ParentFolderIds>" THEIRS(
            "msgfolderroot") "</m:ParentFolderIds></m:FindFolder>";
    static const char sync[] =
        "<m:SyncFolderHierarchy><m:FolderShape><t:BaseShape>Default"
        "</t:BaseShape></m:FolderShape><m:SyncFolderId>" THEIRS(
            "msgfolderroot") "</m:SyncFolderId></m:SyncFolderHierarchy>";
    const char *const operations[] = { find, sync };
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);

    share(f, "msgfolderroot", "Reviewer");
    share(f, "inbox", "Reviewer");
    for (size_t i = 0; i < G_N_ELEMENTS(operations); i++) {
        g_autofree char *out = NULL;
        g_autofree char *got = run_as(f, USER2, operations[i], &out);

        g_assert_cmpstr(got, ==, "NoError");
        CHECK_ROW(operations[i], strstr(out, ">Inbox<") != NULL);
        CHECK_ROW(operations[i], strstr(out, ">Drafts<") == NULL);
        CHECK_ROW(operations[i], strstr(out, ">Calendar<") == NULL);
    }
}

static void test_finding(void)
{
    /* clang-format off */
    static const struct {
        const char *restriction;
        int want;
    } rows[] = {
        { "<t:IsEqualTo><t:FieldURI FieldURI='folder:DisplayName'/>"
          "<t:FieldURIOrConstant><t:Constant Value='INBOX'/>"
          "</t:FieldURIOrConstant></t:IsEqualTo>", 1 },
        { "<t:Contains ContainmentMode='Prefixed' ContainmentComparison="
          "'IgnoreCase'><t:FieldURI FieldURI='folder:FolderClass'/>"
          "<t:Constant Value='IPF.A'/></t:Contains>", 1 },
        { "<t:IsGreaterThan><t:FieldURI FieldURI='folder:TotalCount'/>"
          "<t:FieldURIOrConstant><t:Constant Value='0'/>"
          "</t:FieldURIOrConstant></t:IsGreaterThan>", 1 },
        { "<t:IsEqualTo><t:ExtendedFieldURI PropertyTag='0x10F4' "
          "PropertyType='Boolean'/><t:FieldURIOrConstant>"
          "<t:Constant Value='true'/></t:FieldURIOrConstant></t:IsEqualTo>",
          0 },
    };
    /* clang-format on */
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
    g_autofree char *id = fixture_add_mail(f, f->user1, "inbox", "x");

    g_assert_nonnull(id);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *operation = g_strdup_printf(
            "<m:FindFolder Traversal='Shallow'><m:FolderShape><t:BaseShape>"
            "IdOnly</t:BaseShape></m:FolderShape><m:Restriction>%s"
            "</m:Restriction><m:ParentFolderIds>" KNOWN(
                "msgfolderroot") "</m:ParentFolderIds></m:FindFolder>",
            rows[i].restriction);
        g_autofree char *out = NULL, *total = NULL;
        g_autofree char *got = run_as(f, NULL, operation, &out);

        g_assert_cmpstr(got, ==, "NoError");
        total = g_strdup_printf("TotalItemsInView=\"%d\"", rows[i].want);
        CHECK_ROW(rows[i].restriction, strstr(out, total) != NULL);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/op-folder/codes", test_codes);
    g_test_add_func("/op-folder/change-keys", test_change_keys);
    g_test_add_func("/op-folder/levels", test_levels);
    g_test_add_func("/op-folder/deleting-as-an-editor",
                    test_deleting_as_an_editor);
    g_test_add_func("/op-folder/lists", test_lists);
    g_test_add_func("/op-folder/finding", test_finding);
    return g_test_run();
}
