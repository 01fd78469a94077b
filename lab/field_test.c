/*
 * The table of properties: XML in, MAPI properties by their tags, XML out
 * again, and gone when they are deleted.
 */
#include "lab/field.h"

#include "base/check.h"
#include "lab/item_fixture.h"

/* ---- each property, both ways -------------------------------------- */

/* A property as [MS-OXPROPS] has it, and its value as text. */
struct want {
    uint32_t tag; /* with set: the type alone */
    const uint8_t *set;
    uint32_t id;
    const char *name;
    const char *value;
};

struct row {
    const char *element; /* "Contact" */
    const char *uri;     /* of a DeleteItemField; NULL: not to be deleted */
    const char *xml;     /* as it is given, and as it is shown */
    struct want want;
};

#define TEXT(id, v)                                                            \
    {                                                                          \
        PROP_TAG(id, PT_UNICODE), NULL, 0, NULL, v                             \
    }
#define INT(id, v)                                                             \
    {                                                                          \
        PROP_TAG(id, PT_LONG), NULL, 0, NULL, v                                \
    }
#define BOOL(id, v)                                                            \
    {                                                                          \
        PROP_TAG(id, PT_BOOLEAN), NULL, 0, NULL, v                             \
    }
#define TIME(id, v)                                                            \
    {                                                                          \
        PROP_TAG(id, PT_SYSTIME), NULL, 0, NULL, v                             \
    }
#define TEXTS(id, v)                                                           \
    {                                                                          \
        PROP_TAG(id, PT_UNICODE | MV_FLAG), NULL, 0, NULL, v                   \
    }
#define LID(s, lid, t, v)                                                      \
    {                                                                          \
        PROP_TAG(0, t), s, lid, NULL, v                                        \
    }
#define CONTACT(name, tag)                                                     \
    {                                                                          \
        "Contact", "contacts:" name, "<t:" name ">v &amp; w</t:" name ">",     \
            TEXT(tag, "v & w")                                                 \
    }
#define PHONE(key, tag)                                                        \
    {                                                                          \
        "Contact", "contacts:PhoneNumber " key,                                \
            "<t:PhoneNumbers><t:Entry Key=\"" key "\">+49 221 1</t:Entry>"     \
            "</t:PhoneNumbers>",                                               \
            TEXT(tag, "+49 221 1")                                             \
    }
#define PLACE(key, place, w)                                                   \
    {                                                                          \
        "Contact", "contacts:PhysicalAddress:" place " " key,                  \
            "<t:PhysicalAddresses><t:Entry Key=\"" key "\"><t:" place          \
            ">Köln</t:" place "></t:Entry></t:PhysicalAddresses>",             \
            w                                                                  \
    }
#define DAY "2024-03-04T00:00:00Z"

