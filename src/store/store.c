/*
 * What is the same for every implementation: arguments are checked, strings
 * from outside are held to their limits, and the places where a crash test
 * may kill us are named, each after its effect is durable.
 */
#include "base/step.h"
#include "store/store_priv.h"

void store_free(struct store *s)
{
    if (s != NULL)
        s->ops->free(s);
}

/* ---- the migration ------------------------------------------------- */

int store_migration_get(struct store *s, struct store_migration *ret,
                        struct err *err)
{
    return s->ops->migration_get(s, ret, err);
}

int store_migration_set(struct store *s, const struct store_migration *m,
                        struct err *err)
{
    if (store_check(err, "source URL", m->source_url, STORE_NAME_MAX) < 0 ||
        store_check(err, "destination URL", m->destination_url,
                    STORE_NAME_MAX) < 0 ||
        s->ops->migration_set(s, m, err) < 0)
        return -1;
    step("migration");
    return 0;
}

int store_migration_set_quiet(struct store *s, const char *quiet,
                              struct err *err)
{
    if (quiet != NULL &&
        store_check(err, "quiet hours", quiet, STORE_NAME_MAX) < 0)
        return -1;
    if (s->ops->migration_set_quiet(s, quiet, err) < 0)
        return -1;
    step("migration");
    return 0;
}

int store_migration_quiet(struct store *s, char **ret, struct err *err)
{
    return s->ops->migration_quiet(s, ret, err);
}

/* ---- mailboxes ------------------------------------------------------ */

int store_mailbox_add(struct store *s, const char *source_address,
                      const char *destination_address, uint32_t line,
                      int64_t *ret_id, struct err *err)
{
    if (store_check(err, "source address", source_address, STORE_NAME_MAX) <
            0 ||
        store_check(err, "destination address", destination_address,
                    STORE_NAME_MAX) < 0 ||
        s->ops->mailbox_add(s, source_address, destination_address, line,
                            ret_id, err) < 0)
        return -1;
    step("mailbox");
    return 0;
}

int store_mailboxes(struct store *s, GPtrArray **ret, struct err *err)
{
    return s->ops->mailboxes(s, ret, err);
}

int store_mailbox_get(struct store *s, int64_t id, struct store_mailbox **ret,
                      struct err *err)
{
    return s->ops->mailbox_get(s, id, ret, err);
}

int store_mailbox_lease(struct store *s, int64_t mailbox_id,
                        struct store_lease *ret, struct err *err)
{
    if (s->ops->mailbox_lease(s, mailbox_id, ret, err) < 0)
        return -1;
    step("mailbox");
    return 0;
}

int store_mailbox_set_state(struct store *s, const struct store_lease *lease,
                            enum mailbox_state state, const char *reason,
                            const char *remedy, struct err *err)
{
    g_assert(state < MAILBOX_N_STATES);
    if (s->ops->mailbox_set_state(s, lease, state, reason, remedy, err) < 0)
        return -1;
    step("mailbox");
    return 0;
}

int store_mailbox_set_facts(struct store *s, const struct store_lease *lease,
                            const char *source_rights,
                            const char *source_version,
                            const char *destination_rights,
                            const char *destination_version, struct err *err)
{
    if (s->ops->mailbox_set_facts(s, lease, source_rights, source_version,
                                  destination_rights, destination_version,
                                  err) < 0)
        return -1;
    step("mailbox");
    return 0;
}

/* ---- folders -------------------------------------------------------- */

static int check_folder(const struct store_folder *f, struct err *err)
{
    if (store_check(err, "folder id", f->source_id, STORE_ID_MAX) < 0 ||
        store_check_opt(err, "parent id", f->source_parent_id, STORE_ID_MAX) <
            0 ||
        store_check(err, "folder path", f->path, STORE_PATH_MAX) < 0 ||
        store_check_opt(err, "well-known name", f->well_known, STORE_NAME_MAX) <
            0)
        return -1;
    return store_check_opt(err, "folder class", f->folder_class,
                           STORE_NAME_MAX);
}

int store_folders_set(struct store *s, const struct store_lease *lease,
                      const struct store_folder *folders, size_t n,
                      struct err *err)
{
    for (size_t i = 0; i < n; i++)
        if (check_folder(&folders[i], err) < 0)
            return -1;
    if (s->ops->folders_set(s, lease, folders, n, err) < 0)
        return -1;
    step("folders");
    return 0;
}

