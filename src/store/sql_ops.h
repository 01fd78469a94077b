/*
 * sql_ops - the operations of store.h over a database, for sql_store.c's
 * table.
 */
#ifndef STORE_SQL_OPS_H
#define STORE_SQL_OPS_H

#include "store/sql_priv.h"

int sq_migration_get(struct store *base, struct store_migration *ret,
                     struct err *err);
int sq_migration_set(struct store *base, const struct store_migration *m,
                     struct err *err);
int sq_migration_set_quiet(struct store *base, const char *quiet,
                           struct err *err);
int sq_migration_quiet(struct store *base, char **ret, struct err *err);
int sq_mailbox_add(struct store *base, const char *source_address,
                   const char *destination_address, uint32_t line,
                   int64_t *ret_id, struct err *err);
int sq_mailboxes(struct store *base, GPtrArray **ret, struct err *err);
int sq_mailbox_get(struct store *base, int64_t id, struct store_mailbox **ret,
                   struct err *err);
int sq_mailbox_lease(struct store *base, int64_t mailbox_id,
                     struct store_lease *ret, struct err *err);
int sq_mailbox_set_state(struct store *base, const struct store_lease *lease,
                         enum mailbox_state state, const char *reason,
                         const char *remedy, struct err *err);
int sq_mailbox_set_facts(struct store *base, const struct store_lease *lease,
                         const char *source_rights, const char *source_version,
                         const char *destination_rights,
                         const char *destination_version, struct err *err);
int sq_folders_set(struct store *base, const struct store_lease *lease,
                   const struct store_folder *folders, size_t n,
                   struct err *err);
int sq_folders(struct store *base, int64_t mailbox_id, GPtrArray **ret,
               struct err *err);
int sq_folders_map(struct store *base, const struct store_lease *lease,
                   const struct store_mapping *maps, size_t n, struct err *err);
int sq_folder_placed(struct store *base, const struct store_lease *lease,
                     int64_t folder_id, struct err *err);
int sq_items_list(struct store *base, const struct store_lease *lease,
                  int64_t folder_id, const struct store_change *changes,
                  size_t n, const char *token, size_t *ret_listed,
                  struct err *err);
int sq_items_next(struct store *base, int64_t folder_id, int64_t now_us,
                  const int64_t *busy, size_t n_busy, size_t max,
                  GPtrArray **ret, struct err *err);
int sq_items_waiting(struct store *base, int64_t mailbox_id, int64_t now_us,
                     GArray **ret, struct err *err);
int sq_items_intend(struct store *base, const struct store_lease *lease,
                    int64_t pass_id, const struct store_intent *intents,
                    size_t n, int64_t deadline_us, struct err *err);
int sq_items_record(struct store *base, const struct store_lease *lease,
                    const struct store_outcome *outcomes, size_t n,
                    struct err *err);
int sq_items_adopt(struct store *base, const struct store_lease *lease,
                   const struct store_adoption *adoptions, size_t n,
                   struct err *err);
int sq_items_follow(struct store *base, const struct store_lease *lease,
                    const struct store_follow *follows, size_t n,
                    struct err *err);
int sq_items_wake(struct store *base, const struct store_lease *lease,
                  struct err *err);
int sq_items_retry_failed(struct store *base, const struct store_lease *lease,
                          size_t *ret_n, struct err *err);
int sq_items(struct store *base, const struct store_item_query *query,
             GPtrArray **ret, struct err *err);
int sq_items_verify(struct store *base, const struct store_lease *lease,
                    const struct store_verdict *verdicts, size_t n,
                    struct err *err);
int sq_items_verify_reset(struct store *base, const struct store_lease *lease,
                          struct err *err);
int sq_dest_record(struct store *base, const struct store_lease *lease,
                   int64_t folder_id, const struct store_dest_seen *seen,
                   struct err *err);
int sq_dest_lookup(struct store *base, int64_t folder_id,
                   const char *const *ids, size_t n, enum dest_kind *ret_kinds,
                   struct err *err);
int sq_dest_find(struct store *base, int64_t folder_id,
                 const char *const *hints, size_t n, GPtrArray **ret,
                 struct err *err);
int sq_dest_expected(struct store *base, int64_t folder_id,
                     struct store_expected *ret, struct err *err);
int sq_dest_swept(struct store *base, const struct store_lease *lease,
                  int64_t folder_id, const char *token, struct err *err);
int sq_exchange_names_add(struct store *base, const struct store_lease *lease,
                          const struct store_exchange_name *names, size_t n,
                          struct err *err);
int sq_exchange_names(struct store *base, GPtrArray **ret, struct err *err);
int sq_exchange_name_asked(struct store *base, const struct store_lease *lease,
                           const char *dn, int64_t at_us, struct err *err);
int sq_mailbox_set_dn(struct store *base, const struct store_lease *lease,
                      const char *dn, struct err *err);
/* The same within a transaction. */
int sq_names_add(struct sq_conn *c, const struct store_exchange_name *names,
                 size_t n, struct err *err);
int sq_settings_record(struct store *base, const struct store_lease *lease,
                       int64_t pass_id, const struct store_setting *lines,
                       size_t n, struct err *err);
int sq_settings_done(struct store *base, const struct store_lease *lease,
                     int64_t pass_id, const char *part, struct err *err);
int sq_settings(struct store *base, int64_t mailbox_id, GPtrArray **ret,
                struct err *err);
int sq_trial_record(struct store *base, const struct store_lease *lease,
                    const struct store_edits *edits,
                    const struct store_trial *lines, size_t n, struct err *err);
int sq_trials(struct store *base, GPtrArray **ret, struct err *err);
int sq_samples_add(struct store *base, const char *host,
                   const struct sample *samples, size_t n, struct err *err);
int sq_samples(struct store *base, const char *host, int64_t since_us,
               GArray **ret, struct err *err);
int sq_paces_add(struct store *base, const struct pace_hosts *between,
                 const struct pace *paces, size_t n, struct err *err);
int sq_paces(struct store *base, const struct pace_hosts *between, GArray **ret,
             struct err *err);
int sq_amount_set(struct store *base, const struct store_lease *lease,
                  uint64_t items, uint64_t bytes, struct err *err);
int sq_amounts(struct store *base, GArray **ret, struct err *err);
int sq_forecasts_give(struct store *base, const struct store_forecast *given,
                      size_t n, struct err *err);
int sq_forecasts_end(struct store *base, int64_t mailbox_id, int64_t ended_us,
                     struct err *err);
int sq_forecasts(struct store *base, bool open, GPtrArray **ret,
                 struct err *err);
int sq_edits(struct store *base, GPtrArray **ret, struct err *err);
int sq_pass_begin(struct store *base, const struct store_lease *lease,
                  const char *kind, int64_t *ret_id, struct err *err);
int sq_pass_end(struct store *base, const struct store_lease *lease,
                int64_t pass_id, const struct store_pass *p, struct err *err);
int sq_passes(struct store *base, int64_t mailbox_id, GPtrArray **ret,
              struct err *err);
int sq_counts(struct store *base, int64_t mailbox_id, struct store_counts *ret,
              struct err *err);
int sq_folder_counts(struct store *base, int64_t mailbox_id, GArray **ret,
                     struct err *err);

#endif
