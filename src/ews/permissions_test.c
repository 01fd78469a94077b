/* Permissions, delegates and who has an address, against a script. */
#include <string.h>

#include "base/check.h"
#include "endpoint/settings.h"
#include "ews/script.h"

#define TEXT(s) ((char *)(uintptr_t)(s))

/* ---- permissions ------------------------------------------------------- */

#define ENTRY(user, rights, level)                                             \
    "<t:Permission><t:UserId>" user "</t:UserId>" rights                       \
    "<t:PermissionLevel>" level "</t:PermissionLevel></t:Permission>"
#define PERSON(sid, address)                                                   \
    "<t:SID>" sid "</t:SID><t:PrimarySmtpAddress>" address                     \
    "</t:PrimarySmtpAddress><t:DisplayName>N</t:DisplayName>"
#define KNOWN(who) "<t:DistinguishedUser>" who "</t:DistinguishedUser>"
#define CUSTOM                                                                 \
    "<t:CanCreateItems>true</t:CanCreateItems>"                                \
    "<t:CanCreateSubFolders>false</t:CanCreateSubFolders>"                     \
    "<t:IsFolderOwner>false</t:IsFolderOwner>"                                 \
    "<t:IsFolderVisible>true</t:IsFolderVisible>"                              \
    "<t:IsFolderContact>false</t:IsFolderContact>"                             \
    "<t:EditItems>Owned</t:EditItems><t:DeleteItems>All</t:DeleteItems>"       \
    "<t:ReadItems>None</t:ReadItems>"
#define FOLDER(element, set)                                                   \
    SUCCESS("GetFolder", "<m:Folders><t:" element ">" FOLDER_ID("F") set       \
            "</t:" element "></m:Folders>")
#define SET                                                                    \
    "<t:PermissionSet><t:Permissions>" ENTRY(KNOWN("Default"), "", "None")     \
        ENTRY(KNOWN("Anonymous"), "", "None") ENTRY(                           \
            PERSON("S-1", "bob@x.example"), CUSTOM,                            \
            "Custom") "</t:Permissions><t:UnknownEntries><t:UnknownEntry>NT "  \
                      "User:S-9"                                               \
                      "</t:UnknownEntry></t:UnknownEntries></t:PermissionSet>"
#define CALENDAR_SET                                                           \
    "<t:PermissionSet><t:CalendarPermissions><t:CalendarPermission><t:"        \
    "UserId>" KNOWN(                                                           \
        "Default") "</t:UserId><t:CalendarPermissionLevel>FreeBusyTimeOnly"    \
                   "</t:CalendarPermissionLevel></t:CalendarPermission>"       \
                   "</t:CalendarPermissions></t:PermissionSet>"

static void read_three(struct stage *st, struct endpoint_permissions *ret)
{
    const char *const ids[] = { "F", "G", "H" };
    struct err err;

    script_say(st->script,
               ANSWER(RESPONSE(
                   "GetFolder",
                   FOLDER("TasksFolder", SET) NO_FOLDER("ErrorFolderNotFound")
                       FOLDER("CalendarFolder", CALENDAR_SET))));
    CHECK_OK(endpoint_get_permissions(st->ep, ids, 3, ret, &err), &err);
}

static void test_read(void)
{
    struct endpoint_permissions p[3] = { 0 };
    const struct endpoint_permission *bob;
    struct stage st;

    stage_init(&st);
    stage_open_2016(&st);
    read_three(&st, p);
    g_assert_cmpuint(p[0].entries->len, ==, 3);
    g_assert_cmpuint(p[0].unknown->len, ==, 1);
    bob = &g_array_index(p[0].entries, struct endpoint_permission, 2);
    g_assert_cmpstr(bob->person.address, ==, "bob@x.example");
    g_assert_cmpstr(bob->person.sid, ==, "S-1");
    /* creates, sees, edits own, deletes all */
    g_assert_cmphex(bob->rights, ==, 0x2 | 0x400 | 0x8 | 0x10 | 0x40);
    g_assert_cmpint(p[1].status, ==, -1);
    g_assert_cmpint(p[1].why.scope, ==, ERR_FOLDER);
    g_assert_true(p[2].calendar);
    g_assert_cmphex(
        g_array_index(p[2].entries, struct endpoint_permission, 0).rights, ==,
        ENDPOINT_RIGHT_FREEBUSY);
    for (size_t i = 0; i < 3; i++)
        endpoint_permissions_clear(&p[i]);
    stage_release(&st);
}

