#include "base/timestamp.h"
#include "lab/rule_priv.h"
#include "lab/store_directory.h"

/* Strings or addresses in one list; a rule of more is over its quota. */
#define LIST_MAX 500

static const char *const flags[] = {
    "Any",
    "Call",
    "DoNotForward",
    "FollowUp",
    "FYI",
    "Forward",
    "NoResponseNecessary",
    "Read",
    "Reply",
    "ReplyToAll",
    "Review",
    NULL,
};
static const char *const importances[] = { "Low", "Normal", "High", NULL };
static const char *const sensitivities[] = { "Normal", "Personal", "Private",
                                             "Confidential", NULL };

static void complain(struct rule_reading *r, const char *code,
                     const char *value)
{
    rule_complain(r->errors, r->field, code, value);
}

static void read_word(struct rule_reading *r, const xmlNode *node,
                      const char *const *words)
{
    g_autofree char *text = soap_text_dup(node);

    if (text == NULL || !g_strv_contains(words, text))
        complain(r, "InvalidValue", text);
    else
        xml_text(&r->x, r->element, text);
}

static void read_bool(struct rule_reading *r, const xmlNode *node)
{
    g_autofree char *text = soap_text_dup(node);

    if (text == NULL)
        complain(r, "EmptyValueFound", NULL);
    else
        xml_bool(&r->x, r->element,
                 strcmp(text, "true") == 0 || strcmp(text, "1") == 0);
}

static void read_strings(struct rule_reading *r, const xmlNode *node)
{
    size_t n = soap_count(node);

    if (n == 0 || n > LIST_MAX) {
        complain(r, n == 0 ? "EmptyValueFound" : "StringValueTooBig", NULL);
        return;
    }
    xml_open(&r->x, r->element);
    for (node = soap_first(node); node != NULL; node = soap_next(node)) {
        g_autofree char *text = soap_text_dup(node);

        if (text == NULL || text[0] == '\0')
            complain(r, "EmptyValueFound", NULL);
        else if (strlen(text) > RULE_STRING_MAX)
            complain(r, "StringValueTooBig", text);
        else
            xml_text(&r->x, "t:String", text);
    }
    xml_close(&r->x, r->element);
}

/* ---- addresses ----------------------------------------------------- */

static bool is_smtp(const char *text)
{
    const char *at = strchr(text, '@');

    return at != NULL && at != text && strchr(at + 1, '@') == NULL &&
           strchr(at + 1, '.') != NULL && strpbrk(text, " \t\r\n<>") == NULL;
}

/* Of this organisation: its domain is that of the mailbox. */
static bool is_local(struct rule_reading *r, const char *address)
{
    g_auto(lab_mailbox) m = { 0 };
    struct err err;
    const char *at;

    if (lab_store_get_mailbox(r->call->lab->store, r->mailbox, &m, &err) < 0)
        return false;
    at = strchr(m.address, '@');
    return at != NULL && g_ascii_strcasecmp(at, strchr(address, '@')) == 0;
}

/* What is wrong with somebody that mail is to be sent to; NULL: nothing. */
static const char *recipient_error(struct rule_reading *r, const char *address,
                                   struct lab_entry *ret)
{
    g_autoptr(GPtrArray) found = NULL;
    struct err err;

    if (address[0] == '/')
        return lab_store_resolve(r->call->lab->store, address, 1, &found,
                                 &err) < 0 ||
                       found->len == 0
                   ? "RecipientDoesNotExist"
                   : NULL;
    if (!is_smtp(address))
        return "InvalidAddress";
    if (lab_store_entry(r->call->lab->store, address, ret, &err) > 0 ||
        !is_local(r, address))
        return NULL;
    return "RecipientDoesNotExist";
}

static const char *address_error(struct rule_reading *r, const char *address,
                                 const char *routing, bool sent_to,
                                 struct lab_entry *ret)
{
    if (address == NULL || address[0] == '\0')
        return "EmptyValueFound";
    if (strlen(address) > RULE_STRING_MAX)
        return "StringValueTooBig";
    if (routing != NULL && g_ascii_strcasecmp(routing, "SMTP") != 0 &&
        g_ascii_strcasecmp(routing, "EX") != 0 &&
        g_ascii_strcasecmp(routing, "MOBILE") != 0)
        return "UnsupportedAddress";
    return sent_to ? recipient_error(r, address, ret) : NULL;
}

static void read_address(struct rule_reading *r, const xmlNode *node,
                         bool sent_to)
{
    g_autofree char *name = soap_text_dup(soap_child(node, NS_TYPES, "Name"));
    g_autofree char *address =
        soap_text_dup(soap_child(node, NS_TYPES, "EmailAddress"));
    g_autofree char *routing =
        soap_text_dup(soap_child(node, NS_TYPES, "RoutingType"));
    g_auto(lab_entry) known = { 0 };
    const char *wrong = address_error(r, address, routing, sent_to, &known);

    if (wrong != NULL) {
        complain(r, wrong, address);
        return;
    }
    xml_open(&r->x, "t:Address");
    if (name == NULL)
        name =
            g_strdup(known.display_name != NULL ? known.display_name : address);
    xml_text(&r->x, "t:Name", name);
    xml_text(&r->x, "t:EmailAddress", address);
    xml_text(&r->x, "t:RoutingType", routing != NULL ? routing : "SMTP");
    xml_close(&r->x, "t:Address");
}

