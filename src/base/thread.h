/*
 * thread - a thread that a part of the program owns: begun once, waited for
 * once, and no harm done where it never began.
 */
#ifndef BASE_THREAD_H
#define BASE_THREAD_H

#include <pthread.h>
#include <stdbool.h>

#include "base/err.h"

/* Zeroed: none. */
struct thread {
    pthread_t id;
    bool running;
};

/* work(data) runs beside the caller, who joins it before data goes. */
int thread_start(struct thread *t, void *(*work)(void *data), void *data,
                 struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* Waits until it has ended; nothing where none runs. */
void thread_join(struct thread *t);

#endif
