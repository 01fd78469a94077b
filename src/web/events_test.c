#include "web/events.h"

#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/check.h"

/* A listener as the server makes one, with a bell in place of a socket. */
struct ear {
    struct events *hub;
    struct listener *listener;
    pthread_mutex_t lock;
    pthread_cond_t bell;
    bool parked, woken;
    GString *heard;
};

static void park(void *data)
{
    struct ear *e = data;

    pthread_mutex_lock(&e->lock);
    e->parked = true;
    e->woken = false;
    pthread_mutex_unlock(&e->lock);
}

static void wake(void *data)
{
    struct ear *e = data;

    pthread_mutex_lock(&e->lock);
    g_assert_true(e->parked);
    e->parked = false;
    e->woken = true;
    pthread_cond_signal(&e->bell);
    pthread_mutex_unlock(&e->lock);
}

static struct ear *ear_at(struct events *hub, int64_t account,
                          const char *last_id, int fd)
{
    static const struct listener_ops ops = { park, wake };
    struct ear *e = g_new0(struct ear, 1);
    const struct listener_wish wish = { account, last_id, &ops, e, fd };

    pthread_mutex_init(&e->lock, NULL);
    pthread_cond_init(&e->bell, NULL);
    e->hub = hub;
    e->heard = g_string_new(NULL);
    e->listener = listener_new(hub, &wish);
    g_assert_nonnull(e->listener);
    return e;
}

static struct ear *ear_new(struct events *hub, int64_t account,
                           const char *last_id)
{
    return ear_at(hub, account, last_id, -1);
}

static void ear_free(struct ear *e)
{
    listener_free(e->listener);
    g_string_free(e->heard, TRUE);
    pthread_cond_destroy(&e->bell);
    pthread_mutex_destroy(&e->lock);
    g_free(e);
}

/* Read until that was heard; small pieces, as a slow socket takes them. */
static void hear(struct ear *e, const char *wanted)
{
    char buf[7];

    while (strstr(e->heard->str, wanted) == NULL) {
        ssize_t n = listener_read(e->listener, buf, sizeof(buf));

        g_assert_cmpint(n, >=, 0);
        g_string_append_len(e->heard, buf, n);
        if (n > 0)
            continue;
        pthread_mutex_lock(&e->lock);
        while (!e->woken)
            pthread_cond_wait(&e->bell, &e->lock);
        pthread_mutex_unlock(&e->lock);
    }
}

static void post(struct events *hub, const char *subject, int64_t account,
                 const char *data)
{
    events_post(hub, &(struct event_note){ "mailbox", subject, account, data });
}

static char *last_id(const struct ear *e)
{
    const char *at = g_strrstr(e->heard->str, "id: ");

    g_assert_nonnull(at);
    at += strlen("id: ");
    return g_strndup(at, strcspn(at, "\n"));
}

static unsigned count(const struct ear *e, const char *what)
{
    unsigned n = 0;

    for (const char *at = strstr(e->heard->str, what); at != NULL;
         at = strstr(at + 1, what))
        n++;
    return n;
}

static void test_live(void)
{
    g_autoptr(events) hub = events_new(100, 10);
    struct ear *e = ear_new(hub, 0, NULL);

    post(hub, "1", 0, "{\"a\":1}");
    hear(e, "event: mailbox\ndata: {\"a\":1}\n\n");
    ear_free(e);
}

/* However many there are of one subject, the last one comes, and few others. */
static void test_held_apart(void)
{
    g_autoptr(events) hub = events_new(100, 10);
    struct ear *e = ear_new(hub, 0, NULL);

    for (int i = 0; i <= 500; i++) {
        g_autofree char *data = g_strdup_printf("{\"n\":%d}", i);

        post(hub, "1", 0, data);
    }
    hear(e, "{\"n\":500}");
    g_assert_cmpuint(count(e, "event: mailbox"), <, 100);
    ear_free(e);
}

static void test_resume(void)
{
    g_autoptr(events) hub = events_new(100, 10);
    struct ear *first = ear_new(hub, 0, NULL), *again, *foreign;
    g_autofree char *id = NULL;

    post(hub, "1", 0, "1");
    hear(first, "data: 1\n\n");
    id = last_id(first);
    ear_free(first);
    post(hub, "2", 0, "2");
    post(hub, "3", 0, "3");
    again = ear_new(hub, 0, id);
    hear(again, "data: 2\n\n");
    hear(again, "data: 3\n\n");
    g_assert_cmpuint(count(again, "data: 1\n"), ==, 0);
    g_assert_cmpuint(count(again, "event: reset"), ==, 0);
    ear_free(again);
    foreign = ear_new(hub, 0, "0123456789abcdef-1");
    hear(foreign, "event: reset\ndata: {}\n\n");
    ear_free(foreign);
}

/* A connection that is lost before any event came leaves no gap. */
static void test_resume_without_an_event(void)
{
    g_autoptr(events) hub = events_new(100, 10);
    struct ear *first = ear_new(hub, 0, NULL), *again;
    g_autofree char *id = NULL;

    hear(first, "\n\n");
    id = last_id(first);
    g_assert_cmpuint(count(first, "event:"), ==, 0);
    ear_free(first);
    post(hub, "1", 0, "1");
    again = ear_new(hub, 0, id);
    hear(again, "data: 1\n\n");
    g_assert_cmpuint(count(again, "event: reset"), ==, 0);
    ear_free(again);
}

