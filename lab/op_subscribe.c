#include "base/timestamp.h"
#include "lab/op.h"
#include "lab/store_event.h"
#include "lab/subscription.h"

/* [MS-OXWSNTIF] SubscriptionTimeoutType, in minutes. */
#define TIMEOUT_MAX 1440
/* GetEvents gives no more at a time. */
#define EVENTS_PAGE 50u
/* StreamingSubscriptionConnectionTimeoutType, in minutes. */
#define CONNECTION_MAX 30
/* Between two looks while a streaming client waits. */
#define LOOK_US INT64_C(200000)

#define MINUTE (INT64_C(60) * TIMESTAMP_SECOND)

static const struct {
    const char *name, *element;
} events[N_SUBSCRIPTION_EVENTS] = {
    [EVENT_COPIED] = { "CopiedEvent", "t:CopiedEvent" },
    [EVENT_CREATED] = { "CreatedEvent", "t:CreatedEvent" },
    [EVENT_DELETED] = { "DeletedEvent", "t:DeletedEvent" },
    [EVENT_MODIFIED] = { "ModifiedEvent", "t:ModifiedEvent" },
    [EVENT_MOVED] = { "MovedEvent", "t:MovedEvent" },
    [EVENT_NEW_MAIL] = { "NewMailEvent", "t:NewMailEvent" },
    [EVENT_FREE_BUSY] = { "FreeBusyChangedEvent", "t:FreeBusyChangedEvent" },
};

/* ---- Subscribe ----------------------------------------------------- */

static int read_events(const xmlNode *request, unsigned int *ret,
                       struct problem *p)
{
    const xmlNode *list = soap_child(request, NS_TYPES, "EventTypes");

    for (const xmlNode *n = soap_first(list); n != NULL; n = soap_next(n)) {
        g_autofree char *name = soap_text_dup(n);
        unsigned int bit = 0;

        for (unsigned int i = 0; i < N_SUBSCRIPTION_EVENTS; i++)
            if (g_strcmp0(events[i].name, name) == 0)
                bit = 1u << i;
        if (bit == 0)
            return soap_violation(p, n, "The 'EventType' element is invalid.");
        *ret |= bit;
    }
    return *ret != 0 ? 0
                     : soap_violation(p, request,
                                      "The 'EventTypes' element is missing.");
}

static int read_timeout(const xmlNode *request, int64_t *ret_us,
                        struct problem *p)
{
    const xmlNode *node = soap_child(request, NS_TYPES, "Timeout");
    g_autofree char *text = soap_text_dup(node);
    guint64 minutes = 0;

    if (text == NULL ||
        !g_ascii_string_to_unsigned(g_strstrip(text), 10, 1, TIMEOUT_MAX,
                                    &minutes, NULL))
        return soap_violation(p, request, "The 'Timeout' element is invalid.");
    *ret_us = (int64_t)minutes * MINUTE;
    return 0;
}

/* Only who owns the mailbox, or has full access, is told of what happens. */
static int add_folder(struct op_call *call, const xmlNode *node,
                      struct subscription *one, struct problem *p)
{
    g_auto(place) folder = { 0 };
    struct err err;
    int may = 1;

    if (access_folder(call->lab, call->caller, node, "ErrorFolderNotFound",
                      &folder, p) < 0)
        return -1;
    if (one->mailbox != 0 && one->mailbox != folder.mailbox)
        return problem_set(p, "ErrorInvalidSubscriptionRequest");
    if (folder.mailbox != call->caller->mailbox)
        may = lab_store_may_open(call->lab->store, call->caller->account,
                                 folder.mailbox, &err);
    if (may < 0)
        return problem_from_err(p, &err);
    if (may == 0)
        return problem_set(p, "ErrorSubscriptionDelegateAccessNotSupported");
    one->mailbox = folder.mailbox;
    g_array_append_val(one->folders, folder.folder.key);
    return 0;
}

static int read_folders(struct op_call *call, const xmlNode *request,
                        struct subscription *one, struct problem *p)
{
    const xmlNode *list = soap_child(request, NS_TYPES, "FolderIds");

