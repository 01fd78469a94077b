#include "base/ini.h"

#include <string.h>

#include "base/check.h"

static void on_section(void *data, uint32_t line, const char *name)
{
    g_string_append_printf(data, "%u [%s]\n", line, name);
}

static void on_entry(void *data, const struct ini_entry *e)
{
    g_string_append_printf(data, "%u %s.%s=%s\n", e->line, e->section, e->key,
                           e->value);
}

static void on_fault(void *data, uint32_t line, const char *text)
{
    g_string_append_printf(data, "%u ! %s\n", line, text);
}

static char *read_all(const char *text, size_t n)
{
    GString *seen = g_string_new(NULL);
    const struct ini_visitor visitor = { seen, on_section, on_entry, on_fault };

    ini_read(text, n, &visitor);
    return g_string_free(seen, FALSE);
}

static void test_ini(void)
{
    static const struct {
        const char *name, *text, *want;
    } rows[] = {
        { "empty", "", "" },
        { "plain", "[a]\nb = c\n", "1 [a]\n2 a.b=c\n" },
        { "no line end at the end", "[a]\nb=c", "1 [a]\n2 a.b=c\n" },
        { "CRLF and byte order mark", "\xef\xbb\xbf[a]\r\nb = c d \r\n",
          "1 [a]\n2 a.b=c d\n" },
        { "comments", "# x = y\n;z\n[a]\n b=#c ; d\n",
          "3 [a]\n4 a.b=#c ; d\n" },
        { "an equals sign in the value", "[a]\nb=c=d\n", "1 [a]\n2 a.b=c=d\n" },
        { "empty value", "[a]\nb =\n", "1 [a]\n2 a.b=\n" },
        { "all faults, and what is between them",
          "b=c\n[a\n[]\n[a]x\n[a]\nword\nb b=1\n=1\nb=2\n\n",
          "1 ! a key stands before the first [section]\n"
          "2 ! a section is written [name]\n"
          "3 ! the name of a section is letters, digits and dashes\n"
          "4 ! a section is written [name]\n"
          "5 [a]\n"
          "6 ! neither [section] nor key = value nor a comment\n"
          "7 ! the name of a key is letters, digits and dashes\n"
          "8 ! the name of a key is letters, digits and dashes\n"
          "9 a.b=2\n" },
        { "control characters", "[a]\nb=\x1b[2J\n",
          "1 [a]\n2 ! the line holds a control character\n" },
        { "not UTF-8", "[a]\nb=\xff\nc=d\n",
          "1 [a]\n2 ! the line is not UTF-8\n3 a.c=d\n" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *got = read_all(rows[i].text, strlen(rows[i].text));

        if (strcmp(got, rows[i].want) != 0)
            g_error("row \"%s\": %s", rows[i].name, got);
    }
}

static void test_limits(void)
{
    g_autofree char *line = g_strnfill(INI_LINE_MAX + 1, 'x');
    g_autofree char *got = read_all(line, strlen(line));
    g_autofree char *nul = read_all("[a]\nb=1\0002\n", 10);

    g_assert_cmpstr(got, ==, "1 ! the line is too long\n");
    g_assert_cmpstr(nul, ==, "1 [a]\n2 ! the line is not UTF-8\n");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/ini/read", test_ini);
    g_test_add_func("/ini/limits", test_limits);
    return g_test_run();
}
