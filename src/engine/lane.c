/*
 * A lane: claim a batch, read it, send it, record it.
 *
 *            claim            read             intend
 *   LISTED ---------> claimed -----> payload ---------> INTENDED
 *      ^                 |              |                  |
 *      |  passing        | refused      | too large        | put()
 *      +-----------------+--------------+                  |
 *      |                 +--> FAILED <--+                  |
 *      |                        ^                          |
 *      |                        | refused for good         |
 *      +------------------------+--------------------------+--> COPIED
 *         refused for a time, or                           |
 *         surely never stored                              +--> in doubt
 *                                          no answer that counts (doubt.c)
 *
 *   1  An item is INTENDED in the ledger before any byte of it is sent, and
 *      stays so until we know what became of it.
 *   2  A payload that is cut short or partial is never sent.
 *   3  Nothing is sent to a folder whose baseline has not been taken.
 *   4  Nothing is sent after the deadline that its intent carries.
 *   5  An item fails for good by its own fault only: what befell a batch as a
 *      whole is held against an item once it went alone.
 */
#include "base/step.h"
#include "base/timestamp.h"
#include "engine/cargo.h"

/*
 * What a put may take from its intent to its end: its wait for a turn, and
 * the exchange itself at a poor 100 KB/s.  Only who has to wait for it without
 * knowing whether the writer is alive (see engine_options.alone) pays for it.
 */
#define PUT_MOST_US     (900 * TIMESTAMP_SECOND)
#define PUT_US_PER_BYTE 10
#define TRUNCATED_TEXT  "=== Truncated Data ==="
#define SEND_WITHIN_US  TIMESTAMP_SECOND /* a put has to begin some time */

struct lane {
    struct copy *copy;
    struct endpoint *at[N_SIDES];
    struct folder *folder; /* of the claim in hand */
    unsigned int failures; /* of whole requests in a row */
};

/* ---- what failed, and whose fault it was ------------------------- */

static int64_t again_at(struct lane *l, unsigned int failures,
                        const struct err *why)
{
    return timestamp_now() + pass_backoff(&l->copy->pass, failures, why);
}

/* It may go well another time, a limited number of times. */
static void passing(struct lane *l, struct cargo *c, const struct err *why)
{
    unsigned int tries = c->item->tries + 1;

    if (tries >= l->copy->pass.options.item_tries)
        cargo_failed(c, why);
    else
        cargo_again(c, again_at(l, tries, why), true);
}

/* One item's own failure. */
static void trouble(struct lane *l, enum side side, struct cargo *c,
                    const struct err *why)
{
    struct pass *p = &l->copy->pass;
    int64_t wait_us;

    switch (policy_of(why)) {
    case POLICY_STOP:
        pass_failed(p, why);
        cargo_again(c, 0, false);
        break;
    case POLICY_PAUSE:
        wait_us = pass_backoff(p, 1, why);
        pass_park(p, side, why, wait_us);
        cargo_again(c, timestamp_now() + wait_us, false);
        break;
    case POLICY_FOLDER:
        feed_close(l->copy, l->folder, why);
        cargo_again(c, 0, false);
        break;
    case POLICY_LATER:
        passing(l, c, why);
        break;
    case POLICY_FAIL:
        cargo_failed(c, why);
        break;
    }
}

/*
 * A request was lost.  Ask that side for something harmless until it answers:
 * if it does, the fault may lie in what was asked for.  False: the pass is
 * over, or the server does not come back.
 */
static bool is_well(struct lane *l, enum side side, const struct err *why)
{
    struct pass *p = &l->copy->pass;
    struct err now = *why;

    while (pass_endure(p, side, &l->failures, &now)) {
        g_auto(endpoint_tree) tree = { 0 };

        if (endpoint_folders(l->at[side], &tree, &now) == 0)
            return true;
    }
    if (!pass_is_over(p))
        pass_failed(p, &now);
    return false;
}

/*
 * A request failed as a whole in a way that says nothing of its items: wait.
 * True: the server is well, so that this counts against them.
 */
static bool weather(struct lane *l, enum side side, const struct err *why)
{
    struct pass *p = &l->copy->pass;

    if (policy_of(why) == POLICY_STOP) {
        pass_failed(p, why);
        return false;
    }
    if (why->retry == ERR_RETRY_NOW)
        return is_well(l, side, why);
    l->failures++;
    pass_park(p, side, why, pass_backoff(p, l->failures, why));
    if (pass_has_lost_patience(p))
        pass_failed(p, why);
    return false;
}

