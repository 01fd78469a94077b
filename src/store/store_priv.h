/*
 * store_priv - what the implementations of a store share.
 *
 * store.c checks arguments and calls the implementation through its table;
 * an implementation sees only arguments that are whole and within limits.
 */
#ifndef STORE_STORE_PRIV_H
#define STORE_STORE_PRIV_H

#include "store/paces.h"
#include "store/samples.h"
#include "store/store.h"

/*
 * Limits on what comes in from servers.  Ids of Exchange are 100 to 250
 * characters; 4096 leaves room for odd servers and keeps a key within a page.
 */
#define STORE_ID_MAX 4096
/* A SyncState grows with its folder: a megabyte has been seen. */
#define STORE_TOKEN_MAX (16 << 20)
/* Exchange allows 300 levels of names with 255 characters; none uses it. */
#define STORE_PATH_MAX 65536
/* Addresses, URLs, versions: an URL is at most 2083 long in practice. */
#define STORE_NAME_MAX 4096
/* Text for people (reasons, subjects) is cut here, not refused. */
#define STORE_TEXT_MAX 1024
/* No item is larger (256 GiB), and a folder's sum stays within 63 bits. */
#define STORE_SIZE_MAX (UINT64_C(1) << 38)
/* A hint is a checksum in letters; it goes into an index. */
#define STORE_HINT_MAX 64

/*
 * An item's id is its folder's with a number in that folder behind it: the
 * rows of a folder lie together and need no index to be found by folder.
 * Exchange supports a million items in a folder.
 */
#define ITEM_NUMBER_BITS 24
#define ITEM_NUMBER_MAX  ((INT64_C(1) << ITEM_NUMBER_BITS) - 1)

static inline int64_t item_id_make(int64_t folder_id, int64_t number)
{
    return folder_id << ITEM_NUMBER_BITS | number;
}

static inline int64_t item_id_folder(int64_t item_id)
{
    return item_id >> ITEM_NUMBER_BITS;
}

/* The operations of store.h, in its order; what each does stands there. */
struct store_ops {
    const char *name; /* "mem", "sqlite" */

    int (*migration_get)(struct store *s, struct store_migration *ret,
                         struct err *err);
    int (*migration_set)(struct store *s, const struct store_migration *m,
                         struct err *err);
    int (*migration_set_quiet)(struct store *s, const char *quiet,
                               struct err *err);
    int (*migration_quiet)(struct store *s, char **ret, struct err *err);

    int (*mailbox_add)(struct store *s, const char *source_address,
                       const char *destination_address, uint32_t line,
                       int64_t *ret_id, struct err *err);
    int (*mailboxes)(struct store *s, GPtrArray **ret, struct err *err);
    int (*mailbox_get)(struct store *s, int64_t id, struct store_mailbox **ret,
                       struct err *err);
    int (*mailbox_lease)(struct store *s, int64_t mailbox_id,
                         struct store_lease *ret, struct err *err);
    int (*mailbox_set_state)(struct store *s, const struct store_lease *lease,
                             enum mailbox_state state, const char *reason,
                             const char *remedy, struct err *err);
    int (*mailbox_set_facts)(struct store *s, const struct store_lease *lease,
                             const char *source_rights,
                             const char *source_version,
                             const char *destination_rights,
                             const char *destination_version, struct err *err);

    int (*folders_set)(struct store *s, const struct store_lease *lease,
                       const struct store_folder *folders, size_t n,
                       struct err *err);
    int (*folders)(struct store *s, int64_t mailbox_id, GPtrArray **ret,
                   struct err *err);
    int (*folders_map)(struct store *s, const struct store_lease *lease,
                       const struct store_mapping *maps, size_t n,
                       struct err *err);
    int (*folder_placed)(struct store *s, const struct store_lease *lease,
                         int64_t folder_id, struct err *err);

    int (*items_list)(struct store *s, const struct store_lease *lease,
                      int64_t folder_id, const struct store_change *changes,
                      size_t n, const char *token, size_t *ret_listed,
                      struct err *err);
    int (*items_next)(struct store *s, int64_t folder_id, int64_t now_us,
                      const int64_t *busy, size_t n_busy, size_t max,
                      GPtrArray **ret, struct err *err);
    int (*items_waiting)(struct store *s, int64_t mailbox_id, int64_t now_us,
                         GArray **ret, struct err *err);
    int (*exchange_names_add)(struct store *s, const struct store_lease *lease,
                              const struct store_exchange_name *names, size_t n,
                              struct err *err);
    int (*exchange_names)(struct store *s, GPtrArray **ret, struct err *err);
    int (*exchange_name_asked)(struct store *s, const struct store_lease *lease,
                               const char *dn, int64_t at_us, struct err *err);
    int (*mailbox_set_dn)(struct store *s, const struct store_lease *lease,
                          const char *dn, struct err *err);
    int (*items_intend)(struct store *s, const struct store_lease *lease,
                        int64_t pass_id, const struct store_intent *intents,
                        size_t n, int64_t deadline_us, struct err *err);
    int (*items_record)(struct store *s, const struct store_lease *lease,
                        const struct store_outcome *outcomes, size_t n,
                        struct err *err);
    int (*items_adopt)(struct store *s, const struct store_lease *lease,
                       const struct store_adoption *adoptions, size_t n,
                       struct err *err);
    int (*items_follow)(struct store *s, const struct store_lease *lease,
                        const struct store_follow *follows, size_t n,
                        struct err *err);
    int (*items_wake)(struct store *s, const struct store_lease *lease,
                      struct err *err);
    int (*items_retry_failed)(struct store *s, const struct store_lease *lease,
                              size_t *ret_n, struct err *err);
    int (*items)(struct store *s, const struct store_item_query *query,
                 GPtrArray **ret, struct err *err);
    int (*items_verify)(struct store *s, const struct store_lease *lease,
                        const struct store_verdict *verdicts, size_t n,
                        struct err *err);
    int (*items_verify_reset)(struct store *s, const struct store_lease *lease,
                              struct err *err);

