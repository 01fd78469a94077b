/*
 * blob - bytes of any size in bounded memory.
 *
 * A blob is appended to by one thread, then sealed; a sealed one never
 * changes and any number of threads may read it.  All blobs of a pool share
 * one memory budget; what does not fit goes to an unlinked spool file.
 */
#ifndef BASE_BLOB_H
#define BASE_BLOB_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <glib.h>

#include "base/err.h"

struct blob_pool;
struct blob;
typedef struct blob_pool blob_pool;
typedef struct blob blob;

/*
 * The most of one blob that stays in memory: it must not take the budget of
 * all, and beside its transfer what is larger is cheap to write and read.
 */
#define BLOB_MEMORY_MAX ((size_t)16 << 20)

/*
 * memory_max_bytes: what all blobs together may keep in memory.  dir: where the
 * rest goes; NULL means spool_dir().  The pool must outlive its blobs.
 */
struct blob_pool *blob_pool_new(size_t memory_max_bytes, const char *dir);
void blob_pool_free(struct blob_pool *pool);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(blob_pool, blob_pool_free)

/* Bytes in memory and in spool files now, for tests and metrics. */
size_t blob_pool_memory(const struct blob_pool *pool);
size_t blob_pool_spooled(const struct blob_pool *pool);

/* Empty, to be appended to.  Never fails. */
struct blob *blob_new(struct blob_pool *pool);
/* A sealed blob with a copy of data, outside any budget: for tests. */
struct blob *blob_from_bytes(const void *data, size_t len);
void blob_free(struct blob *b);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(blob, blob_free)

/* -1 when the spool file cannot be written: spool_failed(). */
int blob_append(struct blob *b, const void *data, size_t len,
                struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* No more appends; gives back memory kept for growth.  Twice is fine. */
void blob_seal(struct blob *b);

uint64_t blob_size(const struct blob *b);

/*
 * Copy up to len bytes from offset.  Returns how many (less than len only at
 * the end; 0 past it), -1 when the spool file cannot be read.
 */
ssize_t blob_read_at(const struct blob *b, uint64_t offset, void *buf,
                     size_t len, struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * The bytes from offset that lie together in memory: a pointer and their
 * number, valid while b lives; NULL (and 0) when they are in the spool file
 * or past the end.  Spares a copy; blob_read_at() always works.
 */
const void *blob_peek(const struct blob *b, uint64_t offset, size_t *ret_len);

#endif
