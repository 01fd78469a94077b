#include "base/log.h"

#include <pthread.h>

#include "base/check.h"
#include "base/timestamp.h"

/* What one call wrote.  The caller frees. */
struct sheet {
    FILE *out;
    char *text;
    size_t len;
};

static void sheet_open(struct sheet *s)
{
    *s = (struct sheet){ .out = NULL };
    s->out = open_memstream(&s->text, &s->len);
    g_assert_nonnull(s->out);
}

static void sheet_close(struct sheet *s)
{
    fclose(s->out);
    free(s->text);
}

/* The line without its time, which must be one. */
static const char *after_time(const char *line)
{
    g_autofree char *time = g_strndup(line, strcspn(line, " "));
    int64_t us;

    g_assert_true(timestamp_parse(time, &us));
    return line + strlen(time) + 1;
}

static void test_text(void)
{
    static const struct {
        const char *name, *subject, *text, *want;
    } rows[] = {
        /* clang-format off */
        { "plain", "mailbox a@b", "copied 3 items",
          "info: mailbox a@b: copied 3 items\n" },
        { "no subject", NULL, "started", "info: started\n" },
        { "forged line", "mailbox a", "x\n2026-01-01T00:00:00Z error: y",
          "info: mailbox a: x\\u000a2026-01-01T00:00:00Z error: y\n" },
        { "forged in the subject", "a\rb", "x", "info: a\\u000db: x\n" },
        { "escape sequence", NULL, "\x1b[2J", "info: \\u001b[2J\n" },
        { "C1 control", NULL, "\xc2\x9b", "info: \\u009b\n" },
        { "line separator", NULL, "\xe2\x80\xa8", "info: \\u2028\n" },
        { "turned writing", NULL, "\xe2\x80\xae", "info: \\u202e\n" },
        { "beyond the first plane", NULL, "\xf3\xa0\x80\x81",
          "info: \\udb40\\udc01\n" },
        { "umlaut stays", NULL, "Entw\xc3\xbcrfe", "info: Entw\xc3\xbcrfe\n" },
        { "not UTF-8", NULL, "caf\xe9", "info: caf\xef\xbf\xbd\n" },
        { "quotes stay", NULL, "folder \"x\\y\"", "info: folder \"x\\y\"\n" },
        /* clang-format on */
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct sheet s;
        struct log *log;

        sheet_open(&s);
        log = log_new(s.out, LOG_INFO, false);
        log_line(log, LOG_INFO, rows[i].subject, "%s", rows[i].text);
        CHECK_ROW(rows[i].name, strcmp(after_time(s.text), rows[i].want) == 0);
        log_free(log);
        sheet_close(&s);
    }
}

static void test_json(void)
{
    static const struct {
        const char *name, *subject, *text, *want;
    } rows[] = {
        /* clang-format off */
        { "plain", "mailbox a@b", "copied",
          "\"level\":\"warning\",\"subject\":\"mailbox a@b\","
          "\"message\":\"copied\"}\n" },
        { "no subject", NULL, "x",
          "\"level\":\"warning\",\"message\":\"x\"}\n" },
        { "quote and backslash", NULL, "\"\\",
          "\"level\":\"warning\",\"message\":\"\\\"\\\\\"}\n" },
        { "controls", NULL, "\n\t\x7f",
          "\"level\":\"warning\",\"message\":\"\\u000a\\u0009\\u007f\"}\n" },
        /* clang-format on */
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct sheet s;
        struct log *log;

        sheet_open(&s);
        log = log_new(s.out, LOG_INFO, true);
        log_line(log, LOG_WARNING, rows[i].subject, "%s", rows[i].text);
        g_assert_true(g_str_has_prefix(s.text, "{\"time\":\"2"));
        CHECK_ROW(rows[i].name,
                  strcmp(strchr(s.text, ',') + 1, rows[i].want) == 0);
        log_free(log);
        sheet_close(&s);
    }
}

static void test_err(void)
{
    struct sheet s;
    struct log *log;
    struct err err;

    err_set(&err, ERR_MAILBOX, ERR_RETRY_NEVER, 0, "no rights");
    err_remedy(&err, "grant \"them\"");
    err.name = "ErrorAccessDenied";

    sheet_open(&s);
    log = log_new(s.out, LOG_ERROR, false);
    log_err(log, LOG_ERROR, "mailbox a", &err);
    g_assert_cmpstr(after_time(s.text), ==,
                    "error: mailbox a: no rights (grant \"them\")\n");
    log_free(log);
    sheet_close(&s);

    sheet_open(&s);
    log = log_new(s.out, LOG_ERROR, true);
    log_err(log, LOG_ERROR, NULL, &err);
    g_assert_cmpstr(strchr(s.text, ',') + 1, ==,
                    "\"level\":\"error\",\"message\":\"no rights\","
                    "\"scope\":\"mailbox\",\"name\":\"ErrorAccessDenied\","
                    "\"remedy\":\"grant \\\"them\\\"\"}\n");
    log_free(log);
    sheet_close(&s);
}

static void test_weight(void)
{
    struct sheet s;
    struct log *log;
    struct err err = { .msg = "x" };

    sheet_open(&s);
    log = log_new(s.out, LOG_WARNING, false);
    log_line(log, LOG_INFO, NULL, "too light");
    log_err(log, LOG_DEBUG, NULL, &err);
    log_line(NULL, LOG_ERROR, NULL, "no log");
    log_err(NULL, LOG_ERROR, NULL, &err);
    g_assert_cmpuint(s.len, ==, 0);
    log_line(log, LOG_WARNING, NULL, "heavy enough");
    g_assert_cmpuint(s.len, >, 0);
    log_free(log);
    log_free(NULL);
    sheet_close(&s);
}

static void test_a_flood_is_cut(void)
{
    g_autofree char *flood = g_strnfill(1000000, 'x');
    struct sheet s;
    struct log *log;

    sheet_open(&s);
    log = log_new(s.out, LOG_INFO, false);
    log_line(log, LOG_INFO, flood, "%s", flood);
    g_assert_cmpuint(s.len, <, 10000);
    g_assert_true(g_str_has_suffix(s.text, "x...\n"));
    log_free(log);
    sheet_close(&s);
}

static void *write_lines(void *log)
{
    for (int i = 0; i < 200; i++)
        log_line(log, LOG_INFO, "mailbox", "one whole line");
    return NULL;
}

static void test_threads_write_whole_lines(void)
{
    g_auto(GStrv) lines = NULL;
    pthread_t threads[4];
    struct sheet s;
    struct log *log;

    sheet_open(&s);
    log = log_new(s.out, LOG_INFO, false);
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        g_assert_cmpint(pthread_create(&threads[i], NULL, write_lines, log), ==,
                        0);
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        pthread_join(threads[i], NULL);
    lines = g_strsplit(s.text, "\n", -1);
    g_assert_cmpuint(g_strv_length(lines), ==, 801);
    for (size_t i = 0; i < 800; i++)
        g_assert_cmpstr(after_time(lines[i]), ==,
                        "info: mailbox: one whole line");
    log_free(log);
    sheet_close(&s);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/log/text", test_text);
    g_test_add_func("/log/json", test_json);
    g_test_add_func("/log/err", test_err);
    g_test_add_func("/log/weight", test_weight);
    g_test_add_func("/log/flood", test_a_flood_is_cut);
    g_test_add_func("/log/threads", test_threads_write_whole_lines);
    return g_test_run();
}