/* clang-format off */
static const struct row rows[] = {
    { "Message", "item:Subject", "<t:Subject>Ä &lt;b&gt;</t:Subject>",
      TEXT(0x0037, "Ä <b>") },
    { "Message", "item:Sensitivity",
      "<t:Sensitivity>Confidential</t:Sensitivity>", INT(0x0036, "3") },
    { "Message", "item:Importance", "<t:Importance>High</t:Importance>",
      INT(0x0017, "2") },
    { "Message", "item:Categories",
      "<t:Categories><t:String>red</t:String><t:String>blue</t:String>"
      "</t:Categories>",
      { PROP_TAG(0, PT_UNICODE | MV_FLAG), PS_PUBLIC_STRINGS, 0, "Keywords",
        "red|blue" } },
    { "Message", "item:InReplyTo", "<t:InReplyTo>&lt;a@b&gt;</t:InReplyTo>",
      TEXT(0x1042, "<a@b>") },
    { "Message", "item:ReminderIsSet",
      "<t:ReminderIsSet>true</t:ReminderIsSet>",
      LID(PSETID_COMMON, 0x8503, PT_BOOLEAN, "true") },
    { "Message", "item:ReminderDueBy",
      "<t:ReminderDueBy>" DAY "</t:ReminderDueBy>",
      LID(PSETID_COMMON, 0x8502, PT_SYSTIME, DAY) },
    { "Message", "item:ReminderMinutesBeforeStart",
      "<t:ReminderMinutesBeforeStart>15</t:ReminderMinutesBeforeStart>",
      LID(PSETID_COMMON, 0x8501, PT_LONG, "15") },
    { "Message", "item:Culture", "<t:Culture>de-DE</t:Culture>",
      INT(0x3FF1, "1031") },
    { "Message", "item:Flag",
      "<t:Flag><t:FlagStatus>Flagged</t:FlagStatus><t:StartDate>" DAY
      "</t:StartDate><t:DueDate>" DAY "</t:DueDate></t:Flag>",
      INT(0x1090, "2") },
    { "Message", "item:Flag",
      "<t:Flag><t:FlagStatus>Complete</t:FlagStatus><t:CompleteDate>" DAY
      "</t:CompleteDate></t:Flag>", TIME(0x1091, DAY) },
    { "Message", "message:IsReadReceiptRequested",
      "<t:IsReadReceiptRequested>true</t:IsReadReceiptRequested>",
      BOOL(0x0029, "true") },
    { "Message", "message:IsDeliveryReceiptRequested",
      "<t:IsDeliveryReceiptRequested>true</t:IsDeliveryReceiptRequested>",
      BOOL(0x0023, "true") },
    { "Message", "message:IsResponseRequested",
      "<t:IsResponseRequested>true</t:IsResponseRequested>",
      BOOL(0x0C17, "true") },
    { "Message", "message:InternetMessageId",
      "<t:InternetMessageId>&lt;1@c&gt;</t:InternetMessageId>",
      TEXT(0x1035, "<1@c>") },
    { "Message", "message:References",
      "<t:References>&lt;1@c&gt;</t:References>", TEXT(0x1039, "<1@c>") },
    { "Message", NULL, "<t:IsRead>true</t:IsRead>", INT(0x0E07, "1033") },
    { "PostItem", "item:Subject", "<t:Subject>x</t:Subject>",
      TEXT(0x0037, "x") },
    { "Contact", "contacts:FileAs", "<t:FileAs>Stein, Eva</t:FileAs>",
      LID(PSETID_ADDRESS, 0x8005, PT_UNICODE, "Stein, Eva") },
    { "Contact", "contacts:FileAsMapping",
      "<t:FileAsMapping>LastCommaFirst</t:FileAsMapping>",
      LID(PSETID_ADDRESS, 0x8006, PT_LONG, "32791") },
    CONTACT("DisplayName", 0x3001),
    CONTACT("GivenName", 0x3A06),
    CONTACT("Initials", 0x3A0A),
    CONTACT("MiddleName", 0x3A44),
    CONTACT("Nickname", 0x3A4F),
    CONTACT("CompanyName", 0x3A16),
    CONTACT("AssistantName", 0x3A30),
    CONTACT("BusinessHomePage", 0x3A51),
    CONTACT("Department", 0x3A18),
    CONTACT("Generation", 0x3A05),
    CONTACT("JobTitle", 0x3A17),
    CONTACT("Manager", 0x3A4E),
    CONTACT("OfficeLocation", 0x3A19),
    CONTACT("Profession", 0x3A46),
    CONTACT("SpouseName", 0x3A48),
    CONTACT("Surname", 0x3A11),
    { "Contact", "contacts:Mileage", "<t:Mileage>9</t:Mileage>",
      LID(PSETID_COMMON, 0x8534, PT_UNICODE, "9") },
    { "Contact", "contacts:Birthday", "<t:Birthday>" DAY "</t:Birthday>",
      TIME(0x3A42, DAY) },
    { "Contact", "contacts:WeddingAnniversary",
      "<t:WeddingAnniversary>" DAY "</t:WeddingAnniversary>",
      TIME(0x3A41, DAY) },
    { "Contact", "contacts:Children",
      "<t:Children><t:String>a</t:String><t:String>b</t:String></t:Children>",
      TEXTS(0x3A58, "a|b") },
    { "Contact", "contacts:Companies",
      "<t:Companies><t:String>a</t:String></t:Companies>",
      LID(PSETID_COMMON, 0x8539, PT_UNICODE | MV_FLAG, "a") },
    { "Contact", "contacts:PostalAddressIndex",
      "<t:PostalAddressIndex>Business</t:PostalAddressIndex>",
      LID(PSETID_ADDRESS, 0x8022, PT_LONG, "2") },
    { "Contact", "contacts:EmailAddress EmailAddress2",
      "<t:EmailAddresses><t:Entry Key=\"EmailAddress2\" Name=\"Eva\" "
      "RoutingType=\"SMTP\" MailboxType=\"OneOff\">eva@c.example</t:Entry>"
      "</t:EmailAddresses>",
      LID(PSETID_ADDRESS, 0x8093, PT_UNICODE, "eva@c.example") },
    { "Contact", "contacts:EmailAddress EmailAddress3",
      "<t:EmailAddresses><t:Entry Key=\"EmailAddress3\" Name=\"Eva\" "
      "RoutingType=\"SMTP\" MailboxType=\"OneOff\">eva@c.example</t:Entry>"
      "</t:EmailAddresses>",
      LID(PSETID_ADDRESS, 0x80A0, PT_UNICODE, "Eva") },
    { "Contact", "contacts:ImAddress ImAddress1",
      "<t:ImAddresses><t:Entry Key=\"ImAddress1\">sip:x</t:Entry>"
      "</t:ImAddresses>", LID(PSETID_ADDRESS, 0x8062, PT_UNICODE, "sip:x") },
    PHONE("AssistantPhone", 0x3A2E),
    PHONE("BusinessFax", 0x3A24),
    PHONE("BusinessPhone", 0x3A08),
    PHONE("BusinessPhone2", 0x3A1B),
    PHONE("Callback", 0x3A02),
    PHONE("CarPhone", 0x3A1E),
    PHONE("CompanyMainPhone", 0x3A57),
    PHONE("HomeFax", 0x3A25),
    PHONE("HomePhone", 0x3A09),
    PHONE("HomePhone2", 0x3A2F),
    PHONE("Isdn", 0x3A2D),
    PHONE("MobilePhone", 0x3A1C),
    PHONE("OtherFax", 0x3A23),
    PHONE("OtherTelephone", 0x3A1F),
    PHONE("Pager", 0x3A21),
    PHONE("PrimaryPhone", 0x3A1A),
    PHONE("RadioPhone", 0x3A1D),
    PHONE("Telex", 0x3A2C),
    PHONE("TtyTddPhone", 0x3A4B),
    PLACE("Home", "Street", TEXT(0x3A5D, "Köln")),
    PLACE("Home", "City", TEXT(0x3A59, "Köln")),
    PLACE("Home", "State", TEXT(0x3A5C, "Köln")),
    PLACE("Home", "CountryOrRegion", TEXT(0x3A5A, "Köln")),
    PLACE("Home", "PostalCode", TEXT(0x3A5B, "Köln")),
    PLACE("Business", "Street",
          LID(PSETID_ADDRESS, 0x8045, PT_UNICODE, "Köln")),
    PLACE("Business", "City",
          LID(PSETID_ADDRESS, 0x8046, PT_UNICODE, "Köln")),
    PLACE("Business", "State",
          LID(PSETID_ADDRESS, 0x8047, PT_UNICODE, "Köln")),
    PLACE("Business", "PostalCode",
          LID(PSETID_ADDRESS, 0x8048, PT_UNICODE, "Köln")),
    PLACE("Business", "CountryOrRegion",
          LID(PSETID_ADDRESS, 0x8049, PT_UNICODE, "Köln")),
    PLACE("Other", "City", TEXT(0x3A5F, "Köln")),
    PLACE("Other", "CountryOrRegion", TEXT(0x3A60, "Köln")),
    PLACE("Other", "PostalCode", TEXT(0x3A61, "Köln")),
    PLACE("Other", "State", TEXT(0x3A62, "Köln")),
    PLACE("Other", "Street", TEXT(0x3A63, "Köln")),
    { "DistributionList", NULL, "<t:DisplayName>Team</t:DisplayName>",
      LID(PSETID_ADDRESS, 0x8053, PT_UNICODE, "Team") },
    { "Task", "task:ActualWork", "<t:ActualWork>60</t:ActualWork>",
      LID(PSETID_TASK, 0x8110, PT_LONG, "60") },
    { "Task", "task:TotalWork", "<t:TotalWork>90</t:TotalWork>",
      LID(PSETID_TASK, 0x8111, PT_LONG, "90") },
    { "Task", "task:BillingInformation",
      "<t:BillingInformation>x</t:BillingInformation>",
      LID(PSETID_COMMON, 0x8535, PT_UNICODE, "x") },
    { "Task", "task:Contacts",
      "<t:Contacts><t:String>a</t:String></t:Contacts>",
      LID(PSETID_COMMON, 0x853A, PT_UNICODE | MV_FLAG, "a") },
    { "Task", "task:DueDate", "<t:DueDate>" DAY "</t:DueDate>",
      LID(PSETID_TASK, 0x8105, PT_SYSTIME, DAY) },
    { "Task", "task:StartDate", "<t:StartDate>" DAY "</t:StartDate>",
      LID(PSETID_TASK, 0x8104, PT_SYSTIME, DAY) },
    { "Task", "task:StartDate", "<t:StartDate>" DAY "</t:StartDate>",
      LID(PSETID_COMMON, 0x8516, PT_SYSTIME, DAY) },
    { "Task", "task:CompleteDate",
      "<t:CompleteDate>" DAY "</t:CompleteDate>",
      LID(PSETID_TASK, 0x810F, PT_SYSTIME, DAY) },
    { "Task", NULL, "<t:PercentComplete>33</t:PercentComplete>",
      LID(PSETID_TASK, 0x8102, PT_DOUBLE, "0.33") },
    { "Task", NULL, "<t:Status>WaitingOnOthers</t:Status>",
      LID(PSETID_TASK, 0x8101, PT_LONG, "3") },
};
/* clang-format on */

