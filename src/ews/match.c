#include "ews/match.h"

#include <stdbool.h>
#include <string.h>

#include <glib.h>

static int odd(struct err *err, const char *what)
{
    err_set(err, ERR_ITEM, ERR_RETRY_WAIT, 0,
            "the server's answers do not belong to what was asked: %s", what);
    err->name = "OddAnswer";
    err->wait_ms = 5000;
    return -1;
}

/* Its own place when that fits, else the first free one with that id. */
static bool find_place(const char *const *asked, const char *id, size_t i,
                       size_t n, const bool *taken, size_t *ret)
{
    if (!taken[i] && strcmp(asked[i], id) == 0) {
        *ret = i;
        return true;
    }
    for (size_t k = 0; k < n; k++) {
        if (!taken[k] && strcmp(asked[k], id) == 0) {
            *ret = k;
            return true;
        }
    }
    return false;
}

int match_answers(const char *const *asked, const char *const *given, size_t n,
                  size_t *ret_place, struct err *err)
{
    g_autofree bool *taken = g_new0(bool, n);

    for (size_t i = 0; i < n; i++) {
        if (given[i] == NULL)
            continue;
        if (!find_place(asked, given[i], i, n, taken, &ret_place[i]))
            return odd(err, "one has an id that was not asked for");
        taken[ret_place[i]] = true;
    }
    /* Those without an id stand at their place, if it is still theirs. */
    for (size_t i = 0; i < n; i++) {
        if (given[i] != NULL)
            continue;
        if (taken[i])
            return odd(err, "one has another's place");
        taken[i] = true;
        ret_place[i] = i;
    }
    return 0;
}
