#include <string.h>

#include "base/timestamp.h"
#include "endpoint/auto_reply.h"
#include "endpoint/fault.h"
#include "endpoint/options.h"
#include "engine/rig.h"
#include "engine/settings.h"

struct user_test {
    struct rig r;
    struct engine_settings_options options;
    struct engine_settings_report report;
};

static void test_init(struct user_test *t, unsigned int parts)
{
    *t = (struct user_test){ .options.parts = parts };
    rig_init(&t->r, NULL);
    rig_copy(&t->r);
}

static void run(struct user_test *t)
{
    CHECK_OK(rig_try_settings(&t->r, &t->options, &t->report), &t->r.err);
}

static uint64_t outcome(const struct user_test *t, enum setting_outcome which)
{
    return t->report.by_outcome[which];
}

/* ---- automatic replies --------------------------------------------------- */

static void set_reply(struct user_test *t, int side,
                      enum auto_reply_state state, const char *text)
{
    const struct endpoint_auto_reply r = {
        .state = state,
        .audience = AUTO_REPLY_CONTACTS,
        .start_us = timestamp_now(),
        .end_us = timestamp_now() + 3600 * TIMESTAMP_SECOND,
        .internal = (char *)(uintptr_t)text,
        .external = (char *)(uintptr_t) "out",
    };

    mem_set_auto_reply(t->r.mem[side], &r);
}

#define CHECK_REPLY(t, want)                                                   \
    do {                                                                       \
        g_autofree char *got_ = mem_auto_reply((t)->r.mem[RIG_DESTINATION]);   \
        g_assert_cmpstr(got_, ==, (want));                                     \
    } while (0)

/* They are set once, and whoever is back is not sent away again. */
static void test_replies_once(void)
{
    struct user_test t;

    test_init(&t, SETTINGS_REPLIES);
    set_reply(&t, RIG_SOURCE, AUTO_REPLY_ON, "in");
    run(&t);
    CHECK_REPLY(&t, "on 1 in|out");
    g_assert_cmpuint(outcome(&t, SETTING_SET), ==, 1);
    run(&t);
    g_assert_cmpuint(outcome(&t, SETTING_ALREADY), ==, 1);
    set_reply(&t, RIG_DESTINATION, AUTO_REPLY_OFF, "in");
    run(&t);
    CHECK_REPLY(&t, "off 1 in|out");
    g_assert_cmpuint(outcome(&t, SETTING_ALREADY), ==, 1);
    g_assert_cmpuint(rig_calls(&t.r, RIG_DESTINATION, MEM_SET_AUTO_REPLY), ==,
                     1);
    rig_release(&t.r);
}

/* A change at the source follows as long as nobody has changed ours. */
static void test_replies_follow(void)
{
    struct user_test t;

    test_init(&t, SETTINGS_REPLIES);
    set_reply(&t, RIG_SOURCE, AUTO_REPLY_ON, "in");
    run(&t);
    set_reply(&t, RIG_SOURCE, AUTO_REPLY_ON, "still");
    run(&t);
    CHECK_REPLY(&t, "on 1 still|out");
    set_reply(&t, RIG_DESTINATION, AUTO_REPLY_ON, "mine");
    set_reply(&t, RIG_SOURCE, AUTO_REPLY_ON, "and on");
    run(&t);
    CHECK_REPLY(&t, "on 1 mine|out");
    g_assert_true(engine_settings_wanting(&t.report));
    rig_release(&t.r);
}

/* The pass that sets them dies: they are ours, and follow the source. */
static void test_replies_died(void)
{
    static const enum fault_when whens[] = { FAULT_BEFORE, FAULT_AFTER };
    static const char *const texts[] = { "one", "two", "three" };

    for (size_t dying = 0; dying < 2 * G_N_ELEMENTS(texts); dying++) {
        struct user_test t;

        test_init(&t, SETTINGS_REPLIES);
        for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
            set_reply(&t, RIG_SOURCE, AUTO_REPLY_ON, texts[i]);
            if (i == dying / 2)
                rig_fault_err(&t.r, RIG_DESTINATION, FAULT_SET_AUTO_REPLY,
                              whens[dying % 2], 1, 0, ERR_MAILBOX,
                              ERR_RETRY_NEVER);
            run(&t);
        }
        run(&t);
        CHECK_REPLY(&t, "on 1 three|out");
        /* And still nobody is sent away again. */
        set_reply(&t, RIG_DESTINATION, AUTO_REPLY_OFF, "three");
        run(&t);
        CHECK_REPLY(&t, "off 1 three|out");
        rig_release(&t.r);
    }
}

static void test_replies_of_its_own(void)
{
    struct user_test t;

    test_init(&t, SETTINGS_REPLIES);
    set_reply(&t, RIG_SOURCE, AUTO_REPLY_ON, "in");
    set_reply(&t, RIG_DESTINATION, AUTO_REPLY_OFF, "for later");
    run(&t);
    CHECK_REPLY(&t, "off 1 for later|out");
    g_assert_cmpuint(outcome(&t, SETTING_FAILED), ==, 1);
    rig_release(&t.r);
}

