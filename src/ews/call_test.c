#include "ews/call.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "base/check.h"
#include "ews/script.h"

#define ITEM_OK ANSWER(RESPONSE("GetItem", SUCCESS("GetItem", "<m:Items/>")))
#define ITEM_BUSY                                                              \
    ANSWER(RESPONSE("GetItem",                                                 \
                    FAILURE("GetItem", "ErrorServerBusy", "<m:Items/>")))

static void write_get(struct xml_writer *w, const struct core *core,
                      const void *data)
{
    (void)core;
    (void)data;
    xml_open(w, "m:ItemShape");
    xml_element(w, "t:BaseShape", "IdOnly");
    xml_close(w);
    xml_open(w, "m:ItemIds");
    call_item_id(w, "I");
    xml_close(w);
}

static const struct call reading = { .element = "m:GetItem",
                                     .write = write_get,
                                     .n = 1 };
/* The same as if it changed something. */
static const struct call writing = {
    .element = "m:GetItem", .write = write_get, .n = 1, .writing = true
};

static int make(struct stage *st, const struct call *call, bool *ret_maybe,
                struct err *err)
{
    g_auto(call_answer) a = { 0 };

    return call_make(mailbox_of(st->ep), call, &a, ret_maybe, err);
}

static const struct script_line busy = {
    .status = 500,
    .body = ANSWER(
        FAULT("ErrorServerBusy", DETAIL_XML("BackOffMilliseconds", "1"))),
};
static const struct script_line lost = { .lost = "connection-lost",
                                         .lost_scope = ERR_MAILBOX,
                                         .lost_retry = ERR_RETRY_NOW,
                                         .body_sent = true };
static const struct script_line junk = { .status = 200, .body = "?" };

/* ---- reads are repeated, writes are not ---------------------------------- */

static void test_read_is_repeated(void)
{
    const struct script_line *const rows[] = { &busy, &lost, &junk };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct stage st;
        struct err err;

        stage_init(&st);
        stage_open_2016(&st);
        script_add(st.script, rows[i]);
        script_say(st.script, ITEM_OK);
        CHECK_OK(make(&st, &reading, NULL, &err), &err);
        g_assert_true(script_request(st.script, 1)->repeatable);
        stage_release(&st);
    }
}

static void test_read_gives_up(void)
{
    struct stage st;
    struct err err;

    stage_init(&st);
    stage_open_2016(&st);
    for (int i = 0; i < 4; i++)
        script_add(st.script, &busy);
    g_assert_cmpint(make(&st, &reading, NULL, &err), ==, -1);
    g_assert_cmpstr(err.name, ==, "ErrorServerBusy");
    stage_release(&st);
}

/* Busy as the only message of a fine answer: repeated, then told as it is. */
static void test_read_busy_inside(void)
{
    struct stage st;
    g_auto(call_answer) a = { 0 };
    struct err err;

    stage_init(&st);
    stage_open_2016(&st);
    script_say(st.script, ITEM_BUSY);
    script_say(st.script, ITEM_OK);
    CHECK_OK(make(&st, &reading, NULL, &err), &err);
    for (int i = 0; i < 4; i++)
        script_say(st.script, ITEM_BUSY);
    CHECK_OK(call_make(mailbox_of(st.ep), &reading, &a, NULL, &err), &err);
    g_assert_cmpint(soap_message_status(a.messages[0], &err), ==, -1);
    g_assert_cmpstr(err.name, ==, "ErrorServerBusy");
    stage_release(&st);
}

static void test_write_is_sent_once(void)
{
    static const struct {
        const char *name;
        struct script_line line;
        bool maybe;
    } rows[] = {
        { "busy", { 500, ANSWER(FAULT("ErrorServerBusy", "")) }, false },
        { "failed",
          { 500, ANSWER(FAULT("ErrorInternalServerError", "")) },
          true },
        { "lost",
          { .lost = "connection-lost",
            .body_sent = true,
            .lost_scope = ERR_MAILBOX,
            .lost_retry = ERR_RETRY_NOW },
          true },
        { "never left",
          { .lost = "cannot-connect",
            .lost_scope = ERR_MAILBOX,
            .lost_retry = ERR_RETRY_WAIT },
          false },
        { "junk", { 200, "?" }, true },
        { "503", { 503 }, true },
        { "413", { 413 }, false },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct stage st;
        struct err err;
        bool maybe = !rows[i].maybe;

        stage_init(&st);
        stage_open_2016(&st);
        script_add(st.script, &rows[i].line);
        CHECK_ROW(rows[i].name, make(&st, &writing, &maybe, &err) == -1);
        CHECK_ROW(rows[i].name, maybe == rows[i].maybe);
        g_assert_false(script_request(st.script, 1)->repeatable);
        stage_release(&st);
    }
}

