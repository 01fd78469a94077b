/*
 * sample - how many of a folder's items to read, and which.
 *
 * The size is that of an acceptance sample without replacement: were one item
 * in twenty bad, the sample would hold at least one of them with 95 %
 * confidence.  With N items and D = max(1, ceil(N / 20)) bad ones,
 *
 *     n = ceil((1 - 0.05^(1/D)) * (N - (D - 1) / 2))
 *
 * the usual approximation of the hypergeometric distribution.  It reads all
 * of a folder of up to 19, 31 of 40, 45 of 100, 57 of 1,000, and never more
 * than 59.  Across the folders of a mailbox the confidence multiplies.
 */
#ifndef ENGINE_SAMPLE_H
#define ENGINE_SAMPLE_H

#include <stddef.h>
#include <stdint.h>

size_t sample_size(size_t n_items);

/*
 * Whose turn an item has in the sample: the n items of least rank are in it.
 * Fixed by item and seed, so that a sample can be drawn again.
 */
uint64_t sample_rank(int64_t item_id, int64_t seed);

#endif
