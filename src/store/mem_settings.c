/*
 * The store in memory: what became of settings.
 */
#include "store/mem_priv.h"

static struct store_setting *setting_dup(const struct store_setting *line)
{
    struct store_setting *copy = g_new(struct store_setting, 1);

    *copy = (struct store_setting){
        .part = g_strdup(line->part),
        .key = g_strdup(line->key),
        .place = g_strdup(line->place),
        .subject = store_text_dup(line->subject),
        .counterpart = store_text_dup(line->counterpart),
        .value = store_text_dup(line->value),
        .outcome = line->outcome,
        .cause = store_text_dup(line->cause),
        .remedy = store_text_dup(line->remedy),
        .memo = g_strdup(line->memo),
        .pass_id = line->pass_id,
    };
    return copy;
}

static void put(struct mstore_mailbox *m, struct store_setting *line)
{
    for (guint i = 0; i < m->settings->len; i++) {
        struct store_setting *is = m->settings->pdata[i];

        if (strcmp(is->part, line->part) == 0 &&
            strcmp(is->key, line->key) == 0) {
            store_setting_free(is);
            m->settings->pdata[i] = line;
            return;
        }
    }
    g_ptr_array_add(m->settings, line);
}

int mstore_settings_record(struct store *base, const struct store_lease *lease,
                           int64_t pass_id, const struct store_setting *lines,
                           size_t n, struct err *err)
{
    struct mstore *s = mstore_lock(base);
    struct mstore_mailbox *m = mstore_leased(s, lease, err);

    if (m == NULL)
        return mstore_unlock(s, -1);
    for (size_t i = 0; i < n; i++) {
        struct store_setting *line = setting_dup(&lines[i]);

        line->pass_id = pass_id;
        put(m, line);
    }
    return mstore_unlock(s, 0);
}

int mstore_settings_done(struct store *base, const struct store_lease *lease,
                         int64_t pass_id, const char *part, struct err *err)
{
    struct mstore *s = mstore_lock(base);
    struct mstore_mailbox *m = mstore_leased(s, lease, err);

    if (m == NULL)
        return mstore_unlock(s, -1);
    for (guint i = m->settings->len; i > 0; i--) {
        const struct store_setting *line = m->settings->pdata[i - 1];

        if (strcmp(line->part, part) == 0 && line->pass_id != pass_id)
            g_ptr_array_remove_index(m->settings, i - 1);
    }
    return mstore_unlock(s, 0);
}

static gint by_place(gconstpointer a, gconstpointer b)
{
    const struct store_setting *x = *(const struct store_setting *const *)a;
    const struct store_setting *y = *(const struct store_setting *const *)b;
    int order = strcmp(x->part, y->part);

    if (order == 0)
        order = g_strcmp0(x->place, y->place);
    return order != 0 ? order : strcmp(x->key, y->key);
}

int mstore_settings(struct store *base, int64_t mailbox_id, GPtrArray **ret,
                    struct err *err)
{
    struct mstore *s = mstore_lock(base);
    const struct mstore_mailbox *m = mstore_mailbox(s, mailbox_id, err);
    GPtrArray *all;

    if (m == NULL)
        return mstore_unlock(s, -1);
    all = g_ptr_array_new_with_free_func((GDestroyNotify)store_setting_free);
    for (guint i = 0; i < m->settings->len; i++)
        g_ptr_array_add(all, setting_dup(m->settings->pdata[i]));
    g_ptr_array_sort(all, by_place);
    *ret = all;
    return mstore_unlock(s, 0);
}