/* Another request of this mailbox's budget begins. */
static void begin_another(struct stage *st, struct governor_ticket *ret)
{
    const struct governor_request request = {
        .host = ews_site_host(st->site),
        .budget = mailbox_of(st->ep)->core->budget,
        .mailbox = "another",
        .until = CANCEL_NOW,
    };
    struct err err;

    CHECK_OK(governor_enter(st->governor, &request, ret, &err), &err);
}

/* While others are at it, there is a place again when one of them ends. */
static void test_too_many_is_no_pause(void)
{
    static const struct {
        const char *name;
        struct script_line line;
        bool parked;
    } rows[] = {
        { "too many at a time",
          { 500, ANSWER(FAULT("ErrorExceededConnectionCount", "")) },
          false },
        { "too many at a time, and a word of how long",
          { 500, ANSWER(FAULT("ErrorExceededConnectionCount",
                              DETAIL_XML("BackOffMilliseconds", "600000"))) },
          true },
        { "busy",
          { 500, ANSWER(FAULT("ErrorServerBusy",
                              DETAIL_XML("BackOffMilliseconds", "600000"))) },
          true },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        const struct governor_report fine = { .outcome = GOVERNOR_OK };
        struct governor_ticket another;
        struct governor_stats stats;
        struct stage st;
        struct err err;

        stage_init(&st);
        stage_open_2016(&st);
        begin_another(&st, &another);
        script_add(st.script, &rows[i].line);
        CHECK_ROW(rows[i].name, make(&st, &writing, NULL, &err) == -1);
        governor_stats(st.governor, ews_site_host(st.site), &stats);
        CHECK_ROW(rows[i].name, (stats.parked_until_us != 0) == rows[i].parked);
        CHECK_ROW(rows[i].name, stats.busy == 1);
        governor_leave(&another, &fine);
        stage_release(&st);
    }
}

/* ---- what must not be sent ------------------------------------------- */

/* The server has told this mailbox's budget to wait. */
static void park(struct stage *st, uint32_t wait_ms)
{
    const struct governor_report report = { .outcome = GOVERNOR_BUSY,
                                            .wait_ms = wait_ms };
    struct governor_ticket ticket;

    begin_another(st, &ticket);
    governor_leave(&ticket, &report);
}

static void test_stale_write_is_not_sent(void)
{
    struct stage st;
    struct err err;
    bool maybe = true;

    stage_init(&st);
    stage_open_2016(&st);
    st.site->put_wait_ms = 0; /* no wait at all is short enough */
    g_assert_cmpint(make(&st, &writing, &maybe, &err), ==, -1);
    g_assert_cmpstr(err.name, ==, "WaitedTooLong");
    g_assert_false(maybe);
    g_assert_cmpuint(script_n(st.script), ==, 1);
    stage_release(&st);
}

/* Draining: what was read is still written; what has to wait is not read. */
static void test_cancelled(void)
{
    struct stage st;
    struct err err;

    stage_init(&st);
    stage_open_2016(&st);
    cancel_request(st.cancel);
    park(&st, 20);
    script_say(st.script, ITEM_OK);
    CHECK_OK(make(&st, &writing, NULL, &err), &err);
    park(&st, 600 * 1000);
    g_assert_cmpint(make(&st, &reading, NULL, &err), ==, -1);
    g_assert_cmpstr(err.name, ==, "cancelled");
    cancel_request(st.cancel);
    g_assert_cmpint(make(&st, &writing, NULL, &err), ==, -1);
    g_assert_cmpstr(err.name, ==, "cancelled");
    stage_release(&st);
}

