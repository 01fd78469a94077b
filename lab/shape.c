#include "lab/shape.h"

/* Properties that one shape may ask for; Exchange stops at some hundred. */
#define EXTENDED_MAX 500

static void path_free(void *data)
{
    field_path_clear(data);
    g_free(data);
}

static void free_extended(void *data)
{
    extended_free(data);
}

void shape_clear(struct shape *s)
{
    g_clear_pointer(&s->extended, g_ptr_array_unref);
    g_clear_pointer(&s->parts, g_ptr_array_unref);
}

static const struct {
    const char *name;
    enum shape_base base;
} bases[] = {
    { "IdOnly", SHAPE_ID_ONLY },
    { "Default", SHAPE_DEFAULT },
    { "AllProperties", SHAPE_ALL },
};

static int read_base(const xmlNode *node, struct shape *s, struct problem *p)
{
    const xmlNode *base = soap_child(node, NS_TYPES, "BaseShape");
    g_autofree char *name = soap_text_dup(base);

    /* GetAttachment has no base; it shows all */
    if (soap_is(node, NS_MESSAGES, "AttachmentShape") ||
        soap_is(node, NS_MESSAGES, "GetAttachment")) {
        s->base = SHAPE_ALL;
        return 0;
    }
    for (size_t i = 0; name != NULL && i < G_N_ELEMENTS(bases); i++)
        if (strcmp(bases[i].name, name) == 0) {
            s->base = bases[i].base;
            return 0;
        }
    if (node == NULL)
        return problem_schema(p, 0, 0, "The shape is missing.");
    return soap_violation(p, node, "The 'BaseShape' element is invalid.");
}

int shape_read(const xmlNode *node, struct shape *ret, struct problem *p)
{
    const xmlNode *more = soap_child(node, NS_TYPES, "AdditionalProperties");
    g_auto(shape) s = { 0 };

    s.extended = g_ptr_array_new_with_free_func(free_extended);
    s.parts = g_ptr_array_new_with_free_func(path_free);
    if (read_base(node, &s, p) < 0)
        return -1;
    for (const xmlNode *n = soap_first(more); n != NULL; n = soap_next(n)) {
        struct extended *e;

        if (!soap_is(n, NS_TYPES, "ExtendedFieldURI"))
            continue;
        e = extended_read(n, p);
        if (e == NULL)
            return -1;
        g_ptr_array_add(s.extended, e);
        if (s.extended->len > EXTENDED_MAX)
            return problem_fault(p, "ErrorInvalidExtendedProperty");
    }
    *ret = s;
    s = (struct shape){ 0 };
    return 0;
}

const xmlNode *shape_first_field(const xmlNode *node)
{
    return soap_first(soap_child(node, NS_TYPES, "AdditionalProperties"));
}
