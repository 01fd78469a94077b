/*
 * crew - threads that work side by side, each with hands of its own.
 */
#ifndef ENGINE_CREW_H
#define ENGINE_CREW_H

#include "engine/pass.h"

struct worker {
    void *owner; /* what they all work on */
    struct hands hands;
    pthread_t id;
    bool started;
};

/*
 * n workers, none of them started.  Handles are cloned here and now, by the
 * thread that runs the pass: a handle may not be cloned while it is in use.
 */
struct worker *crew_new(const struct pass *p, void *owner, unsigned int n);
/* main gets the worker.  False when there is no thread to be had. */
bool worker_start(struct worker *w, void *(*main)(void *));
/* Wait for those that were started; frees all n. */
void crew_join(struct worker *crew, unsigned int n);

/*
 * Run main by n workers and wait for them all.  Fewer than asked for are
 * slower, not wrong; with none at all the pass is stopped.
 */
void crew_run(struct pass *p, void *owner, unsigned int n,
              void *(*main)(void *));
/* The pass cannot be run without threads. */
void crew_fail(struct pass *p);

#endif
