/*
 * foresee - the forecast of a run while it runs: made anew now and then by a
 * thread of its own, shown in its progress, and put on record.
 */
#ifndef CMD_FORESEE_H
#define CMD_FORESEE_H

#include "cmd/progress.h"
#include "store/store.h"

/* All borrowed, and outlive it. */
struct foresee_config {
    struct store *store;
    struct progress *progress;
    size_t n; /* mailboxes in it */
    unsigned int at_once;
    const struct hours *quiet; /* of the source; or NULL */
};

struct foresee;
/* Before the run.  NULL: it cannot be done, and there is no forecast. */
struct foresee *foresee_start(const struct foresee_config *config);
/*
 * The run has ended.  whole: by itself: what was said is kept with its end;
 * else it is forgotten, for nothing was said of being stopped.  Frees.
 */
void foresee_stop(struct foresee *f, bool whole);

#endif
