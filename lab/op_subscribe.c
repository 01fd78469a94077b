#include "base/timestamp.h"
#include "lab/op.h"
#include "lab/store_event.h"
#include "lab/subscription.h"

/* [MS-OXWSNTIF] SubscriptionTimeoutType, in minutes. */
#define TIMEOUT_MAX 1440
/* StreamingSubscriptionConnectionTimeoutType, in minutes. */
#define CONNECTION_MAX 30

#define MINUTE (INT64_C(60) * TIMESTAMP_SECOND)

/* ---- Subscribe ----------------------------------------------------- */

static int read_events(const xmlNode *request, unsigned int *ret,
                       struct problem *p)
{
    const xmlNode *list = soap_child(request, NS_TYPES, "EventTypes");

    for (const xmlNode *n = soap_first(list); n != NULL; n = soap_next(n)) {
        g_autofree char *name = soap_text_dup(n);
        unsigned int bit = 0;

        for (unsigned int i = 0; i < N_SUBSCRIPTION_EVENTS; i++)
            if (g_strcmp0(subscription_events[i] + strlen("t:"), name) == 0)
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
