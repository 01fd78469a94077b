#include "cmd/password.h"

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "base/check.h"

#define VARIABLE   "MAILFERRY_SOURCE_PASSWORD"
#define DIRECTORY  "CREDENTIALS_DIRECTORY"
#define CREDENTIAL "source-password"

static const struct password_request plain = {
    .side = PASSWORD_SOURCE,
    .user = "OLD\\admin",
};

/* ---- where there is no terminal ---------------------------------------- */

static char *write_file(const char *dir, const char *name, const char *text)
{
    char *path = g_build_filename(dir, name, NULL);

    g_assert_true(g_file_set_contents(path, text, -1, NULL));
    g_assert_cmpint(g_chmod(path, 0600), ==, 0);
    return path;
}

static void check_password(const struct password_request *request,
                           const char *want)
{
    g_autoptr(secret) s = NULL;
    struct err err;

    CHECK_OK(password_get(request, &s, &err), &err);
    g_assert_cmpstr(secret_peek(s), ==, want);
}

/* The file outranks the variable, that the credential, that the terminal. */
static void test_order(void)
{
    g_autofree char *dir = g_dir_make_tmp("password-XXXXXX", NULL);
    g_autofree char *file = write_file(dir, "file", "by file\n");
    g_autofree char *credential = write_file(dir, CREDENTIAL, "by systemd");
    struct password_request by_file = plain;

    by_file.file = file;
    g_setenv(DIRECTORY, dir, TRUE);
    g_setenv(VARIABLE, "by variable", TRUE);
    check_password(&by_file, "by file");
    g_assert_cmpstr(g_getenv(VARIABLE), ==, "by variable");
    check_password(&plain, "by variable");
    g_assert_null(g_getenv(VARIABLE));
    /* systemd lets the service in by an access list: the mode shows it. */
    g_assert_cmpint(g_chmod(credential, 0440), ==, 0);
    check_password(&plain, "by systemd");

    g_unsetenv(DIRECTORY);
    g_unlink(file);
    g_unlink(credential);
    g_rmdir(dir);
}

static void test_sides(void)
{
    struct password_request destination = plain;

    destination.side = PASSWORD_DESTINATION;
    g_setenv("MAILFERRY_SOURCE_PASSWORD", "s", TRUE);
    g_setenv("MAILFERRY_DESTINATION_PASSWORD", "d", TRUE);
    check_password(&destination, "d");
    check_password(&plain, "s");
}

static void check_refused(const struct password_request *request,
                          const char *want)
{
    struct secret *s = NULL;
    struct err err = { 0 };

    g_assert_cmpint(password_get(request, &s, &err), ==, -1);
    g_assert_null(s);
    if (strstr(err.msg, want) == NULL)
        g_error("\"%s\" lacks \"%s\"", err.msg, want);
    g_assert_true(g_str_has_prefix(
        err.msg, "password of the source account \"OLD\\admin\": "));
}

static void test_refused(void)
{
    g_autofree char *dir = g_dir_make_tmp("password-XXXXXX", NULL);
    g_autofree char *credential = write_file(dir, CREDENTIAL, "\n");
    g_autofree char *file = g_build_filename(dir, "nowhere", NULL);
    struct password_request by_file = plain;

    by_file.file = file;
    check_refused(&by_file, "nowhere\": No such file");
    g_setenv(VARIABLE, "", TRUE);
    check_refused(&plain, "is empty");
    g_unsetenv(VARIABLE);
    g_setenv(DIRECTORY, dir, TRUE);
    check_refused(&plain, "/source-password\" is empty");
    g_unsetenv(DIRECTORY);
    g_unlink(credential);
    g_rmdir(dir);
}

/* ---- on a terminal ------------------------------------------------------ */

/* A child that asks; we play its terminal. */
struct talk {
    pid_t child;
    int terminal, outcome;
    /*
     * Held open: when the last one closes, Linux may answer EIO before it has
     * handed on what was written, and the terminal's settings are gone.
     */
    int slave;
    GString *seen; /* what the terminal showed so far */
};

/* The child's whole life. */
static void be_child(int outcome)
{
    struct secret *s = NULL;
    struct err err;
    const char *text;

    if (password_get(&plain, &s, &err) == 0)
        text = secret_peek(s);
    else
        text = err.msg;
    if (write(outcome, text, strlen(text)) < 0)
        _exit(1);
    _exit(0);
}

