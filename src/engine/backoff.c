#include "engine/backoff.h"

#include <glib.h>

int64_t backoff_us(const struct backoff *b, unsigned int failures,
                   int64_t floor_us, double dice)
{
    int64_t most = b->first_us;

    for (unsigned int i = 1; i < failures && most < b->max_us; i++)
        most *= 2;
    return MAX(floor_us, 0) + (int64_t)((double)MIN(most, b->max_us) * dice);
}