    one->all_folders = soap_attr_bool(request, "SubscribeToAllFolders");
    if (one->all_folders == (list != NULL))
        return problem_set(p, "ErrorInvalidSubscriptionRequest");
    if (one->all_folders) {
        one->mailbox = call->caller->mailbox;
        return one->mailbox != 0 ? 0
                                 : problem_set(p, "ErrorMissingEmailAddress");
    }
    for (const xmlNode *n = soap_first(list); n != NULL; n = soap_next(n))
        if (add_folder(call, n, one, p) < 0)
            return -1;
    return 0;
}

/* Where it begins: where the client says, else now. */
static int read_start(struct op_call *call, const xmlNode *request,
                      int64_t *ret, struct problem *p)
{
    g_autofree char *mark =
        soap_text_dup(soap_child(request, NS_TYPES, "Watermark"));
    struct err err;
    int64_t last = 0;

    if (lab_store_watch(call->lab->store, &err) < 0 ||
        lab_store_last_event(call->lab->store, &last, &err) < 0)
        return problem_from_err(p, &err);
    *ret = last;
    if (mark == NULL)
        return 0;
    if (subscriptions_read_watermark(call->lab->subscriptions, mark, ret) < 0 ||
        *ret > last)
        return problem_set(p, "ErrorInvalidWatermark");
    return 0;
}

/* EWSMaxSubscriptions: 20 in Exchange 2010, 5000 later. */
static unsigned int most_of(const struct op_call *call)
{
    return call->lab->version->release < EXCHANGE2013 ? 20 : 5000;
}

static int write_subscription(struct op_call *call, struct subscription *one,
                              int64_t start, struct problem *p)
{
    bool streaming = one->streaming;
    g_autofree char *mark =
        subscriptions_watermark(call->lab->subscriptions, start);
    g_autofree char *id =
        subscriptions_add(call->lab->subscriptions, one, most_of(call));

    if (id == NULL)
        return problem_set(p, "ErrorExceededSubscriptionCount");
    reply_message_begin(&call->reply, NULL);
    xml_text(&call->reply.x, "m:SubscriptionId", id);
    if (!streaming)
        xml_text(&call->reply.x, "m:Watermark", mark);
    reply_message_end(&call->reply);
    return 0;
}

static struct subscription *subscription_new(const struct op_call *call)
{
    struct subscription *one = g_new0(struct subscription, 1);

    one->owner = g_strdup(call->caller->budget);
    one->folders = g_array_new(FALSE, FALSE, sizeof(int64_t));
    one->timeout_us = CONNECTION_MAX * MINUTE;
    return one;
}

static int subscribe(struct op_call *call, const xmlNode *request,
                     bool streaming, struct problem *p)
{
    struct subscription *one = subscription_new(call);
    int64_t start = 0;

    one->streaming = streaming;
    if (read_events(request, &one->events, p) < 0 ||
        (!streaming && read_timeout(request, &one->timeout_us, p) < 0) ||
        read_folders(call, request, one, p) < 0 ||
        read_start(call, request, &start, p) < 0) {
        subscription_free(one);
        return -1;
    }
    one->position = start;
    return write_subscription(call, one, start, p);
}

static int subscribe_once(struct op_call *call, struct problem *p)
{
    const xmlNode *pull = op_child(call, "PullSubscriptionRequest");
    const xmlNode *push = op_child(call, "PushSubscriptionRequest");
    const xmlNode *streaming = op_child(call, "StreamingSubscriptionRequest");

    if (pull != NULL)
        return subscribe(call, pull, false, p);
    /* the lab calls nobody: no URL is one that it would reach */
    if (push != NULL)
        return problem_set(p, "ErrorInvalidPushSubscriptionUrl");
    if (streaming != NULL && call->asked >= EXCHANGE2010_SP1)
        return subscribe(call, streaming, true, p);
    return soap_violation(p, call->request->operation,
                          "The element 'Subscribe' has no subscription.");
}

int op_subscribe(struct op_call *call, struct problem *p)
{
    return op_one(call, subscribe_once, p);
}

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

    xml_open(x, events[kind].element);
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
    xml_close(x, events[kind].element);
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
