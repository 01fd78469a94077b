#include "cmd/foresee.h"

#include <errno.h>
#include <pthread.h>

#include "base/timestamp.h"
#include "store/paces.h"

/* Soon at first, when the first folders are known; then when there is news. */
#define FIRST_US TIMESTAMP_SECOND
#define EVERY_US (10 * TIMESTAMP_SECOND)

struct foresee {
    struct foresee_config c;
    struct outlook_mailbox *mailboxes;
    uint64_t *before; /* of each: what earlier runs have brought over */
    bool looked;
    pthread_t thread;
    pthread_mutex_t lock; /* guards stopping */
    pthread_cond_t wake;
    bool stopping;
};

static int read_before(struct foresee *f, struct err *err)
{
    f->before = g_new0(uint64_t, f->c.n + 1);
    for (size_t i = 0; i < f->c.n; i++)
        if (outlook_before(f->c.store, f->mailboxes[i].id, &f->before[i], err) <
            0)
            return -1;
    return 0;
}

static void add_before(struct foresee *f)
{
    for (size_t i = 0; i < f->c.n; i++) {
        f->mailboxes[i].before = f->before[i];
        f->mailboxes[i].known += f->before[i];
        f->mailboxes[i].copied += f->before[i];
    }
}

/* What cannot be read or recorded now may be the next time. */
static void look(struct foresee *f)
{
    const struct outlook_migration m = { .store = f->c.store,
                                         .mailboxes = f->mailboxes,
                                         .n = f->c.n,
                                         .quiet = f->c.quiet };
    const struct outlook_how how = { .now_us = timestamp_now(),
                                     .at_once = f->c.at_once };
    g_auto(outlook) o = { 0 };
    struct err ignored;

    progress_stand(f->c.progress, f->mailboxes);
    add_before(f);
    if (outlook_make(&m, 1, &how, &o, &ignored) < 0)
        return;
    /* In a moment something will have been measured. */
    o.known &= f->looked || o.by != COST_BY_DEFAULT;
    f->looked = true;
    progress_foresee(f->c.progress, &o.span, o.known ? o.basis : NULL);
    if (outlook_give(&m, &o, how.now_us, &ignored) < 0)
        return;
}

/* False: it is to end. */
static bool wait_for(struct foresee *f, int64_t us)
{
    int64_t at_us = timestamp_monotonic() + us;
    const struct timespec at = { at_us / TIMESTAMP_SECOND,
                                 at_us % TIMESTAMP_SECOND * 1000 };
    bool go_on;

    pthread_mutex_lock(&f->lock);
    while (!f->stopping &&
           pthread_cond_timedwait(&f->wake, &f->lock, &at) != ETIMEDOUT)
        ;
    go_on = !f->stopping;
    pthread_mutex_unlock(&f->lock);
    return go_on;
}

static void *foresee_main(void *data)
{
    struct foresee *f = data;

    for (int64_t us = FIRST_US; wait_for(f, us); us = EVERY_US)
        look(f);
    return NULL;
}

static void foresee_free(struct foresee *f)
{
    pthread_cond_destroy(&f->wake);
    pthread_mutex_destroy(&f->lock);
    g_free(f->mailboxes);
    g_free(f->before);
    g_free(f);
}

struct foresee *foresee_start(const struct foresee_config *config)
{
    struct foresee *f = g_new0(struct foresee, 1);
    pthread_condattr_t monotonic;
    struct err ignored;

    f->c = *config;
    f->mailboxes = g_new0(struct outlook_mailbox, config->n + 1);
    pthread_mutex_init(&f->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&f->wake, &monotonic);
    pthread_condattr_destroy(&monotonic);
    progress_stand(config->progress, f->mailboxes);
    if (read_before(f, &ignored) == 0 &&
        pthread_create(&f->thread, NULL, foresee_main, f) == 0)
        return f;
    foresee_free(f);
    return NULL;
}

/* Without it the record is shorter by one. */
static void end_record(struct foresee *f, bool whole)
{
    struct err ignored;

    if (store_forecasts_end(f->c.store, 0, whole ? timestamp_now() : 0,
                            &ignored) < 0)
        return;
}

void foresee_stop(struct foresee *f, bool whole)
{
    if (f == NULL)
        return;
    pthread_mutex_lock(&f->lock);
    f->stopping = true;
    pthread_cond_signal(&f->wake);
    pthread_mutex_unlock(&f->lock);
    pthread_join(f->thread, NULL);
    end_record(f, whole);
    foresee_free(f);
}
