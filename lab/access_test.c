#include "lab/access.h"

#include "base/check.h"
#include "lab/fixture.h"

static const char *code_of(int status, const struct problem *p)
{
    return status < 0 ? p->code : "NoError";
}

static void test_who(void)
{
    static const struct {
        const char *name, *login;
        enum soap_sid kind;
        const char *sid, *want, *address, *budget;
    } rows[] = {
        { "oneself", USER1, SID_NONE, NULL, "NoError", USER1, USER1 },
        { "no mailbox", ADMIN, SID_NONE, NULL, "NoError", NULL, ADMIN },
        { "impersonating", ADMIN, SID_PRIMARY_SMTP, USER2, "NoError", USER2,
          USER2 },
        { "in another case", ADMIN, SID_PRIMARY_SMTP, "USER2@Contoso.Example",
          "NoError", USER2, USER2 },
        { "by any address", ADMIN, SID_SMTP, "one@contoso.example", "NoError",
          USER1, USER1 },
        { "by login", ADMIN, SID_PRINCIPAL_NAME, USER2, "NoError", USER2,
          USER2 },
        { "by alias", ADMIN, SID_PRIMARY_SMTP, "one@contoso.example",
          "ErrorNonPrimarySmtpAddress", NULL, NULL },
        { "nobody", ADMIN, SID_SMTP, "x@contoso.example",
          "ErrorNonExistentMailbox", NULL, NULL },
        { "empty", ADMIN, SID_SMTP, "", "ErrorNonExistentMailbox", NULL, NULL },
        { "by SID", ADMIN, SID_SID, "S-1-5-18", "ErrorNonExistentMailbox", NULL,
          NULL },
        { "no right", USER1, SID_SMTP, USER2, "ErrorImpersonateUserDenied",
          NULL, NULL },
        { "oneself, without the right", USER1, SID_SMTP, USER1,
          "ErrorImpersonateUserDenied", NULL, NULL },
        { "gone", "x@contoso.example", SID_NONE, NULL, "ErrorAccessDenied",
          NULL, NULL },
    };
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        const struct soap_request request = {
            .sid_kind = rows[i].kind,
            .sid = (char *)(uintptr_t)rows[i].sid,
        };
        g_auto(caller) c = { 0 };
        struct problem p = { 0 };
        int status = access_identify(&f->lab, rows[i].login, &request, &c, &p);

        g_assert_cmpstr(code_of(status, &p), ==, rows[i].want);
        g_assert_cmpstr(c.address, ==, rows[i].address);
        g_assert_cmpstr(c.budget, ==, rows[i].budget);
        CHECK_ROW(rows[i].name, status == 0 || p.fault);
    }
}

/* Before 2010 SP2 RU4 all that an account impersonates share its budget. */
static void test_shared_budget(void)
{
    static char target[] = USER2;
    const struct soap_request request = { .sid_kind = SID_SMTP, .sid = target };
    g_autoptr(fixture) f = fixture_new(EXCHANGE2010_SP1);
    g_auto(caller) c = { 0 };
    struct problem p;

    g_assert_cmpint(access_identify(&f->lab, ADMIN, &request, &c, &p), ==, 0);
    g_assert_cmpstr(c.address, ==, USER2);
    g_assert_cmpstr(c.budget, ==, ADMIN);
}

static void test_rights_switched_off(void)
{
    static char target[] = USER2;
    const struct soap_request request = { .sid_kind = SID_SMTP, .sid = target };
    const struct soap_request none = { 0 };
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
    g_autofree char *inbox = fixture_folder(f, f->user1, "inbox");
    g_auto(caller) c = { 0 };
    g_auto(caller) admin = { 0 };
    int64_t mailbox = 0;
    struct problem p;

    g_assert_cmpint(access_identify(&f->lab, ADMIN, &none, &admin, &p), ==, 0);
    g_assert_cmpint(access_id(&f->lab, &admin, inbox, &mailbox, &p), ==, 0);
    f->lab.impersonation = f->lab.full_access = false;
    g_assert_cmpint(access_identify(&f->lab, ADMIN, &request, &c, &p), <, 0);
    g_assert_cmpint(access_id(&f->lab, &admin, inbox, &mailbox, &p), <, 0);
    g_assert_cmpstr(p.code, ==, "ErrorAccessDenied");
}

