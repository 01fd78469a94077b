#include "lab/field_priv.h"

#include <string.h>

#include "lab/body.h"
#include "lab/shape.h"

/* ---- writing ------------------------------------------------------- */

/* At most that many bytes, not in the middle of a character. */
static bool truncate_to(char *text, uint32_t max)
{
    size_t n = strlen(text);

    if (max == 0 || n <= max)
        return false;
    n = max;
    while (n > 0 && ((uint8_t)text[n] & 0xC0) == 0x80)
        n--;
    text[n] = '\0';
    return true;
}

static void write_body(struct field_view *v, const struct field *f,
                       const struct body *body)
{
    g_autofree char *element = field_element(f);
    g_autofree char *text = g_strdup(body->text != NULL ? body->text : "");
    bool cut = truncate_to(text, v->shape->max_body);

    xml_begin(v->x, element);
    xml_attr(v->x, "BodyType", body->html ? "HTML" : "Text");
    /* from 2013 on the answer says whether MaximumBodySize did anything */
    if (v->call->asked >= EXCHANGE2013)
        xml_attr(v->x, "IsTruncated", cut ? "true" : "false");
    xml_end(v->x);
    xml_chars(v->x, text);
    xml_close(v->x, element);
}

static void write_as(struct field_view *v, const struct field *f,
                     enum body_want want)
{
    const struct mapi_props *props = view_props(v);
    struct body body;

    if (props == NULL)
        return;
    body_read(props, want, &body);
    write_body(v, f, &body);
    g_free(body.text);
}

void field_write_body(struct field_view *v, const struct field *f)
{
    write_as(v, f, v->shape->body);
}

void field_write_normalized_body(struct field_view *v, const struct field *f)
{
    write_as(v, f, v->shape->normalized_body);
}

void field_write_text_body(struct field_view *v, const struct field *f)
{
    write_as(v, f, BODY_TEXT);
}

/* What begins the mail that is answered. */
static const char *const quotes[] = {
    "-----Original Message-----",
    "\n________________________________",
    "\nFrom: ",
    "\n> ",
    "<div id=\"divRplyFwdMsg\"",
    "<blockquote",
};

static void cut_quote(struct body *body)
{
    char *first = NULL;

    for (size_t i = 0; i < G_N_ELEMENTS(quotes); i++) {
        char *at = strstr(body->text, quotes[i]);

        if (at != NULL && (first == NULL || at < first))
            first = at;
    }
    if (first == NULL)
        return;
    *first = '\0';
    if (body->html) {
        char *closed = g_strconcat(body->text, "</body></html>", NULL);

        g_free(body->text);
        body->text = closed;
    }
}

void field_write_unique_body(struct field_view *v, const struct field *f)
{
    const struct mapi_props *props = view_props(v);
    struct body body;

    if (props == NULL)
        return;
    body_read(props, v->shape->unique_body, &body);
    if (body.text != NULL)
        cut_quote(&body);
    write_body(v, f, &body);
    g_free(body.text);
}

/* Characters that a preview shows. */
#define PREVIEW_MAX 255

void field_write_preview(struct field_view *v, const struct field *f)
{
    const struct mapi_props *props = view_props(v);
    g_autoptr(GString) out = g_string_new(NULL);
    struct body body;
    glong n = 0;
    bool space = false;

    (void)f;
    if (props == NULL)
        return;
    body_read(props, BODY_TEXT, &body);
    for (const char *p = body.text; p != NULL && *p != '\0' && n < PREVIEW_MAX;
         p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);

        if (g_unichar_isspace(c) || c == 0xA0) {
            space = out->len > 0;
            continue;
        }
        if (space)
            g_string_append_c(out, ' ');
        n += space ? 2 : 1;
        space = false;
        g_string_append_unichar(out, c);
    }
    g_free(body.text);
    xml_text(v->x, "t:Preview", out->str);
}

/* ---- setting ------------------------------------------------------- */

/* Before the document's end, as far as it has one. */
static char *append_html(const char *old, const char *more)
{
    const char *end = g_strrstr(old, "</body>");

    if (end == NULL)
        return g_strconcat(old, more, NULL);
    return g_strdup_printf("%.*s%s%s", (int)(end - old), old, more, end);
}

static void append(struct field_edit *e, bool html, const char *text)
{
    g_autofree char *as_other = NULL;
    g_autofree char *whole = NULL;
    struct body old;

    body_read(e->props, BODY_BEST, &old);
    if (old.text == NULL) {
        body_set(e->item, e->props, html, text);
        return;
    }
    if (old.html) {
        as_other = html ? g_strdup(text) : body_escape(text);
        whole = append_html(old.text, as_other);
    } else {
        as_other = html ? body_html_to_text(text) : g_strdup(text);
        whole = g_strconcat(old.text, as_other, NULL);
    }
    body_set(e->item, e->props, old.html, whole);
    g_free(old.text);
}

int field_set_body(struct field_edit *e, const struct field *f,
                   const xmlNode *node, struct problem *p)
{
    g_autofree char *type = soap_attr_dup(node, "BodyType");
    g_autofree char *text = soap_text_dup(node);
    bool html = g_strcmp0(type, "HTML") == 0;

    (void)f;
    if (!html && g_strcmp0(type, "Text") != 0)
        return soap_violation(p, node, "The 'BodyType' attribute is invalid.");
    if (e->appending)
        append(e, html, text != NULL ? text : "");
    else
        body_set(e->item, e->props, html, text != NULL ? text : "");
    return 0;
}

/* TextBody, from 2013 on, can be set as well as Body. */
int field_set_text_body(struct field_edit *e, const struct field *f,
                        const xmlNode *node, struct problem *p)
{
    g_autofree char *text = soap_text_dup(node);

    (void)f;
    (void)p;
    body_set(e->item, e->props, false, text != NULL ? text : "");
    return 0;
}

int field_clear_body(struct field_edit *e, const struct field *f,
                     const struct field_path *path, struct problem *p)
{
    (void)f;
    (void)path;
    (void)p;
    body_clear(e->props);
    return 0;
}
