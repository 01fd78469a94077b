#include <string.h>

#include "base/check.h"
#include "ews/script.h"

#define MOVED(id)                                                              \
    SUCCESS("MoveItem", "<m:Items><t:Message><t:ItemId Id=\"" id               \
                        "\" ChangeKey=\"K\"/></t:Message></m:Items>")
#define MOVE(messages) ANSWER(RESPONSE("MoveItem", messages))

static const struct endpoint_ref refs[] = { { .id = "A" }, { .id = "B" } };

static void test_move(void)
{
    struct endpoint_done done[2] = { 0 };
    bool maybe = true;
    struct stage st;
    struct err err;

    stage_init(&st);
    stage_open_2016(&st);
    script_say(st.script, MOVE(MOVED("A2") FAILURE(
                              "MoveItem", "ErrorItemNotFound", "<m:Items/>")));
    CHECK_OK(endpoint_move(st.ep, refs, 2, "F2", done, &maybe, &err), &err);
    g_assert_false(maybe);
    g_assert_cmpstr(done[0].id, ==, "A2");
    g_assert_cmpstr(done[0].change_key, ==, "K");
    g_assert_cmpint(done[1].status, ==, -1);
    g_assert_cmpstr(done[1].why.name, ==, "ErrorItemNotFound");
    g_assert_nonnull(strstr(script_request(st.script, 1)->body,
                            "<m:ToFolderId><t:FolderId Id=\"F2\"/>"));
    g_assert_false(script_request(st.script, 1)->repeatable);
    endpoint_done_free(done, 2);
    stage_release(&st);
}

/* ReturnNewItemIds came with 2010 SP1; before, it fails the request. */
static void test_old_servers(void)
{
    static const struct {
        const char *name, *root;
        bool asks;
    } rows[] = {
        { "2007", ANSWER_OF(V2007, RESPONSE("GetFolder", GOT_FOLDER("R"))),
          false },
        { "2010 SP2", ANSWER_OF(V2010, RESPONSE("GetFolder", GOT_FOLDER("R"))),
          true },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct endpoint_done done = { 0 };
        struct stage st;
        struct err err;
        bool maybe;

        stage_init(&st);
        st.site->old = !rows[i].asks;
        stage_open(&st, rows[i].root);
        script_say(st.script, MOVE(MOVED("A2")));
        CHECK_OK(endpoint_move(st.ep, refs, 1, "F", &done, &maybe, &err), &err);
        CHECK_ROW(rows[i].name,
                  (strstr(script_request(st.script, 1)->body,
                          "ReturnNewItemIds") != NULL) == rows[i].asks);
        endpoint_done_free(&done, 1);
        stage_release(&st);
    }
}

static void test_answer_lost(void)
{
    const struct script_line lost = {
        .lost = "connection-lost",
        .lost_scope = ERR_MAILBOX,
        .lost_retry = ERR_RETRY_NOW,
        .body_sent = true,
    };
    struct endpoint_done done = { 0 };
    bool maybe = false;
    struct stage st;
    struct err err;

    stage_init(&st);
    stage_open_2016(&st);
    script_add(st.script, &lost);
    g_assert_cmpint(endpoint_move(st.ep, refs, 1, "F", &done, &maybe, &err), ==,
                    -1);
    g_assert_true(maybe);
    /* Never sent twice. */
    g_assert_cmpuint(script_n(st.script), ==, 2);
    stage_release(&st);
}

/* Moved without a word of where to: it may have happened, and did. */
static void test_no_new_id(void)
{
    struct endpoint_done done[2] = { 0 };
    bool maybe = false;
    struct stage st;
    struct err err;

    stage_init(&st);
    stage_open_2016(&st);
    script_say(st.script, MOVE(MOVED("A2") SUCCESS("MoveItem", "<m:Items/>")));
    g_assert_cmpint(endpoint_move(st.ep, refs, 2, "F", done, &maybe, &err), ==,
                    -1);
    g_assert_true(maybe);
    g_assert_null(done[0].id);
    stage_release(&st);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/move/move", test_move);
    g_test_add_func("/move/old-servers", test_old_servers);
    g_test_add_func("/move/answer-lost", test_answer_lost);
    g_test_add_func("/move/no-new-id", test_no_new_id);
    return g_test_run();
}