/* A refusal later on stops the other lanes too. */
static void test_refused_later(void)
{
    const struct script_line refused = { 401 };
    struct endpoint *lane;
    g_auto(call_answer) a = { 0 };
    struct stage st;
    struct err err;

    stage_init(&st);
    stage_open_2016(&st);
    lane = endpoint_clone(st.ep);
    script_add(st.script, &refused);
    g_assert_cmpint(make(&st, &reading, NULL, &err), ==, -1);
    g_assert_cmpint(err.retry, ==, ERR_RETRY_REAUTH);
    g_assert_cmpint(call_make(mailbox_of(lane), &reading, &a, NULL, &err), ==,
                    -1);
    g_assert_cmpint(err.retry, ==, ERR_RETRY_REAUTH);
    g_assert_nonnull(strstr(err.msg, "EXCH\\admin"));
    g_assert_cmpuint(script_n(st.script), ==, 2);
    endpoint_free(lane);
    stage_release(&st);
}

/* ---- connections, versions, budgets ---------------------------------- */

/* EWS-QUIRKS 6 */
static void test_connection_is_dropped_after_faults(void)
{
    struct stage st;
    struct err err;

    stage_init(&st);
    stage_open_2016(&st);
    g_assert_cmpuint(script_drops(st.script), ==, 0);
    script_add(st.script, &busy);
    script_add(st.script, &junk);
    script_say(st.script, ITEM_OK);
    CHECK_OK(make(&st, &reading, NULL, &err), &err);
    g_assert_cmpuint(script_drops(st.script), ==, 2);
    stage_release(&st);
}

static void test_level_falls_back(void)
{
    const struct script_line too_new = {
        500, ANSWER(FAULT("ErrorInvalidServerVersion", ""))
    };
    struct stage st;
    struct err err;

    stage_init(&st);
    stage_open_2016(&st);
    script_add(st.script, &too_new);
    script_say(st.script, ITEM_OK);
    CHECK_OK(make(&st, &reading, NULL, &err), &err);
    g_assert_nonnull(
        strstr(script_request(st.script, 1)->body, "Version=\"Exchange2016\""));
    g_assert_nonnull(strstr(script_request(st.script, 2)->body,
                            "Version=\"Exchange2010_SP1\""));
    /* Below that there is nothing to fall back to. */
    script_add(st.script, &too_new);
    g_assert_cmpint(make(&st, &reading, NULL, &err), ==, -1);
    g_assert_cmpstr(err.name, ==, "ErrorInvalidServerVersion");
    stage_release(&st);
}

