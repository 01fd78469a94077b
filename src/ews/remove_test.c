#include <string.h>

#include "base/check.h"
#include "ews/script.h"

#define REMOVED           SUCCESS("DeleteItem", "")
#define NOT_REMOVED(code) FAILURE("DeleteItem", code, "")
#define DELETE(messages)  ANSWER(RESPONSE("DeleteItem", messages))

static const struct endpoint_ref refs[] = { { "A", "ck" },
                                            { "B", NULL },
                                            { "C", NULL } };

static void test_remove(void)
{
    struct endpoint_done done[3] = { 0 };
    const struct script_request *r;
    struct stage st;
    struct err err;

    stage_init(&st);
    stage_open_2016(&st);
    script_say(st.script, DELETE(REMOVED NOT_REMOVED("ErrorItemNotFound")
                                     NOT_REMOVED("ErrorCannotDeleteObject")));
    script_say(st.script, ANSWER(RESPONSE(
                              "GetItem", FAILURE("GetItem", "ErrorItemNotFound",
                                                 "<m:Items/>"))));
    CHECK_OK(endpoint_remove(st.ep, refs, 3, done, &err), &err);
    g_assert_cmpint(done[0].status, ==, 0);
    g_assert_cmpint(done[1].status, ==, 0); /* gone already is gone */
    g_assert_cmpint(done[2].status, ==, -1);
    g_assert_cmpstr(done[2].why.name, ==, "ErrorCannotDeleteObject");
    /* Softly, and nobody is told. */
    r = script_request(st.script, 1);
    g_assert_nonnull(strstr(r->body, "DeleteType=\"SoftDelete\""));
    g_assert_nonnull(
        strstr(r->body, "SendMeetingCancellations=\"SendToNone\""));
    g_assert_nonnull(
        strstr(r->body, "AffectedTaskOccurrences=\"AllOccurrences\""));
    g_assert_nonnull(strstr(r->body, "SuppressReadReceipts=\"true\""));
    g_assert_false(r->repeatable);
    stage_release(&st);
}

/* Not found, and there: nothing was deleted. */
static void test_said_to_be_gone(void)
{
    struct endpoint_done done = { 0 };
    struct stage st;
    struct err err;

    stage_init(&st);
    stage_open_2016(&st);
    script_say(st.script, DELETE(NOT_REMOVED("ErrorItemNotFound")));
    script_say(st.script,
               ANSWER(RESPONSE("GetItem",
                               SUCCESS("GetItem",
                                       "<m:Items><t:Message><t:ItemId Id=\"A\" "
                                       "ChangeKey=\"K\"/></t:Message>"
                                       "</m:Items>"))));
    CHECK_OK(endpoint_remove(st.ep, refs, 1, &done, &err), &err);
    g_assert_cmpint(done.status, ==, -1);
    g_assert_cmpint(done.why.scope, ==, ERR_ITEM);
    g_assert_cmpint(done.why.retry, ==, ERR_RETRY_WAIT);
    stage_release(&st);
}

/* ErrorInvalidOperation else: what is hidden has no dumpster. */
static void test_remove_hidden(void)
{
    const struct endpoint_ref hidden = { .id = "A", .associated = true };
    struct endpoint_done done = { 0 };
    struct stage st;
    struct err err;

    stage_init(&st);
    stage_open_2016(&st);
    script_say(st.script, DELETE(REMOVED));
    CHECK_OK(endpoint_remove(st.ep, &hidden, 1, &done, &err), &err);
    g_assert_nonnull(strstr(script_request(st.script, 1)->body,
                            "DeleteType=\"HardDelete\""));
    stage_release(&st);
}

#define MAIL(id, wanted)                                                       \
    SUCCESS("GetItem", "<m:Items><t:Message><t:ItemId Id=\"" id                \
                       "\" ChangeKey=\"K\"/><t:IsReadReceiptRequested>" wanted \
                       "</t:IsReadReceiptRequested><t:IsRead>false</t:IsRead>" \
                       "</t:Message></m:Items>")

/* The attribute came with 2013 SP1; before, it fails the whole request. */
static void test_receipts_on_new_servers(void)
{
    struct endpoint_done done = { 0 };
    struct stage st;
    struct err err;

    stage_init(&st);
    stage_open(&st, ANSWER_OF(V2013, RESPONSE("GetFolder", GOT_FOLDER("R"))));
    script_say(st.script, DELETE(REMOVED));
    CHECK_OK(endpoint_remove(st.ep, refs, 1, &done, &err), &err);
    g_assert_nonnull(
        strstr(script_request(st.script, 1)->body, "SuppressReadReceipts"));
    stage_release(&st);
}