/* The list is not told at all: it must not be taken for an empty one. */
static void test_read_without_list(void)
{
    struct endpoint_permissions p = { 0 };
    const char *id = "F";
    struct stage st;
    struct err err;

    stage_init(&st);
    stage_open_2016(&st);
    script_say(st.script, ANSWER(RESPONSE("GetFolder", GOT_FOLDER("F"))));
    CHECK_OK(endpoint_get_permissions(st.ep, &id, 1, &p, &err), &err);
    g_assert_cmpint(p.status, ==, -1);
    stage_release(&st);
}

/*
 * What was read and one entry more: people by SID where there is one, all the
 * bits of what has no level, the kind of folder, the change key.
 */
static void test_write(void)
{
    const struct endpoint_permission more = { .person.address =
                                                  TEXT("carol@x.example"),
                                              .rights = 0x47b };
    struct endpoint_permissions p[3] = { 0 };
    const char *body;
    struct stage st;
    struct err err;

    stage_init(&st);
    stage_open_2016(&st);
    read_three(&st, p);
    g_ptr_array_set_size(p[0].unknown, 0);
    endpoint_permissions_add(&p[0], &more);
    script_say(st.script, ANSWER(RESPONSE("GetFolder", GOT_FOLDER("F"))));
    script_say(st.script,
               ANSWER(RESPONSE("UpdateFolder",
                               SUCCESS("UpdateFolder",
                                       "<m:Folders><t:TasksFolder>" FOLDER_ID(
                                           "F") "</t:TasksFolder>"
                                                "</m:Folders>"))));
    CHECK_OK(endpoint_set_permissions(st.ep, "F", &p[0], &err), &err);
    body = script_request(st.script, script_n(st.script) - 1)->body;
    g_assert_nonnull(strstr(body, "<t:FolderId Id=\"F\" ChangeKey=\"CK\"/>"));
    g_assert_nonnull(strstr(body, "<t:TasksFolder><t:PermissionSet>"));
    g_assert_nonnull(strstr(body, "<t:UserId><t:SID>S-1</t:SID></t:UserId>"
                                  "<t:CanCreateItems>true"));
    g_assert_nonnull(strstr(body, "<t:EditItems>Owned</t:EditItems>"
                                  "<t:DeleteItems>All</t:DeleteItems>"
                                  "<t:ReadItems>None</t:ReadItems>"
                                  "<t:PermissionLevel>Custom"));
    g_assert_nonnull(strstr(body, "carol@x.example</t:PrimarySmtpAddress>"
                                  "</t:UserId><t:PermissionLevel>Editor"));
    for (size_t i = 0; i < 3; i++)
        endpoint_permissions_clear(&p[i]);
    stage_release(&st);
}

/* ---- delegates --------------------------------------------------------- */

#define DELEGATE_RESPONSE(operation, inner)                                    \
    ANSWER("<m:" operation "Response xmlns:m=\"" M_NS "\" xmlns:t=\"" T_NS     \
           "\" ResponseClass=\"Success\"><m:ResponseCode>NoError"              \
           "</m:ResponseCode>" inner "</m:" operation "Response>")
#define DELEGATE_USER(class, code, inner)                                      \
    "<m:DelegateUserResponseMessageType ResponseClass=\"" class                \
        "\"><m:ResponseCode>" code "</m:ResponseCode>" inner                   \
        "</m:DelegateUserResponseMessageType>"
