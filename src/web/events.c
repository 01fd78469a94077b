#include "web/events.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <sodium.h>

#include "base/timestamp.h"

/* How often the hub's thread looks what may go out. */
#define TICK_US 50000
/* A stream on which nothing comes is closed by proxies, often after 60 s. */
#define BEAT_US (15 * TIMESTAMP_SECOND)
/* Subjects of which something waits or went out just now. */
#define SUBJECTS_MAX 100000
/* Ends of sockets that are taken at a time. */
#define ENDS_MAX 64

struct event {
    gatomicrefcount refs;
    uint64_t number;
    int64_t account;
    size_t len;
    char text[]; /* as it goes over the wire */
};

/* What is held back of a subject. */
struct subject {
    int64_t not_before_us;
    GQueue waiting; /* of struct event_note *, one a kind; strings owned */
};

struct listener {
    struct events *hub;
    int64_t account;
    const struct listener_ops *ops;
    void *data;
    uint64_t next;         /* number of the event to look at */
    bool reset, parked;    /* reset: it has missed something */
    bool gone;             /* its socket says so */
    int socket;            /* borrowed; or -1 */
    int64_t beat_us;       /* when to say that we are still here */
    struct event *sending; /* of which sent bytes are out */
    size_t sent;
    GList link;
};

struct events {
    size_t kept, listeners_max;
    char epoch[17]; /* this life of the service, in every id */
    int ends;       /* epoll: of the listeners' sockets */
    pthread_t thread;
    pthread_mutex_t lock; /* the rest */
    pthread_cond_t closing_bell;
    bool closing;
    bool news;           /* for listeners, since they were woken */
    uint64_t next;       /* number of the next event; the first is 1 */
    struct event **ring; /* [number % kept] */
    GHashTable *subjects;
    GQueue listeners;
};

static void note_free(void *data)
{
    struct event_note *note = data;

    g_free((char *)(uintptr_t)note->subject);
    g_free((char *)(uintptr_t)note->data);
    g_free(note);
}

static void subject_free(void *data)
{
    struct subject *s = data;

    g_queue_clear_full(&s->waiting, note_free);
    g_free(s);
}

static void event_unref(struct event *e)
{
    if (e != NULL && g_atomic_ref_count_dec(&e->refs))
        g_free(e);
}

/* ---- posting ------------------------------------------------------------- */

static struct event *event_new(uint64_t number, int64_t account,
                               const char *text)
{
    size_t len = strlen(text);
    struct event *e = g_malloc(sizeof(*e) + len + 1);

    g_atomic_ref_count_init(&e->refs);
    e->number = number;
    e->account = account;
    e->len = len;
    memcpy(e->text, text, len + 1);
    return e;
}

/*
 * Whoever comes back with an id from before hears "reset", and so does who
 * listens now; with the lock held.
 */
static void begin_epoch(struct events *hub)
{
    uint8_t epoch[(sizeof(hub->epoch) - 1) / 2];

    randombytes_buf(epoch, sizeof(epoch));
    sodium_bin2hex(hub->epoch, sizeof(hub->epoch), epoch, sizeof(epoch));
    for (GList *at = hub->listeners.head; at != NULL; at = at->next) {
        struct listener *l = at->data;

        l->reset = true;
        l->next = hub->next;
    }
    hub->news = true;
}

void events_missed(struct events *hub)
{
    pthread_mutex_lock(&hub->lock);
    begin_epoch(hub);
    pthread_mutex_unlock(&hub->lock);
}

/* With the lock held. */
static void let_out(struct events *hub, const struct event_note *note)
{
    g_autofree char *text =
        g_strdup_printf("id: %s-%" G_GUINT64_FORMAT "\nevent: %s\ndata: %s\n\n",
                        hub->epoch, hub->next, note->kind, note->data);
    struct event **slot = &hub->ring[hub->next % hub->kept];

    event_unref(*slot);
    *slot = event_new(hub->next, note->account, text);
    hub->next++;
    hub->news = true;
}

/* A later one of the same kind takes the place of the earlier. */
static void hold_back(struct subject *s, const struct event_note *note)
{
    struct event_note *copy;

    for (GList *at = s->waiting.head; at != NULL; at = at->next) {
        struct event_note *earlier = at->data;

        if (strcmp(earlier->kind, note->kind) == 0) {
            g_free((char *)(uintptr_t)earlier->data);
            earlier->data = g_strdup(note->data);
            return;
        }
    }
    copy = g_new(struct event_note, 1);
    *copy = *note;
    copy->subject = g_strdup(note->subject);
    copy->data = g_strdup(note->data);
    g_queue_push_tail(&s->waiting, copy);
}

