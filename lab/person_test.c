#include "lab/person.h"

#include <string.h>

#include "base/check.h"
#include "lab/item_fixture.h"

struct known {
    const char *name, *smtp, *dn, *routing, *address;
};

static GByteArray *id_of(const struct known *k)
{
    g_auto(person) p = { .name = g_strdup(k->name),
                         .smtp = g_strdup(k->smtp),
                         .dn = g_strdup(k->dn),
                         .routing = g_strdup(k->routing),
                         .address = g_strdup(k->address) };

    return person_entry_id(&p);
}

/* Whom an entry id names is whom it was made of. */
static void test_entry_ids(void)
{
    static const struct known rows[] = {
        { .name = "Eva", .smtp = "eva@c.example" },
        { .name = "Ä 𝄞", .smtp = "e@c.example" },
        { .name = "x", .dn = "/o=First/cn=user1" },
        { .name = "Fax", .routing = "FAX", .address = "+49 221" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GByteArray) id = id_of(&rows[i]);
        g_auto(person) got = { 0 };

        g_assert_true(person_of_entry_id(id->data, id->len, &got));
        g_assert_cmpstr(got.smtp, ==, rows[i].smtp);
        g_assert_cmpstr(got.dn, ==, rows[i].dn);
        g_assert_cmpstr(got.routing, ==, rows[i].routing);
        g_assert_cmpstr(got.address, ==, rows[i].address);
        /* the address book knows its people's names itself */
        if (rows[i].dn == NULL)
            g_assert_cmpstr(got.name, ==, rows[i].name);
    }
}

static const struct known someone = { .name = "A", .smtp = "a@b" };

/* [MS-OXCDATA] 2.2.5.1, byte by byte. */
static void test_one_off(void)
{
    static const uint8_t want[] = {
        0,    0,    0,    0,    0x81, 0x2B, 0x1F, 0xA4, 0xBE, 0xA3, 0x10, 0x19,
        0x9D, 0x6E, 0x00, 0xDD, 0x01, 0x0F, 0x54, 0x02, 0,    0,    0x01, 0x90,
        'A',  0,    0,    0,    'S',  0,    'M',  0,    'T',  0,    'P',  0,
        0,    0,    'a',  0,    '@',  0,    'b',  0,    0,    0,
    };
    g_autoptr(GByteArray) id = id_of(&someone);

    g_assert_cmpuint(id->len, ==, sizeof(want));
    g_assert_true(memcmp(id->data, want, sizeof(want)) == 0);
}

static void test_broken_entry_ids(void)
{
    g_autoptr(GByteArray) id = id_of(&someone);
    g_auto(person) got = { 0 };

    for (guint n = 0; n < id->len; n++)
        g_assert_false(person_of_entry_id(id->data, n, &got));
    id->data[4] ^= 1;
    g_assert_false(person_of_entry_id(id->data, id->len, &got));
}

/* ---- requests ------------------------------------------------------ */

#define TO(inside)                                                             \
    "<t:Message><t:ToRecipients>" inside "</t:ToRecipients></t:Message>"
#define BOX(inside) "<t:Mailbox>" inside "</t:Mailbox>"
#define ADDRESS(a)  "<t:EmailAddress>" a "</t:EmailAddress>"

static void test_shown(void)
{
    static const struct {
        const char *name, *given, *want;
        enum release release;
    } rows[] = {
        { "from outside", BOX("<t:Name>A</t:Name>" ADDRESS("a@b")),
          BOX("<t:Name>A</t:Name>" ADDRESS(
              "a@b") "<t:RoutingType>SMTP"
                     "</t:RoutingType><t:MailboxType>OneOff</t:MailboxType>"),
          EXCHANGE2016 },
        { "without a name", BOX(ADDRESS("a@b")),
          BOX("<t:Name>a@b</t:Name>" ADDRESS(
              "a@b") "<t:RoutingType>SMTP"
                     "</t:RoutingType><t:MailboxType>OneOff</t:MailboxType>"),
          EXCHANGE2016 },
        { "a colleague", BOX(ADDRESS(USER2)),
          BOX("<t:Name>" USER2 "</t:Name>" ADDRESS(
              USER2) "<t:RoutingType>SMTP"
                     "</t:RoutingType><t:MailboxType>Mailbox</t:MailboxType>"),
          EXCHANGE2016 },
        { "of another kind",
          BOX("<t:Name>F</t:Name>" ADDRESS(
              "+49") "<t:RoutingType>FAX</t:RoutingType>"),
          BOX("<t:Name>F</t:Name>" ADDRESS(
              "+49") "<t:RoutingType>FAX"
                     "</t:RoutingType><t:MailboxType>OneOff</t:MailboxType>"),
          EXCHANGE2016 },
        { "to an old server", BOX(ADDRESS("a@b")),
          BOX("<t:Name>a@b</t:Name>" ADDRESS("a@b") "<t:RoutingType>SMTP"
                                                    "</t:RoutingType>"),
          EXCHANGE2007_SP1 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(fixture) f = fixture_new(rows[i].release);
        g_autofree char *element = g_strdup_printf(TO("%s"), rows[i].given);
        g_autofree char *id = item_create(f, element);
        g_autofree char *shown = item_get(f, id, "");

        if (strstr(shown, rows[i].want) == NULL)
            g_error("%s: %s", rows[i].name, shown);
    }
}

static void test_refused(void)
{
    static const char *const rows[] = { BOX(""), BOX("<t:Name>A</t:Name>"),
                                        BOX(ADDRESS("")) };
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *answer = item_runf(
            f,
            "<m:CreateItem MessageDisposition='SaveOnly'><m:Items>" TO(
                "%s") "</m:Items></m:CreateItem>",
            rows[i]);
        g_autofree char *codes = item_codes(answer);

        g_assert_cmpstr(codes, ==, "ErrorMissingInformationEmailAddress");
    }
}