/* The first child of the operation, as a folder, by the given login. */
static const char *folder_code(struct fixture *f, const char *login,
                               const char *markup, int64_t *ret_mailbox,
                               char value[256])
{
    g_autofree char *operation = g_strdup_printf("<m:A>%s</m:A>", markup);
    g_auto(soap_request) request = { 0 };
    g_auto(caller) c = { 0 };
    g_auto(place) at = { 0 };
    struct problem p = { 0 };
    int status;

    fixture_request(operation, &request);
    g_assert_cmpint(access_identify(&f->lab, login, &request, &c, &p), ==, 0);
    status = access_folder(&f->lab, &c, soap_first(request.operation),
                           "ErrorMissing", &at, &p);
    *ret_mailbox = at.mailbox;
    g_strlcpy(value, p.value, 256);
    return code_of(status, &p);
}

#define BY_NAME(id, address)                                                   \
    "<t:DistinguishedFolderId Id='" id "'><t:Mailbox><t:EmailAddress>" address \
    "</t:EmailAddress></t:Mailbox></t:DistinguishedFolderId>"
#define STRANGE                                                                \
    "AAMkADQyYzVlYmU0LWNhNTUtNDNkYy04ZGYxLTk5ZTk5ZGY4NmJlMwAuAAAAAAB9G7pDgpw"  \
    "KQKc31aq6C3GTAQAi6qqMgDmPQrslhHoZnZkhAABOpnTeSTE="

static void test_folders(void)
{
    static const struct {
        const char *name, *login, *markup, *want;
        int whose; /* 0: nobody's */
        const char *value;
    } rows[] = {
        { "own", USER1, "<t:DistinguishedFolderId Id='inbox'/>", "NoError", 1,
          "" },
        { "own, named", USER1, BY_NAME("inbox", USER1), "NoError", 1, "" },
        { "another's", ADMIN, BY_NAME("inbox", USER1), "NoError", 1, "" },
        { "another's, in capitals", ADMIN,
          BY_NAME("inbox", "USER1@CONTOSO.EXAMPLE"), "NoError", 1, "" },
        { "another's, no right", ADMIN, BY_NAME("inbox", USER2),
          "ErrorItemNotFound", 0, "" },
        { "whose?", ADMIN, "<t:DistinguishedFolderId Id='inbox'/>",
          "ErrorMissingEmailAddress", 0, "" },
        { "nobody's", ADMIN, BY_NAME("inbox", "x@y.example"),
          "ErrorNonExistentMailbox", 0, "x@y.example" },
        { "an alias", ADMIN, BY_NAME("inbox", "one@contoso.example"),
          "ErrorNonPrimarySmtpAddress", 0, USER1 },
        { "a mailbox without address", USER1,
          "<t:DistinguishedFolderId Id='inbox'><t:Mailbox/>"
          "</t:DistinguishedFolderId>",
          "ErrorNonExistentMailbox", 0, "" },
        { "an archive that is not there", USER1,
          "<t:DistinguishedFolderId Id='archivemsgfolderroot'/>",
          "ErrorFolderNotFound", 0, "" },
        { "a folder that is not there", USER1,
          "<t:DistinguishedFolderId Id='voicemail'/>", "ErrorMissing", 0, "" },
        { "a strange id", USER1, "<t:FolderId Id='" STRANGE "'/>",
          "ErrorNonExistentMailbox", 0,
          "42c5ebe4-ca55-43dc-8df1-99e99df86be3" },
        { "no id", USER1, "<t:FolderId Id='malformedparentid'/>",
          "ErrorInvalidIdMalformed", 0, "" },
        { "an empty id", USER1, "<t:FolderId Id=''/>", "ErrorInvalidIdEmpty", 0,
          "" },
        { "no attribute", USER1, "<t:FolderId/>", "ErrorInvalidIdEmpty", 0,
          "" },
    };
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
    const int64_t mailboxes[] = { 0, f->user1, f->user2 };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        int64_t mailbox = 0;
        char value[256];
        const char *code =
            folder_code(f, rows[i].login, rows[i].markup, &mailbox, value);

        if (strcmp(code, rows[i].want) != 0)
            g_error("%s: %s, not %s", rows[i].name, code, rows[i].want);
        CHECK_ROW(rows[i].name, mailbox == mailboxes[rows[i].whose]);
        CHECK_ROW(rows[i].name, strcmp(value, rows[i].value) == 0);
    }
}

