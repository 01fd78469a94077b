/*
 * User configuration: hidden items of the class IPM.Configuration.NAME that
 * hold a dictionary, an XML document or bytes ([MS-OXOCFG] 2.2.2).
 */
#include "lab/fts_read.h"
#include "lab/mapi_tags.h"
#include "lab/op.h"
#include "lab/roaming.h"
#include "lab/store_directory.h"

#define CLASS_PREFIX "IPM.Configuration."
/* PidTagMessageClass has no more characters than this on a real server. */
#define NAME_MAX_BYTES 237

/* PidTagRoamingDatatypes: which streams there are, [MS-OXOCFG] 2.2.2.1. */
#define PR_ROAMING_DATATYPES 0x7C060003u
enum stream_bit {
    STREAM_BINARY = 1,
    STREAM_XML = 2,
    STREAM_DICTIONARY = 4,
};

static const struct {
    const char *name, *element;
    uint32_t tag;
    unsigned int bit;
} streams[] = {
    { "Dictionary", "t:Dictionary", PROP_TAG(0x7C07, PT_BINARY),
      STREAM_DICTIONARY },
    { "XmlData", "t:XmlData", PROP_TAG(0x7C08, PT_BINARY), STREAM_XML },
    { "BinaryData", "t:BinaryData", PROP_TAG(0x7C09, PT_BINARY),
      STREAM_BINARY },
};

/* One configuration item: where it is, and what it is called. */
struct config {
    const xmlNode *name_node; /* <UserConfigurationName> of the request */
    char *name;
    char *item_class;
    struct place folder;
    struct lab_item item; /* id NULL: there is none yet */
};

static void config_clear(struct config *c)
{
    g_free(c->name);
    g_free(c->item_class);
    place_clear(&c->folder);
    lab_item_clear(&c->item);
}
typedef struct config config;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(config, config_clear)

static int find_config(struct op_call *call, const xmlNode *node,
                       struct config *c, struct problem *p)
{
    struct err err;
    int found;

    c->name_node = node;
    c->name = soap_attr_dup(node, "Name");
    if (c->name == NULL || c->name[0] == '\0' ||
        strlen(c->name) > NAME_MAX_BYTES)
        return soap_violation(p, node != NULL ? node : call->request->operation,
                              "The 'Name' attribute is invalid.");
    c->item_class = g_strconcat(CLASS_PREFIX, c->name, NULL);
    if (access_folder(call->lab, call->caller, soap_first(node),
                      "ErrorFolderNotFound", &c->folder, p) < 0)
        return -1;
    found =
        lab_store_hidden(call->lab->store, c->folder.mailbox,
                         c->folder.folder.id, c->item_class, &c->item, &err);
    return found < 0 ? problem_from_err(p, &err) : found;
}

static int find_existing(struct op_call *call, const xmlNode *node,
                         struct config *c, struct problem *p)
{
    int found = find_config(call, node, c, p);

    return found == 0 ? problem_set(p, "ErrorItemNotFound") : found;
}

static int load(struct op_call *call, const struct config *c,
                struct mapi_item **ret, struct problem *p)
{
    g_autoptr(GBytes) payload = NULL;
    struct err err;
    const uint8_t *data;
    gsize n = 0;

    if (lab_store_export(call->lab->store, c->folder.mailbox, c->item.id,
                         &payload, NULL, &err) < 0)
        return problem_from_err(p, &err);
    data = g_bytes_get_data(payload, &n);
    if (lab_fts_read(data, n, ret, &err) < 0)
        return problem_from_err(p, &err);
    return 0;
}

/* ---- GetUserConfiguration ------------------------------------------ */

/* The stream bits, and whether the id, are asked for. */
static int read_wanted(const struct op_call *call, unsigned int *ret,
                       bool *ret_id, struct problem *p)
{
    const xmlNode *node = op_child(call, "UserConfigurationProperties");
    g_autofree char *text = soap_text_dup(node);
    g_auto(GStrv) words =
        g_strsplit_set(text != NULL ? text : "", " \t\r\n", -1);

    *ret = 0;
    *ret_id = false;
    for (size_t i = 0; words[i] != NULL; i++) {
        bool all = strcmp(words[i], "All") == 0;
        bool known = all || words[i][0] == '\0' || strcmp(words[i], "Id") == 0;

        *ret_id = *ret_id || all || strcmp(words[i], "Id") == 0;
        for (size_t j = 0; j < G_N_ELEMENTS(streams); j++)
            if (all || strcmp(words[i], streams[j].name) == 0) {
                *ret |= streams[j].bit;
                known = true;
            }
        if (!known)
            return soap_violation(p, node,
                                  "'%.40s' is no property of a user "
                                  "configuration.",
                                  words[i]);
    }
    return 0;
}

