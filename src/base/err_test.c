#include "base/err.h"

#include <errno.h>
#include <string.h>

#include "base/check.h"

static void test_set(void)
{
    struct err err = { .remedy = "old", .wait_ms = 7 };

    g_assert_cmpint(
        err_set(&err, ERR_FOLDER, ERR_RETRY_WAIT, 503, "busy %d", 3), ==, -1);
    g_assert_cmpstr(err.msg, ==, "busy 3");
    g_assert_cmpint(err.scope, ==, ERR_FOLDER);
    g_assert_cmpint(err.retry, ==, ERR_RETRY_WAIT);
    g_assert_cmpint(err.code, ==, 503);
    g_assert_null(err.remedy);
    g_assert_cmpuint(err.wait_ms, ==, 0);
}

static void test_text_is_one_clean_line(void)
{
    static const struct {
        const char *name, *in, *want;
    } rows[] = {
        { "plain", "a b", "a b" },
        { "forged log line", "a\r\nERROR b", "a  ERROR b" },
        { "escape sequence", "\x1b[31mred", " [31mred" },
        { "not UTF-8", "caf\xe9 au lait", "caf? au lait" },
        { "cut at the end", "caf\xc3", "caf" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct err err;

        err_set(&err, ERR_ITEM, ERR_RETRY_NEVER, 0, "%s", rows[i].in);
        CHECK_ROW(rows[i].name, strcmp(err.msg, rows[i].want) == 0);
    }
}

static void test_context(void)
{
    g_autofree char *longest = g_strnfill(600, 'x');
    struct err err;

    err_set(&err, ERR_ITEM, ERR_RETRY_NEVER, 0, "cause");
    err_in(&err, "folder \"%s\"", "Inbox");
    err_in(&err, "mailbox \"%s\"", "a@b");
    g_assert_cmpstr(err.msg, ==, "mailbox \"a@b\": folder \"Inbox\": cause");

    g_assert_cmpint(err.side, ==, ERR_NO_SIDE);
    err_at(&err, ERR_DESTINATION);
    g_assert_cmpint(err.side, ==, ERR_DESTINATION);
    g_assert_cmpstr(err.msg, ==,
                    "destination: mailbox \"a@b\": folder \"Inbox\": cause");

    /* A full message keeps its cause and does without the context. */
    err_set(&err, ERR_ITEM, ERR_RETRY_NEVER, 0, "%s", longest);
    err_in(&err, "folder");
    g_assert_cmpuint(strlen(err.msg), ==, sizeof(err.msg) - 1);
    g_assert_cmpint(err.msg[0], ==, 'x');
}

static void test_errno(void)
{
    struct err err;

    err_errno(&err, ERR_RUN, ENOENT, "state file \"%s\"", "x");
    g_assert_cmpstr(err.msg, ==, "state file \"x\": No such file or directory");
    g_assert_cmpint(err.code, ==, ENOENT);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/err/set", test_set);
    g_test_add_func("/err/one-clean-line", test_text_is_one_clean_line);
    g_test_add_func("/err/context", test_context);
    g_test_add_func("/err/errno", test_errno);
    return g_test_run();
}
