/*
 * store_event - what happened to items and folders, one by one and in order,
 * for clients that ask to be told.
 *
 * Nothing is written down before the first lab_store_watch(), and nothing
 * survives the process: a subscription does not, either.
 */
#ifndef LAB_STORE_EVENT_H
#define LAB_STORE_EVENT_H

#include "lab/store.h"

enum lab_event_kind {
    LAB_EVENT_CREATED = 1,
    LAB_EVENT_DELETED,
    LAB_EVENT_MODIFIED,
    LAB_EVENT_MOVED,
    LAB_EVENT_COPIED,
};

struct lab_event {
    int64_t seq;
    enum lab_event_kind kind;
    int64_t at_us;
    bool folder;   /* of a folder, not of an item */
    bool new_mail; /* created in the Inbox, and a message */
    bool calendar; /* an item of the Calendar */
    /* the store's numbers of where it is, and was before */
    int64_t self_key, parent_key, old_parent_key;
    char *id;
    char *change_key;             /* NULL when it is gone */
    char *parent_id;              /* NULL for a mailbox's root */
    char *old_id, *old_parent_id; /* moved or copied; else NULL */
    int64_t unread;               /* of a folder that was modified; -1 */
};
void lab_event_free(struct lab_event *e);

/* From now on events are written down. */
int lab_store_watch(struct lab_store *store,
                    struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* The number of the last event so far; 0: none. */
int lab_store_last_event(struct lab_store *store, int64_t *ret,
                         struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* Older events than the last so many are forgotten. */
#define LAB_EVENTS_MAX 100000

/*
 * Events of a mailbox after that number, oldest first, at most max: an array
 * of struct lab_event *.  "ErrorEventNotFound" when some of them have been
 * forgotten.
 */
int lab_store_events(struct lab_store *store, int64_t mailbox, int64_t after,
                     uint32_t max, GPtrArray **ret,
                     struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
