#include "cmd/accounts.h"

#include <string.h>
#include <sys/stat.h>

#include <glib/gstdio.h>

#include "base/check.h"

static char *write_file(const char *text, mode_t mode)
{
    char *path = NULL;
    int fd = g_file_open_tmp("accounts-XXXXXX", &path, NULL);

    g_assert_cmpint(fd, >=, 0);
    g_close(fd, NULL);
    g_assert_true(g_file_set_contents(path, text, -1, NULL));
    g_assert_cmpint(g_chmod(path, mode), ==, 0);
    return path;
}

static void test_files(void)
{
    static const struct {
        const char *name, *text;
        const char *want; /* "user=password ..."; NULL: refused */
        const char *why;  /* in the message */
    } rows[] = {
        { "two", "a@x,one\nb@x,two\n", "a@x=one b@x=two " },
        { "a heading", "UserName,Password\na@x,one", "a@x=one " },
        { "of Windows",
          "\xef\xbb\xbf"
          "OLD\\a,one\r\n",
          "OLD\\a=one " },
        { "commas and quotes", "a@x,\"o,n\"\"e\"\n", "a@x=o,n\"e " },
        { "blank lines", "\na@x,one\n\n\nb@x,two\n", "a@x=one b@x=two " },
        { "nothing", "", NULL, "no account" },
        { "a heading alone", "username,password\n", NULL, "no account" },
        { "no password", "a@x,one\nb@x\n", NULL, "line 2" },
        { "an empty one", "a@x,\n", NULL, "password is empty" },
        { "no name", ",hunter2\n", NULL, "user name is empty" },
        { "a comma unquoted", "a@x,hun,ter2\n", NULL, "line 1" },
        { "twice", "a@x,hunter2\nA@X,hunter2\n", NULL, "already" },
        { "a broken quote", "a@x,\"hunter2\n", NULL, "line 1" },
        { "names no text", "\xff\xfe,hunter2\n", NULL, "user name" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = write_file(rows[i].text, 0600);
        g_autoptr(GString) got = g_string_new(NULL);
        g_auto(account_list) list = { 0 };
        struct err err = { 0 };
        int rc = account_list_read(&list, path, &err);

        CHECK_ROW(rows[i].name, (rc == 0) == (rows[i].want != NULL));
        for (guint k = 0; rc == 0 && k < list.logins->len; k++) {
            const struct ews_login *l =
                &g_array_index(list.logins, struct ews_login, k);

            g_string_append_printf(got, "%s=%s ", l->user,
                                   secret_peek(l->password));
        }
        if (rc == 0)
            g_assert_cmpstr(got->str, ==, rows[i].want);
        else
            CHECK_ROW(rows[i].name, strstr(err.msg, rows[i].why) != NULL);
        CHECK_ROW(rows[i].name, strstr(err.msg, "hunter2") == NULL);
        g_unlink(path);
    }
}

static void test_readable_by_others(void)
{
    g_autofree char *path = write_file("a@x,one\n", 0640);
    struct account_list list = { 0 };
    struct err err;

    g_assert_cmpint(account_list_read(&list, path, &err), ==, -1);
    g_assert_nonnull(strstr(err.msg, "others"));
    g_unlink(path);
    g_assert_cmpint(account_list_read(&list, path, &err), ==, -1);
    g_assert_nonnull(strstr(err.msg, path));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/accounts/files", test_files);
    g_test_add_func("/accounts/others", test_readable_by_others);
    return g_test_run();
}
