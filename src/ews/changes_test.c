#include <string.h>

#include "base/check.h"
#include "base/timestamp.h"
#include "ews/script.h"

#define SYNC(state, last, changes)                                             \
    ANSWER(RESPONSE("SyncFolderItems",                                         \
                    SUCCESS("SyncFolderItems",                                 \
                            "<m:SyncState>" state "</m:SyncState>"             \
                            "<m:IncludesLastItemInRange>" last                 \
                            "</m:IncludesLastItemInRange><m:Changes>" changes  \
                            "</m:Changes>")))
#define ITEM_ID(id) "<t:ItemId Id=\"" id "\" ChangeKey=\"ck-" id "\"/>"
#define PROPERTY(tag, type, value)                                             \
    "<t:ExtendedProperty><t:ExtendedFieldURI PropertyTag=\"" tag               \
    "\" PropertyType=\"" type "\"/><t:Value>" value                            \
    "</t:Value></t:ExtendedProperty>"
#define CREATED(id)                                                            \
    "<t:Create><t:Message>" ITEM_ID(id) "</t:Message></t:Create>"

struct listed {
    struct stage st;
    struct endpoint_page page;
    char *token;
    struct err err;
};

static void begin(struct listed *l, const char *token)
{
    *l = (struct listed){ .token = g_strdup(token) };
    stage_init(&l->st);
    stage_open_2016(&l->st);
}

static int list(struct listed *l, size_t max)
{
    return endpoint_changes(l->st.ep, "F", max, &l->token, &l->page, &l->err);
}

static void end(struct listed *l)
{
    endpoint_page_clear(&l->page);
    g_free(l->token);
    stage_release(&l->st);
}

static const char *asked(struct listed *l, size_t i)
{
    return script_request(l->st.script, i)->body;
}

static void test_first_page(void)
{
    const struct endpoint_change *c;
    struct listed l;

    begin(&l, "");
    script_say(
        l.st.script,
        SYNC(
            "S1", "false",
            "<t:Create><t:Message>" ITEM_ID(
                "A") "<t:ItemClass>IPM.Note</t:ItemClass>"
                     "<t:DateTimeReceived>2020-01-01T00:00:00Z</"
                     "t:DateTimeReceived>"
                     "<t:Size>1234</t:Size>" PROPERTY("0x300b", "Binary",
                                                      "c2VhcmNoLWtleQ==")
                         PROPERTY(
                             "0xe06", "SystemTime",
                             "2026-01-02T03:04:05Z") "<t:IsRead>true</"
                                                     "t:IsRead></t:Message></"
                                                     "t:Create>"
                                                     "<t:Create><t:"
                                                     "Contact>" ITEM_ID(
                                                         "B") "<t:ItemClass>"
                                                              "IPM.Contact</"
                                                              "t:ItemClass>"
                                                              "<t:"
                                                              "DateTimeReceived"
                                                              ">1970-01-02T00:"
                                                              "00:00.123456789Z"
                                                              "</"
                                                              "t:"
                                                              "DateTimeReceived"
                                                              "></t:Contact></"
                                                              "t:Create>"));
    g_assert_cmpint(list(&l, 500), ==, 1);
    g_assert_cmpstr(l.token, ==, "S1");
    g_assert_cmpuint(l.page.n, ==, 2);
    c = &l.page.changes[0];
    g_assert_cmpint(c->kind, ==, ENDPOINT_CREATED);
    g_assert_cmpstr(c->id, ==, "A");
    g_assert_cmpstr(c->change_key, ==, "ck-A");
    g_assert_cmpstr(c->item_class, ==, "IPM.Note");
    g_assert_cmpstr(c->search_key, ==, "c2VhcmNoLWtleQ==");
    g_assert_cmpuint(c->size_bytes, ==, 1234);
    g_assert_true(c->read);
    /* EWS-QUIRKS 9, 10: tags in any writing; 0x0E06 before the other. */
    g_assert_cmpint(c->received_us, ==, 1767323045 * TIMESTAMP_SECOND);
    c = &l.page.changes[1];
    g_assert_cmpint(c->received_us, ==, 86400 * TIMESTAMP_SECOND + 123456);
    g_assert_null(c->search_key);
    g_assert_false(c->read);

    g_assert_null(strstr(asked(&l, 1), "SyncState"));
    g_assert_nonnull(strstr(asked(&l, 1), "<m:MaxChangesReturned>500</m:Max"));
    g_assert_nonnull(strstr(asked(&l, 1), "<m:SyncScope>NormalItems<"));
    end(&l);
}