/* Set replaces those of the role, append adds, delete removes. */
static void test_recipients(void)
{
    static const struct {
        const char *change, *want_to;
    } rows[] = {
        { "<t:AppendToItemField><t:FieldURI "
          "FieldURI='message:ToRecipients'/>" TO(
              BOX(ADDRESS("c@d"))) "</t:AppendToItemField>",
          "a@b; c@d" },
        { "<t:SetItemField><t:FieldURI FieldURI='message:ToRecipients'/>" TO(
              BOX(ADDRESS("e@f"))) "</t:SetItemField>",
          "e@f" },
        { "<t:DeleteItemField><t:FieldURI FieldURI='message:ToRecipients'/>"
          "</t:DeleteItemField>",
          "" },
    };
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
    g_autofree char *id =
        item_create(f, "<t:Message><t:ToRecipients>" BOX(
                           ADDRESS("a@b")) "</"
                                           "t:ToRecipients><"
                                           "t:"
                                           "CcRecipients"
                                           ">" BOX(ADDRESS("z@z")) "</"
                                                                   "t:"
                                                                   "CcRec"
                                                                   "ipien"
                                                                   "ts></"
                                                                   "t:"
                                                                   "Messa"
                                                                   "ge>");

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *answer = item_runf(
            f,
            "<m:UpdateItem ConflictResolution='AlwaysOverwrite' "
            "MessageDisposition='SaveOnly'><m:ItemChanges><t:ItemChange>"
            "<t:ItemId Id='%s'/><t:Updates>%s</t:Updates></t:ItemChange>"
            "</m:ItemChanges></m:UpdateItem>",
            id, rows[i].change);
        g_autoptr(mapi_item) tree = item_tree(f, id);
        g_autofree char *to = item_text(tree, PR_DISPLAY_TO);
        g_autofree char *cc = item_text(tree, PR_DISPLAY_CC);

        CHECK_ROW(rows[i].change, strstr(answer, "NoError") != NULL);
        g_assert_cmpstr(to, ==, rows[i].want_to);
        g_assert_cmpstr(cc, ==, "z@z");
    }
}

/* ---- lists --------------------------------------------------------- */

#define MEMBER(a) "<t:Member>" BOX(ADDRESS(a)) "</t:Member>"

static char *update(struct fixture *f, const char *id, const char *change)
{
    g_autofree char *answer = item_runf(
        f,
        "<m:UpdateItem ConflictResolution='AlwaysOverwrite'><m:ItemChanges>"
        "<t:ItemChange><t:ItemId Id='%s'/><t:Updates>%s</t:Updates>"
        "</t:ItemChange></m:ItemChanges></m:UpdateItem>",
        id, change);

    if (strstr(answer, "NoError") == NULL)
        g_error("%s: %s", change, answer);
    return item_get(f, id, "");
}

static void test_members(void)
{
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
    g_autofree char *id =
        item_create(f, "<t:DistributionList><t:DisplayName>Team</"
                       "t:DisplayName><t:Members>" MEMBER("a@b")
                           MEMBER(USER2) "</t:Members></t:DistributionList>");
    g_autofree char *shown = item_get(f, id, "");
    g_autofree char *more = update(
        f, id,
        "<t:AppendToItemField><t:FieldURI FieldURI='distributionlist:Members'"
        "/><t:DistributionList><t:Members>" MEMBER(
            "c@d") "</t:Members>"
                   "</t:DistributionList></t:AppendToItemField>");
    g_autofree char *member = item_element(shown, "t:Member", 0);
    g_autofree char *key = NULL, *change = NULL, *fewer = NULL;
    const char *at = strstr(member, "Key=\"") + 5;

    g_assert_nonnull(strstr(shown, ">a@b<"));
    g_assert_nonnull(strstr(shown, ">" USER2 "<"));
    g_assert_nonnull(strstr(shown, "<t:Status>Normal<"));
    g_assert_nonnull(strstr(more, ">a@b<"));
    g_assert_nonnull(strstr(more, ">c@d<"));
    key = g_strndup(at, strcspn(at, "\""));
    change = g_strdup_printf(
        "<t:DeleteItemField><t:IndexedFieldURI "
        "FieldURI='distributionlist:Members:Member' FieldIndex='%s'/>"
        "</t:DeleteItemField>",
        key);
    fewer = update(f, id, change);
    g_assert_null(strstr(fewer, ">a@b<"));
    g_assert_nonnull(strstr(fewer, ">c@d<"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/person/entry-ids", test_entry_ids);
    g_test_add_func("/person/one-off", test_one_off);
    g_test_add_func("/person/broken-entry-ids", test_broken_entry_ids);
    g_test_add_func("/person/shown", test_shown);
    g_test_add_func("/person/refused", test_refused);
    g_test_add_func("/person/recipients", test_recipients);
    g_test_add_func("/person/members", test_members);
    return g_test_run();
}
