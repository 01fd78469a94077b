#include "lab/script.h"

#include "base/check.h"

/* What was done, a line each. */
static void record(void *data, const char *action)
{
    g_string_append_printf(data, "%s\n", action);
}

/* The rules that lines become. */
static void test_rules(void)
{
    static const struct {
        const char *line, *rule;
    } rows[] = {
        { "busy:ms=5", "busy:ms=5" },
        { "at 10s busy", "busy:after=10s" },
        { "at 10s until 30s busy:ms=5", "busy:ms=5,after=10s,until=30s" },
        { "until 30s  at 10s   busy", "busy:after=10s,until=30s" },
        { "every 5s for 1s http:status=503",
          "http:status=503,for=1s,period=5s" },
        { "every 500ms item", "item:period=500ms" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(faults) f = faults_new();
        g_autoptr(script) s = script_new(f, record, NULL);
        g_autofree char *got = NULL;
        g_autofree char *want =
            g_strdup_printf("%s met=0 fired=0\n", rows[i].rule);
        struct err err;

        CHECK_OK(script_load(s, rows[i].line, &err), &err);
        got = faults_text(f);
        if (strcmp(got, want) != 0)
            g_error("%s: %s, not %s", rows[i].line, got, want);
    }
}

static void test_refused(void)
{
    static const struct {
        const char *text, *says;
    } rows[] = {
        { "at 10s", "fault: \"at 10s\" is no line of a script" },
        { "at soon busy", "fault: \"at soon busy\" is no line of a script" },
        { "at", "fault: there is no kind \"at\"" },
        { "every busy", "fault: \"every busy\" is no line of a script" },
        { "when 5s busy", "fault: there is no kind \"when 5s busy\"" },
        { "at 1s do ", "fault: there is no kind \"do\"" },
        { "for 1s do touch", "fault: \"for 1s do touch\" is no line of a "
                             "script" },
        { "every 0s do touch", "fault: \"every 0s do touch\" is no line of a "
                               "script" },
        { "busy\nat 5s nonsense", "fault: there is no kind \"nonsense:after="
                                  "5s\"" },
    };
    g_autoptr(faults) f = faults_new();
    g_autoptr(script) s = script_new(f, record, NULL);
    g_autofree char *left = NULL;
    struct err err = { .msg = "" };

    CHECK_OK(script_load(s, "# a comment\n\n  slow:ms=1  \n", &err), &err);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        CHECK_ROW(rows[i].text, script_load(s, rows[i].text, &err) < 0);
        if (!g_str_has_prefix(err.msg, "fault: there is no kind \"nonsense"))
            g_assert_cmpstr(err.msg, ==, rows[i].says);
    }
    left = faults_text(f);
    g_assert_cmpstr(left, ==, "slow:ms=1 met=0 fired=0\n");
}

#define S 1000000

/*
 * What is due is done in the order of its lines; what a round missed is not
 * made up for.  The thread that script_load() starts has an hour to wait.
 */
static void test_actions(void)
{
    g_autoptr(GString) done = g_string_new(NULL);
    g_autoptr(faults) f = faults_new();
    g_autoptr(script) s = script_new(f, record, done);
    struct err err;

    CHECK_OK(script_load(s,
                         "at 1h do throttle?policy=2010\n"
                         "at 2h every 1h until 5h do change?touch=3\n",
                         &err),
             &err);
    g_assert_cmpint(script_run(s, INT64_C(3600) * S - 1), ==,
                    INT64_C(3600) * S);
    g_assert_cmpstr(done->str, ==, "");
    g_assert_cmpint(script_run(s, INT64_C(3600) * S), ==, INT64_C(7200) * S);
    g_assert_cmpstr(done->str, ==, "throttle?policy=2010\n");
    g_assert_cmpint(script_run(s, INT64_C(3) * 3600 * S + 5), ==,
                    INT64_C(4) * 3600 * S);
    g_assert_cmpstr(done->str, ==, "throttle?policy=2010\nchange?touch=3\n");
    g_assert_cmpint(script_run(s, INT64_C(4) * 3600 * S), ==, INT64_MAX);
    g_assert_cmpint(script_run(s, INT64_C(9) * 3600 * S), ==, INT64_MAX);
    g_assert_cmpstr(done->str, ==,
                    "throttle?policy=2010\nchange?touch=3\nchange?touch=3\n");
}

/* The thread does what is due at once; freeing waits for it. */
static void test_thread(void)
{
    g_autoptr(GString) done = g_string_new(NULL);
    g_autoptr(faults) f = faults_new();
    struct script *s = script_new(f, record, done);
    struct err err;

    CHECK_OK(script_load(s, "do expire-sync\nat 2h do unlock\n", &err), &err);
    while (script_run(s, 0) != INT64_C(7200) * S)
        g_usleep(1000);
    script_free(s);
    g_assert_cmpstr(done->str, ==, "expire-sync\n");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/script/rules", test_rules);
    g_test_add_func("/script/refused", test_refused);
    g_test_add_func("/script/actions", test_actions);
    g_test_add_func("/script/thread", test_thread);
    return g_test_run();
}
