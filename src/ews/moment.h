/*
 * moment - wait on a condition, looking up now and then whether the work was
 * cancelled.
 */
#ifndef EWS_MOMENT_H
#define EWS_MOMENT_H

#include <pthread.h>

#include "base/err.h"

/* A condition for moment_wait(). */
void moment_init(pthread_cond_t *cond);

/* Until it is signalled, but not for long; with the lock held. */
void moment_wait(pthread_cond_t *cond, pthread_mutex_t *lock);

/* The error of a wait that was given up.  Returns -1. */
int moment_cancelled(struct err *err);

#endif
