/* read_mark - set items read or unread without telling anybody: UpdateItem. */
#include <string.h>

#include "ews/call.h"
#include "ews/quiet.h"

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
        call_field_uri(w, "message:IsRead");
        xml_open(w, element_of(ref->item_class));
        xml_element(w, "t:IsRead", m->read ? "true" : "false");
        xml_close(w);
        xml_close(w);
        xml_close(w);
        xml_close(w);
    }
    xml_close(w);
}

static int quiet_marked(struct mailbox *mb, const struct marking *m,
                        struct err *err)
{
    g_autofree const char **ids = g_new(const char *, m->n + 1);

    for (size_t i = 0; i < m->n; i++)
        ids[i] = m->refs[m->at[i]].id;
    return quiet_items(mb, ids, m->n, err);
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
    if ((read && quiet_marked(mailbox_of(ep), &m, err) < 0) ||
        call_make(mailbox_of(ep), &call, &a, NULL, err) < 0)
        return -1;
    for (size_t i = 0; i < m.n; i++)
        ret[at[i]].status = soap_message_status(a.messages[i], &ret[at[i]].why);
    return 0;
}
