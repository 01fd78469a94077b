#include "lab/person.h"

#include <string.h>

#include "lab/mapi_tags.h"

void person_clear(struct person *p)
{
    g_clear_pointer(&p->name, g_free);
    g_clear_pointer(&p->smtp, g_free);
    g_clear_pointer(&p->dn, g_free);
    g_clear_pointer(&p->routing, g_free);
    g_clear_pointer(&p->address, g_free);
}

void person_free(struct person *p)
{
    if (p == NULL)
        return;
    person_clear(p);
    g_free(p);
}

static const char *routing_of(const struct person *p)
{
    if (p->routing != NULL)
        return p->routing;
    return p->dn != NULL ? "EX" : "SMTP";
}

static const char *address_of(const struct person *p)
{
    const char *address = p->routing != NULL ? p->address
                          : p->dn != NULL    ? p->dn
                                             : p->smtp;

    return address != NULL ? address : "";
}

static const char *name_of(const struct person *p)
{
    return p->name != NULL && p->name[0] != '\0' ? p->name : person_best(p);
}

const char *person_best(const struct person *p)
{
    return p->smtp != NULL ? p->smtp : address_of(p);
}

/* ---- properties ---------------------------------------------------- */

const struct person_tags person_sender = {
    PR_SENDER_NAME,    PR_SENDER_ADDRTYPE,   PR_SENDER_EMAIL_ADDRESS,
    PR_SENDER_ENTRYID, PR_SENDER_SEARCH_KEY, PR_SENDER_SMTP_ADDRESS,
};
const struct person_tags person_from = {
    PR_SENT_REPRESENTING_NAME,       PR_SENT_REPRESENTING_ADDRTYPE,
    PR_SENT_REPRESENTING_EMAIL,      PR_SENT_REPRESENTING_ENTRYID,
    PR_SENT_REPRESENTING_SEARCH_KEY, PR_SENT_REPRESENTING_SMTP,
};
const struct person_tags person_received_by = {
    PR_RECEIVED_BY_NAME,    PR_RECEIVED_BY_ADDRTYPE,   PR_RECEIVED_BY_EMAIL,
    PR_RECEIVED_BY_ENTRYID, PR_RECEIVED_BY_SEARCH_KEY, PR_RECEIVED_BY_SMTP,
};
const struct person_tags person_received_for = {
    PR_RCVD_REPRESENTING_NAME,       PR_RCVD_REPRESENTING_ADDRTYPE,
    PR_RCVD_REPRESENTING_EMAIL,      PR_RCVD_REPRESENTING_ENTRYID,
    PR_RCVD_REPRESENTING_SEARCH_KEY, PR_RCVD_REPRESENTING_SMTP,
};
const struct person_tags person_recipient = {
    PR_DISPLAY_NAME, PR_ADDRTYPE,   PR_EMAIL_ADDRESS,
    PR_ENTRYID,      PR_SEARCH_KEY, PR_SMTP_ADDRESS,
};

/* NULL for an empty one too. */
static char *text_of(const struct mapi_props *props, uint32_t tag)
{
    char *text =
        tag != 0 ? mapi_dup_text(mapi_find(props, PROP_ID(tag))) : NULL;

    if (text != NULL && text[0] != '\0')
        return text;
    g_free(text);
    return NULL;
}

/* Routing and address as properties have them, into the struct's places. */
static void put_address(struct person *p, const char *routing,
                        const char *address)
{
    if (address == NULL)
        return;
    if (routing == NULL || g_ascii_strcasecmp(routing, "SMTP") == 0) {
        g_free(p->smtp);
        p->smtp = g_strdup(address);
    } else if (g_ascii_strcasecmp(routing, "EX") == 0) {
        p->dn = g_strdup(address);
    } else {
        p->routing = g_strdup(routing);
        p->address = g_strdup(address);
    }
}

bool person_get(const struct mapi_props *props, const struct person_tags *tags,
                struct person *ret)
{
    g_autofree char *routing = text_of(props, tags->routing);
    g_autofree char *address = text_of(props, tags->address);
    g_auto(person) p = { .name = text_of(props, tags->name),
                         .smtp = text_of(props, tags->smtp) };
    const struct mapi_prop *id = mapi_find(props, PROP_ID(tags->entry_id));

    put_address(&p, routing, address);
    /* some tell the entry id alone: all that is needed stands in it */
    if (p.smtp == NULL && p.dn == NULL && p.address == NULL &&
        (id == NULL || !person_of_entry_id(id->data, id->size, &p)) &&
        p.name == NULL)
        return false;
    *ret = p;
    p = (struct person){ 0 };
    return true;
}

