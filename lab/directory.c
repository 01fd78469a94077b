#include "lab/directory.h"

#include "lab/fts_read.h"

void directory_write(struct op_call *call, const char *element,
                     const struct directory_address *a)
{
    struct xmlout *x = &call->reply.x;

    xml_open(x, element);
    xml_text(x, "t:Name", a->name != NULL ? a->name : "");
    if (a->address != NULL && a->address[0] != '\0') {
        xml_text(x, "t:EmailAddress", a->address);
        xml_text(x, "t:RoutingType", a->routing != NULL ? a->routing : "SMTP");
    }
    if (a->type != NULL)
        xml_text(x, "t:MailboxType", a->type);
    if (a->id != NULL)
        op_write_id(call, "t:ItemId", a->id, a->change_key);
    xml_close(x, element);
}

static const char *const types[] = {
    [LAB_ENTRY_MAILBOX] = "Mailbox",
    [LAB_ENTRY_LIST] = "PublicDL",
    [LAB_ENTRY_ROOM] = "Mailbox",
    [LAB_ENTRY_ROOM_LIST] = "PublicDL",
};

void directory_write_entry(struct op_call *call, const char *element,
                           const struct lab_entry *entry)
{
    /* who is not of the organisation has no legacy name in it */
    const struct directory_address a = {
        .name = entry->display_name,
        .address = entry->address,
        .type = entry->legacy_dn != NULL ? types[entry->kind] : "OneOff",
    };

    directory_write(call, element, &a);
}

char *directory_alias(const char *address)
{
    return g_strndup(address, strcspn(address, "@"));
}

static int may_open(struct op_call *call, int64_t mailbox, struct problem *p)
{
    const struct caller *c = call->caller;
    struct err err;
    int may = mailbox == c->mailbox;

    if (!may && c->account != 0 && call->lab->full_access)
        may = lab_store_may_open(call->lab->store, c->account, mailbox, &err);
    if (may < 0)
        return problem_from_err(p, &err);
    return may ? 0 : problem_set(p, "ErrorAccessDenied");
}

static int no_mailbox(const char *address, struct problem *p)
{
    problem_set(p, "ErrorNonExistentMailbox");
    return problem_value(p, "SmtpAddress", address);
}

int directory_mailbox(struct op_call *call, const char *address,
                      struct lab_mailbox *ret, struct problem *p)
{
    g_auto(lab_mailbox) m = { 0 };
    struct err err;
    int found;

    if (address == NULL && call->caller->mailbox == 0)
        return problem_set(p, "ErrorMissingEmailAddress");
    found = lab_store_find_mailbox(
        call->lab->store, address != NULL ? address : call->caller->address, &m,
        &err);
    if (found < 0)
        return problem_from_err(p, &err);
    if (found == 0)
        return no_mailbox(address, p);
    if (may_open(call, m.key, p) < 0)
        return -1;
    *ret = m;
    m = (struct lab_mailbox){ 0 };
    return 0;
}

int directory_load(struct op_call *call, int64_t mailbox, const char *id,
                   struct mapi_item **ret, struct problem *p)
{
    g_autoptr(GBytes) payload = NULL;
    struct err err;
    gsize n = 0;
    const uint8_t *data;

    if (lab_store_export(call->lab->store, mailbox, id, &payload, NULL, &err) <
        0)
        return problem_from_err(p, &err);
    data = g_bytes_get_data(payload, &n);
    if (lab_fts_read(data, n, ret, &err) < 0)
        return problem_from_err(p, &err);
    return 0;
}

GString *directory_divert(struct op_call *call, GString *to)
{
    GString *was = call->reply.x.text;

    call->reply.x.text = to;
    return was;
}
