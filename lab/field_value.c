#include "lab/field.h"

#include <string.h>

/* ---- the property of a row ----------------------------------------- */

static const struct mapi_prop *find(struct field_view *v, const struct field *f)
{
    const struct field_path path = { .field = f };

    return field_path_find(v, &path);
}

uint32_t field_tag(struct field_edit *e, const struct field *f)
{
    if (f->pset == NULL)
        return f->tag;
    return f->name != NULL
               ? mapi_named_text(e->item, f->pset, f->name, PROP_TYPE(f->tag))
               : mapi_named_id(e->item, f->pset, f->id, PROP_TYPE(f->tag));
}

/* ---- writers ------------------------------------------------------- */

void field_write_text(struct field_view *v, const struct field *f)
{
    g_autofree char *text = mapi_dup_text(find(v, f));
    g_autofree char *name = field_element(f);

    if (text != NULL)
        xml_text(v->x, name, text);
}

void field_write_bool(struct field_view *v, const struct field *f)
{
    g_autofree char *name = field_element(f);

    xml_bool(v->x, name, mapi_get_bool(find(v, f), f->fallback != 0));
}

void field_write_bool_if(struct field_view *v, const struct field *f)
{
    if (find(v, f) != NULL)
        field_write_bool(v, f);
}

static void write_int(struct field_view *v, const struct field *f, int32_t n)
{
    g_autofree char *name = field_element(f);
    char text[16];

    g_snprintf(text, sizeof(text), "%d", n);
    xml_text(v->x, name, text);
}

void field_write_int(struct field_view *v, const struct field *f)
{
    write_int(v, f, mapi_get_i32(find(v, f), f->fallback));
}

void field_write_int_if(struct field_view *v, const struct field *f)
{
    if (find(v, f) != NULL)
        field_write_int(v, f);
}

void field_write_time(struct field_view *v, const struct field *f)
{
    g_autofree char *name = field_element(f);

    xml_time(v->x, name, mapi_get_time(find(v, f)));
}

static bool known_value(const struct field *f, int32_t n)
{
    for (int32_t i = 0; f->values[i] != NULL; i++)
        if (i == n)
            return true;
    return false;
}

void field_write_enum(struct field_view *v, const struct field *f)
{
    int32_t n = mapi_get_i32(find(v, f), f->fallback);
    g_autofree char *name = field_element(f);

    xml_text(v->x, name, f->values[known_value(f, n) ? n : f->fallback]);
}

void field_write_texts(struct field_view *v, const struct field *f)
{
    const struct mapi_prop *prop = find(v, f);
    g_autofree char *name = field_element(f);

    if (prop == NULL || prop->count == 0 ||
        PROP_TYPE(prop->tag) != (PT_UNICODE | MV_FLAG))
        return;
    xml_open(v->x, name);
    for (uint32_t i = 0; i < prop->count; i++) {
        g_autofree char *text = mapi_dup_text_at(prop, i);

        xml_text(v->x, "t:String", text != NULL ? text : "");
    }
    xml_close(v->x, name);
}

void field_write_binary(struct field_view *v, const struct field *f)
{
    const struct mapi_prop *prop = find(v, f);
    g_autofree char *name = field_element(f);

    if (prop != NULL && PROP_TYPE(prop->tag) == PT_BINARY)
        xml_base64(v->x, name, prop->data, prop->size);
}

void field_write_bit(struct field_view *v, const struct field *f)
{
    g_autofree char *name = field_element(f);

    xml_bool(v->x, name, (mapi_get_i32(find(v, f), 0) & f->fallback) != 0);
}

/* ---- values of a request ------------------------------------------- */

static int not_a(struct problem *p, const xmlNode *node, const char *text,
                 const char *type)
{
    return soap_violation(p, node,
                          "The '%.40s' element is invalid - The value '%.40s' "
                          "is invalid according to its datatype '%s'.",
                          (const char *)node->name, text, type);
}

static char *stripped(const xmlNode *node)
{
    char *text = soap_text_dup(node);

    return text != NULL ? g_strstrip(text) : g_strdup("");
}

int field_parse_bool(const xmlNode *node, bool *ret, struct problem *p)
{
    g_autofree char *text = stripped(node);
    bool yes = strcmp(text, "true") == 0 || strcmp(text, "1") == 0;

    if (!yes && strcmp(text, "false") != 0 && strcmp(text, "0") != 0)
        return not_a(p, node, text, "http://www.w3.org/2001/XMLSchema:boolean");
    *ret = yes;
    return 0;
}