static struct mapi_prop *find(const struct mapi_item *tree,
                              const struct want *w)
{
    const struct mapi_props *props = &tree->message.props;

    if (w->set == NULL)
        return mapi_find(props, PROP_ID(w->tag));
    return w->name != NULL ? mapi_find_text(props, w->set, w->name)
                           : mapi_find_id(props, w->set, w->id);
}

static char *texts_of(const struct mapi_prop *p)
{
    GString *out = g_string_new(NULL);

    for (uint32_t i = 0; i < p->count; i++) {
        g_autofree char *text = mapi_dup_text_at(p, i);

        g_string_append_printf(out, "%s%s", i > 0 ? "|" : "", text);
    }
    return g_string_free(out, FALSE);
}

static char *value_of(const struct mapi_prop *p, uint16_t type)
{
    if (p == NULL)
        return g_strdup("nothing");
    switch (type) {
    case PT_UNICODE:
        return mapi_dup_text(p);
    case PT_UNICODE | MV_FLAG:
        return texts_of(p);
    case PT_LONG:
        return g_strdup_printf("%d", mapi_get_i32(p, -1));
    case PT_BOOLEAN:
        return g_strdup(mapi_get_bool(p, false) ? "true" : "false");
    case PT_SYSTIME:
        return timestamp_format(mapi_get_time(p));
    default:
        return g_strdup_printf("%g", mapi_get_double(p, -1));
    }
}

