#include "engine/own_name.h"

#include "endpoint/settings.h"

int own_name_learn(struct pass *p, struct err *ret_why, struct err *err)
{
    const struct engine_job *job = p->job;
    struct store_mailbox *row = NULL;
    g_autofree char *dn = NULL;
    bool known;
    int found;

    if (store_mailbox_get(job->store, job->lease.mailbox_id, &row, err) < 0)
        return -1;
    known = row->legacy_dn != NULL;
    store_mailbox_free(row);
    if (known)
        return 1;
    found = endpoint_own_name(job->source, &dn, ret_why);
    if (found <= 0)
        return found < 0 ? 0 : 1;
    return store_mailbox_set_dn(job->store, &job->lease, dn, err) < 0 ? -1 : 1;
}

/* 1: some item has; 0; -1. */
static int is_named(struct pass *p, struct err *err)
{
    const struct engine_job *job = p->job;
    g_autoptr(GPtrArray) names = NULL;
    struct store_mailbox *row = NULL;
    int found = 0;

    if (store_exchange_names(job->store, &names, err) < 0 ||
        store_mailbox_get(job->store, job->lease.mailbox_id, &row, err) < 0)
        return -1;
    for (guint i = 0; i < names->len && found == 0; i++) {
        const struct store_exchange_name *name = names->pdata[i];

        found = name->address != NULL &&
                g_ascii_strcasecmp(name->address, row->source_address) == 0;
    }
    store_mailbox_free(row);
    return found;
}

int own_name_or_note(struct pass *p, struct err *err)
{
    const struct pass_note now_known = {
        .about = finding_heading(FINDING_OWN_NAME),
        .text = "its legacyExchangeDN is known by now: see x500.csv",
    };
    g_autofree char *text = NULL;
    struct err why;
    int known = own_name_learn(p, &why, err);

    if (known == 0 && !pass_is_over(p))
        known = is_named(p, err);
    if (known < 0 || pass_is_over(p))
        return MIN(known, 0);
    if (known > 0)
        return pass_note_replace(p, &now_known, err);
    text = g_strdup_printf("its legacyExchangeDN is not known: %s; %s", why.msg,
                           finding_remedy(FINDING_OWN_NAME));
    pass_note(p,
              &(struct pass_note){ .about = finding_heading(FINDING_OWN_NAME),
                                   .text = text });
    return 0;
}
