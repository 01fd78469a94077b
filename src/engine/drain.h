/*
 * drain - a folder's changes from a token to their end, patiently.
 *
 * One loop for everybody who lists: the source's lister, the baseline, the
 * look for what is in doubt, the sweep and verify.
 */
#ifndef ENGINE_DRAIN_H
#define ENGINE_DRAIN_H

#include "engine/pass.h"

/* Changes a call: what SyncFolderItems gives at most. */
#define DRAIN_PAGE 512

struct drain {
    struct endpoint *ep;
    enum side side;        /* that ep is on */
    const char *folder_id; /* of its visible or its hidden items: hidden.h */
    /*
     * A page, and the token after it; last: there is nothing behind it.  -1
     * ends the drain with that error.
     */
    int (*page)(void *data, const struct endpoint_page *page, const char *token,
                bool last, struct err *err);
    /* The token was stale: everything comes again from the start. */
    void (*again)(void *data); /* or NULL */
    void *data;
};

/*
 * token: "" for everything.  A stale one is dropped once.  -1 with the cause
 * when the folder cannot be listed, or when the pass is over (name
 * "interrupted"): pages that were handed on stay so.
 */
int drain_run(struct pass *p, const struct drain *d, const char *token,
              struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
