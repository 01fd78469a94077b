/*
 * The store in memory: opening, the migration, the mailboxes.
 */
#include "base/timestamp.h"
#include "store/mem_priv.h"

void mstore_set(char **field, const char *text)
{
    char *copy = g_strdup(text);

    g_free(*field);
    *field = copy;
}

static void set_text(char **field, const char *text)
{
    g_free(*field);
    *field = store_text_dup(text);
}

struct mstore_mailbox *mstore_mailbox(struct mstore *s, int64_t id,
                                      struct err *err)
{
    if (id < 1 || id > (int64_t)s->mailboxes->len) {
        store_refuse_missing(err, "mailbox", id);
        return NULL;
    }
    return s->mailboxes->pdata[id - 1];
}

struct mstore_mailbox *mstore_leased(struct mstore *s,
                                     const struct store_lease *lease,
                                     struct err *err)
{
    struct mstore_mailbox *m = mstore_mailbox(s, lease->mailbox_id, err);

    if (m == NULL || m->m->lease == lease->number)
        return m;
    store_refuse_lease(err, lease, m->m->lease);
    return NULL;
}

/* ---- the migration ------------------------------------------------- */

static int migration_get(struct store *base, struct store_migration *ret,
                         struct err *err)
{
    struct mstore *s = mstore_lock(base);
    bool found = s->migration.source_url != NULL;

    (void)err; /* memory always answers */
    if (found) {
        *ret = (struct store_migration){
            .source_url = g_strdup(s->migration.source_url),
            .destination_url = g_strdup(s->migration.destination_url),
            .created_us = s->migration.created_us,
        };
    }
    return mstore_unlock(s, found ? 1 : 0);
}

static int migration_set(struct store *base, const struct store_migration *m,
                         struct err *err)
{
    struct mstore *s = mstore_lock(base);
    struct store_migration *is = &s->migration;

    if (is->source_url == NULL) {
        is->source_url = g_strdup(m->source_url);
        is->destination_url = g_strdup(m->destination_url);
        is->created_us = m->created_us;
    } else if (strcmp(is->source_url, m->source_url) != 0 ||
               strcmp(is->destination_url, m->destination_url) != 0) {
        return mstore_unlock(s, store_refuse_migration(err, is, m));
    }
    return mstore_unlock(s, 0);
}

static int migration_set_quiet(struct store *base, const char *quiet,
                               struct err *err)
{
    struct mstore *s = mstore_lock(base);

    (void)err;
    g_free(s->quiet);
    s->quiet = g_strdup(quiet);
    return mstore_unlock(s, 0);
}

static int migration_quiet(struct store *base, char **ret, struct err *err)
{
    struct mstore *s = mstore_lock(base);

    (void)err;
    *ret = g_strdup(s->quiet);
    return mstore_unlock(s, 0);
}

/* ---- mailboxes ------------------------------------------------------ */

static struct store_mailbox *mailbox_dup(const struct store_mailbox *m)
{
    struct store_mailbox *copy = g_new(struct store_mailbox, 1);

    *copy = *m;
    copy->source_address = g_strdup(m->source_address);
    copy->destination_address = g_strdup(m->destination_address);
    copy->reason = g_strdup(m->reason);
    copy->remedy = g_strdup(m->remedy);
    copy->source_rights = g_strdup(m->source_rights);
    copy->destination_rights = g_strdup(m->destination_rights);
    copy->source_version = g_strdup(m->source_version);
    copy->destination_version = g_strdup(m->destination_version);
    copy->legacy_dn = g_strdup(m->legacy_dn);
    return copy;
}

static void mailbox_free(struct mstore_mailbox *m)
{
    g_hash_table_unref(m->owned);
    g_ptr_array_unref(m->settings);
    store_mailbox_free(m->m);
    g_free(m);
}

static struct mstore_mailbox *find_mailbox(struct mstore *s, const char *source,
                                           const char *destination)
{
    for (guint i = 0; i < s->mailboxes->len; i++) {
        struct mstore_mailbox *m = s->mailboxes->pdata[i];

        if (g_ascii_strcasecmp(m->m->source_address, source) == 0 &&
            g_ascii_strcasecmp(m->m->destination_address, destination) == 0)
            return m;
    }
    return NULL;
}

static int mailbox_add(struct store *base, const char *source_address,
                       const char *destination_address, uint32_t line,
                       int64_t *ret_id, struct err *err)
{
    struct mstore *s = mstore_lock(base);
    struct mstore_mailbox *m =
        find_mailbox(s, source_address, destination_address);

    (void)err; /* memory always takes it */
    if (m == NULL) {
        m = g_new0(struct mstore_mailbox, 1);
        m->m = g_new0(struct store_mailbox, 1);
        m->owned = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
        m->settings =
            g_ptr_array_new_with_free_func((GDestroyNotify)store_setting_free);
        m->m->source_address = g_strdup(source_address);
        m->m->destination_address = g_strdup(destination_address);
        g_ptr_array_add(s->mailboxes, m);
        m->m->id = s->mailboxes->len;
    }
    if (line != 0)
        m->m->line = line;
    *ret_id = m->m->id;
    return mstore_unlock(s, 0);
}

