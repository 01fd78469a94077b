/* describe - what a person knows an item by: GetItem. */
#include "base/timestamp.h"
#include "ews/call.h"

#define TAG_RECEIVED        "0x0E06"
#define TAG_RECEIVED_NUMBER 0x0E06

static void write_get(struct xml_writer *w, const struct core *core,
                      const void *data)
{
    static const char *const fields[] = { "item:Subject",
                                          "item:DateTimeReceived",
                                          "message:From" };

    (void)core;
    xml_open(w, "m:ItemShape");
    xml_element(w, "t:BaseShape", "IdOnly");
    xml_open(w, "t:AdditionalProperties");
    for (size_t i = 0; i < G_N_ELEMENTS(fields); i++)
        call_field_uri(w, fields[i]);
    call_property_tag(w, TAG_RECEIVED, "SystemTime");
    xml_close(w);
    xml_close(w);
    xml_open(w, "m:ItemIds");
    call_item_id(w, data);
    xml_close(w);
}

/* The address; the name where there is none, or one inside Exchange only. */
static char *read_sender(const struct xml_node *item)
{
    const struct xml_node *mailbox = xml_find(item, "From/Mailbox");
    const char *address = xml_child_text(mailbox, "EmailAddress");

    if (address == NULL || strchr(address, '@') == NULL)
        address = xml_child_text(mailbox, "Name");
    return g_strdup(address);
}

int describe_item(struct endpoint *ep, const char *id,
                  struct endpoint_description *ret, struct err *err)
{
    const struct call call = {
        .element = "m:GetItem",
        .write = write_get,
        .data = id,
        .n = 1,
    };
    g_auto(call_answer) a = { 0 };
    const struct xml_node *item;

    if (call_make(mailbox_of(ep), &call, &a, NULL, err) < 0)
        return -1;
    if (soap_message_status(a.messages[0], err) < 0)
        return -1;
    item = xml_first(xml_child(a.messages[0], "Items"));
    *ret = (struct endpoint_description){
        .subject = g_strdup(xml_child_text(item, "Subject")),
        .sender = read_sender(item),
        .received_us = TIMESTAMP_NONE,
    };
    if (!xml_parse_time(call_read_property(item, TAG_RECEIVED_NUMBER),
                        &ret->received_us))
        (void)xml_parse_time(xml_child_text(item, "DateTimeReceived"),
                             &ret->received_us);
    return 0;
}
