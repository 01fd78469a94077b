/* CreateItem, UpdateItem, SendItem and their like, by what is stored then. */
#include "base/check.h"
#include "lab/item_fixture.h"
#include "lab/tray.h"

#define MAIL(inside) "<t:Message>" inside "</t:Message>"
#define TO(address)                                                            \
    "<t:ToRecipients><t:Mailbox><t:EmailAddress>" address                      \
    "</t:EmailAddress></t:Mailbox></t:ToRecipients>"
#define FLAGS(n)                                                               \
    "<t:ExtendedProperty><t:ExtendedFieldURI PropertyTag='0x0E07' "            \
    "PropertyType='Integer'/><t:Value>" n "</t:Value></t:ExtendedProperty>"
#define READ(value)   "<t:IsRead>" value "</t:IsRead>"
#define SUBJECT(text) "<t:Subject>" text "</t:Subject>"

#define CREATE(how, inside)                                                    \
    "<m:CreateItem MessageDisposition='" how "'><m:Items>" inside              \
    "</m:Items></m:CreateItem>"

static uint32_t in_folder(struct fixture *f, const char *name)
{
    g_auto(lab_folder) folder = { 0 };
    struct err err;

    CHECK_OK(
        lab_store_distinguished(f->lab.store, f->user1, name, &folder, &err),
        &err);
    return folder.n_items;
}

/* "mail a@b RE: x\nreceipt ...": what lies in the tray. */
static char *tray_of(struct fixture *f)
{
    g_autoptr(GPtrArray) all = NULL;
    GString *out = g_string_new(NULL);
    struct err err;

    CHECK_OK(lab_store_tray(f->lab.store, &all, &err), &err);
    for (guint i = 0; i < all->len; i++) {
        const struct lab_sending *s = all->pdata[i];

        g_assert_cmpstr(s->from, ==, USER1);
        g_string_append_printf(out, "%s%s %s %s", i > 0 ? "\n" : "",
                               lab_sent_name(s->kind), s->recipients,
                               s->subject);
    }
    return g_string_free(out, FALSE);
}

/* ---- CreateItem ---------------------------------------------------- */

static void test_create_codes(void)
{
    static const struct {
        const char *name, *operation, *want;
    } rows[] = {
        { "a mail", CREATE("SaveOnly", MAIL(SUBJECT("x"))), "NoError" },
        { "two of them", CREATE("SaveOnly", MAIL("") MAIL("")),
          "NoError NoError" },
        { "nobody says what to do",
          "<m:CreateItem><m:Items>" MAIL("") "</m:Items></m:CreateItem>",
          "ErrorMessageDispositionRequired" },
        { "an unknown disposition", CREATE("Burn", MAIL("")),
          "fault ErrorSchemaValidation" },
        { "sent to nobody", CREATE("SendOnly", MAIL("")),
          "ErrorInvalidRecipients" },
        { "no address",
          CREATE("SaveOnly", MAIL("<t:ToRecipients><t:Mailbox><t:Name>x"
                                  "</t:Name></t:Mailbox></t:ToRecipients>")),
          "ErrorMissingInformationEmailAddress" },
        { "an appointment without a word on invitations",
          "<m:CreateItem><m:Items><t:CalendarItem/></m:Items></m:CreateItem>",
          "ErrorSendMeetingInvitationsRequired" },
        { "a meeting request", CREATE("SaveOnly", "<t:MeetingRequest/>"),
          "ErrorInvalidItemForOperationCreateItem" },
        { "read-only", CREATE("SaveOnly", MAIL("<t:Size>1</t:Size>")),
          "ErrorInvalidPropertySet" },
        { "an element of another kind",
          CREATE("SaveOnly", MAIL("<t:GivenName>x</t:GivenName>")),
          "fault ErrorSchemaValidation" },
        { "no element", CREATE("SaveOnly", "<t:Nothing/>"),
          "fault ErrorSchemaValidation" },
        { "a task's class for a mail",
          CREATE("SaveOnly", MAIL("<t:ItemClass>IPM.Task</t:ItemClass>")),
          "ErrorObjectTypeChanged" },
        { "a class of nobody's",
          CREATE("SaveOnly", MAIL("<t:ItemClass>IPM.Elephant</t:ItemClass>")),
          "NoError" },
        { "a folder that is none",
          "<m:CreateItem MessageDisposition='SaveOnly'><m:SavedItemFolderId>"
          "<t:FolderId Id='AAA'/></m:SavedItemFolderId><m:Items>" MAIL("")
              MAIL("") "</m:Items></m:CreateItem>",
          "ErrorInvalidIdMalformed ErrorInvalidIdMalformed" },
        { "a contact among mails",
          "<m:CreateItem><m:SavedItemFolderId><t:DistinguishedFolderId "
          "Id='inbox'/></m:SavedItemFolderId><m:Items><t:Contact/></m:Items>"
          "</m:CreateItem>",
          "ErrorCannotCreateContactInNonContactFolder" },
        { "a task among mails",
          "<m:CreateItem><m:SavedItemFolderId><t:DistinguishedFolderId "
          "Id='inbox'/></m:SavedItemFolderId><m:Items><t:Task/></m:Items>"
          "</m:CreateItem>",
          "ErrorCannotCreateTaskInNonTaskFolder" },
        { "a value that is none", CREATE("SaveOnly", MAIL(FLAGS("many"))),
          "ErrorInvalidExtendedPropertyValue" },
        { "a number that is none", CREATE("SaveOnly", MAIL(READ("perhaps"))),
          "fault ErrorSchemaValidation" },
    };
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *answer = item_run(f, rows[i].operation);
        g_autofree char *codes = item_codes(answer);

        if (strcmp(codes, rows[i].want) != 0)
            g_error("%s: %s", rows[i].name, codes);
    }
}

