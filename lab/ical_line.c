#include <string.h>

#include "lab/ical_priv.h"

/* RFC 5545 3.1: octets in a line, without its end. */
enum { LINE_BYTES = 75, PART_MAX = 256 };

/* ---- out ------------------------------------------------------------- */

void ical_line(GString *to, const char *line)
{
    size_t at = 0;

    for (const char *p = line; *p != '\0';) {
        const char *next = g_utf8_next_char(p);
        size_t n = (size_t)(next - p);

        if (at + n > LINE_BYTES) {
            g_string_append(to, "\r\n ");
            at = 1;
        }
        g_string_append_len(to, p, (gssize)n);
        at += n;
        p = next;
    }
    g_string_append(to, "\r\n");
}

void ical_linef(GString *to, const char *format, ...)
{
    g_autofree char *line = NULL;
    va_list ap;

    va_start(ap, format);
    line = g_strdup_vprintf(format, ap);
    va_end(ap);
    ical_line(to, line);
}

void ical_text(GString *to, const char *name, const char *text)
{
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    GString *s = g_string_new(name);

    g_string_append_c(s, ':');
    for (const char *p = valid; *p != '\0'; p++) {
        if (*p == '\n')
            g_string_append(s, "\\n");
        else if (strchr("\\;,", *p) != NULL)
            g_string_append_printf(s, "\\%c", *p);
        else if ((unsigned char)*p >= 0x20 || *p == '\t')
            g_string_append_c(s, *p);
    }
    ical_line(to, s->str);
    g_string_free(s, TRUE);
}

/* ---- in -------------------------------------------------------------- */

static void prop_free(void *data)
{
    struct ical_prop *p = data;

    g_free(p->name);
    g_free(p->params);
    g_free(p->value);
    g_free(p);
}

static struct ical_component *component_new(const char *name)
{
    struct ical_component *c = g_new(struct ical_component, 1);

    c->name = g_ascii_strup(name, -1);
    c->props = g_ptr_array_new_with_free_func(prop_free);
    c->children =
        g_ptr_array_new_with_free_func((GDestroyNotify)ical_component_free);
    return c;
}

void ical_component_free(struct ical_component *c)
{
    if (c == NULL)
        return;
    g_free(c->name);
    g_ptr_array_unref(c->props);
    g_ptr_array_unref(c->children);
    g_free(c);
}

/* Lines with their folds undone, as valid UTF-8. */
static GPtrArray *unfold(const char *text, size_t len)
{
    g_autofree char *valid = g_utf8_make_valid(text, (gssize)len);
    GPtrArray *lines = g_ptr_array_new_with_free_func(g_free);
    GString *line = g_string_new(NULL);

    for (const char *p = valid; lines->len < ICAL_LINES_MAX; p++) {
        if (*p == '\r')
            continue;
        if (*p == '\n' && (p[1] == ' ' || p[1] == '\t')) {
            p++;
            continue;
        }
        if (*p != '\n' && *p != '\0') {
            g_string_append_c(line, *p);
            continue;
        }
        if (line->len > 0)
            g_ptr_array_add(lines, g_strdup(line->str));
        g_string_truncate(line, 0);
        if (*p == '\0')
            break;
    }
    g_string_free(line, TRUE);
    return lines;
}

/* The colon that ends the parameters: not one in quotes. */
static const char *value_at(const char *line)
{
    bool quoted = false;

    for (const char *p = line; *p != '\0'; p++) {
        if (*p == '"')
            quoted = !quoted;
        else if (*p == ':' && !quoted)
            return p;
    }
    return NULL;
}

/* NULL when the line is no property. */
static struct ical_prop *prop_new(const char *line)
{
    const char *colon = value_at(line);
    size_t n = strcspn(line, ";:");
    g_autofree char *name = g_strndup(line, n);
    struct ical_prop *p;

