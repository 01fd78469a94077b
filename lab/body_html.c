#include "lab/body.h"

#include <string.h>

/* ---- text to HTML -------------------------------------------------- */

static void escape_to(GString *out, const char *text, bool lines)
{
    for (const char *p = text; *p != '\0'; p++) {
        if (*p == '&')
            g_string_append(out, "&amp;");
        else if (*p == '<')
            g_string_append(out, "&lt;");
        else if (*p == '>')
            g_string_append(out, "&gt;");
        else if (*p == '\n' && lines)
            g_string_append(out, "<br>\r\n");
        else if (*p != '\r' || !lines)
            g_string_append_c(out, *p);
    }
}

char *body_escape(const char *text)
{
    GString *out = g_string_new(NULL);

    escape_to(out, text, true);
    return g_string_free(out, FALSE);
}

char *body_text_to_html(const char *text)
{
    GString *out = g_string_new(
        "<html>\r\n<head>\r\n<meta http-equiv=\"Content-Type\" "
        "content=\"text/html; charset=utf-8\">\r\n</head>\r\n<body>\r\n"
        "<div class=\"PlainText\">");

    escape_to(out, text, true);
    g_string_append(out, "</div>\r\n</body>\r\n</html>\r\n");
    return g_string_free(out, FALSE);
}

/* ---- HTML to text -------------------------------------------------- */

/* Where the reading of HTML is. */
struct reading {
    GString *out;
    const char *at;
    bool space;       /* white space is due before the next word */
    unsigned int pre; /* depth of <pre> */
};

/* Elements whose content is no text. */
static const char *const silent[] = { "script", "style", "head", "title" };

/* Elements that stand on lines of their own; twice: with an empty one. */
static const struct {
    const char *name;
    unsigned int lines;
} blocks[] = {
    { "br", 1 }, { "p", 2 },  { "div", 1 },        { "tr", 1 },  { "li", 1 },
    { "ul", 1 }, { "ol", 1 }, { "table", 1 },      { "h1", 2 },  { "h2", 2 },
    { "h3", 2 }, { "h4", 2 }, { "blockquote", 2 }, { "pre", 1 }, { "hr", 1 },
    { "dt", 1 }, { "dd", 1 }, { "section", 1 },
};

static const struct {
    const char *name;
    gunichar c;
} entities[] = {
    { "amp", '&' },       { "lt", '<' },       { "gt", '>' },
    { "quot", '"' },      { "apos", '\'' },    { "nbsp", 0xA0 },
    { "copy", 0xA9 },     { "reg", 0xAE },     { "euro", 0x20AC },
    { "auml", 0xE4 },     { "ouml", 0xF6 },    { "uuml", 0xFC },
    { "Auml", 0xC4 },     { "Ouml", 0xD6 },    { "Uuml", 0xDC },
    { "szlig", 0xDF },    { "eacute", 0xE9 },  { "egrave", 0xE8 },
    { "agrave", 0xE0 },   { "ccedil", 0xE7 },  { "ndash", 0x2013 },
    { "mdash", 0x2014 },  { "lsquo", 0x2018 }, { "rsquo", 0x2019 },
    { "ldquo", 0x201C },  { "rdquo", 0x201D }, { "bull", 0x2022 },
    { "hellip", 0x2026 },
};

static void new_lines(struct reading *r, unsigned int wanted)
{
    unsigned int have = 0;

    /* none at the start */
    for (gsize i = r->out->len; i >= 2 && r->out->str[i - 1] == '\n'; i -= 2)
        have++;
    if (r->out->len > 0)
        for (; have < wanted; have++)
            g_string_append(r->out, "\r\n");
    r->space = false;
}

static void put_char(struct reading *r, gunichar c)
{
    bool start = r->out->len == 0 || r->out->str[r->out->len - 1] == '\n';

    if (r->space && !start)
        g_string_append_c(r->out, ' ');
    r->space = false;
    g_string_append_unichar(r->out, c);
}

