/* quiet - no receipts: GetItem, and CreateItem with SuppressReadReceipt. */
#include "ews/quiet.h"

#include "ews/call.h"

struct asking {
    const char *const *ids;
    size_t n;
};

struct silenced {
    GPtrArray *ids, *change_keys; /* of char *, owned */
};

static void silenced_clear(struct silenced *a)
{
    g_clear_pointer(&a->ids, g_ptr_array_unref);
    g_clear_pointer(&a->change_keys, g_ptr_array_unref);
}
typedef struct silenced silenced;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(silenced, silenced_clear)

static void write_get(struct xml_writer *w, const struct core *core,
                      const void *data)
{
    static const char *const fields[] = { "message:IsRead",
                                          "message:IsReadReceiptRequested" };
    const struct asking *m = data;

    (void)core;
    call_shape(w, "m:ItemShape", fields, G_N_ELEMENTS(fields));
    xml_open(w, "m:ItemIds");
    for (size_t i = 0; i < m->n; i++)
        call_item_id(w, m->ids[i]);
    xml_close(w);
}

/* Whether reading it, or deleting it unread, would send something. */
static bool asks_for_receipt(const struct xml_node *item)
{
    bool read = false, requested = false;

    (void)xml_parse_bool(xml_child_text(item, "IsRead"), &read);
    (void)xml_parse_bool(xml_child_text(item, "IsReadReceiptRequested"),
                         &requested);
    return requested && !read;
}

/* One that is not there says so when it is marked or deleted. */
static int take_answer(const struct xml_node *message, struct silenced *ret,
                       struct err *err)
{
    const struct xml_node *item = xml_first(xml_child(message, "Items"));
    const struct xml_node *id = xml_child(item, "ItemId");

    if (soap_message_status(message, err) < 0)
        return err->code == EWS_ErrorItemNotFound ? 0 : -1;
    if (!asks_for_receipt(item) || xml_attr(id, "Id") == NULL)
        return 0;
    g_ptr_array_add(ret->ids, g_strdup(xml_attr(id, "Id")));
    g_ptr_array_add(ret->change_keys, g_strdup(xml_attr(id, "ChangeKey")));
    return 0;
}

static int find_asked(struct mailbox *mb, const struct asking *m,
                      struct silenced *ret, struct err *err)
{
    const struct call call = {
        .element = "m:GetItem",
        .write = write_get,
        .data = m,
        .n = m->n,
    };
    g_auto(call_answer) a = { 0 };

    if (call_make(mb, &call, &a, NULL, err) < 0)
        return -1;
    for (size_t i = 0; i < m->n; i++)
        if (take_answer(a.messages[i], ret, err) < 0)
            return -1;
    return 0;
}

static void write_suppress(struct xml_writer *w, const struct core *core,
                           const void *data)
{
    const struct silenced *asked = data;

    (void)core;
    xml_attribute(w, "MessageDisposition", "SaveOnly");
    xml_open(w, "m:Items");
    for (guint i = 0; i < asked->ids->len; i++) {
        const char *key = g_ptr_array_index(asked->change_keys, i);

        xml_open(w, "t:SuppressReadReceipt");
        xml_open(w, "t:ReferenceItemId");
        xml_attribute(w, "Id", g_ptr_array_index(asked->ids, i));
        if (key != NULL)
            xml_attribute(w, "ChangeKey", key);
        xml_close(w);
        xml_close(w);
    }
    xml_close(w);
}

/* -1 when one of them could not be. */
static int suppress(struct mailbox *mb, const struct silenced *asked,
                    struct err *err)
{
    const struct call call = {
        .element = "m:CreateItem",
        .write = write_suppress,
        .data = asked,
        .n = asked->ids->len,
        .writing = true,
    };
    g_auto(call_answer) a = { 0 };

    if (asked->ids->len == 0)
        return 0;
    if (call_make(mb, &call, &a, NULL, err) < 0)
        return -1;
    for (size_t i = 0; i < call.n; i++)
        if (soap_message_status(a.messages[i], err) < 0)
            return err_in(err, "suppressing a read receipt");
    return 0;
}

int quiet_items(struct mailbox *mb, const char *const *ids, size_t n,
                struct err *err)
{
    const struct asking m = { ids, n };
    g_auto(silenced) asked = {
        .ids = g_ptr_array_new_with_free_func(g_free),
        .change_keys = g_ptr_array_new_with_free_func(g_free),
    };

    if (n == 0 || core_has(mb->core, EWS_2013_SP1))
        return 0;
    if (find_asked(mb, &m, &asked, err) < 0)
        return -1;
    return suppress(mb, &asked, err);
}
