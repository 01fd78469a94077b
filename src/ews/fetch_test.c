#include <string.h>

#include "base/check.h"
#include "base/spool.h"
#include "ews/script.h"

#define ITEM_ID(id) "<m:ItemId Id=\"" id "\" ChangeKey=\"ck-" id "\"/>"
#define EXPORTED(id, data)                                                     \
    SUCCESS("ExportItems", ITEM_ID(id) "<m:Data>" data "</m:Data>")
#define NOT_EXPORTED(code) FAILURE("ExportItems", code, "")
#define EXPORT(messages)   ANSWER(RESPONSE("ExportItems", messages))

static const struct endpoint_ref refs[] = { { "A", "old" }, { "B", NULL } };

struct fetched {
    struct stage st;
    struct endpoint_item items[2];
    struct err err;
};

static void begin(struct fetched *f)
{
    *f = (struct fetched){ 0 };
    stage_init(&f->st);
    stage_open_2016(&f->st);
}

static int fetch(struct fetched *f)
{
    return endpoint_fetch(f->st.ep, refs, 2, f->st.pool, f->items, &f->err);
}

static void end(struct fetched *f)
{
    endpoint_items_free(f->items, 2);
    stage_release(&f->st);
}

static void check_payload(const struct endpoint_item *item, const char *want)
{
    char got[100] = "";
    struct err err;

    g_assert_cmpint(item->status, ==, 0);
    g_assert_cmpint(blob_read_at(item->payload, 0, got, sizeof(got) - 1, &err),
                    >=, 0);
    g_assert_cmpstr(got, ==, want);
}

static void test_payloads(void)
{
    struct fetched f;

    begin(&f);
    script_say(f.st.script,
               EXPORT(EXPORTED("A", "QUFB") EXPORTED("B", "QkJC\r\n Qg==")));
    CHECK_OK(fetch(&f), &f.err);
    check_payload(&f.items[0], "QUFB");
    check_payload(&f.items[1], "QkJCQg=="); /* white space is left out */
    g_assert_cmpint(f.items[0].format, ==, PAYLOAD_FTS);
    g_assert_cmpstr(f.items[0].change_key, ==, "ck-A");
    /* A change key would only make the server refuse what has moved on. */
    g_assert_nonnull(strstr(script_request(f.st.script, 1)->body,
                            "<t:ItemId Id=\"A\"/><t:ItemId Id=\"B\"/>"));
    g_assert_true(script_request(f.st.script, 1)->repeatable);
    g_assert_cmpuint(script_request(f.st.script, 1)->deadline_ms, >=, 100000);
    end(&f);
}

/* EWS-QUIRKS 5: the ids in the answers count, not the order alone. */
static void test_answers_in_another_order(void)
{
    struct fetched f;

    begin(&f);
    script_say(f.st.script,
               EXPORT(EXPORTED("B", "QkJC") EXPORTED("A", "QUFB")));
    CHECK_OK(fetch(&f), &f.err);
    check_payload(&f.items[0], "QUFB");
    check_payload(&f.items[1], "QkJC");
    end(&f);
}

static void test_answer_about_something_else(void)
{
    struct fetched f;

    begin(&f);
    script_say(f.st.script,
               EXPORT(EXPORTED("A", "QUFB") EXPORTED("X", "QkJC")));
    g_assert_cmpint(fetch(&f), ==, -1);
    g_assert_cmpstr(f.err.name, ==, "OddAnswer");
    g_assert_cmpint(f.err.scope, ==, ERR_ITEM);
    g_assert_null(f.items[0].payload);
    end(&f);
}

