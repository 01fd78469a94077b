/*
 * keys - ask one side what items are known by: patiently, one at fault apart
 * from the others.
 */
#ifndef ENGINE_KEYS_H
#define ENGINE_KEYS_H

#include "engine/pass.h"

struct keys_asking {
    struct endpoint *ep;
    enum side side; /* that ep is on */
    const char *const *ids;
    size_t n;
};

/*
 * ret has room for n, all zero; clear it with endpoint_keys_clear().  -1 only
 * when the side cannot be asked, or the pass is over.
 */
int keys_ask(struct pass *p, const struct keys_asking *what,
             struct endpoint_key *ret,
             struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