/* Nothing at the source: nothing is asked of the destination. */
static void test_replies_none(void)
{
    struct user_test t;

    test_init(&t, SETTINGS_REPLIES);
    run(&t);
    g_assert_cmpuint(rig_calls(&t.r, RIG_DESTINATION, MEM_AUTO_REPLY), ==, 0);
    rig_release(&t.r);
}

/* A time that is over: the texts come, and nobody is answered. */
static void test_replies_over(void)
{
    const struct endpoint_auto_reply past = {
        .state = AUTO_REPLY_SCHEDULED,
        .start_us = 0,
        .end_us = TIMESTAMP_SECOND,
        .internal = (char *)(uintptr_t) "in",
        .external = (char *)(uintptr_t) "",
    };
    struct user_test t;

    test_init(&t, SETTINGS_REPLIES);
    mem_set_auto_reply(t.r.mem[RIG_SOURCE], &past);
    run(&t);
    CHECK_REPLY(&t, "off 0 in|");
    run(&t);
    g_assert_cmpuint(outcome(&t, SETTING_ALREADY), ==, 1);
    rig_release(&t.r);
}

/* ---- options ------------------------------------------------------------- */

#define CHECK_TEXT(t, f, want)                                                 \
    do {                                                                       \
        g_autofree char *got_ = f((t)->r.mem[RIG_DESTINATION]);                \
        g_assert_cmpstr(got_, ==, (want));                                     \
    } while (0)

/* By the list of keys, and what the destination has stays. */
static void test_options(void)
{
    struct user_test t;

    test_init(&t, SETTINGS_OPTIONS);
    mem_set_option(t.r.mem[RIG_SOURCE], "signaturehtml", "String", "<b>A</b>");
    mem_set_option(t.r.mem[RIG_SOURCE], "AutoAddSignature", "Boolean", "True");
    mem_set_option(t.r.mem[RIG_SOURCE], "timezone", "String", "W. Europe");
    mem_set_option(t.r.mem[RIG_SOURCE], "signaturetext", "String", "");
    mem_set_option(t.r.mem[RIG_SOURCE], "navigationbarwidth", "Integer32",
                   "300");
    mem_set_option(t.r.mem[RIG_DESTINATION], "timezone", "String", "UTC");
    mem_set_option(t.r.mem[RIG_DESTINATION], "theirs", "String", "x");
    run(&t);
    CHECK_TEXT(&t, mem_options,
               "timezone=UTC;theirs=x;signaturehtml=<b>A</b>;"
               "AutoAddSignature=True;");
    g_assert_cmpuint(outcome(&t, SETTING_SET), ==, 2);
    g_assert_cmpuint(outcome(&t, SETTING_ALREADY), ==, 1);
    run(&t);
    g_assert_cmpuint(outcome(&t, SETTING_ALREADY), ==, 3);
    g_assert_cmpuint(rig_calls(&t.r, RIG_DESTINATION, MEM_PUT_OPTIONS), ==, 1);
    rig_release(&t.r);
}

static void test_options_first(void)
{
    static const enum fault_when whens[] = { FAULT_BEFORE, FAULT_AFTER };

    for (size_t i = 0; i < G_N_ELEMENTS(whens); i++) {
        struct user_test t;

        test_init(&t, SETTINGS_OPTIONS);
        mem_set_option(t.r.mem[RIG_SOURCE], "signaturetext", "String", "A");
        rig_fault(&t.r, RIG_DESTINATION, FAULT_PUT_OPTIONS, whens[i], 1, 0);
        run(&t);
        CHECK_TEXT(&t, mem_options, "signaturetext=A;");
        g_assert_cmpuint(outcome(&t, SETTING_SET), ==, 1);
        rig_release(&t.r);
    }
}

/* ---- categories ---------------------------------------------------------- */

static void test_categories(void)
{
    g_autofree char *got = NULL;
    struct user_test t;

    test_init(&t, SETTINGS_CATEGORIES);
    mem_add_category(t.r.mem[RIG_SOURCE], "Work", 1, 2, "{W}");
    mem_add_category(t.r.mem[RIG_SOURCE], "Home", 3, 4, "{H}");
    mem_add_category(t.r.mem[RIG_SOURCE], "Play", CATEGORY_NO_COLOR, 5, "{P}");
    mem_add_category(t.r.mem[RIG_DESTINATION], "work", 7, 4, "{w}");
    mem_add_category(t.r.mem[RIG_DESTINATION], "Spiel", 8, 0, "{P}");
    run(&t);
    got = mem_categories(t.r.mem[RIG_DESTINATION]);
    /* Its key and its guid are the destination's already. */
    g_assert_true(g_str_has_prefix(
        got, "work 7 4 {w};Spiel 8 0 {P};Home 3 0 {H};Play -1 5 {"));
    g_assert_null(strstr(strstr(got, "Play"), "{P}"));
    g_assert_cmpuint(outcome(&t, SETTING_SET), ==, 2);
    g_assert_cmpuint(outcome(&t, SETTING_ALREADY), ==, 1);
    run(&t);
    g_assert_cmpuint(outcome(&t, SETTING_SET), ==, 0);
    CHECK_TEXT(&t, mem_categories, got);
    rig_release(&t.r);
}

