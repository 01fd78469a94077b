#include "base/step.h"
#include "base/timestamp.h"
#include "engine/hidden.h"
#include "engine/lane_priv.h"
#include "engine/stamp.h"

/*
 * What a put may take from its intent to its end: its wait for a turn, and
 * the exchange itself at a poor 100 KB/s.  Only who has to wait for it without
 * knowing whether the writer is alive (see engine_options.alone) pays for it.
 */
#define PUT_MOST_US     (900 * TIMESTAMP_SECOND)
#define PUT_US_PER_BYTE 10
/* A put has to begin some time before its deadline. */
#define SEND_WITHIN_US TIMESTAMP_SECOND

/* The same where the items are in doubt anyhow. */
static void sit_out(struct lane *l, enum side side, const struct err *why)
{
    if (policy_of(why) == POLICY_STOP || policy_of(why) == POLICY_PAUSE)
        (void)lane_weather(l, side, why); /* well or not: doubt.c finds out */
}

static int send_set(struct lane *l, struct cargo *const *set, size_t n,
                    struct err *err);

static int send_halves(struct lane *l, struct cargo *const *set, size_t n,
                       struct err *err)
{
    if (send_set(l, set, n / 2, err) < 0)
        return -1;
    return send_set(l, set + n / 2, n - n / 2, err);
}

static void set_in_doubt(struct lane *l, struct cargo *const *set, size_t n,
                         const struct err *why)
{
    g_autofree int64_t *ids = g_new(int64_t, n);

    for (size_t i = 0; i < n; i++) {
        ids[i] = set[i]->item->id;
        set[i]->state = CARGO_IN_DOUBT;
        cargo_unload(set[i]);
    }
    doubt_add(l->copy, l->folder, ids, n, why);
}

/* Surely nothing was stored: back to LISTED before anything else. */
static int take_back(struct lane *l, struct cargo *const *set, size_t n,
                     struct err *err)
{
    for (size_t i = 0; i < n; i++)
        cargo_again(set[i], 0, false);
    return lane_record(l, set, n, err);
}

