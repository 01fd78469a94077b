/* remove - put items into the dumpster without telling anybody: DeleteItem. */
#include "ews/call.h"
#include "ews/quiet.h"

struct removing {
    const struct endpoint_ref *refs;
    size_t n;
    const char *how; /* DeleteType */
};

static void write_delete(struct xml_writer *w, const struct core *core,
                         const void *data)
{
    const struct removing *r = data;

    xml_attribute(w, "DeleteType", r->how);
    xml_attribute(w, "SendMeetingCancellations", "SendToNone");
    xml_attribute(w, "AffectedTaskOccurrences", "AllOccurrences");
    if (core_has(core, EWS_2013_SP1))
        xml_attribute(w, "SuppressReadReceipts", "true");
    xml_open(w, "m:ItemIds");
    for (size_t i = 0; i < r->n; i++)
        call_item_id(w, r->refs[i].id);
    xml_close(w);
}

/* Deleted unread, a mail may owe its sender a word too. */
static int quiet_refs(struct mailbox *mb, const struct removing *r,
                      struct err *err)
{
    g_autofree const char **ids = g_new(const char *, r->n + 1);

    for (size_t i = 0; i < r->n; i++)
        ids[i] = r->refs[i].id;
    return quiet_items(mb, ids, r->n, err);
}

/* What a server does not find, and another question does (EWS-QUIRKS 94). */
static int check_gone(struct endpoint *ep, const char *id, struct err *err)
{
    struct endpoint_description d = { 0 };
    struct err ignored;

    if (describe_item(ep, id, &d, &ignored) < 0)
        return 0;
    endpoint_description_clear(&d);
    err->retry = ERR_RETRY_WAIT;
    return err_in(err, "the item is there and was not deleted");
}

int remove_items(struct endpoint *ep, const struct endpoint_ref *refs, size_t n,
                 struct endpoint_done *ret, struct err *err)
{
    const struct removing r = {
        .refs = refs,
        .n = n,
        .how = n > 0 && refs[0].associated ? "HardDelete" : "SoftDelete",
    };
    const struct call call = {
        .element = "m:DeleteItem",
        .write = write_delete,
        .data = &r,
        .n = n,
        .writing = true,
    };
    g_auto(call_answer) a = { 0 };

    if (n == 0)
        return 0;
    if (quiet_refs(mailbox_of(ep), &r, err) < 0 ||
        call_make(mailbox_of(ep), &call, &a, NULL, err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        struct err why;

        if (soap_message_status(a.messages[i], &why) == 0 ||
            (why.code == EWS_ErrorItemNotFound &&
             check_gone(ep, refs[i].id, &why) == 0))
            continue; /* gone already is gone */
        ret[i].status = -1;
        ret[i].why = why;
    }
    return 0;
}

int remove_for_good(struct mailbox *mb, const struct endpoint_ref *refs,
                    size_t n, struct err *err)
{
    const struct removing r = { .refs = refs, .n = n, .how = "HardDelete" };
    const struct call call = {
        .element = "m:DeleteItem",
        .write = write_delete,
        .data = &r,
        .n = n,
        .writing = true,
    };
    g_auto(call_answer) a = { 0 };

    if (quiet_refs(mb, &r, err) < 0 || call_make(mb, &call, &a, NULL, err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++)
        if (soap_message_status(a.messages[i], err) < 0 &&
            err->code != EWS_ErrorItemNotFound)
            return -1;
    return 0;
}
