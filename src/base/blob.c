#include "base/blob.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <unistd.h>

#include "base/spool.h"

/*
 * A blob is a prefix in memory, in chunks, and a tail in its spool file.
 * Once a byte has gone to the file, all that follow do: the pool's memory
 * may have become free again, but order is worth more than that.
 */
#define CHUNK_MIN ((size_t)4 << 10)   /* most answers are this small */
#define CHUNK_MAX ((size_t)256 << 10) /* a payload's; small beside a budget */

struct chunk {
    uint64_t start; /* offset of its first byte in the blob */
    size_t used, size;
    char *bytes;
};

struct blob_pool {
    size_t memory_max;
    char *spool_dir;
    atomic_size_t memory, spooled;
};

struct blob {
    struct blob_pool *pool; /* NULL: memory without a budget */
    GArray *chunks;         /* of struct chunk */
    uint64_t in_memory;     /* bytes; the file's first byte is the next */
    uint64_t in_file;
    int fd; /* -1: nothing spooled */
    bool sealed;
};

struct blob_pool *blob_pool_new(size_t memory_max_bytes, const char *dir)
{
    struct blob_pool *pool = g_new0(struct blob_pool, 1);

    pool->memory_max = memory_max_bytes;
    pool->spool_dir = g_strdup(dir != NULL ? dir : spool_dir());
    return pool;
}

void blob_pool_free(struct blob_pool *pool)
{
    if (pool == NULL)
        return;
    /* A blob that is left would give back to memory that is gone. */
    g_assert(atomic_load(&pool->memory) == 0);
    g_assert(atomic_load(&pool->spooled) == 0);
    g_free(pool->spool_dir);
    g_free(pool);
}

size_t blob_pool_memory(const struct blob_pool *pool)
{
    return atomic_load(&pool->memory);
}

size_t blob_pool_spooled(const struct blob_pool *pool)
{
    return atomic_load(&pool->spooled);
}

static bool take_memory(struct blob_pool *pool, size_t n)
{
    size_t have;

    if (pool == NULL)
        return true;
    have = atomic_load(&pool->memory);
    do {
        if (n > pool->memory_max || have > pool->memory_max - n)
            return false;
    } while (!atomic_compare_exchange_weak(&pool->memory, &have, have + n));
    return true;
}

static void give_memory(struct blob_pool *pool, size_t n)
{
    if (pool != NULL)
        atomic_fetch_sub(&pool->memory, n);
}

struct blob *blob_new(struct blob_pool *pool)
{
    struct blob *b = g_new0(struct blob, 1);

    b->pool = pool;
    b->chunks = g_array_new(FALSE, FALSE, sizeof(struct chunk));
    b->fd = -1;
    return b;
}

void blob_free(struct blob *b)
{
    if (b == NULL)
        return;
    for (guint i = 0; i < b->chunks->len; i++) {
        struct chunk *c = &g_array_index(b->chunks, struct chunk, i);

        give_memory(b->pool, c->size);
        g_free(c->bytes);
    }
    g_array_free(b->chunks, TRUE);
    if (b->fd >= 0) {
        atomic_fetch_sub(&b->pool->spooled, (size_t)b->in_file);
        close(b->fd);
    }
    g_free(b);
}

static struct chunk *last_chunk(const struct blob *b)
{
    if (b->chunks->len == 0)
        return NULL;
    return &g_array_index(b->chunks, struct chunk, b->chunks->len - 1);
}

/* A chunk with room for at least a byte; NULL: no more memory for it. */
static struct chunk *chunk_with_room(struct blob *b)
{
    struct chunk *last = last_chunk(b);
    struct chunk fresh = { .start = b->in_memory };

    if (last != NULL && last->used < last->size)
        return last;
    /* Doubling wastes at most half, and sealing gives that back. */
    fresh.size = last == NULL ? CHUNK_MIN : MIN(last->size * 2, CHUNK_MAX);
    if (b->pool != NULL && b->in_memory + fresh.size > BLOB_MEMORY_MAX)
        return NULL;
    if (!take_memory(b->pool, fresh.size))
        return NULL;
    fresh.bytes = g_malloc(fresh.size);
    g_array_append_val(b->chunks, fresh);
    return last_chunk(b);
}