static int mailboxes(struct store *base, GPtrArray **ret, struct err *err)
{
    struct mstore *s = mstore_lock(base);
    GPtrArray *all =
        g_ptr_array_new_with_free_func((GDestroyNotify)store_mailbox_free);

    (void)err;
    for (guint i = 0; i < s->mailboxes->len; i++) {
        const struct mstore_mailbox *m = s->mailboxes->pdata[i];

        g_ptr_array_add(all, mailbox_dup(m->m));
    }
    *ret = all;
    return mstore_unlock(s, 0);
}

static int mailbox_get(struct store *base, int64_t id,
                       struct store_mailbox **ret, struct err *err)
{
    struct mstore *s = mstore_lock(base);
    const struct mstore_mailbox *m = mstore_mailbox(s, id, err);

    if (m == NULL)
        return mstore_unlock(s, -1);
    *ret = mailbox_dup(m->m);
    return mstore_unlock(s, 0);
}

static int mailbox_lease(struct store *base, int64_t mailbox_id,
                         struct store_lease *ret, struct err *err)
{
    struct mstore *s = mstore_lock(base);
    struct mstore_mailbox *m = mstore_mailbox(s, mailbox_id, err);

    if (m == NULL)
        return mstore_unlock(s, -1);
    *ret = (struct store_lease){ mailbox_id, ++m->m->lease };
    return mstore_unlock(s, 0);
}

static int mailbox_set_state(struct store *base,
                             const struct store_lease *lease,
                             enum mailbox_state state, const char *reason,
                             const char *remedy, struct err *err)
{
    struct mstore *s = mstore_lock(base);
    struct mstore_mailbox *m = mstore_leased(s, lease, err);

    if (m == NULL)
        return mstore_unlock(s, -1);
    m->m->state = state;
    set_text(&m->m->reason, reason);
    set_text(&m->m->remedy, remedy);
    return mstore_unlock(s, 0);
}

static void set_fact(char **field, const char *fact)
{
    if (fact != NULL)
        set_text(field, fact);
}

static int mailbox_set_facts(struct store *base,
                             const struct store_lease *lease,
                             const char *source_rights,
                             const char *source_version,
                             const char *destination_rights,
                             const char *destination_version, struct err *err)
{
    struct mstore *s = mstore_lock(base);
    struct mstore_mailbox *m = mstore_leased(s, lease, err);

    if (m == NULL)
        return mstore_unlock(s, -1);
    set_fact(&m->m->source_rights, source_rights);
    set_fact(&m->m->source_version, source_version);
    set_fact(&m->m->destination_rights, destination_rights);
    set_fact(&m->m->destination_version, destination_version);
    return mstore_unlock(s, 0);
}

/* ---- passes --------------------------------------------------------- */

static struct store_pass *pass_dup(const struct store_pass *p)
{
    struct store_pass *copy = g_new(struct store_pass, 1);

    *copy = *p;
    copy->kind = g_strdup(p->kind);
    copy->outcome = g_strdup(p->outcome);
    return copy;
}

static int pass_begin(struct store *base, const struct store_lease *lease,
                      const char *kind, int64_t *ret_id, struct err *err)
{
    struct mstore *s = mstore_lock(base);
    struct store_pass *p;

    if (mstore_leased(s, lease, err) == NULL)
        return mstore_unlock(s, -1);
    p = g_new0(struct store_pass, 1);
    g_ptr_array_add(s->passes, p);
    p->id = s->passes->len;
    p->mailbox_id = lease->mailbox_id;
    p->kind = g_strdup(kind);
    p->begun_us = timestamp_now();
    *ret_id = p->id;
    return mstore_unlock(s, 0);
}

static int pass_end(struct store *base, const struct store_lease *lease,
                    int64_t pass_id, const struct store_pass *p,
                    struct err *err)
{
    struct mstore *s = mstore_lock(base);
    struct store_pass *is, was;

    if (mstore_leased(s, lease, err) == NULL)
        return mstore_unlock(s, -1);
    if (pass_id < 1 || pass_id > (int64_t)s->passes->len)
        return mstore_unlock(s, store_refuse_missing(err, "pass", pass_id));
    is = s->passes->pdata[pass_id - 1];
    if (is->mailbox_id != lease->mailbox_id)
        return mstore_unlock(s, store_refuse_missing(err, "pass", pass_id));
    was = *is;
    *is = *p;
    is->id = was.id;
    is->mailbox_id = was.mailbox_id;
    is->kind = was.kind;
    is->begun_us = was.begun_us;
    is->outcome = was.outcome;
    set_text(&is->outcome, p->outcome);
    return mstore_unlock(s, 0);
}

