/*
 * An HTML body's text, for reading alone: it is never shown.
 *
 * No tree is built: tags are taken as they come, wrong as they may be.  Blocks
 * make lines, cells tabs, links are followed by where they go, and what is
 * quoted stands behind ">", as in plain text.
 */
#include <stdlib.h>
#include <string.h>

#include "desk/mail_priv.h"

/* Quotes in quotes; deeper ones count as the last. */
#define QUOTES_MAX 64
/* Longest link that is written behind its text, and any one entity. */
#define LINK_MAX   2000
#define ENTITY_MAX 10

struct html {
    GString *out;
    bool blank;      /* white space is due before the next word */
    bool line;       /* the line has words */
    bool due;        /* it has ended; the end of a cell takes that back */
    bool pre;        /* white space counts */
    guint64 quoting; /* a bit a blockquote: is it a quote? */
    guint depth;
    char *link;        /* of the link that is open */
    size_t link_start; /* where its text begins */
};

/* ---- characters ---------------------------------------------------------- */

/* The ones that mail programs write by name. */
static const struct {
    const char *name;
    gunichar c;
} entities[] = {
    { "amp", '&' },      { "lt", '<' },       { "gt", '>' },
    { "quot", '"' },     { "apos", '\'' },    { "nbsp", ' ' },
    { "ndash", 0x2013 }, { "mdash", 0x2014 }, { "hellip", 0x2026 },
    { "lsquo", 0x2018 }, { "rsquo", 0x2019 }, { "ldquo", 0x201c },
    { "rdquo", 0x201d }, { "bull", 0x2022 },  { "middot", 0xb7 },
    { "auml", 0xe4 },    { "ouml", 0xf6 },    { "uuml", 0xfc },
    { "Auml", 0xc4 },    { "Ouml", 0xd6 },    { "Uuml", 0xdc },
    { "szlig", 0xdf },   { "eacute", 0xe9 },  { "egrave", 0xe8 },
    { "agrave", 0xe0 },  { "aacute", 0xe1 },  { "ccedil", 0xe7 },
    { "ecirc", 0xea },   { "iacute", 0xed },  { "oacute", 0xf3 },
    { "uacute", 0xfa },  { "ntilde", 0xf1 },  { "euro", 0x20ac },
    { "sect", 0xa7 },    { "copy", 0xa9 },    { "reg", 0xae },
    { "pound", 0xa3 },   { "dollar", '$' },   { "num", '#' },
    { "excl", '!' },     { "commat", '@' },   { "colon", ':' },
    { "sol", '/' },      { "period", '.' },   { "percnt", '%' },
};

static gunichar number_of(const char *text)
{
    bool hex = *text == 'x' || *text == 'X';
    guint64 c = g_ascii_strtoull(text + hex, NULL, hex ? 16 : 10);

    if (c == 0xa0)
        return ' ';
    if (c > 0x10ffff || !g_unichar_validate((gunichar)c) ||
        g_unichar_iscntrl((gunichar)c))
        return ' ';
    return (gunichar)c;
}

static gunichar named(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(entities); i++)
        if (strcmp(entities[i].name, name) == 0)
            return entities[i].c;
    return 0;
}

/* The character at *at, which goes past it. */
static gunichar take_char(const char **at)
{
    const char *p = *at;
    char name[ENTITY_MAX + 1];
    size_t n;
    gunichar c;

    *at = g_utf8_next_char(p);
    if (*p != '&')
        return g_utf8_get_char(p);
    n = strcspn(p + 1, "; \t\n<&");
    if (p[1 + n] != ';' || n == 0 || n > ENTITY_MAX)
        return '&';
    memcpy(name, p + 1, n);
    name[n] = '\0';
    c = name[0] == '#' ? number_of(name + 1) : named(name);
    if (c == 0)
        return '&';
    *at = p + n + 2;
    return c;
}

static void flush_line(struct html *h)
{
    if (h->due)
        g_string_append_c(h->out, '\n');
    if (h->due)
        h->line = h->blank = false;
    h->due = false;
}

static void begin_line(struct html *h)
{
    if (h->quoting != 0)
        g_string_append(h->out, "> ");
    h->line = true;
}

