/*
 * samples - what went on when, for plots: of a migration, and with a host.
 *
 * A sample is of a minute, later of an hour, at last of a day, so that
 * what runs for weeks stays a few thousand rows.  All of its figures are sums
 * over its span: several workers add to one, a coarser one is exactly what its
 * finer ones were, and means are made by who reads, as in_flight_us / span_us
 * is the requests in flight.
 */
#ifndef STORE_SAMPLES_H
#define STORE_SAMPLES_H

#include "store/store.h"

#define SAMPLE_MINUTE_US INT64_C(60000000)
#define SAMPLE_HOUR_US   (60 * SAMPLE_MINUTE_US)
#define SAMPLE_DAY_US    (24 * SAMPLE_HOUR_US)

/* How far back there are minutes, hours and days. */
#define SAMPLE_MINUTES_US SAMPLE_DAY_US
#define SAMPLE_HOURS_US   (31 * SAMPLE_DAY_US)
#define SAMPLE_DAYS_US    (731 * SAMPLE_DAY_US)

enum sample_figure {
    SAMPLE_ITEMS, /* copied; with a host: from or to it */
    SAMPLE_BYTES,
    SAMPLE_FAILED,       /* items, for good */
    SAMPLE_REQUESTS,     /* of a migration: to both sides */
    SAMPLE_BUSY,         /* of these, refused as busy: a back-off */
    SAMPLE_IN_FLIGHT_US, /* sum over requests */
    SAMPLE_THROTTLED_US, /* the same: held up by back-offs */
    SAMPLE_MAILBOXES_US, /* sum over mailboxes that a pass was under way of */
    SAMPLE_PLACES_US,    /* requests that the governor would have in flight,
                            times how long; of hosts alone */
    SAMPLE_N
};
/* More of a figure at once is cut: what is added up stays within 63 bits. */
#define SAMPLE_MAX (UINT64_C(1) << 48)

struct sample {
    int64_t at_us; /* when it begins: wall clock, a multiple of its span */
    int64_t span_us;
    uint64_t sums[SAMPLE_N];
};

/*
 * Add to what is on record of the store's migration or, where host is not
 * NULL, of that host ("host:port"), whatever migrations it has.  Samples are
 * of minutes, the oldest first.  What is older than the newest of them by more
 * than is kept of its span goes into the next coarser one.
 */
int store_samples_add(struct store *s, const char *host,
                      const struct sample *samples, size_t n,
                      struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* GArray of struct sample that end after since_us, by time. */
int store_samples(struct store *s, const char *host, int64_t since_us,
                  GArray **ret, struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