static void check_value(const struct row *r, const struct mapi_item *tree)
{
    g_autofree char *got =
        value_of(find(tree, &r->want), PROP_TYPE(r->want.tag));

    if (strcmp(got, r->want.value) != 0)
        g_error("%s: %s", r->xml, got);
}

static void check_deleted(struct fixture *f, const struct row *r,
                          const char *id)
{
    g_auto(GStrv) uri = g_strsplit(r->uri, " ", 2);
    g_autofree char *path =
        uri[1] != NULL ? g_strdup_printf("<t:IndexedFieldURI FieldURI='%s' "
                                         "FieldIndex='%s'/>",
                                         uri[0], uri[1])
                       : g_strdup_printf("<t:FieldURI FieldURI='%s'/>", uri[0]);
    g_autofree char *answer = item_runf(
        f,
        "<m:UpdateItem ConflictResolution='AlwaysOverwrite' "
        "MessageDisposition='SaveOnly'><m:ItemChanges><t:ItemChange>"
        "<t:ItemId Id='%s'/><t:Updates><t:DeleteItemField>%s"
        "</t:DeleteItemField></t:Updates></t:ItemChange></m:ItemChanges>"
        "</m:UpdateItem>",
        id, path);
    g_autofree char *codes = item_codes(answer);
    g_autofree char *shown = item_get(f, id, "");

    if (strcmp(codes, "NoError") != 0 || strstr(shown, r->xml) != NULL)
        g_error("%s: deleted: %s", r->xml, codes);
}