/* There a mail that is deleted unread owes a receipt that must be stopped. */
static void test_receipts_on_old_servers(void)
{
    struct endpoint_done done[3] = { 0 };
    const char *body;
    struct stage st;
    struct err err;

    stage_init(&st);
    stage_open(&st, ANSWER_OF(V2010, RESPONSE("GetFolder", GOT_FOLDER("R"))));
    script_say(
        st.script,
        ANSWER(RESPONSE("GetItem", MAIL("A", "false") MAIL("B", "true")
                                       FAILURE("GetItem", "ErrorItemNotFound",
                                               "<m:Items/>"))));
    script_say(
        st.script,
        ANSWER(RESPONSE("CreateItem", SUCCESS("CreateItem", "<m:Items/>"))));
    script_say(st.script, DELETE(REMOVED REMOVED REMOVED));
    CHECK_OK(endpoint_remove(st.ep, refs, 3, done, &err), &err);
    body = script_request(st.script, 2)->body;
    g_assert_nonnull(strstr(body, "<t:SuppressReadReceipt>"));
    g_assert_nonnull(strstr(body, "Id=\"B\""));
    g_assert_null(strstr(body, "Id=\"A\""));
    g_assert_null(strstr(script_request(st.script, 3)->body, "Receipts="));
    stage_release(&st);
}

/* Not known whether one is owed: nothing is deleted. */
static void test_receipts_not_known(void)
{
    struct endpoint_done done = { 0 };
    struct stage st;
    struct err err;

    stage_init(&st);
    stage_open(&st, ANSWER_OF(V2010, RESPONSE("GetFolder", GOT_FOLDER("R"))));
    script_say(st.script,
               ANSWER(RESPONSE("GetItem",
                               FAILURE("GetItem", "ErrorMailboxMoveInProgress",
                                       "<m:Items/>"))));
    g_assert_cmpint(endpoint_remove(st.ep, refs, 1, &done, &err), ==, -1);
    g_assert_cmpuint(script_n(st.script), ==, 2);
    stage_release(&st);
}

static void test_remove_fails(void)
{
    const struct script_line busy = { 500,
                                      ANSWER(FAULT("ErrorServerBusy", "")) };
    struct endpoint_done done = { 0 };
    struct stage st;
    struct err err;

    stage_init(&st);
    stage_open_2016(&st);
    script_add(st.script, &busy);
    g_assert_cmpint(endpoint_remove(st.ep, refs, 1, &done, &err), ==, -1);
    g_assert_cmpint(err.retry, ==, ERR_RETRY_WAIT);
    stage_release(&st);
}

/* ---- describe -------------------------------------------------------- */

#define GOT(item)                                                              \
    ANSWER(RESPONSE("GetItem",                                                 \
                    SUCCESS("GetItem", "<m:Items>" item "</m:Items>")))

static void test_describe(void)
{
    static const struct {
        const char *name, *body, *subject, *sender;
        int64_t received_us;
    } rows[] = {
        { "mail",
          GOT("<t:Message><t:ItemId Id=\"A\"/><t:Subject>Hi &amp; bye"
              "</t:Subject><t:DateTimeReceived>1970-01-01T00:00:09Z"
              "</t:DateTimeReceived><t:ExtendedProperty><t:ExtendedFieldURI "
              "PropertyTag=\"0xe06\" PropertyType=\"SystemTime\"/><t:Value>"
              "1970-01-01T00:00:01Z</t:Value></t:ExtendedProperty><t:From>"
              "<t:Mailbox><t:Name>Bob</t:Name><t:EmailAddress>bob@x.example"
              "</t:EmailAddress></t:Mailbox></t:From></t:Message>"),
          "Hi & bye", "bob@x.example", 1000000 },
        { "from inside the organisation",
          GOT("<t:Message><t:From><t:Mailbox><t:Name>Bob</t:Name>"
              "<t:EmailAddress>/O=X/CN=BOB</t:EmailAddress></t:Mailbox>"
              "</t:From></t:Message>"),
          NULL, "Bob", INT64_MIN },
        { "contact",
          GOT("<t:Contact><t:Subject>Eve</t:Subject><t:DateTimeReceived>"
              "1970-01-01T00:00:02Z</t:DateTimeReceived></t:Contact>"),
          "Eve", NULL, 2000000 },
        { "nothing known", GOT(""), NULL, NULL, INT64_MIN },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct endpoint_description d = { 0 };
        struct stage st;
        struct err err;

        stage_init(&st);
        stage_open_2016(&st);
        script_say(st.script, rows[i].body);
        CHECK_OK(endpoint_describe(st.ep, "A", &d, &err), &err);
        CHECK_ROW(rows[i].name, g_strcmp0(d.subject, rows[i].subject) == 0);
        CHECK_ROW(rows[i].name, g_strcmp0(d.sender, rows[i].sender) == 0);
        CHECK_ROW(rows[i].name, d.received_us == rows[i].received_us);
        endpoint_description_clear(&d);
        stage_release(&st);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/remove/hidden", test_remove_hidden);
    g_test_add_func("/remove/remove", test_remove);
    g_test_add_func("/remove/said-to-be-gone", test_said_to_be_gone);
    g_test_add_func("/remove/receipts-on-new-servers",
                    test_receipts_on_new_servers);
    g_test_add_func("/remove/receipts", test_receipts_on_old_servers);
    g_test_add_func("/remove/receipts-not-known", test_receipts_not_known);
    g_test_add_func("/remove/fails", test_remove_fails);
    g_test_add_func("/describe/describe", test_describe);
    return g_test_run();
}
