#include "engine/copy_priv.h"

static int refuse(struct err *err)
{
    err_set(err, ERR_MAILBOX, ERR_RETRY_NEVER, 0,
            "the two sides have no way in common to pass items on");
    err->name = "missing-capability";
    return err_remedy(err, "it takes Exchange 2007 SP1 or later on both sides");
}

static int lacks(struct copy *c, enum side side, const char *what)
{
    err_set(&c->why_format, ERR_MAILBOX, ERR_RETRY_NEVER, 0,
            "the %s does not offer the %s of whole items", side_name(side),
            what);
    return 0;
}

/* 1: FastTransfer; 0: not, why_format tells. */
static int has_fts(struct copy *c)
{
    const struct engine_job *job = c->pass.job;

    if ((job->source->caps & ENDPOINT_CAP_EXPORT) == 0)
        return lacks(c, SOURCE, "export");
    if ((job->destination->caps & ENDPOINT_CAP_UPLOAD) == 0)
        return lacks(c, DESTINATION, "upload");
    /* What is in doubt is found again by reading it. */
    if ((job->destination->caps & ENDPOINT_CAP_EXPORT) == 0)
        return lacks(c, DESTINATION, "export");
    return 1;
}

static void tell(struct copy *c)
{
    g_autofree char *text = g_strdup_printf(
        "items travel as MIME and properties: %s", c->why_format.msg);

    pass_note(&c->pass,
              &(struct pass_note){ .about = finding_heading(FINDING_PORTABLE),
                                   .text = text });
}

int route_choose(struct copy *c, struct err *err)
{
    const struct engine_job *job = c->pass.job;

    c->may_fall_back = (job->source->caps & job->destination->caps &
                        ENDPOINT_CAP_PORTABLE) != 0;
    c->format = PAYLOAD_FTS;
    if (has_fts(c))
        return 0;
    if (!c->may_fall_back)
        return refuse(err);
    c->format = PAYLOAD_PORTABLE;
    tell(c);
    return 0;
}

enum payload_format route_format(struct copy *c)
{
    enum payload_format format;

    pthread_mutex_lock(&c->pass.lock);
    format = c->format;
    pthread_mutex_unlock(&c->pass.lock);
    return format;
}

static bool is_well(struct endpoint *ep)
{
    g_auto(endpoint_tree) tree = { 0 };
    struct err ignored;

    return endpoint_folders(ep, &tree, &ignored) == 0;
}

bool route_switch(struct copy *c, struct endpoint *ep, enum side side,
                  const struct err *why)
{
    struct err told = *why;
    bool first;

    /* A full disk of our own says nothing about the server. */
    if (!c->may_fall_back || why->retry != ERR_RETRY_NEVER ||
        why->scope == ERR_RUN || !is_well(ep))
        return false;
    err_in(&told, "%s", side_name(side));
    pthread_mutex_lock(&c->pass.lock);
    first = c->format == PAYLOAD_FTS;
    /* whole from the first moment on: other lanes read it from then on */
    if (first) {
        c->format = PAYLOAD_PORTABLE;
        c->why_format = told;
    }
    pthread_mutex_unlock(&c->pass.lock);
    if (first)
        tell(c);
    return true;
}

/*
 * So many items at fault, one after the other and none without: hardly.
 *
 * What was found out so is not on record: rights are granted between two runs,
 * and nothing else would notice it.  Each pass asks anew, which costs a mailbox
 * no more than these requests, and its items are in their formats already.
 */
#define REFUSED_MAX 5

void route_answered(struct copy *c, enum side side)
{
    pthread_mutex_lock(&c->pass.lock);
    c->fts[side].known = true;
    pthread_mutex_unlock(&c->pass.lock);
}

bool route_works(struct copy *c, enum side side)
{
    bool known;

    pthread_mutex_lock(&c->pass.lock);
    known = c->fts[side].known;
    pthread_mutex_unlock(&c->pass.lock);
    return known;
}

void route_refused(struct copy *c, struct endpoint *ep, enum side side,
                   const struct err *why)
{
    struct pass *p = &c->pass;
    bool enough;

    pthread_mutex_lock(&p->lock);
    enough = !c->fts[side].known && ++c->fts[side].refused == REFUSED_MAX;
    if (enough)
        c->fts[side].deciding = true;
    /* or the other lanes ask for a whole mailbox meanwhile, in vain */
    while (!enough && c->fts[side].deciding && !p->stopped &&
           !pass_is_cancelled(p))
        pass_watch(p, INT64_MAX);
    pthread_mutex_unlock(&p->lock);
    if (!enough)
        return;
    (void)route_switch(c, ep, side, why);
    pthread_mutex_lock(&p->lock);
    c->fts[side].deciding = false;
    pthread_cond_broadcast(&p->changed);
    pthread_mutex_unlock(&p->lock);
}

/* ---- single items -------------------------------------------------------- */

void route_keep_off(struct copy *c, int64_t item_id, const char *why)
{
    pthread_mutex_lock(&c->pass.lock);
    g_hash_table_insert(c->mime_only, g_memdup2(&item_id, sizeof(item_id)),
                        g_strdup(why));
    pthread_mutex_unlock(&c->pass.lock);
}

char *route_kept_off(struct copy *c, int64_t item_id)
{
    char *why;

    pthread_mutex_lock(&c->pass.lock);
    why = g_strdup(g_hash_table_lookup(c->mime_only, &item_id));
    pthread_mutex_unlock(&c->pass.lock);
    return why;
}
