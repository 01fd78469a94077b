/*
 * store_fill - a mailbox with something in it: for tests and the bench.
 *
 * Ids are made as Exchange makes them: base64 of an entry id in which only
 * the counter at the end differs within a folder.
 */
#ifndef STORE_STORE_FILL_H
#define STORE_STORE_FILL_H

#include "store/store.h"

struct store_fill {
    struct store_lease lease;
    int64_t folder_id;
};

/* A mailbox with a folder "Inbox", leased.  Must succeed. */
struct store_fill store_fill_begin(struct store *s, const char *address);

/*
 * An id of 152 characters: kind tells source from destination, folder and
 * item count.  The caller frees.
 */
char *store_fill_id(char kind, int64_t folder, uint64_t item);

/* List items first..first+n-1 of the folder and move its token to "first+n". */
int store_fill_list(struct store *s, const struct store_fill *f, uint64_t first,
                    size_t n, struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* Intend the next n items (fewer at the end), and record them as COPIED. */
int store_fill_intend(struct store *s, const struct store_fill *f, size_t n,
                      GPtrArray **ret_items,
                      struct err *err) G_GNUC_WARN_UNUSED_RESULT;
int store_fill_intend_these(struct store *s, const struct store_fill *f,
                            const GPtrArray *items,
                            struct err *err) G_GNUC_WARN_UNUSED_RESULT;
int store_fill_record(struct store *s, const struct store_fill *f,
                      const GPtrArray *items,
                      struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
