#include "engine/cargo.h"

#include "base/spool.h"
#include "base/timestamp.h"

void cargo_unload(struct cargo *c)
{
    g_clear_pointer(&c->payload, blob_free);
    g_clear_pointer(&c->portable, portable_unref);
}

void cargo_release(struct cargo *c)
{
    cargo_unload(c);
    g_free(c->change_key);
    g_free(c->subject);
    g_clear_pointer(&c->people, g_ptr_array_unref);
    g_free(c->destination_id);
    g_free(c->why_format);
    g_free(c->lost);
}

static void settle(struct cargo *c, enum item_state to)
{
    c->state = CARGO_SETTLED;
    c->to = to;
}

void cargo_copied(struct cargo *c, const char *destination_id)
{
    settle(c, ITEM_COPIED);
    c->destination_id = g_strdup(destination_id);
}

void cargo_gone(struct cargo *c)
{
    settle(c, ITEM_GONE);
}

void cargo_failed(struct cargo *c, const struct err *why)
{
    settle(c, ITEM_FAILED);
    c->why = *why;
}

void cargo_left_out(struct cargo *c)
{
    settle(c, ITEM_FILTERED);
}

void cargo_again(struct cargo *c, int64_t not_before_us, bool count_try)
{
    settle(c, ITEM_LISTED);
    c->not_before_us = not_before_us;
    c->count_try = count_try;
}

void cargo_fall_back(struct cargo *c, const struct err *why)
{
    cargo_again(c, 0, false);
    c->format = PAYLOAD_PORTABLE;
    c->fell_back = true;
    g_free(c->why_format);
    c->why_format = g_strdup(why->msg);
}

/* ---- into the ledger --------------------------------------------- */

/* Hidden items are counted apart: nobody looks for them in a folder. */
static void tell(struct copy *c, const struct folder *f,
                 const struct store_outcome *outcomes, const uint64_t *bytes,
                 size_t n)
{
    uint64_t n_hidden = 0, n_left_out = 0;
    struct engine_event copied = { .kind = ENGINE_COPIED };
    struct engine_event failed = { .kind = ENGINE_FAILED };

    for (size_t i = 0; i < n; i++) {
        if (outcomes[i].state == ITEM_COPIED && f->hidden) {
            n_hidden++;
        } else if (outcomes[i].state == ITEM_COPIED) {
            copied.n++;
            copied.bytes += bytes[i];
        } else if (outcomes[i].state == ITEM_FILTERED) {
            n_left_out++;
        } else if (outcomes[i].state == ITEM_FAILED) {
            if (failed.n++ == 0)
                failed.text = outcomes[i].reason;
        }
    }
    pthread_mutex_lock(&c->pass.lock);
    c->pass.record.items_copied += copied.n;
    c->pass.record.bytes_copied += copied.bytes;
    c->pass.record.items_failed += failed.n;
    c->n_hidden_copied += n_hidden;
    c->n_hidden_left_out += n_left_out;
    pthread_mutex_unlock(&c->pass.lock);
    if (copied.n > 0)
        pass_event(&c->pass, &copied);
    if (failed.n > 0)
        pass_event(&c->pass, &failed);
    if (copied.n + failed.n + n_hidden > 0)
        pass_progress(&c->pass);
}

/* What is not over for good may have to be claimed again. */
static void tell_feed(struct copy *c, struct folder *f,
                      const struct store_outcome *outcomes, size_t n)
{
    int64_t now = pass_now(&c->pass);

    for (size_t i = 0; i < n; i++) {
        if (outcomes[i].state == ITEM_COPIED)
            continue;
        if (outcomes[i].state == ITEM_LISTED && outcomes[i].not_before_us > now)
            feed_later(c, f, outcomes[i].not_before_us);
        else
            feed_wake(c, f);
    }
}