static void test_budget(void)
{
    static const struct {
        const char *name, *root, *want;
    } rows[] = {
        { "2016", ANSWER_OF(V2016, RESPONSE("GetFolder", GOT_FOLDER("R"))),
          "mailbox ann@old.example" },
        { "before 2010 SP2 RU4",
          ANSWER_OF("14\" MinorVersion=\"1\" MajorBuildNumber=\"218",
                    RESPONSE("GetFolder", GOT_FOLDER("R"))),
          "account EXCH\\admin" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct stage st;

        stage_init(&st);
        stage_open(&st, rows[i].root);
        CHECK_ROW(rows[i].name,
                  strcmp(mailbox_of(st.ep)->core->budget, rows[i].want) == 0);
        stage_release(&st);
    }
}

static void test_busy_is_counted(void)
{
    struct endpoint_stats stats;
    struct governor_stats of_host;
    struct stage st;
    struct err err;

    stage_init(&st);
    stage_open_2016(&st);
    script_add(st.script, &busy);
    script_say(st.script, ITEM_OK);
    CHECK_OK(make(&st, &reading, NULL, &err), &err);
    endpoint_stats(st.ep, &stats);
    g_assert_cmpuint(stats.requests, ==, 3);
    g_assert_cmpuint(stats.busy, ==, 1);
    governor_stats(st.governor, ews_site_host(st.site), &of_host);
    g_assert_cmpuint(of_host.requests, ==, 3);
    g_assert_cmpuint(of_host.busy, ==, 1);
    g_assert_cmpuint(of_host.in_flight, ==, 0);
    stage_release(&st);
}

/* The engine sleeps for as long as the server said: nothing is asked for. */
static void test_refused_write_is_held_up(void)
{
    const struct script_line busy_for_long = {
        500, ANSWER(FAULT("ErrorServerBusy",
                          DETAIL_XML("BackOffMilliseconds", "600000")))
    };
    struct endpoint_stats stats;
    struct governor_stats of_host;
    struct stage st;
    struct err err;

    stage_init(&st);
    stage_open_2016(&st);
    endpoint_stats(st.ep, &stats);
    g_assert_cmpint(stats.throttled_us, ==, 0);
    script_add(st.script, &busy_for_long);
    g_assert_cmpint(make(&st, &writing, NULL, &err), ==, -1);
    do {
        g_thread_yield();
        endpoint_stats(st.ep, &stats);
    } while (stats.throttled_us == 0);
    governor_stats(st.governor, ews_site_host(st.site), &of_host);
    g_assert_cmpint(of_host.throttled_us, >=, stats.throttled_us);
    stage_release(&st);
}

/* Until the governor has learnt by it how much the server gives. */
static void test_account_is_told(void)
{
    struct endpoint_stats stats;
    struct stage st;
    struct err err;

    stage_init(&st);
    stage_open_2016(&st);
    endpoint_stats(st.ep, &stats);
    g_assert_false(stats.paced);
    do {
        for (int i = 0; i < 5; i++) {
            script_say(st.script, ITEM_OK);
            CHECK_OK(make(&st, &reading, NULL, &err), &err);
        }
        script_add(st.script, &busy);
        script_say(st.script, ITEM_OK);
        CHECK_OK(make(&st, &reading, NULL, &err), &err);
        endpoint_stats(st.ep, &stats);
    } while (!stats.paced);
    stage_release(&st);
}

/* ---- many lanes ------------------------------------------------------ */

struct lanes {
    struct stage *stage;
    atomic_int inside, most;
};

static void hook(void *data)
{
    struct lanes *l = data;
    int now = atomic_fetch_add(&l->inside, 1) + 1;

    if (now > atomic_load(&l->most))
        atomic_store(&l->most, now);
    g_usleep(2000);
    atomic_fetch_sub(&l->inside, 1);
}

static void *lane(void *data)
{
    static const struct call syncing = {
        .element = "m:GetItem", .write = write_get, .n = 1, .sync = true
    };
    struct lanes *l = data;
    struct endpoint *ep = endpoint_clone(l->stage->ep);
    g_auto(call_answer) a = { 0 };
    struct err err;

    CHECK_OK(call_make(mailbox_of(ep), &syncing, &a, NULL, &err), &err);
    endpoint_free(ep);
    return NULL;
}

/* Many lanes may be in flight, but only so many sync calls. */
static void test_sync_calls_at_a_time(void)
{
    struct stage st;
    struct lanes l = { .stage = &st };
    pthread_t threads[12];

    stage_init(&st);
    stage_open_2016(&st);
    sync_gate_free(st.site->syncs);
    st.site->syncs = sync_gate_new(1);
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        script_say(st.script, ITEM_OK);
    script_set_hook(st.script, hook, &l);
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        g_assert_cmpint(pthread_create(&threads[i], NULL, lane, &l), ==, 0);
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        pthread_join(threads[i], NULL);
    g_assert_cmpint(atomic_load(&l.most), ==, 1);
    stage_release(&st);
}

/* ---- ids and properties ---------------------------------------------- */

/* ---- a request that is too large, a server that is away ------------------ */

static void write_large(struct xml_writer *w, const struct core *core,
                        const void *data)
{
    g_autofree char *id = g_strnfill(64 * 1024, 'I');

    (void)core;
    (void)data;
    xml_open(w, "m:ItemShape");
    xml_element(w, "t:BaseShape", "IdOnly");
    xml_close(w);
    xml_open(w, "m:ItemIds");
    call_item_id(w, id);
    xml_close(w);
}

static const struct script_line absent = { .status = 404 };
static const struct script_line not_allowed = { .status = 405 };

/* Something small tells the one from the other. */
static void test_too_large_or_away(void)
{
    static const struct call large = {
        .element = "m:GetItem", .write = write_large, .n = 1, .writing = true
    };
    static const struct script_line there = {
        .status = 200,
        .body = ANSWER(RESPONSE("GetFolder", GOT_FOLDER("ROOT"))),
    };
    static const struct script_line busy_there = {
        .status = 500,
        .body = ANSWER(
            FAULT("ErrorServerBusy", DETAIL_XML("BackOffMilliseconds", "1"))),
    };
    static const struct {
        const char *name;
        const struct script_line *first, *second;
        const char *want;
        enum err_scope scope;
    } rows[] = {
        /* clang-format off */
        { "404.13", &absent, &there, "RequestTooLarge", ERR_ITEM },
        { "405 for size", &not_allowed, &there, "RequestTooLarge", ERR_ITEM },
        { "404.13, and busy", &absent, &busy_there, "RequestTooLarge",
          ERR_ITEM },
        { "away", &absent, &absent, "EwsAway", ERR_MAILBOX },
        { "away, otherwise", &not_allowed, &absent, "EwsAway", ERR_MAILBOX },
        /* clang-format on */
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        bool maybe = true;
        struct stage st;
        struct err err;

        stage_init(&st);
        stage_open_2016(&st);
        script_add(st.script, rows[i].first);
        script_add(st.script, rows[i].second);
        CHECK_ROW(rows[i].name, make(&st, &large, &maybe, &err) == -1);
        CHECK_ROW(rows[i].name, strcmp(err.name, rows[i].want) == 0);
        CHECK_ROW(rows[i].name, err.scope == rows[i].scope);
        CHECK_ROW(rows[i].name, err.retry == ERR_RETRY_WAIT);
        CHECK_ROW(rows[i].name, !maybe);
        CHECK_ROW(rows[i].name, script_is_over(st.script));
        stage_release(&st);
    }
}

/* A read comes back by itself; a write is the engine's to repeat. */
static void test_away_for_a_moment(void)
{
    bool maybe = true;
    struct stage st;
    struct err err;

    stage_init(&st);
    stage_open_2016(&st);
    script_add(st.script, &absent);
    script_say(st.script, ITEM_OK);
    CHECK_OK(make(&st, &reading, NULL, &err), &err);
    script_add(st.script, &absent);
    g_assert_cmpint(make(&st, &writing, &maybe, &err), ==, -1);
    g_assert_cmpstr(err.name, ==, "EwsAway");
    g_assert_cmpint(err.retry, ==, ERR_RETRY_WAIT);
    g_assert_nonnull(err.remedy);
    g_assert_false(maybe);
    g_assert_true(script_is_over(st.script));
    stage_release(&st);
}

static void test_widen(void)
{
    struct err err = { .scope = ERR_ITEM };

    g_assert_cmpint(call_widen(&err, ERR_FOLDER), ==, -1);
    g_assert_cmpint(err.scope, ==, ERR_FOLDER);
    err.scope = ERR_RUN;
    call_widen(&err, ERR_FOLDER);
    g_assert_cmpint(err.scope, ==, ERR_RUN);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/call/read-repeated", test_read_is_repeated);
    g_test_add_func("/call/read-gives-up", test_read_gives_up);
    g_test_add_func("/call/busy-inside", test_read_busy_inside);
    g_test_add_func("/call/write-once", test_write_is_sent_once);
    g_test_add_func("/call/too-many", test_too_many_is_no_pause);
    g_test_add_func("/call/stale-write", test_stale_write_is_not_sent);
    g_test_add_func("/call/cancelled", test_cancelled);
    g_test_add_func("/call/refused-later", test_refused_later);
    g_test_add_func("/call/dropped", test_connection_is_dropped_after_faults);
    g_test_add_func("/call/level", test_level_falls_back);
    g_test_add_func("/call/budget", test_budget);
    g_test_add_func("/call/counted", test_busy_is_counted);
    g_test_add_func("/call/held-up", test_refused_write_is_held_up);
    g_test_add_func("/call/account", test_account_is_told);
    g_test_add_func("/call/sync-calls", test_sync_calls_at_a_time);
    g_test_add_func("/call/too-large-or-away", test_too_large_or_away);
    g_test_add_func("/call/away-for-a-moment", test_away_for_a_moment);
    g_test_add_func("/call/widen", test_widen);
    return g_test_run();
}