#define DELEGATE                                                               \
    "<m:DelegateUser><t:UserId>" PERSON(                                       \
        "S-1", "bob@x.example") "</"                                           \
                                "t:UserId><t:DelegatePermissions><t:"          \
                                "CalendarFolderPermissionLevel>"               \
                                "Editor</"                                     \
                                "t:CalendarFolderPermissionLevel><t:"          \
                                "InboxFolderPermissionLevel>"                  \
                                "Custom</t:InboxFolderPermissionLevel></"      \
                                "t:DelegatePermissions>"                       \
                                "<t:ReceiveCopiesOfMeetingMessages>true"       \
                                "</t:ReceiveCopiesOfMeetingMessages>"          \
                                "<t:ViewPrivateItems>false</"                  \
                                "t:ViewPrivateItems></m:DelegateUser>"

static void test_delegates(void)
{
    g_auto(endpoint_delegates) d = { 0 };
    const struct endpoint_delegate *bob;
    struct stage st;
    struct err err;

    stage_init(&st);
    stage_open_2016(&st);
    script_say(
        st.script,
        DELEGATE_RESPONSE(
            "GetDelegate",
            "<m:ResponseMessages>" DELEGATE_USER("Success", "NoError", DELEGATE)
                DELEGATE_USER("Error", "ErrorDelegateNoUser",
                              "") "</"
                                  "m:ResponseMessages><m:"
                                  "DeliverMeetingRequests>DelegatesOnly"
                                  "</m:DeliverMeetingRequests>"));
    CHECK_OK(endpoint_get_delegates(st.ep, &d, &err), &err);
    g_assert_cmpuint(d.list->len, ==, 1);
    g_assert_cmpuint(d.n_unknown, ==, 1);
    g_assert_cmpint(d.delivery, ==, ENDPOINT_DELIVER_DELEGATES);
    bob = endpoint_delegates_find(&d, "BOB@x.example");
    g_assert_cmpint(bob->levels[ENDPOINT_DELEGATE_CALENDAR], ==,
                    ENDPOINT_DELEGATE_EDITOR);
    g_assert_cmpint(bob->levels[ENDPOINT_DELEGATE_INBOX], ==,
                    ENDPOINT_DELEGATE_CUSTOM);
    g_assert_cmpint(bob->levels[ENDPOINT_DELEGATE_NOTES], ==,
                    ENDPOINT_DELEGATE_UNTOLD);
    g_assert_true(bob->copies);
    g_assert_false(bob->private_items);
    stage_release(&st);
}

/* A level that cannot be written is left out; a refusal is the delegate's. */
static void test_add_delegate(void)
{
    struct endpoint_delegate one = {
        .person.address = TEXT("bob@x.example"),
        .levels = { [ENDPOINT_DELEGATE_CALENDAR] = ENDPOINT_DELEGATE_EDITOR,
                    [ENDPOINT_DELEGATE_INBOX] = ENDPOINT_DELEGATE_CUSTOM },
        .copies = true,
    };
    const char *body;
    struct stage st;
    struct err err;

    stage_init(&st);
    stage_open_2016(&st);
    script_say(st.script,
               DELEGATE_RESPONSE("AddDelegate",
                                 "<m:ResponseMessages>" DELEGATE_USER(
                                     "Error", "ErrorDelegateAlreadyExists",
                                     "") "</m:ResponseMessages>"));
    g_assert_cmpint(endpoint_add_delegate(st.ep, &one, &err), ==, -1);
    g_assert_cmpstr(err.name, ==, "ErrorDelegateAlreadyExists");
    g_assert_cmpint(err.retry, ==, ERR_RETRY_NEVER);
    body = script_request(st.script, script_n(st.script) - 1)->body;
    g_assert_nonnull(strstr(body, "<t:CalendarFolderPermissionLevel>Editor"));
    g_assert_null(strstr(body, "InboxFolderPermissionLevel"));
    g_assert_null(strstr(body, "DeliverMeetingRequests"));
    script_say(st.script, DELEGATE_RESPONSE("UpdateDelegate", ""));
    CHECK_OK(endpoint_set_delivery(st.ep, ENDPOINT_DELIVER_OWNER, &err), &err);
    body = script_request(st.script, script_n(st.script) - 1)->body;
    g_assert_nonnull(strstr(body, "<m:DeliverMeetingRequests>NoForward"));
    stage_release(&st);
}

/* ---- who has an address ------------------------------------------------ */