static int refused_whole(struct lane *l, struct cargo *const *set, size_t n,
                         const struct err *why, struct err *err)
{
    if (n == 1) {
        if (set[0]->format == PAYLOAD_FTS && !policy_is_too_large(why))
            route_refused(l->copy, l->at[DESTINATION], DESTINATION, why);
        lane_trouble(l, DESTINATION, set[0], why);
        return lane_record(l, set, 1, err);
    }
    if (take_back(l, set, n, err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++)
        set[i]->state = CARGO_READ;
    return send_halves(l, set, n, err);
}

/* It has stored nothing, and says to ask again later. */
static bool is_busy(const struct err *why)
{
    return policy_of(why) == POLICY_PAUSE && why->retry == ERR_RETRY_WAIT;
}

/*
 * Those of the n that are LISTED again and loaded still: READ as soon as a busy
 * server may be asked again.  The source need not be.
 */
static void wait_to_send(struct lane *l, struct cargo *const *set, size_t n,
                         const struct err *why)
{
    struct pass *p = &l->copy->pass;

    if (!pass_endure(p, DESTINATION, &l->failures, why)) {
        if (!pass_is_over(p))
            pass_failed(p, why);
        return;
    }
    for (size_t i = 0; i < n; i++)
        if (set[i]->state == CARGO_RECORDED && set[i]->to == ITEM_LISTED &&
            (set[i]->payload != NULL || set[i]->portable != NULL))
            set[i]->state = CARGO_READ;
}

static int send_lost(struct lane *l, struct cargo *const *set, size_t n,
                     const struct err *why, struct err *err)
{
    if (lane_turn(l, DESTINATION, set, n, why))
        return lane_record(l, set, n, err);
    switch (policy_of(why)) {
    case POLICY_LATER:
    case POLICY_FAIL:
        return refused_whole(l, set, n, why, err);
    case POLICY_FOLDER:
        feed_close(l->copy, l->folder, why);
        return take_back(l, set, n, err);
    case POLICY_STOP:
    case POLICY_PAUSE:
        break;
    }
    if (take_back(l, set, n, err) < 0)
        return -1;
    if (is_busy(why)) {
        wait_to_send(l, set, n, why);
        return 0;
    }
    if (!lane_weather(l, DESTINATION, why))
        return 0;
    lane_suspect(l, DESTINATION, set, n, why);
    return lane_record(l, set, n, err);
}

/* names: room for all of the set's people; *at of them are taken. */
static struct store_intent intent_of(struct lane *l, const struct cargo *c,
                                     struct store_exchange_name *names,
                                     size_t *at)
{
    struct store_intent intent = {
        .item_id = c->item->id,
        .change_key = c->change_key,
        .size_bytes = c->bytes,
        .digest = c->digest,
        .digest_len = c->digest_len,
        .format = c->format,
        .why_format = c->why_format,
        .names = names + *at,
    };

    intent.n_names = people_new(&l->copy->people, c->people, names + *at);
    *at += intent.n_names;
    return intent;
}

static size_t count_people(struct cargo *const *set, size_t n)
{
    size_t sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += set[i]->people != NULL ? set[i]->people->len : 0;
    return sum;
}

static int intend(struct lane *l, struct cargo *const *set, size_t n,
                  int64_t deadline_us, struct err *err)
{
    const struct engine_job *job = l->copy->pass.job;
    g_autofree struct store_intent *intents = g_new0(struct store_intent, n);
    g_autofree struct store_exchange_name *names =
        g_new0(struct store_exchange_name, count_people(set, n) + 1);
    size_t at = 0;

    for (size_t i = 0; i < n; i++)
        intents[i] = intent_of(l, set[i], names, &at);
    if (store_items_intend(job->store, &job->lease, l->copy->pass.record.id,
                           intents, n, deadline_us, err) < 0)
        return -1;
    people_recorded(&l->copy->people, names, at);
    return 0;
}

static uint64_t bytes_of(struct cargo *const *set, size_t n)
{
    uint64_t bytes = 0;

    for (size_t i = 0; i < n; i++)
        bytes += set[i]->bytes;
    return bytes;
}

static bool is_paced(struct endpoint *ep)
{
    struct endpoint_stats stats;

    endpoint_stats(ep, &stats);
    return stats.paced;
}

static void learn(struct lane *l, struct cargo *const *set, size_t n,
                  int64_t sent_us, bool lost)
{
    const struct batch_trip trip = {
        .n = n,
        .bytes = bytes_of(set, n),
        /* Neither side may come near its minute. */
        .took_us = MAX(sent_us, l->read_us),
        .lost = lost,
        .paced = is_paced(l->at[SOURCE]) || is_paced(l->at[DESTINATION]),
    };

    pthread_mutex_lock(&l->copy->pass.lock);
    batch_learn(&l->copy->batch, &trip);
    pthread_mutex_unlock(&l->copy->pass.lock);
}

/* Returns why the server was too busy for some of them; or NULL. */
static const struct err *take_sent(struct lane *l, struct cargo *const *set,
                                   size_t n, struct endpoint_done *done)
{
    const struct err *busy = NULL;
    size_t n_well = 0;

    for (size_t i = 0; i < n; i++)
        n_well += done[i].status == 0;
    for (size_t i = 0; i < n; i++) {
        if (done[i].status < 0)
            policy_narrow(&done[i].why, n_well, n);
        if (done[i].status == 0) {
            cargo_copied(set[i], done[i].id);
            set[i]->lost = g_steal_pointer(&done[i].lost);
        } else if (is_busy(&done[i].why)) {
            cargo_again(set[i], 0, false);
            busy = &done[i].why;
            continue;
        } else {
            lane_trouble(l, DESTINATION, set[i], &done[i].why);
        }
        l->failures = 0; /* it is not too busy for everything */
        cargo_unload(set[i]);
    }
    return busy;
}

/* stamps: one an item. */
static void fill_puts(struct lane *l, struct cargo *const *set, size_t n,
                      int64_t over_by_us, char (*stamps)[STAMP_LEN + 1],
                      struct endpoint_put *ret)
{
    for (size_t i = 0; i < n; i++) {
        stamp_make(set[i]->item->source_id, stamps[i]);
        ret[i] = (struct endpoint_put){
            .folder_id = hidden_base(l->folder->row->destination_id),
            .associated = l->folder->hidden,
            .format = set[i]->format,
            .payload = set[i]->payload,
            .portable = set[i]->portable,
            .stamp = stamps[i],
            .over_by_us = over_by_us,
        };
    }
}

static int put(struct lane *l, struct cargo *const *set, size_t n,
               int64_t over_by_us, struct err *err)
{
    g_autofree char(*stamps)[STAMP_LEN + 1] =
        g_malloc0_n(n + 1, sizeof(*stamps));
    g_autofree struct endpoint_put *puts = g_new0(struct endpoint_put, n);
    g_autofree struct endpoint_done *done = g_new0(struct endpoint_done, n);
    int64_t before_us = lane_asked_us(l, DESTINATION);
    const struct err *busy;
    bool maybe = false;
    struct err why;
    int r;

    fill_puts(l, set, n, over_by_us, stamps, puts);
    r = endpoint_put(l->at[DESTINATION], puts, n, done, &maybe, &why);
    step("send");
    if (r == 0 || maybe || !is_busy(&why))
        learn(l, set, n, lane_asked_us(l, DESTINATION) - before_us, r < 0);
    if (r < 0 && maybe) {
        set_in_doubt(l, set, n, &why);
        sit_out(l, DESTINATION, &why);
        return 0;
    }
    if (r < 0)
        return send_lost(l, set, n, &why, err);
    if (set[0]->format == PAYLOAD_FTS)
        route_answered(l->copy, DESTINATION);
    busy = take_sent(l, set, n, done);
    r = lane_record(l, set, n, err);
    if (r == 0 && busy != NULL)
        wait_to_send(l, set, n, busy);
    endpoint_done_free(done, n);
    return r;
}

/* One request's worth; each is READ. */
static int send_set(struct lane *l, struct cargo *const *set, size_t n,
                    struct err *err)
{
    int64_t most = PUT_MOST_US + (int64_t)bytes_of(set, n) * PUT_US_PER_BYTE;
    int64_t deadline = timestamp_now() + most, began = timestamp_monotonic();
    struct err why;

    if (pass_is_halted(&l->copy->pass))
        return 0;
    if (intend(l, set, n, deadline, &why) < 0) {
        /* Deleted at the source meanwhile: that one needs no sending. */
        if (!policy_is_wrong_state(&why)) {
            *err = why;
            return -1;
        }
        if (n > 1)
            return send_halves(l, set, n, err);
        set[0]->state = CARGO_RECORDED;
        return 0;
    }
    /*
     * We may have been frozen for hours right here, and our successor may
     * have found the items missing and sent them.  The one clock may be set
     * meanwhile, the other stands still while a machine sleeps.  Frozen later,
     * it is seen where each piece of the request leaves (over_by_us).  What
     * stays is the time between that look and the kernel's taking the piece,
     * microseconds, and there alone a whole machine that is paused with its
     * clock.
     */
    if (timestamp_now() > deadline - SEND_WITHIN_US ||
        timestamp_monotonic() - began > most - SEND_WITHIN_US)
        return take_back(l, set, n, err);
    return put(l, set, n, began + most, err);
}

/* ret may be set itself. */
static size_t select_read(struct cargo *const *set, size_t n,
                          struct cargo **ret)
{
    size_t k = 0;

    for (size_t i = 0; i < n; i++)
        if (set[i]->state == CARGO_READ)
            ret[k++] = set[i];
    return k;
}

/* As often as the server was too busy for some of them. */
static int send_all(struct lane *l, struct cargo *const *set, size_t n,
                    struct err *err)
{
    g_autofree struct cargo **left = g_new(struct cargo *, n);

    for (n = select_read(set, n, left); n > 0; n = select_read(left, n, left)) {
        if (pass_is_halted(&l->copy->pass))
            break;
        if (send_set(l, left, n, err) < 0)
            return -1;
    }
    return 0;
}

int lane_send(struct lane *l, struct cargo *const *set, size_t n,
              struct err *err)
{
    g_autofree struct batch_item *sizes = g_new(struct batch_item, n + 1);

    for (size_t i = 0; i < n; i++)
        sizes[i] = (struct batch_item){ set[i]->bytes, set[i]->item->tries };
    for (size_t at = 0; at < n;) {
        size_t k;

        pthread_mutex_lock(&l->copy->pass.lock);
        k = batch_take(&l->copy->batch, sizes + at, n - at);
        pthread_mutex_unlock(&l->copy->pass.lock);
        if (send_all(l, set + at, k, err) < 0)
            return -1;
        at += k;
    }
    return 0;
}