/* The same where the items are in doubt anyhow. */
static void sit_out(struct lane *l, enum side side, const struct err *why)
{
    if (policy_of(why) == POLICY_STOP || policy_of(why) == POLICY_PAUSE)
        (void)weather(l, side, why); /* well or not: doubt.c finds out */
}

/* After lost answers: held against items in company only to part them. */
static void suspect(struct lane *l, struct cargo *const *set, size_t n,
                    const struct err *why)
{
    for (size_t i = 0; i < n; i++) {
        if (n == 1)
            passing(l, set[i], why);
        else
            cargo_again(set[i], again_at(l, set[i]->item->tries + 1, why),
                        true);
    }
}

static int record(struct lane *l, struct cargo *const *set, size_t n,
                  struct err *err)
{
    struct endpoint *source =
        pass_is_halted(&l->copy->pass) ? NULL : l->at[SOURCE];

    return cargo_record(l->copy, l->folder, set, n, source, err);
}

/* ---- what does not fit ------------------------------------------- */

static void too_large(struct lane *l, struct cargo *c)
{
    struct err why;

    err_set(&why, ERR_ITEM, ERR_RETRY_NEVER, 0,
            "the item's %.1f MB make a request of %.1f MB; the destination "
            "takes %.1f MB",
            (double)c->bytes / 1e6, (double)batch_request_bytes(c->bytes) / 1e6,
            (double)l->copy->batch.request_max_bytes / 1e6);
    why.name = "item-too-large";
    err_remedy(&why, "raise the limits for EWS requests at the destination "
                     "(maxAllowedContentLength, maxReceivedMessageSize), or "
                     "move the item by hand");
    cargo_failed(c, &why);
}

/*
 * The size that a server lists is an estimate: what it puts a quarter over
 * the limit is not even read; the rest is judged by what came.
 */
static void refuse_oversize(struct lane *l, struct cargo *c)
{
    uint64_t bytes = c->state == CARGO_READ ? c->bytes : c->bytes / 5 * 4;

    if (!batch_fits(&l->copy->batch, bytes))
        too_large(l, c);
}

/* ---- read -------------------------------------------------------- */

static int refuse_payload(struct err *err, const char *name, const char *what)
{
    err_set(err, ERR_ITEM, ERR_RETRY_WAIT, 0, "%s", what);
    err->name = name;
    return -1;
}

/* Without a digest nobody reads the payload: look at its end at least. */
static int check_end(const struct blob *payload, struct err *err)
{
    char tail[64] = { 0 };
    uint64_t size = blob_size(payload);
    size_t n = (size_t)MIN(size, sizeof(tail) - 1);

    if (blob_read_at(payload, size - n, tail, n, err) < 0)
        return -1;
    if (strstr(tail, TRUNCATED_TEXT) != NULL)
        return refuse_payload(err, "truncated-data",
                              "the server broke off the export");
    return 0;
}

static int read_payload(struct lane *l, struct cargo *c, struct err *err)
{
    g_auto(fts_summary) summary = { 0 };
    struct fts_digest digest;

    c->bytes = blob_size(c->payload) / 4 * 3;
    if (l->copy->pass.options.no_digest)
        return check_end(c->payload, err);
    if (fts_digest_read(c->payload, &digest, &summary, err) < 0)
        return -1;
    c->subject = g_steal_pointer(&summary.subject);
    c->bytes = summary.bytes;
    if (summary.partial)
        return refuse_payload(err, "partial-export",
                              "the server exported only a part of the item");
    fts_digest_pack(&digest, c->digest);
    c->digest_len = sizeof(c->digest);
    return 0;
}

static void take_read(struct lane *l, struct cargo *c,
                      struct endpoint_item *item)
{
    struct err why;

    if (item->status < 0) {
        if (policy_is_gone(&item->why))
            cargo_gone(c);
        else
            trouble(l, SOURCE, c, &item->why);
        return;
    }
    c->payload = g_steal_pointer(&item->payload);
    c->change_key = g_steal_pointer(&item->change_key);
    if (read_payload(l, c, &why) < 0) {
        trouble(l, SOURCE, c, &why);
        cargo_unload(c);
        return;
    }
    c->state = CARGO_READ;
    refuse_oversize(l, c);
}

static void read_set(struct lane *l, struct cargo *const *set, size_t n);