static void test_rows(void)
{
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        const struct row *r = &rows[i];
        g_autofree char *element =
            g_strdup_printf("<t:%s>%s</t:%s>", r->element, r->xml, r->element);
        g_autofree char *id = item_create(f, element);
        g_autofree char *shown = item_get(f, id, "");
        g_autoptr(mapi_item) tree = item_tree(f, id);

        check_value(r, tree);
        if (strstr(shown, r->xml) == NULL)
            g_error("%s: %s", r->xml, shown);
        if (r->uri != NULL)
            check_deleted(f, r, id);
    }
}

/* ---- what hangs together ------------------------------------------- */

static void test_together(void)
{
    static const struct {
        const char *name, *element;
        struct want want;
    } cases[] = {
        { "a subject's prefix",
          "<t:Message><t:Subject>RE: x</t:Subject></t:Message>",
          TEXT(0x0E1D, "x") },
        { "a topic", "<t:Message><t:Subject>AW: x</t:Subject></t:Message>",
          TEXT(0x0070, "x") },
        { "no prefix", "<t:Message><t:Subject>Note: x</t:Subject></t:Message>",
          TEXT(0x0E1D, "Note: x") },
        { "a reminder's time",
          "<t:Message><t:ReminderDueBy>" DAY "</t:ReminderDueBy></t:Message>",
          LID(PSETID_COMMON, 0x8560, PT_SYSTIME, DAY) },
        { "a contact's subject",
          "<t:Contact><t:GivenName>Eva</t:GivenName><t:Surname>Stein"
          "</t:Surname></t:Contact>",
          TEXT(0x0037, "Eva Stein") },
        { "file as",
          "<t:Contact><t:FileAsMapping>LastCommaFirst</t:FileAsMapping>"
          "<t:GivenName>Eva</t:GivenName><t:Surname>Stein</t:Surname>"
          "</t:Contact>",
          LID(PSETID_ADDRESS, 0x8005, PT_UNICODE, "Stein, Eva") },
        { "file as, without a first name",
          "<t:Contact><t:FileAsMapping>LastCommaFirst</t:FileAsMapping>"
          "<t:Surname>Stein</t:Surname></t:Contact>",
          LID(PSETID_ADDRESS, 0x8005, PT_UNICODE, "Stein") },
        { "a whole address",
          "<t:Contact><t:PhysicalAddresses><t:Entry Key='Home'><t:Street>a 1"
          "</t:Street><t:City>b</t:City></t:Entry></t:PhysicalAddresses>"
          "</t:Contact>",
          LID(PSETID_ADDRESS, 0x801A, PT_UNICODE, "a 1\r\nb") },
        { "which addresses there are",
          "<t:Contact><t:EmailAddresses><t:Entry Key='EmailAddress1'>a@b"
          "</t:Entry><t:Entry Key='EmailAddress3'>c@d</t:Entry>"
          "</t:EmailAddresses></t:Contact>",
          LID(PSETID_ADDRESS, 0x8029, PT_LONG, "5") },
        { "a list's subject",
          "<t:DistributionList><t:DisplayName>Team</t:DisplayName>"
          "</t:DistributionList>",
          TEXT(0x0037, "Team") },
        { "a completed task has all of it done",
          "<t:Task><t:Status>Completed</t:Status></t:Task>",
          LID(PSETID_TASK, 0x8102, PT_DOUBLE, "1") },
        { "all done is completed",
          "<t:Task><t:PercentComplete>100</t:PercentComplete></t:Task>",
          LID(PSETID_TASK, 0x8101, PT_LONG, "2") },
        { "some done is in progress",
          "<t:Task><t:PercentComplete>1</t:PercentComplete></t:Task>",
          LID(PSETID_TASK, 0x8101, PT_LONG, "1") },
        { "a date of completion completes",
          "<t:Task><t:CompleteDate>" DAY "</t:CompleteDate></t:Task>",
          LID(PSETID_TASK, 0x811C, PT_BOOLEAN, "true") },
        { "a new task's owner", "<t:Task/>",
          LID(PSETID_TASK, 0x811F, PT_UNICODE, USER1) },
        { "a series",
          "<t:Task><t:Recurrence><t:DailyRecurrence><t:Interval>2</t:Interval>"
          "</t:DailyRecurrence><t:NoEndRecurrence><t:StartDate>2024-03-04"
          "</t:StartDate></t:NoEndRecurrence></t:Recurrence></t:Task>",
          LID(PSETID_TASK, 0x8126, PT_BOOLEAN, "true") },
        { "a flag's text",
          "<t:Message><t:Flag><t:FlagStatus>Flagged</t:FlagStatus></t:Flag>"
          "</t:Message>",
          LID(PSETID_COMMON, 0x8530, PT_UNICODE, "Follow up") },
        { "who it is to",
          "<t:Message><t:ToRecipients><t:Mailbox><t:Name>A</t:Name>"
          "<t:EmailAddress>a@b</t:EmailAddress></t:Mailbox><t:Mailbox>"
          "<t:EmailAddress>c@d</t:EmailAddress></t:Mailbox></t:ToRecipients>"
          "</t:Message>",
          TEXT(0x0E04, "A; c@d") },
        { "a colleague's own address",
          "<t:Message><t:From><t:Mailbox><t:EmailAddress>" USER2
          "</t:EmailAddress></t:Mailbox></t:From></t:Message>",
          TEXT(0x0064, "EX") },
        { "and the other one",
          "<t:Message><t:From><t:Mailbox><t:EmailAddress>" USER2
          "</t:EmailAddress></t:Mailbox></t:From></t:Message>",
          TEXT(0x5D02, USER2) },
    };
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        const struct row r = { .xml = cases[i].name, .want = cases[i].want };
        g_autofree char *id = item_create(f, cases[i].element);
        g_autoptr(mapi_item) tree = item_tree(f, id);

        check_value(&r, tree);
    }
}

