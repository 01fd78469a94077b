#include "lab/field_priv.h"

#include "lab/bytes.h"
#include "lab/person.h"
#include "lab/shape.h"

/* ---- people -------------------------------------------------------- */

/* A listing of a server before 2013 shows names alone. */
static bool names_alone(const struct field_view *v)
{
    return v->shape->listing && v->call->asked < EXCHANGE2013;
}

static void write_person(struct field_view *v, const struct field *f,
                         const struct person_tags *tags)
{
    const struct mapi_props *props = view_props(v);
    g_autofree char *element = field_element(f);
    g_auto(person) p = { 0 };

    if (props == NULL || !person_get(props, tags, &p))
        return;
    xml_open(v->x, element);
    person_write(v->call, v->x, &p, names_alone(v));
    xml_close(v->x, element);
}

void field_write_sender(struct field_view *v, const struct field *f)
{
    write_person(v, f, &person_sender);
}

void field_write_from(struct field_view *v, const struct field *f)
{
    write_person(v, f, &person_from);
}

static void write_received_by(struct field_view *v, const struct field *f)
{
    write_person(v, f, &person_received_by);
}

static void write_received_for(struct field_view *v, const struct field *f)
{
    write_person(v, f, &person_received_for);
}

static int set_person(struct field_edit *e, const xmlNode *node,
                      const struct person_tags *tags, struct problem *p)
{
    g_auto(person) who = { 0 };

    if (person_read(e->call, soap_child(node, NS_TYPES, "Mailbox"), &who, p) <
        0)
        return -1;
    person_set(e->item, e->props, tags, &who);
    return 0;
}

int field_set_sender(struct field_edit *e, const struct field *f,
                     const xmlNode *node, struct problem *p)
{
    (void)f;
    return set_person(e, node, &person_sender, p);
}

int field_set_from(struct field_edit *e, const struct field *f,
                   const xmlNode *node, struct problem *p)
{
    (void)f;
    return set_person(e, node, &person_from, p);
}

static int set_received_by(struct field_edit *e, const struct field *f,
                           const xmlNode *node, struct problem *p)
{
    (void)f;
    return set_person(e, node, &person_received_by, p);
}

static int set_received_for(struct field_edit *e, const struct field *f,
                            const xmlNode *node, struct problem *p)
{
    (void)f;
    return set_person(e, node, &person_received_for, p);
}

static int clear_from(struct field_edit *e, const struct field *f,
                      const struct field_path *path, struct problem *p)
{
    (void)f;
    (void)path;
    (void)p;
    person_remove(e->props, &person_from);
    return 0;
}

static int clear_sender(struct field_edit *e, const struct field *f,
                        const struct field_path *path, struct problem *p)
{
    (void)f;
    (void)path;
    (void)p;
    person_remove(e->props, &person_sender);
    return 0;
}

/* ---- recipients: the row's fallback is the role -------------------- */

static void write_recipients(struct field_view *v, const struct field *f)
{
    const struct mapi_message *m = view_message(v);
    g_autofree char *element = field_element(f);
    bool open = false;

    for (size_t i = 0; m != NULL && i < m->n_recipients; i++) {
        g_auto(person) p = { 0 };

        if ((int32_t)person_role(&m->recipients[i]) != f->fallback ||
            !person_get(&m->recipients[i], &person_recipient, &p))
            continue;
        if (!open)
            xml_open(v->x, element);
        open = true;
        person_write(v->call, v->x, &p, false);
    }
    if (open)
        xml_close(v->x, element);
}

/* Recipients of one message; Exchange's own limit is 5,000. */
#define RECIPIENTS_MAX 10000u

static int set_recipients(struct field_edit *e, const struct field *f,
                          const xmlNode *node, struct problem *p)
{
    enum person_role role = (enum person_role)f->fallback;

    if (!e->appending)
        person_remove_recipients(e->message, role);
    for (const xmlNode *n = soap_first(node); n != NULL; n = soap_next(n)) {
        g_auto(person) who = { 0 };

        if (person_read(e->call, n, &who, p) < 0)
            return -1;
        if (e->message->n_recipients >= RECIPIENTS_MAX)
            return problem_set(p, "ErrorInvalidRecipients");
        person_add_recipient(e->item, e->message, &who, role);
    }
    return 0;
}

