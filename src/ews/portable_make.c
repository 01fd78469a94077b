#include "ews/portable_make.h"

#include <string.h>

#include "ews/call.h"
#include "ews/ews.h"
#include "ews/portable_field.h"

/* What is not carried out for certain may be sent again: so often. */
#define WRITE_TRIES 4

/* Attachments in one request: the request's own limit on size comes first. */
#define ATTACHMENTS_A_CALL 10u
#define BYTES_A_CALL       ((uint64_t)4 << 20)

void making_clear(struct making *m)
{
    g_free(m->id);
    g_free(m->change_key);
    if (m->lost != NULL)
        g_string_free(m->lost, TRUE);
    *m = (struct making){ 0 };
}

/* A report's line has room for so much. */
#define LOST_MAX 1000u

void making_lose(struct making *m, const char *what, const struct err *why)
{
    if (m->lost == NULL)
        m->lost = g_string_new(NULL);
    if (m->lost->len > LOST_MAX)
        return;
    if (m->lost->len > 0)
        g_string_append(m->lost, ", ");
    g_string_append(m->lost, what);
    if (why != NULL)
        g_string_append_printf(m->lost, " (%s)", why->msg);
}

/* ---- requests -------------------------------------------------------- */

/* err_retry and what may have happened: whether the same may be sent again. */
static bool may_repeat(const struct err *err, bool maybe, unsigned int tries)
{
    return !maybe && tries < WRITE_TRIES &&
           (err->retry == ERR_RETRY_NOW || err->retry == ERR_RETRY_WAIT) &&
           g_strcmp0(err->name, "WaitedTooLong") != 0;
}

static int write_call(struct mailbox *mb, const struct call *call,
                      struct call_answer *ret, struct err *err)
{
    for (unsigned int tries = 1;; tries++) {
        bool maybe = false;

        if (call_make(mb, call, ret, &maybe, err) == 0)
            return 0;
        if (!may_repeat(err, maybe, tries))
            return -1;
        call_answer_clear(ret);
    }
}

/* Of a message: 0, 1 for what the item's own nature forbids, -1. */
static int verdict_of(const struct xml_node *message, struct err *err)
{
    if (soap_message_status(message, err) == 0)
        return 0;
    return err->scope == ERR_ITEM && err->retry == ERR_RETRY_NEVER ? 1 : -1;
}

/* ---- CreateItem ---------------------------------------------------------- */

struct creating {
    struct making *items;
    size_t n;
};

static void write_create(struct xml_writer *w, const struct core *core,
                         const void *data)
{
    const struct creating *c = data;

    (void)core;
    xml_attribute(w, "MessageDisposition", "SaveOnly");
    xml_attribute(w, "SendMeetingInvitations", "SendToNone");
    call_folder_id(w, "m:SavedItemFolderId", c->items[0].put->folder_id);
    xml_open(w, "m:Items");
    for (size_t i = 0; i < c->n; i++)
        item_write(w, c->items[i].put->portable, &c->items[i].how);
    xml_close(w);
}

static const struct xml_node *id_of(const struct xml_node *message)
{
    return xml_child(xml_first(xml_child(message, "Items")), "ItemId");
}

static bool has_id(const struct xml_node *message)
{
    const char *id = xml_attr(id_of(message), "Id");

    return id != NULL && id[0] != '\0';
}

static void read_created(const struct xml_node *message, struct making *m)
{
    m->status = soap_message_status(message, &m->why);
    if (m->status < 0)
        return;
    m->id = g_strdup(xml_attr(id_of(message), "Id"));
    m->change_key = g_strdup(xml_attr(id_of(message), "ChangeKey"));
}

static uint64_t bytes_of(const struct creating *c)
{
    uint64_t bytes = 0;

    for (size_t i = 0; i < c->n; i++)
        bytes += portable_bytes(c->items[i].put->portable);
    return bytes;
}

