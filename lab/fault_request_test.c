#include "base/check.h"
#include "lab/ews_priv.h"
#include "lab/fixture.h"

/* A request after a rule has bent it, as text. */
static char *bent(struct fixture *f, const char *rule, const char *operation)
{
    static const struct op update = { .name = "UpdateItem" };
    struct job job = { .lab = &f->lab, .op = &update };
    xmlBuffer *buffer = xmlBufferCreate();
    struct err err;
    char *text;

    fixture_request(operation, &job.request);
    CHECK_OK(faults_replace(f->lab.faults, rule, &err), &err);
    fault_bend_request(&job);
    xmlNodeDump(buffer, job.request.doc,
                (xmlNode *)(uintptr_t)job.request.operation, 0, 0);
    text = g_strdup((const char *)xmlBufferContent(buffer));
    xmlBufferFree(buffer);
    soap_request_clear(&job.request);
    return text;
}

static void test_bends(void)
{
    static const struct {
        const char *name, *rule, *request, *want;
    } rows[] = {
        { "page", "short-page:n=3",
          "<m:FindItem><m:IndexedPageItemView MaxEntriesReturned=\"100\" "
          "Offset=\"7\"/></m:FindItem>",
          "<m:FindItem><m:IndexedPageItemView MaxEntriesReturned=\"3\" "
          "Offset=\"7\"/></m:FindItem>" },
        { "page without a size", "short-page:n=3",
          "<m:FindFolder><m:IndexedPageFolderView Offset=\"0\"/>"
          "</m:FindFolder>",
          "<m:FindFolder><m:IndexedPageFolderView Offset=\"0\" "
          "MaxEntriesReturned=\"3\"/></m:FindFolder>" },
        { "shorter already", "short-page:n=30",
          "<m:SyncFolderItems><m:MaxChangesReturned>5</m:MaxChangesReturned>"
          "</m:SyncFolderItems>",
          "<m:SyncFolderItems><m:MaxChangesReturned>5</m:MaxChangesReturned>"
          "</m:SyncFolderItems>" },
        { "changes", "short-page:n=2",
          "<m:SyncFolderItems><m:MaxChangesReturned>512"
          "</m:MaxChangesReturned></m:SyncFolderItems>",
          "<m:SyncFolderItems><m:MaxChangesReturned>2</m:MaxChangesReturned>"
          "</m:SyncFolderItems>" },
        { "no number", "short-page:n=2",
          "<m:SyncFolderItems><m:MaxChangesReturned>many"
          "</m:MaxChangesReturned></m:SyncFolderItems>",
          "<m:SyncFolderItems><m:MaxChangesReturned>many"
          "</m:MaxChangesReturned></m:SyncFolderItems>" },
        { "unread", "unread-lost",
          "<m:CreateItem><t:Message><t:ExtendedProperty><t:ExtendedFieldURI "
          "PropertyTag=\"0xe07\" PropertyType=\"Integer\"/><t:Value>8"
          "</t:Value></t:ExtendedProperty></t:Message></m:CreateItem>",
          "<m:CreateItem><t:Message><t:ExtendedProperty><t:ExtendedFieldURI "
          "PropertyTag=\"0xe07\" PropertyType=\"Integer\"/><t:Value>9"
          "</t:Value></t:ExtendedProperty></t:Message></m:CreateItem>" },
        { "another property", "unread-lost",
          "<m:CreateItem><t:ExtendedProperty><t:ExtendedFieldURI "
          "PropertyTag=\"0x1080\" PropertyType=\"Integer\"/><t:Value>8"
          "</t:Value></t:ExtendedProperty></m:CreateItem>",
          "<m:CreateItem><t:ExtendedProperty><t:ExtendedFieldURI "
          "PropertyTag=\"0x1080\" PropertyType=\"Integer\"/><t:Value>8"
          "</t:Value></t:ExtendedProperty></m:CreateItem>" },
        { "contact", "contact-mime-dropped",
          "<m:CreateItem><t:Contact><t:MimeContent>QQ==</t:MimeContent>"
          "<t:Subject>a</t:Subject></t:Contact></m:CreateItem>",
          "<m:CreateItem><t:Contact><t:Subject>a</t:Subject></t:Contact>"
          "</m:CreateItem>" },
        { "a message keeps it", "contact-mime-dropped",
          "<m:CreateItem><t:Message><t:MimeContent>QQ==</t:MimeContent>"
          "</t:Message></m:CreateItem>",
          "<m:CreateItem><t:Message><t:MimeContent>QQ==</t:MimeContent>"
          "</t:Message></m:CreateItem>" },
        { "no rule", "",
          "<m:FindItem><m:IndexedPageItemView MaxEntriesReturned=\"9\"/>"
          "</m:FindItem>",
          "<m:FindItem><m:IndexedPageItemView MaxEntriesReturned=\"9\"/>"
          "</m:FindItem>" },
    };
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *got = bent(f, rows[i].rule, rows[i].request);

        if (strcmp(got, rows[i].want) != 0)
            g_error("%s: %s", rows[i].name, got);
    }
}

/* A change key becomes the one that holds; an id of nothing stays. */
static void test_stale_key(void)
{
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
    g_autofree char *id = fixture_add_mail(f, f->user1, "inbox", "a");
    g_auto(lab_item) item = { 0 };
    g_autofree char *request = g_strdup_printf(
        "<m:UpdateItem><t:ItemId Id=\"%s\" ChangeKey=\"old\"/>"
        "<t:ItemId Id=\"%s\"/><t:ItemId Id=\"none\" ChangeKey=\"old\"/>"
        "</m:UpdateItem>",
        id, id);
    g_autofree char *want = NULL;
    g_autofree char *got = NULL;
    struct err err;

    CHECK_OK(lab_store_item(f->lab.store, f->user1, id, &item, &err), &err);
    want = g_strdup_printf(
        "<m:UpdateItem><t:ItemId Id=\"%s\" ChangeKey=\"%s\"/>"
        "<t:ItemId Id=\"%s\"/><t:ItemId Id=\"none\" ChangeKey=\"old\"/>"
        "</m:UpdateItem>",
        id, item.change_key, id);
    got = bent(f, "stale-key-taken", request);
    g_assert_cmpstr(got, ==, want);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/fault-request/bends", test_bends);
    g_test_add_func("/fault-request/stale-key", test_stale_key);
    return g_test_run();
}
