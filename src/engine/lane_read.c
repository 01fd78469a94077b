#include "base/spool.h"
#include "base/timestamp.h"
#include "engine/gone.h"
#include "engine/lane_priv.h"

#define TRUNCATED_TEXT "=== Truncated Data ==="

static int refuse_payload(struct err *err, const char *name, const char *what)
{
    err_set(err, ERR_ITEM, ERR_RETRY_WAIT, 0, "%s", what);
    err->name = name;
    return -1;
}

/*
 * What was copied is known again by it: what was looked for before it was sent,
 * and what is hidden, of which lists tell nothing that could hint at it.
 */
static bool needs_digest(const struct folder *f)
{
    return f->searched || f->hidden;
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

static int read_payload(struct lane *l, struct cargo *c,
                        const struct endpoint_item *item, struct err *err)
{
    g_auto(digest_summary) summary = { 0 };
    struct digest digest;

    if (l->copy->pass.options.no_digest && item->format == PAYLOAD_FTS &&
        !needs_digest(l->folder)) {
        c->bytes = blob_size(item->payload) / 4 * 3;
        return check_end(item->payload, err);
    }
    if (digest_take(item, &digest, &summary, err) < 0)
        return -1;
    g_free(c->subject); /* of an earlier reading, the other way */
    c->subject = g_steal_pointer(&summary.subject);
    g_clear_pointer(&c->people, g_ptr_array_unref);
    c->people = g_steal_pointer(&summary.people);
    c->bytes = summary.bytes;
    c->digest_len = digest_pack(&digest, c->digest);
    return 0;
}

/* Until the lists have been read, so that they can be asked. */
#define LISTING_WAIT_US (TIMESTAMP_SECOND / 5)

/*
 * Servers say of an item that they cannot export at the moment, or that they
 * cannot open at all, that there is none (EWS-QUIRKS 94).  It is gone when the
 * folder's own list says so, and else to be tried again.
 */
static void take_gone(struct lane *l, struct cargo *c, const struct err *why)
{
    struct pass *p = &l->copy->pass;
    struct err again = *why, unlisted;
    int gone;

    if (!gone_can_tell(l->copy)) {
        cargo_again(c, pass_now(p) + LISTING_WAIT_US, false);
        return;
    }
    gone = gone_item(l->copy, l->at[SOURCE], l->folder, c->item->source_id,
                     &unlisted);
    if (gone > 0) {
        cargo_gone(c);
    } else if (gone < 0 && unlisted.scope >= ERR_MAILBOX) {
        pass_failed(p, &unlisted);
        cargo_again(c, 0, false);
    } else {
        gone_denied(&again);
        again.scope = ERR_ITEM;
        again.retry = ERR_RETRY_WAIT;
        lane_trouble(l, SOURCE, c, &again);
    }
}

static void take_read(struct lane *l, struct cargo *c,
                      struct endpoint_item *item)
{
    struct err why;

    if (item->status < 0) {
        if (policy_is_gone(&item->why))
            take_gone(l, c, &item->why);
        else
            lane_trouble(l, SOURCE, c, &item->why);
        return;
    }
    if (read_payload(l, c, item, &why) < 0) {
        lane_trouble(l, SOURCE, c, &why);
        return;
    }
    c->payload = g_steal_pointer(&item->payload);
    c->portable = g_steal_pointer(&item->portable);
    g_free(c->change_key);
    c->change_key = g_steal_pointer(&item->change_key);
    c->state = CARGO_READ;
    lane_refuse_oversize(l, c);
}

static void take_all(struct lane *l, struct cargo *const *set, size_t n,
                     struct endpoint_item *items)
{
    size_t n_well = 0;

    for (size_t i = 0; i < n; i++)
        n_well += items[i].status == 0;
    for (size_t i = 0; i < n; i++) {
        if (items[i].status < 0)
            policy_narrow(&items[i].why, n_well, n);
        take_read(l, set[i], &items[i]);
    }
}

/* The request failed as a whole.  Nothing has happened anywhere. */
static void read_lost(struct lane *l, struct cargo *const *set, size_t n,
                      const struct err *why)
{
    if (lane_turn(l, SOURCE, set, n, why))
        return;
    switch (policy_of(why)) {
    case POLICY_FOLDER:
        feed_close(l->copy, l->folder, why);
        break;
    case POLICY_LATER:
    case POLICY_FAIL:
        if (n == 1) {
            if (set[0]->format == PAYLOAD_FTS && !spool_is_at_fault(why))
                route_refused(l->copy, l->at[SOURCE], SOURCE, why);
            lane_trouble(l, SOURCE, set[0], why);
            break;
        }
        lane_read(l, set, n / 2);
        lane_read(l, set + n / 2, n - n / 2);
        break;
    case POLICY_STOP:
    case POLICY_PAUSE:
        if (lane_weather(l, SOURCE, why))
            lane_suspect(l, SOURCE, set, n, why);
        break;
    }
}

void lane_read(struct lane *l, struct cargo *const *set, size_t n)
{
    g_autofree struct endpoint_ref *refs = g_new0(struct endpoint_ref, n);
    g_autofree struct endpoint_item *items = g_new0(struct endpoint_item, n);
    int64_t before_us = lane_asked_us(l, SOURCE);
    struct err why;

    if (pass_is_halted(&l->copy->pass))
        return;
    /* No change key: what is wanted is the item as it is now. */
    for (size_t i = 0; i < n; i++)
        refs[i] = (struct endpoint_ref){ .id = set[i]->item->source_id,
                                         .format = set[i]->format };
    if (endpoint_fetch(l->at[SOURCE], refs, n, l->copy->pass.job->pool, items,
                       &why) < 0) {
        read_lost(l, set, n, &why);
        return;
    }
    if (set[0]->format == PAYLOAD_FTS)
        route_answered(l->copy, SOURCE);
    l->failures = 0;
    l->read_us = lane_asked_us(l, SOURCE) - before_us;
    take_all(l, set, n, items);
    endpoint_items_free(items, n);
}
