/*
 * How edits follow between two servers.
 *
 * UploadItems with CreateAction="Update" is to make the item what the payload
 * says.  Whether it also removes the properties and attachments that the
 * payload no longer has is nowhere promised: a trial finds it out, and what it
 * finds is kept for the two servers.  As long as nobody knows, an updated item
 * is read again (chase_edit.c).
 */
#include "engine/copy_priv.h"

static void set_way(struct copy *c, enum edits_way way)
{
    pthread_mutex_lock(&c->pass.lock);
    c->edits = way;
    pthread_mutex_unlock(&c->pass.lock);
}

int edits_refresh(struct copy *c, struct err *err)
{
    g_autoptr(GPtrArray) all = NULL;

    if (store_edits(c->pass.job->store, &all, err) < 0)
        return -1;
    for (guint i = 0; i < all->len; i++) {
        const struct store_edits *e = all->pdata[i];

        if (strcmp(e->source, c->servers[SOURCE]) == 0 &&
            strcmp(e->destination, c->servers[DESTINATION]) == 0)
            set_way(c, e->way);
    }
    return 0;
}

int edits_load(struct copy *c, const struct endpoint_facts *facts,
               struct err *err)
{
    for (enum side side = SOURCE; side < N_SIDES; side++) {
        const char *version = facts[side].server_version;

        c->servers[side] =
            g_strdup(version != NULL && *version != '\0' ? version : "?");
    }
    return edits_refresh(c, err);
}

enum edits_way edits_way(struct copy *c)
{
    enum edits_way way;

    pthread_mutex_lock(&c->pass.lock);
    way = c->edits;
    pthread_mutex_unlock(&c->pass.lock);
    return way;
}

int edits_replace(struct copy *c, const char *why, struct err *err)
{
    const struct engine_job *job = c->pass.job;
    g_autofree char *text = g_strdup(why);
    const struct store_edits edits = { c->servers[SOURCE],
                                       c->servers[DESTINATION], EDITS_REPLACE,
                                       text };
    g_autofree char *note = g_strdup_printf(
        "edits follow by replacement from here on, since %s", why);
    bool first;

    pthread_mutex_lock(&c->pass.lock);
    first = c->edits != EDITS_REPLACE;
    c->edits = EDITS_REPLACE;
    pthread_mutex_unlock(&c->pass.lock);
    if (!first)
        return 0;
    if (store_trial_record(job->store, &job->lease, &edits, NULL, 0, err) < 0)
        return -1;
    pass_event(&c->pass,
               &(struct engine_event){ .kind = ENGINE_NOTE, .text = note });
    return 0;
}
