/*
 * The addresses of people whom items name by the old directory's name alone:
 * the source's directory knows them, as long as it is there.
 */
#include "base/timestamp.h"
#include "endpoint/settings.h"
#include "engine/copy_priv.h"

/*
 * Somebody who was nobody's is asked for again a week later: administrators add
 * such names as X500 addresses when they hear of bounces.
 */
#define ASK_AGAIN_US (7 * TIMESTAMP_DAY)

static bool is_due(const struct store_exchange_name *name, int64_t now_us)
{
    return name->address == NULL &&
           (name->asked_us == 0 || now_us - name->asked_us >= ASK_AGAIN_US);
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

    if (r == 0)
        return store_exchange_name_asked(job->store, &job->lease, dn,
                                         timestamp_now(), err);
    if (r < 0)
        return -1;
    name.address = person.address;
    r = store_exchange_names_add(job->store, &job->lease, &name, 1, err);
    endpoint_person_clear(&person);
    return r < 0 ? -1 : 1;
}

int people_ask(struct copy *c, struct err *err)
{
    g_autoptr(GPtrArray) names = NULL;
    int64_t now_us = timestamp_now();
    unsigned int n = 0;
    struct err why;

    if (!c->people.bare)
        return 0;
    if (store_exchange_names(c->pass.job->store, &names, err) < 0)
        return -1;
    for (guint i = 0; i < names->len && n < PEOPLE_BARE_MAX; i++) {
        const struct store_exchange_name *name = names->pdata[i];

        if (pass_is_over(&c->pass) || !is_due(name, now_us))
            continue;
        n++;
        if (ask_one(c, name->dn, &why) >= 0)
            continue;
        if (why.scope < ERR_RUN)
            break; /* it does not say: the report says that nobody knows */
        *err = why;
        return -1;
    }
    return 0;
}
