#include "ews/moment.h"

#include <errno.h>
#include <time.h>

#define LOOK_UP_NS (100L * 1000 * 1000)
#define SECOND_NS  (1000L * 1000 * 1000)

/* ThreadSanitizer knows pthread_cond_timedwait(), not the clockwait one. */
void moment_init(pthread_cond_t *cond)
{
    pthread_condattr_t attr;

    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(cond, &attr);
    pthread_condattr_destroy(&attr);
}

void moment_wait(pthread_cond_t *cond, pthread_mutex_t *lock)
{
    struct timespec until;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += LOOK_UP_NS;
    if (until.tv_nsec >= SECOND_NS) {
        until.tv_sec++;
        until.tv_nsec -= SECOND_NS;
    }
    (void)pthread_cond_timedwait(cond, lock, &until);
}

int moment_cancelled(struct err *err)
{
    err_set(err, ERR_RUN, ERR_RETRY_NEVER, ECANCELED, "stopped");
    err->name = "cancelled";
    return -1;
}
