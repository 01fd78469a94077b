#include "engine/crew.h"

struct worker *crew_new(const struct pass *p, void *owner, unsigned int n)
{
    struct worker *crew = g_new0(struct worker, n + 1);

    for (unsigned int i = 0; i < n; i++) {
        crew[i].owner = owner;
        hands_clone(p, &crew[i].hands);
    }
    return crew;
}

bool worker_start(struct worker *w, void *(*main)(void *))
{
    w->started = pthread_create(&w->id, NULL, main, w) == 0;
    return w->started;
}

void crew_join(struct worker *crew, unsigned int n)
{
    for (unsigned int i = 0; i < n; i++) {
        if (crew[i].started)
            pthread_join(crew[i].id, NULL);
        hands_free(&crew[i].hands);
    }
    g_free(crew);
}

void crew_fail(struct pass *p)
{
    struct err why;

    err_set(&why, ERR_RUN, ERR_RETRY_NEVER, 0, "no thread can be started");
    pass_failed(p, &why);
}

void crew_run(struct pass *p, void *owner, unsigned int n,
              void *(*main)(void *))
{
    struct worker *crew = crew_new(p, owner, n);
    unsigned int started = 0;

    while (started < n && worker_start(&crew[started], main))
        started++;
    if (n > 0 && started == 0)
        crew_fail(p);
    crew_join(crew, n);
}
