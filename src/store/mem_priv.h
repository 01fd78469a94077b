/*
 * mem_priv - the store in memory: plain containers, each looked through from
 * front to back unless that would be slow in the engine's tests.
 *
 * One lock guards everything.  An operation that may be refused looks at all
 * its rows first and changes them after, so that it is all or nothing.
 */
#ifndef STORE_MEM_PRIV_H
#define STORE_MEM_PRIV_H

#include <pthread.h>

#include "store/store_priv.h"

struct mstore_folder {
    struct store_folder *f;
    int64_t mailbox_id;
    GPtrArray *items;      /* of struct store_item *; number - 1 is the index */
    GHashTable *by_source; /* source id, to the item */
    GHashTable *dest;      /* id, to its enum dest_kind */
    GPtrArray *hints;      /* of hint "\n" id, owned, each once */
};

struct mstore_mailbox {
    struct store_mailbox *m;
    GHashTable *owned;   /* destination ids of its items, to how many have it */
    GPtrArray *settings; /* of struct store_setting *, in no order */
};

struct mstore {
    struct store base;
    pthread_mutex_t lock;
    struct store_migration migration;
    char *quiet;
    GPtrArray *mailboxes; /* of struct mstore_mailbox *; id - 1 is the index */
    GPtrArray *folders;   /* of struct mstore_folder *; id - 1 is the index */
    GPtrArray *passes;    /* of struct store_pass *; id - 1 is the index */
    GPtrArray *exchange_names; /* of struct store_exchange_name * */
    GPtrArray *trials;         /* of struct store_trial *, in no order */
    GPtrArray *paces;          /* see mem_paces.c, as the next two */
    GArray *amounts;           /* struct store_amount, by mailbox */
    GPtrArray *forecasts;      /* of struct store_forecast * */
    GPtrArray *series;         /* see mem_samples.c */
    GPtrArray *edits;          /* of struct store_edits *, in no order */
};

static inline struct mstore *mstore_lock(struct store *base)
{
    struct mstore *s = (struct mstore *)base;

    pthread_mutex_lock(&s->lock);
    return s;
}

/* Unlocks; returns result, for "return mstore_unlock(s, ...)". */
static inline int mstore_unlock(struct mstore *s, int result)
{
    pthread_mutex_unlock(&s->lock);
    return result;
}

/* Each of these is called with the lock held and returns what is borrowed. */
struct mstore_mailbox *mstore_mailbox(struct mstore *s, int64_t id,
                                      struct err *err);
/* The lease's mailbox; NULL when it has been leased again. */
struct mstore_mailbox *mstore_leased(struct mstore *s,
                                     const struct store_lease *lease,
                                     struct err *err);
struct mstore_folder *mstore_folder(struct mstore *s, int64_t id,
                                    struct err *err);
/* The folder, when it is of the lease's mailbox and the lease still holds. */
struct mstore_folder *mstore_leased_folder(struct mstore *s,
                                           const struct store_lease *lease,
                                           int64_t id, struct err *err);
/* The item, when it is of that mailbox. */
struct store_item *mstore_item(struct mstore *s, int64_t mailbox_id, int64_t id,
                               struct err *err);
/* Enter a state: what that does not hold is cleared. */
struct ledger_item;
void mstore_become(struct store_item *item, const struct ledger_item *next);
struct store_item *mstore_item_dup(const struct store_item *item);
/* For what mstore_item_dup() gives. */
GPtrArray *mstore_item_array(void);

void mstore_folder_free(struct mstore_folder *f);

/* Replace *field by a copy of text. */
void mstore_set(char **field, const char *text);

int mstore_folders_set(struct store *base, const struct store_lease *lease,
                       const struct store_folder *folders, size_t n,
                       struct err *err);
int mstore_folders(struct store *base, int64_t mailbox_id, GPtrArray **ret,
                   struct err *err);
int mstore_folders_map(struct store *base, const struct store_lease *lease,
                       const struct store_mapping *maps, size_t n,
                       struct err *err);
int mstore_folder_placed(struct store *base, const struct store_lease *lease,
                         int64_t folder_id, struct err *err);
int mstore_items_list(struct store *base, const struct store_lease *lease,
                      int64_t folder_id, const struct store_change *changes,
                      size_t n, const char *token, size_t *ret_listed,
                      struct err *err);
int mstore_items_next(struct store *base, int64_t folder_id, int64_t now_us,
                      const int64_t *busy, size_t n_busy, size_t max,
                      GPtrArray **ret, struct err *err);
int mstore_items_waiting(struct store *base, int64_t mailbox_id, int64_t now_us,
                         GArray **ret, struct err *err);
int mstore_items_intend(struct store *base, const struct store_lease *lease,
                        int64_t pass_id, const struct store_intent *intents,
                        size_t n, int64_t deadline_us, struct err *err);
