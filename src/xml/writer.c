#include "xml/writer.h"

#include <string.h>

/* A part while the text may still move: by its place. */
struct stretch {
    size_t start, len;
    const struct blob *blob;
};

struct xml_writer {
    GString *text;
    GArray *stretches; /* of struct stretch */
    GPtrArray *open;   /* of const char *: elements not closed yet */
    GArray *parts;     /* of struct xml_part, once asked for */
    size_t flushed;    /* text that stands in a stretch already */
    bool in_tag;       /* the last start tag has no '>' yet */
};

struct xml_writer *xml_writer_new(void)
{
    struct xml_writer *w = g_new0(struct xml_writer, 1);

    w->text = g_string_new("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n");
    w->stretches = g_array_new(FALSE, FALSE, sizeof(struct stretch));
    w->open = g_ptr_array_new();
    w->parts = g_array_new(FALSE, FALSE, sizeof(struct xml_part));
    return w;
}

void xml_writer_free(struct xml_writer *w)
{
    if (w == NULL)
        return;
    g_string_free(w->text, TRUE);
    g_array_unref(w->stretches);
    g_ptr_array_unref(w->open);
    g_array_unref(w->parts);
    g_free(w);
}

static void end_tag_begun(struct xml_writer *w)
{
    if (w->in_tag)
        g_string_append_c(w->text, '>');
    w->in_tag = false;
}

/*
 * How character c is written, NULL when as itself.  White space is written
 * by number where a parser would make something else of it: a carriage
 * return everywhere, tabs and line ends in attributes ([XML] 2.11, 3.3.3).
 */
static const char *escape(gunichar c, bool attribute)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return attribute ? "&quot;" : NULL;
    case '\t':
        return attribute ? "&#9;" : NULL;
    case '\n':
        return attribute ? "&#10;" : NULL;
    case '\r':
        return "&#13;";
    default:
        return c < 0x20 || c == 0xfffe || c == 0xffff ? "\xef\xbf\xbd" : NULL;
    }
}

/* How much is written as it stands: ids, all of it, and they are the most. */
static size_t plain_span(const char *text)
{
    static const bool plain[256] = {
        [' '] = true,          ['!'] = true, ['#' ... '%'] = true,
        ['\'' ... ';'] = true, ['='] = true, ['?' ... '~'] = true,
    };
    size_t n = 0;

    while (plain[(guchar)text[n]])
        n++;
    return n;
}

static void append_escaped(struct xml_writer *w, const char *value,
                           bool attribute)
{
    size_t n = plain_span(value);
    g_autofree char *valid = NULL;

    g_string_append_len(w->text, value, (gssize)n);
    if (value[n] == '\0')
        return;
    /* U+FFFD for what is not UTF-8. */
    valid = g_utf8_make_valid(value + n, -1);
    for (const char *p = valid, *next; *p != '\0'; p = next) {
        const char *as = escape(g_utf8_get_char(p), attribute);

        next = p + g_utf8_skip[(guchar)*p];
        if (as != NULL)
            g_string_append(w->text, as);
        else
            g_string_append_len(w->text, p, next - p);
    }
}

void xml_open(struct xml_writer *w, const char *name)
{
    end_tag_begun(w);
    g_string_append_c(w->text, '<');
    g_string_append(w->text, name);
    /* Never written to: the array just has no const. */
    g_ptr_array_add(w->open, GSIZE_TO_POINTER(GPOINTER_TO_SIZE(name)));
    w->in_tag = true;
}

void xml_close(struct xml_writer *w)
{
    const char *name;

    g_assert(w->open->len > 0);
    name = g_ptr_array_steal_index(w->open, w->open->len - 1);
    if (w->in_tag)
        g_string_append(w->text, "/>");
    else
        g_string_append_printf(w->text, "</%s>", name);
    w->in_tag = false;
}

void xml_attribute(struct xml_writer *w, const char *name, const char *value)
{
    g_assert(w->in_tag);
    if (value == NULL)
        return;
    g_string_append_printf(w->text, " %s=\"", name);
    append_escaped(w, value, true);
    g_string_append_c(w->text, '"');
}

void xml_chars(struct xml_writer *w, const char *text)
{
    end_tag_begun(w);
    append_escaped(w, text, false);
}

/* Text written since the last blob becomes a stretch of its own. */
static void flush_text(struct xml_writer *w)
{
    struct stretch s = { .start = w->flushed,
                         .len = w->text->len - w->flushed };

    if (s.len > 0)
        g_array_append_val(w->stretches, s);
    w->flushed = w->text->len;
}

void xml_blob(struct xml_writer *w, const struct blob *b)
{
    struct stretch s = { .blob = b };

    end_tag_begun(w);
    flush_text(w);
    g_array_append_val(w->stretches, s);
}

void xml_element(struct xml_writer *w, const char *name, const char *text)
{
    xml_open(w, name);
    if (text != NULL)
        xml_chars(w, text);
    xml_close(w);
}

const struct xml_part *xml_writer_parts(struct xml_writer *w, size_t *ret_n)
{
    g_assert(w->open->len == 0);
    flush_text(w);
    for (guint i = w->parts->len; i < w->stretches->len; i++) {
        const struct stretch *s =
            &g_array_index(w->stretches, struct stretch, i);
        struct xml_part part = { .blob = s->blob };

        if (s->blob == NULL) {
            part.text = w->text->str + s->start;
            part.len = s->len;
        }
        g_array_append_val(w->parts, part);
    }
    *ret_n = w->parts->len;
    return (const struct xml_part *)(void *)w->parts->data;
}
