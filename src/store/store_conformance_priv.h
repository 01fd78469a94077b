/*
 * store_conformance_priv - what the suite's files share.
 *
 * Each test begins with a store that has two mailboxes with two folders each;
 * nothing is in them.
 */
#ifndef STORE_STORE_CONFORMANCE_PRIV_H
#define STORE_STORE_CONFORMANCE_PRIV_H

#include "base/check.h"
#include "store/store_conformance.h"
#include "store/store_dump.h"
#include "store/store_priv.h"

struct conform {
    struct store *s;
    struct store_lease lease, other_lease;
    int64_t inbox, sent; /* of lease's mailbox */
    int64_t other_inbox; /* of other_lease's mailbox */
    struct err err;
};

struct conform_test {
    const char *name;
    void (*fn)(struct conform *t);
};

/* Each ends with a row without a name. */
extern const struct conform_test conform_mailboxes[];
extern const struct conform_test conform_folders[];
extern const struct conform_test conform_listing[];
extern const struct conform_test conform_ledger[];
extern const struct conform_test conform_queries[];
extern const struct conform_test conform_dest[];
extern const struct conform_test conform_follow[];
extern const struct conform_test conform_names[];
extern const struct conform_test conform_adopt[];
extern const struct conform_test conform_settings[];
extern const struct conform_test conform_trials[];
extern const struct conform_test conform_paces[];
extern const struct conform_test conform_samples[];
extern const struct conform_test conform_threads[];

/* All that the store shows; the caller frees. */
char *conform_dump(struct conform *t);
/* A call was refused with that name, and the store is as it was. */
void conform_refused(struct conform *t, int result, const char *name,
                     const char *before);

/* The folder of that id, as the store shows it; the caller frees. */
struct store_folder *conform_folder(struct conform *t, int64_t folder_id);
/* The item of that source id in the inbox; the caller frees. */
struct store_item *conform_item(struct conform *t, const char *source_id);
int64_t conform_item_id(struct conform *t, const char *source_id);

/* The inbox is that folder at the destination. */
void conform_map(struct conform *t, const char *destination_id, bool made);

/* g_assert_cmpmem() converts sizes in a way that our warnings refuse. */
void conform_bytes(const void *is, size_t n_is, const void *want,
                   size_t n_want);

/* List n items "a", "b", ... as mail in a folder; received 1, 2, ... s. */
void conform_list(struct conform *t, int64_t folder_id, size_t n);
/* One change of the inbox. */
void conform_change(struct conform *t, const struct store_change *change);
/* Intend items of the inbox; deadline 99, pass 7. */
void conform_intend(struct conform *t, const char *source_ids);
/* Record one outcome for an item of the inbox. */
void conform_record(struct conform *t, const char *source_id,
                    struct store_outcome outcome);
/* The short form: COPIED as "dst-" and the source id. */
void conform_copied(struct conform *t, const char *source_ids);

#endif