/* The name as it was asked for, id of the folder and all. */
static void write_name(struct op_call *call, const struct config *c)
{
    const xmlNode *folder = soap_first(c->name_node);
    g_autofree char *id = soap_attr_dup(folder, "Id");
    struct xmlout *x = &call->reply.x;

    xml_begin(x, "t:UserConfigurationName");
    xml_attr(x, "Name", c->name);
    xml_end(x);
    if (soap_is(folder, NS_TYPES, "DistinguishedFolderId"))
        op_write_id(call, "t:DistinguishedFolderId", id, NULL);
    else
        op_write_id(call, "t:FolderId", c->folder.folder.id,
                    c->folder.folder.change_key);
    xml_close(x, "t:UserConfigurationName");
}

static int write_stream(struct op_call *call, size_t i,
                        const struct mapi_item *tree, struct problem *p)
{
    struct xmlout *x = &call->reply.x;
    const struct mapi_prop *prop =
        mapi_find(&tree->message.props, PROP_ID(streams[i].tag));

    if (prop == NULL || PROP_TYPE(prop->tag) != PT_BINARY)
        return 0;
    if (streams[i].bit != STREAM_DICTIONARY) {
        xml_base64(x, streams[i].element, prop->data, prop->size);
        return 0;
    }
    xml_open(x, streams[i].element);
    if (roaming_write(x, prop->data, prop->size) < 0)
        return problem_set(p, "ErrorCorruptData");
    xml_close(x, streams[i].element);
    return 0;
}

static int get_once(struct op_call *call, struct problem *p)
{
    g_auto(config) c = { 0 };
    g_autoptr(mapi_item) tree = NULL;
    unsigned int wanted = 0;
    bool want_id = false;

    if (read_wanted(call, &wanted, &want_id, p) < 0 ||
        find_existing(call, op_child(call, "UserConfigurationName"), &c, p) <
            0 ||
        load(call, &c, &tree, p) < 0)
        return -1;
    reply_message_begin(&call->reply, NULL);
    xml_open(&call->reply.x, "m:UserConfiguration");
    write_name(call, &c);
    if (want_id)
        op_write_id(call, "t:ItemId", c.item.id, c.item.change_key);
    for (size_t i = 0; i < G_N_ELEMENTS(streams); i++)
        if ((wanted & streams[i].bit) != 0 &&
            write_stream(call, i, tree, p) < 0)
            return -1;
    xml_close(&call->reply.x, "m:UserConfiguration");
    reply_message_end(&call->reply);
    return 0;
}

int op_get_user_configuration(struct op_call *call, struct problem *p)
{
    return op_one(call, get_once, p);
}

/* ---- Create and Update --------------------------------------------- */

static GByteArray *read_bytes(const xmlNode *node, struct problem *p)
{
    g_autofree char *text = soap_text_dup(node);
    g_autofree uint8_t *raw = NULL;
    GByteArray *out;
    gsize n = 0;

    if (text != NULL && strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                     "abcdefghijklmnopqrstuvwxyz"
                                     "0123456789+/= \t\r\n") != strlen(text)) {
        soap_violation(p, node,
                       "The '%s' element is invalid - its value is "
                       "invalid according to its datatype "
                       "'base64Binary'.",
                       (const char *)node->name);
        return NULL;
    }
    out = g_byte_array_new();
    if (text == NULL)
        return out;
    raw = g_base64_decode(text, &n);
    g_byte_array_append(out, raw, (guint)n);
    return out;
}

/* A stream that the request has replaces the item's; others stay. */
static int set_stream(const xmlNode *node, size_t i, struct mapi_item *tree,
                      struct problem *p)
{
    g_autoptr(GByteArray) bytes = NULL;