#define RESOLUTION(address)                                                    \
    "<t:Resolution><t:Mailbox><t:Name>N</t:Name><t:EmailAddress>" address      \
    "</t:EmailAddress><t:RoutingType>SMTP</t:RoutingType>"                     \
    "<t:MailboxType>Mailbox</t:MailboxType></t:Mailbox></t:Resolution>"
#define FOUND(class, code, n, people)                                          \
    ANSWER(RESPONSE(                                                           \
        "ResolveNames",                                                        \
        "<m:ResolveNamesResponseMessage ResponseClass=\"" class                \
        "\"><m:ResponseCode>" code "</m:ResponseCode><m:ResolutionSet "        \
        "TotalItemsInView=\"" n "\" IncludesLastItemInRange=\"true\">" people  \
        "</m:ResolutionSet></m:ResolveNamesResponseMessage>"))

static void test_resolve(void)
{
    static const struct {
        const char *name, *answer, *want; /* of bob@x.example */
    } rows[] = {
        { "the primary address",
          FOUND("Success", "NoError", "1", RESOLUTION("Bob@x.example")),
          "Bob@x.example" },
        { "an alias of somebody",
          FOUND("Success", "NoError", "1", RESOLUTION("robert@x.example")),
          "robert@x.example" },
        { "a longer address is somebody else's",
          FOUND("Success", "NoError", "1", RESOLUTION("bob@x.example.org")),
          NULL },
        { "the exact one of several",
          FOUND("Warning", "ErrorNameResolutionMultipleResults", "2",
                RESOLUTION("bob@x.example.org") RESOLUTION("bob@x.example")),
          "bob@x.example" },
        { "two are nobody",
          FOUND("Warning", "ErrorNameResolutionMultipleResults", "2",
                RESOLUTION("a@x.example") RESOLUTION("b@x")),
          NULL },
        { "a contact of the mailbox's own is nobody",
          FOUND("Success", "NoError", "1",
                "<t:Resolution><t:Mailbox><t:EmailAddress>bob@x.example"
                "</t:EmailAddress><t:MailboxType>Contact</t:MailboxType>"
                "<t:ItemId Id=\"I\"/></t:Mailbox></t:Resolution>"),
          NULL },
        { "nobody",
          ANSWER(RESPONSE(
              "ResolveNames",
              FAILURE("ResolveNames", "ErrorNameResolutionNoResults", ""))),
          NULL },
    };
    struct stage st;

    stage_init(&st);
    stage_open_2016(&st);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_auto(endpoint_person) p = { 0 };
        struct err err;
        int found;

        script_say(st.script, rows[i].answer);
        found = endpoint_resolve(st.ep, "bob@x.example", &p, &err);
        CHECK_ROW(rows[i].name, found == (rows[i].want != NULL));
        CHECK_ROW(rows[i].name, g_strcmp0(p.address, rows[i].want) == 0);
    }
    stage_release(&st);
}

/* Exchange 2007 has no scope: it looks among the mailbox's contacts too. */
static void test_resolve_on_2007(void)
{
    g_auto(endpoint_person) p = { 0 };
    struct stage st;
    struct err err;

    stage_init(&st);
    st.site->old = true;
    stage_open(&st, ANSWER_OF(V2007, RESPONSE("GetFolder", GOT_FOLDER("R"))));
    script_say(st.script,
               FOUND("Success", "NoError", "1", RESOLUTION("bob@x.example")));
    g_assert_cmpint(endpoint_resolve(st.ep, "bob@x.example", &p, &err), ==, 1);
    g_assert_null(strstr(script_request(st.script, 1)->body, "SearchScope"));
    stage_release(&st);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/permissions/read", test_read);
    g_test_add_func("/permissions/read-without-list", test_read_without_list);
    g_test_add_func("/permissions/write", test_write);
    g_test_add_func("/permissions/delegates", test_delegates);
    g_test_add_func("/permissions/add-delegate", test_add_delegate);
    g_test_add_func("/permissions/resolve", test_resolve);
    g_test_add_func("/permissions/resolve-on-2007", test_resolve_on_2007);
    return g_test_run();
}
