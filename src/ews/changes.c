/* changes - what has changed in a folder: SyncFolderItems. */
#include <string.h>

#include "base/timestamp.h"
#include "ews/call.h"
#include "ews/portable_field.h"

/* [MS-OXWSSYNC] MaxSyncChangesReturnedType: at most 512. */
#define CHANGES_MAX 512

/*
 * How many empty pages in a row are read on (EWS-QUIRKS 26): a server that
 * filters items out may send some, one that goes round sends nothing else.
 */
#define EMPTY_PAGES_MAX 1000

/* PR_MESSAGE_DELIVERY_TIME, PR_SEARCH_KEY */
#define TAG_RECEIVED          "0x0E06"
#define TAG_RECEIVED_NUMBER   0x0E06
#define TAG_SEARCH_KEY        "0x300B"
#define TAG_SEARCH_KEY_NUMBER 0x300B

struct asking {
    const char *folder_id;
    const char *token;
    size_t max;
};

static void write_shape(struct xml_writer *w)
{
    static const char *const fields[] = { "item:ItemClass", "item:Size",
                                          "item:DateTimeReceived",
                                          "message:IsRead" };

    xml_open(w, "m:ItemShape");
    xml_element(w, "t:BaseShape", "IdOnly");
    xml_open(w, "t:AdditionalProperties");
    for (size_t i = 0; i < G_N_ELEMENTS(fields); i++)
        call_field_uri(w, fields[i]);
    call_property_tag(w, TAG_RECEIVED, "SystemTime");
    call_property_tag(w, TAG_SEARCH_KEY, "Binary");
    stamp_write_path(w);
    xml_close(w);
    xml_close(w);
}

static void write_sync(struct xml_writer *w, const struct core *core,
                       const void *data)
{
    const struct asking *asking = data;
    g_autofree char *max = g_strdup_printf("%zu", asking->max);

    write_shape(w);
    call_folder_id(w, "m:SyncFolderId", asking->folder_id);
    if (asking->token[0] != '\0')
        xml_element(w, "m:SyncState", asking->token);
    xml_element(w, "m:MaxChangesReturned", max);
    if (core_has(core, EWS_2010))
        xml_element(w, "m:SyncScope", "NormalItems");
}

/* ---- the answer ------------------------------------------------------- */

static const struct {
    const char *name;
    enum endpoint_change_kind kind;
} kinds[] = {
    { "Create", ENDPOINT_CREATED },
    { "Update", ENDPOINT_UPDATED },
    { "Delete", ENDPOINT_DELETED },
    { "ReadFlagChange", ENDPOINT_READ_FLAG },
};

static bool kind_of(const struct xml_node *node, enum endpoint_change_kind *ret)
{
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        if (xml_is(node, kinds[i].name)) {
            *ret = kinds[i].kind;
            return true;
        }
    }
    return false;
}

/* 0x0E06 where the item has it; else the creation time (EWS-QUIRKS 10). */
static int64_t read_received(const struct xml_node *item)
{
    int64_t us;

    if (xml_parse_time(call_read_property(item, TAG_RECEIVED_NUMBER), &us) ||
        xml_parse_time(xml_child_text(item, "DateTimeReceived"), &us))
        return us;
    return TIMESTAMP_NONE;
}

static void read_item(const struct xml_node *item, struct endpoint_change *c)
{
    (void)xml_parse_uint(xml_child_text(item, "Size"), INT64_MAX,
                         &c->size_bytes);
    (void)xml_parse_bool(xml_child_text(item, "IsRead"), &c->read);
    c->item_class = g_strdup(xml_child_text(item, "ItemClass"));
    c->search_key = g_strdup(call_read_property(item, TAG_SEARCH_KEY_NUMBER));
    c->received_us = read_received(item);
    c->stamp = g_strdup(stamp_read(item, &c->unfinished));
}

/*
 * Create and Update hold an item, of any element; the other two hold its id
 * and the read flag themselves.
 */
static int read_change(const struct xml_node *node, struct endpoint_change *ret,
                       struct err *err)
{
    const struct xml_node *item = node;
    struct endpoint_change c = { .received_us = TIMESTAMP_NONE };
    const char *id;

