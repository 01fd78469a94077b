#include "engine/batch.h"

#include <glib.h>

#define ITEMS_DEFAULT 10
#define BYTES_DEFAULT UINT64_C(8000000)
#define BYTES_MIN     UINT64_C(1000000)
/* SOAP envelope, folder id and item elements around a payload. */
#define ENVELOPE_BYTES 8192

/* Exchange gives a batch one minute: stay well below, and use it well. */
#define SLOW_US INT64_C(20000000)
#define FAST_US INT64_C(4000000)
/*
 * While an account of a server's time holds us up: one answer in a hundred may
 * be a refusal, so there must be many.  Between short and long they stay as
 * they are: half as many again as are short are not long.
 */
#define PACED_US       INT64_C(1000000)
#define PACED_SHORT_US INT64_C(666666)
#define PACED_LONG_US  INT64_C(1333333)
/* For its sake, no fewer: a request's way would be most of what it takes. */
#define PACED_ITEMS 10
/* So many times as many items at once. */
#define LEAP 4

void batch_init(struct batch *b, size_t items, uint64_t bytes,
                uint64_t request_max_bytes)
{
    *b = (struct batch){
        .items_max = BATCH_ITEMS_MAX,
        .bytes_max = BATCH_BYTES_MAX,
        .request_max_bytes = request_max_bytes,
    };
    /* Base64 is 4/3 of the payload: leave a quarter of what is left free. */
    if (request_max_bytes != 0)
        b->bytes_max = MIN(b->bytes_max, request_max_bytes / 16 * 9);
    b->bytes_max = MAX(b->bytes_max, 1);
    b->items = CLAMP(items != 0 ? items : ITEMS_DEFAULT, 1, b->items_max);
    b->bytes = CLAMP(bytes != 0 ? bytes : BYTES_DEFAULT, 1, b->bytes_max);
}

/* 10, 2, 1 or 100, 25, 6, 1: alone after three tries at the latest. */
static size_t company(const struct batch *b, unsigned int tries)
{
    if (tries >= BATCH_ALONE_TRIES)
        return 1;
    return MAX(b->items >> (2 * tries), 1);
}

size_t batch_take(const struct batch *b, const struct batch_item *items,
                  size_t n)
{
    uint64_t bytes = 0;
    size_t most = n, taken = 0;

    while (taken < most) {
        const struct batch_item *item = &items[taken];

        if (taken > 0 && (taken >= company(b, item->tries) ||
                          bytes >= b->bytes || item->bytes > b->bytes - bytes))
            break;
        most = MIN(most, company(b, item->tries));
        bytes += item->bytes;
        taken++;
    }
    return taken;
}

static void shrink(struct batch *b)
{
    b->items = MAX(b->items / 2, 1);
    b->bytes = MAX(b->bytes / 2, MIN(BYTES_MIN, b->bytes_max));
}

/*
 * So many times as many as still are fast, but not by a leap: a request's way
 * and each place that it holds under a throttle cost the same for few items.
 */
static size_t more_items(size_t items, int64_t took_us, int64_t fast_us)
{
    size_t halves = (size_t)CLAMP(2 * fast_us / MAX(took_us, 1), 3, LEAP * 2);

    return MAX(items * halves / 2, items + 1);
}

/* What was not full says nothing about as many as may be. */
static void shorten(struct batch *b, const struct batch_trip *trip)
{
    size_t items = (size_t)((int64_t)trip->n * PACED_US / trip->took_us);

    if (trip->n >= b->items)
        b->items = MIN(b->items, MAX(items, PACED_ITEMS));
}

void batch_learn(struct batch *b, const struct batch_trip *trip)
{
    int64_t fast_us = trip->paced ? PACED_US : FAST_US;

    if (trip->lost || trip->took_us > SLOW_US) {
        shrink(b);
        return;
    }
    if (trip->paced && trip->took_us > PACED_LONG_US)
        shorten(b, trip);
    if (trip->took_us > (trip->paced ? PACED_SHORT_US : FAST_US))
        return;
    /* Only the bound that held the batch back is worth moving. */
    if (trip->n >= b->items)
        b->items =
            MIN(more_items(b->items, trip->took_us, fast_us), b->items_max);
    if (trip->bytes >= b->bytes / 4 * 3)
        b->bytes = MIN(b->bytes + b->bytes / 2, b->bytes_max);
}

uint64_t batch_request_bytes(uint64_t payload_bytes)
{
    return (payload_bytes + 2) / 3 * 4 + ENVELOPE_BYTES;
}

uint64_t batch_payload_max(uint64_t request_max_bytes)
{
    if (request_max_bytes <= ENVELOPE_BYTES)
        return 0;
    return (request_max_bytes - ENVELOPE_BYTES) / 4 * 3;
}

bool batch_fits(const struct batch *b, uint64_t payload_bytes)
{
    return b->request_max_bytes == 0 ||
           batch_request_bytes(payload_bytes) <= b->request_max_bytes;
}

int batch_refuse(const struct batch *b, uint64_t payload_bytes, struct err *err)
{
    err_set(err, ERR_ITEM, ERR_RETRY_NEVER, 0,
            "the item's %.1f MB make a request of %.1f MB; the destination "
            "takes %.1f MB",
            (double)payload_bytes / 1e6,
            (double)batch_request_bytes(payload_bytes) / 1e6,
            (double)b->request_max_bytes / 1e6);
    err->name = "item-too-large";
    return err_remedy(err, "raise the limits for EWS requests at the "
                           "destination (maxAllowedContentLength, "
                           "maxReceivedMessageSize), or move the item by hand");
}