/* Ids by themselves: they carry their mailbox, and rights are asked there. */
static void test_ids(void)
{
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
    g_autofree char *one = fixture_folder(f, f->user1, "inbox");
    g_autofree char *two = fixture_folder(f, f->user2, "inbox");
    const struct {
        const char *name, *login, *id, *want;
        int64_t mailbox;
    } rows[] = {
        { "own", USER1, one, "NoError", f->user1 },
        { "by full access", ADMIN, one, "NoError", f->user1 },
        { "no right", ADMIN, two, "ErrorAccessDenied", 0 },
        { "another user's", USER1, two, "ErrorAccessDenied", 0 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *markup =
            g_strdup_printf("<t:FolderId Id='%s'/>", rows[i].id);
        int64_t mailbox = 0;
        char value[256];

        g_assert_cmpstr(folder_code(f, rows[i].login, markup, &mailbox, value),
                        ==, rows[i].want);
        CHECK_ROW(rows[i].name, mailbox == rows[i].mailbox);
    }
}

static void test_items(void)
{
    static const struct {
        const char *name, *markup, *want;
    } rows[] = {
        { "without change key", "<t:ItemId Id='%s'/>", "NoError" },
        { "with one", "<t:ItemId Id='%s' ChangeKey='CQAAAA=='/>", "NoError" },
        { "with none", "<t:ItemId Id='%s' ChangeKey=''/>",
          "ErrorInvalidChangeKey" },
        { "not base64", "<t:ItemId Id='%s' ChangeKey='*'/>",
          "ErrorInvalidChangeKey" },
        { "cut off", "<t:ItemId Id='%s' ChangeKey='CQAAA'/>",
          "ErrorInvalidChangeKey" },
        { "an occurrence of what is no series",
          "<t:OccurrenceItemId RecurringMasterId='%s' InstanceIndex='1'/>",
          "ErrorCalendarCannotUseIdForRecurringMasterId" },
        { "the series of what is no occurrence",
          "<t:RecurringMasterItemId OccurrenceId='%s'/>",
          "ErrorCalendarCannotUseIdForOccurrenceId" },
        { "an attachment's id", "<t:AttachmentId Id='%s'/>",
          "ErrorInvalidOperation" },
    };
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
    g_autofree char *id = fixture_add_mail(f, f->user1, "inbox", "x");

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_auto(GStrv) halves = g_strsplit(rows[i].markup, "%s", 2);
        g_autofree char *operation =
            g_strconcat("<m:A>", halves[0], id, halves[1], "</m:A>", NULL);
        g_autofree char *got = NULL;
        g_auto(soap_request) request = { 0 };
        g_auto(caller) c = { 0 };
        int64_t mailbox = 0;
        struct problem p = { 0 };
        int status;

        fixture_request(operation, &request);
        g_assert_cmpint(access_identify(&f->lab, USER1, &request, &c, &p), ==,
                        0);
        status = access_item(&f->lab, &c, soap_first(request.operation), &got,
                             &mailbox, &p);
        g_assert_cmpstr(code_of(status, &p), ==, rows[i].want);
        if (status == 0)
            g_assert_cmpstr(got, ==, id);
        CHECK_ROW(rows[i].name, (got != NULL) == (status == 0));
    }
}

static void test_distinguished(void)
{
    static const struct {
        const char *name;
        enum release since; /* N_RELEASES: never */
    } rows[] = {
        { "inbox", EXCHANGE2007_SP1 },
        { "voicemail", EXCHANGE2007_SP1 },
        { "recoverableitemsroot", EXCHANGE2010_SP1 },
        { "archivemsgfolderroot", EXCHANGE2010_SP1 },
        { "conversationhistory", EXCHANGE2013 },
        { "favorites", EXCHANGE2013 },
        { "directory", EXCHANGE2013_SP1 },
        { "archiveinbox", EXCHANGE2016 },
        { "invalidparentid", N_RELEASES },
        { "Inbox", N_RELEASES },
        { "", N_RELEASES },
        { " ", N_RELEASES },
        { "inbox journal", N_RELEASES },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        for (int r = 0; r < N_RELEASES; r++)
            CHECK_ROW(rows[i].name, access_distinguished_known((enum release)r,
                                                               rows[i].name) ==
                                        (r >= (int)rows[i].since));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/access/who", test_who);
    g_test_add_func("/access/shared-budget", test_shared_budget);
    g_test_add_func("/access/rights-switched-off", test_rights_switched_off);
    g_test_add_func("/access/folders", test_folders);
    g_test_add_func("/access/ids", test_ids);
    g_test_add_func("/access/items", test_items);
    g_test_add_func("/access/distinguished", test_distinguished);
    return g_test_run();
}