/* One item's failure is its own. */
static void test_one_fails(void)
{
    static const struct {
        const char *name, *message, *err_name;
        enum err_retry retry;
    } rows[] = {
        { "gone", NOT_EXPORTED("ErrorItemNotFound"), "ErrorItemNotFound",
          ERR_RETRY_NEVER },
        { "damaged", NOT_EXPORTED("ErrorItemCorrupt"), "ErrorItemCorrupt",
          ERR_RETRY_NEVER },
        { "not looked at", NOT_EXPORTED("ErrorBatchProcessingStopped"),
          "ErrorBatchProcessingStopped", ERR_RETRY_NOW },
        { "busy", NOT_EXPORTED("ErrorServerBusy"), "ErrorServerBusy",
          ERR_RETRY_WAIT },
        { "broken off", EXPORTED("B", "QkJC=== Truncated Data ==="),
          "TruncatedData", ERR_RETRY_WAIT },
        { "broken off at once", EXPORTED("B", "=== Truncated Data ==="),
          "TruncatedData", ERR_RETRY_WAIT },
        { "empty", EXPORTED("B", ""), "OddAnswer", ERR_RETRY_NEVER },
        { "no data", SUCCESS("ExportItems", ITEM_ID("B")), "OddAnswer",
          ERR_RETRY_NEVER },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *body = g_strdup_printf(
            EXPORT("%s%s"), EXPORTED("A", "QUFB"), rows[i].message);
        struct fetched f;

        begin(&f);
        script_lie(f.st.script, body); /* the broken one is no base64 */
        CHECK_OK(fetch(&f), &f.err);
        check_payload(&f.items[0], "QUFB");
        CHECK_ROW(rows[i].name, f.items[1].status == -1);
        CHECK_ROW(rows[i].name,
                  strcmp(f.items[1].why.name, rows[i].err_name) == 0);
        CHECK_ROW(rows[i].name, f.items[1].why.retry == rows[i].retry);
        CHECK_ROW(rows[i].name, f.items[1].payload == NULL);
        end(&f);
    }
}

/* The text in the middle of a payload is no end. */
static void test_truncation_is_at_the_end(void)
{
    struct fetched f;

    begin(&f);
    script_lie(f.st.script, EXPORT(EXPORTED("A", "===TruncatedData===QUFB")
                                       EXPORTED("B", "QQ==")));
    CHECK_OK(fetch(&f), &f.err);
    g_assert_cmpint(f.items[0].status, ==, 0);
    g_assert_cmpint(f.items[1].status, ==, 0);
    end(&f);
}

/* What fails as a whole names no item: the engine asks for fewer. */
static void test_batch_fails(void)
{
    static const struct {
        const char *name;
        struct script_line line;
        int times;
        enum err_scope scope;
    } rows[] = {
        { "server error",
          { 500, ANSWER(FAULT("ErrorInternalServerError", "")) },
          4,
          ERR_ITEM },
        { "a payload that is none",
          { 200, EXPORT(EXPORTED("A", "QU-FB") EXPORTED("B", "QQ==")),
            .lies = true },
          4,
          ERR_ITEM },
        { "one short", { 200, EXPORT(EXPORTED("A", "QUFB")) }, 4, ERR_ITEM },
        { "busy",
          { 500, ANSWER(FAULT("ErrorServerBusy", "")) },
          4,
          ERR_MAILBOX },
        { "over our limit", { .lost = "answer-too-large" }, 1, ERR_ITEM },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct fetched f;

        begin(&f);
        for (int k = 0; k < rows[i].times; k++)
            script_add(f.st.script, &rows[i].line);
        CHECK_ROW(rows[i].name, fetch(&f) == -1);
        CHECK_ROW(rows[i].name, f.err.scope == rows[i].scope);
        CHECK_ROW(rows[i].name, f.items[0].payload == NULL);
        end(&f);
    }
}

static void test_disk_full(void)
{
    g_autoptr(blob_pool) none = blob_pool_new(0, "/nonexistent/folder");
    struct fetched f;

    begin(&f);
    script_say(f.st.script,
               EXPORT(EXPORTED("A", "QUFB") EXPORTED("B", "QkJC")));
    g_assert_cmpint(endpoint_fetch(f.st.ep, refs, 2, none, f.items, &f.err), ==,
                    -1);
    g_assert_cmpint(f.err.scope, ==, ERR_ITEM);
    g_assert_cmpint(f.err.retry, ==, ERR_RETRY_WAIT);
    g_assert_true(spool_is_at_fault(&f.err));
    end(&f);
}

static void test_nothing_to_fetch(void)
{
    struct fetched f;

    begin(&f);
    CHECK_OK(f.st.ep->ops->fetch(f.st.ep, refs, 0, f.st.pool, f.items, &f.err),
             &f.err);
    end(&f);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/fetch/payloads", test_payloads);
    g_test_add_func("/fetch/another-order", test_answers_in_another_order);
    g_test_add_func("/fetch/something-else", test_answer_about_something_else);
    g_test_add_func("/fetch/one-fails", test_one_fails);
    g_test_add_func("/fetch/truncation", test_truncation_is_at_the_end);
    g_test_add_func("/fetch/batch-fails", test_batch_fails);
    g_test_add_func("/fetch/disk-full", test_disk_full);
    g_test_add_func("/fetch/nothing", test_nothing_to_fetch);
    return g_test_run();
}
