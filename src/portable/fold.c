#include "portable/fold.h"

#include <string.h>

/* A tag longer than this is text to us; a meta tag is far shorter. */
#define TAG_MAX 1024u

struct fold {
    enum fold_kind kind;
    GChecksum *sum;
    bool any;          /* something was hashed */
    bool seen;         /* FOLD_HTML: and a reader sees something of it */
    bool space;        /* white space is pending */
    unsigned int ends; /* of lines, pending */
    GString *blanks;   /* of a line, pending: FOLD_LINES */
    bool in_tag, after_tag;
    GString *tag;
};

struct fold *fold_new(enum fold_kind kind)
{
    struct fold *f = g_new0(struct fold, 1);

    f->kind = kind;
    f->sum = g_checksum_new(G_CHECKSUM_SHA256);
    f->blanks = g_string_new(NULL);
    f->tag = g_string_new(NULL);
    return f;
}

void fold_free(struct fold *f)
{
    if (f == NULL)
        return;
    g_checksum_free(f->sum);
    g_string_free(f->blanks, TRUE);
    g_string_free(f->tag, TRUE);
    g_free(f);
}

static void hash(struct fold *f, const char *bytes, size_t n)
{
    g_checksum_update(f->sum, (const guchar *)bytes, (gssize)n);
    f->any = true;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f';
}

static void put_word_char(struct fold *f, char c)
{
    if (is_blank(c)) {
        f->space = f->any && !f->after_tag;
        return;
    }
    if (f->space)
        hash(f, " ", 1);
    f->space = f->after_tag = false;
    f->seen = true;
    hash(f, &c, 1);
}

/* ---- HTML ---------------------------------------------------------------- */

static bool is_tag(const GString *tag, const char *name)
{
    const char *own = tag->str + (tag->len > 1 && tag->str[1] == '/' ? 2 : 1);
    size_t n = strlen(name);

    return g_ascii_strncasecmp(own, name, n) == 0 && !g_ascii_isalnum(own[n]);
}

/*
 * Without text in them nobody sees them: a server makes a whole document of
 * an empty body.
 */
static bool is_frame(const GString *tag)
{
    static const char *const names[] = { "html", "head", "body", "div",
                                         "p",    "br",   "span", "font" };

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (is_tag(tag, names[i]))
            return true;
    return false;
}

/*
 * A meta tag says which charset and which program: both are the server's
 * own.  Inside other tags servers leave things alone but for line breaks.
 */
static void end_tag(struct fold *f)
{
    bool blank = false;

    f->in_tag = f->space = false;
    f->after_tag = true;
    if (is_tag(f->tag, "meta"))
        return;
    if (!is_frame(f->tag))
        f->seen = true;
    for (size_t i = 0; i < f->tag->len; i++) {
        if (is_blank(f->tag->str[i])) {
            blank = true;
            continue;
        }
        if (blank)
            hash(f, " ", 1);
        blank = false;
        hash(f, &f->tag->str[i], 1);
    }
}

/* What began like a tag is text after all. */
static void give_tag_up(struct fold *f)
{
    f->in_tag = false;
    for (size_t i = 0; i < f->tag->len; i++)
        put_word_char(f, f->tag->str[i]);
}

static void put_html_char(struct fold *f, char c)
{
    if (c == '<' && !f->in_tag) {
        f->in_tag = true;
        g_string_truncate(f->tag, 0);
    }
    if (!f->in_tag) {
        put_word_char(f, c);
        return;
    }
    g_string_append_c(f->tag, c);
    if (c == '>')
        end_tag(f);
    else if (f->tag->len > TAG_MAX)
        give_tag_up(f);
}

/* ---- lines --------------------------------------------------------------- */

static void put_line_char(struct fold *f, char c)
{
    if (c == '\r')
        return;
    if (c == '\n') {
        f->ends++;
        g_string_truncate(f->blanks, 0);
        return;
    }
    /* Blanks of any number before a line's end are none: keep a few. */
    if ((c == ' ' || c == '\t') && f->blanks->len < TAG_MAX) {
        g_string_append_c(f->blanks, c);
        return;
    }
    for (; f->ends > 0; f->ends--)
        hash(f, "\n", 1);
    if (f->blanks->len > 0)
        hash(f, f->blanks->str, f->blanks->len);
    g_string_truncate(f->blanks, 0);
    hash(f, &c, 1);
}

void fold_feed(struct fold *f, const char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (f->kind == FOLD_LINES)
            put_line_char(f, bytes[i]);
        else if (f->kind == FOLD_HTML)
            put_html_char(f, bytes[i]);
        else
            put_word_char(f, bytes[i]);
    }
}

char *fold_end(struct fold *f)
{
    if (f->in_tag)
        give_tag_up(f);
    if (!f->any || (f->kind == FOLD_HTML && !f->seen))
        return NULL;
    return g_strdup(g_checksum_get_string(f->sum));
}

char *fold_text(enum fold_kind kind, const char *text)
{
    g_autoptr(fold) f = fold_new(kind);

    fold_feed(f, text, strlen(text));
    return fold_end(f);
}
