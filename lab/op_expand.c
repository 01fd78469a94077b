#include "lab/bytes.h"
#include "lab/directory.h"
#include "lab/mapi_tags.h"

static void expansion_begin(struct op_call *call, uint32_t n)
{
    char text[16];

    g_snprintf(text, sizeof(text), "%u", n);
    reply_message_begin(&call->reply, NULL);
    xml_begin(&call->reply.x, "m:DLExpansion");
    xml_attr(&call->reply.x, "TotalItemsInView", text);
    xml_attr(&call->reply.x, "IncludesLastItemInRange", "true");
    xml_end(&call->reply.x);
}

static void expansion_end(struct op_call *call)
{
    xml_close(&call->reply.x, "m:DLExpansion");
    reply_message_end(&call->reply);
}

static int expand_public(struct op_call *call, const char *address,
                         struct problem *p)
{
    g_autoptr(GPtrArray) members = NULL;
    struct err err;
    int found = lab_store_members(call->lab->store, address, &members, &err);

    if (found < 0)
        return problem_from_err(p, &err);
    if (found == 0)
        return problem_set(p, "ErrorNameResolutionNoResults");
    expansion_begin(call, members->len);
    for (guint i = 0; i < members->len; i++)
        directory_write_entry(call, "t:Mailbox", members->pdata[i]);
    expansion_end(call);
    return 0;
}

/* One string of an entry id, in UTF-16 or code page 1252; moves *at on. */
static char *entry_text(const uint8_t *data, size_t len, bool wide, size_t *at)
{
    size_t step = wide ? 2 : 1, start = *at, end = start;

    while (end + step <= len &&
           (data[end] != 0 || (wide && data[end + 1] != 0)))
        end += step;
    *at = end + step;
    if (start > len || end > len)
        return NULL;
    return g_convert((const char *)data + start, (gssize)(end - start), "UTF-8",
                     wide ? "UTF-16LE" : "WINDOWS-1252", NULL, NULL, NULL);
}

struct member {
    char *name, *routing, *address;
};

static void member_clear(struct member *m)
{
    g_free(m->name);
    g_free(m->routing);
    g_free(m->address);
}

/* [MS-OXCDATA] 2.2.5.1: somebody by name and address. */
static bool read_one_off(const uint8_t *data, size_t len, struct member *ret)
{
    static const uint8_t provider[16] = { 0x81, 0x2B, 0x1F, 0xA4, 0xBE, 0xA3,
                                          0x10, 0x19, 0x9D, 0x6E, 0x00, 0xDD,
                                          0x01, 0x0F, 0x54, 0x02 };
    size_t at = 24;
    bool wide;

    if (len < at || memcmp(data + 4, provider, sizeof(provider)) != 0)
        return false;
    wide = (data[23] & 0x80) != 0;
    ret->name = entry_text(data, len, wide, &at);
    ret->routing = entry_text(data, len, wide, &at);
    ret->address = entry_text(data, len, wide, &at);
    return ret->address != NULL;
}

/* [MS-OXCDATA] 2.2.5.2: somebody of the organisation. */
static bool read_address_book(const uint8_t *data, size_t len,
                              struct member *ret)
{
    static const uint8_t provider[16] = { 0xDC, 0xA7, 0x40, 0xC8, 0xC0, 0x42,
                                          0x10, 0x1A, 0xB4, 0xB9, 0x08, 0x00,
                                          0x2B, 0x2F, 0xE1, 0x82 };
    size_t at = 28;

    if (len < at || memcmp(data + 4, provider, sizeof(provider)) != 0)
        return false;
    ret->routing = g_strdup("EX");
    ret->address = entry_text(data, len, false, &at);
    return ret->address != NULL;
}

/* An Exchange name that the address book knows is written as its address. */
static void write_member(struct op_call *call, const struct member *m)
{
    g_autoptr(GPtrArray) known = NULL;
    const struct directory_address a = {
        .name = m->name != NULL ? m->name : m->address,
        .address = m->address,
        .routing = m->routing,
        .type = "OneOff",
    };
    struct err err;

    if (m->address[0] == '/' &&
        lab_store_resolve(call->lab->store, m->address, 1, &known, &err) == 0 &&
        known->len == 1)
        directory_write_entry(call, "t:Mailbox", known->pdata[0]);
    else
        directory_write(call, "t:Mailbox", &a);
}

/* [MS-OXOCNTC] 2.2.2.4.2 PidLidDistributionListOneOffMembers, else Members. */
static const struct mapi_prop *members_of(const struct mapi_item *tree)
{
    const struct mapi_props *props = &tree->message.props;
    const struct mapi_prop *prop = mapi_find_id(props, PSETID_ADDRESS, 0x8054);

    return prop != NULL ? prop : mapi_find_id(props, PSETID_ADDRESS, 0x8055);
}

static uint32_t write_members(struct op_call *call,
                              const struct mapi_prop *prop)
{
    const uint8_t *data = prop->data;
    size_t left = prop->size;
    uint32_t n = 0;

    for (uint32_t i = 0; i < prop->count && left >= 4; i++) {
        size_t len = bytes_u32_at(data);
        struct member m = { 0 };

        if (len > left - 4)
            break;
        if (read_one_off(data + 4, len, &m) ||
            read_address_book(data + 4, len, &m)) {
            write_member(call, &m);
            n++;
        }
        member_clear(&m);
        data += 4 + len;
        left -= 4 + len;
    }
    return n;
}

static char *text_of(const struct mapi_props *props, uint32_t tag)
{
    return mapi_dup_text(mapi_find(props, PROP_ID(tag)));
}

static int expand_private(struct op_call *call, const xmlNode *node,
                          struct problem *p)
{
    g_autoptr(mapi_item) tree = NULL;
    g_autoptr(GString) members = g_string_new(NULL);
    g_autofree char *id = NULL, *item_class = NULL;
    const struct mapi_prop *prop;
    int64_t mailbox = 0;
    uint32_t n = 0;
    GString *was;

    if (access_item(call->lab, call->caller, node, &id, &mailbox, p) < 0 ||
        directory_load(call, mailbox, id, &tree, p) < 0)
        return -1;
    item_class = text_of(&tree->message.props, PR_MESSAGE_CLASS);
    if (item_class == NULL || !g_str_has_prefix(item_class, "IPM.DistList"))
        return problem_set(p, "ErrorNameResolutionNoResults");
    prop = members_of(tree);
    was = directory_divert(call, members);
    if (prop != NULL)
        n = write_members(call, prop);
    directory_divert(call, was);
    expansion_begin(call, n);
    xml_raw(&call->reply.x, members->str);
    expansion_end(call);
    return 0;
}

static int expand_once(struct op_call *call, struct problem *p)
{
    const xmlNode *mailbox = op_child(call, "Mailbox");
    const xmlNode *item = soap_child(mailbox, NS_TYPES, "ItemId");
    g_autofree char *address =
        soap_text_dup(soap_child(mailbox, NS_TYPES, "EmailAddress"));

    if (item != NULL)
        return expand_private(call, item, p);
    if (address == NULL)
        return problem_set(p, "ErrorNameResolutionNoResults");
    return expand_public(call, g_strstrip(address), p);
}

int op_expand_dl(struct op_call *call, struct problem *p)
{
    return op_one(call, expand_once, p);
}