/* Each kind lands in its folder when nobody says where. */
static void test_default_folders(void)
{
    static const struct {
        const char *element, *folder, *item_class;
    } rows[] = {
        { "<t:Message/>", "drafts", "IPM.Note" },
        { "<t:Item/>", "drafts", "IPM.Note" },
        { "<t:Contact/>", "contacts", "IPM.Contact" },
        { "<t:DistributionList/>", "contacts", "IPM.DistList" },
        { "<t:Task/>", "tasks", "IPM.Task" },
        { "<t:CalendarItem/>", "calendar", "IPM.Appointment" },
        { "<t:PostItem/>", "inbox", "IPM.Post" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
        g_autofree char *id = item_create(f, rows[i].element);
        g_autoptr(mapi_item) tree = item_tree(f, id);
        g_autofree char *item_class = item_text(tree, PR_MESSAGE_CLASS);

        CHECK_ROW(rows[i].element, in_folder(f, rows[i].folder) == 1);
        g_assert_cmpstr(item_class, ==, rows[i].item_class);
        CHECK_ROW(rows[i].element, mapi_find(&tree->message.props,
                                             PROP_ID(PR_SEARCH_KEY)) != NULL);
    }
}

/* What is a draft, and what was read: by 0x0E07, else by IsRead. */
static void test_flags(void)
{
    static const struct {
        const char *inside;
        bool draft, read;
    } rows[] = {
        { "", true, true },
        { READ("false"), true, false },
        { READ("true"), true, true },
        { FLAGS("0"), false, false },
        { FLAGS("1"), false, true },
        { FLAGS("9"), true, true },
        { FLAGS("1") READ("false"), false, false },
        { FLAGS("0") READ("true"), false, true },
    };
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *element =
            g_strdup_printf("<t:Message>%s</t:Message>", rows[i].inside);
        g_autofree char *id = item_create(f, element);
        g_autofree char *shown = item_get(f, id, "");
        g_autoptr(mapi_item) tree = item_tree(f, id);
        int32_t flags = item_int(tree, PR_MESSAGE_FLAGS);
        g_autofree char *draft = item_element(shown, "t:IsDraft", 0);
        g_autofree char *read = item_element(shown, "t:IsRead", 0);

        CHECK_ROW(rows[i].inside,
                  ((flags & MSGFLAG_UNSENT) != 0) == rows[i].draft);
        CHECK_ROW(rows[i].inside,
                  ((flags & MSGFLAG_READ) != 0) == rows[i].read);
        CHECK_ROW(draft, (strstr(draft, "true") != NULL) == rows[i].draft);
        CHECK_ROW(read, (strstr(read, "true") != NULL) == rows[i].read);
    }
}

