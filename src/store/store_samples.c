#include "store/samples.h"

#include "base/step.h"
#include "store/store_priv.h"

const struct sample_level sample_levels[SAMPLE_N_LEVELS] = {
    { SAMPLE_MINUTE_US, SAMPLE_MINUTES_US },
    { SAMPLE_HOUR_US, SAMPLE_HOURS_US },
    { SAMPLE_DAY_US, SAMPLE_DAYS_US },
};

/* Whole spans of the next level alone: none is split between two of them. */
int64_t sample_kept_from(size_t level, int64_t newest_us)
{
    size_t next = MIN(level + 1, SAMPLE_N_LEVELS - 1);
    int64_t from_us = newest_us - sample_levels[level].kept_us;

    return from_us > 0 ? from_us - from_us % sample_levels[next].span_us : 0;
}

struct sample sample_coarse(const struct sample *fine, size_t level)
{
    struct sample s = *fine;

    s.span_us = sample_levels[level].span_us;
    s.at_us -= s.at_us % s.span_us;
    return s;
}

int store_samples_add(struct store *s, const char *host,
                      const struct sample *samples, size_t n, struct err *err)
{
    if (store_check_opt(err, "host", host, STORE_EXCHANGE_NAME_MAX) < 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        g_assert(samples[i].span_us == SAMPLE_MINUTE_US);
        g_assert(samples[i].at_us >= 0 &&
                 samples[i].at_us % SAMPLE_MINUTE_US == 0);
        g_assert(i == 0 || samples[i].at_us > samples[i - 1].at_us);
    }
    if (n == 0)
        return 0;
    if (s->ops->samples_add(s, host, samples, n, err) < 0)
        return -1;
    step("sample");
    return 0;
}

int store_samples(struct store *s, const char *host, int64_t since_us,
                  GArray **ret, struct err *err)
{
    if (store_check_opt(err, "host", host, STORE_EXCHANGE_NAME_MAX) < 0)
        return -1;
    return s->ops->samples(s, host, since_us, ret, err);
}
