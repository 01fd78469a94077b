#include "engine/people.h"

#include "fts/fts.h"

void people_init(struct people *p)
{
    pthread_mutex_init(&p->people_lock, NULL);
    p->known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    p->bare = false;
}

void people_release(struct people *p)
{
    g_hash_table_unref(p->known);
    pthread_mutex_destroy(&p->people_lock);
}

/* One that came without an address may come with it later. */
static char *key_of(const char *dn, const char *address)
{
    g_autofree char *lower = g_ascii_strdown(dn, -1);

    return g_strconcat(address != NULL ? "@" : "", lower, NULL);
}

static bool is_known(const struct people *p, const struct fts_person *person)
{
    g_autofree char *whole = key_of(person->dn, "");
    g_autofree char *bare = key_of(person->dn, NULL);

    return g_hash_table_contains(p->known, whole) ||
           (person->address == NULL && g_hash_table_contains(p->known, bare));
}

size_t people_new(struct people *p, const GPtrArray *of_item,
                  struct store_exchange_name *ret)
{
    size_t n = 0;

    pthread_mutex_lock(&p->people_lock);
    for (guint i = 0; of_item != NULL && i < of_item->len; i++) {
        const struct fts_person *person = of_item->pdata[i];

        if (!is_known(p, person))
            ret[n++] =
                (struct store_exchange_name){ person->dn, person->address };
    }
    pthread_mutex_unlock(&p->people_lock);
    return n;
}

void people_recorded(struct people *p, const struct store_exchange_name *names,
                     size_t n)
{
    pthread_mutex_lock(&p->people_lock);
    for (size_t i = 0; i < n; i++) {
        p->bare |= names[i].address == NULL;
        /* The store takes no more than that either. */
        if (g_hash_table_size(p->known) < 2 * STORE_EXCHANGE_NAMES_MAX)
            g_hash_table_add(p->known, key_of(names[i].dn, names[i].address));
    }
    pthread_mutex_unlock(&p->people_lock);
}