    node = soap_child(node, NS_TYPES, streams[i].name);
    if (node == NULL)
        return 0;
    bytes = streams[i].bit == STREAM_DICTIONARY ? roaming_from_xml(node, p)
                                                : read_bytes(node, p);
    if (bytes == NULL)
        return -1;
    mapi_set(tree, &tree->message.props, streams[i].tag, bytes->data,
             bytes->len);
    return 0;
}

static int set_streams(const xmlNode *node, struct mapi_item *tree,
                       struct problem *p)
{
    struct mapi_props *props = &tree->message.props;
    int32_t bits = 0;

    for (size_t i = 0; i < G_N_ELEMENTS(streams); i++) {
        if (set_stream(node, i, tree, p) < 0)
            return -1;
        if (mapi_find(props, PROP_ID(streams[i].tag)) != NULL)
            bits |= (int32_t)streams[i].bit;
    }
    mapi_set_i32(tree, props, PR_ROAMING_DATATYPES, bits);
    return 0;
}

static int save(struct op_call *call, const struct config *c,
                const struct mapi_item *tree, struct problem *p)
{
    g_autoptr(GBytes) payload =
        lab_fts_write(tree, lab_store_profile(call->lab->store));
    g_auto(lab_item) stored = { 0 };
    struct lab_upload upload = {
        .action = c->item.id != NULL ? LAB_UPDATE : LAB_CREATE_NEW,
        .folder_id = c->folder.folder.id,
        .item_id = c->item.id,
        .associated = true,
        .actor = call->caller->name,
    };
    struct err err;

    upload.data = g_bytes_get_data(payload, &upload.len);
    if (lab_store_upload(call->lab->store, c->folder.mailbox, &upload, &stored,
                         &err) < 0)
        return problem_from_err(p, &err);
    return 0;
}

static void write_done(struct op_call *call)
{
    reply_message_begin(&call->reply, NULL);
    reply_message_end(&call->reply);
}

static const xmlNode *config_name(const struct op_call *call)
{
    return soap_child(op_child(call, "UserConfiguration"), NS_TYPES,
                      "UserConfigurationName");
}

static int create_once(struct op_call *call, struct problem *p)
{
    g_autoptr(mapi_item) tree = mapi_item_new();
    g_auto(config) c = { 0 };
    int found = find_config(call, config_name(call), &c, p);

    if (found < 0)
        return -1;
    if (found > 0)
        return problem_set(p, "ErrorItemSave");
    mapi_set_text(tree, &tree->message.props, PR_MESSAGE_CLASS, c.item_class);
    mapi_set_text(tree, &tree->message.props, PR_SUBJECT, c.item_class);
    if (set_streams(op_child(call, "UserConfiguration"), tree, p) < 0 ||
        save(call, &c, tree, p) < 0)
        return -1;
    write_done(call);
    return 0;
}

int op_create_user_configuration(struct op_call *call, struct problem *p)
{
    return op_one(call, create_once, p);
}

static int update_once(struct op_call *call, struct problem *p)
{
    g_autoptr(mapi_item) tree = NULL;
    g_auto(config) c = { 0 };

    if (find_existing(call, config_name(call), &c, p) < 0 ||
        load(call, &c, &tree, p) < 0 ||
        set_streams(op_child(call, "UserConfiguration"), tree, p) < 0 ||
        save(call, &c, tree, p) < 0)
        return -1;
    write_done(call);
    return 0;
}

int op_update_user_configuration(struct op_call *call, struct problem *p)
{
    return op_one(call, update_once, p);
}

/* ---- Delete -------------------------------------------------------- */

static int delete_once(struct op_call *call, struct problem *p)
{
    g_auto(config) c = { 0 };
    struct err err;

    if (find_existing(call, op_child(call, "UserConfigurationName"), &c, p) < 0)
        return -1;
    if (lab_store_delete_item(call->lab->store, c.folder.mailbox, c.item.id,
                              LAB_DELETE_HARD, &err) < 0)
        return problem_from_err(p, &err);
    write_done(call);
    return 0;
}

int op_delete_user_configuration(struct op_call *call, struct problem *p)
{
    return op_one(call, delete_once, p);
}
