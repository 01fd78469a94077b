/*
 * The addresses of people whom items name by the old directory's name alone:
 * the source's directory knows them, as long as it is there.
 */
#include "endpoint/settings.h"
#include "engine/copy_priv.h"

/* By name in lower case; borrowed. */
static GHashTable *with_address(const GPtrArray *names)
{
    GHashTable *t =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    for (guint i = 0; i < names->len; i++) {
        const struct store_exchange_name *name = names->pdata[i];

        if (name->address != NULL)
            g_hash_table_add(t, g_ascii_strdown(name->dn, -1));
    }
    return t;
}

/* 1: found and on record; 0: nobody's; -1: the source does not say. */
static int ask_one(struct copy *c, const char *dn, struct err *err)
{
    const struct engine_job *job = c->pass.job;
    struct endpoint_person person = { 0 };
    g_autofree char *own = g_strdup(dn);
    struct store_exchange_name name = { own, NULL };
    int r =
        endpoint_resolve(pass_own_hands(&c->pass).at[SOURCE], dn, &person, err);

    if (r <= 0)
        return r;
    name.address = person.address;
    r = store_exchange_names_add(job->store, &job->lease, &name, 1, err);
    endpoint_person_clear(&person);
    return r < 0 ? -1 : 1;
}

int people_ask(struct copy *c, struct err *err)
{
    g_autoptr(GPtrArray) names = NULL;
    g_autoptr(GHashTable) known = NULL;
    struct err why;

    if (c->people.bare->len == 0)
        return 0;
    if (store_exchange_names(c->pass.job->store, &names, err) < 0)
        return -1;
    known = with_address(names);
    for (guint i = 0; i < c->people.bare->len; i++) {
        const char *dn = c->people.bare->pdata[i];
        g_autofree char *key = g_ascii_strdown(dn, -1);

        if (pass_is_over(&c->pass) || g_hash_table_contains(known, key))
            continue;
        if (ask_one(c, dn, &why) >= 0)
            continue;
        if (why.scope < ERR_RUN)
            break; /* it does not say: the report says that nobody knows */
        *err = why;
        return -1;
    }
    return 0;
}
