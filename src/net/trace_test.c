#include "net/trace.h"

#include <sys/stat.h>

#include "base/check.h"

/* A log in a directory of its own. */
struct sheet {
    char *dir, *path;
    struct net_trace *trace;
};

static void sheet_open(struct sheet *s, size_t body_max)
{
    struct err err;

    s->dir = g_dir_make_tmp("trace-test-XXXXXX", NULL);
    g_assert_nonnull(s->dir);
    s->path = g_build_filename(s->dir, "trace", NULL);
    CHECK_OK(net_trace_open(s->path, body_max, &s->trace, &err), &err);
}

/* What was written; the caller frees. */
static char *sheet_close(struct sheet *s)
{
    char *text = NULL;

    net_trace_close(s->trace);
    g_assert_true(g_file_get_contents(s->path, &text, NULL, NULL));
    g_assert_cmpint(remove(s->path), ==, 0);
    g_assert_cmpint(remove(s->dir), ==, 0);
    g_free(s->path);
    g_free(s->dir);
    return text;
}

static void add(struct trace_entry *e, enum trace_kind kind, const char *text)
{
    trace_add(e, kind, text, strlen(text));
}

static void test_what_it_looks_like(void)
{
    g_autofree char *text = NULL;
    struct trace_entry *e;
    struct sheet s;
    const char *rest;

    sheet_open(&s, 1000);
    e = trace_begin(s.trace, NULL);
    add(e, TRACE_HEADER_OUT,
        "POST /EWS/Exchange.asmx HTTP/1.1\r\n"
        "Host: mail.example.com\r\n\r\n");
    add(e, TRACE_BODY_OUT, "<GetItem/>");
    add(e, TRACE_HEADER_IN, "HTTP/1.1 200 OK\r\n");
    add(e, TRACE_HEADER_IN, "Content-Length: 6\r\n");
    add(e, TRACE_HEADER_IN, "\r\n");
    add(e, TRACE_BODY_IN, "<a>");
    add(e, TRACE_BODY_IN, "</a>");
    trace_end(e, "status 200");
    text = sheet_close(&s);
    g_assert_true(g_str_has_prefix(text, "=== exchange 1, ended 2"));
    rest = strchr(text, '\n') + 1;
    g_assert_cmpstr(rest, ==,
                    "> POST /EWS/Exchange.asmx HTTP/1.1\n"
                    "> Host: mail.example.com\n"
                    "<GetItem/>\n"
                    "< HTTP/1.1 200 OK\n"
                    "< Content-Length: 6\n"
                    "<a></a>\n"
                    "=== status 200\n\n");
}

/* A form with a client's secret, and the token that it is answered with. */
static void test_confidential_bodies(void)
{
    g_autofree char *text = NULL;
    struct trace_entry *e;
    struct sheet s;

    sheet_open(&s, 1000);
    e = trace_begin(s.trace, NULL);
    trace_hide_bodies(e);
    add(e, TRACE_HEADER_OUT, "POST /oauth2/token HTTP/1.1\r\n\r\n");
    add(e, TRACE_BODY_OUT, "client_secret=");
    add(e, TRACE_BODY_OUT, "hunter2");
    add(e, TRACE_HEADER_IN, "HTTP/1.1 200 OK\r\n\r\n");
    add(e, TRACE_BODY_IN, "{\"access_token\":\"a.b.c\"}");
    trace_end(e, "status 200");
    text = sheet_close(&s);
    g_assert_cmpstr(strchr(text, '\n') + 1, ==,
                    "> POST /oauth2/token HTTP/1.1\n"
                    "\n[21 bytes more]\n"
                    "< HTTP/1.1 200 OK\n"
                    "\n[24 bytes more]\n"
                    "=== status 200\n\n");
}

static void test_headers_that_open_doors(void)
{
    static const struct {
        const char *line, *want;
    } rows[] = {
        { "Authorization: Basic YWRtaW46aHVudGVyMg==",
          "Authorization: Basic <redacted>" },
        { "authorization:  NTLM TlRMTVNTUAADAAAA",
          "authorization:  NTLM <redacted>" },
        { "Authorization: Bearer a b c", "Authorization: Bearer <redacted>" },
        { "Authorization: YWRtaW4=", "Authorization: <redacted>" },
        { "Proxy-Authorization: Basic eHh4",
          "Proxy-Authorization: Basic <redacted>" },
        { "Cookie: exchangecookie=abc; x=y", "Cookie: <redacted>" },
        { "Set-Cookie: exchangecookie=abc; path=/", "Set-Cookie: <redacted>" },
        { "set-cookie:abc", "set-cookie:<redacted>" },
        { "Cookies: are sweet", "Cookies: are sweet" },
        { "Cookie", "Cookie" },
        { "WWW-Authenticate: NTLM", "WWW-Authenticate: NTLM" },
        { "X-Note: hunter2 hunter2", "X-Note: <redacted> <redacted>" },
    };
    g_autoptr(secret) password = secret_new("hunter2", 7);
    const struct net_auth auth = { .user = "admin", .password = password };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *want = g_strdup_printf("\n> %s\n", rows[i].want);
        g_autofree char *lines = g_strconcat(rows[i].line, "\r\n", NULL);
        g_autofree char *text = NULL;
        struct trace_entry *e;
        struct sheet s;

        sheet_open(&s, 1000);
        e = trace_begin(s.trace, &auth);
        add(e, TRACE_HEADER_OUT, lines);
        trace_end(e, "x");
        text = sheet_close(&s);
        CHECK_ROW(rows[i].line, strstr(text, want) != NULL);
    }
}