static int passes(struct store *base, int64_t mailbox_id, GPtrArray **ret,
                  struct err *err)
{
    struct mstore *s = mstore_lock(base);
    GPtrArray *found =
        g_ptr_array_new_with_free_func((GDestroyNotify)store_pass_free);

    (void)err;
    for (guint i = 0; i < s->passes->len; i++) {
        const struct store_pass *p = s->passes->pdata[i];

        if (p->mailbox_id == mailbox_id)
            g_ptr_array_add(found, pass_dup(p));
    }
    *ret = found;
    return mstore_unlock(s, 0);
}

/* ---- opening -------------------------------------------------------- */

static void free_mem(struct store *base)
{
    struct mstore *s = (struct mstore *)base;

    store_migration_clear(&s->migration);
    g_free(s->quiet);
    g_ptr_array_unref(s->mailboxes);
    g_ptr_array_unref(s->folders);
    g_ptr_array_unref(s->passes);
    g_ptr_array_unref(s->exchange_names);
    g_ptr_array_unref(s->trials);
    mstore_paces_release(s);
    mstore_samples_release(s);
    g_ptr_array_unref(s->edits);
    pthread_mutex_destroy(&s->lock);
    g_free(s);
}

static const struct store_ops mstore_ops = {
    .name = "mem",
    .migration_get = migration_get,
    .migration_set = migration_set,
    .migration_set_quiet = migration_set_quiet,
    .migration_quiet = migration_quiet,
    .mailbox_add = mailbox_add,
    .mailboxes = mailboxes,
    .mailbox_get = mailbox_get,
    .mailbox_lease = mailbox_lease,
    .mailbox_set_state = mailbox_set_state,
    .mailbox_set_facts = mailbox_set_facts,
    .folders_set = mstore_folders_set,
    .folders = mstore_folders,
    .folders_map = mstore_folders_map,
    .folder_placed = mstore_folder_placed,
    .items_list = mstore_items_list,
    .items_next = mstore_items_next,
    .items_waiting = mstore_items_waiting,
    .items_intend = mstore_items_intend,
    .items_record = mstore_items_record,
    .items_adopt = mstore_items_adopt,
    .items_follow = mstore_items_follow,
    .items_wake = mstore_items_wake,
    .items_retry_failed = mstore_items_retry_failed,
    .items = mstore_items,
    .items_verify = mstore_items_verify,
    .items_verify_reset = mstore_items_verify_reset,
    .dest_record = mstore_dest_record,
    .dest_lookup = mstore_dest_lookup,
    .dest_find = mstore_dest_find,
    .dest_expected = mstore_dest_expected,
    .dest_swept = mstore_dest_swept,
    .exchange_names_add = mstore_exchange_names_add,
    .exchange_names = mstore_exchange_names,
    .exchange_name_asked = mstore_exchange_name_asked,
    .mailbox_set_dn = mstore_mailbox_set_dn,
    .settings_record = mstore_settings_record,
    .settings_done = mstore_settings_done,
    .settings = mstore_settings,
    .trial_record = mstore_trial_record,
    .trials = mstore_trials,
    .paces_add = mstore_paces_add,
    .paces = mstore_paces,
    .amount_set = mstore_amount_set,
    .amounts = mstore_amounts,
    .forecasts_give = mstore_forecasts_give,
    .forecasts_end = mstore_forecasts_end,
    .forecasts = mstore_forecasts,
    .samples_add = mstore_samples_add,
    .samples = mstore_samples,
    .edits = mstore_edits,
    .pass_begin = pass_begin,
    .pass_end = pass_end,
    .passes = passes,
    .counts = mstore_counts,
    .folder_counts = mstore_folder_counts,
    .free = free_mem,
};

struct store *store_open_mem(void)
{
    struct mstore *s = g_new0(struct mstore, 1);

    s->base.ops = &mstore_ops;
    pthread_mutex_init(&s->lock, NULL);
    s->mailboxes = g_ptr_array_new_with_free_func((GDestroyNotify)mailbox_free);
    s->folders =
        g_ptr_array_new_with_free_func((GDestroyNotify)mstore_folder_free);
    s->passes = g_ptr_array_new_with_free_func((GDestroyNotify)store_pass_free);
    s->exchange_names = g_ptr_array_new_with_free_func(
        (GDestroyNotify)store_exchange_name_free);
    mstore_paces_init(s);
    mstore_samples_init(s);
    s->trials =
        g_ptr_array_new_with_free_func((GDestroyNotify)store_trial_free);
    s->edits = g_ptr_array_new_with_free_func((GDestroyNotify)store_edits_free);
    return &s->base;
}
