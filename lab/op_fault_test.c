#include "lab/op_fault.h"

#include "base/check.h"
#include "lab/fixture.h"

/* What happens to the only item of a request; "" when nothing. */
static const char *outcome(struct fixture *f, const char *rule,
                           const char *operation, bool *ret_whole)
{
    struct fixture_call c;
    struct problem p = { .code = "" };
    const xmlNode *item;
    struct err err;

    CHECK_OK(faults_replace(f->lab.faults, rule, &err), &err);
    fixture_call_init(&c, f, operation);
    item = soap_first(soap_first(c.request.operation));
    if (op_fault_item(&c.call, item, &p) == 0)
        p.code = "";
    g_assert_true(c.call.injected == (p.code[0] != '\0'));
    *ret_whole = p.fault;
    fixture_call_release(&c);
    return p.code;
}

static void test_items(void)
{
    static const char appointment[] =
        "<m:GetItem><m:Items><t:CalendarItem><t:MimeContent>QQ=="
        "</t:MimeContent>%s</t:CalendarItem></m:Items></m:GetItem>";
    static const char upload[] = "<m:UploadItems><m:Items><t:Item "
                                 "CreateAction='%s'><t:ItemId Id='x'/>"
                                 "</t:Item></m:Items></m:UploadItems>";
    static const struct {
        const char *rule, *format, *inside, *code;
        bool whole;
    } rows[] = {
        { "item", appointment, "", "ErrorInternalServerError", false },
        { "item:code=ErrorItemSave", appointment, "", "ErrorItemSave", false },
        { "batch", appointment, "", "ErrorInternalServerError", true },
        { "item:op=FindItem", appointment, "", "", false },
        { "item:class=IPM.Note", appointment,
          "<t:ItemClass>IPM.Note</t:ItemClass>", "ErrorInternalServerError",
          false },
        { "item:class=IPM.Task", appointment,
          "<t:ItemClass>IPM.Note</t:ItemClass>", "", false },
        { "batch:match=poison", appointment,
          "<t:Subject>a poison pill</t:Subject>", "ErrorInternalServerError",
          true },
        { "appointment-mime-refused", appointment, "",
          "ErrorMimeContentInvalid", false },
        { "appointment-mime-refused", appointment, "<t:Start/>", "", false },
        { "update-refused", upload, "Update", "ErrorItemSave", false },
        { "update-refused", upload, "UpdateOrCreate", "ErrorItemSave", false },
        { "update-refused", upload, "CreateNew", "", false },
        { "", upload, "Update", "", false },
    };
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_auto(GStrv) parts = g_strsplit(rows[i].format, "%s", 2);
        g_autofree char *request =
            g_strconcat(parts[0], rows[i].inside, parts[1], NULL);
        bool whole = false;
        const char *code = outcome(f, rows[i].rule, request, &whole);

        if (strcmp(code, rows[i].code) != 0)
            g_error("%s: %s", rows[i].rule, code);
        CHECK_ROW(rows[i].rule, whole == rows[i].whole);
    }
}

/* An id says nothing: its subject and class are looked up. */
static void test_stored(void)
{
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
    g_autofree char *id = fixture_add_mail(f, f->user1, "inbox", "poison");
    g_autofree char *request = g_strdup_printf(
        "<m:GetItem><m:ItemIds><t:ItemId Id='%s'/></m:ItemIds></m:GetItem>",
        id);
    static const struct {
        const char *rule;
        bool hits;
    } rows[] = {
        { "item:match=poison", true },
        { "item:match=harmless", false },
        { "item:class=IPM.Note", true },
        { "item:class=IPM.Contact", false },
        { "item:mailbox=" USER1 ",class=IPM", true },
        { "item:mailbox=" USER2, false },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        bool whole;

        CHECK_ROW(rows[i].rule, (outcome(f, rows[i].rule, request, &whole)[0] !=
                                 '\0') == rows[i].hits);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/op-fault/items", test_items);
    g_test_add_func("/op-fault/stored", test_stored);
    return g_test_run();
}
