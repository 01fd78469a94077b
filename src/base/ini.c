#include "base/ini.h"

#include <stdbool.h>
#include <string.h>

#include <glib.h>

#define UTF8_BOM "\xef\xbb\xbf"

struct reading {
    const struct ini_visitor *visitor;
    uint32_t line;
    char *section; /* owned; NULL before the first */
};

static void fault(const struct reading *r, const char *text)
{
    r->visitor->fault(r->visitor->data, r->line, text);
}

static bool is_name(const char *text)
{
    if (*text == '\0')
        return false;
    for (; *text != '\0'; text++)
        if (!g_ascii_isalnum(*text) && *text != '-' && *text != '_')
            return false;
    return true;
}

static void read_section(struct reading *r, char *line)
{
    char *end = strchr(line, ']');

    if (end == NULL || end[1] != '\0') {
        fault(r, "a section is written [name]");
        return;
    }
    *end = '\0';
    if (!is_name(line + 1)) {
        fault(r, "the name of a section is letters, digits and dashes");
        return;
    }
    g_free(r->section);
    r->section = g_strdup(line + 1);
    r->visitor->section(r->visitor->data, r->line, r->section);
}

static void read_entry(struct reading *r, char *line)
{
    struct ini_entry e = { .line = r->line, .section = r->section };
    char *equals = strchr(line, '=');

    if (equals == NULL) {
        fault(r, "neither [section] nor key = value nor a comment");
        return;
    }
    *equals = '\0';
    e.key = g_strstrip(line);
    e.value = g_strstrip(equals + 1);
    if (!is_name(e.key))
        fault(r, "the name of a key is letters, digits and dashes");
    else if (e.section == NULL)
        fault(r, "a key stands before the first [section]");
    else
        r->visitor->entry(r->visitor->data, &e);
}

static void read_line(struct reading *r, const char *text, size_t n)
{
    g_autofree char *copy = NULL;
    char *line;

    if (n > INI_LINE_MAX) {
        fault(r, "the line is too long");
        return;
    }
    if (!g_utf8_validate(text, (gssize)n, NULL)) {
        fault(r, "the line is not UTF-8");
        return;
    }
    copy = g_strndup(text, n);
    line = g_strstrip(copy);
    for (const char *p = line; *p != '\0'; p++) {
        if (g_ascii_iscntrl(*p) && *p != '\t') {
            fault(r, "the line holds a control character");
            return;
        }
    }
    if (*line == '\0' || *line == '#' || *line == ';')
        return;
    if (*line == '[')
        read_section(r, line);
    else
        read_entry(r, line);
}

void ini_read(const char *text, size_t n, const struct ini_visitor *visitor)
{
    struct reading r = { .visitor = visitor };
    const char *end = text + n;

    if (n >= strlen(UTF8_BOM) && memcmp(text, UTF8_BOM, strlen(UTF8_BOM)) == 0)
        text += strlen(UTF8_BOM);
    while (text < end) {
        const char *stop = memchr(text, '\n', (size_t)(end - text));

        if (stop == NULL)
            stop = end;
        r.line++;
        read_line(&r, text, (size_t)(stop - text));
        text = stop + 1;
    }
    g_free(r.section);
}