/* As much as memory takes; returns how much. */
static size_t append_memory(struct blob *b, const char *data, size_t len)
{
    size_t done = 0;

    while (done < len) {
        struct chunk *c = chunk_with_room(b);
        size_t n;

        if (c == NULL)
            break;
        n = MIN(len - done, c->size - c->used);
        memcpy(c->bytes + c->used, data + done, n);
        c->used += n;
        b->in_memory += n;
        done += n;
    }
    return done;
}

static int append_file(struct blob *b, const char *data, size_t len,
                       struct err *err)
{
    if (b->fd < 0)
        b->fd = spool_open(b->pool->spool_dir, err);
    if (b->fd < 0)
        return -1;
    while (len > 0) {
        ssize_t n = pwrite(b->fd, data, len, (off_t)b->in_file);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return spool_failed(b->pool->spool_dir, errno, err);
        data += n;
        len -= (size_t)n;
        b->in_file += (uint64_t)n;
        atomic_fetch_add(&b->pool->spooled, (size_t)n);
    }
    return 0;
}

int blob_append(struct blob *b, const void *data, size_t len, struct err *err)
{
    size_t done = 0;

    g_assert(!b->sealed);
    if (b->fd < 0)
        done = append_memory(b, data, len);
    if (done == len)
        return 0;
    return append_file(b, (const char *)data + done, len - done, err);
}

void blob_seal(struct blob *b)
{
    struct chunk *last = last_chunk(b);

    if (!b->sealed && last != NULL && last->used < last->size) {
        last->bytes = g_realloc(last->bytes, last->used);
        give_memory(b->pool, last->size - last->used);
        last->size = last->used;
    }
    b->sealed = true;
}

struct blob *blob_from_bytes(const void *data, size_t len)
{
    struct blob *b = blob_new(NULL);

    (void)append_memory(b, data, len); /* without a budget it takes all */
    blob_seal(b);
    return b;
}

uint64_t blob_size(const struct blob *b)
{
    return b->in_memory + b->in_file;
}

const void *blob_peek(const struct blob *b, uint64_t offset, size_t *ret_len)
{
    guint low = 0, high = b->chunks->len;
    const struct chunk *c;
    size_t skip;

    *ret_len = 0;
    if (offset >= b->in_memory)
        return NULL;
    /* The last chunk that starts at or before offset. */
    while (high - low > 1) {
        guint middle = low + (high - low) / 2;

        if (g_array_index(b->chunks, struct chunk, middle).start <= offset)
            low = middle;
        else
            high = middle;
    }
    c = &g_array_index(b->chunks, struct chunk, low);
    skip = (size_t)(offset - c->start);
    *ret_len = c->used - skip;
    return c->bytes + skip;
}

static ssize_t read_file(const struct blob *b, uint64_t offset, char *buf,
                         size_t len, struct err *err)
{
    size_t done = 0;

    while (done < len) {
        ssize_t n = pread(b->fd, buf + done, len - done,
                          (off_t)(offset - b->in_memory + done));

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_errno(err, ERR_RUN, errno, "spool file in \"%s\"",
                             b->pool->spool_dir);
        if (n == 0)
            return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                           "spool file in \"%s\" has become shorter",
                           b->pool->spool_dir);
        done += (size_t)n;
    }
    return (ssize_t)done;
}

ssize_t blob_read_at(const struct blob *b, uint64_t offset, void *buf,
                     size_t len, struct err *err)
{
    uint64_t size = blob_size(b);
    size_t done = 0, n;
    const void *p;

    if (offset >= size)
        return 0;
    len = (size_t)MIN((uint64_t)len, size - offset);
    while (done < len && (p = blob_peek(b, offset + done, &n)) != NULL) {
        n = MIN(n, len - done);
        memcpy((char *)buf + done, p, n);
        done += n;
    }
    if (done == len)
        return (ssize_t)done;
    if (read_file(b, offset + done, (char *)buf + done, len - done, err) < 0)
        return -1;
    return (ssize_t)len;
}
