#include "engine/match.h"

#include <string.h>

#include <glib.h>

static bool same_key(const struct match_item *a, const struct match_item *b)
{
    return a->search_key != NULL && b->search_key != NULL &&
           strcmp(a->search_key, b->search_key) == 0;
}

static enum digest_compare compare(const struct match_item *a,
                                   const struct match_item *b)
{
    if (!a->readable || !b->readable)
        return DIGEST_UNKNOWN;
    return digest_compare(&a->digest, &b->digest, NULL);
}

static bool equal_and_key(const struct match_item *a,
                          const struct match_item *b)
{
    return compare(a, b) == DIGEST_EQUAL && same_key(a, b);
}

static bool equal(const struct match_item *a, const struct match_item *b)
{
    return compare(a, b) == DIGEST_EQUAL;
}

static bool likely_and_key(const struct match_item *a,
                           const struct match_item *b)
{
    return a->readable && b->readable && compare(a, b) == DIGEST_UNKNOWN &&
           same_key(a, b);
}

static bool likely(const struct match_item *a, const struct match_item *b)
{
    return a->readable && b->readable && compare(a, b) == DIGEST_UNKNOWN &&
           (digest_common(&a->digest, &b->digest) & (1u << FTS_ENVELOPE)) != 0;
}

static bool key_alone(const struct match_item *a, const struct match_item *b)
{
    return (!a->readable || !b->readable) && same_key(a, b);
}

typedef bool grade(const struct match_item *a, const struct match_item *b);

/* The first that is free and fits. */
static size_t find(const struct match_item *item, const struct match_set *found,
                   const bool *taken, grade *fits)
{
    for (size_t k = 0; k < found->n; k++)
        if (!taken[k] && fits(item, &found->items[k]))
            return k;
    return MATCH_NONE;
}

void match_multiset(const struct match_set *wanted,
                    const struct match_set *found, size_t *ret)
{
    static grade *const grades[] = { equal_and_key, equal, likely_and_key,
                                     likely, key_alone };
    g_autofree bool *taken = g_new0(bool, found->n + 1);

    for (size_t i = 0; i < wanted->n; i++)
        ret[i] = MATCH_NONE;
    for (size_t g = 0; g < G_N_ELEMENTS(grades); g++) {
        for (size_t i = 0; i < wanted->n; i++) {
            if (ret[i] == MATCH_NONE)
                ret[i] = find(&wanted->items[i], found, taken, grades[g]);
            if (ret[i] != MATCH_NONE)
                taken[ret[i]] = true;
        }
    }
}
