/* read_mark - set items read or unread without telling anybody: UpdateItem. */
#include <string.h>

#include "ews/call.h"

/* ---- which items have a read mark --------------------------------------- */

/*
 * The element of SetItemField for a class, by its beginning; NULL: items of
 * it have no message:IsRead that could be set.
 */
static const struct {
    const char *item_class, *element;
} elements[] = {
    { "IPM.Schedule.Meeting.Request", "t:MeetingRequest" },
    { "IPM.Schedule.Meeting.Canceled", "t:MeetingCancellation" },
    { "IPM.Schedule.Meeting.Resp", "t:MeetingResponse" },
    { "IPM.Post", "t:PostItem" },
    { "IPM.Appointment", NULL },
    { "IPM.Contact", NULL },
    { "IPM.DistList", NULL },
    { "IPM.Task", NULL },
    { "IPM.Activity", NULL },
    { "IPM.StickyNote", NULL },
    { "", "t:Message" },
};

static const char *element_of(const char *item_class)
{
    size_t i = 0;

    if (item_class == NULL)
        return "t:Message";
    while (g_ascii_strncasecmp(item_class, elements[i].item_class,
                               strlen(elements[i].item_class)) != 0)
        i++;
    return elements[i].element;
}

/* The refs that are asked about: room for n. */
static size_t with_mark(const struct endpoint_ref *refs, size_t n,
                        size_t *ret_at)
{
    size_t k = 0;

    for (size_t i = 0; i < n; i++)
        if (element_of(refs[i].item_class) != NULL)
            ret_at[k++] = i;
    return k;
}

struct marking {
    const struct endpoint_ref *refs;
    const size_t *at; /* which of them */
    size_t n;
    bool read;
};

/* ---- receipts, before 2013 SP1 ------------------------------------------ */

/*
 * There the attribute SuppressReadReceipts does not exist: a mail whose sender
 * asked for a receipt gets a SuppressReadReceipt response object first
 * (docs/web-service-reference/suppressreadreceipt.md).
 */
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
    const struct marking *m = data;

    (void)core;
    xml_open(w, "m:ItemShape");
    xml_element(w, "t:BaseShape", "IdOnly");
    xml_open(w, "t:AdditionalProperties");
    for (size_t i = 0; i < G_N_ELEMENTS(fields); i++) {
        xml_open(w, "t:FieldURI");
        xml_attribute(w, "FieldURI", fields[i]);
        xml_close(w);
    }
    xml_close(w);
    xml_close(w);
    xml_open(w, "m:ItemIds");
    for (size_t i = 0; i < m->n; i++)
        call_item_id(w, m->refs[m->at[i]].id);
    xml_close(w);
}

/* Whether reading it would send something. */
static bool asks_for_receipt(const struct xml_node *item)
{
    bool read = false, requested = false;

    (void)xml_parse_bool(xml_child_text(item, "IsRead"), &read);
    (void)xml_parse_bool(xml_child_text(item, "IsReadReceiptRequested"),
                         &requested);
    return requested && !read;
}

static int find_asked(struct mailbox *mb, const struct marking *m,
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
    for (size_t i = 0; i < m->n; i++) {
        const struct xml_node *item =
            xml_first(xml_child(a.messages[i], "Items"));
        const struct xml_node *id = xml_child(item, "ItemId");

        /* What is not there will be said by the marking itself. */
        if (!asks_for_receipt(item) || xml_attr(id, "Id") == NULL)
            continue;
        g_ptr_array_add(ret->ids, g_strdup(xml_attr(id, "Id")));
        g_ptr_array_add(ret->change_keys, g_strdup(xml_attr(id, "ChangeKey")));
    }
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

/* -1 also when only one of them could not be silenced: nothing is marked. */
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

static int keep_quiet(struct mailbox *mb, const struct marking *m,
                      struct err *err)
{
    g_auto(silenced) asked = {
        .ids = g_ptr_array_new_with_free_func(g_free),
        .change_keys = g_ptr_array_new_with_free_func(g_free),
    };

    if (!m->read || core_has(mb->core, EWS_2013_SP1))
        return 0;
    if (find_asked(mb, m, &asked, err) < 0)
        return -1;
    return suppress(mb, &asked, err);
}

/* ---- the mark ----------------------------------------------------------- */

static void write_mark(struct xml_writer *w, const struct core *core,
                       const void *data)
{
    const struct marking *m = data;

    xml_attribute(w, "ConflictResolution", "AlwaysOverwrite");
    xml_attribute(w, "MessageDisposition", "SaveOnly");
    if (core_has(core, EWS_2013_SP1))
        xml_attribute(w, "SuppressReadReceipts", "true");
    xml_open(w, "m:ItemChanges");
    for (size_t i = 0; i < m->n; i++) {
        const struct endpoint_ref *ref = &m->refs[m->at[i]];

        xml_open(w, "t:ItemChange");
        call_item_id(w, ref->id);
        xml_open(w, "t:Updates");
        xml_open(w, "t:SetItemField");
        xml_open(w, "t:FieldURI");
        xml_attribute(w, "FieldURI", "message:IsRead");
        xml_close(w);
        xml_open(w, element_of(ref->item_class));
        xml_element(w, "t:IsRead", m->read ? "true" : "false");
        xml_close(w);
        xml_close(w);
        xml_close(w);
        xml_close(w);
    }
    xml_close(w);
}

int mark_items_read(struct endpoint *ep, const struct endpoint_ref *refs,
                    size_t n, bool read, struct endpoint_done *ret,
                    struct err *err)
{
    g_autofree size_t *at = g_new(size_t, n + 1);
    const struct marking m = {
        .refs = refs,
        .at = at,
        .n = with_mark(refs, n, at),
        .read = read,
    };
    const struct call call = {
        .element = "m:UpdateItem",
        .write = write_mark,
        .data = &m,
        .n = m.n,
        .writing = true,
    };
    g_auto(call_answer) a = { 0 };

    if (m.n == 0)
        return 0;
    if (keep_quiet(mailbox_of(ep), &m, err) < 0 ||
        call_make(mailbox_of(ep), &call, &a, NULL, err) < 0)
        return -1;
    for (size_t i = 0; i < m.n; i++)
        ret[at[i]].status = soap_message_status(a.messages[i], &ret[at[i]].why);
    return 0;
}
