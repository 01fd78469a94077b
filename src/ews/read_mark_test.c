#include <string.h>

#include "base/check.h"
#include "ews/script.h"

#define MARKED           SUCCESS("UpdateItem", "<m:Items/>")
#define NOT_MARKED(code) FAILURE("UpdateItem", code, "<m:Items/>")
#define UPDATE(messages) ANSWER(RESPONSE("UpdateItem", messages))

#define OPENS_2010 ANSWER_OF(V2010, RESPONSE("GetFolder", GOT_FOLDER("R")))

static const struct endpoint_ref mails[] = {
    { .id = "A", .item_class = "IPM.Note" },
    { .id = "B", .item_class = "IPM.Schedule.Meeting.Request" },
};

static void test_mark(void)
{
    struct endpoint_done done[2] = { 0 };
    const struct script_request *r;
    struct stage st;
    struct err err;

    stage_init(&st);
    stage_open_2016(&st);
    script_say(st.script, UPDATE(MARKED NOT_MARKED("ErrorItemNotFound")));
    CHECK_OK(endpoint_mark_read(st.ep, mails, 2, true, done, &err), &err);
    g_assert_cmpint(done[0].status, ==, 0);
    g_assert_cmpint(done[1].status, ==, -1);
    g_assert_cmpstr(done[1].why.name, ==, "ErrorItemNotFound");
    r = script_request(st.script, 1);
    g_assert_nonnull(strstr(r->body, "SuppressReadReceipts=\"true\""));
    g_assert_nonnull(strstr(r->body, "MessageDisposition=\"SaveOnly\""));
    g_assert_nonnull(
        strstr(r->body, "<t:Message><t:IsRead>true</t:IsRead></t:Message>"));
    g_assert_nonnull(strstr(r->body, "<t:MeetingRequest><t:IsRead>true"));
    g_assert_false(r->repeatable);
    stage_release(&st);
}

static void test_unread(void)
{
    struct endpoint_done done = { 0 };
    struct stage st;
    struct err err;

    stage_init(&st);
    stage_open(&st, OPENS_2010);
    script_say(st.script, UPDATE(MARKED));
    CHECK_OK(endpoint_mark_read(st.ep, mails, 1, false, &done, &err), &err);
    /* Nothing is sent for that: no need to look who wants a receipt. */
    g_assert_cmpuint(script_n(st.script), ==, 2);
    g_assert_nonnull(strstr(script_request(st.script, 1)->body,
                            "<t:IsRead>false</t:IsRead>"));
    stage_release(&st);
}

#define MAIL(id, read, wanted)                                                 \
    SUCCESS("GetItem",                                                         \
            "<m:Items><t:Message><t:ItemId Id=\"" id "\" ChangeKey=\"K" id     \
            "\"/><t:IsReadReceiptRequested>" wanted                            \
            "</t:IsReadReceiptRequested><t:IsRead>" read                       \
            "</t:IsRead></t:Message></m:Items>")

/* Before 2013 SP1 a receipt is stopped by a response object, first. */
static void test_receipt_before_2013(void)
{
    static const struct endpoint_ref refs[] = { { .id = "A" },
                                                { .id = "B" },
                                                { .id = "C" } };
    struct endpoint_done done[3] = { 0 };
    const char *body;
    struct stage st;
    struct err err;

    stage_init(&st);
    stage_open(&st, OPENS_2010);
    script_say(st.script,
               ANSWER(RESPONSE("GetItem", MAIL("A", "false", "false")
                                              MAIL("B", "false", "true")
                                                  MAIL("C", "true", "true"))));
    script_say(
        st.script,
        ANSWER(RESPONSE("CreateItem", SUCCESS("CreateItem", "<m:Items/>"))));
    script_say(st.script, UPDATE(MARKED MARKED MARKED));
    CHECK_OK(endpoint_mark_read(st.ep, refs, 3, true, done, &err), &err);
    body = script_request(st.script, 2)->body;
    g_assert_nonnull(strstr(body, "<t:SuppressReadReceipt><t:ReferenceItemId "
                                  "Id=\"B\" ChangeKey=\"KB\"/>"));
    g_assert_null(strstr(body, "Id=\"A\""));
    g_assert_null(strstr(body, "Id=\"C\""));
    g_assert_null(strstr(script_request(st.script, 3)->body, "Receipts="));
    stage_release(&st);
}

/*
 * One that cannot be silenced is not marked: a receipt cannot be called back.
 */
static void test_receipt_not_stopped(void)
{
    struct endpoint_done done = { 0 };
    struct stage st;
    struct err err;

    stage_init(&st);
    stage_open(&st, OPENS_2010);
    script_say(st.script,
               ANSWER(RESPONSE("GetItem", MAIL("A", "false", "true"))));
    script_say(
        st.script,
        ANSWER(RESPONSE("CreateItem", FAILURE("CreateItem", "ErrorAccessDenied",
                                              "<m:Items/>"))));
    g_assert_cmpint(endpoint_mark_read(st.ep, mails, 1, true, &done, &err), ==,
                    -1);
    g_assert_cmpstr(err.name, ==, "ErrorAccessDenied");
    g_assert_cmpuint(script_n(st.script), ==, 3);
    stage_release(&st);
}

/* Appointments and the like have no message:IsRead. */
static void test_no_mark(void)
{
    static const struct endpoint_ref refs[] = {
        { .id = "A", .item_class = "IPM.Appointment" },
        { .id = "B", .item_class = "IPM.Post.RSS" },
        { .id = "C", .item_class = "IPM.StickyNote" },
    };
    struct endpoint_done done[3] = { 0 };
    const char *body;
    struct stage st;
    struct err err;

    stage_init(&st);
    stage_open_2016(&st);
    script_say(st.script, UPDATE(NOT_MARKED("ErrorItemNotFound")));
    CHECK_OK(endpoint_mark_read(st.ep, refs, 3, true, done, &err), &err);
    body = script_request(st.script, 1)->body;
    g_assert_nonnull(strstr(body, "<t:PostItem>"));
    g_assert_null(strstr(body, "Id=\"A\""));
    g_assert_cmpint(done[0].status, ==, 0);
    g_assert_cmpint(done[1].status, ==, -1);
    g_assert_cmpint(done[2].status, ==, 0);
    CHECK_OK(endpoint_mark_read(st.ep, refs, 1, true, done, &err), &err);
    g_assert_cmpuint(script_n(st.script), ==, 2);
    stage_release(&st);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/read_mark/mark", test_mark);
    g_test_add_func("/read_mark/unread", test_unread);
    g_test_add_func("/read_mark/receipt-before-2013", test_receipt_before_2013);
    g_test_add_func("/read_mark/receipt-not-stopped", test_receipt_not_stopped);
    g_test_add_func("/read_mark/no-mark", test_no_mark);
    return g_test_run();
}
