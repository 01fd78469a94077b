#include "base/timestamp.h"
#include "lab/op.h"
#include "lab/store_event.h"
#include "lab/subscription.h"

/* GetEvents gives no more at a time. */
#define EVENTS_PAGE 50u
/* StreamingSubscriptionConnectionTimeoutType, in minutes. */
#define CONNECTION_MAX 30
/* Between two looks while a streaming client waits. */
#define LOOK_US INT64_C(200000)

#define MINUTE (INT64_C(60) * TIMESTAMP_SECOND)

/* ---- events -------------------------------------------------------- */

static void write_when(struct op_call *call, const struct lab_event *e)
{
    g_autofree char *mark =
        subscriptions_watermark(call->lab->subscriptions, e->seq);

    xml_text(&call->reply.x, "t:Watermark", mark);
    xml_time(&call->reply.x, "t:TimeStamp", e->at_us);
}

static void write_event(struct op_call *call, enum subscription_event kind,
                        const struct lab_event *e)
{
    bool moved = kind == EVENT_MOVED || kind == EVENT_COPIED;
    bool folder = e->folder || kind == EVENT_FREE_BUSY;
    struct xmlout *x = &call->reply.x;

    xml_open(x, subscription_events[kind]);
    write_when(call, e);
    op_write_id(call, folder ? "t:FolderId" : "t:ItemId",
                kind == EVENT_FREE_BUSY ? e->parent_id : e->id,
                kind == EVENT_FREE_BUSY ? NULL : e->change_key);
    op_write_id(call, "t:ParentFolderId",
                e->parent_id != NULL ? e->parent_id : e->id, NULL);
    if (moved)
        op_write_id(call, folder ? "t:OldFolderId" : "t:OldItemId", e->old_id,
                    NULL);
    if (moved)
        op_write_id(call, "t:OldParentFolderId", e->old_parent_id, NULL);
    if (kind == EVENT_MODIFIED && e->folder && e->unread >= 0)
        xml_uint(x, "t:UnreadCount", (uint64_t)e->unread);
    xml_close(x, subscription_events[kind]);
}

static bool has_folder(const struct subscription *one, int64_t key)
{
    for (guint i = 0; i < one->folders->len; i++)
        if (g_array_index(one->folders, int64_t, i) == key)
            return true;
    return false;
}

static bool is_watched(const struct subscription *one,
                       const struct lab_event *e)
{
    if (one->all_folders || has_folder(one, e->parent_key))
        return true;
    if (e->folder && has_folder(one, e->self_key))
        return true;
    return e->old_parent_key != 0 && has_folder(one, e->old_parent_key);
}

/* The notifications that one thing makes; more than one of a new mail. */
static uint32_t write_all_of(struct op_call *call,
                             const struct subscription *one,
                             const struct lab_event *e)
{
    static const enum subscription_event kinds[] = {
        [LAB_EVENT_CREATED] = EVENT_CREATED,
        [LAB_EVENT_DELETED] = EVENT_DELETED,
        [LAB_EVENT_MODIFIED] = EVENT_MODIFIED,
        [LAB_EVENT_MOVED] = EVENT_MOVED,
        [LAB_EVENT_COPIED] = EVENT_COPIED,
    };
    const struct {
        enum subscription_event kind;
        bool is;
    } all[] = {
        { EVENT_NEW_MAIL, e->new_mail },
        { kinds[e->kind], true },
        { EVENT_FREE_BUSY, e->calendar && !e->folder },
    };
    uint32_t n = 0;

    if (!is_watched(one, e))
        return 0;
    for (size_t i = 0; i < G_N_ELEMENTS(all); i++)
        if (all[i].is && (one->events & 1u << all[i].kind) != 0) {
            write_event(call, all[i].kind, e);
            n++;
        }
    return n;
}

static void write_status(struct op_call *call, int64_t seq)
{
    g_autofree char *mark =
        subscriptions_watermark(call->lab->subscriptions, seq);

    xml_open(&call->reply.x, "t:StatusEvent");
    xml_text(&call->reply.x, "t:Watermark", mark);
    xml_close(&call->reply.x, "t:StatusEvent");
}

/* ---- GetEvents ----------------------------------------------------- */