static void test_passwords_in_bodies(void)
{
    static const struct {
        const char *name, *password, *body, *want;
    } rows[] = {
        /* clang-format off */
        { "as it is", "hunter2", "<p>hunter2</p>", "<p><redacted></p>" },
        { "twice, side by side", "ab", "xababy", "x<redacted><redacted>y" },
        { "as XML", "a&b<c", "<p>a&amp;b&lt;c</p>", "<p><redacted></p>" },
        { "in an address", "a b/c", "?p=a%20b%2Fc&q", "?p=<redacted>&q" },
        { "one form begins another", "&", "x&amp;y", "x<redacted>y" },
        { "not there", "hunter2", "hunter", "hunter" },
        { "the mark itself", "red", "red", "<redacted>" },
        { "none set", "", "abc", "abc" },
        /* clang-format on */
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(secret) password =
            secret_new(rows[i].password, strlen(rows[i].password));
        const struct net_auth auth = { .user = "x", .password = password };
        g_autofree char *want = g_strdup_printf("\n%s\n", rows[i].want);
        g_autofree char *text = NULL;
        struct trace_entry *e;
        struct sheet s;

        sheet_open(&s, 1000);
        e = trace_begin(s.trace, &auth);
        /* A byte at a time: it may come in any pieces. */
        for (const char *p = rows[i].body; *p != '\0'; p++)
            trace_add(e, TRACE_BODY_IN, p, 1);
        trace_end(e, "x");
        text = sheet_close(&s);
        CHECK_ROW(rows[i].name, strstr(text, want) != NULL);
    }
}

/* The cut must not leave the first half of a password. */
static void test_bodies_are_cut(void)
{
    g_autoptr(secret) password = secret_new("hunter2", 7);
    const struct net_auth auth = { .user = "x", .password = password };
    g_autofree char *flood = g_strnfill(1000000, 'y');
    g_autofree char *text = NULL;
    struct trace_entry *e;
    struct sheet s;

    sheet_open(&s, 10);
    e = trace_begin(s.trace, &auth);
    add(e, TRACE_BODY_OUT, "<a>xxxhunter2</a>");
    add(e, TRACE_BODY_IN, flood);
    add(e, TRACE_BODY_IN, flood);
    trace_end(e, "x");
    text = sheet_close(&s);
    g_assert_nonnull(strstr(text, "\n<a>xxx<redacted>\n[4 bytes more]\n"));
    g_assert_null(strstr(text, "hunt"));
    g_assert_nonnull(strstr(text, "\nyyyyyyyyyy\n[1999990 bytes more]\n"));
    g_assert_cmpuint(strlen(text), <, 300);
}

/* What the mark is shorter by must not make room for half a password. */
static void test_the_cut_stays_where_it_is(void)
{
    const char *long_one = "0123456789abcdefghijklmnopqrstuv";
    g_autoptr(secret) password = secret_new(long_one, strlen(long_one));
    const struct net_auth auth = { .user = "x", .password = password };
    g_autofree char *body = g_strconcat(long_one, "yyyyyyyy", long_one, NULL);
    g_autofree char *text = NULL;
    struct trace_entry *e;
    struct sheet s;

    sheet_open(&s, 38);
    e = trace_begin(s.trace, &auth);
    add(e, TRACE_BODY_OUT, body);
    trace_end(e, "x");
    text = sheet_close(&s);
    g_assert_nonnull(strstr(text, "\n<redacted>yyyyyy\n[34 bytes more]\n"));
}

static void test_no_controls(void)
{
    g_autofree char *text = NULL;
    struct trace_entry *e;
    struct sheet s;

    sheet_open(&s, 1000);
    e = trace_begin(s.trace, NULL);
    add(e, TRACE_HEADER_IN, "X: \x1b[2J\n");
    trace_add(e, TRACE_BODY_IN, "a\0b\x1b\x7f\tc\n", 8);
    trace_end(e, "x");
    text = sheet_close(&s);
    g_assert_nonnull(strstr(text, "\n< X: .[2J\n"));
    g_assert_nonnull(strstr(text, "\na.b..\tc\n"));
}

static void test_the_file_is_ours_alone(void)
{
    g_autofree char *dir = g_dir_make_tmp("trace-test-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(dir, "trace", NULL);
    struct net_trace *t = NULL;
    struct stat st;
    struct err err;

    /* Even if it was there and was not. */
    g_assert_true(g_file_set_contents(path, "old", 3, NULL));
    g_assert_cmpint(chmod(path, 0644), ==, 0);
    CHECK_OK(net_trace_open(path, 10, &t, &err), &err);
    g_assert_cmpint(stat(path, &st), ==, 0);
    g_assert_cmpint(st.st_mode & 0777, ==, 0600);
    g_assert_cmpint(st.st_size, ==, 0);
    net_trace_close(t);
    g_assert_cmpint(remove(path), ==, 0);

    t = NULL;
    g_assert_cmpint(net_trace_open(dir, 10, &t, &err), ==, -1);
    g_assert_nonnull(strstr(err.msg, dir));
    g_assert_null(t);
    net_trace_close(NULL);
    g_assert_cmpint(remove(dir), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/trace/layout", test_what_it_looks_like);
    g_test_add_func("/trace/confidential", test_confidential_bodies);
    g_test_add_func("/trace/headers", test_headers_that_open_doors);
    g_test_add_func("/trace/bodies", test_passwords_in_bodies);
    g_test_add_func("/trace/cut", test_bodies_are_cut);
    g_test_add_func("/trace/cut-stays", test_the_cut_stays_where_it_is);
    g_test_add_func("/trace/controls", test_no_controls);
    g_test_add_func("/trace/file", test_the_file_is_ours_alone);
    return g_test_run();
}
