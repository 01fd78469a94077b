#include "store/sql_ops.h"

static void free_store(struct store *base)
{
    struct sq_store *s = (struct sq_store *)base;

    if (s->owns_db)
        s->db->ops->close(s->db);
    g_free(s);
}

/* clang-format off */
static const struct store_ops sql_ops = {
    .name = "sql",
    .migration_get = sq_migration_get,
    .migration_set = sq_migration_set,
    .migration_set_quiet = sq_migration_set_quiet,
    .migration_quiet = sq_migration_quiet,
    .mailbox_add = sq_mailbox_add,
    .mailboxes = sq_mailboxes,
    .mailbox_get = sq_mailbox_get,
    .mailbox_lease = sq_mailbox_lease,
    .mailbox_set_state = sq_mailbox_set_state,
    .mailbox_set_facts = sq_mailbox_set_facts,
    .folders_set = sq_folders_set,
    .folders = sq_folders,
    .folders_map = sq_folders_map,
    .folder_placed = sq_folder_placed,
    .items_list = sq_items_list,
    .items_next = sq_items_next,
    .items_waiting = sq_items_waiting,
    .items_intend = sq_items_intend,
    .items_record = sq_items_record,
    .items_adopt = sq_items_adopt,
    .items_follow = sq_items_follow,
    .items_wake = sq_items_wake,
    .items_retry_failed = sq_items_retry_failed,
    .items = sq_items,
    .items_verify = sq_items_verify,
    .items_verify_reset = sq_items_verify_reset,
    .dest_record = sq_dest_record,
    .dest_lookup = sq_dest_lookup,
    .dest_find = sq_dest_find,
    .dest_expected = sq_dest_expected,
    .dest_swept = sq_dest_swept,
    .exchange_names_add = sq_exchange_names_add,
    .exchange_names = sq_exchange_names,
    .exchange_name_asked = sq_exchange_name_asked,
    .mailbox_set_dn = sq_mailbox_set_dn,
    .settings_record = sq_settings_record,
    .settings_done = sq_settings_done,
    .settings = sq_settings,
    .trial_record = sq_trial_record,
    .trials = sq_trials,
    .paces_add = sq_paces_add,
    .paces = sq_paces,
    .amount_set = sq_amount_set,
    .amounts = sq_amounts,
    .forecasts_give = sq_forecasts_give,
    .forecasts_end = sq_forecasts_end,
    .forecasts = sq_forecasts,
    .samples_add = sq_samples_add,
    .samples = sq_samples,
    .edits = sq_edits,
    .pass_begin = sq_pass_begin,
    .pass_end = sq_pass_end,
    .passes = sq_passes,
    .counts = sq_counts,
    .folder_counts = sq_folder_counts,
    .free = free_store,
};
/* clang-format on */

struct store *sq_store_new(struct db *db, bool owns_db, int64_t migration_id)
{
    struct sq_store *s = g_new(struct sq_store, 1);

    *s = (struct sq_store){ { &sql_ops }, db, owns_db, migration_id };
    return &s->base;
}
