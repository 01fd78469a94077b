/*
 * subscription - who wants to be told of what: kept in memory, as in
 * Exchange, so that they end with the server.
 *
 * Any thread.
 */
#ifndef LAB_SUBSCRIPTION_H
#define LAB_SUBSCRIPTION_H

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

/* In the order of NotificationEventTypeType. */
enum subscription_event {
    EVENT_COPIED,
    EVENT_CREATED,
    EVENT_DELETED,
    EVENT_MODIFIED,
    EVENT_MOVED,
    EVENT_NEW_MAIL,
    EVENT_FREE_BUSY,
    N_SUBSCRIPTION_EVENTS,
};

/* "t:CopiedEvent": its element; behind the prefix its name. */
extern const char *const subscription_events[N_SUBSCRIPTION_EVENTS];

struct subscription {
    char *id;
    char *owner; /* login of who made it */
    int64_t mailbox;
    unsigned int events; /* bits: 1 << enum subscription_event */
    bool all_folders;
    GArray *folders; /* of int64_t: the store's keys */
    bool streaming;
    int64_t position;   /* of a streaming one: the last event that it knows */
    int64_t timeout_us; /* without being asked */
};

struct subscriptions;
typedef struct subscriptions subscriptions;

struct subscriptions *subscriptions_new(void);
void subscriptions_free(struct subscriptions *s);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(subscriptions, subscriptions_free)

/*
 * Take over one (its id is made here).  Returns the id, to be freed; NULL
 * when its owner has max already, and it is freed then.
 */
char *subscriptions_add(struct subscriptions *s, struct subscription *one,
                        unsigned int max);

/*
 * A copy of the one with that id, which now lives for its time again; NULL:
 * there is none, or it has ended.  Free it with subscription_free().
 */
struct subscription *subscriptions_use(struct subscriptions *s, const char *id);
/* From now on a streaming one has been told of events up to that. */
void subscriptions_move_on(struct subscriptions *s, const char *id,
                           int64_t position);
bool subscriptions_remove(struct subscriptions *s, const char *id);
void subscription_free(struct subscription *one);

/* ---- watermarks ---------------------------------------------------- */

/* A place among the events of this process; to be freed. */
char *subscriptions_watermark(const struct subscriptions *s, int64_t seq);
/* -1 for one of another server or none at all. */
int subscriptions_read_watermark(const struct subscriptions *s,
                                 const char *text, int64_t *ret);

#endif