static int clear_recipients(struct field_edit *e, const struct field *f,
                            const struct field_path *path, struct problem *p)
{
    (void)path;
    (void)p;
    person_remove_recipients(e->message, (enum person_role)f->fallback);
    return 0;
}

/* ---- ReplyTo: [MS-OXOMSG] 2.2.1.43, [MS-OXCDATA] 2.3.3 ------------- */

/* Count, bytes, then entries of a length and an entry id, to four bytes. */
#define FLAT_HEAD 8u

static void write_reply_to(struct field_view *v, const struct field *f)
{
    const struct mapi_prop *list = view_find(v, PR_REPLY_RECIPIENT_ENTRIES);
    size_t at = FLAT_HEAD;

    (void)f;
    if (list == NULL || list->size < FLAT_HEAD || bytes_u32_at(list->data) == 0)
        return;
    xml_open(v->x, "t:ReplyTo");
    while (at + 4 <= list->size) {
        size_t n = bytes_u32_at(list->data + at);
        g_auto(person) p = { 0 };

        at += 4;
        if (n > list->size - at)
            break;
        if (person_of_entry_id(list->data + at, n, &p))
            person_write(v->call, v->x, &p, false);
        at += (n + 3) / 4 * 4;
    }
    xml_close(v->x, "t:ReplyTo");
}

static void add_flat(GByteArray *to, const struct person *who)
{
    static const uint8_t padding[4] = { 0 };
    g_autoptr(GByteArray) id = person_entry_id(who);

    bytes_put32(to, id->len);
    g_byte_array_append(to, id->data, id->len);
    g_byte_array_append(to, padding, (4 - id->len % 4) % 4);
}

/* What is there already, when more is appended. */
static uint32_t old_reply_to(const struct field_edit *e, GByteArray *entries,
                             GString *names)
{
    const struct mapi_prop *list =
        mapi_find(e->props, PROP_ID(PR_REPLY_RECIPIENT_ENTRIES));
    g_autofree char *old =
        mapi_dup_text(mapi_find(e->props, PROP_ID(PR_REPLY_RECIPIENT_NAMES)));

    if (!e->appending || list == NULL || list->size < FLAT_HEAD)
        return 0;
    g_byte_array_append(entries, list->data + FLAT_HEAD,
                        (guint)(list->size - FLAT_HEAD));
    g_string_append(names, old != NULL ? old : "");
    return bytes_u32_at(list->data);
}

static int set_reply_to(struct field_edit *e, const struct field *f,
                        const xmlNode *node, struct problem *p)
{
    g_autoptr(GByteArray) entries = g_byte_array_new();
    g_autoptr(GByteArray) whole = g_byte_array_new();
    g_autoptr(GString) names = g_string_new(NULL);
    uint32_t n = old_reply_to(e, entries, names);

    (void)f;
    for (node = soap_first(node); node != NULL; node = soap_next(node), n++) {
        g_auto(person) who = { 0 };

        if (person_read(e->call, node, &who, p) < 0)
            return -1;
        add_flat(entries, &who);
        g_string_append_printf(names, "%s%s", names->len > 0 ? ";" : "",
                               who.name != NULL ? who.name : person_best(&who));
    }
    bytes_put32(whole, n);
    bytes_put32(whole, entries->len);
    g_byte_array_append(whole, entries->data, entries->len);
    mapi_set(e->item, e->props, PR_REPLY_RECIPIENT_ENTRIES, whole->data,
             whole->len);
    mapi_set_text(e->item, e->props, PR_REPLY_RECIPIENT_NAMES, names->str);
    return 0;
}

static int clear_reply_to(struct field_edit *e, const struct field *f,
                          const struct field_path *path, struct problem *p)
{
    (void)f;
    (void)path;
    (void)p;
    mapi_remove(e->props, PROP_ID(PR_REPLY_RECIPIENT_ENTRIES));
    mapi_remove(e->props, PROP_ID(PR_REPLY_RECIPIENT_NAMES));
    return 0;
}

/* ---- read, and what else is a column ------------------------------- */

void field_write_message_id(struct field_view *v, const struct field *f)
{
    (void)f;
    if (v->item->message_id != NULL)
        xml_text(v->x, "t:InternetMessageId", v->item->message_id);
}

void field_write_is_read(struct field_view *v, const struct field *f)
{
    (void)f;
    xml_bool(v->x, "t:IsRead", v->item->read);
}

