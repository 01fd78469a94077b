#include "ews/reply.h"

#include <string.h>

#include "base/check.h"
#include "ews/script.h"

#define ONE_OK RESPONSE("UploadItems", SUCCESS("UploadItems", ""))
#define BUSY_ONE                                                               \
    RESPONSE("UploadItems",                                                    \
             FAILURE("UploadItems", "ErrorServerBusy",                         \
                     MESSAGE_XML("BackOffMilliseconds", "900")))

struct row {
    const char *name;
    struct script_line line;
    size_t bytes; /* of the request; 0: a few */
    int rc;
    const char *err_name;
    enum err_scope scope;
    enum err_retry retry;
    enum governor_outcome outcome;
    uint32_t wait_ms;
    bool maybe, drop, refused, again;
};

/* clang-format off */
static const struct row rows[] = {
    { "success", { 200, ANSWER(ONE_OK) }, .rc = 0 },
    { "one item failed", { 200, ANSWER(RESPONSE("UploadItems",
        FAILURE("UploadItems", "ErrorCorruptData", ""))) }, .rc = 0 },
    { "busy inside of 200", { 200, ANSWER(BUSY_ONE) }, .rc = 0,
      .outcome = GOVERNOR_BUSY, .wait_ms = 900, .again = true },

    /* Faults: what was refused before it began was not done. */
    { "busy, 500", { 500, ANSWER(FAULT("ErrorServerBusy",
        DETAIL_XML("BackOffMilliseconds", "1500"))) }, .rc = -1,
      .err_name = "ErrorServerBusy", .scope = ERR_MAILBOX,
      .retry = ERR_RETRY_WAIT, .outcome = GOVERNOR_BUSY, .wait_ms = 1500,
      .drop = true, .again = true },
    { "denied, fault with status 200", { 200, ANSWER(FAULT("ErrorImpersonateUserDenied", "")) },
      .rc = -1, .err_name = "ErrorImpersonateUserDenied", .scope = ERR_MAILBOX,
      .retry = ERR_RETRY_NEVER, .drop = true },
    { "the whole batch failed", { 500, ANSWER(FAULT("ErrorInternalServerError", "")) },
      .rc = -1, .err_name = "ErrorInternalServerError", .scope = ERR_ITEM,
      .retry = ERR_RETRY_WAIT, .maybe = true, .drop = true, .again = true },
    { "time ran out", { 500, ANSWER(FAULT("ErrorTimeoutExpired", "")) },
      .rc = -1, .err_name = "ErrorTimeoutExpired", .scope = ERR_MAILBOX,
      .retry = ERR_RETRY_WAIT, .outcome = GOVERNOR_BUSY, .maybe = true,
      .drop = true, .again = true },
    { "the mailbox is being moved", { 500, ANSWER(FAULT("ErrorMailboxMoveInProgress", "")) },
      .rc = -1, .err_name = "ErrorMailboxMoveInProgress", .scope = ERR_MAILBOX,
      .retry = ERR_RETRY_WAIT, .maybe = true, .drop = true },

    /* Answers that do not count (EWS-QUIRKS 5). */
    { "success without a message", { 200, ANSWER("<m:UploadItemsResponse xmlns:m=\"m\"/>"), .lies = true },
      .rc = -1, .err_name = "OddAnswer", .scope = ERR_ITEM,
      .retry = ERR_RETRY_WAIT, .outcome = GOVERNOR_LOST, .maybe = true,
      .drop = true, .again = true },
    { "another operation's", { 200, ANSWER(RESPONSE("GetFolder", GOT_FOLDER("A"))) },
      .rc = -1, .err_name = "OddAnswer", .scope = ERR_ITEM,
      .retry = ERR_RETRY_WAIT, .outcome = GOVERNOR_LOST, .maybe = true,
      .drop = true, .again = true },
    { "cut short", { 200, "<s:Envelope xmlns:s=\"e\"><s:Body>", .lies = true },
      .rc = -1, .err_name = "OddAnswer", .scope = ERR_ITEM,
      .retry = ERR_RETRY_WAIT, .outcome = GOVERNOR_LOST, .maybe = true,
      .drop = true, .again = true },
    { "nothing", { 200 }, .rc = -1, .err_name = "OddAnswer",
      .scope = ERR_ITEM, .retry = ERR_RETRY_WAIT, .outcome = GOVERNOR_LOST,
      .maybe = true, .drop = true, .again = true },
    { "success with status 500", { 500, ANSWER(ONE_OK) }, .rc = -1,
      .err_name = "HttpStatus", .scope = ERR_ITEM, .retry = ERR_RETRY_WAIT,
      .maybe = true, .drop = true, .again = true },

    { "a spoilt connection", { 400 }, .rc = -1, .err_name = "HttpStatus",
      .scope = ERR_ITEM, .retry = ERR_RETRY_WAIT, .drop = true, .again = true },

    /* Sign-in pages. */
    { "a page", { 200, "<html><body>Sign in", .content_type = "text/html; charset=utf-8" },
      .rc = -1, .err_name = "FormsLogin", .scope = ERR_MAILBOX,
      .retry = ERR_RETRY_NEVER, .drop = true },
    { "the way to one", { 302, .location = "https://mail.old.example/owa/auth/logon.aspx" },
      .rc = -1, .err_name = "FormsLogin", .scope = ERR_MAILBOX,
      .retry = ERR_RETRY_NEVER, .drop = true },
    { "session over", { 440 }, .rc = -1, .err_name = "FormsLogin",
      .scope = ERR_MAILBOX, .retry = ERR_RETRY_NEVER, .drop = true },

    /* HTTP alone. */
    { "wrong password", { 401, .offered = NET_AUTH_NTLM }, .rc = -1,
      .err_name = "Unauthorized", .scope = ERR_MAILBOX,
      .retry = ERR_RETRY_REAUTH, .drop = true, .refused = true },
    { "forbidden", { 403 }, .rc = -1, .err_name = "HttpStatus",
      .scope = ERR_MAILBOX, .retry = ERR_RETRY_NEVER, .drop = true },
    { "not there", { 404 }, .rc = -1, .err_name = "NoEws",
      .scope = ERR_MAILBOX, .retry = ERR_RETRY_NEVER, .drop = true },
    { "404.13", { 404 }, .bytes = 2 << 20, .rc = -1,
      .err_name = "RequestTooLarge", .scope = ERR_ITEM,
      .retry = ERR_RETRY_WAIT, .again = true, .drop = true },
    { "405 for size", { 405 }, .bytes = 2 << 20, .rc = -1,
      .err_name = "RequestTooLarge", .scope = ERR_ITEM,
      .retry = ERR_RETRY_WAIT, .again = true, .drop = true },
    { "405 for a size that servers come with", { 405 }, .bytes = 50 << 10,
      .rc = -1, .err_name = "RequestTooLarge", .scope = ERR_ITEM,
      .retry = ERR_RETRY_WAIT, .again = true, .drop = true },
    { "405 for something small", { 405 }, .bytes = 8 << 10, .rc = -1,
      .err_name = "NoEws", .scope = ERR_MAILBOX, .retry = ERR_RETRY_NEVER,
      .drop = true },
    { "too large", { 413 }, .rc = -1, .err_name = "RequestTooLarge",
      .scope = ERR_ITEM, .retry = ERR_RETRY_NEVER, .drop = true },
    { "500 without a word", { 500, "<h1>Server Error</h1>", .content_type = "text/html" },
      .rc = -1, .err_name = "HttpStatus", .scope = ERR_ITEM,
      .retry = ERR_RETRY_WAIT, .maybe = true, .drop = true, .again = true },
    { "503", { 503, .retry_after_ms = 3000 }, .rc = -1,
      .err_name = "HttpStatus", .scope = ERR_MAILBOX,
      .retry = ERR_RETRY_WAIT, .outcome = GOVERNOR_BUSY, .wait_ms = 3000,
      .maybe = true, .drop = true, .again = true },
    { "504", { 504 }, .rc = -1, .err_name = "HttpStatus",
      .scope = ERR_MAILBOX, .retry = ERR_RETRY_WAIT,
      .outcome = GOVERNOR_LOST, .maybe = true, .drop = true, .again = true },
    { "418", { 418 }, .rc = -1, .err_name = "HttpStatus",
      .scope = ERR_MAILBOX, .retry = ERR_RETRY_NEVER, .maybe = true,
      .drop = true },

    /* No answer. */
    { "never sent", { .lost = "cannot-connect", .lost_scope = ERR_MAILBOX, .lost_retry = ERR_RETRY_WAIT },
      .rc = -1, .err_name = "cannot-connect", .scope = ERR_MAILBOX,
      .retry = ERR_RETRY_WAIT, .outcome = GOVERNOR_LOST, .again = true },
    { "lost after sending", { .lost = "connection-lost", .lost_scope = ERR_MAILBOX, .lost_retry = ERR_RETRY_NOW, .body_sent = true },
      .rc = -1, .err_name = "connection-lost", .scope = ERR_MAILBOX,
      .retry = ERR_RETRY_NOW, .outcome = GOVERNOR_LOST, .maybe = true,
      .again = true },
    { "not trusted", { .lost = "tls-untrusted", .lost_retry = ERR_RETRY_NEVER },
      .rc = -1, .err_name = "tls-untrusted", .scope = ERR_MAILBOX,
      .retry = ERR_RETRY_NEVER, .outcome = GOVERNOR_LOST },
    { "stopped", { .lost = "cancelled", .lost_scope = ERR_RUN, .body_sent = true },
      .rc = -1, .err_name = "cancelled", .scope = ERR_RUN,
      .retry = ERR_RETRY_NEVER, .outcome = GOVERNOR_LOST, .maybe = true },
    { "more than we take", { .lost = "answer-too-large", .body_sent = true },
      .rc = -1, .err_name = "answer-too-large", .scope = ERR_ITEM,
      .retry = ERR_RETRY_NEVER, .outcome = GOVERNOR_LOST, .maybe = true },
};
/* clang-format on */