/* "EX:/O=..." or "SMTP:A@B", in capitals, with its end. */
static void set_search_key(struct mapi_item *item, struct mapi_props *props,
                           uint32_t tag, const struct person *p)
{
    g_autofree char *plain =
        g_strdup_printf("%s:%s", routing_of(p), address_of(p));
    g_autofree char *key = g_ascii_strup(plain, -1);

    mapi_set(item, props, tag, key, strlen(key) + 1);
}

void person_set(struct mapi_item *item, struct mapi_props *props,
                const struct person_tags *tags, const struct person *p)
{
    g_autoptr(GByteArray) id = person_entry_id(p);

    mapi_set_text(item, props, tags->name, name_of(p));
    mapi_set_text(item, props, tags->routing, routing_of(p));
    mapi_set_text(item, props, tags->address, address_of(p));
    mapi_set(item, props, tags->entry_id, id->data, id->len);
    set_search_key(item, props, tags->search_key, p);
    if (p->smtp != NULL)
        mapi_set_text(item, props, tags->smtp, p->smtp);
    else
        mapi_remove(props, PROP_ID(tags->smtp));
}

void person_remove(struct mapi_props *props, const struct person_tags *tags)
{
    const uint32_t all[] = { tags->name,     tags->routing,    tags->address,
                             tags->entry_id, tags->search_key, tags->smtp };

    for (size_t i = 0; i < G_N_ELEMENTS(all); i++)
        mapi_remove(props, PROP_ID(all[i]));
}

/* ---- recipients ---------------------------------------------------- */

/* MAPI_MAILUSER and DT_MAILUSER, [MS-OXOABK] 2.2.3.10 and 2.2.3.11 */
#define MAILUSER 6

struct mapi_props *person_add_recipient(struct mapi_item *item,
                                        struct mapi_message *m,
                                        const struct person *p,
                                        enum person_role role)
{
    int32_t row = (int32_t)m->n_recipients;
    struct mapi_props *r = mapi_add_recipient(item, m);
    g_autoptr(GByteArray) id = person_entry_id(p);

    mapi_set_i32(item, r, PR_ROWID, row);
    mapi_set_i32(item, r, PR_RECIPIENT_TYPE, (int32_t)role);
    person_set(item, r, &person_recipient, p);
    mapi_set_i32(item, r, PR_OBJECT_TYPE, MAILUSER);
    mapi_set_i32(item, r, PR_DISPLAY_TYPE, 0);
    mapi_set_bool(item, r, PR_RESPONSIBILITY, false);
    mapi_set_bool(item, r, PR_SEND_RICH_INFO, false);
    mapi_set_text(item, r, PR_RECIPIENT_DISPLAY_NAME, name_of(p));
    mapi_set(item, r, PR_RECIPIENT_ENTRYID, id->data, id->len);
    mapi_set_i32(item, r, PR_RECIPIENT_ORDER, row);
    /* recipSendable, [MS-OXOCAL] 2.2.4.9.2 */
    mapi_set_i32(item, r, PR_RECIPIENT_FLAGS, 1);
    mapi_set_i32(item, r, PR_RECIPIENT_TRACKSTATUS, 0);
    return r;
}

enum person_role person_role(const struct mapi_props *recipient)
{
    int32_t type = mapi_get_i32(
        mapi_find(recipient, PROP_ID(PR_RECIPIENT_TYPE)), PERSON_TO);

    /* beside the role it may hold "submitted" (0x80000000) and such */
    return (enum person_role)(type & 0xF);
}

void person_remove_recipients(struct mapi_message *m, enum person_role role)
{
    size_t kept = 0;

    for (size_t i = 0; i < m->n_recipients; i++)
        if (person_role(&m->recipients[i]) != role)
            m->recipients[kept++] = m->recipients[i];
    m->n_recipients = kept;
}

static void display(struct mapi_item *item, struct mapi_message *m,
                    enum person_role role, uint32_t tag)
{
    g_autoptr(GString) names = g_string_new(NULL);

    for (size_t i = 0; i < m->n_recipients; i++) {
        g_autofree char *name = NULL;

        if (person_role(&m->recipients[i]) != role)
            continue;
        name = mapi_dup_text(
            mapi_find(&m->recipients[i], PROP_ID(PR_DISPLAY_NAME)));
        g_string_append_printf(names, "%s%s", names->len > 0 ? "; " : "",
                               name != NULL ? name : "");
    }
    mapi_set_text(item, &m->props, tag, names->str);
}

void person_display(struct mapi_item *item, struct mapi_message *m)
{
    display(item, m, PERSON_TO, PR_DISPLAY_TO);
    display(item, m, PERSON_CC, PR_DISPLAY_CC);
    display(item, m, PERSON_BCC, PR_DISPLAY_BCC);
}

