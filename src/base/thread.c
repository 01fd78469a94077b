#include "base/thread.h"

int thread_start(struct thread *t, void *(*work)(void *data), void *data,
                 struct err *err)
{
    int failed = pthread_create(&t->id, NULL, work, data);

    if (failed != 0)
        return err_errno(err, ERR_RUN, failed, "cannot start a thread");
    t->running = true;
    return 0;
}

void thread_join(struct thread *t)
{
    if (!t->running)
        return;
    pthread_join(t->id, NULL);
    t->running = false;
}