static void test_dispositions(void)
{
    static const struct {
        const char *how, *tray;
        uint32_t drafts, sent;
        bool tells;
    } rows[] = {
        { "SaveOnly", "", 1, 0, true },
        { "SendOnly", "mail a@b.example x", 0, 0, false },
        { "SendAndSaveCopy", "mail a@b.example x", 0, 1, false },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
        g_autofree char *answer = item_runf(
            f,
            "<m:CreateItem MessageDisposition='%s'><m:Items>" MAIL(
                SUBJECT("x") TO("a@b.example")) "</m:Items></m:CreateItem>",
            rows[i].how);
        g_autofree char *tray = tray_of(f);
        g_autofree char *id = item_id(answer, 0);

        g_assert_cmpstr(tray, ==, rows[i].tray);
        CHECK_ROW(rows[i].how, in_folder(f, "drafts") == rows[i].drafts);
        CHECK_ROW(rows[i].how, in_folder(f, "sentitems") == rows[i].sent);
        CHECK_ROW(rows[i].how, (id != NULL) == rows[i].tells);
        CHECK_ROW(rows[i].how,
                  rows[i].tells || strstr(answer, "<m:Items/>") != NULL);
    }
}

/* What was sent says by whom and when, and is no draft. */
static void test_sent_copy(void)
{
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
    g_autofree G_GNUC_UNUSED char *created =
        item_run(f, CREATE("SendAndSaveCopy", MAIL(TO("a@b.example"))));
    g_autofree char *found = item_run(
        f, "<m:FindItem Traversal='Shallow'><m:ItemShape><t:BaseShape>IdOnly"
           "</t:BaseShape></m:ItemShape><m:ParentFolderIds>"
           "<t:DistinguishedFolderId Id='sentitems'/></m:ParentFolderIds>"
           "</m:FindItem>");
    g_autofree char *id = item_id(found, 0);
    g_autoptr(mapi_item) tree = item_tree(f, id);
    g_autofree char *from = item_text(tree, PR_SENT_REPRESENTING_SMTP);
    g_autofree char *kind = item_text(tree, PR_SENDER_ADDRTYPE);
    const struct mapi_props *props = &tree->message.props;

    g_assert_cmpstr(from, ==, USER1);
    g_assert_cmpstr(kind, ==, "EX");
    g_assert_cmpint(item_int(tree, PR_MESSAGE_FLAGS) &
                        (MSGFLAG_UNSENT | MSGFLAG_FROMME | MSGFLAG_READ),
                    ==, MSGFLAG_FROMME | MSGFLAG_READ);
    g_assert_nonnull(mapi_find(props, PROP_ID(PR_CLIENT_SUBMIT_TIME)));
    g_assert_nonnull(mapi_find(props, PROP_ID(PR_MESSAGE_DELIVERY_TIME)));
    g_assert_nonnull(mapi_find(props, PROP_ID(PR_INTERNET_MESSAGE_ID)));
}

/* Who has a mailbox here gets it: unread, once, and not told of Bcc. */
static void test_delivery(void)
{
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
    g_autofree char *answer = item_run(
        f,
        CREATE("SendOnly",
               MAIL(SUBJECT(
                   "x") "<t:ToRecipients><t:Mailbox>"
                        "<t:EmailAddress>" USER2 "</t:EmailAddress></t:Mailbox>"
                        "<t:Mailbox><t:EmailAddress>" USER1
                        "</t:EmailAddress></t:Mailbox><t:Mailbox>"
                        "<t:EmailAddress>one@contoso.example</t:EmailAddress>"
                        "</t:Mailbox></t:ToRecipients><t:BccRecipients>"
                        "<t:Mailbox><t:EmailAddress>b@c.example"
                        "</t:EmailAddress></t:Mailbox></t:BccRecipients>")));
    g_autofree char *found = item_run(
        f, "<m:FindItem Traversal='Shallow'><m:ItemShape><t:BaseShape>IdOnly"
           "</t:BaseShape></m:ItemShape><m:ParentFolderIds>"
           "<t:DistinguishedFolderId Id='inbox'/></m:ParentFolderIds>"
           "</m:FindItem>");
    g_autofree char *id = item_id(found, 0);
    g_autofree char *second = item_id(found, 1);
    g_autoptr(mapi_item) tree = item_tree(f, id);
    g_autofree char *to = item_text(tree, PR_RECEIVED_BY_SMTP);
    g_auto(lab_folder) other = { 0 };
    struct err err;

    g_assert_nonnull(strstr(answer, "NoError"));
    g_assert_null(second);
    g_assert_cmpstr(to, ==, USER1);
    g_assert_cmpuint(tree->message.n_recipients, ==, 3);
    g_assert_cmpint(item_int(tree, PR_MESSAGE_FLAGS) &
                        (MSGFLAG_READ | MSGFLAG_UNSENT | MSGFLAG_FROMME),
                    ==, 0);
    CHECK_OK(
        lab_store_distinguished(f->lab.store, f->user2, "inbox", &other, &err),
        &err);
    g_assert_cmpuint(other.n_unread, ==, 1);
}