int make_items(struct mailbox *mb, struct making *items, size_t n,
               bool *ret_maybe, struct err *err)
{
    const struct creating c = { items, n };
    const struct call call = {
        .element = "m:CreateItem",
        .write = write_create,
        .data = &c,
        .n = n,
        .writing = true,
        .deadline_ms = ews_put_deadline_ms(bytes_of(&c)),
        .over_by_us = items[0].put->over_by_us,
    };
    g_auto(call_answer) a = { 0 };

    if (call_make(mb, &call, &a, ret_maybe, err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        struct soap_problem problem;

        /* Stored, and nobody knows where: as good as no answer. */
        if (soap_message_problem(a.messages[i], &problem) ||
            has_id(a.messages[i]))
            continue;
        *ret_maybe = true;
        err_set(err, ERR_ITEM, ERR_RETRY_WAIT, 0,
                "the server calls the creation a success and gives no id");
        err->name = "OddAnswer";
        return -1;
    }
    for (size_t i = 0; i < n; i++)
        read_created(a.messages[i], &items[i]);
    return 0;
}

/* ---- CreateAttachment ---------------------------------------------------- */

struct attaching {
    const struct making *m;
    const char *id;
    const struct portable *p;
    size_t first, n;
    const struct portable_attachment *one; /* instead of those of p */
};

static void write_attach(struct xml_writer *w, const struct core *core,
                         const void *data)
{
    const struct attaching *a = data;

    (void)core;
    xml_open(w, "m:ParentItemId");
    xml_attribute(w, "Id", a->id);
    xml_close(w);
    xml_open(w, "m:Attachments");
    if (a->one != NULL)
        item_write_attachment(w, a->one, &a->m->how);
    for (size_t i = a->first; i < a->first + a->n; i++)
        item_write_attachment(w, portable_attachment_at(a->p, i), &a->m->how);
    xml_close(w);
}

static uint64_t attachment_bytes(const struct portable_attachment *a)
{
    if (a->item != NULL)
        return portable_bytes(a->item);
    return a->content != NULL ? blob_size(a->content) : 0;
}

/* How many from there go together; *ret_bytes: what they weigh. */
static size_t some_attachments(const struct portable *p, size_t first,
                               uint64_t *ret_bytes)
{
    size_t n = 0;
    uint64_t bytes = 0;

    while (first + n < portable_n_attachments(p) && n < ATTACHMENTS_A_CALL) {
        uint64_t more = attachment_bytes(portable_attachment_at(p, first + n));

        if (n > 0 && bytes + more > BYTES_A_CALL)
            break;
        bytes += more;
        n++;
    }
    *ret_bytes = bytes;
    return n;
}

/* A person knows it by so much of its name. */
#define NAME_MAX_CHARS 80

char *attachment_words(const char *name)
{
    g_autofree char *cut = NULL;

    if (name != NULL && g_utf8_strlen(name, -1) > NAME_MAX_CHARS)
        cut = g_utf8_substring(name, 0, NAME_MAX_CHARS);
    return g_strdup_printf("attachment \"%s%s\"",
                           cut != NULL    ? cut
                           : name != NULL ? name
                                          : "",
                           cut != NULL ? "..." : "");
}

static void lose_attachment(struct making *m, const struct portable *p,
                            size_t i, const struct err *why)
{
    g_autofree char *what =
        attachment_words(portable_attachment_at(p, i)->name);

    making_lose(m, what, why);
}

static int attach_some(struct mailbox *mb, struct making *m,
                       struct attaching *some, struct err *err)
{
    uint64_t bytes;
    struct call call = {
        .element = "m:CreateAttachment",
        .write = write_attach,
        .data = some,
        .writing = true,
    };
    g_auto(call_answer) a = { 0 };

    some->n = some_attachments(some->p, some->first, &bytes);
    call.n = some->n;
    call.deadline_ms = ews_put_deadline_ms(bytes);
    if (write_call(mb, &call, &a, err) < 0)
        return -1;
    for (size_t i = 0; i < some->n; i++) {
        int rc = verdict_of(a.messages[i], err);

        if (rc > 0 && err->code == EWS_ErrorItemNotFound) {
            /* The item that it belongs to, made just now: not for good. */
            err->retry = ERR_RETRY_WAIT;
            return -1;
        }
        if (rc < 0)
            return -1;
        if (rc > 0)
            lose_attachment(m, some->p, some->first + i, err);
    }
    return 0;
}

int make_attachments(struct mailbox *mb, struct making *m,
                     const struct portable *p, struct err *err)
{
    struct attaching some = { .m = m, .id = m->id, .p = p };

    for (; some.first < portable_n_attachments(p); some.first += some.n) {
        if (attach_some(mb, m, &some, err) < 0)
            return -1;
    }
    return 0;
}

int make_attachment(struct mailbox *mb, const struct making *m,
                    const char *parent_id, const struct portable_attachment *a,
                    struct err *err)
{
    const struct attaching one = { .m = m, .id = parent_id, .one = a };
    const struct call call = {
        .element = "m:CreateAttachment",
        .write = write_attach,
        .data = &one,
        .n = 1,
        .writing = true,
        .deadline_ms = ews_put_deadline_ms(attachment_bytes(a)),
    };
    g_auto(call_answer) answer = { 0 };

    if (write_call(mb, &call, &answer, err) == 0)
        return verdict_of(answer.messages[0], err);
    /* The request as a whole: it may be too large. */
    return err->scope == ERR_ITEM && err->retry == ERR_RETRY_NEVER ? 1 : -1;
}

/* ---- DeleteAttachment ---------------------------------------------------- */

struct dropping {
    const char *const *ids;
    size_t n;
};

static void write_drop(struct xml_writer *w, const struct core *core,
                       const void *data)
{
    const struct dropping *d = data;

    (void)core;
    call_attachment_ids(w, d->ids, d->n);
}

int drop_attachments(struct mailbox *mb, const char *const *ids, size_t n,
                     bool *refused, struct err *err)
{
    const struct dropping d = { ids, n };
    const struct call call = {
        .element = "m:DeleteAttachment",
        .write = write_drop,
        .data = &d,
        .n = n,
        .writing = true,
    };
    g_auto(call_answer) a = { 0 };

    if (write_call(mb, &call, &a, err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        int rc = verdict_of(a.messages[i], err);

        if (rc < 0)
            return -1;
        refused[i] = rc > 0;
    }
    return 0;
}

/* ---- UpdateItem ---------------------------------------------------------- */

static void write_target(struct xml_writer *w, const char *id, uint32_t number)
{
    g_autofree char *text = g_strdup_printf("%u", number);

    if (number == 0) {
        call_item_id(w, id);
        return;
    }
    xml_open(w, "t:OccurrenceItemId");
    xml_attribute(w, "RecurringMasterId", id);
    xml_attribute(w, "InstanceIndex", text);
    xml_close(w);
}

static void write_delete_field(struct xml_writer *w, const char *uri)
{
    xml_open(w, "t:DeleteItemField");
    call_field_uri(w, uri);
    xml_close(w);
}

/* [MS-OXOCAL] 2.2.1.10 PidLidAppointmentStateFlags 0: no meeting. */
static void write_detach(struct xml_writer *w)
{
    const struct extra *state = extra_of("Appointment/0x8217");

    xml_open(w, "t:SetItemField");
    extra_write_path(w, state);
    xml_open(w, "t:CalendarItem");
    xml_open(w, "t:ExtendedProperty");
    extra_write_path(w, state);
    xml_element(w, "t:Value", "0");
    xml_close(w);
    xml_close(w);
    xml_close(w);
    write_delete_field(w, "calendar:RequiredAttendees");
    write_delete_field(w, "calendar:OptionalAttendees");
    write_delete_field(w, "calendar:Resources");
}

static void write_update(struct xml_writer *w, const struct core *core,
                         const void *data)
{
    const struct change *c = data;

    xml_attribute(w, "ConflictResolution", "AlwaysOverwrite");
    xml_attribute(w, "MessageDisposition", "SaveOnly");
    xml_attribute(w, "SendMeetingInvitationsOrCancellations", "SendToNone");
    if (core_has(core, EWS_2013_SP1))
        xml_attribute(w, "SuppressReadReceipts", "true");
    xml_open(w, "m:ItemChanges");
    xml_open(w, "t:ItemChange");
    write_target(w, c->target.id, c->target.occurrence);
    xml_open(w, "t:Updates");
    for (guint i = 0; c->keys != NULL && i < c->keys->len; i++)
        (void)item_write_change(w, c->p, g_ptr_array_index(c->keys, i), c->how);
    if (c->detach)
        write_detach(w);
    if (c->stamp)
        item_write_stamp_change(w, c->p, c->how);
    xml_close(w);
    xml_close(w);
    xml_close(w);
}

int make_change(struct mailbox *mb, const struct change *change, char **ret_id,
                struct err *err)
{
    const struct call call = {
        .element = "m:UpdateItem",
        .write = write_update,
        .data = change,
        .n = 1,
        .writing = true,
    };
    g_auto(call_answer) a = { 0 };
    int rc;

    if (write_call(mb, &call, &a, err) < 0)
        return -1;
    rc = verdict_of(a.messages[0], err);
    if (rc == 0 && ret_id != NULL)
        *ret_id = g_strdup(xml_attr(id_of(a.messages[0]), "Id"));
    return rc;
}

/* ---- DeleteItem ---------------------------------------------------------- */

struct deleting {
    const char *id;
    const uint32_t *numbers;
    size_t n;
};

/*
 * Deleted softly, an occurrence would be kept as an item of its own in the
 * dumpster.
 */
static void write_delete(struct xml_writer *w, const struct core *core,
                         const void *data)
{
    const struct deleting *d = data;

    xml_attribute(w, "DeleteType", "HardDelete");
    xml_attribute(w, "SendMeetingCancellations", "SendToNone");
    if (core_has(core, EWS_2013_SP1))
        xml_attribute(w, "SuppressReadReceipts", "true");
    xml_open(w, "m:ItemIds");
    for (size_t i = 0; i < d->n; i++)
        write_target(w, d->id, d->numbers[i]);
    xml_close(w);
}

int make_deletions(struct mailbox *mb, const char *id, const uint32_t *numbers,
                   size_t n, struct err *err)
{
    const struct deleting d = { id, numbers, n };
    const struct call call = {
        .element = "m:DeleteItem",
        .write = write_delete,
        .data = &d,
        .n = n,
        .writing = true,
    };
    g_auto(call_answer) a = { 0 };
    int worst = 0;

    if (write_call(mb, &call, &a, err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        int rc = verdict_of(a.messages[i], err);

        if (rc < 0)
            return -1;
        worst = MAX(worst, rc);
    }
    return worst;
}
