#include "base/step.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "base/check.h"

static const char *const run[] = { "intend", "send",   "record",
                                   "intend", "record", "advance" };

/* What the child does: the steps of a short pass. */
static G_GNUC_NORETURN void child(const char *die_at, const char *log)
{
    if (die_at != NULL)
        g_setenv("MAILFERRY_DIE_AT", die_at, TRUE);
    if (log != NULL)
        g_setenv("MAILFERRY_STEP_LOG", log, TRUE);
    step_init();
    for (size_t i = 0; i < G_N_ELEMENTS(run); i++)
        step(run[i]);
    _exit(0);
}

/* The wait status of a run with that environment. */
static int run_child(const char *die_at, const char *log)
{
    pid_t pid = fork();
    int status;

    g_assert_cmpint(pid, >=, 0);
    if (pid == 0)
        child(die_at, log);
    g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
    return status;
}

static void test_dies_where_told(void)
{
    static const struct {
        const char *die_at; /* NULL: not set */
        size_t steps;       /* until it was dead; 0: lived */
    } rows[] = {
        { NULL, 0 },       { "", 0 },         { "1", 1 },    { "4", 4 },
        { "6", 6 },        { "7", 0 },        { "send", 2 }, { "record:1", 3 },
        { "record:2", 5 }, { "record:3", 0 }, { "rec", 0 },  { "intend:2", 4 },
        { "advance", 6 },  { "no-such", 0 },
    };
    g_autofree char *dir = g_dir_make_tmp("step-test-XXXXXX", NULL);
    g_autofree char *log = g_build_filename(dir, "steps", NULL);

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        const char *name = rows[i].die_at != NULL ? rows[i].die_at : "(unset)";
        size_t want = rows[i].steps != 0 ? rows[i].steps : G_N_ELEMENTS(run);
        g_autofree char *text = NULL;
        g_auto(GStrv) lines = NULL;
        int status = run_child(rows[i].die_at, log);

        CHECK_ROW(name, (rows[i].steps != 0) == WIFSIGNALED(status));
        CHECK_ROW(name, rows[i].steps == 0 || WTERMSIG(status) == SIGKILL);
        /* The step that dies is in the log, and nothing behind it. */
        CHECK_ROW(name, g_file_get_contents(log, &text, NULL, NULL));
        lines = g_strsplit(text, "\n", -1);
        CHECK_ROW(name, g_strv_length(lines) == want + 1);
        for (size_t n = 0; n < want; n++) {
            g_autofree char *line = g_strdup_printf("%zu %s", n + 1, run[n]);

            CHECK_ROW(name, strcmp(lines[n], line) == 0);
        }
        CHECK_ROW(name, g_unlink(log) == 0);
    }
    g_assert_cmpint(g_rmdir(dir), ==, 0);
}

/* A test that asks for a death it cannot get must not pass in silence. */
static void test_refuses(gconstpointer die_at)
{
    if (g_test_subprocess())
        child(die_at, NULL);
    g_test_trap_subprocess(NULL, 0, 0);
    g_test_trap_assert_failed();
    g_test_trap_assert_stderr("*MAILFERRY_DIE_AT*");
}

static void test_refuses_unwritable_log(void)
{
    if (g_test_subprocess())
        child(NULL, "/nonexistent/steps");
    g_test_trap_subprocess(NULL, 0, 0);
    g_test_trap_assert_failed();
    g_test_trap_assert_stderr("*/nonexistent/steps*");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/step/dies-where-told", test_dies_where_told);
    g_test_add_data_func("/step/refuses/zero", "0", test_refuses);
    g_test_add_data_func("/step/refuses/trailing-text", "3x", test_refuses);
    g_test_add_data_func("/step/refuses/no-count", "send:", test_refuses);
    g_test_add_data_func("/step/refuses/count-zero", "send:0", test_refuses);
    g_test_add_data_func("/step/refuses/count-text", "send:x", test_refuses);
    g_test_add_data_func("/step/refuses/too-large", "99999999999999999999",
                         test_refuses);
    g_test_add_func("/step/refuses-unwritable-log",
                    test_refuses_unwritable_log);
    return g_test_run();
}