static void test_kinds(void)
{
    struct listed l;

    begin(&l, "S0");
    script_say(
        l.st.script,
        SYNC("S1", "true",
             "<t:Update><t:CalendarItem>" ITEM_ID(
                 "A") "</t:CalendarItem></t:Update>"
                      "<t:Delete>" ITEM_ID(
                          "B") "</t:Delete>"
                               "<t:ReadFlagChange>" ITEM_ID(
                                   "C") "<t:IsRead>true</t:IsRead></"
                                        "t:ReadFlagChange>"
                                        "<t:ReadFlagChange>" ITEM_ID(
                                            "D") "<t:IsRead>false</t:IsRead></"
                                                 "t:ReadFlagChange>"));
    g_assert_cmpint(list(&l, 512), ==, 0);
    g_assert_cmpuint(l.page.n, ==, 4);
    g_assert_cmpint(l.page.changes[0].kind, ==, ENDPOINT_UPDATED);
    g_assert_cmpint(l.page.changes[1].kind, ==, ENDPOINT_DELETED);
    g_assert_null(l.page.changes[1].change_key);
    g_assert_cmpint(l.page.changes[1].received_us, ==, TIMESTAMP_NONE);
    g_assert_cmpint(l.page.changes[2].kind, ==, ENDPOINT_READ_FLAG);
    g_assert_true(l.page.changes[2].read);
    g_assert_false(l.page.changes[3].read);
    g_assert_nonnull(strstr(asked(&l, 1), "<m:SyncState>S0</m:SyncState>"));
    end(&l);
}

/* Pages add up, as the contract has it; an empty one in between is read on. */
static void test_pages_add_up(void)
{
    struct listed l;

    begin(&l, "");
    script_say(l.st.script, SYNC("S1", "false", CREATED("A")));
    script_say(l.st.script, SYNC("S2", "false", ""));
    script_say(l.st.script, SYNC("S3", "true", CREATED("B")));
    g_assert_cmpint(list(&l, 1), ==, 1);
    g_assert_cmpint(list(&l, 1), ==, 0);
    g_assert_cmpuint(l.page.n, ==, 2);
    g_assert_cmpstr(l.page.changes[1].id, ==, "B");
    g_assert_cmpstr(l.token, ==, "S3");
    end(&l);
}

static void test_max_is_clamped(void)
{
    struct listed l;

    begin(&l, "");
    script_say(l.st.script, SYNC("S1", "true", ""));
    g_assert_cmpint(list(&l, 5000), ==, 0);
    g_assert_nonnull(strstr(asked(&l, 1), ">512</m:MaxChangesReturned>"));
    end(&l);
}

/* Exchange 2007 has no scope: it lists visible items only. */
static void test_no_scope_on_2007(void)
{
    struct listed l = { .token = g_strdup("") };

    stage_init(&l.st);
    l.st.site->old = true;
    stage_open(&l.st, ANSWER_OF(V2007, RESPONSE("GetFolder", GOT_FOLDER("R"))));
    script_say(l.st.script, SYNC("S", "true", ""));
    g_assert_cmpint(list(&l, 10), ==, 0);
    g_assert_null(strstr(asked(&l, 1), "SyncScope"));
    end(&l);
}