/* The subscription of the caller's with that id. */
static struct subscription *find_own(struct op_call *call, const char *id,
                                     struct problem *p)
{
    struct subscription *one =
        id != NULL ? subscriptions_use(call->lab->subscriptions, id) : NULL;

    if (one == NULL) {
        problem_set(p, "ErrorSubscriptionNotFound");
        return NULL;
    }
    if (strcmp(one->owner, call->caller->budget) == 0)
        return one;
    subscription_free(one);
    problem_set(p, "ErrorSubscriptionAccessDenied");
    return NULL;
}

static int read_watermark(struct op_call *call, char **ret_text, int64_t *ret,
                          struct problem *p)
{
    struct err err;
    int64_t last = 0;

    *ret_text = soap_text_dup(op_child(call, "Watermark"));
    if (*ret_text == NULL || subscriptions_read_watermark(
                                 call->lab->subscriptions, *ret_text, ret) < 0)
        return problem_set(p, "ErrorInvalidWatermark");
    if (lab_store_last_event(call->lab->store, &last, &err) < 0)
        return problem_from_err(p, &err);
    return *ret <= last ? 0 : problem_set(p, "ErrorInvalidWatermark");
}

static int read_page(struct op_call *call, const struct subscription *one,
                     int64_t after, GPtrArray **ret, struct problem *p)
{
    struct err err;

    if (lab_store_events(call->lab->store, one->mailbox, after, EVENTS_PAGE,
                         ret, &err) < 0) {
        /* docs: "the subscription is also deleted" */
        subscriptions_remove(call->lab->subscriptions, one->id);
        return problem_from_err(p, &err);
    }
    return 0;
}

static int write_events(struct op_call *call, const struct subscription *one,
                        int64_t after, const char *mark, struct problem *p)
{
    g_autoptr(GPtrArray) page = NULL;
    struct xmlout *x = &call->reply.x;
    uint32_t n = 0;

    if (read_page(call, one, after, &page, p) < 0)
        return -1;
    reply_message_begin(&call->reply, NULL);
    xml_open(x, "m:Notification");
    xml_text(x, "t:SubscriptionId", one->id);
    xml_text(x, "t:PreviousWatermark", mark);
    xml_bool(x, "t:MoreEvents", page->len == EVENTS_PAGE);
    for (guint i = 0; i < page->len; i++) {
        const struct lab_event *e = page->pdata[i];

        n += write_all_of(call, one, e);
        after = e->seq;
    }
    /* so that a client moves on past what it has not asked for */
    if (n == 0)
        write_status(call, after);
    xml_close(x, "m:Notification");
    reply_message_end(&call->reply);
    return 0;
}

static int get_events_once(struct op_call *call, struct problem *p)
{
    g_autofree char *id = soap_text_dup(op_child(call, "SubscriptionId"));
    g_autofree char *mark = NULL;
    struct subscription *one = find_own(call, id, p);
    int64_t after = 0;
    int status;

    if (one == NULL)
        return -1;
    status = read_watermark(call, &mark, &after, p);
    if (status == 0)
        status = write_events(call, one, after, mark, p);
    subscription_free(one);
    return status;
}

int op_get_events(struct op_call *call, struct problem *p)
{
    return op_one(call, get_events_once, p);
}

/* ---- GetStreamingEvents -------------------------------------------- */

/*
 * Exchange keeps the connection open and sends an answer for each thing that
 * happens; the lab closes it after the first ones, which a client must bear
 * at any time, and which asks again then.
 */
static int read_connection_timeout(const struct op_call *call, int64_t *ret_us,
                                   struct problem *p)
{
    const xmlNode *node = op_child(call, "ConnectionTimeout");
    g_autofree char *text = soap_text_dup(node);
    guint64 minutes = 0;

    if (text == NULL ||
        !g_ascii_string_to_unsigned(g_strstrip(text), 10, 1, CONNECTION_MAX,
                                    &minutes, NULL))
        return soap_violation(p, call->request->operation,
                              "The 'ConnectionTimeout' element is invalid.");
    *ret_us = (int64_t)minutes * MINUTE;
    return 0;
}

