/*
 * bucket - how often somebody may: token buckets, many of them in bounded
 * memory.
 *
 * When there are too many, the one that was not used for longest goes, which
 * is then full again.  Any thread.
 */
#ifndef WEB_BUCKET_H
#define WEB_BUCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

struct buckets;
typedef struct buckets buckets;

/* No more than `most` at a time. */
struct buckets *buckets_new(size_t most);
void buckets_free(struct buckets *b);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(buckets, buckets_free)

/* So many within so long, and as many at once. */
struct bucket_rate {
    uint64_t n;
    int64_t us;
};

/*
 * Take one for that key at that time (timestamp_monotonic()).  Returns 0, or
 * in how many microseconds there will be one; then nothing is taken.
 */
int64_t bucket_take(struct buckets *b, const char *key,
                    const struct bucket_rate *rate, int64_t now_us);

/* As if nothing had been taken for that key. */
void bucket_forget(struct buckets *b, const char *key);

size_t buckets_n(struct buckets *b);

#endif