static void put_char(struct html *h, gunichar c)
{
    if (h->pre && c == '\n') {
        flush_line(h);
        g_string_append_c(h->out, '\n');
        h->line = h->blank = false;
        return;
    }
    if (g_unichar_isspace(c) || g_unichar_iscntrl(c)) {
        h->blank = true;
        return;
    }
    flush_line(h);
    if (!h->line)
        begin_line(h);
    else if (h->blank)
        g_string_append_c(h->out, ' ');
    h->blank = false;
    g_string_append_unichar(h->out, c);
}

static void end_line(struct html *h)
{
    h->due |= h->line;
    h->blank = false;
}

/* ---- tags ---------------------------------------------------------------- */

struct tag {
    char *text; /* between < and >, without the slash */
    char name[16];
    bool end;
};

/* An attribute's value, its entities read; NULL: it has none.  Free it. */
static char *attribute(const struct tag *t, const char *name)
{
    size_t n = strlen(name);

    for (const char *at = t->text; *at != '\0'; at++) {
        const char *p = at + 1 + n;
        g_autofree char *raw = NULL;
        GString *value;

        if (!g_ascii_isspace(*at) || g_ascii_strncasecmp(at + 1, name, n) != 0)
            continue;
        p += strspn(p, " \t\n\r");
        if (*p != '=')
            continue;
        p += 1 + strspn(p + 1, " \t\n\r");
        raw = *p == '"' || *p == '\''
                  ? g_strndup(p + 1, strcspn(p + 1, *p == '"' ? "\"" : "'"))
                  : g_strndup(p, strcspn(p, " \t\n\r"));
        value = g_string_new(NULL);
        for (const char *r = raw; *r != '\0';)
            g_string_append_unichar(value, take_char(&r));
        return g_string_free(value, FALSE);
    }
    return NULL;
}

/* By type in Apple's Mail and Thunderbird, by class in Gmail and others. */
static bool is_quote(const struct tag *t)
{
    g_autofree char *type = attribute(t, "type");
    g_autofree char *class = attribute(t, "class");

    return g_strcmp0(type, "cite") == 0 ||
           (class != NULL && strstr(class, "quote") != NULL);
}

static void do_blockquote(struct html *h, const struct tag *t)
{
    end_line(h);
    if (!t->end) {
        if (h->depth < QUOTES_MAX)
            h->quoting |= (guint64)is_quote(t) << h->depth;
        h->depth++;
    } else if (h->depth > 0 && --h->depth < QUOTES_MAX) {
        h->quoting &= ~((guint64)1 << h->depth);
    }
}

/* Where it goes, unless the text says the same. */
static void close_link(struct html *h)
{
    g_autofree char *link = g_steal_pointer(&h->link);
    const char *text;

    if (link == NULL || h->link_start > h->out->len)
        return;
    text = h->out->str + h->link_start;
    if (strstr(text, link) == NULL && g_utf8_validate(link, -1, NULL)) {
        h->blank = true;
        put_char(h, '<');
        g_string_append(h->out, link);
        put_char(h, '>');
    }
}

static bool is_link(const char *text)
{
    if (text == NULL || strlen(text) > LINK_MAX ||
        g_ascii_strncasecmp(text, "http", 4) != 0)
        return false;
    for (; *text != '\0'; text++)
        if (!g_ascii_isgraph(*text) || strchr("<>", *text) != NULL)
            return false;
    return true;
}

static void do_link(struct html *h, const struct tag *t)
{
    g_autofree char *to = NULL;

    close_link(h);
    if (t->end)
        return;
    to = attribute(t, "href");
    if (is_link(to))
        h->link = g_steal_pointer(&to);
    h->link_start = h->out->len;
}

static void do_cell(struct html *h, const struct tag *t)
{
    if (t->end && h->line) {
        h->due = h->blank = false;
        g_string_append_c(h->out, '\t');
    }
}

static void do_break(struct html *h, const struct tag *t)
{
    (void)t;
    if (h->line && !h->due) {
        end_line(h);
        return;
    }
    flush_line(h);
    g_string_append_c(h->out, '\n');
}