void cargo_check_failures(struct copy *c)
{
    uint64_t max = c->pass.options.max_failures;
    uint64_t failed;
    struct err why;

    pthread_mutex_lock(&c->pass.lock);
    failed = c->pass.record.items_failed;
    pthread_mutex_unlock(&c->pass.lock);
    if (max == 0 || failed <= max)
        return;
    err_set(&why, ERR_MAILBOX, ERR_RETRY_NEVER, 0,
            "%" G_GUINT64_FORMAT
            " items failed, more than the %" G_GUINT64_FORMAT " allowed",
            failed, max);
    why.name = "too-many-failures";
    err_remedy(&why, "look at the failures' causes; raise the limit to go on");
    pass_failed(&c->pass, &why);
}

/*
 * All or none is the store's rule; ours is that one whose row went another
 * way (deleted at the source while it was in a lane's hands) holds up no
 * other: it is dropped.
 */
int record_outcomes(struct copy *c, struct folder *f,
                    const struct store_outcome *outcomes, const uint64_t *bytes,
                    size_t n, struct err *err)
{
    const struct engine_job *job = c->pass.job;
    size_t half = n / 2;
    struct err why;

    if (n == 0)
        return 0;
    if (store_items_record(job->store, &job->lease, outcomes, n, &why) == 0) {
        tell(c, f, outcomes, bytes, n);
        tell_feed(c, f, outcomes, n);
        cargo_check_failures(c);
        return 0;
    }
    if (!policy_is_wrong_state(&why)) {
        *err = why;
        return -1;
    }
    if (n == 1)
        return 0;
    if (record_outcomes(c, f, outcomes, bytes, half, err) < 0)
        return -1;
    return record_outcomes(c, f, outcomes + half, bytes + half, n - half, err);
}

void cargo_describe(struct endpoint *ep, const char *source_id, char **subject)
{
    struct endpoint_description d = { 0 };
    struct err ignored;

    if (*subject != NULL || ep == NULL ||
        endpoint_describe(ep, source_id, &d, &ignored) < 0)
        return;
    *subject = g_steal_pointer(&d.subject);
    endpoint_description_clear(&d);
}

static struct store_outcome outcome_of(struct cargo *c, struct endpoint *ep)
{
    struct store_outcome o = {
        .item_id = c->item->id,
        .state = c->to,
        .destination_id = c->destination_id,
        .not_before_us = c->not_before_us,
        .count_try = c->count_try,
        .lost = c->lost,
    };

    if (c->to == ITEM_FAILED) {
        o.reason = c->why.msg;
        o.remedy = c->why.remedy;
        o.error_name = c->why.name;
    }
    if (c->to == ITEM_FAILED || c->lost != NULL) {
        cargo_describe(ep, c->item->source_id, &c->subject);
        o.subject = c->subject;
    }
    return o;
}

/* Our own disk's fault is neither the server's nor the item's. */
static void note_room(struct copy *copy, const struct cargo *c)
{
    if (c->to != ITEM_FAILED || !spool_is_at_fault(&c->why))
        return;
    pthread_mutex_lock(&copy->pass.lock);
    if (!copy->no_room)
        copy->no_room_why = c->why;
    copy->no_room = true;
    pthread_mutex_unlock(&copy->pass.lock);
}

int cargo_record(struct copy *copy, struct folder *f, struct cargo *const *set,
                 size_t n, struct endpoint *describe_at, struct err *err)
{
    g_autofree struct store_outcome *outcomes =
        g_new0(struct store_outcome, n + 1);
    g_autofree uint64_t *bytes = g_new0(uint64_t, n + 1);
    size_t k = 0;

    for (size_t i = 0; i < n; i++) {
        if (set[i]->state != CARGO_SETTLED)
            continue;
        note_room(copy, set[i]);
        bytes[k] = set[i]->bytes;
        outcomes[k++] = outcome_of(set[i], describe_at);
        set[i]->state = CARGO_RECORDED;
    }
    return record_outcomes(copy, f, outcomes, bytes, k, err);
}
