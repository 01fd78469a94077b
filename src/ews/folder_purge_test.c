#include <string.h>

#include "base/check.h"
#include "ews/script.h"

#define ITEM(id)                                                               \
    "<t:Message><t:ItemId Id=\"" id "\" ChangeKey=\"K\"/></t:Message>"
#define FOUND(items)                                                           \
    ANSWER(RESPONSE("FindItem",                                                \
                    SUCCESS("FindItem",                                        \
                            "<m:RootFolder IndexedPagingOffset=\"1\" "         \
                            "TotalItemsInView=\"1\" "                          \
                            "IncludesLastItemInRange=\"true\"><t:Items>" items \
                            "</t:Items></m:RootFolder>")))
#define DELETED(operation) ANSWER(RESPONSE(operation, SUCCESS(operation, "")))

/* Its items go first, and nobody is told. */
static void test_purge(void)
{
    struct stage st;
    struct err err;
    const char *body;

    stage_init(&st);
    stage_open_2016(&st);
    script_say(st.script, FOUND(ITEM("A")));
    script_say(st.script, DELETED("DeleteItem"));
    script_say(st.script, FOUND(""));
    script_say(st.script, DELETED("DeleteFolder"));
    CHECK_OK(endpoint_purge_folder(st.ep, "F", &err), &err);
    g_assert_true(script_is_over(st.script));
    body = script_request(st.script, 2)->body;
    g_assert_nonnull(strstr(body, "<t:ItemId Id=\"A\"/>"));
    g_assert_nonnull(strstr(body, "DeleteType=\"HardDelete\""));
    g_assert_nonnull(strstr(body, "SendMeetingCancellations=\"SendToNone\""));
    g_assert_nonnull(strstr(body, "SuppressReadReceipts=\"true\""));
    body = script_request(st.script, 4)->body;
    g_assert_nonnull(strstr(body, "DeleteType=\"HardDelete\""));
    g_assert_nonnull(strstr(body, "<t:FolderId Id=\"F\"/>"));
    stage_release(&st);
}

static void test_ends(void)
{
    static const struct {
        const char *name, *answer;
        int want;
    } rows[] = {
        { "gone",
          ANSWER(RESPONSE("FindItem",
                          FAILURE("FindItem", "ErrorFolderNotFound", ""))),
          0 },
        { "gone, as items are",
          ANSWER(RESPONSE("FindItem",
                          FAILURE("FindItem", "ErrorItemNotFound", ""))),
          0 },
        { "refused",
          ANSWER(RESPONSE("FindItem",
                          FAILURE("FindItem", "ErrorAccessDenied", ""))),
          -1 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct stage st;
        struct err err;

        stage_init(&st);
        stage_open_2016(&st);
        script_say(st.script, rows[i].answer);
        CHECK_ROW(rows[i].name,
                  endpoint_purge_folder(st.ep, "F", &err) == rows[i].want);
        stage_release(&st);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/folder_purge/purge", test_purge);
    g_test_add_func("/folder_purge/ends", test_ends);
    return g_test_run();
}