/* All that are named, in an array of struct subscription *. */
static int find_streaming(struct op_call *call, GPtrArray *all,
                          struct problem *p)
{
    const xmlNode *ids = op_child(call, "SubscriptionIds");

    for (const xmlNode *n = soap_first(ids); n != NULL; n = soap_next(n)) {
        g_autofree char *id = soap_text_dup(n);
        struct subscription *one = find_own(call, id, p);

        if (one == NULL)
            return -1;
        g_ptr_array_add(all, one);
        if (!one->streaming)
            return problem_set(p, "ErrorInvalidSubscription");
    }
    return all->len > 0
               ? 0
               : soap_violation(p, call->request->operation,
                                "The 'SubscriptionIds' element is incomplete.");
}

/* What is new for one; nothing is written when nothing is. */
static int write_stream_of(struct op_call *call, const struct subscription *one,
                           uint32_t *ret_n, struct problem *p)
{
    g_autoptr(GPtrArray) page = NULL;
    gsize before = call->reply.x.text->len;
    int64_t last = one->position;
    uint32_t n = 0;

    if (read_page(call, one, one->position, &page, p) < 0)
        return -1;
    xml_open(&call->reply.x, "t:Notification");
    xml_text(&call->reply.x, "t:SubscriptionId", one->id);
    for (guint i = 0; i < page->len; i++) {
        const struct lab_event *e = page->pdata[i];

        n += write_all_of(call, one, e);
        last = e->seq;
    }
    xml_close(&call->reply.x, "t:Notification");
    if (n == 0)
        g_string_truncate(call->reply.x.text, before);
    subscriptions_move_on(call->lab->subscriptions, one->id, last);
    *ret_n += n;
    return 0;
}

static int write_streams(struct op_call *call, const GPtrArray *all,
                         uint32_t *ret_n, struct problem *p)
{
    for (guint i = 0; i < all->len; i++)
        if (write_stream_of(call, all->pdata[i], ret_n, p) < 0)
            return -1;
    return 0;
}

/* Look again and again until there is something, or the time is over. */
static int wait_for_events(struct op_call *call, const GPtrArray *all,
                           int64_t timeout_us, struct problem *p)
{
    int64_t end = timestamp_monotonic() + timeout_us;
    gsize before = call->reply.x.text->len;
    uint32_t n = 0;

    for (;;) {
        xml_open(&call->reply.x, "m:Notifications");
        if (write_streams(call, all, &n, p) < 0)
            return -1;
        if (n > 0) {
            xml_close(&call->reply.x, "m:Notifications");
            return 0;
        }
        g_string_truncate(call->reply.x.text, before);
        if (timestamp_monotonic() >= end ||
            cancel_level(call->lab->stop) != CANCEL_NONE)
            return 0;
        cancel_sleep(call->lab->stop, LOOK_US, CANCEL_DRAIN);
    }
}

static void free_subscription(gpointer one)
{
    subscription_free(one);
}

static int stream_once(struct op_call *call, struct problem *p)
{
    g_autoptr(GPtrArray) all =
        g_ptr_array_new_with_free_func(free_subscription);
    int64_t timeout_us = 0;

    if (read_connection_timeout(call, &timeout_us, p) < 0 ||
        find_streaming(call, all, p) < 0)
        return -1;
    reply_message_begin(&call->reply, NULL);
    if (wait_for_events(call, all, timeout_us, p) < 0)
        return -1;
    xml_text(&call->reply.x, "m:ConnectionStatus", "Closed");
    reply_message_end(&call->reply);
    return 0;
}

int op_get_streaming_events(struct op_call *call, struct problem *p)
{
    return op_one(call, stream_once, p);
}

/* ---- Unsubscribe --------------------------------------------------- */

static int unsubscribe_once(struct op_call *call, struct problem *p)
{
    g_autofree char *id = soap_text_dup(op_child(call, "SubscriptionId"));
    struct subscription *one = find_own(call, id, p);

    if (one == NULL)
        return -1;
    subscription_free(one);
    subscriptions_remove(call->lab->subscriptions, id);
    reply_message_begin(&call->reply, NULL);
    reply_message_end(&call->reply);
    return 0;
}

int op_unsubscribe(struct op_call *call, struct problem *p)
{
    return op_one(call, unsubscribe_once, p);
}