/* Ask the script, with a body of so many bytes. */
static void get(struct script *s, size_t bytes, struct reply *ret)
{
    g_autofree char *text = g_strnfill(MAX(bytes, 10), 'A');
    struct ews_transport t = script_transport(s);
    const struct net_part part = { .text = text, .len = MAX(bytes, 10) };
    struct net_request request = {
        .method = "POST", .url = "https://x/", .parts = &part, .n_parts = 1
    };
    void *conn = t.ops->connect(&t, NULL);

    reply_get(&t, conn, &request, NULL, ret);
    t.ops->disconnect(conn);
}

static void check_row(const struct row *row, const struct reply *r)
{
    const struct reply_question question = { .operation = "UploadItems",
                                             .n = 1 };
    const struct xml_node *message = NULL;
    struct verdict v;
    struct err err = { 0 };
    int rc = reply_judge(r, &question, &message, &v, &err);

    CHECK_ROW(row->name, rc == row->rc);
    CHECK_ROW(row->name, (rc == 0) == (message != NULL));
    CHECK_ROW(row->name, v.outcome == row->outcome);
    CHECK_ROW(row->name, v.wait_ms == row->wait_ms);
    CHECK_ROW(row->name, v.maybe == row->maybe);
    CHECK_ROW(row->name, v.drop == row->drop);
    CHECK_ROW(row->name, v.refused == row->refused);
    CHECK_ROW(row->name, v.again == row->again);
    if (rc == 0)
        return;
    CHECK_ROW(row->name, g_strcmp0(err.name, row->err_name) == 0);
    CHECK_ROW(row->name, err.scope == row->scope);
    CHECK_ROW(row->name, err.retry == row->retry);
    CHECK_ROW(row->name,
              err.retry != ERR_RETRY_WAIT || row->line.lost || err.wait_ms > 0);
}