int mstore_items_record(struct store *base, const struct store_lease *lease,
                        const struct store_outcome *outcomes, size_t n,
                        struct err *err);
int mstore_items_adopt(struct store *base, const struct store_lease *lease,
                       const struct store_adoption *adoptions, size_t n,
                       struct err *err);
int mstore_items_follow(struct store *base, const struct store_lease *lease,
                        const struct store_follow *follows, size_t n,
                        struct err *err);
int mstore_items_wake(struct store *base, const struct store_lease *lease,
                      struct err *err);
int mstore_items_retry_failed(struct store *base,
                              const struct store_lease *lease, size_t *ret_n,
                              struct err *err);
int mstore_items(struct store *base, const struct store_item_query *query,
                 GPtrArray **ret, struct err *err);
int mstore_items_verify(struct store *base, const struct store_lease *lease,
                        const struct store_verdict *verdicts, size_t n,
                        struct err *err);
int mstore_items_verify_reset(struct store *base,
                              const struct store_lease *lease, struct err *err);
int mstore_dest_record(struct store *base, const struct store_lease *lease,
                       int64_t folder_id, const struct store_dest_seen *seen,
                       struct err *err);
int mstore_dest_lookup(struct store *base, int64_t folder_id,
                       const char *const *ids, size_t n,
                       enum dest_kind *ret_kinds, struct err *err);
int mstore_dest_find(struct store *base, int64_t folder_id,
                     const char *const *hints, size_t n, GPtrArray **ret,
                     struct err *err);
int mstore_dest_expected(struct store *base, int64_t folder_id,
                         struct store_expected *ret, struct err *err);
int mstore_dest_swept(struct store *base, const struct store_lease *lease,
                      int64_t folder_id, const char *token, struct err *err);
int mstore_exchange_names_add(struct store *base,
                              const struct store_lease *lease,
                              const struct store_exchange_name *names, size_t n,
                              struct err *err);
int mstore_exchange_names(struct store *base, GPtrArray **ret, struct err *err);
int mstore_exchange_name_asked(struct store *base,
                               const struct store_lease *lease, const char *dn,
                               int64_t at_us, struct err *err);
int mstore_mailbox_set_dn(struct store *base, const struct store_lease *lease,
                          const char *dn, struct err *err);
/* The same with the lock held. */
void mstore_names_add(struct mstore *s, const struct store_exchange_name *names,
                      size_t n);
int mstore_trial_record(struct store *base, const struct store_lease *lease,
                        const struct store_edits *edits,
                        const struct store_trial *lines, size_t n,
                        struct err *err);
int mstore_trials(struct store *base, GPtrArray **ret, struct err *err);
/* ---- mem_samples.c: what is of samples.h ---------------------------- */
void mstore_samples_init(struct mstore *s);
void mstore_samples_release(struct mstore *s);
int mstore_samples_add(struct store *base, const char *host,
                       const struct sample *samples, size_t n, struct err *err);
int mstore_samples(struct store *base, const char *host, int64_t since_us,
                   GArray **ret, struct err *err);

/* ---- mem_paces.c: what is of paces.h -------------------------------- */
void mstore_paces_init(struct mstore *s);
void mstore_paces_release(struct mstore *s);
int mstore_paces_add(struct store *base, const struct pace_hosts *between,
                     const struct pace *paces, size_t n, struct err *err);
int mstore_paces(struct store *base, const struct pace_hosts *between,
                 GArray **ret, struct err *err);
int mstore_amount_set(struct store *base, const struct store_lease *lease,
                      uint64_t items, uint64_t bytes, struct err *err);
int mstore_amounts(struct store *base, GArray **ret, struct err *err);
int mstore_forecasts_give(struct store *base,
                          const struct store_forecast *given, size_t n,
                          struct err *err);
int mstore_forecasts_end(struct store *base, int64_t mailbox_id,
                         int64_t ended_us, struct err *err);
int mstore_forecasts(struct store *base, bool open, GPtrArray **ret,
                     struct err *err);
int mstore_edits(struct store *base, GPtrArray **ret, struct err *err);
int mstore_settings_record(struct store *base, const struct store_lease *lease,
                           int64_t pass_id, const struct store_setting *lines,
                           size_t n, struct err *err);
int mstore_settings_done(struct store *base, const struct store_lease *lease,
                         int64_t pass_id, const char *part, struct err *err);
int mstore_settings(struct store *base, int64_t mailbox_id, GPtrArray **ret,
                    struct err *err);
int mstore_counts(struct store *base, int64_t mailbox_id,
                  struct store_counts *ret, struct err *err);
int mstore_folder_counts(struct store *base, int64_t mailbox_id, GArray **ret,
                         struct err *err);

#endif