/* The request failed as a whole.  Nothing has happened anywhere. */
static void read_lost(struct lane *l, struct cargo *const *set, size_t n,
                      const struct err *why)
{
    switch (policy_of(why)) {
    case POLICY_FOLDER:
        feed_close(l->copy, l->folder, why);
        break;
    case POLICY_LATER:
    case POLICY_FAIL:
        if (n == 1) {
            trouble(l, SOURCE, set[0], why);
            break;
        }
        read_set(l, set, n / 2);
        read_set(l, set + n / 2, n - n / 2);
        break;
    case POLICY_STOP:
    case POLICY_PAUSE:
        if (weather(l, SOURCE, why))
            suspect(l, set, n, why);
        break;
    }
}

static void read_set(struct lane *l, struct cargo *const *set, size_t n)
{
    g_autofree struct endpoint_ref *refs = g_new0(struct endpoint_ref, n);
    g_autofree struct endpoint_item *items = g_new0(struct endpoint_item, n);
    struct err why;

    if (pass_is_halted(&l->copy->pass))
        return;
    /* No change key: what is wanted is the item as it is now. */
    for (size_t i = 0; i < n; i++)
        refs[i].id = set[i]->item->source_id;
    if (endpoint_fetch(l->at[SOURCE], refs, n, l->copy->pass.job->pool, items,
                       &why) < 0) {
        read_lost(l, set, n, &why);
        return;
    }
    l->failures = 0;
    for (size_t i = 0; i < n; i++)
        take_read(l, set[i], &items[i]);
    endpoint_items_free(items, n);
}

/* ---- send -------------------------------------------------------- */

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
    return record(l, set, n, err);
}

static int refused_whole(struct lane *l, struct cargo *const *set, size_t n,
                         const struct err *why, struct err *err)
{
    if (n == 1) {
        trouble(l, DESTINATION, set[0], why);
        return record(l, set, 1, err);
    }
    if (take_back(l, set, n, err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++)
        set[i]->state = CARGO_READ;
    return send_halves(l, set, n, err);
}

static int send_lost(struct lane *l, struct cargo *const *set, size_t n,
                     const struct err *why, struct err *err)
{
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
    if (!weather(l, DESTINATION, why))
        return 0;
    suspect(l, set, n, why);
    return record(l, set, n, err);
}

static int intend(struct lane *l, struct cargo *const *set, size_t n,
                  int64_t deadline_us, struct err *err)
{
    const struct engine_job *job = l->copy->pass.job;
    g_autofree struct store_intent *intents = g_new0(struct store_intent, n);

    for (size_t i = 0; i < n; i++)
        intents[i] = (struct store_intent){
            .item_id = set[i]->item->id,
            .change_key = set[i]->change_key,
            .size_bytes = set[i]->bytes,
            .digest = set[i]->digest,
            .digest_len = set[i]->digest_len,
        };
    return store_items_intend(job->store, &job->lease, l->copy->pass.record.id,
                              intents, n, deadline_us, err);
}

static uint64_t bytes_of(struct cargo *const *set, size_t n)
{
    uint64_t bytes = 0;

    for (size_t i = 0; i < n; i++)
        bytes += set[i]->bytes;
    return bytes;
}

static void learn(struct lane *l, struct cargo *const *set, size_t n,
                  int64_t began_us, bool lost)
{
    const struct batch_trip trip = {
        .n = n,
        .bytes = bytes_of(set, n),
        .took_us = timestamp_monotonic() - began_us,
        .lost = lost,
    };

    pthread_mutex_lock(&l->copy->pass.lock);
    batch_learn(&l->copy->batch, &trip);
    pthread_mutex_unlock(&l->copy->pass.lock);
}

static void take_sent(struct lane *l, struct cargo *const *set, size_t n,
                      struct endpoint_done *done)
{
    for (size_t i = 0; i < n; i++) {
        if (done[i].status == 0)
            cargo_copied(set[i], done[i].id);
        else
            trouble(l, DESTINATION, set[i], &done[i].why);
        cargo_unload(set[i]);
    }
}

static int put(struct lane *l, struct cargo *const *set, size_t n,
               struct err *err)
{
    g_autofree struct endpoint_put *puts = g_new0(struct endpoint_put, n);
    g_autofree struct endpoint_done *done = g_new0(struct endpoint_done, n);
    int64_t began = timestamp_monotonic();
    bool maybe = false;
    struct err why;
    int r;

    for (size_t i = 0; i < n; i++)
        puts[i] = (struct endpoint_put){
            .folder_id = l->folder->row->destination_id,
            .format = PAYLOAD_FTS,
            .payload = set[i]->payload,
        };
    r = endpoint_put(l->at[DESTINATION], puts, n, done, &maybe, &why);
    step("send");
    learn(l, set, n, began, r < 0);
    if (r < 0 && maybe) {
        set_in_doubt(l, set, n, &why);
        sit_out(l, DESTINATION, &why);
        return 0;
    }
    if (r < 0)
        return send_lost(l, set, n, &why, err);
    l->failures = 0;
    take_sent(l, set, n, done);
    endpoint_done_free(done, n);
    return record(l, set, n, err);
}

/* One request's worth; each is READ. */
static int send_set(struct lane *l, struct cargo *const *set, size_t n,
                    struct err *err)
{
    int64_t deadline = timestamp_now() + PUT_MOST_US +
                       (int64_t)bytes_of(set, n) * PUT_US_PER_BYTE;

    if (pass_is_halted(&l->copy->pass))
        return 0;
    if (intend(l, set, n, deadline, err) < 0) {
        /* Deleted at the source meanwhile: that one needs no sending. */
        if (!policy_is_wrong_state(err))
            return -1;
        if (n > 1)
            return send_halves(l, set, n, err);
        set[0]->state = CARGO_RECORDED;
        return 0;
    }
    /*
     * We may have been frozen for hours right here, and our successor may
     * have found the items missing and sent them.
     */
    if (timestamp_now() > deadline - SEND_WITHIN_US)
        return take_back(l, set, n, err);
    return put(l, set, n, err);
}

/* What has been read, in requests that fit. */
static int send_read(struct lane *l, struct cargo *const *set, size_t n,
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
        if (send_set(l, set + at, k, err) < 0)
            return -1;
        at += k;
    }
    return 0;
}

