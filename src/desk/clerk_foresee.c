/* How long a request's migration takes, for its quote and its letters. */
#include "desk/clerk_priv.h"
#include "desk/rounds.h"

static struct foresight foresight_with(const struct errand *e)
{
    const struct desk_stores *d = &e->c->desk->stores;

    return (struct foresight){ d->database, d->jobs, d->migrations };
}

int clerk_foresee(const struct errand *e, struct outlook *ret, struct err *err)
{
    const struct foresight f = foresight_with(e);

    return foresight_of(&f, e->r->migration_id, e->now_us, ret, err);
}

/* What the service has said of it, unless that has passed. */
static int said(const struct errand *e, char **ret, struct err *err)
{
    g_autoptr(store) s =
        database_store(e->c->desk->stores.database, e->r->migration_id);
    struct store_forecast *f = NULL;
    struct forecast_span span;

    if (outlook_read(s, &f, err) < 0)
        return -1;
    if (f != NULL && f->p90_us > e->now_us) {
        span = (struct forecast_span){ f->p50_us, f->p90_us };
        *ret = outlook_text(&span, f->basis, e->now_us);
    }
    store_forecast_free(f);
    return 0;
}

int clerk_forecast(const struct errand *e, char **ret, struct err *err)
{
    g_auto(outlook) o = { 0 };
    char *text = NULL;
    int known;

    if (said(e, &text, err) < 0)
        return -1;
    if (text == NULL) {
        known = clerk_foresee(e, &o, err);
        if (known < 0)
            return -1;
        if (known > 0)
            text = outlook_text(&o.span, o.basis, e->now_us);
    }
    *ret = text;
    return 0;
}

int clerk_forecast_whole(const struct errand *e, char **ret, struct err *err)
{
    const struct foresight f = foresight_with(e);
    const struct rounds_rules rules = { e->c->sweep_us, e->c->every_us };
    const struct request now = { .state = REQUEST_READY_FOR_CUTOVER,
                                 .migration_id = e->r->migration_id };
    struct foresight_plan plan;
    g_auto(outlook) o = { 0 };
    int known = 0;

    if (rounds_of(&now, &rules, e->now_us, &plan))
        known = foresight_whole(&f, &plan, e->now_us, &o, err);
    if (known < 0)
        return -1;
    *ret = known > 0 ? outlook_text(&o.span, o.basis, e->now_us) : NULL;
    return 0;
}
