#include "store/paces.h"

#include "base/step.h"
#include "store/store_priv.h"

void store_forecast_free(struct store_forecast *f)
{
    if (f == NULL)
        return;
    g_free(f->basis);
    g_free(f);
}

static int check_hosts(const struct pace_hosts *between, struct err *err)
{
    if (store_check(err, "source host", between->source,
                    STORE_EXCHANGE_NAME_MAX) < 0)
        return -1;
    return store_check(err, "destination host", between->destination,
                       STORE_EXCHANGE_NAME_MAX);
}

int store_paces_add(struct store *s, const struct pace_hosts *between,
                    const struct pace *paces, size_t n, struct err *err)
{
    if (check_hosts(between, err) < 0 ||
        s->ops->paces_add(s, between, paces, n, err) < 0)
        return -1;
    step("pace");
    return 0;
}

int store_paces(struct store *s, const struct pace_hosts *between, GArray **ret,
                struct err *err)
{
    if (check_hosts(between, err) < 0)
        return -1;
    return s->ops->paces(s, between, ret, err);
}

int store_amount_set(struct store *s, const struct store_lease *lease,
                     uint64_t items, uint64_t bytes, struct err *err)
{
    if (s->ops->amount_set(s, lease, items, bytes, err) < 0)
        return -1;
    step("amount");
    return 0;
}

int store_amounts(struct store *s, GArray **ret, struct err *err)
{
    return s->ops->amounts(s, ret, err);
}

int store_forecasts_give(struct store *s, const struct store_forecast *given,
                         size_t n, struct err *err)
{
    for (size_t i = 0; i < n; i++) {
        g_assert(given[i].tenth <= FORECAST_LATEST);
        if (store_check(err, "basis", given[i].basis, STORE_TEXT_MAX) < 0)
            return -1;
    }
    if (s->ops->forecasts_give(s, given, n, err) < 0)
        return -1;
    step("forecast");
    return 0;
}

int store_forecasts_end(struct store *s, int64_t mailbox_id, int64_t ended_us,
                        struct err *err)
{
    g_assert(ended_us >= 0);
    if (s->ops->forecasts_end(s, mailbox_id, ended_us, err) < 0)
        return -1;
    step("forecast");
    return 0;
}

int store_forecasts(struct store *s, bool open, GPtrArray **ret,
                    struct err *err)
{
    return s->ops->forecasts(s, open, ret, err);
}