/* ---- a batch from claim to record -------------------------------- */

static size_t select_state(struct cargo *all, size_t n, enum cargo_state state,
                           struct cargo **ret)
{
    size_t k = 0;

    for (size_t i = 0; i < n; i++)
        if (all[i].state == state)
            ret[k++] = &all[i];
    return k;
}

static int carry_all(struct lane *l, struct cargo *all, size_t n,
                     struct err *err)
{
    g_autofree struct cargo **set = g_new(struct cargo *, n + 1);
    size_t k;

    for (size_t i = 0; i < n; i++)
        refuse_oversize(l, &all[i]);
    k = select_state(all, n, CARGO_CLAIMED, set);
    if (k > 0)
        read_set(l, set, k);
    k = select_state(all, n, CARGO_SETTLED, set);
    if (record(l, set, k, err) < 0)
        return -1;
    k = select_state(all, n, CARGO_READ, set);
    return send_read(l, set, k, err);
}

static bool is_over(const struct cargo *c)
{
    return c->state == CARGO_IN_DOUBT ||
           (c->state == CARGO_RECORDED && c->to != ITEM_LISTED &&
            c->to != ITEM_FAILED);
}

/* True when the store may list some of them still. */
static bool carry(struct lane *l, const struct claim *claim)
{
    size_t n = claim->items->len;
    g_autofree struct cargo *all = g_new0(struct cargo, n + 1);
    bool left = false;
    struct err err;

    for (size_t i = 0; i < n; i++) {
        all[i].item = g_ptr_array_index(claim->items, i);
        all[i].bytes = all[i].item->size_bytes;
    }
    if (carry_all(l, all, n, &err) < 0)
        pass_failed(&l->copy->pass, &err);
    for (size_t i = 0; i < n; i++) {
        left = left || !is_over(&all[i]);
        cargo_release(&all[i]);
    }
    return left;
}

/* 0: its baseline is on record. */
static int open_folder(struct lane *l)
{
    struct copy *c = l->copy;
    struct err why;

    if (baseline_take(c, l->at[DESTINATION], l->folder, &why) == 0) {
        feed_set_gate(c, l->folder, GATE_OPEN);
        return 0;
    }
    if (why.scope >= ERR_MAILBOX || pass_is_over(&c->pass)) {
        feed_set_gate(c, l->folder, GATE_SHUT);
        pass_failed(&c->pass, &why);
    } else {
        feed_close(c, l->folder, &why);
    }
    return -1;
}

void *lane_main(void *data)
{
    struct worker *w = data;
    struct lane l = {
        .copy = w->owner,
        .at = { w->hands.at[SOURCE], w->hands.at[DESTINATION] },
    };
    struct claim claim;
    struct err err;
    int r;

    while ((r = feed_claim(l.copy, &claim, &err)) > 0) {
        bool left = true;

        l.folder = claim.folder;
        if (!claim.open_first || open_folder(&l) == 0)
            left = carry(&l, &claim);
        feed_release(l.copy, &claim, left);
    }
    if (r < 0)
        pass_failed(&l.copy->pass, &err);
    return NULL;
}