/* Whatever fails leaves token and page as they were. */
static void test_failures(void)
{
    static const struct {
        const char *name, *body, *err_name;
        enum err_retry retry;
    } rows[] = {
        { "stale state",
          ANSWER(RESPONSE(
              "SyncFolderItems",
              FAILURE("SyncFolderItems", "ErrorInvalidSyncStateData", ""))),
          "ErrorInvalidSyncStateData", ERR_RETRY_NOW },
        { "folder gone",
          ANSWER(RESPONSE(
              "SyncFolderItems",
              FAILURE("SyncFolderItems", "ErrorSyncFolderNotFound", ""))),
          "ErrorSyncFolderNotFound", ERR_RETRY_NEVER },
        { "no state",
          ANSWER(RESPONSE("SyncFolderItems",
                          SUCCESS("SyncFolderItems",
                                  "<m:IncludesLastItemInRange>true"
                                  "</m:IncludesLastItemInRange><m:Changes/>"))),
          NULL, ERR_RETRY_NOW },
        { "no end",
          ANSWER(
              RESPONSE("SyncFolderItems",
                       SUCCESS("SyncFolderItems", "<m:SyncState>S</m:SyncState>"
                                                  "<m:Changes/>"))),
          NULL, ERR_RETRY_NOW },
        { "item without an id",
          SYNC("S", "true",
               CREATED("A") "<t:Create><t:Message><t:Size>1</t:Size>"
                            "</t:Message></t:Create>"),
          NULL, ERR_RETRY_NOW },
        { "more than asked for",
          SYNC("S", "true", CREATED("A") CREATED("B") CREATED("C")), NULL,
          ERR_RETRY_NOW },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct listed l;

        begin(&l, "OLD");
        script_say(l.st.script, rows[i].body);
        CHECK_ROW(rows[i].name, list(&l, 2) == -1);
        CHECK_ROW(rows[i].name, strcmp(l.token, "OLD") == 0);
        CHECK_ROW(rows[i].name, l.page.n == 0);
        CHECK_ROW(rows[i].name, l.err.scope == ERR_FOLDER);
        CHECK_ROW(rows[i].name, l.err.retry == rows[i].retry);
        CHECK_ROW(rows[i].name, g_strcmp0(l.err.name, rows[i].err_name) == 0);
        end(&l);
    }
}

static void test_unknown_kind(void)
{
    struct listed l;

    begin(&l, "OLD");
    script_lie(l.st.script, SYNC("S", "true", "<t:Explode/>"));
    g_assert_cmpint(list(&l, 2), ==, -1);
    g_assert_nonnull(strstr(l.err.msg, "Explode"));
    end(&l);
}

/* Ids that differ in case only are two. */
static void test_ids_are_opaque(void)
{
    struct listed l;

    begin(&l, "");
    script_say(l.st.script,
               SYNC("a+/=S", "true", CREATED("AAMk+/=") CREATED("aaMk+/=")));
    g_assert_cmpint(list(&l, 10), ==, 0);
    g_assert_cmpstr(l.page.changes[0].id, ==, "AAMk+/=");
    g_assert_cmpstr(l.page.changes[1].id, ==, "aaMk+/=");
    g_assert_cmpstr(l.token, ==, "a+/=S");
    end(&l);
}

/* Whose copy an item is, and whether it was finished. */
static void test_stamp(void)
{
    static const char stamped[] = "<t:Create><t:Message>" ITEM_ID(
        "A") "<t:ExtendedProperty><t:ExtendedFieldURI "
             "DistinguishedPropertySetId=\"PublicStrings\" "
             "PropertyName=\"MailferrySource\" PropertyType=\"String\"/>"
             "<t:Value>%s</t:Value></t:ExtendedProperty></t:Message></"
             "t:Create>";
    g_autofree char *whole = g_strdup_printf(stamped, "key-1");
    g_autofree char *half = g_strdup_printf(stamped, "unfinished:key-2");
    g_autofree char *body =
        g_strdup_printf(SYNC("S", "true", "%s%s" CREATED("C")), whole, half);
    struct listed l;

    begin(&l, "");
    script_say(l.st.script, body);
    CHECK_OK(list(&l, 10), &l.err);
    g_assert_cmpstr(l.page.changes[0].stamp, ==, "key-1");
    g_assert_false(l.page.changes[0].unfinished);
    g_assert_cmpstr(l.page.changes[1].stamp, ==, "key-2");
    g_assert_true(l.page.changes[1].unfinished);
    g_assert_null(l.page.changes[2].stamp);
    g_assert_nonnull(strstr(asked(&l, 1), "PropertyName=\"MailferrySource\""));
    end(&l);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/changes/first-page", test_first_page);
    g_test_add_func("/changes/kinds", test_kinds);
    g_test_add_func("/changes/add-up", test_pages_add_up);
    g_test_add_func("/changes/max", test_max_is_clamped);
    g_test_add_func("/changes/2007", test_no_scope_on_2007);
    g_test_add_func("/changes/failures", test_failures);
    g_test_add_func("/changes/unknown-kind", test_unknown_kind);
    g_test_add_func("/changes/opaque", test_ids_are_opaque);
    g_test_add_func("/changes/stamp", test_stamp);
    return g_test_run();
}