/* A subject of 256 characters is cut to 255, of 255 not. */
static void test_long_subjects(void)
{
    static const struct {
        size_t given, kept;
        const char *end;
    } cases[] = { { 255, 255, "ää" }, { 256, 255, "ä..." } };
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GString) subject = g_string_new(NULL);
        g_autofree char *element = NULL, *id = NULL, *got = NULL;
        g_autoptr(mapi_item) tree = NULL;

        for (size_t n = 0; n < cases[i].given; n++)
            g_string_append(subject, "ä");
        element = g_strdup_printf("<t:Message><t:Subject>%s</t:Subject>"
                                  "</t:Message>",
                                  subject->str);
        id = item_create(f, element);
        tree = item_tree(f, id);
        got = item_text(tree, PR_SUBJECT);
        g_assert_cmpuint((size_t)g_utf8_strlen(got, -1), ==, cases[i].kept);
        g_assert_true(g_str_has_suffix(got, cases[i].end));
    }
}

/* ---- refused values ------------------------------------------------ */

static void test_refused(void)
{
    static const struct {
        const char *element, *want;
    } cases[] = {
        { "<t:Message><t:Importance>Huge</t:Importance></t:Message>",
          "fault ErrorSchemaValidation" },
        { "<t:Message><t:Culture>xx-YY</t:Culture></t:Message>",
          "ErrorUnsupportedCulture" },
        { "<t:Message><t:Body BodyType='RTF'>x</t:Body></t:Message>",
          "fault ErrorSchemaValidation" },
        { "<t:Message><t:Flag><t:FlagStatus>Flagged</t:FlagStatus>"
          "<t:StartDate>" DAY "</t:StartDate></t:Flag></t:Message>",
          "ErrorInvalidArgument" },
        { "<t:Contact><t:PhoneNumbers><t:Entry Key='Shoe'>1</t:Entry>"
          "</t:PhoneNumbers></t:Contact>",
          "fault ErrorSchemaValidation" },
        { "<t:Contact><t:Birthday>tomorrow</t:Birthday></t:Contact>",
          "fault ErrorSchemaValidation" },
        { "<t:Task><t:PercentComplete>101</t:PercentComplete></t:Task>",
          "ErrorInvalidPercentCompleteValue" },
        { "<t:Task><t:CompleteDate>2999-01-01T00:00:00Z</t:CompleteDate>"
          "</t:Task>",
          "ErrorInvalidCompleteDate" },
        { "<t:Task><t:IsComplete>true</t:IsComplete></t:Task>",
          "ErrorInvalidPropertySet" },
    };
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *answer = item_runf(
            f,
            "<m:CreateItem MessageDisposition='SaveOnly'><m:Items>%s</m:Items>"
            "</m:CreateItem>",
            cases[i].element);
        g_autofree char *codes = item_codes(answer);

        if (strcmp(codes, cases[i].want) != 0)
            g_error("%s: %s", cases[i].element, codes);
    }
}

