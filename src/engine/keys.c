#include "engine/keys.h"

static int halves(struct pass *p, const struct keys_asking *what,
                  struct endpoint_key *ret, struct err *err)
{
    struct keys_asking first = *what, second = *what;

    first.n = what->n / 2;
    second.ids += first.n;
    second.n -= first.n;
    if (keys_ask(p, &first, ret, err) < 0)
        return -1;
    return keys_ask(p, &second, ret + first.n, err);
}

/* The items that were asked for, not the side. */
static bool is_of_items(const struct err *why)
{
    enum policy policy = policy_of(why);

    return policy == POLICY_FAIL || policy == POLICY_LATER ||
           policy == POLICY_FOLDER;
}

int keys_ask(struct pass *p, const struct keys_asking *what,
             struct endpoint_key *ret, struct err *err)
{
    unsigned int failures = 0;
    struct err why;

    while (endpoint_keys(what->ep, what->ids, what->n, ret, &why) < 0) {
        if (is_of_items(&why) && what->n > 1)
            return halves(p, what, ret, err);
        if (pass_endure(p, what->side, &failures, &why))
            continue;
        if (is_of_items(&why) && !pass_is_over(p))
            return 0; /* known by nothing */
        *err = why;
        return -1;
    }
    return 0;
}