int field_set_is_read(struct field_edit *e, const struct field *f,
                      const xmlNode *node, struct problem *p)
{
    int32_t flags =
        mapi_get_i32(mapi_find(e->props, PROP_ID(PR_MESSAGE_FLAGS)), 0);
    bool read;

    (void)f;
    if (field_parse_bool(node, &read, p) < 0)
        return -1;
    flags = read ? flags | MSGFLAG_READ : flags & ~MSGFLAG_READ;
    mapi_set_i32(e->item, e->props, PR_MESSAGE_FLAGS, flags);
    e->read_set = true;
    return 0;
}

static int finish(struct field_edit *e, struct problem *p)
{
    (void)p;
    person_display(e->item, e->message);
    return 0;
}

/* ---- the rows ------------------------------------------------------ */

/* clang-format off */
#define RECIPIENTS(role) \
    .base = IN_DEFAULT, .fallback = (role), .flags = FIELD_APPENDS | FIELD_NOT_LISTED, \
    .write = write_recipients, .set = set_recipients, .clear = clear_recipients

static const struct field rows[] = {
    { .uri = "message:Sender", .base = IN_ALL, .write = field_write_sender,
      .tag = PR_SENDER_NAME, .set = field_set_sender, .clear = clear_sender },
    { .uri = "message:ToRecipients", RECIPIENTS(PERSON_TO) },
    { .uri = "message:CcRecipients", RECIPIENTS(PERSON_CC) },
    { .uri = "message:BccRecipients", RECIPIENTS(PERSON_BCC) },
    { .uri = "message:IsReadReceiptRequested", .base = IN_DEFAULT,
      .tag = PR_READ_RECEIPT_REQUESTED, .write = field_write_bool,
      .set = field_set_bool, .clear = field_clear },
    { .uri = "message:IsDeliveryReceiptRequested", .base = IN_DEFAULT,
      .tag = PR_ORIGINATOR_DELIVERY_REPORT, .write = field_write_bool,
      .set = field_set_bool, .clear = field_clear },
    { .uri = "message:ConversationIndex", .base = IN_ALL,
      .tag = PR_CONVERSATION_INDEX, .write = field_write_binary },
    { .uri = "message:ConversationTopic", .base = IN_ALL,
      .tag = PR_CONVERSATION_TOPIC, .write = field_write_text },
    { .uri = "message:From", .base = IN_DEFAULT, .write = field_write_from,
      .tag = PR_SENT_REPRESENTING_NAME, .set = field_set_from,
      .clear = clear_from },
    { .uri = "message:InternetMessageId", .base = IN_ALL,
      .tag = PR_INTERNET_MESSAGE_ID, .write = field_write_message_id,
      .set = field_set_text, .clear = field_clear },
    { .uri = "message:IsRead", .base = IN_DEFAULT, .write = field_write_is_read,
      .set = field_set_is_read },
    { .uri = "message:IsResponseRequested", .base = IN_ALL,
      .tag = PR_REPLY_REQUESTED, .write = field_write_bool_if,
      .set = field_set_bool, .clear = field_clear },
    { .uri = "message:References", .base = IN_ALL,
      .tag = PR_INTERNET_REFERENCES, .write = field_write_text,
      .set = field_set_text, .clear = field_clear },
    { .uri = "message:ReplyTo", .base = IN_ALL, .write = write_reply_to,
      .tag = PR_REPLY_RECIPIENT_NAMES,
      .flags = FIELD_NOT_LISTED | FIELD_APPENDS,
      .set = set_reply_to, .clear = clear_reply_to },
    { .uri = "message:ReceivedBy", .base = IN_ALL, .write = write_received_by,
      .tag = PR_RECEIVED_BY_NAME, .set = set_received_by },
    { .uri = "message:ReceivedRepresenting", .base = IN_ALL,
      .tag = PR_RCVD_REPRESENTING_NAME, .write = write_received_for,
      .set = set_received_for },
    /* moderation, voting and reminders by mail: the lab has none */
    { .uri = "message:ApprovalRequestData", .since = EXCHANGE2013_SP1 },
    { .uri = "message:VotingInformation", .since = EXCHANGE2013_SP1 },
    { .uri = "message:ReminderMessageData", .since = EXCHANGE2013_SP1 },
};
/* clang-format on */

const struct field_section field_section_message = {
    .kinds = KINDS_MESSAGE,
    .rows = rows,
    .n = G_N_ELEMENTS(rows),
    .finish = finish,
};