/* ---- UpdateItem ---------------------------------------------------- */

#define UPDATE(conflict, key, updates)                                         \
    "<m:UpdateItem ConflictResolution='" conflict                              \
    "' MessageDisposition='SaveOnly'><m:ItemChanges><t:ItemChange>"            \
    "<t:ItemId Id='%s'" key "/><t:Updates>" updates                            \
    "</t:Updates></t:ItemChange></m:ItemChanges></m:UpdateItem>"
#define SET(path, inside)                                                      \
    "<t:SetItemField>" path "<t:Message>" inside "</t:Message></"              \
    "t:SetItemField>"
#define URI(uri)        "<t:FieldURI FieldURI='" uri "'/>"
#define ALWAYS(updates) UPDATE("AlwaysOverwrite", "", updates)

static void test_update_codes(void)
{
    static const struct {
        const char *name, *format, *want;
    } rows[] = {
        { "set", ALWAYS(SET(URI("item:Subject"), SUBJECT("y"))), "NoError" },
        { "delete",
          ALWAYS(
              "<t:DeleteItemField>" URI("item:Subject") "</t:DeleteItemField>"),
          "NoError" },
        { "two at once",
          ALWAYS(SET(URI("item:Subject"), SUBJECT("y") READ("true"))),
          "ErrorIncorrectUpdatePropertyCount" },
        { "nothing", ALWAYS(""), "ErrorIncorrectUpdatePropertyCount" },
        { "another than said",
          ALWAYS(SET(URI("item:Importance"), SUBJECT("y"))),
          "ErrorUpdatePropertyMismatch" },
        { "read-only", ALWAYS(SET(URI("item:Size"), "<t:Size>1</t:Size>")),
          "ErrorInvalidPropertySet" },
        { "not to be removed",
          ALWAYS("<t:DeleteItemField>" URI("item:Size") "</t:DeleteItemField>"),
          "ErrorInvalidPropertyDelete" },
        { "of a contact", ALWAYS(SET(URI("contacts:GivenName"), SUBJECT("y"))),
          "ErrorInvalidPropertySet" },
        { "not to be appended to",
          ALWAYS("<t:AppendToItemField>" URI("item:Subject")
                     MAIL(SUBJECT("y")) "</t:AppendToItemField>"),
          "ErrorInvalidPropertyAppend" },
        { "another class of the kind",
          ALWAYS(SET(URI("item:ItemClass"),
                     "<t:ItemClass>IPM.Note.Own</t:ItemClass>")),
          "NoError" },
        { "a class of another kind",
          ALWAYS(SET(URI("item:ItemClass"),
                     "<t:ItemClass>IPM.Task</t:ItemClass>")),
          "ErrorObjectTypeChanged" },
        { "no field", ALWAYS(SET(URI("item:Nothing"), SUBJECT("y"))),
          "fault ErrorInvalidPropertyRequest" },
        { "no key",
          UPDATE("AutoResolve", "", SET(URI("item:Subject"), SUBJECT("y"))),
          "ErrorChangeKeyRequired" },
        { "an old key",
          UPDATE("AutoResolve", " ChangeKey='CQAAAA=='",
                 SET(URI("item:Subject"), SUBJECT("y"))),
          "ErrorIrresolvableConflict" },
        { "an old key, whatever",
          UPDATE("AlwaysOverwrite", " ChangeKey='CQAAAA=='",
                 SET(URI("item:Subject"), SUBJECT("y"))),
          "NoError" },
        { "no way to resolve",
          UPDATE("Fight", "", SET(URI("item:Subject"), SUBJECT("y"))),
          "fault ErrorSchemaValidation" },
    };
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
    g_autofree char *id = item_create(f, MAIL(SUBJECT("x")));

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_auto(GStrv) halves = g_strsplit(rows[i].format, "%s", 2);
        g_autofree char *operation =
            g_strconcat(halves[0], id, halves[1], NULL);
        g_autofree char *answer = item_run(f, operation);
        g_autofree char *codes = item_codes(answer);

        if (strcmp(codes, rows[i].want) != 0)
            g_error("%s: %s", rows[i].name, codes);
    }
}

