/* When the mailboxes of a check would be done, were they begun now. */
#include <math.h>

#include "base/timestamp.h"
#include "cmd/check_result.h"

/* Nine in ten of a normal distribution lie below so many deviations. */
#define NINE_IN_TEN 1.2816
/* No band of round trips is so narrow that it tells more than that. */
#define TRIPS_SD 0.35

static int read_rows(const struct check_results *r, struct store *s,
                     struct outlook_mailbox *ret, struct err *err)
{
    for (size_t i = 0; i < r->n; i++) {
        uint64_t before = 0;

        if (outlook_before(s, r->all[i].mailbox->id, &before, err) < 0)
            return -1;
        ret[i] = (struct outlook_mailbox){
            .id = r->all[i].mailbox->id,
            .stand = r->all[i].end == FLEET_DONE ? OUTLOOK_WAITS : OUTLOOK_OVER,
            .known = before,
            .copied = before,
            .before = before,
        };
    }
    return 0;
}

/*
 * The default's proportions at the level of the round trips: half-way, as
 * factors go, between the best and the worst that they allow.
 */
static struct cost_prior prior_of(const struct expectation *e,
                                  double default_us)
{
    struct cost_prior p = cost_prior_default();
    double least = MAX((double)e->least_us, 1);
    double most = MAX((double)e->most_us, least);
    double by = sqrt(least * most) / MAX(default_us, 1);

    p.copying.item_s *= by;
    p.copying.mb_s *= by;
    p.rest.fixed_s *= by;
    p.rest.item_s *= by;
    p.rest.mb_s *= by;
    p.level_sd = MAX(log(most / least) / 2 / NINE_IN_TEN, TRIPS_SD);
    p.basis = "no data yet: by this check's round trips; a --trial measures "
              "copying";
    return p;
}

int check_foresee(struct check_results *r, struct store *s,
                  const struct hours *quiet, struct err *err)
{
    g_autofree struct outlook_mailbox *rows =
        g_new0(struct outlook_mailbox, r->n + 1);
    const struct outlook_migration m = {
        .store = s, .mailboxes = rows, .n = r->n, .quiet = quiet
    };
    struct outlook_how how = { .now_us = timestamp_now(),
                               .at_once = r->at_once };
    const struct expectation e = check_expected(r);
    struct cost_prior prior;

    r->at_us = how.now_us;
    if (read_rows(r, s, rows, err) < 0 ||
        outlook_make(&m, 1, &how, &r->outlook, err) < 0)
        return -1;
    if (r->outlook.by != COST_BY_DEFAULT || e.by != EXPECT_BY_ROUND_TRIPS)
        return 0;
    prior = prior_of(&e, (double)(r->outlook.span.p50_us - how.now_us));
    how.prior = &prior;
    outlook_clear(&r->outlook);
    return outlook_make(&m, 1, &how, &r->outlook, err);
}
