#include "lab/alternate.h"
#include "lab/op.h"

/* The attributes of one <t:AlternateId> and its two kin. */
struct source {
    enum alternate_format from, to;
    char *id;      /* Id, or FolderId */
    char *item;    /* ItemId of a public folder's item */
    char *mailbox; /* NULL for those of public folders */
    bool archive;
};

static void source_clear(struct source *s)
{
    g_free(s->id);
    g_free(s->item);
    g_free(s->mailbox);
}

static int read_format(const xmlNode *node, const char *attribute,
                       enum alternate_format *ret, struct problem *p)
{
    g_autofree char *name = soap_attr_dup(node, attribute);

    if (name != NULL && alternate_format_find(name, ret) == 0)
        return 0;
    return soap_violation(p, node, "The '%s' attribute is invalid.", attribute);
}

static int missing(const xmlNode *node, const char *attribute,
                   struct problem *p)
{
    return soap_violation(p, node, "The required attribute '%s' is missing.",
                          attribute);
}

static int read_source(const xmlNode *node, struct source *s, struct problem *p)
{
    bool of_mailbox = soap_is(node, NS_TYPES, "AlternateId");

    if (read_format(node, "Format", &s->from, p) < 0)
        return -1;
    s->id = soap_attr_dup(node, of_mailbox ? "Id" : "FolderId");
    if (s->id == NULL)
        return missing(node, of_mailbox ? "Id" : "FolderId", p);
    if (soap_is(node, NS_TYPES, "AlternatePublicFolderItemId")) {
        s->item = soap_attr_dup(node, "ItemId");
        if (s->item == NULL)
            return missing(node, "ItemId", p);
    }
    if (!of_mailbox)
        return 0;
    s->mailbox = soap_attr_dup(node, "Mailbox");
    s->archive = soap_attr_bool(node, "IsArchive");
    return s->mailbox != NULL && s->mailbox[0] != '\0'
               ? 0
               : missing(node, "Mailbox", p);
}

/* "The operation validates that an address has a valid format", no more. */
static bool is_address(const char *text)
{
    const char *at = strchr(text, '@');

    return at != NULL && at != text && at[1] != '\0' &&
           strchr(at + 1, '@') == NULL && strpbrk(text, " \t\r\n<>") == NULL;
}

/* Whose the id is: its GUID's, or who the request says. */
static int owner(struct op_call *call, const struct source *s,
                 const struct alternate *id, struct lab_mailbox *ret,
                 struct problem *p)
{
    struct err err;
    int found;

    if (s->from == ALTERNATE_EWS) {
        if (lab_store_id_mailbox(call->lab->store, s->id, &ret->key, &err) > 0)
            return lab_store_get_mailbox(call->lab->store, ret->key, ret,
                                         &err) < 0
                       ? problem_from_err(p, &err)
                       : 0;
        return problem_set(p, "ErrorNonExistentMailbox");
    }
    found = lab_store_find_mailbox(
        call->lab->store, id->mailbox[0] != '\0' ? id->mailbox : s->mailbox,
        ret, &err);
    if (found < 0)
        return problem_from_err(p, &err);
    return found > 0 ? 0 : problem_set(p, "ErrorNonExistentMailbox");
}

static void begin(struct op_call *call, const char *type,
                  enum alternate_format format)
{
    reply_message_begin(&call->reply, NULL);
    xml_begin(&call->reply.x, "m:AlternateId");
    xml_attr(&call->reply.x, "xsi:type", type);
    xml_attr(&call->reply.x, "Format", alternate_format_name(format));
}

static void end(struct op_call *call)
{
    xml_end_empty(&call->reply.x);
    reply_message_end(&call->reply);
}

static int convert_mailbox_id(struct op_call *call, const struct source *s,
                              struct problem *p)
{
    g_auto(lab_mailbox) m = { 0 };
    g_autofree char *text = NULL;
    const char *address = s->mailbox;
    struct alternate id;
    bool names_it = s->from == ALTERNATE_EWS || s->to == ALTERNATE_EWS;

    if (alternate_parse(s->from, s->id, &id) < 0 || id.public_folder)
        return problem_set(p, "ErrorInvalidIdMalformed");
    if (!is_address(s->mailbox))
        return problem_set(p, "ErrorInvalidSmtpAddress");
    if (names_it && owner(call, s, &id, &m, p) < 0)
        return -1;
    if (m.address != NULL)
        address = m.address;
    text =
        alternate_format(s->to, &id, s->to == ALTERNATE_EWS ? m.guid : address);
    begin(call, "t:AlternateIdType", s->to);
    xml_attr(&call->reply.x, "Id", text);
    xml_attr(&call->reply.x, "Mailbox", address);
    if (s->archive)
        xml_attr(&call->reply.x, "IsArchive", "true");
    end(call);
    return 0;
}

/* An id of a public folder, in whatever form; of the right tree. */
static int convert_public(const struct source *s, const char *from, char **ret,
                          struct problem *p)
{
    struct alternate id;
    bool ews = s->from == ALTERNATE_EWS || s->from == ALTERNATE_EWS_LEGACY;

    if (alternate_parse(s->from, from, &id) < 0 || (ews && !id.public_folder))
        return problem_set(p, "ErrorInvalidIdMalformed");
    id.public_folder = true;
    *ret = alternate_format(s->to, &id, "");
    return 0;
}

static int convert_public_id(struct op_call *call, const struct source *s,
                             struct problem *p)
{
    g_autofree char *folder = NULL, *item = NULL;

    if (convert_public(s, s->id, &folder, p) < 0 ||
        (s->item != NULL && convert_public(s, s->item, &item, p) < 0))
        return -1;
    begin(call,
          item != NULL ? "t:AlternatePublicFolderItemIdType"
                       : "t:AlternatePublicFolderIdType",
          s->to);
    xml_attr(&call->reply.x, "FolderId", folder);
    if (item != NULL)
        xml_attr(&call->reply.x, "ItemId", item);
    end(call);
    return 0;
}

static int convert_one(struct op_call *call, const xmlNode *node, void *data,
                       struct problem *p)
{
    struct source s = { .to = *(const enum alternate_format *)data };
    int status = read_source(node, &s, p);

    if (status == 0)
        status = s.mailbox != NULL ? convert_mailbox_id(call, &s, p)
                                   : convert_public_id(call, &s, p);
    source_clear(&s);
    return status;
}

int op_convert_id(struct op_call *call, struct problem *p)
{
    enum alternate_format to = ALTERNATE_EWS;

    if (read_format(call->request->operation, "DestinationFormat", &to, p) < 0)
        return -1;
    return op_each(call, op_child(call, "SourceIds"), convert_one, &to, p);
}
