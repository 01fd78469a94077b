#include <string.h>

#include "base/check.h"
#include "ews/script.h"

#define STORED(id)                                                             \
    SUCCESS("UploadItems", "<m:ItemId Id=\"" id "\" ChangeKey=\"ck-" id "\"/"  \
                           ">")
#define NOT_STORED(code) FAILURE("UploadItems", code, "")
#define UPLOAD(messages) ANSWER(RESPONSE("UploadItems", messages))

struct sent {
    struct stage st;
    struct blob *payloads[2];
    struct endpoint_put puts[2];
    struct endpoint_done done[2];
    bool maybe;
    struct err err;
};

static void begin(struct sent *s)
{
    *s = (struct sent){ 0 };
    stage_init(&s->st);
    stage_open_2016(&s->st);
    s->payloads[0] = blob_from_bytes("QUFB", 4);
    s->payloads[1] = blob_from_bytes("QkJC", 4);
    s->puts[0] =
        (struct endpoint_put){ .folder_id = "F&1", .payload = s->payloads[0] };
    s->puts[1] = (struct endpoint_put){ .folder_id = "F&1",
                                        .replace_id = "OLD",
                                        .associated = true,
                                        .payload = s->payloads[1] };
}

static int put(struct sent *s)
{
    return endpoint_put(s->st.ep, s->puts, 2, s->done, &s->maybe, &s->err);
}

static void end(struct sent *s)
{
    endpoint_done_free(s->done, 2);
    blob_free(s->payloads[0]);
    blob_free(s->payloads[1]);
    stage_release(&s->st);
}

static void test_both_ways(void)
{
    struct sent s;
    const struct script_request *r;

    begin(&s);
    s.maybe = true;
    script_say(s.st.script, UPLOAD(STORED("N1") STORED("OLD")));
    CHECK_OK(put(&s), &s.err);
    g_assert_false(s.maybe);
    g_assert_cmpint(s.done[0].status, ==, 0);
    g_assert_cmpstr(s.done[0].id, ==, "N1");
    g_assert_cmpstr(s.done[0].change_key, ==, "ck-N1");
    g_assert_cmpstr(s.done[1].id, ==, "OLD");
    r = script_request(s.st.script, 1);
    g_assert_nonnull(
        strstr(r->body, "<t:Item CreateAction=\"CreateNew\"><t:ParentFolderId "
                        "Id=\"F&amp;1\"/><t:Data>QUFB</t:Data></t:Item>"));
    g_assert_nonnull(
        strstr(r->body, "<t:Item CreateAction=\"Update\" IsAssociated=\"true\">"
                        "<t:ParentFolderId Id=\"F&amp;1\"/><t:ItemId "
                        "Id=\"OLD\"/><t:Data>QkJC</t:Data></t:Item>"));
    g_assert_false(r->repeatable);
    end(&s);
}

static void test_one_fails(void)
{
    static const struct {
        const char *code;
        enum err_scope scope;
        enum err_retry retry;
    } rows[] = {
        { "ErrorCorruptData", ERR_ITEM, ERR_RETRY_NEVER },
        { "ErrorMessageSizeExceeded", ERR_ITEM, ERR_RETRY_NEVER },
        { "ErrorQuotaExceeded", ERR_MAILBOX, ERR_RETRY_NEVER },
        { "ErrorBatchProcessingStopped", ERR_ITEM, ERR_RETRY_NOW },
        { "ErrorCreateItemAccessDenied", ERR_FOLDER, ERR_RETRY_NEVER },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *body = g_strdup_printf(
            UPLOAD("%s<m:UploadItemsResponseMessage ResponseClass=\"Error\">"
                   "<m:ResponseCode>%s</m:ResponseCode>"
                   "</m:UploadItemsResponseMessage>"),
            STORED("N1"), rows[i].code);
        struct sent s;

        begin(&s);
        script_say(s.st.script, body);
        CHECK_OK(put(&s), &s.err);
        CHECK_ROW(rows[i].code, s.done[0].status == 0);
        CHECK_ROW(rows[i].code, s.done[1].status == -1);
        CHECK_ROW(rows[i].code, strcmp(s.done[1].why.name, rows[i].code) == 0);
        CHECK_ROW(rows[i].code, s.done[1].why.scope == rows[i].scope);
        CHECK_ROW(rows[i].code, s.done[1].why.retry == rows[i].retry);
        CHECK_ROW(rows[i].code, s.done[1].id == NULL);
        end(&s);
    }
}

