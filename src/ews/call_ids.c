#include "ews/call.h"

void call_folder_id(struct xml_writer *w, const char *element, const char *id)
{
    if (element != NULL)
        xml_open(w, element);
    xml_open(w, "t:FolderId");
    xml_attribute(w, "Id", id);
    xml_close(w);
    if (element != NULL)
        xml_close(w);
}

void call_distinguished_id(struct xml_writer *w, const struct core *core,
                           const char *id)
{
    xml_open(w, "t:DistinguishedFolderId");
    xml_attribute(w, "Id", id);
    if (core->rights == ENDPOINT_RIGHTS_FULL_ACCESS) {
        xml_open(w, "t:Mailbox");
        xml_element(w, "t:EmailAddress", core->address);
        xml_close(w);
    }
    xml_close(w);
}

void call_item_id(struct xml_writer *w, const char *id)
{
    xml_open(w, "t:ItemId");
    xml_attribute(w, "Id", id);
    xml_close(w);
}

void call_attachment_id(struct xml_writer *w, const char *id)
{
    xml_open(w, "t:AttachmentId");
    xml_attribute(w, "Id", id);
    xml_close(w);
}

void call_attachment_ids(struct xml_writer *w, const char *const *ids, size_t n)
{
    xml_open(w, "m:AttachmentIds");
    for (size_t i = 0; i < n; i++)
        call_attachment_id(w, ids[i]);
    xml_close(w);
}

void call_field_uri(struct xml_writer *w, const char *uri)
{
    xml_open(w, "t:FieldURI");
    xml_attribute(w, "FieldURI", uri);
    xml_close(w);
}

void call_shape(struct xml_writer *w, const char *element,
                const char *const *uris, size_t n)
{
    xml_open(w, element);
    xml_element(w, "t:BaseShape", "IdOnly");
    xml_open(w, "t:AdditionalProperties");
    for (size_t i = 0; i < n; i++)
        call_field_uri(w, uris[i]);
    xml_close(w);
    xml_close(w);
}

void call_property_tag(struct xml_writer *w, const char *tag, const char *type)
{
    xml_open(w, "t:ExtendedFieldURI");
    xml_attribute(w, "PropertyTag", tag);
    xml_attribute(w, "PropertyType", type);
    xml_close(w);
}

const char *call_read_property(const struct xml_node *object, uint32_t tag)
{
    const struct xml_node *p = xml_child(object, "ExtendedProperty");

    for (; p != NULL; p = xml_next_named(p, "ExtendedProperty")) {
        const char *text =
            xml_attr(xml_child(p, "ExtendedFieldURI"), "PropertyTag");

        if (text != NULL && g_ascii_strtoull(text, NULL, 0) == tag)
            return xml_child_text(p, "Value");
    }
    return NULL;
}