/* ---- parts of dictionaries ----------------------------------------- */

/* What is asked for by index is shown alone. */
static void test_parts(void)
{
    static const struct {
        const char *uri, *index, *want;
    } cases[] = {
        { "contacts:PhoneNumber", "HomePhone",
          "<t:PhoneNumbers><t:Entry Key=\"HomePhone\">1</t:Entry>"
          "</t:PhoneNumbers>" },
        { "contacts:PhoneNumber", "Pager", "" },
        { "contacts:PhysicalAddress:City", "Home",
          "<t:PhysicalAddresses><t:Entry Key=\"Home\"><t:City>b</t:City>"
          "</t:Entry></t:PhysicalAddresses>" },
        { "contacts:PhysicalAddress:City", "Business", "" },
    };
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
    g_autofree char *id = item_create(
        f, "<t:Contact><t:PhysicalAddresses><t:Entry Key='Home'><t:Street>a"
           "</t:Street><t:City>b</t:City></t:Entry></t:PhysicalAddresses>"
           "<t:PhoneNumbers><t:Entry Key='HomePhone'>1</t:Entry><t:Entry "
           "Key='Isdn'>2</t:Entry></t:PhoneNumbers></t:Contact>");

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *answer = item_runf(
            f,
            "<m:GetItem><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape>"
            "<t:AdditionalProperties><t:IndexedFieldURI FieldURI='%s' "
            "FieldIndex='%s'/></t:AdditionalProperties></m:ItemShape>"
            "<m:ItemIds><t:ItemId Id='%s'/></m:ItemIds></m:GetItem>",
            cases[i].uri, cases[i].index, id);
        const char *start = strstr(answer, "<t:ItemId ");
        const char *end = strstr(answer, "</t:Contact>");
        g_autofree char *inside = NULL;

        g_assert_true(start != NULL && end != NULL);
        start = strchr(start, '>') + 1;
        inside = g_strndup(start, (gsize)(end - start));
        g_assert_cmpstr(inside, ==, cases[i].want);
    }
}

/* ---- the table against Microsoft's schema -------------------------- */

/* types.xsd; NULL when it is not here. */
static char *schema_text(void)
{
    const char *named = g_getenv("EWS_SCHEMA_DIR");
    const char *root = g_getenv("G_TEST_SRCDIR");
    g_autofree char *folder =
        named != NULL ? g_strdup(named)
                      : g_build_filename(root != NULL ? root : ".", "..",
                                         "shared", "ews-schema", NULL);
    g_autofree char *path = g_build_filename(folder, "types.xsd", NULL);
    char *text = NULL;

    g_file_get_contents(path, &text, NULL, NULL);
    return text;
}

/* Where an element is declared inside of a complex type; -1: not there. */
static gssize place_of(const char *xsd, const char *type, const char *element)
{
    g_autofree char *open =
        g_strdup_printf("<xs:complexType name=\"%s\"", type);
    g_autofree char *name = g_strdup_printf("<xs:element name=\"%s\"", element);
    const char *start = strstr(xsd, open);
    const char *next =
        start != NULL ? strstr(start + 1, "<xs:complexType name=") : NULL;
    const char *at = start != NULL ? strstr(start, name) : NULL;

    if (at == NULL || (next != NULL && at > next))
        return -1;
    return at - start;
}