int store_folders(struct store *s, int64_t mailbox_id, GPtrArray **ret,
                  struct err *err)
{
    return s->ops->folders(s, mailbox_id, ret, err);
}

int store_folders_map(struct store *s, const struct store_lease *lease,
                      const struct store_mapping *maps, size_t n,
                      struct err *err)
{
    for (size_t i = 0; i < n; i++)
        if (store_check(err, "folder id", maps[i].destination_id,
                        STORE_ID_MAX) < 0)
            return -1;
    if (s->ops->folders_map(s, lease, maps, n, err) < 0)
        return -1;
    step("map");
    return 0;
}

int store_folder_placed(struct store *s, const struct store_lease *lease,
                        int64_t folder_id, struct err *err)
{
    if (s->ops->folder_placed(s, lease, folder_id, err) < 0)
        return -1;
    step("place");
    return 0;
}

/* ---- the destination's own items ------------------------------------ */

static int check_ids(const char *const *ids, size_t n, struct err *err)
{
    for (size_t i = 0; i < n; i++)
        if (store_check(err, "item id", ids[i], STORE_ID_MAX) < 0)
            return -1;
    return 0;
}

static int check_hints(const struct store_dest_seen *seen, struct err *err)
{
    for (size_t i = 0; i < seen->n_hints; i++)
        if (store_check(err, "item id", seen->hints[i].id, STORE_ID_MAX) < 0 ||
            store_check(err, "hint", seen->hints[i].hint, STORE_HINT_MAX) < 0)
            return -1;
    return 0;
}

int store_dest_record(struct store *s, const struct store_lease *lease,
                      int64_t folder_id, const struct store_dest_seen *seen,
                      struct err *err)
{
    g_assert(seen->kind == DEST_BASELINE || seen->kind == DEST_FOREIGN ||
             seen->kind == DEST_DOUBLE);
    if (check_ids(seen->ids, seen->n, err) < 0 || check_hints(seen, err) < 0 ||
        store_check_token(err, seen->token) < 0 ||
        s->ops->dest_record(s, lease, folder_id, seen, err) < 0)
        return -1;
    step(seen->kind == DEST_BASELINE ? "baseline" : "dest");
    return 0;
}

int store_dest_lookup(struct store *s, int64_t folder_id,
                      const char *const *ids, size_t n,
                      enum dest_kind *ret_kinds, struct err *err)
{
    if (check_ids(ids, n, err) < 0)
        return -1;
    return s->ops->dest_lookup(s, folder_id, ids, n, ret_kinds, err);
}

int store_dest_find(struct store *s, int64_t folder_id,
                    const char *const *hints, size_t n, GPtrArray **ret,
                    struct err *err)
{
    for (size_t i = 0; i < n; i++)
        if (store_check(err, "hint", hints[i], STORE_HINT_MAX) < 0)
            return -1;
    return s->ops->dest_find(s, folder_id, hints, n, ret, err);
}

int store_dest_expected(struct store *s, int64_t folder_id,
                        struct store_expected *ret, struct err *err)
{
    return s->ops->dest_expected(s, folder_id, ret, err);
}

int store_dest_swept(struct store *s, const struct store_lease *lease,
                     int64_t folder_id, const char *token, struct err *err)
{
    if (store_check_token(err, token) < 0 ||
        s->ops->dest_swept(s, lease, folder_id, token, err) < 0)
        return -1;
    step("sweep");
    return 0;
}

/* ---- names of the old organisation ----------------------------------- */

void store_exchange_name_free(struct store_exchange_name *name)
{
    if (name == NULL)
        return;
    g_free(name->dn);
    g_free(name->address);
    g_free(name);
}

bool store_exchange_name_fits(const struct store_exchange_name *name)
{
    return name->dn[0] != '\0' && strlen(name->dn) <= STORE_EXCHANGE_NAME_MAX &&
           (name->address == NULL ||
            strlen(name->address) <= STORE_EXCHANGE_NAME_MAX);
}

int store_exchange_names_add(struct store *s, const struct store_lease *lease,
                             const struct store_exchange_name *names, size_t n,
                             struct err *err)
{
    if (s->ops->exchange_names_add(s, lease, names, n, err) < 0)
        return -1;
    step("names");
    return 0;
}

int store_exchange_names(struct store *s, GPtrArray **ret, struct err *err)
{
    return s->ops->exchange_names(s, ret, err);
}

