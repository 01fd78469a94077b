#include "base/cancel.h"

#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/timestamp.h"

/*
 * One descriptor a level, readable for ever once its level is reached and
 * never read: any number of waiters can poll it.  (One descriptor for both
 * would keep those awake who wait for the second level after the first.)
 */
struct cancel {
    atomic_int level;
    int fd[CANCEL_NOW + 1]; /* [CANCEL_NONE] is not used */
};

struct cancel *cancel_new(void)
{
    struct cancel *c = g_new0(struct cancel, 1);

    atomic_init(&c->level, CANCEL_NONE);
    c->fd[CANCEL_NONE] = -1;
    for (int i = CANCEL_DRAIN; i <= CANCEL_NOW; i++) {
        c->fd[i] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        if (c->fd[i] < 0)
            g_error("no event descriptor: %s", g_strerror(errno));
    }
    return c;
}

void cancel_free(struct cancel *c)
{
    if (c == NULL)
        return;
    for (int i = CANCEL_DRAIN; i <= CANCEL_NOW; i++)
        close(c->fd[i]);
    g_free(c);
}

void cancel_request(struct cancel *c)
{
    const uint64_t one = 1;
    int level = atomic_load(&c->level);
    int saved = errno;

    do {
        if (level == CANCEL_NOW)
            return;
    } while (!atomic_compare_exchange_weak(&c->level, &level, level + 1));
    /* An eventfd takes its first write always. */
    if (write(c->fd[level + 1], &one, sizeof(one)) < 0)
        abort();
    errno = saved;
}

enum cancel_level cancel_level(const struct cancel *c)
{
    if (c == NULL)
        return CANCEL_NONE;
    return (enum cancel_level)atomic_load(&c->level);
}

int cancel_fd(const struct cancel *c, enum cancel_level level)
{
    return c != NULL ? c->fd[level] : -1;
}

/* In poll()'s units, rounded up: a sleeper must not wake early and spin. */
static int poll_ms(int64_t us)
{
    const int64_t most = INT64_C(3600) * 1000;
    int64_t ms = us / 1000 + (us % 1000 > 0);

    return (int)MIN(ms, most);
}

bool cancel_sleep(struct cancel *c, int64_t us, enum cancel_level until)
{
    struct pollfd pfd = { .fd = cancel_fd(c, until), .events = POLLIN };
    int64_t start = timestamp_monotonic();

    for (;;) {
        int64_t slept = timestamp_monotonic() - start;

        if (cancel_level(c) >= until)
            return true;
        if (slept >= us)
            return false;
        (void)poll(&pfd, 1, poll_ms(us - slept)); /* EINTR: look again */
    }
}