static void talk_begin_blocking(struct talk *t, int blocked)
{
    int ends[2];

    g_assert_cmpint(pipe(ends), ==, 0);
    t->seen = g_string_new(NULL);
    t->child = forkpty(&t->terminal, NULL, NULL, NULL);
    g_assert_cmpint(t->child, >=, 0);
    if (t->child == 0) {
        static const int ends_us[] = { SIGINT, SIGQUIT, SIGTERM, SIGHUP };
        sigset_t set;

        /* Who runs the tests may ignore them: a shell's "&", nohup. */
        for (size_t i = 0; i < G_N_ELEMENTS(ends_us); i++)
            (void)signal(ends_us[i], SIG_DFL);
        sigemptyset(&set);
        if (blocked != 0)
            sigaddset(&set, blocked);
        sigprocmask(SIG_BLOCK, &set, NULL);
        close(ends[0]);
        be_child(ends[1]);
    }
    close(ends[1]);
    t->outcome = ends[0];
    t->slave = open(ptsname(t->terminal), O_RDWR | O_NOCTTY);
    g_assert_cmpint(t->slave, >=, 0);
}

static void talk_begin(struct talk *t)
{
    talk_begin_blocking(t, 0);
}

static void type(const struct talk *t, const char *text)
{
    g_assert_cmpint(write(t->terminal, text, strlen(text)), ==,
                    (gssize)strlen(text));
}

/* Read on until `text` has been shown since the last time. */
static void expect(struct talk *t, const char *text)
{
    char chunk[256];

    while (strstr(t->seen->str, text) == NULL) {

        ssize_t n = read(t->terminal, chunk, sizeof(chunk));

        g_assert_cmpint(n, >, 0);
        g_string_append_len(t->seen, chunk, n);
    }
    /* Nothing stands before it: what is typed is not shown. */
    g_assert_true(g_str_has_prefix(t->seen->str, text) ||
                  g_str_has_prefix(t->seen->str, "\r"));
    g_string_truncate(t->seen, 0);
}

/* Whatever comes until the child has ended. */
static void shown_since(const struct talk *t, char *ret, size_t size)
{
    struct pollfd ended = { .fd = t->outcome, .events = POLLIN };
    struct pollfd more = { .fd = t->terminal, .events = POLLIN };
    size_t n = 0;

    g_assert_cmpint(poll(&ended, 1, -1), ==, 1);
    while (n < size - 1 && poll(&more, 1, 0) > 0) {
        ssize_t got = read(t->terminal, ret + n, size - 1 - n);

        g_assert_cmpint(got, >, 0);
        n += (size_t)got;
    }
    ret[n] = '\0';
}

static bool echoes(const struct talk *t)
{
    struct termios now;

    g_assert_cmpint(tcgetattr(t->terminal, &now), ==, 0);
    return (now.c_lflag & ECHO) != 0;
}

static int talk_end(struct talk *t, char **ret_outcome)
{
    char text[1024] = "";
    ssize_t n = read(t->outcome, text, sizeof(text) - 1);
    int status;

    g_assert_cmpint(n, >=, 0);
    *ret_outcome = g_strdup(text);
    g_assert_cmpint(waitpid(t->child, &status, 0), ==, t->child);
    close(t->outcome);
    close(t->slave);
    close(t->terminal);
    g_string_free(t->seen, TRUE);
    return status;
}

#define QUESTION "Password of OLD\\admin (source): "

static void test_question(void)
{
    g_autofree char *outcome = NULL;
    struct talk t;

    talk_begin(&t);
    expect(&t, QUESTION);
    g_assert_false(echoes(&t));
    type(&t, " top s3cret \n");
    expect(&t, "\n");
    g_assert_cmpint(talk_end(&t, &outcome), ==, 0);
    g_assert_cmpstr(outcome, ==, " top s3cret ");
}

/* The terminal shows the question and a line end: never what was typed. */
static void test_nothing_is_shown(void)
{
    g_autofree char *outcome = NULL;
    char chunk[256] = "";
    struct talk t;

    talk_begin(&t);
    expect(&t, QUESTION);
    type(&t, "s3cret\n");
    /* The line end is the last thing that it shows; then it is silent. */
    expect(&t, "\n");
    shown_since(&t, chunk, sizeof(chunk));
    g_assert_cmpint(talk_end(&t, &outcome), ==, 0);
    g_assert_cmpstr(outcome, ==, "s3cret");
    g_assert_cmpstr(chunk, ==, "");
}