static void test_categories_lost(void)
{
    static const enum fault_when whens[] = { FAULT_BEFORE, FAULT_AFTER };

    for (size_t i = 0; i < G_N_ELEMENTS(whens); i++) {
        struct user_test t;

        test_init(&t, SETTINGS_CATEGORIES);
        mem_add_category(t.r.mem[RIG_SOURCE], "Work", 1, 2, "{W}");
        rig_fault(&t.r, RIG_DESTINATION, FAULT_ADD_CATEGORIES, whens[i], 1, 0);
        run(&t);
        CHECK_TEXT(&t, mem_categories, "Work 1 2 {W};");
        g_assert_cmpuint(outcome(&t, SETTING_SET), ==, 1);
        rig_release(&t.r);
    }
}

/* ---- photo --------------------------------------------------------------- */

static void test_photo(void)
{
    struct user_test t;

    test_init(&t, SETTINGS_PHOTO);
    mem_set_photo(t.r.mem[RIG_SOURCE], "face");
    run(&t);
    CHECK_TEXT(&t, mem_photo, "face");
    g_assert_cmpuint(outcome(&t, SETTING_SET), ==, 1);
    /* The server has scaled it: still ours. */
    mem_set_photo(t.r.mem[RIG_DESTINATION], "f");
    run(&t);
    CHECK_TEXT(&t, mem_photo, "f");
    g_assert_cmpuint(outcome(&t, SETTING_ALREADY), ==, 1);
    rig_release(&t.r);
}

static void test_photo_of_its_own(void)
{
    struct user_test t;

    test_init(&t, SETTINGS_PHOTO);
    mem_set_photo(t.r.mem[RIG_SOURCE], "face");
    mem_set_photo(t.r.mem[RIG_DESTINATION], "other");
    run(&t);
    CHECK_TEXT(&t, mem_photo, "other");
    g_assert_cmpuint(outcome(&t, SETTING_SKIPPED), ==, 1);
    t.options.replace_photo = true;
    run(&t);
    CHECK_TEXT(&t, mem_photo, "face");
    rig_release(&t.r);
}

/* Set, and it looks refused: what the server made of it is no other's. */
static void test_photo_lost(void)
{
    struct user_test t;

    test_init(&t, SETTINGS_PHOTO);
    mem_set_photo(t.r.mem[RIG_SOURCE], "face");
    rig_fault_err(&t.r, RIG_DESTINATION, FAULT_SET_PHOTO, FAULT_AFTER, 1, 1,
                  ERR_ITEM, ERR_RETRY_NOW);
    run(&t);
    g_assert_cmpuint(outcome(&t, SETTING_FAILED), ==, 1);
    faults_clear(t.r.faults[RIG_DESTINATION]);
    mem_set_photo(t.r.mem[RIG_DESTINATION], "f"); /* scaled */
    run(&t);
    CHECK_TEXT(&t, mem_photo, "face");
    g_assert_cmpuint(outcome(&t, SETTING_SET), ==, 1);
    rig_release(&t.r);
}

static void test_nothing_at_all(void)
{
    struct user_test t;

    test_init(&t, SETTINGS_RULES | SETTINGS_REPLIES | SETTINGS_OPTIONS |
                      SETTINGS_CATEGORIES | SETTINGS_PHOTO);
    run(&t);
    for (int i = 0; i < SETTING_N; i++)
        g_assert_cmpuint(t.report.by_outcome[i], ==, 0);
    rig_release(&t.r);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/settings-user/replies/once", test_replies_once);
    g_test_add_func("/settings-user/replies/follow", test_replies_follow);
    g_test_add_func("/settings-user/replies/died", test_replies_died);
    g_test_add_func("/settings-user/replies/of-its-own",
                    test_replies_of_its_own);
    g_test_add_func("/settings-user/replies/none", test_replies_none);
    g_test_add_func("/settings-user/replies/over", test_replies_over);
    g_test_add_func("/settings-user/options", test_options);
    g_test_add_func("/settings-user/options/first", test_options_first);
    g_test_add_func("/settings-user/categories", test_categories);
    g_test_add_func("/settings-user/categories/lost", test_categories_lost);
    g_test_add_func("/settings-user/photo", test_photo);
    g_test_add_func("/settings-user/photo/of-its-own", test_photo_of_its_own);
    g_test_add_func("/settings-user/photo/lost", test_photo_lost);
    g_test_add_func("/settings-user/nothing", test_nothing_at_all);
    return g_test_run();
}
