/*
 * digest - what an item is, whichever way it travelled.
 *
 * A FastTransfer stream and a portable item each have a digest of their own,
 * vectors over the same parts; the two kinds are never compared with one
 * another.
 */
#ifndef ENGINE_DIGEST_H
#define ENGINE_DIGEST_H

#include "endpoint/endpoint.h"
#include "fts/fts.h"
#include "portable/portable.h"

struct digest {
    enum payload_format format;
    union {
        struct fts_digest fts;
        struct portable_digest portable;
    };
};

/* What is found out in passing.  Owned. */
struct digest_summary {
    char *subject;     /* of FTS; or NULL */
    GPtrArray *people; /* of struct fts_person *; or NULL */
    uint64_t bytes;    /* decoded */
};
void digest_summary_clear(struct digest_summary *s);
typedef struct digest_summary digest_summary;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(digest_summary, digest_summary_clear)

/*
 * Of an item that was read (status 0); ret_summary may be NULL.  -1
 * (ERR_ITEM) when it must not be used: cut short ("truncated-data"), partial
 * ("partial-export"), broken.
 */
int digest_take(const struct endpoint_item *item, struct digest *ret,
                struct digest_summary *ret_summary,
                struct err *err) G_GNUC_WARN_UNUSED_RESULT;

enum digest_compare {
    DIGEST_EQUAL,
    DIGEST_DIFFERENT,
    DIGEST_UNKNOWN, /* what both have is equal, but not all is there */
};
/*
 * *ret_parts: bits (1 << enum fts_part) of the parts that differ; may be
 * NULL.  Of two formats nothing can be said.
 */
enum digest_compare digest_compare(const struct digest *a,
                                   const struct digest *b,
                                   unsigned int *ret_parts);
/* Bits of the parts that can be compared. */
unsigned int digest_common(const struct digest *a, const struct digest *b);

/* "body, attachments"; the caller frees. */
char *digest_part_names(unsigned int parts);

/* Packed for the ledger; how many bytes. */
#define DIGEST_PACKED 97
size_t digest_pack(const struct digest *d, uint8_t ret[DIGEST_PACKED]);
bool digest_unpack(const uint8_t *packed, size_t len, struct digest *ret);

#endif
