/* put - store items: UploadItems; portable_put.c has the other way. */
#include "ews/call.h"
#include "ews/portable_fetch.h"

/*
 * What an upload's exchange may take: the server's own minute and a bit, and
 * the body at the rate of a poor line (1 Mbit/s).
 */
#define DEADLINE_MS  100000u
#define BYTES_PER_MS 128u

uint32_t ews_put_deadline_ms(uint64_t payload_bytes)
{
    uint64_t ms = DEADLINE_MS + payload_bytes / BYTES_PER_MS;

    return (uint32_t)MIN(ms, UINT32_MAX);
}

struct putting {
    const struct endpoint_put *puts;
    size_t n;
};

static void write_item(struct xml_writer *w, const struct endpoint_put *put)
{
    xml_open(w, "t:Item");
    xml_attribute(w, "CreateAction",
                  put->replace_id != NULL ? "Update" : "CreateNew");
    xml_attribute(w, "IsAssociated", put->associated ? "true" : NULL);
    xml_open(w, "t:ParentFolderId");
    xml_attribute(w, "Id", put->folder_id);
    xml_close(w);
    if (put->replace_id != NULL)
        call_item_id(w, put->replace_id);
    xml_open(w, "t:Data");
    xml_blob(w, put->payload);
    xml_close(w);
    xml_close(w);
}

static void write_upload(struct xml_writer *w, const struct core *core,
                         const void *data)
{
    const struct putting *p = data;

    (void)core;
    xml_open(w, "m:Items");
    for (size_t i = 0; i < p->n; i++)
        write_item(w, &p->puts[i]);
    xml_close(w);
}

static int read_done(const struct xml_node *message, struct endpoint_done *ret,
                     struct err *err)
{
    const struct xml_node *item = xml_child(message, "ItemId");
    const char *id = xml_attr(item, "Id");

    if (soap_message_status(message, err) < 0)
        return -1;
    if (id == NULL || id[0] == '\0') {
        err_set(err, ERR_ITEM, ERR_RETRY_WAIT, 0,
                "the server calls the upload a success and gives no id");
        err->name = "OddAnswer";
        return -1;
    }
    ret->id = g_strdup(id);
    ret->change_key = g_strdup(xml_attr(item, "ChangeKey"));
    return 0;
}

/* A success without an id: stored, and nobody knows where. */
static bool is_lost(const struct xml_node *message)
{
    struct soap_problem problem;
    const char *id = xml_attr(xml_child(message, "ItemId"), "Id");

    return !soap_message_problem(message, &problem) &&
           (id == NULL || id[0] == '\0');
}

static uint64_t payload_bytes(const struct putting *p)
{
    uint64_t bytes = 0;

    for (size_t i = 0; i < p->n; i++)
        bytes += blob_size(p->puts[i].payload);
    return bytes;
}

static int upload(struct mailbox *mb, const struct putting *p,
                  struct endpoint_done *ret, bool *ret_maybe, struct err *err)
{
    const struct call call = {
        .element = "m:UploadItems",
        .write = write_upload,
        .data = p,
        .n = p->n,
        .writing = true,
        .deadline_ms = ews_put_deadline_ms(payload_bytes(p)),
        .over_by_us = p->puts[0].over_by_us,
    };
    g_auto(call_answer) a = { 0 };

    if (call_make(mb, &call, &a, ret_maybe, err) < 0)
        return -1;
    for (size_t i = 0; i < p->n; i++) {
        if (is_lost(a.messages[i])) {
            *ret_maybe = true;
            return read_done(a.messages[i], &ret[i], err);
        }
    }
    for (size_t i = 0; i < p->n; i++)
        ret[i].status = read_done(a.messages[i], &ret[i], &ret[i].why);
    return 0;
}

int put_items(struct endpoint *ep, const struct endpoint_put *puts, size_t n,
              struct endpoint_done *ret, bool *ret_maybe, struct err *err)
{
    const struct putting p = { .puts = puts, .n = n };

    *ret_maybe = false;
    if (n == 0)
        return 0;
    if (puts[0].format == PAYLOAD_PORTABLE)
        return portable_put(mailbox_of(ep), puts, n, ret, ret_maybe, err);
    return upload(mailbox_of(ep), &p, ret, ret_maybe, err);
}
