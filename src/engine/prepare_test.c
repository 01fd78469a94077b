#include <string.h>

#include "base/check.h"
#include "engine/prepare.h"

static void test_releases(void)
{
    static const struct {
        const char *version;
        enum release release;
    } rows[] = {
        { "8.1.436 (Exchange2007_SP1)", RELEASE_2007 },
        { "14.3.123 (Exchange2010_SP2)", RELEASE_2010 },
        { "15.0.1156 (Exchange2013_SP1)", RELEASE_2013 },
        { "15.1.2507 (Exchange2016)", RELEASE_2016 },
        { "15.2.1118", RELEASE_2016 },
        { "unknown", RELEASE_UNKNOWN },
        { NULL, RELEASE_UNKNOWN },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        CHECK_ROW(rows[i].version,
                  release_of(rows[i].version) == rows[i].release);
}

static bool has(bool source, enum release release, const char *cmdlet)
{
    const struct prepare_step *steps[PREPARE_MAX];
    size_t n = prepare_steps(source, release, steps, G_N_ELEMENTS(steps));

    for (size_t i = 0; i < n; i++)
        if (strstr(steps[i]->cmdlet, cmdlet) != NULL)
            return true;
    return false;
}

/* What a version does not have must not be asked of its administrator. */
static void test_cmdlets_by_version(void)
{
    static const struct {
        bool source;
        const char *cmdlet;
        bool known_to[RELEASE_N];
    } rows[] = {
        { false, "-RetentionHoldEnabled $true", { 1, 1, 1, 1, 1 } },
        { false, "Set-CalendarProcessing ", { 1, 0, 1, 1, 1 } },
        { false, "Set-MailboxCalendarSettings ", { 0, 1, 0, 0, 0 } },
        { true, "-CalendarRepairDisabled $true", { 1, 0, 1, 1, 1 } },
        { true, "Forwarding", { 1, 1, 1, 1, 1 } },
        { true, "-RetentionHoldEnabled", { 0, 0, 0, 0, 0 } },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        for (int release = 0; release < RELEASE_N; release++)
            CHECK_ROW(rows[i].cmdlet,
                      has(rows[i].source, (enum release)release,
                          rows[i].cmdlet) == rows[i].known_to[release]);
}

static void test_room(void)
{
    const struct prepare_step *steps[PREPARE_MAX];

    g_assert_cmpuint(prepare_steps(false, RELEASE_2016, steps, 1), ==, 1);
    g_assert_cmpuint(prepare_steps(false, RELEASE_2016, steps, 0), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/prepare/releases", test_releases);
    g_test_add_func("/prepare/cmdlets-by-version", test_cmdlets_by_version);
    g_test_add_func("/prepare/room", test_room);
    return g_test_run();
}
