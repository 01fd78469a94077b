/* The store in memory: whom items name by the old organisation's names. */
#include "store/mem_priv.h"

static struct store_exchange_name *find(const struct mstore *s, const char *dn)
{
    for (guint i = 0; i < s->exchange_names->len; i++) {
        struct store_exchange_name *name = s->exchange_names->pdata[i];

        if (g_ascii_strcasecmp(name->dn, dn) == 0)
            return name;
    }
    return NULL;
}

static struct store_exchange_name *
name_dup(const struct store_exchange_name *name)
{
    struct store_exchange_name *copy = g_new0(struct store_exchange_name, 1);

    copy->dn = g_strdup(name->dn);
    copy->address = g_strdup(name->address);
    copy->asked_us = name->asked_us;
    return copy;
}

void mstore_names_add(struct mstore *s, const struct store_exchange_name *names,
                      size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct store_exchange_name *known;

        if (!store_exchange_name_fits(&names[i]) ||
            s->exchange_names->len >= STORE_EXCHANGE_NAMES_MAX)
            continue;
        known = find(s, names[i].dn);
        if (known == NULL)
            g_ptr_array_add(s->exchange_names, name_dup(&names[i]));
        else if (known->address == NULL)
            known->address = g_strdup(names[i].address);
    }
}

int mstore_exchange_names_add(struct store *base,
                              const struct store_lease *lease,
                              const struct store_exchange_name *names, size_t n,
                              struct err *err)
{
    struct mstore *s = mstore_lock(base);

    if (mstore_leased(s, lease, err) == NULL)
        return mstore_unlock(s, -1);
    mstore_names_add(s, names, n);
    return mstore_unlock(s, 0);
}

int mstore_exchange_names(struct store *base, GPtrArray **ret, struct err *err)
{
    struct mstore *s = mstore_lock(base);
    GPtrArray *all = g_ptr_array_new_with_free_func(
        (GDestroyNotify)store_exchange_name_free);

    (void)err;
    for (guint i = 0; i < s->exchange_names->len; i++)
        g_ptr_array_add(all, name_dup(s->exchange_names->pdata[i]));
    *ret = all;
    return mstore_unlock(s, 0);
}

int mstore_exchange_name_asked(struct store *base,
                               const struct store_lease *lease, const char *dn,
                               int64_t at_us, struct err *err)
{
    struct mstore *s = mstore_lock(base);
    struct store_exchange_name *known;

    if (mstore_leased(s, lease, err) == NULL)
        return mstore_unlock(s, -1);
    known = find(s, dn);
    if (known != NULL)
        known->asked_us = at_us;
    return mstore_unlock(s, 0);
}

int mstore_mailbox_set_dn(struct store *base, const struct store_lease *lease,
                          const char *dn, struct err *err)
{
    struct mstore *s = mstore_lock(base);
    struct mstore_mailbox *m = mstore_leased(s, lease, err);
    struct store_exchange_name name = { .dn = (char *)(uintptr_t)dn };

    if (m == NULL)
        return mstore_unlock(s, -1);
    name.address = m->m->source_address;
    if (store_exchange_name_fits(&name)) {
        g_free(m->m->legacy_dn);
        m->m->legacy_dn = g_strdup(dn);
        mstore_names_add(s, &name, 1);
    }
    return mstore_unlock(s, 0);
}
