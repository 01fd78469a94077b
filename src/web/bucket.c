#include "web/bucket.h"

#include <pthread.h>

struct bucket {
    char *key; /* owned */
    /*
     * Generic cell rate: the time at which the bucket is full again.  It
     * holds the level without fractions, whatever the rate is changed to.
     */
    int64_t full_us;
    GList link; /* in by_use, the latest used first */
};

struct buckets {
    size_t most;
    pthread_mutex_t lock; /* the rest */
    GHashTable *by_key;   /* struct bucket by its key; owns it */
    GQueue by_use;
};

static void bucket_free(void *data)
{
    struct bucket *one = data;

    g_free(one->key);
    g_free(one);
}

struct buckets *buckets_new(size_t most)
{
    struct buckets *b = g_new0(struct buckets, 1);

    b->most = most;
    pthread_mutex_init(&b->lock, NULL);
    b->by_key =
        g_hash_table_new_full(g_str_hash, g_str_equal, NULL, bucket_free);
    return b;
}

void buckets_free(struct buckets *b)
{
    if (b == NULL)
        return;
    g_hash_table_unref(b->by_key);
    pthread_mutex_destroy(&b->lock);
    g_free(b);
}

static void drop(struct buckets *b, struct bucket *one)
{
    g_queue_unlink(&b->by_use, &one->link);
    g_hash_table_remove(b->by_key, one->key);
}

static struct bucket *find(struct buckets *b, const char *key)
{
    struct bucket *one = g_hash_table_lookup(b->by_key, key);

    if (one != NULL) {
        g_queue_unlink(&b->by_use, &one->link);
    } else {
        if (g_hash_table_size(b->by_key) >= b->most)
            drop(b, b->by_use.tail->data);
        one = g_new0(struct bucket, 1);
        one->key = g_strdup(key);
        one->full_us = INT64_MIN;
        one->link.data = one;
        g_hash_table_insert(b->by_key, one->key, one);
    }
    g_queue_push_head_link(&b->by_use, &one->link);
    return one;
}

int64_t bucket_take(struct buckets *b, const char *key,
                    const struct bucket_rate *rate, int64_t now_us)
{
    int64_t each_us = rate->us / (int64_t)rate->n, wait_us;
    struct bucket *one;

    pthread_mutex_lock(&b->lock);
    one = find(b, key);
    one->full_us = MAX(one->full_us, now_us);
    wait_us = one->full_us + each_us - now_us - each_us * (int64_t)rate->n;
    if (wait_us <= 0)
        one->full_us += each_us;
    pthread_mutex_unlock(&b->lock);
    return MAX(wait_us, 0);
}

void bucket_forget(struct buckets *b, const char *key)
{
    struct bucket *one;

    pthread_mutex_lock(&b->lock);
    one = g_hash_table_lookup(b->by_key, key);
    if (one != NULL)
        drop(b, one);
    pthread_mutex_unlock(&b->lock);
}

size_t buckets_n(struct buckets *b)
{
    size_t n;

    pthread_mutex_lock(&b->lock);
    n = g_hash_table_size(b->by_key);
    pthread_mutex_unlock(&b->lock);
    return n;
}