static gunichar entity_of(const char *name, size_t n)
{
    g_autofree char *text = g_strndup(name, n);
    bool hex = text[0] == '#' && (text[1] == 'x' || text[1] == 'X');
    guint64 c = 0;

    if (text[0] == '#') {
        if (!g_ascii_string_to_unsigned(text + (hex ? 2 : 1), hex ? 16 : 10, 1,
                                        0x10FFFF, &c, NULL) ||
            !g_unichar_validate((gunichar)c))
            return 0xFFFD;
        return (gunichar)c;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(entities); i++)
        if (strcmp(entities[i].name, text) == 0)
            return entities[i].c;
    return 0;
}

/* The longest name of an entity, with some room. */
#define ENTITY_MAX 12u

static void read_entity(struct reading *r)
{
    size_t n = strcspn(r->at + 1, "; &<\t\r\n");
    gunichar c = n > 0 && n <= ENTITY_MAX && r->at[1 + n] == ';'
                     ? entity_of(r->at + 1, n)
                     : 0;

    if (c == 0) {
        put_char(r, '&');
        r->at++;
        return;
    }
    put_char(r, c);
    r->at += n + 2;
}

/* Past the end of <name ...>'s content. */
static void skip_element(struct reading *r, const char *name)
{
    g_autofree char *end = g_strconcat("</", name, NULL);
    size_t n = strlen(end);

    while (*r->at != '\0' && g_ascii_strncasecmp(r->at, end, n) != 0)
        r->at++;
}

/* <ul><li>: the list's own break is not one of the item before it. */
static void break_at(struct reading *r, const char *name, bool closing)
{
    if (strcmp(name, "pre") == 0)
        r->pre = closing ? (r->pre > 0 ? r->pre - 1 : 0) : r->pre + 1;
    /* each <br> is a line, also an empty one */
    if (strcmp(name, "br") == 0) {
        g_string_append(r->out, "\r\n");
        r->space = false;
        return;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(blocks); i++)
        if (strcmp(blocks[i].name, name) == 0)
            new_lines(r, closing ? blocks[i].lines : 1);
    if (strcmp(name, "td") == 0 || strcmp(name, "th") == 0)
        r->space = true;
}

/* '<' that begins no tag is text. */
static bool is_tag(const char *at)
{
    return g_ascii_isalpha(at[1]) || at[1] == '/' || at[1] == '!' ||
           at[1] == '?';
}

static void read_tag(struct reading *r)
{
    bool closing = r->at[1] == '/';
    const char *start = r->at + (closing ? 2 : 1);
    g_autofree char *name = NULL;
    const char *end;
    size_t n = 0;

    if (g_str_has_prefix(r->at, "<!--")) {
        end = strstr(r->at, "-->");
        r->at = end != NULL ? end + 3 : r->at + strlen(r->at);
        return;
    }
    while (g_ascii_isalnum(start[n]))
        n++;
    name = g_ascii_strdown(start, (gssize)n);
    end = strchr(start, '>');
    r->at = end != NULL ? end + 1 : start + strlen(start);
    break_at(r, name, closing);
    for (size_t i = 0; !closing && i < G_N_ELEMENTS(silent); i++)
        if (strcmp(silent[i], name) == 0)
            skip_element(r, name);
}

static void read_char(struct reading *r)
{
    gunichar c = g_utf8_get_char(r->at);

    r->at = g_utf8_next_char(r->at);
    if (r->pre > 0 && c == '\n')
        g_string_append(r->out, "\r\n");
    else if (r->pre == 0 && (c == ' ' || c == '\t' || c == '\r' || c == '\n'))
        r->space = true;
    else if (c != '\r')
        put_char(r, c);
}

char *body_html_to_text(const char *html)
{
    g_autofree char *valid = g_utf8_make_valid(html, -1);
    struct reading r = { .out = g_string_new(NULL), .at = valid };

    while (*r.at != '\0') {
        if (*r.at == '<' && is_tag(r.at))
            read_tag(&r);
        else if (*r.at == '&')
            read_entity(&r);
        else
            read_char(&r);
    }
    return g_string_free(r.out, FALSE);
}
