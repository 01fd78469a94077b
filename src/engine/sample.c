#include "engine/sample.h"

#include <math.h>

#define BAD_ONE_IN   20
#define MISS_AT_MOST 0.05

size_t sample_size(size_t n_items)
{
    size_t bad = (n_items + BAD_ONE_IN - 1) / BAD_ONE_IN;
    double n;

    if (n_items == 0)
        return 0;
    n = ceil((1.0 - pow(MISS_AT_MOST, 1.0 / (double)bad)) *
             ((double)n_items - ((double)bad - 1.0) / 2.0));
    return n >= (double)n_items ? n_items : (size_t)n;
}

uint64_t sample_rank(int64_t item_id, int64_t seed)
{
    /* splitmix64: Steele, Lea, Flood, "Fast splittable PRNGs", 2014 */
    uint64_t x =
        (uint64_t)item_id * UINT64_C(0x9e3779b97f4a7c15) + (uint64_t)seed;

    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}