int store_exchange_name_asked(struct store *s, const struct store_lease *lease,
                              const char *dn, int64_t at_us, struct err *err)
{
    if (s->ops->exchange_name_asked(s, lease, dn, at_us, err) < 0)
        return -1;
    step("name-asked");
    return 0;
}

int store_mailbox_set_dn(struct store *s, const struct store_lease *lease,
                         const char *dn, struct err *err)
{
    if (s->ops->mailbox_set_dn(s, lease, dn, err) < 0)
        return -1;
    step("own-name");
    return 0;
}

/* ---- settings ------------------------------------------------------- */

static int check_setting(const struct store_setting *line, struct err *err)
{
    g_assert(line->outcome < SETTING_N);
    if (store_check(err, "part of the settings", line->part, STORE_NAME_MAX) <
            0 ||
        store_check(err, "key of a setting", line->key, STORE_NAME_MAX) < 0 ||
        store_check_opt(err, "place of a setting", line->place,
                        STORE_PATH_MAX) < 0)
        return -1;
    return store_check_opt(err, "memo of a setting", line->memo,
                           STORE_PATH_MAX);
}

int store_settings_record(struct store *s, const struct store_lease *lease,
                          int64_t pass_id, const struct store_setting *lines,
                          size_t n, struct err *err)
{
    for (size_t i = 0; i < n; i++)
        if (check_setting(&lines[i], err) < 0)
            return -1;
    if (s->ops->settings_record(s, lease, pass_id, lines, n, err) < 0)
        return -1;
    step("setting");
    return 0;
}

int store_settings_done(struct store *s, const struct store_lease *lease,
                        int64_t pass_id, const char *part, struct err *err)
{
    if (store_check(err, "part of the settings", part, STORE_NAME_MAX) < 0 ||
        s->ops->settings_done(s, lease, pass_id, part, err) < 0)
        return -1;
    step("setting");
    return 0;
}

int store_settings(struct store *s, int64_t mailbox_id, GPtrArray **ret,
                   struct err *err)
{
    return s->ops->settings(s, mailbox_id, ret, err);
}

/* ---- trials ---------------------------------------------------------- */

static int check_pair(const char *source, const char *destination,
                      struct err *err)
{
    if (store_check(err, "source's version", source, STORE_NAME_MAX) < 0)
        return -1;
    return store_check(err, "destination's version", destination,
                       STORE_NAME_MAX);
}

int store_trial_record(struct store *s, const struct store_lease *lease,
                       const struct store_edits *edits,
                       const struct store_trial *lines, size_t n,
                       struct err *err)
{
    g_assert(edits == NULL || edits->way < EDITS_N);
    if (edits != NULL && check_pair(edits->source, edits->destination, err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        g_assert(lines[i].outcome < TRIAL_N);
        if (check_pair(lines[i].source, lines[i].destination, err) < 0 ||
            store_check(err, "item class", lines[i].item_class,
                        STORE_NAME_MAX) < 0)
            return -1;
    }
    if (s->ops->trial_record(s, lease, edits, lines, n, err) < 0)
        return -1;
    step("trial");
    return 0;
}

int store_trials(struct store *s, GPtrArray **ret, struct err *err)
{
    return s->ops->trials(s, ret, err);
}

int store_edits(struct store *s, GPtrArray **ret, struct err *err)
{
    return s->ops->edits(s, ret, err);
}

/* ---- passes and counts ---------------------------------------------- */

int store_pass_begin(struct store *s, const struct store_lease *lease,
                     const char *kind, int64_t *ret_id, struct err *err)
{
    if (store_check(err, "kind of pass", kind, STORE_NAME_MAX) < 0 ||
        s->ops->pass_begin(s, lease, kind, ret_id, err) < 0)
        return -1;
    step("pass");
    return 0;
}

int store_pass_end(struct store *s, const struct store_lease *lease,
                   int64_t pass_id, const struct store_pass *p, struct err *err)
{
    if (s->ops->pass_end(s, lease, pass_id, p, err) < 0)
        return -1;
    step("pass");
    return 0;
}

int store_passes(struct store *s, int64_t mailbox_id, GPtrArray **ret,
                 struct err *err)
{
    return s->ops->passes(s, mailbox_id, ret, err);
}

int store_counts(struct store *s, int64_t mailbox_id, struct store_counts *ret,
                 struct err *err)
{
    return s->ops->counts(s, mailbox_id, ret, err);
}

int store_folder_counts(struct store *s, int64_t mailbox_id, GArray **ret,
                        struct err *err)
{
    return s->ops->folder_counts(s, mailbox_id, ret, err);
}
