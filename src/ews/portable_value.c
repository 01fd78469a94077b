#include "ews/portable_item_priv.h"

#include <string.h>

#include "base/timestamp.h"

/* Far beyond what Exchange itself allows or a person makes. */
#define STRINGS_MAX 1000u

static void write_time(struct xml_writer *w, const char *element, int64_t us)
{
    g_autofree char *text = timestamp_format(us);

    xml_element(w, element, text);
}

static void write_number(struct xml_writer *w, const char *element, int64_t n)
{
    g_autofree char *text = g_strdup_printf("%" G_GINT64_FORMAT, n);

    xml_element(w, element, text);
}

void value_write_texts(struct xml_writer *w, const char *element,
                       const char *item, const char *const *texts)
{
    xml_open(w, element);
    for (size_t i = 0; texts[i] != NULL; i++)
        xml_element(w, item, texts[i]);
    xml_close(w);
}

static void write_binary(struct xml_writer *w, const char *element,
                         GBytes *binary)
{
    gsize n;
    const void *data = g_bytes_get_data(binary, &n);
    g_autofree char *text = g_base64_encode(data, n);

    xml_element(w, element, text);
}

/* [MS-OXWSTASK] PercentComplete is a double: with a point in every locale. */
static void write_real(struct xml_writer *w, const char *element, double real)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE];

    xml_element(w, element, g_ascii_formatd(text, sizeof(text), "%.10g", real));
}

void value_write(struct xml_writer *w, const char *element,
                 const struct portable_value *v)
{
    switch (v->type) {
    case PORTABLE_TEXT:
        xml_element(w, element, v->text);
        break;
    case PORTABLE_INTEGER:
        write_number(w, element, v->integer);
        break;
    case PORTABLE_BOOL:
        xml_element(w, element, v->boolean ? "true" : "false");
        break;
    case PORTABLE_TIME:
        write_time(w, element, v->integer);
        break;
    case PORTABLE_DOUBLE:
        write_real(w, element, v->real);
        break;
    case PORTABLE_BINARY:
        write_binary(w, element, v->binary);
        break;
    case PORTABLE_TEXTS:
        value_write_texts(w, element, "t:String", v->texts);
        break;
    }
}

bool value_find(const struct portable *p, const char *key,
                struct portable_value *ret)
{
    for (int type = PORTABLE_TEXT; type <= PORTABLE_DOUBLE; type++) {
        if (portable_get(p, key, (enum portable_type)type, ret))
            return true;
    }
    return false;
}

/* An empty list is not to be written: the schema wants one at least. */
bool value_is_empty(const struct portable_value *v)
{
    return v->type == PORTABLE_TEXTS && v->texts[0] == NULL;
}

/* Children's texts; free with g_free(): the texts are borrowed. */
static const char **strings_below(const struct xml_node *node)
{
    GPtrArray *a = g_ptr_array_new();
    const struct xml_node *s = xml_first(node);

    for (; s != NULL && a->len < STRINGS_MAX; s = xml_next(s))
        g_ptr_array_add(a, GSIZE_TO_POINTER(GPOINTER_TO_SIZE(xml_text(s))));
    g_ptr_array_add(a, NULL);
    return (const char **)g_ptr_array_free(a, FALSE);
}

static bool parse_integer(const char *text, int64_t *ret)
{
    char *end = NULL;
    gint64 n;

    if (text == NULL || text[0] == '\0')
        return false;
    n = g_ascii_strtoll(text, &end, 10);
    if (*end != '\0')
        return false;
    *ret = n;
    return true;
}

/* The value of an element without children, by how it is to be taken. */
static bool parse_value(enum portable_type type, const char *text,
                        struct portable_value *ret)
{
    struct portable_value v = { .type = type };
    char *end = NULL;

    if (text == NULL)
        return false;
    switch (type) {
    case PORTABLE_TEXT:
        v.text = text;
        break;
    case PORTABLE_INTEGER:
        if (!parse_integer(text, &v.integer))
            return false;
        break;
    case PORTABLE_BOOL:
        if (!xml_parse_bool(text, &v.boolean))
            return false;
        break;
    case PORTABLE_TIME:
        if (!xml_parse_time(text, &v.integer))
            return false;
        break;
    case PORTABLE_DOUBLE:
        v.real = g_ascii_strtod(text, &end);
        if (end == text)
            return false;
        break;
    case PORTABLE_TEXTS:
    case PORTABLE_BINARY:
        return false;
    }
    *ret = v;
    return true;
}

void value_read(struct item_reading *r, const struct portable_label *label,
                enum portable_type type, const char *text)
{
    struct portable_value v;

    if (parse_value(type, text, &v))
        portable_set(r->p, label, &v);
}

void value_read_texts(struct item_reading *r,
                      const struct portable_label *label,
                      const struct xml_node *node)
{
    g_autofree const char **texts = strings_below(node);
    const struct portable_value v = { .type = PORTABLE_TEXTS, .texts = texts };

    portable_set(r->p, label, &v);
}

void value_read_binary(struct item_reading *r,
                       const struct portable_label *label, const char *text)
{
    gsize n;
    guchar *bytes = g_base64_decode(text, &n);
    g_autoptr(GBytes) binary = g_bytes_new_take(bytes, n);
    const struct portable_value v = { .type = PORTABLE_BINARY,
                                      .binary = binary };

    if (n > 0)
        portable_set(r->p, label, &v);
}
