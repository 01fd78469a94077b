#include "ews/portable_item_priv.h"

#include <string.h>

#include "ews/call.h"

static void write_indexed(struct xml_writer *w, const char *uri,
                          const char *index)
{
    xml_open(w, "t:IndexedFieldURI");
    xml_attribute(w, "FieldURI", uri);
    xml_attribute(w, "FieldIndex", index);
    xml_close(w);
}

static void write_indices(struct xml_writer *w, const struct field *f)
{
    const char *const *lines = field_address_lines();

    for (size_t i = 0; f->indices[i] != NULL; i++) {
        if (f->type == FIELD_ENTRIES) {
            write_indexed(w, f->uri, f->indices[i]);
            continue;
        }
        for (size_t k = 0; lines[k] != NULL; k++) {
            g_autofree char *uri = g_strconcat(f->uri, ":", lines[k], NULL);

            write_indexed(w, uri, f->indices[i]);
        }
    }
}

static void write_extra_paths(struct xml_writer *w, enum portable_kind kind)
{
    size_t n;
    const struct extra *extras = extra_table(&n);

    for (size_t i = 0; i < n; i++) {
        if (extra_fits(&extras[i], kind))
            extra_write_path(w, &extras[i]);
    }
}

static void write_fields(struct xml_writer *w, const struct item_shape *shape)
{
    size_t n;
    const struct field *fields = field_table(&n);

    for (size_t i = 0; i < n; i++) {
        const struct field *f = &fields[i];

        if (!field_fits(f, shape->kind, shape->level))
            continue;
        if (f->type == FIELD_EXTRAS)
            write_extra_paths(w, shape->kind);
        else if (f->indices != NULL)
            write_indices(w, f);
        else if (f->uri != NULL && !(f->type == FIELD_BODY && shape->outline))
            call_field_uri(w, f->uri);
    }
}

bool kind_has_mime(enum portable_kind kind)
{
    return (KINDS_MIME & 1u << kind) != 0;
}

void item_write_shape(struct xml_writer *w, const char *element,
                      const struct item_shape *shape)
{
    bool mime = kind_has_mime(shape->kind) && !shape->outline;

    xml_open(w, element);
    if (strcmp(element, "m:ItemShape") == 0)
        xml_element(w, "t:BaseShape", "IdOnly");
    xml_element(w, "t:IncludeMimeContent", mime ? "true" : "false");
    xml_element(w, "t:BodyType", "Best");
    xml_open(w, "t:AdditionalProperties");
    write_fields(w, shape);
    if (shape->times) {
        call_property_tag(w, TAG_CREATED, "SystemTime");
        call_property_tag(w, TAG_MODIFIED, "SystemTime");
    }
    if (shape->stamp)
        stamp_write_path(w);
    xml_close(w);
    xml_close(w);
}
