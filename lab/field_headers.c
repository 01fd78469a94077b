#include "lab/field_priv.h"

#include <string.h>

/*
 * InternetMessageHeaders: those that a mail came with (its transport headers)
 * and those that were set one by one (properties of PS_INTERNET_HEADERS).
 */

#define PART "item:InternetMessageHeader"

static void write_header(struct field_view *v, const struct field *f,
                         const char *name, const char *value)
{
    if (!field_wants(v, f, PART, name))
        return;
    xml_begin(v->x, "t:InternetMessageHeader");
    xml_attr(v->x, "HeaderName", name);
    xml_end(v->x);
    xml_chars(v->x, value);
    xml_close(v->x, "t:InternetMessageHeader");
}

/* Lines that begin with white space go on with the one before. */
static GPtrArray *unfold(const char *headers)
{
    g_auto(GStrv) lines = g_strsplit(headers, "\n", -1);
    GPtrArray *whole = g_ptr_array_new_with_free_func(g_free);

    for (size_t i = 0; lines[i] != NULL; i++) {
        bool more = lines[i][0] == ' ' || lines[i][0] == '\t';

        g_strchomp(lines[i]);
        if (more && whole->len > 0) {
            char **last = (char **)&whole->pdata[whole->len - 1];
            char *longer = g_strconcat(*last, " ", g_strchug(lines[i]), NULL);

            g_free(*last);
            *last = longer;
        } else if (lines[i][0] != '\0') {
            g_ptr_array_add(whole, g_strdup(lines[i]));
        }
    }
    return whole;
}

static void write_transport(struct field_view *v, const struct field *f,
                            const char *headers)
{
    g_autoptr(GPtrArray) lines = unfold(headers);

    for (guint i = 0; i < lines->len; i++) {
        char *line = lines->pdata[i];
        char *colon = strchr(line, ':');

        if (colon == NULL || colon == line)
            continue;
        *colon = '\0';
        write_header(v, f, line, g_strchug(colon + 1));
    }
}

/* Names in a stream are UTF-16LE, at any address. */
static char *name_text(const struct mapi_name *name)
{
    const struct mapi_prop text = { .tag = PROP_TAG(1, PT_UNICODE),
                                    .data = name->text,
                                    .size = name->text_bytes,
                                    .count = 1 };

    return mapi_dup_text(&text);
}

static void write_named(struct field_view *v, const struct field *f,
                        const struct mapi_props *props)
{
    for (size_t i = 0; i < props->n; i++) {
        const struct mapi_name *name = props->v[i].name;
        g_autofree char *key = NULL;
        g_autofree char *value = NULL;

        if (name == NULL || name->text == NULL ||
            memcmp(name->set, PS_INTERNET_HEADERS, sizeof(name->set)) != 0)
            continue;
        key = name_text(name);
        value = mapi_dup_text(&props->v[i]);
        if (key != NULL && value != NULL)
            write_header(v, f, key, value);
    }
}

void field_write_headers(struct field_view *v, const struct field *f)
{
    const struct mapi_props *props = view_props(v);
    g_autofree char *headers = mapi_dup_text(view_find(v, f->tag));
    gsize before, inside;

    if (props == NULL)
        return;
    before = v->x->text->len;
    xml_open(v->x, "t:InternetMessageHeaders");
    inside = v->x->text->len;
    if (headers != NULL)
        write_transport(v, f, headers);
    write_named(v, f, props);
    if (v->x->text->len == inside)
        g_string_truncate(v->x->text, before);
    else
        xml_close(v->x, "t:InternetMessageHeaders");
}
