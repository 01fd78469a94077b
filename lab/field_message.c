#include "lab/field.h"

#include <string.h>

/* ---- people -------------------------------------------------------- */

void field_mailbox_clear(struct field_mailbox *m)
{
    g_clear_pointer(&m->name, g_free);
    g_clear_pointer(&m->address, g_free);
    g_clear_pointer(&m->routing, g_free);
}

static bool has_text(const char *text)
{
    return text != NULL && text[0] != '\0';
}

void field_write_mailbox(struct field_view *v, const struct field_mailbox *m)
{
    xml_open(v->x, "t:Mailbox");
    if (m->name != NULL)
        xml_text(v->x, "t:Name", m->name);
    if (has_text(m->address))
        xml_text(v->x, "t:EmailAddress", m->address);
    if (has_text(m->routing))
        xml_text(v->x, "t:RoutingType", m->routing);
    xml_close(v->x, "t:Mailbox");
}

static void write_person(struct field_view *v, const char *element,
                         const uint32_t tags[3])
{
    struct field_mailbox m = {
        .name = mapi_dup_text(view_find(v, tags[0])),
        .address = mapi_dup_text(view_find(v, tags[1])),
        .routing = mapi_dup_text(view_find(v, tags[2])),
    };

    if (m.name != NULL || m.address != NULL) {
        xml_open(v->x, element);
        field_write_mailbox(v, &m);
        xml_close(v->x, element);
    }
    field_mailbox_clear(&m);
}

static void write_sender(struct field_view *v, const struct field *f)
{
    static const uint32_t tags[] = { PR_SENDER_NAME, PR_SENDER_EMAIL_ADDRESS,
                                     PR_SENDER_ADDRTYPE };

    (void)f;
    write_person(v, "t:Sender", tags);
}

static void write_from(struct field_view *v, const struct field *f)
{
    static const uint32_t tags[] = { PR_SENT_REPRESENTING_NAME,
                                     PR_SENT_REPRESENTING_EMAIL,
                                     PR_SENT_REPRESENTING_ADDRTYPE };

    (void)f;
    write_person(v, "t:From", tags);
}

/* ---- columns ------------------------------------------------------- */

static void write_message_id(struct field_view *v, const struct field *f)
{
    (void)f;
    if (v->item->message_id != NULL)
        xml_text(v->x, "t:InternetMessageId", v->item->message_id);
}

static void write_is_read(struct field_view *v, const struct field *f)
{
    (void)f;
    xml_bool(v->x, "t:IsRead", v->item->read);
}

/* ---- the rows ------------------------------------------------------ */

/* clang-format off */
static const struct field rows[] = {
    { .uri = "message:Sender", .base = IN_ALL, .write = write_sender },
    { .uri = "message:ConversationTopic", .base = IN_ALL,
      .tag = PR_CONVERSATION_TOPIC, .write = field_write_text },
    { .uri = "message:From", .base = IN_DEFAULT, .write = write_from },
    { .uri = "message:InternetMessageId", .base = IN_DEFAULT,
      .tag = PR_INTERNET_MESSAGE_ID, .write = write_message_id,
      .set = field_set_text },
    { .uri = "message:IsRead", .base = IN_DEFAULT, .write = write_is_read },
};
/* clang-format on */

const struct field_section field_section_message = {
    .kinds = KINDS_MESSAGE,
    .rows = rows,
    .n = G_N_ELEMENTS(rows),
};