int field_parse_int(const xmlNode *node, int32_t *ret, struct problem *p)
{
    g_autofree char *text = stripped(node);
    gint64 n = 0;

    if (!g_ascii_string_to_signed(text, 10, INT32_MIN, INT32_MAX, &n, NULL))
        return not_a(p, node, text, "http://www.w3.org/2001/XMLSchema:int");
    *ret = (int32_t)n;
    return 0;
}

int field_parse_double(const xmlNode *node, double *ret, struct problem *p)
{
    g_autofree char *text = stripped(node);
    char *end = NULL;
    double v = g_ascii_strtod(text, &end);

    if (end == text || *end != '\0')
        return not_a(p, node, text, "http://www.w3.org/2001/XMLSchema:double");
    *ret = v;
    return 0;
}

int field_parse_time(const xmlNode *node, int64_t *ret_us, struct problem *p)
{
    g_autofree char *text = stripped(node);

    if (!timestamp_parse(text, ret_us))
        return not_a(p, node, text,
                     "http://www.w3.org/2001/XMLSchema:dateTime");
    return 0;
}

GBytes *field_parse_binary(const xmlNode *node, struct problem *p)
{
    g_autofree char *text = stripped(node);
    gsize n = 0;
    guchar *data = g_base64_decode(text, &n);

    if (n > 0 || text[0] == '\0')
        return g_bytes_new_take(data, n);
    g_free(data);
    not_a(p, node, text, "http://www.w3.org/2001/XMLSchema:base64Binary");
    return NULL;
}

/* ---- setters ------------------------------------------------------- */

int field_set_text(struct field_edit *e, const struct field *f,
                   const xmlNode *node, struct problem *p)
{
    g_autofree char *text = soap_text_dup(node);

    (void)p;
    mapi_set_text(e->item, e->props, field_tag(e, f), text != NULL ? text : "");
    return 0;
}

int field_set_bool(struct field_edit *e, const struct field *f,
                   const xmlNode *node, struct problem *p)
{
    bool value = false;

    if (field_parse_bool(node, &value, p) < 0)
        return -1;
    mapi_set_bool(e->item, e->props, field_tag(e, f), value);
    return 0;
}

int field_set_int(struct field_edit *e, const struct field *f,
                  const xmlNode *node, struct problem *p)
{
    int32_t value = 0;

    if (field_parse_int(node, &value, p) < 0)
        return -1;
    mapi_set_i32(e->item, e->props, field_tag(e, f), value);
    return 0;
}

int field_set_time(struct field_edit *e, const struct field *f,
                   const xmlNode *node, struct problem *p)
{
    int64_t us = 0;

    if (field_parse_time(node, &us, p) < 0)
        return -1;
    mapi_set_time(e->item, e->props, field_tag(e, f), us);
    return 0;
}

int field_set_enum(struct field_edit *e, const struct field *f,
                   const xmlNode *node, struct problem *p)
{
    g_autofree char *text = stripped(node);

    for (int32_t i = 0; f->values[i] != NULL; i++)
        if (strcmp(f->values[i], text) == 0) {
            mapi_set_i32(e->item, e->props, field_tag(e, f), i);
            return 0;
        }
    return soap_violation(p, node,
                          "The '%.40s' element is invalid - The value '%.40s' "
                          "is invalid - The Enumeration constraint failed.",
                          (const char *)node->name, text);
}

int field_set_texts(struct field_edit *e, const struct field *f,
                    const xmlNode *node, struct problem *p)
{
    g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);

    (void)p;
    for (const xmlNode *n = soap_first(node); n != NULL; n = soap_next(n)) {
        char *text = soap_text_dup(n);

        g_ptr_array_add(texts, text != NULL ? text : g_strdup(""));
    }
    g_ptr_array_add(texts, NULL);
    mapi_set_texts(e->item, e->props, field_tag(e, f),
                   (const char *const *)texts->pdata);
    return 0;
}

int field_clear(struct field_edit *e, const struct field *f,
                const struct field_path *path, struct problem *p)
{
    (void)path;
    (void)p;
    mapi_remove(e->props, PROP_ID(field_tag(e, f)));
    return 0;
}