static void do_rule(struct html *h, const struct tag *t)
{
    (void)t;
    end_line(h);
    flush_line(h);
    g_string_append(h->out, "________________________________\n");
}

static void do_pre(struct html *h, const struct tag *t)
{
    end_line(h);
    h->pre = !t->end;
}

/* The paragraph in a row's next cell goes on with its line. */
static void do_block(struct html *h, const struct tag *t)
{
    if (t->end || h->out->len == 0 || h->out->str[h->out->len - 1] != '\t')
        end_line(h);
}

static const struct {
    const char *name;
    void (*run)(struct html *h, const struct tag *t);
} tags[] = {
    { "a", do_link },
    { "br", do_break },
    { "td", do_cell },
    { "th", do_cell },
    { "hr", do_rule },
    { "pre", do_pre },
    { "blockquote", do_blockquote },
    { "p", do_block },
    { "div", do_block },
    { "li", do_block },
    { "ul", do_block },
    { "ol", do_block },
    { "h1", do_block },
    { "h2", do_block },
    { "h3", do_block },
    { "h4", do_block },
    { "section", do_block },
    { "article", do_block },
    { "dt", do_block },
    { "dd", do_block },
    { "tr", do_block },
    { "table", do_block },
};

static void run_tag(struct html *h, const struct tag *t)
{
    for (size_t i = 0; i < G_N_ELEMENTS(tags); i++)
        if (strcmp(tags[i].name, t->name) == 0) {
            tags[i].run(h, t);
            return;
        }
}

/* ---- the document -------------------------------------------------------- */

/* Past the ">" that ends a tag; quotes in it may hold one. */
static const char *tag_end(const char *at)
{
    char quote = '\0';

    for (; *at != '\0'; at++) {
        if (quote != '\0')
            quote = *at == quote ? '\0' : quote;
        else if (*at == '>')
            return at + 1;
        else if ((*at == '"' || *at == '\'') && at[-1] == '=')
            quote = *at;
    }
    return at;
}

/* What is between these is not for readers. */
static const char *const hidden[] = { "script", "style", "title" };

/* One that never ends hides the rest, as in a browser. */
static const char *skip_hidden(const char *at, const char *name)
{
    size_t n = strlen(name);

    while (*at != '\0') {
        const char *end = strstr(at, "</");

        if (end == NULL)
            return at + strlen(at);
        at = end + 2;
        if (g_ascii_strncasecmp(at, name, n) == 0)
            return tag_end(at);
    }
    return at;
}

static const char *read_tag(struct html *h, const char *at)
{
    const char *end = tag_end(at);
    struct tag t = { .end = at[1] == '/' };
    const char *begin = at + 1 + t.end;
    size_t n;

    /* One that never closes has no > to leave out. */
    t.text = g_strndup(begin, (gsize)(end - begin) - (end[-1] == '>'));
    n = strcspn(t.text, " \t\n\r/>");
    for (size_t i = 0; i < n && i + 1 < sizeof(t.name); i++)
        t.name[i] = g_ascii_tolower(t.text[i]);
    run_tag(h, &t);
    g_free(t.text);
    for (size_t i = 0; !t.end && i < G_N_ELEMENTS(hidden); i++)
        if (strcmp(t.name, hidden[i]) == 0)
            return skip_hidden(end, t.name);
    return end;
}

static const char *read_piece(struct html *h, const char *at)
{
    if (g_str_has_prefix(at, "<!--")) {
        const char *end = strstr(at + 4, "-->");

        return end != NULL ? end + 3 : at + strlen(at);
    }
    if (*at == '<' &&
        (g_ascii_isalpha(at[1]) || strchr("/!?", at[1]) != NULL) &&
        at[1] != '\0')
        return read_tag(h, at);
    put_char(h, take_char(&at));
    return at;
}

char *mail_html_text(const char *html)
{
    struct html h = { .out = g_string_new(NULL) };

    while (*html != '\0' && h.out->len < MAIL_TEXT_MAX)
        html = read_piece(&h, html);
    close_link(&h);
    flush_line(&h);
    return g_string_free(h.out, FALSE);
}