/* The one question that matters: may something have been stored? */
static void test_maybe(void)
{
    static const struct {
        const char *name;
        struct script_line line;
        bool maybe;
    } rows[] = {
        { "refused before it began",
          { 500, ANSWER(FAULT("ErrorServerBusy", "")) },
          false },
        { "not understood",
          { 500, ANSWER(FAULT("ErrorSchemaValidation", "")) },
          false },
        { "failed on the way",
          { 500, ANSWER(FAULT("ErrorInternalServerError", "")) },
          true },
        { "ran out of time",
          { 500, ANSWER(FAULT("ErrorTimeoutExpired", "")) },
          true },
        { "store went away",
          { 500, ANSWER(FAULT("ErrorMailboxStoreUnavailable", "")) },
          true },
        { "no message for either", { 200, UPLOAD(""), .lies = true }, true },
        { "a message for one", { 200, UPLOAD(STORED("N1")) }, true },
        { "stored, and no id",
          { 200, UPLOAD(STORED("N1") SUCCESS("UploadItems", "")) },
          true },
        { "cut short", { 200, "<s:Envelope", .lies = true }, true },
        { "503", { 503 }, true },
        { "401", { 401 }, false },
        { "413", { 413 }, false },
        { "a box's page",
          { 200, "<html>", .content_type = "text/html" },
          true },
        { "a box's page, with its status",
          { 504, "<html>", .content_type = "text/html" },
          true },
        { "a sign-in page", { 302, .location = "/owa/auth" }, false },
        { "connection refused",
          { .lost = "cannot-connect",
            .lost_scope = ERR_MAILBOX,
            .lost_retry = ERR_RETRY_WAIT },
          false },
        { "connection lost",
          { .lost = "connection-lost",
            .lost_scope = ERR_MAILBOX,
            .lost_retry = ERR_RETRY_NOW,
            .body_sent = true },
          true },
        { "timeout",
          { .lost = "timeout",
            .lost_scope = ERR_MAILBOX,
            .lost_retry = ERR_RETRY_WAIT,
            .body_sent = true },
          true },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct sent s;

        begin(&s);
        s.maybe = !rows[i].maybe;
        script_add(s.st.script, &rows[i].line);
        CHECK_ROW(rows[i].name, put(&s) == -1);
        CHECK_ROW(rows[i].name, s.maybe == rows[i].maybe);
        /* Sent once, whatever became of it. */
        CHECK_ROW(rows[i].name, script_n(s.st.script) == 2);
        CHECK_ROW(rows[i].name, s.done[0].id == NULL);
        end(&s);
    }
}

static void test_deadline(void)
{
    struct sent s;

    g_assert_cmpuint(ews_put_deadline_ms(0), ==, 100000);
    g_assert_cmpuint(ews_put_deadline_ms(128 << 10), ==, 101024);
    g_assert_cmpuint(ews_put_deadline_ms(UINT64_MAX / 2), ==, UINT32_MAX);
    begin(&s);
    script_say(s.st.script, UPLOAD(STORED("N1") STORED("OLD")));
    CHECK_OK(put(&s), &s.err);
    g_assert_cmpuint(script_request(s.st.script, 1)->deadline_ms, ==,
                     ews_put_deadline_ms(8));
    end(&s);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/put/both-ways", test_both_ways);
    g_test_add_func("/put/one-fails", test_one_fails);
    g_test_add_func("/put/maybe", test_maybe);
    g_test_add_func("/put/deadline", test_deadline);
    return g_test_run();
}