/* ---- requests and answers ------------------------------------------ */

static bool blank(const char *text)
{
    return text == NULL || text[0] == '\0';
}

/* Whom the address book knows by that address is theirs. */
static int look_up(struct op_call *call, struct person *who, struct problem *p)
{
    g_auto(lab_entry) entry = { 0 };
    struct err err;
    int found;

    if (who->smtp == NULL)
        return 0;
    found = lab_store_entry(call->lab->store, who->smtp, &entry, &err);
    if (found < 0)
        return problem_from_err(p, &err);
    if (found == 0)
        return 0;
    g_free(who->dn);
    who->dn = g_strdup(entry.legacy_dn);
    if (blank(who->name)) {
        g_free(who->name);
        who->name = g_strdup(entry.display_name);
    }
    return 0;
}

/* An Exchange name: its SMTP address is asked of the address book. */
static int look_up_dn(struct op_call *call, struct person *who,
                      struct problem *p)
{
    g_autoptr(GPtrArray) found = NULL;
    struct err err;

    if (lab_store_resolve(call->lab->store, who->dn, 1, &found, &err) < 0)
        return problem_from_err(p, &err);
    if (found->len == 1) {
        const struct lab_entry *entry = found->pdata[0];

        who->smtp = g_strdup(entry->address);
        if (blank(who->name)) {
            g_free(who->name);
            who->name = g_strdup(entry->display_name);
        }
    }
    return 0;
}

/* A private list, or a contact: by its item. */
static int of_item(struct op_call *call, const xmlNode *node,
                   struct person *who, struct problem *p)
{
    g_auto(lab_item) item = { 0 };
    g_autofree char *id = NULL;
    int64_t mailbox = 0;
    struct err err;

    if (access_item(call->lab, call->caller, node, &id, &mailbox, p) < 0)
        return -1;
    if (lab_store_item(call->lab->store, mailbox, id, &item, &err) < 0)
        return problem_from_err(p, &err);
    if (blank(who->name)) {
        g_free(who->name);
        who->name = g_strdup(item.subject);
    }
    who->routing = g_strdup("MAPIPDL");
    who->address = g_strdup("Unknown");
    return 0;
}

int person_read(struct op_call *call, const xmlNode *node, struct person *ret,
                struct problem *p)
{
    const xmlNode *id = soap_child(node, NS_TYPES, "ItemId");
    g_autofree char *address =
        soap_text_dup(soap_child(node, NS_TYPES, "EmailAddress"));
    g_autofree char *routing =
        soap_text_dup(soap_child(node, NS_TYPES, "RoutingType"));
    g_auto(person)
        who = { .name = soap_text_dup(soap_child(node, NS_TYPES, "Name")) };
    int status;

    if (address != NULL)
        g_strstrip(address);
    if (blank(address) && id == NULL)
        return problem_set(p, "ErrorMissingInformationEmailAddress");
    if (blank(address)) {
        status = of_item(call, id, &who, p);
    } else {
        put_address(&who, routing, address);
        status =
            who.dn != NULL ? look_up_dn(call, &who, p) : look_up(call, &who, p);
    }
    if (status < 0)
        return -1;
    *ret = who;
    who = (struct person){ 0 };
    return 0;
}

int person_owner(struct op_call *call, int64_t mailbox, struct person *ret,
                 struct problem *p)
{
    g_auto(lab_mailbox) m = { 0 };
    struct err err;

    if (lab_store_get_mailbox(call->lab->store, mailbox, &m, &err) < 0)
        return problem_from_err(p, &err);
    *ret = (struct person){ .name = g_steal_pointer(&m.display_name),
                            .smtp = g_steal_pointer(&m.address),
                            .dn = g_steal_pointer(&m.legacy_dn) };
    return 0;
}

static const char *type_of(const struct person *p)
{
    if (p->dn != NULL)
        return "Mailbox";
    return g_strcmp0(p->routing, "MAPIPDL") == 0 ? "PrivateDL" : "OneOff";
}

void person_write(struct op_call *call, struct xmlout *x,
                  const struct person *p, bool name_only)
{
    const char *address = person_best(p);

    xml_open(x, "t:Mailbox");
    xml_text(x, "t:Name", name_of(p));
    if (!name_only && address[0] != '\0') {
        xml_text(x, "t:EmailAddress", address);
        xml_text(x, "t:RoutingType", p->smtp != NULL ? "SMTP" : routing_of(p));
        if (call->asked >= EXCHANGE2010)
            xml_text(x, "t:MailboxType", type_of(p));
    }
    xml_close(x, "t:Mailbox");
}
