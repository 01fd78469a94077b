#include <string.h>

#include "base/check.h"
#include "base/timestamp.h"
#include "ews/script.h"

#define ITEM(id, size)                                                         \
    "<t:Message><t:ItemId Id=\"" id                                            \
    "\" ChangeKey=\"K\"/><t:ItemClass>IPM.Note</t:ItemClass>"                  \
    "<t:Subject>plans &amp; drawings</t:Subject>"                              \
    "<t:DateTimeReceived>2014-03-02T10:00:00Z</t:DateTimeReceived>"            \
    "<t:Size>" size "</t:Size></t:Message>"
#define FOUND(total, items)                                                    \
    ANSWER(RESPONSE(                                                           \
        "FindItem",                                                            \
        SUCCESS("FindItem",                                                    \
                "<m:RootFolder IndexedPagingOffset=\"2\" "                     \
                "TotalItemsInView=\"" total                                    \
                "\" IncludesLastItemInRange=\"false\"><t:Items>" items         \
                "</t:Items></m:RootFolder>")))

static void test_largest_first(void)
{
    g_auto(endpoint_findings) f = { 0 };
    struct stage st;
    struct err err;
    const char *body;

    stage_init(&st);
    stage_open_2016(&st);
    script_say(st.script,
               FOUND("31", ITEM("A", "60000000") ITEM("B", "90000000")));
    CHECK_OK(endpoint_large(st.ep, "F", 50000000, 2, &f, &err), &err);
    g_assert_cmpuint(f.n, ==, 2);
    g_assert_cmpuint(f.total, ==, 31);
    g_assert_cmpstr(f.items[0].id, ==, "B");
    g_assert_cmpuint(f.items[0].size_bytes, ==, 90000000);
    g_assert_cmpstr(f.items[1].subject, ==, "plans & drawings");
    g_assert_cmpstr(f.items[1].item_class, ==, "IPM.Note");
    g_assert_cmpint(f.items[1].received_us, !=, TIMESTAMP_NONE);
    body = script_request(st.script, 1)->body;
    g_assert_nonnull(strstr(body, "Value=\"50000000\""));
    g_assert_nonnull(strstr(body, "MaxEntriesReturned=\"2\""));
    stage_release(&st);
}

/* What a property of 32 bits cannot hold is not asked for. */
static void test_over_two_gigabytes(void)
{
    g_auto(endpoint_findings) f = { 0 };
    struct stage st;
    struct err err;

    stage_init(&st);
    stage_open_2016(&st);
    script_say(st.script, FOUND("0", ""));
    CHECK_OK(endpoint_large(st.ep, "F", UINT64_C(5000000000), 5, &f, &err),
             &err);
    g_assert_cmpuint(f.n, ==, 0);
    g_assert_cmpuint(f.total, ==, 0);
    g_assert_nonnull(
        strstr(script_request(st.script, 1)->body, "Value=\"2147483647\""));
    stage_release(&st);
}

static void test_restriction_passed_over(void)
{
    g_auto(endpoint_findings) f = { 0 };
    struct stage st;
    struct err err;

    stage_init(&st);
    stage_open_2016(&st);
    script_say(st.script, FOUND("5000", ITEM("A", "10") ITEM("B", "90000000")
                                            ITEM("C", "20")));
    CHECK_OK(endpoint_large(st.ep, "F", 50000000, 5, &f, &err), &err);
    g_assert_cmpuint(f.n, ==, 1);
    g_assert_cmpuint(f.total, ==, 1);
    g_assert_cmpstr(f.items[0].id, ==, "B");
    stage_release(&st);
}

static void test_no_folder(void)
{
    g_auto(endpoint_findings) f = { 0 };
    struct stage st;
    struct err err;

    stage_init(&st);
    stage_open_2016(&st);
    script_say(st.script, ANSWER(RESPONSE(
                              "FindItem",
                              FAILURE("FindItem", "ErrorFolderNotFound", ""))));
    g_assert_cmpint(endpoint_large(st.ep, "F", 1, 5, &f, &err), ==, -1);
    g_assert_cmpint(err.scope, ==, ERR_FOLDER);
    stage_release(&st);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/large/largest-first", test_largest_first);
    g_test_add_func("/large/over-two-gigabytes", test_over_two_gigabytes);
    g_test_add_func("/large/restriction-passed-over",
                    test_restriction_passed_over);
    g_test_add_func("/large/no-folder", test_no_folder);
    return g_test_run();
}