/* The second of two who read the same loses, unless it insists. */
static void test_conflict(void)
{
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
    g_autofree char *id = item_create(f, MAIL(SUBJECT("x")));
    g_autofree char *shown = item_get(f, id, "");
    g_autofree char *key = item_change_key(shown, 0);
    g_autofree char *codes[2] = { NULL, NULL };
    g_autoptr(mapi_item) tree = NULL;
    g_autofree char *subject = NULL;

    for (int i = 0; i < 2; i++) {
        g_autofree char *answer =
            item_runf(f,
                      UPDATE("NeverOverwrite", " ChangeKey='%s'",
                             SET(URI("item:Subject"), SUBJECT("by %d"))),
                      id, key, i);

        codes[i] = item_codes(answer);
        if (i == 0)
            g_assert_nonnull(strstr(answer, "<m:ConflictResults><t:Count>0<"));
    }
    g_assert_cmpstr(codes[0], ==, "NoError");
    g_assert_cmpstr(codes[1], ==, "ErrorIrresolvableConflict");
    g_free(codes[1]);
    codes[1] = NULL;
    tree = item_tree(f, id);
    subject = item_text(tree, PR_SUBJECT);
    g_assert_cmpstr(subject, ==, "by 0");
    g_clear_pointer(&codes[0], g_free);
}

/* Marks are no change of the item: its key stays. */
static void test_mark(void)
{
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
    g_autofree char *id = item_create(f, MAIL(READ("false")));
    g_autofree char *before = item_get(f, id, "");
    g_autofree char *key = item_change_key(before, 0);
    g_autofree G_GNUC_UNUSED char *answer =
        item_runf(f, ALWAYS(SET(URI("message:IsRead"), READ("true"))), id);
    g_autofree char *after = item_get(f, id, "");
    g_autofree char *now = item_change_key(after, 0);

    g_assert_nonnull(strstr(before, "<t:IsRead>false<"));
    g_assert_nonnull(strstr(after, "<t:IsRead>true<"));
    g_assert_cmpstr(key, ==, now);
}

/* ---- receipts ------------------------------------------------------ */

#define ASKING                                                                 \
    MAIL(SUBJECT("x") FLAGS(                                                   \
        "0") "<t:IsReadReceiptRequested>true"                                  \
             "</t:IsReadReceiptRequested><t:From><t:Mailbox><t:EmailAddress>"  \
             "b@c.example</t:EmailAddress></t:Mailbox></t:From>")

