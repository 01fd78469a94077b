/*
 * events - what happens now, for those who watch.
 *
 * A ring of the last events is shared by all listeners: each has only its
 * place in it, so that a slow one costs nothing and is told "reset" when what
 * it wanted has been overwritten; so is one that comes back with an id of
 * another life of the service.  Who hears nothing for long is told an id
 * without an event, at first at once.  Of one subject at most two events a
 * second go out: those in between are replaced by later ones of the same kind,
 * and the last one always comes.
 *
 * Any thread.  A thread of the hub's own lets out what waits and wakes
 * listeners, all at once, so that an event costs one look at each of them.
 */
#ifndef WEB_EVENTS_H
#define WEB_EVENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <glib.h>

/* Text of one event's data. */
#define EVENT_DATA_MAX ((size_t)8 * 1024)
/* Between two events of one subject. */
#define EVENT_APART_US INT64_C(500000)

struct events;
struct listener;
typedef struct events events;

/* kept: how many events the ring holds; listeners_max: at a time. */
struct events *events_new(size_t kept, size_t listeners_max);
/* Every listener must have been freed. */
void events_free(struct events *e);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(events, events_free)

struct event_note {
    const char *kind;    /* "mailbox", "migration": a word, static */
    const char *subject; /* which: "12"; events of one are held apart */
    int64_t account;     /* whose; 0: for the operators alone */
    const char *data;    /* JSON on one line, up to EVENT_DATA_MAX */
};
/* Copied.  What is longer, or has a line end, is dropped. */
void events_post(struct events *e, const struct event_note *note);
/* Something may never come: all who listen, and who come back, hear "reset". */
void events_missed(struct events *e);

/*
 * park: called before read returns 0, so that nobody asks again; wake: there
 * is something, ask again.  Both are called with the hub's lock held, never at
 * the same time, and must not call the hub.
 */
struct listener_ops {
    void (*park)(void *data);
    void (*wake)(void *data);
};

struct listener_wish {
    int64_t account;     /* of this one alone; 0: everything */
    const char *last_id; /* of Last-Event-ID; NULL: from now on */
    const struct listener_ops *ops;
    void *data;
    int socket; /* to who listens: its end ends the stream; -1: there is none */
};

/* NULL: there are as many as may be, or the hub is closing. */
struct listener *listener_new(struct events *e,
                              const struct listener_wish *wish);
void listener_free(struct listener *l);

/*
 * The next bytes of the stream (text/event-stream), 0 with the listener parked
 * when there are none, -1 at its end: the hub was closed, or nobody is at the
 * other end of the socket.
 */
ssize_t listener_read(struct listener *l, char *buf, size_t size);

/* Listeners end; nothing more is posted. */
void events_close(struct events *e);

size_t events_listeners(struct events *e);

#endif