    if (colon == NULL || n == 0)
        return NULL;
    p = g_new(struct ical_prop, 1);
    p->name = g_ascii_strup(name, -1);
    p->params =
        line + n < colon
            ? g_strndup(line + n + 1, (gsize)(colon - line - (gssize)n) - 1)
            : g_strdup("");
    p->value = g_strdup(colon + 1);
    return p;
}

struct ical_component *ical_read(const char *text, size_t len)
{
    g_autoptr(GPtrArray) lines = unfold(text, len);
    struct ical_component *stack[ICAL_DEPTH_MAX];
    unsigned int depth = 0, beyond = 0;
    struct ical_component *root = NULL;

    for (guint i = 0; i < lines->len; i++) {
        struct ical_prop *p = prop_new(lines->pdata[i]);
        bool begin = p != NULL && strcmp(p->name, "BEGIN") == 0;
        bool end = p != NULL && strcmp(p->name, "END") == 0;

        if (p == NULL)
            continue;
        if (begin && root == NULL &&
            g_ascii_strcasecmp(p->value, "VCALENDAR") == 0) {
            stack[depth++] = root = component_new(p->value);
        } else if (begin && depth > 0 && depth < ICAL_DEPTH_MAX &&
                   beyond == 0) {
            struct ical_component *c = component_new(p->value);

            g_ptr_array_add(stack[depth - 1]->children, c);
            stack[depth++] = c;
        } else if (begin && depth > 0) {
            beyond++;
        } else if (end && beyond > 0) {
            beyond--;
        } else if (end && depth > 0) {
            depth--;
        } else if (depth > 0 && beyond == 0 && !end) {
            g_ptr_array_add(stack[depth - 1]->props, p);
            p = NULL;
        }
        if (p != NULL)
            prop_free(p);
        if (root != NULL && depth == 0)
            break;
    }
    return root;
}

const struct ical_prop *ical_find(const struct ical_component *c,
                                  const char *name)
{
    for (guint i = 0; i < c->props->len; i++) {
        const struct ical_prop *p = c->props->pdata[i];

        if (strcmp(p->name, name) == 0)
            return p;
    }
    return NULL;
}

const struct ical_component *ical_child(const struct ical_component *c,
                                        const char *name)
{
    for (guint i = 0; i < c->children->len; i++) {
        const struct ical_component *child = c->children->pdata[i];

        if (strcmp(child->name, name) == 0)
            return child;
    }
    return NULL;
}

char *ical_part(const char *value, const char *name)
{
    size_t n = strlen(name);

    for (const char *p = value; p != NULL && *p != '\0';) {
        const char *end = p;
        bool quoted = false;

        for (; *end != '\0' && (quoted || *end != ';'); end++)
            quoted ^= *end == '"';
        if ((size_t)(end - p) > n && p[n] == '=' &&
            g_ascii_strncasecmp(p, name, n) == 0)
            return g_strndup(p + n + 1, (gsize)(end - p) - n - 1);
        p = *end != '\0' ? end + 1 : end;
    }
    return NULL;
}

char *ical_param(const struct ical_prop *p, const char *name)
{
    char *value = p != NULL ? ical_part(p->params, name) : NULL;
    size_t n = value != NULL ? strlen(value) : 0;

    if (n >= 2 && value[0] == '"' && value[n - 1] == '"') {
        memmove(value, value + 1, n - 2);
        value[n - 2] = '\0';
    }
    return value;
}

char *ical_text_of(const struct ical_prop *p)
{
    GString *s;

    if (p == NULL)
        return NULL;
    s = g_string_new(NULL);
    for (const char *c = p->value; *c != '\0'; c++) {
        if (*c != '\\' || c[1] == '\0')
            g_string_append_c(s, *c);
        else if (*++c == 'n' || *c == 'N')
            g_string_append(s, "\r\n");
        else
            g_string_append_c(s, *c);
    }
    return g_string_free(s, FALSE);
}
