#include "lab/shape.h"

#include <string.h>

#include "lab/store_columns.h"

/* ---- what is wanted ------------------------------------------------ */

static void want_base(const struct op_call *call, struct shape *s)
{
    size_t n = field_count();

    g_assert(n <= FIELDS_MAX);
    for (size_t i = 0; i < n; i++) {
        uint32_t kinds;
        const struct field *f = field_at(i, &kinds);
        bool in = f->base == ALWAYS ||
                  (s->base == SHAPE_ALL && f->base >= IN_ALL) ||
                  (s->base == SHAPE_DEFAULT && f->base >= IN_DEFAULT);

        if (!in || call->asked < f->since)
            continue;
        s->wanted[i] = s->base == SHAPE_DEFAULT && f->default_kinds != 0
                           ? WANT_DEFAULT
                           : WANT_ALL;
    }
}

static bool has_part(const struct field *f, const char *part)
{
    for (size_t i = 0; f->parts != NULL && f->parts[i] != NULL; i++)
        if (part != NULL && strcmp(f->parts[i], part) == 0)
            return true;
    return false;
}

/* Every row of the URI: one for each place where it may stand. */
static void want_path(const struct op_call *call, struct shape *s,
                      const struct field_path *path)
{
    size_t n = field_count();

    for (size_t i = 0; i < n; i++) {
        uint32_t kinds;
        const struct field *f = field_at(i, &kinds);

        if (call->asked < f->since)
            continue;
        if (path->part == NULL && strcmp(f->uri, path->field->uri) == 0)
            s->wanted[i] = WANT_ALL;
        else if (s->wanted[i] == WANT_NOT && has_part(f, path->part))
            s->wanted[i] = WANT_PARTS;
    }
}

static int read_field(const struct op_call *call, const xmlNode *node,
                      struct shape *s, struct problem *p)
{
    g_auto(field_path) path = { 0 };

    if (field_path_read(call, node, KINDS_ALL, &path, p) < 0)
        return -1;
    want_path(call, s, &path);
    if (path.part != NULL) {
        g_ptr_array_add(s->parts, g_memdup2(&path, sizeof(path)));
        path = (struct field_path){ 0 };
    }
    return 0;
}

bool field_wants(const struct field_view *v, const struct field *f,
                 const char *part_uri, const char *index)
{
    size_t n = field_count(), at = 0;
    uint32_t kinds;

    while (at < n && field_at(at, &kinds) != f)
        at++;
    if (at == n || v->shape->wanted[at] != WANT_PARTS)
        return at < n && v->shape->wanted[at] != WANT_NOT;
    for (guint i = 0; i < v->shape->parts->len; i++) {
        const struct field_path *path = v->shape->parts->pdata[i];

        if (strcmp(path->part, part_uri) == 0 &&
            g_ascii_strcasecmp(path->index, index) == 0)
            return true;
    }
    return false;
}

/* ---- how bodies are wanted ----------------------------------------- */

static int read_body_type(const xmlNode *node, const char *name,
                          enum body_want *ret, struct problem *p)
{
    static const char *const names[] = { "Best", "HTML", "Text" };
    const xmlNode *type = soap_child(node, NS_TYPES, name);
    g_autofree char *text = soap_text_dup(type);

    if (type == NULL)
        return 0;
    for (size_t i = 0; text != NULL && i < G_N_ELEMENTS(names); i++)
        if (strcmp(names[i], text) == 0) {
            *ret = (enum body_want)i;
            return 0;
        }
    return soap_violation(p, type, "The '%s' element is invalid.", name);
}

static int read_bodies(const xmlNode *node, struct shape *s, struct problem *p)
{
    const xmlNode *most = soap_child(node, NS_TYPES, "MaximumBodySize");
    int32_t n = 0;

    if (read_body_type(node, "BodyType", &s->body, p) < 0)
        return -1;
    s->unique_body = s->normalized_body = s->body;
    if (read_body_type(node, "UniqueBodyType", &s->unique_body, p) < 0 ||
        read_body_type(node, "NormalizedBodyType", &s->normalized_body, p) < 0)
        return -1;
    if (most != NULL && field_parse_int(most, &n, p) < 0)
        return -1;
    s->max_body = n > 0 ? (uint32_t)n : 0;
    s->mime = soap_child_bool(node, NS_TYPES, "IncludeMimeContent");
    return 0;
}