static void test_no_answer(void)
{
    static const char *const answers[] = { "\n", "\x04" };

    for (size_t i = 0; i < G_N_ELEMENTS(answers); i++) {
        g_autofree char *outcome = NULL;
        struct talk t;

        talk_begin(&t);
        expect(&t, QUESTION);
        type(&t, answers[i]);
        g_assert_cmpint(talk_end(&t, &outcome), ==, 0);
        g_assert_nonnull(strstr(outcome, "the password is empty"));
    }
}

/* Whatever ends the process, the terminal is as it was. */
static void test_signals_that_end(void)
{
    static const struct {
        const char *key;
        int number;
    } rows[] = { { "\x03", SIGINT },
                 { "\x1c", SIGQUIT },
                 { NULL, SIGTERM },
                 { NULL, SIGHUP } };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct talk t;
        int status;

        talk_begin(&t);
        expect(&t, QUESTION);
        g_assert_false(echoes(&t));
        if (rows[i].key != NULL)
            type(&t, rows[i].key);
        else
            g_assert_cmpint(kill(t.child, rows[i].number), ==, 0);
        g_assert_cmpint(waitpid(t.child, &status, 0), ==, t.child);
        g_assert_true(WIFSIGNALED(status));
        g_assert_cmpint(WTERMSIG(status), ==, rows[i].number);
        g_assert_true(echoes(&t));
        close(t.slave);
        close(t.outcome);
        close(t.terminal);
        g_string_free(t.seen, TRUE);
    }
}

static void test_stop_and_go_on(void)
{
    g_autofree char *outcome = NULL;
    struct talk t;
    int status;

    talk_begin(&t);
    expect(&t, QUESTION);
    /*
     * By signal and not by key: the child leads an orphaned process group,
     * which keys cannot stop; SIGSTOP would not be noticed.
     */
    kill(t.child, SIGTSTP);
    expect(&t, QUESTION);
    g_assert_cmpint(waitpid(t.child, &status, WUNTRACED | WNOHANG), ==, 0);
    g_assert_false(echoes(&t));
    type(&t, "later\n");
    g_assert_cmpint(talk_end(&t, &outcome), ==, 0);
    g_assert_cmpstr(outcome, ==, "later");
}

/* A blocked signal has somebody who waits for it: it is left alone. */
static void test_blocked_signal(void)
{
    g_autofree char *outcome = NULL;
    struct talk t;

    talk_begin_blocking(&t, SIGINT);
    expect(&t, QUESTION);
    g_assert_cmpint(kill(t.child, SIGINT), ==, 0);
    type(&t, "still here\n");
    g_assert_cmpint(talk_end(&t, &outcome), ==, 0);
    g_assert_cmpstr(outcome, ==, "still here");
}

/* Without a controlling terminal there is nobody to ask. */
static void test_nobody_to_ask(void)
{
    int ends[2];
    char text[1024] = "";
    pid_t child;

    g_assert_cmpint(pipe(ends), ==, 0);
    child = fork();
    if (child == 0) {
        setsid();
        be_child(ends[1]);
    }
    close(ends[1]);
    g_assert_cmpint(read(ends[0], text, sizeof(text) - 1), >, 0);
    g_assert_cmpint(waitpid(child, NULL, 0), ==, child);
    close(ends[0]);
    g_assert_cmpstr(text, ==,
                    "password of the source account \"OLD\\admin\": there is "
                    "no terminal to ask for it");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_unsetenv(VARIABLE);
    g_unsetenv(DIRECTORY);
    g_test_add_func("/password/order", test_order);
    g_test_add_func("/password/sides", test_sides);
    g_test_add_func("/password/refused", test_refused);
    g_test_add_func("/password/question", test_question);
    g_test_add_func("/password/nothing-is-shown", test_nothing_is_shown);
    g_test_add_func("/password/no-answer", test_no_answer);
    g_test_add_func("/password/signals-that-end", test_signals_that_end);
    g_test_add_func("/password/stop", test_stop_and_go_on);
    g_test_add_func("/password/blocked-signal", test_blocked_signal);
    g_test_add_func("/password/nobody", test_nobody_to_ask);
    return g_test_run();
}