static void test_judgements(void)
{
    struct script *s = script_new();

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_auto(reply) r = { 0 };

        script_add(s, &rows[i].line);
        get(s, rows[i].bytes, &r);
        check_row(&rows[i], &r);
    }
    script_free(s);
}

/* Busy and the longest wait are found among many messages. */
static void test_busy_among_many(void)
{
#define BUSY_FOR(ms)                                                           \
    FAILURE("ExportItems", "ErrorServerBusy",                                  \
            MESSAGE_XML("BackOffMilliseconds", ms))
    static const char text[] = ANSWER(RESPONSE(
        "ExportItems", BUSY_FOR("100") BUSY_FOR("700") BUSY_FOR("300")
                           FAILURE("ExportItems", "ErrorItemNotFound", "")));
#undef BUSY_FOR
    const struct reply_question question = { .operation = "ExportItems",
                                             .n = 4 };
    struct script *s = script_new();
    const struct xml_node *messages[4];
    g_auto(reply) r = { 0 };
    struct verdict v;
    struct err err;

    script_say(s, text);
    get(s, 0, &r);
    CHECK_OK(reply_judge(&r, &question, messages, &v, &err), &err);
    g_assert_cmpint(v.outcome, ==, GOVERNOR_BUSY);
    g_assert_cmpuint(v.wait_ms, ==, 700);
    g_assert_false(v.again); /* the others have their answer */
    script_free(s);
}

/* A page without end is cut off, and judged by its status all the same. */
static void test_endless_junk(void)
{
    g_autofree char *junk = g_strnfill(300 << 10, 'x');
    const struct script_line line = { .status = 503, .body = junk };
    const struct reply_question question = { .operation = "ExportItems",
                                             .n = 1 };
    struct script *s = script_new();
    const struct xml_node *message;
    g_auto(reply) r = { 0 };
    struct verdict v;
    struct err err;

    script_add(s, &line);
    get(s, 0, &r);
    g_assert_cmpint(reply_judge(&r, &question, &message, &v, &err), ==, -1);
    g_assert_cmpstr(err.name, ==, "HttpStatus");
    g_assert_cmpint(err.code, ==, 503);
    script_free(s);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/reply/judgements", test_judgements);
    g_test_add_func("/reply/busy-among-many", test_busy_among_many);
    g_test_add_func("/reply/endless-junk", test_endless_junk);
    return g_test_run();
}