/* Operations that show bodies; all others list. */
static bool lists(const struct op_call *call)
{
    static const char *const reading[] = { "GetItem", "GetAttachment",
                                           "GetConversationItems" };

    for (size_t i = 0; i < G_N_ELEMENTS(reading); i++)
        if (strcmp(call->request->name, reading[i]) == 0)
            return false;
    return true;
}

/* IncludeMimeContent is the row of that name. */
static void want_mime(struct shape *s)
{
    size_t n = field_count();
    uint32_t kinds;

    for (size_t i = 0; s->mime && i < n; i++)
        if (strcmp(field_at(i, &kinds)->uri, "item:MimeContent") == 0)
            s->wanted[i] = WANT_ALL;
}

int shape_read_item(const struct op_call *call, const xmlNode *node,
                    struct shape *ret, struct problem *p)
{
    const xmlNode *field = shape_first_field(node);
    g_auto(shape) s = { 0 };

    if (shape_read(node, &s, p) < 0 || read_bodies(node, &s, p) < 0)
        return -1;
    s.listing = lists(call);
    want_base(call, &s);
    want_mime(&s);
    for (; field != NULL; field = soap_next(field))
        if (!soap_is(field, NS_TYPES, "ExtendedFieldURI") &&
            read_field(call, field, &s, p) < 0)
            return -1;
    *ret = s;
    s = (struct shape){ 0 };
    return 0;
}

/* ---- an item ------------------------------------------------------- */

static bool is_shown(const struct field_view *v, const struct field *f,
                     enum shape_want want)
{
    if (want == WANT_NOT || f->write == NULL)
        return false;
    if (want == WANT_DEFAULT && (f->default_kinds & (uint32_t)v->kind) == 0)
        return false;
    return !v->shape->listing || (f->flags & FIELD_NOT_LISTED) == 0;
}

static int write_view(struct field_view *v, struct problem *p)
{
    const char *element = item_kind_element(v->kind);
    const uint8_t *wanted = v->shape->wanted;

    xml_open(v->x, element);
    for (size_t s = 0; field_sections[s] != NULL; s++) {
        const struct field_section *section = field_sections[s];

        for (size_t i = 0; i < section->n; i++)
            if ((section->kinds & (uint32_t)v->kind) != 0 &&
                is_shown(v, &section->rows[i], (enum shape_want)wanted[i]))
                section->rows[i].write(v, &section->rows[i]);
        wanted += section->n;
    }
    xml_close(v->x, element);
    if (v->refused != NULL)
        return problem_set(p, v->refused);
    return v->failed ? problem_set(p, "ErrorItemCorrupt") : 0;
}

int shape_write_item(struct op_call *call, const struct shape *s,
                     int64_t mailbox, const struct lab_item *item,
                     struct problem *p)
{
    struct field_view v = { .call = call,
                            .x = &call->reply.x,
                            .shape = s,
                            .mailbox = mailbox,
                            .item = item,
                            .kind = item_kind(item->item_class) };
    int status = write_view(&v, p);

    g_clear_pointer(&v.tree, mapi_item_free);
    g_clear_pointer(&v.payload, g_bytes_unref);
    return status;
}

int shape_write_message(struct op_call *call, const struct shape *s,
                        int64_t mailbox, const struct shape_inside *inside,
                        struct problem *p)
{
    g_auto(lab_item) columns = { 0 };
    struct field_view v = { .call = call,
                            .x = &call->reply.x,
                            .shape = s,
                            .mailbox = mailbox,
                            .item = &columns,
                            .tree = inside->tree,
                            .message = inside->message };

    lab_columns_draw_message(inside->message, &columns);
    columns.id = g_strdup(inside->id);
    columns.change_key = g_strdup(inside->change_key);
    v.kind = item_kind(columns.item_class);
    return write_view(&v, p);
}