static void read_addresses(struct rule_reading *r, const xmlNode *node,
                           bool sent_to)
{
    size_t n = soap_count(node);

    if (n == 0 || n > LIST_MAX) {
        complain(r, n == 0 ? "EmptyValueFound" : "StringValueTooBig", NULL);
        return;
    }
    xml_open(&r->x, r->element);
    for (node = soap_first(node); node != NULL; node = soap_next(node))
        read_address(r, node, sent_to);
    xml_close(&r->x, r->element);
}

/* ---- ranges, folders, items ---------------------------------------- */

static void read_dates(struct rule_reading *r, const xmlNode *node)
{
    static const char *const ends[] = { "StartDateTime", "EndDateTime" };
    int64_t us[] = { TIMESTAMP_NONE, TIMESTAMP_NONE };
    bool any = false;

    xml_open(&r->x, r->element);
    for (size_t i = 0; i < G_N_ELEMENTS(ends); i++) {
        g_autofree char *text =
            soap_text_dup(soap_child(node, NS_TYPES, ends[i]));
        g_autofree char *element = g_strconcat("t:", ends[i], NULL);

        if (text == NULL)
            continue;
        any = true;
        if (!timestamp_parse(g_strstrip(text), &us[i]))
            complain(r, "InvalidValue", text);
        else
            xml_time(&r->x, element, us[i]);
    }
    xml_close(&r->x, r->element);
    if (!any)
        complain(r, "MissingRangeValue", NULL);
    else if (us[0] != TIMESTAMP_NONE && us[1] != TIMESTAMP_NONE &&
             us[0] > us[1])
        complain(r, "InvalidDateRange", NULL);
}

static void read_sizes(struct rule_reading *r, const xmlNode *node)
{
    static const char *const ends[] = { "MinimumSize", "MaximumSize" };
    gint64 kb[] = { 0, G_MAXINT32 };
    bool any = false;

    xml_open(&r->x, r->element);
    for (size_t i = 0; i < G_N_ELEMENTS(ends); i++) {
        g_autofree char *text =
            soap_text_dup(soap_child(node, NS_TYPES, ends[i]));
        g_autofree char *element = g_strconcat("t:", ends[i], NULL);

        if (text == NULL)
            continue;
        any = true;
        if (!g_ascii_string_to_signed(g_strstrip(text), 10, G_MININT32,
                                      G_MAXINT32, &kb[i], NULL))
            complain(r, "InvalidValue", text);
        else if (kb[i] < 0)
            complain(r, "SizeLessThanZero", text);
        else
            xml_uint(&r->x, element, (uint64_t)kb[i]);
    }
    xml_close(&r->x, r->element);
    if (!any)
        complain(r, "MissingRangeValue", NULL);
    else if (kb[0] > kb[1])
        complain(r, "InvalidSizeRange", NULL);
}

static void write_id(struct rule_reading *r, const char *element,
                     const char *id, const char *change_key)
{
    xml_begin(&r->x, element);
    xml_attr(&r->x, "Id", id);
    if (change_key != NULL)
        xml_attr(&r->x, "ChangeKey", change_key);
    xml_end_empty(&r->x);
}

/* A folder by its id from here on, however it was named. */
static void read_folder(struct rule_reading *r, const xmlNode *node)
{
    const xmlNode *folder = soap_first(node);
    g_autofree char *id = soap_attr_dup(folder, "Id");
    g_auto(lab_folder) f = { 0 };
    struct err err;
    int status;

    if (id == NULL)
        complain(r, "InvalidFolderId", NULL);
    if (id == NULL)
        return;
    if (soap_is(folder, NS_TYPES, "DistinguishedFolderId"))
        status = lab_store_distinguished(r->call->lab->store, r->mailbox, id,
                                         &f, &err);
    else
        status =
            lab_store_folder(r->call->lab->store, r->mailbox, id, &f, &err);
    if (status < 0) {
        complain(r,
                 g_strcmp0(err.name, "ErrorInvalidIdMalformed") == 0
                     ? "InvalidFolderId"
                     : "FolderDoesNotExist",
                 id);
        return;
    }
    xml_open(&r->x, r->element);
    write_id(r, "t:FolderId", f.id, f.change_key);
    xml_close(&r->x, r->element);
}

static void read_item(struct rule_reading *r, const xmlNode *node)
{
    g_autofree char *id = soap_attr_dup(node, "Id");
    g_auto(lab_item) item = { 0 };
    struct err err;

    if (id == NULL ||
        lab_store_item(r->call->lab->store, r->mailbox, id, &item, &err) < 0)
        complain(r, "InvalidValue", id);
    else
        write_id(r, r->element, item.id, item.change_key);
}

void rule_read_value(struct rule_reading *r, const xmlNode *node,
                     enum rule_value value)
{
    switch (value) {
    case VALUE_STRINGS:
        read_strings(r, node);
        break;
    case VALUE_BOOL:
        read_bool(r, node);
        break;
    case VALUE_ADDRESSES:
        read_addresses(r, node, false);
        break;
    case VALUE_RECIPIENTS:
        read_addresses(r, node, true);
        break;
    case VALUE_FLAG:
        read_word(r, node, flags);
        break;
    case VALUE_IMPORTANCE:
        read_word(r, node, importances);
        break;
    case VALUE_SENSITIVITY:
        read_word(r, node, sensitivities);
        break;
    case VALUE_DATES:
        read_dates(r, node);
        break;
    case VALUE_SIZES:
        read_sizes(r, node);
        break;
    case VALUE_FOLDER:
        read_folder(r, node);
        break;
    case VALUE_ITEM:
        read_item(r, node);
        break;
    }
}
