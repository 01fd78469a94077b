#include "lab/op.h"

#include "base/check.h"
#include "lab/fixture.h"

static void test_table(void)
{
    static const struct {
        const char *name;
        enum release since;
    } rows[] = {
        { "GetFolder", EXCHANGE2007_SP1 },
        { "ExportItems", EXCHANGE2010_SP1 },
        { "UploadItems", EXCHANGE2010_SP1 },
        { "SyncFolderItems", EXCHANGE2007_SP1 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        const struct op *op = op_find(rows[i].name);

        g_assert_nonnull(op);
        CHECK_ROW(rows[i].name, op->since == rows[i].since);
    }
    g_assert_null(op_find("getfolder"));
    g_assert_null(op_find(""));
    g_assert_true(op_find("SyncFolderItems")->sync);
    g_assert_false(op_find("GetItem")->sync);
}

static void test_elements(void)
{
    static const struct {
        const char *item_class, *want;
    } rows[] = {
        { "IPM.Note", "t:Message" },
        { "ipm.note", "t:Message" },
        { "IPM.Note.SMIME.MultipartSigned", "t:Message" },
        { "REPORT.IPM.Note.NDR", "t:Message" },
        { "IPM.Appointment", "t:CalendarItem" },
        { "IPM.Appointment.Own", "t:CalendarItem" },
        { "IPM.Schedule.Meeting.Request", "t:MeetingRequest" },
        { "IPM.Schedule.Meeting.Resp.Pos", "t:MeetingResponse" },
        { "IPM.Schedule.Meeting.Canceled", "t:MeetingCancellation" },
        { "IPM.Contact", "t:Contact" },
        { "IPM.DistList", "t:DistributionList" },
        { "IPM.Task", "t:Task" },
        { "IPM.Post", "t:PostItem" },
        { "IPM.StickyNote", "t:Item" },
        { "IPM.Activity", "t:Item" },
        { "IPM", "t:Item" },
        { "", "t:Item" },
        { NULL, "t:Item" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        g_assert_cmpstr(op_item_element(rows[i].item_class), ==, rows[i].want);
}

static void test_what_the_schema_finds(void)
{
    static const struct {
        const char *name, *operation;
        enum release server, asked;
        const char *want;
    } rows[] = {
        { "all well",
          "<m:GetFolder><m:FolderIds><t:DistinguishedFolderId Id='inbox'/>"
          "</m:FolderIds></m:GetFolder>",
          EXCHANGE2007_SP1, EXCHANGE2007_SP1, "NoError" },
        { "a folder of later days",
          "<m:GetFolder><m:FolderIds>"
          "<t:DistinguishedFolderId Id='recoverableitemsroot'/>"
          "</m:FolderIds></m:GetFolder>",
          EXCHANGE2010, EXCHANGE2010, "ErrorSchemaValidation" },
        { "the second of two",
          "<m:GetFolder><m:FolderIds><t:DistinguishedFolderId Id='inbox'/>"
          "<t:DistinguishedFolderId Id='x'/></m:FolderIds></m:GetFolder>",
          EXCHANGE2016, EXCHANGE2016, "ErrorSchemaValidation" },
        { "without an id",
          "<m:SyncFolderItems><m:SyncFolderId><t:DistinguishedFolderId/>"
          "</m:SyncFolderId></m:SyncFolderItems>",
          EXCHANGE2016, EXCHANGE2016, "ErrorSchemaValidation" },
        { "scope, in its time",
          "<m:SyncFolderItems><m:SyncScope>NormalItems</m:SyncScope>"
          "</m:SyncFolderItems>",
          EXCHANGE2010, EXCHANGE2010, "NoError" },
        { "scope, too early for the server",
          "<m:SyncFolderItems><m:SyncScope>NormalItems</m:SyncScope>"
          "</m:SyncFolderItems>",
          EXCHANGE2007_SP1, EXCHANGE2007_SP1, "ErrorSchemaValidation" },
        { "scope, too early for what was asked",
          "<m:SyncFolderItems><m:SyncScope>NormalItems</m:SyncScope>"
          "</m:SyncFolderItems>",
          EXCHANGE2016, EXCHANGE2007_SP1, "ErrorIncorrectSchemaVersion" },
        { "an attribute, too early",
          "<m:DeleteItem SuppressReadReceipts='true'/>", EXCHANGE2010_SP2,
          EXCHANGE2010_SP2, "ErrorSchemaValidation" },
        { "an attribute, in its time",
          "<m:DeleteItem SuppressReadReceipts='true'/>", EXCHANGE2013,
          EXCHANGE2013, "NoError" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        const struct lab lab = { .version = version_of(rows[i].server) };
        g_auto(soap_request) request = { 0 };
        struct problem p = { .code = "NoError" };

        fixture_request(rows[i].operation, &request);
        if (op_check_request(&lab, &request, rows[i].asked, &p) == 0)
            p.code = "NoError";
        if (strcmp(p.code, rows[i].want) != 0)
            g_error("%s: %s", rows[i].name, p.code);
    }
}

/* Fails for the elements whose Id is the code to fail with. */
static int each(struct op_call *call, const xmlNode *node, void *data,
                struct problem *p)
{
    g_autofree char *id = soap_attr_dup(node, "Id");
    unsigned int *calls = data;

    (*calls)++;
    reply_message_begin(&call->reply, NULL);
    xml_raw(&call->reply.x, "half");
    if (g_str_has_prefix(id, "Fault"))
        return problem_fault(p, "ErrorInvalidRequest");
    if (g_str_has_prefix(id, "Error"))
        return problem_set(p, problem_intern(id));
    reply_message_end(&call->reply);
    return 0;
}

/* "NoError ErrorX ...": what the messages in out say. */
static char *codes_in(const char *out)
{
    GString *codes = g_string_new(NULL);
    g_auto(GStrv) parts = g_strsplit(out, "<m:ResponseCode>", -1);

    for (size_t i = 1; parts[0] != NULL && parts[i] != NULL; i++)
        g_string_append_printf(codes, "%s%.*s", i > 1 ? " " : "",
                               (int)strcspn(parts[i], "<"), parts[i]);
    return g_string_free(codes, FALSE);
}

static void test_each(void)
{
    static const struct {
        const char *name, *ids[4], *want;
        unsigned int calls;
    } rows[] = {
        { "all well", { "a", "b" }, "NoError NoError", 2 },
        { "one fails alone",
          { "a", "ErrorItemNotFound", "c" },
          "NoError ErrorItemNotFound NoError",
          3 },
        { "one that would repeat itself",
          { "a", "ErrorQuotaExceeded", "c" },
          "NoError ErrorQuotaExceeded ErrorBatchProcessingStopped",
          2 },
        { "nothing asked", { NULL }, "", 0 },
    };
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GString) operation =
            g_string_new("<m:ExportItems><m:ItemIds>");
        g_autofree char *codes = NULL;
        unsigned int calls = 0;
        struct fixture_call c;
        struct problem p;

        for (size_t j = 0; rows[i].ids[j] != NULL; j++)
            g_string_append_printf(operation, "<t:ItemId Id='%s'/>",
                                   rows[i].ids[j]);
        g_string_append(operation, "</m:ItemIds></m:ExportItems>");
        fixture_call_init(&c, f, operation->str);
        g_assert_cmpint(
            op_each(&c.call, op_child(&c.call, "ItemIds"), each, &calls, &p),
            ==, 0);
        codes = codes_in(c.out->str);
        g_assert_cmpstr(codes, ==, rows[i].want);
        CHECK_ROW(rows[i].name, calls == rows[i].calls);
        /* what a failing one had written is gone */
        g_auto(GStrv) halves = g_strsplit(c.out->str, "half", -1);
        g_auto(GStrv) successes = g_strsplit(c.out->str, ">NoError<", -1);
        CHECK_ROW(rows[i].name,
                  g_strv_length(halves) == g_strv_length(successes));
        fixture_call_release(&c);
    }
}

static void test_each_fault(void)
{
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
    unsigned int calls = 0;
    struct fixture_call c;
    struct problem p;

    fixture_call_init(&c, f,
                      "<m:GetItem><m:ItemIds><t:ItemId Id='a'/>"
                      "<t:ItemId Id='Fault'/><t:ItemId Id='c'/></m:ItemIds>"
                      "</m:GetItem>");
    g_assert_cmpint(
        op_each(&c.call, op_child(&c.call, "ItemIds"), each, &calls, &p), <, 0);
    g_assert_true(p.fault);
    g_assert_cmpuint(calls, ==, 2);
    fixture_call_release(&c);
}

/* What every item is to fail with: nothing is tried. */
static void test_each_inside(void)
{
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
    g_autofree char *codes = NULL;
    unsigned int calls = 0;
    struct problem inside, p;
    struct fixture_call c;

    problem_set(&inside, "ErrorServerBusy");
    fixture_call_init(&c, f,
                      "<m:GetItem><m:ItemIds><t:ItemId Id='a'/>"
                      "<t:ItemId Id='b'/></m:ItemIds></m:GetItem>");
    c.call.inside = &inside;
    g_assert_cmpint(
        op_each(&c.call, op_child(&c.call, "ItemIds"), each, &calls, &p), ==,
        0);
    codes = codes_in(c.out->str);
    g_assert_cmpstr(codes, ==, "ErrorServerBusy ErrorServerBusy");
    g_assert_cmpuint(calls, ==, 0);
    g_assert_nonnull(strstr(c.out->str, "<m:Items/>"));
    fixture_call_release(&c);
}

static void test_faults_are_counted(void)
{
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
    g_autofree char *text = NULL;
    struct fixture_call c;
    struct fault_hit hit;
    struct err err;

    CHECK_OK(faults_add(f->lab.faults, "export:match=poison", &err), &err);
    fixture_call_init(&c, f, "<m:ExportItems/>");
    g_assert_false(op_fault(&c.call, FAULT_EXPORT, "harmless", &hit));
    g_assert_false(c.call.injected);
    g_assert_true(op_fault(&c.call, FAULT_EXPORT, "poison", &hit));
    g_assert_true(c.call.injected);
    text = counters_text(f->lab.counters);
    g_assert_nonnull(strstr(text, "fault.export 1\n"));
    fixture_call_release(&c);
}

/* Run it as ews.c does; what it wrote, or the code of the fault. */
static char *run(struct fixture *f, const char *operation)
{
    struct fixture_call c;
    struct problem p;
    char *out;

    fixture_call_init(&c, f, operation);
    if (c.call.op->run(&c.call, &p) < 0)
        out = g_strconcat("fault ", p.code, NULL);
    else
        out = g_strdup(c.out->str);
    fixture_call_release(&c);
    return out;
}

static void test_faults_of_operations(void)
{
    static const struct {
        const char *operation, *want;
    } rows[] = {
        { "<m:GetFolder/>", "fault ErrorSchemaValidation" },
        { "<m:GetFolder><m:FolderShape><t:BaseShape>x</t:BaseShape>"
          "</m:FolderShape></m:GetFolder>",
          "fault ErrorSchemaValidation" },
        { "<m:FindFolder/>", "fault ErrorSchemaValidation" },
        { "<m:FindFolder Traversal='SoftDeleted'/>",
          "fault ErrorSchemaValidation" },
        { "<m:FindFolder Traversal='Deep'><m:FolderShape><t:BaseShape>IdOnly"
          "</t:BaseShape></m:FolderShape><m:Restriction/></m:FindFolder>",
          "fault ErrorSchemaValidation" },
        { "<m:FindItem/>", "fault ErrorSchemaValidation" },
        { "<m:FindItem Traversal='Shallow'><m:CalendarView/></m:FindItem>",
          "fault ErrorSchemaValidation" },
        { "<m:FindItem Traversal='Shallow'><m:IndexedPageItemView "
          "BasePoint='Middle'/></m:FindItem>",
          "fault ErrorSchemaValidation" },
        { "<m:FindItem Traversal='Shallow'><m:IndexedPageItemView "
          "BasePoint='Beginning' Offset='-1'/></m:FindItem>",
          "fault ErrorInvalidIndexedPagingParameters" },
        { "<m:FindItem Traversal='Shallow'><m:IndexedPageItemView "
          "BasePoint='Beginning' MaxEntriesReturned='0'/></m:FindItem>",
          "fault ErrorInvalidPagingMaxRows" },
        { "<m:FindItem Traversal='Shallow'><m:SortOrder><t:FieldOrder "
          "Order='Ascending'>"
          "<t:FieldURI FieldURI='item:ItemId'/></t:FieldOrder></m:SortOrder>"
          "</m:FindItem>",
          "fault ErrorUnsupportedPathForSortGroup" },
        { "<m:DeleteItem/>", "fault ErrorSchemaValidation" },
        { "<m:DeleteFolder DeleteType='x'/>", "fault ErrorSchemaValidation" },
        { "<m:UploadItems><m:Items><t:Thing/></m:Items></m:UploadItems>",
          "fault ErrorSchemaValidation" },
        { "<m:UploadItems><m:Items><t:Item CreateAction='CreateNew'/>"
          "</m:Items></m:UploadItems>",
          "fault ErrorSchemaValidation" },
        { "<m:SyncFolderItems><m:MaxChangesReturned>0</m:MaxChangesReturned>"
          "</m:SyncFolderItems>",
          "fault ErrorSchemaValidation" },
        { "<m:ExportItems/>", "" },
    };
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *got = run(f, rows[i].operation);

        if (strcmp(got, rows[i].want) != 0)
            g_error("%s: %s", rows[i].operation, got);
    }
}

/* Newest first by default; from the end, the other way round. */
static void test_pages_from_either_end(void)
{
    static const struct {
        const char *view, *first;
    } rows[] = {
        { "BasePoint='Beginning' Offset='0'", ">last<" },
        { "BasePoint='End' Offset='0'", ">first<" },
    };
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
    g_autofree G_GNUC_UNUSED char *a =
        fixture_add_mail(f, f->user1, "inbox", "first");
    g_autofree G_GNUC_UNUSED char *b =
        fixture_add_mail(f, f->user1, "inbox", "last");

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *operation = g_strdup_printf(
            "<m:FindItem Traversal='Shallow'><m:ItemShape><t:BaseShape>Default"
            "</t:BaseShape></m:ItemShape><m:IndexedPageItemView %s "
            "MaxEntriesReturned='1'/><m:ParentFolderIds>"
            "<t:DistinguishedFolderId Id='inbox'/></m:ParentFolderIds>"
            "</m:FindItem>",
            rows[i].view);
        g_autofree char *got = run(f, operation);

        CHECK_ROW(rows[i].view, strstr(got, rows[i].first) != NULL);
        CHECK_ROW(rows[i].view,
                  strstr(got, "IndexedPagingOffset=\"1\" TotalItemsInView=\"2\""
                              " IncludesLastItemInRange=\"false\"") != NULL);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/op/table", test_table);
    g_test_add_func("/op/elements", test_elements);
    g_test_add_func("/op/what-the-schema-finds", test_what_the_schema_finds);
    g_test_add_func("/op/each", test_each);
    g_test_add_func("/op/each-fault", test_each_fault);
    g_test_add_func("/op/each-inside", test_each_inside);
    g_test_add_func("/op/faults-are-counted", test_faults_are_counted);
    g_test_add_func("/op/faults-of-operations", test_faults_of_operations);
    g_test_add_func("/op/pages-from-either-end", test_pages_from_either_end);
    return g_test_run();
}
