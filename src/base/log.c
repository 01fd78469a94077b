#include "base/log.h"

#include <pthread.h>
#include <stdatomic.h>

#include <glib.h>

#include "base/timestamp.h"

/* A text that was fed from outside must not fill the operator's disk. */
#define TEXT_MAX 4000

struct log {
    FILE *out;
    atomic_int level; /* enum log_level */
    bool json;
    pthread_mutex_t out_lock; /* one line at a time */
};

static const char *const level_names[] = {
    [LOG_ERROR] = "error",
    [LOG_WARNING] = "warning",
    [LOG_INFO] = "info",
    [LOG_DEBUG] = "debug",
};

struct log *log_new(FILE *out, enum log_level level, bool json)
{
    struct log *log = g_new0(struct log, 1);

    log->out = out;
    atomic_init(&log->level, (int)level);
    log->json = json;
    pthread_mutex_init(&log->out_lock, NULL);
    return log;
}

void log_set_level(struct log *log, enum log_level level)
{
    atomic_store(&log->level, (int)level);
}

void log_free(struct log *log)
{
    if (log == NULL)
        return;
    pthread_mutex_destroy(&log->out_lock);
    g_free(log);
}

/*
 * What a terminal, or a person's eye, could take for something else than a
 * character of this line: controls, line and paragraph separators, and the
 * invisible marks that turn the direction of writing.
 */
static bool is_unsafe(gunichar c)
{
    GUnicodeType type = g_unichar_type(c);

    return type == G_UNICODE_CONTROL || type == G_UNICODE_FORMAT ||
           type == G_UNICODE_LINE_SEPARATOR ||
           type == G_UNICODE_PARAGRAPH_SEPARATOR;
}

/* Both forms write \uXXXX, so an escape reads the same in text and JSON. */
static void append_escape(GString *line, gunichar c)
{
    if (c < 0x10000) {
        g_string_append_printf(line, "\\u%04x", c);
        return;
    }
    c -= 0x10000;
    g_string_append_printf(line, "\\u%04x\\u%04x", 0xd800 + (c >> 10),
                           0xdc00 + (c & 0x3ff));
}

static void append_text(GString *line, const char *text, bool json)
{
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    size_t start = line->len;

    for (char *p = valid; *p != '\0'; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);

        if (line->len - start > TEXT_MAX) {
            g_string_append(line, "...");
            return;
        }
        if (is_unsafe(c))
            append_escape(line, c);
        else if (json && (c == '"' || c == '\\'))
            g_string_append_printf(line, "\\%c", (char)c);
        else
            g_string_append_unichar(line, c);
    }
}

static void append_field(GString *line, const char *name, const char *text)
{
    if (text == NULL)
        return;
    g_string_append_printf(line, ",\"%s\":\"", name);
    append_text(line, text, true);
    g_string_append_c(line, '"');
}

struct event {
    enum log_level level;
    const char *subject, *text;
    const struct err *err; /* or NULL */
};

static void format_json(GString *line, const struct event *e, const char *time)
{
    g_string_append_printf(line, "{\"time\":\"%s\",\"level\":\"%s\"", time,
                           level_names[e->level]);
    append_field(line, "subject", e->subject);
    append_field(line, "message", e->text);
    if (e->err != NULL) {
        append_field(line, "scope", err_scope_name(e->err->scope));
        append_field(line, "name", e->err->name);
        append_field(line, "remedy", e->err->remedy);
    }
    g_string_append(line, "}\n");
}

static void format_text(GString *line, const struct event *e, const char *time)
{
    g_string_append_printf(line, "%s %s: ", time, level_names[e->level]);
    if (e->subject != NULL) {
        append_text(line, e->subject, false);
        g_string_append(line, ": ");
    }
    append_text(line, e->text, false);
    if (e->err != NULL && e->err->remedy != NULL) {
        g_string_append(line, " (");
        append_text(line, e->err->remedy, false);
        g_string_append_c(line, ')');
    }
    g_string_append_c(line, '\n');
}

static void write_event(struct log *log, const struct event *e)
{
    g_autofree char *time = timestamp_format(timestamp_now());
    GString *line = g_string_new(NULL);

    if (log->json)
        format_json(line, e, time);
    else
        format_text(line, e, time);
    /*
     * stdio has a lock of its own, but one that ThreadSanitizer cannot see.
     * Where the log itself cannot be written there is nobody to tell.
     */
    pthread_mutex_lock(&log->out_lock);
    (void)fwrite(line->str, 1, line->len, log->out);
    (void)fflush(log->out);
    pthread_mutex_unlock(&log->out_lock);
    g_string_free(line, TRUE);
}

void log_line(struct log *log, enum log_level level, const char *subject,
              const char *fmt, ...)
{
    g_autofree char *text = NULL;
    va_list ap;

    if (log == NULL || (int)level > atomic_load(&log->level))
        return;
    va_start(ap, fmt);
    text = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    write_event(log, &(struct event){ level, subject, text, NULL });
}

void log_err(struct log *log, enum log_level level, const char *subject,
             const struct err *err)
{
    if (log == NULL || (int)level > atomic_load(&log->level))
        return;
    write_event(log, &(struct event){ level, subject, err->msg, err });
}
