#include <string.h>

#include "desk/letter_priv.h"

bool letter_next_mark(const char *text, const char **ret_begin,
                      struct letter_mark *ret)
{
    const char *begin = strstr(text, "{{"), *name, *end;

    if (begin == NULL)
        return false;
    name = begin + 2;
    ret->sort = *name != '\0' && strchr("*&?", *name) != NULL ? *name : '\0';
    name += ret->sort != '\0';
    end = strstr(name, "}}");
    if (end == NULL || end == name ||
        end - name >= (ptrdiff_t)sizeof(ret->name))
        return false;
    g_strlcpy(ret->name, name, (gsize)(end - name) + 1);
    ret->end = end + 2;
    *ret_begin = begin;
    return true;
}

/* ---- one line ------------------------------------------------------------ */

/* item: of the line's list, or NULL. */
struct line {
    const struct letter_values *v;
    enum letter_form form;
    const char *item;
};

static void put_escaped(GString *out, const char *text, gssize n,
                        enum letter_form form)
{
    g_autofree char *escaped =
        form == LETTER_HTML ? g_markup_escape_text(text, n) : NULL;

    if (escaped != NULL)
        g_string_append(out, escaped);
    else
        g_string_append_len(out, text, n);
}

static bool is_web(const char *text)
{
    return g_str_has_prefix(text, "https://") ||
           g_str_has_prefix(text, "http://");
}

static void put_link(GString *out, const char *text, enum letter_form form)
{
    g_autofree char *escaped = g_markup_escape_text(text, -1);

    if (form == LETTER_HTML && is_web(text))
        g_string_append_printf(out, "<a href=\"%s\">%s</a>", escaped, escaped);
    else
        put_escaped(out, text, -1, form);
}

static const char *value_of(const struct line *l,
                            const struct letter_mark *mark)
{
    const GPtrArray *list = letter_list(l->v, mark->name);

    if (mark->sort == '*')
        return l->item;
    if (mark->sort == '?' && list != NULL && list->len > 0)
        return list->pdata[0];
    return letter_value(l->v, mark->name);
}

/* NULL: a value that it needs is not there. */
static char *render_line(const struct line *l, const char *text)
{
    g_autoptr(GString) out = g_string_new(NULL);
    struct letter_mark mark;
    const char *begin;

    while (letter_next_mark(text, &begin, &mark)) {
        const char *value = value_of(l, &mark);

        if (value == NULL)
            return NULL;
        put_escaped(out, text, begin - text, l->form);
        if (mark.sort == '&')
            put_link(out, value, l->form);
        else if (mark.sort != '?')
            put_escaped(out, value, -1, l->form);
        text = mark.end;
    }
    put_escaped(out, text, -1, l->form);
    return g_string_free(g_steal_pointer(&out), FALSE);
}

/* ---- the whole ----------------------------------------------------------- */

/* What the HTML is in the middle of. */
enum block { NO_BLOCK, PARAGRAPH, LIST };

struct render {
    GString *out;
    struct line line;
    enum block block;
    size_t lists; /* bytes of items, up to here */
};

static void end_block(struct render *r)
{
    static const char *const ends[] = {
        [NO_BLOCK] = "", [PARAGRAPH] = "</p>\n", [LIST] = "</ul>\n"
    };

    g_string_append(r->out, ends[r->block]);
    r->block = NO_BLOCK;
}

static void put_html(struct render *r, const char *line, bool item)
{
    enum block wanted = item ? LIST : PARAGRAPH;

    if (r->block != wanted) {
        end_block(r);
        g_string_append(r->out, item ? "<ul>\n" : "<p>");
        r->block = wanted;
    } else if (!item) {
        g_string_append(r->out, "<br>\n");
    }
    g_string_append_printf(r->out, item ? "<li>%s</li>\n" : "%s", line);
}

/* A blank line ends what stands before it; two in a row are one. */
static void put_blank(struct render *r)
{
    if (r->line.form == LETTER_HTML)
        end_block(r);
    else if (r->out->len > 0 && !g_str_has_suffix(r->out->str, "\n\n"))
        g_string_append_c(r->out, '\n');
}

/* text is the template's: what begins with "- " there is a list's item. */
static void put_line(struct render *r, const char *text)
{
    bool item = g_str_has_prefix(text, "- ");
    bool html = r->line.form == LETTER_HTML;
    g_autofree char *line =
        render_line(&r->line, html && item ? text + 2 : text);

    if (line == NULL)
        return;
    if (html)
        put_html(r, line, item);
    else
        g_string_append_printf(r->out, "%s\n", line);
}

static const GPtrArray *list_of(const struct render *r, const char *text,
                                bool *ret_has)
{
    struct letter_mark mark;
    const char *begin;

    *ret_has = false;
    for (; letter_next_mark(text, &begin, &mark); text = mark.end)
        if (mark.sort == '*') {
            *ret_has = true;
            return letter_list(r->line.v, mark.name);
        }
    return NULL;
}

static bool has_room(struct render *r, guint i, const char *item)
{
    r->lists += strlen(item);
    return i < LETTER_ITEMS_MAX && r->lists <= LETTER_LISTS_MAX;
}

static void put_list(struct render *r, const char *text, const GPtrArray *list)
{
    for (guint i = 0; list != NULL && i < list->len; i++) {
        g_autofree char *more = NULL;
        bool room = has_room(r, i, list->pdata[i]);

        if (!room)
            more = g_strdup_printf("... and %u more", list->len - i);
        r->line.item = room ? list->pdata[i] : more;
        put_line(r, text);
        r->line.item = NULL;
        if (!room)
            return;
    }
}

char *letter_render(const struct letter_template *t,
                    const struct letter_values *v, enum letter_form form)
{
    struct render r = { g_string_new(NULL), { v, form, NULL }, NO_BLOCK, 0 };

    for (size_t i = 0; t->lines[i] != NULL; i++) {
        bool has_list;
        const GPtrArray *list = list_of(&r, t->lines[i], &has_list);

        if (*t->lines[i] == '\0')
            put_blank(&r);
        else if (has_list)
            put_list(&r, t->lines[i], list);
        else
            put_line(&r, t->lines[i]);
    }
    if (form == LETTER_HTML)
        end_block(&r);
    while (form == LETTER_TEXT && g_str_has_suffix(r.out->str, "\n\n"))
        g_string_truncate(r.out, r.out->len - 1);
    return g_string_free(r.out, FALSE);
}

char *letter_render_subject(const struct letter_template *t,
                            const struct letter_values *v)
{
    const struct line line = { v, LETTER_TEXT, NULL };
    char *subject = render_line(&line, t->subject);

    return subject != NULL ? subject : g_strdup("");
}