void events_post(struct events *hub, const struct event_note *note)
{
    struct subject *s;

    if (strlen(note->data) > EVENT_DATA_MAX ||
        strpbrk(note->data, "\r\n") != NULL)
        return;
    pthread_mutex_lock(&hub->lock);
    s = g_hash_table_lookup(hub->subjects, note->subject);
    if (s == NULL && g_hash_table_size(hub->subjects) < SUBJECTS_MAX) {
        s = g_new0(struct subject, 1);
        s->not_before_us = INT64_MIN;
        g_hash_table_insert(hub->subjects, g_strdup(note->subject), s);
    }
    if (s == NULL)
        begin_epoch(hub);
    else if (!hub->closing)
        hold_back(s, note);
    pthread_mutex_unlock(&hub->lock);
}

/* ---- the hub's thread ---------------------------------------------------- */

/* One of each subject whose time has come; idle subjects are forgotten. */
static gboolean let_out_one(gpointer key, gpointer value, gpointer data)
{
    struct events *hub = data;
    struct subject *s = value;
    int64_t now_us = timestamp_monotonic();
    struct event_note *note;

    (void)key;
    if (now_us < s->not_before_us)
        return FALSE;
    note = g_queue_pop_head(&s->waiting);
    if (note == NULL)
        return TRUE;
    let_out(hub, note);
    note_free(note);
    s->not_before_us = now_us + EVENT_APART_US;
    return FALSE;
}

static void wake(struct listener *l)
{
    l->parked = false;
    l->ops->wake(l->data);
}

static void wake_listeners(struct events *hub)
{
    bool news = hub->news;
    int64_t now_us = timestamp_monotonic();

    hub->news = false;
    for (GList *at = hub->listeners.head; at != NULL; at = at->next) {
        struct listener *l = at->data;

        if (l->parked && (news || hub->closing || now_us >= l->beat_us))
            wake(l);
    }
}

/*
 * A suspended connection is one that nobody reads: that its other end is gone
 * would be found out by writing alone, at the next beat.
 */
static void note_gone(struct events *hub)
{
    struct epoll_event ends[ENDS_MAX];
    int n = epoll_wait(hub->ends, ends, ENDS_MAX, 0);

    for (int i = 0; i < n; i++) {
        struct listener *l = ends[i].data.ptr;

        l->gone = true;
        if (l->parked)
            wake(l);
    }
}

static void *work(void *data)
{
    struct events *hub = data;

    pthread_mutex_lock(&hub->lock);
    while (!hub->closing) {
        int64_t until_us = timestamp_monotonic() + TICK_US;
        const struct timespec until = {
            .tv_sec = until_us / TIMESTAMP_SECOND,
            .tv_nsec = until_us % TIMESTAMP_SECOND * 1000,
        };

        g_hash_table_foreach_remove(hub->subjects, let_out_one, hub);
        note_gone(hub);
        wake_listeners(hub);
        (void)pthread_cond_timedwait(&hub->closing_bell, &hub->lock, &until);
    }
    wake_listeners(hub);
    pthread_mutex_unlock(&hub->lock);
    return NULL;
}

struct events *events_new(size_t kept, size_t listeners_max)
{
    struct events *hub = g_new0(struct events, 1);
    pthread_condattr_t attributes;

    if (sodium_init() < 0)
        g_error("libsodium cannot be initialised");
    hub->kept = kept;
    hub->listeners_max = listeners_max;
    hub->next = 1;
    hub->ends = epoll_create1(EPOLL_CLOEXEC);
    if (hub->ends < 0)
        g_error("no epoll: %s", g_strerror(errno));
    begin_epoch(hub);
    hub->ring = g_new0(struct event *, kept);
    hub->subjects =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, subject_free);
    pthread_mutex_init(&hub->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&hub->closing_bell, &attributes);
    pthread_condattr_destroy(&attributes);
    if (pthread_create(&hub->thread, NULL, work, hub) != 0)
        g_error("cannot start a thread");
    return hub;
}

void events_close(struct events *hub)
{
    pthread_mutex_lock(&hub->lock);
    hub->closing = true;
    pthread_cond_signal(&hub->closing_bell);
    pthread_mutex_unlock(&hub->lock);
}

void events_free(struct events *hub)
{
    if (hub == NULL)
        return;
    events_close(hub);
    pthread_join(hub->thread, NULL);
    g_assert(hub->listeners.length == 0);
    for (size_t i = 0; i < hub->kept; i++)
        event_unref(hub->ring[i]);
    g_free(hub->ring);
    close(hub->ends);
    g_hash_table_unref(hub->subjects);
    pthread_cond_destroy(&hub->closing_bell);
    pthread_mutex_destroy(&hub->lock);
    g_free(hub);
}

/* ---- listening ----------------------------------------------------------- */

static uint64_t oldest(const struct events *hub)
{
    return hub->next > hub->kept ? hub->next - hub->kept : 1;
}