static void test_receipts(void)
{
    static const char mark[] = ALWAYS(SET(URI("message:IsRead"), READ("true")));
    static const struct {
        const char *name, *format, *tray;
    } rows[] = {
        { "read", mark, "receipt b@c.example Read: x" },
        { "read among other changes",
          ALWAYS(SET(URI("message:IsRead"), READ("true"))
                     SET(URI("item:Subject"), SUBJECT("x"))),
          "receipt b@c.example Read: x" },
        { "read in silence",
          "<m:UpdateItem ConflictResolution='AlwaysOverwrite' "
          "MessageDisposition='SaveOnly' SuppressReadReceipts='true'>"
          "<m:ItemChanges><t:ItemChange><t:ItemId Id='%s'/><t:Updates>" SET(
              URI("message:IsRead"),
              READ("true")) "</t:Updates></t:ItemChange></m:ItemChanges>"
                            "</m:UpdateItem>",
          "" },
        { "deleted",
          "<m:DeleteItem DeleteType='HardDelete'><m:ItemIds>"
          "<t:ItemId Id='%s'/></m:ItemIds></m:DeleteItem>",
          "receipt b@c.example Not read: x" },
        { "deleted in silence",
          "<m:DeleteItem DeleteType='HardDelete' SuppressReadReceipts='true'>"
          "<m:ItemIds><t:ItemId Id='%s'/></m:ItemIds></m:DeleteItem>",
          "" },
        { "thrown away, where it is still unread",
          "<m:DeleteItem DeleteType='MoveToDeletedItems'><m:ItemIds>"
          "<t:ItemId Id='%s'/></m:ItemIds></m:DeleteItem>",
          "" },
        { "suppressed",
          "<m:CreateItem><m:Items><t:SuppressReadReceipt><t:ReferenceItemId "
          "Id='%s'/></t:SuppressReadReceipt></m:Items></m:CreateItem>",
          "" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
        g_autofree char *id = item_create(f, ASKING);
        g_auto(GStrv) halves = g_strsplit(rows[i].format, "%s", 2);
        g_autofree char *operation =
            g_strconcat(halves[0], id, halves[1], NULL);
        g_autofree char *answer = item_run(f, operation);
        g_autofree char *codes = item_codes(answer);
        g_autofree char *tray = tray_of(f);

        if (strcmp(codes, "NoError") != 0 || strcmp(tray, rows[i].tray) != 0)
            g_error("%s: %s: %s", rows[i].name, codes, tray);
    }
}

/* After it was suppressed none is sent; and nothing is pending twice. */
static void test_suppressed(void)
{
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
    g_autofree char *id = item_create(f, ASKING);
    g_autofree char *before = item_get(f, id, "");
    g_autofree char *codes[2] = { NULL, NULL };
    g_autofree char *marked = NULL, *tray = NULL, *after = NULL;

    for (int i = 0; i < 2; i++) {
        g_autofree char *answer = item_runf(
            f,
            "<m:CreateItem><m:Items><t:SuppressReadReceipt><t:ReferenceItemId "
            "Id='%s'/></t:SuppressReadReceipt></m:Items></m:CreateItem>",
            id);

        codes[i] = item_codes(answer);
    }
    after = item_get(f, id, "");
    marked = item_runf(f, ALWAYS(SET(URI("message:IsRead"), READ("true"))), id);
    tray = tray_of(f);
    g_assert_nonnull(strstr(before, "<t:SuppressReadReceipt/>"));
    g_assert_null(strstr(after, "<t:SuppressReadReceipt/>"));
    g_assert_nonnull(strstr(after, "<t:IsRead>false<"));
    g_assert_cmpstr(codes[0], ==, "NoError");
    g_assert_cmpstr(codes[1], ==, "ErrorReadReceiptNotPending");
    g_assert_cmpstr(tray, ==, "");
    g_clear_pointer(&codes[0], g_free);
    g_clear_pointer(&codes[1], g_free);
}

static void test_mark_all(void)
{
    static const struct {
        const char *silent, *tray;
    } rows[] = {
        { "true", "" },
        { "false", "receipt b@c.example Read: x" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
        g_autofree G_GNUC_UNUSED char *asking = item_create(f, ASKING);
        g_autofree G_GNUC_UNUSED char *other =
            item_create(f, MAIL(READ("false")));
        g_autofree char *answer = item_runf(
            f,
            "<m:MarkAllItemsAsRead><m:ReadFlag>true</m:ReadFlag>"
            "<m:SuppressReadReceipts>%s</m:SuppressReadReceipts><m:FolderIds>"
            "<t:DistinguishedFolderId Id='drafts'/></m:FolderIds>"
            "</m:MarkAllItemsAsRead>",
            rows[i].silent);
        g_autofree char *codes = item_codes(answer);
        g_autofree char *tray = tray_of(f);
        g_auto(lab_folder) folder = { 0 };
        struct err err;

        g_assert_cmpstr(codes, ==, "NoError");
        g_assert_cmpstr(tray, ==, rows[i].tray);
        CHECK_OK(lab_store_distinguished(f->lab.store, f->user1, "drafts",
                                         &folder, &err),
                 &err);
        g_assert_cmpuint(folder.n_unread, ==, 0);
    }
}

/* ---- SendItem, CopyItem -------------------------------------------- */

static void test_send_codes(void)
{
    static const struct {
        const char *name, *element, *key, *want;
    } rows[] = {
        { "all well", MAIL(TO("a@b.example")), NULL, "NoError" },
        { "no key", MAIL(TO("a@b.example")), "",
          "ErrorChangeKeyRequiredForWriteOperations" },
        { "an old key", MAIL(TO("a@b.example")),
          "CQAAAA==", "ErrorStaleObject" },
        { "to nobody", MAIL(""), NULL, "ErrorMissingRecipients" },
        { "a contact", "<t:Contact/>", NULL,
          "ErrorInvalidItemForOperationSendItem" },
    };
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *id = item_create(f, rows[i].element);
        g_autofree char *shown = item_get(f, id, "");
        g_autofree char *key = item_change_key(shown, 0);
        const char *given = rows[i].key != NULL ? rows[i].key : key;
        g_autofree char *attribute =
            given[0] != '\0' ? g_strdup_printf("ChangeKey='%s'", given)
                             : g_strdup("");
        g_autofree char *answer = item_runf(
            f,
            "<m:SendItem SaveItemToFolder='true'><m:ItemIds><t:ItemId Id='%s' "
            "%s/></m:ItemIds></m:SendItem>",
            id, attribute);
        g_autofree char *codes = item_codes(answer);

        if (strcmp(codes, rows[i].want) != 0)
            g_error("%s: %s", rows[i].name, codes);
    }
    g_assert_cmpuint(in_folder(f, "sentitems"), ==, 1);
}

static void test_send_without_a_copy(void)
{
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
    g_autofree char *id = item_create(f, MAIL(SUBJECT("x") TO("a@b.example")));
    g_autofree char *shown = item_get(f, id, "");
    g_autofree char *key = item_change_key(shown, 0);
    g_autofree G_GNUC_UNUSED char *answer = item_runf(
        f,
        "<m:SendItem SaveItemToFolder='false'><m:ItemIds><t:ItemId Id='%s' "
        "ChangeKey='%s'/></m:ItemIds></m:SendItem>",
        id, key);
    g_autofree char *tray = tray_of(f);

    g_assert_cmpstr(tray, ==, "mail a@b.example x");
    g_assert_cmpuint(in_folder(f, "drafts"), ==, 0);
    g_assert_cmpuint(in_folder(f, "sentitems"), ==, 0);
}

static void test_copy(void)
{
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
    g_autofree char *id = item_create(f, MAIL(SUBJECT("x")));
    g_autofree char *answer = item_runf(
        f,
        "<m:CopyItem><m:ToFolderId><t:DistinguishedFolderId Id='inbox'/>"
        "</m:ToFolderId><m:ItemIds><t:ItemId Id='%s'/></m:ItemIds>"
        "</m:CopyItem>",
        id);
    g_autofree char *copy = item_id(answer, 0);
    g_autoptr(mapi_item) tree = item_tree(f, copy);
    g_autofree char *subject = item_text(tree, PR_SUBJECT);

    g_assert_cmpstr(copy, !=, id);
    g_assert_cmpstr(subject, ==, "x");
    g_assert_cmpuint(in_folder(f, "inbox"), ==, 1);
    g_assert_cmpuint(in_folder(f, "drafts"), ==, 1);
}

/* ---- answers ------------------------------------------------------- */

#define ORIGINAL                                                               \
    MAIL(SUBJECT(                                                              \
        "AW: Budget") "<t:Body BodyType='Text'>the old "                       \
                      "one</t:Body>" FLAGS(                                    \
                          "1") "<t:ToRecipients><t:Mailbox><t:"                \
                               "EmailAddress>" USER1 "</t:EmailAddress></"     \
                               "t:Mailbox><t:Mailbox><t:EmailAddress>"         \
                               "c@d.example</t:EmailAddress></"                \
                               "t:Mailbox></t:ToRecipients>"                   \
                               "<t:CcRecipients><t:Mailbox><t:"                \
                               "EmailAddress>e@f.example"                      \
                               "</t:EmailAddress></t:Mailbox></"               \
                               "t:CcRecipients>"                               \
                               "<t:From><t:Mailbox><t:Name>Bea</"              \
                               "t:Name><t:EmailAddress>b@c.example"            \
                               "</t:EmailAddress></t:Mailbox></"               \
                               "t:From>"                                       \
                               "<t:InternetMessageId>&lt;1@c&gt;</"            \
                               "t:InternetMessageId>")

static void test_answers(void)
{
    static const struct {
        const char *element, *more, *tray;
        int32_t verb;
    } rows[] = {
        { "ReplyToItem", "", "mail b@c.example RE: Budget", 102 },
        { "ReplyAllToItem", "",
          "mail b@c.example; c@d.example; e@f.example RE: Budget", 103 },
        { "ForwardItem", TO("g@h.example"), "mail g@h.example FW: Budget",
          104 },
        { "ReplyToItem", SUBJECT("No!") TO("z@z.example"),
          "mail z@z.example No!", 102 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
        g_autofree char *id = item_create(f, ORIGINAL);
        g_autofree char *answer = item_runf(
            f,
            "<m:CreateItem MessageDisposition='SendOnly'><m:Items><t:%s>%s"
            "<t:ReferenceItemId Id='%s'/><t:NewBodyContent BodyType='Text'>"
            "well</t:NewBodyContent></t:%s></m:Items></m:CreateItem>",
            rows[i].element, rows[i].more, id, rows[i].element);
        g_autofree char *codes = item_codes(answer);
        g_autofree char *tray = tray_of(f);
        g_autoptr(mapi_item) tree = item_tree(f, id);

        g_assert_cmpstr(codes, ==, "NoError");
        g_assert_cmpstr(tray, ==, rows[i].tray);
        g_assert_cmpint(item_int(tree, PR_LAST_VERB_EXECUTED), ==,
                        rows[i].verb);
    }
}

/* A saved answer: thread, quotation; and the original stays as it was. */
static void test_saved_answer(void)
{
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
    g_autofree char *id = item_create(f, ORIGINAL);
    g_autofree char *answer = item_runf(
        f,
        "<m:CreateItem MessageDisposition='SaveOnly'><m:Items><t:ReplyToItem>"
        "<t:ReferenceItemId Id='%s'/><t:NewBodyContent BodyType='Text'>well"
        "</t:NewBodyContent></t:ReplyToItem></m:Items></m:CreateItem>",
        id);
    g_autofree char *reply = item_id(answer, 0);
    g_autoptr(mapi_item) tree = item_tree(f, reply);
    g_autoptr(mapi_item) old = item_tree(f, id);
    g_autofree char *body = item_text(tree, PR_BODY);
    g_autofree char *in_reply_to = item_text(tree, PR_IN_REPLY_TO);
    g_autofree char *references = item_text(tree, PR_INTERNET_REFERENCES);
    g_autofree char *topic = item_text(tree, PR_CONVERSATION_TOPIC);
    g_autofree char *to = item_text(tree, PR_DISPLAY_TO);

    g_assert_cmpstr(in_reply_to, ==, "<1@c>");
    g_assert_cmpstr(references, ==, "<1@c>");
    g_assert_cmpstr(topic, ==, "Budget");
    g_assert_cmpstr(to, ==, "Bea");
    g_assert_true(g_str_has_prefix(body, "well\n"));
    g_assert_true(g_str_has_suffix(body, "the old one"));
    g_assert_cmpint(item_int(old, PR_LAST_VERB_EXECUTED), ==, 0);
    g_assert_true((item_int(tree, PR_MESSAGE_FLAGS) & MSGFLAG_UNSENT) != 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/op-item/create-codes", test_create_codes);
    g_test_add_func("/op-item/default-folders", test_default_folders);
    g_test_add_func("/op-item/flags", test_flags);
    g_test_add_func("/op-item/dispositions", test_dispositions);
    g_test_add_func("/op-item/sent-copy", test_sent_copy);
    g_test_add_func("/op-item/delivery", test_delivery);
    g_test_add_func("/op-item/update-codes", test_update_codes);
    g_test_add_func("/op-item/conflict", test_conflict);
    g_test_add_func("/op-item/mark", test_mark);
    g_test_add_func("/op-item/receipts", test_receipts);
    g_test_add_func("/op-item/suppressed", test_suppressed);
    g_test_add_func("/op-item/mark-all", test_mark_all);
    g_test_add_func("/op-item/send-codes", test_send_codes);
    g_test_add_func("/op-item/send-without-a-copy", test_send_without_a_copy);
    g_test_add_func("/op-item/copy", test_copy);
    g_test_add_func("/op-item/answers", test_answers);
    g_test_add_func("/op-item/saved-answer", test_saved_answer);
    return g_test_run();
}
