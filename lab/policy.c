#include "lab/policy.h"

#define MS      INT64_C(1000)
#define SECONDS INT64_C(1000000)

/*
 * ConcurrentSyncCalls is documented from Exchange 2016 on, without a number;
 * five is what clients of Exchange Online are told to keep to.
 */
#define SYNC_CALLS 5
/* EWSFindCountLimit, "The default value for this property is 1000". */
#define FIND_COUNT 1000
/* "EWS limits the execution time of a batch request to one minute." */
#define BATCH (60 * SECONDS)

/* clang-format off */
static const struct policy policies[] = {
    { "none",
      "no limit on anything but the size of a request",
      { 0 } },
    { "2010",
      "Exchange 2010 SP1's default policy: EWSMaxConcurrency 10 and "
      "EWSFindCountLimit 1000 as documented; EWSPercentTimeInCAS 50, kept "
      "here as half a minute in each minute; over it, ErrorServerBusy",
      { .concurrency = 10, .find_count = FIND_COUNT, .batch_us = BATCH,
        .burst_us = 30 * SECONDS, .recharge_us = 500 * MS,
        .cutoff_us = 0, .delay_us = 0 } },
    { "2013",
      "Exchange 2013's GlobalThrottlingPolicy as set up: EWSMaxConcurrency 27 "
      "as documented; EwsMaxBurst 300000, EwsRechargeRate 900000 an hour, "
      "EwsCutoffBalance 3000000 ms; in debt each item is delayed",
      { .concurrency = 27, .find_count = FIND_COUNT, .batch_us = BATCH,
        .burst_us = 300 * SECONDS, .recharge_us = 250 * MS,
        .cutoff_us = 3000 * SECONDS, .delay_us = 500 * MS } },
    { "hosted-strict",
      "of nobody in particular: a hosting provider who shares out little, "
      "so that a rehearsal meets every limit within a minute",
      { .concurrency = 4, .sync_calls = 2, .find_count = 250,
        .batch_us = BATCH, .burst_us = 10 * SECONDS, .recharge_us = 250 * MS,
        .cutoff_us = 20 * SECONDS, .delay_us = 1000 * MS } },
};
/* clang-format on */

const struct policy *policy_find(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(policies); i++)
        if (g_ascii_strcasecmp(policies[i].name, name) == 0)
            return &policies[i];
    return NULL;
}

const char *policy_names(void)
{
    return "none, 2010, 2013, hosted-strict";
}

void policy_default(const struct version *version, struct throttle_options *ret)
{
    *ret = (struct throttle_options){
        .concurrency = version->concurrency,
        .sync_calls = version->release >= EXCHANGE2016 ? SYNC_CALLS : 0,
        .find_count = FIND_COUNT,
        .batch_us = BATCH,
    };
}

void policy_apply(const struct policy *policy, struct throttle_options *o)
{
    struct throttle_options limits = policy->limits;

    limits.batch_cut = o->batch_cut;
    limits.round_trip_us = o->round_trip_us;
    limits.jitter_us = o->jitter_us;
    limits.bytes_per_second = o->bytes_per_second;
    *o = limits;
}

char *policy_text(void)
{
    GString *out = g_string_new(NULL);

    for (size_t i = 0; i < G_N_ELEMENTS(policies); i++) {
        const struct throttle_options *o = &policies[i].limits;

        g_string_append_printf(
            out,
            "%s: max-concurrency %u, sync-calls %u, burst %" G_GINT64_FORMAT
            ", recharge %" G_GINT64_FORMAT ", cutoff %" G_GINT64_FORMAT
            ", delay %" G_GINT64_FORMAT ", find-count %u, batch-limit "
            "%" G_GINT64_FORMAT "\n  (%s)\n",
            policies[i].name, o->concurrency, o->sync_calls, o->burst_us / MS,
            o->recharge_us / MS, o->cutoff_us / MS, o->delay_us / MS,
            o->find_count, o->batch_us / MS, policies[i].source);
    }
    return g_string_free(out, FALSE);
}
