#include "fleet/options.h"

#include <string.h>

#include "base/check.h"

static void test_read(void)
{
    static const char *const texts[] = {
        "{\"verify\":\"full\",\"settings\":[\"rules\",\"photo\"],"
        "\"since\":\"2020-01-02\",\"max-item-size\":\"8M\",\"lanes\":3,"
        "\"folder\":[\"Inbox\",\"A*\"],\"adopt\":true,\"doubt-wait\":5,"
        "\"first-requests\":9,\"kinds\":[\"mail\",\"contact\"]}",
        "{\"verify\":\"new\",\"adopt\":false,\"unlike\":\"copy\"}", NULL
    };
    g_auto(fleet_options) o = { 0 };
    struct fleet_run run = { 0 };
    struct err err;

    CHECK_OK(fleet_options_read(texts, 3, &o, &err), &err);
    fleet_options_set(&o, &run);
    g_assert_cmpuint(o.first_requests, ==, 9);
    g_assert_false(run.verify_all); /* the later one */
    g_assert_cmpint(run.verify, ==, VERIFY_MODE_SAMPLE);
    g_assert_false(run.options.adopt);
    g_assert_cmpint(run.options.unlike, ==, ENGINE_UNLIKE_COPY);
    g_assert_cmpuint(run.settings.parts, ==, SETTINGS_RULES | SETTINGS_PHOTO);
    g_assert_cmpint(run.options.filter.since_us, ==, INT64_C(1577923200000000));
    g_assert_cmpuint(run.options.filter.max_item_bytes, ==, 8000000);
    g_assert_cmpuint(run.options.filter.skip_kinds, ==,
                     1u << KIND_CALENDAR | 1u << KIND_TASK | 1u << KIND_NOTE |
                         1u << KIND_JOURNAL | 1u << KIND_OTHER);
    g_assert_cmpuint(run.options.lanes, ==, 3);
    g_assert_cmpstr(run.options.filter.folders[1], ==, "A*");
    g_assert_null(run.options.filter.folders[2]);
    g_assert_cmpint(run.options.doubt_wait_us, ==, 5000000);
    g_assert_cmpint(run.options.patience_us, ==, INT64_C(3600000000));
}

/* Without a word it is as the command line has it. */
static void test_initial(void)
{
    g_auto(fleet_options) o = { 0 };
    struct fleet_run run = { 0 };
    struct err err;

    CHECK_OK(fleet_options_read(NULL, 0, &o, &err), &err);
    fleet_options_set(&o, &run);
    g_assert_false(run.verify_all);
    g_assert_cmpuint(run.settings.parts, ==, 0);
    g_assert_cmpuint(run.options.lanes, ==, 8);
    g_assert_cmpint(run.options.doubt_wait_us, ==, INT64_C(120000000));
    g_assert_cmpint(run.options.pass, ==, ENGINE_PASS_FULL);
    g_assert_cmpuint(run.options.filter.skip_trees, ==,
                     1u << ENDPOINT_ROOT_RECOVERABLE |
                         1u << ENDPOINT_ROOT_ARCHIVE_RECOVERABLE);
    g_assert_null(run.options.filter.folders);
    g_assert_cmpuint(run.options.filter.skip_kinds, ==, 0);
}

static void test_faults(void)
{
    static const struct {
        const char *text, *says;
    } rows[] = {
        { "{", "not JSON" },
        { "[]", "not a JSON object" },
        { "{\"lanes\":1,\"lanes\":2}", "not JSON" },
        { "{\"verfy\":\"full\"}", "no option \"verfy\"" },
        { "{\"verify\":\"most\"}", "option \"verify\": \"most\"" },
        { "{\"verify\":true}", "not a word" },
        { "{\"adopt\":1}", "not true or false" },
        { "{\"lanes\":\"8\"}", "not a number" },
        { "{\"lanes\":65}", "option \"lanes\"" },
        { "{\"lanes\":-1}", "option \"lanes\"" },
        { "{\"first-requests\":65}", "option \"first-requests\"" },
        { "{\"doubt-wait\":\"soon\"}", "option \"doubt-wait\"" },
        { "{\"since\":\"yesterday\"}", "not a date" },
        { "{\"folder\":\"Inbox\"}", "not an array" },
        { "{\"folder\":[1]}", "not an array" },
        { "{\"settings\":[\"rulez\"]}", "rulez" },
        { "{\"kinds\":[\"mails\"]}", "mails" },
        { "{\"trial\":true,\"pre-stage\":\"90d\"}", "different passes" },
        { "{\"before\":\"2020-01-01\",\"pre-stage\":\"90d\"}", "leave out" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        char *plain = NULL;
        struct err err = { 0 };

        CHECK_ROW(rows[i].text,
                  fleet_options_check(rows[i].text, &plain, &err) < 0);
        CHECK_ROW(rows[i].text, strstr(err.msg, rows[i].says) != NULL);
        CHECK_ROW(rows[i].text, g_strcmp0(err.name, "bad-option") == 0);
    }
}

static void test_one_form(void)
{
    g_autofree char *plain = NULL;
    struct err err;

    CHECK_OK(
        fleet_options_check("{ \"lanes\": 2,\n\"adopt\":true }", &plain, &err),
        &err);
    g_assert_cmpstr(plain, ==, "{\"adopt\":true,\"lanes\":2}");
}

static void test_kinds(void)
{
    g_auto(GStrv) kinds = g_strsplit(fleet_pass_kinds, ", ", -1);
    enum fleet_task task;
    struct err err;

    for (char **kind = kinds; *kind != NULL; kind++)
        CHECK_OK(fleet_pass_kind(*kind, &task, &err), &err);
    g_assert_cmpint(fleet_pass_kind("fully", &task, &err), ==, -1);
    g_assert_cmpstr(err.name, ==, "bad-pass");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/options/read", test_read);
    g_test_add_func("/options/initial", test_initial);
    g_test_add_func("/options/faults", test_faults);
    g_test_add_func("/options/one-form", test_one_form);
    g_test_add_func("/options/kinds", test_kinds);
    return g_test_run();
}