    if (!kind_of(node, &c.kind))
        return err_set(err, ERR_FOLDER, ERR_RETRY_NOW, 0,
                       "the server lists a change of kind \"%s\"",
                       xml_name(node));
    if (c.kind == ENDPOINT_CREATED || c.kind == ENDPOINT_UPDATED)
        item = xml_first(node);
    id = xml_attr(xml_child(item, "ItemId"), "Id");
    if (id == NULL || id[0] == '\0')
        return err_set(err, ERR_FOLDER, ERR_RETRY_NOW, 0,
                       "the server lists a change without an id");
    c.id = g_strdup(id);
    if (c.kind != ENDPOINT_DELETED)
        c.change_key =
            g_strdup(xml_attr(xml_child(item, "ItemId"), "ChangeKey"));
    read_item(item, &c);
    *ret = c;
    return 0;
}

static int read_changes(const struct xml_node *changes, size_t max,
                        struct endpoint_page *ret, struct err *err)
{
    size_t n = xml_count(changes);

    if (n > max)
        return err_set(err, ERR_FOLDER, ERR_RETRY_NOW, 0,
                       "the server lists %zu changes where at most %zu were "
                       "asked for",
                       n, max);
    ret->changes = g_new0(struct endpoint_change, n + 1);
    for (const struct xml_node *c = xml_first(changes); c != NULL;
         c = xml_next(c)) {
        if (read_change(c, &ret->changes[ret->n], err) < 0)
            return -1;
        ret->n++;
    }
    return 0;
}

/* 1: there may be more; 0: that is all; -1. */
static int ask(struct mailbox *mb, const struct asking *asking,
               char **ret_token, struct endpoint_page *ret, struct err *err)
{
    const struct call call = {
        .element = "m:SyncFolderItems",
        .write = write_sync,
        .data = asking,
        .n = 1,
        .sync = true,
    };
    g_auto(call_answer) a = { 0 };
    const struct xml_node *m;
    const char *token;
    bool last;

    if (call_make(mb, &call, &a, NULL, err) < 0)
        return -1;
    m = a.messages[0];
    if (soap_message_status(m, err) < 0)
        return -1;
    token = xml_child_text(m, "SyncState");
    /* What does not say how it goes on must not look like an end. */
    if (token == NULL || token[0] == '\0' ||
        !xml_parse_bool(xml_child_text(m, "IncludesLastItemInRange"), &last))
        return err_set(err, ERR_FOLDER, ERR_RETRY_NOW, 0,
                       "the server's list of changes does not say how it goes "
                       "on");
    if (read_changes(xml_child(m, "Changes"), asking->max, ret, err) < 0)
        return -1;
    *ret_token = g_strdup(token);
    return last ? 0 : 1;
}

static void append(struct endpoint_page *to, struct endpoint_page *from)
{
    to->changes = g_renew(struct endpoint_change, to->changes, to->n + from->n);
    if (from->n > 0)
        memcpy(to->changes + to->n, from->changes,
               from->n * sizeof(from->changes[0]));
    to->n += from->n;
    g_free(from->changes);
    *from = (struct endpoint_page){ 0 };
}

int changes_list(struct endpoint *ep, const char *folder_id, size_t max,
                 char **token, struct endpoint_page *ret, struct err *err)
{
    struct asking asking = {
        .folder_id = folder_id,
        .max = MIN(max, CHANGES_MAX),
    };
    g_autofree char *at = g_strdup(*token);
    g_auto(endpoint_page) page = { 0 };
    int more = 1;

    for (int i = 0; i < EMPTY_PAGES_MAX && more > 0 && page.n == 0; i++) {
        char *next = NULL;

        endpoint_page_clear(&page);
        asking.token = at;
        more = ask(mailbox_of(ep), &asking, &next, &page, err);
        if (more < 0)
            return call_widen(err, ERR_FOLDER);
        g_free(at);
        at = next;
    }
    if (more > 0 && page.n == 0)
        return err_set(err, ERR_FOLDER, ERR_RETRY_NEVER, 0,
                       "the server's list of changes does not end");
    append(ret, &page);
    g_free(*token);
    *token = g_steal_pointer(&at);
    return more;
}