    int (*dest_record)(struct store *s, const struct store_lease *lease,
                       int64_t folder_id, const struct store_dest_seen *seen,
                       struct err *err);
    int (*dest_lookup)(struct store *s, int64_t folder_id,
                       const char *const *ids, size_t n,
                       enum dest_kind *ret_kinds, struct err *err);
    int (*dest_find)(struct store *s, int64_t folder_id,
                     const char *const *hints, size_t n, GPtrArray **ret,
                     struct err *err);
    int (*dest_expected)(struct store *s, int64_t folder_id,
                         struct store_expected *ret, struct err *err);
    int (*dest_swept)(struct store *s, const struct store_lease *lease,
                      int64_t folder_id, const char *token, struct err *err);

    int (*settings_record)(struct store *s, const struct store_lease *lease,
                           int64_t pass_id, const struct store_setting *lines,
                           size_t n, struct err *err);
    int (*settings_done)(struct store *s, const struct store_lease *lease,
                         int64_t pass_id, const char *part, struct err *err);
    int (*settings)(struct store *s, int64_t mailbox_id, GPtrArray **ret,
                    struct err *err);

    int (*trial_record)(struct store *s, const struct store_lease *lease,
                        const struct store_edits *edits,
                        const struct store_trial *lines, size_t n,
                        struct err *err);
    int (*trials)(struct store *s, GPtrArray **ret, struct err *err);
    int (*paces_add)(struct store *s, const struct pace_hosts *between,
                     const struct pace *paces, size_t n, struct err *err);
    int (*paces)(struct store *s, const struct pace_hosts *between,
                 GArray **ret, struct err *err);
    int (*amount_set)(struct store *s, const struct store_lease *lease,
                      uint64_t items, uint64_t bytes, struct err *err);
    int (*amounts)(struct store *s, GArray **ret, struct err *err);
    int (*forecasts_give)(struct store *s, const struct store_forecast *given,
                          size_t n, struct err *err);
    int (*forecasts_end)(struct store *s, int64_t mailbox_id, int64_t ended_us,
                         struct err *err);
    int (*forecasts)(struct store *s, bool open, GPtrArray **ret,
                     struct err *err);
    int (*samples_add)(struct store *s, const char *host,
                       const struct sample *samples, size_t n, struct err *err);
    int (*samples)(struct store *s, const char *host, int64_t since_us,
                   GArray **ret, struct err *err);
    int (*edits)(struct store *s, GPtrArray **ret, struct err *err);

    int (*pass_begin)(struct store *s, const struct store_lease *lease,
                      const char *kind, int64_t *ret_id, struct err *err);
    int (*pass_end)(struct store *s, const struct store_lease *lease,
                    int64_t pass_id, const struct store_pass *p,
                    struct err *err);
    int (*passes)(struct store *s, int64_t mailbox_id, GPtrArray **ret,
                  struct err *err);
    int (*counts)(struct store *s, int64_t mailbox_id, struct store_counts *ret,
                  struct err *err);
    int (*folder_counts)(struct store *s, int64_t mailbox_id, GArray **ret,
                         struct err *err);

    void (*free)(struct store *s);
};

/* Embedded as the first member of each implementation's struct. */
struct store {
    const struct store_ops *ops;
};

/* How finely what is kept of what went on (samples.h), the finest first. */
#define SAMPLE_N_LEVELS 3
struct sample_level {
    int64_t span_us, kept_us;
};
extern const struct sample_level sample_levels[SAMPLE_N_LEVELS];
/* What begins before that, and is of the level, is to be thinned. */
int64_t sample_kept_from(size_t level, int64_t newest_us);
/* The same as part of a sample of that level. */
struct sample sample_coarse(const struct sample *fine, size_t level);

/* Of what is remembered of people: a name in the directory has 1 KiB. */
#define STORE_EXCHANGE_NAME_MAX 1024
bool store_exchange_name_fits(const struct store_exchange_name *name);

/* Text for people, cut at STORE_TEXT_MAX; NULL gives NULL. */
char *store_text_dup(const char *text);
/* A size from outside, cut at STORE_SIZE_MAX. */
uint64_t store_size(uint64_t size_bytes);

/*
 * Is a string from outside there, and no longer than max?  -1 (ERR_MAILBOX,
 * "too-long" or "missing") names what it is.
 */
int store_check(struct err *err, const char *what, const char *text,
                size_t max) G_GNUC_WARN_UNUSED_RESULT;
/* The same; NULL is fine. */
int store_check_opt(struct err *err, const char *what, const char *text,
                    size_t max) G_GNUC_WARN_UNUSED_RESULT;
/* A sync token: NULL and "" are fine. */
int store_check_token(struct err *err,
                      const char *token) G_GNUC_WARN_UNUSED_RESULT;

/* The last name of a path: what follows its last "/". */
const char *store_path_name(const char *path);

/* The refusals that every implementation words alike.  Return -1. */
int store_refuse_lease(struct err *err, const struct store_lease *lease,
                       int64_t current);
/* what: "mailbox", "folder", "item", "pass". */
int store_refuse_missing(struct err *err, const char *what, int64_t id);
int store_refuse_state(struct err *err, int64_t item_id, enum item_state is,
                       enum item_state to);
int store_refuse_taken(struct err *err, int64_t item_id,
                       const char *destination_id);
int store_refuse_full(struct err *err, int64_t folder_id);
int store_refuse_migration(struct err *err, const struct store_migration *is,
                           const struct store_migration *other);

#endif