/* The rows of each kind stand in the order of its type. */
static void test_order(void)
{
    static const struct {
        enum item_kind kind;
        const char *type;
    } types[] = {
        { KIND_ITEM, "ItemType" },
        { KIND_MESSAGE, "MessageType" },
        { KIND_POST, "PostItemType" },
        { KIND_CALENDAR, "CalendarItemType" },
        { KIND_CONTACT, "ContactItemType" },
        { KIND_LIST, "DistributionListType" },
        { KIND_TASK, "TaskType" },
        { KIND_MEETING, "MeetingMessageType" },
        { KIND_REQUEST, "MeetingRequestMessageType" },
        { KIND_RESPONSE, "MeetingResponseMessageType" },
    };
    g_autofree char *xsd = schema_text();

    if (xsd == NULL) {
        g_test_skip("the schema is not here: EWS_SCHEMA_DIR");
        return;
    }
    for (size_t t = 0; t < G_N_ELEMENTS(types); t++) {
        size_t n = field_count();
        gssize last = -1;

        for (size_t i = 0; i < n; i++) {
            uint32_t kinds = 0;
            const struct field *f = field_at(i, &kinds);
            g_autofree char *element = field_element(f);
            gssize at = place_of(xsd, types[t].type, element + 2);

            if ((kinds & (uint32_t)types[t].kind) == 0 || at < 0 ||
                f->write == NULL)
                continue;
            if (at < last)
                g_error("%s: %s stands too late", types[t].type, f->uri);
            last = at;
        }
    }
}

/* Whatever the schema lets a client ask for is known. */
static void test_all_uris(void)
{
    g_autofree char *xsd = schema_text();
    const char *at, *end;
    unsigned int n = 0;

    if (xsd == NULL) {
        g_test_skip("the schema is not here: EWS_SCHEMA_DIR");
        return;
    }
    at = strstr(xsd, "<xs:simpleType name=\"UnindexedFieldURIType\"");
    end = strstr(at, "</xs:simpleType>");
    while ((at = strstr(at, "value=\"")) != NULL && at < end) {
        g_autofree char *uri = g_strndup(at + 7, strcspn(at + 7, "\""));
        bool known = g_str_has_prefix(uri, "folder:");

        at++;
        n++;
        for (size_t i = 0; i < field_count(); i++) {
            uint32_t kinds;

            known = known || strcmp(field_at(i, &kinds)->uri, uri) == 0;
        }
        if (!known)
            g_error("%s", uri);
    }
    g_assert_cmpuint(n, >, 200);
}

static void test_kinds(void)
{
    static const struct {
        const char *item_class;
        enum item_kind kind;
    } cases[] = {
        { "IPM.Note", KIND_MESSAGE },
        { "IPM.TaskRequest", KIND_ITEM },
        { "IPM.Task.Own", KIND_TASK },
        { "IPM.Tasking", KIND_ITEM },
        { "IPM.Schedule.Meeting.Notification.Forward", KIND_MEETING },
        { "IPM.Schedule.Meeting.Resp.Tent", KIND_RESPONSE },
        { "report.ipm.note.ndr", KIND_MESSAGE },
        { "IPM.OLE.CLASS.{00061055-0000-0000-C000-000000000046}",
          KIND_CALENDAR },
        { NULL, KIND_ITEM },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        CHECK_ROW(cases[i].item_class != NULL ? cases[i].item_class : "none",
                  item_kind(cases[i].item_class) == cases[i].kind);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/field/rows", test_rows);
    g_test_add_func("/field/together", test_together);
    g_test_add_func("/field/long-subjects", test_long_subjects);
    g_test_add_func("/field/refused", test_refused);
    g_test_add_func("/field/parts", test_parts);
    g_test_add_func("/field/order", test_order);
    g_test_add_func("/field/all-uris", test_all_uris);
    g_test_add_func("/field/kinds", test_kinds);
    return g_test_run();
}