/*
 * Who listens is told, and who comes back with an id from before; whoever has
 * been told goes on from there.
 */
static void test_missed(void)
{
    g_autoptr(events) hub = events_new(100, 10);
    struct ear *here = ear_new(hub, 0, NULL), *away, *later;
    g_autofree char *before = NULL, *after = NULL;

    post(hub, "1", 0, "1");
    hear(here, "data: 1\n\n");
    before = last_id(here);
    events_missed(hub);
    hear(here, "event: reset\ndata: {}\n\n");
    after = last_id(here);
    away = ear_new(hub, 0, before);
    hear(away, "event: reset\ndata: {}\n\n");
    later = ear_new(hub, 0, after);
    post(hub, "2", 0, "2");
    hear(here, "data: 2\n\n");
    hear(later, "data: 2\n\n");
    g_assert_cmpuint(count(later, "event: reset"), ==, 0);
    ear_free(here);
    ear_free(away);
    ear_free(later);
}

/*
 * Long before the next beat would be written to nobody: that one would be
 * text.  The other one listens on.
 */
static void test_gone(void)
{
    struct events *hub = events_new(64, 8);
    struct ear *gone, *here;
    int ends[2], others[2];
    char buf[256];
    ssize_t n;

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), ==, 0);
    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM, 0, others), ==, 0);
    gone = ear_at(hub, 0, NULL, ends[0]);
    here = ear_at(hub, 0, NULL, others[0]);
    hear(gone, "id: ");
    hear(here, "id: ");
    while (listener_read(gone->listener, buf, sizeof(buf)) > 0)
        ;
    close(ends[1]);
    pthread_mutex_lock(&gone->lock);
    while (!gone->woken)
        pthread_cond_wait(&gone->bell, &gone->lock);
    pthread_mutex_unlock(&gone->lock);
    n = listener_read(gone->listener, buf, sizeof(buf));
    g_assert_cmpint(n, ==, -1);
    post(hub, "1", 0, "{\"on\":1}");
    hear(here, "{\"on\":1}");
    ear_free(gone);
    ear_free(here);
    close(ends[0]);
    close(others[0]);
    close(others[1]);
    events_free(hub);
}

/* Who is so late that the ring has gone round is told so. */
static void test_overrun(void)
{
    g_autoptr(events) hub = events_new(10, 10);
    struct ear *slow = ear_new(hub, 0, NULL), *quick = ear_new(hub, 0, NULL);

    for (int i = 0; i < 30; i++) {
        g_autofree char *text = g_strdup_printf("%d", i);
        g_autofree char *line = g_strdup_printf("data: %d\n", i);

        post(hub, text, 0, text);
        hear(quick, line);
    }
    hear(quick, "data: 29\n");
    hear(slow, "event: reset");
    post(hub, "x", 0, "99");
    hear(slow, "data: 99\n");
    g_assert_cmpuint(count(slow, "data: 1\n"), ==, 0);
    ear_free(slow);
    ear_free(quick);
}

static void test_accounts(void)
{
    g_autoptr(events) hub = events_new(100, 10);
    struct ear *theirs = ear_new(hub, 7, NULL);

    post(hub, "1", 0, "\"staff\"");
    post(hub, "2", 8, "\"others\"");
    post(hub, "3", 7, "\"theirs\"");
    hear(theirs, "theirs");
    post(hub, "4", 7, "\"end\"");
    hear(theirs, "end");
    g_assert_cmpuint(count(theirs, "staff"), ==, 0);
    g_assert_cmpuint(count(theirs, "others"), ==, 0);
    ear_free(theirs);
}

static void test_limits(void)
{
    static const struct listener_ops ops = { park, wake };
    const struct listener_wish wish = { .ops = &ops, .socket = -1 };
    g_autoptr(events) hub = events_new(100, 2);
    struct ear *a = ear_new(hub, 0, NULL), *b = ear_new(hub, 0, NULL);
    g_autofree char *huge = g_strnfill(EVENT_DATA_MAX + 1, '1');

    g_assert_null(listener_new(hub, &wish));
    g_assert_cmpuint(events_listeners(hub), ==, 2);
    post(hub, "1", 0, huge);
    post(hub, "2", 0, "1\nevent: forged");
    post(hub, "3", 0, "3");
    hear(a, "data: 3\n");
    g_assert_cmpuint(count(a, "event:"), ==, 1);
    ear_free(b);
    events_close(hub);
    {
        char buf[64];

        g_assert_cmpint(listener_read(a->listener, buf, sizeof(buf)), ==, -1);
    }
    g_assert_null(listener_new(hub, &wish));
    ear_free(a);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/events/live", test_live);
    g_test_add_func("/events/held-apart", test_held_apart);
    g_test_add_func("/events/resume", test_resume);
    g_test_add_func("/events/resume-without-an-event",
                    test_resume_without_an_event);
    g_test_add_func("/events/missed", test_missed);
    g_test_add_func("/events/gone", test_gone);
    g_test_add_func("/events/overrun", test_overrun);
    g_test_add_func("/events/accounts", test_accounts);
    g_test_add_func("/events/limits", test_limits);
    return g_test_run();
}
