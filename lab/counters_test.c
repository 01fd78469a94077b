#include "lab/counters.h"

#include "base/check.h"

static void check_text(struct counters *c, const char *want)
{
    g_autofree char *got = counters_text(c);

    g_assert_cmpstr(got, ==, want);
}

static void test_empty(void)
{
    g_autoptr(counters) c = counters_new();

    check_text(c, "busy 0\nbytes.in 0\nbytes.out 0\nconnections "
                  "0\nconnections.now 0\nin-flight.most 0\n"
                  "in-flight.now 0\nrequests 0\n");
}

static void test_requests(void)
{
    g_autoptr(counters) c = counters_new();

    counters_begin(c, "GetFolder", "a@x", 10);
    counters_begin(c, "UploadItems", "a@x", 1000);
    counters_end(c, "a@x", 5);
    counters_begin(c, "GetFolder", NULL, 1);
    counters_note(c, "busy");
    check_text(c, "busy 1\nbytes.in 1011\nbytes.out 5\nconnections "
                  "0\nconnections.now 0\nin-flight.most 2\n"
                  "in-flight.now 2\nmailbox.a@x.in-flight.most 2\n"
                  "mailbox.a@x.requests 2\nrequests 3\n"
                  "requests.GetFolder 2\nrequests.UploadItems 1\n");
}

/* What is under way when the counters are reset must still land. */
static void test_reset(void)
{
    g_autoptr(counters) c = counters_new();

    counters_begin(c, "GetFolder", "a@x", 10);
    counters_reset(c);
    counters_end(c, "a@x", 7);
    counters_begin(c, "GetItem", "a@x", 0);
    check_text(c, "busy 0\nbytes.in 0\nbytes.out 7\nconnections "
                  "0\nconnections.now 0\nin-flight.most 1\n"
                  "in-flight.now 1\nmailbox.a@x.in-flight.most 1\n"
                  "mailbox.a@x.requests 1\nrequests 1\nrequests.GetItem 1\n");
}

static void test_connections(void)
{
    g_autoptr(counters) c = counters_new();

    counters_connect(c);
    counters_connect(c);
    counters_disconnect(c);
    counters_connect(c);
    counters_disconnect(c);
    check_text(c, "busy 0\nbytes.in 0\nbytes.out 0\nconnections 3\n"
                  "connections.most 2\nconnections.now 1\n"
                  "in-flight.most 0\nin-flight.now 0\nrequests 0\n");
}

static void test_json(void)
{
    g_autoptr(counters) c = counters_new();
    g_autofree char *json = NULL;

    counters_add(c, "fault.late", 3);
    json = counters_json(c);
    g_assert_nonnull(strstr(json, "\"fault.late\": 3"));
    g_assert_nonnull(strstr(json, "\"requests\": 0"));
}

static void *hammer(void *data)
{
    struct counters *c = data;

    for (int i = 0; i < 1000; i++) {
        counters_begin(c, "GetFolder", "a@x", 1);
        counters_end(c, "a@x", 1);
    }
    return NULL;
}

static void test_threads(void)
{
    g_autoptr(counters) c = counters_new();
    g_autofree char *text = NULL;
    GThread *threads[4];

    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        threads[i] = g_thread_new("hammer", hammer, c);
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        g_thread_join(threads[i]);
    text = counters_text(c);
    g_assert_nonnull(strstr(text, "\nrequests 4000\n"));
    g_assert_nonnull(strstr(text, "\nbytes.out 4000\n"));
    g_assert_nonnull(strstr(text, "\nin-flight.now 0\n"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/counters/empty", test_empty);
    g_test_add_func("/counters/requests", test_requests);
    g_test_add_func("/counters/reset", test_reset);
    g_test_add_func("/counters/connections", test_connections);
    g_test_add_func("/counters/json", test_json);
    g_test_add_func("/counters/threads", test_threads);
    return g_test_run();
}