/* Is it an id of this life?  Then *ret is the number behind it. */
static bool read_id(const struct events *hub, const char *id, uint64_t *ret)
{
    size_t n = strlen(hub->epoch);
    guint64 number;

    if (strncmp(id, hub->epoch, n) != 0 || id[n] != '-' ||
        !g_ascii_string_to_unsigned(id + n + 1, 10, 0, hub->next - 1, &number,
                                    NULL))
        return false;
    *ret = number;
    return true;
}

static void choose_start(struct listener *l, const char *last_id)
{
    uint64_t last = l->hub->next - 1;

    l->reset = last_id != NULL && !read_id(l->hub, last_id, &last);
    l->next = last + 1;
}

/* Each is told of once.  One that cannot be watched is found out by writing. */
static void watch_end(struct listener *l)
{
    struct epoll_event end = { .events = EPOLLRDHUP | EPOLLONESHOT,
                               .data.ptr = l };

    if (l->socket >= 0 &&
        epoll_ctl(l->hub->ends, EPOLL_CTL_ADD, l->socket, &end) < 0)
        l->socket = -1;
}

struct listener *listener_new(struct events *hub,
                              const struct listener_wish *wish)
{
    struct listener *l = NULL;

    pthread_mutex_lock(&hub->lock);
    if (!hub->closing && hub->listeners.length < hub->listeners_max) {
        l = g_new0(struct listener, 1);
        l->hub = hub;
        l->account = wish->account;
        l->ops = wish->ops;
        l->data = wish->data;
        l->socket = wish->socket;
        l->link.data = l;
        choose_start(l, wish->last_id);
        watch_end(l);
        g_queue_push_tail_link(&hub->listeners, &l->link);
    }
    pthread_mutex_unlock(&hub->lock);
    return l;
}

void listener_free(struct listener *l)
{
    struct events *hub;

    if (l == NULL)
        return;
    hub = l->hub;
    pthread_mutex_lock(&hub->lock);
    g_queue_unlink(&hub->listeners, &l->link);
    if (l->socket >= 0)
        (void)epoll_ctl(hub->ends, EPOLL_CTL_DEL, l->socket, NULL);
    pthread_mutex_unlock(&hub->lock);
    event_unref(l->sending);
    g_free(l);
}

/* The next event that is theirs, or NULL; with the lock held. */
static struct event *take_next(struct listener *l)
{
    struct events *hub = l->hub;

    while (l->next < hub->next) {
        struct event *e = hub->ring[l->next++ % hub->kept];

        if (l->account == 0 || e->account == l->account) {
            g_atomic_ref_count_inc(&e->refs);
            return e;
        }
    }
    return NULL;
}

/*
 * Where the listener stands: the id of "reset", or of no event at all.  Told
 * at first and then now and then, or a connection that is lost before an event
 * came would leave a gap that nobody sees.
 */
static struct event *tell_place(struct listener *l)
{
    g_autofree char *text = g_strdup_printf(
        "id: %s-%" G_GUINT64_FORMAT "\n%s\n", l->hub->epoch, l->next - 1,
        l->reset ? "event: reset\ndata: {}\n" : "");

    l->reset = false;
    return event_new(0, 0, text);
}

/* What is to be sent next, where there is anything. */
static struct event *choose(struct listener *l, int64_t now_us)
{
    struct event *e;

    if (l->next < oldest(l->hub)) {
        l->reset = true;
        l->next = l->hub->next;
    }
    e = l->reset ? NULL : take_next(l);
    if (e == NULL && (l->reset || now_us >= l->beat_us))
        e = tell_place(l);
    return e;
}

ssize_t listener_read(struct listener *l, char *buf, size_t size)
{
    struct events *hub = l->hub;
    int64_t now_us = timestamp_monotonic();
    ssize_t n = 0;

    pthread_mutex_lock(&hub->lock);
    while (!l->gone && (size_t)n < size) {
        size_t piece;

        if (l->sending == NULL) {
            l->sending = hub->closing ? NULL : choose(l, now_us);
            l->sent = 0;
        }
        if (l->sending == NULL)
            break;
        piece = MIN(size - (size_t)n, l->sending->len - l->sent);
        memcpy(buf + n, l->sending->text + l->sent, piece);
        l->sent += piece;
        n += (ssize_t)piece;
        l->beat_us = now_us + BEAT_US;
        if (l->sent == l->sending->len) {
            event_unref(l->sending);
            l->sending = NULL;
        }
    }
    if (n == 0 && (hub->closing || l->gone)) {
        n = -1;
    } else if (n == 0) {
        l->parked = true;
        l->ops->park(l->data);
    }
    pthread_mutex_unlock(&hub->lock);
    return n;
}

size_t events_listeners(struct events *hub)
{
    size_t n;

    pthread_mutex_lock(&hub->lock);
    n = hub->listeners.length;
    pthread_mutex_unlock(&hub->lock);
    return n;
}
