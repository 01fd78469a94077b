/* fetch - read items whole: ExportItems; portable_fetch.c has the other way. */
#include <string.h>

#include "ews/call.h"
#include "ews/match.h"
#include "ews/portable_fetch.h"

/*
 * A batch may hold one item of the largest size that EWS gives (its limits
 * are about 64 MiB of base64), over a slow line; the engine bounds batches.
 */
#define FETCH_DEADLINE_MS      600000u
#define FETCH_ANSWER_MAX_BYTES ((uint64_t)2 << 30)

/* The text in which Exchange ends an export that broke off (EWS-QUIRKS 16). */
#define TRUNCATED         "=== Truncated Data ==="
#define TRUNCATED_WAIT_MS 10000

struct wanted {
    const struct endpoint_ref *refs;
    size_t n;
};

static void write_export(struct xml_writer *w, const struct core *core,
                         const void *data)
{
    const struct wanted *wanted = data;

    (void)core;
    xml_open(w, "m:ItemIds");
    for (size_t i = 0; i < wanted->n; i++)
        call_item_id(w, wanted->refs[i].id);
    xml_close(w);
}

/*
 * The reader has left out white space, so that is how the text ends in the
 * blob.  An equals sign alone is base64's own.
 */
static int check_whole(const struct blob *payload, struct err *err)
{
    static const char end[] = "===TruncatedData===";
    char tail[sizeof(end) - 1];
    uint64_t size = blob_size(payload);
    ssize_t n;

    if (size < sizeof(tail))
        return 0;
    n = blob_read_at(payload, size - sizeof(tail), tail, sizeof(tail), err);
    if (n < 0)
        return -1;
    if (n < (ssize_t)sizeof(tail) || memcmp(tail, end, sizeof(tail)) != 0)
        return 0;
    err_set(err, ERR_ITEM, ERR_RETRY_WAIT, 0,
            "the server broke the export off (\"" TRUNCATED "\")");
    err->name = "TruncatedData";
    err->wait_ms = TRUNCATED_WAIT_MS;
    return err_remedy(err, "nothing: it is tried again after a pause");
}

static int read_payload(struct call_answer *a, const struct xml_node *message,
                        struct endpoint_item *ret, struct err *err)
{
    g_autoptr(blob) payload = NULL;

    if (soap_message_status(message, err) < 0)
        return -1;
    payload = xml_take_payload(a->doc, xml_child(message, "Data"));
    if (payload == NULL || blob_size(payload) == 0) {
        err_set(err, ERR_ITEM, ERR_RETRY_NEVER, 0,
                "the server exports nothing of the item and calls it a "
                "success");
        err->name = "OddAnswer";
        return -1;
    }
    if (check_whole(payload, err) < 0)
        return -1;
    ret->format = PAYLOAD_FTS;
    ret->payload = g_steal_pointer(&payload);
    ret->change_key =
        g_strdup(xml_attr(xml_child(message, "ItemId"), "ChangeKey"));
    return 0;
}

static int match(const struct wanted *wanted, const struct call_answer *a,
                 size_t *ret_place, struct err *err)
{
    g_autofree const char **asked = g_new(const char *, wanted->n);
    g_autofree const char **given = g_new(const char *, wanted->n);

    for (size_t i = 0; i < wanted->n; i++) {
        asked[i] = wanted->refs[i].id;
        given[i] = xml_attr(xml_child(a->messages[i], "ItemId"), "Id");
    }
    return match_answers(asked, given, wanted->n, ret_place, err);
}

static int read_all(const struct wanted *wanted, struct call_answer *a,
                    struct endpoint_item *ret, struct err *err)
{
    g_autofree size_t *place = g_new(size_t, wanted->n);

    if (match(wanted, a, place, err) < 0)
        return -1;
    for (size_t i = 0; i < wanted->n; i++) {
        struct endpoint_item *item = &ret[place[i]];

        item->status = read_payload(a, a->messages[i], item, &item->why);
        /* Our own disk is full: that is not the item's fault. */
        if (item->status < 0 && item->why.scope == ERR_RUN) {
            *err = item->why;
            return -1;
        }
    }
    return 0;
}

int fetch_items(struct endpoint *ep, const struct endpoint_ref *refs, size_t n,
                struct blob_pool *pool, struct endpoint_item *ret,
                struct err *err)
{
    static const char *const names[] = { "Data", NULL };
    const struct reply_payloads payloads = { .names = names, .pool = pool };
    const struct wanted wanted = { .refs = refs, .n = n };
    const struct call call = {
        .element = "m:ExportItems",
        .write = write_export,
        .data = &wanted,
        .n = n,
        .deadline_ms = FETCH_DEADLINE_MS,
        .answer_max_bytes = FETCH_ANSWER_MAX_BYTES,
        .payloads = &payloads,
    };
    g_auto(call_answer) a = { 0 };

    if (n == 0)
        return 0;
    if (refs[0].format == PAYLOAD_PORTABLE)
        return portable_fetch(mailbox_of(ep), refs, n, pool, ret, err);
    if (call_make(mailbox_of(ep), &call, &a, NULL, err) < 0)
        return -1;
    if (read_all(&wanted, &a, ret, err) == 0)
        return 0;
    endpoint_items_free(ret, n);
    return -1;
}
